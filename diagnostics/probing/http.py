"""HTTP by requests: one exchange a hop, every redirect looked at before it is followed."""

from __future__ import annotations

import time
import zlib
from typing import TYPE_CHECKING, Final
from urllib.parse import urljoin

from diagnostics.clean import clean_line
from diagnostics.probing import clock, failures, trust
from diagnostics.probing.observations import Exchange
from diagnostics.probing.targets import Target, parse_target, site

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Mapping

    from diagnostics.probing.transport import Answer
    from diagnostics.probing.watch import Watch

MAX_HOPS: Final = 10
"""Redirects followed (OONI: 10)."""
MAX_LOCATION: Final = 2000
TEMPORARY: Final = frozenset({302, 303, 307})
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_CAPTIVE_TYPE: Final = "application/captive+json"


def fetch(
    target: Target,
    dial: Callable[[str, int], socket.socket],
    watch: Watch,
    zero: float,
    seconds: float,
    proxies: Mapping[str, str],
) -> tuple[Exchange, ...]:
    """Fetch the target within `seconds`, all hops together; the last exchange says how it ended."""
    due = watch.due(seconds)
    url, been = target.url, {target.url}
    hops: list[Exchange] = []
    while True:
        seen, location = _exchange(target, url, dial, watch, due, zero, proxies, hop=len(hops))
        onward, hint = ("", "")
        if location:
            onward, hint = _onward(target, url, location, seen.status, been, len(hops))
        if hint:
            seen = _with(seen, hint)
        hops.append(seen)
        if not onward:
            return tuple(hops)
        been.add(onward)
        url = onward


def _with(seen: Exchange, hint: str) -> Exchange:
    import msgspec.structs

    words = {
        "loop": failures.HTTP_REDIRECT_URL,
        "too_many": failures.HTTP_REDIRECT_URL,
        "foreign": failures.HTTP_REDIRECT_HOST,
        "bad_location": failures.HTTP_REDIRECT_HOST,
        "downgrade": failures.HTTP_REDIRECT_URL,
    }
    return msgspec.structs.replace(seen, hint=hint, failure=words.get(hint, seen.failure))


def _exchange(
    target: Target,
    url: str,
    dial: Callable[[str, int], socket.socket],
    watch: Watch,
    due: float,
    zero: float,
    proxies: Mapping[str, str],
    *,
    hop: int,
) -> tuple[Exchange, str]:
    from diagnostics.probing import transport  # loads requests: only here

    began = time.monotonic()
    answer = transport.get(url, dial, trust.for_requests(), watch, due, proxies)
    failure, hint = None, ""
    if answer.cause is not None:
        failure, hint = transport.classify(answer.cause)
        if answer.late:
            failure, hint = failures.INTERRUPTED if watch.cancelled.is_set() else failures.TIMEOUT, ""
    body = b""
    if failure is None:
        body, whole = _decoded(answer)
        if not whole:
            failure, hint = failures.HTTP_FAILED, "bad_gzip"
    location = answer.headers.get("location", "")[:MAX_LOCATION] if answer.status in _REDIRECTS else ""
    expected = _expected(target, answer.status, body) if failure is None and answer.status else None
    if expected is False and hop == 0:
        location = ""  # the right answer is known, and this is another one: nothing to follow
    captive = _CAPTIVE_TYPE in answer.headers.get("content-type", "").lower()
    seen = Exchange(
        url=clean_line(url, 200),
        status=answer.status,
        failure=failure,
        phase=answer.phase,  # type: ignore[arg-type]
        hint="captive_api" if captive else hint,
        location=clean_line(answer.headers.get("location", ""), 200),
        content_type=clean_line(answer.headers.get("content-type", ""), 100),
        retry_after=clean_line(answer.headers.get("retry-after", ""), 40),
        portal_url=_portal_url(body) if captive else "",
        expected=expected,
        body_bytes=answer.received,
        date_skew_s=clock.skew(answer.headers, answer.sent_at, answer.answered_at) if answer.status else None,
        started_ms=(began - zero) * 1000,
        duration_ms=(time.monotonic() - began) * 1000,
    )
    return seen, "" if failure else location


def _expected(target: Target, status: int, body: bytes) -> bool | None:
    """Return whether the answer is the known right one; None where none is known."""
    expect = target.expect
    if not expect.status and expect.body is None:
        return None
    if expect.status and status not in expect.status:
        return False
    return expect.body is None or expect.body.encode() in body


def _onward(target: Target, url: str, location: str, status: int, been: set[str], hops: int) -> tuple[str, str]:
    """Return where to go next, or why not to: `loop`, `too_many`, `downgrade`, `foreign`, `bad_location`."""
    if any(ord(char) < 33 or ord(char) == 127 for char in location):
        return "", "bad_location"
    try:
        there, here = parse_target(urljoin(url, location).partition("#")[0]), parse_target(url)
    except ValueError:
        return "", "bad_location"
    if not there.speaks_http:
        return "", "bad_location"
    if there.url in been:
        return "", "loop"
    if hops + 1 >= MAX_HOPS:
        return "", "too_many"
    if here.scheme == "https" and there.scheme == "http":
        return "", "downgrade"
    allowed = there.host in target.expect.redirect_hosts or site(here.host) == site(there.host)
    if not allowed:  # another site's business; in clear, and for now only, it is how portals announce themselves
        return "", "foreign" if here.scheme == "http" and status in TEMPORARY else "moved"
    return there.url, ""


def _decoded(answer: Answer) -> tuple[bytes, bool]:
    """Return the body in clear (bounded, whatever it unpacks to), and whether it could be decoded."""
    from diagnostics.probing.transport import MAX_BODY

    if "gzip" not in answer.headers.get("content-encoding", "").lower() or not answer.body:
        return answer.body, True
    try:
        return zlib.decompressobj(wbits=31).decompress(answer.body, MAX_BODY), True
    except zlib.error:
        return b"", False


def _portal_url(body: bytes) -> str:
    """Return the page of a captive portal from its API answer (RFC 8908), or an empty string."""
    import json

    try:
        told = json.loads(body[:MAX_LOCATION])
    except (ValueError, RecursionError):
        return ""
    url = told.get("user-portal-url") if isinstance(told, dict) else None
    return clean_line(url, 200) if isinstance(url, str) else ""
