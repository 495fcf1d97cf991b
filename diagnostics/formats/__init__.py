"""Reports to read and to hand over: text, JSON, Markdown and HTML, each module loaded when it is asked for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from diagnostics.knowledge.model import Knowledge
    from diagnostics.report.model import Report

FORMATS: Final = ("text", "json", "markdown", "html", "short")
"""Every format that `render` writes, as the command line names them."""

SHORT: Final = 300
"""Most characters of the short form, which is pasted into a chat."""

_RAW: Final = re.compile("[\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")


class FormatUnavailable(RuntimeError):  # noqa: N818 - it names a state, not a fault
    """A format needs a component that is not installed; the message names the extra to install."""


def render(format: str, report: Report, knowledge: Knowledge, ascii: bool = False) -> str:  # noqa: A002
    """Write a report in one of FORMATS; `ascii` keeps marks and signs to ASCII.

    Raises ValueError for another format, FormatUnavailable where HTML's template engine is missing.
    """
    if format == "json":
        return _json(report, ascii)
    if format not in FORMATS:
        raise ValueError(f"{format!r} is none of {', '.join(FORMATS)}")
    if format == "short":
        return short(report, knowledge) + "\n"
    from importlib import import_module

    from diagnostics.clean import clean

    write: Callable[..., str] = import_module(f"diagnostics.formats.{format}").render
    text = write(report, knowledge, ascii=ascii)
    return clean(text, len(text))


def _json(report: Report, ascii_: bool) -> str:
    """Write the struct as it is; characters that could drive a terminal are escaped (JSON itself allows them)."""
    import msgspec

    text = msgspec.json.format(msgspec.json.encode(report), indent=2).decode()
    unsafe = re.compile("[^\x00-\x7e]") if ascii_ else _RAW
    return unsafe.sub(_escaped, text) + "\n"


def _escaped(found: re.Match[str]) -> str:
    units = found[0].encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))


def short(report: Report, knowledge: Knowledge) -> str:
    """Return the report in at most 300 characters: the finding, what to do or to answer first, a caution."""
    from diagnostics.clean import clean_line
    from diagnostics.formats.reading import Reading
    from diagnostics.formats.width import shorten

    read = Reading(report, knowledge)
    scam = bool(read.first_warnings)
    tail = read.say("short.scam" if scam else "short.promise")
    if report.plan:
        middle = read.say("short.first", text=report.plan[0].text)
    elif report.questions.next is not None:
        middle = read.say("short.next", text=knowledge.questions[report.questions.next].text(report.lang).ask)
    elif report.application is not None:
        middle = report.application.steps[1]
    else:
        middle = ""
    head = clean_line(report.summary, 110)
    middle = shorten(clean_line(middle), SHORT - len(head) - len(tail) - 2)
    parts = [tail, head, middle] if scam else [head, middle, tail]
    return "\n".join(part for part in parts if part)
