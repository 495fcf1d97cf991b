"""Lay text out by display cells, Chinese takes two; figures as bars, and the mark beside a status, one cell wide."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

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
_NOT_FIRST: Final = frozenset("，。、；：？！」』）》】”’,.;:?!)]}%…")
"""Signs that may not begin a line."""
_NOT_LAST: Final = frozenset("「『（《【“‘([{")
"""Signs that may not end a line."""
_PIECE: Final = re.compile(r"[!-~\u00a1-\u02ff]+|\s+|.", re.DOTALL)
_NAMED: Final = re.compile(r"[!-~\u00a1-\u02ff]+|\s+|[\u3400-\u9fff]{2,12}|.", re.DOTALL)
"""The same in an English text: a name in Chinese characters is a word there."""
_LETTER: Final = re.compile("[A-Za-z]")
_HAN: Final = re.compile("[\u3400-\u9fff]")


def plain(text: str) -> str:
    """Replace marks and typographic signs by ASCII; Chinese stays."""
    return text.translate(_ASCII)


def is_english(text: str) -> bool:
    """Whether a text is English with Chinese names in it, rather than the other way round."""
    return len(_LETTER.findall(text)) > 2 * len(_HAN.findall(text))


def cells(text: str) -> int:
    """Return how many terminal cells a text takes; combining and control characters take none."""
    return len(text) if text.isascii() else sum(_cell(char) for char in text)


def _cell(char: str) -> int:
    if unicodedata.east_asian_width(char) in _WIDE:
        return 2
    return 0 if unicodedata.category(char) in ("Mn", "Me", "Cf", "Cc") else 1


def wrap(text: str, width: int) -> list[str]:
    """Break a text into lines of at most `width` cells: at spaces, and anywhere between Chinese characters.

    Runs of white space become one space. A word longer than a line is cut.
    """
    lines: list[str] = []
    line, used = "", 0
    for piece in _units(text, width):
        room = cells(piece)
        if used + room > width and line:
            lines.append(line.rstrip())
            line, used = "", 0
        if line or piece != " ":
            line += piece
            used += room
    if line.strip() or not lines:
        lines.append(line.rstrip())
    return lines


def _units(text: str, width: int) -> Iterator[str]:
    """Yield what may not be broken: words, single wide characters with the punctuation that clings to them."""
    held = ""
    pieces = _NAMED if is_english(text) else _PIECE
    for piece in pieces.findall(text.strip()):
        part = " " if piece.isspace() else piece
        joins = held and (part[0] in _NOT_FIRST or held[-1] in _NOT_LAST) and part != " " and held != " "
        if joins and cells(held + part) <= width:
            held += part
            continue
        yield from _cut(held, width)
        held = part
    yield from _cut(held, width)


def _cut(word: str, width: int) -> Iterator[str]:
    while cells(word) > width:
        size = next(n for n in range(len(word), 0, -1) if cells(word[:n]) <= width or n == 1)
        yield word[:size]
        word = word[size:]
    if word:
        yield word


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
