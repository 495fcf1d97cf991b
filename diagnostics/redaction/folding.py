"""One plain form of a text to search in, and the way back to the places in the text as it was written.

Full-width and other decimal digits and letters become ASCII, invisible characters vanish (U+FFFD too: the door for
outside text puts it where an invisible one stood), a number spoken in Chinese digits becomes digits.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from typing import Final

_INVISIBLE: Final = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffd\U000e0000-\U000e007f\U000e0100-\U000e01ef]+"
)
_NUMERALS: Final = {"幺": "1"} | {numeral: str(value) for value, numeral in enumerate("〇一二三四五六七八九")}
_NUMERALS["零"] = "0"
_SPOKEN: Final = re.compile(f"[{''.join(_NUMERALS)}]{{11,19}}")
_NOT_ASCII: Final = re.compile(r"[^\x00-\x7f]+")


def _plain(char: str) -> str:
    """Return the one ASCII character that this one stands for, or the character itself."""
    if char in "　\u00a0\u2007\u202f":
        return " "
    if char in "‐‑‒–—―−－﹣":
        return "-"
    digit = unicodedata.decimal(char, None)
    if digit is not None:
        return str(digit)
    plain = unicodedata.normalize("NFKC", char)
    return plain if len(plain) == 1 and plain.isascii() and plain.isprintable() else char


class _Table(dict[int, str]):
    """A translation table that works each character out when it is first met."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        plain = self[code] = char if "\u4e00" <= char <= "\u9fff" else _plain(char)
        return plain


_TABLE: Final = _Table()


class Folded:
    """A text in its plain form: `text` to search in; `original` turns a place in it into one of the text as written."""

    def __init__(self, written: str) -> None:
        self._starts: list[int] = [0]
        self._moved: list[int] = [0]
        parts: list[str] = []
        at = length = gone = 0
        for found in _INVISIBLE.finditer(written) if not written.isascii() else ():
            parts.append(written[at : found.start()])
            length += found.start() - at
            gone += found.end() - found.start()
            at = found.end()
            self._starts.append(length)
            self._moved.append(gone)
        parts.append(written[at:])
        text = "".join(parts)
        if not text.isascii():
            text = _NOT_ASCII.sub(lambda found: found[0].translate(_TABLE), text)
            text = _SPOKEN.sub(lambda found: "".join(_NUMERALS[char] for char in found[0]), text)
        self.text = text

    def original(self, start: int, end: int) -> tuple[int, int]:
        """Return where in the written text this stretch of the folded one stands, with what is invisible inside it."""
        first = self._moved[bisect_right(self._starts, start) - 1]
        last = self._moved[bisect_right(self._starts, end - 1) - 1]
        return start + first, end + last
