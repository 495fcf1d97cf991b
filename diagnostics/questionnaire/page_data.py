"""The knowledge base as plain data for the page: its questions in one language, and the rule table that orders them.

The page holds no rules: it works derived facts out with the operators they name, sets the bits that this table says,
and combines them.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

import msgspec

from diagnostics.answers import AMOUNT_PATTERN, AMOUNT_UNITS
from diagnostics.engine.advice import advice_of
from diagnostics.engine.conditions import Column, bound_of
from diagnostics.engine.facts import NEVER, OPEN, PHONES, Fact, State
from diagnostics.engine.interview import ALWAYS, DANGER, FIRST_LOOK, IN_DANGER
from diagnostics.engine.rule_table import FOUND, table_of
from diagnostics.knowledge.derived import OTHERS
from diagnostics.knowledge.model import STATUSES
from diagnostics.questionnaire.codec import MARK, layout
from diagnostics.questionnaire.fields import Set, Slot, States, field_of

if TYPE_CHECKING:
    from diagnostics.engine.rule_table import CauseRows, Row
    from diagnostics.knowledge.model import Knowledge, Page, Question

_PAGE: Final = "questionnaire.page."
_OTHER: Final = "\0"
"""Stands for any text that no condition names."""


def compiled(knowledge: Knowledge, lang: str) -> dict[str, Any]:
    """Return all that the page needs to ask as the program asks; JSON values only."""
    table = table_of(knowledge)
    situations = [
        [[_bits(mask), [[*_bits(bit), asked] for bit, asked in asks]] for mask, asks in one.plain]
        for one in advice_of(table).situations
    ]
    used = table.found.mask | table.refused.mask
    for mask in (
        *(row.mask for one in table.causes for row in one.rows),
        *(row.mask for row in table.follows.values()),
        *(mask for masks in table.only_if.values() for mask in masks),
        *(mask for one in advice_of(table).situations for mask, _ in one.plain),
    ):
        used |= mask
    columns = {id_: _column(column) for id_ in table.asked if (column := _narrowed(table.column(id_), used)).conditions}
    return {
        "knowledge": knowledge.version,
        "lang": lang,
        "mark": MARK,
        "layout": layout(knowledge),
        "fields": [_field(question) for question in knowledge.questions.values()],
        "questions": [_question(knowledge, question, lang) for question in knowledge.questions.values()],
        "pages": [_page(page, lang) for page in knowledge.pages],
        "statuses": STATUSES,
        "causes": [
            _cause(table.causes[table.index[cause.id]], cause.text(lang).title) for cause in knowledge.causes.values()
        ],
        "facts": {one.id: msgspec.to_builtins(one) for one in knowledge.derived.values()},
        "columns": [[id_, column] for id_, column in columns.items() if id_ not in OTHERS],
        "others": [columns.get(name) for name in OTHERS],
        "found": _bits(table.found.mask),
        "refused": _bits(table.refused.mask),
        "follows": {id_: _bits(row.mask) for id_, row in table.follows.items()},
        "minimums": {
            what: {row.platform: row.version for row in knowledge.minimums if row.what == what}
            for what in ("wechat", "os")
        },
        "phones": PHONES,
        "look": table.inputs(FOUND),
        "first_look": FIRST_LOOK,
        "danger": DANGER,
        "in_danger": IN_DANGER,
        "situations": situations,
        "always": ALWAYS,
        "steering": [[id_, sorted({one for sets in by.values() for one in sets})] for id_, by in table.steering],
        "number": {"pattern": AMOUNT_PATTERN, "times": AMOUNT_UNITS},
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
    field = field_of(Slot.of(question))
    row: dict[str, Any] = {"id": question.id, "kind": field.kind}
    if isinstance(field, (Set, States)):
        row["width"] = field.width
        row |= {"minimum": field.values[0]} if isinstance(field.values, range) else {"values": field.values}
    return row


def _question(knowledge: Knowledge, question: Question, lang: str) -> dict[str, Any]:
    text, weights = question.text(lang), knowledge.weights
    only = table_of(knowledge).only_if.get(question.id, ())
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
        "only_if": [_bits(mask) for mask in only],
        "cost": weights.seconds[question.id] * (1 + weights.intrusion[question.id]),
    }


def _page(page: Page, lang: str) -> dict[str, Any]:
    lines = [
        {"question": line.question, "tick": line.tick, "clear": line.clear, "text": line.get(lang)}
        for line in page.line
    ]
    title = page.title(lang)
    return {"id": page.id, "title": title, "questions": page.questions, "lines": lines, "last": page.last}


def _cause(one: CauseRows, title: str) -> dict[str, Any]:
    """Write a cause: its ranks by status, what it does to the search, and its rows with what they are worth."""
    return {
        "id": one.cause.id,
        "title": title,
        "later": one.later,
        "stops": one.stops,
        "clears": one.clears,
        "ranks": one.ranks,
        "rows": [
            _row(row, row_.status, row_.steps, row_.change) for row, row_ in zip(one.rows, one.rule_rows, strict=True)
        ],
    }


def _row(row: Row, status: int, steps: Any, change: tuple[float, ...]) -> dict[str, Any]:
    return {
        "status": status,
        "bits": _bits(row.mask),
        "steps": [[*_bits(bit), share, list(asked)] for bit, share, asked in steps],
        "change": change,
    }


def _narrowed(column: Column, used: int) -> Column:
    """Return a column with the conditions of these bits alone: the page knows no actions."""
    narrow = Column(column.limits)
    for bit, condition in column.conditions:
        if bit & used:
            narrow.add(bit, condition)
    return narrow


def _column(column: Column) -> dict[str, Any]:
    """Write which bits each value of a fact meets, and which may be met while it is open.

    `values` are the texts that a condition names, `other` any other text; `steps` are the numbers below, at and above
    each of the `bounds` in turn, which are exact fractions. `lists` are the conditions that a list may meet: the bit,
    whether it must be empty, what it must have any of and what it must have none of.
    """
    conditions = [condition for _, condition in column.conditions]
    named = {value for one in conditions for value in (*(one.any or ()), *(one.not_ or ()))}
    bounds = sorted(
        {
            Fraction(bound_of(bound, column.limits))
            for one in conditions
            for bound in (one.below, one.above, one.at_least, one.at_most)
            if bound is not None
        }
    )
    row: dict[str, Any] = {"open": [_bits(mask) for mask in column.masks(OPEN)], "never": _met(column, NEVER)}
    row["other"] = _met(column, Fact(State.KNOWN, _OTHER))
    row["steps"] = []
    row["values"] = {value: _met(column, Fact(State.KNOWN, value)) for value in sorted(named)}
    if bounds:
        row["bounds"] = [bound.as_integer_ratio() for bound in bounds]
    numbers = [bounds[0] - 1] if bounds else [Fraction(0)]
    for at, bound in enumerate(bounds):
        numbers += [bound, (bound + bounds[at + 1]) / 2 if at + 1 < len(bounds) else bound + 1]
    if all(one.has is None and one.lacks is None for one in conditions):  # what has members is no number
        row["steps"] = [_met(column, Fact(State.KNOWN, number)) for number in numbers]
    may = {*_met(column, Fact(State.KNOWN, ())), *_met(column, Fact(State.KNOWN, (_OTHER,)))}
    row["lists"] = [
        [*_bits(bit), one.empty, one.has, one.lacks]
        for bit, one in column.conditions
        if one.has is not None or may.issuperset(_bits(bit))
    ]
    return row


def _met(column: Column, fact: Fact) -> list[int]:
    return _bits(column.masks(fact)[0])


def _bits(mask: int) -> list[int]:
    """Return the places of the bits of a mask."""
    return [at for at in range(mask.bit_length()) if mask >> at & 1]
