"""The field `contradictions`, each kept by the answers that it is about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from msgspec.structs import replace

from diagnostics.bulk.memo import Memo, picking
from diagnostics.bulk.pieces import KEPT, WHEN, dated, encode
from diagnostics.bulk.standing import grouped
from diagnostics.bulk.tables import MOST
from diagnostics.evidence import Evidence
from diagnostics.facts import READS, Facts
from diagnostics.reasoning import (
    assess,
    each_once,
    judge,
    looks_at_others,
    outweighed_clash,
    platform_clash,
    reads,
    row_clash,
)
from diagnostics.report.parts import write_contradiction

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from diagnostics.bulk.case import BulkCase, Room
    from diagnostics.knowledge.model import Cause, Contradiction
    from diagnostics.reasoning import Clash


class _Written(NamedTuple):
    """A contradiction as it is written, and the ids of what it is about."""

    data: bytes
    observed: frozenset[str]


class _Source:
    """What may turn out to be a contradiction: the answers it looks at, and how it is written whenever it is one."""

    def __init__(self, room: Room, ids: Iterable[str], find: Callable[[Facts], Clash | None], most: int = KEPT) -> None:
        self.facts = set(ids)
        reading = dict.fromkeys(one for id_ in ids for one in READS.get(id_, (id_,)))
        self.places = tuple(room.at[id_] for id_ in reading if id_ in room.at)
        self.pick = picking(self.places)
        self.find = find
        self.kept: Memo[Any, _Written | None] = Memo(most)


class _Group(NamedTuple):
    pick: Callable[[tuple[Any, ...]], Any]
    rows: list[_Source]
    met: Memo[Any, list[_Source]]


class ClashSetter:
    """Sets the contradictions of cases."""

    def __init__(self, room: Room, lang: str) -> None:
        self._room = room
        self._lang = lang
        knowledge = room.knowledge
        rows = [_Source(room, row.when, self._row(row)) for row in knowledge.contradictions]
        self._number = {id(row): at for at, row in enumerate(rows)}
        self._groups = [
            _Group(
                picking(tuple(sorted({room.sight.place[id_] for row in group for id_ in row.facts}))), group, Memo(MOST)
            )
            for group in grouped(rows, room.sight.size)
        ]
        self._platform = _Source(room, ["client.platform"], lambda facts: platform_clash(knowledge, facts), MOST)
        own = {cause.id: _Source(room, reads(cause), self._outweighed(cause)) for cause in knowledge.causes.values()}
        self._causes = [own[cause.id] for cause, _ in room.ranks.rows]

    def _row(self, row: Contradiction) -> Callable[[Facts], Clash | None]:
        return lambda facts: row_clash(self._room.knowledge, facts, row)

    def _outweighed(self, cause: Cause) -> Callable[[Facts], Clash | None]:
        knowledge = self._room.knowledge
        if looks_at_others(cause):
            return lambda facts: outweighed_clash(
                knowledge, (found := assess(knowledge, facts.evidence)).facts, found.verdicts[cause.id]
            )
        return lambda facts: outweighed_clash(knowledge, facts, judge(knowledge, cause, facts))

    def write(self, case: BulkCase, out: list[bytes], at: bytes) -> None:
        """Add the contradictions of a case."""
        rows = [self._written(case, row) for row in self._met(case)]
        platform = self._written(case, self._platform)
        outweighed = [self._written(case, self._causes[one.place]) for one in case.stands if one.verdict.outweighed]
        between = [] if platform is None else [platform]
        found = each_once([one for one in rows if one], between, [one for one in outweighed if one], _observed)
        out.append(b"[" + b",".join([dated(one.data, at) for one in found]) + b"]")

    def _met(self, case: BulkCase) -> list[_Source]:
        met: list[_Source] = []
        for group in self._groups:
            key = group.pick(case.look)
            found = group.met.get(key)
            if found is None:
                found = group.met.keep(key, [row for row in group.rows if row.find(case.facts(row.places))])
            met += found
        return met if len(met) < 2 else sorted(met, key=lambda row: self._number[id(row)])

    def _written(self, case: BulkCase, source: _Source) -> _Written | None:
        key = (source.pick(case.values), source.pick(case.sheet.given))
        if key in source.kept:
            return source.kept[key]
        implied = {place: detail for place, _, detail in self._room.form.follow(case.sheet.given)}
        facts = case.facts(source.places)
        seen = [replace(one, observed_at=WHEN, detail=implied.get(self._room.at[one.id])) for one in facts.evidence.all]
        clash = source.find(Facts(Evidence(seen), facts.minimums))
        return source.kept.keep(
            key,
            None if clash is None
            else _Written(encode(write_contradiction(self._room.knowledge, clash, self._lang)), clash.observed),
        )  # fmt: skip


def _observed(one: _Written) -> frozenset[str]:
    return one.observed
