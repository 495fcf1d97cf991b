"""Desktop WeChat on Linux: dpkg and Flatpak, read from their own files, and programs that lie in /opt."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from diagnostics.devices.desktop.found import Desktop, desktop

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PACKAGES: Final = ("wechat", "wechat-universal", "wechat-beta", "com.tencent.wechat", "electronic-wechat")
FLATPAK: Final = "com.tencent.WeChat"
_PROGRAMS: Final = ("opt/wechat/wechat", "opt/wechat-universal/wechat", "opt/apps/com.tencent.wechat/files/wechat")
_LIMIT: Final = 64 << 20


def found(root: Path, home: Path) -> Iterator[Desktop]:
    """Yield each desktop WeChat that this Linux system has."""
    known = False
    for one in (*_dpkg(root), *_flatpak(root, home)):
        known = True
        yield one
    if not known:
        for name in _PROGRAMS:
            if (root / name).is_file():
                yield desktop(None, "linux", f"/{name}")


def _dpkg(root: Path) -> Iterator[Desktop]:
    """Read dpkg's own table: each package is a block of lines, ended by an empty one."""
    table = root / "var/lib/dpkg/status"
    if not any((root / f"var/lib/dpkg/info/{name}.list").exists() for name in PACKAGES):
        return  # the table is long and seldom needed
    try:
        blocks = table.read_bytes()[:_LIMIT].decode("utf-8", "replace").split("\n\n")
    except OSError:
        return
    for block in blocks:
        fields = dict(re.findall(r"^(Package|Status|Version): ([^\n]{1,200})$", block, re.MULTILINE))
        if fields.get("Package") in PACKAGES and fields.get("Status", "").endswith(" installed"):
            yield desktop(_upstream(fields.get("Version", "")), "linux", f"dpkg {fields['Package']}")


def _upstream(version: str) -> str:
    """Return a Debian version without its epoch and revision."""
    return version.rpartition(":")[2].split("-")[0]


def _flatpak(root: Path, home: Path) -> Iterator[Desktop]:
    """Read the description that a Flatpak carries with it, for the system and for this user."""
    for place in (root / "var/lib/flatpak", home / ".local/share/flatpak"):
        active = place / f"app/{FLATPAK}/current/active"
        if not active.exists():
            continue
        told = active / f"files/share/metainfo/{FLATPAK}.metainfo.xml"
        try:
            with told.open("rb") as file:
                text = file.read(1 << 20).decode("utf-8", "replace")
        except OSError:
            text = ""
        version = re.search(r"<release\b[^>]{0,200}?\bversion=[\"']([\d.]{1,40})[\"']", text)
        yield desktop(version[1] if version else None, "linux", f"flatpak {FLATPAK}")
