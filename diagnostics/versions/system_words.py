"""The systems a WeChat runs on, and by which words and numbers they are named."""

from typing import Final

from .model import Platform

CODENAMES: Final[dict[str, str]] = {
    "catalina": "10.15",
    "big sur": "11",
    "monterey": "12",
    "ventura": "13",
    "sonoma": "14",
    "sequoia": "15",
    "tahoe": "26",
}
"""macOS by its marketing name."""

_MAC_NAMES: Final = "|".join(CODENAMES)

NAMES: Final[tuple[tuple[str, str, Platform], ...]] = (
    (r"openharmony(?:\(os\))?", "OpenHarmony", "harmony"),
    (r"ro\.build\.version\.release|android|安卓", "Android", "android"),
    (r"ipados|ipad os", "iPadOS", "ios"),
    (r"iphone os|cpu os|(?<![a-z])ios|苹果系统|苹果(?=\s?\d{1,2}(?:\.\d{1,2}){1,2}\s?系统)", "iOS", "ios"),
    (rf"(?:macos|mac os x|mac os|os x|(?<![a-z])mac)(?![a-z])(?:\s?(?:{_MAC_NAMES}))?", "macOS", "macos"),
    (r"windows(?! phone)|(?<![a-z])win(?=\s?(?:7|8|10|11)(?!\d))", "Windows", "windows"),
    (r"ubuntu", "Ubuntu", "linux"),
    (r"debian", "Debian", "linux"),
    (r"统信|(?<![a-z])uos", "UOS", "linux"),
    (r"deepin", "deepin", "linux"),
    (r"麒麟|kylin", "Kylin", "linux"),
    (r"(?<![a-z])linux", "Linux", "linux"),
)
"""Patterns in lower case, the name to show, and the platform; the first that carries a number counts."""

VENDORS: Final[tuple[tuple[str, str], ...]] = (
    ("hyperos", "HyperOS"),
    ("澎湃", "HyperOS"),
    ("miui", "MIUI"),
    ("coloros", "ColorOS"),
    ("emui", "EMUI"),
    ("originos", "OriginOS"),
    ("origin os", "OriginOS"),
    ("funtouch", "Funtouch OS"),
    ("magicos", "MagicOS"),
    ("magic os", "MagicOS"),
    ("magic ui", "Magic UI"),
    ("flyme", "Flyme"),
    ("one ui", "One UI"),
    ("oneui", "One UI"),
    ("realme ui", "realme UI"),
    ("oxygenos", "OxygenOS"),
    ("myos", "MyOS"),
    ("joyui", "JOYUI"),
    ("smartisan", "Smartisan OS"),
)
"""Phone makers' own systems on top of Android; their numbers are not Android's."""

NT: Final[dict[str, str]] = {"5.1": "XP", "6.0": "Vista", "6.1": "7", "6.2": "8", "6.3": "8.1", "10.0": "10"}
"""Windows NT numbers; NT 10.0 is Windows 10 or 11, which a user agent does not tell apart: the lower is given."""

API_LEVELS: Final[dict[int, str]] = {
    21: "5.0",
    22: "5.1",
    23: "6.0",
    24: "7.0",
    25: "7.1",
    26: "8.0",
    27: "8.1",
    28: "9",
    29: "10",
    30: "11",
    31: "12",
    32: "12",
    33: "13",
    34: "14",
    35: "15",
    36: "16",
}
"""Android versions by API level (developer.android.com, uses-sdk)."""
