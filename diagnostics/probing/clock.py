"""The computer's clock against the `Date` of HTTP answers (RFC 9110, section 6.6.1: whole seconds)."""

from __future__ import annotations

import email.utils
import selectors
import ssl
import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from diagnostics.probing.tls import Session
    from diagnostics.probing.watch import Watch

_MAX_HEAD: Final = 8192


def skew(headers: Mapping[str, str], sent: float, received: float) -> float | None:
    """Return seconds that the server's clock is ahead of ours; the error is half the round trip plus 0.5 s.

    `sent` and `received` are our `time.time()`. None without a `Date`, with one that cannot be read, or with an
    `Age` (a cache's copy tells an old time).
    """
    if headers.get("age", "0").strip() not in ("", "0"):
        return None
    try:
        date = email.utils.parsedate_to_datetime(headers.get("date", "")).timestamp()
    except (ValueError, OverflowError, OSError, TypeError):
        return None
    return date + 0.5 - (sent + received) / 2


def ask(session: Session, host: str, watch: Watch, seconds: float) -> float | None:
    """Ask for the time over a connection whose certificate was refused: a HEAD of `/`, nothing of the user's.

    The answer is a hint only, as whoever answers is not proven. None where no usable answer came in time.
    """
    due = watch.due(seconds)
    request = f"HEAD / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode("ascii")
    sent = time.time()
    session.tls.write(request)
    head = b""
    try:
        data = session.outgoing.read()
        while data:
            if not watch.wait(session.sock, selectors.EVENT_WRITE, due):
                return None
            data = data[session.sock.send(data) :]
        while b"\r\n\r\n" not in head and len(head) < _MAX_HEAD:
            try:
                head += session.tls.read(_MAX_HEAD)
            except ssl.SSLWantReadError:
                if not watch.wait(session.sock, selectors.EVENT_READ, due):
                    return None
                data = session.sock.recv(_MAX_HEAD)
                if not data:
                    break
                session.incoming.write(data)
    except OSError:
        return None
    return skew(_headers(head), sent, time.time())


def _headers(head: bytes) -> dict[str, str]:
    lines = head.decode("latin-1").split("\r\n")[1:]
    pairs = (line.partition(":") for line in lines if ":" in line)
    return {name.strip().lower(): value.strip() for name, _, value in pairs}
