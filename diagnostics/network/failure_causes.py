"""Why a target was not reached, read off its attempts. Pure: no clock, no network."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Final, TypeVar

import msgspec

from diagnostics.i18n import Message
from diagnostics.network import failures, tls
from diagnostics.network.measurements import Connect, Handshake, Lookup, TargetMeasurement
from diagnostics.network.targets import parse_target
from diagnostics.network.verdicts import networks, signs

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from diagnostics.network.measurements import Attempt, Exchange, LocalNetwork, Role, Step
    from diagnostics.network.targets import Target

_Step = TypeVar("_Step", Lookup, Connect, Handshake)

CLOCK_WRONG: Final = 60.0
"""Seconds of skew from which the clock is named (HTTP `Date` is good to a second)."""
DEAD_MS: Final = 1000.0
"""An address that said nothing for less than this, while another answered, is not called dead."""


class Finding(msgspec.Struct, frozen=True):
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
    def codes(self) -> set[str]:
        """The codes of all findings."""
        return {one.code for one in self.findings}

    @property
    def by_proxy(self) -> bool:
        """Whether only this computer's own proxy leads there: other devices do not take that way."""
        attempts = self.seen.attempts
        placed = bool(attempts) and address_kind(addresses_used(attempts[-1])) == "fake_ip"
        return placed or any(attempt.proxy is not None for attempt in attempts)


def fact(name: str, **values: str | float | Message) -> Message:
    """Return a fact that takes words: `check.network.reachability.fact.<name>` in the locale files."""
    return Message(f"check.network.reachability.fact.{name}", {**values})


def cause(step: str, words: Collection[str | None]) -> tuple[str, str]:
    """Return the word that decides a step, and the verdict code that it means."""
    rows = signs().causes[step]
    return next(((word, code) for word, code in rows.items() if word in words), ("", rows.get("other", "")))


def diagnose_target(seen: TargetMeasurement, machine: LocalNetwork, skew: float | None) -> TargetDiagnosis:
    """Judge one target by the attempt that came furthest; `skew` is what all targets say of our clock."""
    told = [one for one in seen.attempts if one.lookups or one.connects or one.exchanges or one.proxy]
    results = [_Reader(seen.target, one, machine, skew).result() for one in told]
    if results and results[-1][0]:
        wrong = next((findings[0] for _, findings in results[:-1] if findings), None)
        return TargetDiagnosis(seen=seen, reached=True, findings=tuple(results[-1][1]), healed=wrong)
    failed = [at for at, (reached, _) in enumerate(results) if reached is False]
    if not failed:
        return TargetDiagnosis(seen=seen, reached=None, findings=tuple(results[-1][1]) if results else ())
    # of two that came as far, silence says less
    furthest = max(failed, key=lambda at: (_distance(told[at]), results[at][1][0].failure != failures.TIMEOUT, at))
    return TargetDiagnosis(seen=seen, reached=False, findings=tuple(results[furthest][1]))


def _distance(attempt: Attempt) -> int:
    """Return how far an attempt came: names, connection, encryption, page."""
    steps = (attempt.exchanges, _main(attempt.handshakes), _main(attempt.connects))
    return next((3 - at for at, step in enumerate(steps) if step), 0)


def _main(steps: Sequence[_Step]) -> list[_Step]:
    return [one for one in steps if one.role == "main"]


def worth_repeating(attempt: Attempt) -> bool:
    """Whether a failed attempt may heal: nothing was said that holds, like a name that does not exist."""
    if attempt.proxy is not None and attempt.proxy.failure is not None:
        return attempt.proxy.operation == "connect"
    if attempt.exchanges:
        last = attempt.exchanges[-1]
        return last.failure in signs().transient or last.status in (500, 502, 503, 504)
    if shaken := _main(attempt.handshakes):
        return shaken[-1].failure in signs().transient and shaken[-1].hint != "not_tls"
    if connects := _main(attempt.connects):
        return all(one.failure in signs().transient for one in connects)
    words = {one.failure for one in attempt.lookups}
    return bool(words & signs().dns_transient) and failures.NETWORK_UNREACHABLE not in words


def addresses_used(attempt: Attempt) -> tuple[str, ...]:
    """Return the addresses of the target gone on with: the system's, or our own where the system only waited."""
    named = [(one.by, address) for one in _main(attempt.lookups) for address in one.addresses]
    ours, own = (tuple(address for by, address in named if by == who) for who in ("system", "nameserver"))
    return ours or own


def address_kind(addresses: Iterable[str]) -> str:
    """Return what all these addresses are: `fake_ip`, `bogon` (no public host has it), or nothing (one is neither)."""
    kinds = {
        next((kind for kind in ("fake_ip", "bogon") if any(ip in net for net in networks(kind))), "")
        for ip in map(_plain, addresses)
    }
    return "" if not kinds or "" in kinds else "fake_ip" if kinds == {"fake_ip"} else "bogon"


def is_nowhere(address: str) -> bool:
    """Whether an address leads to this computer itself, or to no computer at all."""
    return bool(address) and ((ip := _plain(address)).is_unspecified or ip.is_loopback)


def _plain(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """Return an address without its zone; one of IPv4 that is written as IPv6 as what it is."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    return (ip.ipv4_mapped or ip) if isinstance(ip, ipaddress.IPv6Address) else ip


def _is_local(host: str) -> bool:
    return host == "localhost" or host.endswith((".localhost", ".local", ".lan", ".home.arpa", ".internal"))


class _Reader:
    """Reads one attempt on a target."""

    def __init__(self, target: Target, attempt: Attempt, machine: LocalNetwork, skew: float | None) -> None:
        self._target, self._attempt, self._machine, self._skew = target, attempt, machine, skew

    def result(self) -> tuple[bool | None, list[Finding]]:
        """Return whether this attempt reached the target, and its findings, the cause first."""
        failed = self._failed()
        if failed and self._is_cut_off():
            return None, failed
        # plain facts about the addresses explain a failure, and are worth a word even without one
        forged, warnings, overrides = self._forged(), self._dead_addresses(), signs().codes["overrides"]
        if failed and failed[0].code != "http.downgrade":
            behind = bool(forged) and forged[0].code in overrides and failed[0].code in signs().codes["content"]
            return False, [*failed, *forged, *warnings] if behind else [*forged, *failed, *warnings]
        if self._attempt.unfinished is not None and not self._is_complete():
            return None, []
        # the host proved itself there: split horizon, not forgery
        return True, [*failed, *(one for one in forged if one.code in overrides), *warnings]

    def _is_cut_off(self) -> bool:
        """Whether the end of the whole, not a step's own limit, ended this attempt before it could tell anything."""
        attempt = self._attempt
        steps: list[Step] = [*attempt.lookups, *attempt.connects, *attempt.handshakes, *attempt.exchanges]
        last = max(steps, key=lambda one: one.started_ms, default=None)
        return attempt.unfinished is not None and (
            last is None
            or last.failure == failures.INTERRUPTED
            or (last.failure == failures.TIMEOUT and last.duration_ms < self._patience())
        )

    def _patience(self) -> float:
        """Return the milliseconds after which silence means something: more on a slow line."""
        answered = [one.duration_ms for one in _main(self._attempt.connects) if one.failure is None]
        return max(DEAD_MS, 1.5 * min(answered, default=0.0))

    def _is_complete(self) -> bool:
        attempt = self._attempt
        if self._target.speaks_http:
            return bool(attempt.exchanges)
        return bool(attempt.handshakes if self._target.encrypted else attempt.connects)

    def _failed(self) -> list[Finding]:
        via = self._attempt.proxy
        if via is not None and via.operation != "ok":
            of_status = "proxy.auth" if via.status == 407 else "proxy.refused" if via.status else "proxy.unreachable"
            code = signs().causes["proxy"].get(via.operation, of_status)
            return [Finding(code, "proxy", failure=via.failure, detail=_of_proxy(via.url, via.status))]
        found = self._way(self._target, "main")
        if not found and self._attempt.exchanges:
            found = self._exchange()
        return self._by_proxy(found) if found else []

    def _way(self, aim: Target, role: Role) -> list[Finding]:
        """Return why there is no connection, or no encryption on it; `role` tells the target from a redirect's."""
        attempt = self._attempt
        since = attempt.exchanges[-1].started_ms if role == "redirect" else 0.0
        looked = [one for one in attempt.lookups if one.role == role and one.started_ms >= since]
        connects = [one for one in attempt.connects if one.role == role and one.started_ms >= since]
        shaken = [one for one in attempt.handshakes if one.role == role and one.started_ms >= since]
        if looked and not connects:
            return [self._lookup(looked)]
        if connects and not any(one.failure is None for one in connects):
            return [self._connect(connects)]
        if shaken and shaken[-1].failure is not None:
            return self._handshake(shaken[-1], aim)
        return []

    # the proxy

    def _by_proxy(self, found: list[Finding]) -> list[Finding]:
        """Put what a proxy said in the target's place on the proxy: its own pages, and its answer that is no TLS."""
        seen = self._attempt.proxy
        last = self._attempt.exchanges[-1] if self._attempt.exchanges else None
        its_page = not self._target.encrypted and last is not None and found[0].operation == "http"
        if seen is None or not (its_page or found[0].code == "tls.not_tls"):
            return found
        status = last.status if last is not None else 0
        silent = found[0].failure == failures.TIMEOUT and not status
        code = "proxy.unreachable" if silent else "proxy.refused"
        detail = _of_proxy(seen.url, status)
        return [Finding(code, "proxy", failure=found[0].failure, detail=detail)]

    # names

    def _lookup(self, looked: Sequence[Lookup]) -> Finding:
        """Return why a name got no address that can be used."""
        system = next((one for one in reversed(looked) if one.by == "system"), None)
        told = system.failure if system is not None else None
        if told is None and system is not None and system.addresses:
            return Finding("dns.nodata", "resolve", failure=failures.NO_ANSWER)
        if self._machine.nameservers == ():
            return Finding("dns.no_server", "resolve", failure=told)
        own = [one for one in looked if one.by == "nameserver"]
        # an address of our own question does not explain the system's failure; without any, its word has to do
        answered = any(one.addresses for one in own)
        word, code = cause("resolve", {one.failure for one in own if one.failure and not answered} or {told})
        servers = ", ".join(dict.fromkeys(one.server for one in own))
        return Finding(code, "resolve", failure=word or told, detail=servers)

    def _forged(self) -> list[Finding]:
        """Return what the addresses themselves say: placeholders, bogons, the hosts file, or a second opinion."""
        addresses, host, attempt = addresses_used(self._attempt), self._target.host, self._attempt
        if self._target.address is not None or not addresses:
            return []
        shown = ", ".join(addresses[:3])
        if host in self._machine.hosts and set(addresses) <= set(self._machine.hosts[host]):
            return [Finding("dns.hosts_override", "resolve", detail=shown)]
        kind = "" if _is_local(host) else address_kind(addresses)
        if kind:
            code = "proxy.fake_ip" if kind == "fake_ip" else "dns.bogon"
            return [Finding(code, "resolve", failure=failures.DNS_BOGON, detail=shown)]
        second = next((one for one in attempt.handshakes if one.role == "second"), None)
        if second is None or second.failure is not None:
            return []
        words = [one.failure for one in (*_main(attempt.connects), *_main(attempt.handshakes)) if one.failure]
        shown = f"{shown} / {second.address}"
        return [Finding("dns.hijacked", "resolve", failure=words[0] if words else None, detail=shown)]

    # connections

    def _connect(self, seen: list[Connect]) -> Finding:
        """Return why no address could be connected to."""
        machine = self._machine
        if machine.route4 is False and machine.route6 is True and all(":" not in one.address for one in seen):
            return _of_connect("ipv4.none", seen[0])
        # a family without any route is no news where the other one failed for a reason
        telling = [one for one in seen if one.failure != failures.NETWORK_UNREACHABLE] or seen
        word, code = cause("connect", {said for one in telling for said in (one.hint, one.failure)} - {""})
        first = next(one for one in telling if word in ("", one.hint, one.failure))
        if code == "route.none" and self._is_routed(telling[0]):
            code = "tcp.unreachable"
        if code == "tcp.timeout" and any(
            one.role == "other_port" and one.failure is None for one in self._attempt.connects
        ):
            code = "tcp.port_filtered"
        return _of_connect(code, first)

    def _dead_addresses(self) -> list[Finding]:
        """Return what the addresses that did not answer say, where another one did."""
        main = _main(self._attempt.connects)
        good = [one for one in main if one.failure is None]
        if not good:
            return []
        families, answered = {":" in one.address for one in good}, {one.address for one in good}
        found: dict[str, Finding] = {}
        for one in (one for one in main if one.address not in answered):
            # a family that is simply not there is no fault, and nothing that anybody waits for
            absent = one.failure == failures.NETWORK_UNREACHABLE and not self._is_routed(one)
            if not one.failure or absent or (one.failure == failures.TIMEOUT and one.duration_ms < self._patience()):
                continue
            code = "tcp.partial" if (":" in one.address) in families else "ipv6.broken" if ":" in one.address else ""
            if code:
                found.setdefault(code, Finding(code, "connect", failure=one.failure, detail=one.endpoint))
        if self._machine.route4 is False and families == {True} and all(one.address != "::1" for one in good):
            found["ipv4.none"] = Finding("ipv4.none", "connect")
        return list(found.values())

    def _is_routed(self, one: Connect) -> bool:
        return bool(self._machine.route6 if ":" in one.address else self._machine.route4)

    # encryption

    def _handshake(self, seen: Handshake, aim: Target) -> list[Finding]:
        """Return why TLS did not come about: one finding, or several where a certificate has several faults."""
        if seen.verify_code:
            return self._certificate(seen, aim)
        alert = seen.hint.removeprefix("alert ") if seen.hint.startswith("alert") else ""
        other = next((one for one in self._attempt.handshakes if one.role == "other_name"), None)
        answers = other is not None and (other.failure is None or other.hint.startswith("alert"))
        hint = "alert" if alert else "other_name_answers" if answers and seen.hint != "not_tls" else seen.hint
        _, code = cause("tls", {hint, seen.failure})
        return [_of_handshake(code, seen, fact("alert", alert=alert) if alert else "")]

    def _certificate(self, seen: Handshake, aim: Target) -> list[Finding]:
        """Name every fault of a refused certificate; OpenSSL names only the first that it meets."""
        facts, now, code = seen.certificate, self._machine.now, seen.verify_code
        codes = ["tls.cert_untrusted"] if code in failures.UNTRUSTED_CODES else []
        ahead = (seen.date_skew_s if seen.date_skew_s is not None else self._skew) or 0.0
        early = code == failures.NOT_YET_VALID_CODE or (facts is not None and now < facts.not_before)
        late = code == failures.EXPIRED_CODE or (facts is not None and now > facts.not_after)
        if early or late:
            good_then = facts is not None and facts.not_before <= now + ahead <= facts.not_after
            ours = good_then and abs(ahead) >= CLOCK_WRONG
            codes.append("clock.skewed" if ours else "tls.cert_expired" if late else "tls.cert_not_yet_valid")
        if code in failures.NAME_CODES or (facts is not None and not tls.covers(facts, aim.host)):
            codes.append("tls.cert_name")
        detail = fact("verify_code", code=code) if facts is None else f"{facts.subject} / {facts.issuer}"
        return [_of_handshake(one, seen, detail) for one in codes or ["tls.cert_invalid"]]

    # pages

    def _exchange(self) -> list[Finding]:
        """Return what is wrong with the last HTTP answer; nothing where it is what a reachable host gives."""
        exchanges = self._attempt.exchanges
        last = exchanges[-1]
        if last.failure is not None and len(exchanges) > 1 and last.phase == "request":
            onward = self._way(parse_target(last.url), "redirect")
            if onward:
                return [
                    msgspec.structs.replace(one, detail=fact("redirect", url=last.url, facts=one.detail))
                    for one in onward
                ]
        code, detail = _answer(last, self._target)
        if not code:
            return []
        status = failures.HTTP_STATUS if code in ("http.throttled", "http.server_error", "http.denied") else None
        return [Finding(code, "http", failure=last.failure or status, detail=detail or last.url)]


def _of_proxy(url: str, status: int) -> str | Message:
    return fact("proxy_status", url=url, status=status) if status else url


def _of_connect(code: str, one: Connect) -> Finding:
    detail = f"{one.endpoint}, {one.duration_ms / 1000:.1f} s"
    return Finding(code, "connect", failure=one.failure, detail=detail)


def _of_handshake(code: str, seen: Handshake, detail: str | Message) -> Finding:
    return Finding(code, "tls", failure=seen.failure, detail=detail or seen.address)


def _answer(last: Exchange, target: Target) -> tuple[str, str | Message]:
    """Return code and facts of an answer, no code where nothing is wrong with it."""
    status, (_, code) = fact("status", status=last.status), cause("http", {last.hint})
    if code or last.status == 511:
        return code or "portal.http", last.portal_url or last.location or status
    if last.failure is not None:
        _, code = cause("head" if last.phase == "request" else "body", {last.failure})
        return code, fact(f"http.{last.hint}") if last.hint else ""
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
