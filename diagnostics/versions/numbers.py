"""Fold outside text to one width, bounded, and read the numbers in it: dotted ones and client version codes.

Source of the codes' layouts: user agents whose code stands beside a separately published version. The first
hexadecimal digit (desktop 4.x and HarmonyOS: the first three) names the platform.
"""

import re
from collections.abc import Iterator
from functools import partial
from itertools import islice
from typing import Final

import msgspec

from diagnostics.versions.tables import Candidate, Form, Platform

MAX_WHOLE: Final = 16_000
"""Characters of a text that are read in full; of a longer one only the places around these marks."""
_MARKS: Final = (
    "MicroMessenger", "PCWindowsWechat", "微信", "WeChat", "wechat", "Weixin", "com.tencent.", "versionName=",
)  # fmt: skip
_BEFORE, _AFTER, _PER_MARK = 160, 480, 12
_FOLD: Final[dict[int, int | str | None]] = {
    **{wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)},  # full-width ASCII
    # invisible
    **dict.fromkeys((0xAD, 0xFEFF, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070))),
    **dict.fromkeys((0xA0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000, 0x09), " "),
    **dict.fromkeys((0xFE52, 0x2024), "."),
    **dict.fromkeys((0xFF61, 0xB7, 0x30FB, 0x2022, 0x2027), "。"),  # dots that also end sentences or items
}
_MISTYPED: Final = r"(?<=\d\.)[oO](?=\.\d)|(?<=[5-8])、(?=0、\d)|(?<=[5-8]、0)、(?=\d)"
"""The letter for the nought, and the comma of lists for the dot: 8.O.49, 8、0、49."""
_DOUBLED: Final = r"(?<=\d)[.。]{2,3}(?=\d)|(?<=[5-8]\.0\.)0+(?=[1-9]\d?(?!\d))"
"""A dot typed twice, noughts before the last number: 8.0..49, 8.0.049."""
_DIGITS: Final = "零一二三四五六七八九"
_READ_OUT: Final = (
    f"(?<![〇{_DIGITS}十百千万])[五六七八][零〇][一二三四五六七八九][〇{_DIGITS}](?![〇{_DIGITS}十百千万])"
)
"""A version read out digit by digit: 八零四九."""
_NUMERALS: Final = f"[〇{_DIGITS}十]{{1,3}}"
_SPOKEN: Final = rf"{_NUMERALS}(?:点{_NUMERALS}){{2,3}}|(?<=安卓|鸿蒙){_NUMERALS}"
"""A dictated number: 八点零点四十九 is 8.0.49, 安卓十三 is 安卓13."""


def folded(text: str) -> str:
    """Return `text` folded to plain width, at most about 64 000 characters of it, in linear time.

    A text longer than `MAX_WHOLE` is read at its beginning, its end and around the places where
    WeChat is named, so that one line in a long log is still found.
    """
    if len(text) > MAX_WHOLE:
        text = _excerpts(text)
    text = "\n".join(text.splitlines()).translate(_FOLD)
    text = re.sub(_MISTYPED, lambda sign: "." if sign[0] == "、" else "0", text)
    text = re.sub(_DOUBLED, lambda found: "." if found[0][0] in ".。" else "", text)
    if text.isascii():
        return text
    text = re.sub(_READ_OUT, lambda found: "".join(map(_spoken_number, found[0])), text)
    return re.sub(_SPOKEN, lambda spoken: ".".join(map(_spoken_number, spoken[0].split("点"))), text)


def _spoken_number(words: str) -> str:
    tens, ten, ones = words.replace("〇", "零").rpartition("十")
    digits = "".join(str(_DIGITS.index(word)) for word in ones)
    if not ten:
        return digits
    return f"{_DIGITS.index(tens[-1]) if tens and tens[-1] in _DIGITS else 1}{digits or 0}"


def _excerpts(text: str) -> str:
    spans = [(0, 4_000), (len(text) - 2_000, len(text))]
    for mark in _MARKS:
        at = -len(mark)
        for part in text.split(mark, _PER_MARK)[:-1]:
            at += len(mark) + len(part)
            spans.append((max(0, at - _BEFORE), at + _AFTER))
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return "\n".join(text[start:end] for start, end in merged)


def matches(pattern: str, text: str, limit: int = 100) -> Iterator[re.Match[str]]:
    """Yield the matches of `pattern`, at most `limit` of them, so that no text takes for ever."""
    return islice(re.finditer(pattern, text), limit)


# dotted numbers

_RUN: Final = r"(?<!\d)(?<!\d\.)\d{1,10}(?:\s{0,2}[.。,点]\s{0,2}\d{1,10}){1,12}(?![\d])"
_PLAIN: Final = re.compile(r"\d+(?:\.\d+)*")
_TAIL: Final = re.compile(r"_r[0-9a-f]{3,12}(?:\.\d{1,6})?")


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
        pieces: list[re.Match[str]] = []
        for piece in _PLAIN.finditer(text, run.start(), run.end()):
            whole = piece[0].count(".") >= 2
            if whole or sum(one[0].count(".") + 1 for one in (*pieces, piece)) > 4:
                yield from _number(text, pieces)
                pieces = []
            pieces.append(piece)
            if whole:
                yield from _number(text, pieces)
                pieces = []
        yield from _number(text, pieces)


def _number(text: str, pieces: list[re.Match[str]]) -> Iterator[Number]:
    digits = [part for piece in pieces for part in piece[0].split(".")]
    if len(digits) >= 2 and not any(len(part) > 1 and part[0] == "0" for part in digits[:3]):
        tail = _TAIL.match(text, pieces[-1].end())
        yield Number(tuple(map(int, digits)), pieces[0].start(), (tail or pieces[-1]).end(), len(pieces) == 1)


def dotted(parts: tuple[int, ...]) -> str:
    """Write numbers as a version: `(8, 0, 49)` is `8.0.49`."""
    return ".".join(map(str, parts))


def can_be_wechat(parts: tuple[int, ...]) -> bool:
    """Whether a number that the text calls WeChat's can be one."""
    if len(parts) > 3 and parts[2] > max_patch(parts[0]):
        return False
    return 1 <= parts[0] <= 20 and parts[1] <= 99 and max(parts) <= 999_999


def max_patch(major: int) -> int:
    """Return the largest third number: 99 on phones before 8.0, whose greater third numbers are builds."""
    return 99 if 5 <= major < 8 else 255


def is_no_system_version(parts: tuple[int, ...]) -> bool:
    """Whether no system ever had this number, but WeChat may: 8.0.49."""
    return len(parts) >= 3 and parts[0] in (7, 8) and parts[1] == 0 and parts[2] > 6


def version_and_build(parts: tuple[int, ...], platform: Platform | None) -> tuple[str, str | None]:
    """Split a dotted number into (version, build), the version as the platform's About page shows it.

    Phones show three parts, so a fourth is the build. Clients 2.x to 4.x are desktop ones: four parts,
    only macOS before 4.0 shows three. A third part too large for a patch is the build: `5.2.380` is 5.2.
    """
    if platform == "harmony":
        return dotted(parts), None
    if len(parts) == 3 and parts[2] > (99 if parts[0] < 8 else 255) and platform in ("android", "ios", None):
        return dotted((*parts[:2], 0) if parts[0] >= 6 else parts[:2]), str(parts[2])
    desktop = platform in ("windows", "linux") or (platform in ("macos", None) and parts[0] == 4)
    if desktop or (platform is None and parts[0] in (2, 3)):
        return dotted(parts), None
    return dotted(parts[:3]), str(parts[3]) if len(parts) > 3 else None


# client version codes

_UNIFIED: Final[dict[str, Platform]] = {"f25": "windows", "f26": "macos", "f27": "linux"}
_FIRST: Final[dict[str, Platform]] = {"1": "ios", "2": "android", "6": "windows"}
_PLACEHOLDERS: Final = ("6700143b", "16080000")
"""Codes that desktop clients send in every user agent, whatever their version."""


class Code(msgspec.Struct, frozen=True):
    """A client version code taken apart: four numbers and the platform its leading digits name."""

    parts: tuple[int, ...]
    platform: Platform | None
    placeholder: bool = False


def decode(digits: str) -> Code | None:
    """Take a client version code (hexadecimal digits) apart; None where it has the layout of no known client."""
    digits = digits.lower()
    if len(digits) != 8:
        return None
    major, *low = (int(part, 16) for part in (digits[1], digits[4:6], digits[6:]))
    if digits[:3] in _UNIFIED:  # f25 M n p bb
        parts = (*(int(digit, 16) for digit in digits[3:6]), low[1])
        return Code(parts, _UNIFIED[digits[:3]]) if parts[0] >= 4 else None
    if digits[:3] == "f31":  # f3 M n pp bb; the number shown differs from it in the first part
        return Code((1, int(digits[3], 16), *low), "harmony")
    parts = (major, int(digits[2:4], 16), *low)
    if digits in _PLACEHOLDERS:
        return Code(parts, None, placeholder=True)
    platform = _FIRST.get(digits[0])
    newest = 3 if platform == "windows" else 12  # 1: iOS, and macOS with 2 or 3
    if platform is None or parts[1] > 15 or parts[2] > max_patch(major) or not 2 <= major <= newest:
        return None
    return Code(parts, None if platform == "ios" and major < 4 else platform)


def candidate_of_code(digits: str, text: tuple[int, ...], form: Form, hint: Platform | None = None) -> Candidate | None:
    """Read a code with the number written beside it (may be empty); the code wins, save on HarmonyOS.

    `hint` is the platform that the rest of the text names; it settles the one code that iOS and macOS share.
    """
    code = decode(digits)
    if code is None:
        return None
    made = partial(Candidate, explicit=True, coded=True)
    if code.placeholder:
        return made("placeholder", platform=hint, reason="placeholder", detail=dotted(text or code.parts))
    # an agent that names OpenHarmony is no Android's
    if "harmony" in (code.platform, hint) and text and can_be_wechat(text):
        return made(form, dotted(text), None, "harmony")
    if code.platform == "harmony":
        return made(form, platform="harmony", reason="harmony_code", detail=dotted(code.parts))
    if code.platform in ("windows", "macos", "linux"):  # a code of its own, so a desktop client
        return made(form, dotted(code.parts), None, code.platform)
    same = text[:3] == code.parts[:3]
    build = code.parts[3]
    if same and len(text) == 4:
        build = text[3]
    elif len(text) == 3 and text[2] > 99 and (*text[:2], 0) == code.parts[:3]:  # 7.0.1380(0x2700003A)
        build = text[2]
    shared: Platform | None = "macos" if same and len(text) == 4 else None  # 1 with 2 or 3, unless anything says more
    return made(form, dotted(code.parts[:3]), str(build), code.platform or hint or shared)


_HEX: Final = r"(?i)(?<![0-9a-z])(?:0x|dword:\s?(?:0x)?)([0-9a-f]{8})(?![0-9a-z])"
_PARAMETER: Final = r"(?i)(?<![a-z])(?:client_?)?version=(?!0x)([0-9a-f]{8})(?![0-9a-z])"  # addresses and cookies
_WHOLE: Final = r"(?i)(?:微信|wechat|weixin|版本号?|version|client)?\W{0,4}([0-9a-f]{8})\W{0,4}"
_DECIMAL: Final = r"(?<![\d.\-+])(\d{9,10})(?![\d.\-])"
_PRIVATE: Final = r"(?i)(?:qq号?|微信号|账号|帐号|电话|手机号?|tel|phone|uin|id)\W{0,3}$"


def codes_in(text: str, used: list[tuple[int, int]], hint: Platform | None) -> list[Candidate]:
    """Return the codes in `text` outside the places `used`; `hint` is the platform its words name."""
    hexadecimal = [
        match for match in matches(_HEX, text) if not any(start <= match.start() < end for start, end in used)
    ]
    form: Form = "registry_value" if "dword" in text.lower() else "client_code"
    found: list[Candidate | None] = []
    for match in hexadecimal:
        one = candidate_of_code(match[1], (), form, hint)
        if one is None and len(match[1].strip("0")) > 3:  # the registry's other values are small
            one = Candidate("client_code", reason="unknown_code", detail=f"0x{match[1]}")
        found.append(one)
    found += [candidate_of_code(match[1], (), "client_code", hint) for match in matches(_PARAMETER, text)]
    for match in matches(_DECIMAL, text):
        digits = f"{int(match[1]):08x}"
        private = re.search(_PRIVATE, text[max(0, match.start() - 10) : match.start()])
        if not private and _certain(decode(digits), hint):
            found.append(candidate_of_code(digits, (), "registry_value", hint))
    whole = re.fullmatch(_WHOLE, text.strip())
    if whole and not hexadecimal and not any(found) and (not whole[1].isdigit() or whole.start(1) > 1):
        found.append(candidate_of_code(whole[1], (), "client_code", hint))
    return [one for one in found if one is not None]


def _certain(code: Code | None, hint: Platform | None) -> bool:
    """Whether a decimal number is a code rather than an account's or a moment's: stricter than `decode`."""
    if code is None or (hint is not None and code.platform not in (None, hint)):
        return False
    major, minor, patch, _ = code.parts
    if code.platform in ("android", "ios"):
        return 5 <= major <= 8 and minor <= 7 and patch <= 127
    return minor <= 9
