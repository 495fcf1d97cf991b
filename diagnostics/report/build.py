"""Write an assessment as a report, in one language."""

from __future__ import annotations

import os
import re
import time
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Literal

from diagnostics.evidence import Evidence, Observation
from diagnostics.interview import interview
from diagnostics.plan import plan
from diagnostics.reasoning import FOR, assess, moves
from diagnostics.report.model import (
    SCHEMA,
    CauseReport,
    ContradictionReport,
    KnowledgeStamp,
    Outcome,
    Report,
    Tool,
    WhatIf,
)
from diagnostics.report.parts import (
    questions,
    reminders,
    summary,
    tree,
    write_application,
    write_cause,
    write_check,
    write_contradiction,
    write_observation,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from diagnostics.checks.base import CheckResult
    from diagnostics.evidence import Value
    from diagnostics.interview import Interview
    from diagnostics.knowledge.model import Knowledge, Status
    from diagnostics.reasoning import Assessment, Outlook, Verdict

    WriteCause = Callable[[Knowledge, Assessment, Verdict, int, str], CauseReport]

STRONG: Final = ("confirmed", "likely")
"""Where a cause stands that counts as found."""


def now() -> str:
    """Return the time as RFC 3339 in UTC, to the second; `SOURCE_DATE_EPOCH` stands for it where set."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    seconds = int(epoch) if re.fullmatch("[0-9]{1,11}", epoch) else None
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


class Case:
    """One case on its way to a report: assessed at once, the questions worked out when first asked for."""

    def __init__(
        self,
        knowledge: Knowledge,
        evidence: Evidence,
        checks: Iterable[CheckResult] = (),
        *,
        lang: Literal["zh", "en"] = "zh",
        generated_at: str | None = None,
        what_if: Mapping[str, Value] | None = None,
        write: WriteCause = write_cause,
    ) -> None:
        self.knowledge = knowledge
        self.evidence = evidence
        self.checks = tuple(checks)
        self.lang: Literal["zh", "en"] = lang
        self.generated_at = generated_at or now()
        self.tried = what_if
        self.write = write
        self.assessment = assess(knowledge, evidence)

    @cached_property
    def asked(self) -> Interview:
        """Where the questions stand."""
        return interview(self.knowledge, self.assessment)

    @cached_property
    def outcome(self) -> Outcome:
        """How the search ended."""
        return outcome_of(self.assessment.ends, self.assessment.first.status, lambda: bool(self.asked.remaining))


def outcome_of(ends: Outlook | None, first: Status, more_to_ask: Callable[[], bool]) -> Outcome:
    """Say how a search ended, by how the questions ended and where the first cause stands."""
    if ends == "entry_found":
        return "entry_found"
    if first in STRONG:
        return "cause_found"
    return "not_enough_known" if more_to_ask() else "no_clear_cause"


def build(
    knowledge: Knowledge,
    evidence: Evidence,
    checks: Iterable[CheckResult] = (),
    *,
    lang: Literal["zh", "en"] = "zh",
    generated_at: str | None = None,
    what_if: Mapping[str, Value] | None = None,
    write: WriteCause = write_cause,
) -> Report:
    """Assess the evidence and write the whole report in one language.

    What the checks observed must already be in the evidence; `checks` are their results as they are shown.
    `what_if` are answers to try: the report then says what they would change, and changes nothing. `write` writes
    one cause.
    """
    case = Case(knowledge, evidence, checks, lang=lang, generated_at=generated_at, what_if=what_if, write=write)
    return Report(**parts(case, PARTS))


def parts(case: Case, names: Iterable[str]) -> dict[str, Any]:
    """Write only these fields of the report; what they do not need is not worked out. Raises KeyError."""
    return {name: SCHEMA if name == "schema" else PARTS[name](case) for name in names}


def _causes(case: Case) -> list[CauseReport]:
    ranked = enumerate(case.assessment.verdicts.values(), 1)
    return [case.write(case.knowledge, case.assessment, verdict, rank, case.lang) for rank, verdict in ranked]


def _contradictions(case: Case) -> list[ContradictionReport]:
    return [write_contradiction(case.knowledge, clash, case.lang) for clash in case.assessment.clashes]


def _what_if(case: Case) -> WhatIf | None:
    if not case.tried:
        return None
    tried = [Observation(id=id_, value=value) for id_, value in case.tried.items()]
    kept = [one for one in case.evidence.all if one.id not in case.tried]
    after = Case(case.knowledge, Evidence(kept).plus(*tried), lang=case.lang)
    return WhatIf(
        answers=dict(case.tried),
        outcome=after.outcome,
        first=after.assessment.first.cause.id,
        moves=moves(case.assessment, after.assessment),
    )


def _summary(case: Case) -> str:
    first = case.assessment.first
    strong = sum(verdict.status in STRONG for verdict in case.assessment.verdicts.values())
    return summary(case.knowledge, case.outcome, first.cause, first.status, strong, case.lang)


def strongest(report: Report) -> list[CauseReport]:
    """Return the causes that stand at `possible` or above, strongest first."""
    return [cause for cause in report.causes if cause.status in FOR]


PARTS: Final[dict[str, Callable[[Case], Any]]] = {
    "generated_at": lambda case: case.generated_at,
    "lang": lambda case: case.lang,
    "tool": lambda _case: Tool(),
    "knowledge": lambda case: KnowledgeStamp(case.knowledge.version),
    "outcome": lambda case: case.outcome,
    "summary": _summary,
    "causes": _causes,
    "tree": lambda case: tree(case.knowledge, case.assessment),
    "plan": lambda case: plan(case.knowledge, case.assessment, case.lang),
    "observations": lambda case: [
        write_observation(case.knowledge, one, case.lang) for one in case.assessment.facts.evidence.all
    ],
    "checks": lambda case: [write_check(case.knowledge, result, case.lang) for result in case.checks],
    "questions": lambda case: questions(case.knowledge, case.asked, case.lang),
    "contradictions": _contradictions,
    "warnings": lambda case: reminders(case.knowledge, case.assessment.facts.evidence.value, case.lang),
    "application": lambda case: write_application(case.knowledge, case.lang) if case.outcome == "entry_found" else None,
    "limits": lambda case: tuple(text.get(case.lang) for text in case.knowledge.guide.limits),
    "what_if": _what_if,
}
"""How each field of the report is written."""
