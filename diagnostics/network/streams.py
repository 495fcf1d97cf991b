"""Byte streams over a socket, and TLS on top of them: every wait ends with its deadline."""

from __future__ import annotations

import contextlib
import selectors
import ssl
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import socket

    from diagnostics.network.deadline import Deadline

MAX_HANDSHAKE: Final = 1 << 18
"""Bytes read of a peer's handshake; certificates of public hosts need a few thousand."""
_CHUNK: Final = 16384
_ALERT, _HANDSHAKE = 21, 22


class Stream:
    """A connected socket; sending and receiving raise TimeoutError once `due` is over."""

    def __init__(self, sock: socket.socket, deadline: Deadline) -> None:
        self._sock = sock
        self._deadline = deadline
        self._sock.setblocking(False)

    def send(self, data: bytes, due: float) -> None:
        """Send all of it."""
        while data:
            self._wait(selectors.EVENT_WRITE, due)
            data = data[self._sock.send(data) :]

    def receive(self, due: float) -> bytes:
        """Return what comes next, nothing at the end."""
        self._wait(selectors.EVENT_READ, due)
        return self._sock.recv(_CHUNK)

    def close(self) -> None:
        """Close the connection."""
        self._sock.close()

    def _wait(self, event: int, due: float) -> None:
        if self._deadline.ended(due) or not self._deadline.wait(self._sock, event, due):
            raise TimeoutError


class Secure(Stream):
    """TLS over another stream, with no socket of its own."""

    def __init__(self, below: Stream, context: ssl.SSLContext, server_name: str | None = None) -> None:
        self.first = b""
        self._below = below
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=server_name)

    def shake(self, due: float) -> None:
        """Shake hands."""
        received = 0
        while True:
            try:
                self.tls.do_handshake()
            except ssl.SSLWantReadError:
                self._flush(due)
                data = self._below.receive(due)
                received += len(data)
                if not data:
                    raise EOFError from None
                if received > MAX_HANDSHAKE:
                    raise ssl.SSLError("the peer's handshake never ends") from None
                self.first = (self.first + data)[:16]
                self._incoming.write(data)
            except ssl.SSLError:
                with contextlib.suppress(OSError):  # the alert that says why we leave, where the peer still listens
                    self._flush(due)
                raise
            else:
                self._flush(due)
                return

    def send(self, data: bytes, due: float) -> None:
        """Send all of it."""
        self.tls.write(data)
        self._flush(due)

    def receive(self, due: float) -> bytes:
        """Return what comes next, nothing at the end, however abrupt."""
        while True:
            try:
                return self.tls.read(_CHUNK)
            except ssl.SSLWantReadError:
                self._flush(due)
                data = self._below.receive(due)
                if not data:
                    return b""
                self._incoming.write(data)
            except ssl.SSLZeroReturnError:
                return b""

    def close(self) -> None:
        """Close the connection."""
        self._below.close()

    def _flush(self, due: float) -> None:
        if data := self._outgoing.read():
            self._below.send(data, due)

    def hint(self) -> str:
        """Return what the first bytes were, where they explain a failure: no TLS at all, or an alert in clear."""
        first = self.first
        if not first:
            return ""
        if first[0] == _ALERT and len(first) >= 7:
            names = {int(alert): alert.name for alert in ssl.AlertDescription}  # RFC 8446, section 6
            return f"alert {names.get(first[6], str(first[6])).removeprefix('ALERT_DESCRIPTION_').lower()}"
        return "not_tls" if first[0] not in (_ALERT, _HANDSHAKE) or first[1:2] not in (b"", b"\x03") else ""
