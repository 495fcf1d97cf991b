"""Causes, questions and so on described as plain objects; JSON Schemas (draft 2020-12) of what is read and written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from diagnostics.answers import MAX_TEXT
from diagnostics.answers import SCHEMA as ANSWERS
from diagnostics.checks.registry import NETWORK_CHECKS, check_ids, plugin_ids
from diagnostics.engine.advice import table_of
from diagnostics.engine.assessment import assess, moves
from diagnostics.engine.interview import interview
from diagnostics.evidence import UNKNOWN, Evidence, Observation
from diagnostics.report.build import lazy_report
from diagnostics.report.diagnosis import Diagnosis
from diagnostics.report.evidence_text import answers_to_try, questions_of, say_value, source_refs, title_of
from diagnostics.report.model import SCHEMA as REPORT
from diagnostics.report.model import Report

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from diagnostics.engine.assessment import Assessment
    from diagnostics.evidence import Value
    from diagnostics.i18n import Texts
    from diagnostics.knowledge.model import Action, Belief, Cause, Condition, Knowledge, Question, Situation, When


Row = dict[str, Any]


def rows(texts: Texts, kind: str) -> list[Row]:
    """Return everything of a kind in short, one object each with `id`, `title` and members of the kind."""
    if kind == "versions":
        return _versions(texts)
    return [next(_WRITERS[kind](texts, one)) for one in _things(texts.knowledge, kind).values()]


def describe(texts: Texts, id_: str) -> list[Row]:
    """Return full descriptions of everything with this id, which may be of several kinds. Raises KeyError."""
    bearers = ((kind, _things(texts.knowledge, kind).get(id_)) for kind in _WRITERS)
    found = [_whole(_WRITERS[kind](texts, one)) for kind, one in bearers if one is not None]
    if not found:
        raise KeyError(id_)
    return found


def all_ids(knowledge: Knowledge) -> list[str]:
    """Return every id that can be explained, those of plug-ins aside."""
    situations = (one.id for one in knowledge.situations)
    known = (*knowledge.causes, *knowledge.questions, *check_ids(), *situations, *knowledge.actions, *knowledge.beliefs)
    return list(dict.fromkeys(known))


def _things(knowledge: Knowledge, kind: str) -> Mapping[str, Any]:
    """Return everything of a kind by its id."""
    if kind == "checks":
        return {id_: id_ for id_ in (*check_ids(), *plugin_ids())}
    found: Any = getattr(knowledge, kind)
    return {one.id: one for one in found} if kind == "situations" else found


def _whole(parts: Iterator[Row]) -> Row:
    return {name: value for part in parts for name, value in part.items()}


def _picked(one: object, *names: str) -> Row:
    """Return these attributes as they are."""
    return {name: getattr(one, name) for name in names}


def _cause(texts: Texts, one: Cause) -> Iterator[Row]:
    text = one.text(texts.lang)
    yield {"what": "cause", "id": one.id, "title": text.title, **_picked(one, "group", "kind", "confidence")}
    yield {
        **_picked(text, "meaning", "speaks_for", "speaks_against"),
        "rules": [
            {"status": rule.status, "when": _conditions(texts, rule.when), "text": rule.get(texts.lang)}
            for rule in one.rule
        ],
        "questions": [id_ for id_ in questions_of(texts.knowledge, one) if id_ in texts.knowledge.questions],
        "actions": _actions(texts, one),
        "shows_after": text.shows_after,
        "sources": source_refs(texts, one.sources),
    }


def _question(texts: Texts, one: Question) -> Iterator[Row]:
    text = one.text(texts.lang)
    yield {
        "what": "question",
        "id": one.id,
        "title": text.title,
        "type": one.type,
        "values": [{"id": choice.id, "title": choice.get(texts.lang)} for choice in one.value],
        "minimum": one.minimum,
        "maximum": one.most,
    }
    knowledge, table = texts.knowledge, table_of(texts.knowledge)
    moved = [
        cause.id
        for cause in knowledge.causes.values()
        if any(one.id in table.inputs(fact) for rule in cause.rule for fact in rule.when)
    ]
    yield {
        **_picked(text, "ask", "about", "say", "how", "why", "unit"),
        "causes": moved,
        "seconds": knowledge.weights.seconds[one.id],
        "intrusion": knowledge.weights.intrusion[one.id],
    }


def _situation(texts: Texts, one: Situation) -> Iterator[Row]:
    yield {"what": "situation", "id": one.id, "title": one.title.get(texts.lang), "rank": one.rank}
    yield {
        "when": _rows(texts, one.when),
        "alone": one.alone,
        "texts": [{"when": _rows(texts, text.when), "text": text.get(texts.lang)} for text in one.text],
        "actions": _actions(texts, one),
        "sources": source_refs(texts, one.sources),
    }


def _action(texts: Texts, one: Action) -> Iterator[Row]:
    yield {"what": "action", "id": one.id, "title": one.short.get(texts.lang), **_picked(one, "do", "urgency")}
    yield {
        **_picked(one, "effort", "by"),
        "text": one.get(texts.lang),
        "when": _rows(texts, one.when),
        "general": one.general.get(texts.lang) if one.general is not None else None,
        "verify": one.verify.get(texts.lang),
        **_picked(one, "rechecks", "valid_until"),
        "sources": source_refs(texts, one.sources),
    }


def _actions(texts: Texts, owner: Cause | Situation) -> list[Row]:
    return [_whole(_action(texts, one)) for one in texts.knowledge.actions_of(owner)]


def _belief(texts: Texts, one: Belief) -> Iterator[Row]:
    yield {"what": "belief", "id": one.id, "title": one.title.get(texts.lang)}
    yield {"text": one.get(texts.lang), "examples": one.example, "sources": source_refs(texts, one.sources)}


def _check(texts: Texts, id_: str) -> Iterator[Row]:
    own = id_ in check_ids()
    yield {
        "what": "check",
        "id": id_,
        "title": texts(f"check.{id_}.title") if own else id_,
        "about": texts(f"check.{id_}.about" if own else "check.plugin.about"),
        "network": id_ in NETWORK_CHECKS or not own,
    }


_WRITERS: Final[dict[str, Callable[[Texts, Any], Iterator[Row]]]] = {
    "causes": _cause, "questions": _question, "situations": _situation, "actions": _action, "beliefs": _belief,
    "checks": _check,
}  # fmt: skip
"""How one of each kind is written: what a list says of it, then what else is to say.

An id that names several is explained in this order.
"""
KINDS: Final = ("causes", "questions", "checks", "situations", "actions", "beliefs", "versions")


def _rows(texts: Texts, whens: Iterable[When]) -> list[list[Row]]:
    """Write rows of which any must hold, each as the list of its conditions."""
    return [_conditions(texts, when) for when in whens]


def _conditions(texts: Texts, when: When) -> list[Row]:
    return [_condition(texts, fact, condition) for fact, condition in when.items()]


def _condition(texts: Texts, fact: str, condition: Condition) -> Row:
    """One condition as data: the fact, how it is compared, and the value with its label."""
    names = condition.__struct_fields__
    given = {name.rstrip("_"): value for name in names if (value := getattr(condition, name)) is not None}
    named = (*(condition.any or ()), *(condition.not_ or ()), *(condition.has or ()), *(condition.lacks or ()))
    cause = fact.startswith("cause.")
    labels = [texts(f"status.{value}") if cause else say_value(texts, fact, value) for value in named]
    return {"fact": fact, **given, **({"labels": labels} if labels else {})}


def _versions(texts: Texts) -> list[Row]:
    """The minimum versions with their sources, and the newest WeChat seen per platform with how old that is."""
    minimums = [
        {
            "what": "minimum",
            "id": f"{row.what}.{row.platform}",
            "title": f"{row.what} {row.platform} >= {row.version}",
            **_picked(row, "version", "confidence", "source"),
            "text": row.get(texts.lang),
        }
        for row in texts.knowledge.minimums
    ]
    latest = [
        {
            "what": "latest",
            "id": f"latest.{row.platform}",
            "title": texts("version.latest", **_picked(row, "platform", "version", "seen")),
            **_picked(row, "version", "seen"),
            "months_old": _months_since(row.seen),
            "source": row.source,
        }
        for row in texts.knowledge.latest
    ]
    return minimums + latest


def _months_since(seen: str) -> int | None:
    """Return whole months from a date that begins with YYYY-MM to now, else None."""
    import time

    year, month = seen[:4], seen[5:7]
    if not (year.isdecimal() and month.isdecimal()):
        return None
    today = time.gmtime()
    return max(0, (today.tm_year - int(year)) * 12 + today.tm_mon - int(month))


def explain_for_answers(texts: Texts, one: dict[str, Any], evidence: Evidence) -> dict[str, Any]:
    """Return what these observations say about a cause or a question from `describe`."""
    if one["what"] == "cause":
        return _cause_now(texts, one["id"], evidence)
    return _question_now(texts, one["id"], evidence) if one["what"] == "question" else {}


def _cause_now(texts: Texts, id_: str, evidence: Evidence) -> dict[str, Any]:
    report = lazy_report(Diagnosis(assess(texts.knowledge, evidence), lang=texts.lang))
    cause = next(cause for cause in report.causes if cause.id == id_)
    known = {seen.id for seen in evidence.all if seen.known}
    return {
        **_picked(cause, "status", "rank", "because"),
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
    return {"asked": state, "skipped": texts(f"skip.{skipped}") if skipped else None, "effects": effects}


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


_DRAFT: Final = "https://json-schema.org/draft/2020-12/schema"
_BATCH: Final = "weilidai-doctor/batch/1"


def json_schema(name: str, knowledge: Knowledge) -> dict[str, Any]:
    """Return the schema `report`, `answers` or `batch`. Raises KeyError for another name."""
    return {"report": _report, "answers": _answers, "batch": _batch}[name](knowledge)


def _head(id_: str, title: str) -> dict[str, Any]:
    return {"$schema": _DRAFT, "$id": f"urn:{id_.replace('/', ':')}", "title": title}


def _report(_knowledge: Knowledge) -> dict[str, Any]:
    (root,), definitions = msgspec.json.schema_components([Report], ref_template="#/$defs/{name}")
    for shape in definitions.values():
        shape["required"] = list(shape["properties"])  # a report is written with all its fields, defaults too
    return {**_head(REPORT, "weilidai-doctor report"), **root, "$defs": definitions}


def _object(required: tuple[str, ...], **properties: Any) -> dict[str, Any]:
    """Return the schema of an object with these properties and no others."""
    return {"type": "object", "required": [*required], "additionalProperties": False, "properties": properties}


def _answers(knowledge: Knowledge) -> dict[str, Any]:
    values = {question.id: _values(question) for question in knowledge.questions.values()}
    answers = {"type": "object", "additionalProperties": False, "properties": values}
    file = _object(("answers",), schema={"const": ANSWERS}, answers=answers)
    return {**_head(ANSWERS, "weilidai-doctor answers"), **file}


def _batch(knowledge: Knowledge) -> dict[str, Any]:
    """One line: in, an answers file with an `id` of any kind; out, a report or its fields with that id, or an error."""
    given, report = _answers(knowledge)["properties"], _report(knowledge)
    definitions: dict[str, Any] = report["$defs"]
    text, line = {"type": "string"}, {"type": "integer", "minimum": 1}
    error = _object(("message", "place"), message=text, place=text)
    lines: dict[str, dict[str, Any]] = {
        "Case": {
            "type": "object",
            "additionalProperties": False,
            "anyOf": [{"required": ["answers"]}, {"required": ["text"]}],
            "properties": {"id": True, "text": text, **given},
        },
        "Found": {
            "description": "The report of a case, or with --fields some of its fields.",
            "minProperties": 2,
            **_object(("id",), id=True, line=line, **definitions["Report"]["properties"]),
        },
        "Rejected": _object(("id", "line", "error"), id=True, line=line, error=error),
    }
    found = [{"$ref": f"#/$defs/{name}"} for name in lines]
    head = _head(_BATCH, "weilidai-doctor batch: a line in or out")
    return {**head, "anyOf": found, "$defs": definitions | lines}


def _values(question: Question) -> dict[str, Any]:
    told = {"description": question.en.title}
    if question.type == "choice":
        return told | {"enum": [*(choice.id for choice in question.value), UNKNOWN]}
    if question.type == "choices":
        items = {"enum": [choice.id for choice in question.value]}
        return told | {"anyOf": [{"type": "array", "items": items}, {"const": UNKNOWN}]}
    if question.type == "text":
        return told | {"type": "string", "pattern": "\\S", "maxLength": MAX_TEXT}
    number: dict[str, Any] = {"type": "integer" if question.type == "integer" else "number"}
    bounds = {"minimum": question.minimum, "maximum": question.most}
    number |= {name: bound for name, bound in bounds.items() if bound is not None}
    written: list[dict[str, Any]] = [{"type": "string", "pattern": "\\d"}] if question.type == "amount" else []
    return told | {"anyOf": [number, *written, {"const": UNKNOWN}]}
