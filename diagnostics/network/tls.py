"""TLS handshakes, what a certificate says, and which authorities are trusted."""

from __future__ import annotations

import calendar
import ipaddress
import os
import ssl
import threading
import time
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from diagnostics.i18n import Message, UserError
from diagnostics.library_errors import system_fault
from diagnostics.network import failures
from diagnostics.network.measurements import Certificate, Handshake
from diagnostics.network.streams import Secure, Stream
from diagnostics.sanitize import clean_line

if TYPE_CHECKING:
    from diagnostics.network.deadline import Deadline
    from diagnostics.network.measurements import Role

MAX_NAMES: Final = 100
MAX_DER: Final = 1 << 16
_UTC_TIME, _TIME = 0x17, 0x18
_VERSION, _EXTENSIONS = 0xA0, 0xA3
_DNS_NAME, _IP_ADDRESS = 0x82, 0x87
_COMMON_NAME: Final = b"\x55\x04\x03"
_ORGANIZATION: Final = b"\x55\x04\x0a"
_SUBJECT_ALT_NAME: Final = b"\x55\x1d\x11"
_BMP_STRING: Final = 0x1E


def _level(data: bytes, least: int = 1) -> list[tuple[int, bytes]]:
    """Return tag and content of the elements of one level, so many at least. Raises ValueError."""
    found, at = [], 0
    while at < len(data):
        tag, length, at = data[at], data[at + 1] if at + 1 < len(data) else 0xFF, at + 2
        if length & 0x80:
            size = length & 0x7F
            length, at = int.from_bytes(data[at : at + size], "big") if 1 <= size <= 3 else len(data), at + size
        if at + length > len(data):
            raise ValueError(f"element at byte {at} is cut short")
        found.append((tag, data[at : at + length]))
        at += length
    if len(found) < least:
        raise ValueError("too few elements")
    return found


def read_certificate(der: bytes) -> Certificate:
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
    text = content.decode("ascii")
    if tag == _UTC_TIME:
        text = ("19" if text[:2] >= "50" else "20") + text
    return float(calendar.timegm(time.strptime(text, "%Y%m%d%H%M%SZ")))


_ONE_AT_A_TIME: Final = threading.Lock()
_EXTRA: Final = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
_PLATFORM: Final = ("SSL_CERT_FILE", "SSL_CERT_DIR")


def ca_problem() -> Message | None:
    """Return `VARIABLE=path: what is wrong` of the first bundle in the environment that cannot be used."""
    return _trust()[1]


def verifying() -> ssl.SSLContext:
    """Return a context that trusts what this computer trusts; broken variables are left aside (see `ca_problem`)."""
    return _trust()[0]


def _trust() -> tuple[ssl.SSLContext, Message | None]:
    with _ONE_AT_A_TIME:  # reading a bundle takes tens of milliseconds, and every target asks at once
        return _read_bundles(tuple((name, os.environ.get(name, "")) for name in (*_EXTRA, *_PLATFORM)))


@lru_cache(maxsize=4)
def _read_bundles(variables: tuple[tuple[str, str], ...]) -> tuple[ssl.SSLContext, Message | None]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.set_alpn_protocols(["http/1.1"])
    context.hostname_checks_common_name = False  # as browsers and phones do: the alternative names alone count
    aside = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # the platform's are loaded as the platform does it, below
    wrong = {
        name: Message.fault(fault.at(clean_line(f"{name}={value}")))
        for name, value in variables
        if value and (fault := _load(context if name in _EXTRA else aside, value, is_folder=name == "SSL_CERT_DIR"))
    }
    if wrong.keys() & set(_PLATFORM):
        paths = ssl.get_default_verify_paths()
        _load(context, paths.openssl_cafile)
        _load(context, paths.openssl_capath)
    else:
        context.load_default_certs(ssl.Purpose.SERVER_AUTH)
    if not _has_authorities(context):
        import certifi  # comes with requests; some builds of Python have no store of their own

        context.load_verify_locations(certifi.where())
    return context, next(iter(wrong.values()), None)


def unverified() -> ssl.SSLContext:
    """Return a context that accepts any certificate: to look at one that was refused, never to send anything."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _has_authorities(context: ssl.SSLContext) -> bool:
    if context.cert_store_stats()["x509_ca"]:
        return True
    folders = os.environ.get("SSL_CERT_DIR") or ssl.get_default_verify_paths().openssl_capath
    return any(next(Path(folder).glob("*.0"), None) for folder in folders.split(os.pathsep) if folder)


def _load(context: ssl.SSLContext, path: str, *, is_folder: bool = False) -> UserError | None:
    """Trust a bundle, a file or (several) folders; return why it cannot be used, where it cannot."""
    folders = path.split(os.pathsep) if is_folder else [path]
    if is_folder or Path(path).is_dir():
        if not all(Path(folder).is_dir() for folder in folders):
            return UserError("trust.no_folder")
        for folder in folders:
            context.load_verify_locations(capath=folder)
        return None
    try:
        context.load_verify_locations(cafile=path)
    except ssl.SSLError:
        return UserError("trust.no_certificate")
    except OSError as wrong:
        return system_fault(wrong)
    return None


def shake(
    below: Stream, address: str, server_name: str, context: ssl.SSLContext, deadline: Deadline, seconds: float,
    role: Role = "main",
) -> tuple[Handshake, Secure | None]:  # fmt: skip
    """Shake hands; the connection stays the caller's to close, and the encrypted stream on it comes back."""
    began = time.monotonic()
    secure = Secure(below, context, server_name)
    failure, code = None, 0
    try:
        secure.shake(deadline.due(seconds))
    except (OSError, EOFError) as wrong:
        failure = failures.INTERRUPTED if deadline.cancelled.is_set() else failures.classify(wrong)
        code = wrong.verify_code if isinstance(wrong, ssl.SSLCertVerificationError) else 0
    der = None if failure else secure.tls.getpeercert(binary_form=True)
    seen = Handshake(
        address=address,
        server_name=server_name,
        role=role,
        failure=failure,
        verify_code=code,
        hint=secure.hint() if failure else "",
        certificate=_facts(der) if der else None,
        version="" if failure else secure.tls.version() or "",
        **deadline.times(began),
    )
    return seen, None if failure else secure


def _facts(der: bytes) -> Certificate | None:
    try:
        return read_certificate(der)
    except ValueError:
        return None
