"""The marks beside a status: one cell wide in every terminal, always with a word, with ASCII in their place on wish."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from diagnostics.checks.base import CheckStatus
    from diagnostics.knowledge.model import Status

CAUSE: Final[dict[Status, str]] = {
    "confirmed": "!",
    "likely": "~",
    "possible": "?",
    "unknown": ".",
    "ruled_out": "-",
}
"""What stands before a cause: neither a tick nor a cross, which would read as right and wrong."""

CHECK: Final[dict[CheckStatus, str]] = {
    "pass": "✓",
    "warn": "!",
    "fail": "✗",
    "unknown": "?",
    "skipped": "-",
    "error": "!",
    "cancelled": "-",
}
"""What stands before an automated check."""

_ASCII: Final = str.maketrans(
    {
        "✓": "v", "✗": "x", "→": "->", "←": "<-", "“": '"', "”": '"', "‘": "'", "’": "'", "–": "-", "—": "-",
        "…": "...", "·": "|", "•": "*", "「": '"', "」": '"', "☐": "[ ]", "≥": ">=", "≤": "<=", "×": "x",
    }
)  # fmt: skip


def plain(text: str) -> str:
    """Replace marks and typographic signs by ASCII; Chinese stays."""
    return text.translate(_ASCII)
