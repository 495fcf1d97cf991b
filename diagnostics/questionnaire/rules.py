"""The knowledge base as plain data for the page: its questions in one language, and the rules that order them."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

import msgspec

from diagnostics.answers import read_literal
from diagnostics.engine.facts import PHONES
from diagnostics.engine.interview import ALWAYS
from diagnostics.engine.rule_table import table_of
from diagnostics.knowledge.derived import OTHERS
from diagnostics.knowledge.model import EFFORTS, KINDS
from diagnostics.questionnaire.codec import MARK, layout
from diagnostics.questionnaire.fields import Set, States, field_of

if TYPE_CHECKING:
    from diagnostics.knowledge.model import Cause, Condition, Knowledge, Page, Question, When

_BOUNDS: Final = ("below", "above", "at_least", "at_most")
_PAGE: Final = "questionnaire.page."


def compiled(knowledge: Knowledge, lang: str) -> dict[str, Any]:
    """Return all that the page needs to ask as the program asks; JSON values only."""
    return {
        "knowledge": knowledge.version,
        "lang": lang,
        "mark": MARK,
        "layout": layout(knowledge),
        "fields": [_field(question) for question in knowledge.questions.values()],
        "questions": [_question(knowledge, question, lang) for question in knowledge.questions.values()],
        "pages": [_page(page, lang) for page in knowledge.pages],
        "causes": [_cause(knowledge, cause, lang) for cause in knowledge.causes.values()],
        "minimums": {
            what: {row.platform: row.version for row in knowledge.minimums if row.what == what}
            for what in ("wechat", "os")
        },
        "phones": PHONES,
        "inputs": {id_: table_of(knowledge).inputs(id_) for id_ in knowledge.derived},
        "always": ALWAYS,
        "steering": knowledge.steering,
        "weight": knowledge.weights.status,
        "ending": knowledge.weights.ending,
        "steps": [text.get(lang) for text in knowledge.guide.step],
        "cautions": [text.get(lang) for text in knowledge.guide.caution],
        "scam": knowledge.guide.warning["scam"].get(lang),
        "limits": [knowledge.guide.warning[name].get(lang) for name in ("no_promise", "privacy")],
        "status": {name: knowledge.say(f"status.{name}", lang) for name in ("confirmed", "likely", "possible")},
        "text": {
            key.removeprefix(_PAGE): text.get(lang) for key, text in knowledge.locale.items() if key.startswith(_PAGE)
        },
    }


def _field(question: Question) -> dict[str, Any]:
    field = field_of(question)
    row: dict[str, Any] = {"id": question.id, "kind": field.kind}
    if isinstance(field, (Set, States)):
        row["width"] = field.width
        row |= {"minimum": field.values[0]} if isinstance(field.values, range) else {"values": field.values}
    return row


def _question(knowledge: Knowledge, question: Question, lang: str) -> dict[str, Any]:
    text, weights = question.text(lang), knowledge.weights
    return {
        "id": question.id,
        "type": question.type,
        "title": text.title,
        "ask": text.ask,
        "how": text.how,
        "why": text.why,
        "unit": text.unit,
        "minimum": question.minimum,
        "maximum": question.maximum,
        "values": [
            {"id": choice.id, "text": choice.get(lang), "sets": list(choice.sets.items())} for choice in question.value
        ],
        "only_if": _when(knowledge, question.only_if),
        "cost": weights.seconds[question.id] * (1 + weights.intrusion[question.id]),
        "spread": [
            [read_literal(question.type, value), share] for value, share in weights.spread.get(question.id, {}).items()
        ],
    }


def _page(page: Page, lang: str) -> dict[str, Any]:
    lines = [
        {"question": line.question, "tick": line.tick, "clear": line.clear, "text": line.get(lang)}
        for line in page.line
    ]
    return {"id": page.id, "title": page.title(lang), "questions": page.questions, "lines": lines}


def _cause(knowledge: Knowledge, cause: Cause, lang: str) -> dict[str, Any]:
    return {
        "id": cause.id,
        "title": cause.text(lang).title,
        "kind": KINDS.index(cause.kind),
        "effort": min(EFFORTS.index(action.effort) for action in cause.action),
        "chance": knowledge.weights.chance[cause.id],
        "later": any(name in rule.when for rule in cause.rule for name in OTHERS),
        "must_clear": cause.kind in ("requirement", "technical", "location"),
        "rules": [{"status": rule.status, "when": _when(knowledge, rule.when)} for rule in cause.rule],
    }


def _when(knowledge: Knowledge, when: When) -> list[tuple[str, dict[str, Any]]]:
    return [(id_, _condition(knowledge, condition)) for id_, condition in when.items()]


def _condition(knowledge: Knowledge, condition: Condition) -> dict[str, Any]:
    """Write a condition with its limits filled in: bounds as exact fractions, a number and its divisor."""
    row: dict[str, Any] = {
        name.rstrip("_"): value for name, value in msgspec.structs.asdict(condition).items() if value is not None
    }
    for name in _BOUNDS:
        bound = row.get(name)
        if bound is not None:
            number = knowledge.limits[bound[1:]] if isinstance(bound, str) else bound
            row[name] = Fraction(repr(number)).as_integer_ratio()
    return row
