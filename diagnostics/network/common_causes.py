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


class AllTargets:
    """What the rules ask of all targets together."""

    def __init__(self, machine: LocalNetwork, targets: Targets) -> None:
        self.machine, self.targets = machine, targets
        self.failing = [one for one in targets if one.reached is False]
        taken = [one.seen.samples for one in targets if one.seen.samples is not None and one.seen.samples.sent]
        # what all samples together say: they share the line that people ask about
        self.line = stability.figures(*taken) if taken else None
        self.paths = _paths(self.line)
        self.one_address = self._one_address()
        self.forged = set() if self.one_address else self._shared_forgery()
        self.foreign = self._foreign_signers()
        self.stub = all(map(is_stub, machine.nameservers or ("",)))

    def is_lost(self) -> bool:
        """Whether nothing was reached, so that this computer's own network may be why, going by its own word."""
        return bool(self.failing) and not any(one.reached for one in self.targets)

    def is_without_way(self, one: TargetDiagnosis) -> bool:
        """Whether a target failed as it does where there is no way out at all."""
        first, machine = one.findings[0], self.machine
        # nothing but loopback, and that in use: names are looked up on this computer by intention
        intended = bool(machine.loopback_up) and machine.interfaces == 0
        # a nameserver on this computer (a stub) answers without any network, but only that it could not find out
        knows = self.stub and first.code in signs().codes["stub_knows"]
        return (
            first.failure in _NO_WAY
            or first.code == "route.none"
            or (first.operation == "resolve" and not intended and not knows)
        )

    def is_line_dead(self) -> bool:
        """Whether the router answers and nothing beyond it does.

        One name server that is silent may be at fault itself; the router's own one, or several beyond it, are not all.
        """
        machine, servers, router = self.machine, self.machine.nameservers or (), self.machine.gateway
        beyond = [one for one in servers if one != router and one not in machine.neighbours and not is_stub(one)]
        telling = router in servers or len(beyond) > 1
        looked = [look for one in self.targets for attempt in one.seen.attempts for look in attempt.lookups]
        answers = machine.gateway_answers or any(one.server == router and one.failure not in _SILENT for one in looked)
        silent = {one.first for one in self.failing} <= signs().codes["silent"]
        return bool(answers and telling and len(self.targets) > 1 and silent)

    def is_proxy_dead_end(self) -> bool:
        """Whether this computer's proxy leads nowhere: it lets several hosts in, and nothing comes back."""
        behind = [one for one in self.targets if _is_behind(one)]
        return not any(one.reached for one in behind) and len({o.target.host for o in behind if _is_cut_off(o)}) > 1

    def is_without_names(self) -> bool:
        """Whether no name at all exists, going by the resolver: two at least, and none that did."""
        looked = [
            one for one in self.targets if one.target.address is None and one.reached is not None and not one.by_proxy
        ]
        unknown = all(one.reached is False and one.first == "dns.nxdomain" for one in looked)
        return unknown and len({one.target.host for one in looked}) > 1

    def is_drowned(self, one: TargetDiagnosis) -> bool:
        """Whether the line loses so much that this host only seems silent."""
        least = 2 * DROWNING if one.findings[0].operation == "connect" else DROWNING
        return one.findings[0].failure == failures.TIMEOUT and (self.line.loss if self.line else 0.0) >= least

    def _one_address(self) -> str:
        """Return the one address that all names were given, where none of them proved itself there."""
        named = [one for one in self.targets if one.target.address is None and one.seen.attempts and not one.by_proxy]
        hosts, answers = {one.target.host for one in named}, {_answer(one) for one in named}
        proved = any(one.reached and one.target.scheme != "tcp" for one in named)
        forged = any(one.codes & signs().codes["forgeable"] for one in named)
        telling = len(hosts) > 2 or forged or any(one.target.purpose == "control" for one in self.targets)
        answer = answers.pop() if len(hosts) > 1 and len(answers) == 1 and telling and not proved else ""
        return "" if is_nowhere(answer) else answer  # nobody signs in there: an answer that blocks

    def _shared_forgery(self) -> set[str]:
        """Return addresses that unrelated names were given and where none of them lives: forged answers."""
        claims: dict[str, set[str]] = {}
        for one in self.failing:
            if one.codes & {"tls.cert_name", "tls.cert_untrusted", "tls.not_tls"}:
                claims.setdefault(_answer(one), set()).add(site(one.target.host))
        proved = {_answer(one) for one in self.targets if one.reached and one.target.encrypted}
        return {address for address, sites in claims.items() if len(sites) > 1} - proved - {""}

    def _foreign_signers(self) -> set[str]:
        """Return who shows unrelated hosts as his own: a signer nobody trusts, or one name.

        One host alone may have forgotten the certificate between; unless a product that inspects traffic has its name
        in it. An authority that another host proves to be a good one only lacks that certificate.
        """
        aside = {*self.forged, self.one_address} - {""}
        asked = [one for one in self.targets if _answer(one) not in aside]
        shown: dict[str, set[str]] = {}
        for one in asked:
            shown.setdefault(_signer(one), set()).add(one.target.host)
        good = [one for one in asked if one.target.encrypted and one.reached]
        facts = [seen for one in good if (seen := _certificate(one))]
        proved = {name for seen in facts for name in (seen.issuer, seen.subject)}

        def is_foreign(signer: str, hosts: set[str]) -> bool:
            if any(product in signer.lower() for product in signs().inspection_products):
                return True
            unrelated = {site(host) for host in hosts} if good else hosts
            return signer not in proved and (len({site(host) for host in hosts}) > 1 or len(unrelated) > 1)

        return {signer for signer, hosts in shown.items() if signer and is_foreign(signer, hosts)}


class _Rule(msgspec.Struct, frozen=True):
    """What explains failures: the code, whether it holds (or the facts it is seen by), and the targets it explains."""

    code: str
    holds: Callable[[AllTargets], object]
    explains: Callable[[AllTargets, TargetDiagnosis], bool]


OWN_NETWORK: Final = (
    _Rule("link.down", lambda every: every.machine.link_up is False, AllTargets.is_without_way),
    _Rule("route.none", lambda every: every.machine.route4 is False and every.machine.route6 is False,
          AllTargets.is_without_way),
    _Rule("link.gateway_silent", lambda every: every.machine.gateway_silent,
          lambda _, one: one.findings[0].failure in _SILENT),
    _Rule("link.line_dead", AllTargets.is_line_dead, lambda _, _one: True),
)  # fmt: skip
"""This computer's own network; the first that holds says enough."""
RULES: Final = (
    _Rule("proxy.refused", AllTargets.is_proxy_dead_end, lambda _, one: _is_behind(one) and _is_cut_off(one)),
    _Rule("dns.broken_all", AllTargets.is_without_names, lambda _, one: one.first == "dns.nxdomain"),
    _Rule("portal.dns", lambda every: every.one_address, lambda _, one: one.target.address is None),
    _Rule("dns.hijacked", lambda every: ", ".join(sorted(every.forged)),
          lambda every, one: _answer(one) in every.forged),
    _Rule("tls.intercepted", lambda every: ", ".join(sorted(every.foreign)),
          lambda every, one: _signer(one) in every.foreign),
    _Rule("path.lossy", lambda every: next((one.detail for one in every.paths if one.code == "path.lossy"), ""),
          AllTargets.is_drowned),
)  # fmt: skip
"""What several targets have in common, the gravest first."""


def explained(every: AllTargets) -> tuple[TargetDiagnosis, ...]:
    """Put what explains a target's failure in front of its findings, and drop what is nothing but its effect."""
    own = [rule for rule in OWN_NETWORK if every.is_lost() and rule.holds(every)][:1]
    rules = [(rule, facts) for rule in (*own, *RULES) if (facts := rule.holds(every))]

    def in_front(one: TargetDiagnosis) -> TargetDiagnosis:
        first = one.findings[0]
        front = [
            Finding(rule.code, first.operation, failure=first.failure,
                    detail=facts if isinstance(facts, (str, Message)) else first.detail)
            for rule, facts in rules
            if rule.explains(every, one) or (rule in own and one.first == rule.code)
        ]  # fmt: skip
        gone = {one.code for one in front}
        gone |= {"tls.cert_untrusted"} if "tls.intercepted" in gone else set()
        rest = () if gone & signs().codes["whole"] else (found for found in one.findings if found.code not in gone)
        return msgspec.structs.replace(one, findings=(*front, *rest))

    return tuple(in_front(one) if one.reached is False and one.findings else one for one in every.targets)


def is_stub(server: str) -> bool:
    """Whether a name server is a program of this computer."""
    return server.startswith("127.") or server == "::1"


def _is_behind(one: TargetDiagnosis) -> bool:
    return any(attempt.proxy is not None for attempt in one.seen.attempts)


def _is_cut_off(one: TargetDiagnosis) -> bool:
    return one.reached is False and one.findings[0].operation == "tls" and one.findings[0].failure in CUT_OFF


def _answer(one: TargetDiagnosis) -> str:
    """Return the one address that a name was given, an empty string where there are several or none."""
    addresses = set(addresses_used(one.seen.attempts[-1])) if one.seen.attempts else set()
    return addresses.pop() if len(addresses) == 1 and one.target.address is None else ""


def _signer(one: TargetDiagnosis) -> str:
    """Return who signed a certificate that was refused for it; where only the name is wrong, to whom it is made out."""
    facts = _certificate(one)
    if facts is None or not one.codes & {"tls.cert_untrusted", "tls.cert_name"}:
        return ""
    return facts.issuer if "tls.cert_untrusted" in one.codes else facts.subject


def _certificate(one: TargetDiagnosis) -> Certificate | None:
    shaken = [seen for attempt in one.seen.attempts for seen in attempt.only("main").handshakes]
    return shaken[-1].certificate if shaken else None


# what all of them say of the name servers and the path


def of_the_network(every: AllTargets) -> list[Finding]:
    """Return what the targets say of the network as a whole: its name servers, its line, whether it came and went."""
    healed = [one.healed for one in every.targets if one.healed is not None]
    plain = [one for one in healed if one.failure != failures.TIMEOUT]
    if not plain and 2 * len(healed) < len(every.targets):
        healed = []  # silence that ended at a few of many hosts is lost packets
    return [
        *_nameservers(every.targets),
        *every.paths,
        *(
            Finding("flaky", one.operation, failure=one.failure, detail=fact("before", code=one.code, facts=one.detail))
            for one in (plain or healed)[:1]
        ),
    ]


def _nameservers(targets: Targets) -> list[Finding]:
    """Return what is slow about names, each server by itself: a lost packet at a few names is no slow server."""
    attempts = [one.seen.attempts[-1] for one in targets if one.seen.attempts]
    looked = [one for attempt in attempts for one in attempt.only("main").lookups]
    known = {one.host for one in looked if one.addresses}
    system = [one for one in looked if one.by == "system" and one.host in known]
    connects = [one.duration_ms for attempt in attempts for one in attempt.connects if one.failure is None]
    limit = SLOW_LOOKUP_MS + min(connects, default=0.0)  # where everything takes as long, it is not the names
    slow = [one for one in system if one.duration_ms >= limit]
    if not slow or 2 * len(slow) < len(system):
        return []
    by_server: dict[str, list[Lookup]] = {}
    for one in sorted((one for one in looked if one.by == "nameserver"), key=lambda one: one.server):
        by_server.setdefault(one.server, []).append(one)
    code, where = "dns.slow" if not by_server or len(slow) == len(system) > 1 else "", ""
    for server, lookups in by_server.items():
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
    return [Finding(code, "resolve", failure=slow[0].failure, detail=f"{where}{seconds:.1f} s")] if code else []


def _outlasted(lookups: Sequence[Lookup]) -> bool:
    """Whether questions for IPv6 were still open long after those for IPv4 had their answers."""
    four, six = ([one.duration_ms for one in lookups if one.kind == kind] for kind in ("A", "AAAA"))
    return bool(six) and max(six) - statistics.median(four or [0.0]) >= SLOW_LOOKUP_MS / 2


def _paths(line: stability.Figures | None) -> list[Finding]:
    """Return what the line says of loss and distance."""
    found: list[Finding] = []
    if line is None:
        return found
    sample: dict[str, float] = {"sent": line.sent, "every": round(1000 * stability.INTERVAL)}
    if line.loss_low >= LOSSY:
        loss, low, high = (f"{share:.0%}" for share in (line.loss, line.loss_low, line.loss_high))
        detail = fact("lossy", lost=line.lost, loss=loss, low=low, high=high, **sample)
        found.append(Finding("path.lossy", "connect", failure=failures.TIMEOUT, detail=detail))
    if line.quick_ms is not None and line.quick_ms >= SLOW_PATH_MS:
        jitter = {} if line.jitter_ms is None else {"jitter": f"{line.jitter_ms:.0f}"}
        detail = fact("slow_jitter" if jitter else "slow", median=f"{line.median_ms:.0f}", **jitter, **sample)
        found.append(Finding("path.slow", "connect", detail=detail))
    return found


def without_silence(one: TargetDiagnosis) -> TargetDiagnosis:
    """Leave out that an address said nothing: on a line that loses packets, that is what it looks like."""
    silent = ("tcp.partial", "ipv6.broken") if one.reached else ()
    kept = tuple(f for f in one.findings if f.code not in silent or f.failure != failures.TIMEOUT)
    return msgspec.structs.replace(one, findings=kept)
