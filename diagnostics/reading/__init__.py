"""Read what somebody wrote: a message, a ticket, a pasted chat, or words typed at one question.

In goes a text, out come the answers it gives, each with its place and whether it is sure, and common mistakes.
"""

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
    """Words typed at one question, read as its answer. `value` is None where they do not answer it.

    `among`: the values between which they leave it open; it has to be asked which is meant.
    """

    value: Value | None
    quote: str
    sure: bool = False
    among: tuple[Value, ...] = ()
