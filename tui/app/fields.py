"""Fields for typing, which remove control characters and escape sequences."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from textual.message import Message
from textual.widgets import Input, TextArea

from diagnostics.sanitize import clean

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.events import Key, Paste

LONGEST: Final = 2_000
"""Characters of a line that are kept: any user agent fits."""
LONGEST_STORY: Final = 60_000
"""Characters of a pasted chat that are kept."""


@dataclass
class Cut(Message):
    """More was typed or pasted than a field takes: the first `most` characters are kept."""

    most: int


class CleanInput(Input):
    """A field into which nothing can be pasted that would drive a terminal; of several lines it makes one."""

    longest = LONGEST

    def validate_value(self, value: str) -> str:
        """Clean what was typed or pasted before anything is drawn."""
        if len(value) > self.longest and self.is_attached:
            self.post_message(Cut(self.longest))
        return " ".join(clean(value, self.longest).splitlines())

    def accepts(self, text: str) -> bool:  # noqa: ARG002  a numeric field looks at it
        """Whether the field takes a pasted text."""
        return True

    def _on_paste(self, event: Paste) -> None:
        """Take every line: Textual's own field takes the first alone."""
        event.prevent_default()
        event.stop()
        self.replace(" ".join(event.text.splitlines()).strip(), *sorted(self.selection))


class EntryField(CleanInput):
    """Takes what belongs to the answer; other keys stay commands.

    A number takes digits, a point and a comma. A text takes everything once it is not empty; in an empty field keys for
    which `is_command` is true still act.
    """

    def __init__(self, *, id: str, numeric: bool, is_command: Callable[[str], bool]) -> None:  # noqa: A002  Textual's own name
        super().__init__(id=id, compact=True, select_on_focus=False)
        self.numeric = numeric
        self._is_command = is_command

    def takes(self, character: str | None) -> bool:
        """Whether this character is typed into the field."""
        if character is None or not character.isprintable():
            return False
        if self.numeric:
            plain = unicodedata.normalize("NFKC", character)
            return plain.isdecimal() or plain in ".,"
        return bool(self.value) or not self._is_command(character)

    def accepts(self, text: str) -> bool:
        """Whether a pasted text is an answer: one line, and for a number nothing but that."""
        line = text.strip()
        return "\n" not in line and (not self.numeric or all(self.takes(one) for one in line))

    def check_consume_key(self, key: str, character: str | None) -> bool:  # noqa: ARG002  Textual's signature
        """Tell Textual which keys are no commands here."""
        return self.takes(character)

    def on_key(self, event: Key) -> None:
        """Let a key that is not taken go on to the app."""
        if event.is_printable and not self.takes(event.character):
            event.prevent_default()


class StoryBox(TextArea):
    """Where the person tells what happened, or pastes a chat: letters and digits are text, Enter hands it in."""

    DEFAULT_CSS = """
    StoryBox { border: round $primary; padding: 0 1; background: $background; scrollbar-size-vertical: 1; }
    StoryBox:focus { border: round $accent; }
    StoryBox:ansi { background: ansi_default; }
    """

    @dataclass
    class Submitted(Message):
        """Enter was pressed."""

        text: str

    class Left(Message):
        """The person went below the last line."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002  Textual's own name
        super().__init__(id=id, soft_wrap=True, compact=False, highlight_cursor_line=False, tab_behavior="focus")

    def on_text_area_changed(self) -> None:
        """Keep the end that is typed in sight: what comes fast is scrolled to before Textual has laid it out."""
        self.call_after_refresh(self.scroll_cursor_visible)

    def accepts(self, text: str) -> bool:  # noqa: ARG002  as CleanInput
        """The box takes every text."""
        return True

    async def _on_key(self, event: Key) -> None:
        """Enter hands in, Alt+Enter and Ctrl+J make a line, Down goes on below the last one."""
        if event.key == "enter":
            event.stop()
            event.prevent_default()
            self.post_message(self.Submitted(self.text))
        elif event.key in ("alt+enter", "ctrl+j", "shift+enter"):
            event.stop()
            event.prevent_default()
            self.insert("\n")
        elif event.key == "down" and self.cursor_at_last_line:
            event.stop()
            event.prevent_default()
            self.post_message(self.Left())
        else:
            await super()._on_key(event)

    async def _on_paste(self, event: Paste) -> None:
        """Take a paste whole, as far as there is room, cleaned."""
        event.stop()
        event.prevent_default()
        self.put(event.text)

    def put(self, text: str) -> None:
        """Insert a text that came at once, cleaned, as far as there is room."""
        room = LONGEST_STORY - len(self.text)
        if len(text) > room:
            self.post_message(Cut(LONGEST_STORY))
        if room > 0:
            self.insert(clean(text[:room], room).replace("\t", " "))
