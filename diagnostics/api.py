"""Diagnose from Python: answers in, a report out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from diagnostics.answers import observations, parse_answers
from diagnostics.engine.assessment import assess, assess_answers
from diagnostics.evidence import Evidence, Observation, now
from diagnostics.i18n import UserError
from diagnostics.knowledge import load
from diagnostics.report.build import write_report
from diagnostics.report.diagnosis import Diagnosis
from diagnostics.sanitize import clean_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from diagnostics.checks.base import CheckResult
    from diagnostics.knowledge.model import Knowledge
    from diagnostics.report import Report


def diagnose(
    answers: Mapping[str, object],
    *,
    lang: Literal["zh", "en"] = "zh",
    knowledge: Knowledge | None = None,
    observed: Iterable[Observation] = (),
    checks: Iterable[CheckResult] | None = None,
    generated_at: str | None = None,
) -> Report:
    """Return the report for these answers; touches neither network nor disk beyond the knowledge files.

    `observed` are readings beside the answers. `checks` are results of checks that ran; left out, the checks that
    need no machine (`wechat.version`) are run and the others stand as skipped. Raises AnswerError for an answer that
    cannot be used, UserError (a ValueError) for a language or a time that is none.
    """
    if lang not in ("zh", "en"):
        raise UserError("settings.lang", value=clean_line(str(lang), 40))
    if generated_at is not None and not _is_time(generated_at):
        raise UserError("generated_at", value=clean_line(str(generated_at), 40))
    base = knowledge or load()
    at = generated_at or now()
    given, seen = parse_answers(base, answers), list(observed)
    results = None if checks is None else list(checks)
    measured = [reading for result in results or () for reading in result.observations]
    if seen or measured:
        found = assess(base, Evidence([*observations(given, at=at), *seen]).plus(*measured))
    else:
        found = assess_answers(base, given, at)
    return write_report(Diagnosis(found, results, lang=lang, generated_at=at))


def _is_time(text: object) -> bool:
    from datetime import datetime

    try:
        return isinstance(text, str) and "T" in text and datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False
