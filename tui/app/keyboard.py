"""What comes from the keyboard: keys, sorted before they act, and the fields for typing, which clean what they take.

Where the terminal does not mark a paste (Windows), or an input method hands over a word, the characters come within a
few milliseconds, faster than anybody types. They are text then, line breaks included, and never answers or commands.
Full-width signs are their ASCII ones.
"""

from __future__ import annotations

import asyncio
import os
import unicodedata
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual._time import get_time
from textual.app import App
from textual.events import Key, Paste
from textual.keys import Keys, _character_to_key
from textual.message import Message
from textual.widgets import Input, TextArea

from diagnostics.sanitize import clean

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.events import Event

GAP: Final = 0.005
"""Seconds between two keys of a burst at most; an auto-repeat takes thirty milliseconds."""
QUIET: Final = 0.002
"""Seconds after which it is asked again whether a key has had its effect."""
MOST_LOOKS: Final = 250
"""How often that is asked before a key holds up the next no longer."""
BREAKS: Final = frozenset({"enter", "ctrl+j"})
PARTS: Final = BREAKS | {"tab"}
"""What may be part of a text although nothing is printed for it."""
LONGEST: Final = 2_000
"""Characters of a line that are kept: any user agent fits."""
LONGEST_STORY: Final = 60_000
"""Characters of a pasted chat that are kept."""

# Alt+Enter in most terminals: Textual would read it as Enter
ANSI_SEQUENCES_KEYS["\x1b\r"] = (Keys.ControlJ,)  # type: ignore[index]  # a dictionary, called a mapping


def burst_text(group: list[Key]) -> str | None:
    """Return the text of a burst, None where these keys are single presses."""
    parts = ["\n" if key.key in BREAKS else " " if key.key == "tab" else key.character or "" for key in group]
    typed = [part for part, key in zip(parts, group, strict=True) if key.is_printable]
    return "".join(parts) if len("".join(parts)) > 1 and typed else None


def plain_key(key: Key) -> Key:
    """Return the key that a full-width sign stands for (`１`, `Ｑ`), else the key itself."""
    plain = unicodedata.normalize("NFKC", key.character or "")
    if plain == key.character or len(plain) != 1 or not plain.isascii():
        return key
    plain = plain.lower()
    return Key(_character_to_key(plain), plain)


class SortedKeys(App[int]):
    """An app whose keys are sorted before they act: what comes in a burst is text.

    One key, burst or paste at a time: the next follows once it has had its effect, so that no key overtakes another.
    """

    def __init__(self) -> None:
        super().__init__(ansi_color=True if "NO_COLOR" in os.environ else None)
        self._input: deque[Key | Paste] = deque()
        self._sorting: asyncio.Task[None] | None = None

    @property
    def holding(self) -> bool:
        """Whether a key is still held back, or at work."""
        return self._sorting is not None and not self._sorting.done()

    async def on_event(self, event: Event) -> None:
        """Let what the terminal sends come in its order."""
        if not isinstance(event, Key | Paste) or event.is_forwarded:
            await super().on_event(event)
            return
        self._input.append(event)
        if not self.holding:
            self._sorting = asyncio.create_task(self._sort())
            foresee = getattr(self.screen, "foresee", None)
            if isinstance(event, Key) and foresee is not None:
                foresee(plain_key(event))

    async def _sort(self) -> None:
        """Act on everything that came, one after the other."""
        try:
            while self._input:
                await self._act(await self._next())
        except Exception as error:  # noqa: BLE001  Textual looks after its own tasks alone
            self._handle_exception(error)

    async def _next(self) -> list[Key] | Paste:
        """Return a marked paste, one key, or the keys of a burst.

        A key that writes nothing (an arrow, Esc) begins no burst, and need not wait for more.
        """
        first = self._input.popleft()
        if isinstance(first, Paste):
            return first
        group = [first]
        while first.is_printable or first.key in PARTS:
            if not self._input:
                await asyncio.sleep(group[-1].time + GAP - get_time())
            more = self._input[0] if self._input else None
            if not isinstance(more, Key) or more.time - group[-1].time > GAP:
                break
            group.append(more)
            self._input.popleft()
        if len(group) > 1 and burst_text(group) is None:
            self._input.extendleft(reversed(group[1:]))
            return group[:1]
        return group

    async def _act(self, group: list[Key] | Paste) -> None:
        """Do what a key stands for, or take a text that was pasted, once the screen in front stands."""
        for _ in range(100):
            if getattr(self.screen, "ready", True):
                break
            await asyncio.sleep(0.01)
        accepts = getattr(self.focused, "accepts", None)
        typing = accepts is not None
        text: str | None
        key: Key | None = None
        if isinstance(group, Paste):
            text = group.text
        else:
            text, key = burst_text(group), group[0] if typing else plain_key(group[0])
            char = key.character or ""
            if text is None and not typing and char.isalpha() and not char.isascii():
                text = char
        path = [*(self.focused.ancestors_with_self if self.focused is not None else [self.screen]), self]
        if text is not None:
            await (super().on_event(Paste(text)) if accepts is not None and accepts(text) else self.take_text(text))
        elif key is not None:
            await (super().on_event(key) if typing else self._press(key))
        for _ in range(MOST_LOOKS):  # a node may go with what stands in its queue
            if not any(node.is_running and node.message_queue_size for node in path):
                break
            await asyncio.sleep(QUIET)

    async def _press(self, key: Key) -> None:
        """Do at once what a key means where no field takes it: Textual sends it through the queue of every widget."""
        self.app_focus = True
        if not await self._check_bindings(key.key, priority=True):
            press = getattr(self.screen, "press", None)
            if press is None or not press(key):
                await self._check_bindings(key.key)

    async def take_text(self, text: str) -> None:
        """Take a text that was pasted where no field is: nothing happens here."""


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
