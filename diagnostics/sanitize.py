"""Sanitize untrusted text once, at the boundary."""

import re
from typing import Final

MAX_TEXT: Final = 4_000
"""Most characters kept of one outside text; enough for any user agent or certificate name."""

NAMED_FILES: Final[set[str]] = set()
"""Files that the person named on the command line: what lies in a folder `password` is no password."""

REPLACEMENT: Final = "\N{REPLACEMENT CHARACTER}"

_UNSAFE: Final = (
    "["
    "\x00-\x08\x0b-\x1f\x7f"  # C0 but tab and newline, and DEL
    "\x80-\x9f"  # C1
    "\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff"  # zero width and bidirectional controls
    "\u2028\u2029"  # line and paragraph separators
    "\ud800-\udfff"  # lone surrogates
    "\ufff9-\ufffb\U000e0000-\U000e007f"  # interlinear marks and tags
    "]+"
)


def clean(text: str | bytes, limit: int = MAX_TEXT) -> str:
    r"""Return outside text made safe to store and to show: at most `limit` characters, no control bytes.

    Runs of unsafe characters become one U+FFFD; `\n` and `\t` stay, `\r\n` and `\r` become `\n`.
    Bytes are read as UTF-8, anything invalid replaced. Never raises on any input of its types.
    """
    if isinstance(text, bytes):
        text = text[: limit * 4 + 4].decode("utf-8", "replace")
    cut = len(text) > limit
    text = text[:limit].replace("\r\n", "\n").replace("\r", "\n")
    text = re.sub(_UNSAFE, REPLACEMENT, text)
    return text + "…" if cut else text


def clean_line(text: str | bytes, limit: int = 300) -> str:
    """Like `clean`, on one line: every run of white space becomes one space."""
    return " ".join(clean(text, limit).split())
