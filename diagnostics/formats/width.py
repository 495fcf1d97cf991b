"""Lay text out by display cells, Chinese takes two; figures as bars, and the mark beside a status, one cell wide."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from diagnostics.checks.base import CheckStatus
    from diagnostics.knowledge.model import Status

CAUSE: Final[dict[Status, str]] = {
    "confirmed": "!",
    "likely": "~",
    "possible": "?",
    "unknown": ".",
    "ruled_out": "-",
}
"""What stands before a cause: neither a tick nor a cross, which would read as right and wrong."""

CHECK: Final[dict[CheckStatus, str]] = {
    "pass": "✓",
    "warn": "!",
    "fail": "✗",
    "unknown": "?",
    "skipped": "-",
    "error": "!",
    "cancelled": "-",
}
"""What stands before an automated check."""

_ASCII: Final = str.maketrans(
    {
        "✓": "v", "✗": "x", "→": "->", "←": "<-", "“": '"', "”": '"', "‘": "'", "’": "'", "–": "-", "—": "-",
        "…": "...", "·": "|", "•": "*", "「": '"', "」": '"', "☐": "[ ]", "≥": ">=", "≤": "<=", "×": "x",
    }
)  # fmt: skip

_WIDE: Final = frozenset("WF")
_NOT_FIRST: Final = re.escape("，。、；：？！」』）》】”’…—,.;:?!)]}%")
_NOT_LAST: Final = re.escape("「『（《【“‘([{")
_WORD: Final = r"[!-~\u00a0-\u02ff\u2010-\u2027]+"
_UNIT: Final = rf"[{_NOT_LAST}]*(?:{_WORD}|\S)[{_NOT_FIRST}]*"
"""What may not be broken: a word or a single wide character, with the signs that may not end or begin a line."""
_NAMED: Final = rf"[{_NOT_LAST}]*(?:{_WORD}|[\u3400-\u9fff]{{2,12}}|\S)[{_NOT_FIRST}]*"
"""The same in an English text: a name in Chinese characters is a word there."""


def plain(text: str) -> str:
    """Replace marks and typographic signs by ASCII; Chinese stays."""
    return text.translate(_ASCII)


def is_english(text: str) -> bool:
    """Whether a text is English with Chinese names in it, rather than the other way round."""
    letters = sum(char.isascii() and char.isalpha() for char in text)
    return letters > 2 * sum("\u3400" <= char <= "\u9fff" for char in text)  # as a pattern it takes 2 ms to compile


def cells(text: str) -> int:
    """Return how many terminal cells a text takes; combining and control characters take none."""
    return len(text) if text.isascii() else sum(_cell(char) for char in text)


def _cell(char: str) -> int:
    if unicodedata.east_asian_width(char) in _WIDE:
        return 2
    return 0 if unicodedata.category(char) in ("Mn", "Me", "Cf", "Cc") else 1


def fit(text: str, width: int) -> str:
    """Return a text in exactly so many cells: filled up, or cut with an ellipsis, never within a character."""
    if cells(text) > width:
        kept = next(size for size in range(len(text), -1, -1) if cells(text[:size]) < width or not size)
        text = text[:kept].rstrip() + "…"[:width]
    return text + " " * (width - cells(text))


def wrap(text: str, width: int) -> list[str]:
    """Break a text into lines of at most `width` cells: at spaces, and anywhere between Chinese characters.

    Runs of white space become one space. A word longer than a line is cut.
    """
    text = " ".join(text.split())
    return [text[start:end] for start, end in line_spans(text, width)]


def line_spans(
    text: str, width: int, *, lead: int = 0, hang: int = 0, measure: Callable[[str], int] = cells
) -> list[tuple[int, int]]:
    """Return where each line of a text begins and ends, as `wrap` breaks it, with the spaces within left as they are.

    The first `lead` characters are kept together. Lines after the first have `hang` cells less. `measure` counts cells.
    """
    spans: list[tuple[int, int]] = []
    begin, end, used = 0, lead, hang
    for start, stop, size in _units(text, lead, max(2, width - hang), measure):
        gap = measure(text[end:start])
        if used + gap + size <= width:
            used += gap + size
        elif end > begin:
            spans.append((begin, end))
            begin, used = start, hang + size
        else:  # too narrow even for the indentation
            begin, used = start, size
        end = stop
    return [*spans, (begin, end)]


def _units(text: str, start: int, room: int, measure: Callable[[str], int]) -> Iterator[tuple[int, int, int]]:
    """Yield what may not be broken, without the spaces between: begin, end and cells; a longer word is cut."""
    for unit in re.compile(_NAMED if is_english(text) else _UNIT).finditer(text, start):
        at, end = unit.span()
        while at < end:
            stop = end
            while (size := measure(text[at:stop])) > room and stop - at > 1:
                stop -= 1
            yield at, stop, size
            at = stop


def bars(rows: Iterable[tuple[str, int]], width: int, *, ascii_only: bool = False) -> list[str]:
    """Draw figures as bars, one a line: the name, the bar in eighths of a cell, the figure."""
    listed = list(rows)
    most = max((figure for _, figure in listed), default=0)
    column = max((cells(name) for name, _ in listed), default=0)
    lines = []
    for name, figure in listed:
        eighths = round(figure * width * 8 / most) if most else 0
        if ascii_only:
            bar = "#" * max(round(eighths / 8), figure > 0)
        else:
            bar = "█" * (eighths // 8) + " ▏▎▍▌▋▊▉"[eighths % 8].strip()
        lines.append(f"{name}{' ' * (column - cells(name))} {bar}{' ' if bar else ''}{figure}")
    return lines
