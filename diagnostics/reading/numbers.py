"""Numbers as people write them: 一万二, 8k, 3千多, 四千二, 1.2万, 35."""

from __future__ import annotations

import re
from typing import Final

PATTERN: Final = (
    r"(?<![\d.])(?>\d{1,3}(?:,\d{3})+|\d{1,9})(?>(?:\.\d{1,2})?)(?>(?:\s?[万千百wk]\d?(?![a-z\d]))?)(?!\d)"
    r"|(?<![零〇一二两三四五六七八九十百千万])(?>[零〇一二两三四五六七八九十百千万]{1,9})"
)
_DIGITS: Final = {**{digit: value for value, digit in enumerate("零一二三四五六七八九")}, "〇": 0, "两": 2}
_UNITS: Final = {"十": 10, "百": 100, "千": 1_000, "万": 10_000, "k": 1_000, "w": 10_000}
_ABOUT: Final = re.compile(
    r"\s?(?:块钱|元|块|岁|笔|家|个)?\s?(?:多|来|几|出头|左右|上下|不到|以上|以下|以内|大概|[-至到~]\s?\d)"
)
_ABOUT_BEFORE: Final = re.compile(
    r"(?:大概|大约|差不多|约|快|将近|接近|最多|最少|至少|不到|超过|几|上|近|\d\s?[-至到])\s?(?:有|是)?\s?$"
)


def number(text: str) -> float | None:
    """Return the number that a text names, or None."""
    text = text.replace(" ", "").replace(",", "")
    plain = re.fullmatch(r"(\d+(?:\.\d+)?)([百千万wk]?)(\d?)", text)
    if plain:
        unit = _UNITS.get(plain[2], 1)
        if plain[3] and unit == 1:
            return None
        return float(plain[1]) * unit + (int(plain[3]) * unit / 10 if plain[3] else 0)
    total, section, last = 0.0, 0.0, 1
    digit: int | None = None
    for sign in text:
        if sign in _DIGITS:
            if digit:
                return _spelled(text)
            digit = _DIGITS[sign]
        elif sign not in _UNITS:
            return None
        elif sign == "万":
            total, section, digit, last = (total + section + (digit or 0)) * 10_000, 0.0, None, 10_000
        else:
            last = _UNITS[sign]
            section, digit = section + (1 if digit is None else digit) * last, None
    if digit is not None and last > 10 and len(text) > 1 and text[-2] in _UNITS:
        digit = digit * last // 10  # 四千二, 一万二
    return total + section + (digit or 0)


def _spelled(text: str) -> float | None:
    """Return a number read digit by digit: 三五 is 35."""
    if any(sign not in _DIGITS for sign in text):
        return None
    return float("".join(str(_DIGITS[sign]) for sign in text))


def about(text: str, start: int, end: int) -> bool:
    """Whether the number at this place is only a rough one: 三千多, 五千左右, 快四十."""
    return bool(_ABOUT.match(text, end)) or bool(_ABOUT_BEFORE.search(text[max(0, start - 8) : start]))
