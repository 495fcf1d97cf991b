"""Read the version of the system under WeChat: what 设置 → 关于手机 shows."""

import re
from typing import Final

import msgspec

from diagnostics.i18n import error_text
from diagnostics.redaction import mask_numbers
from diagnostics.sanitize import clean, clean_line
from diagnostics.versions.free_text import model_in
from diagnostics.versions.numbers import folded, is_no_system_version
from diagnostics.versions.tables import TABLES, Platform, SystemName, SystemReading

_NUMBER: Final = r"(\d{1,3}(?:[._]\d{1,6}){0,3})(?!\d)"
_GAP: Final = r"[\s:=\"'\]\[>,v/_-]{0,4}(?:系统|手机)?(?:版本号?|version|release)?(?:是|为)?[\s:=\"'\]\[>v]{0,4}"
_WECHAT: Final = r"(?:微信|wechat|weixin|micromessenger)[^\d]{0,12}(\d{1,2}(?:\.\d{1,4}){1,3})"


class _Found(msgspec.Struct, frozen=True):
    """What was recognised; `shown` is what the error names."""

    name: str | None = None
    platform: Platform | None = None
    version: str | None = None
    reason: str | None = None
    shown: str = ""


def parse_system_version(text: str, lang: str = "zh") -> SystemReading:
    """Return the system version that `text` names, or why it names none, in the language `lang` (zh or en).

    Never raises on any text; takes time linear in its length. A vendor's or HarmonyOS 2-4's own number
    is not an Android version. A number alone is a version of a platform not known.
    """
    plain = folded(text)
    found = _find(plain) if plain.strip() else _Found(reason="empty")
    shown = mask_numbers(clean_line(found.shown or found.name or "", 80))
    return SystemReading(
        input=mask_numbers(clean(text)),
        version=found.version,
        platform=found.platform,
        name=found.name,
        error=error_text(f"version.{found.reason}", lang, detail=shown) if found.reason else None,
        reason=found.reason,
    )


def _find(original: str) -> _Found:
    text = original.lower()
    named = _first_named(text)
    if named and named.version and named.platform in ("android", "ios", "harmony"):
        return named
    if harmony := _harmony(text):
        return harmony
    if named and named.version:
        return named
    api = re.search(r"(?<![a-z])(?:sdk|api)(?: level|级别)?[\s:=\]\[]{0,4}(\d\d)(?!\d)", text)
    if api and (version := TABLES.api_levels.get(int(api[1]))):
        return _Found("Android", "android", version)
    if vendor := next((name for word, name in TABLES.vendors.items() if word in text), None):
        return _Found(vendor, "android", reason="vendor_system")
    if codename := next((version for word, version in TABLES.codenames.items() if word in text), None):
        return _Found("macOS", "macos", codename)
    if wechat := re.search(_WECHAT, text):
        return msgspec.structs.replace(named or _Found(), reason="wechat_version", shown=wechat[1])
    return named or _bare(text, original)


def _first_named(text: str) -> _Found | None:
    """Return the first system named with a number, phones' before computers'; else the first one named."""
    found = [one for system in TABLES.systems if (one := _read_system(text, system))]
    return next((one for one in found if one.version), found[0] if found else None)


def _read_system(text: str, system: SystemName) -> _Found | None:
    name, platform = system.name, system.platform
    pattern = system.pattern.replace("CODENAMES", "|".join(TABLES.codenames))
    if not re.search(pattern, text):
        return None
    if name == "Windows" and (match := re.search(r"windows nt\s?(\d{1,2}\.\d)", text)):
        shown = TABLES.windows_nt.get(match[1])
        return _Found(name, platform, shown, None if shown else "no_number")
    match = re.search(rf"(?:{pattern}){_GAP}{_NUMBER}", text) or re.fullmatch(
        rf"\s*{_NUMBER}[\s(]{{0,2}}(?:{pattern})(?:系统|手机|版)?[)\s]*", text
    )
    if not match:
        return _Found(name, platform, reason="no_number")
    version = match[1].replace("_", ".")
    if _is_wechat_version(version):
        return _Found(name, platform, reason="wechat_version", shown=version)
    if name == "Windows" and version.startswith("10.0."):
        version = "11" if int(version.split(".")[2]) >= 22_000 else "10"
    if int(version.split(".")[0]) > 40 and platform != "linux":
        return _Found(name, platform, reason="no_number")
    return _Found(name, platform, version)


def _harmony(text: str) -> _Found | None:
    """Tell HarmonyOS 2-4, which runs Android programs, from NEXT (5 and later), which does not."""
    match = re.search(rf"(?:harmony|鸿蒙)\s?(?:系统|os)?\s?(next|星河版?)?{_GAP}(?:{_NUMBER})?\s?(next)?", text)
    if not match:
        return None
    is_next = bool(match[1] or match[3]) or "纯血鸿蒙" in text
    version = match[2].replace("_", ".") if match[2] else None
    if version is None or _is_wechat_version(version):
        if is_next:
            return _Found("HarmonyOS NEXT", "harmony", reason="no_number")
        return _Found("HarmonyOS", reason="harmony_unclear")
    if not is_next and int(version.split(".")[0]) < 5:
        return _Found("HarmonyOS", "android", reason="harmony_on_android", shown=f"HarmonyOS {version}")
    return _Found("HarmonyOS NEXT" if is_next else "HarmonyOS", "harmony", version)


def _bare(text: str, original: str) -> _Found:
    match = re.fullmatch(
        rf"\s*(?:手机)?(?:系统)?(?:软件)?(?:版本号?|version)?(?:是|为)?[\s:v]{{0,4}}{_NUMBER}(?:\s?\([0-9a-z]{{1,12}}\))?\s*",
        text,
    )
    if match:
        version = match[1].replace("_", ".")
        if _is_wechat_version(version):
            return _Found(reason="wechat_version", shown=version)
        if 1 <= int(version.split(".")[0]) <= 40:
            return _Found(version=version)
    elif model := model_in(original):
        return _Found(reason="phone_model", shown=model)
    return _Found(reason="no_system")


def _is_wechat_version(version: str) -> bool:
    return is_no_system_version(tuple(map(int, version.split("."))))
