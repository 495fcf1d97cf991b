"""The report as plain text for a terminal, a ticket or a message, 78 cells wide at most."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from diagnostics.formats.marks import plain
from diagnostics.formats.outline import Item, Section, outline
from diagnostics.formats.width import cells, wrap

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from diagnostics.knowledge.model import Knowledge
    from diagnostics.report.model import Report

WIDTH: Final = 78
"""Most cells of a line: a terminal of 80 with a cell to spare on either side."""
LEAST: Final = 30
"""Cells below which a terminal breaks the lines itself."""


def render(
    report: Report,
    knowledge: Knowledge,
    *,
    ascii: bool = False,  # noqa: A002 - the option's name
    width: int = WIDTH,
    went: Mapping[str, str] | None = None,
) -> str:
    """Write the report as text; `ascii` replaces marks and typographic signs, `width` is that of a narrow terminal."""
    whole, width = outline(report, knowledge, went), max(LEAST, min(width, WIDTH))
    lines = [*wrap(_sign(whole.title, ascii), width), *wrap(_sign(whole.stamp, ascii), width)]
    for section in whole.sections:
        lines += ["", f"[ {_sign(section.title, ascii)} ]"]
        lines += _section(section, ascii, width)
    return "\n".join(lines) + "\n"


def _sign(text: str, ascii_: bool) -> str:
    return plain(text) if ascii_ else text


def _section(section: Section, ascii_: bool, width: int) -> Iterator[str]:
    for number, item in enumerate(section.items, 1):
        if section.style == "numbered":
            lead = f"{number}. "
        elif item.mark is not None:
            lead = f"{item.mark} "
        else:
            lead = "" if section.style == "plain" or item.below else "- "
        yield from _item(item, lead, 0 if section.style == "plain" else 2, ascii_, width)


def _item(item: Item, lead: str, indent: int, ascii_: bool, width: int) -> Iterator[str]:
    lead = _sign(lead, ascii_)
    hang = " " * (indent + cells(lead))
    for number, line in enumerate(wrap(_sign(item.text, ascii_), width - len(hang))):
        yield (" " * indent + lead if number == 0 else hang) + line
    for below in item.below:
        mark = f"{below.mark} " if below.mark is not None else "" if below.below else "- "
        yield from _item(below, mark, max(len(hang), indent + 2), ascii_, width)
