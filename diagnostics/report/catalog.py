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
    from diagnostics.i18n import Texts
    from diagnostics.knowledge.model import Action, Belief, Cause, Condition, Knowledge, Question, Situation, When

KINDS = ("causes", "questions", "checks", "situations", "actions", "beliefs", "versions")


def rows(texts: Texts, kind: str) -> list[dict[str, Any]]:
    """List everything of a kind, one object each with `id`, `title` and what else belongs to the kind."""
    knowledge, lang = texts.knowledge, texts.lang
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
        return _version_rows(texts)
    return [_check_row(texts, id_) for id_ in (*check_ids(), *plugin_ids())]


def describe(texts: Texts, id_: str) -> list[dict[str, Any]]:
    """Describe what bears this id in full; one id may name several things of different kinds. Raises KeyError."""
    found: list[dict[str, Any]] = []
    if id_ in texts.knowledge.causes:
        found.append(_cause(texts, texts.knowledge.causes[id_]))
    if id_ in texts.knowledge.questions:
        found.append(_question(texts, texts.knowledge.questions[id_]))
    found += [_situation(texts, one) for one in texts.knowledge.situations if one.id == id_]
    if id_ in texts.knowledge.actions:
        found.append(_action(texts, texts.knowledge.actions[id_]))
    if id_ in texts.knowledge.beliefs:
        found.append(_belief(texts, texts.knowledge.beliefs[id_]))
    if id_ in check_ids() or id_ in plugin_ids():
        found.append(_check_row(texts, id_))
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


def _cause(texts: Texts, cause: Cause) -> dict[str, Any]:
    text = cause.text(texts.lang)
    return _cause_row(cause, texts.lang) | {
        "meaning": text.meaning,
        "speaks_for": text.speaks_for,
        "speaks_against": text.speaks_against,
        "rules": [
            {
                "status": rule.status,
                "when": [_condition(texts, fact, is_) for fact, is_ in rule.when.items()],
                "text": rule.get(texts.lang),
            }
            for rule in cause.rule
        ],
        "questions": [id_ for id_ in questions_of(texts.knowledge, cause) if id_ in texts.knowledge.questions],
        "actions": [_action(texts, one) for one in texts.knowledge.actions_of(cause)],
        "shows_after": text.shows_after,
        "sources": source_refs(texts, cause.sources),
    }


def _rows(texts: Texts, rows: Iterable[When]) -> list[list[dict[str, Any]]]:
    """Write rows of which any must hold, each as the list of its conditions."""
    return [[_condition(texts, fact, is_) for fact, is_ in row.items()] for row in rows]


def _situation_row(one: Situation, lang: str) -> dict[str, Any]:
    return {"what": "situation", "id": one.id, "title": one.title.get(lang), "rank": one.rank}


def _situation(texts: Texts, one: Situation) -> dict[str, Any]:
    return _situation_row(one, texts.lang) | {
        "when": _rows(texts, one.when),
        "alone": one.alone,
        "texts": [{"when": _rows(texts, text.when), "text": text.get(texts.lang)} for text in one.text],
        "actions": [_action(texts, action) for action in texts.knowledge.actions_of(one)],
        "sources": source_refs(texts, one.sources),
    }


def _action_row(one: Action, lang: str) -> dict[str, Any]:
    return {"what": "action", "id": one.id, "title": one.short.get(lang), "do": one.do, "urgency": one.urgency}


def _action(texts: Texts, one: Action) -> dict[str, Any]:
    return _action_row(one, texts.lang) | {
        "effort": one.effort,
        "by": one.by,
        "text": one.get(texts.lang),
        "when": _rows(texts, one.when),
        "general": one.general.get(texts.lang) if one.general is not None else None,
        "verify": one.verify.get(texts.lang),
        "rechecks": one.rechecks,
        "valid_until": one.valid_until,
        "sources": source_refs(texts, one.sources),
    }


def _belief_row(one: Belief, lang: str) -> dict[str, Any]:
    return {"what": "belief", "id": one.id, "title": one.title.get(lang)}


def _belief(texts: Texts, one: Belief) -> dict[str, Any]:
    return _belief_row(one, texts.lang) | {
        "text": one.get(texts.lang),
        "examples": one.example,
        "sources": source_refs(texts, one.sources),
    }


def _condition(texts: Texts, fact: str, condition: Condition) -> dict[str, Any]:
    """One condition as data: the fact, how it is compared, and the value with its label."""
    given = {
        ("not" if name == "not_" else name): value
        for name in condition.__struct_fields__
        if (value := getattr(condition, name)) is not None
    }
    named = (*(condition.any or ()), *(condition.not_ or ()), *(condition.has or ()), *(condition.lacks or ()))
    cause = fact.startswith("cause.")
    labels = [texts(f"status.{value}") if cause else say_value(texts, fact, value) for value in named]
    return {"fact": fact, **given, **({"labels": labels} if labels else {})}


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


def _question(texts: Texts, question: Question) -> dict[str, Any]:
    text, table = question.text(texts.lang), table_of(texts.knowledge)
    moved = [
        cause.id
        for cause in texts.knowledge.causes.values()
        if any(question.id in table.inputs(fact) for rule in cause.rule for fact in rule.when)
    ]
    return _question_row(question, texts.lang) | {
        "ask": text.ask,
        "about": text.about,
        "say": text.say,
        "how": text.how,
        "why": text.why,
        "unit": text.unit,
        "causes": moved,
        "seconds": texts.knowledge.weights.seconds[question.id],
        "intrusion": texts.knowledge.weights.intrusion[question.id],
    }


def _version_rows(texts: Texts) -> list[dict[str, Any]]:
    """The minimum versions with their sources, and the newest WeChat seen per platform with how old that is."""
    minimums = [
        {
            "what": "minimum",
            "id": f"{row.what}.{row.platform}",
            "title": f"{row.what} {row.platform} >= {row.version}",
            "version": row.version,
            "confidence": row.confidence,
            "source": row.source,
            "text": row.get(texts.lang),
        }
        for row in texts.knowledge.minimums
    ]
    latest = [
        {
            "what": "latest",
            "id": f"latest.{row.platform}",
            "title": texts("version.latest", platform=row.platform, version=row.version, seen=row.seen),
            "version": row.version,
            "seen": row.seen,
            "months_old": _months_since(row.seen),
            "source": row.source,
        }
        for row in texts.knowledge.latest
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


def _check_row(texts: Texts, id_: str) -> dict[str, Any]:
    own = id_ in check_ids()
    return {
        "what": "check",
        "id": id_,
        "title": texts(f"check.{id_}.title") if own else id_,
        "about": texts(f"check.{id_}.about" if own else "check.plugin.about"),
        "network": id_ in NETWORK_CHECKS or not own,
    }


def explain_for_answers(texts: Texts, one: dict[str, Any], evidence: Evidence) -> dict[str, Any]:
    """Replay the reasoning: what these observations say of a cause or a question that `describe` described."""
    if one["what"] == "cause":
        return _cause_now(texts, one["id"], evidence)
    return _question_now(texts, one["id"], evidence) if one["what"] == "question" else {}


def _cause_now(texts: Texts, id_: str, evidence: Evidence) -> dict[str, Any]:
    cause = next(cause for cause in build(texts.knowledge, evidence, lang=texts.lang).causes if cause.id == id_)
    known = {seen.id for seen in evidence.all if seen.known}
    return {
        "status": cause.status,
        "rank": cause.rank,
        "because": cause.because,
        "unknown": [
            {"question": change.question, "title": title_of(texts, change.question)}
            for change in cause.would_change
            if change.question is not None and change.question not in known
        ],
        "would_change": cause.would_change,
    }


def _question_now(texts: Texts, id_: str, evidence: Evidence) -> dict[str, Any]:
    assessment = assess(texts.knowledge, evidence)
    asked = interview(texts.knowledge, assessment)
    skipped = next((skip.reason for skip in asked.skipped if skip.id == id_), None)
    state = "answered" if id_ in asked.answered else "skipped" if skipped else "next" if id_ in asked.page else "later"
    effects = _effects(texts, id_, evidence, assessment) if state in ("next", "later") else []
    return {
        "asked": state,
        "skipped": texts(f"skip.{skipped}") if skipped else None,
        "effects": effects,
    }


def _effects(texts: Texts, id_: str, evidence: Evidence, before: Assessment) -> list[dict[str, Any]]:
    """Return each answer worth trying with the causes that it alone would move."""
    question = texts.knowledge.questions[id_]
    tried: list[Value] = []
    for cause in (verdict.cause for verdict in before.verdicts.values()):
        if id_ in questions_of(texts.knowledge, cause) or question.value:
            tried += [value for value in answers_to_try(texts.knowledge, cause, question) if value not in tried]
    return [
        {
            "answer": value,
            "text": say_value(texts, id_, value),
            "moves": moves(before, assess(texts.knowledge, evidence.plus(Observation(id=id_, value=value)))),
        }
        for value in tried
    ]
