"""The field `causes`: every cause with its evidence, kept by the answers that its rows look at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

from diagnostics.bulk.memo import Memo
from diagnostics.bulk.pieces import KEPT, encode
from diagnostics.bulk.sight import picking
from diagnostics.reasoning import Assessment, assess, judge, looks_at_others, reads
from diagnostics.report.parts import write_cause

if TYPE_CHECKING:
    from collections.abc import Callable

    from diagnostics.bulk.case import BulkCase, Room
    from diagnostics.knowledge.model import Cause

Pieces: TypeAlias = tuple[bytes, bytes, bytes, bytes]
"""A cause before its rank, from there to its evidence, the evidence, and the rest."""

RANKS: Final = tuple(b"%d" % number for number in range(1000))


class _Setting(NamedTuple):
    cause: Cause
    places: tuple[int, ...]
    pick: Callable[[tuple[Any, ...]], Any]
    last: bool
    kept: Memo[Any, Pieces]


class CauseSetter:
    """Sets the causes of cases."""

    def __init__(self, room: Room, lang: str) -> None:
        self._room = room
        self._lang = lang
        self._same: dict[bytes, bytes] = {}
        settings = {cause.id: self._setting(cause) for cause in room.knowledge.causes.values()}
        self._settings = [settings[cause.id] for cause, _ in room.ranks.rows]

    def _setting(self, cause: Cause) -> _Setting:
        places = tuple(self._room.at[id_] for id_ in reads(cause) if id_ in self._room.at)
        return _Setting(cause, places, picking(places), looks_at_others(cause), Memo(KEPT))

    def write(self, case: BulkCase, out: list[bytes], _at: bytes) -> None:
        """Add the causes of a case."""
        settings, values = self._settings, case.values
        before = b"["
        for rank, stand in enumerate(case.stands, 1):
            setting = settings[stand.place]
            key = setting.pick(values)
            if setting.last:
                key = (key, self._stopping(case))
            found = setting.kept.get(key)
            if found is None:
                found = setting.kept.keep(key, self._set(case, setting))
            head, meaning, evidence, rest = found
            out += (before, head, RANKS[rank], meaning, evidence, rest)
            before = b","
        out.append(b"]")

    def _stopping(self, case: BulkCase) -> tuple[Any, ...]:
        """What else the last causes may rest on: the requirements that are not met, or that all is clear."""
        if not case.stopped:
            return (case.clear,)
        stops, settings = self._room.ranks.stops, self._settings
        return tuple((one.place, settings[one.place].pick(case.values)) for one in case.stands if stops[one.place])

    def _set(self, case: BulkCase, setting: _Setting) -> Pieces:
        room = self._room
        if setting.last:
            assessment = assess(room.knowledge, room.sight.evidence(case.values, room.everything))
            verdict = assessment.verdicts[setting.cause.id]
        else:
            facts = room.sight.facts(case.values, setting.places)
            verdict = judge(room.knowledge, setting.cause, facts)
            assessment = Assessment(verdicts={setting.cause.id: verdict}, facts=facts, clashes=(), ends=None)
        data = encode(write_cause(room.knowledge, assessment, verdict, 0, self._lang))
        head, rank, tail = data.partition(b',"rank":')  # a key: within a text the quotes would be escaped
        meaning, key, tail = tail.removeprefix(b"0").partition(b',"because":')
        evidence, actions, rest = tail.partition(b',"actions":')
        return self._once(head + rank), self._once(meaning + key), evidence, self._once(actions + rest)

    def _once(self, data: bytes) -> bytes:
        """Return the one copy of a piece that many share."""
        return self._same.setdefault(data, data)
