"""A report as sections of plain lines: what the text and the Markdown report both write, so that they cannot differ."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from diagnostics.formats import marks
from diagnostics.formats.reading import Reading

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from diagnostics.knowledge.model import Knowledge
    from diagnostics.report.model import CauseReport, CheckReport, ContradictionReport, Report


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


def outline(report: Report, knowledge: Knowledge) -> Outline:
    """Arrange a report for reading: the warning that cannot wait, the finding, why, what to do, and what is open."""
    read = Reading(report, knowledge)
    found = [
        Section(title=read.say(f"heading.{name}"), items=tuple(items), style=style)
        for name, style, items in _sections(read)
    ]
    return Outline(
        title=read.say("report.title"), stamp=read.stamp(), sections=tuple(one for one in found if one.items)
    )


def _sections(read: Reading) -> Iterator[tuple[str, str, Iterable[Item]]]:
    report = read.report
    yield "scam", "plain", [Item(one.text, mark="!") for one in read.first_warnings]
    yield "verdict", "plain", [Item(report.summary)]
    if report.application is not None:
        yield "steps", "numbered", [Item(step) for step in report.application.steps]
        yield "cautions", "list", [Item(caution) for caution in report.application.cautions]
    yield "tree", "list", _tree(read)
    yield "causes", "list", [_cause(read, cause) for cause in read.standing]
    yield "plan", "numbered", [
        Item(item.text, (Item(read.plan_facts(item)), Item(read.say("plan.verify", text=item.verify))))
        for item in report.plan
    ]  # fmt: skip
    yield "checks", "list", [_check(read, check) for check in report.checks]
    yield "debt", "plain", [Item(text) for text in read.debt_lines()]
    yield "contradictions", "list", [_contradiction(read, one) for one in report.contradictions]
    yield "questions", "list", _questions(read)
    yield "what_if", "list", [Item(text) for text in read.what_if()]
    yield "observations", "list", [Item(read.observation(one)) for one in report.observations]
    yield "warnings", "list", [Item(one.text) for one in read.other_warnings]
    yield "limits", "list", [Item(text) for text in report.limits]


def _tree(read: Reading) -> list[Item]:
    return [
        Item(
            read.group_line(group, causes),
            tuple(
                Item(read.say("cause.line", title=one.title, status=read.word("status", one.status)),
                     mark=marks.CAUSE[one.status])
                for one in causes
            ),
        )
        for group, causes in read.groups
    ]  # fmt: skip


def _cause(read: Reading, cause: CauseReport) -> Item:
    below = [Item(read.knowledge_line(cause)), Item(cause.meaning)]
    if cause.because:
        below.append(Item(read.say("cause.why"), tuple(Item(read.because(one)) for one in cause.because)))
    steps = read.steps_of(cause)
    below.append(Item(read.say("cause.do") + read.word("list", "colon") + steps) if steps else
                 Item(read.say("cause.do"), tuple(Item(action.text) for action in cause.actions)))  # fmt: skip
    below.append(Item(read.say("cause.shows_after", text=cause.shows_after)))
    below.append(Item(read.say("cause.sources", refs=read.refs(cause))))
    return Item(
        read.say("cause.line", title=cause.title, status=read.word("status", cause.status)),
        tuple(below),
        marks.CAUSE[cause.status],
    )


def _check(read: Reading, check: CheckReport) -> Item:
    below = [Item(line) for line in check.detail.splitlines()]
    faults = read.word("list", "comma").join(read.faults(check))
    below += [Item(faults)] if faults else []
    below += [Item(row.text, mark=row.mark) for row in read.paths(check)]
    return Item(read.check_line(check), tuple(below), marks.CHECK[check.status])


def _contradiction(read: Reading, one: ContradictionReport) -> Item:
    below = [Item(read.observation(seen)) for seen in one.observations]
    if one.settle is not None:
        below.append(Item(read.say("question.settle", text=read.title(one.settle))))
    return Item(one.text, tuple(below), "!")


def _questions(read: Reading) -> Iterator[Item]:
    asked = read.report.questions
    if asked.stop_reason is not None:
        yield Item(read.say(f"stop.{asked.stop_reason}"))
    text = read.open_question()
    if text is not None:
        yield Item(read.say("question.next", text=text.ask), (Item(read.say("question.how", text=text.how)),))
    if asked.remaining:
        yield Item(read.say("question.remaining", count=len(asked.remaining)))
