"""Describe what the tool knows: causes, questions and checks as plain objects for `list` and `explain`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from diagnostics.checks.registry import NETWORK_CHECKS, check_ids, plugin_ids
from diagnostics.engine.assessment import assess, moves
from diagnostics.engine.interview import interview
from diagnostics.engine.rule_table import table_of
from diagnostics.evidence import Evidence, Observation
from diagnostics.report import build
from diagnostics.report.evidence_text import answers_to_try, questions_of, say_value, title_of
from diagnostics.report.parts import source_refs

if TYPE_CHECKING:
    from collections.abc import Iterable

    from diagnostics.engine.assessment import Assessment
    from diagnostics.evidence import Value
    from diagnostics.knowledge.model import Action, Belief, Cause, Condition, Knowledge, Lang, Question, Situation, When

KINDS = ("causes", "questions", "checks", "situations", "actions", "beliefs", "versions")


def rows(knowledge: Knowledge, kind: str, lang: str) -> list[dict[str, Any]]:
    """List everything of a kind, one object each with `id`, `title` and what else belongs to the kind."""
    if kind == "causes":
        return [_cause_row(cause, lang) for cause in knowledge.causes.values()]
    if kind == "questions":
        return [_question_row(question, lang) for question in knowledge.questions.values()]
    if kind == "situations":
        return [_situation_row(one, lang) for one in knowledge.situations]
    if kind == "actions":
        return [_action_row(one, lang) for one in knowledge.actions.values()]
    if kind == "beliefs":
        return [_belief_row(one, lang) for one in knowledge.beliefs.values()]
    if kind == "versions":
        return _version_rows(knowledge, lang)
    return [_check_row(knowledge, id_, lang) for id_ in (*check_ids(), *plugin_ids())]


def describe(knowledge: Knowledge, id_: str, lang: str) -> list[dict[str, Any]]:
    """Describe what bears this id in full; one id may name several things of different kinds. Raises KeyError."""
    found: list[dict[str, Any]] = []
    if id_ in knowledge.causes:
        found.append(_cause(knowledge, knowledge.causes[id_], lang))
    if id_ in knowledge.questions:
        found.append(_question(knowledge, knowledge.questions[id_], lang))
    found += [_situation(knowledge, one, lang) for one in knowledge.situations if one.id == id_]
    if id_ in knowledge.actions:
        found.append(_action(knowledge, knowledge.actions[id_], lang))
    if id_ in knowledge.beliefs:
        found.append(_belief(knowledge, knowledge.beliefs[id_], lang))
    if id_ in check_ids() or id_ in plugin_ids():
        found.append(_check_row(knowledge, id_, lang))
    if not found:
        raise KeyError(id_)
    return found


def all_ids(knowledge: Knowledge) -> list[str]:
    """Return every id that can be explained."""
    situations = (one.id for one in knowledge.situations)
    known = (*knowledge.causes, *knowledge.questions, *check_ids(), *situations, *knowledge.actions, *knowledge.beliefs)
    return list(dict.fromkeys(known))


def _cause_row(cause: Cause, lang: str) -> dict[str, Any]:
    return {
        "what": "cause",
        "id": cause.id,
        "title": cause.text(lang).title,
        "group": cause.group,
        "kind": cause.kind,
        "confidence": cause.confidence,
    }


def _cause(knowledge: Knowledge, cause: Cause, lang: str) -> dict[str, Any]:
    text = cause.text(lang)
    return _cause_row(cause, lang) | {
        "meaning": text.meaning,
        "speaks_for": text.speaks_for,
        "speaks_against": text.speaks_against,
        "rules": [
            {
                "status": rule.status,
                "when": [_condition(knowledge, fact, is_, lang) for fact, is_ in rule.when.items()],
                "text": rule.get(lang),
            }
            for rule in cause.rule
        ],
        "questions": [id_ for id_ in questions_of(knowledge, cause) if id_ in knowledge.questions],
        "actions": [_action(knowledge, one, lang) for one in knowledge.actions_of(cause)],
        "shows_after": text.shows_after,
        "sources": source_refs(knowledge, cause.sources, lang),
    }


def _rows(knowledge: Knowledge, rows: Iterable[When], lang: str) -> list[list[dict[str, Any]]]:
    """Write rows of which any must hold, each as the list of its conditions."""
    return [[_condition(knowledge, fact, is_, lang) for fact, is_ in row.items()] for row in rows]


def _situation_row(one: Situation, lang: str) -> dict[str, Any]:
    return {"what": "situation", "id": one.id, "title": one.title.get(lang), "rank": one.rank}


def _situation(knowledge: Knowledge, one: Situation, lang: str) -> dict[str, Any]:
    return _situation_row(one, lang) | {
        "when": _rows(knowledge, one.when, lang),
        "alone": one.alone,
        "texts": [{"when": _rows(knowledge, text.when, lang), "text": text.get(lang)} for text in one.text],
        "actions": [_action(knowledge, action, lang) for action in knowledge.actions_of(one)],
        "sources": source_refs(knowledge, one.sources, lang),
    }


def _action_row(one: Action, lang: str) -> dict[str, Any]:
    return {"what": "action", "id": one.id, "title": one.short.get(lang), "do": one.do, "urgency": one.urgency}


def _action(knowledge: Knowledge, one: Action, lang: str) -> dict[str, Any]:
    return _action_row(one, lang) | {
        "effort": one.effort,
        "by": one.by,
        "text": one.get(lang),
        "when": _rows(knowledge, one.when, lang),
        "general": one.general.get(lang) if one.general is not None else None,
        "verify": one.verify.get(lang),
        "rechecks": one.rechecks,
        "valid_until": one.valid_until,
        "sources": source_refs(knowledge, one.sources, lang),
    }


def _belief_row(one: Belief, lang: str) -> dict[str, Any]:
    return {"what": "belief", "id": one.id, "title": one.title.get(lang)}


def _belief(knowledge: Knowledge, one: Belief, lang: str) -> dict[str, Any]:
    return _belief_row(one, lang) | {
        "text": one.get(lang),
        "examples": one.example,
        "sources": source_refs(knowledge, one.sources, lang),
    }


def _condition(knowledge: Knowledge, fact: str, condition: Condition, lang: str) -> dict[str, Any]:
    """One condition as data: the fact, how it is compared, and the value with its label."""
    given = {
        ("not" if name == "not_" else name): value
        for name in condition.__struct_fields__
        if (value := getattr(condition, name)) is not None
    }
    named = (*(condition.any or ()), *(condition.not_ or ()), *(condition.has or ()), *(condition.lacks or ()))
    labels = [_label(knowledge, fact, value, lang) for value in named]
    return {"fact": fact, **given, **({"labels": labels} if labels else {})}


def _label(knowledge: Knowledge, fact: str, value: str, lang: str) -> str:
    """Return a value's name; where a cause stands is named as its status."""
    return (
        knowledge.say(f"status.{value}", lang) if fact.startswith("cause.") else say_value(knowledge, fact, value, lang)
    )


def _question_row(question: Question, lang: str) -> dict[str, Any]:
    return {
        "what": "question",
        "id": question.id,
        "title": question.text(lang).title,
        "type": question.type,
        "values": [{"id": choice.id, "title": choice.get(lang)} for choice in question.value],
        "minimum": question.minimum,
        "maximum": question.most,
    }


def _question(knowledge: Knowledge, question: Question, lang: str) -> dict[str, Any]:
    text, table = question.text(lang), table_of(knowledge)
    moved = [
        cause.id
        for cause in knowledge.causes.values()
        if any(question.id in table.inputs(fact) for rule in cause.rule for fact in rule.when)
    ]
    return _question_row(question, lang) | {
        "ask": text.ask,
        "about": text.about,
        "say": text.say,
        "how": text.how,
        "why": text.why,
        "unit": text.unit,
        "causes": moved,
        "seconds": knowledge.weights.seconds[question.id],
        "intrusion": knowledge.weights.intrusion[question.id],
    }


def _version_rows(knowledge: Knowledge, lang: str) -> list[dict[str, Any]]:
    """The minimum versions with their sources, and the newest WeChat seen per platform with how old that is."""
    minimums = [
        {
            "what": "minimum",
            "id": f"{row.what}.{row.platform}",
            "title": f"{row.what} {row.platform} >= {row.version}",
            "version": row.version,
            "confidence": row.confidence,
            "source": row.source,
            "text": row.get(lang),
        }
        for row in knowledge.minimums
    ]
    latest = [
        {
            "what": "latest",
            "id": f"latest.{row.platform}",
            "title": knowledge.say("version.latest", lang, platform=row.platform, version=row.version, seen=row.seen),
            "version": row.version,
            "seen": row.seen,
            "months_old": _months_since(row.seen),
            "source": row.source,
        }
        for row in knowledge.latest
    ]
    return minimums + latest


def _months_since(seen: str) -> int | None:
    """Whole months from a date that begins with YYYY-MM to now; None where it does not."""
    import time

    year, month = seen[:4], seen[5:7]
    if not (year.isdecimal() and month.isdecimal()):
        return None
    today = time.gmtime()
    return max(0, (today.tm_year - int(year)) * 12 + today.tm_mon - int(month))


def _check_row(knowledge: Knowledge, id_: str, lang: str) -> dict[str, Any]:
    own = id_ in check_ids()
    return {
        "what": "check",
        "id": id_,
        "title": knowledge.say(f"check.{id_}.title", lang) if own else id_,
        "about": knowledge.say(f"check.{id_}.about" if own else "check.plugin.about", lang),
        "network": id_ in NETWORK_CHECKS or not own,
    }


def explain_for_answers(knowledge: Knowledge, one: dict[str, Any], evidence: Evidence, lang: Lang) -> dict[str, Any]:
    """Replay the reasoning: what these observations say of a cause or a question that `describe` described.

    Where a cause stands and why, whether a question is asked and what for; nothing of a check.
    """
    if one["what"] == "cause":
        return _cause_now(knowledge, one["id"], evidence, lang)
    return _question_now(knowledge, one["id"], evidence, lang) if one["what"] == "question" else {}


def _cause_now(knowledge: Knowledge, id_: str, evidence: Evidence, lang: Lang) -> dict[str, Any]:
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


def _question_now(knowledge: Knowledge, id_: str, evidence: Evidence, lang: Lang) -> dict[str, Any]:
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
    for cause in (verdict.cause for verdict in before.verdicts.values()):
        if id_ in questions_of(knowledge, cause) or question.value:
            tried += [value for value in answers_to_try(knowledge, cause, question) if value not in tried]
    return [
        {
            "answer": value,
            "text": say_value(knowledge, id_, value, lang),
            "moves": moves(before, assess(knowledge, evidence.plus(Observation(id=id_, value=value)))),
        }
        for value in tried
    ]
