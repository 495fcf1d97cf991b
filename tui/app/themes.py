"""How the screen is drawn: the themes, and plain ASCII in place of every other sign.

A calm dark and light theme, high contrast, and the terminal's own colours. One accent, for the next step; red is for
safety alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.segment import Segment
from textual.filter import LineFilter
from textual.theme import Theme

if TYPE_CHECKING:
    from textual.color import Color


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
