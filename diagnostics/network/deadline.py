"""A deadline with a cancel flag, shared by all threads of a check, and socket and TLS streams that respect both."""

from __future__ import annotations

import contextlib
import selectors
import ssl
import threading
import time
from typing import TYPE_CHECKING, Final, TypedDict, TypeVar

from diagnostics.network import failures

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

T = TypeVar("T")

MAX_TURN: Final = 1 << 18
"""Most bytes read in one TLS step; certificates of public hosts need a few thousand."""
_CHUNK: Final = 16384
_ALERT, _HANDSHAKE = 21, 22
SLICE: Final = 0.2
"""Seconds between two looks at the cancel flag; a dozen probes that poll more often keep the machine busy."""


class NoAnswerError(Exception):
    """There was no usable answer. `failure` is a word of the vocabulary in `failures`."""

    failure = failures.unknown("no answer")


class TimedOutError(NoAnswerError):
    """The answer did not come in time."""

    failure = failures.TIMEOUT


class CancelledError(NoAnswerError):
    """The wait was cancelled."""

    failure = failures.INTERRUPTED


class Times(TypedDict):
    """Start of a step, relative to the deadline's start, and its duration."""

    started_ms: float
    duration_ms: float


class Deadline:
    """A moment on `time.monotonic()`, `seconds` from now. It can be postponed, never advanced."""

    def __init__(self, seconds: float, cancelled: threading.Event | None = None) -> None:
        self.zero = time.monotonic()
        self.at = self.zero + seconds
        self.cancelled = cancelled if cancelled is not None else threading.Event()

    def extend_to(self, at: float) -> None:
        """Postpone the moment to `at` (monotonic) if that is later."""
        self.at = max(self.at, at)

    def within(self, seconds: float) -> Deadline:
        """Return a deadline at most `seconds` from now and no later than this one, with the same flag and start."""
        found = Deadline(min(seconds, max(0.0, self.at - time.monotonic())), self.cancelled)
        found.zero = self.zero
        return found

    def due(self, seconds: float) -> float:
        """Return when a step of at most so many seconds that begins now must end."""
        return min(time.monotonic() + seconds, self.at)

    def ended(self, due: float) -> bool:
        """Whether a step that is due then must stop now."""
        return self.cancelled.is_set() or time.monotonic() >= due

    @property
    def over(self) -> bool:
        """Whether the deadline passed or was cancelled."""
        return self.ended(self.at)

    def left(self) -> float:
        """Return the seconds left. Raises TimedOutError if there are none, CancelledError if cancelled."""
        if self.cancelled.is_set():
            raise CancelledError
        left = self.at - time.monotonic()
        if left <= 0:
            raise TimedOutError
        return left

    def pause(self, seconds: float) -> None:
        """Sleep for `seconds`, at most until the deadline. Raises as `left` does."""
        self.cancelled.wait(min(seconds, self.left()))
        self.left()

    def times(self, began: float) -> Times:
        """Return the times of a step that began then and ends now."""
        return {"started_ms": (began - self.zero) * 1000, "duration_ms": (time.monotonic() - began) * 1000}

    def select(self, selector: selectors.BaseSelector, due: float) -> list[tuple[selectors.SelectorKey, int]]:
        """Wait for events until `due` or cancelled, then return an empty list."""
        while True:
            left = due - time.monotonic()
            ready = selector.select(max(0.0, min(SLICE, left)))
            if ready or left <= 0 or self.cancelled.is_set():
                return ready


class Stream:
    """A connected socket; sending and receiving raise TimeoutError once `due` is over."""

    def __init__(self, sock: socket.socket, deadline: Deadline) -> None:
        self._sock, self._deadline = sock, deadline
        self._sock.setblocking(False)

    def send(self, data: bytes, due: float) -> None:
        """Send all of it."""
        while data:
            self._wait(selectors.EVENT_WRITE, due)
            data = data[self._sock.send(data) :]

    def receive(self, due: float) -> bytes:
        """Return the next data, empty at the end."""
        self._wait(selectors.EVENT_READ, due)
        return self._sock.recv(_CHUNK)

    def close(self) -> None:
        """Close the connection."""
        self._sock.close()

    def _wait(self, event: int, due: float) -> None:
        if self._deadline.ended(due):
            raise TimeoutError
        with selectors.DefaultSelector() as selector:
            selector.register(self._sock, event)
            if not self._deadline.select(selector, due):
                raise TimeoutError


class Secure(Stream):
    """TLS over another stream."""

    def __init__(self, below: Stream, context: ssl.SSLContext, server_name: str | None = None) -> None:
        self._below, self._first = below, b""
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=server_name)

    def shake(self, due: float) -> None:
        """Do the handshake."""
        self._turn(self.tls.do_handshake, due)

    def send(self, data: bytes, due: float) -> None:
        """Send all of it."""
        self.tls.write(data)
        self._flush(due)

    def receive(self, due: float) -> bytes:
        """Return the next data, empty at the end, also an abrupt one."""
        try:
            return self._turn(lambda: self.tls.read(_CHUNK), due)
        except (EOFError, ssl.SSLZeroReturnError):
            return b""

    def close(self) -> None:
        """Close the connection."""
        self._below.close()

    def _turn(self, step: Callable[[], T], due: float) -> T:
        """Do a TLS step: send and receive until it completes."""
        received = 0
        while True:
            try:
                done = step()
            except ssl.SSLWantReadError:
                self._flush(due)
                data = self._below.receive(due)
                received += len(data)
                if not data:
                    raise EOFError from None
                if received > MAX_TURN:
                    raise ssl.SSLError("the peer's handshake never ends") from None
                self._first = (self._first + data)[:16]
                self._incoming.write(data)
            except ssl.SSLError:
                with contextlib.suppress(OSError):  # send our alert, if the peer still listens
                    self._flush(due)
                raise
            else:
                self._flush(due)
                return done

    def _flush(self, due: float) -> None:
        if data := self._outgoing.read():
            self._below.send(data, due)

    def hint(self) -> str:
        """Return what the first received bytes say about a failure: `not_tls`, a plain `alert <name>`, or nothing."""
        first = self._first
        if first[:1] == bytes([_ALERT]) and len(first) >= 7:
            names = {int(alert): alert.name for alert in ssl.AlertDescription}  # RFC 8446, section 6
            return f"alert {names.get(first[6], str(first[6])).removeprefix('ALERT_DESCRIPTION_').lower()}"
        return "not_tls" if first and (first[0] not in (_ALERT, _HANDSHAKE) or first[1:2] not in (b"", b"\x03")) else ""
