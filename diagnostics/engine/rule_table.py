"""The rules as one table of bits, compiled from a knowledge base and kept with it.

Each condition of each row is one bit. A fact's value gives two masks: the bits that it meets, and those that it may
still meet while it is open. A row is met when all its bits are met, and open when all are met or open and not all are
met. Causes, contradictions, questions that are asked only sometimes and the rows of the advice stand in one table.
"""

from __future__ import annotations

from functools import partial
from operator import attrgetter, itemgetter
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import msgspec

from diagnostics.answers import read_literal
from diagnostics.engine.conditions import MOST, Column, Memo
from diagnostics.engine.facts import Fact, Facts, State, gists, platforms_read
from diagnostics.evidence import UNKNOWN
from diagnostics.knowledge.derived import OTHERS, Ratio, inputs, reads
from diagnostics.knowledge.model import EFFORTS, KINDS, STATUSES, Condition, Rule

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from diagnostics.knowledge.model import Cause, Knowledge, When

CAUSE: Final = "cause."
"""Begins a fact that is the status of a cause: known once all causes are assessed."""
FOR: Final = frozenset({"confirmed", "likely", "possible"})
POSSIBLE: Final = STATUSES.index("possible")
UNDECIDED: Final = STATUSES.index("unknown")
RULED_OUT: Final = STATUSES.index("ruled_out")
FOUND: Final = "entry.found"
"""The fact that ends the search; its questions are asked as long as it is open."""
STOPS: Final = 1
BLOCKS: Final = 2
TOGETHER: Final = 3
"""Causes judged together: more of them come in more combinations, fewer take more steps."""
GROUNDS: Final = "grounds "
"""Begins what a fact rests on: whether it is known, the ids of the observations, and these."""
READ: Final = "read "
"""Begins a version text as the rows read it."""
REFUSAL: Final = "entry.refusal"
"""The fact that the page's message refuses: then a found entry ends nothing."""
_KNOWN: Final = Condition(absent=False)
_YES: Final = Condition(any=("yes",))
Speaker: TypeAlias = tuple[int, int, int]
"""A cause at `possible` or above: its rank at its status, its index, and its status."""


class Row(msgspec.Struct, frozen=True):
    """The conditions of one row: all their bits, and each bit with the fact that it asks about."""

    mask: int
    conditions: tuple[tuple[int, str], ...]


class CauseRow(msgspec.Struct, frozen=True):
    """A row of a cause, with the status (its index) that it speaks for."""

    mask: int
    conditions: tuple[tuple[int, str], ...]
    status: int
    rule: Rule


class Moving(msgspec.Struct, frozen=True):
    """The rows of a cause that may still come to be met and change its status."""

    rows: list[CauseRow]
    gains: list[tuple[str, float]]
    """The questions behind their open conditions, each with its chance times what it would change."""
    questions: int
    """The same questions as bits."""


class CauseRows:
    """A cause with its rows in the table, in the order of the cause."""

    def __init__(self, table: RuleTable, cause: Cause) -> None:
        self.table = table
        self.cause = cause
        compiled = table.rows(rule.when for rule in cause.rule)
        self.rows = [
            CauseRow(row.mask, row.conditions, STATUSES.index(rule.status), rule)
            for rule, row in zip(cause.rule, compiled, strict=True)
        ]
        self.by_status = sorted(self.rows, key=attrgetter("status"))
        """The strongest first; a row `unknown` before `ruled_out`."""
        self._deciding = [(row.status, row.mask) for row in self.by_status if row.status != UNDECIDED]
        self.out = tuple(row.mask for row in self.rows if row.status == RULED_OUT)
        self.mask = union(row.mask for row in self.rows)
        self.facts = tuple(dict.fromkeys(id_ for row in self.rows for _, id_ in row.conditions))
        self.reads = table.reads(*self.facts)
        self.later = not {*OTHERS}.isdisjoint(self.facts)
        self.clears = RULED_OUT if cause.kind in ("requirement", "technical", "location") else UNDECIDED
        """The status from which on it leaves the way free for the last cause, that nobody outside can test."""
        self.stops = cause.kind == "requirement"
        self.minimums = [what for what in ("wechat", "os") if f"{what}.against_minimum" in self.facts]
        """Which minimum versions it rests on, if any."""
        self.ranks: tuple[int, ...] = ()
        """Its places among all causes and statuses, by its own status."""
        self.picks: Memo[int, Callable[[Any], Any]] = Memo(make=self._pick)
        """By the bits met of the rows: what picks out of `Assessment.looked_at` all that a text on the cause may depend
        on beside these."""
        self._moving: Memo[tuple[int, int], Moving] = Memo(make=self._find_moving)

    def status(self, met: int) -> int:
        """Return the status that these bits give: the strongest row for it, else ruled out, else unknown."""
        for status, mask in self._deciding:
            if met & mask == mask:
                return status
        return UNDECIDED

    def _pick(self, met: int) -> Callable[[Any], Any]:
        settled = self.status(met) in (0, RULED_OUT)  # then what counts against it in part is not told
        rows = [row for row in self.rows
                if met & row.mask == row.mask or (row.status == RULED_OUT and not settled)]  # fmt: skip
        names = [name for row in rows for bit, id_ in row.conditions if met & bit
                 for name in self.table.grounds_names[id_]]  # fmt: skip
        names += (READ + id_ if id_ in self.table.texts else id_ for id_ in self.beside())
        return itemgetter(*dict.fromkeys(names)) if names else lambda _: None

    def beside(self, id_: str = "") -> tuple[str, ...]:
        """Return the observations that decide, beside the bits, what an answer to this question does to the cause.

        They are what the facts worked out from that answer look at as well; without a question, all of them.
        """
        read = [self.table.reads(fact) for fact in self.facts if fact in self.table.knowledge.derived]
        return tuple(dict.fromkeys(one for ids in read if not id_ or id_ in ids for one in ids if one != id_))

    def unmoved(self, id_: str) -> int:
        """Return the bits of the conditions that no answer to this question moves."""
        table = self.table
        moved = (
            fact for fact in self.facts if fact == id_ or (fact in table.knowledge.derived and id_ in table.reads(fact))
        )
        return self.mask & ~union(table.columns[fact].bits for fact in moved)

    def moving(self, met: int, open_: int) -> Moving:
        """Return the rows that may still come to be met and change the status."""
        return self._moving[met & self.mask, open_ & self.mask]

    def _find_moving(self, key: tuple[int, int]) -> Moving:
        met, open_ = key
        now, may = self.status(met), met | open_
        rows = [
            row for row in self.rows
            if may & row.mask == row.mask
            and (row.status < min(now, UNDECIDED) or (row.status == RULED_OUT and now == UNDECIDED))
        ]  # fmt: skip
        gains = [gain for row in rows for gain in self._gains(row, open_, now)]
        return Moving(rows, gains, self.table.bits_of(id_ for id_, _ in gains))

    def _gains(self, row: CauseRow, open_: int, now: int) -> list[tuple[str, float]]:
        weights = self.table.knowledge.weights
        gain = abs(weights.status[row.rule.status] - weights.status[STATUSES[now]]) * weights.chance[self.cause.id]
        if self.stops and row.status == 0:
            gain += weights.ending
        questions: dict[str, None] = {}
        for bit, fact in row.conditions:
            if open_ & bit:
                gain *= self.table.shares[bit]
                questions |= dict.fromkeys(self.table.inputs(fact))
        return [(id_, gain) for id_ in questions]


class Upshot(msgspec.Struct, frozen=True):
    """What it comes to where a few causes stand."""

    flags: int
    """`STOPS` where a requirement is certainly not met, `BLOCKS` where something speaks against the last cause."""
    met: int
    """The bits met about the causes."""
    speakers: tuple[Speaker, ...]
    """Those at `possible` or above."""


class Verdicts(msgspec.Struct, frozen=True):
    """Where a few causes stand, and what it comes to: one object for all that comes to the same."""

    ranks: tuple[int, ...]
    upshot: Upshot


class Together:
    """A few causes, judged once for each combination of their bits that occurs; `first` is the index of the first."""

    def __init__(self, table: RuleTable, first: int, causes: list[CauseRows]) -> None:
        self.mask = union(one.mask for one in causes)
        self.verdicts: Memo[int, Verdicts] = Memo(make=self._judge)
        self.asked: Memo[tuple[int, int], int] = Memo(make=self._ask)
        """The questions whose answers may change one of them, as bits, by the bits met and those open."""
        self._about = table.about
        self._causes = list(enumerate(causes, first))
        self._upshots: dict[Upshot, Upshot] = {}

    def _ask(self, key: tuple[int, int]) -> int:
        return union(one.moving(*key).questions for _, one in self._causes)

    def _judge(self, met: int) -> Verdicts:
        found = [(at, one, one.status(met)) for at, one in self._causes]
        upshot = Upshot(
            union(STOPS * (one.stops and status == 0) | BLOCKS * (status < one.clears) for _, one, status in found),
            union(self._about[at][status] for at, _, status in found if at in self._about),
            tuple((one.ranks[status], at, status) for at, one, status in found if status < UNDECIDED),
        )
        ranks = tuple(one.ranks[status] for _, one, status in found)
        return Verdicts(ranks, self._upshots.setdefault(upshot, upshot))


class Judged(msgspec.Struct, frozen=True):
    """Where all causes stand, and what it comes to."""

    met: int
    """The bits met, those about the causes among them."""
    flags: int
    """Those of all but the last cause."""
    speakers: list[Speaker]
    """The causes at `possible` or above, in their order."""
    verdicts: list[Verdicts]
    """A few causes each, in the order of `RuleTable.causes`."""
    upshots: list[Upshot]
    """What these come to."""


class Group(msgspec.Struct, frozen=True):
    """Derived facts that share an observation, worked out together for each combination that occurs."""

    observed: tuple[str, ...]
    bits: int
    masks: Memo[tuple[Any, ...], tuple[int, int]]
    """The bits met and those open, by the values of what is observed."""


class Touched(msgspec.Struct, frozen=True):
    """What an answer to a question moves."""

    bits: int
    opens: int
    """Of these, the bits that may be open only for want of the answer."""
    column: Column | None
    """Its own conditions."""
    groups: list[tuple[Group, int]]
    """The facts worked out from it, each lot with the place of the answer in what it looks at."""
    together: list[tuple[int, Together]]
    """The causes that look at these bits, as judged together, each few with their place in `Judged.upshots`."""

    @property
    def beside(self) -> tuple[str, ...]:
        """What the facts worked out from the answer look at beside it."""
        return tuple(id_ for group, place in self.groups for id_ in group.observed if id_ != group.observed[place])


class RuleTable:
    """All rows of a knowledge base; complete once it is `sealed`."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.knowledge = knowledge
        self._bits: dict[tuple[str, Condition], int] = {}
        """The bit of each condition on each fact: the same condition in several rows is one."""
        self._asks: list[str] = []
        """The fact that each bit asks about."""
        self.columns: dict[str, Column] = {}
        """The conditions on each fact that rows ask for."""
        self._inputs = {id_: inputs(knowledge.derived, knowledge.questions, id_) for id_ in knowledge.derived}
        self._reads = {id_: reads(knowledge.derived, id_) for id_ in knowledge.derived}
        self._facts: Memo[tuple[Any, ...], Fact] = Memo()
        self._platforms: Memo[tuple[Any, ...], bool] = Memo()
        self._touched: Memo[str, Touched] = Memo(make=self._touch)
        self.grounds_names: Memo[str, tuple[str, ...]] = Memo(make=self._grounds_names)
        """The names in `Assessment.looked_at` that say what a fact rests on; of answers, simply all it reads."""
        self.shares: Memo[int, float] = Memo(make=self._share)
        """The share of people whose answer would meet a condition, by its bit."""
        self.about: dict[int, tuple[int, ...]] = {}
        """The causes that rows ask about, as their index, each with the bits that its status meets."""
        self.fits: Memo[str, list[Row]] = Memo(make=lambda id_: self.rows(knowledge.actions[id_].when))
        """The rows of each action: of several owners they are compiled once."""
        self.question_bits = {id_: 1 << at for at, id_ in enumerate(knowledge.questions)}
        """The bit of each question, in sets of questions."""

        rows = [CauseRows(self, cause) for cause in knowledge.causes.values()]
        first, self.later = [one for one in rows if not one.later], [one for one in rows if one.later]
        self.causes = first + self.later
        self.index = {one.cause.id: at for at, one in enumerate(self.causes)}
        self.nothing: dict[str, Any] = dict.fromkeys(id_ for one in self.causes for id_ in one.reads)
        """Every observation that a cause looks at, none of them made."""
        self.order = self._ranked()
        """Every cause (its index) with every status, in the order of the report."""
        self._together = [Together(self, at, first[at : at + TOGETHER]) for at in range(0, len(first), TOGETHER)]
        self._last = Together(self, len(first), self.later)
        self.found, self.refused = self.rows([{FOUND: _YES}, {REFUSAL: _YES}])
        self.only_if = {one.id: self.masks(one.only_if) for one in knowledge.questions.values() if one.only_if}
        self.follows = {id_: self.rows([{id_: _KNOWN}])[0] for id_ in knowledge.questions if id_ in knowledge.derived}
        """Questions whose answer may follow from others, each with the row that is met where it is known."""
        whens = [row.when for row in knowledge.contradictions]
        self._contradictions = [
            held | known
            for held, known in zip(
                self.masks(whens), self.masks(dict.fromkeys(when, _KNOWN) for when in whens), strict=True
            )
        ]
        self.steering = [
            (id_, {choice.id: choice.sets for choice in knowledge.questions[id_].value if choice.sets})
            for id_ in knowledge.steering
        ]

    def _ranked(self) -> list[tuple[int, int]]:
        keys = []
        for at, one in enumerate(self.causes):
            effort = min(EFFORTS.index(action.effort) for action in one.cause.action)
            kind = KINDS.index(one.cause.kind)
            keys += [(status, kind, effort, one.cause.id, at) for status in range(len(STATUSES))]
        order = [(key[-1], key[0]) for key in sorted(keys)]
        places = {one: rank for rank, one in enumerate(order)}
        for at, one in enumerate(self.causes):
            one.ranks = tuple(places[at, status] for status in range(len(STATUSES)))
        return order

    def bits_of(self, ids: Iterable[str]) -> int:
        """Return these questions as bits; what is no question has none."""
        bits, found = self.question_bits, 0
        for id_ in ids:
            found |= bits.get(id_, 0)
        return found

    def rows(self, whens: Iterable[When]) -> list[Row]:
        """Compile a list of rows."""
        found = []
        for when in whens:
            conditions = tuple([(self._bit(id_, condition), id_) for id_, condition in when.items()])
            found.append(Row(union([bit for bit, _ in conditions]), conditions))
        return found

    def masks(self, whens: Iterable[When]) -> tuple[int, ...]:
        """Compile a list of rows, of which the masks are enough."""
        return tuple([union([self._bit(*one) for one in when.items()]) for when in whens])

    def _bit(self, id_: str, condition: Condition) -> int:
        bit = self._bits.get((id_, condition))
        if bit is None:
            bit = self._bits[id_, condition] = 1 << len(self._bits)
            self._asks.append(id_)
            if id_ not in self.columns:
                self.columns[id_] = Column(self.knowledge.limits)
            self.columns[id_].add(bit, condition)
        return bit

    def inputs(self, fact: str) -> tuple[str, ...]:
        """Return the questions that are asked to learn a fact; of one that is not derived the fact itself."""
        return self._inputs.get(fact, (fact,))

    def reads(self, *facts: str) -> tuple[str, ...]:
        """Return every observation that these facts may look at; of a cause's status, all that its rows look at."""
        found: dict[str, None] = {}
        for fact in facts:
            if fact.startswith(CAUSE):
                found |= dict.fromkeys(self.causes[self.index[fact.removeprefix(CAUSE)]].reads)
            else:
                found |= dict.fromkeys(self._reads.get(fact, (fact,)))
        return tuple(found)

    def seal(self) -> RuleTable:
        """Sort the facts that rows ask for: answered ones by themselves, derived ones by what they share."""
        derived, columns = self.knowledge.derived, self.columns
        about = {*OTHERS, *(CAUSE + id_ for id_ in self.knowledge.causes)} & columns.keys()
        self._about_bits = union(columns[name].bits for name in about)
        for name in about - {*OTHERS}:
            bits = tuple(columns[name].by_answer[status][0] for status in STATUSES)
            self.about[self.index[name.removeprefix(CAUSE)]] = bits
        stops, clears = ([columns[name].by_answer[holds][0] if name in columns else 0 for holds in ("no", "yes")]
                         for name in OTHERS)  # fmt: skip
        self._others = [stops[bool(flags & STOPS)] | clears[not flags & BLOCKS] for flags in range(STOPS + BLOCKS + 1)]
        """The bits met by the flags of the causes."""
        self._plain = [(id_, one.by_answer) for id_, one in columns.items() if id_ not in derived and id_ not in about]
        shared: list[tuple[set[str], dict[str, Column]]] = []
        for id_ in derived:
            if id_ in columns:
                ids, own = {*self._reads[id_]}, {id_: columns[id_]}
                for group in [one for one in shared if one[0] & ids]:
                    shared.remove(group)
                    ids |= group[0]
                    own = group[1] | own
                shared.append((ids, own))
        self._groups = [self._group(tuple(sorted(ids)), own) for ids, own in shared]
        named = {value for _, one in self._bits for values in (one.any, one.not_) for value in values or ()}
        named |= {value for one in derived.values() for _, value in one.named()}
        self.texts = gists(self.knowledge, named)
        """The version texts that facts look at."""
        self._stand_ins: list[tuple[tuple[str, ...], Memo[Any, Any]]] = [
            ((id_,), _first_of(gist)) for id_, gist in self.texts.items()
        ]
        for ratio in (one for one in derived.values() if isinstance(one, Ratio) and one.id in columns):
            pair = (ratio.part, ratio.whole)
            if {*pair}.isdisjoint(read for id_ in derived if id_ != ratio.id for read in self._reads[id_]):
                self._stand_ins.append((pair, _first_of(partial(self._share_gist, ratio))))
        return self

    def _group(self, observed: tuple[str, ...], columns: dict[str, Column]) -> Group:
        def work_out(key: tuple[Any, ...]) -> tuple[int, int]:
            facts = Facts(self.knowledge, dict(zip(observed, key, strict=True)))
            masks = [column.masks(facts[id_]) for id_, column in columns.items()]
            return union(met for met, _ in masks), union(open_ for _, open_ in masks)

        return Group(observed, union(column.bits for column in columns.values()), Memo(4 * MOST, work_out))

    def _share_gist(self, ratio: Ratio, part: Any, whole: Any) -> tuple[Any, ...]:
        """Return all that the rows make of two sums of which they ask for the share."""
        facts = Facts(self.knowledge, {ratio.part: part, ratio.whole: whole})
        asked = (id_ for id_ in (ratio.id, ratio.part, ratio.whole) if id_ in self.columns)
        return (part == 0, whole == 0, *(self.columns[id_].masks(facts[id_]) for id_ in asked))

    def _share(self, bit: int) -> float:
        """By the weights; a derived fact by even chance."""
        id_ = self._asks[bit.bit_length() - 1]
        spread = self.knowledge.weights.spread.get(id_)
        if spread is None:
            return 0.5
        type_, met = self.knowledge.questions[id_].type, self.columns[id_].by_answer
        told = ((read_literal(type_, text), share) for text, share in spread.items())
        held = ((tuple(value) if isinstance(value, list) else value, share) for value, share in told)
        return max(0.001, sum(share for value, share in held if met[value][0] & bit))

    def read(self, values: dict[str, Any]) -> dict[str, Any]:
        """Return the values with one version text for all that mean the same to the rows: what is kept fits more.

        So of two sums of which there is a share; who supposes another one of the two needs both as they are.
        """
        found = values.copy()
        for ids, firsts in self._stand_ins:
            given = tuple(map(found.get, ids))
            if None not in given and UNKNOWN not in given:
                for id_, first in zip(ids, firsts[given]):  # noqa: B905 - `strict` takes as long as all else here
                    found[id_] = first
        return found

    def evaluate(self, values: Mapping[str, Any]) -> tuple[int, int]:
        """Return the bits met and those open by these values (lists as tuples), without what looks at causes."""
        met = open_ = 0
        get = values.get
        for id_, answered in self._plain:
            more, may = answered[get(id_)]
            met |= more
            open_ |= may
        for group in self._groups:
            more, may = group.masks[tuple(map(get, group.observed))]
            met |= more
            open_ |= may
        return met, open_

    def judge(self, met: int) -> Judged:
        """Return where every cause stands by these bits, and the bits with what that comes to."""
        met &= ~self._about_bits
        verdicts = [few.verdicts[met & few.mask] for few in self._together]
        upshots = [one.upshot for one in verdicts]
        met, flags, speakers, last = self._sum_up(met, upshots)
        verdicts.append(last)
        upshots.append(last.upshot)
        return Judged(met, flags, speakers, verdicts, upshots)

    def suppose(self, judged: Judged, met: int, moved: Iterable[tuple[int, Together]]) -> tuple[int, list[Speaker]]:
        """Return the bits met and the causes that speak, where only these causes look at what is not as it was judged.

        What the causes came to still stands in `met`.
        """
        upshots = was = judged.upshots
        for at, few in moved:
            upshot = few.verdicts[met & few.mask].upshot
            if upshot is not was[at]:
                if upshots is was:
                    upshots = was.copy()
                upshots[at] = upshot
        if upshots is was:
            return met, judged.speakers
        del upshots[-1]
        met, _, speakers, _ = self._sum_up(met & ~self._about_bits, upshots)
        return met, speakers

    def _sum_up(self, met: int, upshots: list[Upshot]) -> tuple[int, int, list[Speaker], Verdicts]:
        """Judge the last cause by what all others come to."""
        flags = about = 0
        speakers: list[Speaker] = []
        for one in upshots:
            flags |= one.flags
            about |= one.met
            if one.speakers:
                speakers += one.speakers
        met |= self._others[flags]
        last = self._last.verdicts[met & self._last.mask]
        speakers += last.upshot.speakers
        speakers.sort()
        return met | about | last.upshot.met, flags, speakers, last

    def asked_for(self, met: int, open_: int) -> int:
        """Return the questions, as bits, whose answers may change a cause."""
        found = 0
        for few in (*self._together, self._last):
            if open_ & few.mask:
                found |= few.asked[met & few.mask, open_ & few.mask]
        return found

    def _touch(self, id_: str) -> Touched:
        groups = [(one, one.observed.index(id_)) for one in self._groups if id_ in one.observed]
        column = self.columns.get(id_) if id_ not in self.knowledge.derived else None
        opens = column.bits if column is not None else 0
        bits = opens | union(group.bits for group, _ in groups)
        together = [(at, few) for at, few in enumerate((*self._together, self._last)) if few.mask & bits]
        return Touched(bits, opens, column, groups, together)

    def with_answer(self, values: Mapping[str, Any], met: int, id_: str, value: Any) -> int:
        """Return the bits met with another answer to a question, what the causes came to staying as it is."""
        touched = self._touched[id_]
        met &= ~touched.bits
        if touched.column is not None:
            met |= touched.column.by_answer[value][0]
        for group, place in touched.groups:
            looked_at = list(map(values.get, group.observed))
            looked_at[place] = value
            met |= group.masks[tuple(looked_at)][0]
        return met

    def touched(self, id_: str) -> Touched:
        """Return what an answer to a question moves."""
        return self._touched[id_]

    def _grounds_names(self, id_: str) -> tuple[str, ...]:
        if id_ in OTHERS or id_.startswith(CAUSE):
            return (GROUNDS + id_,)
        read, questions = self.reads(id_), self.knowledge.questions
        plain = id_ not in self.knowledge.derived or all(one not in questions or questions[one].value for one in read)
        return read if plain else (GROUNDS + id_,)

    def fact(self, values: Mapping[str, Any], id_: str) -> Fact:
        """Return a fact that looks at no cause."""
        if id_ not in self._reads:
            return Facts(self.knowledge, values).answer(id_)
        key = (id_, *map(values.get, self._reads[id_]))
        return self._facts.get(key) or self._facts.keep(key, Facts(self.knowledge, values)[id_])

    def contradicted(self, met: int) -> list[int]:
        """Return the number of each contradiction that the knowledge base words and that is one here."""
        return [at for at, mask in enumerate(self._contradictions) if met & mask == mask]

    def other_platform(self, values: Mapping[str, Any]) -> bool:
        """Whether a version text names another platform than the one that is known."""
        key = tuple(map(values.get, self.reads("client.platform")))
        found = self._platforms.get(key)
        if found is None:
            facts = Facts(self.knowledge, values)
            held = facts["client.platform"]
            named = {platform for _, platform in platforms_read(facts)} if held.state is State.KNOWN else set()
            found = self._platforms.keep(key, bool(named - {held.value}))
        return found

    def implied(self, values: Mapping[str, Any]) -> list[tuple[str, str | tuple[str, ...], str]]:
        """List what follows from answers that set others (the complaint): question, answer, and from which question."""
        found: dict[str, tuple[str, str | tuple[str, ...], str]] = {}
        for steering, sets in self.steering:
            for id_, value in sets.get(values.get(steering, ""), {}).items():
                if id_ not in values:
                    found[id_] = (id_, value, steering)
        return list(found.values())


def _first_of(gist: Callable[..., Any]) -> Memo[tuple[Any, ...], tuple[Any, ...]]:
    """Return for what is given the first that meant the same: of which the `gist` was the same."""
    firsts: dict[Any, tuple[Any, ...]] = {}
    return Memo(make=lambda given: firsts.setdefault(gist(*given), given))


def any_met(masks: Iterable[int], met: int) -> bool:
    """Whether a row with one of these masks is met."""
    for mask in masks:  # noqa: SIM110 - this is asked some hundred times for a report, and a generator takes twice as long
        if met & mask == mask:
            return True
    return False


def union(masks: Iterable[int]) -> int:
    """Return all bits of these masks."""
    found = 0
    for mask in masks:
        found |= mask
    return found
