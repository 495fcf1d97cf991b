"""The report as one HTML file: no script, nothing fetched, every text escaped by the template engine."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from diagnostics.formats import FormatUnavailable, marks
from diagnostics.formats.report_view import Debt, ReportView
from diagnostics.redaction import mask_numbers
from diagnostics.sanitize import clean_line

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jinja2 import Template

    from diagnostics.knowledge.model import Knowledge
    from diagnostics.report.model import Report

HERE: Final = Path(__file__).parent / "templates"
PICTURE_WIDTH: Final = 360
"""Units across a picture of the report: about one to a pixel on a phone."""


class Bar(msgspec.Struct, frozen=True, kw_only=True):
    """The debt bar: how far it reaches, and where the tool's lines stand, in units of the picture."""

    width: int
    filled: int
    possible: int
    likely: int
    level: str
    debt: Debt


def debt_bar(debt: Debt) -> Bar:
    """Place the share of income that repayments take; the whole bar is the whole income."""
    level = "likely" if debt.percent >= debt.likely else "possible" if debt.percent >= debt.possible else "ruled_out"
    place = {
        name: min(PICTURE_WIDTH, max(2, percent * PICTURE_WIDTH // 100))
        for name, percent in (("filled", debt.percent), ("possible", debt.possible), ("likely", debt.likely))
    }
    return Bar(width=PICTURE_WIDTH, level=level, debt=debt, **place)


def render(
    report: Report,
    knowledge: Knowledge,
    *,
    ascii: bool = False,  # noqa: A002 - the option's name
    ticket: str = "",
    went: Mapping[str, str] | None = None,
) -> str:
    """Write the report as HTML; with `ascii` every other character becomes a character reference.

    `ticket` is what the desk calls the case.

    Raises FormatUnavailable where Jinja2 is not installed.
    """
    try:
        template = _template()
    except ModuleNotFoundError as error:
        if error.name != "jinja2":
            raise
        raise FormatUnavailable(knowledge.say("format.unavailable.html", report.lang)) from error
    read = ReportView(report, knowledge, went)
    css = style()
    text = template.render(
        read=read,
        report=report,
        say=read.say,
        word=read.word,
        css=css,
        style_hash=content_hash(css),
        marks=marks,
        ticket=mask_numbers(clean_line(ticket, 80)),
        debt=debt_bar(read.debt) if read.debt is not None else None,
    )
    return text.encode("ascii", "xmlcharrefreplace").decode() if ascii else text


@cache
def style() -> str:
    """Return the style sheet of the report."""
    return (HERE / "report.css").read_text(encoding="utf-8")


def content_hash(text: str) -> str:
    """Return the source expression that lets a content-security policy accept exactly this inline text."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@cache
def _template() -> Template:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.get_template("report.html.j2")
