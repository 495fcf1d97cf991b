"""Addresses as they may be shown: from their parsed parts, and without a password.

One strict grammar. What it does not read would be read one way here and another way by a driver, so that a part of a
password could pass for a host: of such an address nothing is shown but its scheme.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import unquote

import msgspec

_ADDRESS: Final = re.compile(
    r"(?:(?P<scheme>[A-Za-z][A-Za-z0-9+.-]{0,30})://)?"
    r"(?:(?P<user>[^\s:@/?#\[\]]*)(?P<secret>:[^\s@/?#]*)?@)?"
    r"(?P<host>[^\s:@/?#\[\]]*(?:\[[0-9A-Fa-f:.]*(?:%[\w.-]+)?\])?(?::\d{0,5})?"
    r"(?:,[^\s:@/?#\[\],]*(?:\[[0-9A-Fa-f:.]*\])?(?::\d{0,5})?)*)"
    r"(?P<path>/[^\s@?#]*)?"
    r"(?:\?(?P<query>[^\s@#]*))?"
    r"(?P<fragment>#[^\s@]*)?"
)
_SCHEME: Final = re.compile(r"\s*([A-Za-z][A-Za-z0-9+.-]{0,30})://")
_TELLING: Final = re.compile(r"pass|pwd|secret|token|key|sig|auth|cookie|session|code", re.IGNORECASE)
"""Names of what a query should not show the value of; `passfile` and `sslkey` are paths, and lose little."""
_WORDS: Final = re.compile(r"(?:[A-Za-z]{1,12}://)?[\w. /\\-]{0,80}")
"""Not an address, and nothing in which a password could stand."""
HIDDEN: Final = "…"


class Address(msgspec.Struct, frozen=True):
    """The parts of an address as they stand in it; `password` where one stands before the host, be it empty."""

    scheme: str
    user: str
    password: bool
    host: str
    path: str
    query: tuple[tuple[str, str], ...]


def parts_of(text: str) -> Address | None:
    """Return the parts of an address, or None for what does not read in one way alone."""
    found = _ADDRESS.fullmatch(text) if text.isprintable() else None
    if found is None:
        return None
    pairs = (one.partition("=") for one in (found["query"] or "").split("&") if one)
    return Address(
        scheme=(found["scheme"] or "").lower(),
        user=found["user"] or "",
        password=found["secret"] is not None,
        host=found["host"],
        path=found["path"] or "",
        query=tuple((unquote(name), value) for name, _, value in pairs),
    )


def shown(text: str) -> str:
    """Return an address to show: `***` for its password, or its scheme alone where it does not read in one way."""
    from diagnostics.redaction import mask_numbers

    return mask_numbers(_shown(text))


def _shown(text: str) -> str:
    parts = parts_of(text)
    if parts is None:
        if _WORDS.fullmatch(text):
            return text
        scheme = _SCHEME.match(text)
        return f"{scheme[1].lower()}://{HIDDEN}" if scheme else HIDDEN
    scheme_ = f"{parts.scheme}://" if parts.scheme else ""
    user = f"{parts.user}{':***' if parts.password else ''}"
    query = "&".join(f"{name}={'***' if value and _TELLING.search(name) else value}" for name, value in parts.query)
    return f"{scheme_}{user}{'@' if user else ''}{parts.host}{parts.path}{'?' if query else ''}{query}"
