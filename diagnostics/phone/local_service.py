"""A connection to a service on this computer (adb's, Apple's); every wait ends with its deadline."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Final, Self, TypeVar

from diagnostics.network import failures
from diagnostics.network.deadline import CancelledError, Deadline, NoAnswerError, TimedOutError

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable

Seen = TypeVar("Seen")

_CONNECT: Final = 1.0
"""Seconds to connect: this computer itself takes connections at once, or nothing listens."""
_CHUNK: Final = 1 << 16


def port_of(text: str) -> int | None:
    """Return the port that a text names, None where it is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 and 0 < int(text) < 65_536 else None


class NoServerError(NoAnswerError):
    """Nothing listens there."""

    failure = failures.REFUSED


class ClosedError(NoAnswerError):
    """The other side closed the connection before its answer was complete."""

    failure = failures.EOF_ERROR


class NotAllowedError(NoAnswerError):
    """This user may not use the service, or it keeps something to itself."""

    failure = failures.unknown("permission denied")


class MalformedError(NoAnswerError):
    """What answers does not speak the protocol."""

    failure = failures.unknown("not the protocol")


class Connection:
    """A connection to `address`, a path or host and port. Use as a context manager; it is closed at the end.

    Each answer has to be complete within `silence` seconds of the question, where that is given. Every method raises a
    kind of NoAnswerError.
    """

    def __init__(self, address: str | tuple[str, int], deadline: Deadline, silence: float | None = None) -> None:
        self._deadline, self._silence = deadline, silence
        self._turn = self._next_turn()
        self._socket: socket.socket = _new_socket(address)
        try:
            self._socket.settimeout(min(_CONNECT, deadline.left()))
            self._connect(address)
        except NoAnswerError:
            self._socket.close()
            raise

    def _connect(self, address: str | tuple[str, int]) -> None:
        try:
            self._socket.connect(address)
        except (TimeoutError, BlockingIOError):
            raise TimedOutError from None
        except (ConnectionResetError, ConnectionAbortedError):
            raise ClosedError from None
        except PermissionError:
            raise NotAllowedError from None
        except OSError:
            raise NoServerError from None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._socket.close()

    def _next_turn(self) -> Deadline:
        return self._deadline if self._silence is None else self._deadline.within(self._silence)

    def _wait(self) -> None:
        """Let the socket's next operation take a moment; the deadline decides whether there is another turn."""
        self._socket.settimeout(min(0.1, self._turn.left()))

    def send(self, data: bytes) -> None:
        """Send all of it; the answer's time begins now."""
        self._turn = self._next_turn()
        self._socket.settimeout(self._turn.left())
        try:
            self._socket.sendall(data)
        except TimeoutError:
            raise TimedOutError from None
        except OSError:
            raise ClosedError from None

    def some(self, size: int) -> bytes:
        """Return what comes next, at most `size` bytes; nothing at the end of the stream."""
        while True:
            self._wait()
            try:
                return self._socket.recv(min(size, _CHUNK))
            except TimeoutError:
                continue
            except OSError:
                raise ClosedError from None

    def exactly(self, size: int) -> bytes:
        """Return `size` bytes. Raises ClosedError where the other side ends first."""
        parts: list[bytes] = []
        while size > 0:
            part = self.some(size)
            if not part:
                raise ClosedError
            parts.append(part)
            size -= len(part)
        return b"".join(parts)


def _new_socket(address: str | tuple[str, int]) -> socket.socket:
    if isinstance(address, tuple):
        return socket.socket(socket.AF_INET6 if ":" in address[0] else socket.AF_INET)
    family = getattr(socket, "AF_UNIX", None)
    if family is None:
        raise NoServerError
    return socket.socket(family)


def watch(
    look: Callable[[Deadline], Seen], absent: Seen, callback: Callable[[Seen], None], cancelled: threading.Event,
    seconds: float, turn: float,
) -> None:  # fmt: skip
    """Call `callback` with what `look` sees, at once and at each change, until `cancelled` is set.

    Runs in the caller's thread (give it a daemon of its own) and returns within a fraction of a second after
    cancelling. Each look is bounded by `seconds`, `turn` seconds lie between two. `absent` stands for no service; one
    that starts or stops meanwhile is noticed.
    """
    last: Seen | None = None
    while not cancelled.is_set():
        try:
            now = look(Deadline(seconds, cancelled))
        except CancelledError:
            return
        except NoServerError:
            now = absent
        except NoAnswerError:
            now = last if last is not None else absent  # it may only have been slow
        if now != last:
            last = now
            callback(now)
        cancelled.wait(turn)
