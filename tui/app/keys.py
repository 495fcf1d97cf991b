"""Keys as they come from the terminal: a burst of them is a pasted text, full-width signs are their ASCII ones.

Where the terminal does not mark a paste (Windows), or an input method hands over a word, the characters come within a
few milliseconds, faster than anybody types. They are text then, line breaks included, and never answers or commands.
"""

from __future__ import annotations

import asyncio
import os
import unicodedata
from collections import deque
from typing import TYPE_CHECKING, Final

from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual._time import get_time
from textual.app import App
from textual.events import Key, Paste
from textual.keys import Keys, _character_to_key

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.events import Event
    from textual.message_pump import MessagePump

GAP: Final = 0.005
"""Seconds between two keys of a burst at most; an auto-repeat takes thirty milliseconds."""
QUIET: Final = 0.002
"""Seconds after which it is asked again whether a key has had its effect."""
LONGEST_KEY: Final = 0.5
"""Seconds after which a key holds up the next no longer."""
BREAKS: Final = frozenset({"enter", "ctrl+j"})
PARTS: Final = BREAKS | {"tab"}
"""What may be part of a text although nothing is printed for it."""

# Alt+Enter in most terminals: Textual would read it as Enter
ANSI_SEQUENCES_KEYS["\x1b\r"] = (Keys.ControlJ,)  # type: ignore[index]  # a dictionary, called a mapping


class KeySorter:
    """Holds a key back for a moment, and hands over groups: one key, all of a burst, or a marked paste.

    One group at a time: the next follows once `done` was called, so that a key never overtakes what the one before
    it brings about.
    """

    def __init__(self, hand_over: Callable[[list[Key] | Paste], object]) -> None:
        self._hand_over = hand_over
        self._held: list[Key] = []
        self._groups: deque[list[Key] | Paste] = deque()
        self._busy = False
        self.turn = 0
        """Counts what was handed over."""
        self._timer: asyncio.TimerHandle | None = None

    @property
    def holding(self) -> bool:
        """Whether a key is still held back, or at work."""
        return bool(self._held or self._groups or self._busy)

    def take(self, key: Key) -> None:
        """Take a key that has come; one that writes nothing (an arrow, Esc) is part of no burst, and need not wait."""
        self._held.append(key)
        if not key.is_printable and key.key not in PARTS:
            self.flush()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(GAP, self._look)

    def take_paste(self, paste: Paste) -> None:
        """Take a paste that the terminal marked: it comes behind the keys before it."""
        self.flush()
        self._groups.append(paste)
        self._go_on()

    def flush(self) -> None:
        """Let everything that is held come next: something else has come that must stay behind the keys."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        held, self._held = self._held, []
        for key in held:
            last = self._groups[-1] if self._groups else None
            if isinstance(last, list) and key is not held[0] and key.time - last[-1].time <= GAP:
                last.append(key)
            else:
                self._groups.append([key])
        self._go_on()

    def done(self, turn: int) -> None:
        """Hand over what comes next: the group of this turn has had its effect."""
        if turn == self.turn:
            self._busy = False
            self._go_on()

    def _go_on(self) -> None:
        if self._groups and not self._busy:
            self._busy = True
            self.turn += 1
            group = self._groups.popleft()
            if isinstance(group, list) and len(group) > 1 and burst_text(group) is None:
                self._groups.extendleft([key] for key in reversed(group[1:]))
                group = group[:1]
            self._hand_over(group)

    def _look(self) -> None:
        self._timer = None
        if self._held and get_time() - self._held[-1].time < GAP:  # more may be on its way
            self._timer = asyncio.get_running_loop().call_later(GAP, self._look)
        else:
            self.flush()


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
    """An app whose keys are sorted before they act: what comes in a burst is text."""

    def __init__(self) -> None:
        super().__init__(ansi_color=True if "NO_COLOR" in os.environ else None)
        self.keys = KeySorter(lambda group: self.call_later(self._act_on_keys, group))

    async def on_event(self, event: Event) -> None:
        """Let what the terminal sends come in its order."""
        if isinstance(event, Key) and not event.is_forwarded:
            alone = not self.keys.holding
            self.keys.take(event)
            foresee = getattr(self.screen, "foresee", None)
            if alone and foresee is not None:
                foresee(plain_key(event))
            return
        if isinstance(event, Paste) and not event.is_forwarded:
            self.keys.take_paste(event)
            return
        await super().on_event(event)

    async def _act_on_keys(self, group: list[Key] | Paste, patience: int = 100) -> None:
        """Do what a key stands for, or take a text that was pasted, once the screen in front stands."""
        if patience and not getattr(self.screen, "ready", True):
            self.set_timer(0.01, lambda: self._act_on_keys(group, patience - 1))
            return
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
        turn = self.keys.turn
        self._follow_key(path, turn)
        # a node may go with what stands in its queue
        asyncio.get_running_loop().call_later(LONGEST_KEY, self.keys.done, turn)

    async def _press(self, key: Key) -> None:
        """Do at once what a key means where no field takes it: Textual sends it through the queue of every widget."""
        self.app_focus = True
        if not await self._check_bindings(key.key, priority=True):
            press = getattr(self.screen, "press", None)
            if press is None or not press(key):
                await self._check_bindings(key.key)

    def _follow_key(self, path: list[MessagePump], turn: int) -> None:
        """Let the next key follow once nothing waits any more in the queues that this one may pass through."""
        if any(node.is_running and node.message_queue_size for node in path) and turn == self.keys.turn:
            asyncio.get_running_loop().call_later(QUIET, self._follow_key, path, turn)
        else:
            self.keys.done(turn)

    async def take_text(self, text: str) -> None:
        """Take a text that was pasted where no field is: nothing happens here."""
