"""WeChat versions in free text and records: whose each number is, and what it is instead."""

import re
from collections.abc import Iterator
from typing import Final, Literal, TypeAlias

import msgspec

from diagnostics.versions.numbers import (
    Number,
    can_be_wechat,
    candidate_of_code,
    dotted,
    dotted_numbers,
    is_no_system_version,
    matches,
    version_and_build,
)
from diagnostics.versions.tables import LABELS, TABLES, Candidate, Form, Label, Platform


def label_of(before: str) -> tuple[Label | None, str]:
    """Tell whose number follows: the last known word of the clause decides; returns it as well.

    `before` is the text between the number and the previous one, at most some 60 characters.
    """
    before = before.rstrip(" \n:：=\"'“”‘’（([【<>-—、,;|\\_")  # a sentence that nothing but signs follows is the last
    clause = re.split(r"[,、;。!?\n|)\]】]", before)[-1]
    known = _last_words(clause.lower())
    if known:
        end, word = max(known.items())
        label, gap = LABELS[word], clause[end:]
        if label == "system_version" and "wechat" in map(LABELS.get, known.values()):
            # 微信 iOS 版 8.0.49 only says which WeChat it is, 微信在 iOS 上 does not.
            label = label if re.search(r"在|\bon\b|运行|手机|系统", clause.lower()) else "wechat"
        if label == "other_app" and len(gap) > 12 and "/" not in gap:
            return None, ""
        return label, word
    product = re.search(r"([A-Za-z][A-Za-z0-9_-]{1,30})([/ _-]?)$", clause)
    if product and product[1].lower() not in TABLES.neutral and (product[2] == "/" or product[1][0].isupper()):
        return "other_app", product[1]
    return None, ""


def _last_words(clause: str) -> dict[int, str]:
    """Return the known words of a clause by where they end; of two that end together the longer.

    A Latin word has to stand by itself: `line` is no part of `online`.
    """
    found: dict[int, str] = {}
    for word in LABELS:
        at = clause.rfind(word)
        end = at + len(word)
        if at < 0 or len(word) <= len(found.get(end, "")):
            continue
        around = clause[max(0, at - 1) : at] + clause[end : end + 1]
        if not word.isascii() or not any(sign.isascii() and sign.isalpha() for sign in around):
            found[end] = word
    return found


def label_after(after: str) -> Label | None:
    """Tell what directly follows a number: 8.0.49 版微信, 8.0.49 (企业微信)."""
    match = re.match(r"\s{0,3}(?:\(\d{2,6}\)\s?)?\(?(?:版本?)?的?\s?(企业微信|wecom|微信|wechat|weixin)", after.lower())
    return LABELS[match[1]] if match else None


def platforms_in(text: str) -> set[Platform]:
    """Return every platform that words of the text name."""
    lower = text.lower().replace("like mac os x", "")  # iPhones say so
    if "com.tencent.wechat" in lower:  # HarmonyOS writes it small, flathub does not
        lower += " ohos" if "com.tencent.wechat" in text else " flathub"
    found = {platform for platform, words in TABLES.platforms.items() if re.search("|".join(words), lower)}
    if network := re.search(r"wechat/(\d)[\d.]* cfnetwork", lower):
        found.add("ios" if int(network[1]) > 4 else "macos")
    if "linux" in found and "android" in found:
        found.discard("linux")  # an Android user agent says Linux first
    return found


def platform_in(text: str) -> Platform | None:
    """Return the one platform that words of the text name."""
    found = platforms_in(text)
    return found.pop() if len(found) == 1 else None


Owner: TypeAlias = Literal["own", "other", "past", "denied", "replaced"]


def _one_of(kind: str) -> str:
    """Return a pattern for the words of one kind; a Latin one has to stand by itself."""
    words = TABLES.owners[kind]
    return "|".join(rf"(?<![a-z])(?:{word})(?![a-z])" if word.isascii() else word for word in words)


_PEOPLE: Final = re.compile(rf"(?i)(?P<other>{_one_of('other')})|(?P<own>{_one_of('own')})")
_PAST: Final = re.compile(rf"(?i){_one_of('past')}")
_NOW: Final = re.compile(rf"(?i){_one_of('now')}")
_DENIED: Final = re.compile(rf"(?i)(?:{_one_of('denied')})[^,，。;；!?\d]{{0,6}}$")
_TO: Final = re.compile(
    r"(?i)^[^,，。;；!?\n\d]{0,8}(?:更新|升级|升|降级?|退|换|改|变)[^,，。;；!?\n\d]{0,4}(?:到|成|至|为|回)[^\d,，。;；\n]{0,6}\d"
    r"|^\s?(?:->|→|=>|-->|到|to)\s?[vV]?\d"
)
_SENTENCE: Final = re.compile(r"[。;；!?！？\n]")


def owner_of(text: str, start: int, end: int) -> Owner:
    """Tell whose number stands at this place, by the words before it in the sentence; bounded work."""
    before = text[max(0, start - 60) : start]
    ends = [match.end() for match in _SENTENCE.finditer(before)]
    sentence = before[ends[-1] :] if ends else before
    if _DENIED.search(sentence):
        return "denied"
    if _TO.match(text[end : end + 24]):
        return "replaced"
    people = [match.lastgroup for match in _PEOPLE.finditer(sentence)]
    if people and people[-1] == "other":
        return "other"
    past = [match.end() for match in _PAST.finditer(sentence)]
    now = [match.end() for match in _NOW.finditer(sentence)]
    own = [match.start() for match in _PEOPLE.finditer(sentence) if match.lastgroup == "own"]
    clause = max((sentence.rfind(sign) for sign in ",，"), default=-1)
    if past and (not now or now[-1] < past[-1]) and not (own and own[-1] > past[-1] and clause > past[-1]):
        return "past"
    return "own"


def explain_other_number(text: str) -> Candidate:
    """Say what `text` is, given that it holds no number that could be WeChat's."""
    for one in TABLES.instead:
        if match := re.search(one.pattern, text):
            reason = "unknown_code" if one.form == "client_code" else one.form
            return Candidate(one.form, reason=reason, detail=match[0].strip())
    return Candidate("none", reason="no_version")


def model_in(text: str) -> str | None:
    """Return the model of a phone that `text` names."""
    found = (re.search(one.pattern, text) for one in TABLES.instead if one.form == "phone_model")
    return next((match[0] for match in found if match), None)


_CODE_AFTER: Final = re.compile(r"(?i)\s?[(\[]?\s?0x([0-9a-f]{8})(?![0-9a-z])")
_BUILD_AFTER: Final = re.compile(
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
_BOUND_AFTER: Final = re.compile(
    r"(?i)\s?(?:[及或之]?以[上下]|[及或]更[高新低早]|\+(?!\w)|(?:or|and) (?:later|above|newer|higher|earlier|below))"
)
_ALONE: Final = (
    r"(?i)(?:[我的用是在它这现当目前应该大概好像吧上面写着显示看到新旧装版本号软件机\s\W]|version|ver|v|is|it|it's|its|my|mine"
    r"|now|shows?|says?|app|the|i|have)*"
)
"""What may stand around a number of four digits that nothing calls WeChat's; beside 尾号 or 验证码 it is another's."""
_ROUGH: Final = re.compile(r"(?i)\s?(?:几|多少|[x*?？]{1,2}(?![a-z0-9])|左右)")
_UNIT_AFTER: Final = re.compile(r"(?i)\s?(?:元|英?寸|吋|[gmk]b?\b|%|万|块|岁|分|米|cm|kg|倍|折)")
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
        if match := _CODE_AFTER.match(text, number.end):
            used.append(match.span())
            if one := candidate_of_code(match[1], number.parts, "version_with_code", hint):
                found.append(one)
                last, label = match.end(), None
                continue
        if not (found and last and re.fullmatch(_LINK, text[last : number.start])):
            label = None
        weak = label is not None and found[-1].weak
        label, word = (label, "") if label else _label(text, number, last)
        own = "harmony" if harmony and len(number.parts) == 4 and number.parts[3] < 256 else hint
        one = _classify(text, number, label, word, own)
        owner = owner_of(text, number.start, number.end) if one.form in _WRITTEN else "own"
        found.append(msgspec.structs.replace(one, owner=owner, weak=one.weak or weak))
        last = number.end
    return found, used


def _label(text: str, number: Number, last: int) -> tuple[Label | None, str]:
    """Tell whose number this is by the words before it, else by those behind it."""
    label, word = label_of(text[max(last, number.start - 60) : number.start])
    if label == "system_version" and is_no_system_version(number.parts) and number.parts[2] < 256:
        return "wechat", word
    return label or label_after(text[number.end : number.end + 24]), word


def _classify(text: str, number: Number, label: Label | None, word: str, hint: Platform | None) -> Candidate:
    """Judge one dotted number by its owner and its size."""
    parts, shown = number.parts, text[number.start : number.end]
    before = text[max(0, number.start - 60) : number.start]
    record = re.search(_RECORD_KEY, before) is not None
    packages = re.findall(_PACKAGE, text[max(0, number.start - 6_000) : number.start]) if record else []
    if packages and packages[-1].lower() not in _OWN_PACKAGES:
        label, word = "other_app", packages[-1]
    if label is not None and label != "wechat":
        return Candidate(label, explicit=label == "wecom", reason=label, detail=f"{word} {shown}".strip())
    if rough := _ROUGH.match(text, number.end):
        return Candidate("bound", reason="rough", detail=text[number.start : rough.end()])
    if _is_address(parts, shown):
        return Candidate("ip_address", reason="ip_address", detail=shown)
    explicit = label == "wechat" or record
    if 1900 <= parts[0] <= 2999 or (not explicit and len(parts) == 3 and 1900 <= parts[2] <= 2099):
        return Candidate("date", reason="date", detail=shown)
    if not can_be_wechat(parts) or len(parts) > 4 or not (explicit or _plausible(number, text)):
        return Candidate("none", reason="implausible", detail=dotted(parts))
    if re.search(_BOUND_BEFORE, before) or _BOUND_AFTER.match(text, number.end):
        return Candidate("bound", reason="bound", detail=shown)
    # A client of this number may not run on the platform that the text names, perhaps for another reason.
    desktop = parts[0] in (2, 3, 4) and len(parts) == 4 and max(parts) < 256
    if (parts[0] >= 5 and hint in ("windows", "macos", "linux")) or (desktop and hint in ("android", "ios")):
        hint = None
    after = _BUILD_AFTER.match(text, number.end)
    if hint is None and after and after[1] and 2 <= parts[0] <= 4:
        hint = "macos"  # its About page alone writes Version 2.3.27 (12853)
    version, build = version_and_build(parts, hint)
    if after and build is None:
        build = after[1] or after[2] or after[3]
    form: Form = "package_record" if record else "labelled_number" if explicit else "number"
    if len(parts) == 2 and build is None and parts[0] >= 6:
        form = "partial"
    return Candidate(form, version, build, hint, explicit=explicit, weak=re.search(_WEAK, before) is not None)


def _is_address(parts: tuple[int, ...], shown: str) -> bool:
    if len(parts) != 4 or max(parts) > 255 or "_" in shown:
        return False
    return parts[0] > 9 or len(set(parts)) == 1 or parts in ((8, 8, 4, 4), (4, 2, 2, 1), (4, 2, 2, 2))


def _plausible(number: Number, text: str) -> bool:
    """Whether a number can be WeChat's where nothing says that it is."""
    parts = number.parts
    if not 2 <= parts[0] <= 8 or parts[1] > 9:
        return False
    if len(parts) == 2:  # a price, a size and a mark look like this too
        short = len(text) <= 40 and len(text.strip()) <= 16 and not _UNIT_AFTER.match(text, number.end)
        return number.plain and parts[0] >= 5 and short
    return len(parts) == 4 or parts[2] < 256 or parts[0] < 8


def undotted_versions(text: str, hint: Platform | None) -> Iterator[Candidate]:
    """Yield versions written with too few dots or none: 8049 is 8.0.49, 微信 8 is 8.x."""
    for match in matches(r"(?i)weixin(\d)(\d)(\d{1,3})android(\d{3,5})", text):  # the official package's name
        version = dotted(tuple(map(int, match.groups()[:3])))
        yield Candidate("package_record", version, match[4], "android", explicit=True)
    for match in matches(r"(?<![\d.\-+/:])([5-8])(\d)(\d\d?)(?![\d.\-/:]|android)", text):
        before, after = text[max(0, match.start() - 200) : match.start()], text[match.end() : match.end() + 200]
        label, _ = label_of(re.split(r"\d", before[-20:])[-1])
        major, minor, patch = match.groups()
        if label not in (None, "wechat") or int(minor) > {"5": 4, "6": 7}.get(major, 0) or patch.startswith("0"):
            continue
        if label == "wechat" or (len(patch) == 2 and re.fullmatch(_ALONE, f"{before}|{after}")):
            yield Candidate("digits", f"{major}.{minor}.{patch}", None, hint, explicit=label == "wechat")
    if loose := re.fullmatch(_LOOSE, text[:60]):
        yield Candidate("digits", f"{loose[1]}.0.{loose[2] or loose[3]}", None, hint, explicit=True)
    for match in matches(
        r"(?i)(?:微信|wechat|weixin)\s{0,2}(?:版本号?)?\s{0,2}[v:是]?\s{0,2}([5-9])(?![\d.。,点]|[-_/ ]\d)", text
    ):
        yield Candidate("partial", match[1], None, hint, explicit=True)
