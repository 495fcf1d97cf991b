"""Client version codes: the 32-bit number behind WeChat's version, and where a text names one.

Source of the layouts: user agents whose code stands beside a separately published version. The
first hexadecimal digit (desktop 4.x and HarmonyOS: the first three) names the platform.
"""

import re
from collections.abc import Iterator
from typing import Final

from diagnostics.versions.normalise import matches
from diagnostics.versions.tables import Candidate, Code, Platform

_UNIFIED: Final[dict[int, Platform]] = {0xF25: "windows", 0xF26: "macos", 0xF27: "linux"}
_NIBBLE: Final[dict[int, Platform]] = {0x1: "ios", 0x2: "android", 0x6: "windows"}

PLACEHOLDER_CODES: Final = frozenset({0x6700143B, 0x16080000})
"""Codes that desktop clients send in every user agent, whatever their version."""

PLACEHOLDER_NUMBERS: Final = frozenset({"7.0.20.1781", "6.8.0", "6.5.2.501"})
"""The same as numbers: placeholders inside a desktop user agent only."""


def decode(value: int) -> Code | None:
    """Take a client version code apart; None where it has the layout of no known client."""
    if not 0x10000000 <= value <= 0xFFFFFFFF:
        return None
    head, major = value >> 20, value >> 24 & 0xF
    low = (value >> 8 & 0xFF, value & 0xFF)
    if head in _UNIFIED:  # f25 M n p bb
        parts = (value >> 16 & 0xF, value >> 12 & 0xF, value >> 8 & 0xF, value & 0xFF)
        return Code(parts, _UNIFIED[head]) if parts[0] >= 4 else None
    if head == 0xF31:  # f3 M n pp bb; the number shown differs from it in the first part
        return Code((1, value >> 16 & 0xF, *low), "harmony")
    platform = _NIBBLE.get(value >> 28)
    parts = (major, value >> 16 & 0xFF, *low)
    if value in PLACEHOLDER_CODES:
        return Code(parts, None, placeholder=True)
    newest = 3 if platform == "windows" else 12  # 0x1: iOS, and macOS with 2 or 3
    if platform is None or parts[1] > 15 or parts[2] > max_patch(major) or not 2 <= major <= newest:
        return None
    return Code(parts, None if platform == "ios" and major < 4 else platform)


def dotted(parts: tuple[int, ...]) -> str:
    """Write numbers as a version: `(8, 0, 49)` is `8.0.49`."""
    return ".".join(map(str, parts))


def possible(parts: tuple[int, ...]) -> bool:
    """Whether a number that the text calls WeChat's can be one."""
    if len(parts) > 3 and parts[2] > max_patch(parts[0]):
        return False
    return 1 <= parts[0] <= 20 and parts[1] <= 99 and max(parts) <= 999_999


def max_patch(major: int) -> int:
    """Return the largest third number: 99 on phones before 8.0, whose greater third numbers are builds."""
    return 99 if 5 <= major < 8 else 255


def shaped(parts: tuple[int, ...], platform: Platform | None) -> tuple[str, str | None]:
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


def with_code(code: Code, text: tuple[int, ...], form: str, hint: Platform | None = None) -> Candidate:
    """Join a code with the number written beside it (may be empty); the code wins, save on HarmonyOS.

    `hint` is the platform that the rest of the text names; it settles the one code that iOS and macOS share.
    """
    if code.placeholder:
        return Candidate("placeholder", platform=hint, explicit=True, coded=True, reason="placeholder",
                         detail=dotted(text or code.parts))  # fmt: skip
    if code.platform == "harmony":
        if text and possible(text):
            return Candidate(form, dotted(text), None, "harmony", explicit=True, coded=True)
        return Candidate(
            form, platform="harmony", explicit=True, coded=True, reason="harmony_code", detail=dotted(code.parts)
        )
    if hint == "harmony" and text and possible(text):  # OpenHarmony says the agent: no Android, whatever its code is
        return Candidate(form, dotted(text), None, "harmony", explicit=True, coded=True)
    same = text[:3] == code.parts[:3]
    platform: Platform | None = code.platform
    if platform is None:  # 0x1 with 2 or 3: macOS, where anything says so
        platform = hint or ("macos" if same and len(text) == 4 else None)
    if code.platform in ("windows", "macos", "linux"):  # a code of its own, so a desktop client
        return Candidate(form, dotted(code.parts), None, platform, explicit=True, coded=True)
    build = code.parts[3]
    if same and len(text) == 4:
        build = text[3]
    elif len(text) == 3 and text[2] > 99 and (*text[:2], 0) == code.parts[:3]:  # 7.0.1380(0x2700003A)
        build = text[2]
    return Candidate(form, dotted(code.parts[:3]), str(build), platform, explicit=True, coded=True)


_HEX: Final = r"(?i)(?<![0-9a-z])(?:0x|dword:\s?(?:0x)?)([0-9a-f]{8})(?![0-9a-z])"
_PARAMETER: Final = r"(?i)(?<![a-z])(?:client_?)?version=(?!0x)([0-9a-f]{8})(?![0-9a-z])"  # addresses and cookies
_WHOLE: Final = r"(?i)(?:微信|wechat|weixin|版本号?|version|client)?\W{0,4}([0-9a-f]{8})\W{0,4}"
_DECIMAL: Final = r"(?<![\d.\-+])(\d{9,10})(?![\d.\-])"
_PRIVATE: Final = r"(?i)(?:qq号?|微信号|账号|帐号|电话|手机号?|tel|phone|uin|id)\W{0,3}$"


def codes_in(text: str, used: list[tuple[int, int]], hint: Platform | None) -> Iterator[Candidate]:
    """Yield the codes in `text` outside the places `used`; `hint` is the platform its words name."""
    registry = "dword" in text.lower()
    seen = False
    for match in matches(_HEX, text):
        if any(start <= match.start() < end for start, end in used):
            continue
        seen = True
        code = decode(int(match[1], 16))
        if code:
            yield with_code(code, (), "registry_value" if registry else "client_code", hint)
        elif len(match[1].strip("0")) > 3:  # the registry's other values are small
            yield Candidate("client_code", reason="unknown_code", detail=f"0x{match[1]}")
    for match in matches(_PARAMETER, text):
        code = decode(int(match[1], 16))
        if code:
            seen = True
            yield with_code(code, (), "client_code", hint)
    for match in matches(_DECIMAL, text):
        if re.search(_PRIVATE, text[max(0, match.start() - 10) : match.start()]):
            continue
        code = decode(int(match[1]))
        if code and _certain(code, hint):
            seen = True
            yield with_code(code, (), "registry_value", hint)
    whole = None if seen else re.fullmatch(_WHOLE, text.strip())
    if whole and (not whole[1].isdigit() or whole.start(1) > 1) and (code := decode(int(whole[1], 16))):
        yield with_code(code, (), "client_code", hint)


def _certain(code: Code, hint: Platform | None) -> bool:
    """Whether a decimal number is a code rather than an account's or a moment's: stricter than `decode`."""
    major, minor, patch, _ = code.parts
    if hint is not None and code.platform not in (None, hint):
        return False
    if code.platform in ("android", "ios"):
        return 5 <= major <= 8 and minor <= 7 and patch <= 127
    return minor <= 9
