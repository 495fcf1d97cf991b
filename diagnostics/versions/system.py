"""Read the version of the system under WeChat: what 设置 → 关于手机 shows, or a user agent."""

import re
from typing import Final

from diagnostics.clean import clean, clean_line

from .messages import error_text
from .model import Platform, SystemReading
from .prepare import prepared

_GAP: Final = r"[\s:：=\"'\]\[>,v]{0,4}(?:系统)?(?:版本号?|version|release)?(?:是|为)?[\s:：=\"'\]\[>v]{0,4}"
_NUMBER: Final = r"(\d{1,3}(?:[._]\d{1,6}){0,3})(?![\d])"
_NAMES: Final[tuple[tuple[str, str, Platform], ...]] = (
    (r"openharmony", "OpenHarmony", "harmony"),
    (r"ro\.build\.version\.release|android|安卓", "Android", "android"),
    (r"ipados|ipad os", "iPadOS", "ios"),
    (r"iphone os|cpu os|(?<![a-z])ios|苹果系统", "iOS", "ios"),
    (r"macos|mac os x|mac os|os x", "macOS", "macos"),
    (r"windows", "Windows", "windows"),
    (r"ubuntu", "Ubuntu", "linux"),
    (r"debian", "Debian", "linux"),
    (r"统信|uos", "UOS", "linux"),
    (r"deepin", "deepin", "linux"),
)
_VENDORS: Final = (
    ("hyperos", "HyperOS"), ("澎湃", "HyperOS"), ("miui", "MIUI"), ("coloros", "ColorOS"), ("emui", "EMUI"),
    ("originos", "OriginOS"), ("origin os", "OriginOS"), ("funtouch", "Funtouch OS"), ("magicos", "MagicOS"),
    ("magic os", "MagicOS"), ("magic ui", "Magic UI"), ("flyme", "Flyme"), ("one ui", "One UI"),
    ("realme ui", "realme UI"), ("oxygenos", "OxygenOS"), ("myos", "MyOS"), ("smartisan", "Smartisan OS"),
)  # fmt: skip
_MAC_NAMES: Final = {
    "catalina": "10.15", "big sur": "11", "monterey": "12", "ventura": "13", "sonoma": "14",
    "sequoia": "15", "tahoe": "26",
}  # fmt: skip
_NT: Final = {"5.1": "XP", "6.0": "Vista", "6.1": "7", "6.2": "8", "6.3": "8.1", "10.0": "10"}
"""Windows NT numbers; NT 10.0 is Windows 10 or 11, which a user agent does not tell."""
_API: Final = {
    21: "5.0", 22: "5.1", 23: "6.0", 24: "7.0", 25: "7.1", 26: "8.0", 27: "8.1", 28: "9",
    29: "10", 30: "11", 31: "12", 32: "12", 33: "13", 34: "14", 35: "15", 36: "16",
}  # fmt: skip


class _Found:
    """What was recognised, before it becomes a record."""

    __slots__ = ("name", "platform", "reason", "shown", "version")

    def __init__(
        self, name: str | None, platform: Platform | None, version: str | None = None,
        reason: str | None = None, shown: str = "",
    ) -> None:  # fmt: skip
        self.name, self.platform, self.version, self.reason = name, platform, version, reason
        self.shown = shown or name or ""


def parse_system_version(text: str, lang: str = "zh") -> SystemReading:
    """Return the system version that `text` names, or why it names none, in the language `lang` (zh or en).

    Never raises on any text; takes time linear in its length. A vendor's or HarmonyOS 2-4's own number
    is not an Android version. A number alone is a version of a platform not known.
    """
    plain = prepared(text).lower()
    return _reading(text, _find(plain) if plain.strip() else _Found(None, None, reason="empty"), lang)


def system_in_user_agent(text: str, lang: str = "zh") -> SystemReading:
    """Return the system that a user agent names; numbers that browsers freeze are not taken for real."""
    plain = prepared(text).lower()
    if "mac os x 10_15_7" in plain or "mac os x 10.15.7" in plain:
        found = _Found("macOS", "macos", reason="frozen_number", shown="macOS 10.15.7")
    elif re.search(r"android 10; k\)", plain):
        found = _Found("Android", "android", reason="frozen_number", shown="Android 10")
    else:
        found = _find(plain)
        if found.name is None:
            found = _Found(None, None, reason="no_system")
    return _reading(text, found, lang)


def _reading(text: str, found: _Found, lang: str) -> SystemReading:
    return SystemReading(
        input=clean(text),
        version=found.version,
        platform=found.platform,
        name=found.name,
        error=error_text(found.reason, lang, clean_line(found.shown, 80)) if found.reason else None,
        reason=found.reason,
    )


def _find(text: str) -> _Found:
    named = [found for name, label, platform in _NAMES if (found := _named(text, name, label, platform))]
    complete = [found for found in named if found.version]
    mobile = next((found for found in complete if found.platform in ("android", "ios", "harmony")), None)
    if mobile:
        return mobile
    if harmony := _harmony(text):
        return harmony
    if complete:
        return complete[0]
    api = re.search(r"(?:sdk|api)(?: level|级别)?[\s:=\]\[]{0,4}(\d\d)(?!\d)", text)
    if api and (version := _API.get(int(api[1]))):
        return _Found("Android", "android", version)
    for word, name in _VENDORS:
        if word in text:
            return _Found(name, "android", reason="vendor_system")
    for word, version in _MAC_NAMES.items():
        if word in text:
            return _Found("macOS", "macos", version)
    if named:
        return named[0]
    return _bare(text)


def _named(text: str, name: str, label: str, platform: Platform) -> _Found | None:
    if not re.search(name, text):
        return None
    if label == "Windows" and (match := re.search(r"windows nt\s?(\d{1,2}\.\d)", text)):
        return _Found(label, platform, _NT.get(match[1]), None if match[1] in _NT else "no_number")
    match = re.search(rf"(?:{name}){_GAP}{_NUMBER}", text) or re.search(
        rf"(?<![\d._]){_NUMBER}\s{{0,2}}(?:的|版)?(?:{name})(?![a-z])", text
    )
    if not match:
        return _Found(label, platform, reason="no_number")
    version = match[1].replace("_", ".")
    if _wechats(version):
        return _Found(label, platform, reason="wechat_version", shown=version)
    return _Found(label, platform, version)


def _harmony(text: str) -> _Found | None:
    """Tell HarmonyOS 2-4, which runs Android programs, from NEXT (5 and later), which does not."""
    if not (match := re.search(rf"(?:harmony\s?os|鸿蒙)\s?(?:系统|os)?\s?(next|星河版?)?{_GAP}(?:{_NUMBER})?", text)):
        return None
    is_next = bool(match[1]) or "纯血鸿蒙" in text
    version = match[2].replace("_", ".") if match[2] else None
    if version and _wechats(version):
        version = None
    if version is None:
        if is_next:
            return _Found("HarmonyOS NEXT", "harmony", reason="no_number")
        return _Found("HarmonyOS", None, reason="harmony_unclear")
    if not is_next and int(version.split(".")[0]) < 5:
        return _Found("HarmonyOS", "android", reason="harmony_on_android", shown=f"HarmonyOS {version}")
    return _Found("HarmonyOS NEXT" if is_next else "HarmonyOS", "harmony", version)


def _bare(text: str) -> _Found:
    match = re.fullmatch(
        rf"\s*(?:系统)?(?:版本号?|version)?(?:是|为)?[\s:：v]*{_NUMBER}(?:\s?\([0-9a-z]{{1,12}}\))?\s*", text
    )
    if not match:
        return _Found(None, None, reason="no_system")
    version = match[1].replace("_", ".")
    if _wechats(version):
        return _Found(None, None, reason="wechat_version", shown=version)
    if int(version.split(".")[0]) > 40:
        return _Found(None, None, reason="no_system")
    return _Found(None, None, version)


def _wechats(version: str) -> bool:
    """Whether this is WeChat's number rather than any system's: 8.0.49."""
    parts = [int(part) for part in version.split(".")]
    return len(parts) >= 3 and parts[0] in (7, 8) and parts[1] == 0 and parts[2] > 6
