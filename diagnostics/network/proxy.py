"""The proxy that the environment names for a target: read as requests reads it, and tested as a step of its own."""

from __future__ import annotations

import base64
import os
import socket
import sys
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final, Literal
from urllib.parse import unquote, urlsplit

import msgspec

from diagnostics import addresses
from diagnostics.network import failures, http
from diagnostics.sanitize import clean_line

if TYPE_CHECKING:
    from diagnostics.network.streams import Stream
    from diagnostics.network.targets import Target

_PORTS: Final = {"http": 80, "https": 443, "socks4": 1080, "socks4a": 1080, "socks5": 1080, "socks5h": 1080}


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
        if not self.user:
            return {}
        pair = f"{self.user}:{self.password}".encode()
        return {"Proxy-Authorization": "Basic " + base64.b64encode(pair).decode("ascii")}


def for_target(target: Target) -> Proxy | None:
    """Return the proxy for this target, or None where it is reached directly."""
    # the systems of Windows and macOS have settings of their own, which are asked, too
    named = any(name.lower().endswith("_proxy") and value for name, value in os.environ.items())
    if not target.speaks_http or not (named or sys.platform in ("win32", "darwin")):
        return None
    import requests.utils

    chosen = requests.utils.select_proxy(target.url, requests.utils.get_environ_proxies(target.url, None))
    return _parse(chosen) if chosen else None


def _parse(text: str) -> Proxy:
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


def tunnel(stream: Stream, proxy: Proxy, target: Target, due: float) -> tuple[int, str | None]:
    """Ask for a tunnel to the target over a connection; return the proxy's status and the failure."""
    where = f"[{target.host}]:{target.port}" if ":" in target.host else f"{target.host}:{target.port}"
    try:
        answer = http.ask(stream, f"CONNECT {where} HTTP/1.1", {"Host": where, **proxy.fields}, due)
    except http.ERRORS as wrong:
        return 0, http.classify(wrong)[0]
    if not 200 <= answer.status < 300:
        return answer.status, failures.HTTP_STATUS
    # a page, where only what we send goes on (RFC 9110, 9.3.6): no proxy, but a web server
    page = answer.length or answer.chunked or http.buffered(answer)
    return answer.status, failures.HTTP_FAILED if page else None


def through_socks(proxy: Proxy, target: Target, seconds: float) -> socket.socket:
    """Return a socket to the target through a SOCKS proxy; raises OSError (of the library's types) where it fails."""
    socks = import_module("socks")  # PySocks, which comes with an extra of requests
    kind = socks.SOCKS4 if proxy.scheme.startswith("socks4") else socks.SOCKS5
    sock = socks.socksocket(socket.AF_INET6 if ":" in proxy.host else socket.AF_INET)
    by_name = proxy.scheme in ("socks4a", "socks5h")
    sock.set_proxy(kind, proxy.host, proxy.port, by_name, proxy.user or None, proxy.password or None)
    sock.settimeout(seconds)
    try:
        sock.connect((target.host, target.port))
    except OSError:
        sock.close()
        raise
    connected: socket.socket = sock
    return connected
