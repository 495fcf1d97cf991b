"""What was read from a text."""

from __future__ import annotations

from typing import TypeAlias

import msgspec

Value: TypeAlias = str | int | float | list[str]


class Finding(msgspec.Struct, frozen=True):
    """One answer that the words say. `start` and `end` are places in the masked input.

    `sure`: one meaning, the person's own, stated; everything else is only offered as a question.
    """

    id: str
    value: Value
    quote: str
    start: int
    end: int
    sure: bool


class Belief(msgspec.Struct, frozen=True):
    """A common mistake that the words show."""

    id: str
    quote: str


class Reading(msgspec.Struct, frozen=True):
    """Everything read from one text: `input` is the text with personal numbers masked."""

    input: str
    readings: list[Finding]
    beliefs: list[Belief]

    @property
    def about_weilidai(self) -> bool:
        """Whether anything was read at all."""
        return bool(self.readings or self.beliefs)

    def sure_answers(self) -> dict[str, Finding]:
        """Return the sure readings by question."""
        return {one.id: one for one in self.readings if one.sure}


class Reply(msgspec.Struct, frozen=True):
    """Words typed at one question, read as its answer. `value` is None where they do not answer it."""

    value: Value | None
    quote: str
    sure: bool


class Hit(msgspec.Struct):
    """A reading before competing ones are settled."""

    question: str
    value: Value
    start: int
    end: int
    sure: bool
    beats: tuple[str, ...] = ()
    unless_contact: bool = False
    """Doubtful only because nobody is named to whom it was given; who made contact elsewhere in the text is."""

    def __post_init__(self) -> None:
        """Take a number of the phrase files, which hold only texts, as what its question takes."""
        if self.question == "debt.open_loans" and isinstance(self.value, str):
            self.value = int(self.value)
