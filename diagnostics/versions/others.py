"""What a text without a WeChat version is instead: a model, a date, an address, a telephone number."""

import re
from typing import Final

from .model import Candidate

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
