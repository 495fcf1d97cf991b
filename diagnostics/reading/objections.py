"""What stands against one kind of answer, beside the guards that hold for all: the objections of the lexicon."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable

    from diagnostics.knowledge.lexicon import Objection, PhraseGroup
    from diagnostics.reading.clauses import Turn
    from diagnostics.reading.normalise import Marks

Verdict: TypeAlias = Literal["", "doubt", "denied"]


class Objections:
    """The objections of one lexicon, by the answers that they may stand against."""

    def __init__(self, objections: Iterable[Objection]) -> None:
        self._all = tuple(objections)
        self._against: dict[tuple[str, str], list[Objection]] = {}

    def against(self, marks: Marks, at: int, to: int, group: PhraseGroup, turn: Turn) -> Verdict:
        """Tell whether a match must not be read, may only be asked back, or neither."""
        key = group.question, group.value
        if key not in self._against:
            self._against[key] = [one for one in self._all if one.concerns(*key)]
        verdict: Verdict = ""
        for objection in self._against[key]:
            if _holds(objection, marks, *_span(objection, marks, at, to, turn)):
                if not objection.doubt:
                    return "denied"
                verdict = "doubt"
        return verdict


def _span(objection: Objection, marks: Marks, at: int, to: int, turn: Turn) -> tuple[int, int]:
    """Return from where to where in the text an objection is looked for."""
    first, last = objection.between
    starts = {"text": 0, "turn": turn.start, "start": at, "end": to}
    ends = {"start": at, "end": to, "turn": turn.end, "text": len(marks.text)}
    start = starts[first] if first in starts else _around(marks, at, first)[0]
    end = ends[last] if last in ends else _around(marks, max(at, to - 1), last)[1]
    return start, max(start, end)


def _around(marks: Marks, at: int, unit: str) -> tuple[int, int]:
    return marks.clause(at) if unit == "clause" else marks.sentence(at)


def _holds(objection: Objection, marks: Marks, start: int, end: int) -> bool:
    stands = (
        marks.has(start, end, objection.mark)
        if objection.mark
        else _compiled(objection.pattern).search(marks.text[start:end]) is not None
    )
    return stands is not objection.missing


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)
