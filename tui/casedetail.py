"""A stored case as styled text: what the desk wrote, and the report on what was observed, assessed anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from diagnostics.evidence import Evidence
from diagnostics.report import build
from diagnostics.sanitize import clean, clean_line
from tui.caserows import local
from tui.cli.case_text import cause_title, history_lines, observation_line, result, times
from tui.describe import plan_content, result_after, result_before

if TYPE_CHECKING:
    from diagnostics.cases.model import Case
    from tui.words import Words


def case_content(case: Case, words: Words) -> Content:
    """Everything about one case: the desk's own facts first, then what is known, then the report."""
    blocks = [
        _facts(case, words),
        _list(words.of("cases.show.history"), history_lines(words.knowledge, case, words.lang, local)),
        _list(words.of("cases.show.notes"), [_note(one.at, one.operator, one.text) for one in case.notes]),
        _list(
            words.of("cases.show.observations"),
            [observation_line(words.knowledge, one, words.lang) for one in case.observations],
        ),
        _list(words.of("cases.show.masked"), [f"{one.placeholder} x{one.times}" for one in case.masked]),
        _report(case, words),
    ]
    return Content("\n\n").join([block for block in blocks if block])


def _facts(case: Case, words: Words) -> Content:
    def say(key: str, **values: object) -> str:
        return words.of(f"cases.show.{key}", **values)

    lang, knowledge = words.lang, words.knowledge
    status = words.of(f"cases.status.{case.status}")
    lines = [
        *times(knowledge, case, lang, local),
        say("consent", at=local(case.consent_at)) if case.consent_at else say("no_consent"),
        result(knowledge, case, lang),
        *(
            [say("proven", cause=cause_title(knowledge, case.proven, lang), at=local(case.closed_at or ""))]
            if case.proven
            else []
        ),
        *([say("tags", tags=" ".join(clean_line(tag) for tag in case.tags))] if case.tags else []),
    ]
    title = f"{clean_line(case.label, 80)}  " if case.label else ""
    head = say("head", id=case.id, status=status, version=case.version)
    return Content("\n").join([Content.assemble((title, "bold"), (head, "bold $primary")), *map(Content, lines)])


def _note(at: str, operator: str, text: str) -> str:
    return f"{local(at)} {clean_line(operator) or '-'}: {clean(text)}"


def _list(title: str, lines: list[str]) -> Content:
    if not lines:
        return Content("")
    return Content("\n").join([Content.styled(title, "bold $primary"), *(Content(f"- {line}") for line in lines)])


def _report(case: Case, words: Words) -> Content:
    report = build(words.knowledge, Evidence(case.observations), lang=words.lang)
    plan = [plan_content(item, number, words, report) for number, item in enumerate(report.plan, 1)]
    return Content("\n").join([result_before(report, words), *plan, result_after(report, words)])
