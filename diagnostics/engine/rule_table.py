"""The rules as one table of bits, compiled from a knowledge base and kept with it.

Each condition of each row is one bit. A fact's value gives two masks: the bits that it meets, and those that it may
still meet while it is open. A row is met when all its bits are met, and open when all are met or open and not all are
met. Causes, contradictions, questions that are asked only sometimes and any further list of rows (`RuleTable.rows`)
stand in the same table.
"""

from __future__ import annotations

from functools import cached_property
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final

from diagnostics.answers import read_literal
from diagnostics.engine.conditions import Column, Memo, Truth, check
from diagnostics.engine.facts import Fact, State, Values, gists, platforms_read
from diagnostics.engine.rows import Group, Judged, Row, Shares, Speaker, Touched, Verdicts, VersionTexts
from diagnostics.evidence import UNKNOWN
from diagnostics.knowledge.derived import OTHERS, AnyOf, FirstMatch, Ratio, Take, inputs, reads
from diagnostics.knowledge.model import EFFORTS, KINDS, STATUSES, Condition

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from diagnostics.knowledge.model import Cause, Knowledge, Rule, When

CAUSE: Final = "cause."
"""Begins a fact that is the status of a cause: known once all causes are assessed."""
FOR: Final = frozenset({"confirmed", "likely", "possible"})
FOUND: Final = "entry.found"
"""The fact that ends the search; its questions are asked as long as it is open."""
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


class RuleRow:
    """A row of a cause as the interview sees it: what answering its open conditions may change."""

    __slots__ = ("change", "mask", "status", "steps")

    def __init__(self, row: Row, status: int, steps: tuple[tuple[int, float, tuple[str, ...]], ...],
                 change: tuple[float, ...]) -> None:  # fmt: skip
        self.mask = row.mask
        self.status = status
        self.steps = steps
        self.change = change

    def gains(self, open_: int, now: int) -> list[tuple[str, float]]:
        """Return the questions behind the open conditions, each with its chance times what it would change."""
        gain = self.change[now]
        questions: dict[str, None] = {}
        for bit, share, asked in self.steps:
            if open_ & bit:
                gain *= share
                questions |= dict.fromkeys(asked)
        return [(id_, gain) for id_ in questions]


class CauseRows:
    """A cause with its rows in the table. `ranks` are its places among all causes and statuses, by its own status."""

    def __init__(self, table: RuleTable, cause: Cause) -> None:
        self.cause = cause
        self.later = any(name in rule.when for rule in cause.rule for name in OTHERS)
        self.rows = table.rows(CAUSE + cause.id, [rule.when for rule in cause.rule])
        self.by_status: list[tuple[int, int, Rule]] = sorted(
            ((STATUSES.index(rule.status), row.mask, rule) for rule, row in zip(cause.rule, self.rows, strict=True)),
            key=itemgetter(0),
        )
        """Status, mask and rule of each row, the strongest first; a row `unknown` before `ruled_out`."""
        self.speaks = tuple((status, mask) for status, mask, _ in self.by_status if status < _UNKNOWN)
        self.out = tuple(mask for status, mask, _ in self.by_status if status == _RULED_OUT)
        self.clears = _RULED_OUT if cause.kind in ("requirement", "technical", "location") else _UNKNOWN
        """The status from which on it leaves the way free for the last cause, that nobody outside can test."""
        self.stops = cause.kind == "requirement"
        self.ranks: tuple[int, ...] = ()
        self.reads = tuple(dict.fromkeys(one for rule in cause.rule for id_ in rule.when for one in table.reads(id_)))
        self.mask = 0
        for row in self.rows:
            self.mask |= row.mask
        names = {name for rule in cause.rule for name in rule.when}
        self.minimums = [what for what in ("wechat", "os") if f"{what}.against_minimum" in names]
        """Which minimum versions it rests on, if any."""
        self.picks: Memo[int, Callable[[Any], Any]] = Memo()
        """What `pick` returned, by the bits met of the rows."""
        self._beside: dict[str, tuple[str, ...]] = {}
        self._moving: Memo[tuple[int, int], tuple[list[RuleRow], list[tuple[str, float]], int]] = Memo()
        self.table = table

    def status(self, met: int) -> int:
        """Return the status that these bits give: the strongest row for it, else ruled out, else unknown."""
        for status, mask in self.speaks:
            if met & mask == mask:
                return status
        for mask in self.out:
            if met & mask == mask:
                return _RULED_OUT
        return _UNKNOWN

    def pick(self, met: int) -> Callable[[Any], Any]:
        """Return what picks out of `Assessment.looked_at` all that a text on the cause may depend on beside bits."""
        met &= self.mask
        if met not in self.picks:
            settled = self.status(met) in (0, _RULED_OUT)  # then what counts against it in part is not told
            rows = [row for rule, row in zip(self.cause.rule, self.rows, strict=True)
                    if met & row.mask == row.mask or (rule.status == "ruled_out" and not settled)]  # fmt: skip
            told = [name for row in rows for bit, id_ in row.conditions if met & bit
                    for name in self.table.grounds_names(id_)]  # fmt: skip
            names = dict.fromkeys([*told, *(READ + id_ if id_ in self.table.texts else id_ for id_ in self.beside())])
            self.picks.keep(met, itemgetter(*names) if names else lambda _: None)
        return self.picks[met]

    def beside(self, id_: str = "") -> tuple[str, ...]:
        """Return the observations that decide, beside the bits, what an answer to this question does to the cause.

        They are what the facts worked out from that answer look at as well; without a question, all of them.
        """
        found = self._beside.get(id_)
        if found is None:
            facts = [fact for rule in self.cause.rule for fact in rule.when if fact in self.table.knowledge.derived]
            read = [self.table.reads(fact) for fact in facts]
            names = (one for ids in read if not id_ or id_ in ids for one in ids if one != id_)
            found = self._beside[id_] = tuple(dict.fromkeys(names))
        return found

    def moving(self, met: int, open_: int) -> tuple[list[RuleRow], list[tuple[str, float]], int]:
        """Return the rows that may still come to be met and change the status, the `gains` of them all, and whose."""
        key = (met & self.mask, open_ & self.mask)
        found = self._moving.get(key)
        if found is None:
            now, may = self.status(met), met | open_
            rows = [row for row in self.live[now] if may & row.mask == row.mask]
            gains = [gain for row in rows for gain in row.gains(open_, now)]
            found = self._moving.keep(key, (rows, gains, self.table.bits_of(id_ for id_, _ in gains)))
        return found

    @cached_property
    def rule_rows(self) -> tuple[RuleRow, ...]:
        """The rows as the interview sees them, in the order of the cause."""
        return tuple(self._row(rule, row) for rule, row in zip(self.cause.rule, self.rows, strict=True))

    @cached_property
    def live(self) -> tuple[tuple[RuleRow, ...], ...]:
        """For each status, the rows that would change it if they came to be met, in the order of the cause."""
        return tuple(
                tuple(
                    one for one in self.rule_rows
                    if ((now >= _UNKNOWN or one.status < now) if one.status < _UNKNOWN
                        else one.status == _RULED_OUT and now == _UNKNOWN)
                )
                for now in range(len(STATUSES))
            )  # fmt: skip

    def _row(self, rule: Rule, row: Row) -> RuleRow:
        weights, knowledge = self.table.knowledge.weights, self.table.knowledge
        ends = weights.ending if rule.status == "confirmed" and self.cause.kind == "requirement" else 0
        change = tuple(
            abs(weights.status[rule.status] - weights.status[now]) * weights.chance[self.cause.id] + ends
            for now in STATUSES
        )
        steps = tuple(
            (bit, share_of(knowledge, id_, rule.when[id_]), self.table.inputs(id_)) for bit, id_ in row.conditions
        )
        return RuleRow(row, STATUSES.index(rule.status), steps, change)


_UNKNOWN: Final = STATUSES.index("unknown")
_RULED_OUT: Final = STATUSES.index("ruled_out")


class Together(Memo[int, Verdicts]):
    """A few causes, judged once for each combination of their bits that occurs; `first` is the index of the first."""

    def __init__(self, table: RuleTable, first: int, causes: list[CauseRows]) -> None:
        super().__init__()
        self.mask = 0
        for one in causes:
            for row in one.rows:
                self.mask |= row.mask
        self._table = table
        self._causes = tuple(enumerate(causes, first))
        self._asked: Memo[tuple[int, int], int] = Memo()

    def asked(self, met: int, open_: int) -> int:
        """Return the questions, as bits, whose answers may change one of these causes."""
        key = (met & self.mask, open_ & self.mask)
        found = self._asked.get(key)
        if found is None:
            found = 0
            for _, one in self._causes:
                found |= one.moving(met, open_)[2]
            self._asked.keep(key, found)
        return found

    def __missing__(self, met: int) -> Verdicts:
        found = [(at, one, one.status(met)) for at, one in self._causes]
        about = 0
        for at, _, status in found:
            about |= self._table.about[at][status] if at in self._table.about else 0
        return self.keep(met, Verdicts(
            tuple(status for _, _, status in found),
            tuple(one.ranks[status] for _, one, status in found),
            any(one.stops and status == 0 for _, one, status in found),
            all(status >= one.clears for _, one, status in found),
            about,
            tuple((one.ranks[status], at, status) for at, one, status in found if status < _UNKNOWN),
        ))  # fmt: skip


class RuleTable:
    """All rows of a knowledge base; made once for it by `table_of`."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.knowledge = knowledge
        self.compiled = 0
        """Counts the lists of rows: what was evaluated before another was added knows nothing of it."""
        self._bits: dict[tuple[str, Condition], int] = {}
        """The bit of each condition on each fact: the same condition in several rows is one."""
        self._columns: dict[str, Column] = {}
        self._named: dict[str, tuple[Row, ...]] = {}
        self._inputs: dict[str, tuple[str, ...]] = {}
        self._reads: dict[tuple[str, ...], tuple[str, ...]] = {}
        self._platforms: Memo[tuple[Any, ...], bool] = Memo()
        self._about_bits = 0
        self._stale = True
        self._plain: list[tuple[str, Column]] = []
        self._groups: list[Group] = []
        self.texts: dict[str, VersionTexts] = {}
        """The version texts that facts look at."""
        self._shares: list[Shares] = []
        self._facts: Memo[tuple[Any, ...], Fact] = Memo()
        self._touched: dict[str, Touched] = {}
        self.about: dict[int, tuple[int, ...]] = {}
        """The causes that rows ask about, as their index, each with the bits that its status meets."""
        self._others: tuple[tuple[int, int], ...] = ()
        """The bits met by whether a cause stops the search, then by whether all leave the way free."""

        self.question_bits = {id_: 1 << at for at, id_ in enumerate(knowledge.questions)}
        """The bit of each question, in sets of questions."""
        rows = [CauseRows(self, cause) for cause in knowledge.causes.values()]
        self.causes = [one for one in rows if not one.later] + [one for one in rows if one.later]
        self.first = [one for one in rows if not one.later]
        self.later = [one for one in rows if one.later]
        self.index = {one.cause.id: at for at, one in enumerate(self.causes)}
        self.nothing: dict[str, Any] = dict.fromkeys(id_ for one in self.causes for id_ in one.reads)
        """Every observation that a cause looks at, none of them made."""
        self.order = self._ranked()
        """Every cause (its index) with every status, in the order of the report."""
        self.together = [
            Together(self, at, self.first[at : at + TOGETHER]) for at in range(0, len(self.first), TOGETHER)
        ]
        """The causes that look at no other, a few together, in their order."""
        self._last = Together(self, len(self.first), self.later)
        self.found, self.refused = self.rows(FOUND, [{FOUND: _YES}, {REFUSAL: _YES}])
        self.only_if = {
            one.id: tuple(row.mask for row in self.rows(f"only_if {one.id}", one.only_if))
            for one in knowledge.questions.values() if one.only_if
        }  # fmt: skip
        self.follows = {
            id_: self.rows(f"follows {id_}", [{id_: _KNOWN}])[0]
            for id_ in knowledge.questions
            if id_ in knowledge.derived
        }
        """Questions whose answer may follow from others, each with the row that is met where it is known."""
        self.contradictions = self.rows("contradictions", [row.when for row in knowledge.contradictions])
        known = self.rows("contradictions known", [dict.fromkeys(row.when, _KNOWN) for row in knowledge.contradictions])
        self._contradicted = [
            (at, row.mask | sure.mask) for at, (row, sure) in enumerate(zip(self.contradictions, known, strict=True))
        ]
        self.pages = [(page, tuple((id_, self.question_bits[id_]) for id_ in page.questions))
                      for page in knowledge.pages]  # fmt: skip
        """The pages, each with its questions and their bits."""
        self.paged = self.bits_of(id_ for page in knowledge.pages for id_ in page.questions)
        self.steering = [
            (id_, {choice.id: choice.sets for choice in knowledge.questions[id_].value if choice.sets})
            for id_ in knowledge.steering
        ]

    def bits_of(self, ids: Iterable[str]) -> int:
        """Return these questions as bits; what is no question has none."""
        bits, found = self.question_bits, 0
        for id_ in ids:
            found |= bits.get(id_, 0)
        return found

    def _ranked(self) -> list[tuple[int, int]]:
        keys = []
        for at, one in enumerate(self.causes):
            cause = one.cause
            effort = min(EFFORTS.index(action.effort) for action in cause.action)
            keys += [(s, KINDS.index(cause.kind), effort, cause.id, at) for s in range(len(STATUSES))]
        keys.sort()
        ranks: list[list[int]] = [[0] * len(STATUSES) for _ in self.causes]
        for rank, (status, _, _, _, at) in enumerate(keys):
            ranks[at][status] = rank
        for one, own in zip(self.causes, ranks, strict=True):
            one.ranks = tuple(own)
        return [(at, status) for status, _, _, _, at in keys]

    def rows(self, name: str, whens: Iterable[When]) -> tuple[Row, ...]:
        """Compile a list of rows under a name, once; `Assessment.met` and `Assessment.open` tell of each."""
        held = self._named.get(name)
        if held is None:
            held = self._named[name] = tuple(self._row(when) for when in whens)
            self.compiled += 1
            self._stale = True
        return held

    def _row(self, when: When) -> Row:
        mask = 0
        conditions = []
        for id_, condition in when.items():
            bit = self._bits.get((id_, condition))
            if bit is None:
                bit = self._bits[id_, condition] = 1 << len(self._bits)
                column = self._columns.get(id_)
                if column is None:
                    column = self._columns[id_] = Column(self.knowledge.limits)
                column.add(bit, condition)
            mask |= bit
            conditions.append((bit, id_))
        return Row(mask, tuple(conditions))

    def inputs(self, fact: str) -> tuple[str, ...]:
        """Return the questions that are asked to learn a fact; of one that is not derived the fact itself."""
        held = self._inputs.get(fact)
        if held is None:
            held = self._inputs[fact] = inputs(self.knowledge.derived, self.knowledge.questions, fact)
        return held

    def reads(self, *facts: str) -> tuple[str, ...]:
        """Return every observation that these facts may look at; of a cause's status, all that its rows look at."""
        held = self._reads.get(facts)
        if held is not None:
            return held
        found: dict[str, None] = {}
        for fact in facts:
            if fact.startswith(CAUSE):
                found |= dict.fromkeys(self.causes[self.index[fact.removeprefix(CAUSE)]].reads)
            else:
                found |= dict.fromkeys(reads(self.knowledge.derived, fact))
        self._reads[facts] = tuple(found)
        return self._reads[facts]

    def column(self, fact: str) -> Column:
        """Return the conditions on one fact that rows ask for. Raises KeyError."""
        return self._columns[fact]

    @property
    def asked(self) -> Collection[str]:
        """The facts that rows ask for."""
        return self._columns

    def _prepare(self) -> None:
        """Sort the facts that rows ask for: answered ones by themselves, derived ones by what they share."""
        derived = self.knowledge.derived
        about = {*OTHERS, *(CAUSE + id_ for id_ in self.knowledge.causes)}
        self.about = {
            self.index[id_.removeprefix(CAUSE)]: tuple(column[status][0] for status in STATUSES)
            for id_, column in self._columns.items() if id_ in about and id_ not in OTHERS
        }  # fmt: skip
        for some in (*self.together, self._last):
            some.clear()
        stops, clears = ([self._columns[name][holds][0] if name in self._columns else 0 for holds in ("no", "yes")]
                         for name in OTHERS)  # fmt: skip
        self._others = tuple((one | clears[0], one | clears[1]) for one in stops)
        self._plain = [one for one in self._columns.items() if one[0] not in derived and one[0] not in about]
        shared: list[tuple[set[str], dict[str, Column]]] = []
        for id_, column in ((id_, self._columns[id_]) for id_ in derived if id_ in self._columns):
            ids, own = {*reads(derived, id_)}, {id_: column}
            for group in [one for one in shared if one[0] & ids]:
                shared.remove(group)
                ids |= group[0]
                own = group[1] | own
            shared.append((ids, own))
        self._groups = [Group(self.knowledge, tuple(sorted(ids)), own) for ids, own in shared]
        self._touched = {}
        named = {value for _, one in self._bits for values in (one.any, one.not_) for value in values or ()}
        for fact in derived.values():
            if isinstance(fact, AnyOf):
                named |= {*fact.facts.values()}
            elif isinstance(fact, (FirstMatch, Take)):
                rows = (one.any for one in fact.match) if isinstance(fact, FirstMatch) else fact.where.values()
                named |= {value for values in rows for value in values}
        self.texts = {id_: VersionTexts(gist) for id_, gist in gists(self.knowledge, named).items()}
        shares = [fact for fact in derived.values() if isinstance(fact, Ratio) and fact.id in self._columns]
        self._shares = [
            Shares(self.knowledge, one, self._columns) for one in shares
            if not any({one.part, one.whole} & {*reads(derived, id_)} for id_ in derived if id_ != one.id)
        ]  # fmt: skip
        self._about_bits = 0
        for name in about:
            self._about_bits |= self._columns[name].bits if name in self._columns else 0
        self._stale = False

    def read(self, values: dict[str, Any]) -> dict[str, Any]:
        """Return the values with one version text for all that mean the same to the rows: what is kept fits more.

        So of two sums of which there is a share; who supposes another one of the two needs both as they are.
        """
        if self._stale:
            self._prepare()
        found = values.copy()
        for id_, texts in self.texts.items():
            if id_ in found:
                found[id_] = texts[found[id_]]
        for share in self._shares:
            pair = found.get(share.part, UNKNOWN), found.get(share.whole, UNKNOWN)
            if UNKNOWN not in pair:
                found[share.part], found[share.whole] = share[pair]
        return found

    def evaluate(self, values: Mapping[str, Any]) -> tuple[int, int]:
        """Return the bits met and those open by these values (lists as tuples), without what looks at causes."""
        if self._stale:
            self._prepare()
        met = open_ = 0
        get = values.get
        for id_, column in self._plain:
            more, may = column[get(id_)]
            met |= more
            open_ |= may
        for group in self._groups:
            more, may = group[tuple(map(get, group.observed))]
            met |= more
            open_ |= may
        return met, open_

    def judge(self, met: int) -> Judged:
        """Return where every cause stands by these bits, and the bits with what that comes to."""
        if self._stale:
            self._prepare()
        parts = [some[met & some.mask] for some in self.together]
        stopped, clear, about = False, True, 0
        statuses: list[int] = []
        ranks: list[int] = []
        for own, ranked, stops, clears, more, _ in parts:
            statuses += own
            ranks += ranked
            stopped = stopped or stops
            clear = clear and clears
            about |= more
        met |= self._others[stopped][clear]
        last = self._last[met & self._last.mask]
        statuses += last.statuses
        ranks += last.ranks
        parts.append(last)
        speakers = sorted([speaker for part in parts for speaker in part.speakers])
        return Judged(met | about | last.met, statuses, ranks, stopped, clear, speakers, parts, about)

    def suppose(self, met: int, before: Judged, touched: Iterable[int]) -> tuple[int, list[Speaker]]:
        """Return the bits met and who speaks, as `judge` does, by other bits than before.

        Of the causes judged together only those `touched` look at the bits that are others.
        """
        met &= ~self._about_bits
        stopped, clear, about, moved = before.stopped, before.clear, before.about, list[tuple[Verdicts, Verdicts]]()
        ends = False
        for at in touched:
            some, was = self.together[at], before.parts[at]
            now = some[met & some.mask]
            if now is not was:
                moved.append((was, now))
                about ^= was.met ^ now.met  # no two causes share a bit about them
                ends = ends or was[2:4] != now[2:4]
        if ends:
            parts = [self.together[at][met & self.together[at].mask] for at in range(len(self.together))]
            stopped, clear = any(one.stopped for one in parts), all(one.clear for one in parts)
        met |= self._others[stopped][clear]
        last = self._last[met & self._last.mask]
        moved.append((before.parts[-1], last))
        speakers = before.speakers
        for was, now in moved:
            if was.speakers != now.speakers:
                speakers = [one for one in speakers if one not in was.speakers]
                speakers += now.speakers
        return met | about | last.met, speakers if speakers is before.speakers else sorted(speakers)

    def asked_for(self, met: int, open_: int) -> int:
        """Return the questions, as bits, whose answers may change a cause."""
        found = 0
        for some in (*self.together, self._last):
            if open_ & some.mask:
                found |= some.asked(met, open_)
        return found

    def touched(self, id_: str) -> Touched:
        """Return what an answer to a question moves."""
        touched = self._touched.get(id_)
        if touched is None:
            groups = tuple((one, one.observed.index(id_)) for one in self._groups if id_ in one.observed)
            column = self._columns.get(id_) if id_ not in self.knowledge.derived else None
            opens = bits = column.bits if column is not None else 0
            for group, _ in groups:
                bits |= group.bits
            parts = tuple(at for at, some in enumerate(self.together) if some.mask & bits)
            touched = self._touched[id_] = Touched(bits, opens, column, groups, parts)
        return touched

    def with_answer(self, values: Mapping[str, Any], met: int, touched: Touched, value: Any) -> int:
        """Return the bits met with another answer to what is `touched`, what the causes came to staying as it is."""
        bits, _, column, groups, _ = touched
        met &= ~bits
        if column is not None:
            met |= column[value][0]
        for group, place in groups:
            looked_at = list(map(values.get, group.observed))
            looked_at[place] = value
            met |= group[tuple(looked_at)][0]
        return met

    def grounds_names(self, id_: str) -> tuple[str, ...]:
        """Return the names in `Assessment.looked_at` that say what a fact rests on; of answers, simply all it reads."""
        if id_ in OTHERS or id_.startswith(CAUSE):
            return (GROUNDS + id_,)
        read, questions = self.reads(id_), self.knowledge.questions
        plain = id_ not in self.knowledge.derived or all(one not in questions or questions[one].value for one in read)
        return read if plain else (GROUNDS + id_,)

    def grounds(self, values: Mapping[str, Any], id_: str) -> tuple[bool, tuple[str, ...]]:
        """Return whether a fact that looks at no cause is known, and the ids of the observations that it rests on."""
        if id_ not in self.knowledge.derived:
            value = values.get(id_)
            return (False, ()) if value is None else (value != UNKNOWN, (id_,))
        fact = self.fact(values, id_)
        return fact.state is State.KNOWN, fact.origin

    def fact(self, values: Mapping[str, Any], id_: str) -> Fact:
        """Return a fact that is derived from these values and from no cause."""
        key = (id_, *map(values.get, self.reads(id_)))
        return self._facts.get(key) or self._facts.keep(key, Values(self.knowledge, values)[id_])

    def contradicted(self, met: int) -> list[int]:
        """Return the number of each contradiction that the knowledge base words and that is one here."""
        return [at for at, mask in self._contradicted if met & mask == mask]

    def other_platform(self, values: Mapping[str, Any]) -> bool:
        """Whether a version text names another platform than the one that is known."""
        key = tuple(map(values.get, self.reads("client.platform")))
        found = self._platforms.get(key)
        if found is None:
            facts = Values(self.knowledge, values)
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


def any_met(masks: tuple[int, ...], met: int) -> bool:
    """Whether a row with one of these masks is met."""
    for mask in masks:  # noqa: SIM110 - this is asked some hundred times for a report, and a generator takes twice as long
        if met & mask == mask:
            return True
    return False


def table_of(knowledge: Knowledge) -> RuleTable:
    """Return the table of a knowledge base, compiled when it is first asked for."""
    held: RuleTable | None = knowledge.__dict__.get("rule_table")
    if held is None:
        held = knowledge.__dict__["rule_table"] = RuleTable(knowledge)
    return held


def share_of(knowledge: Knowledge, id_: str, condition: Condition) -> float:
    """Return the share of people whose answer would meet a condition, by the weights; derived facts by even chance."""
    spread = knowledge.weights.spread.get(id_)
    if spread is None:
        return 0.5
    type_ = knowledge.questions[id_].type
    told = ((Fact(State.KNOWN, read_literal(type_, value)), share) for value, share in spread.items())
    return max(0.001, sum(share for fact, share in told if check(condition, fact, knowledge.limits) is Truth.MET))
