"""Read what the phone says of WeChat's package: version, installer, for which users, switched off or not."""

from __future__ import annotations

import re
from typing import Final

import msgspec

from diagnostics.phone.adb_shell import WECHAT
from diagnostics.sanitize import clean_line

# Blanks are bounded and never line ends: a phone may print two million of either, and reading stays linear.
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
_LOOSE_VERSION: Final = re.compile(
    r"(?:version\s?_?name|版本(?:名称?|号)?|バージョン名)\s{0,4}[\"']?\s{0,4}[=:：]\s{0,4}[\"']?v?(\d{1,3}(?:\.\d{1,6}){1,3})",
    re.IGNORECASE,
)
_ABSENT: Final = re.compile(rf"Unable to find package:? {re.escape(WECHAT)}", re.IGNORECASE)
_OFF: Final = ("2", "3", "4")
"""Values of `enabled=`: switched off, by the user, until used."""
_HELD_BACK: Final = ("hidden", "blocked", "suspended", "quarantined")
"""What keeps an enabled app from its user: somebody in charge hid it (Android 5: `blocked`), or a focus mode does."""


class UserState(msgspec.Struct, frozen=True):
    """WeChat for one user of the phone; `off` where it is there but disabled, suspended or hidden."""

    user: int
    installed: bool
    off: bool = False


class Package(msgspec.Struct, frozen=True, kw_only=True):
    """What was read of WeChat's package. `loose` says that the output was not in Android's own form.

    `version` is as the phone has it; `hidden_version` that of the copy on the system partition, where an update
    hides one. `uid` is the package's number on the phone, without the user's part.
    """

    present: bool
    version: str | None = None
    code: str | None = None
    installer: str | None = None
    uid: int | None = None
    users: tuple[UserState, ...] = ()
    hidden_version: str | None = None
    loose: bool = False
    version_line: str = ""

    @property
    def own(self) -> UserState | None:
        """WeChat for the phone's first user, where the output tells."""
        return next((state for state in self.users if state.user == 0), None)


def parse_package(text: str) -> Package | None:
    """Read the output of `dumpsys package`; None where it says nothing that can be used. Never raises."""
    start = _SECTION.search(text)
    if start is None:
        return _loose(text)
    section = _until_end(text, start.end())
    version = _VERSION.search(section)
    if version is None:
        loose = _loose(section)
        return loose if loose is not None and loose.version else None
    hidden = _HIDDEN.search(text)
    behind = _SECTION.search(text, hidden.end()) if hidden and hidden.start() > start.start() else None
    behind_version = _VERSION.search(_until_end(text, behind.end())) if behind else None
    code, installer, uid = (pattern.search(section) for pattern in (_CODE, _INSTALLER, _UID))
    return Package(
        present=True,
        version=clean_line(version[1], 60),
        code=code[1] if code else None,
        installer=installer[1] if installer else None,
        uid=int(uid[1]) if uid else None,
        users=tuple(_user(int(number), flags) for number, flags in _USER.findall(section)),
        hidden_version=clean_line(behind_version[1], 60) if behind_version else None,
        version_line=clean_line(f"versionName={version[1]}" + (f" versionCode={code[1]}" if code else "")),
    )


def _until_end(text: str, start: int) -> str:
    end = _END.search(text, start + 1)
    return text[start : end.start()] if end else text[start:]


def _user(number: int, flags: str) -> UserState:
    told = dict(_FLAG.findall(flags))
    off = told.get("enabled") in _OFF or any(told.get(word) == "true" for word in _HELD_BACK)
    return UserState(number, told.get("installed") == "true", off)


def _loose(text: str) -> Package | None:
    """Read an output that a maker changed or translated: a version beside WeChat's package name, and no more."""
    if _ABSENT.search(text):
        return Package(present=False)
    found = list(_LOOSE_VERSION.finditer(text)) if WECHAT in text else []
    if len({match[1] for match in found}) != 1:
        return None  # none, or several that contradict each other
    return Package(present=True, version=found[0][1], loose=True, version_line=clean_line(found[0][0]))


class User(msgspec.Struct, frozen=True):
    """One user of the phone by number, and what kind it is. Names are not kept: they are people's.

    `owner`, `work`, `clone` (a maker's second copy of apps), `secure_folder` (Samsung's), `private` (a hidden space of
    the same person) or `second`.
    """

    number: int
    kind: str


_USER_INFO: Final = re.compile(r"UserInfo\{(\d{1,6}):([^\n]{0,200}?):([0-9a-fA-F]{1,8})\}")
_MANAGED: Final = 0x20
_PROFILE: Final = 0x1000
_MAKERS_CLONE: Final = 0x2480_0000
"""Flags of makers beyond Android's own: Samsung's, Huawei's and OPPO's, and Xiaomi's second copies of apps."""
_CLONES: Final = (95, 999)
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


def parse_users(text: str) -> tuple[User, ...]:
    """Read the output of `pm list users`. Never raises."""
    found = {int(number): (int(flags, 16), name) for number, name, flags in _USER_INFO.findall(text)}
    return tuple(User(number, user_kind(number, *about)) for number, about in sorted(found.items()))


def user_kind(number: int, flags: int = 0, name: str = "") -> str:
    """Return what kind of user a number with these flags and this name is; people's own names tell nothing."""
    if number == 0:
        return "owner"
    if _SECURE_NAME.search(name) or (number in _SECURE and flags & (_PROFILE | _MANAGED)):
        return "secure_folder"
    if _PRIVATE_NAME.search(name):
        return "private"
    if number in _CLONES or 900 <= number < 1000 or flags & _MAKERS_CLONE or _CLONE_NAME.search(name):
        return "clone"
    if flags & _MANAGED:
        return "work"
    return "clone" if flags & _PROFILE else "second"


def parse_path(text: str, code: int | None) -> bool | None:
    """Whether `pm path` found the package; None where its output says neither. Never raises."""
    if re.search(r"^package:/\S+", text, re.MULTILINE):
        return True
    return False if not text.strip() and code == 1 else None
