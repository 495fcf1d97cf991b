"""Write an assessment as a report, in one language."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Literal

from diagnostics.evidence import Evidence, Observation
from diagnostics.explain import because, title_of, value_text, would_change
from diagnostics.interview import interview
from diagnostics.plan import plan
from diagnostics.reasoning import FOR, assess, moves
from diagnostics.report.model import (
    ActionText,
    Application,
    CauseReport,
    CheckReport,
    ContradictionReport,
    KnowledgeStamp,
    ObservationReport,
    Outcome,
    Questions,
    Reminder,
    ReminderId,
    Report,
    SkippedQuestion,
    SourceRef,
    WhatIf,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from diagnostics.checks.base import CheckResult
    from diagnostics.evidence import Value
    from diagnostics.interview import Interview
    from diagnostics.knowledge.model import Action, Knowledge
    from diagnostics.reasoning import Assessment, Verdict


def now() -> str:
    """Return the time as RFC 3339 in UTC, to the second; `SOURCE_DATE_EPOCH` stands for it where set."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    seconds = int(epoch) if epoch.isdecimal() else None
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def outcome_of(assessment: Assessment, asked: Interview) -> Outcome:
    """Say how the search ended."""
    if assessment.ends == "entry_found":
        return "entry_found"
    if assessment.first.status in ("confirmed", "likely"):
        return "cause_found"
    return "not_enough_known" if asked.remaining else "no_clear_cause"


def build(
    knowledge: Knowledge,
    evidence: Evidence,
    checks: Iterable[CheckResult] = (),
    *,
    lang: Literal["zh", "en"] = "zh",
    generated_at: str | None = None,
    what_if: Mapping[str, Value] | None = None,
) -> Report:
    """Assess the evidence and write the whole report in one language.

    What the checks observed must already be in the evidence; `checks` are their results as they are shown.
    `what_if` are answers to try: the report then says what they would change, and changes nothing.
    """
    assessment = assess(knowledge, evidence)
    asked = interview(knowledge, assessment)
    outcome = outcome_of(assessment, asked)
    return Report(
        generated_at=generated_at or now(),
        lang=lang,
        knowledge=KnowledgeStamp(knowledge.version),
        outcome=outcome,
        summary=summary(knowledge, assessment, outcome, lang),
        causes=[
            _cause(knowledge, assessment, verdict, rank, lang)
            for rank, verdict in enumerate(assessment.verdicts.values(), 1)
        ],
        tree=tree(knowledge, assessment),
        plan=plan(knowledge, assessment, lang),
        observations=[_observation(knowledge, one, lang) for one in assessment.facts.evidence.all],
        checks=[_check(knowledge, result, lang) for result in checks],
        questions=questions(knowledge, asked, lang),
        contradictions=[
            ContradictionReport(
                id=clash.id,
                text=clash.text.get(lang),
                observations=[_observation(knowledge, one, lang) for one in clash.observations],
                settle=clash.settle,
            )
            for clash in assessment.clashes
        ],
        warnings=_warnings(knowledge, assessment, lang),
        application=_application(knowledge, lang) if outcome == "entry_found" else None,
        limits=tuple(text.get(lang) for text in knowledge.guide.limits),
        what_if=_what_if(knowledge, evidence, assessment, what_if) if what_if else None,
    )


def _what_if(knowledge: Knowledge, evidence: Evidence, before: Assessment, answers: Mapping[str, Value]) -> WhatIf:
    tried = [Observation(id=id_, value=value) for id_, value in answers.items()]
    after = assess(knowledge, Evidence([one for one in evidence.all if one.id not in answers]).plus(*tried))
    return WhatIf(
        answers=dict(answers),
        outcome=outcome_of(after, interview(knowledge, after)),
        first=after.first.cause.id,
        moves=moves(before, after),
    )


def tree(knowledge: Knowledge, assessment: Assessment) -> dict[str, list[str]]:
    """Return every group with its causes, strongest first in each."""
    return {
        group.id: [id_ for id_, verdict in assessment.verdicts.items() if verdict.cause.group == group.id]
        for group in knowledge.groups
    }


def summary(knowledge: Knowledge, assessment: Assessment, outcome: Outcome, lang: str) -> str:
    """Return the verdict in one sentence."""
    first = assessment.first
    others = sum(verdict.status in ("confirmed", "likely") for verdict in assessment.verdicts.values()) - 1
    key = f"summary.{outcome}" + (f".{first.status}" if outcome == "cause_found" else "")
    more = knowledge.say("summary.more", lang, count=others) if outcome == "cause_found" and others > 0 else ""
    return knowledge.say(key, lang, title=first.cause.text(lang).title, more=more)


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


def _cause(knowledge: Knowledge, assessment: Assessment, verdict: Verdict, rank: int, lang: str) -> CauseReport:
    cause, text = verdict.cause, verdict.cause.text(lang)
    return CauseReport(
        id=cause.id,
        group=cause.group,
        kind=cause.kind,
        title=text.title,
        status=verdict.status,
        confidence=verdict.confidence,
        rank=rank,
        meaning=text.meaning,
        because=because(knowledge, assessment, verdict, lang),
        would_change=would_change(knowledge, assessment, verdict, lang),
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


def _observation(knowledge: Knowledge, seen: Observation, lang: str) -> ObservationReport:
    return ObservationReport(
        id=seen.id,
        value=seen.value,
        source=seen.source,
        observed_at=seen.observed_at,
        detail=seen.detail,
        text=value_text(knowledge, seen, lang),
    )


def _check(knowledge: Knowledge, result: CheckResult, lang: str) -> CheckReport:
    return CheckReport(
        id=result.id,
        title=title_of(knowledge, result.id, lang),
        status=result.status,
        verdict=result.verdict,
        operation=result.operation,
        failure=result.failure,
        duration_ms=round(result.duration_ms, 1),
        detail=result.detail,
        steps=result.steps,
        data=result.data,
    )


def _warnings(knowledge: Knowledge, assessment: Assessment, lang: str) -> list[Reminder]:
    """The scam warning stands first wherever somebody offered to open the entry for money, else among the reminders."""
    answer = assessment.facts.evidence.value
    offered = answer("scam.offered_paid_opening") == "yes"
    refused = answer("entry.page_message") == "not_approved" or answer("entry.official_account") == "refused"
    ids: list[ReminderId] = ["scam"] if offered else []
    ids += ["no_repeat"] if refused else []
    ids += ["over_borrowing", "no_promise", "no_app", "privacy"]
    ids += [] if offered else ["scam"]
    return [Reminder(id=id_, text=knowledge.guide.warning[id_].get(lang)) for id_ in ids]


def _application(knowledge: Knowledge, lang: str) -> Application:
    return Application(
        steps=tuple(text.get(lang) for text in knowledge.guide.step),
        cautions=tuple(text.get(lang) for text in knowledge.guide.caution),
    )


def strongest(report: Report) -> list[CauseReport]:
    """Return the causes that stand at `possible` or above, strongest first."""
    return [cause for cause in report.causes if cause.status in FOR]
