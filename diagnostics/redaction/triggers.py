"""Find quickly where a word stands, so that the patterns that need it are tried there alone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from diagnostics.redaction.kinds import Kind


class Page(NamedTuple):
    """A folded text and the same in lower case, character for character."""

    text: str
    lowered: str

    @classmethod
    def of(cls, text: str) -> Page:
        """Lower the text without moving a character: a few letters have a longer lower case, and stay."""
        lowered = text.lower()
        if len(lowered) != len(text):
            lowered = "".join(char.lower() if len(char.lower()) == 1 else char for char in text)
        return cls(text, lowered)

    def places(self, words: Iterable[str]) -> Iterator[int]:
        """Yield every place at which one of these lower-case words begins."""
        for word in words:
            at = self.lowered.find(word)
            while at >= 0:
                yield at
                at = self.lowered.find(word, at + 1)

    def matches(self, words: Iterable[str], pattern: re.Pattern[str]) -> Iterator[re.Match[str]]:
        """Yield the matches of a pattern that begins with one of these words; none begins inside the one before."""
        for word in words:
            done = 0
            for at in self.places((word,)):
                found = pattern.match(self.text, at) if at >= done else None
                if found is not None:
                    done = found.end()
                    yield found

    def before(self, at: int, length: int = 20) -> str:
        """Return what stands before a place, on at most `length` characters."""
        return self.text[max(0, at - length) : at]


class Announced(NamedTuple):
    """A pattern whose group 1 is what to mask. `words`, in lower case: one of them stands at its beginning."""

    kind: Kind
    words: tuple[str, ...]
    pattern: re.Pattern[str]


def announced_by(kind: Kind, words: str, rest: str, *, flags: int = re.IGNORECASE, bounded: bool = False) -> Announced:
    """Make the pattern of these words (separated by `|`) and what follows them.

    `bounded`: no letter or digit may stand before the word.
    """
    edge = r"(?<![A-Za-z0-9])" if bounded else ""
    choices = sorted(words.split("|"), key=len, reverse=True)
    pattern = re.compile(edge + "(?:" + "|".join(re.escape(word) for word in choices) + ")" + rest, flags)
    return Announced(kind, tuple(word.lower() for word in _shortest(choices)), pattern)


def _shortest(words: list[str]) -> list[str]:
    """Leave out the words that begin with another one: the same place is not tried twice."""
    lowered = [word.lower() for word in words]
    return [word for word in lowered if not any(other != word and word.startswith(other) for other in lowered)]
