"""The texts and marks of the screen, in the language of the moment."""

from __future__ import annotations

from typing import Final

from rich.cells import cell_len, set_cell_size

from diagnostics.formats.width import CAUSE, CHECK
from diagnostics.i18n import Texts

MARKS: Final = CAUSE
"""One cell each in every terminal; always shown with the status in words."""
CHECK_MARKS: Final = {str(status): mark for status, mark in CHECK.items()} | {
    "running": "~",
    "waiting": " ",
    "absent": " ",
}

TONES: Final[dict[str, str]] = {
    "confirmed": "bold", "likely": "bold", "possible": "", "unknown": "dim", "ruled_out": "dim",
    "pass": "$text-success", "warn": "$text-warning", "fail": "$text-warning", "error": "$text-warning",
    "skipped": "dim", "cancelled": "dim", "waiting": "dim", "running": "$text-primary",
}  # fmt: skip
"""Styles by status, beside the mark and the word. Red is for safety alone, the accent for the next step."""

KEYS: Final = "1234567890eghijkuvz"
"""The keys of choices, in order; no command of the questions' page uses one of them."""
KEY_NAMES: Final = {
    "escape": "Esc", "pageup": "PgUp", "pagedown": "PgDn", "question_mark": "?", "slash": "/", "left": "←",
    "right": "→", "up": "↑", "down": "↓",
}  # fmt: skip


class ScreenTexts(Texts):
    """Says the texts of one knowledge base in one language; the language may change while running."""

    def say(self, key: str, **values: object) -> str:
        """Return the text of `ui.<key>`, with the values filled in."""
        return self(f"ui.{key}", **values)

    def has(self, key: str) -> bool:
        """Whether there is a text `ui.<key>`."""
        return f"ui.{key}" in self.knowledge.locale


def reading_time(text: str) -> float:
    """Return the seconds for which a notice stands: as long as it takes to read."""
    return 1.5 + cell_len(text) / 12


def fit(text: str, width: int) -> str:
    """Cut a text to at most `width` cells, with an ellipsis where something is missing; never half a character."""
    if cell_len(text) <= width:
        return text
    return set_cell_size(text, width - 1).rstrip() + "…" if width > 1 else "…"[:width]


def key_name(key: str) -> str:
    """Return a key's name as it stands on a keyboard: `Ctrl+C`, `Esc`, `q`."""
    parts = [KEY_NAMES.get(part, part if len(part) == 1 else part.capitalize()) for part in key.split("+")]
    last = parts[-1].upper() if len(parts) > 1 and len(parts[-1]) == 1 else parts[-1]
    return "+".join([*parts[:-1], last])
