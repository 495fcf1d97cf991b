"""One moment that ends every wait, and one flag that ends it sooner; shared by all the threads of a check."""

from __future__ import annotations

import selectors
import threading
import time
from typing import TYPE_CHECKING, Final, TypedDict

from diagnostics.network import failures

if TYPE_CHECKING:
    import socket

SLICE: Final = 0.2
"""Longest wait in seconds before the flag is looked at again; a dozen probes that look often keep the machine busy."""


class NoAnswerError(Exception):
    """Whoever was asked gave no usable answer. `failure` is a word of the vocabulary in `failures`."""

    failure = failures.unknown("no answer")


class TimedOutError(NoAnswerError):
    """The answer did not come in time."""

    failure = failures.TIMEOUT


class CancelledError(NoAnswerError):
    """The wait was given up because somebody asked for that."""

    failure = failures.INTERRUPTED


class Times(TypedDict):
    """When a step began, counted from the start of the deadline, and how long it took."""

    started_ms: float
    duration_ms: float


class Deadline:
    """A moment on `time.monotonic()`, `seconds` from now. It can be put off, never brought forward."""

    def __init__(self, seconds: float, cancelled: threading.Event | None = None) -> None:
        self.zero = time.monotonic()
        self.at = self.zero + seconds
        self.cancelled = cancelled if cancelled is not None else threading.Event()

    def put_off(self, at: float) -> None:
        """Move the moment to `at` (monotonic) where that is later."""
        self.at = max(self.at, at)

    def within(self, seconds: float) -> Deadline:
        """Return a deadline `seconds` from now at most, that ends with this one, and shares its flag and its start."""
        found = Deadline(min(seconds, max(0.0, self.at - time.monotonic())), self.cancelled)
        found.zero = self.zero
        return found

    def due(self, seconds: float) -> float:
        """Return when a step of at most this many seconds, begun now, has to end."""
        return min(time.monotonic() + seconds, self.at)

    def ended(self, due: float) -> bool:
        """Whether a step due then has to stop now."""
        return self.cancelled.is_set() or time.monotonic() >= due

    @property
    def over(self) -> bool:
        """Whether the whole is out of time or cancelled."""
        return self.ended(self.at)

    def left(self) -> float:
        """Return the seconds left. Raises TimedOutError when there are none, CancelledError when the flag is set."""
        if self.cancelled.is_set():
            raise CancelledError
        left = self.at - time.monotonic()
        if left <= 0:
            raise TimedOutError
        return left

    def pause(self, seconds: float) -> None:
        """Do nothing for `seconds`, or less where the deadline comes first. Raises as `left` does."""
        self.cancelled.wait(min(seconds, self.left()))
        self.left()

    def times(self, began: float) -> Times:
        """Return when a step began and how long it took by now, as the records of measurements have it."""
        return {"started_ms": (began - self.zero) * 1000, "duration_ms": (time.monotonic() - began) * 1000}

    def select(self, selector: selectors.BaseSelector, due: float) -> list[tuple[selectors.SelectorKey, int]]:
        """Wait for events until `due` or cancelled; an empty list means that the time is up."""
        while True:
            left = due - time.monotonic()
            ready = selector.select(max(0.0, min(SLICE, left)))
            if ready or left <= 0 or self.cancelled.is_set():
                return ready

    def wait(self, sock: socket.socket, event: int, due: float) -> bool:
        """Wait until one socket is ready for `event`; False when the time is up."""
        with selectors.DefaultSelector() as selector:
            selector.register(sock, event)
            return bool(self.select(selector, due))
