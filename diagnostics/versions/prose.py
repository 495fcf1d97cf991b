"""WeChat versions in prose, records and codes: every place in a text that may be one."""

import re
from collections.abc import Iterator
from typing import Final

from .codes import decode, dotted, shaped, with_code
from .model import Candidate, Platform
from .numbers import Number, dotted_numbers
from .words import label_after, label_of

_HEX: Final = r"(?i)(?<![0-9a-z])(?:0x|dword:\s?(?:0x)?)([0-9a-f]{8})(?![0-9a-z])"
_BARE_HEX: Final = r"(?i)^\W*(?:[^\W\d_]*\W+)?([0-9a-f]{8})\W*$"
_DECIMAL: Final = r"(?<![\d.\-+])(\d{9,10})(?![\d.\-])"
_CODE_AFTER: Final = r"(?i)\s?[(\[（]?\s?0x([0-9a-f]{8})(?![0-9a-z])\s?[)\]）]?"
_BUILD_AFTER: Final = r"(?i)\s?[(\[]\s?(?:build\s?)?(\d{1,6})\s?[)\]]|\s?build[ :]?(\d{1,6})\b"
_DIGITS: Final = r"(?<![\d.\-+/:])([5-8])(\d)(\d\d?)(?![\d.\-/:])"
_RECORD_KEY: Final = r"(?i)(versionName\s?=\s?[\"']?|CFBundle(?:ShortVersionString|Version)\W{1,40}(?:string>)?)$"
_SHORT: Final = r"(?i)(?:微信|wechat|weixin)\s{0,2}(?:版本号?)?\s{0,2}[v:：是]?\s{0,2}([1-9])(?![\d.。])(?:\.x)?"


def candidates(text: str, hint: Platform | None) -> Iterator[Candidate]:
    """Yield what may be WeChat's version in `text`, in the order of how much it settles.

    `hint` is the one platform that the words of the text name, if any.
    """
    text = re.split(r"Hidden system packages:", text, maxsplit=1)[0]  # there stands the replaced, older copy
    used: list[tuple[int, int]] = []
    last = 0
    for number in dotted_numbers(text):
        if match := re.compile(_CODE_AFTER).match(text, number.end):
            code = decode(int(match[1], 16))
            used.append(match.span())
            if code:
                yield with_code(code, number.parts, "version_with_code", hint)
                last = match.end()
                continue
        yield _number(text, number, last, hint)
        last = number.end
    yield from _codes(text, used, hint)
    yield from _digits(text, hint)


def _number(text: str, number: Number, last: int, hint: Platform | None) -> Candidate:
    """Judge one dotted number by its size and by the words beside it."""
    parts = number.parts
    before = text[max(last, number.start - 60) : number.start]
    label, word = label_of(before)
    label = label or label_after(text[number.end : number.end + 12])
    shown = text[number.start : number.end]
    record = re.search(_RECORD_KEY, before)
    if label == "system" and _only_wechats(parts):
        label = "wechat"
    if label == "wecom":
        return Candidate("wecom", explicit=True, reason="wecom", detail=shown)
    if label == "tools":
        return Candidate("developer_tools", reason="developer_tools", detail=shown)
    if label == "system":
        return Candidate("system_version", reason="system_version", detail=f"{word} {shown}")
    if label == "other":
        return Candidate("other_app", reason="other_app", detail=f"{word} {shown}")
    if label == "address" or _is_address(parts, shown):
        return Candidate("ip_address", reason="ip_address", detail=shown)
    if 1900 <= parts[0] <= 2999:
        return Candidate("date", reason="date", detail=shown)
    explicit = label == "wechat"
    if not _plausible(parts, explicit or bool(record), number.plain):
        return Candidate("none", reason="implausible", detail=dotted(parts))
    form = "package_record" if record else "labelled_number" if explicit else "number"
    version, build = shaped(parts, hint)
    after = re.compile(_BUILD_AFTER).match(text, number.end)
    if after and build is None and len(parts) <= 3:
        build = after[1] or after[2]
        if hint is None and parts[0] <= 4 and after[1]:  # macOS About: Version 2.3.27 (12853)
            hint = "macos"
    if len(parts) == 2 and build is None and parts[0] >= 6:
        form = "partial"
    return Candidate(form, version, build, hint, explicit=explicit or bool(record), detail=version)


def _codes(text: str, used: list[tuple[int, int]], hint: Platform | None) -> Iterator[Candidate]:
    """Yield client version codes that stand by themselves, hexadecimal or decimal."""
    found = [(m, 16) for m in _spread(_HEX, text) if not any(a <= m.start() < b for a, b in used)]
    found += [(m, 10) for m in _spread(_DECIMAL, text)]
    if not found and (m := re.search(_BARE_HEX, text)) and (hint or not m[1].isdigit() or "微信" in text):
        found = [(m, 16)]
    for match, base in found:
        value = int(match[1], base)
        code = decode(value)
        registry = base == 10 or "dword" in text.lower()
        if code and base == 10 and hint and code.platform not in (None, hint):
            continue
        if code:
            yield with_code(code, (), "registry_value" if registry else "client_code", hint)
        elif base == 16:
            yield Candidate("client_code", reason="unknown_code", detail=f"0x{match[1]}")


def _digits(text: str, hint: Platform | None) -> Iterator[Candidate]:
    """Yield numbers written without dots: 8049 is 8.0.49, while 2600 is a versionCode."""
    for match in _spread(_DIGITS, text):
        before = text[max(0, match.start() - 20) : match.start()]
        label, _ = label_of(before)
        major, minor, patch = int(match[1]), int(match[2]), int(match[3])
        long = len(match[3]) == 2
        if label not in (None, "wechat") or before.rstrip()[-1:].isdigit():
            continue
        if (label == "wechat" or long) and _known_minor(major, minor) and not (long and match[3][0] == "0"):
            yield Candidate("digits", f"{major}.{minor}.{patch}", None, hint, explicit=label == "wechat")
    for match in _spread(_SHORT, text):
        if match[1] in "5678":
            yield Candidate("partial", match[1], None, hint, explicit=True)


def _spread(pattern: str, text: str, limit: int = 100) -> Iterator[re.Match[str]]:
    for count, match in enumerate(re.finditer(pattern, text)):
        if count >= limit:
            return
        yield match


def _known_minor(major: int, minor: int) -> bool:
    """Whether clients major.minor were published on phones (8.0, 7.0, 6.0 to 6.7, 5.0 to 5.4)."""
    return minor <= {5: 4, 6: 7}.get(major, 0)


def _only_wechats(parts: tuple[int, ...]) -> bool:
    """Whether no Android or iOS ever had this number, but WeChat may: Android 8.0.49."""
    return len(parts) >= 3 and parts[0] in (7, 8) and parts[1] == 0 and 6 < parts[2] < 256


def _is_address(parts: tuple[int, ...], shown: str) -> bool:
    if len(parts) != 4 or max(parts) > 255 or "_" in shown:
        return False
    return parts[0] > 9 or len(set(parts)) == 1 or parts in ((8, 8, 4, 4), (4, 2, 2, 1), (4, 2, 2, 2))


def _plausible(parts: tuple[int, ...], explicit: bool, plain: bool) -> bool:
    """Whether a number can be WeChat's, read more strictly where nothing says that it is."""
    if len(parts) > 4 or max(parts) > 999_999 or parts[1] > 99:
        return False
    if explicit:
        return 1 <= parts[0] <= 20
    if not 2 <= parts[0] <= 8 or parts[1] > 9:
        return False
    if len(parts) == 2:
        return plain and parts[0] >= 5
    return len(parts) == 4 or parts[2] < 256 or parts[0] in (4, 5, 6, 7)
