"""The parts of a report, each written from what it is about and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from diagnostics.checks.registry import NETWORK_CHECKS
from diagnostics.report.evidence_text import title_of, value_text
from diagnostics.report.model import (
    ActionText,
    Application,
    CauseReport,
    CheckReport,
    ContradictionReport,
    ObservationReport,
    PlanItem,
    Questions,
    Reminder,
    ReminderId,
    SkippedQuestion,
    SourceRef,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from diagnostics.checks.base import CheckResult
    from diagnostics.engine.advice import Step
    from diagnostics.engine.assessment import CauseAssessment, Clash
    from diagnostics.engine.interview import Interview, Skip
    from diagnostics.evidence import Observation, Value
    from diagnostics.i18n import Texts
    from diagnostics.knowledge.model import Action, Confidence, Instruction, Lang, Text
    from diagnostics.report.evidence_text import Because, Change

HARM: Final = ("safety.contact", "safety.given", "account.stolen", "scam.offered_paid_opening")
"""The answers that put the scam warning first."""

ESTABLISHED: Final = ("official", "several_sources")
"""How a cause's knowledge may stand for it to be called confirmed without a word of doubt."""


def write_contradiction(texts: Texts, clash: Clash) -> ContradictionReport:
    """Write a contradiction with all that was observed."""
    return ContradictionReport(
        id=clash.id,
        text=clash.text.get(texts.lang),
        observations=[
            write_observation(
                one, value_text(texts, one) + (f" {one.detail}" if one.source == "story" and one.detail else "")
            )
            for one in clash.observations
        ],
        settle=clash.settle,
    )


def summary(texts: Texts, leading: str, title: str | None, confidence: Confidence) -> str:
    """Return the sentence for the leading situation, and what is established beside it.

    `title` is that of the first cause where it is confirmed and belongs to what the person asks. That a condition holds
    is not said to be the reason; where its weight is weak, that nobody has said so officially is said (contract,
    section 4).
    """
    if title is None:
        return leading
    return texts(f"summary.{'known' if confidence in ESTABLISHED else 'weak'}", text=leading, title=title)


def write_step(step: Step, lang: str) -> PlanItem:
    """Write a step of the plan in one language."""
    return PlanItem(
        id=step.action.id,
        do=step.action.do,
        urgency=step.action.urgency,
        cause=step.cause,
        situation=step.situation,
        text=step.words.get(lang),
        short=step.words.short.get(lang),
        effort=step.action.effort,
        by=step.action.by,
        verify=step.action.verify.get(lang),
        rechecks=step.action.rechecks,
    )


def write_questions(asked: Interview, skipped: list[SkippedQuestion]) -> Questions:
    """Write where the interview stands; `skipped` are the questions that are not asked, each with its reason."""
    return Questions(
        answered=asked.answered,
        next=asked.next,
        page=asked.page,
        remaining=asked.remaining,
        useful=asked.useful,
        skipped=skipped,
        stop_reason=asked.stop_reason,
    )


def write_skip(texts: Texts, one: Skip) -> SkippedQuestion:
    """Write why a question is not asked."""
    return SkippedQuestion(id=one.id, reason=one.reason, text=texts(f"skip.{one.reason}"))


def write_network_step(texts: Texts, result: CheckResult) -> PlanItem | None:
    """Write what the network check advises, None where nothing is wrong or nobody knows what to do."""
    if result.id not in NETWORK_CHECKS or result.status == "skipped":
        return None
    from diagnostics.checks.network_check import network_advice

    advice = network_advice(result)
    if advice is None:
        return None
    lang = texts.lang
    effect = next((one.value for one in result.observations if one.id == result.id), "unreachable")
    # that a setting of the computer is on the computer need not be said, nor that nobody knows
    known = advice.where in ("network", "middlebox", "far_end")
    where = advice.place.get(lang) + " " * (lang == "en") if known else ""
    which = texts.render(advice.fails) if advice.fails else ""
    what = (" " * (lang == "en")).join(filter(None, (advice.what.get(lang), which)))
    return PlanItem(
        id=f"network.{advice.id}",
        do="network",
        urgency="soon",
        cause=f"network_{effect}" if f"network_{effect}" in texts.knowledge.causes else "network_unreachable",
        situation=None,
        text=texts("network.step", what=what, where=where, advice=advice.text.get(lang)),
        short=advice.short.get(lang),
        effort="minutes",
        by="user",
        verify=texts("network.verify"),
        rechecks=("network.phone_loads_pages",),
    )


def write_cause(
    found: CauseAssessment, title: Text | None, because: list[Because], would_change: list[Change],
    actions: list[ActionText], sources: list[SourceRef], lang: Lang,
) -> CauseReport:  # fmt: skip
    """Write a cause as if it were the first; `title` is the one that fits the person, None for the general one."""
    cause, text = found.cause, found.cause.text(lang)
    return CauseReport(
        id=cause.id,
        group=cause.group,
        kind=cause.kind,
        title=title.get(lang) if title is not None else text.title,
        status=found.status,
        confidence=found.confidence,
        rank=1,
        meaning=text.meaning,
        because=because,
        would_change=would_change,
        actions=actions,
        shows_after=text.shows_after,
        sources=sources,
    )


def write_action(action: Action, words: Instruction, lang: str) -> ActionText:
    """Write an action in the words that fit."""
    return ActionText(
        id=action.id,
        do=action.do,
        urgency=action.urgency,
        text=words.get(lang),
        short=words.short.get(lang),
        effort=action.effort,
        by=action.by,
        verify=action.verify.get(lang),
        rechecks=action.rechecks,
    )


def source_refs(texts: Texts, ids: Iterable[str]) -> list[SourceRef]:
    """Return the sources of these ids with their texts."""
    notes, lang = (texts.knowledge.sources[id_] for id_ in ids), texts.lang
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


def write_check(texts: Texts, result: CheckResult) -> CheckReport:
    """Write how a check ended, in words of this language."""
    return CheckReport(
        id=result.id,
        title=title_of(texts, result.id),
        status=result.status,
        verdict=result.verdict,
        operation=result.operation,
        failure=result.failure,
        duration_ms=round(result.duration_ms, 1),
        detail=texts.render(result.detail),
        steps=result.steps,
        data=texts.render_data(result.data),
    )


def reminders(answer: Callable[[str], Value | None]) -> tuple[ReminderId, ...]:
    """List the warnings that these answers call for."""
    message, account = answer("entry.page_message"), answer("entry.official_account")
    offered = any(is_harm(answer(id_)) for id_ in HARM)
    refused = message in ("not_approved", "no_limit") or account == "refused"
    ids: list[ReminderId] = ["scam"] if offered else []
    ids += ["no_repeat"] if refused else []
    ids += ["over_borrowing"] if _may_borrow(answer) else []
    ids += ["no_promise", "no_app", "privacy"]
    ids += [] if offered else ["scam"]
    return tuple(ids)


def write_reminders(texts: Texts, ids: Iterable[ReminderId]) -> list[Reminder]:
    """Write warnings in one language."""
    return [Reminder(id=id_, text=texts.knowledge.guide.warning[id_].get(texts.lang)) for id_ in ids]


def _may_borrow(answer: Callable[[str], Value | None]) -> bool:
    """Whether thinking before borrowing is of use: not to whoever owes and wants to repay, or cannot open it by age."""
    age, wish = answer("person.age"), answer("service.wish")
    of_age = not isinstance(age, int) or 18 <= age <= 60
    return of_age and answer("service.owing") != "yes" and wish not in ("repay", "postpone")


def is_harm(value: Value | None) -> bool:
    """Whether an answer about contacts and harm says that there was some: a list with something in it, or yes."""
    return value == "yes" or (isinstance(value, (list, tuple)) and bool(value))


def write_application(texts: Texts) -> Application:
    """Write what follows once the entry is found."""
    guide, lang = texts.knowledge.guide, texts.lang
    return Application(
        steps=tuple(text.get(lang) for text in guide.step),
        cautions=tuple(text.get(lang) for text in guide.caution),
    )
