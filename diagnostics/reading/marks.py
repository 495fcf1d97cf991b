"""Find the words that decide whose statement a clause is and whether it is one: questions, conditions, other people."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_SENTENCE_END: Final = re.compile(r"[。!?;\n]|\.(?=\s|$)")
_HAN: Final = r"\u3400-\u9fff"
_CLAUSE_END: Final = re.compile(rf"[。!?;\n,]|\.(?=\s|$)|(?<=[{_HAN}]) +(?=[{_HAN}])")
_LOOK_BACK: Final = 200
"""Characters behind a place that can still bear on it."""


def _grouped(words: Mapping[str, tuple[str, ...]]) -> tuple[re.Pattern[str], dict[str, list[str]]]:
    """Return one expression for all words, parted by first character, and the kinds of each word."""
    kinds: dict[str, list[str]] = {}
    for kind, listed in words.items():
        for form in listed:
            kinds.setdefault(form, []).append(kind)
    by_first: dict[str, list[str]] = {}
    for form in sorted(kinds, key=len, reverse=True):
        by_first.setdefault(form[0], []).append(form)
    branches = []
    for first, forms in by_first.items():
        tails = "|".join(re.escape(form[1:]) + (r"(?![a-z])" if form[-1].isascii() and form[-1].isalpha() else "")
                         for form in forms)  # fmt: skip
        guard = r"(?<![a-z])" if first.isascii() and first.isalpha() else ""
        branches.append(f"{re.escape(first)}{guard and f'(?<![a-z]{re.escape(first)})'}(?:{tails})")
    return re.compile("|".join(branches) or r"(?!)"), kinds


class Marker:
    """Marks the words of the lexicon in a text, in one pass."""

    def __init__(self, marks: Mapping[str, tuple[str, ...]]) -> None:
        self._pattern, self._kinds = _grouped(marks)

    def mark(self, text: str) -> Marks:
        """Return the marked words of a folded text."""
        found = [
            (match.start(), match.end(), kind)
            for match in self._pattern.finditer(text)
            for kind in self._kinds[match[0]]
        ]
        return Marks(text, found)


class Marks:
    """The marked words of one text and its clauses; every question about a place takes bounded time."""

    def __init__(self, text: str, found: list[tuple[int, int, str]]) -> None:
        self.text = text
        self._found: dict[str, list[tuple[int, int, str]]] = {}
        for one in found:
            self._found.setdefault(one[2], []).append(one)
        self._starts = {kind: [start for start, _, _ in ones] for kind, ones in self._found.items()}
        self._sentences = [match.end() for match in _SENTENCE_END.finditer(text)]
        self._clauses = [match.end() for match in _CLAUSE_END.finditer(text)]

    def sentence(self, at: int) -> tuple[int, int]:
        """Return the sentence around a place, at most `_LOOK_BACK` characters to both sides."""
        return self._around(self._sentences, at)

    def clause(self, at: int) -> tuple[int, int]:
        """Return the clause around a place."""
        return self._around(self._clauses, at)

    def _around(self, ends: list[int], at: int) -> tuple[int, int]:
        index = bisect_right(ends, at)
        start = ends[index - 1] if index else 0
        end = ends[index] if index < len(ends) else len(self.text)
        return max(start, at - _LOOK_BACK), min(end, at + _LOOK_BACK)

    def names(self, kind: str) -> bool:
        """Whether a word of this kind stands anywhere."""
        return kind in self._found

    def between(self, start: int, end: int, *kinds: str) -> list[tuple[int, int, str]]:
        """Return the marked words of these kinds that begin in this span, in their order."""
        found: list[tuple[int, int, str]] = []
        for kind in kinds:
            if starts := self._starts.get(kind):
                found += self._found[kind][bisect_left(starts, start) : bisect_left(starts, end)]
        return sorted(found) if len(kinds) > 1 else found

    def has(self, start: int, end: int, *kinds: str) -> bool:
        """Whether a marked word of these kinds begins in this span."""
        for kind in kinds:
            if starts := self._starts.get(kind):
                at = bisect_left(starts, start)
                if at < len(starts) and starts[at] < end:
                    return True
        return False
