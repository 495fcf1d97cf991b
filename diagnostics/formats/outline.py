"""A report as sections of plain lines, written as text and as Markdown, which so cannot differ; and as an HTML page."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from diagnostics.formats import FormatUnavailable
from diagnostics.formats.width import CAUSE, CHECK, cells, plain, wrap
from diagnostics.redaction import mask_numbers
from diagnostics.sanitize import clean_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from jinja2 import Template

    from diagnostics.formats.report_view import ReportView
    from diagnostics.report.model import CauseReport, CheckReport, ContradictionReport, PlanItem


WIDTH: Final = 78
"""Most cells of a line: a terminal of 80 with a cell to spare on either side."""
LEAST: Final = 30
"""Cells below which a terminal breaks the lines itself."""
_ENTITIES: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_SIGNS: Final = re.compile(r"([\\`*_{}\[\]#|~$@!])")
_LINKS: Final = re.compile(r"(?i)(?<=[a-z])(?=://)|(?<=www)(?=\.)|(?<=mailto)(?=:)|(?<=xmpp)(?=:)")
_LIST: Final = re.compile(r"^([-+=]|\d{1,9}(?=[.)]))")


class Item(NamedTuple):
    """One line with its sublines; `mark` is the sign before it."""

    text: str
    below: tuple[Item, ...] = ()
    mark: str | None = None


class Section(NamedTuple):
    """A heading with its lines; style `numbered`: steps in an order, `plain`: sentences, else a `list`."""

    title: str
    style: str
    items: tuple[Item, ...]


def outline(view: ReportView) -> list[Section]:
    """Return the sections of a report, without empty ones."""
    found = (Section(view.say(f"heading.{name}"), style, tuple(items)) for name, style, items in _sections(view))
    return [section for section in found if section.items]


def _sections(view: ReportView) -> Iterator[tuple[str, str, Iterable[Item]]]:
    """Yield name, style and lines of each section: what is urgent, what to do, why, and the rest."""
    report, steps = view.report, view.still_open
    yield "care", "plain", [Item(text) for text in view.first_words]
    yield "scam", "plain", [Item(one.text, mark="!") for one in view.first_warnings]
    yield "verdict", "plain", [Item(text) for text in view.finding()]
    yield "first", "plain", [_step(view, item) for item in steps[:1]]
    yield "postponed", "list", [_step(view, item) for item in view.postponed]
    yield "next", "list", [_step(view, item) for item in steps[1:3]]
    yield "done", "list", [Item(text) for text in view.done]
    yield "questions" if report.questions.stop_reason is None else "stopped", "plain", _questions(view)
    yield "beliefs", "list", [Item(view.belief(one)) for one in view.mistakes]
    if view.application is not None:
        yield "steps", "numbered", [Item(step) for step in view.application.steps]
        yield "cautions", "list", [Item(caution) for caution in view.application.cautions]
    yield "causes", "list", [_cause(view, cause) for cause in view.standing]
    yield "contradictions", "list", [_contradiction(view, one) for one in report.contradictions]
    yield "warnings", "list", [Item(one.text) for one in view.other_warnings]
    yield "plan", "list", [_step(view, item) for item in steps[3:]]
    yield "tree", "list", [Item(text) for text in view.other_causes()]
    yield "checks", "list", [_check(view, check) for check in view.checks]
    yield "debt", "plain", [Item(view.debt.text), Item(view.debt.note)] if view.debt is not None else []
    yield "what_if", "list", [Item(text) for text in view.what_if()]
    yield "observations", "list", [Item(view.observation(one)) for one in report.observations]
    yield "limits", "list", [Item(text) for text in report.limits]


def _step(view: ReportView, item: PlanItem) -> Item:
    return Item(item.text, (Item(view.plan_facts(item)), Item(view.say("plan.verify", text=item.verify))))


def _cause(view: ReportView, cause: CauseReport) -> Item:
    below = [Item(view.knowledge_line(cause)), Item(cause.meaning)]
    if cause.because:
        why = tuple(Item(f"[{view.effect(one, cause)}] {one.text}") for one in cause.because)
        below.append(Item(view.say("cause.why"), why))
    below.append(Item(view.say("cause.shows_after", text=cause.shows_after)))
    return Item(
        view.say("cause.line", title=cause.title, status=view.word("status", cause.status)),
        tuple(below),
        CAUSE[cause.status],
    )


def _check(view: ReportView, check: CheckReport) -> Item:
    below = tuple(Item(line) for line in check.detail.splitlines())
    return Item(view.check_line(check), below, CHECK[check.status])


def _contradiction(view: ReportView, one: ContradictionReport) -> Item:
    below = [Item(view.observation(seen)) for seen in one.observations]
    if one.settle is not None:
        below.append(Item(view.say("question.settle", text=view.title(one.settle))))
    return Item(one.text, tuple(below), "!")


def _questions(view: ReportView) -> Iterator[Item]:
    asked = view.report.questions
    if asked.stop_reason is not None:
        yield Item(view.say(f"stop.{asked.stop_reason}"))
        return
    text = view.open_question()
    if text is not None:
        yield Item(view.say("question.next", text=text.ask), (Item(view.say("question.how", text=text.how)),))


def render_text(view: ReportView, width: int = WIDTH, *, ascii: bool = False) -> str:  # noqa: A002 - the option's name
    """Write the report as text for a terminal, a ticket or a message; `ascii` replaces marks and typographic signs."""
    sign, width = plain if ascii else str, max(LEAST, min(width, WIDTH))
    lines = [*wrap(sign(view.say("report.title")), width), *wrap(sign(view.stamp()), width)]
    for title, style, items in outline(view):
        lines += ["", f"[ {sign(title)} ]"]
        for number, item in enumerate(items, 1):
            if style == "numbered":
                lead = f"{number}. "
            elif item.mark is not None:
                lead = f"{item.mark} "
            else:
                lead = "" if style == "plain" or item.below else "- "
            lines += _text_item(item, lead, 0 if style == "plain" else 2, width, sign)
    return "\n".join(lines) + "\n"


def _text_item(item: Item, lead: str, indent: int, width: int, sign: Callable[[str], str]) -> Iterator[str]:
    lead = sign(lead)
    hang = " " * (indent + cells(lead))
    for number, line in enumerate(wrap(sign(item.text), width - len(hang))):
        yield (" " * indent + lead if number == 0 else hang) + line
    for below in item.below:
        mark = f"{below.mark} " if below.mark is not None else "" if below.below else "- "
        yield from _text_item(below, mark, max(len(hang), indent + 2), width, sign)


def escape(text: str) -> str:
    """Return a text on one line that Markdown shows as it is: no emphasis, link, mention, HTML, list or heading."""
    text = _SIGNS.sub(r"\\\1", " ".join(text.split()).translate(_ENTITIES))
    text = _LINKS.sub(r"\\", text)
    return _LIST.sub(lambda found: f"{found[1]}\\" if found[1].isdigit() else f"\\{found[1]}", text)


def render_markdown(view: ReportView, *, ascii: bool = False) -> str:  # noqa: A002 - the option's name
    """Write the report as Markdown for tickets and chats; `ascii` replaces marks and typographic signs."""
    blocks = [f"# {escape(view.say('report.title'))}", escape(view.stamp())]
    for title, style, items in outline(view):
        blocks.append(f"## {escape(title)}")
        if style == "plain":
            blocks += map(_sentence, items)
        else:
            leads = (f"{number}. " if style == "numbered" else "- " for number in range(1, len(items) + 1))
            lines = (line for item, lead in zip(items, leads, strict=True) for line in _markdown_item(item, lead, ""))
            blocks.append("\n".join(lines))
    text = "\n\n".join(blocks) + "\n"
    return plain(text) if ascii else text


def _sentence(item: Item) -> str:
    """Return a line of text with its sublines as a list."""
    below = "\n".join(line for one in item.below for line in _markdown_item(one, "- ", ""))
    return f"{_line(item)}\n\n{below}" if below else _line(item)


def _markdown_item(item: Item, lead: str, indent: str) -> Iterator[str]:
    yield f"{indent}{lead}{_line(item)}"
    for below in item.below:
        yield from _markdown_item(below, "- ", indent + " " * len(lead))


def _line(item: Item) -> str:
    text = escape(item.text)
    if item.below and item.mark:
        text = f"**{text}**"
    return f"{escape(item.mark)} {text}" if item.mark and item.mark != "-" else text


HERE: Final = Path(__file__).parent / "templates"
PICTURE_WIDTH: Final = 360
"""Units across a picture of the report: about one to a pixel on a phone."""


def render_html(view: ReportView, ticket: str = "", *, ascii: bool = False) -> str:  # noqa: A002 - the option's name
    """Write the report as HTML; with `ascii` every other character becomes a character reference.

    `ticket` is what the desk calls the case. Raises FormatUnavailable where Jinja2 is not installed.
    """
    import base64
    import hashlib

    try:
        template = _template()
    except ModuleNotFoundError as error:
        if error.name != "jinja2":
            raise
        raise FormatUnavailable(view.say("unavailable.html")) from error
    css = (HERE / "report.css").read_text(encoding="utf-8")
    text = template.render(
        view=view,
        report=view.report,
        say=view.say,
        word=view.word,
        css=css,
        style_hash="sha256-" + base64.b64encode(hashlib.sha256(css.encode()).digest()).decode(),
        cause_mark=CAUSE,
        check_mark=CHECK,
        ticket=mask_numbers(clean_line(ticket, 80)),
        debt=view.debt,
        across=_across,
    )
    return text.encode("ascii", "xmlcharrefreplace").decode() if ascii else text


def _across(percent: int) -> int:
    """Return where a share of the income stands on a picture; the whole width is the whole income."""
    return min(PICTURE_WIDTH, max(2, percent * PICTURE_WIDTH // 100))


@cache
def _template() -> Template:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.get_template("report.html.j2")
