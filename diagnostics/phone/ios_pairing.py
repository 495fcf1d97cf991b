"""Make the record with which an iPhone trusts this computer: a key, and two certificates signed with it.

The phone never checks the certificates' names or chain, only that it is spoken to with the key it was shown when its
owner tapped 信任. Python's standard library makes no certificates, so the few lines of DER stand here.
"""

from __future__ import annotations

import base64
import hashlib
import math
import re
import secrets
import uuid
from typing import Any, Final

from diagnostics.phone.local_service import MalformedError

BITS: Final = 2048
_EXPONENT: Final = 65_537
_RSA: Final = bytes.fromhex("300d06092a864886f70d0101010500")
_SHA256_RSA: Final = bytes.fromhex("300d06092a864886f70d01010b0500")
_SHA256: Final = bytes.fromhex("3031300d060960864801650304020105000420")
_SMALL: Final = math.prod(n for n in range(3, 2000, 2) if all(n % d for d in range(3, int(n**0.5) + 1, 2)))
_CONSTRAINTS: Final = bytes.fromhex("0603551d13")
_PEM: Final = re.compile(rb"-----BEGIN RSA PUBLIC KEY-----([A-Za-z0-9+/=\s]{1,4000})-----END RSA PUBLIC KEY-----")


def new_record(device_key: bytes, system_buid: str) -> dict[str, Any]:
    """Return a new pair record for a phone with this public key (PEM). Raises MalformedError where that is none."""
    found = _PEM.search(device_key)
    try:
        public = base64.b64decode(found[1]) if found else b""
    except ValueError:
        public = b""
    if not public:
        raise MalformedError
    p, q = _prime(), _prime()
    n = p * q
    d = pow(_EXPONENT, -1, math.lcm(p - 1, q - 1))
    own = _sequence(_integer(n), _integer(_EXPONENT))
    host = _certificate(own, n, d, authority=True)
    numbers = (0, n, _EXPONENT, d, p, q, d % (p - 1), d % (q - 1), pow(q, -1, p))
    key = _pem("RSA PRIVATE KEY", _sequence(*(_integer(number) for number in numbers)))
    return {
        "DeviceCertificate": _certificate(public, n, d, authority=False),
        "HostCertificate": host,
        "RootCertificate": host,
        "HostPrivateKey": key,
        "RootPrivateKey": key,
        "HostID": str(uuid.uuid4()).upper(),
        "SystemBUID": system_buid,
    }


def _prime() -> int:
    """Return a random prime of half the key's length, its two highest bits set.

    Fermat's test is enough: that a random number this long passes and is none, nobody meets (Kim and Pomerance, 1989).
    """
    while True:
        found = secrets.randbits(BITS // 2) | 3 << (BITS // 2 - 2) | 1
        likely = math.gcd(found, _SMALL) == 1 and found % _EXPONENT != 1
        if likely and all(pow(base, found - 1, found) == 1 for base in (2, 3, 5, 7)):
            return found


def _der(tag: int, *parts: bytes) -> bytes:
    body = b"".join(parts)
    size = len(body)
    if size < 128:
        return bytes((tag, size)) + body
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + body


def _sequence(*parts: bytes) -> bytes:
    return _der(0x30, *parts)


def _integer(number: int) -> bytes:
    return _der(0x02, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def _pem(label: str, data: bytes) -> bytes:
    text = base64.b64encode(data).decode()
    lines = "\n".join(text[at : at + 64] for at in range(0, len(text), 64))
    return f"-----BEGIN {label}-----\n{lines}\n-----END {label}-----\n".encode()


def _certificate(public: bytes, n: int, d: int, *, authority: bool) -> bytes:
    """Return an X.509 certificate (version 3, no names, valid for long) for a public key, signed with the own one."""
    constraints = _sequence(_der(0x01, b"\xff")) if authority else _sequence()
    signed = _sequence(
        _der(0xA0, _integer(2)),
        _integer(secrets.randbits(63) | 1),
        _SHA256_RSA,
        _sequence(),
        _sequence(_der(0x17, b"200101000000Z"), _der(0x17, b"491231235959Z")),
        _sequence(),
        _sequence(_RSA, _der(0x03, b"\0", public)),
        _der(0xA3, _sequence(_sequence(_CONSTRAINTS, _der(0x01, b"\xff"), _der(0x04, constraints)))),
    )
    size = BITS // 8
    digest = _SHA256 + hashlib.sha256(signed).digest()
    padded = b"\0\1" + b"\xff" * (size - len(digest) - 3) + b"\0" + digest
    signature = pow(int.from_bytes(padded, "big"), d, n).to_bytes(size, "big")
    return _pem("CERTIFICATE", _sequence(signed, _SHA256_RSA, _der(0x03, b"\0", signature)))
