"""The check `network.reachability`: whether this computer's network reaches what the WeChat entry needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from diagnostics.checks.base import CheckResult, Context, Progress
from diagnostics.evidence import Observation, StepResult, now
from diagnostics.i18n import Message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from diagnostics.knowledge.model import Knowledge
    from diagnostics.network.diagnosis import NetworkDiagnosis
    from diagnostics.network.failure_causes import TargetDiagnosis
    from diagnostics.network.measurements import Step
    from diagnostics.network.targets import Target

ID: Final = "network.reachability"
TO_JUDGE: Final = 0.25
"""Seconds kept back for the verdict: a busy computer takes that long, and what comes late is lost."""


class ReachabilityCheck:
    """Probes the built-in targets, or those of the option `targets` in their place."""

    id: Final = ID
    network: Final = True

    def __init__(self, _knowledge: Knowledge | None = None) -> None:
        """Needs no knowledge."""

    def run(self, context: Context) -> CheckResult:
        """Probe until done, out of time or cancelled. Raises ValueError for a target that is no URL."""
        from diagnostics.network.deadline import Deadline
        from diagnostics.network.probe import STEP_DONE, Limits, probe
        from diagnostics.network.targets import built_in, parse_target

        targets = [parse_target(target) for target in context.options.targets] or list(built_in())
        seconds = context.options.timeout
        last: dict[Target, str] = {}

        def on_step(target: Target, step: str, where: str, done: int) -> None:
            over = step == STEP_DONE
            last[target] = shown = last.get(target, "") if over else step
            name = f"{target.host} ({where})" if where and where != target.host else target.host
            context.progress(Progress(check=ID, step=shown, target=name, done=done, total=len(targets), over=over))

        seen = probe(
            targets,
            deadline=Deadline(min(context.remaining(), seconds) - min(TO_JUDGE, seconds / 20), context.cancelled),
            limits=Limits(**context.options.limits),
            on_step=on_step,
            preload=_load_texts,
        )
        from diagnostics.network.diagnosis import diagnose

        shared = context.evidence.value("network.same_network") == "yes"
        return _result(diagnose(seen), seen.duration_ms, shared=shared)


def _load_texts() -> None:
    """Preload what the verdict needs while waiting for the network."""
    from diagnostics.network import diagnosis, verdicts  # noqa: F401

    verdicts.verdicts()


def _result(outcome: NetworkDiagnosis, duration_ms: float, *, shared: bool = False) -> CheckResult:
    """Return the result; `shared` means that the phone is known to use the same network."""
    from diagnostics.network.verdicts import verdicts

    decisive = outcome.decisive
    texts = {code: {part: Message(f"verdict.{code}.{part}") for part in ("text", "advice")} for code in outcome.codes}
    advice = {"id": outcome.verdict, "where": outcome.where, "text": _says(outcome, "advice"),
              "short": _says(outcome, "short")}  # fmt: skip
    codes = ", ".join(outcome.codes)
    seen = Observation(id=ID, value=outcome.effect, source="computer", observed_at=now(), detail=codes)
    return CheckResult(
        id=ID,
        status=outcome.status,
        verdict=outcome.verdict,
        operation=decisive.operation if decisive else None,
        failure=decisive.failure if decisive else None,
        duration_ms=round(duration_ms, 1),
        detail=_detail(outcome, shared=shared),
        steps=tuple(step for target in outcome.targets for step in _steps(target)),
        data={
            "network": "computer",
            "effect": outcome.effect,
            "where": outcome.where,
            "verdicts": list(outcome.codes),
            "here": outcome.here,
            "facts": decisive.detail if decisive else "",
            "advice": advice if outcome.verdict else None,
            "named": [{"verdict": code, **says, "source": verdicts()[code].source} for code, says in texts.items()],
            "clock_skew_s": round(outcome.skew_s, 1) if outcome.skew_s is not None else None,
            "targets": [_row(target) for target in outcome.targets],
        },
        observations=(seen,) if outcome.effect != "none" else (),
    )


def _says(outcome: NetworkDiagnosis, part: str) -> Message:
    """Return a text of the decisive finding: `text`, `advice` or `short`."""
    return Message(f"verdict.{outcome.verdict}.{part}", {"here": int(outcome.here)})


def _detail(outcome: NetworkDiagnosis, *, shared: bool) -> tuple[Message, ...]:
    """Return lines: what is wrong, what works, what to do first, and whether it concerns the phone."""
    groups = list(_groups(outcome))
    lines = [
        Message(f"check.{ID}.{word}", {"names": names})
        for word, state in (("works", True), ("fails", False))
        if (names := tuple(name for name, works in groups if works is state))
    ]
    if outcome.status == "cancelled":
        return (Message(f"check.{ID}.cancelled"), *lines)
    if outcome.verdict is None:
        return tuple(lines)
    if outcome.status != "pass":
        lines.append(Message(f"check.{ID}.first", {"short": _says(outcome, "short")}))
    if not shared:
        lines.append(Message(f"check.{ID}.elsewhere"))
    return (_says(outcome, "text"), *lines)


def _groups(outcome: NetworkDiagnosis) -> Iterator[tuple[Message | str, bool]]:
    """Yield the name of each purpose, and whether any host of it was reached."""
    from diagnostics.network.targets import PURPOSES

    for purpose in PURPOSES:
        group = [one for one in outcome.targets if one.target.purpose == purpose and one.reached is not None]
        if purpose == "custom":
            yield from ((one.target.host, bool(one.reached)) for one in group)
        elif group:
            yield Message(f"check.{ID}.purpose.{purpose}"), any(one.reached for one in group)


def _row(target: TargetDiagnosis) -> dict[str, Any]:
    from diagnostics.network.diagnosis import status_of
    from diagnostics.network.measurements import figures

    first = target.findings[0] if target.findings else None
    verdict = first.code if first else "ok" if target.reached else None
    unfinished = next((attempt.unfinished for attempt in reversed(target.attempts) if attempt.unfinished), None)
    row: dict[str, Any] = {
        "target": target.target.url,
        "purpose": target.target.purpose,
        "status": status_of(target),
        "verdict": verdict,
        "verdicts": list(dict.fromkeys(finding.code for finding in target.findings)) or [verdict] * bool(verdict),
        "operation": first.operation if first else unfinished,
        "failure": first.failure if first else None,
        "detail": first.detail if first else "",
        "duration_ms": round(target.duration_ms, 1),
        "attempts": len(target.attempts),
        "steps": [
            {"name": step.name, "address": step.target, "duration_ms": step.duration_ms, "failure": step.failure,
             "detail": step.detail} for step in _steps(target)
        ],
    }  # fmt: skip
    for via in (attempt.proxy for attempt in target.attempts if attempt.proxy is not None):
        row["proxy"] = via.url
    if target.samples is not None:
        stats = figures(target.samples)
        times = ("median_ms", "jitter_ms", "worst_ms", "worst_gap_ms")
        row["stability"] = {
            "sent": stats.sent,
            "lost": stats.lost,
            "loss": round(stats.loss, 4),
            "loss_interval": [round(stats.loss_low, 4), round(stats.loss_high, 4)],
            "interval_ms": target.samples.interval_ms,
            "waiting_ms": target.samples.waiting_ms,
        } | {name: None if (ms := getattr(stats, name)) is None else round(ms, 2) for name in times}
    return row


def _steps(target: TargetDiagnosis) -> list[StepResult]:
    """Return every timed step of a target, in the order begun."""
    rows: list[tuple[str, str, Step, str]] = []
    for attempt in target.attempts:
        if (via := attempt.proxy) is not None:
            rows.append(("proxy", via.url, via, f"status {via.status}" * bool(via.status)))
        for look in attempt.lookups:
            answer = (look.by, look.server, look.kind, ", ".join(look.addresses))
            rows.append(("resolve", look.host, look, " ".join(filter(None, answer))))
        rows += [("connect", f"{to.address} port {to.port}", to, to.hint) for to in attempt.connects]
        for shake in attempt.handshakes:
            rows.append(("tls", shake.address, shake, " ".join(filter(None, (shake.version, shake.hint)))))
        rows += [("http", hop.url, hop, f"status {hop.status}" * bool(hop.status)) for hop in attempt.exchanges]
    rows.sort(key=lambda row: round(row[2].started_ms, 1))
    return [
        StepResult(name=name, target=where, started_ms=round(step.started_ms, 1),
                   duration_ms=round(step.duration_ms, 1), failure=step.failure, detail=detail)
        for name, where, step, detail in rows
    ]  # fmt: skip
