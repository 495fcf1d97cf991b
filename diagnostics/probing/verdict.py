"""From observations to a verdict, over all targets: what is broken, where, and how sure that is. Pure.

Without a working control nothing is called blocked: where the fault sits is then `unknown`.
"""

from __future__ import annotations

import statistics
from collections import Counter
from typing import TYPE_CHECKING, Final

import msgspec

from diagnostics.checks.base import CheckStatus
from diagnostics.probing import common, judged
from diagnostics.probing.catalog import Effect, Where, rank, verdicts
from diagnostics.probing.causes import CLOCK_WRONG, Finding
from diagnostics.probing.judged import Judged
from diagnostics.probing.targets import ESSENTIAL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from diagnostics.probing.observations import Seen

CLOCK_FAILS: Final = 86_400.0
_EFFECTS: Final[tuple[Effect, ...]] = ("intercepted", "unreachable", "unstable", "ok", "none")
_REMOTE: Final = ("middlebox", "far_end", "network")


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """The whole: `decisive` first among `findings`; `effect` is what it says of the network the computer is in."""

    status: CheckStatus
    verdict: str | None
    effect: Effect
    where: Where
    decisive: Finding | None
    findings: tuple[Finding, ...]
    targets: tuple[Judged, ...]
    skew_s: float | None = None

    @property
    def codes(self) -> tuple[str, ...]:
        """All codes named, the decisive one first, each once."""
        first = [self.verdict] if self.verdict else []
        return tuple(dict.fromkeys([*first, *(one.code for one in self.findings)]))


def decide(seen: Seen) -> Outcome:
    """Judge everything one probe saw."""
    skew = clock_skew(seen)
    targets = common.explain(seen.machine, tuple(judged.judge(one, seen.machine, skew) for one in seen.targets))
    extra = _about_machine(seen, targets, skew)
    status, decisive, effect = _whole(targets, extra, skew)
    named = sorted(
        {one.code: one for target in targets for one in reversed(target.findings)}.values(),
        key=lambda one: rank(one.code),
    )
    findings: list[Finding] = []
    for one in (*([decisive] if decisive else []), *extra, *named):
        if one not in findings:
            findings.append(one)
    if seen.cancelled:
        status, decisive, effect = "cancelled", None, "none"
    verdict = decisive.code if decisive else "ok" if status == "pass" else None
    return Outcome(
        status=status,
        verdict=verdict,
        effect=effect,
        where=_where(verdict, targets),
        decisive=decisive,
        findings=tuple(findings),
        targets=targets,
        skew_s=skew,
    )


def clock_skew(seen: Seen) -> float | None:
    """Return how far (seconds) the servers' clocks are ahead of ours: the median of all that told a date."""
    attempts = [attempt for target in seen.targets for attempt in target.attempts]
    told = [one.date_skew_s for attempt in attempts for one in attempt.exchanges]
    told += [one.date_skew_s for attempt in attempts for one in attempt.handshakes]
    known = [skew for skew in told if skew is not None]
    return statistics.median(known) if known else None


def status_of(target: Judged) -> CheckStatus:
    """Return how one target fared."""
    if target.reached is None:
        return "unknown"
    if not target.reached:
        return "fail"
    return "warn" if any(verdicts()[one.code].status != "pass" for one in target.findings) else "pass"


def _about_machine(seen: Seen, targets: Sequence[Judged], skew: float | None) -> list[Finding]:
    found = []
    if seen.machine.ca_problem is not None:
        found.append(Finding(code="config.ca_bundle", operation="tls", detail=seen.machine.ca_problem))
    if skew is not None and abs(skew) >= CLOCK_WRONG:
        found.append(Finding(code="clock.skewed", operation="http", detail=f"{-skew:+.0f} s"))
    failing = [one for one in targets if one.reached is False and one.target.purpose != "control"]
    controls = [one for one in targets if one.target.purpose == "control"]
    firsts = {one.findings[0].code for one in failing if one.findings}
    remote = any(verdicts()[code].where in _REMOTE for code in firsts)
    if controls and remote and not firsts & common.SHARED and not any(one.reached for one in controls):
        found.append(Finding(code="control.missing", operation="http"))
    if seen.machine.pac and failing:
        found.append(Finding(code="proxy.unsupported", operation="proxy", detail=seen.machine.pac))
    return found


def _whole(
    targets: Sequence[Judged], extra: list[Finding], skew: float | None
) -> tuple[CheckStatus, Finding | None, Effect]:
    known = [one for one in targets if one.reached is not None]
    if not known:
        return "unknown", Finding(code="time.out", operation=_step(targets)), "none"
    needed = [one for one in known if one.target.purpose != "control"] or known
    down = _down(needed)
    if down:
        return _failed(down, known, extra)
    if _untold(targets):
        return "unknown", Finding(code="time.out", operation=_step(targets)), "none"
    failing = [one for one in needed if not one.reached]
    warnings = [*extra, *(one for target in failing for one in target.findings)]
    warnings += [one for target in needed if target.reached for one in target.findings]
    controls = [one for one in known if one.target.purpose == "control"]
    warnings += [one for target in controls for one in target.findings if _effect(one) == "intercepted"]
    warnings += [one for target in controls if target.reached for one in target.findings]
    warnings = [one for one in warnings if verdicts()[one.code].status != "pass"]
    effect = "none" if failing or len(known) < len(targets) else _ok_effect(needed)
    if not warnings:
        passing = next((one for target in needed for one in target.findings), None)
        return "pass", passing, effect
    first = min(warnings, key=lambda one: rank(one.code))
    if any(_effect(one) in ("intercepted", "unstable") for one in warnings):
        effect = min((_effect(one) for one in warnings), key=_EFFECTS.index)
    if first.code == "clock.skewed" and abs(skew or 0.0) >= CLOCK_FAILS:
        return "fail", first, effect
    return "warn", first, effect


def _effect(finding: Finding) -> Effect:
    return verdicts()[finding.code].effect


def _ok_effect(needed: Sequence[Judged]) -> Effect:
    """Return `ok`, or `none` where this computer's own proxy was the only way: others do not take it."""
    own_way = [
        one
        for one in needed
        if any(attempt.proxy is not None for attempt in one.seen.attempts) or judged.placeholders(one)
    ]
    return "none" if len(own_way) == len(needed) else "ok"


def _down(needed: Sequence[Judged]) -> list[Judged]:
    """Return the failing targets without which WeChat cannot work; each target that a user named is one."""
    custom = [one for one in needed if one.target.purpose not in (*ESSENTIAL, "webank")]
    down = [one for one in custom if not one.reached]
    for purpose in ESSENTIAL:
        group = [one for one in needed if one.target.purpose == purpose]
        if group and not any(one.reached for one in group):
            down += group
    return down


def _untold(targets: Sequence[Judged]) -> bool:
    """Whether the time was up before anything was known of a purpose, or of a target that a user named."""
    for purpose in (*ESSENTIAL, "custom"):
        group = [one.reached for one in targets if one.target.purpose == purpose]
        if None in group and (purpose == "custom" or True not in group):
            return True
    return False


def _failed(
    down: Sequence[Judged], known: Sequence[Judged], extra: list[Finding]
) -> tuple[CheckStatus, Finding, Effect]:
    firsts = [one.findings[0] for one in down if one.findings]
    explained = [one for one in extra if one.code in ("config.ca_bundle", "proxy.unsupported")]
    explained = [one for one in explained if _explains(one, firsts)]
    count = Counter(one.code for one in firsts)
    first = min(firsts, key=lambda one: (-count[one.code], rank(one.code)))
    shared = [one.findings[0] for one in known if one.findings and one.findings[0].code in common.SHARED]
    if explained:
        first = explained[0]
    elif shared:
        first = min(shared, key=lambda one: rank(one.code))
    partly = any(one.reached for one in known) and all(one.target.purpose == "custom" for one in down)
    effect = min((_effect(one) for one in [first, *shared]), key=_EFFECTS.index)
    return "fail", first, "none" if partly and effect != "intercepted" else effect


def _explains(extra: Finding, firsts: Sequence[Finding]) -> bool:
    codes = {one.code for one in firsts}
    if extra.code == "config.ca_bundle":
        return codes <= {"tls.cert_untrusted", "tls.intercepted"}
    return all(one.operation in ("resolve", "connect") for one in firsts)


def _where(verdict: str | None, targets: Sequence[Judged]) -> Where:
    if verdict is None:
        return "unknown"
    place = verdicts()[verdict].where
    controls = [one for one in targets if one.target.purpose == "control"]
    if place in ("middlebox", "far_end") and not any(one.reached for one in controls):
        return "unknown"
    return place


def _step(targets: Sequence[Judged]) -> str:
    steps = [attempt.unfinished for one in targets for attempt in one.seen.attempts if attempt.unfinished]
    return Counter(steps).most_common(1)[0][0] if steps else "resolve"
