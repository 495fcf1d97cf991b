"""Byte streams over a connected socket, driven by hand: each wait has its deadline; TLS may lie on top, also twice."""

from __future__ import annotations

import contextlib
import selectors
import ssl
import time
from typing import TYPE_CHECKING, Final

from diagnostics.probing import certificate, failures
from diagnostics.probing.observations import Certificate, Handshake

if TYPE_CHECKING:
    import socket

    from diagnostics.probing.observations import Role
    from diagnostics.probing.watch import Watch

MAX_HANDSHAKE: Final = 1 << 18
"""Bytes read of a peer's handshake; certificates of public hosts need a few thousand."""
_CHUNK: Final = 16384
_ALERT, _HANDSHAKE = 21, 22
ALERTS: Final[dict[int, str]] = {  # RFC 8446, section 6
    0: "close_notify", 10: "unexpected_message", 20: "bad_record_mac", 22: "record_overflow",
    40: "handshake_failure", 42: "bad_certificate", 43: "unsupported_certificate", 44: "certificate_revoked",
    45: "certificate_expired", 46: "certificate_unknown", 47: "illegal_parameter", 48: "unknown_ca",
    49: "access_denied", 50: "decode_error", 51: "decrypt_error", 70: "protocol_version",
    71: "insufficient_security", 80: "internal_error", 86: "inappropriate_fallback", 90: "user_canceled",
    109: "missing_extension", 110: "unsupported_extension", 112: "unrecognized_name", 116: "certificate_required",
    120: "no_application_protocol",
}  # fmt: skip


class Stream:
    """A connected socket; sending and receiving raise TimeoutError once `due` is over."""

    def __init__(self, sock: socket.socket, watch: Watch) -> None:
        self._sock = sock
        self._watch = watch
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
        if self._watch.ended(due) or not self._watch.wait(self._sock, event, due):
            raise TimeoutError


class Secure(Stream):
    """TLS over another stream."""

    def __init__(self, below: Stream, context: ssl.SSLContext, server_name: str) -> None:  # no socket of its own
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
            return f"alert {ALERTS.get(first[6], str(first[6]))}"
        return "not_tls" if first[0] not in (_ALERT, _HANDSHAKE) or first[1:2] not in (b"", b"\x03") else ""


def shake(
    below: Stream, address: str, server_name: str, context: ssl.SSLContext, watch: Watch, seconds: float,
    role: Role = "main",
) -> tuple[Handshake, Secure | None]:  # fmt: skip
    """Shake hands; the connection stays the caller's to close, and the encrypted stream on it comes back."""
    began = time.monotonic()
    secure = Secure(below, context, server_name)
    failure, code = None, 0
    try:
        secure.shake(watch.due(seconds))
    except (OSError, EOFError) as wrong:
        failure = failures.INTERRUPTED if watch.cancelled.is_set() else failures.classify(wrong)
        code = wrong.verify_code if isinstance(wrong, ssl.SSLCertVerificationError) else 0
    der = None if failure else secure.tls.getpeercert(binary_form=True)
    seen = Handshake(
        address=address,
        server_name=server_name,
        role=role,
        failure=failure,
        verify_code=code,
        hint=secure.hint() if failure else "",
        certificate=_facts(der) if der else None,
        version="" if failure else secure.tls.version() or "",
        **watch.times(began),
    )
    return seen, None if failure else secure


def _facts(der: bytes) -> Certificate | None:
    try:
        return certificate.read(der)
    except ValueError:
        return None
