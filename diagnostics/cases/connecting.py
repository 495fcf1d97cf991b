"""What libpq will do with an address, decided from what libpq itself makes of it, the environment included.

Whatever is not proved to stay on this computer (a socket, loopback) is verified TLS: the server must show a
certificate for its name from an authority that is trusted here. Otherwise whoever answers first gets the password.
"""

from __future__ import annotations

import os
from ipaddress import ip_address
from pathlib import Path
from typing import Final

from diagnostics.addresses import shown
from diagnostics.cases.model import StoreError

VERIFIED: Final = "verify-full"
MODES: Final = ("disable", "require", "verify-ca", VERIFIED)
"""What the address may say of TLS. `allow` and `prefer` leave it to whoever answers, so they are no choice."""
_SYSTEM_FROM: Final = 160_000
"""The libpq that knows `sslrootcert=system`, the authorities that this computer trusts."""


def parameters(url: str) -> dict[str, str]:
    """Return what the driver is to connect with. Raises StoreError where the address is none that libpq takes."""
    try:
        from psycopg import Error, pq
    except ImportError:
        raise StoreError("cases.no_driver") from None
    try:
        given = _told(pq.Conninfo.parse(url.encode()))
        surroundings = _told(pq.Conninfo.get_defaults())
    except (Error, UnicodeError):  # its message repeats parts of the address
        raise StoreError("cases.not_an_address", shown(url)) from None
    if is_local({**surroundings, **given}):
        return given
    mode = given.get("sslmode", VERIFIED)
    if mode not in MODES:
        raise StoreError("cases.no_tls_mode", shown(url), mode=mode, known=", ".join(MODES))
    given["sslmode"] = mode
    if mode == VERIFIED:
        given["gssencmode"] = "disable"  # or Kerberos would take the place of the certificate
        root = given.get("sslrootcert") or surroundings.get("sslrootcert")
        if root is None and pq.version() >= _SYSTEM_FROM and not _own_authorities().exists():
            given["sslrootcert"] = "system"
    return given


def is_local(effective: dict[str, str]) -> bool:
    """Whether every server that these parameters can lead to is on this computer.

    A service's file can name any server, and `hostaddr` is what is connected to where both stand there.
    """
    if effective.get("service"):
        return False
    hosts = effective.get("hostaddr") or effective.get("host") or ""
    return all(_stays_here(host) for host in hosts.split(","))


def _stays_here(host: str) -> bool:
    if not host:  # libpq's own place: a socket, on Windows localhost
        return True
    if host.startswith(("/", "@")) or host.lower() == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _own_authorities() -> Path:
    """Where libpq looks for authorities where none are named."""
    if os.name == "nt":
        return Path(os.environ.get("APPDATA", "")) / "postgresql" / "root.crt"
    return Path.home() / ".postgresql" / "root.crt"


def _told(options: object) -> dict[str, str]:
    return {
        option.keyword.decode(): option.val.decode()
        for option in options  # type: ignore[attr-defined]
        if option.val
    }
