"""Write the questionnaire: one file that any phone browser opens, and that can send nothing anywhere.

The page holds no rules: the knowledge base goes into it as plain data in one language. It works derived facts out with
the operators they name, sets the bits that the rule table says, and combines them. What is left at its default is left
out.
"""

from __future__ import annotations

import base64
import hashlib
import html
import re
import zlib
from fractions import Fraction
from functools import cache
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any, Final

import msgspec

from diagnostics.answers import AMOUNT_PATTERN, AMOUNT_UNITS
from diagnostics.engine.advice import advice_of
from diagnostics.engine.assessment import DANGER
from diagnostics.engine.conditions import Column, bound_of
from diagnostics.engine.facts import NEVER, OPEN, PHONES, Fact, State
from diagnostics.engine.interview import (
    ALWAYS,
    CAUSE_SHARE,
    ENOUGH,
    GAINS,
    GIVEN,
    IN_DANGER,
    LOOK_FIRST,
    NEARER,
    NOT_ENTRY,
    SENSITIVE,
    SPARED,
    STEERED,
)
from diagnostics.engine.rule_table import CAUSE, FOUND
from diagnostics.engine.trials import answers_of
from diagnostics.knowledge.derived import OTHERS, reads
from diagnostics.knowledge.model import STATUSES, URGENCIES
from diagnostics.questionnaire.codec import MARK, layout
from diagnostics.questionnaire.message import hint, listed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from diagnostics.engine.advice import Offers, Words
    from diagnostics.knowledge.model import Action, Knowledge, Lang, Page, Question

SHOWN: Final = 10
"""Questions of the plain list that are shown at once."""
_HERE: Final = Path(__file__).parent / "static"
SCRIPTS: Final = (
    "data.js", "engine.js", "advice.js", "interview.js", "versions.js", "codec.js", "screens.js", "page.js"
)  # fmt: skip
"""The scripts of the page in their order; the first need no document but the data."""
_PAGE: Final = "questionnaire.page."
_OTHER: Final = "\0"
"""Stands for any text that no condition names."""


def build_page(knowledge: Knowledge, lang: Lang = "zh") -> str:
    """Return the whole page in one language: questions, rules, script and style in one file.

    Its content-security policy allows exactly its own script and style, and no connection, form or frame.
    """
    style, first, script = _file("page.css"), _file("first.js"), _bare("\n".join(_file(name) for name in SCRIPTS))
    data = packed(msgspec.json.encode(compiled(knowledge, lang)))
    return Template(_file("page.html")).substitute(
        lang="zh-CN" if lang == "zh" else "en",
        title=html.escape(knowledge.say("questionnaire.page.title", lang)),
        plain=_plain(knowledge, lang),
        style_hash=_hash(style),
        first_hash=_hash(first),
        script_hash=_hash(script),
        style=style,
        first=first,
        data=data,
        script=script,
    )


def _plain(knowledge: Knowledge, lang: str) -> str:
    """Write the questions as a numbered list, for who can run no script: to be answered in the chat."""

    def say(key: str, **values: object) -> str:
        return html.escape(knowledge.say(f"questionnaire.plain.{key}", lang, **values))

    sent = listed(knowledge)
    items = []
    for id_ in sent.questions:
        choices = "".join(f"<li>{html.escape(one.get(lang))}" for one in knowledge.questions[id_].value)
        ask = html.escape(knowledge.questions[id_].text(lang).ask + hint(knowledge, id_, lang))
        items.append(f"<li>{ask}{f'<ol>{choices}</ol>' if choices else ''}")
    privacy = html.escape(knowledge.guide.warning["privacy"].get(lang))
    first, more = "".join(items[:SHOWN]), "".join(items[SHOWN:])
    return (
        f"<h1>{say('title')}</h1><p>{say('about')}</p><p>{say('open')}</p>"
        f"<p><b>{say('tag', tag=f'#{sent.tag}')}</b></p>"
        f"<p>{privacy}</p><ol>{first}</ol>"
        f'<details><summary>{say("more")}</summary><ol start="{SHOWN + 1}">{more}</ol></details>'
    )


def packed(data: bytes) -> str:
    """Pack data for the page: deflate without a header, in Base64."""
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
    return base64.b64encode(deflate.compress(data) + deflate.flush()).decode()


@cache
def _bare(script: str) -> str:
    """Leave out what a phone need not load: comments on lines of their own, and indentation."""
    return re.sub(r"^[ ]+", "", re.sub(r"^[ ]*//.*\n", "", script, flags=re.MULTILINE), flags=re.MULTILINE)


@cache
def _file(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def compiled(knowledge: Knowledge, lang: Lang) -> dict[str, Any]:
    """Return all that the page needs to ask and to advise as the program does; JSON values only."""
    return _Compiler(knowledge, lang).data()


class _Compiler:
    """Writes the parts of the page and keeps account of the bits that their rows ask for."""

    def __init__(self, knowledge: Knowledge, lang: Lang) -> None:
        self.knowledge = knowledge
        self.lang = lang
        self.advice = advice_of(knowledge)
        self.table = self.advice.table
        self.actions = {id_: at for at, id_ in enumerate(knowledge.actions)}
        self.used = 0

    def data(self) -> dict[str, Any]:
        """Return the whole."""
        knowledge, lang, table, weights = self.knowledge, self.lang, self.table, self.knowledge.weights
        guide, say = knowledge.guide, {k: v.get(lang) for k, v in knowledge.locale.items() if k.startswith(_PAGE)}
        parts: dict[str, Any] = {
            "lang": lang,
            "mark": MARK,
            "layout": layout(knowledge),
            "questions": [self.question(question) for question in knowledge.questions.values()],
            "pages": [_page(page, lang) for page in knowledge.pages],
            "statuses": STATUSES,
            "causes": [self.cause(at) for at in range(len(table.causes))],
            "situations": [self.situation(at) for at in range(len(knowledge.situations))],
            "actions": [self.action(action) for action in knowledge.actions.values()],
            "facts": {one.id: _given(msgspec.to_builtins(one)) for one in knowledge.derived.values()},
            "found": self.bits(table.found.mask),
            "refused": self.bits(table.refused.mask),
            "follows": {id_: self.bits(row.mask) for id_, row in table.follows.items()},
            "minimums": {
                what: {row.platform: row.version for row in knowledge.minimums if row.what == what}
                for what in ("wechat", "os")
            },
            "phones": PHONES,
            "look": table.inputs(FOUND),
            "steered": STEERED,
            "look_first": LOOK_FIRST,
            "not_entry": NOT_ENTRY,
            "danger": DANGER,
            "harm": GIVEN,
            "in_danger": IN_DANGER,
            "always": ALWAYS,
            "steering": [[id_, sorted({one for sets in by.values() for one in sets})] for id_, by in table.steering],
            "weights": {"status": [weights.status[name] for name in STATUSES], "ending": weights.ending},
            "enough": ENOUGH,
            "spared": SPARED,
            "after": [
                [before, answer, {id_: answers_of(knowledge, id_, {before: answer}) for id_ in told}]
                for before, answers in knowledge.weights.spread_after.items() for answer, told in answers.items()
            ],
            "gains": GAINS,
            "cause_share": CAUSE_SHARE,
            "number": {"pattern": AMOUNT_PATTERN, "times": AMOUNT_UNITS},
            "steps": [text.get(lang) for text in guide.step],
            "cautions": [text.get(lang) for text in guide.caution],
            "scam": guide.warning["scam"].get(lang),
            "scam_line": knowledge.say("format.short.scam", lang),
            "limits": [guide.warning[name].get(lang) for name in ("no_promise", "privacy")],
            "stops": {
                name.removeprefix("format.stop."): text.get(lang)
                for name, text in knowledge.locale.items() if name.startswith("format.stop.")
            },
            "text": {key.removeprefix(_PAGE): text for key, text in say.items()},
        }  # fmt: skip
        return parts | self.columns()

    def bits(self, mask: int) -> list[int]:
        """Write the bits of a row that the page asks for."""
        self.used |= mask
        return _bits(mask)

    def rows(self, masks: Iterable[int]) -> list[list[int]]:
        """Write rows of which any must be met."""
        return [self.bits(mask) for mask in masks]

    def question(self, question: Question) -> dict[str, Any]:
        """Write a question; one that stands on no page has no texts but its title, for what was kept of it."""
        text, weights = question.text(self.lang), self.knowledge.weights
        values = [[one.id, one.get(self.lang), *([one.sets] if one.sets else [])] for one in question.value]
        asked = {
            "ask": text.ask, "how": text.how, "why": text.why, "unit": text.unit,
            "only_if": self.rows(self.table.only_if.get(question.id, ())),
            "cost": weights.cost(question.id),
            "spread": answers_of(self.knowledge, question.id),
            "sensitive": weights.intrusion[question.id] >= SENSITIVE,
        } if question.asked else {}  # fmt: skip
        return _given({
            "id": question.id, "type": question.type, "title": text.title, "minimum": question.minimum,
            "maximum": question.maximum, "values": values, **asked,
        })  # fmt: skip

    def cause(self, at: int) -> dict[str, Any]:
        """Write a cause: its ranks by status, what it does to the search, its rows, and its advice."""
        one, advice = self.table.causes[at], self.advice.causes[at]
        rows = [
            [STATUSES.index(rule.status), self.bits(row.mask)]
            for rule, row in zip(one.cause.rule, one.rows, strict=True)
        ]
        return _given({
            "id": one.cause.id, "later": one.later, "stops": one.stops, "clears": one.clears, "ranks": one.ranks,
            "nearer": one.cause.kind in NEARER,
            "chance": self.knowledge.weights.chance[one.cause.id], "rows": rows, "says": self.words(advice.says),
            "offers": self.offers(advice.offers),
        })  # fmt: skip

    def situation(self, at: int) -> dict[str, Any]:
        """Write a situation: when it holds, what is said, and what is done about it."""
        one = self.advice.situations[at]
        held = one.situation
        return _given({
            "id": held.id, "title": held.title.get(self.lang), "rows": self.rows(one.masks),
            "alone": held.alone, "cause_speaks": held.cause_speaks, "about_entry": held.about_entry,
            "about_cause": held.about_cause, "conclusive": held.conclusive,
            "closed_by": one.closing,
            "texts": self.words(one.texts), "offers": self.offers(one.offers),
        })  # fmt: skip

    def words(self, words: Words) -> list[list[Any]]:
        """Write texts of which the first that fits is said: the text, its rows, and until when it holds."""
        return [_trimmed([one.get(self.lang), self.rows(masks), one.valid_until]) for one, masks in words.texts]

    def offers(self, offers: Offers) -> list[list[Any]]:
        """Write which actions an owner offers: the action's number, its rows, and how likely it is to help."""
        return [
            _trimmed([self.actions[one.action.id], self.rows(one.masks), one.chance]) for one in offers.all
        ]  # fmt: skip

    def action(self, action: Action) -> dict[str, Any]:
        """Write an action with its wordings."""
        general = action.general
        return _given({
            "id": action.id, "text": action.get(self.lang), "verify": action.verify.get(self.lang),
            "general": general.get(self.lang) if general is not None else "",
            "urgency": URGENCIES.index(action.urgency), "cost": self.knowledge.weights.effort[action.effort],
            "until": action.valid_until, "rechecks": action.rechecks,
        })  # fmt: skip

    def columns(self) -> dict[str, Any]:
        """Write which bits each value of each fact meets, as far as the page asks for them."""
        table, derived = self.table, self.knowledge.derived
        columns, about, others = [], [], list[Any]()
        for id_, all_ in table.columns.items():
            column = _narrowed(all_, self.used)
            if not column.conditions:
                continue
            if id_.startswith(CAUSE):
                met = [_met_by(column, name) for name in STATUSES]
                about.append([table.index[id_.removeprefix(CAUSE)], met])
            elif id_ not in OTHERS:
                asks, looks = table.inputs(id_), reads(derived, id_)
                shared = {} if asks == looks == (id_,) else {"asks": asks, "reads": looks}
                columns.append({"id": id_, **_column(column), **shared})
        for name in OTHERS:
            column = _narrowed(table.columns[name], self.used)
            others.append([_met_by(column, value) for value in ("no", "yes")])
        return {"columns": columns, "about": about, "others": others, "bits": self.used.bit_length()}


def _given(row: dict[str, Any]) -> dict[str, Any]:
    """Leave out what is empty, false or None: the script takes what is missing for that."""
    return {
        key: value for key, value in row.items()
        if value is not None and value is not False and value not in ("", (), [], {})
    }  # fmt: skip


def _trimmed(row: list[Any]) -> list[Any]:
    """Leave out what is empty at the end."""
    while row and (row[-1] is None or row[-1] == []):
        row.pop()
    return row


def _page(page: Page, lang: str) -> dict[str, Any]:
    lines = [[line.question, line.tick, line.clear, line.get(lang)] for line in page.line]
    return _given({
        "title": page.title(lang), "questions": page.questions, "lines": lines, "last": page.last,
        "together": page.together, "look": page.look,
    })  # fmt: skip


def _narrowed(column: Column, used: int) -> Column:
    """Return a column with the conditions of these bits alone."""
    narrow = Column(column.limits)
    for bit, condition in column.conditions:
        if bit & used:
            narrow.add(bit, condition)
    return narrow


def _column(column: Column) -> dict[str, Any]:
    """Write which bits each value of a fact meets, and which may be met while it is open.

    `values` are the texts that a condition names, `other` any other text; `steps` are the numbers below, at and above
    each of the `bounds` in turn, which are exact fractions. `lists` are the conditions that a list may meet: the bit,
    whether it must be empty, what it must have any of and what it must have none of. `all` are the bits of the column.
    """
    conditions = [condition for _, condition in column.conditions]
    named = {value for one in conditions for value in (*(one.any or ()), *(one.not_ or ()))}
    bounds = sorted({
        bound_of(bound, column.limits)
        for one in conditions for bound in (one.below, one.above, one.at_least, one.at_most) if bound is not None
    })  # fmt: skip
    numbers: list[float | Fraction] = [bounds[0] - 1] if bounds else [0]
    for at, bound in enumerate(bounds):
        numbers += [bound, Fraction(bound + bounds[at + 1]) / 2 if at + 1 < len(bounds) else bound + 1]
    met, may = column.masks(OPEN)
    has_members = any(one.has is not None or one.lacks is not None for one in conditions)  # then it is no number
    steps = [] if has_members else [_met_by(column, number) for number in numbers]
    empty = {*_met_by(column, ()), *_met_by(column, (_OTHER,))}
    return _given({
        "all": _bits(column.bits),
        "met": _bits(met),
        "may": _bits(may),
        "never": _bits(column.masks(NEVER)[0]),
        "other": _met_by(column, _OTHER),
        "values": {value: _met_by(column, value) for value in sorted(named)},
        "bounds": [bound.as_integer_ratio() for bound in bounds],
        "steps": steps if any(steps) else [],
        "lists": [
            [*_bits(bit), one.empty, one.has, one.lacks]
            for bit, one in column.conditions
            if one.has is not None or empty.issuperset(_bits(bit))
        ],
    })  # fmt: skip


def _met_by(column: Column, value: Any) -> list[int]:
    return _bits(column.masks(Fact(State.KNOWN, value))[0])


def _bits(mask: int) -> list[int]:
    """Return the places of the bits of a mask."""
    return [at for at in range(mask.bit_length()) if mask >> at & 1]
