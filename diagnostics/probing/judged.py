"""One target judged by all its attempts: reached or not, and everything there is to say about it. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from diagnostics.probing import bogons, causes, failures, samples
from diagnostics.probing.causes import Finding
from diagnostics.probing.observations import TargetSeen

if TYPE_CHECKING:
    from diagnostics.probing.observations import Attempt, Connect, Exchange, Handshake, Lookup, Machine
    from diagnostics.probing.targets import Target

SLOW_LOOKUP_MS: Final = 1000.0
DEAD_MS: Final = 1000.0
"""An address that said nothing for less than this, while another answered, is not called dead."""
SLOW_PATH_MS: Final = 80.0
"""Median time of a connection from which a path is called slow."""
LOSSY: Final = 0.05
LOSSY_LEAST: Final = 2
"""A path is lossy from 5 % and 2 lost connections on; the interval is always given with it."""


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """A target: `reached` is None where the time was up before anything could be told; the first finding decides."""

    seen: TargetSeen
    reached: bool | None
    findings: tuple[Finding, ...] = ()

    @property
    def target(self) -> Target:
        """The target itself."""
        return self.seen.target


def judge(seen: TargetSeen, machine: Machine, skew: float | None) -> Judged:
    """Judge one target; `skew` is what the other targets say of our clock."""
    told = [one for one in seen.attempts if _anything(one)]
    if not told:
        return Judged(seen=seen, reached=None)
    reached, findings = _attempt(seen.target, told[-1], machine, skew)
    if reached is None and len(told) > 1:
        reached, findings = _attempt(seen.target, told[-2], machine, skew)
    elif reached and len(told) > 1:
        _, before = _attempt(seen.target, told[0], machine, skew)
        first = before[0] if before else None
        if first is not None:
            detail = causes.fact("before", code=first.code, facts=first.detail)
            again = Finding(code="flaky", operation=first.operation, failure=first.failure, detail=detail)
            findings = [again, *findings]
    return Judged(seen=seen, reached=reached, findings=(*findings, *_stability(seen)))


def _anything(attempt: Attempt) -> bool:
    return bool(attempt.lookups or attempt.connects or attempt.exchanges or attempt.proxy)


def _attempt(
    target: Target, attempt: Attempt, machine: Machine, skew: float | None
) -> tuple[bool | None, list[Finding]]:
    """Return whether this attempt reached the target, and its findings, the cause first."""
    failed = _failed(target, attempt, machine, skew)
    if failed and _cut_off(attempt):
        return None, failed
    # plain facts about the addresses explain a failure, and are worth a word even without one
    forged = causes.forged(target, attempt, machine)
    warnings = _warnings(attempt, machine)
    if failed and failed[0].code != "http.downgrade":
        return False, [*([forged] if forged else []), *failed, *warnings]
    if forged is not None and forged.code not in ("proxy.fake_ip", "dns.hosts_override"):
        forged = None  # the host proved itself there: split horizon, not forgery
    if attempt.unfinished is not None and not _complete(target, attempt):
        return None, []
    return True, [*failed, *([forged] if forged else []), *warnings]


def _failed(target: Target, attempt: Attempt, machine: Machine, skew: float | None) -> list[Finding]:
    broken = causes.proxy_failed(attempt)
    if broken is not None:
        return [broken]
    if attempt.proxy is None:
        main = [one for one in attempt.connects if one.role == "main"]
        looked = [one for one in attempt.lookups if one.by == "system"]
        if looked and not main and not any(one.addresses for one in attempt.lookups):
            return [causes.lookups_failed(attempt.lookups, machine)]
        if not any(one.failure is None for one in main):
            return [causes.connects_failed(attempt, machine)]
    shaken = [one for one in attempt.handshakes if one.role == "main"]
    if shaken and shaken[-1].failure is not None:
        return list(causes.handshake_failed(attempt, target, machine, skew))
    wrong = causes.exchange_failed(attempt, target) if attempt.exchanges else None
    return [wrong] if wrong is not None else []


def _cut_off(attempt: Attempt) -> bool:
    """Whether the end of the whole, not a step's own limit, ended this attempt before it could tell anything."""
    if attempt.unfinished is None:
        return False
    steps: list[Lookup | Connect | Handshake | Exchange] = [*attempt.lookups, *attempt.connects]
    steps += [*attempt.handshakes, *attempt.exchanges]
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


def _warnings(attempt: Attempt, machine: Machine) -> list[Finding]:
    return [*_slow_lookup(attempt), *_dead_addresses(attempt, machine)]


def _slow_lookup(attempt: Attempt) -> list[Finding]:
    system = next((one for one in attempt.lookups if one.by == "system"), None)
    if system is None or system.duration_ms < SLOW_LOOKUP_MS or not any(one.addresses for one in attempt.lookups):
        return []
    own = [one for one in attempt.lookups if one.by == "nameserver"]
    quick = any(one.kind == "A" and one.addresses and one.duration_ms < SLOW_LOOKUP_MS for one in own)
    silent = [one for one in own if one.kind == "AAAA" and one.failure == failures.TIMEOUT]
    stalled = quick and any(one.duration_ms >= SLOW_LOOKUP_MS for one in silent)
    return [
        Finding(
            code="dns.aaaa_stall" if stalled else "dns.slow",
            operation="resolve",
            failure=system.failure,
            detail=f"{system.duration_ms / 1000:.1f} s",
        )
    ]


def _dead_addresses(attempt: Attempt, machine: Machine) -> list[Finding]:
    """Return what the addresses that did not answer say, where another one did."""
    main = [one for one in attempt.connects if one.role == "main"]
    good = [one for one in main if one.failure is None]
    if not good:
        return []
    dead = [one for one in main if one.failure and (one.failure != failures.TIMEOUT or one.duration_ms >= DEAD_MS)]
    found = []
    six = [one for one in dead if ":" in one.address and not _no_route(one, machine.route6)]
    if six and all(":" not in one.address for one in good):
        found.append(_dead("ipv6.broken", six[0]))
    for version in (True, False):
        bad = [one for one in dead if (":" in one.address) == version]
        if bad and any((":" in one.address) == version for one in good):
            found.append(_dead("tcp.partial", bad[0]))
            break
    if machine.route4 is False and all(":" in one.address and one.address != "::1" for one in good):
        found.append(Finding(code="ipv4.none", operation="connect"))
    return found


def _no_route(one: Connect, route: bool | None) -> bool:
    """Whether this family is simply not there: no fault, and nothing that anybody waits for."""
    return one.failure == failures.NETWORK_UNREACHABLE and not route


def _dead(code: str, one: Connect) -> Finding:
    return Finding(code=code, operation="connect", failure=one.failure, detail=one.endpoint)


def _stability(seen: TargetSeen) -> list[Finding]:
    if seen.samples is None or not seen.samples.sent:
        return []
    told = samples.figures(seen.samples)
    found = []
    sample = {"sent": told.sent, "every": round(seen.samples.interval_ms)}
    if told.lost >= LOSSY_LEAST and told.loss >= LOSSY:
        found.append(
            Finding(
                code="path.lossy",
                operation="connect",
                failure=failures.TIMEOUT,
                detail=causes.fact(
                    "lossy",
                    lost=told.lost,
                    loss=f"{told.loss:.0%}",
                    low=f"{told.loss_low:.0%}",
                    high=f"{told.loss_high:.0%}",
                    **sample,
                ),
            )
        )
    if told.median_ms is not None and told.median_ms >= SLOW_PATH_MS:
        median = f"{told.median_ms:.0f}"
        detail = causes.fact("slow", median=median, **sample)
        if told.jitter_ms is not None:
            detail = causes.fact("slow_jitter", median=median, jitter=f"{told.jitter_ms:.0f}", **sample)
        found.append(Finding(code="path.slow", operation="connect", detail=detail))
    return found


def placeholders(judged: Judged) -> bool:
    """Whether the target was given placeholder addresses of a local proxy."""
    attempts = judged.seen.attempts
    return bool(attempts) and bogons.kind(causes.system_addresses(attempts[-1])) == "fake_ip"
