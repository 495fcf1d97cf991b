"""Read a good line in one go: the questions as a typed form, their choices checked as they are decoded."""

from __future__ import annotations

import json
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

import msgspec

from diagnostics.answers import MAX_BYTES, SCHEMA
from diagnostics.evidence import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Callable

    from diagnostics.knowledge.model import Knowledge, Question

Told: TypeAlias = "str | float | tuple[str, ...] | None"
"""An answer as it was decoded, None where there is none."""


class Sheet(NamedTuple):
    """A line as it was read: its id as JSON, and an answer or None for each question, in the knowledge base's order.

    `values` has, beside what was `given`, what follows from the complaint.
    """

    raw: bytes
    id: bytes
    given: tuple[Told, ...]
    values: tuple[Told, ...]


class Form:
    """All questions of a knowledge base, to be filled in by lines."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.ids = tuple(knowledge.questions)
        questions = list(knowledge.questions.values())
        names = [f"q{at}" for at in range(len(questions))]
        answers = msgspec.defstruct(
            "Answers",
            [(name, _type(one), msgspec.field(default=None, name=one.id))
             for name, one in zip(names, questions, strict=True)],
            forbid_unknown_fields=True,
        )  # fmt: skip
        line = msgspec.defstruct(
            "FormLine",
            [("answers", answers), ("id", Any, msgspec.UNSET), ("schema", Literal[SCHEMA], None)],
            forbid_unknown_fields=True,
        )
        self._decode: Callable[[bytes], Any] = msgspec.json.Decoder(line).decode
        self._values = attrgetter(*names)
        self._steering: list[tuple[int, dict[Told, list[tuple[int, Told]]]]] = [
            (at, {choice.id: [(self.ids.index(id_), value) for id_, value in choice.sets.items()]
                  for choice in one.value if choice.sets})
            for at, one in enumerate(questions) if one.id in knowledge.steering
        ]  # fmt: skip

    def read(self, raw: bytes) -> Sheet | None:
        """Return a line as it is, or None where it may be bad in some way: then it has to be read the plain way."""
        if len(raw) > MAX_BYTES:
            return None
        try:
            line = self._decode(raw)
        except (msgspec.MsgspecError, ValueError, RecursionError):
            return None
        given = self._values(line.answers)
        keys = len(given) - given.count(None) + 1 + (line.schema is not None)
        id_ = line.id
        if id_ is msgspec.UNSET:
            shown = b"null"
        elif id_.__class__ is int:
            keys += 1
            shown = b"%d" % id_
        elif id_.__class__ is str:
            keys += 1
            if ":" in id_ and b"\\u003" not in raw:  # else a colon may be written as an escape
                keys += id_.count(":")
            shown = _quoted(id_)
        else:
            return None
        # the decoder takes a key that stands twice; but every key has its colon, so then there are more of these
        return Sheet(raw, shown, given, self._with_implied(given)) if raw.count(b":") == keys else None

    def _with_implied(self, given: tuple[Told, ...]) -> tuple[Told, ...]:
        for at, sets in self._steering:
            if given[at] in sets:
                break
        else:
            return given
        values = list(given)
        for place, value, _ in self.follow(given):
            values[place] = value
        return tuple(values)

    def follow(self, given: tuple[Told, ...]) -> list[tuple[int, Told, str]]:
        """List what follows from the complaint and was not given: which question, its answer, and from what."""
        return [
            (place, value, f"{self.ids[at]}={given[at]}")
            for at, sets in self._steering
            for place, value in sets.get(given[at], ())
            if given[place] is None
        ]


def _type(question: Question) -> Any:
    """Return the type that a good answer to this question has; numbers and texts are looked at again."""
    ids = tuple(choice.id for choice in question.value)
    if question.type == "choice":
        return Literal[(*ids, UNKNOWN)]
    if question.type == "choices":
        return tuple[Literal[ids], ...] | Literal[UNKNOWN]  # type: ignore[valid-type]
    return str if question.type == "text" else int | float | Literal[UNKNOWN]


def _quoted(text: str) -> bytes:
    if text.isascii() and text.isprintable() and '"' not in text and "\\" not in text:
        return f'"{text}"'.encode()
    return id_again(text)


def id_again(id_: object) -> bytes:
    """Return an id as JSON, to stand in the line out: of any type and length, unsafe characters escaped.

    Raises ValueError for a number beyond what a float can hold.
    """
    text = json.dumps(id_, ensure_ascii=False, allow_nan=False)
    return (text if text.isprintable() else json.dumps(id_)).encode()
