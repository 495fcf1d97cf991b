"""Addresses that no public host has: a sign of a forged answer, a portal or a local proxy.

Sources: IANA special-purpose address registries (RFC 6890). The documentation ranges (RFC 5737, RFC 3849) are left
out: no forger hands them out, and the fault laboratory lives there.
"""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable

_FAKE: Final = tuple(ipaddress.ip_network(text) for text in ("198.18.0.0/15", "fdfe:dcba:9876::/48"))
"""Handed out by local proxies in "fake-IP" mode: the benchmarking range (RFC 2544), and one prefix in common use."""
_BOGONS: Final = tuple(
    ipaddress.ip_network(text)
    for text in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
        "192.0.0.0/24", "192.168.0.0/16", "224.0.0.0/3", "::/128", "::1/128", "fc00::/7", "fe80::/10", "ff00::/8",
    )
)  # fmt: skip


def kind(addresses: Iterable[str]) -> Literal["", "fake_ip", "bogon"]:
    """Return what all these addresses are: placeholders of a local proxy, bogons, or (one at least) neither."""
    kinds = {_kind(address) for address in addresses}
    if not kinds or "" in kinds:
        return ""
    return "fake_ip" if kinds == {"fake_ip"} else "bogon"


def _kind(address: str) -> Literal["", "fake_ip", "bogon"]:
    ip = ipaddress.ip_address(address.partition("%")[0])
    if any(ip in net for net in _FAKE if net.version == ip.version):
        return "fake_ip"
    return "bogon" if any(ip in net for net in _BOGONS if net.version == ip.version) else ""
