"""Which failures are worth a second attempt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from diagnostics.probing import failures

if TYPE_CHECKING:
    from diagnostics.probing.observations import Attempt

_TRANSIENT: Final = frozenset(
    {
        failures.TIMEOUT, failures.REFUSED, failures.RESET, failures.ABORTED, failures.EOF_ERROR,
        failures.HOST_UNREACHABLE, failures.TLS_FAILED, failures.HTTP_FAILED,
    }
)  # fmt: skip
_DNS_TRANSIENT: Final = frozenset({failures.SERVFAIL, failures.DNS_TEMPORARY, failures.DNS_REFUSED})
_HTTP_TRANSIENT: Final = frozenset({500, 502, 503, 504})


def worth_repeating(seen: Attempt) -> bool:
    """Whether a failed attempt may heal: nothing was said that holds, like a name that does not exist."""
    if seen.proxy is not None and seen.proxy.failure is not None:
        return seen.proxy.operation == "connect"
    if not seen.connects and not seen.handshakes and not seen.exchanges:
        words = {one.failure for one in seen.lookups}
        silent = any(one.failure == failures.TIMEOUT for one in seen.lookups)
        nowhere = failures.NETWORK_UNREACHABLE in words
        # a resolver asks a silent server again by itself
        return bool(words & _DNS_TRANSIENT) and not silent and not nowhere
    if seen.exchanges:
        last = seen.exchanges[-1]
        return last.failure in _TRANSIENT or last.status in _HTTP_TRANSIENT
    main = [one for one in seen.handshakes if one.role == "main"]
    if main:
        return main[-1].failure in _TRANSIENT and main[-1].hint != "not_tls"
    return bool(seen.connects) and all(one.failure in _TRANSIENT for one in seen.connects)
