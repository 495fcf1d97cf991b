"""Servers of the far side: right ones, and ones that reset, hang up, stall, drip, lie and never stop."""

import contextlib
import datetime as dt
import email.utils
import gzip
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from tests.lab.tcp import TcpServer

Handler = Callable[[socket.socket], None]
STALL: Final = 25.0


class Here(contextlib.ExitStack):
    """Serves on free ports of loopback until the end of its `with` block."""

    def serve(self, handle: Handler) -> int:
        """Give each connection to `handle` from now on; return the port."""
        return self.enter_context(TcpServer(patient(handle))).port


def patient(handle: Handler) -> Handler:
    """Wait for the other side, but not for ever."""

    def wait(connection: socket.socket) -> None:
        connection.settimeout(STALL)
        handle(connection)

    return wait


class Authority:
    """A certificate authority; `now` is the true time, whatever this process's clock says."""

    def __init__(self, now: float, name: str = "") -> None:
        self._ca = trustme.CA(organization_name=name or "Lab authority")
        self._now = dt.datetime.fromtimestamp(now, dt.UTC)

    def write(self, path: Path) -> None:
        """Write the authority's certificate."""
        self._ca.cert_pem.write_to_path(str(path))

    def server(self, *names: str, start: float = -30.0, end: float = 300.0, between: bool = False) -> ssl.SSLContext:
        """Return a server's context for these names; valid from `start` to `end`, in days from now.

        `between`: signed by an authority between, whose certificate is not handed out.
        """
        issuer = self._ca.create_child_ca() if between else self._ca
        leaf = issuer.issue_cert(
            *names, not_before=self._now + dt.timedelta(days=start), not_after=self._now + dt.timedelta(days=end)
        )
        return _context(leaf.private_key_pem.bytes() + leaf.cert_chain_pems[0].bytes())

    def common_name_only(self, name: str, *, for_clients: bool = False) -> ssl.SSLContext:
        """Return a server's context whose certificate has a common name and no alternative one.

        With `for_clients` it has one, and is made for clients only.
        """
        key = ec.generate_private_key(ec.SECP256R1())
        issuer = x509.load_pem_x509_certificate(self._ca.cert_pem.bytes())
        signer = serialization.load_pem_private_key(self._ca.private_key_pem.bytes(), None)
        made = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
            .issuer_name(issuer.subject)
            .public_key(key.public_key())
            .serial_number(7)
            .not_valid_before(self._now - dt.timedelta(days=30))
            .not_valid_after(self._now + dt.timedelta(days=300))
        )
        if for_clients:
            made = made.add_extension(
                x509.SubjectAlternativeName([x509.DNSName(one) for one in (name, "localhost")]), critical=False
            )
            made = made.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=True)
        pem = serialization.Encoding.PEM
        secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        return _context(secret + made.sign(signer, hashes.SHA256()).public_bytes(pem))  # type: ignore[arg-type]


def _context(key_and_certificate: bytes) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with trustme.Blob(key_and_certificate).tempfile() as file:
        context.load_cert_chain(file)
    return context


def over_tls(context: ssl.SSLContext, handle: Handler) -> Handler:
    """Shake hands, then go on with `handle`."""

    def wrapped(connection: socket.socket) -> None:
        with contextlib.suppress(ssl.SSLError), context.wrap_socket(connection, server_side=True) as secure:
            handle(secure)

    return wrapped


def read_head(connection: socket.socket) -> bytes:
    """Read a request up to its empty line."""
    head = b""
    while b"\r\n\r\n" not in head:
        data = connection.recv(4096)
        if not data:
            raise ConnectionError("hung up")
        head += data
    return head


def http(status: str = "200 OK", body: bytes = b"<html>welcome</html>", ahead: float = 0.0, **fields: str) -> Handler:
    """Answer every request the same way; `ahead` is how many seconds the server's clock is ahead of ours."""

    def handle(connection: socket.socket) -> None:
        head = read_head(connection)
        date = email.utils.formatdate(time.time() + ahead, usegmt=True)
        path = head.split(b" ", 2)[1]
        actual_status, actual_body = status, body
        if path.endswith(b"/generate_204") and status == "200 OK":
            actual_status, actual_body = "204 No Content", b""
        lines = [f"HTTP/1.1 {actual_status}", f"Date: {date}", "Connection: close"]
        if not actual_status.startswith("204"):
            lines.append(f"Content-Length: {len(actual_body)}")
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in fields.items()]
        reply = "\r\n".join([*lines, "", ""]).encode("latin-1")
        connection.sendall(reply if head.startswith(b"HEAD") else reply + actual_body)

    return handle


def raw(reply: bytes) -> Handler:
    """Answer a request with these bytes, whatever they are, then hang up."""

    def handle(connection: socket.socket) -> None:
        read_head(connection)
        connection.sendall(reply)

    return handle


def silent(connection: socket.socket) -> None:
    """Take the connection and say nothing until the other side goes."""
    while connection.recv(4096):
        pass


def blurt(said: bytes) -> Handler:
    """Read a little, say this, and close in good order."""

    def handle(connection: socket.socket) -> None:
        connection.recv(4096)
        connection.sendall(said)

    return handle


hang_up: Final = blurt(b"")
not_tls: Final = blurt(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
"""Answers anything in plain HTTP, as a sign-in box does on every port."""
alert: Final = blurt(b"\x15\x03\x03\x00\x02\x02\x28")
"""Answers a ClientHello with the alert `handshake_failure`."""


def reset(connection: socket.socket) -> None:
    """Read a little and reset the connection."""
    connection.recv(4096)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def reset_mid_body(connection: socket.socket) -> None:
    """Promise a long body, send some of it, reset."""
    raw(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + b"x" * 1000)(connection)
    time.sleep(0.05)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def endless(prefix: bytes, piece: bytes, pause: float = 0.0) -> Handler:
    """Send a prefix, then the same piece for ever."""

    def handle(connection: socket.socket) -> None:
        read_head(connection)
        connection.sendall(prefix)
        while True:
            connection.sendall(piece)
            time.sleep(pause)

    return handle


drip: Final = endless(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", b".", pause=0.3)
"""Sends a body one byte at a time, for ever: each read succeeds."""


def flood(connection: socket.socket) -> None:
    """Answer a ClientHello with the start of a huge handshake message, for ever."""
    connection.recv(4096)
    while True:
        connection.sendall(b"\x16\x03\x03\x40\x00\x0b\xff\xff\xff" + b"\x00" * 16380)


def bomb(size: int) -> bytes:
    """Return an answer that unpacks to `size` bytes, a thousand times its own length."""
    packed = gzip.compress(b"\0" * size, 9, mtime=0)
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(packed)}\r\n\r\n"
    return head.encode("ascii") + packed


def proxy(*, status: str, reach: Callable[[str, int], socket.socket]) -> Handler:
    """Act as an HTTP proxy: CONNECT with this status, then (when it is 200) a tunnel over `reach`."""

    def handle(connection: socket.socket) -> None:
        head = read_head(connection)
        connection.sendall(f"HTTP/1.1 {status}\r\n\r\n".encode("ascii"))
        if not status.startswith("200") or not head.startswith(b"CONNECT "):
            return
        host, _, port = head.split()[1].decode("ascii").rpartition(":")
        with reach(host, int(port)) as onward:
            threading.Thread(target=_pump, args=(onward, connection), daemon=True).start()
            _pump(connection, onward)

    return handle


def company_proxy(status: str) -> Handler:
    """Act as a proxy (or a web server in its place) that has an answer of its own to everything."""
    body = "<html>the proxy's own page</html>"
    lines = (f"HTTP/1.1 {status}", "Proxy-Authenticate: Basic", f"Content-Length: {len(body)}", "Connection: close")
    return raw("\r\n".join([*lines, "", body]).encode("ascii"))


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
