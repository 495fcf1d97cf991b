"""A report as sections of plain lines: what the text and the Markdown report both write, so that they cannot differ."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from diagnostics.formats import marks
from diagnostics.formats.report_view import ReportView

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from diagnostics.knowledge.model import Knowledge
    from diagnostics.report.model import CauseReport, CheckReport, ContradictionReport, PlanItem, Report


class Item(msgspec.Struct, frozen=True):
    """One line and what stands below it; `mark` is the sign before it."""

    text: str
    below: tuple[Item, ...] = ()
    mark: str | None = None


class Section(msgspec.Struct, frozen=True, kw_only=True):
    """A heading with its lines; `numbered` lines are steps in an order, `plain` ones are sentences."""

    title: str
    items: tuple[Item, ...]
    style: str = "list"


class Outline(msgspec.Struct, frozen=True, kw_only=True):
    """A whole report: title, where it comes from, and the sections in reading order."""

    title: str
    stamp: str
    sections: tuple[Section, ...]


def outline(report: Report, knowledge: Knowledge, went: Mapping[str, str] | None = None) -> Outline:
    """Arrange a report for reading: the warning that cannot wait, the finding, what to do, why, and the rest."""
    read = ReportView(report, knowledge, went)
    found = [
        Section(title=read.say(f"heading.{name}"), items=tuple(items), style=style)
        for name, style, items in _sections(read)
    ]
    return Outline(
        title=read.say("report.title"), stamp=read.stamp(), sections=tuple(one for one in found if one.items)
    )


def _sections(read: ReportView) -> Iterator[tuple[str, str, Iterable[Item]]]:
    """Yield the sections: situation and first steps, why, warnings, and then the rest."""
    report = read.report
    first, following, later = read.plan_parts
    yield "scam", "plain", [Item(one.text, mark="!") for one in read.first_warnings]
    yield "verdict", "plain", [Item(text) for text in read.finding()]
    yield "first", "plain", [_step(read, item) for item in first]
    yield "postponed", "list", [_step(read, item) for item in read.postponed]
    yield "next", "list", [_step(read, item) for item in following]
    yield "done", "list", [Item(text) for text in read.done]
    yield "questions", "plain", _questions(read)
    yield "beliefs", "list", [Item(read.belief(one)) for one in report.beliefs]
    if read.application is not None:
        yield "steps", "numbered", [Item(step) for step in read.application.steps]
        yield "cautions", "list", [Item(caution) for caution in read.application.cautions]
    yield "causes", "list", [_cause(read, cause) for cause in read.standing]
    yield "contradictions", "list", [_contradiction(read, one) for one in report.contradictions]
    yield "warnings", "list", [Item(one.text) for one in read.other_warnings]
    yield "plan", "list", [_step(read, item) for item in later]
    yield "tree", "list", [Item(text) for text in read.other_causes()]
    yield "checks", "list", [_check(read, check) for check in read.checks]
    yield "debt", "plain", [Item(text) for text in read.debt_lines()]
    yield "what_if", "list", [Item(text) for text in read.what_if()]
    yield "observations", "list", [Item(read.observation(one)) for one in report.observations]
    yield "limits", "list", [Item(text) for text in report.limits]


def _step(read: ReportView, item: PlanItem) -> Item:
    return Item(item.text, (Item(read.plan_facts(item)), Item(read.say("plan.verify", text=item.verify))))


def _cause(read: ReportView, cause: CauseReport) -> Item:
    below = [Item(read.knowledge_line(cause)), Item(cause.meaning)]
    if cause.because:
        below.append(Item(read.say("cause.why"), tuple(Item(read.because(one, cause)) for one in cause.because)))
    below.append(Item(read.say("cause.shows_after", text=cause.shows_after)))
    return Item(
        read.say("cause.line", title=cause.title, status=read.word("status", cause.status)),
        tuple(below),
        marks.CAUSE[cause.status],
    )


def _check(read: ReportView, check: CheckReport) -> Item:
    below = tuple(Item(line) for line in check.detail.splitlines())
    return Item(read.check_line(check), below, marks.CHECK[check.status])


def _contradiction(read: ReportView, one: ContradictionReport) -> Item:
    below = [Item(read.observation(seen)) for seen in one.observations]
    if one.settle is not None:
        below.append(Item(read.say("question.settle", text=read.title(one.settle))))
    return Item(one.text, tuple(below), "!")


def _questions(read: ReportView) -> Iterator[Item]:
    asked = read.report.questions
    if asked.stop_reason is not None:
        yield Item(read.say(f"stop.{asked.stop_reason}"))
        return
    text = read.open_question()
    if text is not None:
        yield Item(read.say("question.next", text=text.ask), (Item(read.say("question.how", text=text.how)),))
