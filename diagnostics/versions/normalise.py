"""Fold outside text to one width, bounded, and find the dotted numbers in it."""

import re
from collections.abc import Iterator
from itertools import islice
from typing import Final

import msgspec

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
    return ".".join(map(_spoken_number, spoken[0].replace("〇", "零").split("点")))


def _spoken_number(words: str) -> str:
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


_RUN: Final = r"(?<!\d)(?<!\d\.)\d{1,10}(?:\s{0,2}[.。,点]\s{0,2}\d{1,10}){1,12}(?![\d])"
_JOINT: Final = r"(\d{1,10})((?:\s{0,2}[.。,点]\s{0,2})?)"
_TAIL: Final = r"_r[0-9a-f]{3,12}(?:\.\d{1,6})?"


def matches(pattern: str, text: str, limit: int = 100) -> Iterator[re.Match[str]]:
    """Yield the matches of `pattern`, at most `limit` of them, so that no text takes for ever."""
    return islice(re.finditer(pattern, text), limit)


class Number(msgspec.Struct, frozen=True):
    """A dotted number: its parts, where it stands, and whether plain dots alone join it."""

    parts: tuple[int, ...]
    start: int
    end: int
    plain: bool


def dotted_numbers(text: str, limit: int = 400) -> Iterator[Number]:
    """Yield the dotted numbers of a text, at most `limit`.

    A plain dot joins always. A dot with spaces, a Chinese full stop, a comma or 点 joins only pieces
    that are no version by themselves, so `8. 0. 49` is one number and `8.0.49。2 台` keeps its own.
    """
    for run in matches(_RUN, text, limit):
        yield from _numbers(text, run.group(), run.start())


def _numbers(text: str, run: str, offset: int) -> Iterator[Number]:
    groups: list[list[tuple[str, int]]] = [[]]  # pieces joined by plain dots: digits, end
    for match in re.finditer(_JOINT, run):
        groups[-1].append((match[1], offset + match.end(1)))
        if match[2] and match[2] != ".":
            groups.append([])
    pending: list[tuple[str, int]] = []
    joined = 0
    for group in groups:
        if len(group) >= 3 or len(pending) + len(group) > 4:
            yield from _number(text, pending, joined == 1)
            pending, joined = [], 0
        pending += group
        joined += 1
        if len(group) >= 3:
            yield from _number(text, pending, joined == 1)
            pending, joined = [], 0
    yield from _number(text, pending, joined == 1)


def _number(text: str, pieces: list[tuple[str, int]], plain: bool) -> Iterator[Number]:
    if len(pieces) < 2 or any(len(digits) > 1 and digits[0] == "0" for digits, _ in pieces[:3]):
        return
    start = pieces[0][1] - len(pieces[0][0])
    end = pieces[-1][1]
    tail = re.compile(_TAIL).match(text, end)
    yield Number(tuple(int(digits) for digits, _ in pieces), start, tail.end() if tail else end, plain)
