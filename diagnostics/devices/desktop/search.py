"""Find a desktop WeChat on this computer: the Windows registry, macOS bundles, Linux packages. Only reads."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import msgspec

from diagnostics.clean import clean_line

if TYPE_CHECKING:
    from pathlib import Path


class Desktop(msgspec.Struct, frozen=True):
    """One desktop WeChat: its version where told, its platform, and where that stands (`where`, cleaned)."""

    version: str | None
    platform: str
    where: str


def find(root: Path | None = None, home: Path | None = None) -> tuple[Desktop, ...]:
    """Return every desktop WeChat found, quickly and without running anything. Never raises for what lies there.

    `root` and `home` stand for the system's own root and the user's home directory.
    """
    from pathlib import Path

    root, home = root or Path("/"), home or Path.home()
    if sys.platform == "win32":
        from diagnostics.devices.desktop.windows import found
    elif sys.platform == "darwin":
        from diagnostics.devices.desktop.macos import found
    else:
        from diagnostics.devices.desktop.linux import found
    return tuple(dict.fromkeys(found(root, home)))


def desktop(version: str | int | None, platform: str, where: str) -> Desktop:
    """Return a find with its version in the form that the program itself shows, where it can be read."""
    from diagnostics.versions import parse_wechat_version  # seldom needed: most computers have none

    reading = parse_wechat_version(str(version)) if version not in (None, "") else None
    return Desktop(reading.version if reading is not None else None, platform, clean_line(where))
