"""Numbers that checksum and layout give away: resident id, bank card, mobile, landline, foreign telephone, IMEI.

Checksums: ISO 7064 MOD 11-2 (GB 11643), Luhn (ISO/IEC 7812). A number may be written in one piece, in groups with
whatever between them, digit by digit, broken over two lines, or glued to letters and other digits. Groups side by side
are put together in windows of at most nine, so the work grows linearly with the length of the text.
"""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache, partial
from string import ascii_letters
from typing import TYPE_CHECKING, Final, NamedTuple

from diagnostics.redaction.kinds import UNITS, WORDS, Kind, Span, behind

if TYPE_CHECKING:
    from collections.abc import Iterator

_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_REGIONS: Final = ((11, 15), (21, 23), (31, 37), (41, 46), (50, 54), (61, 65), (71, 71), (81, 83))
_PROVINCES: Final = frozenset(str(code) for first, last in _REGIONS for code in range(first, last + 1))
_ISSUER: Final = re.compile(
    r"(?=\d{16})(?:62|81|6[089]|4|5[1-5]|35(?:2[89]|[3-8]\d)|(?:955|900|103)\d{14})|3[47]\d{13}$"
    r"|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}$"
)
"""UnionPay and its members, Visa, Mastercard, JCB; American Express of 15 digits; Mastercard's newer range of 16."""
_MOBILE: Final = re.compile(r"1[3-9]\d{9}")
_TWO_MOBILES: Final = re.compile(r"(?:1[3-9]\d{9}){2}")
_DOUBLED: Final = bytes.maketrans(b"0123456789", b"0246813579")


def luhn(digits: str) -> bool:
    """Whether the last digit is the Luhn check digit of the others."""
    plain, doubled = digits[-1::-2].encode(), digits[-2::-2].encode().translate(_DOUBLED)
    return (sum(plain) + sum(doubled) - 48 * len(digits)) % 10 == 0


def check_character(first17: str) -> str:
    """Return the check character of a resident number's first 17 digits: 0-9 or X."""
    return "10X98765432"[sum(int(digit) * weight for digit, weight in zip(first17, _WEIGHTS, strict=True)) % 11]


def looks_resident(number: str) -> bool:
    """Whether 18 characters are laid out as a resident number or, behind a 9, a foreign resident's; the check aside.

    Or 15 digits as one of the old form, which has no check digit and no century.
    """
    region = number[1:3] if number[0] == "9" else number[:2]
    born = "19" + number[6:12] if len(number) == 15 else number[6:14]
    try:
        return region in _PROVINCES and 1850 <= date.fromisoformat(born).year <= 2099
    except ValueError:
        return False


def is_resident(number: str) -> bool:
    """Whether this is a resident number: 18 characters with the right check digit, or the old form of 15 digits."""
    checked = len(number) == 15 or (len(number) == 18 and check_character(number[:17]) == number[17])
    return checked and looks_resident(number)


def is_card(number: str) -> bool:
    """Whether this is a bank card: 15 to 19 digits, a prefix of an issuer seen in China, and Luhn."""
    return len(number) <= 19 and _ISSUER.match(number) is not None and luhn(number)


_TOKEN: Final = re.compile(r"(?<!\d)\d{17}[xX]|\d+(?:[xX](?![0-9A-Za-z]))?|(?<![0-9A-Za-z])[xX](?![0-9A-Za-z])")
_RUN: Final = re.compile(r"[0-9][\dxX\W_]{8,}+")
"""Where a number of nine signs or more can stand at all; most of a text is passed over here."""
_TIME: Final = re.compile(
    r"(?:19|20)\d\d[-/.][01]?\d[-/.][0-3]?\d[ ,]{1,3}[0-2]?\d:[0-5]\d(?::[0-5]\d(?:[.,]\d{1,6})?)?[\W_]*"
)
"""No number of anybody; a log has one in each line."""
_FEWEST_DIGITS: Final = 11
_digits = partial(re.sub, r"\D+", "")
_GAP: Final = re.compile(
    r"(?P<inline>[ \t]{1,3}|[ \t]?(?:[-_/·]{1,3}|\.)[ \t]?)"
    r"|(?P<line>[ \t-]{0,4}(?:\r?\n){1,2}[ \t>|*-]{0,12})|[^\w\n]{1,5}"
)
_SAYS: Final = (
    r"(?:[\s:=,，、(（\[【“\"'「『*#-]|号码?|片|是不?|为|的|了|尾|我|no\b\.?|number|num\b|is\b|最?后|里){0,8}"
)
_MOBILE_WORDS: Final = behind(WORDS["telephones"], r"[^\d\n]{0,8}")
_PHONE_AFTER: Final = re.compile(r"[^\d\n]{0,6}(?:电话|座机|固话|传真|[打拨呼][了过给来不]|这个号(?!码?段))")
_CARD_WORDS: Final = behind(WORDS["cards"], _SAYS)
_ID_WORDS: Final = behind(WORDS["residents"], r"[^\d\n]{0,12}")
_ORDER_WORDS: Final = behind(WORDS["orders"], r"[^\d\n]{0,8}")
_OFFICE: Final = behind(WORDS["offices"], "(?:的?(?:电话|号码)|number)?[:=是 ]{0,3}")
_OFFICE_AFTER: Final = re.compile(rf"[ (（是]{{0,3}}(?:{WORDS['offices']})")
_LANDLINE: Final = re.compile(
    r"(?<![\d.-])\(?(0(?:10|2\d|[3-9]\d{2}))\)?(?P<gap>[ ./_·~-]{0,3})"
    r"((?:[2-8]|(?<=\d-)[19])\d{2}(?:[ ./_·~-]{0,3}\d){4,5})"
    r"(?:-\d{1,5})?(?!\d|[.-]\d)"
)
_EXTENSION: Final = re.compile(r" ?(?:转|分机|#|ext\.?|x) ?(?:分机)?号? ?\d{1,5}(?!\d)")
_ABROAD: Final = re.compile(
    r"(?<![0-9A-Za-z_+%).])(?P<lead>\+(?:00)?|00)(?!1[ -]?8(?:00|33|[4-8]{2}))"
    r"(?P<rest>[1-9](?:[ .()/-]{0,3}\d){7,14})(?!\d|[.,]\d)"
)
_ELSEWHERE: Final = re.compile(
    r"(?<![0-9A-Za-z_.-])(?:0[5-9]0[- ]\d{4}[- ]\d{4}|09\d\d-\d{3}-\d{3}|04\d\d \d{3} \d{3}|07\d{3} \d{6}"
    r"|0[67](?: \d\d){4}|(?:85[23]|886)[ -]\d{4}[ -]\d{4}|(?:1[ .-]{1,2})?(?!400|8(?:00|33|[4-8]{2}))[2-9]\d\d"
    r"(?P<sign>[-.])[2-9]\d\d(?P=sign)\d{4})(?![\d-]|\.\d)"
    r"|(?<![\d)])(?:1[ -])?\((?!400|800)[2-9]\d{2}\)[ -]?\d{3}[ -]\d{4}(?![\d-])"
)
"""Mobile numbers as their countries write them: Japan and Korea, Taiwan, Australia, Britain, France, America."""
_CALLING: Final = re.compile(
    r"1|7|20|27|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|21[1-368]|2[2-6]\d|29[0-9]|35\d|37\d|38[0-9]|42[0-3]"
    r"|50\d|59\d|67\d|68\d|69[0-2]|85[02356]|88[06]|96[0-8]|97\d|99[2-68]"
)
_STRAY: Final = re.compile(
    r"[0-9](?<![\dA-Za-z./_+¥￥$#@%=-].)(?<!\d[:,].)(?:\d{5}|\d{8,18}|(?<=:.)\d{6,7}(?=\s*$)|\d\d[ -]\d{3}"
    r"|\d{3}(?P<gap>[ _-])\d{4}(?:(?P=gap)\d{4}){2}(?:(?P=gap)\d{3})?)"
    r"(?![\dA-Za-z_%/=@-]|[.,:]\d|\.[A-Za-z])"
)
"""A number that stands alone: in a piece, a code of two threes, a card of fours."""
_EVERYBODYS: Final = re.compile(
    r"(?:(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:(?:0[1-9]|[12]\d|3[01])(?:(?:[01]\d|2[0-3])\d{0,11})?)?"
    r"|2\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])|1[5-8]\d{8}(?:\d{3})?"
    r"|(?:400|800)\d{7}|106\d{3,}|(?:95|96|10|12)\d{3,4}|\d{3,6}000|123456\d*|(?:(?:19|20)\d\d){4}|(?:\d\d00){4})$"
)
"""A date, a time in seconds, the number of an office, a round sum, digits in their order."""
_OTHERS: Final = behind(
    rf"(?:{WORDS['orders']}|{WORDS['counted']}|(?<![a-z])(?:{WORDS['measures']})(?![a-z]))[^\n。;；!！?？]{{0,12}}"
    r"|(?!(?:sms|otp|pin|text|user|customer|client|agent)\b)[a-z_][\w-]{2,}[\"']?[ ]?[:=][ ]?[\"']?"
    r"|(?:微信|wechat|安卓|android|i?os|macos|windows|第|\bV"
    r"|[还差花存转欠亏赚贷批付缴交收](?:了|款|清)?|到账|入账|理财|逾期了?|首付|支出|本息|提现|异常|失败|出现)[ :]?",
    "",
)
"""What stands before a number that is nobody's: an order, an error, a sum, a version, a key of a record."""
_COUNTED: Final = re.compile(rf"[ ]?(?:{UNITS}|的?额度|首付|[这那]个错)", re.IGNORECASE)
_ALPHANUMERIC: Final = ascii_letters + "0123456789"
_LONG: Final = re.compile(r"\d{11,}")
_LETTER: Final = re.compile(r"[^\W\d_]")
_LISTED: Final = re.compile(r"(?<![\d.])[1-9]\d?\.$")
_STAMP: Final = re.compile(
    r"(?:19|20)\d\d(?:(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01]))?|\d{0,2}|1[3-9]\d{9}|62\d{14}(?:\d{3})?"
)
"""What may stand directly beside a long number: a year, a date, two digits at most, another number."""
_BUILDS: Final = frozenset({"build", "ver", "rev", "commit", "version", "r", "b"})
_PLAIN_LAYOUTS: Final = frozenset({(3, 4, 4), (3, 8), (7, 4)})
_SEPARATE: Final = (None, ",", "\n")
_HAS_YEAR: Final = re.compile(r"(?<!\d)20[0-3]\d(?!\d)")
_LENGTHS: Final = frozenset({11, 13, 14, 15, 16, 17, 18, 19})
_LONGEST, _LONGEST_GLUED = 19, 38
_MOST_TOKENS, _MOST_USUAL = 9, 6
_STRONG: Final = ("身份证号", "银行卡号")


class _Token(NamedTuple):
    """A run of digits as it stands in the text.

    `joins` is how the next may join it: None, ` `, `-`, `.`, a break, `:`, or `,` for whatever else stands between.
    """

    start: int
    end: int
    text: str
    joins: str | None


def numbers(text: str) -> Iterator[Span]:
    """Find every number of these kinds, the surest first: of two that overlap, the earlier one holds."""
    later: list[Span] = []
    runs = [run for run in _RUN.finditer(text) if not _TIME.fullmatch(run[0])]
    for run in runs:
        if len(run[0]) < _FEWEST_DIGITS:
            continue
        tokens = _tokens(text, run.start(), run.end() + 1)
        if sum(len(token.text) for token in tokens) < _FEWEST_DIGITS:
            continue
        index = 0
        while index < len(tokens):
            taken, span = _at(text, tokens, index)
            if span is not None and span.kind == "手机号" and taken > 1:
                later.append(span)  # in groups it may be the middle of a longer number
            elif span is not None:
                yield span
            index += taken
    yield from later
    for run in runs:  # last: the groups of a card may look like one
        yield from _telephones(text, max(0, run.start() - 2), run.end())
    _says.cache_clear()  # nothing of a text is kept


def strays(text: str) -> Iterator[Span]:
    """Find what numbers of six digits and more are left where nothing says that they are nobody's."""
    worded = _LETTER.search(text) is not None
    for found in _STRAY.finditer(text):
        if not (worded or found["gap"]):
            continue  # an answer to what was asked elsewhere
        before = text[max(0, found.start() - 24) : found.start()]
        digits = _digits(found[0])
        if not (_EVERYBODYS.match(digits) or _COUNTED.match(text, found.end()) or _OTHERS.search(before)):
            size = len(digits)
            kind: Kind = "验证码" if size == 6 else "银行卡号" if size > 13 else "证件号"
            yield Span(*found.span(), kind, digits)


def _telephones(text: str, start: int, end: int) -> Iterator[Span]:
    for found in _ABROAD.finditer(text, start, end):
        digits, together = _digits(found["rest"]), found["rest"].isdigit()
        enough = (10 if together else 9) <= len(digits) <= 15
        if found["lead"] == "00" and ("." in found["rest"] or (together and len(digits) > 13)):
            enough = False
        ordered = _ORDER_WORDS.search(text[max(0, found.start() - 24) : found.start()])
        if enough and not ordered and _CALLING.match(digits):
            yield Span(*found.span(), "电话号码", re.sub("^860?", "0", digits))
    for found in _ELSEWHERE.finditer(text, start, end):
        yield Span(*found.span(), "电话号码", _digits(found[0]))
    for found in _LANDLINE.finditer(text, start, end):
        before = text[max(0, found.start() - 16) : found.start()]
        announced = _MOBILE_WORDS.search(before) or _PHONE_AFTER.match(text, found.end())
        public = _OFFICE.search(before) or _OFFICE_AFTER.match(text, found.end())
        if (found["gap"] or {"(", " "} & set(found[0]) or announced) and not public:
            extension = _EXTENSION.match(text, found.end()) or found
            yield Span(found.start(), extension.end(), "电话号码", found[1] + _digits(found[3]))


def _tokens(text: str, start: int, end: int) -> list[_Token]:
    """Cut a run into its tokens, and say of each how the next may be joined to it."""
    runs = list(_TOKEN.finditer(text, start, end))
    following = [run.start() for run in runs[1:]]
    return [
        _Token(run.start(), run.end(), run[0].upper(), None if run[0][-1] in "xX" else _joins(text[run.end() : begins]))
        for run, begins in zip(runs, (*following, 0), strict=True)
    ]


@lru_cache(maxsize=64)
def _joins(gap: str) -> str | None:
    if (match := _GAP.fullmatch(gap)) is None:
        return None
    if match["line"] is not None:
        return "\n"
    return gap.strip() or " " if match["inline"] is not None else ":" if ":" in gap else ","


def _at(text: str, tokens: list[_Token], first: int) -> tuple[int, Span | None]:
    """Return how many tokens are dealt with, and the number that begins at this one, if one does."""
    last = first  # of those with a digit each
    while tokens[last].joins is not None and len(tokens[last].text) == len(tokens[last + 1].text) == 1:
        last += 1
    if last - first >= _MOST_TOKENS:
        return last + 1 - first, _number(text, tokens[first : last + 1])
    best: tuple[int, Span | None] = (1, None)
    length, begin = 0, "".join(token.text for token in tokens[first : first + 2])[:2]
    for count, token in enumerate(tokens[first : first + _MOST_TOKENS], 1):
        length += len(token.text)
        if length > _LONGEST:
            break
        # most short groups in a row are a table's
        likely = count <= _MOST_USUAL or begin == "62" or (length == 18 and begin in _PROVINCES)
        if length in _LENGTHS and likely:
            begins = not first or tokens[first - 1].joins in _SEPARATE
            alone = begins and token.joins in _SEPARATE and not _HAS_YEAR.search(text, tokens[first].start, token.end)
            span = _number(text, tokens[first : first + count], alone=alone)
            if span is not None and (best[1] is None or span.kind in _STRONG):
                best = (count, span)
        if token.joins is None:
            break
    if best[1] is None and _LONGEST - 2 <= len(tokens[first].text) <= _LONGEST_GLUED:
        return 1, _glued(text, tokens[first])
    return best


def _glued(text: str, token: _Token) -> Span | None:
    """Find the resident number or card that a date, a count or two digits are glued to; checksums alone decide."""
    digits, before = token.text, text[max(0, token.start - 24) : token.start]
    if _ORDER_WORDS.search(before) or _inside_word(text, token.start, token.end, strong=True):
        return None
    for size, sure in ((18, is_resident), (19, is_card), (16, is_card)):
        for at in range(len(digits) - size + 1):
            inner = digits[at : at + size]
            sides = (digits[:at], digits[at + size :])
            known = sure(inner) or (size == 18 and looks_resident(inner) and any(map(_MOBILE.fullmatch, sides)))
            if known and (size == 18 or inner.startswith("62")) and all(map(_STAMP.fullmatch, sides)):
                start = token.start + at
                return Span(start, start + size, "身份证号" if size == 18 else "银行卡号", inner)
    if _TWO_MOBILES.fullmatch(digits):
        return Span(token.start, token.end, "手机号", digits)
    return Span(token.start, token.end, "银行卡号", digits) if _CARD_WORDS.search(before) else None


@lru_cache(maxsize=16)
def _says(words: re.Pattern[str], before: str) -> bool:
    """Whether what stands before a number, the same for many numbers that may begin there, ends in such words."""
    return words.search(before) is not None


def _number(text: str, tokens: list[_Token], *, alone: bool = False) -> Span | None:
    """Say what number these tokens make together, if any; `alone`: no other groups are joined to them."""
    start, end = tokens[0].start, tokens[-1].end
    digits = "".join(token.text for token in tokens)
    before = text[max(0, start - 24) : start]
    kind = _kind(digits, tokens, before if _LETTER.search(before) else "", alone=alone)
    listed = kind != "IMEI" and (kind != "银行卡号" or len(tokens) > 1 or digits.startswith("62"))
    told = kind == "手机号" and _says(_MOBILE_WORDS, before)
    if kind is None or (not told and _inside_word(text, start, end, strong=kind in _STRONG, listed=listed)):
        return None
    if kind != "手机号":
        return Span(start, end, kind, digits)
    return Span(start - (len(digits) > 11 and before.endswith("+")), end, kind, digits[-11:])


def _kind(digits: str, tokens: list[_Token], before: str, *, alone: bool) -> Kind | None:
    layout, gaps = tuple(len(token.text) for token in tokens), {token.joins for token in tokens[:-1]}
    loose = bool(gaps & {",", ".", ":"})
    if loose and max(layout) == 3 and set(layout[1:-1]) <= {3}:
        return None  # a sum with its thousands apart
    length, broken = len(digits), len(layout) == 2 and "\n" in gaps
    ordered = _says(_ORDER_WORDS, before)
    if length == 18:
        resident = looks_resident(digits) and (not ordered or is_resident(digits))
        announced = digits[:2] in _PROVINCES
    else:  # the old form has no check digit: it is written in a piece, or as its parts are
        plain = not loose and not ordered and (broken or layout in {(15,), (6, 6, 3), (6, 9), (12, 3)})
        announced = is_resident(digits)
        resident = announced and plain
    if resident or (announced and _says(_ID_WORDS, before)):
        return "身份证号"
    if digits.endswith("X"):
        return None
    device = length == 15 and not ordered and (len(layout) in (1, 15) or layout == (2, 6, 6, 1))
    if device and digits[:2] in ("01", "35", "86", "99") and luhn(digits):
        return "IMEI"
    if length >= 14 and not ordered and _is_card(digits, layout, gaps, before):
        return "银行卡号"
    if length in (13, 15) and digits.startswith(("86", "0086")):
        return "手机号" if _MOBILE.fullmatch(digits, len(digits) - 11) and len(tokens) <= 4 else None
    usual = len(layout) in (1, 11) or layout in _PLAIN_LAYOUTS
    usual = usual or (not loose and (alone or (layout[0] == 3 and set(layout[1:-1]) <= {3, 4})))
    if _MOBILE.fullmatch(digits) and (usual or _says(_MOBILE_WORDS, before) or (broken and layout != (10, 1))):
        return "手机号"
    return None


def _is_card(digits: str, layout: tuple[int, ...], gaps: set[str | None], before: str) -> bool:
    if _says(_CARD_WORDS, before):
        return True
    if ":" in gaps:
        return False  # an IPv6 address
    loose = bool(gaps & {",", "."})
    fours = len(set(layout)) == 1 or (set(layout[:-1]) == {4} and layout[-1] <= 4)
    if digits[:2] == "62" and not loose and (len(digits) in (16, 19) or (fours and len(layout) > 3)):
        return True
    return is_card(digits) and (fours or (not loose and (len(layout) <= 3 or "\n" in gaps)))


def _inside_word(text: str, start: int, end: int, *, strong: bool, listed: bool = False) -> bool:
    """Whether the number is a part of something longer: a hexadecimal code, a decimal, a version.

    A `strong` one has a checksum: letters beside it say little against that. `listed`: it may stand behind `1.`.
    """
    before = text[max(0, start - 40) : start]
    if before.endswith("."):
        return len(before) > 1 and before[-2].isdigit() and not (listed and _LISTED.search(before))
    after = text[end : end + 40]
    left = _LONG.split(before[len(before.rstrip(_ALPHANUMERIC)) :])[-1]
    right = _LONG.split(after[: len(after) - len(after.lstrip(_ALPHANUMERIC))])[0]
    if left.lower().endswith("0x") or left.lower() in _BUILDS:
        return True
    if not (rest := left + right):
        return False
    numbered = any(char.isdigit() for char in rest)
    if strong or (numbered and len(rest) >= 4):
        return numbered and (not strong or len(rest) >= 12)
    is_hex = all(char in "0123456789abcdefABCDEF" for char in rest)
    together = text[start:end].isdigit()
    return is_hex and together and len(rest) + end - start >= 16
