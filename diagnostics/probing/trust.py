"""Which certificate authorities are trusted: the platform's, plus the bundle the environment names for requests."""

from __future__ import annotations

import os
import ssl
import threading
from functools import lru_cache
from pathlib import Path
from typing import Final

from diagnostics.clean import clean_line
from diagnostics.foreign import system_fault
from diagnostics.said import Said
from diagnostics.told import ToldError

_ONE_AT_A_TIME: Final = threading.Lock()
_EXTRA: Final = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
_PLATFORM: Final = ("SSL_CERT_FILE", "SSL_CERT_DIR")


def problem() -> Said | None:
    """Return `VARIABLE=path: what is wrong` of the first bundle in the environment that cannot be used."""
    for name in (*_EXTRA, *_PLATFORM):
        value = os.environ.get(name)
        if value:
            wrong = _wrong(Path(value), folder=name == "SSL_CERT_DIR")
            if wrong is not None:
                return Said.fault(wrong.at(clean_line(f"{name}={value}")))
    return None


def verifying() -> ssl.SSLContext:
    """Return a context that trusts what this computer trusts; broken variables are left aside (see `problem`)."""
    with _ONE_AT_A_TIME:  # reading a bundle takes tens of milliseconds, and every target asks at once
        return _verifying(_variables())


def _variables() -> tuple[tuple[str, str], ...]:
    return tuple((name, os.environ.get(name, "")) for name in (*_EXTRA, *_PLATFORM))


@lru_cache(maxsize=4)
def _verifying(variables: tuple[tuple[str, str], ...]) -> ssl.SSLContext:
    values = dict(variables)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.set_alpn_protocols(["http/1.1"])
    context.hostname_checks_common_name = False  # as browsers and phones do: the alternative names alone count
    broken = [name for name in _PLATFORM if values[name] and _wrong(Path(values[name]), name == "SSL_CERT_DIR")]
    if broken:
        paths = ssl.get_default_verify_paths()
        _load(context, Path(paths.openssl_cafile), Path(paths.openssl_capath))
    else:
        context.load_default_certs(ssl.Purpose.SERVER_AUTH)
    if not _has_authorities(context):
        import certifi  # comes with requests; some builds of Python have no store of their own

        context.load_verify_locations(certifi.where())
    for name in _EXTRA:
        path = Path(values[name]) if values[name] else None
        if path is not None and _wrong(path) is None:
            _load(context, path, path)
    return context


def unverified() -> ssl.SSLContext:
    """Return a context that accepts any certificate: to look at one that was refused, never to send anything."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _load(context: ssl.SSLContext, file: Path, folder: Path) -> None:
    if file.is_file():
        context.load_verify_locations(cafile=str(file))
    if folder.is_dir():
        context.load_verify_locations(capath=str(folder))


def _has_authorities(context: ssl.SSLContext) -> bool:
    if context.cert_store_stats()["x509_ca"]:
        return True
    folders = os.environ.get("SSL_CERT_DIR") or ssl.get_default_verify_paths().openssl_capath
    return any(next(Path(folder).glob("*.0"), None) for folder in folders.split(os.pathsep) if folder)


def _wrong(path: Path, folder: bool = False) -> ToldError | None:
    """Return why a bundle cannot be used, None where it can."""
    if folder or path.is_dir():
        there = all(Path(part).is_dir() for part in str(path).split(os.pathsep))
        return None if there else ToldError("trust.no_folder")
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cafile=str(path))
    except ssl.SSLError:
        return ToldError("trust.no_certificate")
    except OSError as wrong:
        return system_fault(wrong)
    return None
