"""Answers of a word or two: yes and no, ordinals, bare numbers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from diagnostics.reading import numbers

if TYPE_CHECKING:
    from diagnostics.reading.model import Value


def starting(words: tuple[str, ...]) -> re.Pattern[str]:
    """Match one of these words at the beginning; a short one only where nothing else goes on."""
    longest = sorted(words, key=len, reverse=True)
    forms = (
        re.escape(word)
        + ("(?![a-z])" if word.isascii() else _APART if len(word) < 3 and word[-1] not in "过了" else "")
        for word in longest
    )
    return re.compile(rf"(?:{'|'.join(forms)})")


_APART: Final = r"(?=[了的啊呀呢吧哦嘛哈诶哎啦,。!?;:\s]|$)"
_ORDINALS: Final = "一二三四五六七八九十"


def ordinal(text: str, ids: list[str]) -> str | None:
    """Return the choice that an ordinal names: 第二个, 选3, 最后一个."""
    if re.fullmatch(r"(?:选|就)?最后(?:那|一)?个?[吧呀的]?", text):
        return ids[-1]
    found = re.fullmatch(
        r"(?:我?选|就)?(?:第|选项)\s?([一二三四五六七八九十]|\d{1,2})\s?(?:个|项|条|种)?[吧呀的]?", text
    )
    if not found:
        return None
    place = int(found[1]) if found[1].isdigit() else _ORDINALS.index(found[1]) + 1
    return ids[place - 1] if 1 <= place <= len(ids) else None


def plain_number(question: str, found: re.Match[str], first: str) -> Value | None:
    """Return the number that answers a question in a few words, or None."""
    value = numbers.number(found[0].strip())
    if value is None or len(first) > found.end() + 16 or first[: found.start()].endswith(("-", "−", ".", "负")):
        return None
    if question in ("person.age", "debt.open_loans") and value != int(value):
        return None
    if question == "person.age":
        return int(value) if 6 <= value <= 110 else None
    if question == "debt.open_loans":
        return int(value) if value <= 100 else None
    return int(value) if value == int(value) else value
