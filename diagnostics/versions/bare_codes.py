"""Client version codes that stand by themselves: hexadecimal, in the registry, or as a plain decimal number."""

import re
from collections.abc import Iterator
from typing import Final

from .codes import decode, with_code
from .model import Candidate, Code, Platform
from .numbers import matches

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
