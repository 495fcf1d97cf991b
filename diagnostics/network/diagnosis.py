"""From observations to a verdict, over all targets: what is broken, where, and how sure that is. Pure.

What several targets have in common is this computer's fault, or that of the network it is in. Without a working control
nothing is called blocked: where the fault sits is then `unknown`.
"""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import msgspec

from diagnostics.i18n import Message
from diagnostics.network import failures
from diagnostics.network.failure_causes import (
    CLOCK_WRONG,
    Finding,
    TargetDiagnosis,
    addresses_used,
    diagnose_target,
    fact,
    is_nowhere,
)
from diagnostics.network.measurements import Exchange, Handshake, figures
from diagnostics.network.targets import ESSENTIAL, site
from diagnostics.network.verdicts import Effect, Status, Where, rank, signs, verdicts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from diagnostics.network.measurements import Certificate, Figures, LocalNetwork, Lookup, NetworkMeasurement

    Targets = Sequence[TargetDiagnosis]

CLOCK_FAILS: Final = 86_400.0
SLOW_LOOKUP_MS: Final = 1000.0
SLOW_PATH_MS: Final = 80.0
"""Time of a connection from which a path is called slow; the quickest tenth has to take it: jitter is not distance."""
LOSSY: Final = 0.07
"""A path is lossy where the lower end of the 95 % interval of its loss is above this: one bad second is not."""
DROWNING: Final = 0.25
"""Loss from which silence is chance; twice as much where nothing but a connection was asked for, many times over."""
CUT_OFF: Final = frozenset({failures.TIMEOUT, failures.RESET, failures.EOF_ERROR})
"""Nothing was said that only one host would say."""
_NO_WAY: Final = frozenset({failures.NETWORK_UNREACHABLE, failures.NETWORK_DOWN})
_SILENT: Final = frozenset({failures.TIMEOUT, failures.HOST_UNREACHABLE, failures.DNS_TEMPORARY, *_NO_WAY})


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
        return tuple(dict.fromkeys([*first, *(finding.code for finding in self.findings)]))


def diagnose(seen: NetworkMeasurement) -> NetworkDiagnosis:
    """Judge everything one probe saw."""
    machine, skew = seen.machine, _clock_skew(seen)
    whole = _Network(machine, [diagnose_target(target, machine, skew) for target in seen.targets], skew)
    status, decisive, weighing = whole.judge()
    if seen.cancelled:
        status, decisive = "cancelled", None
    each = [*whole.network, *(finding for target in whole.targets for finding in target.findings)]
    named = {finding.code: finding for finding in reversed(each)}
    first = [decisive] if decisive else []
    findings = [*first, *whole.extra, *sorted(named.values(), key=lambda finding: rank(finding.code))]
    verdict = decisive.code if decisive else "ok" if status == "pass" else None
    here = verdict == "dns.server_unreachable" and bool(machine.nameservers) and whole.stub
    return NetworkDiagnosis(
        status=status,
        verdict=verdict,
        effect="none" if here else whole.effect(status, decisive, weighing),
        where="computer" if here else whole.where(verdict, decisive.failure if decisive else None),
        decisive=decisive,
        findings=tuple(finding for at, finding in enumerate(findings) if finding not in findings[:at]),
        targets=tuple(whole.targets),
        skew_s=skew,
        here=here,
    )


def _clock_skew(seen: NetworkMeasurement) -> float | None:
    """Return how far (seconds) the servers' clocks are ahead of ours: the median of all that told a date."""
    steps = [step for target in seen.targets for attempt in target.attempts for step in attempt.steps]
    dated = [step.date_skew_s for step in steps if isinstance(step, Exchange | Handshake)]
    known = [skew for skew in dated if skew is not None]
    return statistics.median(known) if known else None


def status_of(target: TargetDiagnosis) -> Status:
    """Return how one target fared."""
    if not target.reached:
        return "unknown" if target.reached is None else "fail"
    return "warn" if any(verdicts()[finding.code].status != "pass" for finding in target.findings) else "pass"


class _Network:
    """All targets together: what the rules read off them, and the verdict.

    `named` are reached directly and by a name, `stub` tells that only programs of this computer serve names, `line` are
    the figures of all samples. `forged` are addresses of forged answers, `resigners` who signs certificates in place of
    an authority. `needed` are the targets that WeChat needs or a user named, the others only compare. `judged` are
    those of them of which something is known, `extra` is what this computer itself says.
    """

    def __init__(self, machine: LocalNetwork, targets: Targets, skew: float | None) -> None:
        self.machine, self.targets, self.skew = machine, targets, abs(skew or 0.0)
        self.failing = [target for target in targets if target.reached is False]
        self.named = [target for target in targets if target.target.address is None and not target.by_proxy]
        self.stub = all(map(_is_stub, machine.nameservers or ("",)))
        samples = [target.samples for target in targets if target.samples is not None]
        # what all samples together say: they share the line that people ask about
        self.line = figures(*samples) if any(taken.sent for taken in samples) else None
        self.paths = _paths(self.line, samples[0].interval_ms) if self.line is not None else []
        self.one_address = self._one_address()
        self.forged = set() if self.one_address else self._forged()
        self.resigners = self._resigners()
        self.targets, self.network = self.explained_targets(), self.network_findings()
        self.known = [target for target in self.targets if target.reached is not None]
        self.controls = [target for target in self.targets if target.target.purpose == "control"]
        self.needed = [target for target in self.targets if target not in self.controls] or list(self.targets)
        self.judged = [target for target in self.needed if target.reached is not None] or self.known
        self.compared = any(target.reached for target in self.controls)
        failing = [target for target in self.known if not target.reached and target not in self.controls]
        firsts = {target.first for target in failing if target.first}
        remote = any(verdicts()[code].where in ("middlebox", "far_end", "network") for code in firsts)
        alone = bool(self.controls) and not self.compared and not firsts & signs().codes["shared"]
        rules: tuple[tuple[object, str, str, str | Message], ...] = (
            (machine.ca_problem, "config.ca_bundle", "tls", machine.ca_problem or ""),
            (self.skew >= CLOCK_WRONG, "clock.skewed", "http", f"{-(skew or 0.0):+.0f} s"),
            (remote and alone, "control.missing", "http", ""),
            (machine.pac and failing, "proxy.unsupported", "proxy", machine.pac),
        )
        self.extra = [Finding(code, step, detail=detail) for holds, code, step, detail in rules if holds]

    def explained_targets(self) -> tuple[TargetDiagnosis, ...]:
        """Put what explains a target's failure in front of its findings, and drop what is nothing but its effect."""
        # where nothing was reached, this computer's own network may be why, going by its own word
        lost = bool(self.failing) and not any(target.reached for target in self.targets)
        own = [rule for rule in OWN_NETWORK if lost and rule.holds(self)][:1]
        rules = [(rule, facts) for rule in (*own, *RULES) if (facts := rule.holds(self))]

        def in_front(target: TargetDiagnosis) -> tuple[Finding, ...]:
            first = target.findings[0]
            front = [
                Finding(rule.code, first.operation, failure=first.failure,
                        detail=facts if isinstance(facts, (str, Message)) else first.detail)
                for rule, facts in rules
                if rule.explains(self, target) or (rule in own and target.first == rule.code)
            ]  # fmt: skip
            gone = {finding.code for finding in front}
            gone |= {"tls.cert_untrusted"} if "tls.intercepted" in gone else set()
            rest = () if gone & signs().codes["whole"] else (old for old in target.findings if old.code not in gone)
            return (*front, *rest)

        def without_silence(target: TargetDiagnosis) -> tuple[Finding, ...]:
            # on a line that loses packets, an address that said nothing means nothing
            silent = ("tcp.partial", "ipv6.broken") if self.line is not None and self.line.lost else ()
            return tuple(one for one in target.findings if one.code not in silent or one.failure != failures.TIMEOUT)

        return tuple(
            msgspec.structs.replace(target, findings=without_silence(target) if target.reached else in_front(target))
            if target.reached or (target.reached is False and target.findings)
            else target
            for target in self.targets
        )

    def is_without_way(self, target: TargetDiagnosis) -> bool:
        """Whether a target failed as it does where there is no way out at all."""
        first, machine = target.findings[0], self.machine
        # nothing but loopback, and that in use: names are looked up on this computer by intention
        intended = bool(machine.loopback_up) and machine.interfaces == 0
        # a nameserver on this computer (a stub) answers without any network, but only that it could not find out
        knows = self.stub and first.code in signs().codes["stub_knows"]
        unnamed = first.operation == "resolve" and not intended and not knows
        return first.failure in _NO_WAY or first.code == "route.none" or unnamed

    def is_line_dead(self) -> bool:
        """Whether the router answers and nothing beyond it does.

        One name server that is silent may be at fault itself; the router's own one, or several beyond it, are not all.
        """
        machine, servers, router = self.machine, self.machine.nameservers or (), self.machine.gateway
        near = {router, *machine.neighbours}
        telling = router in servers or len([one for one in servers if one not in near and not _is_stub(one)]) > 1
        lookups = [step for target in self.targets for attempt in target.attempts for step in attempt.lookups]
        answers = any(step.server == router and step.failure not in _SILENT for step in lookups)
        silent = {target.first for target in self.failing} <= signs().codes["silent"]
        return bool(machine.gateway_answers or answers) and telling and len(self.targets) > 1 and silent

    def is_proxy_dead_end(self) -> bool:
        """Whether this computer's proxy leads nowhere: it lets several hosts in, and nothing comes back."""
        behind = [target for target in self.targets if any(attempt.proxy is not None for attempt in target.attempts)]
        cut_off = {target.target.host for target in behind if _is_cut_off_by_proxy(target)}
        return len(cut_off) > 1 and not any(target.reached for target in behind)

    def is_without_names(self) -> bool:
        """Whether no name at all exists, going by the resolver: two at least, and none that did."""
        looked = [target for target in self.named if target.reached is not None]
        unknown = all(target.reached is False and target.first == "dns.nxdomain" for target in looked)
        return unknown and len({target.target.host for target in looked}) > 1

    def is_drowned(self, target: TargetDiagnosis) -> bool:
        """Whether the line loses so much that this host only seems silent."""
        least = 2 * DROWNING if target.findings[0].operation == "connect" else DROWNING
        return target.findings[0].failure == failures.TIMEOUT and (self.line.loss if self.line else 0.0) >= least

    def _one_address(self) -> str:
        """Return the one address that all names were given, where none of them proved itself there."""
        named = [target for target in self.named if target.attempts]
        hosts, answers = {target.target.host for target in named}, {_only_address(target) for target in named}
        proved = any(target.reached and target.target.scheme != "tcp" for target in named)
        forged = any(target.codes & signs().codes["forgeable"] for target in named)
        telling = len(hosts) > 2 or forged or any(target.target.purpose == "control" for target in self.targets)
        answer = answers.pop() if len(hosts) > 1 and len(answers) == 1 and telling and not proved else ""
        return "" if is_nowhere(answer) else answer  # nobody signs in there: an answer that blocks

    def _forged(self) -> set[str]:
        """Return addresses that unrelated names were given and where none of them lives: forged answers."""
        impostor = {"tls.cert_name", "tls.cert_untrusted", "tls.not_tls"}
        claims = _hosts_by(_only_address, [target for target in self.failing if target.codes & impostor])
        proved = {_only_address(target) for target in self.targets if target.reached and target.target.encrypted}
        return {address for address, hosts in claims.items() if _are_unrelated(hosts)} - proved

    def _resigners(self) -> set[str]:
        """Return who shows unrelated hosts as his own: a signer nobody trusts, or one name.

        One host alone may have forgotten the certificate between; unless a product that inspects traffic has its name
        in it. An authority that another host proves to be a good one only lacks that certificate.
        """
        asked = [
            target for target in self.targets if _only_address(target) not in {*self.forged, self.one_address} - {""}
        ]
        good = [target for target in asked if target.target.encrypted and target.reached]
        facts = [certificate for target in good if (certificate := _certificate(target))]
        proved = {name for certificate in facts for name in (certificate.issuer, certificate.subject)}

        def resigns(signer: str, hosts: set[str]) -> bool:
            several = _are_unrelated(hosts) or (len(hosts) > 1 and not good)
            product = any(product in signer.lower() for product in signs().inspection_products)
            return product or (several and signer not in proved)

        return {signer for signer, hosts in _hosts_by(_signer, asked).items() if resigns(signer, hosts)}

    def network_findings(self) -> list[Finding]:
        """Return what the targets say of the network: its name servers, its line, whether it came and went."""
        healed = [target.healed for target in self.targets if target.healed is not None]
        plain = [finding for finding in healed if finding.failure != failures.TIMEOUT]
        if not plain and 2 * len(healed) < len(self.targets):
            healed = []  # silence that ended at a few of many hosts is lost packets
        flaky = [
            Finding("flaky", old.operation, failure=old.failure, detail=fact("before", code=old.code, facts=old.detail))
            for old in (plain or healed)[:1]
        ]
        return [*_nameservers(self.targets), *self.paths, *flaky]

    def judge(self) -> tuple[Status, Finding | None, list[Finding]]:
        """Return the status, the finding that decides, and all that weigh on the effect."""
        down = self._vital_failures()
        if not self.known or (not down and self._has_unknown_purpose()):
            attempts = [attempt for target in self.targets for attempt in target.attempts]
            steps = [attempt.unfinished for attempt in attempts if attempt.unfinished] or ["resolve"]
            return "unknown", Finding("time.out", Counter(steps).most_common(1)[0][0]), []
        own = [finding for target in self.judged for finding in target.findings[: None if target.reached else 1]]
        compared = [finding for target in self.controls if target.reached is not None for finding in target.findings
                    if target.reached or verdicts()[finding.code].effect == "intercepted"]  # fmt: skip
        warnings = [*self.extra, *self.network, *own, *compared]
        warnings = [finding for finding in warnings if verdicts()[finding.code].status != "pass"]
        if down:
            return "fail", self._decisive_failure(down), warnings
        if not warnings:
            return "pass", next(iter(own), None), []
        first = min(warnings, key=lambda finding: rank(finding.code))
        return "fail" if first.code == "clock.skewed" and self.skew >= CLOCK_FAILS else "warn", first, warnings

    def _vital_failures(self) -> list[TargetDiagnosis]:
        """Return the failing targets without which WeChat cannot work; each target that a user named is one."""
        others = [target for target in self.judged if target.target.purpose not in (*ESSENTIAL, "webank")]
        down = [target for target in others if not target.reached]
        for purpose in ESSENTIAL:
            group = [target for target in self.judged if target.target.purpose == purpose]
            down += group if not any(target.reached for target in group) else []
        return down

    def _has_unknown_purpose(self) -> bool:
        """Whether the time was up before anything was known of a purpose, or of a target that a user named."""
        groups = {purpose: [target.reached for target in self.targets if target.target.purpose == purpose]
                  for purpose in (*ESSENTIAL, "custom")}  # fmt: skip
        return any(None in group and (name == "custom" or True not in group) for name, group in groups.items())

    def _decisive_failure(self, down: Targets) -> Finding:
        """Return why: this computer's settings where they explain all, what several share, what most say."""
        firsts = [target.findings[0] for target in down if target.findings]
        why = {
            "config.ca_bundle": {finding.code for finding in firsts} <= {"tls.cert_untrusted", "tls.intercepted"},
            "proxy.unsupported": not any(target.reached for target in self.known)
            and all(finding.operation in ("resolve", "connect") for finding in firsts),
        }
        if settings := [finding for finding in self.extra if why.get(finding.code)]:
            return settings[0]
        shared = [target.findings[0] for target in self.known if target.first in signs().codes["shared"]]
        count = Counter(finding.code for finding in firsts)
        return min(shared or firsts, key=lambda finding: (0 if shared else -count[finding.code], rank(finding.code)))

    def effect(self, status: Status, decisive: Finding | None, weighing: Sequence[Finding]) -> Effect:
        """Compute what this says of the network, from what was reached; the findings only colour it.

        Nothing reached is never `ok`, everything reached never `unreachable`, and `unreachable` means that nothing at
        all that WeChat needs was.
        """
        failed, effects = status == "fail", {verdicts()[finding.code].effect for finding in weighing}
        own: Effect = verdicts()[decisive.code].effect if decisive else "ok"
        vital = [target for target in self.needed if target.target.purpose != "webank"] or self.needed
        nothing = not any(target.reached for target in vital) and not all(target.by_proxy for target in vital)
        rules: tuple[tuple[bool, Effect], ...] = (
            (status not in ("pass", "warn", "fail"), "none"),
            (failed and own in ("none", "intercepted", "unstable"), own),
            (failed and nothing, "unreachable"),
            (not failed and "intercepted" in effects, "intercepted"),
            ("unstable" in effects, "unstable"),
            (failed or any(not target.reached or target.by_proxy for target in self.needed), "none"),
        )
        return next((effect for holds, effect in rules if holds), "ok")

    def where(self, verdict: str | None, failure: str | None) -> Where:
        """Return where the fault lies; nobody else is accused without a working control, no host of what all have."""
        place = verdicts()[verdict].where if verdict else "unknown"
        if place not in ("middlebox", "far_end") or verdict in signs().codes["proven"]:
            return place
        encrypted = [target for target in self.targets if target.target.encrypted]
        sites = {site(target.target.host) for target in encrypted if target.first == verdict}
        if self.compared and place == "far_end" and len(sites) > 1 and not any(target.reached for target in encrypted):
            return "network" if failure in CUT_OFF else "unknown"
        return place if self.compared else "unknown"


class _Rule(msgspec.Struct, frozen=True):
    """What explains failures: the code, whether it holds (or the facts it is seen by), and the targets it explains."""

    code: str
    holds: Callable[[_Network], object]
    explains: Callable[[_Network, TargetDiagnosis], bool]


OWN_NETWORK: Final = (
    _Rule("link.down", lambda common: common.machine.link_up is False, _Network.is_without_way),
    _Rule("route.none", lambda common: common.machine.route4 is False and common.machine.route6 is False,
          _Network.is_without_way),
    _Rule("link.gateway_silent", lambda common: common.machine.gateway_silent,
          lambda _, target: target.findings[0].failure in _SILENT),
    _Rule("link.line_dead", _Network.is_line_dead, lambda _, _target: True),
)  # fmt: skip
"""This computer's own network; the first that holds says enough."""
RULES: Final = (
    _Rule("proxy.refused", _Network.is_proxy_dead_end, lambda _, target: _is_cut_off_by_proxy(target)),
    _Rule("dns.broken_all", _Network.is_without_names, lambda _, target: target.first == "dns.nxdomain"),
    _Rule("portal.dns", lambda common: common.one_address, lambda _, target: target.target.address is None),
    _Rule("dns.hijacked", lambda common: ", ".join(sorted(common.forged)),
          lambda common, target: _only_address(target) in common.forged),
    _Rule("tls.intercepted", lambda common: ", ".join(sorted(common.resigners)),
          lambda common, target: _signer(target) in common.resigners),
    _Rule("path.lossy", lambda common: next((path.detail for path in common.paths if path.code == "path.lossy"), ""),
          _Network.is_drowned),
)  # fmt: skip
"""What several targets have in common, the gravest first."""


def _is_stub(server: str) -> bool:
    """Whether a name server is a program of this computer."""
    return server.startswith("127.") or server == "::1"


def _is_cut_off_by_proxy(target: TargetDiagnosis) -> bool:
    first = target.findings[0] if target.reached is False else Finding("", "")
    behind = any(attempt.proxy is not None for attempt in target.attempts)
    return behind and first.operation == "tls" and first.failure in CUT_OFF


def _hosts_by(shared: Callable[[TargetDiagnosis], str], targets: Targets) -> dict[str, set[str]]:
    """Return the hosts that have something in common, by that."""
    hosts: dict[str, set[str]] = {}
    for target in targets:
        hosts.setdefault(shared(target), set()).add(target.target.host)
    hosts.pop("", None)
    return hosts


def _are_unrelated(hosts: set[str]) -> bool:
    return len({site(host) for host in hosts}) > 1


def _only_address(target: TargetDiagnosis) -> str:
    """Return the one address that a name was given, an empty string where there are several or none."""
    addresses = set(addresses_used(target.attempts[-1])) if target.attempts else set()
    return addresses.pop() if len(addresses) == 1 and target.target.address is None else ""


def _signer(target: TargetDiagnosis) -> str:
    """Return who signed a certificate that was refused for it; where only the name is wrong, to whom it is made out."""
    facts = _certificate(target)
    if facts is None or not target.codes & {"tls.cert_untrusted", "tls.cert_name"}:
        return ""
    return facts.issuer if "tls.cert_untrusted" in target.codes else facts.subject


def _certificate(target: TargetDiagnosis) -> Certificate | None:
    steps = [step for attempt in target.attempts for step in attempt.only("main").handshakes]
    return steps[-1].certificate if steps else None


def _nameservers(targets: Targets) -> list[Finding]:
    """Return what is slow about names, each server by itself: a lost packet at a few names is no slow server."""
    attempts = [target.attempts[-1] for target in targets if target.attempts]
    looked = [step for attempt in attempts for step in attempt.only("main").lookups]
    known = {step.host for step in looked if step.addresses}
    system = [step for step in looked if step.by == "system" and step.host in known]
    connects = [step.duration_ms for attempt in attempts for step in attempt.connects if step.failure is None]
    limit = SLOW_LOOKUP_MS + min(connects, default=0.0)  # where everything takes as long, it is not the names
    slow = [step for step in system if step.duration_ms >= limit]
    if not slow or 2 * len(slow) < len(system):
        return []
    by_server: dict[str, list[Lookup]] = {}
    for step in sorted((step for step in looked if step.by == "nameserver"), key=lambda step: step.server):
        by_server.setdefault(step.server, []).append(step)
    code, where = "dns.slow" if not by_server or len(slow) == len(system) > 1 else "", ""
    for server, lookups in by_server.items():
        answers = [step for step in lookups if step.failure != failures.TIMEOUT]
        waited = statistics.median([step.waited_ms or step.duration_ms for step in answers] or [0.0])
        four = statistics.median([step.duration_ms for step in lookups if step.kind == "A"] or [0.0])
        six = [step.duration_ms for step in lookups if step.kind == "AAAA"]
        again = [step for step in answers if step.duration_ms >= SLOW_LOOKUP_MS + waited]
        if not answers:
            code, where = "dns.slow", f"{server}: "
        elif waited >= limit:
            code = "dns.slow"
        elif all(step.kind == "A" for step in answers) and max(six, default=0.0) >= four + SLOW_LOOKUP_MS / 2:
            # questions for IPv6 were still open long after those for IPv4 had their answers
            return [Finding("dns.aaaa_stall", "resolve", failure=slow[0].failure, detail=server)]
        elif len(by_server) == 1 and 2 * len(again) >= len(answers) > 1:
            code = "flaky"  # silent at first, quick later
    seconds = statistics.median(step.duration_ms for step in slow) / 1000
    return [Finding(code, "resolve", failure=slow[0].failure, detail=f"{where}{seconds:.1f} s")] if code else []


def _paths(line: Figures, interval_ms: float) -> list[Finding]:
    """Return what the line says of loss and distance."""
    findings: list[Finding] = []
    sample: dict[str, float] = {"sent": line.sent, "every": round(interval_ms)}
    if line.loss_low >= LOSSY:
        loss, low, high = (f"{share:.0%}" for share in (line.loss, line.loss_low, line.loss_high))
        detail = fact("lossy", lost=line.lost, loss=loss, low=low, high=high, **sample)
        findings.append(Finding("path.lossy", "connect", failure=failures.TIMEOUT, detail=detail))
    if line.quick_ms is not None and line.quick_ms >= SLOW_PATH_MS:
        jitter = {} if line.jitter_ms is None else {"jitter": f"{line.jitter_ms:.0f}"}
        detail = fact("slow_jitter" if jitter else "slow", median=f"{line.median_ms:.0f}", **jitter, **sample)
        findings.append(Finding("path.slow", "connect", detail=detail))
    return findings
