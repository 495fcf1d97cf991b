"""From observations to a verdict, over all targets: what is broken, where, and how sure that is. Pure.

Without a working control nothing is called blocked: where the fault sits is then `unknown`.
"""

from __future__ import annotations

import statistics
from collections import Counter
from typing import TYPE_CHECKING, Final

import msgspec

from diagnostics.checks.base import CheckStatus
from diagnostics.network import failures, stability
from diagnostics.network.failure_causes import (
    CLOCK_WRONG,
    Finding,
    TargetDiagnosis,
    diagnose_target,
    fact,
    system_addresses,
)
from diagnostics.network.targets import ESSENTIAL, site
from diagnostics.network.verdicts import Effect, Where, inspection_products, rank, verdicts

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from diagnostics.network.measurements import Certificate, LocalNetwork, Lookup, NetworkMeasurement

CLOCK_FAILS: Final = 86_400.0
SLOW_LOOKUP_MS: Final = 1000.0
SLOW_PATH_MS: Final = 80.0
"""Time of a connection from which a path is called slow; the quickest tenth has to take it: jitter is not distance."""
LOSSY: Final = 0.07
"""A path is lossy where the lower end of the 95 % interval of its loss is above this: one bad second is not."""
_REMOTE: Final = ("middlebox", "far_end", "network")
_SHARED: Final = frozenset(
    {
        "link.down", "route.none", "link.gateway_silent", "link.line_dead", "dns.no_server", "dns.broken_all",
        "portal.dns", "portal.http", "tls.intercepted", "clock.skewed",
    }
)  # fmt: skip
"""Codes that explain other targets' failures."""
_WHOLE: Final = frozenset({"link.down", "route.none", "link.gateway_silent", "link.line_dead", "dns.broken_all"})
_NO_WAY: Final = frozenset({failures.NETWORK_UNREACHABLE, failures.NETWORK_DOWN})
_SILENT: Final = frozenset({failures.TIMEOUT, failures.HOST_UNREACHABLE, failures.DNS_TEMPORARY, *_NO_WAY})
_NO_ANSWER: Final = ("dns.timeout", "dns.servfail", "dns.refused", "dns.server_unreachable", "dns.failed")
_FORGEABLE: Final = frozenset(
    {"tls.cert_name", "tls.cert_untrusted", "tls.cert_invalid", "tls.not_tls", "portal.http", "dns.bogon"}
)


class NetworkDiagnosis(msgspec.Struct, frozen=True, kw_only=True):
    """The whole: `decisive` first among `findings`; `effect` is what it says of the network the computer is in."""

    status: CheckStatus
    verdict: str | None
    effect: Effect
    where: Where
    decisive: Finding | None
    findings: tuple[Finding, ...]
    targets: tuple[TargetDiagnosis, ...]
    skew_s: float | None = None
    here: bool = False
    """Whether what serves names is a program of this computer, so that its fault is no fault of the network."""

    @property
    def codes(self) -> tuple[str, ...]:
        """All codes named, the decisive one first, each once."""
        first = [self.verdict] if self.verdict else []
        return tuple(dict.fromkeys([*first, *(one.code for one in self.findings)]))


def diagnose(seen: NetworkMeasurement) -> NetworkDiagnosis:
    """Judge everything one probe saw."""
    skew = clock_skew(seen)
    targets = _explain(seen.machine, tuple(diagnose_target(one, seen.machine, skew) for one in seen.targets))
    network = [*_nameservers(targets), *_paths(targets), *_healed(targets)]
    if any(one.seen.samples and len(one.seen.samples.times_ms) < one.seen.samples.sent for one in targets):
        targets = tuple(map(_without_silence, targets))
    extra = _about_machine(seen, targets, skew)
    status, decisive, loud = _whole(targets, extra, network, skew)
    named = [*network, *(one for target in targets for one in target.findings)]
    named = sorted({one.code: one for one in reversed(named)}.values(), key=lambda one: rank(one.code))
    if seen.cancelled:
        status, decisive = "cancelled", None
    every = [*([decisive] if decisive else []), *extra, *named]
    findings = tuple(one for at, one in enumerate(every) if one not in every[:at])
    verdict = decisive.code if decisive else "ok" if status == "pass" else None
    here = decisive is not None and _is_here(decisive.code, seen.machine)
    return NetworkDiagnosis(
        status=status,
        verdict=verdict,
        effect="none" if here else _effect(status, decisive, loud, targets),
        where="computer" if here else _where(verdict, targets),
        decisive=decisive,
        findings=findings,
        targets=targets,
        skew_s=skew,
        here=here,
    )


def clock_skew(seen: NetworkMeasurement) -> float | None:
    """Return how far (seconds) the servers' clocks are ahead of ours: the median of all that told a date."""
    attempts = [attempt for target in seen.targets for attempt in target.attempts]
    told = [one.date_skew_s for attempt in attempts for one in attempt.exchanges]
    told += [one.date_skew_s for attempt in attempts for one in attempt.handshakes]
    known = [skew for skew in told if skew is not None]
    return statistics.median(known) if known else None


def status_of(target: TargetDiagnosis) -> CheckStatus:
    """Return how one target fared."""
    if target.reached is None:
        return "unknown"
    if not target.reached:
        return "fail"
    return "warn" if any(verdicts()[one.code].status != "pass" for one in target.findings) else "pass"


# what several targets have in common: a fault of all of them is this computer's or its network's


def _explain(machine: LocalNetwork, targets: tuple[TargetDiagnosis, ...]) -> tuple[TargetDiagnosis, ...]:
    """Put what explains a target's failure in front of its findings."""
    rules = _rules(machine, targets)
    found = []
    for one in targets:
        front: list[Finding] = []
        if one.reached is False and one.findings:
            first = one.findings[0]
            front = [
                Finding(code=code, operation=first.operation, failure=first.failure, detail=detail or first.detail)
                for code, detail, applies in rules
                if applies(one)
            ]
        found.append(msgspec.structs.replace(one, findings=_merged(front, one.findings)) if front else one)
    return tuple(found)


def _rules(
    machine: LocalNetwork, targets: tuple[TargetDiagnosis, ...]
) -> list[tuple[str, str, Callable[[TargetDiagnosis], bool]]]:
    """Return what explains failures: the code, its facts, and which targets it explains."""
    rules: list[tuple[str, str, Callable[[TargetDiagnosis], bool]]] = []
    cause = _own_network(machine, targets)
    if cause:
        rules.append((cause, "", lambda one: _explains(cause, one.findings[0], machine)))
    if _broken_names(targets):
        rules.append(("dns.broken_all", "", lambda one: one.first == "dns.nxdomain"))
    address = _one_address(targets)
    if address:
        rules.append(("portal.dns", address, lambda one: one.target.address is None))
    shared = _shared_forgery(targets)
    if shared and not address:
        rules.append(("dns.hijacked", ", ".join(sorted(shared)), lambda one: _answer(one) in shared))
    foreign = _foreign_issuers(targets)
    if foreign:
        rules.append(("tls.intercepted", ", ".join(sorted(foreign)), lambda one: _issuer(one) in foreign))
    return rules


def _merged(front: Sequence[Finding], rest: Sequence[Finding]) -> tuple[Finding, ...]:
    """Put the explanations first, and drop what is nothing but their effect."""
    codes = {one.code for one in front}
    if codes & _WHOLE:
        return tuple(front)
    gone = "tls.cert_untrusted" if "tls.intercepted" in codes else ""
    return (*front, *(one for one in rest if one.code != gone and one.code not in codes))


def _own_network(machine: LocalNetwork, targets: Sequence[TargetDiagnosis]) -> str:
    """Return the fault of this computer's own network that could explain everything, going by its own word."""
    if any(one.reached for one in targets) or not any(one.reached is False for one in targets):
        return ""
    if machine.link_up is False:
        return "link.down"
    if machine.route4 is False and machine.route6 is False:
        return "route.none"
    if machine.gateway_silent:
        return "link.gateway_silent"
    return "link.line_dead" if _line_dead(machine, targets) else ""


def _line_dead(machine: LocalNetwork, targets: Sequence[TargetDiagnosis]) -> bool:
    """Whether the router answers and nothing beyond it does.

    One name server that is silent may be at fault itself; the router's own one, or several that are, are not all.
    """
    servers = machine.nameservers or ()
    first = {one.first for one in targets if one.reached is False}
    beyond = [one for one in servers if one != machine.gateway and not _is_stub(one)]
    telling = machine.gateway in servers or len(beyond) > 1
    return bool(machine.gateway_answers) and telling and len(targets) > 1 and first <= {*_NO_ANSWER, "tcp.timeout"}


def _explains(cause: str, first: Finding, machine: LocalNetwork) -> bool:
    """Whether this failure is what that fault of our own network looks like."""
    if first.code == cause or cause == "link.line_dead":
        return True
    if cause == "link.gateway_silent":
        return first.failure in _SILENT
    if first.failure in _NO_WAY or first.code == "route.none":
        return True
    if first.operation != "resolve" or (machine.loopback_up and machine.interfaces == 0):
        return False  # nothing but loopback, and that in use: names are looked up on this computer by intention
    # a nameserver on this computer (a stub) answers without any network, but only that it could not find out
    local = all(map(_is_stub, machine.nameservers or ("",)))
    return not local or first.code not in ("dns.nxdomain", "dns.nodata", "dns.refused", "dns.malformed")


def _is_stub(server: str) -> bool:
    return server.startswith("127.") or server == "::1"


def _is_here(code: str, machine: LocalNetwork) -> bool:
    """Whether names are served by a program of this computer, and it is that one that does not answer."""
    return (
        code == "dns.server_unreachable" and bool(machine.nameservers) and all(map(_is_stub, machine.nameservers or ()))
    )


def _broken_names(targets: Sequence[TargetDiagnosis]) -> bool:
    """Whether no name at all exists, going by the resolver: two at least, and none that did."""
    looked = [one for one in targets if one.target.address is None and one.reached is not None and not one.by_proxy]
    names = {one.target.host for one in looked}
    return len(names) > 1 and all(one.reached is False and one.first == "dns.nxdomain" for one in looked)


def _answer(one: TargetDiagnosis) -> str:
    """Return the one address that a name was given, an empty string where there are several or none."""
    addresses = set(system_addresses(one.seen.attempts[-1])) if one.seen.attempts else set()
    return addresses.pop() if len(addresses) == 1 and one.target.address is None else ""


def _one_address(targets: Sequence[TargetDiagnosis]) -> str:
    """Return the one address that all names were given, where none of them proved itself there."""
    named = [one for one in targets if one.target.address is None and one.seen.attempts and not one.by_proxy]
    hosts = {one.target.host for one in named}
    answers = {_answer(one) for one in named}
    proved = any(one.reached and (one.target.encrypted or one.target.speaks_http) for one in named)
    codes = {finding.code for one in named for finding in one.findings}
    telling = len(hosts) > 2 or bool(codes & _FORGEABLE) or any(one.target.purpose == "control" for one in targets)
    return answers.pop() if len(hosts) > 1 and len(answers) == 1 and telling and not proved else ""


def _shared_forgery(targets: Sequence[TargetDiagnosis]) -> set[str]:
    """Return addresses that unrelated names were given and where none of them lives: forged answers."""
    claims: dict[str, set[str]] = {}
    for one in targets:
        codes = {finding.code for finding in one.findings}
        if one.reached is False and codes & {"tls.cert_name", "tls.cert_untrusted", "tls.not_tls"} and _answer(one):
            claims.setdefault(_answer(one), set()).add(site(one.target.host))
    proved = {_answer(one) for one in targets if one.reached and one.target.encrypted}
    return {address for address, sites in claims.items() if len(sites) > 1} - proved


def _foreign_issuers(targets: Sequence[TargetDiagnosis]) -> set[str]:
    """Return the authorities that nobody trusts and that sign for hosts that have nothing to do with each other.

    One host alone may have forgotten the certificate between; unless a product that inspects traffic has its name in
    it. An authority that another host proves to be a good one only lacks that certificate.
    """
    signed: dict[str, set[str]] = {}
    for one in targets:
        if _issuer(one):
            signed.setdefault(_issuer(one), set()).add(one.target.host)
    encrypted = [one for one in targets if one.target.encrypted]
    proved = [facts.issuer for one in encrypted if one.reached and (facts := _certificate(one))]
    alone = not any(one.reached for one in encrypted)
    return {
        issuer
        for issuer, hosts in signed.items()
        if (issuer not in proved and (len({site(host) for host in hosts}) > 1 or (alone and len(hosts) > 1)))
        or any(product in issuer.lower() for product in inspection_products())
    }


def _issuer(one: TargetDiagnosis) -> str:
    """Return who signed a certificate that was refused for it."""
    facts = _certificate(one)
    untrusted = any(finding.code == "tls.cert_untrusted" for finding in one.findings)
    return facts.issuer if facts is not None and untrusted else ""


def _certificate(one: TargetDiagnosis) -> Certificate | None:
    shaken = [seen for attempt in one.seen.attempts for seen in attempt.handshakes if seen.role == "main"]
    return shaken[-1].certificate if shaken else None


# what all of them say of the name servers, the path, and this computer


def _nameservers(targets: Sequence[TargetDiagnosis]) -> list[Finding]:
    """Return what is slow about names, each server by itself: a lost packet at a few names is no slow server."""
    attempts = [one.seen.attempts[-1] for one in targets if one.seen.attempts]
    looked = [one for attempt in attempts for one in attempt.lookups if one.role == "main"]
    known = {one.host for one in looked if one.addresses}
    system = [one for one in looked if one.by == "system" and one.host in known]
    connects = [one.duration_ms for attempt in attempts for one in attempt.connects if one.failure is None]
    limit = SLOW_LOOKUP_MS + min(connects, default=0.0)  # where everything takes as long, it is not the names
    slow = [one for one in system if one.duration_ms >= limit]
    if not slow or 2 * len(slow) < len(system):
        return []
    own = [one for one in looked if one.by == "nameserver"]
    by_server = {server: [one for one in own if one.server == server] for server in {one.server for one in own}}
    code, where = "dns.slow" if not own or len(slow) == len(system) > 1 else "", ""
    for server, lookups in sorted(by_server.items()):
        answers = [one for one in lookups if one.failure != failures.TIMEOUT]
        waited = statistics.median([one.waited_ms or one.duration_ms for one in answers] or [0.0])
        again = [one for one in answers if one.duration_ms >= SLOW_LOOKUP_MS + waited]
        if not answers:
            code, where = "dns.slow", f"{server}: "
        elif waited >= limit:
            code = "dns.slow"
        elif all(one.kind == "A" for one in answers) and _outlasted(lookups):
            return [Finding(code="dns.aaaa_stall", operation="resolve", failure=slow[0].failure, detail=server)]
        elif len(by_server) == 1 and 2 * len(again) >= len(answers) > 1:
            code = "flaky"  # silent at first, quick later
    seconds = statistics.median(one.duration_ms for one in slow) / 1000
    found = Finding(code=code, operation="resolve", failure=slow[0].failure, detail=f"{where}{seconds:.1f} s")
    return [found] if code else []


def _outlasted(lookups: Sequence[Lookup]) -> bool:
    """Whether questions for IPv6 were still open long after those for IPv4 had their answers."""
    four, six = ([one.duration_ms for one in lookups if one.kind == kind] for kind in ("A", "AAAA"))
    return bool(six) and max(six) - statistics.median(four or [0.0]) >= SLOW_LOOKUP_MS / 2


def _paths(targets: Sequence[TargetDiagnosis]) -> list[Finding]:
    """Return what all samples together say of loss and distance: they share the line that people ask about."""
    taken = [one.seen.samples for one in targets if one.seen.samples is not None and one.seen.samples.sent]
    if not taken:
        return []
    told = stability.figures(stability.pooled(taken))
    found, sample = [], {"sent": told.sent, "every": round(taken[0].interval_ms)}
    if told.loss_low >= LOSSY:
        loss, low, high = (f"{share:.0%}" for share in (told.loss, told.loss_low, told.loss_high))
        detail = fact("lossy", lost=told.lost, loss=loss, low=low, high=high, **sample)
        found.append(Finding(code="path.lossy", operation="connect", failure=failures.TIMEOUT, detail=detail))
    if told.quick_ms is not None and told.quick_ms >= SLOW_PATH_MS:
        median = f"{told.median_ms:.0f}"
        detail = fact("slow", median=median, **sample)
        if told.jitter_ms is not None:
            detail = fact("slow_jitter", median=median, jitter=f"{told.jitter_ms:.0f}", **sample)
        found.append(Finding(code="path.slow", operation="connect", detail=detail))
    return found


def _healed(targets: Sequence[TargetDiagnosis]) -> list[Finding]:
    """Return whether the network came and went: silence that ended at a few of many hosts is lost packets."""
    healed = [one.healed for one in targets if one.healed is not None]
    plain = [one for one in healed if one.failure != failures.TIMEOUT]
    if not plain and 2 * len(healed) < len(targets):
        return []
    return [
        Finding(code="flaky", operation=one.operation, failure=one.failure,
                detail=fact("before", code=one.code, facts=one.detail))
        for one in (plain or healed)[:1]
    ]  # fmt: skip


def _without_silence(one: TargetDiagnosis) -> TargetDiagnosis:
    """Leave out that an address said nothing: on a line that loses packets, that is what it looks like."""
    if not one.reached:
        return one
    silent = ("tcp.partial", "ipv6.broken")
    kept = tuple(f for f in one.findings if f.code not in silent or f.failure != failures.TIMEOUT)
    return msgspec.structs.replace(one, findings=kept)


def _about_machine(seen: NetworkMeasurement, targets: Sequence[TargetDiagnosis], skew: float | None) -> list[Finding]:
    found = []
    if seen.machine.ca_problem is not None:
        found.append(Finding(code="config.ca_bundle", operation="tls", detail=seen.machine.ca_problem))
    if skew is not None and abs(skew) >= CLOCK_WRONG:
        found.append(Finding(code="clock.skewed", operation="http", detail=f"{-skew:+.0f} s"))
    failing = [one for one in targets if one.reached is False and one.target.purpose != "control"]
    controls = [one for one in targets if one.target.purpose == "control"]
    firsts = {one.first for one in failing if one.first}
    remote = any(verdicts()[code].where in _REMOTE for code in firsts)
    if controls and remote and not firsts & _SHARED and not any(one.reached for one in controls):
        found.append(Finding(code="control.missing", operation="http"))
    if seen.machine.pac and failing:
        found.append(Finding(code="proxy.unsupported", operation="proxy", detail=seen.machine.pac))
    return found


# the whole


def _whole(
    targets: Sequence[TargetDiagnosis], extra: list[Finding], network: list[Finding], skew: float | None
) -> tuple[CheckStatus, Finding | None, list[Finding]]:
    """Return the status, the finding that decides, and all that weigh on the effect."""
    known = [one for one in targets if one.reached is not None]
    needed = _needed(known)
    down = _down(needed)
    if not known or (not down and _untold(targets)):
        return "unknown", Finding(code="time.out", operation=_step(targets)), []
    warnings = [*extra, *network, *(one for target in needed for one in target.findings)]
    controls = [one for one in known if one.target.purpose == "control"]
    warnings += [one for target in controls for one in target.findings
                 if target.reached or verdicts()[one.code].effect == "intercepted"]  # fmt: skip
    warnings = [one for one in warnings if verdicts()[one.code].status != "pass"]
    if down:
        return "fail", _failed(down, known, extra), warnings
    if not warnings:
        return "pass", next((one for target in needed for one in target.findings), None), []
    first = min(warnings, key=lambda one: rank(one.code))
    days = first.code == "clock.skewed" and abs(skew or 0.0) >= CLOCK_FAILS
    return "fail" if days else "warn", first, warnings


def _needed(targets: Sequence[TargetDiagnosis]) -> list[TargetDiagnosis]:
    return [one for one in targets if one.target.purpose != "control"] or list(targets)


def _down(needed: Sequence[TargetDiagnosis]) -> list[TargetDiagnosis]:
    """Return the failing targets without which WeChat cannot work; each target that a user named is one."""
    down = [one for one in needed if not one.reached and one.target.purpose not in (*ESSENTIAL, "webank")]
    for purpose in ESSENTIAL:
        group = [one for one in needed if one.target.purpose == purpose]
        if not any(one.reached for one in group):
            down += group
    return down


def _untold(targets: Sequence[TargetDiagnosis]) -> bool:
    """Whether the time was up before anything was known of a purpose, or of a target that a user named."""
    for purpose in (*ESSENTIAL, "custom"):
        group = [one.reached for one in targets if one.target.purpose == purpose]
        if None in group and (purpose == "custom" or True not in group):
            return True
    return False


def _failed(down: Sequence[TargetDiagnosis], known: Sequence[TargetDiagnosis], extra: list[Finding]) -> Finding:
    firsts = [one.findings[0] for one in down if one.findings]
    explained = [one for one in extra if one.code in ("config.ca_bundle", "proxy.unsupported")]
    explained = [one for one in explained if _is_why(one, firsts)]
    shared = [one.findings[0] for one in known if one.first in _SHARED]
    count = Counter(one.code for one in firsts)
    if explained:
        return explained[0]
    if shared:
        return min(shared, key=lambda one: rank(one.code))
    return min(firsts, key=lambda one: (-count[one.code], rank(one.code)))


def _is_why(extra: Finding, firsts: Sequence[Finding]) -> bool:
    if extra.code == "config.ca_bundle":
        return {one.code for one in firsts} <= {"tls.cert_untrusted", "tls.intercepted"}
    return all(one.operation in ("resolve", "connect") for one in firsts)


def _effect(
    status: CheckStatus, decisive: Finding | None, loud: Sequence[Finding], targets: Sequence[TargetDiagnosis]
) -> Effect:
    """Compute what this says of the network, from what was reached; the findings only colour it.

    Nothing reached is never `ok`, everything reached never `unreachable`, and `unreachable` means that nothing at all
    that WeChat needs was.
    """
    if status not in ("pass", "warn", "fail"):
        return "none"
    own: Effect = verdicts()[decisive.code].effect if decisive else "ok"
    needed = _needed(targets)
    vital = [one for one in needed if one.target.purpose != "webank"] or needed
    effects = {verdicts()[one.code].effect for one in loud}
    if status == "fail":
        if own in ("none", "intercepted", "unstable"):
            return own
        if not any(one.reached for one in vital):
            return "unreachable"
        return "unstable" if "unstable" in effects else "none"
    for effect in ("intercepted", "unstable"):
        if effect in effects:
            return effect
    return "none" if any(not one.reached or one.by_proxy for one in needed) else "ok"


def _where(verdict: str | None, targets: Sequence[TargetDiagnosis]) -> Where:
    if verdict is None:
        return "unknown"
    place = verdicts()[verdict].where
    controls = [one for one in targets if one.target.purpose == "control"]
    if place in ("middlebox", "far_end") and not any(one.reached for one in controls):
        return "unknown"
    return place


def _step(targets: Sequence[TargetDiagnosis]) -> str:
    steps = [attempt.unfinished for one in targets for attempt in one.seen.attempts if attempt.unfinished]
    return Counter(steps).most_common(1)[0][0] if steps else "resolve"
