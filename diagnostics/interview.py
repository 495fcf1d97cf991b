"""What to ask next, what not to ask any more and why, and when to stop. Pure: asked again it says the same."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final, Literal, Protocol

import msgspec

from diagnostics.facts import INPUTS
from diagnostics.knowledge.model import STATUSES
from diagnostics.reasoning import FOR, rank_key
from diagnostics.rules import Fact, Outcome, State, check, check_all

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from diagnostics.evidence import Source
    from diagnostics.facts import Facts
    from diagnostics.knowledge.model import Condition, Knowledge, Page, Rule
    from diagnostics.reasoning import Assessment, Verdict

SkipReason = Literal["measured", "implied", "asked_directly", "no_effect"]
StopReason = Literal["entry_found", "requirement_confirmed", "settled", "nothing_left"]
"""`settled`: the first cause is confirmed, and no answer that is still to come could put another before it."""

ALWAYS: Final = ("scam.offered_paid_opening",)
"""Asked for the person's safety, though no cause depends on it."""


class Skip(msgspec.Struct, frozen=True, kw_only=True):
    """A question that is not asked.

    `measured`: a machine said it. `implied`: it follows from an answer. `asked_directly`: it only decides where to
    begin, and what it would set is asked by itself. `no_effect`: no answer could change any cause.
    """  # fmt: skip

    id: str
    reason: SkipReason


class Interview(msgspec.Struct, frozen=True, kw_only=True):
    """Where the questions stand. `page` are the ids asked together with `next`, `next` first."""

    answered: tuple[str, ...]
    next: str | None
    page: tuple[str, ...]
    page_id: str | None
    remaining: tuple[str, ...]
    pages_left: int
    skipped: tuple[Skip, ...]
    stop_reason: StopReason | None


class Live(msgspec.Struct, frozen=True, kw_only=True):
    """What answers could still do to one cause: `gains` for each question, in the order of the cause's rows.

    `confirms`: the cause may yet come to be confirmed.
    """

    gains: tuple[tuple[str, float], ...]
    confirms: bool


class Known(Protocol):
    """What the choice of questions looks at in a case, beside the causes."""

    @property
    def ends(self) -> StopReason | None:
        """Why the questions end by themselves."""
        ...

    def told(self, id_: str) -> Source | None:
        """Say from whom the answer to this question is, None where there is none."""
        ...

    def follows(self, id_: str) -> bool:
        """Whether what this question asks is known, be it from another answer (a version that names the platform)."""
        ...

    def away(self, id_: str) -> bool:
        """Whether what is known leaves no sense in asking this question."""
        ...

    def looking(self) -> bool:
        """Whether the entry may still be found."""
        ...

    def settled(self) -> bool:
        """Whether the first cause is confirmed and stays first whatever is still answered."""
        ...


class _Judged:
    """A case as it is assessed."""

    def __init__(self, knowledge: Knowledge, assessment: Assessment) -> None:
        self._knowledge = knowledge
        self._assessment = assessment
        self._facts = assessment.facts
        self.ends: StopReason | None = assessment.ends

    def told(self, id_: str) -> Source | None:
        seen = self._facts.evidence.get(id_)
        return seen.source if seen is not None else None

    def follows(self, id_: str) -> bool:
        return self._facts[id_].state is State.KNOWN

    def away(self, id_: str) -> bool:
        return implied_away(self._knowledge, self._facts, id_)

    def looking(self) -> bool:
        return self._facts["entry.found"].state is State.OPEN

    def settled(self) -> bool:
        return settled(self._knowledge, self._assessment)


def implied_away(knowledge: Knowledge, facts: Facts, id_: str) -> bool:
    """Whether what is known leaves no sense in asking this question."""
    return check_all(knowledge.questions[id_].only_if, facts, knowledge.limits) is Outcome.UNMET


def interview(knowledge: Knowledge, assessment: Assessment, *, go_on: bool = False) -> Interview:
    """Choose the next page of questions; `go_on` asks on after a confirmed requirement or a found entry."""
    lives = [live(knowledge, assessment.facts, one) for one in assessment.verdicts.values()]
    return arrange(knowledge, _Judged(knowledge, assessment), lives, go_on=go_on)


def arrange(knowledge: Knowledge, case: Known, lives: Iterable[Live], *, go_on: bool = False) -> Interview:
    """Sort the questions into answered, skipped and remaining, and choose the page that is worth most for its cost.

    `lives` are what answers could do to each cause, in the causes' order.
    """
    worth = _worth(knowledge, case, lives)
    answered: list[str] = []
    remaining: list[str] = []
    skipped: list[Skip] = []
    pages: list[tuple[Page, list[str]]] = []
    for page in knowledge.pages:
        left = []
        for id_ in page.questions:
            source = case.told(id_)
            if source is not None:
                if source in ("phone", "computer"):
                    skipped.append(Skip(id=id_, reason="measured"))
                else:
                    answered.append(id_)
            elif case.away(id_):
                skipped.append(Skip(id=id_, reason="implied"))
            elif id_ not in worth:
                skipped.append(Skip(id=id_, reason=_without_worth(knowledge, case, id_)))
            else:
                left.append(id_)
        if left:
            remaining += left
            pages.append((page, left))
    stop: StopReason | None = case.ends or (None if remaining else "nothing_left")
    if stop is None and case.settled():
        stop = "settled"
    best: tuple[Page, list[str]] | None = None
    if pages and (go_on or stop is None):
        best = max(pages, key=lambda one: _value(knowledge, worth, one[1]))
    return Interview(
        answered=tuple(answered),
        next=best[1][0] if best else None,
        page=tuple(best[1]) if best else (),
        page_id=best[0].id if best else None,
        remaining=tuple(remaining),
        pages_left=len(pages),
        skipped=tuple(skipped),
        stop_reason=stop,
    )


def more_to_ask(knowledge: Knowledge, case: Known, lives: Iterable[Live]) -> bool:
    """Whether `arrange` would leave a question to ask, found without weighing any."""
    ids = (id_ for page in knowledge.pages for id_ in page.questions)
    left = {id_ for id_ in ids if not (case.told(id_) or case.away(id_) or case.follows(id_))}
    always = (*(INPUTS["entry.found"] if case.looking() else ()), *ALWAYS)
    moving = (question for one in lives for question, _ in one.gains)
    steering = (question for question, _ in _steering(knowledge, case, {}))
    return not all(left.isdisjoint(worth) for worth in (always, moving, steering))


def settled(knowledge: Knowledge, assessment: Assessment) -> bool:
    """Whether the first cause is confirmed and stays first whatever is still answered."""
    first = assessment.first
    if first.status != "confirmed":
        return False
    place = rank_key(first.cause, first.status)
    return not any(
        rank_key(verdict.cause, "confirmed") < place and live(knowledge, assessment.facts, verdict).confirms
        for verdict in assessment.verdicts.values()
    )


def _without_worth(knowledge: Knowledge, case: Known, id_: str) -> SkipReason:
    """Say why a question that nothing depends on any more is left out."""
    if id_ in knowledge.steering:
        return "asked_directly"
    return "implied" if case.follows(id_) else "no_effect"


def _value(knowledge: Knowledge, worth: Mapping[str, float], ids: list[str]) -> float:
    """Expected change of the ranked result for the cost of a page; the complaint, which steers all, comes first."""
    weights = knowledge.weights
    if any(id_ in knowledge.steering for id_ in ids):
        return float("inf")
    cost = sum(weights.seconds[id_] * (1 + weights.intrusion[id_]) for id_ in ids)
    return sum(worth[id_] for id_ in ids) / cost


def live(knowledge: Knowledge, facts: Facts, verdict: Verdict) -> Live:
    """Say what answers could still do to this cause."""
    gains: list[tuple[str, float]] = []
    confirms = False
    for rule in _live(knowledge, facts, verdict):
        open_ = [id_ for id_ in rule.when if check(rule.when[id_], facts[id_], knowledge.limits) is Outcome.OPEN]
        gain = _gain(knowledge, verdict, rule, open_)
        gains += ((question, gain) for question in dict.fromkeys(q for id_ in open_ for q in INPUTS.get(id_, (id_,))))
        confirms = confirms or rule.status == "confirmed"
    return Live(gains=tuple(gains), confirms=confirms)


def _worth(knowledge: Knowledge, case: Known, lives: Iterable[Live]) -> dict[str, float]:
    """For each unanswered question that can still change something: how much it is expected to."""
    found: dict[str, float] = {}
    for one in lives:
        for question, gain in one.gains:
            found[question] = found.get(question, 0.0) + gain
    for question in (*(INPUTS["entry.found"] if case.looking() else ()), *ALWAYS):
        found.setdefault(question, 0.0)
    found.update(_steering(knowledge, case, found))
    known = [id_ for id_ in found if case.told(id_) or case.follows(id_)]
    return {id_: value for id_, value in found.items() if id_ not in known and id_ in knowledge.questions}


def _gain(knowledge: Knowledge, verdict: Verdict, rule: Rule, open_: list[str]) -> float:
    """The chance that a row comes to be met, times what that would change."""
    weights = knowledge.weights
    change = abs(weights.status[rule.status] - weights.status[verdict.status]) * weights.chance[verdict.cause.id]
    if rule.status == "confirmed" and verdict.cause.kind == "requirement":
        change += weights.ending
    for id_ in open_:
        change *= _share(knowledge, rule, id_)
    return change


def _steering(knowledge: Knowledge, case: Known, worth: dict[str, float]) -> Iterator[tuple[str, float]]:
    """The complaint is worth what it sets, as long as none of that (nor the first look for the entry) is answered."""
    for question in (knowledge.questions[id_] for id_ in knowledge.steering):
        sets = dict.fromkeys(id_ for choice in question.value for id_ in choice.sets)
        if not any(case.told(id_) for id_ in (*sets, "entry.services_menu")):
            yield question.id, sum(worth.get(id_, 0.0) for id_ in sets)


def _live(knowledge: Knowledge, facts: Facts, verdict: Verdict) -> Iterator[Rule]:
    """The rows of a cause that are still open and would change its status if they came to be met."""
    now = STATUSES.index(verdict.status)
    for rule in verdict.cause.rule:
        if rule.status in FOR:
            matters = verdict.status not in FOR or STATUSES.index(rule.status) < now
        else:
            matters = rule.status == "ruled_out" and verdict.status == "unknown"
        if matters and check_all(rule.when, facts, knowledge.limits) is Outcome.OPEN:
            yield rule


def _share(knowledge: Knowledge, rule: Rule, id_: str) -> float:
    """The share of people whose answer would meet this condition, by the weights; derived facts by even chance."""
    spread = knowledge.weights.spread.get(id_)
    if spread is None:
        return 0.5
    limits = tuple(knowledge.limits.items())
    return _met_by(rule.when[id_], knowledge.questions[id_].type, tuple(spread.items()), limits)


@lru_cache(maxsize=4096)
def _met_by(
    condition: Condition, type_: str, spread: tuple[tuple[str, float], ...], limits: tuple[tuple[str, float], ...]
) -> float:
    bounds = dict(limits)
    told = ((Fact(State.KNOWN, read_literal(type_, value)), share) for value, share in spread)
    return max(0.001, sum(share for fact, share in told if check(condition, fact, bounds) is Outcome.MET))


@lru_cache(maxsize=1024)
def read_literal(type_: str, text: str) -> str | float | list[str]:
    """Read a value as the weights and the command line write it, by the question's type."""
    if type_ in ("integer", "amount"):
        number = float(text)
        return int(number) if number.is_integer() else number
    if type_ == "choices":
        return [part for part in text.split(",") if part]
    return text
