"""Numbers and texts left open in a piece: it is kept by what they mean, and each case's own are filled in.

Amounts of money hardly ever repeat, but what is said about them does. While a piece is written, a mark stands for such
an answer wherever it is shown; the rules still see the answer itself.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from msgspec.structs import replace

from diagnostics.bulk.memo import Memo, picking
from diagnostics.bulk.pieces import encode
from diagnostics.bulk.tables import MOST
from diagnostics.cases.bands import BAND
from diagnostics.evidence import UNKNOWN
from diagnostics.facts import READERS
from diagnostics.reasoning import reads

if TYPE_CHECKING:
    from collections.abc import Callable

    from diagnostics.bulk.case import Room
    from diagnostics.bulk.form import Told
    from diagnostics.bulk.tables import Look
    from diagnostics.evidence import Observation, Value
    from diagnostics.knowledge.model import Cause, Question

_MARK: Final = re.compile(rb"\\u0000([0-9]+)\\u0000")


class Open(NamedTuple):
    """A piece with places for answers: what stands before each, which question's it is, and what stands at the end."""

    before: tuple[tuple[bytes, int], ...]
    end: bytes


class Marks:
    """The questions of one knowledge base whose answers are numbers or texts."""

    def __init__(self, room: Room) -> None:
        self._room = room
        questions = list(room.knowledge.questions.values())
        self.places = frozenset(at for at, one in enumerate(questions) if not one.value)
        self._kinds = [(at, _Kinds(room, at)) for at in sorted(self.places)]
        self._texts: Memo[tuple[int, Told], bytes] = Memo(MOST)

    def kinds(self, values: tuple[Told, ...]) -> list[Any]:
        """Return the answers, a kind instead of each number and each text."""
        found: list[Any] = [*values]
        for at, kinds in self._kinds:
            found[at] = kinds[values[at]]
        return found

    def observation(self, at: int, told: Told) -> Observation:
        """Return an answer that is shown as a mark, where it is a number or a text."""
        seen = self._room.sight.observation(at, told)
        return replace(seen, detail=f"{BAND}\0{at}\0") if at in self.places and told != UNKNOWN else seen

    def fill(self, piece: Open, values: tuple[Told, ...]) -> bytes:
        """Return the piece with a case's answers."""
        kept: Any = self._texts
        out: list[bytes] = []
        for before, at in piece.before:
            key = (at, values[at])
            out += (before, kept.get(key) or kept.keep(key, self._text(*key)))
        return b"".join((*out, piece.end))

    def _text(self, at: int, told: Told) -> bytes:
        return encode(str(self._room.sight.observation(at, told).value))[1:-1]


def cut(data: bytes) -> bytes | Open:
    """Cut a piece where answers are to be filled in; one without is returned as it is."""
    *parts, end = _MARK.split(data)
    if not parts:
        return end
    return Open(tuple((before, int(at)) for before, at in zip(parts[::2], parts[1::2], strict=True)), end)


class _Kinds(Memo["Told", Any]):
    """What may matter of an answer for which sentences are written: all but how it is shown.

    Of a number, on which side of each bound it lies and whether it is nothing; of a version text, which platform it
    names. What follows from it together with others is kept apart (`Tries`).
    """

    def __init__(self, room: Room, at: int) -> None:
        super().__init__(MOST)
        self._sight = room.sight
        self._at = at
        self._read = READERS.get(room.form.ids[at])

    def __missing__(self, told: Told) -> Any:
        if told is None or told == UNKNOWN:
            return self.keep(told, told)
        if self._read is not None:
            return self.keep(told, (self._read(str(told)).platform,))
        return self.keep(told, (self._sight.see_answer(self._at, told), bool(told)))


class Tries:
    """What the facts that a cause asks for come to from several answers: as these are, and with each that is tried."""

    def __init__(self, room: Room, cause: Cause, answers: Callable[[Question], list[Value]]) -> None:
        facts = {id_ for rule in cause.rule for id_ in rule.when} | {"client.platform"}
        ids = reads(cause)
        tried: dict[int, list[Value]] = {
            room.at[id_]: answers(room.knowledge.questions[id_]) for id_ in ids if id_ in room.at
        }
        self._clusters = [
            (one, picking(tuple(at for at, id_ in enumerate(one.facts) if id_ in facts)),
             [(at, value) for at, place in enumerate(one.places) for value in tried.get(place, ())])
            for one in room.sight.clusters
            if facts & {*one.facts} and tried.keys() & {*one.places} and len(one.places) > 1
        ]  # fmt: skip
        self._pick = picking(tuple(sorted({at for one, _, _ in self._clusters for at in one.places})))
        self._kept: Memo[Any, tuple[Look, ...]] = Memo(MOST)

    def of(self, values: tuple[Told, ...]) -> tuple[Look, ...]:
        """Return what the rules see in a case of these answers."""
        key = self._pick(values)
        found = self._kept.get(key)
        return self._kept.keep(key, self._found(values)) if found is None else found

    def _found(self, values: tuple[Told, ...]) -> tuple[Look, ...]:
        found = []
        for cluster, pick, tried in self._clusters:
            key = cluster.pick(values)
            found.append(pick(cluster[key]))
            for at, value in tried:
                told = tuple(value) if isinstance(value, list) else value
                found.append(pick(cluster[(*key[:at], told, *key[at + 1 :])]))
        return tuple(found)
