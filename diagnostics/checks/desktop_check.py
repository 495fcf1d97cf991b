"""The check `computer.wechat`: find a desktop WeChat, which never shows the entry. Read-only."""

# ruff: noqa: PTH110, PTH111, PTH113
# pathlib costs 5 ms at each start
from __future__ import annotations

import contextlib
import os
import re
import sys
import time
from os.path import exists, isfile
from typing import TYPE_CHECKING, Final

import msgspec

from diagnostics.checks.base import CheckResult
from diagnostics.files import read_start
from diagnostics.i18n import Message
from diagnostics.sanitize import clean_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from diagnostics.checks.base import Context
    from diagnostics.knowledge.model import Knowledge


class ComputerCheck:
    """Finds a desktop WeChat. Gives no observation: an installed one need not be the one that the user looked at."""

    id = "computer.wechat"
    network = False

    def __init__(self, _knowledge: Knowledge | None = None) -> None:
        """Needs no knowledge."""

    def run(self, _context: Context) -> CheckResult:
        """Look in the places where installers put it; a few files, no program is run."""
        began = time.monotonic()
        here = find()
        outcome = "found" if here else "absent"
        versions = dict.fromkeys(one.version for one in here)
        named = tuple(one or Message(f"check.{self.id}.no_version") for one in versions)
        return CheckResult(
            id=self.id,
            status="pass",
            verdict=f"computer.wechat_{outcome}",
            operation="find",
            duration_ms=(time.monotonic() - began) * 1000,
            detail=Message(f"check.{self.id}.{outcome}", {"versions": named}),
            data={"found": [{"version": one.version, "platform": one.platform, "where": one.where} for one in here]},
        )


class Desktop(msgspec.Struct, frozen=True):
    """One desktop WeChat: its version if known, its platform, and where it was found (cleaned)."""

    version: str | None
    platform: str
    where: str


def desktop(version: str | int | None, platform: str, where: str) -> Desktop:
    """Return a find with its version in the form that the program itself shows, where it can be read."""
    from diagnostics.versions import parse_wechat_version  # seldom needed: most computers have none

    reading = parse_wechat_version(str(version)) if version not in (None, "") else None
    return Desktop(reading.version if reading is not None else None, platform, clean_line(where))


PACKAGES: Final = ("wechat", "wechat-universal", "wechat-beta", "com.tencent.wechat", "electronic-wechat")
FLATPAK: Final = "com.tencent.WeChat"
BUNDLE: Final = "com.tencent.xinWeChat"
OWN: Final = (r"Software\Tencent\WeChat", r"Software\Tencent\Weixin")
"""The program's own keys (3.x, 4.x); their value Version is a client version code (a DWORD)."""
UNINSTALL: Final = tuple(
    rf"Software\{below}Microsoft\Windows\CurrentVersion\Uninstall\{name}"
    for below in ("", "WOW6432Node\\")
    for name in ("WeChat", "Weixin")
)
"""The installers' keys; their value DisplayVersion is a dotted number."""
_PROGRAMS: Final = ("opt/wechat/wechat", "opt/wechat-universal/wechat", "opt/apps/com.tencent.wechat/files/wechat")
_TABLE_LIMIT: Final = 64 << 20


def _linux(root: str, home: str) -> Iterator[Desktop]:
    """Yield each desktop WeChat that this Linux system has: of a package, or else the bare program."""
    packages = [*_dpkg(root), *_flatpak(root, home)]
    yield from packages or (desktop(None, "linux", f"/{name}") for name in _PROGRAMS if isfile(f"{root}/{name}"))


def _dpkg(root: str) -> Iterator[Desktop]:
    """Read dpkg's own table: each package is a block of lines, ended by an empty one."""
    if not any(exists(f"{root}/var/lib/dpkg/info/{name}.list") for name in PACKAGES):
        return  # the table is long and seldom needed
    for block in read_start(f"{root}/var/lib/dpkg/status", _TABLE_LIMIT).decode("utf-8", "replace").split("\n\n"):
        fields = dict(re.findall(r"^(Package|Status|Version): ([^\n]{1,200})$", block, re.MULTILINE))
        if fields.get("Package") in PACKAGES and fields.get("Status", "").endswith(" installed"):
            version = fields.get("Version", "").rpartition(":")[2].split("-")[0]  # without epoch and revision
            yield desktop(version, "linux", f"dpkg {fields['Package']}")


def _flatpak(root: str, home: str) -> Iterator[Desktop]:
    """Read the description that a Flatpak carries with it, for the system and for this user."""
    for place in (f"{root}/var/lib/flatpak", f"{home}/.local/share/flatpak"):
        active = f"{place}/app/{FLATPAK}/current/active"
        if exists(active):
            text = read_start(f"{active}/files/share/metainfo/{FLATPAK}.metainfo.xml").decode("utf-8", "replace")
            version = re.search(r"<release\b[^>]{0,200}?\bversion=[\"']([\d.]{1,40})[\"']", text)
            yield desktop(version[1] if version else None, "linux", f"flatpak {FLATPAK}")


def _macos(root: str, home: str) -> Iterator[Desktop]:
    """Yield each WeChat bundle in the two application folders."""
    for folder in (root, home):
        for name in ("WeChat.app", "微信.app"):
            plist = f"{folder}/Applications/{name}/Contents/Info.plist"
            if isfile(plist):
                yield from _bundle(plist, f"Applications/{name}")


def _bundle(plist: str, where: str) -> Iterator[Desktop]:
    import plistlib
    from xml.parsers.expat import ExpatError

    try:
        info = plistlib.loads(read_start(plist))
    except (ValueError, ExpatError, plistlib.InvalidFileException, LookupError, TypeError, RecursionError):
        info = {"CFBundleIdentifier": BUNDLE}  # damaged: there, of no known version
    if isinstance(info, dict) and info.get("CFBundleIdentifier") == BUNDLE:
        version = info.get("CFBundleShortVersionString")
        yield desktop(version if isinstance(version, str) else None, "macos", where)


def _windows(_root: str, _home: str) -> Iterator[Desktop]:
    """Yield each WeChat that the registry of this computer knows, in the two parts in which programs are noted."""
    if sys.platform != "win32":
        return
    import winreg

    for name, hive in (("HKCU", winreg.HKEY_CURRENT_USER), ("HKLM", winreg.HKEY_LOCAL_MACHINE)):

        def read(key: str, value: str, hive: int = hive) -> object:
            with contextlib.suppress(OSError), winreg.OpenKey(hive, key) as opened:
                return winreg.QueryValueEx(opened, value)[0]
            return None

        yield from from_registry(read, name)


def from_registry(read: Callable[[str, str], object], hive: str) -> Iterator[Desktop]:
    """Yield what is registered below one hive. `read(key, value)` returns a value or None."""
    for key in (*UNINSTALL, *OWN):
        version = read(key, "Version" if key in OWN else "DisplayVersion")
        if isinstance(version, int if key in OWN else str):
            yield desktop(version, "windows", f"{hive}\\{key}")
            return  # the program's own key says the same as the installer's in another form


def find(root: Path | None = None, home: Path | None = None, platform: str = sys.platform) -> tuple[Desktop, ...]:
    """Return every desktop WeChat found, quickly and without running anything; never raises.

    `root` and `home` stand for the system's own root and the user's home directory, `platform` is as `sys.platform`.
    """
    places = str(root or ""), str(home or os.path.expanduser("~"))  # without a home it may still be installed for all
    found = {"win32": _windows, "darwin": _macos}.get(platform, _linux)
    return tuple(dict.fromkeys(found(*places)))
