"""The shape of the knowledge base: what each TOML file must hold. Data only; `load` reads it, `lint` judges it."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Final, Literal, Self, TypeVar

import msgspec

from diagnostics.knowledge.derived import DerivedFact
from diagnostics.knowledge.record import KnowledgeError, Record, Text

__all__ = ["KnowledgeError", "Record", "Text"]  # and all that is defined here

T = TypeVar("T")
Lang = Literal["zh", "en"]
Status = Literal["confirmed", "likely", "possible", "unknown", "ruled_out"]
Confidence = Literal["official", "several_sources", "single_source", "assumption", "operator"]
Kind = Literal["requirement", "technical", "location", "assessment", "platform"]
Effort = Literal["minutes", "days", "months", "wait", "none"]
Actor = Literal["user", "support", "bank"]
Urgency = Literal["now", "today", "soon", "wait"]
Do = Literal[
    "stop_contact", "report_police", "secure_account", "ask_bank", "repay", "close_service", "plan_debts", "apply",
    "look", "use_elsewhere", "restart", "update_wechat", "update_system", "network", "switch_device", "switch_account",
    "wallet_region", "enable_pay", "minors_mode", "identity", "bank_card", "appeal", "credit_report", "use_wechat",
    "guardian", "other_help", "hold_off", "wait", "none_possible",
]  # fmt: skip
"""What kind of thing an action is: a closed list (contract, section 6)."""

STATUSES: tuple[Status, ...] = ("confirmed", "likely", "possible", "unknown", "ruled_out")
KINDS: tuple[Kind, ...] = ("requirement", "technical", "location", "assessment", "platform")
EFFORTS: tuple[Effort, ...] = ("minutes", "days", "months", "wait", "none")
URGENCIES: tuple[Urgency, ...] = ("now", "today", "soon", "wait")


class Condition(Record, frozen=True):
    """What one fact must be. Every member that is given must hold.

    `any`: its value is one of these. `not_`: it is none of these, or not known. `below`, `above`, `at_least`,
    `at_most`: a number compared (a text such as `$debt.likely_percent` names a limit of the settings). `empty`: a
    list is empty or not. `has`: a list has at least one of these. `lacks`: it has none of these, or is not known.
    `absent`: nothing is known (not answered, or answered `unknown`); false: something is known by now, so that
    nothing is left open.
    """

    any: tuple[str, ...] | None = None
    not_: tuple[str, ...] | None = msgspec.field(default=None, name="not")
    below: float | str | None = None
    above: float | str | None = None
    at_least: float | str | None = None
    at_most: float | str | None = None
    empty: bool | None = None
    has: tuple[str, ...] | None = None
    lacks: tuple[str, ...] | None = None
    absent: bool | None = None


When = dict[str, Condition]


class Rule(Text, frozen=True):
    """A row of the cause table: when every condition holds, it speaks for `status`; the text says why.

    `ruled_out` is met only in full and only counts where no row for a higher status applies. A row `unknown` decides
    nothing: it explains why nothing can be said yet. `confidence`: of this row alone, where it is not the cause's.
    """

    status: Status
    when: When
    confidence: Confidence | None = None


class Wording(Text, frozen=True):
    """A text that is used where any of the rows of `when` is met; without rows, always. `valid_until`: an ISO date."""

    when: tuple[When, ...] = ()
    valid_until: str | None = None


class Instruction(Text, frozen=True):
    """What to do, in full and in a sentence: `short` has at most 30 Chinese characters or 15 English words."""

    short: Text


class Action(Instruction, frozen=True):
    """One thing to do: who does it, how soon, how long until it can show, and how to see that it worked.

    `when`: shown where any of these rows is met (without rows: always). While that is open, the `general` wording is
    shown where there is one, otherwise nothing. `chance`: of a situation's action, how likely it is to help, as a share
    of 1. `valid_until`: an ISO date, after which it is not shown any more.
    """

    id: str
    do: Do
    urgency: Urgency
    effort: Effort
    by: Actor
    verify: Text
    when: tuple[When, ...] = ()
    general: Instruction | None = None
    chance: float | None = None
    rechecks: tuple[str, ...] = ()
    """Questions whose answers may be different after it, asked again by "I did that"."""
    settles: dict[str, str] = msgspec.field(default_factory=dict)
    """Answers that follow from having done it, whatever came of it."""
    sources: tuple[str, ...] = ()
    valid_until: str | None = None


class CauseText(Record, frozen=True):
    """What a person reads about a cause. `shows_after`: how long after the fix the entry could show.

    `short` stands for a long title where a list has no room for it.
    """

    title: str
    meaning: str
    speaks_for: str
    speaks_against: str
    shows_after: str
    short: str | None = None


class Example(Record, frozen=True):
    """A test case that travels with a cause or a situation: with these answers it has this status, or holds or not."""

    answers: dict[str, str | int | float | list[str]]
    status: Status | None = None
    holds: bool = True


class Cause(Record, frozen=True):
    """One reason why the entry is missing (contract, section 4)."""

    id: str
    group: str
    kind: Kind
    confidence: Confidence
    sources: tuple[str, ...]
    zh: CauseText
    en: CauseText
    rule: tuple[Rule, ...]
    action: tuple[Action, ...]
    also: tuple[str, ...] = ()
    """Ids of actions that stand elsewhere and help here too, after its own; an own one named here stands there."""
    says: tuple[Wording, ...] = ()
    """What a situation says of this cause to the person where it stands at `likely` or above: the first that fits."""
    titled: tuple[Wording, ...] = ()
    """Titles for particular people; the first that fits takes the place of the general one."""

    def text(self, lang: str) -> CauseText:
        """Return the texts in this language; anything but `en` is Chinese."""
        return self.en if lang == "en" else self.zh


class Situation(Record, frozen=True):
    """What a person is in (contract, section 6): of those that hold, the one of the least `rank` leads.

    It holds where any row of `when` is met; one that stands `alone` only where none of a lesser rank holds. `text`: one
    sentence that answers the person, the first that fits. `cause_speaks`: the first cause at `likely` or above speaks
    in its place, where there is one.
    """

    id: str
    rank: int
    title: Text
    when: tuple[When, ...]
    text: tuple[Wording, ...]
    alone: bool = False
    cause_speaks: bool = False
    about_cause: bool = False
    """The summary names the first cause where it is confirmed: it belongs to what the person asks."""
    about_entry: bool = True
    """Whether the person asks why the entry is missing; where not, and it leads, causes give no step."""
    conclusive: bool = False
    """Where it leads, what situations of a higher rank would advise is left out; where a cause that it holds by is
    confirmed, so is what other causes would: no step of theirs opens the entry."""
    chances: dict[str, float] = msgspec.field(default_factory=dict)
    """How likely an action is to help in this situation, by its id, where that is not the action's own chance."""
    titled: tuple[Wording, ...] = ()
    """Titles for particular people; the first that fits takes the place of the general one."""
    action: tuple[Action, ...] = ()
    also: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()


class Belief(Text, frozen=True):
    """A common mistake with a calm answer; `title` names it, `example` are sentences that say it.

    `unless`: of whoever answers one of these, the same words tell what was done, and no mistake. `first`: no mistake
    but a need that is answered before everything else.
    """

    id: str
    title: Text
    sources: tuple[str, ...]
    example: tuple[str, ...]
    unless: dict[str, tuple[str, ...]] = msgspec.field(default_factory=dict)
    first: bool = False


class Choice(Text, frozen=True):
    """One value of a question. `sets`: other answers that follow from it (the complaint page), a list as a tuple."""

    id: str
    sets: dict[str, str | tuple[str, ...]] = msgspec.field(default_factory=dict)
    unless: dict[str, tuple[str, ...]] = msgspec.field(default_factory=dict)
    """Not offered where one of these questions is answered so: it would be nonsense."""


class QuestionText(Record, frozen=True):
    """What a person reads about a question.

    `title`: a short noun. `ask`: to the user. `about`: about the user, for a supporter. `say`: a line to read out.
    `how`: how to find the answer out. `why`: what it is asked for.
    """

    title: str
    ask: str
    about: str
    say: str
    how: str
    why: str
    unit: str = ""


MOST_AMOUNT: Final = 10**12
"""Yuan that an amount may be at most: more is a slip of the finger, and would end in figures nobody can read."""


class Question(Record, frozen=True):
    """One guided question (contract, section 3). Every type also takes `unknown`."""

    id: str
    type: Literal["choice", "choices", "integer", "amount", "text"]
    zh: QuestionText
    en: QuestionText
    value: tuple[Choice, ...] = ()
    minimum: int | None = None
    maximum: int | None = None
    only_if: tuple[When, ...] = ()
    """Asked only where one of these rows holds or may still come to hold; otherwise skipped as implied."""
    doubt_below: int | None = None
    doubt_above: int | None = None
    """A number beyond these is asked back once: more likely a slip of the finger. No sum at all is none."""
    asked: bool = True
    """Whether it stands on a page. What is not asked is still an answer: older files have it."""

    @property
    def most(self) -> int | None:
        """The largest number that is taken as an answer; None for what is no number."""
        return MOST_AMOUNT if self.type == "amount" and self.maximum is None else self.maximum

    def doubts(self, value: object) -> bool:
        """Whether a number is more likely a slip of the finger; it is asked back once."""
        if not isinstance(value, (int, float)) or (value == 0 and self.type == "amount"):
            return False
        low, high = self.doubt_below, self.doubt_above
        return (low is not None and value < low) or (high is not None and value > high)

    def text(self, lang: str) -> QuestionText:
        """Return the texts in this language; anything but `en` is Chinese."""
        return self.en if lang == "en" else self.zh

    def offered(self, values: Mapping[str, object]) -> Self:
        """Return the question with the choices that make sense beside these answers."""
        choices = tuple(
            one for one in self.value if not any(values.get(id_) in nonsense for id_, nonsense in one.unless.items())
        )
        return self if len(choices) == len(self.value) else msgspec.structs.replace(self, value=choices)

    def choice(self, id_: object) -> Choice | None:
        """Return the value of this id, or None."""
        return next((choice for choice in self.value if choice.id == id_), None)


class Line(Text, frozen=True):
    """One line of a checklist page: ticked it answers `tick`, left alone under "none of these" it answers `clear`."""

    question: str
    tick: str
    clear: str


class Page(Record, frozen=True):
    """Questions asked together. `line`: a checklist, one list with "none of these" as one key.

    `last`: asked only when no other page has anything left, because it is the most personal. `together`: one answer
    alone says little, such as an income without the repayments. `look`: where the entry may be and what it says, asked
    before all else of who misses it.
    """

    id: str
    zh: str
    en: str
    questions: tuple[str, ...]
    line: tuple[Line, ...] = ()
    last: bool = False
    together: bool = False
    look: bool = False

    def title(self, lang: str) -> str:
        """Return the page's heading."""
        return self.en if lang == "en" else self.zh


class Group(Text, frozen=True):
    """A group of causes and its heading."""

    id: str


class SourceNote(Text, frozen=True):
    """Where a fact comes from: `refs` are the pages, `confidence` how far they can be trusted.

    `valid_until`: an ISO date, after which the fact is past.
    """

    id: str
    confidence: Confidence
    refs: tuple[str, ...]
    valid_until: str | None = None


class Minimum(Text, frozen=True):
    """The least version that shows the entry, per platform; the text names the evidence."""

    what: Literal["wechat", "os"]
    platform: str
    version: str
    confidence: Confidence
    source: str


class Latest(Record, frozen=True):
    """The newest WeChat seen per platform: date and source, never taken as the truth."""

    platform: str
    version: str
    seen: str
    source: str


class Contradiction(Text, frozen=True):
    """Two facts that cannot both be. `settle`: the question that decides between them, where one does."""

    id: str
    when: When
    settle: str | None = None


class Guide(Record, frozen=True):
    """The two places, the five steps of applying, the three cautions, and the warnings (domain, section S and B)."""

    place: tuple[Text, ...]
    step: tuple[Text, ...]
    caution: tuple[Text, ...]
    warning: dict[str, Text]
    limits: tuple[Text, ...]
    """What the tool cannot know."""


class Weights(Record, frozen=True):
    """Assumptions that order questions and fixes; never shown as percentages. Replaceable by a settings file.

    `chance`: how often each cause is the reason among people who ask, as a share of 1. `seconds` and `intrusion` (0-3)
    are the cost of a question; `spread` the share of people giving each value, and `spread_after` of those who gave a
    certain answer before (by question, answer, question). `effort` is the cost of an action in minutes of the user's
    life, `status` the chance that a cause of this status is the real one.
    """

    reason: Text
    chance: dict[str, float]
    seconds: dict[str, float]
    intrusion: dict[str, int]
    spread: dict[str, dict[str, float]]
    effort: dict[str, float]
    status: dict[str, float]
    ending: float
    """What it is worth that an answer may end the questions, beside the change of a cause's status."""
    spread_after: dict[str, dict[str, dict[str, dict[str, float]]]] = msgspec.field(default_factory=dict)

    def cost(self, question: str) -> float:
        """Return what a question costs the person: seconds times one plus its intrusion."""
        return self.seconds[question] * (1 + self.intrusion[question])


class Locale(Mapping[str, Text]):
    """Texts by key; those of a room, the first word of the key, are read when one of them is first asked for."""

    def __init__(self, rooms: Mapping[str, msgspec.Raw]) -> None:
        self._unread = dict(rooms)
        self._texts: dict[str, Text] = {}

    def _read(self, *rooms: str) -> dict[str, Text]:
        for room in rooms:
            if (raw := self._unread.get(room)) is not None:
                self._texts |= msgspec.msgpack.decode(raw, type=dict[str, Text])
                self._unread.pop(room, None)
        return self._texts

    def __getitem__(self, key: str) -> Text:
        return self._texts.get(key) or self._read(key.partition(".")[0])[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._read(*self._unread))

    def __len__(self) -> int:
        return len(self._read(*self._unread))


def _later(name: str, kind: type[T]) -> "cached_property[T]":
    """Return a part of the knowledge base that not every run needs, read when it is first asked for."""
    return cached_property(lambda knowledge: msgspec.msgpack.decode(knowledge.later[name], type=kind))


class Knowledge(Record, frozen=True, dict=True, gc=True):
    """Everything the tool knows, loaded and validated once; what is compiled from it is kept with it."""

    version: str
    causes: dict[str, Cause]
    questions: dict[str, Question]
    steering: tuple[str, ...]
    """Questions whose answers set others (the complaint)."""
    minimums: tuple[Minimum, ...]
    contradictions: tuple[Contradiction, ...]
    weights: Weights
    limits: dict[str, float]
    texts: dict[str, msgspec.Raw]
    """Every other text of the tool by room and key, encoded: few rooms are read in one run. See `locale`."""
    later: dict[str, msgspec.Raw]
    """The parts below, encoded."""
    phrases: tuple[str, ...] = ("",)
    """The folders whose phrases are read, "" being the built-in one; see `lexicon.load_lexicon`."""
    derived = _later("derived", dict[str, DerivedFact])
    """Facts that are worked out from answers and measurements."""
    situations = _later("situations", tuple[Situation, ...])
    groups = _later("groups", tuple[Group, ...])
    pages = _later("pages", tuple[Page, ...])
    beliefs = _later("beliefs", dict[str, Belief])
    sources = _later("sources", dict[str, SourceNote])
    latest = _later("latest", tuple[Latest, ...])
    guide = _later("guide", Guide)
    cases = _later("cases", dict[str, tuple[Example, ...]])
    """What travels with the causes and situations to test them, by file: `causes/income`."""

    @cached_property
    def actions(self) -> dict[str, Action]:
        """Every action of the causes and situations, by its id."""
        owners: tuple[Cause | Situation, ...] = (*self.causes.values(), *self.situations)
        return {action.id: action for owner in owners for action in owner.action}

    @cached_property
    def locale(self) -> Mapping[str, Text]:
        """Every other text of the tool by key; `{name}` marks what is filled in."""
        return Locale(self.texts)

    def minimum(self, what: str, platform: str) -> Minimum | None:
        """Return the minimum version of WeChat (`wechat`) or the system (`os`) on a platform, None where unknown."""
        found = [row for row in self.minimums if row.what == what and row.platform == platform]
        return found[-1] if found else None

    def actions_of(self, owner: Cause | Situation) -> tuple[Action, ...]:
        """Return the actions of a cause or a situation: its own, then those it names, in the order it names them."""
        first = (action for action in owner.action if action.id not in owner.also)
        return (*first, *(self.actions[id_] for id_ in owner.also))

    def page_of(self, question: str) -> Page:
        """Return the page that a question stands on; one that is not asked has a page of its own."""
        text = self.questions[question]
        alone = Page(id=question, zh=text.zh.title, en=text.en.title, questions=(question,))
        return next((page for page in self.pages if question in page.questions), alone)

    def say(self, key: str, lang: str, **values: object) -> str:
        """Return the text of this key in this language, with the values filled in."""
        text = self.locale[key].get(lang)
        return text.format(**values) if values else text
