"""The proxy that the environment names for a target: read as requests reads it, and tested as a step of its own."""

from __future__ import annotations

import base64
import os
import selectors
import sys
import time
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit

import msgspec

from diagnostics import addresses
from diagnostics.clean import clean_line
from diagnostics.probing import failures
from diagnostics.probing.observations import ProxyUse

if TYPE_CHECKING:
    import socket

    from diagnostics.probing.targets import Target
    from diagnostics.probing.watch import Watch

_MAX_HEAD: Final = 8192
_PORTS: Final[dict[str, int]] = {
    "http": 80,
    "https": 443,
    "socks4": 1080,
    "socks4a": 1080,
    "socks5": 1080,
    "socks5h": 1080,
}


class Proxy(msgspec.Struct, frozen=True, kw_only=True):
    """A proxy to use: `url` as requests takes it, `shown` without the password, `problem` where it cannot be used."""

    url: str
    shown: str
    scheme: str = ""
    host: str = ""
    port: int = 0
    authorization: str = ""
    problem: ProxyUse | None = None

    @property
    def tunnels(self) -> bool:
        """Whether a CONNECT of our own can be put through it."""
        return self.scheme == "http"


def for_target(target: Target) -> Proxy | None:
    """Return the proxy for this target, or None where it is reached directly."""
    if not target.speaks_http or not _any_set():
        return None
    import requests.utils

    chosen = requests.utils.select_proxy(target.url, requests.utils.get_environ_proxies(target.url, None))
    return _parse(chosen) if chosen else None


def _any_set() -> bool:
    if sys.platform in ("win32", "darwin"):
        return True  # the system's settings are asked, too
    return any(name.lower().endswith("_proxy") and value for name, value in os.environ.items())


def _parse(text: str) -> Proxy:
    url = text if "://" in text else f"http://{text}"
    bad = ProxyUse(url=clean_line(text.rpartition("@")[2], 120), operation="config", failure=failures.HTTP_FAILED)
    if "@" in text and addresses.parts_of(url) is None:  # which part is the password is not certain
        return Proxy(url=url, shown=bad.url, problem=bad)
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return Proxy(url=url, shown=bad.url, problem=bad)
    scheme = parts.scheme.lower()
    if (
        not host
        or scheme not in _PORTS
        or any(not 1 <= len(label) <= 63 for label in host.split(".") if ":" not in host)
    ):
        return Proxy(url=url, shown=bad.url, problem=bad)
    shown = clean_line(f"{scheme}://{parts.netloc.rpartition('@')[2]}", 120)
    problem = None
    if scheme.startswith("socks") and find_spec("socks") is None:
        problem = ProxyUse(url=shown, operation="support", failure=failures.HTTP_FAILED)
    authorization = ""
    if parts.username:
        pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        authorization = "Basic " + base64.b64encode(pair.encode("utf-8")).decode("ascii")
    return Proxy(
        url=url, shown=shown, scheme=scheme, host=host, port=port or _PORTS[scheme],
        authorization=authorization, problem=problem,
    )  # fmt: skip


def tunnel(sock: socket.socket, proxy: Proxy, target: Target, watch: Watch, seconds: float) -> tuple[int, str | None]:
    """Ask for a tunnel to the target over a connected socket; return the proxy's status and the failure."""
    due = watch.due(seconds)
    where = f"[{target.host}]:{target.port}" if ":" in target.host else f"{target.host}:{target.port}"
    lines = [f"CONNECT {where} HTTP/1.1", f"Host: {where}"]
    if proxy.authorization:
        lines.append(f"Proxy-Authorization: {proxy.authorization}")
    request = "\r\n".join([*lines, "", ""]).encode("ascii")
    head = b""
    try:
        sock.setblocking(False)
        sock.send(request)
        while b"\r\n\r\n" not in head and len(head) < _MAX_HEAD:
            if not watch.wait(sock, selectors.EVENT_READ, due):
                return 0, failures.TIMEOUT
            data = sock.recv(1)  # byte by byte: what follows the head belongs to the tunnel
            if not data:
                return 0, failures.EOF_ERROR
            head += data
    except OSError as wrong:
        return 0, failures.classify(wrong)
    words = head.split(b"\r\n", 1)[0].split()
    if len(words) < 2 or not words[0].startswith(b"HTTP/") or not words[1].isdigit():
        return 0, failures.HTTP_FAILED
    status = int(words[1][:3])
    return status, None if 200 <= status < 300 else failures.HTTP_STATUS


def used(proxy: Proxy, began: float, zero: float, **how: object) -> ProxyUse:
    """Return the record of using a proxy since `began`."""
    return msgspec.convert(
        {
            "url": proxy.shown,
            "started_ms": (began - zero) * 1000,
            "duration_ms": (time.monotonic() - began) * 1000,
            **how,
        },
        ProxyUse,
    )
