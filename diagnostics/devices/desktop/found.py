"""One desktop WeChat that was found on this computer."""

from __future__ import annotations

import msgspec

from diagnostics.clean import clean_line


class Desktop(msgspec.Struct, frozen=True):
    """One desktop WeChat: its version where told, its platform, and where that stands (`where`, cleaned)."""

    version: str | None
    platform: str
    where: str


def desktop(version: str | int | None, platform: str, where: str) -> Desktop:
    """Return a find with its version in the form that the program itself shows, where it can be read."""
    from diagnostics.versions import parse_wechat_version  # seldom needed: most computers have none

    reading = parse_wechat_version(str(version)) if version not in (None, "") else None
    return Desktop(reading.version if reading is not None else None, platform, clean_line(where))
