"""Bars in a terminal: figures as lengths, with their names before them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from diagnostics.formats.width import cells

if TYPE_CHECKING:
    from collections.abc import Iterable

BAR: Final = 40
"""Characters of the longest bar."""


def bars(rows: Iterable[tuple[str, int]], *, ascii_only: bool = False, width: int = BAR) -> list[str]:
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
