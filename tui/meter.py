"""How far a batch is: lines, rate and time left, on a terminal alone."""

from __future__ import annotations

import os
import stat
import time
from typing import IO, TYPE_CHECKING, Final, TextIO

from diagnostics.formats.width import cells, wrap
from tui.loud import QUIET, loudness

if TYPE_CHECKING:
    from types import TracebackType

    from diagnostics.knowledge import Knowledge

EVERY: Final = 0.5
"""Seconds between two looks at the clock's news."""


BAR: Final = 20
"""Signs of the bar that shows how much of a file is read."""


class Meter:
    """Counts lines and says at most twice a second how it goes; the size of a file tells how much is left."""

    def __init__(self, knowledge: Knowledge, lang: str, source: IO[bytes], stream: TextIO | None) -> None:
        self._knowledge = knowledge
        self._lang = lang
        self._stream = stream if stream is not None and stream.isatty() and loudness() > QUIET else None
        self._source = source
        self._size = _size(source) if self._stream else 0
        self._began = self._told = time.monotonic()
        self._count = 0
        self._width = 0

    def __enter__(self) -> Meter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._stream is not None and self._count:
            self._tell("\n")

    def step(self, lines: int) -> None:
        """Count so many lines more."""
        self._count += lines
        if self._stream is not None and time.monotonic() - self._told >= EVERY:
            self._tell("")

    def _tell(self, end: str) -> None:
        self._told = time.monotonic()
        spent = max(self._told - self._began, 0.001)
        facts = {"count": self._count, "rate": f"{self._count / spent:.0f}"}
        room = _columns(self._stream) - 1  # the last column stays free: some terminals break the line there
        if self._size:
            done = min(max(self._source.tell() / self._size, 0.001), 1.0)
            text = self._knowledge.say("batch.progress", self._lang, left=f"{spent / done - spent:.0f}", **facts)
            bar = f"[{'#' * int(done * BAR):-<{BAR}}] "
            text = bar + text if cells(bar + text) <= room else text
        else:
            text = self._knowledge.say("batch.progress_open", self._lang, **facts)
        text = next(iter(wrap(text, max(room, 1))))
        before, self._width = self._width, cells(text)  # blanks over the rest: a dumb terminal knows no escape
        print(f"\r{text}{' ' * (min(before, room) - self._width)}", end=end, file=self._stream, flush=True)


def _columns(stream: TextIO | None) -> int:
    """The width of the terminal; 80 where nobody knows it."""
    try:
        return os.get_terminal_size(stream.fileno()).columns or 80 if stream is not None else 80
    except (OSError, ValueError):  # no terminal after all
        return 80


def _size(source: IO[bytes]) -> int:
    """The size of a file; 0 for a pipe, of which nobody knows the end."""
    try:
        seen = os.fstat(source.fileno())
    except (OSError, ValueError):
        return 0
    return seen.st_size if stat.S_ISREG(seen.st_mode) else 0
