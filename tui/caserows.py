"""Cases as lines of a list: which columns fit, and one line a case, measured in cells."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final

from rich.cells import cell_len
from textual.content import Content

from diagnostics.cases.model import leading
from diagnostics.sanitize import clean_line
from tui.cli.case_text import cause_title, outcome_name
from tui.words import fit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from diagnostics.cases.model import CaseRow
    from tui.words import Words

GAP: Final = 2
_WIDE: Final = 100
"""From this width on there is room for the year, and for whole outcomes."""
ORDER: Final = ("label", "outcome", "cause", "status", "operator", "begun")
_MARKS: Final = {"open": "~", "closed": "✓"}

Column = tuple[str, int]


def columns(width: int, lang: str) -> list[Column]:
    """Return the columns that fit into so many cells, with the cells of each; what says least goes first."""
    wide = width >= _WIDE
    outcome = 16 if lang == "en" and wide else 12
    fixed = {"begun": 16 if wide else 11, "status": 8, "outcome": outcome, "operator": 12 if wide else 6}
    for name in ("operator", "outcome", "begun"):
        room = width - sum(fixed.values()) - GAP * (len(fixed) + 1)
        if room >= 25:
            break
        del fixed[name]
    room = max(4, width - sum(fixed.values()) - GAP * (len(fixed) + 1))
    sizes = {"label": room * 2 // 5, "cause": room - room * 2 // 5, **fixed}
    return [(name, sizes[name]) for name in ORDER if name in sizes]


def heads(words: Words, found: Sequence[Column]) -> Content:
    """Write the names of the columns."""
    return Content.styled(_joined([(words.say(f"desk.column.{name}"), size) for name, size in found]), "dim")


def line(row: CaseRow, words: Words, found: Sequence[Column], *, running: bool = False) -> Content:
    """Write one case; the one that is going on in this window is marked, in words too."""
    texts = {
        "label": clean_line(row.label, 80) or row.id,
        "cause": cause_title(words.knowledge, row.proven or leading(row), words.lang),
        "outcome": outcome_name(words.knowledge, row.outcome, words.lang),
        "status": f"{_MARKS[row.status]} {words.of(f'cases.status.{row.status}')}",
        "operator": clean_line(row.operator, 40) or "-",
        "begun": local(row.created_at, long=dict(found).get("begun", 0) >= 16),
    }
    if running:
        texts["status"] = f"> {words.say('desk.running')}"
    return Content(_joined([(texts[name], size) for name, size in found]))


def local(stamp: str, *, long: bool = True) -> str:
    """Return a stored time as this computer's clock shows it."""
    try:
        at = datetime.fromisoformat(stamp).astimezone()
    except ValueError:
        return clean_line(stamp, 20)
    return at.strftime("%Y-%m-%d %H:%M" if long else "%m-%d %H:%M")


def _joined(parts: Sequence[tuple[str, int]]) -> str:
    cells = [fit(text, size) for text, size in parts]
    filled = [text + " " * (size - cell_len(text)) for text, (_, size) in zip(cells, parts, strict=True)]
    return (" " * GAP).join(filled).rstrip()
