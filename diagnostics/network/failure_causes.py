"""Why a target was not reached, judged from its attempts. Pure functions."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Final

import msgspec

from diagnostics.i18n import Message
from diagnostics.network import failures, tls
from diagnostics.network.measurements import TargetMeasurement
from diagnostics.network.targets import parse_target
from diagnostics.network.verdicts import networks, signs

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from diagnostics.network.measurements import Attempt, Connect, Exchange, Handshake, LocalNetwork, ProxyUse, Step
    from diagnostics.network.targets import Target

CLOCK_WRONG: Final = 60.0
"""Seconds of clock skew from which it is reported (HTTP `Date` has a precision of a second)."""
DEAD_MS: Final = 1000.0
"""Milliseconds of silence from which an address is called dead while another answers."""


class Finding(msgspec.Struct, frozen=True):
    """A verdict code with the step it was read off, its failure, and bare facts (addresses, codes, names)."""

    code: str
    operation: str
    failure: str | None = None
    detail: str | Message = ""


class TargetDiagnosis(TargetMeasurement, frozen=True, kw_only=True):
    """The diagnosis of a target: `reached` is None if the time was too short; the first finding decides.

    `healed` is the finding of an earlier attempt, if a later one succeeded.
    """

    reached: bool | None
    findings: tuple[Finding, ...] = ()
    healed: Finding | None = None

    @property
    def first(self) -> str:
        """The code that decides, or an empty string."""
        return self.findings[0].code if self.findings else ""

    @property
    def codes(self) -> set[str]:
        """The codes of all findings."""
        return {finding.code for finding in self.findings}

    @property
    def by_proxy(self) -> bool:
        """Whether only this computer's own proxy leads there: other devices do not take that way."""
        placed = bool(self.attempts) and address_kind(addresses_used(self.attempts[-1])) == "fake_ip"
        return placed or any(attempt.proxy is not None for attempt in self.attempts)


def fact(name: str, **values: str | float | Message) -> Message:
    """Return a fact as a message: `check.network.reachability.fact.<name>` in the locale files."""
    return Message(f"check.network.reachability.fact.{name}", {**values})


def _finding(code: str, operation: str, step: Step, detail: str | Message) -> Finding:
    return Finding(code, operation, failure=step.failure, detail=detail)


def _decisive(step: str, words: Collection[str | None]) -> tuple[str, str]:
    """Return the failure or hint that decides a step, and its verdict code."""
    rows = signs().causes[step]
    return next(((word, code) for word, code in rows.items() if word in words), ("", rows.get("other", "")))


def diagnose_target(seen: TargetMeasurement, machine: LocalNetwork, skew: float | None) -> TargetDiagnosis:
    """Diagnose one target by the attempt that came furthest; `skew` is the clock skew over all targets."""
    attempts = [attempt for attempt in seen.attempts if attempt.steps or attempt.proxy]
    results = [_AttemptReader(seen.target, attempt, machine, skew).result() for attempt in attempts]
    failed = [at for at, (reached, _) in enumerate(results) if reached is False]
    reached, findings, healed = None, results[-1][1] if results else [], None
    if results and results[-1][0]:
        reached, healed = True, next((early[0] for _, early in results[:-1] if early), None)
    elif failed:  # of two that came as far, silence says less
        silent = failures.TIMEOUT
        far = max(failed, key=lambda at: (_distance(attempts[at]), results[at][1][0].failure != silent, at))
        reached, findings = results[far]
    measured = {name: getattr(seen, name) for name in TargetMeasurement.__struct_fields__}
    return TargetDiagnosis(**measured, reached=reached, findings=tuple(findings), healed=healed)


def _distance(attempt: Attempt) -> int:
    """Return how far an attempt came: names, connection, encryption, page."""
    main = attempt.only("main")
    return next((3 - at for at, step in enumerate((main.exchanges, main.handshakes, main.connects)) if step), 0)


def worth_repeating(attempt: Attempt) -> bool:
    """Whether a failed attempt is worth repeating: its failure is transient."""
    main, transient = attempt.only("main"), signs().transient
    if attempt.proxy is not None and attempt.proxy.failure is not None:
        return attempt.proxy.operation == "connect"
    if main.exchanges:
        last = main.exchanges[-1]
        return last.failure in transient or last.status in (500, 502, 503, 504)
    if main.handshakes:
        return main.handshakes[-1].failure in transient and main.handshakes[-1].hint != "not_tls"
    if main.connects:
        return all(step.failure in transient for step in main.connects)
    words = {step.failure for step in attempt.lookups}
    return bool(words & signs().dns_transient) and failures.NETWORK_UNREACHABLE not in words


def addresses_used(attempt: Attempt) -> tuple[str, ...]:
    """Return the addresses used for the target: the system's, or our own if the system timed out."""
    named: dict[str, tuple[str, ...]] = {}
    for step in attempt.only("main").lookups:
        named[step.by] = (*named.get(step.by, ()), *step.addresses)
    return named.get("system") or named.get("nameserver", ())


def address_kind(addresses: Iterable[str]) -> str:
    """Return what all these addresses are: `fake_ip`, `bogon` (no public host has it), or nothing (one is neither)."""
    kinds = {
        next((kind for kind in ("fake_ip", "bogon") if any(ip in net for net in networks(kind))), "")
        for ip in map(_parse_address, addresses)
    }
    return "" if not kinds or "" in kinds else "fake_ip" if kinds == {"fake_ip"} else "bogon"


def is_nowhere(address: str) -> bool:
    """Whether an address leads to this computer itself, or to no computer at all."""
    return bool(address) and ((ip := _parse_address(address)).is_unspecified or ip.is_loopback)


def _parse_address(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """Return an address without its zone; one of IPv4 that is written as IPv6 as what it is."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    return (ip.ipv4_mapped or ip) if isinstance(ip, ipaddress.IPv6Address) else ip


class _AttemptReader:
    """Reads one attempt on a target; `main` are its steps towards the target itself."""

    def __init__(self, target: Target, attempt: Attempt, machine: LocalNetwork, skew: float | None) -> None:
        self._target, self._attempt, self._machine, self._skew = target, attempt, machine, skew
        self._main = attempt.only("main")
        met = [step.duration_ms for step in self._main.connects if step.failure is None]
        self._patience = max(DEAD_MS, 1.5 * min(met, default=0.0))
        """Milliseconds after which silence means something: more on a slow line."""

    def result(self) -> tuple[bool | None, list[Finding]]:
        """Return whether this attempt reached the target, and its findings, the cause first."""
        failed = self._attributed_to_proxy(self._faults())
        if failed and self._is_cut_off():
            return None, failed
        # plain facts about the addresses explain a failure, and are worth a word even without one
        forged, warnings, overrides = self._forged(), self._silent_addresses(), signs().codes["overrides"]
        if failed and failed[0].code != "http.downgrade":
            behind = bool(forged) and forged[0].code in overrides and failed[0].code in signs().codes["content"]
            return False, [*failed, *forged, *warnings] if behind else [*forged, *failed, *warnings]
        last = "exchanges" if self._target.speaks_http else "handshakes" if self._target.encrypted else "connects"
        if self._attempt.unfinished is not None and not getattr(self._attempt, last):
            return None, []
        # the host proved itself there: split horizon, not forgery
        return True, [*failed, *(finding for finding in forged if finding.code in overrides), *warnings]

    def _is_cut_off(self) -> bool:
        """Whether the deadline, not a step's own timeout, ended this attempt before it could tell anything."""
        last = max(self._attempt.steps, key=lambda step: step.started_ms, default=None)
        brief = last is not None and last.failure == failures.TIMEOUT and last.duration_ms < self._patience
        return self._attempt.unfinished is not None and (last is None or last.failure == failures.INTERRUPTED or brief)

    def _faults(self) -> list[Finding]:
        via, exchanges = self._attempt.proxy, self._attempt.exchanges
        if via is not None and via.operation != "ok":
            of_status = "proxy.auth" if via.status == 407 else "proxy.refused" if via.status else "proxy.unreachable"
            return [_of_proxy(signs().causes["proxy"].get(via.operation, of_status), via, via.status, via.failure)]
        findings = self._way_faults(self._main, self._target)
        if findings or not exchanges:
            return findings
        last = exchanges[-1]
        if last.failure is not None and len(exchanges) > 1 and last.phase == "request":
            away = self._way_faults(self._attempt.only("redirect", last.started_ms), parse_target(last.url))
            if away:
                return [msgspec.structs.replace(finding, detail=fact("redirect", url=last.url, facts=finding.detail))
                        for finding in away]  # fmt: skip
        code, detail = _judge_answer(last, self._target)
        status = failures.HTTP_STATUS if code in ("http.throttled", "http.server_error", "http.denied") else None
        return [Finding(code, "http", failure=last.failure or status, detail=detail or last.url)] if code else []

    def _way_faults(self, steps: Attempt, aim: Target) -> list[Finding]:
        """Return why there is no connection to `aim`, or no encryption on it."""
        if steps.lookups and not steps.connects:
            return [self._lookup_fault(steps)]
        if steps.connects and all(step.failure is not None for step in steps.connects):
            return [self._tcp_fault(steps)]
        if steps.handshakes and steps.handshakes[-1].failure is not None:
            return self._tls_faults(steps.handshakes[-1], aim)
        return []

    def _attributed_to_proxy(self, findings: list[Finding]) -> list[Finding]:
        """Attribute what a proxy answered in the target's place to the proxy."""
        via, last = self._attempt.proxy, next(iter(self._attempt.exchanges[-1:]), None)
        if via is None or not findings or findings[0].operation == "proxy":
            return findings
        its_page = not self._target.encrypted and last is not None and findings[0].operation == "http"
        if not its_page and findings[0].code != "tls.not_tls":
            return findings
        status, failure = last.status if last is not None else 0, findings[0].failure
        code = "proxy.unreachable" if failure == failures.TIMEOUT and not status else "proxy.refused"
        return [_of_proxy(code, via, status, failure)]

    # names

    def _lookup_fault(self, steps: Attempt) -> Finding:
        """Return why a name got no address that can be used."""
        system = next((step for step in reversed(steps.lookups) if step.by == "system"), None)
        word = system.failure if system is not None else None
        if word is None and system is not None and system.addresses:
            return Finding("dns.nodata", "resolve", failure=failures.NO_ANSWER)
        if self._machine.nameservers == ():
            return Finding("dns.no_server", "resolve", failure=word)
        own = [step for step in steps.lookups if step.by == "nameserver"]
        # an address of our own question does not explain the system's failure; without any, its word has to do
        answered = any(step.addresses for step in own)
        decisive, code = _decisive("resolve", {step.failure for step in own if step.failure and not answered} or {word})
        servers = ", ".join(dict.fromkeys(step.server for step in own))
        return Finding(code, "resolve", failure=decisive or word, detail=servers)

    def _forged(self) -> list[Finding]:
        """Return what the addresses themselves say: placeholders, bogons, the hosts file, or a second opinion."""
        addresses, host, main = addresses_used(self._attempt), self._target.host, self._main
        if self._target.address is not None or not addresses:
            return []
        shown = ", ".join(addresses[:3])
        if host in self._machine.hosts and set(addresses) <= set(self._machine.hosts[host]):
            return [Finding("dns.hosts_override", "resolve", detail=shown)]
        local = host == "localhost" or host.endswith((".localhost", ".local", ".lan", ".home.arpa", ".internal"))
        if kind := "" if local else address_kind(addresses):
            code = "proxy.fake_ip" if kind == "fake_ip" else "dns.bogon"
            return [Finding(code, "resolve", failure=failures.DNS_BOGON, detail=shown)]
        second = next(iter(self._attempt.only("second").handshakes), None)
        if second is None or second.failure is not None:
            return []
        word = next((step.failure for step in (*main.connects, *main.handshakes) if step.failure), None)
        return [Finding("dns.hijacked", "resolve", failure=word, detail=f"{shown} / {second.address}")]

    # connections

    def _tcp_fault(self, steps: Attempt) -> Finding:
        """Return why no address could be connected to."""
        machine = self._machine
        # a family without any route is no news where the other one failed for a reason
        telling = [step for step in steps.connects if step.failure != failures.NETWORK_UNREACHABLE] or steps.connects
        word, code = _decisive("connect", {hint for step in telling for hint in (step.hint, step.failure)} - {""})
        decisive = next(step for step in telling if word in ("", step.hint, step.failure))
        if code == "route.none" and self._is_routed(telling[0]):
            code = "tcp.unreachable"
        if code == "tcp.timeout" and any(step.failure is None for step in self._attempt.only("other_port").connects):
            code = "tcp.port_filtered"
        six_only = machine.route4 is False and machine.route6 is True
        if six_only and all(":" not in step.address for step in steps.connects):
            code, decisive = "ipv4.none", steps.connects[0]
        return _finding(code, "connect", decisive, f"{decisive.endpoint}, {decisive.duration_ms / 1000:.1f} s")

    def _silent_addresses(self) -> list[Finding]:
        """Return what the addresses that did not answer say, where another one did."""
        answered = {step.address for step in self._main.connects if step.failure is None}
        families = {":" in address for address in answered}
        findings: dict[str, Finding] = {}
        for step in (step for step in self._main.connects if answered and step.address not in answered):
            # a family that is simply not there is no fault, and nothing that anybody waits for
            absent = step.failure == failures.NETWORK_UNREACHABLE and not self._is_routed(step)
            six = ":" in step.address
            code = "tcp.partial" if six in families else "ipv6.broken" if six else ""
            if code and not absent and (step.failure != failures.TIMEOUT or step.duration_ms >= self._patience):
                findings.setdefault(code, _finding(code, "connect", step, step.endpoint))
        if self._machine.route4 is False and families == {True} and "::1" not in answered:
            findings["ipv4.none"] = Finding("ipv4.none", "connect")
        return list(findings.values())

    def _is_routed(self, step: Connect) -> bool:
        return bool(self._machine.route6 if ":" in step.address else self._machine.route4)

    # encryption

    def _tls_faults(self, seen: Handshake, aim: Target) -> list[Finding]:
        """Return why TLS did not come about: one finding, or several where a certificate has several faults."""
        if seen.verify_code:
            return self._certificate_faults(seen, aim)
        alert = seen.hint.removeprefix("alert ") if seen.hint.startswith("alert") else ""
        other = next(iter(self._attempt.only("other_name").handshakes), None)
        answers = other is not None and (other.failure is None or other.hint.startswith("alert"))
        hint = "alert" if alert else "other_name_answers" if answers and seen.hint != "not_tls" else seen.hint
        _, code = _decisive("tls", {hint, seen.failure})
        return [_finding(code, "tls", seen, fact("alert", alert=alert) if alert else seen.address)]

    def _certificate_faults(self, seen: Handshake, aim: Target) -> list[Finding]:
        """Name every fault of a refused certificate; OpenSSL names only the first that it meets."""
        facts, now, code = seen.certificate, self._machine.now, seen.verify_code
        ahead = (seen.date_skew_s if seen.date_skew_s is not None else self._skew) or 0.0
        early = code == failures.NOT_YET_VALID_CODE or (facts is not None and now < facts.not_before)
        late = code == failures.EXPIRED_CODE or (facts is not None and now > facts.not_after)
        good_then = facts is not None and facts.not_before <= now + ahead <= facts.not_after
        ours = (early or late) and good_then and abs(ahead) >= CLOCK_WRONG
        faults = {
            "tls.cert_untrusted": code in failures.UNTRUSTED_CODES,
            "clock.skewed": ours,
            "tls.cert_expired": late and not ours,
            "tls.cert_not_yet_valid": early and not late and not ours,
            "tls.cert_name": code in failures.NAME_CODES or (facts is not None and not tls.covers(facts, aim.host)),
        }
        detail = fact("verify_code", code=code) if facts is None else f"{facts.subject} / {facts.issuer}"
        codes = [code for code, holds in faults.items() if holds] or ["tls.cert_invalid"]
        return [_finding(code, "tls", seen, detail) for code in codes]


def _of_proxy(code: str, via: ProxyUse, status: int, failure: str | None) -> Finding:
    detail = fact("proxy_status", url=via.url, status=status) if status else via.url
    return Finding(code, "proxy", failure=failure, detail=detail)


def _judge_answer(last: Exchange, target: Target) -> tuple[str, str | Message]:
    """Return code and facts of an answer, no code where nothing is wrong with it."""
    status, after, (_, said) = fact("status", status=last.status), last.retry_after, _decisive("http", {last.hint})
    _, broken = _decisive("head" if last.phase == "request" else "body", {last.failure})
    rules: tuple[tuple[object, str, str | Message], ...] = (
        (said or last.status == 511, said or "portal.http", last.portal_url or last.location or status),
        (last.failure, broken, fact(f"http.{last.hint}") if last.hint else ""),
        (last.expected is False, "portal.http" if last.url.startswith("http:") else "http.unexpected",
         last.location or status),
        (last.expected or last.status == 407, "", ""),
        (last.status == 429, "http.throttled", fact("status_after", status=429, after=after) if after else status),
        # a host of ours that proved itself by TLS is reached, whatever it thinks of the start page being asked for
        (last.status in (403, 451) and not (target.public and target.encrypted), "http.denied", status),
        (last.status >= 500, "http.server_error", status),
    )  # fmt: skip
    return next(((code, detail) for holds, code, detail in rules if holds), ("", ""))
