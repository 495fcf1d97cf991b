"""What is worded only when it is shown: a text by its key, so that it speaks the language of that moment.

Checks end in one language and may be shown in another; so they carry keys and values, as faults do (`told`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from diagnostics.clean import clean_line
from diagnostics.told import ToldError

if TYPE_CHECKING:
    from diagnostics.knowledge.model import Knowledge


class Said(msgspec.Struct, frozen=True):
    """A text by its key, and what fills it in; among the values may be others of its kind, also several in a tuple.

    The key is one of the locale files, or `verdict.<code>.text`, `.advice` and `.short` of a network finding, or
    `wechat_version.error`: why `text` names no version.
    """

    key: str
    values: dict[str, str | int | float | Said | tuple[str | Said, ...] | None] = {}

    @classmethod
    def fault(cls, error: ToldError) -> Said:
        """Return what this error says, with its place."""
        values = {name: _kept(value) for name, value in error.values.items()}
        return cls(f"error.{error.key}", {"place": error.place, **values})


Text = str | Said | tuple[str | Said, ...]
"""Words as they are, words by their key, or several of both, one a line."""


def text(knowledge: Knowledge, told: Text, lang: str) -> str:
    """Put a text into words; of several, those that say nothing take no line."""
    if isinstance(told, tuple):
        return "\n".join(filter(None, word(knowledge, told, lang)))
    return str(word(knowledge, told, lang))


def word(knowledge: Knowledge, data: Any, lang: str) -> Any:
    """Return data with every `Said` in it put into words; what was words before stays as it is."""
    if isinstance(data, Said):
        return _words(knowledge, data, lang)
    if isinstance(data, dict):
        return {name: word(knowledge, value, lang) for name, value in data.items()}
    if isinstance(data, (list, tuple)):
        return [word(knowledge, value, lang) for value in data]
    return data


def _kept(value: object) -> Any:
    """Return what fills in a fault, as data; a fault among it is kept by its key."""
    if isinstance(value, ToldError):
        return Said.fault(value)
    if isinstance(value, tuple):
        return tuple(_kept(one) for one in value)
    return value if isinstance(value, (str, int, float, type(None))) else str(value)


def _error(said: Said) -> ToldError:
    """Return the fault that was kept."""

    def again(value: object) -> Any:
        if isinstance(value, Said):
            return _error(value)
        return tuple(map(again, value)) if isinstance(value, tuple) else value

    return ToldError(said.key.removeprefix("error."), **{name: again(value) for name, value in said.values.items()})


def _words(knowledge: Knowledge, said: Said, lang: str) -> str:
    if said.key.startswith("error."):
        return clean_line(_error(said).text(lang))
    if said.key.startswith("verdict."):
        from diagnostics.network.verdicts import words

        code, _, part = said.key.removeprefix("verdict.").rpartition(".")
        told = words(code, here=bool(said.values.get("here")))
        return {"text": told.text, "advice": told.advice, "short": told.short}[part].of(lang)
    if said.key == "wechat_version.error":
        from diagnostics.versions import doubt, parse_wechat_version

        reading = parse_wechat_version(str(said.values["text"]), lang)
        return reading.error or doubt(reading, lang) or ""
    filled = {name: word(knowledge, value, lang) for name, value in said.values.items()}
    comma = "、" if lang == "zh" else ", "
    return knowledge.say(
        said.key, lang, **{name: comma.join(one) if isinstance(one, list) else one for name, one in filled.items()}
    )
