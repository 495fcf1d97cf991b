"""Version texts: what WeChat or system version a person, a log or a machine names.

Every text gives a reading; what cannot be read gives the reason, in words and as a stable code.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from .compare import at_least, reaches
    from .model import FORMS, Platform, SystemReading, VersionReading
    from .ownership import owner_of
    from .system import parse_system_version, system_in_user_agent
    from .wechat import doubt, parse_wechat_version

__all__ = [
    "FORMS",
    "Platform",
    "SystemReading",
    "VersionReading",
    "at_least",
    "doubt",
    "owner_of",
    "parse_system_version",
    "parse_wechat_version",
    "reaches",
    "system_in_user_agent",
]
_HOMES: Final = {
    "at_least": "compare",
    "doubt": "wechat",
    "owner_of": "ownership",
    "parse_system_version": "system",
    "parse_wechat_version": "wechat",
    "reaches": "compare",
    "system_in_user_agent": "system",
}


def __getattr__(name: str) -> object:
    """Import a part when it is first asked for: comparing numbers needs none of the parsers."""
    if name not in __all__:
        raise AttributeError(name)
    return getattr(import_module(f"{__name__}.{_HOMES.get(name, 'model')}"), name)
