"""From observations to a verdict, over all targets: what is broken, where, and how sure that is. Pure.

Without a working control nothing is called blocked: where the fault sits is then `unknown`.
"""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import msgspec

from diagnostics.i18n import Message
from diagnostics.network import failures, stability
from diagnostics.network.failure_causes import (
    CLOCK_WRONG,
    Finding,
    TargetDiagnosis,
    diagnose_target,
    fact,
    is_nowhere,
    system_addresses,
)
from diagnostics.network.targets import ESSENTIAL, site
from diagnostics.network.verdicts import Effect, Status, Where, rank, signs, verdicts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from diagnostics.network.measurements import Certificate, LocalNetwork, Lookup, NetworkMeasurement

    Targets = Sequence[TargetDiagnosis]

CLOCK_FAILS: Final = 86_400.0
SLOW_LOOKUP_MS: Final = 1000.0
SLOW_PATH_MS: Final = 80.0
"""Time of a connection from which a path is called slow; the quickest tenth has to take it: jitter is not distance."""
LOSSY: Final = 0.07
"""A path is lossy where the lower end of the 95 % interval of its loss is above this: one bad second is not."""
DROWNING: Final = 0.4
"""Loss from which silence is chance: all four packets that open a connection get lost at one host in forty."""
_REMOTE: Final = ("middlebox", "far_end", "network")
_SHARED: Final = frozenset(
    {
        "link.down", "route.none", "link.gateway_silent", "link.line_dead", "dns.no_server", "dns.broken_all",
        "portal.dns", "portal.http", "tls.intercepted", "clock.skewed", "path.lossy",
    }
)  # fmt: skip
"""Codes that explain other targets' failures."""
_PROVEN: Final = ("portal.dns", "portal.http", "tls.intercepted", "dns.bogon")
"""Codes that whoever is in the way gives away himself: no control is needed to accuse him."""
_CUT_OFF: Final = frozenset({failures.TIMEOUT, failures.RESET, failures.EOF_ERROR})
_WHOLE: Final = frozenset({"link.down", "route.none", "link.gateway_silent", "link.line_dead", "dns.broken_all"})
_NO_WAY: Final = frozenset({failures.NETWORK_UNREACHABLE, failures.NETWORK_DOWN})
_SILENT: Final = frozenset({failures.TIMEOUT, failures.HOST_UNREACHABLE, failures.DNS_TEMPORARY, *_NO_WAY})
_NO_ANSWER: Final = ("dns.timeout", "dns.servfail", "dns.refused", "dns.server_unreachable", "dns.failed")
_STUB_KNOWS: Final = ("dns.nxdomain", "dns.nodata", "dns.refused", "dns.malformed")
_FORGEABLE: Final = frozenset(
    {"tls.cert_name", "tls.cert_untrusted", "tls.cert_invalid", "tls.not_tls", "portal.http", "dns.bogon"}
)


class NetworkDiagnosis(msgspec.Struct, frozen=True, kw_only=True):
    """The whole: `decisive` first among `findings`; `effect` is what it says of the network the computer is in."""

    status: Status
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
    targets = _explained(seen.machine, tuple(diagnose_target(one, seen.machine, skew) for one in seen.targets))
    network = [*_nameservers(targets), *_paths(targets), *_healed(targets)]
    if any(one.seen.samples and len(one.seen.samples.times_ms) < one.seen.samples.sent for one in targets):
        targets = tuple(map(_without_silence, targets))
    whole = _Whole(seen.machine, targets, network, skew)
    status, decisive, loud = whole.judge()
    if seen.cancelled:
        status, decisive = "cancelled", None
    named = {one.code: one for one in reversed([*network, *(one for target in targets for one in target.findings)])}
    every = [*([decisive] if decisive else []), *whole.extra, *sorted(named.values(), key=lambda one: rank(one.code))]
    verdict = decisive.code if decisive else "ok" if status == "pass" else None
    stubs = seen.machine.nameservers or ()
    here = verdict == "dns.server_unreachable" and bool(stubs) and all(map(_is_stub, stubs))
    return NetworkDiagnosis(
        status=status,
        verdict=verdict,
        effect="none" if here else whole.effect(status, decisive, loud),
        where="computer" if here else whole.where(verdict, decisive.failure if decisive else None),
        decisive=decisive,
        findings=tuple(one for at, one in enumerate(every) if one not in every[:at]),
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


def status_of(target: TargetDiagnosis) -> Status:
    """Return how one target fared."""
    if target.reached is None:
        return "unknown"
    if not target.reached:
        return "fail"
    return "warn" if any(verdicts()[one.code].status != "pass" for one in target.findings) else "pass"


# what several targets have in common: a fault of all of them is this computer's or its network's


class _Rule(msgspec.Struct, frozen=True):
    """What explains failures: the code, its facts, and which targets it explains."""

    code: str
    detail: str | Message
    explains: Callable[[TargetDiagnosis], bool]


def _explained(machine: LocalNetwork, targets: Targets) -> tuple[TargetDiagnosis, ...]:
    """Put what explains a target's failure in front of its findings, and drop what is nothing but its effect."""
    address = _one_address(targets)
    shared = set() if address else _shared_forgery(targets)
    foreign = _foreign_signers([one for one in targets if _answer(one) not in shared])
    rules = (
        *_own_network(machine, targets),
        *_dead_end(targets),
        *_broken_names(targets),
        _Rule("portal.dns", address, lambda one: bool(address) and one.target.address is None),
        _Rule("dns.hijacked", ", ".join(sorted(shared)), lambda one: _answer(one) in shared),
        _Rule("tls.intercepted", ", ".join(sorted(foreign)), lambda one: _signer(one) in foreign),
        *_drowned(targets),
    )
    return tuple(_in_front(one, rules) if one.reached is False and one.findings else one for one in targets)


def _in_front(one: TargetDiagnosis, rules: Sequence[_Rule]) -> TargetDiagnosis:
    first = one.findings[0]
    front = [
        Finding(rule.code, first.operation, failure=first.failure, detail=rule.detail or first.detail)
        for rule in rules
        if rule.explains(one)
    ]
    gone = {rule.code for rule in front}
    if "tls.intercepted" in gone:
        gone.add("tls.cert_untrusted")
    rest = () if gone & _WHOLE else (found for found in one.findings if found.code not in gone)
    return msgspec.structs.replace(one, findings=(*front, *rest))


def _own_network(machine: LocalNetwork, targets: Targets) -> list[_Rule]:
    """Return the fault of this computer's own network that could explain everything, going by its own word."""
    if any(one.reached for one in targets) or not any(one.reached is False for one in targets):
        return []
    # nothing but loopback, and that in use: names are looked up on this computer by intention
    intended = bool(machine.loopback_up) and machine.interfaces == 0
    # a nameserver on this computer (a stub) answers without any network, but only that it could not find out
    stub = all(map(_is_stub, machine.nameservers or ("",)))

    def without_way(first: Finding) -> bool:
        if first.failure in _NO_WAY or first.code == "route.none":
            return True
        return first.operation == "resolve" and not intended and not (stub and first.code in _STUB_KNOWS)

    causes: tuple[tuple[str, bool | None, Callable[[Finding], bool]], ...] = (
        ("link.down", machine.link_up is False, without_way),
        ("route.none", machine.route4 is False and machine.route6 is False, without_way),
        ("link.gateway_silent", machine.gateway_silent, lambda first: first.failure in _SILENT),
        ("link.line_dead", _line_dead(machine, targets), lambda _first: True),
    )
    return [
        _Rule(code, "", lambda one, code=code, fits=fits: one.first == code or fits(one.findings[0]))  # type: ignore[misc]
        for code, holds, fits in causes
        if holds
    ][:1]


def _line_dead(machine: LocalNetwork, targets: Targets) -> bool:
    """Whether the router answers and nothing beyond it does.

    One name server that is silent may be at fault itself; the router's own one, or several beyond it, are not all.
    """
    servers = machine.nameservers or ()
    first = {one.first for one in targets if one.reached is False}
    beyond = [one for one in servers if one != machine.gateway and one not in machine.neighbours and not _is_stub(one)]
    telling = machine.gateway in servers or len(beyond) > 1
    return bool(machine.gateway_answers) and telling and len(targets) > 1 and first <= {*_NO_ANSWER, "tcp.timeout"}


def _is_stub(server: str) -> bool:
    return server.startswith("127.") or server == "::1"


def _dead_end(targets: Targets) -> list[_Rule]:
    """Return that the proxy of this computer leads nowhere: it lets several hosts in, and nothing comes back."""
    behind = [one for one in targets if any(attempt.proxy is not None for attempt in one.seen.attempts)]
    cut_off = {one.target.host for one in behind if _is_cut_off(one)}
    if len(cut_off) < 2 or any(one.reached for one in behind):
        return []
    return [_Rule("proxy.refused", "", lambda one: one in behind and _is_cut_off(one))]


def _is_cut_off(one: TargetDiagnosis) -> bool:
    return one.reached is False and one.findings[0].operation == "tls" and one.findings[0].failure in _CUT_OFF


def _drowned(targets: Targets) -> list[_Rule]:
    """Return that the line loses so much that hosts seem silent."""
    told, lossy = _line(targets), [one for one in _paths(targets) if one.code == "path.lossy"]
    drowning = told is not None and told.loss >= DROWNING
    return [_Rule(one.code, one.detail, lambda one: one.findings[0].failure == failures.TIMEOUT)
            for one in lossy if drowning]  # fmt: skip


def _broken_names(targets: Targets) -> list[_Rule]:
    """Return that no name at all exists, going by the resolver: two at least, and none that did."""
    looked = [one for one in targets if one.target.address is None and one.reached is not None and not one.by_proxy]
    if len({one.target.host for one in looked}) < 2 or any(
        one.reached is not False or one.first != "dns.nxdomain" for one in looked
    ):
        return []
    return [_Rule("dns.broken_all", "", lambda one: one.first == "dns.nxdomain")]


def _answer(one: TargetDiagnosis) -> str:
    """Return the one address that a name was given, an empty string where there are several or none."""
    addresses = set(system_addresses(one.seen.attempts[-1])) if one.seen.attempts else set()
    return addresses.pop() if len(addresses) == 1 and one.target.address is None else ""


def _one_address(targets: Targets) -> str:
    """Return the one address that all names were given, where none of them proved itself there."""
    named = [one for one in targets if one.target.address is None and one.seen.attempts and not one.by_proxy]
    hosts = {one.target.host for one in named}
    answers = {_answer(one) for one in named}
    proved = any(one.reached and (one.target.encrypted or one.target.speaks_http) for one in named)
    forged = any(one.codes & _FORGEABLE for one in named)
    telling = len(hosts) > 2 or forged or any(one.target.purpose == "control" for one in targets)
    answer = answers.pop() if len(hosts) > 1 and len(answers) == 1 and telling and not proved else ""
    return "" if is_nowhere(answer) else answer  # nobody signs in there: an answer that blocks


def _shared_forgery(targets: Targets) -> set[str]:
    """Return addresses that unrelated names were given and where none of them lives: forged answers."""
    claims: dict[str, set[str]] = {}
    for one in targets:
        if one.reached is False and one.codes & {"tls.cert_name", "tls.cert_untrusted", "tls.not_tls"}:
            claims.setdefault(_answer(one), set()).add(site(one.target.host))
    proved = {_answer(one) for one in targets if one.reached and one.target.encrypted}
    return {address for address, sites in claims.items() if len(sites) > 1} - proved - {""}


def _foreign_signers(targets: Targets) -> set[str]:
    """Return who shows hosts that have nothing to do with each other as his own: a signer nobody trusts, or one name.

    One host alone may have forgotten the certificate between; unless a product that inspects traffic has its name in
    it. An authority that another host proves to be a good one only lacks that certificate.
    """
    shown: dict[str, set[str]] = {}
    for one in targets:
        shown.setdefault(_signer(one), set()).add(one.target.host)
    shown.pop("", None)
    encrypted = [one for one in targets if one.target.encrypted]
    facts = [seen for one in encrypted if one.reached and (seen := _certificate(one))]
    proved = {name for seen in facts for name in (seen.issuer, seen.subject)}
    alone = not any(one.reached for one in encrypted)

    def is_foreign(signer: str, hosts: set[str]) -> bool:
        if any(product in signer.lower() for product in signs().inspection_products):
            return True
        return signer not in proved and (len({site(host) for host in hosts}) > 1 or (alone and len(hosts) > 1))

    return {signer for signer, hosts in shown.items() if is_foreign(signer, hosts)}


def _signer(one: TargetDiagnosis) -> str:
    """Return who signed a certificate that was refused for it; where only the name is wrong, to whom it is made out."""
    facts = _certificate(one)
    if facts is None or not one.codes & {"tls.cert_untrusted", "tls.cert_name"}:
        return ""
    return facts.issuer if "tls.cert_untrusted" in one.codes else facts.subject


def _certificate(one: TargetDiagnosis) -> Certificate | None:
    shaken = [seen for attempt in one.seen.attempts for seen in attempt.handshakes if seen.role == "main"]
    return shaken[-1].certificate if shaken else None


# what all of them say of the name servers, the path, and this computer


def _nameservers(targets: Targets) -> list[Finding]:
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
            return [Finding("dns.aaaa_stall", "resolve", failure=slow[0].failure, detail=server)]
        elif len(by_server) == 1 and 2 * len(again) >= len(answers) > 1:
            code = "flaky"  # silent at first, quick later
    seconds = statistics.median(one.duration_ms for one in slow) / 1000
    found = Finding(code, "resolve", failure=slow[0].failure, detail=f"{where}{seconds:.1f} s")
    return [found] if code else []


def _outlasted(lookups: Sequence[Lookup]) -> bool:
    """Whether questions for IPv6 were still open long after those for IPv4 had their answers."""
    four, six = ([one.duration_ms for one in lookups if one.kind == kind] for kind in ("A", "AAAA"))
    return bool(six) and max(six) - statistics.median(four or [0.0]) >= SLOW_LOOKUP_MS / 2


def _line(targets: Targets) -> stability.Figures | None:
    """Return what all samples together say: they share the line that people ask about."""
    taken = [one.seen.samples for one in targets if one.seen.samples is not None and one.seen.samples.sent]
    return stability.figures(stability.pooled(taken)) if taken else None


def _paths(targets: Targets) -> list[Finding]:
    """Return what the line says of loss and distance."""
    told = _line(targets)
    if told is None:
        return []
    found, sample = [], {"sent": told.sent, "every": round(1000 * stability.INTERVAL)}
    if told.loss_low >= LOSSY:
        loss, low, high = (f"{share:.0%}" for share in (told.loss, told.loss_low, told.loss_high))
        detail = fact("lossy", lost=told.lost, loss=loss, low=low, high=high, **sample)
        found.append(Finding("path.lossy", "connect", failure=failures.TIMEOUT, detail=detail))
    if told.quick_ms is not None and told.quick_ms >= SLOW_PATH_MS:
        median = f"{told.median_ms:.0f}"
        detail = fact("slow", median=median, **sample)
        if told.jitter_ms is not None:
            detail = fact("slow_jitter", median=median, jitter=f"{told.jitter_ms:.0f}", **sample)
        found.append(Finding("path.slow", "connect", detail=detail))
    return found


def _healed(targets: Targets) -> list[Finding]:
    """Return whether the network came and went: silence that ended at a few of many hosts is lost packets."""
    healed = [one.healed for one in targets if one.healed is not None]
    plain = [one for one in healed if one.failure != failures.TIMEOUT]
    if not plain and 2 * len(healed) < len(targets):
        return []
    return [
        Finding("flaky", one.operation, failure=one.failure,
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


class _Whole:
    """All targets together: `needed` are those that WeChat needs or a user named, `controls` only compare.

    `extra` is what this computer itself says.
    """

    def __init__(self, machine: LocalNetwork, targets: Targets, network: Sequence[Finding], skew: float | None) -> None:
        self.targets, self.network, self.skew = targets, network, skew
        self.known = [one for one in targets if one.reached is not None]
        self.controls = [one for one in targets if one.target.purpose == "control"]
        self.needed = [one for one in targets if one.target.purpose != "control"] or list(targets)
        self.judged = [one for one in self.needed if one.reached is not None] or self.known
        self.extra = self._about_machine(machine)

    def _about_machine(self, machine: LocalNetwork) -> list[Finding]:
        found = []
        if machine.ca_problem is not None:
            found.append(Finding("config.ca_bundle", "tls", detail=machine.ca_problem))
        if self.skew is not None and abs(self.skew) >= CLOCK_WRONG:
            found.append(Finding("clock.skewed", "http", detail=f"{-self.skew:+.0f} s"))
        failing = [one for one in self.targets if one.reached is False and one.target.purpose != "control"]
        firsts = {one.first for one in failing if one.first}
        remote = any(verdicts()[code].where in _REMOTE for code in firsts)
        if remote and self.controls and not firsts & _SHARED and not any(one.reached for one in self.controls):
            found.append(Finding("control.missing", "http"))
        if machine.pac and failing:
            found.append(Finding("proxy.unsupported", "proxy", detail=machine.pac))
        return found

    def judge(self) -> tuple[Status, Finding | None, list[Finding]]:
        """Return the status, the finding that decides, and all that weigh on the effect."""
        down = self._down()
        if not self.known or (not down and self._untold()):
            return "unknown", Finding("time.out", _step(self.targets)), []
        own = [one for target in self.judged for one in target.findings]
        warnings = [*self.extra, *self.network, *own]
        warnings += [one for target in self.controls if target.reached is not None for one in target.findings
                     if target.reached or verdicts()[one.code].effect == "intercepted"]  # fmt: skip
        warnings = [one for one in warnings if verdicts()[one.code].status != "pass"]
        if down:
            return "fail", self._failed(down), warnings
        if not warnings:
            return "pass", next(iter(own), None), []
        first = min(warnings, key=lambda one: rank(one.code))
        days = first.code == "clock.skewed" and abs(self.skew or 0.0) >= CLOCK_FAILS
        return "fail" if days else "warn", first, warnings

    def _down(self) -> list[TargetDiagnosis]:
        """Return the failing targets without which WeChat cannot work; each target that a user named is one."""
        down = [one for one in self.judged if not one.reached and one.target.purpose not in (*ESSENTIAL, "webank")]
        for purpose in ESSENTIAL:
            group = [one for one in self.judged if one.target.purpose == purpose]
            down += group if not any(one.reached for one in group) else []
        return down

    def _untold(self) -> bool:
        """Whether the time was up before anything was known of a purpose, or of a target that a user named."""
        for purpose in (*ESSENTIAL, "custom"):
            group = [one.reached for one in self.targets if one.target.purpose == purpose]
            if None in group and (purpose == "custom" or True not in group):
                return True
        return False

    def _failed(self, down: Sequence[TargetDiagnosis]) -> Finding:
        """Return why: this computer's settings where they explain all, what several share, what most say."""
        firsts = [one.findings[0] for one in down if one.findings]
        why = {
            "config.ca_bundle": {one.code for one in firsts} <= {"tls.cert_untrusted", "tls.intercepted"},
            "proxy.unsupported": not any(one.reached for one in self.known)
            and all(one.operation in ("resolve", "connect") for one in firsts),
        }
        explained = [one for one in self.extra if why.get(one.code)]
        shared = [one.findings[0] for one in self.known if one.first in _SHARED]
        count = Counter(one.code for one in firsts)
        if explained:
            return explained[0]
        return min(shared or firsts, key=lambda one: (0 if shared else -count[one.code], rank(one.code)))

    def effect(self, status: Status, decisive: Finding | None, loud: Sequence[Finding]) -> Effect:
        """Compute what this says of the network, from what was reached; the findings only colour it.

        Nothing reached is never `ok`, everything reached never `unreachable`, and `unreachable` means that nothing at
        all that WeChat needs was.
        """
        if status not in ("pass", "warn", "fail"):
            return "none"
        own: Effect = verdicts()[decisive.code].effect if decisive else "ok"
        vital = [one for one in self.needed if one.target.purpose != "webank"] or self.needed
        effects = {verdicts()[one.code].effect for one in loud}
        if status == "fail":
            if own in ("none", "intercepted", "unstable"):
                return own
            if not any(one.reached for one in vital) and not all(one.by_proxy for one in vital):
                return "unreachable"
            return "unstable" if "unstable" in effects else "none"
        for effect in ("intercepted", "unstable"):
            if effect in effects:
                return effect
        return "none" if any(not one.reached or one.by_proxy for one in self.needed) else "ok"

    def where(self, verdict: str | None, failure: str | None) -> Where:
        """Return where the fault lies; nobody else is accused without a working control, no host of what all have."""
        if verdict is None:
            return "unknown"
        place = verdicts()[verdict].where
        if place not in ("middlebox", "far_end") or verdict in _PROVEN:
            return place
        if not any(one.reached for one in self.controls):
            return "unknown"
        encrypted = [one for one in self.targets if one.target.encrypted]
        sites = {site(one.target.host) for one in encrypted if one.first == verdict}
        if place == "far_end" and len(sites) > 1 and not any(one.reached for one in encrypted):
            return "network" if failure in _CUT_OFF else "unknown"
        return place


def _step(targets: Targets) -> str:
    steps = [attempt.unfinished for one in targets for attempt in one.seen.attempts if attempt.unfinished]
    return Counter(steps).most_common(1)[0][0] if steps else "resolve"
