"""Read what an Android phone prints of WeChat's package, its users, its system and its network. Never raises.

Blanks in patterns are bounded and never line ends: a phone may print two million of either, and reading stays linear.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Final

import msgspec

from diagnostics.phone.adb_client import WECHAT
from diagnostics.sanitize import clean_line
from diagnostics.versions import parse_system_version


def _first(pattern: re.Pattern[str], text: str) -> str | None:
    found = pattern.search(text)
    return found[1] if found else None


# WeChat's package and the phone's users

_SECTION: Final = re.compile(
    rf"^[ \t]{{0,8}}Package \[{re.escape(WECHAT)}\] \(\w{{0,20}}\):?[ \t]{{0,8}}$", re.MULTILINE
)
_END: Final = re.compile(r"^(?:[^\s]|[ ]{1,2}(?:Package|Hidden system package) \[)", re.MULTILINE)
_HIDDEN: Final = re.compile(r"^Hidden system packages:", re.MULTILINE)
_VERSION: Final = re.compile(r"^[ \t]{1,12}versionName=(\S{1,100})", re.MULTILINE)
_CODE: Final = re.compile(r"^[ \t]{1,12}versionCode=(\d{1,12})\b", re.MULTILINE)
_INSTALLER: Final = re.compile(r"^[ \t]{1,12}installerPackageName=([\w.]{1,100})", re.MULTILINE)
_UID: Final = re.compile(r"^[ \t]{1,12}(?:userId|appId)=(\d{1,9})\b", re.MULTILINE)
_USER: Final = re.compile(
    r"^[ \t]{1,12}User (\d{1,6}):[ \t]{1,8}([^\n]{0,400}\binstalled=(?:true|false)\b[^\n]{0,400})", re.MULTILINE
)
_FLAG: Final = re.compile(r"\b(installed|hidden|blocked|suspended|quarantined|enabled)=(true|false|\d)\b")
_OFF: Final = {("enabled", "2"), ("enabled", "3"), ("enabled", "4"),
               ("hidden", "true"), ("blocked", "true"), ("suspended", "true"), ("quarantined", "true")}  # fmt: skip
"""Switched off (also by the user, or until used), hidden by somebody in charge (Android 5: `blocked`) or held back by
a focus mode."""
_LOOSE_VERSION: Final = re.compile(
    r"(?:version\s?_?name|版本(?:名称?|号)?|バージョン名)\s{0,4}[\"']?\s{0,4}[=:：]\s{0,4}[\"']?v?(\d{1,3}(?:\.\d{1,6}){1,3})",
    re.IGNORECASE,
)
_ABSENT: Final = re.compile(rf"Unable to find package:? {re.escape(WECHAT)}", re.IGNORECASE)


class UserState(msgspec.Struct, frozen=True):
    """WeChat for one user of the phone; `off` where it is there but disabled, suspended or hidden."""

    user: int
    installed: bool
    off: bool


class Package(msgspec.Struct, frozen=True, kw_only=True):
    """What was read of WeChat's package. `loose` says that the output was not in Android's own form.

    `version` is as the phone has it, None where the phone says that WeChat is not there; `hidden_version` that of the
    copy on the system partition, where an update hides one. `uid` is the package's number on the phone, without the
    user's part.
    """

    version: str | None = None
    code: str | None = None
    installer: str | None = None
    uid: str | None = None
    users: tuple[UserState, ...] = ()
    hidden_version: str | None = None
    loose: bool = False
    version_line: str = ""

    @property
    def installed_for(self) -> list[str]:
        """The numbers of the users who have it, where the output tells."""
        return [str(state.user) for state in self.users if state.installed]


def parse_package(text: str) -> Package | None:
    """Read the output of `dumpsys package`; None where it says nothing that can be used."""
    start = _SECTION.search(text)
    if start is None:
        return _loose(text)
    section = _until_end(text, start.end())
    version = _first(_VERSION, section)
    if version is None:
        loose = _loose(section)
        return loose if loose is not None and loose.version else None
    hidden = _HIDDEN.search(text)
    behind = _SECTION.search(text, hidden.end()) if hidden and hidden.start() > start.start() else None
    hidden_version = _first(_VERSION, _until_end(text, behind.end())) if behind else None
    code = _first(_CODE, section)
    users = []
    for number, line in _USER.findall(section):
        flags = dict(_FLAG.findall(line))
        users.append(UserState(int(number), flags.get("installed") == "true", not _OFF.isdisjoint(flags.items())))
    return Package(
        version=clean_line(version, 60),
        code=code,
        installer=_first(_INSTALLER, section),
        uid=_first(_UID, section),
        users=tuple(users),
        hidden_version=clean_line(hidden_version, 60) if hidden_version else None,
        version_line=clean_line(f"versionName={version}" + (f" versionCode={code}" if code else "")),
    )


def _until_end(text: str, start: int) -> str:
    end = _END.search(text, start + 1)
    return text[start : end.start()] if end else text[start:]


def _loose(text: str) -> Package | None:
    """Read an output that a maker changed or translated: a version beside WeChat's package name, and no more."""
    if _ABSENT.search(text):
        return Package()
    found = list(_LOOSE_VERSION.finditer(text)) if WECHAT in text else []
    if len({match[1] for match in found}) != 1:
        return None  # none, or several that contradict each other
    return Package(version=found[0][1], loose=True, version_line=clean_line(found[0][0]))


def parse_path(text: str, code: int | None) -> bool | None:
    """Whether `pm path` found the package; None where its output says neither."""
    if re.search(r"^package:/\S+", text, re.MULTILINE):
        return True
    return False if not text.strip() and code == 1 else None


_USER_INFO: Final = re.compile(r"UserInfo\{(\d{1,6}):([^\n]{0,200}?):([0-9a-fA-F]{1,8})\}")
_MANAGED: Final = 0x20
_PROFILE: Final = 0x1000
_MAKERS_CLONE: Final = 0x2480_0000
"""Flags of makers beyond Android's own: Samsung's, Huawei's and OPPO's, and Xiaomi's second copies of apps."""
_CLONES: Final = {95, *range(900, 1000)}
"""Users that makers keep for a second copy of an app: Samsung 95; Xiaomi, OPPO, vivo and others 999."""
_SECURE: Final = range(150, 161)
_CLONE_NAME: Final = re.compile(
    r"应用分身|分身应用|应用双开|双开|dual[\s_-]?(?:app|messenger)|app[\s_-]?twin|twin[\s_-]?app|clone|multi[\s_-]?app"
    r"|parallel[\s_-]?app|xspace|doubleinstance",
    re.IGNORECASE,
)
_SECURE_NAME: Final = re.compile(r"secure[\s_-]?folder|安全文件夹|보안 폴더|knox", re.IGNORECASE)
_PRIVATE_NAME: Final = re.compile(
    r"隐私空间|私密空间|系统分身|手机分身|分身空间|隐私系统|(?:private|second|security|hidden)[\s_-]?space",
    re.IGNORECASE,
)


def parse_users(text: str) -> dict[int, str]:
    """Return the kind of each user that `pm list users` prints, by number. Names are not kept: they are people's."""
    found = {int(number): (int(flags, 16), name) for number, name, flags in _USER_INFO.findall(text)}
    return {number: user_kind(number, *about) for number, about in sorted(found.items())}


def user_kind(number: int, flags: int = 0, name: str = "") -> str:
    """Return what kind of user a number with these flags and this name is; people's own names tell nothing.

    `owner`, `work`, `clone` (a maker's second copy of apps), `secure_folder` (Samsung's), `private` (a hidden space of
    the same person) or `second`.
    """
    if number == 0:
        return "owner"
    if _SECURE_NAME.search(name) or (number in _SECURE and flags & (_PROFILE | _MANAGED)):
        return "secure_folder"
    if _PRIVATE_NAME.search(name):
        return "private"
    if number in _CLONES or flags & _MAKERS_CLONE or _CLONE_NAME.search(name):
        return "clone"
    if flags & _MANAGED:
        return "work"
    return "clone" if flags & _PROFILE else "second"


# the network

_ACTIVE: Final = re.compile(r"Active default network:\s{0,4}(none|null|\d{1,9})")
_AGENT: Final = re.compile(r"^[ \t]{0,12}NetworkAgentInfo\s?\{", re.MULTILINE)
_AGENT_LIMIT: Final = 20_000
_ID: Final = re.compile(r"network\{(\d{1,9})\}")
_STATE: Final = re.compile(r"ni\{[^}\n]{0,300}?(?<!DIS)\bCONNECTED")
_TRANSPORTS: Final = re.compile(r"Transports:\s{0,4}([A-Z_|]{1,80})")
_CAPABILITIES: Final = re.compile(r"Capabilities:\s{0,4}([A-Z0-9_&]{1,600})")
_PROXY: Final = re.compile(r"HttpProxy:\s{0,4}\[[^\]\n]{1,255}\]\s{0,4}\d{1,5}")
_VALIDATED: Final = re.compile(r"\b(?:lastValidated|validated)\{true\}")
"""How Android 5 says it: there it is no capability yet, and nothing is told of login pages."""
_SINCE_6: Final = "CaptivePortalDetected{"
_PORTAL: Final = "lastCaptivePortalDetected{true}"


class Connectivity(msgspec.Struct, frozen=True):
    """The phone's networks: whether a VPN is up and a proxy set on any of them, then the one in use.

    `transports` are Android's words for that one, such as WIFI or CELLULAR; none where no network is in use.
    """

    vpn: bool
    proxy: bool
    transports: tuple[str, ...] = ()
    validated: bool = False
    portal: bool = False
    partial: bool = False


def parse_connectivity(text: str) -> Connectivity | None:
    """Read the output of `dumpsys connectivity`; None where it does not say which network is in use."""
    in_use = _ACTIVE.search(text)
    if in_use is None:
        return None
    agents: dict[str | None, tuple[str, tuple[str, ...]]] = {}
    starts = [match.start() for match in _AGENT.finditer(text, in_use.end())]
    for start, end in pairwise([*starts, len(text)]):
        agent = text[start : min(end, start + _AGENT_LIMIT)].partition("Requests:")[0]  # there begins what it serves
        transports = _first(_TRANSPORTS, agent)
        if transports is not None and _STATE.search(agent):
            agents.setdefault(_first(_ID, agent), (agent, tuple(transports.split("|"))))
    vpn = any("VPN" in transports for _, transports in agents.values())
    proxy = any(_PROXY.search(agent) for agent, _ in agents.values())
    if not in_use[1].isdigit():
        return Connectivity(vpn, proxy)
    if in_use[1] not in agents:
        return None
    active, used = agents[in_use[1]]
    can = (_first(_CAPABILITIES, active) or "").split("&")
    return Connectivity(
        vpn,
        proxy,
        used,
        validated="VALIDATED" in can or (_SINCE_6 not in active and _VALIDATED.search(active) is not None),
        portal="CAPTIVE_PORTAL" in can or _PORTAL in active,
        partial="PARTIAL_CONNECTIVITY" in can,
    )


_SAVER: Final = re.compile(r"Restrict background:\s{0,4}(true|false)")
_POLICIES: Final = re.compile(r"^[ \t]{0,8}Policy for UIDs:", re.MULTILINE)


def data_saver(text: str) -> bool | None:
    """Whether `dumpsys netpolicy` says that the phone-wide data saver is on."""
    word = _first(_SAVER, text)
    return word == "true" if word else None


def data_blocked(text: str, uid: str | None) -> bool | None:
    """Whether `dumpsys netpolicy` keeps data in the background from the app with this number.

    A policy is in figures (Android 5 to 6) or in words (since 7); other words tell nothing.
    """
    if uid is None or not _POLICIES.search(text):
        return None
    row = re.search(rf"\bUID={uid} policy=([A-Z0-9_|]{{1,200}}|[^\s]{{1,200}})", text)
    policy = row[1] if row else "NONE"
    if policy.isascii() and policy.isdigit():
        return bool(int(policy[:9]) & 1)
    words = policy.split("|")
    if "REJECT_METERED_BACKGROUND" in words:
        return True
    return False if all(re.fullmatch(r"NONE|(?:ALLOW|REJECT)_[A-Z_]{1,60}", word) for word in words) else None


# single values

_UNSET: Final = ("", "null", ":0", "undefined")
_SIZES: Final = {"": 1 << 10, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}
"""Bytes in the unit behind a number; where none stands there, 1K-blocks are meant, in every `df` that Android had."""
TABLET_DP: Final = 600
"""Least width of a tablet's screen in Android's density-independent pixels."""


def one_line(text: str, limit: int = 100) -> str | None:
    """Return the one line that a property or a setting is; None where it is not set or is more than that."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    line = clean_line(lines[0], limit) if len(lines) == 1 else ""
    return None if line in _UNSET else line


def switch(text: str) -> bool | None:
    """Return a setting that is 0 or 1; None where it is neither."""
    return {"0": False, "1": True}.get(text.strip())


def proxy_set(text: str) -> bool | None:
    """Whether this is the address of a proxy; None where it is neither that nor nothing."""
    line = text.strip()
    if line in _UNSET:
        return False
    return True if re.fullmatch(r"[\w.\[\]:-]{1,255}:\d{1,5}", line) else None


def android_version(release: str, sdk: str) -> str | None:
    """Return the Android version as a number in text: from the release, else from the API level."""
    for text in (f"Android {one_line(release) or ''}", f"API {one_line(sdk) or ''}"):
        reading = parse_system_version(text)
        if reading.version is not None and reading.platform == "android":
            return reading.version
    return None


def clock_difference(text: str, sent: float, received: float) -> int | None:
    """Return by how many whole seconds the phone's clock is ahead of this computer's; None where it is not told.

    A difference that the command's own duration explains is none.
    """
    line = text.strip()
    if not re.fullmatch(r"\d{9,11}", line):
        return None
    phone = int(line)
    return 0 if sent - 1 <= phone <= received + 1 else round(phone + 0.5 - (sent + received) / 2)


def free_bytes(text: str) -> int | None:
    """Return the bytes free for users, from any form of `df`'s output; a long device name has a line of its own."""
    head, *rows = [line.split() for line in text.splitlines() if line.strip()] or [[]]
    names = [word.lower() for word in head]
    name = next((name for name in ("available", "avail", "free") if name in names), None)
    values = [word for words in rows for word in words]
    if name is None or names.index(name) >= len(values):
        return None
    size = re.fullmatch(r"(\d{1,15}(?:\.\d{1,3})?)([KMGT]?)i?B?", values[names.index(name)], re.IGNORECASE)
    return int(float(size[1]) * _SIZES[size[2].upper()]) if size else None


def device_kind(characteristics: str, size: str, density: str) -> str | None:
    """Return `phone`, `tablet` or `watch_or_car` where the phone's own words settle it, else None.

    A wide screen alone may be a folding phone's, so a tablet must call itself one as well.
    """
    words = set((one_line(characteristics) or "").lower().split(","))
    if words & {"watch", "automotive"}:
        return "watch_or_car"
    pixels = re.search(r"Physical size:\s{0,4}(\d{2,5})x(\d{2,5})", size)
    dots = re.search(r"Physical density:\s{0,4}(\d{2,4})", density)
    if words & {"tv", "emulator", "embedded", "pc"} or pixels is None or dots is None or int(dots[1]) == 0:
        return None
    wide = min(int(pixels[1]), int(pixels[2])) * 160 / int(dots[1]) >= TABLET_DP
    if wide != ("tablet" in words):
        return None
    return "tablet" if wide else "phone"
