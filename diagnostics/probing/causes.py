"""Why one attempt on one target failed, read off its observations. Pure: no clock, no network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from diagnostics.probing import bogons, certificate, failures
from diagnostics.said import Said

if TYPE_CHECKING:
    from collections.abc import Iterable

    from diagnostics.probing.observations import Attempt, Connect, Handshake, Lookup, Machine
    from diagnostics.probing.targets import Target

CLOCK_WRONG: Final = 60.0
"""Seconds of skew from which the clock is named (contract of the check: HTTP `Date` is good to a second)."""


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One verdict code with the step it was read off, its failure, and bare facts (addresses, codes, names).

    Facts that take words are worded where they are shown.
    """

    code: str
    operation: str
    failure: str | None = None
    detail: str | Said = ""


_DNS: Final = (  # the most telling first; resolvers go on to the next server after all but the first two
    (failures.NXDOMAIN, "dns.nxdomain"),
    (failures.SERVFAIL, "dns.servfail"),
    (failures.DNS_REFUSED, "dns.refused"),
    (failures.DNS_WRONG_ID, "dns.malformed"),
    (failures.DNS_MISBEHAVING, "dns.malformed"),
    (failures.NO_ANSWER, "dns.nodata"),
    (failures.REFUSED, "dns.server_unreachable"),
    (failures.HOST_UNREACHABLE, "dns.server_unreachable"),
    (failures.NETWORK_UNREACHABLE, "dns.server_unreachable"),
    (failures.NETWORK_DOWN, "dns.server_unreachable"),
    (failures.TIMEOUT, "dns.timeout"),
    (failures.DNS_TEMPORARY, "dns.failed"),
    (failures.DNS_FATAL, "dns.failed"),
)
_TLS: Final = {
    failures.TIMEOUT: "tls.timeout",
    failures.RESET: "tls.reset",
    failures.ABORTED: "tls.reset",
    failures.EOF_ERROR: "tls.eof",
}
_HTTP: Final = {  # while waiting for the head of the answer
    failures.TIMEOUT: "http.timeout",
    failures.EOF_ERROR: "http.bad_reply",
    failures.HTTP_FAILED: "http.bad_reply",
    failures.RESET: "http.reset",
    failures.REFUSED: "tcp.refused",
    failures.HOST_UNREACHABLE: "tcp.unreachable",
    failures.TLS_NAME: "tls.cert_name",
    failures.TLS_UNKNOWN_CA: "tls.cert_untrusted",
    failures.TLS_CERTIFICATE: "tls.cert_invalid",
    failures.TLS_FAILED: "tls.failed",
}


def fact(name: str, **values: str | float | Said) -> Said:
    """Return a fact that takes words: `check.network.reachability.fact.<name>` in the locale files."""
    return Said(f"check.network.reachability.fact.{name}", {**values})


def lookups_failed(lookups: Iterable[Lookup], machine: Machine) -> Finding:
    """Return why a name got no address."""
    seen = list(lookups)
    system = next((one for one in seen if one.by == "system"), None)
    own = [one for one in seen if one.by == "nameserver"]
    if machine.nameservers == ():
        return Finding(code="dns.no_server", operation="resolve", failure=system.failure if system else None)
    words = {one.failure for one in own if one.failure}
    # an address of our own question does not explain the system's failure; without any, its word has to do
    if not words and system is not None and system.failure is not None:
        words = {system.failure}
    servers = ", ".join(dict.fromkeys(one.server for one in own))
    for failure, code in _DNS:
        if failure in words:
            return Finding(code=code, operation="resolve", failure=failure, detail=servers)
    told = system.failure if system is not None else None
    return Finding(code="dns.failed", operation="resolve", failure=told, detail=servers)


def forged(target: Target, attempt: Attempt, machine: Machine) -> Finding | None:
    """Return what the addresses themselves say: placeholders, bogons, the hosts file, or a second opinion."""
    addresses = system_addresses(attempt)
    if target.address is not None or not addresses:
        return None
    shown = ", ".join(addresses[:3])
    if target.host in machine.hosts and set(addresses) <= set(machine.hosts[target.host]):
        return Finding(code="dns.hosts_override", operation="resolve", detail=shown)
    kind = bogons.kind(addresses) if not _is_local(target.host) else ""
    if kind:
        code = "proxy.fake_ip" if kind == "fake_ip" else "dns.bogon"
        return Finding(code=code, operation="resolve", failure=failures.DNS_BOGON, detail=shown)
    second = [one for one in attempt.handshakes if one.role == "second"]
    if second and second[0].failure is None:
        return Finding(
            code="dns.hijacked",
            operation="resolve",
            failure=_first_failure(attempt),
            detail=f"{shown} / {second[0].address}",
        )
    return None


def system_addresses(attempt: Attempt) -> tuple[str, ...]:
    """Return the addresses that the system's resolver gave."""
    return tuple(address for one in attempt.lookups if one.by == "system" for address in one.addresses)


def _is_local(host: str) -> bool:
    return host == "localhost" or host.endswith((".localhost", ".local", ".lan", ".home.arpa", ".internal"))


def _first_failure(attempt: Attempt) -> str | None:
    words = [one.failure for one in attempt.connects if one.role == "main"]
    words += [one.failure for one in attempt.handshakes if one.role == "main"]
    return next((word for word in words if word), None)


def connects_failed(attempt: Attempt, machine: Machine) -> Finding:
    """Return why no address could be connected to."""
    main = [one for one in attempt.connects if one.role == "main"]
    if not main:
        return Finding(code="dns.nodata", operation="resolve", failure=failures.NO_ANSWER)
    if machine.route4 is False and machine.route6 is True and all(":" not in one.address for one in main):
        return _connect("ipv4.none", main)
    # a family without any route is no news where the other one failed for a reason
    telling = [one for one in main if one.failure != failures.NETWORK_UNREACHABLE] or main
    words = {one.failure for one in telling}
    if any(one.hint in ("prohibited", "local_prohibit") for one in telling):
        return _connect("tcp.prohibited", [one for one in telling if one.hint])
    if failures.REFUSED in words:
        return _connect("tcp.refused", telling, failures.REFUSED)
    if failures.HOST_UNREACHABLE in words:
        return _connect("tcp.unreachable", telling, failures.HOST_UNREACHABLE)
    if failures.NETWORK_DOWN in words:
        return _connect("link.down", telling)
    if words == {failures.NETWORK_UNREACHABLE}:
        six = ":" in telling[0].address
        routed = machine.route6 if six else machine.route4
        return _connect("tcp.unreachable" if routed else "route.none", telling)
    if failures.TIMEOUT in words:
        other = any(one.role == "other_port" and one.failure is None for one in attempt.connects)
        return _connect("tcp.port_filtered" if other else "tcp.timeout", telling, failures.TIMEOUT)
    return _connect("tcp.failed", telling)


def _connect(code: str, seen: list[Connect], failure: str | None = None) -> Finding:
    where = next((one for one in seen if failure is None or one.failure == failure), seen[0])
    return Finding(
        code=code,
        operation="connect",
        failure=where.failure,
        detail=f"{where.endpoint}, {where.duration_ms / 1000:.1f} s",
    )


def handshake_failed(attempt: Attempt, target: Target, machine: Machine, skew: float | None) -> tuple[Finding, ...]:
    """Return why TLS did not come about: one finding, or several where a certificate has several faults."""
    seen = next(one for one in reversed(attempt.handshakes) if one.role == "main")
    if seen.verify_code:
        return _certificate(seen, target, machine, skew)
    if seen.hint == "not_tls":
        return (_tls("tls.not_tls", seen),)
    if seen.hint.startswith("alert"):
        return (_tls("tls.alert", seen, fact("alert", alert=seen.hint.removeprefix("alert "))),)
    other = [one for one in attempt.handshakes if one.role == "other_name"]
    if other and (other[0].failure is None or other[0].hint.startswith("alert")):
        return (_tls("tls.sni_filtered", seen),)
    return (_tls(_TLS.get(seen.failure or "", "tls.failed"), seen),)


def _tls(code: str, seen: Handshake, detail: str | Said = "") -> Finding:
    return Finding(code=code, operation="tls", failure=seen.failure, detail=detail or seen.address)


def _certificate(seen: Handshake, target: Target, machine: Machine, skew: float | None) -> tuple[Finding, ...]:
    """Name every fault of a refused certificate; OpenSSL names only the first that it meets."""
    facts = seen.certificate
    codes: list[str] = []
    if seen.verify_code in failures.UNTRUSTED_CODES:
        codes.append("tls.cert_untrusted")
    ahead = seen.date_skew_s if seen.date_skew_s is not None else skew
    early = seen.verify_code == failures.NOT_YET_VALID_CODE or (facts is not None and machine.now < facts.not_before)
    late = seen.verify_code == failures.EXPIRED_CODE or (facts is not None and machine.now > facts.not_after)
    if early or late:
        right = machine.now + (ahead or 0.0)
        ours = facts is not None and abs(ahead or 0.0) >= CLOCK_WRONG and facts.not_before <= right <= facts.not_after
        codes.append("clock.skewed" if ours else "tls.cert_expired" if late else "tls.cert_not_yet_valid")
    if seen.verify_code in failures.NAME_CODES or (
        facts is not None and facts.names and not certificate.covers(facts, target.host)
    ):
        codes.append("tls.cert_name")
    unread = fact("verify_code", code=seen.verify_code)
    detail = unread if facts is None else f"{facts.subject} / {facts.issuer}"
    return tuple(_tls(code, seen, detail) for code in codes or ["tls.cert_invalid"])


def exchange_failed(attempt: Attempt, target: Target) -> Finding | None:
    """Return what is wrong with the last HTTP answer, or None where it is what a reachable host gives."""
    last = attempt.exchanges[-1]

    def found(code: str, detail: str | Said = "") -> Finding:
        return Finding(code=code, operation="http", failure=last.failure, detail=detail or last.url)

    if last.hint == "captive_api" or last.status == 511 or last.hint == "foreign":
        return found("portal.http", last.portal_url or last.location)
    if last.hint in ("loop", "too_many"):
        return found("http.redirect_loop", last.location)
    if last.hint in ("downgrade", "bad_location"):
        return found("http.downgrade" if last.hint == "downgrade" else "http.bad_redirect", last.location)
    if last.failure is not None:
        broken = fact(f"http.{last.hint}") if last.hint else ""
        if last.phase == "request":
            return found(_HTTP.get(last.failure, "http.failed"), broken)
        return found("http.slow_body" if last.failure == failures.TIMEOUT else "http.broken_body", broken)
    if last.expected is False:
        code = "portal.http" if last.url.startswith("http:") else "http.unexpected"
        return found(code, last.location or fact("status", status=last.status))
    return _status(last.status, last.retry_after, target, expected=last.expected)


def _status(status: int, retry_after: str, target: Target, *, expected: bool | None) -> Finding | None:
    if expected or status == 407:
        return None
    word, detail = failures.HTTP_STATUS, fact("status", status=status)
    if status == 429:
        detail = fact("status_after", status=status, after=retry_after) if retry_after else detail
        return Finding(code="http.throttled", operation="http", failure=word, detail=detail)
    if status >= 500:
        return Finding(code="http.server_error", operation="http", failure=word, detail=detail)
    # a host of ours that proved itself by TLS is reached, whatever it thinks of the start page being asked for
    if status in (403, 451) and not (target.public and target.encrypted):
        return Finding(code="http.denied", operation="http", failure=word, detail=detail)
    return None


def proxy_failed(attempt: Attempt) -> Finding | None:
    """Return what is wrong with the proxy, or None where it did its work."""
    seen = attempt.proxy
    if seen is None or seen.operation == "ok":
        return None
    codes = {
        "config": "proxy.config",
        "support": "proxy.unsupported",
        "resolve": "proxy.dns",
        "connect": "proxy.unreachable",
    }
    code = codes.get(seen.operation)
    if code is None:
        code = "proxy.auth" if seen.status == 407 else "proxy.refused" if seen.status else "proxy.unreachable"
    detail = fact("proxy_status", url=seen.url, status=seen.status) if seen.status else seen.url
    return Finding(code=code, operation="proxy", failure=seen.failure, detail=detail)
