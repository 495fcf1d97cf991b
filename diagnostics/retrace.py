"""Replay the reasoning for given answers: where a cause stands and why, whether a question is asked and what for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from diagnostics.evidence import Evidence, Observation
from diagnostics.explain import candidates, questions_of, say_value, title_of
from diagnostics.interview import interview
from diagnostics.reasoning import assess, moves
from diagnostics.report import build

if TYPE_CHECKING:
    from diagnostics.evidence import Value
    from diagnostics.knowledge.model import Knowledge, Lang
    from diagnostics.reasoning import Assessment


def retrace(knowledge: Knowledge, one: dict[str, Any], evidence: Evidence, lang: Lang) -> dict[str, Any]:
    """Return what these observations say of a cause or a question that `describe` described; nothing of a check."""
    if one["what"] == "cause":
        return _cause(knowledge, one["id"], evidence, lang)
    return _question(knowledge, one["id"], evidence, lang) if one["what"] == "question" else {}


def _cause(knowledge: Knowledge, id_: str, evidence: Evidence, lang: Lang) -> dict[str, Any]:
    cause = next(cause for cause in build(knowledge, evidence, lang=lang).causes if cause.id == id_)
    known = {seen.id for seen in evidence.all if seen.known}
    return {
        "status": cause.status,
        "rank": cause.rank,
        "because": cause.because,
        "unknown": [
            {"question": change.question, "title": title_of(knowledge, change.question, lang)}
            for change in cause.would_change
            if change.question is not None and change.question not in known
        ],
        "would_change": cause.would_change,
    }


def _question(knowledge: Knowledge, id_: str, evidence: Evidence, lang: Lang) -> dict[str, Any]:
    assessment = assess(knowledge, evidence)
    asked = interview(knowledge, assessment)
    skipped = next((skip.reason for skip in asked.skipped if skip.id == id_), None)
    state = "answered" if id_ in asked.answered else "skipped" if skipped else "next" if id_ in asked.page else "later"
    effects = _effects(knowledge, id_, evidence, assessment, lang) if state in ("next", "later") else []
    return {
        "asked": state,
        "skipped": knowledge.say(f"skip.{skipped}", lang) if skipped else None,
        "effects": effects,
    }


def _effects(
    knowledge: Knowledge, id_: str, evidence: Evidence, before: Assessment, lang: Lang
) -> list[dict[str, Any]]:
    """Return each answer worth trying with the causes that it alone would move."""
    question = knowledge.questions[id_]
    tried: list[Value] = []
    for verdict in before.verdicts.values():
        if id_ in questions_of(verdict.cause) or question.value:
            tried += [value for value in candidates(knowledge, verdict.cause, question) if value not in tried]
    return [
        {
            "answer": value,
            "text": say_value(knowledge, id_, value, lang),
            "moves": moves(before, assess(knowledge, evidence.plus(Observation(id=id_, value=value)))),
        }
        for value in tried
    ]
