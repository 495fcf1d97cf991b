"""How the screen is worded and drawn: texts, marks and names of keys, the themes, and plain ASCII.

A calm dark and light theme, high contrast, and the terminal's own colours. One accent, for the next step; red is for
safety alone.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final

from rich.cells import cell_len
from rich.segment import Segment
from textual.filter import LineFilter
from textual.theme import BUILTIN_THEMES, Theme

from diagnostics.formats.width import CAUSE, CHECK
from diagnostics.i18n import Texts

if TYPE_CHECKING:
    from textual.color import Color

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
    """Return for how many seconds a notice is shown: the time it takes to read."""
    return 1.5 + cell_len(text) / 12


def short_time(stamp: str | None, form: str = "%m-%d %H:%M") -> str:
    """Return a time (RFC 3339) as this computer's clock shows it; empty where it is none."""
    try:
        return datetime.fromisoformat(stamp).astimezone().strftime(form) if stamp else ""
    except ValueError:
        return ""


def key_name(key: str) -> str:
    """Return a key's name as it stands on a keyboard: `Ctrl+C`, `Esc`, `q`."""
    parts = [KEY_NAMES.get(part, part if len(part) == 1 else part.capitalize()) for part in key.split("+")]
    last = parts[-1].upper() if len(parts) > 1 and len(parts[-1]) == 1 else parts[-1]
    return "+".join([*parts[:-1], last])


def _cursor(focused: str, text: str, blurred: str) -> dict[str, str]:
    """Colours of the highlighted row: quiet enough for keys and statuses to keep their own colours on it."""
    return {
        "block-cursor-background": focused, "block-cursor-foreground": text, "block-cursor-text-style": "bold",
        "block-cursor-blurred-background": blurred, "block-cursor-blurred-foreground": text,
    }  # fmt: skip


DARK: Final = Theme(
    name="doctor-dark", primary="#5fa8d3", secondary="#62b6cb", accent="#e0b36a", success="#7fb77e",
    warning="#e5a54b", error="#e07a6e", foreground="#e4e6e8", background="#15191d", surface="#1b2025",
    panel="#252b32", dark=True, variables=_cursor("#2b4353", "#e4e6e8", "#232a31"),
)  # fmt: skip
LIGHT: Final = Theme(
    name="doctor-light", primary="#1d6996", secondary="#2a7f92", accent="#9a6a00", success="#2f7d32",
    warning="#9a5b00", error="#b3261e", foreground="#1c2024", background="#f7f7f4", surface="#ffffff",
    panel="#e9ebe8", dark=False, variables=_cursor("#d4e6f0", "#1c2024", "#e9ebe8"),
)  # fmt: skip
CONTRAST: Final = Theme(
    name="doctor-contrast", primary="#ffff00", secondary="#00ffff", accent="#ffff00", success="#00ff00",
    warning="#ffff00", error="#ffb0b0", foreground="#ffffff", background="#000000", surface="#000000",
    panel="#262626", dark=True, text_alpha=1.0, luminosity_spread=0.0,
    variables=_cursor("#3333ff", "#ffffff", "#262626") | {"text-muted": "#ffffff"},
)  # fmt: skip
THEMES: Final = (DARK, LIGHT, CONTRAST)
KNOWN: Final = BUILTIN_THEMES | {theme.name: theme for theme in THEMES}
"""Every theme by its name, Textual's among them."""
TERMINAL: Final = "ansi-dark"
"""Textual's theme that draws with the terminal's own colours."""
NAMES: Final = (DARK.name, LIGHT.name, CONTRAST.name, TERMINAL)
"""The themes a user can choose, in the order in which a key goes through them."""

_LINES: Final = {
    **dict.fromkeys("─━╌╍┄┅═╸╺╴╶", "-"),
    **dict.fromkeys("│┃║╎╏┆┇▎▍▌▐▕▊▉", "|"),
    "▏": ":",  # a pane that does not have the keys
    **dict.fromkeys("┌┐┘┬┴┼╭╮╰╯┏┓┗┛╔╗╚╝╠╣╦╩╬┣┫┳┻╋", "+"),
    **dict.fromkeys("├┤", "|"),
    "└": "`",
    **dict.fromkeys("█▇▆▅▄▓▒▋", "#"),
    **dict.fromkeys("▔▀▁▂▃░", " "),
}
_MARKS: Final = {
    "✓": "o", "✗": "x", "→": ">", "←": "<", "↑": "^", "↓": "v", "▶": "+", "▼": "-", "●": "*", "○": "o",
    "…": ".", "·": "-", "•": "-", "—": "-", "–": "-", "“": '"', "”": '"', "‘": "'", "’": "'", "«": "<", "»": ">",
    "│": "|", "▸": ">", "▾": "v", "◂": "<", "×": "x", "≥": ">", "≤": "<", "\N{REPLACEMENT CHARACTER}": "?",
}  # fmt: skip
TABLE: Final = str.maketrans({**_LINES, **_MARKS})
"""One cell to one cell, so that nothing moves."""


class PlainGlyphs(LineFilter):
    """Replaces drawing characters in everything that is drawn."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002  Textual's signature
        """Return the segments with ASCII in place of frames, marks, arrows and typographic signs."""
        return [
            segment
            if segment.text.isascii()
            else Segment(segment.text.translate(TABLE), segment.style, segment.control)
            for segment in segments
        ]


PLAIN_GLYPHS: Final = PlainGlyphs()
