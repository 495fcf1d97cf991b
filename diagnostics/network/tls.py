"""TLS handshakes, what a certificate says, and which authorities are trusted."""

from __future__ import annotations

import os
import ssl
import threading
import time
from functools import lru_cache
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from diagnostics.i18n import Message, UserError
from diagnostics.library_errors import system_fault
from diagnostics.network import failures
from diagnostics.network.deadline import Secure, Stream
from diagnostics.network.measurements import Certificate, Handshake
from diagnostics.network.targets import is_address
from diagnostics.sanitize import clean_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from diagnostics.network.deadline import Deadline
    from diagnostics.network.measurements import Role

MAX_NAMES: Final = 100
_ONE_AT_A_TIME: Final = threading.Lock()
_EXTRA: Final = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
_PLATFORM: Final = ("SSL_CERT_FILE", "SSL_CERT_DIR")


def covers(certificate: Certificate, host: str) -> bool:
    """Whether a certificate is made out to this host (RFC 6125: a star stands for one whole first label)."""
    host = host.lower().rstrip(".")
    _, dot, rest = host.partition(".")
    names = {name.lower() for name in certificate.names}
    return host in names or (bool(dot) and f"*.{rest}" in names)


def ca_problem() -> Message | None:
    """Return `VARIABLE=path: what is wrong` of the first bundle in the environment that cannot be used."""
    return _trust()[1]


def verifying() -> ssl.SSLContext:
    """Return a context that trusts what this computer trusts; broken variables are left aside (see `ca_problem`)."""
    return _trust()[0]


def unverified() -> ssl.SSLContext:
    """Return a context that accepts any certificate: to look at one that was refused, never to send anything."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


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
    folders = os.environ.get("SSL_CERT_DIR") or ssl.get_default_verify_paths().openssl_capath
    in_folders = (next(Path(folder).glob("*.0"), None) for folder in folders.split(os.pathsep) if folder)
    if not (context.cert_store_stats()["x509_ca"] or any(in_folders)):
        import certifi  # comes with requests; some builds of Python have no store of their own

        context.load_verify_locations(certifi.where())
    return context, next(iter(wrong.values()), None)


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
    seen = Handshake(
        address=address,
        server_name=server_name,
        role=role,
        failure=failure,
        verify_code=code,
        hint=secure.hint() if failure else "",
        certificate=None if failure else _certificate(secure, context),
        version="" if failure else secure.tls.version() or "",
        **deadline.times(began),
    )
    return seen, None if failure else secure


def _certificate(secure: Secure, context: ssl.SSLContext) -> Certificate | None:
    context.verify_mode = ssl.CERT_REQUIRED  # one that does not verify keeps to itself what the certificate says
    try:
        return read_certificate(secure.tls.getpeercert())
    except (ValueError, ssl.SSLError):
        return None


def read_certificate(fields: Mapping[str, Any] | None) -> Certificate | None:
    """Return the facts of a certificate as the standard library tells them. Raises ValueError for a strange date."""
    if not fields:
        return None
    names = [
        str(ip_address(name)) if kind == "IP Address" else clean_line(name, 253)
        for kind, name in fields.get("subjectAltName", ())
        if kind == "DNS" or (kind == "IP Address" and is_address(name))
    ]
    return Certificate(
        subject=_name(fields["subject"]),
        issuer=_name(fields["issuer"]),
        names=tuple(names[:MAX_NAMES]),
        not_before=float(ssl.cert_time_to_seconds(fields["notBefore"])),
        not_after=float(ssl.cert_time_to_seconds(fields["notAfter"])),
    )


def _name(name: Iterable[Iterable[tuple[str, str]]]) -> str:
    """Return common name and organisation, the parts that tell people something."""
    attributes = [(kind, clean_line(text, 100)) for part in name for kind, text in part]
    parts = [text for wanted in ("commonName", "organizationName") for kind, text in attributes if kind == wanted]
    return clean_line(", ".join(dict.fromkeys(parts or [text for _, text in attributes[:2]])), 200)
