"""The parts of a report, each written from what it is about and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from diagnostics import said
from diagnostics.explain import because, title_of, value_text, would_change
from diagnostics.report.model import (
    ActionText,
    Application,
    CauseReport,
    CheckReport,
    ContradictionReport,
    ObservationReport,
    Outcome,
    Questions,
    Reminder,
    ReminderId,
    SkippedQuestion,
    SourceRef,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from diagnostics.checks.base import CheckResult
    from diagnostics.engine.assessment import Assessment, Clash
    from diagnostics.engine.interview import Interview
    from diagnostics.evidence import Observation, Value
    from diagnostics.knowledge.model import Action, Cause, Knowledge, Status

WARNED: Final = ("scam.offered_paid_opening", "entry.page_message", "entry.official_account")
"""The answers that decide which warnings are given."""


def write_contradiction(knowledge: Knowledge, clash: Clash, lang: str) -> ContradictionReport:
    """Write a contradiction with all that was observed."""
    return ContradictionReport(
        id=clash.id,
        text=clash.text.get(lang),
        observations=[write_observation(one, value_text(knowledge, one, lang)) for one in clash.observations],
        settle=clash.settle,
    )


def summary(knowledge: Knowledge, outcome: Outcome, first: Cause, status: Status, strong: int, lang: str) -> str:
    """Return the verdict in one sentence; `strong` causes stand at likely or above, the first among them."""
    key = f"summary.{outcome}" + (f".{status}" if outcome == "cause_found" else "")
    more = knowledge.say("summary.more", lang, count=strong - 1) if outcome == "cause_found" and strong > 1 else ""
    return knowledge.say(key, lang, title=first.text(lang).title, more=more)


def questions(knowledge: Knowledge, asked: Interview, lang: str) -> Questions:
    """Return where the interview stands, with the reasons in words."""
    return Questions(
        answered=asked.answered,
        next=asked.next,
        page=asked.page,
        remaining=asked.remaining,
        skipped=[
            SkippedQuestion(id=one.id, reason=one.reason, text=knowledge.say(f"skip.{one.reason}", lang))
            for one in asked.skipped
        ],
        stop_reason=asked.stop_reason,
    )


def write_cause(assessment: Assessment, at: int, rank: int, lang: str) -> CauseReport:
    """Write a cause (its index) with its evidence and what would move it."""
    knowledge, found = assessment.knowledge, assessment.cause(at)
    cause, text = found.cause, found.cause.text(lang)
    return CauseReport(
        id=cause.id,
        group=cause.group,
        kind=cause.kind,
        title=text.title,
        status=found.status,
        confidence=found.confidence,
        rank=rank,
        meaning=text.meaning,
        because=because(assessment, at, lang),
        would_change=would_change(assessment, at, lang),
        actions=[_action(action, lang) for action in cause.action],
        shows_after=text.shows_after,
        sources=source_refs(knowledge, cause.sources, lang),
    )


def _action(action: Action, lang: str) -> ActionText:
    return ActionText(
        text=action.get(lang),
        effort=action.effort,
        by=action.by,
        verify=action.verify.get(lang),
        rechecks=action.rechecks,
    )


def source_refs(knowledge: Knowledge, ids: Iterable[str], lang: str) -> list[SourceRef]:
    """Return the sources of these ids with their texts."""
    notes = [knowledge.sources[id_] for id_ in ids]
    return [SourceRef(id=note.id, text=note.get(lang), confidence=note.confidence, refs=note.refs) for note in notes]


def write_observation(seen: Observation, text: str) -> ObservationReport:
    """Write an observation; `text` is its value in words."""
    return ObservationReport(
        id=seen.id,
        value=seen.value,
        source=seen.source,
        observed_at=seen.observed_at,
        detail=seen.detail if seen.band is None else f"band {seen.band}",
        text=text,
    )


def write_check(knowledge: Knowledge, result: CheckResult, lang: str) -> CheckReport:
    """Write how a check ended, in words of this language."""
    return CheckReport(
        id=result.id,
        title=title_of(knowledge, result.id, lang),
        status=result.status,
        verdict=result.verdict,
        operation=result.operation,
        failure=result.failure,
        duration_ms=round(result.duration_ms, 1),
        detail=said.text(knowledge, result.detail, lang),
        steps=result.steps,
        data=said.word(knowledge, result.data, lang),
    )


def reminders(knowledge: Knowledge, answer: Callable[[str], Value | None], lang: str) -> list[Reminder]:
    """Write the warnings that these answers call for.

    The scam warning stands first wherever somebody offered to open the entry for money, else among the reminders.
    """
    offer, message, account = map(answer, WARNED)
    offered, refused = offer == "yes", message == "not_approved" or account == "refused"
    ids: list[ReminderId] = ["scam"] if offered else []
    ids += ["no_repeat"] if refused else []
    ids += ["over_borrowing", "no_promise", "no_app", "privacy"]
    ids += [] if offered else ["scam"]
    return [Reminder(id=id_, text=knowledge.guide.warning[id_].get(lang)) for id_ in ids]


def write_application(knowledge: Knowledge, lang: str) -> Application:
    """Write what follows once the entry is found."""
    return Application(
        steps=tuple(text.get(lang) for text in knowledge.guide.step),
        cautions=tuple(text.get(lang) for text in knowledge.guide.caution),
    )
