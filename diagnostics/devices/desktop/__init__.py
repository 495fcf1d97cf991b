"""Find a desktop WeChat on this computer: the Windows registry, macOS bundles, Linux packages. Only reads."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from diagnostics.devices.desktop.found import Desktop

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Desktop", "find"]


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
