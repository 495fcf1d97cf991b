"""Which language to speak: the option, the settings, the locale, else Chinese."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence

Lang = Literal["zh", "en"]


def spoken(words: Sequence[str]) -> Lang:
    """Return the language for words on the command line that may not be usable: `--lang` where it stands."""
    for at, word in enumerate(words):
        if word.startswith("--lang="):
            return choose(word.removeprefix("--lang="))
        if word == "--lang" and at + 1 < len(words):
            return choose(words[at + 1])
    return choose()


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
