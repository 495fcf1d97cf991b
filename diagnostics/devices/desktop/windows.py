"""Desktop WeChat on Windows: what its installers note in the registry, for 3.x and for 4.x."""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING, Final

from diagnostics.devices.desktop.found import Desktop, desktop

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Reader = Callable[[str, str], object]

OWN: Final = (r"Software\Tencent\WeChat", r"Software\Tencent\Weixin")
"""The program's own keys (3.x, 4.x); their value Version is a client version code (a DWORD)."""
UNINSTALL: Final = tuple(
    rf"Software\{below}Microsoft\Windows\CurrentVersion\Uninstall\{name}"
    for below in ("", "WOW6432Node\\")
    for name in ("WeChat", "Weixin")
)
"""The installers' keys; their value DisplayVersion is a dotted number."""


def found(_root: Path, _home: Path) -> Iterator[Desktop]:
    """Yield each WeChat that the registry of this computer knows."""
    for hive, read in _hives():
        yield from from_registry(read, hive)


def _hives() -> list[tuple[str, Reader]]:
    """Return the two parts of the registry in which programs are noted; none on another system."""
    if sys.platform != "win32":
        return []
    import winreg

    def reader(hive: int) -> Reader:
        def read(key: str, value: str) -> object:
            with contextlib.suppress(OSError), winreg.OpenKey(hive, key) as opened:
                return winreg.QueryValueEx(opened, value)[0]
            return None

        return read

    return [("HKCU", reader(winreg.HKEY_CURRENT_USER)), ("HKLM", reader(winreg.HKEY_LOCAL_MACHINE))]


def from_registry(read: Reader, hive: str) -> Iterator[Desktop]:
    """Yield what stands below one hive. `read(key, value)` gives a value, or None where there is none."""
    for key in UNINSTALL:
        version = read(key, "DisplayVersion")
        if isinstance(version, str):
            yield desktop(version, "windows", f"{hive}\\{key}")
            return  # the program's own key says the same in another form
    for key in OWN:
        version = read(key, "Version")
        if isinstance(version, int):
            yield desktop(version, "windows", f"{hive}\\{key}")
            return
