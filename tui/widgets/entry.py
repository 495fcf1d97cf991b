"""A field for numbers and version texts that leaves the app's single keys alone as long as it can."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Final

from textual.message import Message
from textual.widgets import Input

from diagnostics.sanitize import clean

if TYPE_CHECKING:
    from textual.events import Key, Paste

LONGEST: Final = 2_000
"""Characters of a pasted text that are kept: any user agent fits."""


class CleanInput(Input):
    """A field into which nothing can be pasted that would drive a terminal; of several lines it makes one."""

    class Cut(Message):
        """More was typed or pasted than the field takes: the first `most` characters are kept."""

        def __init__(self, most: int) -> None:
            self.most = most
            super().__init__()

    longest = LONGEST

    def validate_value(self, value: str) -> str:
        """Clean what was typed or pasted before anything is drawn."""
        if len(value) > self.longest and self.is_attached:
            self.post_message(self.Cut(self.longest))
        return " ".join(clean(value, self.longest).splitlines())

    def _on_paste(self, event: Paste) -> None:
        """Take every line: Textual's own field takes the first alone."""
        event.prevent_default()
        event.stop()
        self.replace(" ".join(event.text.splitlines()).strip(), *sorted(self.selection))


class EntryField(CleanInput):
    """Takes what belongs to the answer; other keys stay commands.

    A number takes digits, a point and a comma. A text takes everything once something stands in it; while it is empty,
    the keys of `commands` still act.
    """

    def __init__(self, *, commands: frozenset[str], id: str | None = None) -> None:  # noqa: A002  Textual's own name
        super().__init__(id=id, compact=True, select_on_focus=False)
        self.numeric = False
        self._commands = commands

    def takes(self, character: str | None) -> bool:
        """Whether this character is typed into the field."""
        if character is None or not character.isprintable():
            return False
        if self.numeric:
            plain = unicodedata.normalize("NFKC", character)
            return plain.isdecimal() or plain in ".,"
        return bool(self.value) or character not in self._commands

    def check_consume_key(self, key: str, character: str | None) -> bool:  # noqa: ARG002  Textual's signature
        """Tell Textual which keys are no commands here."""
        return self.takes(character)

    def on_key(self, event: Key) -> None:
        """Let a key that is not taken go on to the app."""
        if event.is_printable and not self.takes(event.character):
            event.prevent_default()
