"""Which language to speak: the option, the settings, the locale, else Chinese."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence

Lang = Literal["zh", "en"]


def spoken(words: Sequence[str]) -> Lang:
    """Return the language for words on the command line that may not be usable: `--lang`, else the settings."""
    told = _value(words, "--lang")
    return choose(told) if told is not None else choose(None, _setting(_value(words, "--config")))


def _value(words: Sequence[str], option: str) -> str | None:
    for at, word in enumerate(words):
        if word.startswith(f"{option}="):
            return word.removeprefix(f"{option}=")
        if word == option and at + 1 < len(words):
            return words[at + 1]
    return None


def _setting(config: str | None) -> str | None:
    """Return the language of the settings; None where they cannot be read: that error is reported elsewhere."""
    from diagnostics.settings import SettingsError, read_settings

    try:
        return read_settings(config).lang
    except SettingsError:
        return None


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
