"""From observations to a verdict, over all targets: what is broken, where, and how sure that is. Pure.

Without a working control nothing is called blocked: where the fault sits is then `unknown`.
"""

from __future__ import annotations

import statistics
from collections import Counter
from typing import TYPE_CHECKING, Final

import msgspec

from diagnostics.network.common_causes import CUT_OFF, explained, is_stub, of_the_network, without_silence
from diagnostics.network.failure_causes import CLOCK_WRONG, Finding, TargetDiagnosis, diagnose_target
from diagnostics.network.targets import ESSENTIAL, site
from diagnostics.network.verdicts import Effect, Status, Where, rank, signs, verdicts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from diagnostics.network.measurements import LocalNetwork, NetworkMeasurement

    Targets = Sequence[TargetDiagnosis]

CLOCK_FAILS: Final = 86_400.0


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
    targets = explained(seen.machine, tuple(diagnose_target(one, seen.machine, skew) for one in seen.targets))
    network = of_the_network(targets)
    if any(one.seen.samples and len(one.seen.samples.times_ms) < one.seen.samples.sent for one in targets):
        targets = tuple(map(without_silence, targets))
    whole = _Whole(seen.machine, targets, network, skew)
    status, decisive, loud = whole.judge()
    if seen.cancelled:
        status, decisive = "cancelled", None
    named = {one.code: one for one in reversed([*network, *(one for target in targets for one in target.findings)])}
    every = [*([decisive] if decisive else []), *whole.extra, *sorted(named.values(), key=lambda one: rank(one.code))]
    verdict = decisive.code if decisive else "ok" if status == "pass" else None
    stubs = seen.machine.nameservers or ()
    here = verdict == "dns.server_unreachable" and bool(stubs) and all(map(is_stub, stubs))
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
        remote = any(verdicts()[code].where in ("middlebox", "far_end", "network") for code in firsts)
        compared = not self.controls or any(one.reached for one in self.controls)
        if remote and not compared and not firsts & signs().codes["shared"]:
            found.append(Finding("control.missing", "http"))
        if machine.pac and failing:
            found.append(Finding("proxy.unsupported", "proxy", detail=machine.pac))
        return found

    def judge(self) -> tuple[Status, Finding | None, list[Finding]]:
        """Return the status, the finding that decides, and all that weigh on the effect."""
        down = self._down()
        if not self.known or (not down and self._untold()):
            return "unknown", Finding("time.out", _step(self.targets)), []
        own = [one for target in self.judged for one in target.findings[: None if target.reached else 1]]
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
        shared = [one.findings[0] for one in self.known if one.first in signs().codes["shared"]]
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
        if place not in ("middlebox", "far_end") or verdict in signs().codes["proven"]:
            return place
        if not any(one.reached for one in self.controls):
            return "unknown"
        encrypted = [one for one in self.targets if one.target.encrypted]
        sites = {site(one.target.host) for one in encrypted if one.first == verdict}
        if place == "far_end" and len(sites) > 1 and not any(one.reached for one in encrypted):
            return "network" if failure in CUT_OFF else "unknown"
        return place


def _step(targets: Targets) -> str:
    steps = [attempt.unfinished for one in targets for attempt in one.seen.attempts if attempt.unfinished]
    return Counter(steps).most_common(1)[0][0] if steps else "resolve"
