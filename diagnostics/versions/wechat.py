"""Read a WeChat version from whatever a person, a log or a machine gives.

In user agents it matters which token tells the truth on which platform. Desktop clients put a fixed number behind
`MicroMessenger/`; their real version stands in `WindowsWechat(0x…)` or `MacWechat/…`, and from 4.0 on in
`UnifiedPC…Wechat(0x…)` alone, where the former two are fixed as well.
"""

import re
from collections.abc import Iterator
from typing import Final

import msgspec

from diagnostics.i18n import error_text
from diagnostics.redaction import mask_numbers
from diagnostics.sanitize import clean, clean_line
from diagnostics.versions.free_text import explain_other_number, numbers_in, platform_in, undotted_versions
from diagnostics.versions.numbers import can_be_wechat, candidate_of_code, codes_in, dotted, folded, version_and_build
from diagnostics.versions.tables import TABLES, Candidate, Platform, VersionReading


def parse_wechat_version(text: str, lang: str = "zh") -> VersionReading:
    """Return the WeChat version that `text` names, or why it names none, in the language `lang` (zh or en).

    Never raises on any text; takes time linear in its length. Of several versions the one that is
    explicitly WeChat's counts; two such, or two without a name, are `ambiguous`.
    """
    plain = folded(text)
    found = _find(plain) if plain.strip() else Candidate("empty", reason="empty")
    sure = found.owner == "own"
    reason, detail = (found.reason, found.detail) if sure else ("doubt", found.version or "")
    return VersionReading(
        input=mask_numbers(clean(text)),
        version=found.version,
        build=found.build,
        platform=found.platform,
        form=found.form,
        error=error_text(f"version.{reason}", lang, detail=mask_numbers(clean_line(detail, 80))) if reason else None,
        reason=reason,
        sure=sure,
    )


def _find(text: str) -> Candidate:
    found, rest = read_agents(text)
    if rest.strip():
        found += _in_prose(rest)
    others = [one for one in found if one.version and one.owner != "own"]
    versions = [one for one in found if one.version and one.owner == "own"]
    if others and not versions:  # an earlier one may be asked back
        names = list(dict.fromkeys(one.version or "" for one in others))
        if len(names) == 1 and all(one.owner == "past" for one in others):
            return others[0]
        return Candidate("bound", reason="not_own", detail=", ".join(names))
    versions = [one for one in versions if not one.weak] or versions
    versions = [one for one in versions if one.explicit] or versions
    if versions:
        one = _one_of(versions, rest)
        competing = any(other.owner in ("past", "other") and other.version != one.version for other in others)
        return msgspec.structs.replace(one, owner="past") if competing and one.version else one
    reasons = [one for one in found if one.reason]
    certain = [one for one in reasons if one.explicit] or [one for one in reasons if one.reason != "implausible"]
    if certain:
        return certain[0]
    other = explain_other_number(rest)
    return reasons[0] if reasons and other.reason == "no_version" else other


def _in_prose(text: str) -> list[Candidate]:
    """Return what a text outside user agents may name."""
    if re.search(r"(?i)platform\W{1,5}devtools", text):
        return [Candidate("developer_tools", explicit=True, reason="developer_tools")]
    text = text.split("Hidden system packages:")[0]  # there stands the older copy that was replaced
    hint = platform_in(text)
    found, used = numbers_in(text, hint)
    found += codes_in(text, used, hint)
    undotted = undotted_versions(text, hint)
    return found + [one for one in undotted if one.explicit or not any(other.version for other in found)]


def _one_of(versions: list[Candidate], rest: str) -> Candidate:
    """Join the readings of one version, or say which versions compete."""
    best = max(versions, key=lambda one: ((one.version or "").count("."), one.form == "package_record"))
    names = list(dict.fromkeys(one.version or "" for one in versions))
    if any(not f"{best.version}.".startswith(f"{name}.") for name in names):
        return Candidate("ambiguous", reason="ambiguous", detail=", ".join(names[:6]))
    platforms = {one.platform for one in versions if one.platform}
    # The build of a package outranks the code's byte.
    build = max((one.build for one in versions if one.build), key=len, default=None)
    if build is None and (code := re.search(r"(?i)versionCode\W{1,4}(\d{3,6})\b", rest)):
        build = code[1]
    return Candidate(best.form, best.version, build, platforms.pop() if len(platforms) == 1 else None)


# user agents

_NUMBER: Final = r"(\d{1,4}(?:\.\d{1,6}){1,3})"
_CODE: Final = r"\s?\(\s?0x([0-9a-f]{8})\s?\)"
_CLIENT: Final = rf"(?i)MicroMessenger/\s?{_NUMBER}(?:_r[0-9a-z]{{1,12}}(?:\.\d{{1,6}})?)?(?:{_CODE})?"
_UNIFIED: Final = rf"(?i)UnifiedPC[a-z]{{1,12}}Wechat{_CODE}"
_WINDOWS: Final = rf"(?i)WindowsWechat{_CODE}"
_MAC: Final = rf"(?i)MacWechat/{_NUMBER}(?:{_CODE})?"
_PIECE: Final = r"(?i)mozilla/\d|dalvik/\d|micromessenger/|(?:windows|mac)wechat[/(]|unifiedpc"
_OTHER_CLIENT: Final = r"(?i)wxwork|wecom|wechatdevtools"
_NAMES: Final = ("micromessenger", "windowswechat", "macwechat", "unifiedpc")
_FIXED: Final = ("7.0.20.1781", "6.5.2.501")
"""Numbers of desktop clients; inside a user agent alone, and where no code stands beside them."""


def read_agents(text: str) -> tuple[list[Candidate], str]:
    """Read every user agent in `text` that names WeChat; returns the readings and the text without them."""
    if re.search(r"(?i)micromessenger%2f", text):
        from urllib.parse import unquote  # only logs of web servers need it

        text = unquote(text)
    found, rest = _by_line(text)
    if "\n" in text and not any(reading.coded for reading in found):  # a narrow window may have broken a token
        joined, joined_rest = _by_line(text.replace("\n", ""))
        joined = [reading for reading in joined if reading.coded or not found]
        if joined:
            return joined, joined_rest
    return found, rest


def _names_wechat(text: str) -> bool:
    return any(name in text.lower() for name in _NAMES)


def _by_line(text: str) -> tuple[list[Candidate], str]:
    """Read the user agents that name WeChat, line by line; returns the text without them as well."""
    found: list[Candidate] = []
    rest: list[str] = []
    for line in text.split("\n") if _names_wechat(text) else []:
        start = re.search(_PIECE, line) if _names_wechat(line) else None
        if start is None:
            rest.append(line)
            continue
        cut = 0 if re.search(_OTHER_CLIENT, line) else start.start()  # it may stand before all else
        platform = platform_in(line[:cut])
        found += [reading for agent in _agents(line[cut:]) if (reading := _read(agent, platform))]
        rest.append(line[:cut])
    return found, "\n".join(rest) if found else text


def _agents(line: str) -> Iterator[str]:
    """Split one line that holds several user agents; an agent may name `Mozilla/` twice."""
    starts = [match.start() for match in re.finditer(r"(?i)mozilla/\d", line)]
    starts = starts or [match.start() for match in re.finditer(r"(?i)micromessenger/", line)] or [0]
    for start, end in zip([0, *starts[1:]], [*starts[1:], len(line)], strict=True):
        if _names_wechat(line[start:end]):
            yield line[start:end]


def _read(agent: str, platform: Platform | None) -> Candidate | None:
    """Read one user agent that names WeChat; None where it gives neither a version nor a reason.

    `platform` is what the words before the agent name; it counts where the agent names none. A number behind
    `MicroMessenger/` without a code is true on phones, and a placeholder on computers.
    """
    lower = agent.lower()
    if "wxwork" in lower or "wecom" in lower:
        return Candidate("wecom", explicit=True, reason="wecom", detail="WeCom")
    if "wechatdevtools" in lower:
        return Candidate("developer_tools", explicit=True, reason="developer_tools")
    named = [told for token, told in TABLES.agents.items() if token in lower]
    platform = (named[0] if named else "") or platform
    unified, client, windows, mac = (re.search(pattern, agent) for pattern in (_UNIFIED, _CLIENT, _WINDOWS, _MAC))
    if client and client[2] and not unified:
        one = candidate_of_code(client[2], _parts(client[1]), "user_agent", platform)
        if one and one.form != "placeholder":
            return one
    shown = unified or windows or mac or client
    if shown is None:
        return None
    *numbers, digits = shown.groups()
    parts = _parts(numbers[0]) if numbers else ()
    placed: Platform | None = "macos" if shown is mac else platform
    if digits and shown is not client:
        unknown = Candidate("user_agent", platform=placed, explicit=True, reason="unknown_code", detail=f"0x{digits}")
        return candidate_of_code(digits, parts, "user_agent", placed) or unknown
    computer = platform in ("windows", "macos", "linux") and parts[0] > 4
    if shown is client and (computer or (platform is None and shown[1] in _FIXED)):
        return Candidate("placeholder", platform=platform, explicit=True, reason="placeholder", detail=shown[1])
    if not can_be_wechat(parts) or (placed == "macos" and parts[0] > 4):  # no such client was published
        return Candidate("user_agent", platform=placed, explicit=True, reason="implausible", detail=dotted(parts))
    version, build = version_and_build(parts, placed)
    return Candidate("user_agent", version, build, placed, explicit=True)


def _parts(number: str) -> tuple[int, ...]:
    return tuple(map(int, number.split(".")))
