"""Reports to read and to hand over: text, JSON, Markdown and HTML, each module loaded when it is asked for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from diagnostics.knowledge.model import Knowledge
    from diagnostics.report.model import Report

FORMATS: Final = ("text", "json", "markdown", "html", "short")
"""Every format that `render` writes, as the command line names them."""

SHORT: Final = {"zh": 220, "en": 420}
"""Most characters of the short form, which is pasted into a chat."""
WITH_THE_BANK: Final = ("harm_done", "owing", "protect_family", "closing", "using")
"""Situations of people who have it, or lost a phone: whether it opens is no matter of theirs, and some do pay."""

_RAW: Final = "[\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]"


class FormatUnavailable(RuntimeError):  # noqa: N818 - it names a state, not a fault
    """A format needs a component that is not installed; the message names the extra to install."""


def render(
    format: str,  # noqa: A002 - the options are named as on the command line
    report: Report,
    knowledge: Knowledge,
    ascii: bool = False,  # noqa: A002 - the option's name
    ticket: str = "",
    width: int = 80,
    went: Mapping[str, str] | None = None,
) -> str:
    """Write a report in one of FORMATS; `ascii` keeps marks and signs to ASCII, text fits a terminal of `width` cells.

    `ticket` is what the desk calls the case, for the last line of the HTML report; personal numbers in it are masked.
    `went`: how steps of the plan went (`autosave.StepResult`), by their ids; JSON does not hold it.

    Raises ValueError for another format, FormatUnavailable where HTML's template engine is missing.
    """
    if format == "json":
        import msgspec

        return report_json(msgspec.json.encode(report), ascii=ascii)
    if format not in FORMATS:
        raise ValueError(f"{format!r} is none of {', '.join(FORMATS)}")
    from diagnostics.formats.report_view import ReportView
    from diagnostics.i18n import name_masks
    from diagnostics.sanitize import clean

    view = ReportView(report, knowledge, went)
    if format == "short":
        return name_masks(short(report, knowledge, went), report.lang) + "\n"
    if format == "html":
        from diagnostics.formats.outline import render_html

        text = render_html(view, ticket, ascii=ascii)
    else:
        from diagnostics.formats.outline import render_markdown, render_text

        text = render_text(view, width, ascii=ascii) if format == "text" else render_markdown(view, ascii=ascii)
    return name_masks(clean(text, len(text)), report.lang)


def report_json(report: bytes, *, ascii: bool = False) -> str:  # noqa: A002  as of `render`
    """Write a report's JSON to read; characters that could drive a terminal are escaped (JSON itself allows them)."""
    import msgspec

    text = msgspec.json.format(report, indent=2).decode()
    return re.sub("[^\x00-\x7e]" if ascii else _RAW, _escaped, text) + "\n"


def _escaped(found: re.Match[str]) -> str:
    units = found[0].encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))


def short(report: Report, knowledge: Knowledge, went: Mapping[str, str] | None = None) -> str:
    """Return the report as a chat message: the situation, the first step or the next question, a caution.

    At most 220 characters in Chinese and 420 in English, whole sentences only: what does not fit is left out, the
    first step last of all. Only a text that is longer by itself, as in a report from elsewhere, is cut.
    """
    from diagnostics.formats.report_view import ReportView
    from diagnostics.sanitize import clean, clean_line

    view = ReportView(report, knowledge, went)
    middle = ""
    if report.plan:
        middle = next((view.say("short.first", text=item.short) for item in (*view.still_open, *view.postponed)), "")
    elif report.questions.next is not None:
        middle = view.say("short.next", text=knowledge.questions[report.questions.next].text(report.lang).ask)
    bank = bool(report.situations) and report.situations[0].id in WITH_THE_BANK
    tail = view.say("short.scam" if view.first_warnings else "short.bank" if bank else "short.promise")
    tail = "" if view.first_words else tail
    leading = report.situations[0].text if report.situations else report.summary
    both = (" " if report.lang == "en" else "").join(filter(None, (report.summary, view.ending)))
    for parts in ([both, middle, tail], [leading, middle, tail], [leading, middle], [middle or leading]):
        text = "\n".join(clean_line(part, len(part)) for part in (*view.first_words, *parts) if part)
        if len(text) <= SHORT[report.lang]:
            return text
    return clean(text, SHORT[report.lang] - 1)
