"""HTTP/1.1 over an existing connection: one exchange, with a decision on every redirect.

And the proxy that the environment names for a target: found as requests finds it, and tested as its own step.
"""

from __future__ import annotations

import base64
import email.utils
import http.client
import io
import json
import os
import socket
import sys
import time
import zlib
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final, Literal
from urllib.parse import quote, unquote, urljoin, urlsplit

import msgspec

from diagnostics import __version__, addresses
from diagnostics.network import failures
from diagnostics.network.measurements import Exchange, Phase, ProxyStep
from diagnostics.network.targets import Target, parse_target, site
from diagnostics.sanitize import clean_line

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from typing import Any

    from diagnostics.network.deadline import Deadline, Stream

MAX_BODY: Final = 1 << 16
MAX_HOPS: Final = 10
"""Redirects followed (OONI: 10)."""
MAX_LOCATION: Final = 2000
_CHUNK: Final = 8192
_TEMPORARY: Final = frozenset({302, 303, 307})
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_FIELDS: Final = {
    "User-Agent": f"weilidai-doctor/{__version__} (reachability check)",
    "Accept": "*/*", "Accept-Encoding": "gzip", "Cache-Control": "no-cache", "Connection": "close",
}  # fmt: skip
_REDIRECT_FAILURES: Final = {
    "loop": failures.HTTP_REDIRECT_URL,
    "too_many": failures.HTTP_REDIRECT_URL,
    "downgrade": failures.HTTP_REDIRECT_URL,
    "foreign": failures.HTTP_REDIRECT_HOST,
    "bad_location": failures.HTTP_REDIRECT_HOST,
}
_PORTS: Final = {"http": 80, "https": 443, "socks4": 1080, "socks4a": 1080, "socks5": 1080, "socks5h": 1080}
ERRORS: Final = (http.client.HTTPException, zlib.error, OSError, EOFError)
"""What an exchange can raise; `classify` says what it means."""


class _Raw(io.RawIOBase):
    """A stream as a raw file with a deadline."""

    def __init__(self, stream: Stream, due: float) -> None:
        self._stream, self._due = stream, due
        self._rest = b""
        self.stopped = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._rest or (b"" if self.stopped else self._stream.receive(self._due))
        size = min(len(buffer), len(data))
        buffer[:size], self._rest = data[:size], data[size:]
        return size

    def makefile(self, _mode: str) -> io.BufferedReader:
        """Stand in for a socket in http.client."""
        return io.BufferedReader(self)


def exchange(
    target: Target, aim: Target, stream: Stream, deadline: Deadline, due: float, visited: Collection[str],
    proxy: Mapping[str, str] | None = None,
) -> tuple[Exchange, Target | None]:  # fmt: skip
    """Ask for `aim` (the target, or where it redirected to) over `stream`; return what came, and where to go next.

    `visited` are the URLs asked so far. `proxy` are header fields for a proxy that is asked in clear and wants the
    whole URL.
    """
    where = quote(aim.path if proxy is None else aim.url, safe="!#$%&'()*+,/:;=?@[]~")
    began, sent = time.monotonic(), time.time()
    status, body, ahead, failure, hint = 0, b"", None, None, ""
    phase: Phase = "request"
    fields: dict[str, str] = {}
    try:
        own = {"Host": aim.authority, **_FIELDS, **(proxy or {})}
        response = send_request(stream, f"GET {where} HTTP/1.1", own, due)
        status, phase, fields = response.status, "headers", _headers(response)
        ahead = skew(fields, sent, time.time())
        length = MAX_BODY if response.chunked or response.length is None else min(response.length, MAX_BODY)
        while len(body) < length:
            data = response.read1(min(_CHUNK, length - len(body)))
            if not data and not response.chunked and response.length is not None:
                raise http.client.IncompleteRead(b"")
            if not data:
                break
            phase, body = "body", body + data
        phase = "done"
        if body and "gzip" in fields.get("content-encoding", "").lower():
            body = zlib.decompressobj(wbits=31).decompress(body, MAX_BODY)  # bounded, whatever it unpacks to
    except ERRORS as wrong:
        (failure, hint), body = classify(wrong), b""
        if deadline.ended(due):
            failure, hint = failures.INTERRUPTED if deadline.cancelled.is_set() else failures.TIMEOUT, ""
    location, captive = fields.get("location", ""), "application/captive+json" in fields.get("content-type", "").lower()
    hint = "captive_api" if captive else hint
    expected, next_hop = _expected(target, status, body) if failure is None and status else None, None
    # where the right answer is known, and this is another one, there is nothing to follow
    if failure is None and location and status in _REDIRECTS and not (expected is False and len(visited) == 1):
        next_hop, why_not = _next_hop(aim, location[:MAX_LOCATION], status, visited)
        failure, hint = _REDIRECT_FAILURES.get(why_not), why_not or hint
    seen = Exchange(
        url=clean_line(aim.url, 200),
        status=status,
        failure=failure,
        phase=phase,
        hint=hint,
        location=clean_line(location, 200),
        retry_after=clean_line(fields.get("retry-after", ""), 40),
        portal_url=_portal_url(body) if captive else "",
        expected=expected,
        date_skew_s=ahead,
        **deadline.times(began),
    )
    return seen, next_hop


def send_request(stream: Stream, line: str, fields: Mapping[str, str], due: float) -> http.client.HTTPResponse:
    """Send a request, return the answer with its head read. Raises one of ERRORS."""
    head = "\r\n".join([line, *(f"{name}: {value}" for name, value in fields.items()), "", ""])
    stream.send(head.encode("latin-1"), due)
    response = http.client.HTTPResponse(_Raw(stream, due), method=line.partition(" ")[0])  # type: ignore[arg-type]
    response.begin()
    return response


def _headers(response: http.client.HTTPResponse) -> dict[str, str]:
    return {name.lower(): value for name, value in response.getheaders()}


def classify(wrong: BaseException) -> tuple[str, str]:
    """Return failure and hint of what the exchange raised."""
    if isinstance(wrong, zlib.error):
        return failures.HTTP_FAILED, "bad_gzip"
    if isinstance(wrong, http.client.RemoteDisconnected):
        return failures.EOF_ERROR, "empty"
    if isinstance(wrong, http.client.IncompleteRead):
        bad = isinstance(wrong.__context__, ValueError)
        return (failures.HTTP_FAILED, "bad_chunk") if bad else (failures.EOF_ERROR, "truncated")
    if isinstance(wrong, http.client.HTTPException):
        return failures.HTTP_FAILED, "nonsense"
    return failures.classify(wrong), ""


def date_skew(stream: Stream, host: str, due: float) -> float | None:
    """Ask for the time over a connection whose certificate was refused: a HEAD of `/`, nothing of the user's.

    The answer is a hint only, as whoever answers is not proven. None where no usable answer came in time.
    """
    sent = time.time()
    try:
        response = send_request(stream, "HEAD / HTTP/1.1", {"Host": host, "Connection": "close"}, due)
    except ERRORS:
        return None
    return skew(_headers(response), sent, time.time())


def skew(headers: Mapping[str, str], sent: float, received: float) -> float | None:
    """Return seconds that the server's clock is ahead of ours; the error is half the round trip plus 0.5 s.

    `sent` and `received` are our `time.time()`. None without a `Date` (RFC 9110, 6.6.1: whole seconds), with one that
    cannot be read, or with an `Age` (a cache's copy tells an old time).
    """
    if headers.get("age", "0").strip() not in ("", "0"):
        return None
    try:
        date = email.utils.parsedate_to_datetime(headers.get("date", "")).timestamp()
    except (ValueError, OverflowError, OSError, TypeError):
        return None
    return date + 0.5 - (sent + received) / 2


def _next_hop(aim: Target, location: str, status: int, visited: Collection[str]) -> tuple[Target | None, str]:
    """Return where to go next, or why not to: `loop`, `too_many`, `downgrade`, `foreign`, `bad_location`, `moved`."""
    try:
        there = parse_target(urljoin(aim.url, location).partition("#")[0])
    except ValueError:
        return None, "bad_location"
    if not there.speaks_http or any(ord(char) < 33 or ord(char) == 127 for char in location):
        return None, "bad_location"
    if there.url in visited:
        return None, "loop"
    if len(visited) >= MAX_HOPS:
        return None, "too_many"
    if aim.scheme == "https" and there.scheme == "http":
        return None, "downgrade"
    if site(aim.host) != site(there.host):
        # another site's business; in clear, and for now only, it is how portals announce themselves
        return None, "foreign" if aim.scheme == "http" and status in _TEMPORARY else "moved"
    return there, ""


def _expected(target: Target, status: int, body: bytes) -> bool | None:
    """Return whether the answer is the known right one; None where none is known."""
    expect = target.expect
    if not expect.status and expect.body is None:
        return None
    if expect.status and status not in expect.status:
        return False
    return expect.body is None or expect.body.encode() in body


def _portal_url(body: bytes) -> str:
    """Return the page of a captive portal from its API answer (RFC 8908), or an empty string."""
    try:
        answer = json.loads(body[:MAX_LOCATION])
    except (ValueError, RecursionError):
        return ""
    url = answer.get("user-portal-url") if isinstance(answer, dict) else None
    return clean_line(url, 200) if isinstance(url, str) else ""


class Proxy(msgspec.Struct, frozen=True, kw_only=True):
    """A proxy to use: `shown` is its URL without the password, `problem` why it cannot be used."""

    shown: str
    scheme: str = ""
    host: str = ""
    port: int = 0
    user: str = ""
    password: str = ""
    problem: Literal["config", "support"] | None = None

    @property
    def is_socks(self) -> bool:
        """Whether it speaks SOCKS, which carries anything; the others speak HTTP."""
        return self.scheme.startswith("socks")

    @property
    def fields(self) -> dict[str, str]:
        """Header fields for it: who we are, where it was set."""
        pair = f"{self.user}:{self.password}".encode()
        return {"Proxy-Authorization": f"Basic {base64.b64encode(pair).decode('ascii')}"} if self.user else {}


class ProxyError(Exception):
    """A proxy is of no use: at which step, the failure, and what it answered."""

    def __init__(self, operation: ProxyStep, failure: str | None, status: int = 0) -> None:
        super().__init__(operation)
        self.operation, self.failure, self.status = operation, failure, status


def proxy_for(target: Target) -> Proxy | None:
    """Return the proxy for this target, or None where it is reached directly."""
    # the systems of Windows and macOS have settings of their own, which are asked, too
    named = any(name.lower().endswith("_proxy") and value for name, value in os.environ.items())
    if not target.speaks_http or not (named or sys.platform in ("win32", "darwin")):
        return None
    import requests.utils

    chosen = requests.utils.select_proxy(target.url, requests.utils.get_environ_proxies(target.url, None))
    return _parse_proxy(chosen) if chosen else None


def _parse_proxy(text: str) -> Proxy:
    url = text if "://" in text else f"http://{text}"
    certain = "@" not in text or addresses.parts_of(url) is not None  # else: which part is the password?
    scheme, host, port = "", "", None
    try:
        parts = urlsplit(url)
        scheme, host, port = parts.scheme.lower(), parts.hostname or "", parts.port
    except ValueError:
        certain = False
    labels = [] if ":" in host else host.split(".")
    if not (certain and host) or scheme not in _PORTS or any(not 1 <= len(label) <= 63 for label in labels):
        return Proxy(shown=clean_line(text.rpartition("@")[2], 120), problem="config")
    return Proxy(
        shown=clean_line(f"{scheme}://{parts.netloc.rpartition('@')[2]}", 120),
        scheme=scheme,
        host=host,
        port=port or _PORTS[scheme],
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        problem="support" if scheme.startswith("socks") and find_spec("socks") is None else None,
    )


def tunnel(stream: Stream, proxy: Proxy, target: Target, due: float) -> int:
    """Ask for a tunnel to the target over a connection; return the proxy's status. Raises ProxyError, closed then."""
    where = f"[{target.host}]:{target.port}" if ":" in target.host else f"{target.host}:{target.port}"
    status, failure = 0, None
    try:
        answer = send_request(stream, f"CONNECT {where} HTTP/1.1", {"Host": where, **proxy.fields}, due)
    except ERRORS as wrong:
        failure, _ = classify(wrong)
    else:
        status = answer.status
        if not 200 <= status < 300:
            failure = failures.HTTP_STATUS
        elif answer.length or answer.chunked or _buffered(answer):
            # a page, where only what we send goes on (RFC 9110, 9.3.6): no proxy, but a web server
            failure = failures.HTTP_FAILED
    if failure:
        stream.close()
        raise ProxyError("tunnel", failure, status)
    return status


def _buffered(answer: http.client.HTTPResponse) -> bytes:
    """Return data already received after the head of an answer, without waiting."""
    raw = answer.fp.raw
    if isinstance(raw, _Raw):
        raw.stopped = True
    return answer.fp.peek()


def through_socks(proxy: Proxy, target: Target, seconds: float) -> socket.socket:
    """Return a socket to the target through a SOCKS proxy. Raises ProxyError."""
    socks = import_module("socks")  # PySocks, which comes with an extra of requests
    kind = socks.SOCKS4 if proxy.scheme.startswith("socks4") else socks.SOCKS5
    sock: socket.socket = socks.socksocket(socket.AF_INET6 if ":" in proxy.host else socket.AF_INET)
    by_name = proxy.scheme in ("socks4a", "socks5h")
    sock.set_proxy(kind, proxy.host, proxy.port, by_name, proxy.user or None, proxy.password or None)  # type: ignore[attr-defined]
    sock.settimeout(seconds)
    try:
        sock.connect((target.host, target.port))
    except OSError as wrong:
        sock.close()
        raise ProxyError("tunnel", failures.classify(wrong)) from None
    return sock
