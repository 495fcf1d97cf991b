"""Which program or system the words beside a number speak of."""

import re

from .model import Platform
from .vocabulary import LABELS, NEUTRAL, PLATFORM_PATTERNS, Label


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
