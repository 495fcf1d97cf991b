"""What is probed: hosts by purpose, with ports and the expected answer. Data, not code."""

from __future__ import annotations

import ipaddress
import tomllib
from functools import cache
from pathlib import Path
from typing import Final, Literal, get_args
from urllib.parse import urlsplit

import msgspec

from diagnostics import addresses
from diagnostics.i18n import UserError
from diagnostics.sanitize import clean_line

Purpose = Literal["login", "web", "pay", "webank", "control", "custom"]
PURPOSES: Final[tuple[Purpose, ...]] = get_args(Purpose)
Scheme = Literal["http", "https", "tls", "tcp"]

ESSENTIAL: Final[tuple[Purpose, ...]] = ("login", "web", "pay")
"""Without one of these WeChat cannot show the entry; WeBank's own site is of use later, controls only compare."""

DATA: Final = Path(__file__).parents[1] / "knowledge" / "targets.toml"
_PORTS: Final[dict[str, int]] = {"http": 80, "https": 443, "tls": 443}
_SCHEMES: Final = ("http", "https", "tls", "tcp")


class Expect(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the right answer looks like: status codes, and text the body has to contain."""

    status: tuple[int, ...] = ()
    body: str | None = None


class Target(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One thing to reach. `public` means that its addresses have to be global ones."""

    url: str
    scheme: Scheme
    host: str
    port: int
    path: str = "/"
    purpose: Purpose = "custom"
    expect: Expect = Expect()
    public: bool = False

    @property
    def address(self) -> str | None:
        """The host as an IP address, or None where it is a name."""
        return self.host if is_address(self.host) else None

    @property
    def authority(self) -> str:
        """Host and port as they stand in a URL."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS.get(self.scheme) else f"{host}:{self.port}"

    @property
    def encrypted(self) -> bool:
        """Whether a TLS handshake belongs to it."""
        return self.scheme in ("https", "tls")

    @property
    def speaks_http(self) -> bool:
        """Whether an HTTP request belongs to it."""
        return self.scheme in ("http", "https")


class _Entry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    url: str
    purpose: Purpose
    source: str


class _Known(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    path: str
    expect: Expect
    source: str


class _File(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    target: tuple[_Entry, ...]
    known_answer: tuple[_Known, ...]


def parse_target(text: str) -> Target:
    """Return the target that a URL (or a bare host, meaning https) names.

    Raises ValueError with one line that says what is wrong.
    """
    fit = addresses.shown(text)
    shown = f"target {fit if len(fit) <= 120 else fit[:117] + '...'!a}"
    if text != text.strip() or not text or any(ord(char) <= 32 or ord(char) == 127 for char in text):
        raise UserError("target.empty", shown)
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
        host, port = parts.hostname or "", parts.port
    except ValueError as wrong:
        if "@" in text:  # the reason would repeat a part of the password
            raise UserError("target.user", shown) from None
        raise UserError("target.url", shown, reason=clean_line(str(wrong), 100)) from None
    scheme = parts.scheme.lower()
    if scheme not in _SCHEMES:
        raise UserError("target.scheme", shown, scheme=ascii(scheme), known=", ".join(_SCHEMES))
    if "@" in parts.netloc:
        raise UserError("target.user", shown)
    port = _PORTS.get(scheme) if port is None else port
    if not port:
        raise UserError("target.port", shown)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    expect = next((known.expect for known in _file().known_answer if known.path == parts.path), Expect())
    made = Target(url="", scheme=scheme, host=_host(host, shown), port=port, path=path, expect=expect)  # type: ignore[arg-type]
    return msgspec.structs.replace(made, url=f"{scheme}://{made.authority}{path if made.speaks_http else ''}")


def built_in() -> tuple[Target, ...]:
    """Return the targets of the knowledge base."""
    rows = _file().target
    return tuple(msgspec.structs.replace(parse_target(row.url), purpose=row.purpose, public=True) for row in rows)


def site(host: str) -> str:
    """Return what hosts of one owner have in common, going by the last labels (three under `com.cn` and the like)."""
    labels = host.split(".")
    if ":" in host or labels[-1].isdigit() or len(labels) < 2:
        return host
    long = len(labels[-1]) == 2 and labels[-2] in ("com", "net", "org", "gov", "edu", "co", "ac")
    return ".".join(labels[-3 if long else -2 :])


@cache
def _file() -> _File:
    return msgspec.convert(tomllib.loads(DATA.read_text("utf-8")), _File)


def is_address(host: str) -> bool:
    """Whether a host is an address already."""
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True


def _host(host: str, shown: str) -> str:
    if is_address(host):
        return host
    try:
        name = host.encode("idna").decode("ascii").lower().rstrip(".")
    except UnicodeError as wrong:
        raise UserError("target.url", shown, reason=clean_line(str(wrong), 100)) from None
    labels = name.split(".")
    if len(name) > 253 or any(not 1 <= len(label) <= 63 for label in labels):
        raise UserError("target.labels", shown)
    if not all(char.isalnum() or char in "-_." for char in name):
        raise UserError("target.signs", shown)
    return name
