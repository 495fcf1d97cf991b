"""The report as one HTML file: no script, nothing fetched, every text escaped by the template engine."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from diagnostics.formats import FormatUnavailable
from diagnostics.formats.width import CAUSE, CHECK
from diagnostics.redaction import mask_numbers
from diagnostics.sanitize import clean_line

if TYPE_CHECKING:
    from jinja2 import Template

    from diagnostics.formats.report_view import ReportView

HERE: Final = Path(__file__).parent / "templates"
PICTURE_WIDTH: Final = 360
"""Units across a picture of the report: about one to a pixel on a phone."""


def render_html(view: ReportView, ticket: str = "", *, ascii: bool = False) -> str:  # noqa: A002 - the option's name
    """Write the report as HTML; with `ascii` every other character becomes a character reference.

    `ticket` is what the desk calls the case. Raises FormatUnavailable where Jinja2 is not installed.
    """
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
