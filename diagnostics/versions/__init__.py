"""Version texts: what WeChat or system version a person, a log or a machine names.

Every text gives a reading; what cannot be read gives the reason, in words and as a stable code.
"""

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
