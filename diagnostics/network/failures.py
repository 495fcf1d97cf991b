"""The one closed vocabulary of failures, and how an exception is put into it.

The words are OONI's (ooni/spec, data-formats/df-007-errors.md), so that a result can be compared with other
measurements. Type first, then errno, then OpenSSL's own code; a message is read only where there is no type.
"""

from __future__ import annotations

import errno
import socket
import ssl
from typing import Final

from diagnostics.sanitize import clean_line

TIMEOUT: Final = "generic_timeout_error"
REFUSED: Final = "connection_refused"
RESET: Final = "connection_reset"
ABORTED: Final = "connection_aborted"
CLOSED: Final = "connection_already_closed"
HOST_UNREACHABLE: Final = "host_unreachable"
NETWORK_UNREACHABLE: Final = "network_unreachable"
NETWORK_DOWN: Final = "network_down"
NETWORK_RESET: Final = "network_reset"
EOF_ERROR: Final = "eof_error"
INTERRUPTED: Final = "interrupted"
NXDOMAIN: Final = "dns_nxdomain_error"
SERVFAIL: Final = "dns_servfail_error"
DNS_REFUSED: Final = "dns_refused_error"
NO_ANSWER: Final = "dns_no_answer"
DNS_TEMPORARY: Final = "dns_temporary_failure"
DNS_FATAL: Final = "dns_non_recoverable_failure"
DNS_MISBEHAVING: Final = "dns_server_misbehaving"
DNS_WRONG_ID: Final = "dns_reply_with_wrong_query_id"
DNS_BOGON: Final = "dns_bogon_error"
TLS_FAILED: Final = "ssl_failed_handshake"
TLS_NAME: Final = "ssl_invalid_hostname"
TLS_UNKNOWN_CA: Final = "ssl_unknown_authority"
TLS_CERTIFICATE: Final = "ssl_invalid_certificate"
HTTP_FAILED: Final = "http_request_failed"
HTTP_REDIRECT_HOST: Final = "http_invalid_redirect_location_host"
HTTP_REDIRECT_URL: Final = "http_unexpected_redirect_url"
HTTP_STATUS: Final = "http_unexpected_status_code"
JSON_PARSE: Final = "json_parse_error"

VOCABULARY: Final = frozenset(value for name, value in list(globals().items()) if name.isupper())
"""Every word but `unknown_failure: ...`, which stands for what is not among them."""
UNKNOWN_PREFIX: Final = "unknown_failure: "

NAME_CODES: Final = frozenset({62, 64})
"""OpenSSL verify codes for a certificate made out to another name (62) or address (64)."""
EXPIRED_CODE: Final = 10
NOT_YET_VALID_CODE: Final = 9
UNTRUSTED_CODES: Final = frozenset({2, 18, 19, 20, 21, 27})
"""No issuer found, self-signed, or an issuer that is not trusted (OpenSSL x509_vfy.h)."""

_ERRNO: Final = {
    getattr(errno, name): word
    for word, names in {
        REFUSED: "ECONNREFUSED",
        RESET: "ECONNRESET EPIPE",
        ABORTED: "ECONNABORTED",
        CLOSED: "ENOTCONN EBADF",
        # EACCES: a `prohibit` route, or ICMPv6 "administratively prohibited"; EPERM: a local firewall rule
        HOST_UNREACHABLE: "EHOSTUNREACH EHOSTDOWN EACCES EPERM",
        NETWORK_UNREACHABLE: "ENETUNREACH EADDRNOTAVAIL EINVAL",  # EINVAL: connect() through a `blackhole` route
        NETWORK_DOWN: "ENETDOWN",
        NETWORK_RESET: "ENETRESET",
        TIMEOUT: "ETIMEDOUT",
        INTERRUPTED: "EINTR ECANCELED",
    }.items()
    for name in names.split()
    if hasattr(errno, name)
}
_GAI: Final = {
    getattr(socket, name): word
    for name, word in (
        ("EAI_NONAME", NXDOMAIN), ("EAI_NODATA", NO_ANSWER), ("EAI_ADDRFAMILY", NO_ANSWER),
        ("EAI_AGAIN", DNS_TEMPORARY), ("EAI_FAIL", DNS_FATAL),
    )
    if hasattr(socket, name)
}  # fmt: skip


def from_errno(code: int) -> str:
    """Return the failure for an errno of a socket operation."""
    return _ERRNO.get(code) or unknown(errno.errorcode.get(code, f"errno {code}"))


def unknown(text: str) -> str:
    """Return the open end of the vocabulary, with the cleaned text of what happened."""
    return UNKNOWN_PREFIX + clean_line(text, 160)


def classify(exc: BaseException) -> str:
    """Return the failure string of an exception of the standard library's socket and ssl modules."""
    if isinstance(exc, ssl.SSLCertVerificationError):
        other = TLS_UNKNOWN_CA if exc.verify_code in UNTRUSTED_CODES else TLS_CERTIFICATE
        return TLS_NAME if exc.verify_code in NAME_CODES else other
    if isinstance(exc, socket.gaierror):
        return _GAI.get(exc.errno or 0) or unknown(f"getaddrinfo {exc.errno}")
    if isinstance(exc, TimeoutError):
        return TIMEOUT
    if isinstance(exc, (ssl.SSLEOFError, ssl.SSLZeroReturnError, EOFError)):
        return EOF_ERROR
    if isinstance(exc, ssl.SSLError):
        return TLS_FAILED
    if isinstance(exc, OSError) and exc.errno is not None:
        return from_errno(exc.errno)
    return unknown(f"{type(exc).__name__}: {exc}")
