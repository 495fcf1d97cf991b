"""What stands against one kind of answer, beside the guards that hold for all: the objections of the lexicon."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable

    from diagnostics.knowledge.lexicon import Objection
    from diagnostics.reading.clauses import Turn
    from diagnostics.reading.normalise import Marks

Verdict: TypeAlias = Literal["", "doubt", "denied"]


class Objections:
    """The objections of one lexicon, by the answers that they may stand against."""

    def __init__(self, objections: Iterable[Objection]) -> None:
        self._all = tuple(objections)
        self._against: dict[tuple[str, str, bool], list[Objection]] = {}

    def against(self, marks: Marks, at: int, to: int, question: str, value: str, turn: Turn) -> Verdict:
        """Tell whether a match must not be read as this answer, may only be asked back, or neither.

        `question` is `belief.` and the id where it shows a belief.
        """
        english = marks.text[at:to].isascii()
        key = question, value, english
        if key not in self._against:
            self._against[key] = [
                one
                for one in self._all
                if one.concerns(question, value) and (english or not one.pattern or not one.pattern.isascii())
            ]
        verdict: Verdict = ""
        if not self._against[key]:
            return verdict
        (clause, _), (sentence, _) = marks.clause(at), marks.sentence(at)
        (_, clause_end), (_, sentence_end) = marks.clause(max(at, to - 1)), marks.sentence(max(at, to - 1))
        starts = {"text": 0, "turn": turn.start, "start": at, "end": to, "clause": clause, "sentence": sentence}
        ends = {"start": at, "end": to, "turn": turn.end, "text": len(marks.text), "clause": clause_end,
                "sentence": sentence_end}  # fmt: skip
        for objection in self._against[key]:
            first, last = objection.between
            if _holds(objection, marks, starts[first], max(starts[first], ends[last])):
                if not objection.doubt:
                    return "denied"
                verdict = "doubt"
        return verdict


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
