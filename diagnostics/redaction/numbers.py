"""Numbers that checksum and layout give away: resident id, bank card, mobile, landline, IMEI.

A number may be written in one piece, in groups, digit by digit, or broken over two lines. Groups that stand side by
side are put together in windows of at most six, so the work grows with the length of the text and no faster.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from diagnostics.redaction.checks import is_card, is_imei, is_mobile, is_resident, looks_resident
from diagnostics.redaction.kinds import Kind, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

_TOKEN: Final = re.compile(r"\d+(?:[xX](?![0-9A-Za-z]))?|(?<![0-9A-Za-z])[xX](?![0-9A-Za-z])")
_RUN: Final = re.compile(r"\d[\dxX \t\r\n\-_/·.>|*]{10,}+")
"""Where a number of eleven digits or more can stand at all; most of a text is passed over here."""
_DIGITS_ALONE: Final = dict.fromkeys(map(ord, "xX \t\r\n-_/·.>|*"))
_FEWEST_DIGITS: Final = 11
_INLINE: Final = re.compile(r"[ \t]{1,3}|[ \t]?[-_/·.][ \t]?")
_BREAK: Final = re.compile(r"[ \t-]{0,4}\r?\n[ \t>|*-]{0,12}")
_SINGLE_GAPS: Final = {char: char for char in " -_/·.\n"} | {"\t": " "}
_MOBILE_WORDS: Final = re.compile(
    r"(?:手机|电话|座机|固话|号码|联系|拨打|致电|mobile|phone|tel|call)[^\d\n]{0,8}$", re.IGNORECASE
)
_CARD_WORDS: Final = re.compile(
    r"(?:卡号|银行卡|储蓄卡|信用卡|账号|帐号|card(?: (?:number|no\.?))?)[^\d\n]{0,6}$", re.IGNORECASE
)
_ID_WORDS: Final = re.compile(r"(?:身份证|证件|公民身份|id card|identity)[^\d\n]{0,8}$", re.IGNORECASE)
_IMEI_WORDS: Final = re.compile(r"(?:IMEI|MEID|串号)[^\d\n]{0,6}$", re.IGNORECASE)
_AREA: Final = re.compile(r"(?:(?:\+|00)86|\(\+?86\)|(?<!\d)86)[ \t-]{0,3}$")
_LANDLINE: Final = re.compile(r"(?<![\d.-])\(?(0(?:10|2\d|[3-9]\d{2}))\)?[- ]?([2-8]\d{2,3}[- ]?\d{4})(?![\d.]|-\d)")
_WORD_BEFORE: Final = re.compile(r"[0-9A-Za-z.]{1,12}$")
_MOBILE_LAYOUTS: Final = frozenset(
    {(3, 4, 4), (3, 8), (7, 4), (4, 7), (3, 3, 5), (5, 6), (6, 5), (4, 3, 4), (4, 4, 3), (3, 2, 2, 2, 2), (8, 3)}
)
_LENGTHS: Final = frozenset({11, 13, 15, 16, 17, 18, 19})
_MOST_TOKENS: Final = 6


class _Token:
    """A run of digits as it stands in the text; `joins` is how the next may join it: None, ` `, `.`, a break."""

    __slots__ = ("end", "joins", "start", "text")

    def __init__(self, found: re.Match[str]) -> None:
        self.start, self.end = found.span()
        self.text = found[0].upper()
        self.joins: str | None = None


def numbers(text: str) -> Iterator[Span]:
    """Find every number of these kinds, the surest first: of two that overlap, the earlier one holds."""
    for run in _RUN.finditer(text):
        if len(run[0].translate(_DIGITS_ALONE)) < _FEWEST_DIGITS:
            continue  # most of them are dates
        tokens = _tokens(text, run.start(), run.end() + 1)
        index = 0
        while index < len(tokens):
            taken, span = _at(text, tokens, index)
            if span is not None:
                yield span
            index += taken
    yield from _landlines(text)  # last: the groups of a card may look like one


def _landlines(text: str) -> Iterator[Span]:
    for found in _LANDLINE.finditer(text):
        if (
            "-" in found[0]
            or "(" in found[0]
            or " " in found[0]
            or _MOBILE_WORDS.search(text[max(0, found.start() - 16) : found.start()])
        ):
            yield Span(found.start(), found.end(), "电话号码", found[1] + found[2].translate(_DIGITS_ALONE))


def _tokens(text: str, start: int, end: int) -> list[_Token]:
    """Cut a run into its tokens, and say of each how the next may be joined to it."""
    tokens = [_Token(found) for found in _TOKEN.finditer(text, start, end)]
    for this, following in pairwise(tokens):
        size = following.start - this.end
        if not 1 <= size <= 20 or this.text[-1] == "X":
            continue
        if size == 1:
            this.joins = _SINGLE_GAPS.get(text[this.end])
            continue
        gap = text[this.end : following.start]
        if _INLINE.fullmatch(gap):
            this.joins = gap.strip() or " "
        elif _BREAK.fullmatch(gap):
            this.joins = "\n"
    return tokens


def _at(text: str, tokens: list[_Token], first: int) -> tuple[int, Span | None]:
    """Return how many tokens are dealt with, and the number that begins at this one, if one does."""
    single = _single_digits(tokens, first)
    if single > _MOST_TOKENS:
        span = _number(text, tokens[first : first + single])
        return single, span
    best: tuple[int, Span | None] = (1, None)
    length = 0
    for count in range(1, _MOST_TOKENS + 1):
        token = tokens[first + count - 1]
        length += len(token.text)
        if length > 19:
            break
        if length in _LENGTHS:
            span = _number(text, tokens[first : first + count])
            if span is not None and (best[1] is None or span.kind in ("身份证号", "银行卡号")):
                best = (count, span)
        if token.joins is None or first + count == len(tokens):
            break
    return best


def _single_digits(tokens: list[_Token], first: int) -> int:
    """Count the tokens of one digit each that follow one another from here."""
    count = 0
    while first + count < len(tokens) and len(tokens[first + count].text) == 1:
        count += 1
        if tokens[first + count - 1].joins is None:
            break
    return count


def _number(text: str, tokens: list[_Token]) -> Span | None:
    """Say what number these tokens make together, if any."""
    start, end = tokens[0].start, tokens[-1].end
    digits = "".join(token.text for token in tokens)
    before = text[max(0, start - 24) : start]
    if _inside_word(text, before, end):
        return None
    kind = _kind(digits, tokens, before)
    if kind is None:
        return None
    if kind == "手机号":
        area = _AREA.search(before)
        if area is None and len(digits) > 11 and before.endswith("+"):
            start -= 1
        return Span(start - len(area[0]) if area else start, end, kind, digits[-11:])
    return Span(start, end, kind, digits)


def _kind(digits: str, tokens: list[_Token], before: str) -> Kind | None:
    gaps = {token.joins for token in tokens[:-1]}
    if "." in gaps:
        layout = tuple(len(token.text) for token in tokens)
        return "手机号" if gaps == {"."} and layout == (3, 4, 4) and is_mobile(digits) else None
    length = len(digits)
    told = length == 18 and looks_resident(digits) and _ID_WORDS.search(before)
    if told or (is_resident(digits) and (length == 18 or _old_form(tokens))):
        return "IMEI" if length == 15 and _IMEI_WORDS.search(before) else "身份证号"
    if digits.endswith("X"):
        return None
    if is_imei(digits) or (length == 15 and _IMEI_WORDS.search(before)):
        return "IMEI"
    if is_card(digits) or (length >= 15 and _CARD_WORDS.search(before)):
        return "银行卡号"
    if length in (13, 15) and digits.startswith(("86", "0086")):
        return "手机号" if is_mobile(digits[-11:]) and len(tokens) <= 4 else None
    if is_mobile(digits) and _mobile_layout(tokens, gaps, before):
        return "手机号"
    return None


def _old_form(tokens: list[_Token]) -> bool:
    layout = tuple(len(token.text) for token in tokens)
    return len(layout) == 1 or layout in {(6, 6, 3), (6, 9), (12, 3)} or (len(layout) == 2 and tokens[0].joins == "\n")


def _mobile_layout(tokens: list[_Token], gaps: set[str | None], before: str) -> bool:
    """Whether a mobile number would be written so; a time stamp with a number beside it would not."""
    layout = tuple(len(token.text) for token in tokens)
    if len(layout) in (1, 11) or layout in _MOBILE_LAYOUTS or _MOBILE_WORDS.search(before):
        return True
    return "\n" in gaps and len(layout) == 2 and layout != (10, 1)


def _inside_word(text: str, before: str, end: int) -> bool:
    """Whether the number is a part of something longer: a hexadecimal code, a decimal, a version, a file name."""
    word = _WORD_BEFORE.search(before)
    if word is not None:
        if word[0].endswith("."):
            return len(word[0]) > 1 and word[0][-2].isdigit()
        if any(char.isdigit() for char in word[0]) or word[0].lower() in ("v", "r", "b", "build", "ver"):
            return True
    return bool(re.match(r"[A-Fa-f]{1,8}\d|[A-Fa-f]{2,}", text[end : end + 9]))
