"""A connection to a service on this computer (adb's, Apple's); every wait ends with its deadline."""

from __future__ import annotations

import socket
import ssl
from typing import TYPE_CHECKING, Final, Self, TypeVar

from diagnostics.network import failures
from diagnostics.network.deadline import CancelledError, Deadline, NoAnswerError, Secure, Stream, TimedOutError

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable

Seen = TypeVar("Seen")

_CONNECT: Final = 1.0
"""Seconds to connect: this computer itself takes connections at once, or nothing listens."""


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
    """The answer does not follow the protocol."""

    failure = failures.unknown("not the protocol")


class Connection:
    """A connection to `address`, a path or host and port. Use as a context manager; it is closed at the end.

    Each answer has to be complete within `silence` seconds of the question, where that is given. Every method raises a
    kind of NoAnswerError.
    """

    def __init__(self, address: str | tuple[str, int], deadline: Deadline, silence: float | None = None) -> None:
        self._deadline, self._silence = deadline, silence
        self._rest = b""
        self._stream = Stream(_connected(address, deadline.left()), deadline)
        self._begin_turn()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._stream.close()

    def _begin_turn(self) -> None:
        self._turn = self._deadline if self._silence is None else self._deadline.within(self._silence)

    def _in_time(self, work: Callable[[float], Seen]) -> Seen:
        """Do something that ends at a moment; the deadline may be put off meanwhile."""
        while True:
            try:
                return work(self._turn.at)
            except TimeoutError:
                self._turn.left()
            except (OSError, EOFError):
                raise ClosedError from None

    def send(self, data: bytes) -> None:
        """Send all of it; the answer's time begins now."""
        self._begin_turn()
        self._turn.left()
        self._in_time(lambda due: self._stream.send(data, due))

    def some(self, size: int) -> bytes:
        """Return what comes next, at most `size` bytes; nothing at the end of the stream."""
        data = self._rest or self._in_time(self._stream.receive)
        self._rest = data[size:]
        return data[:size]

    def exactly(self, size: int) -> bytes:
        """Return `size` bytes. Raises ClosedError where the other side ends first."""
        parts: list[bytes] = []
        while size > 0:
            parts.append(self.some(size))
            if not parts[-1]:
                raise ClosedError
            size -= len(parts[-1])
        return b"".join(parts)

    def secure(self, context: ssl.SSLContext) -> None:
        """Go on encrypted. Raises MalformedError where the other side does not."""
        self._begin_turn()
        secured = Secure(self._stream, context)
        try:
            self._in_time(secured.shake)
        except ClosedError as closed:
            cause = closed.__context__
            broken = isinstance(cause, ssl.SSLError) and not isinstance(cause, ssl.SSLEOFError)
            raise (MalformedError if broken else ClosedError) from None
        self._stream = secured


_REFUSALS: Final[tuple[tuple[tuple[type[OSError], ...], type[NoAnswerError]], ...]] = (
    ((TimeoutError, BlockingIOError), TimedOutError),
    ((ConnectionResetError, ConnectionAbortedError), ClosedError),
    ((PermissionError,), NotAllowedError),
    ((OSError,), NoServerError),
)
"""What it means that a connection is not made; the first that fits."""


def _connected(address: str | tuple[str, int], seconds: float) -> socket.socket:
    if isinstance(address, str):
        family = getattr(socket, "AF_UNIX", None)
    else:
        family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    if family is None:
        raise NoServerError
    sock = socket.socket(family)
    sock.settimeout(min(_CONNECT, seconds))
    try:
        sock.connect(address)
    except OSError as error:
        sock.close()
        raise next(meant for kinds, meant in _REFUSALS if isinstance(error, kinds)) from None
    return sock


def watch(
    look: Callable[[Deadline], Seen], absent: Seen, callback: Callable[[Seen], None], cancelled: threading.Event,
    seconds: float, turn: float,
) -> None:  # fmt: skip
    """Call `callback` with the result of `look`, at once and at each change, until `cancelled` is set.

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
