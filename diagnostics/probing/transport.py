"""Requests over sockets of ours: the address is chosen here, so is the trust, and the total time is bounded.

Imported only when an HTTP step runs: requests is slow to load.
"""

from __future__ import annotations

import http.client
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Final

import msgspec
import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError, InvalidChunkLength, NewConnectionError

from diagnostics import __version__
from diagnostics.probing import failures

if TYPE_CHECKING:
    import socket
    import ssl
    from collections.abc import Callable, Iterator, Mapping

    from diagnostics.probing.watch import Watch

MAX_BODY: Final = 1 << 16
_CHUNK: Final = 8192
_HEADERS: Final = {
    "User-Agent": f"weilidai-doctor/{__version__} (reachability check)",
    "Accept": "*/*",
    "Accept-Encoding": "gzip",
    "Cache-Control": "no-cache",
    "Connection": "close",
}


class Answer(msgspec.Struct, kw_only=True):
    """What came back, raw; `phase` is how far it came, `cause` what ended it early."""

    phase: str = "request"
    status: int = 0
    headers: dict[str, str] = {}
    body: bytes = b""
    received: int = 0
    cause: BaseException | None = None
    late: bool = False
    sent_at: float = 0.0
    answered_at: float = 0.0


def get(
    url: str,
    dial: Callable[[str, int], socket.socket],
    context: ssl.SSLContext,
    watch: Watch,
    due: float,
    proxies: Mapping[str, str],
) -> Answer:
    """Fetch a URL without following redirects, at most `MAX_BODY` bytes of it, by `due` at the latest."""
    answer = Answer(sent_at=time.time())
    seconds = max(0.05, due - time.monotonic())
    with ExitStack() as stack:
        session = stack.enter_context(requests.Session())
        session.trust_env = False  # proxies and trust are given, .netrc is none of our business
        adapter = _Adapter(dial, context, watch, due, stack)
        session.mount("https://", adapter)
        session.mount("http://", adapter)
        try:
            response = session.get(
                url, headers=_HEADERS, stream=True, allow_redirects=False, timeout=(seconds, seconds),
                proxies=dict(proxies),
            )  # fmt: skip
            stack.callback(response.close)
            answer.answered_at = time.time()
            answer.status = response.status_code
            answer.headers = {name.lower(): value for name, value in response.headers.items()}
            answer.phase = "headers"
            for chunk in response.raw.stream(_CHUNK, decode_content=False):
                answer.phase = "body"
                answer.received += len(chunk)
                answer.body += chunk
                if answer.received >= MAX_BODY:
                    break
            answer.phase = "done"
        except (requests.RequestException, HTTPError, http.client.HTTPException, OSError, ValueError) as wrong:
            answer.cause = wrong
            answer.late = watch.ended(due)
    return answer


def classify(exc: BaseException) -> tuple[str, str]:
    """Return failure and hint of whatever requests raised, by the types in its chain of causes."""
    chain = list(_chain(exc))
    for wanted, failure, hint in _TYPES:
        if any(isinstance(one, wanted) for one in chain):
            return failure, hint
    for one in chain:
        word = failures.classify(one)
        if not word.startswith(failures.UNKNOWN_PREFIX):
            return word, ""
    if any(isinstance(one, http.client.HTTPException) for one in chain):
        return failures.HTTP_FAILED, "nonsense"  # more than 100 header fields, and the like
    return failures.unknown(f"{type(exc).__name__}: {exc}"), ""


_TYPES: Final[tuple[tuple[type[BaseException], str, str], ...]] = (
    (http.client.RemoteDisconnected, failures.EOF_ERROR, "empty"),
    (http.client.BadStatusLine, failures.HTTP_FAILED, "nonsense"),
    (http.client.LineTooLong, failures.HTTP_FAILED, "nonsense"),
    (InvalidChunkLength, failures.HTTP_FAILED, "bad_chunk"),
    (urllib3.exceptions.IncompleteRead, failures.EOF_ERROR, "truncated"),
    (http.client.IncompleteRead, failures.EOF_ERROR, "truncated"),
    (requests.exceptions.InvalidSchema, failures.HTTP_FAILED, "no_support"),
    (requests.exceptions.InvalidProxyURL, failures.HTTP_FAILED, "bad_proxy"),
    (requests.exceptions.Timeout, failures.TIMEOUT, ""),
)


def _chain(exc: BaseException) -> Iterator[BaseException]:
    """Yield an exception and what caused it: `__cause__`, `__context__`, urllib3's `reason`, nested arguments."""
    seen: list[BaseException] = []
    waiting: list[Any] = [exc]
    while waiting and len(seen) < 30:
        one = waiting.pop(0)
        if not isinstance(one, BaseException) or any(one is known for known in seen):
            continue
        seen.append(one)
        waiting += [*one.args, getattr(one, "reason", None), one.__cause__, one.__context__]
    # the innermost first: it has the type, the outer ones only wrap it
    yield from reversed(seen)


class _Adapter(HTTPAdapter):
    """Sends requests over sockets that `dial` opens and that are shut when they are overdue."""

    def __init__(
        self,
        dial: Callable[[str, int], socket.socket],
        context: ssl.SSLContext,
        watch: Watch,
        due: float,
        stack: ExitStack,
    ) -> None:
        def connect(connection: HTTPConnection) -> socket.socket:
            try:
                sock = dial(connection.host, connection.port or 0)
            except OSError as wrong:
                raise NewConnectionError(connection, f"no connection: {wrong}") from wrong
            sock.settimeout(max(0.05, due - time.monotonic()))
            twin = sock.dup()  # TLS takes the first over; shutting its twin shuts both
            stack.callback(twin.close)
            stack.enter_context(watch.guarded(twin, due))
            return sock

        class Plain(HTTPConnection):
            def _new_conn(self) -> socket.socket:
                return connect(self)

        class Secure(HTTPSConnection):
            def _new_conn(self) -> socket.socket:
                return connect(self)

        class PlainPool(HTTPConnectionPool):
            ConnectionCls = Plain

        class SecurePool(HTTPSConnectionPool):
            ConnectionCls = Secure

        self._pools = {"http": PlainPool, "https": SecurePool}
        self._context = context
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Give the pool manager our trust and our sockets."""
        super().init_poolmanager(*args, ssl_context=self._context, **kwargs)
        self.poolmanager.pool_classes_by_scheme = self._pools

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        """Give a proxy's manager the same; SOCKS has sockets of its own."""
        if proxy.lower().startswith("https:"):
            kwargs["proxy_ssl_context"] = self._context
        manager = super().proxy_manager_for(proxy, ssl_context=self._context, **kwargs)
        if not proxy.lower().startswith("socks"):
            manager.pool_classes_by_scheme = self._pools
        return manager

    def cert_verify(self, conn: Any, *_: Any) -> None:
        """Leave the context alone: requests would add its own bundle to what the platform trusts."""
        conn.cert_reqs = "CERT_REQUIRED"
