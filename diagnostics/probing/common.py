"""What several targets have in common: a fault of all of them is this computer's or its network's. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec.structs

from diagnostics.probing import causes, failures
from diagnostics.probing.causes import Finding

if TYPE_CHECKING:
    from collections.abc import Sequence

    from diagnostics.probing.judged import Judged
    from diagnostics.probing.observations import Certificate, Machine
    from diagnostics.said import Said

SHARED: Final = frozenset(
    {
        "link.down", "route.none", "link.gateway_silent", "dns.no_server", "dns.broken_all", "portal.dns",
        "portal.http", "tls.intercepted", "clock.skewed",
    }
)  # fmt: skip
"""Codes that explain other targets' failures."""

_WHOLE: Final = frozenset({"link.down", "route.none", "link.gateway_silent", "dns.broken_all"})
_NO_WAY: Final = frozenset({failures.NETWORK_UNREACHABLE, failures.NETWORK_DOWN})
_SILENT: Final = frozenset({failures.TIMEOUT, failures.HOST_UNREACHABLE, failures.DNS_TEMPORARY, *_NO_WAY})
_ANSWERED: Final = frozenset({"dns.nxdomain", "dns.nodata", "dns.refused", "dns.malformed"})
_FORGEABLE: Final = frozenset(
    {"tls.cert_name", "tls.cert_untrusted", "tls.cert_invalid", "tls.not_tls", "portal.http", "dns.bogon"}
)


def explain(machine: Machine, targets: tuple[Judged, ...]) -> tuple[Judged, ...]:
    """Put what explains a target's failure in front of its findings."""
    cause = None if any(one.reached for one in targets) else _own_network(machine, targets)
    found = []
    broken_names = _broken_names(targets)
    one_address = _one_address(targets)
    issuer = _one_issuer(targets)
    for one in targets:
        front: list[Finding] = []
        if one.reached is False and one.findings:
            first = one.findings[0]
            if cause is not None and _explains(cause, first, machine):
                front.append(_like(first, cause))
            if broken_names and first.code == "dns.nxdomain":
                front.append(_like(first, "dns.broken_all"))
            if one_address and one.target.address is None:
                front.append(_like(first, "portal.dns", one_address))
            if issuer and "tls.cert_untrusted" in {other.code for other in one.findings}:
                front.append(_like(first, "tls.intercepted", issuer))
        found.append(msgspec.structs.replace(one, findings=_merged(front, one.findings)) if front else one)
    return tuple(found)


def _merged(front: Sequence[Finding], rest: Sequence[Finding]) -> tuple[Finding, ...]:
    """Put the explanations first, and drop what is nothing but their effect."""
    codes = {one.code for one in front}
    if codes & _WHOLE:
        return tuple(front)
    gone = "tls.cert_untrusted" if "tls.intercepted" in codes else ""
    return (*front, *(one for one in rest if one.code != gone and one.code not in codes))


def _like(first: Finding, code: str, detail: str | Said = "") -> Finding:
    return Finding(code=code, operation=first.operation, failure=first.failure, detail=detail or first.detail)


def _own_network(machine: Machine, targets: Sequence[Judged]) -> str | None:
    """Return the fault of this computer's own network that could explain everything, going by its own word."""
    if not any(one.reached is False for one in targets):
        return None
    if machine.link_up is False:
        return "link.down"
    if machine.route4 is False and machine.route6 is False:
        return "route.none"
    if machine.gateway_silent:
        return "link.gateway_silent"
    return None


def _explains(cause: str, first: Finding, machine: Machine) -> bool:
    """Whether this failure is what that fault of our own network looks like."""
    if first.code == cause:
        return True
    if cause == "link.gateway_silent":
        return first.failure in _SILENT
    if first.failure in _NO_WAY or first.code == "route.none":
        return True
    if first.operation != "resolve" or (machine.loopback_up and machine.interfaces == 0):
        return False  # nothing but loopback, and that in use: names are looked up on this computer by intention
    # a nameserver on this computer (a stub) answers without any network, but only that it could not find out
    local = all(server.startswith("127.") or server == "::1" for server in machine.nameservers or ("",))
    return not local or first.code not in _ANSWERED


def _broken_names(targets: Sequence[Judged]) -> bool:
    """Whether no name at all exists, going by the resolver: two at least, and none that did."""
    names: dict[str, bool] = {}
    for one in targets:
        if one.target.address is None and one.findings:
            names[one.target.host] = one.reached is False and one.findings[0].code == "dns.nxdomain"
    looked = [one for one in targets if one.target.address is None and one.reached is not None]
    return len(names) > 1 and all(names.values()) and all(one.reached is False for one in looked)


def _one_address(targets: Sequence[Judged]) -> str:
    """Return the one address that all names were given, where none of them proved itself there."""
    answers: dict[str, tuple[str, ...]] = {}
    codes: set[str] = set()
    for one in targets:
        if one.target.address is None and one.seen.attempts:
            answers[one.target.host] = causes.system_addresses(one.seen.attempts[-1])
            codes |= {finding.code for finding in one.findings}
    same = set(answers.values())
    if len(answers) < 2 or len(same) != 1 or any(_proved(one) for one in targets):
        return ""
    addresses = next(iter(same))
    controls = any(one.target.purpose == "control" for one in targets)
    telling = controls or len(answers) > 2 or bool(codes & _FORGEABLE)
    return addresses[0] if len(addresses) == 1 and telling else ""


def _proved(one: Judged) -> bool:
    """Whether a host showed that it is the right one: anybody can take a connection."""
    return bool(one.reached) and one.target.address is None and (one.target.encrypted or one.target.speaks_http)


def _one_issuer(targets: Sequence[Judged]) -> str:
    """Return the authority that signed for every host and that nobody trusts; empty where there is none."""
    issuers: dict[str, str] = {}
    for one in targets:
        if not one.target.encrypted:
            continue
        if one.reached:
            return ""
        facts = _certificate(one)
        untrusted = any(finding.code == "tls.cert_untrusted" for finding in one.findings)
        if facts is not None and untrusted:
            issuers[one.target.host] = facts.issuer
    same = set(issuers.values())
    return next(iter(same)) if len(issuers) > 1 and len(same) == 1 else ""


def _certificate(one: Judged) -> Certificate | None:
    shaken = [seen for attempt in one.seen.attempts for seen in attempt.handshakes if seen.role == "main"]
    return shaken[-1].certificate if shaken else None
