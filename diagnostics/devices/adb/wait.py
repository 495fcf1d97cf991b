"""How long a conversation with the adb server may take: one moment for all of it, and a flag that ends it."""

from __future__ import annotations

import threading
import time
from typing import Final

SLICE: Final = 0.1
"""Longest wait in seconds before the flag is looked at again."""


class AdbError(Exception):
    """The adb server, or a phone behind it, gave no usable answer. `failure` is an OONI failure string."""

    failure = "unknown_failure: adb"


class NoServerError(AdbError):
    """Nothing listens on the server's port."""

    failure = "connection_refused"


class TimedOutError(AdbError):
    """The answer did not come in time."""

    failure = "generic_timeout_error"


class CancelledError(AdbError):
    """The wait was given up because somebody asked for that."""

    failure = "interrupted"


class ClosedError(AdbError):
    """The other side closed the connection before its answer was complete."""

    failure = "eof_error"


class NotAdbError(AdbError):
    """What answers on the port does not speak the adb server's protocol."""

    failure = "unknown_failure: not an adb server"


class RefusedError(AdbError):
    """The adb server answered that it cannot do this; the message is its own, cleaned."""

    failure = "unknown_failure: refused by the adb server"


class Wait:
    """A moment until which one may wait. Several threads may share it; it can be put off, never brought forward."""

    def __init__(self, seconds: float, cancelled: threading.Event | None = None) -> None:
        self._at = time.monotonic() + seconds
        self._cancelled = cancelled if cancelled is not None else threading.Event()

    def put_off(self, at: float) -> None:
        """Move the moment to `at` (monotonic) where that is later."""
        self._at = max(self._at, at)

    def within(self, seconds: float) -> Wait:
        """Return a wait of at most `seconds` that ends with this one and shares its flag."""
        return Wait(min(seconds, max(0.0, self._at - time.monotonic())), self._cancelled)

    def left(self) -> float:
        """Return the seconds left. Raises TimedOutError when there are none, CancelledError when the flag is set."""
        if self._cancelled.is_set():
            raise CancelledError
        left = self._at - time.monotonic()
        if left <= 0:
            raise TimedOutError
        return left

    def slice(self) -> float:
        """Return how long to block before looking again. Raises as `left` does."""
        return min(SLICE, self.left())

    def pause(self, seconds: float) -> None:
        """Do nothing for `seconds`, or less where the wait ends first. Raises as `left` does."""
        self._cancelled.wait(min(seconds, self.left()))
        self.left()
