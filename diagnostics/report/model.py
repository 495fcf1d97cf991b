"""The shape of the report that every front draws and every script reads (contract, section 5)."""

from typing import Annotated, Any, Final, Literal

import msgspec

from diagnostics import __version__
from diagnostics.checks.base import CheckStatus
from diagnostics.engine.assessment import Move
from diagnostics.evidence import Source, StepResult
from diagnostics.knowledge.model import Actor, Confidence, Do, Effort, Kind, Status, Urgency

SCHEMA: Final = "weilidai-doctor/report/1"
SAFETY: Final = ("harm_done", "scam_contact", "owing")
"""Situations that are seen wherever the person or the case is: money or an account may be lost; the first two now."""
Outcome = Literal["entry_found", "entry_refused", "cause_found", "no_clear_cause", "not_enough_known"]
Moment = Annotated[str, msgspec.Meta(extra_json_schema={"format": "date-time"})]
"""A time as RFC 3339 has it."""
Effect = Literal["for", "against", "settles"]
ReminderId = Literal["scam", "no_repeat", "over_borrowing", "privacy", "no_promise", "no_app"]


class Tool(msgspec.Struct, frozen=True):
    """The program that made the report."""

    name: str = "weilidai-doctor"
    version: str = __version__


class KnowledgeStamp(msgspec.Struct, frozen=True):
    """The knowledge base that was used."""

    version: str


class SourceRef(msgspec.Struct, frozen=True, kw_only=True):
    """A source of the knowledge about a cause."""

    id: str
    text: str
    confidence: Confidence
    refs: tuple[str, ...]


class SituationReport(msgspec.Struct, frozen=True, kw_only=True):
    """What the person is in, with the sentence that answers it."""

    id: str
    title: str
    text: str


class BeliefReport(msgspec.Struct, frozen=True, kw_only=True):
    """A mistaken belief that was read in what the person wrote, with its answer."""

    id: str
    quote: str
    text: str


class ActionText(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to do about a cause."""

    id: str
    do: Do
    urgency: Urgency
    text: str
    short: str
    effort: Effort
    by: Actor
    verify: str
    rechecks: tuple[str, ...]


class PlanItem(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to do, for a cause or a situation; `effort` is how long until it can show, `by` who can do it."""

    id: str
    do: Do
    urgency: Urgency
    cause: str | None
    situation: str | None
    text: str
    short: str
    effort: Effort
    by: Actor
    verify: str
    rechecks: tuple[str, ...]


class Because(msgspec.Struct, frozen=True, kw_only=True):
    """One piece of evidence for a verdict. `settles`: this observation establishes the status."""

    observation: str
    effect: Effect
    text: str


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What would move a cause: the answers to a question, or the ends of a check, and the status each would give."""

    question: str | None = None
    check: str | None = None
    text: str


class CauseReport(msgspec.Struct, frozen=True, kw_only=True):
    """One cause with its status, evidence, and what to do."""

    id: str
    group: str
    kind: Kind
    title: str
    status: Status
    confidence: Confidence
    rank: int
    meaning: str
    because: list[Because]
    would_change: list[Change]
    actions: list[ActionText]
    shows_after: str
    sources: list[SourceRef]


class ObservationReport(msgspec.Struct, frozen=True, kw_only=True):
    """One observation, with its value as a person says it in `text`."""

    id: str
    value: str | int | float | list[str]
    source: Source
    observed_at: Moment | None
    detail: str | None
    text: str


class CheckReport(msgspec.Struct, frozen=True, kw_only=True):
    """How one automated check ended, with its steps."""

    id: str
    title: str
    status: CheckStatus
    verdict: str | None
    operation: str | None
    failure: str | None
    duration_ms: float
    detail: str
    steps: tuple[StepResult, ...]
    data: dict[str, Any]


class SkippedQuestion(msgspec.Struct, frozen=True, kw_only=True):
    """A question that is not asked, and why: a code and a sentence."""

    id: str
    reason: Literal["measured", "implied", "asked_directly", "no_effect"]
    text: str


class Questions(msgspec.Struct, frozen=True, kw_only=True):
    """Where the interview stands."""

    answered: tuple[str, ...]
    next: str | None
    page: tuple[str, ...]
    remaining: tuple[str, ...]
    useful: int
    """How many of the remaining have a chance of 5 % to change the leading situation or the first step."""
    skipped: list[SkippedQuestion]
    stop_reason: (
        Literal["entry_found", "look_first", "requirement_confirmed", "settled", "enough", "nothing_left"] | None
    )


class ContradictionReport(msgspec.Struct, frozen=True, kw_only=True):
    """Observations that cannot all be right, and the question that would settle it."""

    id: str
    text: str
    observations: list[ObservationReport]
    settle: str | None


class Reminder(msgspec.Struct, frozen=True, kw_only=True):
    """A warning or a reminder that stands in the report."""

    id: ReminderId
    text: str


class WhatIf(msgspec.Struct, frozen=True, kw_only=True):
    """What these answers would change: outcome, first cause, and every cause that would move."""

    answers: dict[str, str | int | float | list[str]]
    outcome: Outcome
    first: str
    moves: list[Move]


class Application(msgspec.Struct, frozen=True, kw_only=True):
    """What follows once the entry is found: the five steps of applying and the three cautions."""

    steps: tuple[str, ...]
    cautions: tuple[str, ...]


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """One diagnosis, whole."""

    schema: Literal["weilidai-doctor/report/1"] = SCHEMA
    generated_at: Moment
    lang: Literal["zh", "en"]
    tool: Tool = Tool()
    knowledge: KnowledgeStamp
    outcome: Outcome
    situations: list[SituationReport]
    summary: str
    causes: list[CauseReport]
    tree: dict[str, list[str]]
    plan: list[PlanItem]
    observations: list[ObservationReport]
    checks: list[CheckReport]
    questions: Questions
    contradictions: list[ContradictionReport]
    warnings: list[Reminder]
    beliefs: list[BeliefReport] = []
    application: Application | None
    limits: tuple[str, ...]
    what_if: WhatIf | None = None
