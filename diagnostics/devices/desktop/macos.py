"""Desktop WeChat on macOS: the bundle's own description."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from diagnostics.devices.desktop.found import Desktop, desktop

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BUNDLE: Final = "com.tencent.xinWeChat"
_NAMES: Final = ("WeChat.app", "微信.app")
_LIMIT: Final = 1 << 20


def found(root: Path, home: Path) -> Iterator[Desktop]:
    """Yield each bundle that calls itself WeChat, in the two places where applications stand."""
    for folder in (root / "Applications", home / "Applications"):
        for name in _NAMES:
            told = folder / name / "Contents" / "Info.plist"
            if told.is_file():
                yield from _bundle(told, name)


def _bundle(told: Path, name: str) -> Iterator[Desktop]:
    import plistlib
    from xml.parsers.expat import ExpatError

    try:
        with told.open("rb") as file:
            info = plistlib.loads(file.read(_LIMIT))
    except (OSError, ValueError, ExpatError, plistlib.InvalidFileException, LookupError, TypeError, RecursionError):
        yield desktop(None, "macos", f"Applications/{name}")
        return
    if isinstance(info, dict) and info.get("CFBundleIdentifier") == BUNDLE:
        version = info.get("CFBundleShortVersionString")
        yield desktop(version if isinstance(version, str) else None, "macos", f"Applications/{name}")
