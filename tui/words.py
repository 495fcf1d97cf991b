"""The words and marks of the screen, in the language of the moment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.cells import cell_len, set_cell_size

from diagnostics.formats.marks import CAUSE, CHECK
from diagnostics.i18n import Texts, Wording

if TYPE_CHECKING:
    from diagnostics.knowledge.model import Knowledge
    from tui.language import Lang

MARKS: Final = CAUSE
"""One cell each in every terminal; always shown with the status in words."""

CHECK_MARKS: Final[dict[str, str]] = {str(status): mark for status, mark in CHECK.items()} | {
    "running": "~",
    "waiting": "?",
}

TONES: Final[dict[str, str]] = {
    "confirmed": "$text-error", "likely": "$text-warning", "possible": "$text-accent", "unknown": "dim",
    "ruled_out": "$text-success", "pass": "$text-success", "warn": "$text-warning", "fail": "$text-error",
    "error": "$text-error", "running": "$text-accent",
}  # fmt: skip
"""Theme colours by status: beside the mark and the word, never instead of them."""


class Words(Texts):
    """Says the texts of one knowledge base in one language; the language may change while running."""

    def __init__(self, knowledge: Knowledge, lang: Lang) -> None:
        super().__init__(knowledge, lang)

    def say(self, key: str, **values: object) -> str:
        """Return the text of `ui.<key>`, with the values filled in."""
        return self(f"ui.{key}", **values)

    def has(self, key: str) -> bool:
        """Whether there is a text `ui.<key>`."""
        return f"ui.{key}" in self.knowledge.locale

    def of(self, key: str, **values: object) -> str:
        """Return a text that other fronts share (`status.likely`, `effort.days`)."""
        return self(key, **values)

    def text(self, told: Wording) -> str:
        """Return what a check says, in words of now."""
        return self.render(told)


def reading_time(text: str) -> float:
    """Return the seconds for which a notice stands: as long as it takes to read."""
    return 1.5 + cell_len(text) / 12


def fit(text: str, width: int) -> str:
    """Cut a text to at most `width` cells, with an ellipsis where something is missing; never half a character."""
    if cell_len(text) <= width:
        return text
    return set_cell_size(text, width - 1).rstrip() + "…" if width > 1 else "…"[:width]
