"""Reads the few facts shown of a certificate from its DER (ITU-T X.690, RFC 5280). It verifies nothing.

`ssl` decodes a certificate only after it was accepted, and the refused ones are those to explain. The input is
hostile: every length is checked against what is there, nesting is walked by hand, never by recursion.
"""

from __future__ import annotations

import calendar
import ipaddress
import time
from typing import TYPE_CHECKING, Final

from diagnostics.clean import clean_line
from diagnostics.probing.observations import Certificate

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_NAMES: Final = 100
MAX_DER: Final = 1 << 16
_UTC_TIME, _TIME = 0x17, 0x18
_VERSION, _EXTENSIONS = 0xA0, 0xA3
_DNS_NAME, _IP_ADDRESS = 0x82, 0x87
_COMMON_NAME: Final = b"\x55\x04\x03"
_ORGANIZATION: Final = b"\x55\x04\x0a"
_SUBJECT_ALT_NAME: Final = b"\x55\x1d\x11"
_BMP_STRING: Final = 0x1E


def _elements(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield tag and content of each element of one level; ValueError where one is cut short."""
    at = 0
    while at < len(data):
        tag, length, at = data[at], data[at + 1] if at + 1 < len(data) else 0xFF, at + 2
        if length & 0x80:
            size = length & 0x7F
            if not 1 <= size <= 3 or at + size > len(data):
                raise ValueError(f"bad length at byte {at}")
            length, at = int.from_bytes(data[at : at + size], "big"), at + size
        if at + length > len(data):
            raise ValueError(f"element at byte {at} is cut short")
        yield tag, data[at : at + length]
        at += length


def _level(data: bytes, least: int = 1) -> list[tuple[int, bytes]]:
    """Return the elements of one level, so many at least."""
    found = list(_elements(data))
    if len(found) < least:
        raise ValueError("too few elements")
    return found


def read(der: bytes) -> Certificate:
    """Return the facts of one certificate. Raises ValueError where the bytes are no certificate."""
    if len(der) > MAX_DER:
        raise ValueError("larger than any certificate")
    body = _level(_level(_level(der)[0][1])[0][1], 6)
    if body[0][0] == _VERSION:
        del body[0]
    _serial, _algorithm, (_, issuer), (_, validity), (_, subject), *rest = body
    not_before, not_after = (_moment(*one) for one in _level(validity, 2)[:2])
    extensions = next((content for tag, content in rest if tag == _EXTENSIONS), b"")
    names = _alternative_names(extensions) if extensions else ()
    return Certificate(
        subject=_name(subject), issuer=_name(issuer), names=names, not_before=not_before, not_after=not_after
    )


def covers(certificate: Certificate, host: str) -> bool:
    """Whether a certificate is made out to this host (RFC 6125: a star stands for one whole first label)."""
    host = host.lower().rstrip(".")
    for name in map(str.lower, certificate.names):
        star = name.startswith("*.") and "*" not in name[2:]
        if name == host or (star and "." in host and host.partition(".")[2] == name[2:]):
            return True
    return False


def _name(name: bytes) -> str:
    """Return common name and organisation, the parts that tell people something."""
    attributes: list[tuple[bytes, str]] = []
    for _, pairs in _level(name, 0)[:MAX_NAMES]:
        for _, pair in _level(pairs)[:MAX_NAMES]:
            (_, oid), (tag, value), *_ = _level(pair, 2)
            text = value.decode("utf-16-be" if tag == _BMP_STRING else "utf-8", "replace")
            attributes.append((oid, clean_line(text, 100)))
    parts = [text for wanted in (_COMMON_NAME, _ORGANIZATION) for oid, text in attributes if oid == wanted]
    return clean_line(", ".join(dict.fromkeys(parts or [text for _, text in attributes[:2]])), 200)


def _alternative_names(extensions: bytes) -> tuple[str, ...]:
    found: list[str] = []
    for _, extension in _level(_level(extensions)[0][1], 0):
        (_, oid), *_, (_, content) = _level(extension, 2)  # between them may stand whether it is critical
        if oid != _SUBJECT_ALT_NAME:
            continue
        for tag, name in _level(_level(content)[0][1], 0)[:MAX_NAMES]:
            if tag == _DNS_NAME:
                found.append(clean_line(name, 253))
            elif tag == _IP_ADDRESS and len(name) in (4, 16):
                found.append(str(ipaddress.ip_address(name)))
    return tuple(found[:MAX_NAMES])


def _moment(tag: int, content: bytes) -> float:
    """Return seconds of the epoch. RFC 5280: UTCTime years from 50 on are 19xx; both forms end in Z."""
    if tag not in (_UTC_TIME, _TIME):
        raise ValueError("no time")
    try:
        text = content.decode("ascii")
        if tag == _UTC_TIME:
            text = ("19" if int(text[:2]) >= 50 else "20") + text
        return float(calendar.timegm(time.strptime(text, "%Y%m%d%H%M%SZ")))
    except (ValueError, OverflowError) as wrong:
        raise ValueError(f"bad time: {wrong}") from None
