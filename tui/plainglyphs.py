"""`--ascii`: every frame, mark and arrow becomes a plain ASCII character at the last moment before it is drawn.

One place instead of two sets of marks: whatever a widget draws passes here. Letters, Chinese included, stay.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.segment import Segment
from textual.filter import LineFilter

if TYPE_CHECKING:
    from textual.color import Color

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
