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

    The key is one of the locale files, or `verdict.<code>.text` and `verdict.<code>.advice` of a network finding, or
    `wechat_version.error`: why `text` names no version.
    """

    key: str
    values: dict[str, Any] = {}

    @classmethod
    def fault(cls, error: ToldError) -> Said:
        """Return what this error says, with its place."""
        return cls(f"error.{error.key}", {"error": error})


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


def _words(knowledge: Knowledge, said: Said, lang: str) -> str:
    error = said.values.get("error")
    if isinstance(error, ToldError):
        return clean_line(error.text(lang))
    if said.key.startswith("verdict."):
        from diagnostics.probing.catalog import verdicts

        code, _, part = said.key.removeprefix("verdict.").rpartition(".")
        verdict = verdicts()[code]
        return (verdict.advice if part == "advice" else verdict.text).of(lang)
    if said.key == "wechat_version.error":
        from diagnostics.versions import parse_wechat_version

        return parse_wechat_version(said.values["text"], lang).error or ""
    filled = {name: word(knowledge, value, lang) for name, value in said.values.items()}
    return knowledge.say(
        said.key, lang, **{name: ", ".join(one) if isinstance(one, list) else one for name, one in filled.items()}
    )
