"""Faults told in the user's language: an error carries the key of a text and what fills it in, never a sentence.

The texts are read from their own file alone, so that a damaged knowledge base can still be told of.
"""

from __future__ import annotations

import os
from functools import cache
from typing import Any, Final, Self

FILE: Final = os.path.join(os.path.dirname(os.path.abspath(__file__)), "knowledge", "locale", "errors.toml")  # noqa: PTH118, PTH120, PTH100


class ToldError(ValueError):
    """Something from outside cannot be used.

    `key` names the text below `error.` in the locale files, `values` fill it in (an error among them is told in the
    same language, with its place); what they hold of a person's numbers is masked. `place` is the file and line, the id
    or the option at fault.
    """

    def __init__(self, key: str, place: str = "", **values: object) -> None:
        super().__init__(key, place)
        self.key = key
        self.place = place
        self.values = values

    def __str__(self) -> str:
        return self.text("en")

    def message(self, lang: str) -> str:
        """Return what is wrong, without the place, in this language."""
        text = say(self.key, lang, **self.values)
        near = self.values.get("near")
        return _fit(text + say("near", lang, near=near) if near else text)

    def text(self, lang: str) -> str:
        """Return the place and what is wrong, on one line, in this language."""
        return f"{_fit(self.place)}: {self.message(lang)}" if self.place else self.message(lang)

    def at(self, place: str) -> Self:
        """Return the same fault at another place."""
        return type(self)(self.key, place, **self.values)


def _fit(text: str) -> str:
    """Return what is told without a person's numbers and passwords: what is refused is told with what was given."""
    from diagnostics.redaction import mask_numbers

    return mask_numbers(text)


def say(key: str, lang: str, **values: object) -> str:
    """Return the text `error.<key>` in this language, filled in; the bare facts where the file of texts is damaged."""
    text = _texts().get(key, {}).get(lang)
    told = {name: _spoken(value, lang) for name, value in values.items()}
    return text.format(**told) if text is not None else " ".join((key, *map(str, told.values())))


def _spoken(value: object, lang: str) -> object:
    if isinstance(value, ToldError):
        return value.text(lang)
    if isinstance(value, tuple):
        return say("or", lang).join(str(_spoken(one, lang)) for one in value)
    return value


@cache
def _texts() -> dict[str, dict[str, str]]:
    import tomllib

    found: dict[str, dict[str, str]] = {}

    def walk(table: dict[str, Any], prefix: str) -> None:
        for name, value in table.items():
            if "zh" in value:
                found[prefix + name] = value
            else:
                walk(value, f"{prefix}{name}.")

    try:
        with open(FILE, "rb") as file:  # noqa: PTH123  without pathlib, as all that a start may need
            walk(tomllib.load(file)["error"], "")
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    return found
