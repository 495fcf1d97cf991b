"""`docs/ids.md`: every id and code that scripts and saved cases may rely on, from the code and the knowledge base."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, get_args

from diagnostics.checks.base import CheckStatus
from diagnostics.checks.phone_check import STATUS_OF_VERDICT
from diagnostics.checks.registry import check_ids
from diagnostics.engine.interview import SkipReason, StopReason
from diagnostics.knowledge import load
from diagnostics.knowledge.model import EFFORTS, KINDS, STATUSES, URGENCIES, Actor, Confidence, Do
from diagnostics.network.failures import UNKNOWN_PREFIX, VOCABULARY
from diagnostics.network.verdicts import verdicts
from diagnostics.report.model import SCHEMA, Outcome
from docs.making.words import WORDS
from tui.cli.output import Exit

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from diagnostics.knowledge.model import Question

KNOWLEDGE: Final = load()
VERSION_VERDICTS: Final = ("not_given", "unreadable", "no_minimum", "met", "below_minimum")
COMPUTER_VERDICTS: Final = ("found", "absent")


def page(lang: str) -> str:
    """Return the page in this language."""
    words = WORDS[lang]
    return "\n".join([words["intro"], *(f"## {words[name]}\n\n{make(lang)}" for name, make in SECTIONS.items())])


def _table(lang: str, head: str, rows: Iterable[tuple[str, ...]]) -> str:
    names = [WORDS[lang]["column"][name] for name in head.split()]
    lines = [names, ["---"] * len(names), *([_cell(cell) for cell in row] for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _code(text: object) -> str:
    return f"`{text}`"


def _say(key: str, lang: str) -> str:
    return KNOWLEDGE.locale[key].get(lang)


def _causes(lang: str) -> str:
    groups = {group.id: group.get(lang) for group in KNOWLEDGE.groups}
    rows = sorted(KNOWLEDGE.causes.values(), key=lambda cause: (list(groups).index(cause.group), cause.id))
    return _table(lang, "id title group kind confidence", (
        (_code(one.id), one.text(lang).title, f"{_code(one.group)} {groups[one.group]}", _code(one.kind),
         _code(one.confidence)) for one in rows))  # fmt: skip


def _situations(lang: str) -> str:
    return _table(lang, "id title", ((_code(one.id), one.title.get(lang)) for one in KNOWLEDGE.situations))


def _actions(lang: str) -> str:
    rows = sorted(KNOWLEDGE.actions.values(), key=lambda action: action.id)
    return _table(lang, "id do urgency text", (
        (_code(one.id), _code(one.do), _code(one.urgency), one.short.get(lang)) for one in rows))  # fmt: skip


def _beliefs(lang: str) -> str:
    return _table(lang, "id title", ((_code(one.id), one.title.get(lang)) for one in KNOWLEDGE.beliefs.values()))


def _questions(lang: str) -> str:
    rows = ((_code(one.id), one.text(lang).title, _values(one, lang)) for one in KNOWLEDGE.questions.values())
    return _table(lang, "id title values", rows)


def _values(question: Question, lang: str) -> str:
    named = " · ".join(f"`{choice.id}` {choice.get(lang)}" for choice in question.value)
    kind = WORDS[lang]["types"][question.type]
    span = "" if question.minimum is None else f" {question.minimum}–{question.maximum}"
    if question.maximum is None and question.minimum is not None:
        span = f" ≥ {question.minimum}"
    return f"{kind}{span}{WORDS[lang]['colon'] if named else ''}{named}"


def _checks(lang: str) -> str:
    rows = ((_code(id_), _say(f"check.{id_}.title", lang), _say(f"check.{id_}.about", lang)) for id_ in check_ids())
    return _table(lang, "id title meaning", rows)


def _listed(lang: str, name: str, ids: Iterable[str]) -> str:
    """A vocabulary whose meanings stand in the documentation's own words."""
    return _table(lang, "code meaning", ((_code(id_), WORDS[lang][name][id_]) for id_ in ids))


def _said(lang: str, prefix: str, ids: Iterable[str]) -> str:
    """A vocabulary whose meanings stand in the product's texts."""
    return _table(lang, "code meaning", ((_code(id_), _say(f"{prefix}.{id_}", lang)) for id_ in ids))


def _verdicts(lang: str) -> Iterator[tuple[str, ...]]:
    for one in verdicts().values():
        yield _code(one.id), _code(one.status), one.text.get(lang)
    for system, prefix in (("android", "phone."), ("ios", "phone.ios_")):
        for key in KNOWLEDGE.locale:
            if key.startswith(f"check.phone.{system}.verdict.") and key.endswith(".says"):
                id_ = key.split(".")[-2]
                yield _code(prefix + id_), _code(STATUS_OF_VERDICT.get(id_, "unknown")), _say(key, lang)
    for id_ in VERSION_VERDICTS:
        yield _code(f"version.{id_}"), "", _say(f"check.wechat.version.{id_}", lang)
    for id_ in COMPUTER_VERDICTS:
        yield _code(f"computer.wechat_{id_}"), _code("pass"), _say(f"check.computer.wechat.{id_}", lang)


def _contradictions(lang: str) -> str:
    rows = ((_code(one.id), one.get(lang), _code(one.settle) if one.settle else "") for one in KNOWLEDGE.contradictions)
    return _table(lang, "id meaning settle", rows) + f"\n{WORDS[lang]['other_contradictions']}\n"


def _warnings(lang: str) -> str:
    rows = ((_code(id_), text.get(lang)) for id_, text in KNOWLEDGE.guide.warning.items())
    return _table(lang, "id text", rows)


def _exits(lang: str) -> str:
    rows = ((_code(one.value), WORDS[lang]["exit_codes"][one.name]) for one in Exit)
    return _table(lang, "code meaning", rows)


def _failures(_lang: str) -> str:
    return " · ".join(_code(word) for word in (*sorted(VOCABULARY), f"{UNKNOWN_PREFIX}…")) + "\n"


def _limits(lang: str) -> str:
    rows = ((_code(name), f"{value:g}") for name, value in KNOWLEDGE.limits.items())
    return _table(lang, "id value", rows)


def _sources(lang: str) -> str:
    rows = ((_code(one.id), _code(one.confidence), one.get(lang)) for one in KNOWLEDGE.sources.values())
    return _table(lang, "id confidence text", rows)


def _schemas(_lang: str) -> str:
    names = (SCHEMA, "weilidai-doctor/answers/1")
    return " · ".join(_code(name) for name in names) + "\n"


SECTIONS: Final = {
    "exits": _exits,
    "outcomes": lambda lang: _listed(lang, "outcome", get_args(Outcome)),
    "statuses": lambda lang: _said(lang, "status", STATUSES),
    "confidences": lambda lang: _said(lang, "confidence", get_args(Confidence)),
    "kinds": lambda lang: _said(lang, "kind", KINDS),
    "causes": _causes,
    "situations": _situations,
    "actions": _actions,
    "dos": lambda _lang: " · ".join(_code(name) for name in get_args(Do)) + "\n",
    "urgencies": lambda lang: _said(lang, "urgency", URGENCIES),
    "beliefs": _beliefs,
    "questions": _questions,
    "checks": _checks,
    "check_statuses": lambda lang: _listed(lang, "check_status", get_args(CheckStatus)),
    "verdicts": lambda lang: _table(lang, "code status text", _verdicts(lang)),
    "failures": _failures,
    "stops": lambda lang: _listed(lang, "stop", get_args(StopReason)),
    "skips": lambda lang: _said(lang, "skip", get_args(SkipReason)),
    "efforts": lambda lang: _said(lang, "effort", EFFORTS),
    "actors": lambda lang: _said(lang, "by", get_args(Actor)),
    "contradictions": _contradictions,
    "warnings": _warnings,
    "limits": _limits,
    "sources": _sources,
    "schemas": _schemas,
}
