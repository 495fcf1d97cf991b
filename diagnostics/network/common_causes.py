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


class _Rule(msgspec.Struct, frozen=True):
    """What explains failures: the code, its facts, and which targets it explains."""

    code: str
    detail: str | Message
    explains: Callable[[TargetDiagnosis], bool]


def explained(machine: LocalNetwork, targets: Targets) -> tuple[TargetDiagnosis, ...]:
    """Put what explains a target's failure in front of its findings, and drop what is nothing but its effect."""
    address = _one_address(targets)
    shared = set() if address else _shared_forgery(targets)
    boxes = {*shared, address} - {""}
    foreign = _foreign_signers([one for one in targets if _answer(one) not in boxes])
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
    rest = () if gone & signs().codes["whole"] else (found for found in one.findings if found.code not in gone)
    return msgspec.structs.replace(one, findings=(*front, *rest))


def _own_network(machine: LocalNetwork, targets: Targets) -> list[_Rule]:
    """Return the fault of this computer's own network that could explain everything, going by its own word."""
    if any(one.reached for one in targets) or not any(one.reached is False for one in targets):
        return []
    # nothing but loopback, and that in use: names are looked up on this computer by intention
    intended = bool(machine.loopback_up) and machine.interfaces == 0
    # a nameserver on this computer (a stub) answers without any network, but only that it could not find out
    stub = all(map(is_stub, machine.nameservers or ("",)))

    def without_way(first: Finding) -> bool:
        if first.failure in _NO_WAY or first.code == "route.none":
            return True
        return (
            first.operation == "resolve" and not intended and not (stub and first.code in signs().codes["stub_knows"])
        )

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
    servers, router = machine.nameservers or (), machine.gateway
    first = {one.first for one in targets if one.reached is False}
    beyond = [one for one in servers if one != router and one not in machine.neighbours and not is_stub(one)]
    telling = router in servers or len(beyond) > 1
    looked = [look for one in targets for attempt in one.seen.attempts for look in attempt.lookups]
    answers = machine.gateway_answers or any(one.server == router and one.failure not in _SILENT for one in looked)
    return answers and telling and len(targets) > 1 and first <= signs().codes["silent"]


def is_stub(server: str) -> bool:
    """Whether a name server is a program of this computer."""
    return server.startswith("127.") or server == "::1"


def _dead_end(targets: Targets) -> list[_Rule]:
    """Return that the proxy of this computer leads nowhere: it lets several hosts in, and nothing comes back."""
    behind = [one for one in targets if any(attempt.proxy is not None for attempt in one.seen.attempts)]
    cut_off = {one.target.host for one in behind if _is_cut_off(one)}
    if len(cut_off) < 2 or any(one.reached for one in behind):
        return []
    return [_Rule("proxy.refused", "", lambda one: one in behind and _is_cut_off(one))]


def _is_cut_off(one: TargetDiagnosis) -> bool:
    return one.reached is False and one.findings[0].operation == "tls" and one.findings[0].failure in CUT_OFF


def _drowned(targets: Targets) -> list[_Rule]:
    """Return that the line loses so much that hosts seem silent."""
    told, lossy = _line(targets), [one for one in _paths(targets) if one.code == "path.lossy"]

    def explains(one: TargetDiagnosis) -> bool:
        first, loss = one.findings[0], told.loss if told else 0.0
        least = 2 * DROWNING if first.operation == "connect" else DROWNING
        return first.failure == failures.TIMEOUT and loss >= least

    return [_Rule(one.code, one.detail, explains) for one in lossy]


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
    addresses = set(addresses_used(one.seen.attempts[-1])) if one.seen.attempts else set()
    return addresses.pop() if len(addresses) == 1 and one.target.address is None else ""


def _one_address(targets: Targets) -> str:
    """Return the one address that all names were given, where none of them proved itself there."""
    named = [one for one in targets if one.target.address is None and one.seen.attempts and not one.by_proxy]
    hosts = {one.target.host for one in named}
    answers = {_answer(one) for one in named}
    proved = any(one.reached and (one.target.encrypted or one.target.speaks_http) for one in named)
    forged = any(one.codes & signs().codes["forgeable"] for one in named)
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


# what all of them say of the name servers and the path


def of_the_network(targets: Targets) -> list[Finding]:
    """Return what the targets say of the network as a whole."""
    return [*_nameservers(targets), *_paths(targets), *_came_and_went(targets)]


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


def _came_and_went(targets: Targets) -> list[Finding]:
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


def without_silence(one: TargetDiagnosis) -> TargetDiagnosis:
    """Leave out that an address said nothing: on a line that loses packets, that is what it looks like."""
    if not one.reached:
        return one
    silent = ("tcp.partial", "ipv6.broken")
    kept = tuple(f for f in one.findings if f.code not in silent or f.failure != failures.TIMEOUT)
    return msgspec.structs.replace(one, findings=kept)
