"""Why a target was not reached: one table for each step, read off its attempts. Pure: no clock, no network."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Final, TypeVar

import msgspec

from diagnostics.i18n import Message
from diagnostics.network import failures, tls
from diagnostics.network.measurements import Connect, Handshake, Lookup, TargetMeasurement
from diagnostics.network.targets import parse_target

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from diagnostics.network.measurements import Attempt, Exchange, LocalNetwork, Role, Step
    from diagnostics.network.targets import Target

_Step = TypeVar("_Step", Lookup, Connect, Handshake)

CLOCK_WRONG: Final = 60.0
"""Seconds of skew from which the clock is named (HTTP `Date` is good to a second)."""
DEAD_MS: Final = 1000.0
"""An address that said nothing for less than this, while another answered, is not called dead."""


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """A verdict code with the step it was read off, its failure, and bare facts (addresses, codes, names)."""

    code: str
    operation: str
    failure: str | None = None
    detail: str | Message = ""


class TargetDiagnosis(msgspec.Struct, frozen=True, kw_only=True):
    """A target: `reached` is None where the time was up too early to tell; the first finding decides.

    `healed` is what was wrong before it went well.
    """

    seen: TargetMeasurement
    reached: bool | None
    findings: tuple[Finding, ...] = ()
    healed: Finding | None = None

    @property
    def target(self) -> Target:
        """The target itself."""
        return self.seen.target

    @property
    def first(self) -> str:
        """The code that decides, or an empty string."""
        return self.findings[0].code if self.findings else ""

    @property
    def by_proxy(self) -> bool:
        """Whether only this computer's own proxy leads there: other devices do not take that way."""
        attempts = self.seen.attempts
        placed = bool(attempts) and address_kind(system_addresses(attempts[-1])) == "fake_ip"
        return placed or any(attempt.proxy is not None for attempt in attempts)


_FAKE: Final = tuple(ipaddress.ip_network(text) for text in ("198.18.0.0/15", "fdfe:dcba:9876::/48"))
"""Handed out by local proxies in "fake-IP" mode: the benchmarking range (RFC 2544), and one prefix in common use."""
_BOGONS: Final = tuple(  # RFC 6890; the documentation ranges are left out: the fault laboratory lives there
    ipaddress.ip_network(text)
    for text in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
        "192.0.0.0/24", "192.168.0.0/16", "224.0.0.0/3", "::/128", "::1/128", "fc00::/7", "fe80::/10", "ff00::/8",
    )
)  # fmt: skip
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
    failures.ABORTED: "http.reset",
    failures.TLS_FAILED: "tls.failed",
}
_HINTS: Final = {  # what the exchange itself says
    "captive_api": "portal.http",
    "foreign": "portal.http",
    "loop": "http.redirect_loop",
    "too_many": "http.redirect_loop",
    "downgrade": "http.downgrade",
    "bad_location": "http.bad_redirect",
}
_PROXY: Final = {
    "config": "proxy.config",
    "support": "proxy.unsupported",
    "resolve": "proxy.dns",
    "connect": "proxy.unreachable",
}
_TRANSIENT: Final = frozenset(
    {
        failures.TIMEOUT, failures.REFUSED, failures.RESET, failures.ABORTED, failures.EOF_ERROR,
        failures.HOST_UNREACHABLE, failures.TLS_FAILED, failures.HTTP_FAILED, failures.NETWORK_UNREACHABLE,
    }
)  # fmt: skip
_DNS_TRANSIENT: Final = frozenset({failures.SERVFAIL, failures.DNS_TEMPORARY, failures.DNS_REFUSED, failures.TIMEOUT})
_OVERRIDES: Final = ("proxy.fake_ip", "dns.hosts_override")
_CONTENT: Final = ("tls.cert_expired", "tls.cert_not_yet_valid", "clock.skewed", "http.")
"""What a host said of itself: no placeholder address and no line of a hosts file explains that."""


def fact(name: str, **values: str | float | Message) -> Message:
    """Return a fact that takes words: `check.network.reachability.fact.<name>` in the locale files."""
    return Message(f"check.network.reachability.fact.{name}", {**values})


def diagnose_target(seen: TargetMeasurement, machine: LocalNetwork, skew: float | None) -> TargetDiagnosis:
    """Judge one target by the attempt that came furthest; `skew` is what all targets say of our clock."""
    told = [one for one in seen.attempts if one.lookups or one.connects or one.exchanges or one.proxy]
    results = [_attempt(seen.target, one, machine, skew) for one in told]
    if results and results[-1][0]:
        wrong = next((one[1][0] for one in results[:-1] if one[1]), None)
        return TargetDiagnosis(seen=seen, reached=True, findings=tuple(results[-1][1]), healed=wrong)
    failed = [at for at, (reached, _) in enumerate(results) if reached is False]
    if not failed:
        return TargetDiagnosis(seen=seen, reached=None, findings=tuple(results[-1][1]) if results else ())
    furthest = max(failed, key=lambda at: (_distance(told[at]), at))
    return TargetDiagnosis(seen=seen, reached=False, findings=tuple(results[furthest][1]))


def _distance(attempt: Attempt) -> int:
    """Return how far an attempt came: names, connection, encryption, page."""
    steps = (attempt.exchanges, _main(attempt.handshakes), _main(attempt.connects))
    return next((3 - at for at, step in enumerate(steps) if step), 0)


def _main(steps: Sequence[_Step], role: Role = "main") -> list[_Step]:
    return [one for one in steps if one.role == role]


def worth_repeating(attempt: Attempt) -> bool:
    """Whether a failed attempt may heal: nothing was said that holds, like a name that does not exist."""
    if attempt.proxy is not None and attempt.proxy.failure is not None:
        return attempt.proxy.operation == "connect"
    if attempt.exchanges:
        last = attempt.exchanges[-1]
        return last.failure in _TRANSIENT or last.status in (500, 502, 503, 504)
    if shaken := _main(attempt.handshakes):
        return shaken[-1].failure in _TRANSIENT and shaken[-1].hint != "not_tls"
    if connects := _main(attempt.connects):
        return all(one.failure in _TRANSIENT for one in connects)
    words = {one.failure for one in attempt.lookups}
    return bool(words & _DNS_TRANSIENT) and failures.NETWORK_UNREACHABLE not in words


def _attempt(
    target: Target, attempt: Attempt, machine: LocalNetwork, skew: float | None
) -> tuple[bool | None, list[Finding]]:
    """Return whether this attempt reached the target, and its findings, the cause first."""
    failed = _failed(target, attempt, machine, skew)
    if failed and _cut_off(attempt):
        return None, failed
    # plain facts about the addresses explain a failure, and are worth a word even without one
    forged = _forged(target, attempt, machine)
    warnings = _dead_addresses(attempt, machine)
    if failed and failed[0].code != "http.downgrade":
        behind = forged is not None and forged.code in _OVERRIDES and failed[0].code.startswith(_CONTENT)
        both = [forged] if forged is not None else []
        return False, [*failed, *both, *warnings] if behind else [*both, *failed, *warnings]
    if forged is not None and forged.code not in _OVERRIDES:
        forged = None  # the host proved itself there: split horizon, not forgery
    if attempt.unfinished is not None and not _complete(target, attempt):
        return None, []
    return True, [*failed, *([forged] if forged else []), *warnings]


def _failed(target: Target, attempt: Attempt, machine: LocalNetwork, skew: float | None) -> list[Finding]:
    if attempt.proxy is not None and attempt.proxy.operation != "ok":
        return [_proxy(attempt)]
    found = _way(target, attempt, machine, skew, "main")
    if not found and attempt.exchanges:
        found = _exchange(target, attempt, machine, skew)
    if found and attempt.proxy is not None:
        found = _through(target, attempt, found)
    return found


def _way(target: Target, attempt: Attempt, machine: LocalNetwork, skew: float | None, role: Role) -> list[Finding]:
    """Return why there is no connection, or no encryption on it; `role` tells the target from a redirect's."""
    since = attempt.exchanges[-1].started_ms if role == "redirect" else 0.0
    looked = [one for one in _main(attempt.lookups, role) if one.started_ms >= since]
    connects = [one for one in _main(attempt.connects, role) if one.started_ms >= since]
    shaken = [one for one in _main(attempt.handshakes, role) if one.started_ms >= since]
    if looked and not connects:
        return [_lookups(looked, machine)]
    if connects and not any(one.failure is None for one in connects):
        return [_connects(connects, attempt, machine)]
    if shaken and shaken[-1].failure is not None:
        return _handshake(shaken[-1], target, attempt, machine, skew)
    return []


def _cut_off(attempt: Attempt) -> bool:
    """Whether the end of the whole, not a step's own limit, ended this attempt before it could tell anything."""
    if attempt.unfinished is None:
        return False
    steps: list[Step] = [*attempt.lookups, *attempt.connects, *attempt.handshakes, *attempt.exchanges]
    last = max(steps, key=lambda one: one.started_ms, default=None)
    return (
        last is None
        or last.failure == failures.INTERRUPTED
        or (last.failure == failures.TIMEOUT and last.duration_ms < DEAD_MS)
    )


def _complete(target: Target, attempt: Attempt) -> bool:
    if target.speaks_http:
        return bool(attempt.exchanges)
    return bool(attempt.handshakes if target.encrypted else attempt.connects)


def _proxy(attempt: Attempt) -> Finding:
    """Return what is wrong with the proxy itself."""
    seen = attempt.proxy
    assert seen is not None  # noqa: S101 - asked by the only caller
    code = _PROXY.get(seen.operation)
    if code is None:
        code = "proxy.auth" if seen.status == 407 else "proxy.refused" if seen.status else "proxy.unreachable"
    detail = fact("proxy_status", url=seen.url, status=seen.status) if seen.status else seen.url
    return Finding(code=code, operation="proxy", failure=seen.failure, detail=detail)


def _through(target: Target, attempt: Attempt, found: list[Finding]) -> list[Finding]:
    """Put what a proxy said in the target's place on the proxy: its own pages, and its answer that is no TLS."""
    seen, last = attempt.proxy, attempt.exchanges[-1] if attempt.exchanges else None
    its_page = not target.encrypted and last is not None and found[0].operation == "http"
    if seen is None or not (its_page or found[0].code == "tls.not_tls"):
        return found
    status = last.status if last is not None else 0
    silent = found[0].failure == failures.TIMEOUT
    detail = fact("proxy_status", url=seen.url, status=status) if status else seen.url
    code = "proxy.unreachable" if silent and not status else "proxy.refused"
    return [Finding(code=code, operation="proxy", failure=found[0].failure, detail=detail)]


def _lookups(looked: Iterable[Lookup], machine: LocalNetwork) -> Finding:
    """Return why a name got no address that can be used."""
    seen = list(looked)
    system = next((one for one in reversed(seen) if one.by == "system"), None)
    told = system.failure if system is not None else None
    if told is None and system is not None and system.addresses:
        return Finding(code="dns.nodata", operation="resolve", failure=failures.NO_ANSWER)
    if machine.nameservers == ():
        return Finding(code="dns.no_server", operation="resolve", failure=told)
    own = [one for one in seen if one.by == "nameserver"]
    # an address of our own question does not explain the system's failure; without any, its word has to do
    answered = any(one.addresses for one in own)
    words: set[str | None] = {one.failure for one in own if one.failure and not answered} or {told}
    servers = ", ".join(dict.fromkeys(one.server for one in own))
    for failure, code in _DNS:
        if failure in words:
            return Finding(code=code, operation="resolve", failure=failure, detail=servers)
    return Finding(code="dns.failed", operation="resolve", failure=told, detail=servers)


def _forged(target: Target, attempt: Attempt, machine: LocalNetwork) -> Finding | None:
    """Return what the addresses themselves say: placeholders, bogons, the hosts file, or a second opinion."""
    addresses = system_addresses(attempt)
    if target.address is not None or not addresses:
        return None
    shown = ", ".join(addresses[:3])
    if target.host in machine.hosts and set(addresses) <= set(machine.hosts[target.host]):
        return Finding(code="dns.hosts_override", operation="resolve", detail=shown)
    kind = "" if _is_local(target.host) else address_kind(addresses)
    if kind:
        code = "proxy.fake_ip" if kind == "fake_ip" else "dns.bogon"
        return Finding(code=code, operation="resolve", failure=failures.DNS_BOGON, detail=shown)
    second = next((one for one in attempt.handshakes if one.role == "second"), None)
    if second is not None and second.failure is None:
        steps: list[Step] = [*_main(attempt.connects), *_main(attempt.handshakes)]
        words = [one.failure for one in steps if one.failure]
        shown = f"{shown} / {second.address}"
        return Finding(code="dns.hijacked", operation="resolve", failure=words[0] if words else None, detail=shown)
    return None


def system_addresses(attempt: Attempt) -> tuple[str, ...]:
    """Return the addresses that the system's resolver gave for the target itself."""
    looked = _main(attempt.lookups)
    return tuple(address for one in looked if one.by == "system" for address in one.addresses)


def address_kind(addresses: Iterable[str]) -> str:
    """Return what all these addresses are: `fake_ip`, `bogon` (no public host has it), or nothing (one is neither)."""
    kinds = set()
    for address in addresses:
        ip = ipaddress.ip_address(address.partition("%")[0])
        fake, bogon = (any(ip in net for net in nets if net.version == ip.version) for nets in (_FAKE, _BOGONS))
        kinds.add("fake_ip" if fake else "bogon" if bogon else "")
    if not kinds or "" in kinds:
        return ""
    return "fake_ip" if kinds == {"fake_ip"} else "bogon"


def _is_local(host: str) -> bool:
    return host == "localhost" or host.endswith((".localhost", ".local", ".lan", ".home.arpa", ".internal"))


def _connects(seen: list[Connect], attempt: Attempt, machine: LocalNetwork) -> Finding:
    """Return why no address could be connected to."""
    if machine.route4 is False and machine.route6 is True and all(":" not in one.address for one in seen):
        return _connect("ipv4.none", seen[0])
    # a family without any route is no news where the other one failed for a reason
    telling = [one for one in seen if one.failure != failures.NETWORK_UNREACHABLE] or seen
    by_word = {one.failure: one for one in reversed(telling)}
    forbidden = [one for one in telling if one.hint in ("prohibited", "local_prohibit")]
    if forbidden:
        return _connect("tcp.prohibited", forbidden[0])
    routed = machine.route6 if ":" in telling[0].address else machine.route4
    other = any(one.role == "other_port" and one.failure is None for one in attempt.connects)
    for failure, code in (
        (failures.REFUSED, "tcp.refused"),
        (failures.HOST_UNREACHABLE, "tcp.unreachable"),
        (failures.NETWORK_DOWN, "link.down"),
        (failures.NETWORK_UNREACHABLE, "tcp.unreachable" if routed else "route.none"),
        (failures.TIMEOUT, "tcp.port_filtered" if other else "tcp.timeout"),
    ):
        if failure in by_word:
            return _connect(code, by_word[failure])
    return _connect("tcp.failed", telling[0])


def _connect(code: str, one: Connect) -> Finding:
    detail = f"{one.endpoint}, {one.duration_ms / 1000:.1f} s"
    return Finding(code=code, operation="connect", failure=one.failure, detail=detail)


def _dead_addresses(attempt: Attempt, machine: LocalNetwork) -> list[Finding]:
    """Return what the addresses that did not answer say, where another one did."""
    main = _main(attempt.connects)
    good = [one for one in main if one.failure is None]
    if not good:
        return []
    patience = max(DEAD_MS, 1.5 * min(one.duration_ms for one in good))
    dead = [one for one in main if one.failure and (one.failure != failures.TIMEOUT or one.duration_ms >= patience)]
    # a family that is simply not there is no fault, and nothing that anybody waits for
    dead = [one for one in dead if one.failure != failures.NETWORK_UNREACHABLE or _routed(one, machine)]
    families = {":" in one.address for one in good}
    found: list[Finding] = []
    for one in dead:
        code = "tcp.partial" if (":" in one.address) in families else "ipv6.broken" if ":" in one.address else ""
        if code and code not in {other.code for other in found}:
            found.append(Finding(code=code, operation="connect", failure=one.failure, detail=one.endpoint))
    if machine.route4 is False and families == {True} and all(one.address != "::1" for one in good):
        found.append(Finding(code="ipv4.none", operation="connect"))
    return found


def _routed(one: Connect, machine: LocalNetwork) -> bool:
    return bool(machine.route6 if ":" in one.address else machine.route4)


def _handshake(
    seen: Handshake, target: Target, attempt: Attempt, machine: LocalNetwork, skew: float | None
) -> list[Finding]:
    """Return why TLS did not come about: one finding, or several where a certificate has several faults."""
    if seen.verify_code:
        return _certificate(seen, target, machine, skew)
    other = next((one for one in attempt.handshakes if one.role == "other_name"), None)
    if seen.hint == "not_tls":
        return [_tls("tls.not_tls", seen)]
    if seen.hint.startswith("alert"):
        return [_tls("tls.alert", seen, fact("alert", alert=seen.hint.removeprefix("alert ")))]
    if other is not None and (other.failure is None or other.hint.startswith("alert")):
        return [_tls("tls.sni_filtered", seen)]
    return [_tls(_TLS.get(seen.failure or "", "tls.failed"), seen)]


def _tls(code: str, seen: Handshake, detail: str | Message = "") -> Finding:
    return Finding(code=code, operation="tls", failure=seen.failure, detail=detail or seen.address)


def _certificate(seen: Handshake, target: Target, machine: LocalNetwork, skew: float | None) -> list[Finding]:
    """Name every fault of a refused certificate; OpenSSL names only the first that it meets."""
    facts = seen.certificate
    codes = ["tls.cert_untrusted"] if seen.verify_code in failures.UNTRUSTED_CODES else []
    ahead = (seen.date_skew_s if seen.date_skew_s is not None else skew) or 0.0
    early = seen.verify_code == failures.NOT_YET_VALID_CODE or (facts is not None and machine.now < facts.not_before)
    late = seen.verify_code == failures.EXPIRED_CODE or (facts is not None and machine.now > facts.not_after)
    if early or late:
        good_then = facts is not None and facts.not_before <= machine.now + ahead <= facts.not_after
        ours = good_then and abs(ahead) >= CLOCK_WRONG
        codes.append("clock.skewed" if ours else "tls.cert_expired" if late else "tls.cert_not_yet_valid")
    if seen.verify_code in failures.NAME_CODES or (facts is not None and not tls.covers(facts, target.host)):
        codes.append("tls.cert_name")
    unread = fact("verify_code", code=seen.verify_code)
    detail = unread if facts is None else f"{facts.subject} / {facts.issuer}"
    return [_tls(code, seen, detail) for code in codes or ["tls.cert_invalid"]]


def _exchange(target: Target, attempt: Attempt, machine: LocalNetwork, skew: float | None) -> list[Finding]:
    """Return what is wrong with the last HTTP answer; nothing where it is what a reachable host gives."""
    last = attempt.exchanges[-1]
    if last.failure is not None and len(attempt.exchanges) > 1 and last.phase == "request":
        onward = _way(parse_target(last.url), attempt, machine, skew, "redirect")
        if onward:
            return [msgspec.structs.replace(one, detail=_redirected(last, one)) for one in onward]
    code, detail = _answer(last, target)
    if not code:
        return []
    status = failures.HTTP_STATUS if code in ("http.throttled", "http.server_error", "http.denied") else None
    return [Finding(code=code, operation="http", failure=last.failure or status, detail=detail or last.url)]


def _redirected(last: Exchange, one: Finding) -> Message:
    return fact("redirect", url=last.url, facts=one.detail)


def _answer(last: Exchange, target: Target) -> tuple[str, str | Message]:
    """Return code and facts of an answer, no code where nothing is wrong with it."""
    status, code = fact("status", status=last.status), _HINTS.get(last.hint, "")
    broken = fact(f"http.{last.hint}") if last.hint else ""
    if code or last.status == 511:
        return code or "portal.http", last.portal_url or last.location or status
    if last.failure is not None and last.phase == "request":
        return _HTTP.get(last.failure, "http.failed"), broken
    if last.failure is not None:
        return "http.slow_body" if last.failure == failures.TIMEOUT else "http.broken_body", broken
    if last.expected is False:
        return "portal.http" if last.url.startswith("http:") else "http.unexpected", last.location or status
    if last.expected or last.status == 407:
        return "", ""
    if last.status == 429:
        after = last.retry_after
        return "http.throttled", fact("status_after", status=429, after=after) if after else status
    # a host of ours that proved itself by TLS is reached, whatever it thinks of the start page being asked for
    if last.status in (403, 451) and not (target.public and target.encrypted):
        return "http.denied", status
    return ("http.server_error", status) if last.status >= 500 else ("", "")
