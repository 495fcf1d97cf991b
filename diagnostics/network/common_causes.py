"""What several targets have in common: a fault of all of them is this computer's, or that of the network it is in."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import msgspec

from diagnostics.i18n import Message
from diagnostics.network import failures, stability
from diagnostics.network.failure_causes import Finding, TargetDiagnosis, addresses_used, fact, is_nowhere
from diagnostics.network.targets import site
from diagnostics.network.verdicts import signs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from diagnostics.network.measurements import Certificate, LocalNetwork, Lookup

    Targets = Sequence[TargetDiagnosis]

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


class Common:
    """What the rules ask of all targets together."""

    def __init__(self, machine: LocalNetwork, targets: Targets) -> None:
        self.machine, self.targets = machine, targets
        self.failing = [target for target in targets if target.reached is False]
        self.named = [target for target in targets if target.target.address is None and not target.by_proxy]
        self.stub = all(map(is_stub, machine.nameservers or ("",)))
        samples = [target.seen.samples for target in targets if target.seen.samples is not None]
        # what all samples together say: they share the line that people ask about
        self.line = stability.figures(*samples) if any(taken.sent for taken in samples) else None
        self.paths = _paths(self.line)
        self.one_address = self._one_address()
        self.forged = set() if self.one_address else self._forged()
        self.foreign = self._foreign_signers()

    def is_lost(self) -> bool:
        """Whether nothing was reached, so that this computer's own network may be why, going by its own word."""
        return bool(self.failing) and not any(target.reached for target in self.targets)

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
        telling = router in servers or len([one for one in servers if one not in near and not is_stub(one)]) > 1
        lookups = [step for target in self.targets for attempt in target.seen.attempts for step in attempt.lookups]
        answers = any(step.server == router and step.failure not in _SILENT for step in lookups)
        silent = {target.first for target in self.failing} <= signs().codes["silent"]
        return bool(machine.gateway_answers or answers) and telling and len(self.targets) > 1 and silent

    def is_proxy_dead_end(self) -> bool:
        """Whether this computer's proxy leads nowhere: it lets several hosts in, and nothing comes back."""
        behind = [target for target in self.targets if _is_behind(target)]
        cut_off = {target.host for target in behind if _is_cut_off(target)}
        return len(cut_off) > 1 and not any(target.reached for target in behind)

    def is_without_names(self) -> bool:
        """Whether no name at all exists, going by the resolver: two at least, and none that did."""
        looked = [target for target in self.named if target.reached is not None]
        unknown = all(target.reached is False and target.first == "dns.nxdomain" for target in looked)
        return unknown and len({target.host for target in looked}) > 1

    def is_drowned(self, target: TargetDiagnosis) -> bool:
        """Whether the line loses so much that this host only seems silent."""
        least = 2 * DROWNING if target.findings[0].operation == "connect" else DROWNING
        return target.findings[0].failure == failures.TIMEOUT and (self.line.loss if self.line else 0.0) >= least

    def _one_address(self) -> str:
        """Return the one address that all names were given, where none of them proved itself there."""
        named = [target for target in self.named if target.seen.attempts]
        hosts, answers = {target.host for target in named}, {_answer(target) for target in named}
        proved = any(target.reached and target.target.scheme != "tcp" for target in named)
        forged = any(target.codes & signs().codes["forgeable"] for target in named)
        telling = len(hosts) > 2 or forged or any(target.purpose == "control" for target in self.targets)
        answer = answers.pop() if len(hosts) > 1 and len(answers) == 1 and telling and not proved else ""
        return "" if is_nowhere(answer) else answer  # nobody signs in there: an answer that blocks

    def _forged(self) -> set[str]:
        """Return addresses that unrelated names were given and where none of them lives: forged answers."""
        impostor = {"tls.cert_name", "tls.cert_untrusted", "tls.not_tls"}
        claims = _hosts_by(_answer, [target for target in self.failing if target.codes & impostor])
        proved = {_answer(target) for target in self.targets if target.reached and target.target.encrypted}
        return {address for address, hosts in claims.items() if _are_unrelated(hosts)} - proved

    def _foreign_signers(self) -> set[str]:
        """Return who shows unrelated hosts as his own: a signer nobody trusts, or one name.

        One host alone may have forgotten the certificate between; unless a product that inspects traffic has its name
        in it. An authority that another host proves to be a good one only lacks that certificate.
        """
        asked = [target for target in self.targets if _answer(target) not in {*self.forged, self.one_address} - {""}]
        good = [target for target in asked if target.target.encrypted and target.reached]
        facts = [certificate for target in good if (certificate := _certificate(target))]
        proved = {name for certificate in facts for name in (certificate.issuer, certificate.subject)}

        def is_foreign(signer: str, hosts: set[str]) -> bool:
            several = _are_unrelated(hosts) or (len(hosts) > 1 and not good)
            product = any(product in signer.lower() for product in signs().inspection_products)
            return product or (several and signer not in proved)

        return {signer for signer, hosts in _hosts_by(_signer, asked).items() if is_foreign(signer, hosts)}


class _Rule(msgspec.Struct, frozen=True):
    """What explains failures: the code, whether it holds (or the facts it is seen by), and the targets it explains."""

    code: str
    holds: Callable[[Common], object]
    explains: Callable[[Common, TargetDiagnosis], bool]


OWN_NETWORK: Final = (
    _Rule("link.down", lambda common: common.machine.link_up is False, Common.is_without_way),
    _Rule("route.none", lambda common: common.machine.route4 is False and common.machine.route6 is False,
          Common.is_without_way),
    _Rule("link.gateway_silent", lambda common: common.machine.gateway_silent,
          lambda _, target: target.findings[0].failure in _SILENT),
    _Rule("link.line_dead", Common.is_line_dead, lambda _, _target: True),
)  # fmt: skip
"""This computer's own network; the first that holds says enough."""
RULES: Final = (
    _Rule("proxy.refused", Common.is_proxy_dead_end, lambda _, target: _is_behind(target) and _is_cut_off(target)),
    _Rule("dns.broken_all", Common.is_without_names, lambda _, target: target.first == "dns.nxdomain"),
    _Rule("portal.dns", lambda common: common.one_address, lambda _, target: target.target.address is None),
    _Rule("dns.hijacked", lambda common: ", ".join(sorted(common.forged)),
          lambda common, target: _answer(target) in common.forged),
    _Rule("tls.intercepted", lambda common: ", ".join(sorted(common.foreign)),
          lambda common, target: _signer(target) in common.foreign),
    _Rule("path.lossy", lambda common: next((path.detail for path in common.paths if path.code == "path.lossy"), ""),
          Common.is_drowned),
)  # fmt: skip
"""What several targets have in common, the gravest first."""


def explained(common: Common) -> tuple[TargetDiagnosis, ...]:
    """Put what explains a target's failure in front of its findings, and drop what is nothing but its effect."""
    own = [rule for rule in OWN_NETWORK if common.is_lost() and rule.holds(common)][:1]
    rules = [(rule, facts) for rule in (*own, *RULES) if (facts := rule.holds(common))]

    def in_front(target: TargetDiagnosis) -> TargetDiagnosis:
        first = target.findings[0]
        front = [
            Finding(rule.code, first.operation, failure=first.failure,
                    detail=facts if isinstance(facts, (str, Message)) else first.detail)
            for rule, facts in rules
            if rule.explains(common, target) or (rule in own and target.first == rule.code)
        ]  # fmt: skip
        gone = {finding.code for finding in front}
        gone |= {"tls.cert_untrusted"} if "tls.intercepted" in gone else set()
        rest = () if gone & signs().codes["whole"] else (old for old in target.findings if old.code not in gone)
        return msgspec.structs.replace(target, findings=(*front, *rest))

    return tuple(in_front(target) if target.reached is False and target.findings else target
                 for target in common.targets)  # fmt: skip


def is_stub(server: str) -> bool:
    """Whether a name server is a program of this computer."""
    return server.startswith("127.") or server == "::1"


def _is_behind(target: TargetDiagnosis) -> bool:
    return any(attempt.proxy is not None for attempt in target.seen.attempts)


def _is_cut_off(target: TargetDiagnosis) -> bool:
    return target.reached is False and target.findings[0].operation == "tls" and target.findings[0].failure in CUT_OFF


def _hosts_by(shared: Callable[[TargetDiagnosis], str], targets: Targets) -> dict[str, set[str]]:
    """Return the hosts that have something in common, by that."""
    hosts: dict[str, set[str]] = {}
    for target in targets:
        hosts.setdefault(shared(target), set()).add(target.host)
    hosts.pop("", None)
    return hosts


def _are_unrelated(hosts: set[str]) -> bool:
    return len({site(host) for host in hosts}) > 1


def _answer(target: TargetDiagnosis) -> str:
    """Return the one address that a name was given, an empty string where there are several or none."""
    addresses = set(addresses_used(target.seen.attempts[-1])) if target.seen.attempts else set()
    return addresses.pop() if len(addresses) == 1 and target.target.address is None else ""


def _signer(target: TargetDiagnosis) -> str:
    """Return who signed a certificate that was refused for it; where only the name is wrong, to whom it is made out."""
    facts = _certificate(target)
    if facts is None or not target.codes & {"tls.cert_untrusted", "tls.cert_name"}:
        return ""
    return facts.issuer if "tls.cert_untrusted" in target.codes else facts.subject


def _certificate(target: TargetDiagnosis) -> Certificate | None:
    steps = [step for attempt in target.seen.attempts for step in attempt.only("main").handshakes]
    return steps[-1].certificate if steps else None


# what all of them say of the name servers and the path


def of_the_network(common: Common) -> list[Finding]:
    """Return what the targets say of the network as a whole: its name servers, its line, whether it came and went."""
    healed = [target.healed for target in common.targets if target.healed is not None]
    plain = [finding for finding in healed if finding.failure != failures.TIMEOUT]
    if not plain and 2 * len(healed) < len(common.targets):
        healed = []  # silence that ended at a few of many hosts is lost packets
    return [
        *_nameservers(common.targets),
        *common.paths,
        *(
            Finding("flaky", old.operation, failure=old.failure, detail=fact("before", code=old.code, facts=old.detail))
            for old in (plain or healed)[:1]
        ),
    ]


def _nameservers(targets: Targets) -> list[Finding]:
    """Return what is slow about names, each server by itself: a lost packet at a few names is no slow server."""
    attempts = [target.seen.attempts[-1] for target in targets if target.seen.attempts]
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


def _paths(line: stability.Figures | None) -> list[Finding]:
    """Return what the line says of loss and distance."""
    findings: list[Finding] = []
    if line is None:
        return findings
    sample: dict[str, float] = {"sent": line.sent, "every": round(1000 * stability.INTERVAL)}
    if line.loss_low >= LOSSY:
        loss, low, high = (f"{share:.0%}" for share in (line.loss, line.loss_low, line.loss_high))
        detail = fact("lossy", lost=line.lost, loss=loss, low=low, high=high, **sample)
        findings.append(Finding("path.lossy", "connect", failure=failures.TIMEOUT, detail=detail))
    if line.quick_ms is not None and line.quick_ms >= SLOW_PATH_MS:
        jitter = {} if line.jitter_ms is None else {"jitter": f"{line.jitter_ms:.0f}"}
        detail = fact("slow_jitter" if jitter else "slow", median=f"{line.median_ms:.0f}", **jitter, **sample)
        findings.append(Finding("path.slow", "connect", detail=detail))
    return findings


def without_silence(target: TargetDiagnosis) -> TargetDiagnosis:
    """Leave out that an address said nothing: on a line that loses packets, that is what it looks like."""
    silent = ("tcp.partial", "ipv6.broken") if target.reached else ()
    kept = [one for one in target.findings if one.code not in silent or one.failure != failures.TIMEOUT]
    return msgspec.structs.replace(target, findings=tuple(kept))
