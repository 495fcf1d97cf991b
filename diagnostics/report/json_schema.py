"""JSON Schemas (draft 2020-12) of what goes in and comes out, made from the types and questions themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from diagnostics.answers import MAX_TEXT
from diagnostics.answers import SCHEMA as ANSWERS
from diagnostics.evidence import UNKNOWN
from diagnostics.report.model import SCHEMA as REPORT
from diagnostics.report.model import Report

if TYPE_CHECKING:
    from diagnostics.knowledge.model import Knowledge, Question

DRAFT: Final = "https://json-schema.org/draft/2020-12/schema"
BATCH: Final = "weilidai-doctor/batch/1"


def make(name: str, knowledge: Knowledge) -> dict[str, Any]:
    """Return the schema `report`, `answers` or `batch`. Raises KeyError for another name."""
    return {"report": _report, "answers": _answers, "batch": _batch}[name](knowledge)


def _head(id_: str, title: str) -> dict[str, Any]:
    return {"$schema": DRAFT, "$id": f"urn:{id_.replace('/', ':')}", "title": title}


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
    head = _head(BATCH, "weilidai-doctor batch: a line in or out")
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
