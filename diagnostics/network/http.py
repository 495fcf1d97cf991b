"""HTTP/1.1 over a connection that stands already: one exchange, every redirect looked at before it is followed."""

from __future__ import annotations

import email.utils
import http.client
import io
import json
import time
import zlib
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, urljoin

from diagnostics import __version__
from diagnostics.network import failures
from diagnostics.network.measurements import Exchange, Phase
from diagnostics.network.targets import Target, parse_target, site
from diagnostics.sanitize import clean_line

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from typing import Any

    from diagnostics.network.deadline import Deadline
    from diagnostics.network.streams import Stream

MAX_BODY: Final = 1 << 16
MAX_HOPS: Final = 10
"""Redirects followed (OONI: 10)."""
MAX_LOCATION: Final = 2000
_CHUNK: Final = 8192
_TEMPORARY: Final = frozenset({302, 303, 307})
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_CAPTIVE_TYPE: Final = "application/captive+json"
_AGENT: Final = f"weilidai-doctor/{__version__} (reachability check)"
_WORDS: Final = {
    "loop": failures.HTTP_REDIRECT_URL,
    "too_many": failures.HTTP_REDIRECT_URL,
    "downgrade": failures.HTTP_REDIRECT_URL,
    "foreign": failures.HTTP_REDIRECT_HOST,
    "bad_location": failures.HTTP_REDIRECT_HOST,
}
ERRORS: Final = (http.client.HTTPException, zlib.error, OSError, EOFError)
"""What an exchange can raise; `classify` says what it means."""


class _Raw(io.RawIOBase):
    """A stream as a file that ends in time."""

    def __init__(self, stream: Stream, due: float) -> None:
        self._stream = stream
        self._due = due
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
        """Stand in for a socket, which is what the parser of the standard library wants."""
        return io.BufferedReader(self)


def exchange(
    target: Target, aim: Target, stream: Stream, deadline: Deadline, due: float, been: Collection[str],
    proxy: Mapping[str, str] | None = None,
) -> tuple[Exchange, Target | None]:  # fmt: skip
    """Ask for `aim` (the target, or where it redirected to) over `stream`; return what came, and where to go next.

    `been` are the URLs asked so far. `proxy` are header fields for a proxy that is asked in clear: it wants the whole
    URL.
    """
    began, answer = time.monotonic(), _Answer()
    failure, hint, body = None, "", b""
    try:
        answer.get(stream, aim, due, proxy)
        body = answer.decoded()
    except ERRORS as wrong:
        failure, hint = classify(wrong)
        if deadline.ended(due):
            failure, hint = failures.INTERRUPTED if deadline.cancelled.is_set() else failures.TIMEOUT, ""
    fields, status = answer.fields, answer.status
    location = fields.get("location", "")
    captive = _CAPTIVE_TYPE in fields.get("content-type", "").lower()
    hint = "captive_api" if captive else hint
    expected, onward = _expected(target, status, body) if failure is None and status else None, None
    # where the right answer is known, and this is another one, there is nothing to follow
    if failure is None and location and status in _REDIRECTS and not (expected is False and len(been) == 1):
        onward, why_not = _onward(target, aim, location[:MAX_LOCATION], status, been)
        failure, hint = _WORDS.get(why_not), why_not or hint
    seen = Exchange(
        url=clean_line(aim.url, 200),
        status=status,
        failure=failure,
        phase=answer.phase,
        hint=hint,
        location=clean_line(location, 200),
        retry_after=clean_line(fields.get("retry-after", ""), 40),
        portal_url=_portal_url(body) if captive else "",
        expected=expected,
        date_skew_s=skew(fields, answer.sent_at, answer.answered_at) if status else None,
        **deadline.times(began),
    )
    return seen, onward


class _Answer:
    """What came of one request; it is filled as it comes, so that a failure loses nothing."""

    def __init__(self) -> None:
        self.phase: Phase = "request"
        self.status = 0
        self.fields: dict[str, str] = {}
        self.sent_at = self.answered_at = 0.0
        self._body = b""

    def get(self, stream: Stream, aim: Target, due: float, proxy: Mapping[str, str] | None) -> None:
        """Fetch at most `MAX_BODY` bytes. Raises one of ERRORS."""
        where = quote(aim.path if proxy is None else aim.url, safe="!#$%&'()*+,/:;=?@[]~")
        fields = {
            "Host": aim.authority, "User-Agent": _AGENT, "Accept": "*/*", "Accept-Encoding": "gzip",
            "Cache-Control": "no-cache", "Connection": "close", **(proxy or {}),
        }  # fmt: skip
        self.sent_at = time.time()
        response = ask(stream, f"GET {where} HTTP/1.1", fields, due)
        self.answered_at, self.status, self.phase = time.time(), response.status, "headers"
        self.fields = {name.lower(): value for name, value in response.getheaders()}
        length = response.length if not response.chunked else None
        while (left := (MAX_BODY if length is None else min(length, MAX_BODY)) - len(self._body)) > 0:
            data = response.read1(min(_CHUNK, left) if length is not None else _CHUNK)
            if not data and length is not None:
                raise http.client.IncompleteRead(b"")
            if not data:
                break
            self.phase = "body"
            self._body += data
        self.phase = "done"

    def decoded(self) -> bytes:
        """Return the body in clear, bounded, whatever it unpacks to."""
        if "gzip" not in self.fields.get("content-encoding", "").lower() or not self._body:
            return self._body
        return zlib.decompressobj(wbits=31).decompress(self._body, MAX_BODY)


def ask(stream: Stream, line: str, fields: Mapping[str, str], due: float) -> http.client.HTTPResponse:
    """Send a request, return the answer with its head read. Raises one of ERRORS."""
    head = "\r\n".join([line, *(f"{name}: {value}" for name, value in fields.items()), "", ""])
    stream.send(head.encode("latin-1"), due)
    response = http.client.HTTPResponse(_Raw(stream, due), method=line.partition(" ")[0])  # type: ignore[arg-type]
    response.begin()
    return response


def buffered(answer: http.client.HTTPResponse) -> bytes:
    """Return what came behind the head of an answer already, without waiting for more."""
    raw = answer.fp.raw
    if isinstance(raw, _Raw):
        raw.stopped = True
    return answer.fp.peek()


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
        response = ask(stream, "HEAD / HTTP/1.1", {"Host": host, "Connection": "close"}, due)
    except ERRORS:
        return None
    return skew({name.lower(): value for name, value in response.getheaders()}, sent, time.time())


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


def _onward(
    target: Target, aim: Target, location: str, status: int, been: Collection[str]
) -> tuple[Target | None, str]:
    """Return where to go next, or why not to: `loop`, `too_many`, `downgrade`, `foreign`, `bad_location`, `moved`."""
    if any(ord(char) < 33 or ord(char) == 127 for char in location):
        return None, "bad_location"
    try:
        there = parse_target(urljoin(aim.url, location).partition("#")[0])
    except ValueError:
        return None, "bad_location"
    if not there.speaks_http:
        return None, "bad_location"
    if there.url in been:
        return None, "loop"
    if len(been) >= MAX_HOPS:
        return None, "too_many"
    if aim.scheme == "https" and there.scheme == "http":
        return None, "downgrade"
    if there.host not in target.expect.redirect_hosts and site(aim.host) != site(there.host):
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
