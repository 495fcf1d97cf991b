"""WeChat in user agents: which token tells the truth on which platform.

Desktop clients put a fixed number behind `MicroMessenger/`; their real version stands in
`WindowsWechat(0x…)` or `MacWechat/…`, and from 4.0 on in `UnifiedPC…Wechat(0x…)` alone, where the
former two are fixed as well.
"""

import re
from collections.abc import Iterator
from typing import Final

from diagnostics.versions.codes import PLACEHOLDER_NUMBERS, decode, dotted, possible, shaped, with_code
from diagnostics.versions.free_text import platforms_in
from diagnostics.versions.tables import Candidate, Platform

_NUMBER: Final = r"(\d{1,4}(?:\.\d{1,6}){1,3})"
_CODE: Final = r"\s?\(\s?0x([0-9a-f]{8})\s?\)"
_CLIENT: Final = rf"(?i)MicroMessenger/\s?{_NUMBER}(?:_r[0-9a-z]{{1,12}}(?:\.\d{{1,6}})?)?(?:{_CODE})?"
_UNIFIED: Final = rf"(?i)UnifiedPC[a-z]{{1,12}}Wechat{_CODE}"
_WINDOWS: Final = rf"(?i)WindowsWechat{_CODE}"
_MAC: Final = rf"(?i)MacWechat/{_NUMBER}(?:{_CODE})?"
_PIECE: Final = r"(?i)mozilla/\d|dalvik/\d|micromessenger/|(?:windows|mac)wechat[/(]|unifiedpc"
_OTHER_CLIENT: Final = r"(?i)wxwork|wecom|wechatdevtools"
_NAMES: Final = ("micromessenger", "windowswechat", "macwechat", "unifiedpc")


def read_agents(text: str) -> tuple[list[Candidate], str]:
    """Read every user agent in `text` that names WeChat; returns the readings and the text without them."""
    if re.search(r"(?i)micromessenger%2f", text):
        from urllib.parse import unquote  # only logs of web servers need it

        text = unquote(text)
    found, rest = _split(text)
    if "\n" in text and not any(reading.coded for reading in found):  # a narrow window may have broken a token
        joined, joined_rest = _split(text.replace("\n", ""))
        joined = [reading for reading in joined if reading.coded or not found]
        if joined:
            return joined, joined_rest
    return found, rest


def _split(text: str) -> tuple[list[Candidate], str]:
    """Read the user agents that name WeChat, line by line; returns the text without them as well."""
    found: list[Candidate] = []
    rest: list[str] = []
    for line in text.split("\n") if any(name in text.lower() for name in _NAMES) else []:
        start = re.search(_PIECE, line)
        if start is None or not any(name in line.lower() for name in _NAMES):
            rest.append(line)
            continue
        cut = 0 if re.search(_OTHER_CLIENT, line) else start.start()  # it may stand before all else
        named = platforms_in(line[:cut])
        platform = named.pop() if len(named) == 1 else None
        found += [reading for agent in _pieces(line[cut:]) if (reading := _read(agent, platform))]
        rest.append(line[:cut])
    return found, "\n".join(rest) if found else text


def _pieces(line: str) -> Iterator[str]:
    """Split one line that holds several user agents; an agent may name `Mozilla/` twice."""
    starts = [match.start() for match in re.finditer(r"(?i)mozilla/\d", line)]
    starts = starts or [match.start() for match in re.finditer(r"(?i)micromessenger/", line)] or [0]
    for start, end in zip([0, *starts[1:]], [*starts[1:], len(line)], strict=True):
        if any(name in line[start:end].lower() for name in _NAMES):
            yield line[start:end]


def _read(agent: str, platform: Platform | None) -> Candidate | None:
    """Read one user agent that names WeChat; None where it gives neither a version nor a reason.

    `platform` is what the words before the agent name; it counts where the agent names none.
    """
    lower = agent.lower()
    if "wxwork" in lower or "wecom" in lower:
        return Candidate("wecom", explicit=True, reason="wecom", detail="WeCom")
    if "wechatdevtools" in lower:
        return Candidate("developer_tools", explicit=True, reason="developer_tools")
    named = _platform(lower) or platform
    if match := re.search(_UNIFIED, agent):
        return _coded(match[1], (), named)
    client = re.search(_CLIENT, agent)
    if client and client[2] and (code := decode(int(client[2], 16))) and not code.placeholder:
        return with_code(code, _parts(client[1]), "user_agent", named)
    if match := re.search(_WINDOWS, agent):
        return _coded(match[1], (), named)
    if match := re.search(_MAC, agent):
        if match[2]:
            return _coded(match[2], _parts(match[1]), "macos")
        return _shaped(_parts(match[1]), "macos")
    return _number_only(client[1], named) if client else None


def _number_only(number: str, named: Platform | None) -> Candidate | None:
    """Read `MicroMessenger/` where no code helps: true on phones, a placeholder on computers."""
    parts = _parts(number)
    if named in ("windows", "macos", "linux") and parts[0] > 4:
        return Candidate("placeholder", platform=named, explicit=True, reason="placeholder", detail=number)
    if named is None and number in PLACEHOLDER_NUMBERS - {"6.8.0"}:
        return Candidate("placeholder", explicit=True, reason="placeholder", detail=number)
    return _shaped(parts, named)


def _shaped(parts: tuple[int, ...], platform: Platform | None) -> Candidate:
    if not possible(parts) or (platform == "macos" and parts[0] > 4):  # no such client was published
        return Candidate("user_agent", platform=platform, explicit=True, reason="implausible", detail=dotted(parts))
    version, build = shaped(parts, platform)
    return Candidate("user_agent", version, build, platform, explicit=True)


def _coded(digits: str, parts: tuple[int, ...], named: Platform | None) -> Candidate:
    code = decode(int(digits, 16))
    if code is None:
        return Candidate("user_agent", platform=named, explicit=True, reason="unknown_code", detail=f"0x{digits}")
    return with_code(code, parts, "user_agent", named)


def _platform(lower: str) -> Platform | None:
    """Tell the platform by the tokens that do not lie; `MiniProgramEnv/Windows` also stands on Linux."""
    if "openharmony" in lower:
        return "harmony"
    if "windows phone" in lower:
        return None
    tokens: tuple[tuple[str, Platform], ...] = (
        ("unifiedpcwindows", "windows"), ("unifiedpcmac", "macos"), ("unifiedpclinux", "linux"),
        ("iphone", "ios"), ("ipad", "ios"), ("ipod", "ios"), ("android", "android"),
        ("macwechat", "macos"), ("macintosh", "macos"), ("x11; linux", "linux"), ("windows nt", "windows"),
        ("windowswechat", "windows"),
    )  # fmt: skip
    return next((platform for token, platform in tokens if token in lower), None)


def _parts(number: str) -> tuple[int, ...]:
    return tuple(map(int, number.split(".")))
