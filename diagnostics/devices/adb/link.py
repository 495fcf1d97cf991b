"""One connection to the adb server on this computer: requests, answers, and what streams after them.

The protocol: a request is its length in four hexadecimal digits and its text; the answer `OKAY`, or `FAIL` with a
counted message. Every wait is bounded as a whole by a `Wait`, not read by read.
"""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING, Final

from diagnostics.clean import clean_line
from diagnostics.devices.adb.wait import ClosedError, NoServerError, NotAdbError, RefusedError

if TYPE_CHECKING:
    from diagnostics.devices.adb.wait import Wait

HOST: Final = "127.0.0.1"
PORT: Final = 5037
_CHUNK: Final = 1 << 16


def server_port() -> int:
    """Return the port of the adb server: `ANDROID_ADB_SERVER_PORT`, as for every adb client, else 5037."""
    told = os.environ.get("ANDROID_ADB_SERVER_PORT", "")
    return int(told) if told.isascii() and told.isdigit() and 0 < int(told) < 65_536 else PORT


class Link:
    """A connection to the adb server. Use as a context manager; it is closed at the end.

    Raises NoServerError where nothing listens; every method raises a kind of AdbError where the answer is missing.
    """

    def __init__(self, wait: Wait, port: int | None = None) -> None:
        self._wait = wait
        try:
            self._socket = socket.create_connection((HOST, port or server_port()), timeout=min(1.0, wait.left()))
        except TimeoutError:
            raise NotAdbError from None  # this computer itself takes connections at once, or nothing listens
        except OSError:
            raise NoServerError from None

    def __enter__(self) -> Link:
        return self

    def __exit__(self, *_error: object) -> None:
        self._socket.close()

    def request(self, text: str) -> None:
        """Ask for a service and wait for the server's consent. Raises RefusedError with the server's words."""
        told = text.encode()
        self._socket.settimeout(self._wait.left())
        try:
            self._socket.sendall(b"%04x%s" % (len(told), told))
        except OSError:
            raise ClosedError from None
        answer = self.exactly(4)
        if answer == b"FAIL":
            raise RefusedError(clean_line(self.block()))
        if answer != b"OKAY":
            raise NotAdbError

    def block(self) -> bytes:
        """Return one counted answer: four hexadecimal digits and that many bytes."""
        digits = self.exactly(4)
        try:
            return self.exactly(int(digits, 16))
        except ValueError:
            raise NotAdbError from None

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

    def some(self, size: int) -> bytes:
        """Return what comes next, at most `size` bytes; nothing at the end of the stream."""
        while True:
            self._socket.settimeout(self._wait.slice())
            try:
                return self._socket.recv(min(size, _CHUNK))
            except TimeoutError:
                continue  # the wait decides whether there is another turn
            except OSError:
                raise ClosedError from None
