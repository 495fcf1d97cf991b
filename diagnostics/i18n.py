"""User-facing errors and messages: a text's key and what fills it in, translated when displayed.

The texts of errors are read from their own file, so that a damaged knowledge base can still be reported.
"""

from __future__ import annotations

import os
import re
from functools import cache
from typing import TYPE_CHECKING, Any, Final, Self

import msgspec

from diagnostics.sanitize import clean_line

if TYPE_CHECKING:
    from collections.abc import Iterable

    from diagnostics.knowledge.model import Knowledge, Lang

FILE: Final = os.path.join(os.path.dirname(os.path.abspath(__file__)), "knowledge", "locale", "errors.toml")  # noqa: PTH118, PTH120, PTH100


class UserError(ValueError):
    """Something from outside cannot be used.

    `key` names the text below `error.` in the locale files, `values` fill it in: texts, other errors, tables of a text
    by language. Personal numbers in them are masked. `place` is the file and line, the id or the option at fault.
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
        text = error_text(self.key, lang, **self.values)
        near = self.values.get("near")
        return _masked(text + error_text("near", lang, near=near) if near else text, lang)

    def text(self, lang: str) -> str:
        """Return the place and what is wrong, on one line, in this language."""
        return f"{_masked(self.place, lang)}: {self.message(lang)}" if self.place else self.message(lang)

    def at(self, place: str) -> Self:
        """Return the same fault at another place."""
        return type(self)(self.key, place, **self.values)


def _masked(text: str, lang: str) -> str:
    """Return what is told without a person's numbers and passwords: what is refused is told with what was given."""
    from diagnostics.redaction import mask_numbers

    return name_masks(mask_numbers(text), lang)


def name_masks(text: str, lang: str) -> str:
    """Return a text to be shown with its masks in this language: `<手机号-1>` is kept, `<mobile-1>` read in English."""
    pattern = _masks() if lang == "en" and not text.isascii() else None
    if pattern is None:
        return text
    return pattern.sub(lambda found: found[1] + error_text(f"masked.{found[2]}", "en"), text)


@cache
def _masks() -> re.Pattern[str] | None:
    names = [key.removeprefix("masked.") for key in error_texts() if key.startswith("masked.")]
    return re.compile(rf"(<|&lt;)({'|'.join(names)})(?=(?:-\d{{1,9}})?(?:>|&gt;))") if names else None


def error_text(key: str, lang: str, **values: object) -> str:
    """Return the text `error.<key>` in this language, filled in; the bare facts where the file of texts is damaged."""
    text = error_texts().get(key, {}).get("en" if lang.lower().startswith("en") else "zh")
    told = {name: _spoken(value, lang) for name, value in values.items()}
    return text.format(**told) if text is not None else " ".join((key, *map(str, told.values())))


def _spoken(value: object, lang: str) -> object:
    if isinstance(value, Message):
        value = value.as_error()
    if isinstance(value, UserError):
        return value.text(lang)
    if isinstance(value, tuple):
        return error_text("or", lang).join(str(_spoken(one, lang)) for one in value)
    return value[lang] if isinstance(value, dict) else value


@cache
def error_texts() -> dict[str, dict[str, str]]:
    """Return the texts of errors by key (without `error.`) and language; none where their file is damaged."""
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


class Message(msgspec.Struct, frozen=True):
    """A text by its key, and what fills it in; among the values may be others of its kind, also several in a tuple.

    The key is one of the locale files, or `verdict.<code>.text`, `.advice` and `.short` of a network finding, or
    `wechat_version.error`: why `render` names no version.
    """

    key: str
    values: dict[str, str | int | float | Message | tuple[str | Message, ...] | None] = {}

    @classmethod
    def fault(cls, error: UserError) -> Message:
        """Return what this error says, with its place."""
        values = {name: _kept(value) for name, value in error.values.items()}
        return cls(f"error.{error.key}", {"place": error.place, **values})

    def as_error(self) -> UserError:
        """Return the error that was kept by `fault`."""
        values: dict[str, Any] = self.values
        return UserError(self.key.removeprefix("error."), **values)


Wording = str | Message | tuple[str | Message, ...]
"""Words as they are, words by their key, or several of both, one a line."""


class Texts:
    """The texts of one knowledge base in one language."""

    def __init__(self, knowledge: Knowledge, lang: str) -> None:
        self.knowledge = knowledge
        self.lang: Lang = "en" if lang == "en" else "zh"

    def __call__(self, key: str, **values: object) -> str:
        """Return the text of this key, with the values filled in. Raises KeyError for a key that is none."""
        return self.knowledge.say(key, self.lang, **values)

    def render(self, told: Wording) -> str:
        """Return a message in words; of several, those that say nothing take no line."""
        if isinstance(told, tuple):
            return "\n".join(filter(None, self.render_data(told)))
        return str(self.render_data(told))

    def render_data(self, data: Any) -> Any:
        """Return data with every message in it put into words; what was words before stays as it is."""
        if isinstance(data, Message):
            return self._message(data)
        if isinstance(data, dict):
            return {name: self.render_data(value) for name, value in data.items()}
        if isinstance(data, (list, tuple)):
            return [self.render_data(value) for value in data]
        return data

    def _message(self, told: Message) -> str:
        if told.key.startswith("error."):
            return clean_line(told.as_error().text(self.lang))
        if told.key.startswith("verdict."):
            from diagnostics.network.verdicts import words

            code, _, part = told.key.removeprefix("verdict.").rpartition(".")
            found = words(code, here=bool(told.values.get("here")))
            return {"text": found.text, "advice": found.advice, "short": found.short}[part].get(self.lang)
        if told.key == "wechat_version.error":
            from diagnostics.versions import parse_wechat_version

            return parse_wechat_version(str(told.values["text"]), self.lang).error or ""
        filled = {name: self.render_data(value) for name, value in told.values.items()}
        comma = "、" if self.lang == "zh" else ", "
        joined = {name: comma.join(one) if isinstance(one, list) else one for name, one in filled.items()}
        return self(told.key, **joined)


def _kept(value: object) -> Any:
    """Return what fills in a fault, as data; a fault among it is kept by its key."""
    if isinstance(value, UserError):
        return Message.fault(value)
    if isinstance(value, tuple):
        return tuple(_kept(one) for one in value)
    return value if isinstance(value, (str, int, float, type(None))) else str(value)


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name most like this one, None where none is near."""
    import difflib

    names = list(known)
    ends = [one for one in names if one.rpartition(".")[2] == name]
    if ends:
        return ends[0]
    found = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    if found:
        return found[0]
    last = difflib.get_close_matches(name, [one.rpartition(".")[2] for one in names], n=1, cutoff=0.6)
    return next((one for one in names if last and one.endswith(last[0])), None)
