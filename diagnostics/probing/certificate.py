"""Reads the few facts shown of a certificate from its DER (ITU-T X.690, RFC 5280). It verifies nothing.

`ssl` decodes a certificate only after it was accepted, and the refused ones are those to explain. The input is
hostile: every length is checked against what is there, nesting is walked by hand, never by recursion.
"""

from __future__ import annotations

import calendar
import ipaddress
import time
from typing import Final

from diagnostics.clean import clean_line
from diagnostics.probing.observations import Certificate

MAX_NAMES: Final = 100
MAX_DER: Final = 1 << 16

_SEQUENCE, _SET, _OID, _OCTETS, _UTC_TIME, _TIME = 0x30, 0x31, 0x06, 0x04, 0x17, 0x18
_CONTEXT_0, _CONTEXT_3 = 0xA0, 0xA3
_DNS_NAME, _IP_ADDRESS = 0x82, 0x87
_COMMON_NAME: Final = b"\x55\x04\x03"
_ORGANIZATION: Final = b"\x55\x04\x0a"
_SUBJECT_ALT_NAME: Final = b"\x55\x1d\x11"
_BMP_STRING: Final = 0x1E


class _Reader:
    """Walks the elements of one level."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def more(self) -> bool:
        return self._at < len(self._data)

    @property
    def tag(self) -> int:
        return self._data[self._at] if self.more else -1

    def take(self, *tags: int) -> tuple[int, bytes]:
        """Return tag and content of the next element; ValueError where it is none of `tags` or cut short."""
        data, at = self._data, self._at
        if at + 2 > len(data) or (tags and data[at] not in tags):
            raise ValueError(f"unexpected element at byte {at}")
        tag, length, at = data[at], data[at + 1], at + 2
        if length & 0x80:
            size = length & 0x7F
            if not 1 <= size <= 3 or at + size > len(data):
                raise ValueError(f"bad length at byte {at}")
            length, at = int.from_bytes(data[at : at + size], "big"), at + size
        if at + length > len(data):
            raise ValueError(f"element at byte {at} is cut short")
        self._at = at + length
        return tag, data[at : self._at]

    def enter(self, *tags: int) -> _Reader:
        return _Reader(self.take(*tags)[1])


def read(der: bytes) -> Certificate:
    """Return the facts of one certificate. Raises ValueError where the bytes are no certificate."""
    if len(der) > MAX_DER:
        raise ValueError("larger than any certificate")
    body = _Reader(der).enter(_SEQUENCE).enter(_SEQUENCE)
    if body.tag == _CONTEXT_0:
        body.take(_CONTEXT_0)  # version
    body.take()  # serial number
    body.take(_SEQUENCE)  # signature algorithm
    _, issuer = body.take(_SEQUENCE)
    validity = body.enter(_SEQUENCE)
    not_before, not_after = _moment(*validity.take(_UTC_TIME, _TIME)), _moment(*validity.take(_UTC_TIME, _TIME))
    _, subject = body.take(_SEQUENCE)
    names: tuple[str, ...] = ()
    while body.more:
        tag, content = body.take()
        if tag == _CONTEXT_3:
            names = _alternative_names(_Reader(content).enter(_SEQUENCE))
    return Certificate(
        subject=_name(subject),
        issuer=_name(issuer),
        names=names,
        not_before=not_before,
        not_after=not_after,
        self_issued=subject == issuer,
    )


def covers(certificate: Certificate, host: str) -> bool:
    """Whether a certificate is made out to this host (RFC 6125: a star stands for one whole first label)."""
    host = host.lower().rstrip(".")
    for name in map(str.lower, certificate.names):
        if name == host or (
            name.startswith("*.") and "." in host and host.partition(".")[2] == name[2:] and "*" not in name[2:]
        ):
            return True
    return False


def _attributes(name: bytes) -> list[tuple[bytes, str]]:
    found: list[tuple[bytes, str]] = []
    sets = _Reader(name)
    while sets.more and len(found) < MAX_NAMES:
        pairs = sets.enter(_SET)
        while pairs.more and len(found) < MAX_NAMES:
            pair = pairs.enter(_SEQUENCE)
            _, oid = pair.take(_OID)
            tag, value = pair.take()
            text = value.decode("utf-16-be", "replace") if tag == _BMP_STRING else value.decode("utf-8", "replace")
            found.append((oid, clean_line(text, 100)))
    return found


def _name(name: bytes) -> str:
    """Return common name and organisation, the parts that tell people something."""
    attributes = _attributes(name)
    parts = [text for wanted in (_COMMON_NAME, _ORGANIZATION) for oid, text in attributes if oid == wanted]
    if not parts:
        parts = [text for _, text in attributes[:2]]
    return clean_line(", ".join(dict.fromkeys(parts)), 200)


def _alternative_names(extensions: _Reader) -> tuple[str, ...]:
    while extensions.more:
        extension = extensions.enter(_SEQUENCE)
        _, oid = extension.take(_OID)
        if oid != _SUBJECT_ALT_NAME:
            continue
        if extension.tag != _OCTETS:
            extension.take()  # critical
        return _general_names(extension.enter(_OCTETS).enter(_SEQUENCE))
    return ()


def _general_names(names: _Reader) -> tuple[str, ...]:
    found: list[str] = []
    while names.more and len(found) < MAX_NAMES:
        tag, content = names.take()
        if tag == _DNS_NAME:
            found.append(clean_line(content, 253))
        elif tag == _IP_ADDRESS and len(content) in (4, 16):
            found.append(str(ipaddress.ip_address(content)))
    return tuple(found)


def _moment(tag: int, content: bytes) -> float:
    """Return seconds of the epoch. RFC 5280: UTCTime years from 50 on are 19xx; both forms end in Z."""
    try:
        text = content.decode("ascii")
        if tag == _UTC_TIME:
            text = ("19" if int(text[:2]) >= 50 else "20") + text
        return float(calendar.timegm(time.strptime(text, "%Y%m%d%H%M%SZ")))
    except (ValueError, OverflowError) as wrong:
        raise ValueError(f"bad time: {wrong}") from None
