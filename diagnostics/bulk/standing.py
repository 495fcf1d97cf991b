"""Where every cause stands in a case, by what the rules see of it.

Causes that ask for the same few facts are judged together, once for each combination that occurs. What a combination
comes to is found by `judge` and `live`, as for a single case.
"""

from __future__ import annotations

from itertools import count
from math import prod
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol, TypeAlias, TypeVar

from diagnostics.bulk.memo import Memo, picking
from diagnostics.bulk.sight import about
from diagnostics.interview import Live, live
from diagnostics.knowledge.model import STATUSES
from diagnostics.reasoning import OTHERS, clears, judge, looks_at_others, rank_key, stops
from diagnostics.report.build import STRONG
from diagnostics.rules import Fact, State

if TYPE_CHECKING:
    from collections.abc import Callable

    from diagnostics.bulk.sight import Sight
    from diagnostics.bulk.tables import Look
    from diagnostics.facts import Facts
    from diagnostics.knowledge.model import Cause, Knowledge, Status
    from diagnostics.reasoning import Verdict

COMBINATIONS: Final = 4096
"""So many combinations of a group of causes are kept; groups are made to have no more."""
OWN: Final = 512
"""So many combinations of one cause are kept."""


class Asking(Protocol):
    """What is judged by some facts."""

    facts: set[str]


A = TypeVar("A", bound=Asking)


class Stand(NamedTuple):
    """Where a cause stands: `place` is its place among all causes and statuses, `live` what could still move it.

    `kind` numbers the verdicts that were met: of one kind, they hold for the same rows. `number` is the stand's own.
    """

    place: int
    live: Live
    verdict: Verdict
    kind: int
    number: int


Together: TypeAlias = tuple[int, int, bool, bool, list[Stand]]
"""Of a group: the first place, how many are strong, whether one stops the search, whether all are clear, and all."""


class Standing(NamedTuple):
    """Where all causes stand, by groups: the first place, how many are strong, and what it means for the last ones."""

    first: int
    strong: int
    stopped: bool
    clear: bool
    stands: list[list[Stand]]


class _Judge:
    """One cause, and where it stood whenever it looked so."""

    def __init__(self, cause: Cause, place: dict[str, int]) -> None:
        self.cause = cause
        self.facts = {id_ for rule in cause.rule for id_ in rule.when}
        if any(id_.endswith(".against_minimum") for id_ in self.facts):
            self.facts.add("client.platform")  # a verdict is as sure as the minimum of this platform
        self.order = sorted(self.facts, key=place.__getitem__)
        self.pick = picking(tuple(place[id_] for id_ in self.order))
        self.kept: Memo[Any, Stand] = Memo(OWN)


class _Group(NamedTuple):
    pick: Callable[[Look], Any]
    kept: Memo[Any, Together]
    judges: list[_Judge]


class Ranks:
    """All causes of a knowledge base with the statuses they can have, in the order of the report."""

    def __init__(self, knowledge: Knowledge) -> None:
        rows: list[tuple[Cause, Status]] = [
            (cause, status) for cause in knowledge.causes.values() for status in STATUSES
        ]
        self.rows = sorted(rows, key=lambda row: rank_key(*row))
        self.of = {(cause.id, status): at for at, (cause, status) in enumerate(self.rows)}
        self.strong = [status in STRONG for _, status in self.rows]
        self.stops = [stops(*row) for row in self.rows]
        self.clears = [clears(*row) for row in self.rows]


class Bench:
    """Judges all causes of a case."""

    def __init__(self, knowledge: Knowledge, ranks: Ranks, sight: Sight) -> None:
        self._knowledge = knowledge
        self._ranks = ranks
        self._sight = sight
        self._kinds: dict[str, int] = {}
        self._numbers = count()
        place, size = sight.place, sight.size
        self._judges = {cause.id: _Judge(cause, place) for cause in knowledge.causes.values()}
        judges = self._judges.values()
        self._later = [one for one in judges if looks_at_others(one.cause)]
        self._groups = [
            _Group(
                picking(tuple(sorted({place[id_] for one in group for id_ in one.facts}))), Memo(COMBINATIONS), group
            )
            for group in grouped([one for one in judges if one not in self._later], size)
        ]

    def stand(self, look: Look, facts: Callable[[], Facts]) -> Standing:
        """Say where the causes stand in a case that looks so; `facts` gives its facts, where they are needed."""
        found = [kept.get(pick(look)) or self._met(pick(look), kept, judges, look, facts)
                 for pick, kept, judges in self._groups]  # fmt: skip
        places, strongs, stop, clears_, groups = zip(*found, strict=True)
        first, strong, stopped, clear, stands = min(places), sum(strongs), True in stop, False not in clears_, [*groups]
        others = about(stopped=stopped, clear=clear)
        look += others
        for judge_ in self._later:
            stand = judge_.kept.get(judge_.pick(look)) or self._one(judge_, look, lambda: _after(facts(), others))
            if stand.place < first:
                first = stand.place
            strong += self._ranks.strong[stand.place]
            stands.append([stand])
        return Standing(first, strong, stopped, clear, stands)

    def _met(
        self, key: Any, kept: Memo[Any, Together], judges: list[_Judge], look: Look, facts: Callable[[], Facts]
    ) -> Together:
        stands = [self._one(one, look, facts) for one in judges]
        ranks, places = self._ranks, [stand.place for stand in stands]
        found = (
            min(places),
            sum(ranks.strong[at] for at in places),
            any(ranks.stops[at] for at in places),
            all(ranks.clears[at] for at in places),
            stands,
        )
        return kept.keep(key, found)

    def _one(self, one: _Judge, look: Look, facts: Callable[[], Facts]) -> Stand:
        found = one.kept.get(one.pick(look))
        return found if found is not None else one.kept.keep(one.pick(look), self._judged(one, facts()))

    def _judged(self, one: _Judge, facts: Facts) -> Stand:
        verdict = judge(self._knowledge, one.cause, facts)
        rows = [[one.cause.rule.index(rule) for rule in rules] for rules in (verdict.holds, verdict.outweighed)]
        kind = self._kinds.setdefault(f"{one.cause.id} {verdict.status} {rows} {verdict.confidence}", len(self._kinds))
        place = self._ranks.of[one.cause.id, verdict.status]
        return Stand(place, live(self._knowledge, facts, verdict), verdict, kind, next(self._numbers))

    def status(self, cause: Cause, look: Look, facts: Callable[[], Facts]) -> Status:
        """Say where one cause stands in a case that looks so; `facts` gives its facts, where they are needed."""
        return self._one(self._judges[cause.id], look, facts).verdict.status

    def status_by(self, cause: Cause, facts: Facts) -> Status:
        """Say where one cause stands by these facts."""
        one = self._judges[cause.id]
        seen = tuple(self._sight.see_fact(id_, facts[id_]) for id_ in one.order)
        key = seen if len(seen) != 1 else seen[0]
        found = one.kept.get(key)
        return (found if found is not None else one.kept.keep(key, self._judged(one, facts))).verdict.status


def _after(facts: Facts, others: tuple[str, ...]) -> Facts:
    """Add what the other causes came to."""
    facts.update((name, Fact(State.KNOWN, value)) for name, value in zip(OTHERS, others, strict=True))
    return facts


def grouped(asking: list[A], size: Callable[[str], int]) -> list[list[A]]:
    """Put together what asks for the same facts, as long as these have few enough combinations."""
    groups: list[list[A]] = []
    asked: list[set[str]] = []
    for one in sorted(asking, key=lambda one: -prod(map(size, one.facts))):
        fits = [at for at, ids in enumerate(asked) if prod(map(size, ids | one.facts)) <= COMBINATIONS]
        if fits:
            at = min(fits, key=lambda at: prod(map(size, one.facts - asked[at])))
            groups[at].append(one)
            asked[at] |= one.facts
        else:
            groups.append([one])
            asked.append(set(one.facts))
    return groups
