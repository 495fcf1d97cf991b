"""TLS over a connected socket, driven by hand: every wait has its deadline, and the peer's bytes are seen."""

from __future__ import annotations

import selectors
import socket
import ssl
import time
from typing import TYPE_CHECKING, Final

import msgspec

from diagnostics.probing import certificate, failures
from diagnostics.probing.observations import Certificate, Handshake

if TYPE_CHECKING:
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


class Session(msgspec.Struct, kw_only=True):
    """An encrypted connection that stands, for the one small question about the time (see `clock`)."""

    sock: socket.socket
    tls: ssl.SSLObject
    incoming: ssl.MemoryBIO
    outgoing: ssl.MemoryBIO


class _Peer:
    """Moves bytes between a socket and OpenSSL, and remembers how the peer behaved."""

    def __init__(self, sock: socket.socket, watch: Watch, due: float) -> None:
        self.sock = sock
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.first = b""
        self.received = 0
        self._watch = watch
        self._due = due

    def flush(self) -> None:
        data = self.outgoing.read()
        while data:
            self._wait(selectors.EVENT_WRITE)
            data = data[self.sock.send(data) :]

    def fill(self) -> None:
        self._wait(selectors.EVENT_READ)
        data = self.sock.recv(_CHUNK)
        if not data:
            raise EOFError
        self.received += len(data)
        if self.received > MAX_HANDSHAKE:
            raise ssl.SSLError("the peer's handshake never ends")
        self.first = (self.first + data)[:16]
        self.incoming.write(data)

    def _wait(self, event: int) -> None:
        if not self._watch.wait(self.sock, event, self._due):
            raise TimeoutError


def shake(
    sock: socket.socket,
    address: str,
    server_name: str,
    context: ssl.SSLContext,
    watch: Watch,
    zero: float,
    seconds: float,
) -> tuple[Handshake, Session | None]:
    """Shake hands; the socket stays the caller's. Without verification a session comes back, too."""
    began = time.monotonic()
    peer = _Peer(sock, watch, watch.due(seconds))
    sock.setblocking(False)
    tls = context.wrap_bio(peer.incoming, peer.outgoing, server_hostname=server_name)
    failure, code, hint = None, 0, ""
    try:
        _drive(tls, peer)
    except (OSError, EOFError) as wrong:
        failure = failures.classify(wrong)
        code = wrong.verify_code if isinstance(wrong, ssl.SSLCertVerificationError) else 0
        hint = _hint(peer)
        if watch.cancelled.is_set():
            failure = failures.INTERRUPTED
    done = failure is None
    der = tls.getpeercert(binary_form=True) if done else None
    seen = Handshake(
        address=address,
        server_name=server_name,
        failure=failure,
        verify_code=code,
        hint=hint if failure else "",
        certificate=_facts(der) if der else None,
        version=(tls.version() or "") if done else "",
        started_ms=(began - zero) * 1000,
        duration_ms=(time.monotonic() - began) * 1000,
    )
    session = Session(sock=sock, tls=tls, incoming=peer.incoming, outgoing=peer.outgoing) if done else None
    return seen, session


def _drive(tls: ssl.SSLObject, peer: _Peer) -> None:
    while True:
        try:
            tls.do_handshake()
        except ssl.SSLWantReadError:
            peer.flush()
            peer.fill()
        except ssl.SSLError:
            _tell(peer)
            raise
        else:
            peer.flush()
            return


def _tell(peer: _Peer) -> None:
    """Send the alert that says why we leave, where the peer still listens."""
    data = peer.outgoing.read()
    if data:
        try:
            peer.sock.send(data)
        except OSError:
            return  # it does not: nothing is owed


def _hint(peer: _Peer) -> str:
    """Return what the first bytes were, where they explain a failure: no TLS at all, or an alert in clear."""
    first = peer.first
    if not first:
        return ""
    if first[0] == _ALERT and len(first) >= 7:
        return f"alert {ALERTS.get(first[6], str(first[6]))}"
    if first[0] not in (_ALERT, _HANDSHAKE) or (len(first) > 1 and first[1] != 3):
        return "not_tls"
    return ""


def _facts(der: bytes) -> Certificate | None:
    try:
        return certificate.read(der)
    except ValueError:
        return None
