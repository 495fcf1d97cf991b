"""Which language to speak: the option, the settings, the locale, else Chinese."""

from __future__ import annotations

import os
from typing import Literal

Lang = Literal["zh", "en"]


def choose(option: str | None = None, setting: str | None = None) -> Lang:
    """Return `en` or `zh`: the command line wins over the settings, the settings over the locale."""
    for told in (option, setting):
        if told is not None:
            return "en" if told == "en" else "zh"
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(name, "")
        if value:
            return "en" if value.lower().startswith("en") else "zh"
    return "zh"
