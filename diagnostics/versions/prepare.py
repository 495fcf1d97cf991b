"""Make outside text readable for the patterns: one width of letters, no invisible characters, bounded."""

import re
from typing import Final

MAX_WHOLE: Final = 16_000
"""Characters of a text that are read in full; of a longer one only the places around these marks."""

_MARKS: Final = (
    "MicroMessenger", "PCWindowsWechat", "微信", "WeChat", "wechat", "Weixin", "com.tencent.", "versionName=",
)  # fmt: skip
_BEFORE, _AFTER, _PER_MARK = 160, 480, 12

_FOLD: Final[dict[int, int | str | None]] = {
    **{wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)},  # full-width ASCII
    **dict.fromkeys((0xAD, 0x2060, 0xFEFF, *range(0x200B, 0x2010), *range(0x202A, 0x202F))),  # invisible
    **dict.fromkeys((0xA0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000, 0x09), " "),
    **dict.fromkeys((0x0B, 0x0C, 0x0D, 0x85, 0x2028, 0x2029), "\n"),
    **dict.fromkeys((0xFE52, 0x2024), "."),
    **dict.fromkeys((0xFF61, 0xB7, 0x30FB, 0x2022, 0x2027), "。"),  # dots that also end sentences or items
}


_MISTYPED: Final = r"(?<=\d\.)[oO](?=\.\d)|(?<=[5-8])、(?=0、\d)|(?<=[5-8]、0)、(?=\d)"
"""The letter for the nought, and the comma of lists for the dot: 8.O.49, 8、0、49."""
_DOUBLED: Final = r"(?<=\d)[.。]{2,3}(?=\d)|(?<=[5-8]\.0\.)0+(?=[1-9]\d?(?!\d))"
"""A dot typed twice, noughts before the last number: 8.0..49, 8.0.049."""
_READ_OUT: Final = (
    "(?<![零〇一二三四五六七八九十百千万])[五六七八][零〇][一二三四五六七八九][零〇一二三四五六七八九]"
    "(?![零〇一二三四五六七八九十百千万])"
)
"""A version read out digit by digit: 八零四九."""
_NUMERALS: Final = "[零〇一二三四五六七八九十]{1,3}"
_SPOKEN: Final = rf"{_NUMERALS}(?:点{_NUMERALS}){{2,3}}|(?<=安卓|鸿蒙){_NUMERALS}"
_DIGITS: Final = "零一二三四五六七八九"


def prepared(text: str) -> str:
    """Return `text` folded to plain width, at most about 64 000 characters of it, in linear time.

    A text longer than `MAX_WHOLE` is read at its beginning, its end and around the places where
    WeChat is named, so that one line in a long log is still found.
    """
    if len(text) > MAX_WHOLE:
        text = _excerpts(text)
    text = re.sub(_MISTYPED, _typed_right, text.replace("\r\n", "\n").translate(_FOLD))
    text = re.sub(_DOUBLED, lambda found: "." if found[0][0] in ".。" else "", text)
    if text.isascii():
        return text
    text = re.sub(
        _READ_OUT, lambda found: "".join(str(_DIGITS.index(digit.replace("〇", "零"))) for digit in found[0]), text
    )
    return re.sub(_SPOKEN, _spelled_out, text)


def _typed_right(sign: re.Match[str]) -> str:
    return "." if sign[0] == "、" else "0"


def _spelled_out(spoken: re.Match[str]) -> str:
    """Write a dictated number in digits: 八点零点四十九 is 8.0.49, 安卓十三 is 安卓13."""
    return ".".join(map(_number, spoken[0].replace("〇", "零").split("点")))


def _number(words: str) -> str:
    tens, ten, ones = words.rpartition("十")
    digits = "".join(str(_DIGITS.index(word)) for word in ones)
    if not ten:
        return digits
    return f"{_DIGITS.index(tens[-1]) if tens and tens[-1] in _DIGITS else 1}{digits or 0}"


def _excerpts(text: str) -> str:
    spans = [(0, 4_000), (len(text) - 2_000, len(text))]
    for mark in _MARKS:
        at = -1
        for _ in range(_PER_MARK):
            at = text.find(mark, at + 1)
            if at < 0:
                break
            spans.append((max(0, at - _BEFORE), at + _AFTER))
    spans.sort()
    merged = [spans[0]]
    for start, end in spans[1:]:
        if start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return "\n".join(text[start:end] for start, end in merged)
