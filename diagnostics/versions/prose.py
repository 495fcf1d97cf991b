"""WeChat versions in prose and records: every number in a text that may be one."""

import re
from collections.abc import Iterator
from typing import Final

import msgspec

from .codes import decode, dotted, possible, shaped, with_code
from .model import Candidate, Platform
from .numbers import Number, dotted_numbers, matches
from .ownership import owner_of
from .vocabulary import Label
from .words import label_after, label_of

_CODE_AFTER: Final = r"(?i)\s?[(\[]?\s?0x([0-9a-f]{8})(?![0-9a-z])"
_BUILD_AFTER: Final = (
    r"(?i)\s?[(\[]\s?(?:build\s?)?(\d{2,6})\s?[)\]]|\s?build[ :]?(\d{2,6})\b|[_-](\d{3,5})(?![\d-]|\.\d)"
)
_RECORD_KEY: Final = r"(?i)(?:versionName\W{1,4}|CFBundle(?:ShortVersionString|Version)\D{1,40})$"
_PACKAGE: Final = r"(?i)(?:package \[|package: name='|packageName\W{1,4}|pkg=)([a-z][\w.]{2,60})"
_LINK: Final = (
    r"(?i)[\s/、,~+&|]*(?:和|与|或|到|至|及|跟|to|or|and|升级[到为至]?|更新[到为至]?|变成|->|→|-)?[\s/、,~vV]*"
)
_WEAK: Final = (
    r"(?i)(?:最新|最低|之前|以前|升级前|更新前|需要|要求|支持|latest|newest|minimum|requires?)[^,;。\n]{0,12}$"
)
_BOUND_BEFORE: Final = (
    r"(?i)(?:[低高]于|[大小]于|至少|最少|不到|超过|below|above|at least|^\s?[<>≤≥]=?)\s?(?:微信|版本|v)?\s?$"
)
_BOUND_AFTER: Final = (
    r"(?i)\s?(?:[及或之]?以[上下]|[及或]更[高新低早]|\+(?!\w)|(?:or|and) (?:later|above|newer|higher|earlier|below))"
)
_ALONE: Final = (
    r"(?i)(?:[我的用是在它这现当目前应该大概好像吧上面写着显示看到新旧装版本号软件机\s\W]|version|ver|v|is|it|it's|its|my|mine"
    r"|now|shows?|says?|app|the|i|have)*"
)
"""What may stand around a number of four digits that nothing calls WeChat's; beside 尾号 or 验证码 it is another's."""
_ROUGH: Final = r"(?i)\s?(?:几|多少|[x*?？]{1,2}(?![a-z0-9])|左右)"
_UNIT_AFTER: Final = r"(?i)\s?(?:元|英?寸|吋|[gmk]b?\b|%|万|块|岁|分|米|cm|kg|倍|折)"
_LOOSE: Final = (
    r"(?i)\s*(?:微信|版本号?|wechat|v)?[\s:]*([78])(?:[-_/ .]0[-_/ ]([1-9]\d?)|\.0([1-9]\d))\s*"  # 8-0-49, 8.049
)
_WRITTEN: Final = ("labelled_number", "number", "partial")
"""Forms of a person's own words: only of these it must be asked whose and of when they are."""
_OWN_PACKAGES: Final = ("com.tencent.mm", "com.tencent.xin", "com.tencent.wechat", "com.tencent.xinwechat")


def numbers_in(text: str, hint: Platform | None) -> tuple[list[Candidate], list[tuple[int, int]]]:
    """Return what the dotted numbers of `text` are, and the places of the codes that belong to them.

    `hint` is the one platform that the words of the text name, if any.
    """
    found: list[Candidate] = []
    used: list[tuple[int, int]] = []
    last, label = 0, None
    harmony = hint is None and re.search(r"(?i)鸿蒙|harmony", text) is not None  # its versions alone have four parts
    for number in dotted_numbers(text):
        if match := re.compile(_CODE_AFTER).match(text, number.end):
            used.append(match.span())
            if code := decode(int(match[1], 16)):
                found.append(with_code(code, number.parts, "version_with_code", hint))
                last, label = match.end(), None
                continue
        between = text[last : number.start]
        if not (found and last and re.fullmatch(_LINK, between)):
            label = None
        linked = found[-1] if label else None
        label, word = (label, "") if label else _label(text, number, last)
        own = "harmony" if harmony and len(number.parts) == 4 and number.parts[3] < 256 else hint
        one = _judge(text, number, label, word, own)
        if linked and linked.weak:
            one = msgspec.structs.replace(one, weak=True)
        owner = owner_of(text, number.start, number.end) if one.form in _WRITTEN else "own"
        found.append(msgspec.structs.replace(one, owner=owner))
        last = number.end
    return found, used


def _label(text: str, number: Number, last: int) -> tuple[Label | None, str]:
    """Tell whose number this is by the words before it, else by those behind it."""
    label, word = label_of(text[max(last, number.start - 60) : number.start])
    if label == "system" and _only_wechats(number.parts):
        return "wechat", word
    return label or label_after(text[number.end : number.end + 24]), word


def _judge(text: str, number: Number, label: Label | None, word: str, hint: Platform | None) -> Candidate:
    """Judge one dotted number by its owner and its size."""
    parts, shown = number.parts, text[number.start : number.end]
    before = text[max(0, number.start - 60) : number.start]
    record = re.search(_RECORD_KEY, before) is not None
    package = _package(text, number.start) if record else None
    if package and package.lower() not in _OWN_PACKAGES:
        label, word = "other", package
    if (refused := _refusal(label)) and label is not None:
        return Candidate(refused, explicit=label == "wecom", reason=refused, detail=f"{word} {shown}".strip())
    if re.compile(_ROUGH).match(text, number.end):
        return Candidate("bound", reason="rough", detail=text[number.start : number.end + 1])
    if _is_address(parts, shown):
        return Candidate("ip_address", reason="ip_address", detail=shown)
    explicit = label == "wechat" or record
    if 1900 <= parts[0] <= 2999 or (not explicit and len(parts) == 3 and 1900 <= parts[2] <= 2099):
        return Candidate("date", reason="date", detail=shown)
    if not _plausible(parts, explicit, number.plain, text, number.end):
        return Candidate("none", reason="implausible", detail=dotted(parts))
    if re.search(_BOUND_BEFORE, before) or re.compile(_BOUND_AFTER).match(text, number.end):
        return Candidate("bound", reason="bound", detail=shown)
    weak = re.search(_WEAK, before) is not None
    form = "package_record" if record else "labelled_number" if explicit else "number"
    return _version(text, number, form, explicit, weak, hint)


def _version(text: str, number: Number, form: str, explicit: bool, weak: bool, hint: Platform | None) -> Candidate:
    """Make the reading of a number that is taken for WeChat's, with the build that may stand behind it."""
    parts = number.parts
    hint = hint if _fits(parts, hint) else None
    after = re.compile(_BUILD_AFTER).match(text, number.end)
    if hint is None and after and after[1] and 2 <= parts[0] <= 4:
        hint = "macos"  # its About page alone writes Version 2.3.27 (12853)
    version, build = shaped(parts, hint)
    if after and build is None:
        build = after[1] or after[2] or after[3]
    if len(parts) == 2 and build is None and parts[0] >= 6:
        form = "partial"
    return Candidate(form, version, build, hint, explicit=explicit, weak=weak)


def _fits(parts: tuple[int, ...], platform: Platform | None) -> bool:
    """Whether a client of this number runs on a platform that the text names, perhaps for another reason.

    The computer beside the phone is named too: clients from 5 on are for phones alone, and 2 to 4 in
    four small parts for computers.
    """
    if platform in ("windows", "macos", "linux"):
        return parts[0] < 5
    return platform == "harmony" or not (parts[0] in (2, 3, 4) and len(parts) == 4 and max(parts) < 256)


def _refusal(label: Label | None) -> str | None:
    forms: dict[Label, str] = {
        "wecom": "wecom", "tools": "developer_tools", "system": "system_version", "other": "other_app",
        "address": "ip_address",
    }  # fmt: skip
    return forms.get(label) if label else None


def _package(text: str, end: int) -> str | None:
    """Return the package whose record a number at `end` belongs to."""
    names = re.findall(_PACKAGE, text[max(0, end - 6_000) : end])
    return names[-1] if names else None


def _only_wechats(parts: tuple[int, ...]) -> bool:
    """Whether no Android or iOS ever had this number, but WeChat may: Android 8.0.49."""
    return len(parts) >= 3 and parts[0] in (7, 8) and parts[1] == 0 and 6 < parts[2] < 256


def _is_address(parts: tuple[int, ...], shown: str) -> bool:
    if len(parts) != 4 or max(parts) > 255 or "_" in shown:
        return False
    return parts[0] > 9 or len(set(parts)) == 1 or parts in ((8, 8, 4, 4), (4, 2, 2, 1), (4, 2, 2, 2))


def _plausible(parts: tuple[int, ...], explicit: bool, plain: bool, text: str, end: int) -> bool:
    """Whether a number can be WeChat's, read more strictly where nothing says that it is."""
    if len(parts) > 4 or not possible(parts):
        return False
    if explicit:
        return True
    if not 2 <= parts[0] <= 8 or parts[1] > 9:
        return False
    if len(parts) == 2:  # a price, a size and a mark look like this too
        short = len(text) <= 40 and len(text.strip()) <= 16 and not re.compile(_UNIT_AFTER).match(text, end)
        return plain and parts[0] >= 5 and short
    return len(parts) == 4 or parts[2] < 256 or parts[0] < 8


def undotted(text: str, hint: Platform | None) -> Iterator[Candidate]:
    """Yield versions written with too few dots or none: 8049 is 8.0.49, 微信 8 is 8.x.

    2600 or 3141 is Android's versionCode, so unlabelled numbers count from 5 on and with the
    minors that were published alone.
    """
    for match in matches(r"(?i)weixin(\d)(\d)(\d{1,3})android(\d{3,5})", text):  # the official package's name
        version = dotted((int(match[1]), int(match[2]), int(match[3])))
        yield Candidate("package_record", version, match[4], "android", explicit=True)
    for match in matches(r"(?<![\d.\-+/:])([5-8])(\d)(\d\d?)(?![\d.\-/:]|android)", text):
        label, _ = label_of(re.split(r"\d", text[max(0, match.start() - 20) : match.start()])[-1])
        major, minor, patch = int(match[1]), int(match[2]), match[3]
        if label not in (None, "wechat") or minor > {5: 4, 6: 7}.get(major, 0):
            continue
        if label is None and not re.fullmatch(
            _ALONE, f"{text[max(0, match.start() - 200) : match.start()]}|{text[match.end() :][:200]}"
        ):
            continue
        if (label == "wechat" or len(patch) == 2) and not patch.startswith("0"):
            yield Candidate("digits", f"{major}.{minor}.{patch}", None, hint, explicit=label == "wechat")
    if loose := re.fullmatch(_LOOSE, text[:60]):
        yield Candidate("digits", f"{loose[1]}.0.{loose[2] or loose[3]}", None, hint, explicit=True)
    for match in matches(
        r"(?i)(?:微信|wechat|weixin)\s{0,2}(?:版本号?)?\s{0,2}[v:是]?\s{0,2}([5-9])(?![\d.。,点]|[-_/ ]\d)", text
    ):
        yield Candidate("partial", match[1], None, hint, explicit=True)
