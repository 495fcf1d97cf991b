"""From observations to a verdict, over all targets: what is broken, where, and how sure that is. Pure.

Without a working control nothing is called blocked: where the fault sits is then `unknown`.
"""

from __future__ import annotations

import statistics
from collections import Counter
from typing import TYPE_CHECKING, Final

import msgspec

from diagnostics.network.common_causes import CUT_OFF, Common, explained, of_the_network, without_silence
from diagnostics.network.failure_causes import CLOCK_WRONG, Finding, TargetDiagnosis, diagnose_target
from diagnostics.network.measurements import Exchange, Handshake
from diagnostics.network.targets import ESSENTIAL, site
from diagnostics.network.verdicts import Effect, Status, Where, rank, signs, verdicts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from diagnostics.i18n import Message
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
        return tuple(dict.fromkeys([*first, *(finding.code for finding in self.findings)]))


def diagnose(seen: NetworkMeasurement) -> NetworkDiagnosis:
    """Judge everything one probe saw."""
    machine, skew = seen.machine, clock_skew(seen)
    common = Common(machine, tuple(diagnose_target(target, machine, skew) for target in seen.targets))
    targets, network = explained(common), of_the_network(common)
    if common.line is not None and common.line.lost:
        targets = tuple(map(without_silence, targets))
    whole = _Whole(machine, targets, network, skew)
    status, decisive, loud = whole.judge()
    if seen.cancelled:
        status, decisive = "cancelled", None
    each = [*network, *(finding for target in targets for finding in target.findings)]
    named = {finding.code: finding for finding in reversed(each)}
    findings = [
        *([decisive] if decisive else []),
        *whole.extra,
        *sorted(named.values(), key=lambda finding: rank(finding.code)),
    ]
    verdict = decisive.code if decisive else "ok" if status == "pass" else None
    here = verdict == "dns.server_unreachable" and bool(machine.nameservers) and common.stub
    return NetworkDiagnosis(
        status=status,
        verdict=verdict,
        effect="none" if here else whole.effect(status, decisive, loud),
        where="computer" if here else whole.where(verdict, decisive.failure if decisive else None),
        decisive=decisive,
        findings=tuple(finding for at, finding in enumerate(findings) if finding not in findings[:at]),
        targets=targets,
        skew_s=skew,
        here=here,
    )


def clock_skew(seen: NetworkMeasurement) -> float | None:
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


class _Whole:
    """All targets together: `needed` are those that WeChat needs or a user named, the others only compare.

    `judged` are those of them of which something is known, `extra` is what this computer itself says.
    """

    def __init__(self, machine: LocalNetwork, targets: Targets, network: Sequence[Finding], skew: float | None) -> None:
        self.targets, self.network, self.skew = targets, network, skew
        known = [target for target in targets if target.reached is not None]
        controls = [target for target in targets if target.purpose == "control"]
        self.needed = [target for target in targets if target not in controls] or list(targets)
        self.judged = [target for target in self.needed if target.reached is not None] or known
        self.known, self.controls, self.compared = known, controls, any(target.reached for target in controls)
        self.extra = self._about_machine(machine)

    def _about_machine(self, machine: LocalNetwork) -> list[Finding]:
        failing = [target for target in self.known if not target.reached and target not in self.controls]
        firsts = {target.first for target in failing if target.first}
        remote = any(verdicts()[code].where in ("middlebox", "far_end", "network") for code in firsts)
        alone = bool(self.controls) and not self.compared and not firsts & signs().codes["shared"]
        skew = self.skew or 0.0
        rules: tuple[tuple[object, str, str, str | Message], ...] = (
            (machine.ca_problem, "config.ca_bundle", "tls", machine.ca_problem or ""),
            (abs(skew) >= CLOCK_WRONG, "clock.skewed", "http", f"{-skew:+.0f} s"),
            (remote and alone, "control.missing", "http", ""),
            (machine.pac and failing, "proxy.unsupported", "proxy", machine.pac),
        )
        return [Finding(code, operation, detail=detail) for holds, code, operation, detail in rules if holds]

    def judge(self) -> tuple[Status, Finding | None, list[Finding]]:
        """Return the status, the finding that decides, and all that weigh on the effect."""
        down = self._down()
        if not self.known or (not down and self._has_unknown_purpose()):
            attempts = [attempt for target in self.targets for attempt in target.seen.attempts]
            steps = [attempt.unfinished for attempt in attempts if attempt.unfinished] or ["resolve"]
            return "unknown", Finding("time.out", Counter(steps).most_common(1)[0][0]), []
        own = [finding for target in self.judged for finding in target.findings[: None if target.reached else 1]]
        compared = [finding for target in self.controls if target.reached is not None for finding in target.findings
                    if target.reached or verdicts()[finding.code].effect == "intercepted"]  # fmt: skip
        warnings = [*self.extra, *self.network, *own, *compared]
        warnings = [finding for finding in warnings if verdicts()[finding.code].status != "pass"]
        if down:
            return "fail", self._failed(down), warnings
        if not warnings:
            return "pass", next(iter(own), None), []
        first = min(warnings, key=lambda finding: rank(finding.code))
        days = first.code == "clock.skewed" and abs(self.skew or 0.0) >= CLOCK_FAILS
        return "fail" if days else "warn", first, warnings

    def _down(self) -> list[TargetDiagnosis]:
        """Return the failing targets without which WeChat cannot work; each target that a user named is one."""
        others = [target for target in self.judged if target.purpose not in (*ESSENTIAL, "webank")]
        down = [target for target in others if not target.reached]
        for purpose in ESSENTIAL:
            group = [target for target in self.judged if target.purpose == purpose]
            down += group if not any(target.reached for target in group) else []
        return down

    def _has_unknown_purpose(self) -> bool:
        """Whether the time was up before anything was known of a purpose, or of a target that a user named."""
        groups = {purpose: [target.reached for target in self.targets if target.purpose == purpose]
                  for purpose in (*ESSENTIAL, "custom")}  # fmt: skip
        return any(None in group and (name == "custom" or True not in group) for name, group in groups.items())

    def _failed(self, down: Sequence[TargetDiagnosis]) -> Finding:
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

    def effect(self, status: Status, decisive: Finding | None, loud: Sequence[Finding]) -> Effect:
        """Compute what this says of the network, from what was reached; the findings only colour it.

        Nothing reached is never `ok`, everything reached never `unreachable`, and `unreachable` means that nothing at
        all that WeChat needs was.
        """
        failed, effects = status == "fail", {verdicts()[finding.code].effect for finding in loud}
        own: Effect = verdicts()[decisive.code].effect if decisive else "ok"
        vital = [target for target in self.needed if target.purpose != "webank"] or self.needed
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
        sites = {site(target.host) for target in encrypted if target.first == verdict}
        if self.compared and place == "far_end" and len(sites) > 1 and not any(target.reached for target in encrypted):
            return "network" if failure in CUT_OFF else "unknown"
        return place if self.compared else "unknown"
