"""Version texts: what WeChat or system version a person, a log or a machine names."""

from __future__ import annotations

import re
from functools import lru_cache
from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from diagnostics.versions.free_text import owner_of
    from diagnostics.versions.system import parse_system_version
    from diagnostics.versions.tables import Platform, SystemReading, VersionReading
    from diagnostics.versions.wechat import parse_wechat_version

__all__ = [
    "Platform", "SystemReading", "VersionReading", "at_least", "owner_of", "parse_system_version",
    "parse_wechat_version", "reaches",
]  # fmt: skip
_HOMES: Final = {
    "owner_of": "free_text",
    "parse_system_version": "system",
    "parse_wechat_version": "wechat",
}


def __getattr__(name: str) -> object:
    """Import a part when it is first asked for: comparing numbers needs none of the parsers."""
    if name not in __all__:
        raise AttributeError(name)
    return getattr(import_module(f"{__name__}.{_HOMES.get(name, 'tables')}"), name)


@lru_cache(maxsize=1024)
def at_least(version: str, minimum: str) -> bool:
    """Whether `version` is `minimum` or newer; missing parts count as 0. Raises ValueError on other texts."""
    for text in (version, minimum):
        if not re.fullmatch(r"[0-9]{1,10}(?:\.[0-9]{1,10}){0,15}", text):
            raise ValueError(f"not a dotted number: {text[:80]!r}")
    for one, other in zip(version.split("."), minimum.split("."), strict=False):
        if int(one) != int(other):
            return int(one) > int(other)
    from packaging.version import Version  # costs more than the rest of the package, and few numbers begin alike

    return Version(version) >= Version(minimum)


def reaches(version: str, minimum: str, *, partial: bool = False) -> bool | None:
    """Like `at_least`; a `partial` version, whose last parts were left out, gives None where they decide.

    `8.0` for 8.0.x is above 7.0.22 and below 8.1.0, and says nothing about 8.0.30.
    """
    if at_least(version, minimum):
        return True
    given = version.split(".")
    if partial and list(map(int, given)) == list(map(int, minimum.split(".")[: len(given)])):
        return None
    return False
