"""WeChat versions in free text and records: whose each number is, and what it is instead."""

import re
from collections.abc import Iterator
from typing import Final, Literal, TypeAlias

import msgspec

from diagnostics.versions.codes import decode, dotted, possible, shaped, with_code
from diagnostics.versions.normalise import Number, dotted_numbers, matches
from diagnostics.versions.tables import LABELS, NEUTRAL, PLATFORM_PATTERNS, Candidate, Label, Platform


def label_of(before: str) -> tuple[Label | None, str]:
    """Tell whose number follows: the last known word of the clause decides; returns it as well.

    `before` is the text between the number and the previous one, at most some 60 characters.
    """
    clause = _last_clause(before)
    found = _last_words(clause.lower())
    if found:
        end, word = found[-1]
        label = LABELS[word]
        gap = clause[end:]
        if label == "system" and _wechats_own(clause.lower(), found):
            label = "wechat"  # 微信 iOS 版 8.0.49
        if label == "other" and len(gap) > 12 and "/" not in gap:
            return None, ""
        return label, word
    product = re.search(r"([A-Za-z][A-Za-z0-9_-]{1,30})([/ _-]?)$", clause)
    if product and product[1].lower() not in NEUTRAL and (product[2] == "/" or product[1][0].isupper()):
        return "other", product[1]
    return None, ""


def label_after(after: str) -> Label | None:
    """Tell what directly follows a number: 8.0.49 版微信, 8.0.49 (企业微信)."""
    match = re.match(r"\s{0,3}(?:\(\d{2,6}\)\s?)?\(?(?:版本?)?的?\s?(企业微信|wecom|微信|wechat|weixin)", after.lower())
    return LABELS[match[1]] if match else None


def platforms_in(text: str) -> set[Platform]:
    """Return every platform that words of the text name."""
    lower = text.lower().replace("like mac os x", "")  # iPhones say so
    if "com.tencent.wechat" in lower:  # HarmonyOS writes it small, flathub does not
        lower += " ohos" if "com.tencent.wechat" in text else " flathub"
    found = {platform for pattern, platform in PLATFORM_PATTERNS if re.search(pattern, lower)}
    if network := re.search(r"wechat/(\d)[\d.]* cfnetwork", lower):
        found.add("ios" if int(network[1]) > 4 else "macos")
    if "linux" in found and "android" in found:
        found.discard("linux")  # an Android user agent says Linux first
    return found


def _wechats_own(clause: str, found: list[tuple[int, str]]) -> bool:
    """Whether a system's name only tells which WeChat it is: 微信 for iOS, but not 微信在 iOS 上."""
    if not any(LABELS[word] == "wechat" for _, word in found):
        return False
    return not re.search(r"在|\bon\b|运行|手机|系统", clause)


def _last_clause(before: str) -> str:
    """Cut at the last sentence break, unless nothing but signs stands after it."""
    before = before.rstrip(" \n:：=\"'“”‘’（([【<>-—、,;|\\_")
    return re.split(r"[,、;。!?\n|)\]】]", before)[-1]


def _last_words(clause: str) -> list[tuple[int, str]]:
    """Return the known words of a clause by where they end; of two that end together the longer."""
    found: dict[int, str] = {}
    for word in LABELS:
        at = clause.rfind(word)
        if at < 0 or not _whole(clause, at, word):
            continue
        end = at + len(word)
        if len(word) > len(found.get(end, "")):
            found[end] = word
    return sorted(found.items())


def _whole(clause: str, at: int, word: str) -> bool:
    """Whether a Latin word stands by itself: `line` is no part of `online`."""
    if not word.isascii():
        return True
    before, after = clause[at - 1 : at] if at else "", clause[at + len(word) : at + len(word) + 1]
    return not (before.isascii() and before.isalpha()) and not (after.isascii() and after.isalpha())


Owner: TypeAlias = Literal["own", "other", "past", "denied", "replaced"]

_SELF: Final = r"我的?|本人|自己|俺|咱|(?<![a-z])(?:my|mine|i|i'm|me)(?![a-z])"
_OTHER: Final = (
    r"(?:我的?)?(?:朋友|同事|同学|室友|舍友|邻居|亲戚|闺蜜|好友|表哥|表弟|老公|老婆|爸|妈|哥|姐|弟|妹|对象|媳妇"
    r"|儿子|女儿|孩子)|别人|人家|他们?|她们?|有人|大家|网友|客服|(?<![a-z])(?:his|her|he|she|they|their"
    r"|(?:my )?(?:friend|colleague|wife|husband|brother|sister|mother|father|roommate)(?:'s|s)?)(?![a-z])"
)
_PEOPLE: Final = re.compile(rf"(?i)(?P<other>{_OTHER})|(?P<own>{_SELF})")
_PAST: Final = re.compile(
    r"(?i)以前|之前(?!的?版本都)|原来|原先|当时|那时候?|曾经|从前|去年|前年|上个?月|上周|旧版本?|老版本?"
    r"|[一二两三四五六七八九十几\d]年前|(?:更新|升级)前|前(?:是|用)"
    r"|(?<![a-z])(?:used to|was|were|before|formerly|previously|years? ago|last (?:year|month))(?![a-z])"
)
_NOW: Final = re.compile(
    r"(?i)现在|目前|如今|当前|今天|后来|(?:更新|升级|升)(?:了|完|过|到|成|至|后)|换成|变成|新的?是"
    r"|(?<![a-z])(?:now|currently|today|updated? to)(?![a-z])"
)
_DENIED: Final = re.compile(
    r"(?i)(?:不是(?!.{0,3}问题)|并非|不对|不再是|没到|没有到|(?<![a-z])(?:not|isn't|wasn't))[^,，。;；!?\d]{0,6}$"
)
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


_MODELS: Final = (
    r"(?i)\biphone\s?\d{1,2}(?:,\d)?(?:\s?(?:pro|plus|max|mini|e|s))*\b(?!\.)|\bipad\s?\d{1,2},\d{1,2}",
    r"\b(?:SM-[A-Z]\d{3,4}[A-Z0-9]{0,3}|[A-Z]{2,4}-[A-Z]{1,3}\d{1,3}[A-Z]?|M2\d{3}[A-Z0-9]{3,8}|V\d{4}[A-Z]{1,2}"
    r"|P[A-Z]{2,3}\d{2,3}0?|RMX\d{4}|\d{8}[A-Z]{1,2}\d?[A-Z]?)\b",
    r"(?i)(?:\b(?:mi|redmi|mate|nova|honor|galaxy|pixel|oneplus|oppo|vivo|huawei|iqoo|poco|realme|reno)\b"
    r"|华为|荣耀|小米|红米|三星|一加|真我)\s?(?:note\s?|mate\s?|reno\s?|find\s?)?[a-z]{0,2}\s?\d{1,4}\s?[a-z+]{0,6}",
)
_DATES: Final = (
    r"(?<!\d)(?:19|20)\d\d[-/.年]\s?\d{1,2}(?:[-/.月]\s?\d{1,2}日?)?",
    r"(?<!\d)(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])(?!\d)",
    r"(?<!\d)(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d)?(?!\d)",
    r"(?<!\d)\d{1,2}月\d{1,2}[日号]",
)
_SYSTEM: Final = (
    r"(?i)(?:\b(?:android|ios|ipados|harmonyos(?:\s?next)?|openharmony|windows|macos|miui|hyperos|coloros|emui|originos"
    r"|magicos)|安卓|鸿蒙)\s?(?:版本|系统)?\s?\d{1,3}(?:[._]\d{1,3}){0,3}"
)
_WECOM: Final = r"(?i)企业微信|wecom|wxwork|wechat work"
_TOOLS: Final = r"(?i)开发者工具|wechatdevtools"
_NUMBER: Final = r"(?<![\d.])(?:1[3-9]\d[ -]?\d{4}[ -]?\d{4}|\d{7,}|\d{3,4}-\d{7,8})(?!\d)"
_CODE: Final = r"(?<![\d.])([1-4]\d{3})(?![\d.])"


def explain(text: str) -> Candidate:
    """Say what `text` is, given that it holds no number that could be WeChat's."""
    if match := re.search(_SYSTEM, text):
        return _because("system_version", match[0])
    if model := model_in(text):
        return _because("phone_model", model)
    for pattern in _DATES:
        if match := re.search(pattern, text):
            return _because("date", match[0])
    if re.search(_TOOLS, text):
        return Candidate("developer_tools", reason="developer_tools")
    if re.search(_WECOM, text):
        return Candidate("wecom", reason="wecom")
    if match := re.search(r"(?i)0x[0-9a-f]{5,}", text):
        return Candidate("client_code", reason="unknown_code", detail=match[0])
    if re.search(_NUMBER, text):
        return Candidate("phone_number", reason="phone_number")
    if match := re.search(_CODE, text):
        return _because("version_code", match[1])
    return Candidate("none", reason="no_version")


def model_in(text: str) -> str | None:
    """Return the model of a phone that `text` names."""
    found = (re.search(pattern, text) for pattern in _MODELS)
    return next((match[0] for match in found if match), None)


def _because(form: str, detail: str) -> Candidate:
    return Candidate(form, reason=form, detail=detail.strip())


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
        one = _classify(text, number, label, word, own)
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


def _classify(text: str, number: Number, label: Label | None, word: str, hint: Platform | None) -> Candidate:
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
    """Whether a client of this number runs on a platform that the text names, perhaps for another reason."""
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
    """Yield versions written with too few dots or none: 8049 is 8.0.49, 微信 8 is 8.x."""
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
