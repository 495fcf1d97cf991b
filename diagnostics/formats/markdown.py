"""The report as Markdown for tickets and chats; every text is escaped, so nothing in it can become markup."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from diagnostics.formats.marks import plain
from diagnostics.formats.outline import Item, Section, outline

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from diagnostics.knowledge.model import Knowledge
    from diagnostics.report.model import Report

_ENTITIES: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_SIGNS: Final = re.compile(r"([\\`*_{}\[\]#|~$@!])")
_LINKS: Final = re.compile(r"(?i)(?<=[a-z])(?=://)|(?<=www)(?=\.)|(?<=mailto)(?=:)|(?<=xmpp)(?=:)")
_LIST: Final = re.compile(r"^([-+=]|\d{1,9}(?=[.)]))")


def escape(text: str) -> str:
    """Return a text on one line that Markdown shows as it is: no emphasis, link, mention, HTML, list or heading."""
    text = _SIGNS.sub(r"\\\1", " ".join(text.split()).translate(_ENTITIES))
    text = _LINKS.sub(r"\\", text)
    return _LIST.sub(lambda found: f"{found[1]}\\" if found[1].isdigit() else f"\\{found[1]}", text)


def render(
    report: Report,
    knowledge: Knowledge,
    *,
    ascii: bool = False,  # noqa: A002 - the option's name
    went: Mapping[str, str] | None = None,
) -> str:
    """Write the report as Markdown; `ascii` replaces marks and typographic signs."""
    whole = outline(report, knowledge, went)
    blocks = [f"# {escape(whole.title)}", escape(whole.stamp)]
    for section in whole.sections:
        blocks.append(f"## {escape(section.title)}")
        blocks.append("\n".join(_section(section)))
    text = "\n\n".join(blocks) + "\n"
    return plain(text) if ascii else text


def _section(section: Section) -> Iterator[str]:
    if section.style == "plain":
        yield "\n\n".join(_sentence(item) for item in section.items)
        return
    for number, item in enumerate(section.items, 1):
        yield from _item(item, f"{number}. " if section.style == "numbered" else "- ", "")


def _sentence(item: Item) -> str:
    """Write a line of text with what stands below it as a list of its own."""
    below = "\n".join(line for one in item.below for line in _item(one, "- ", ""))
    return f"{_line(item)}\n\n{below}" if below else _line(item)


def _item(item: Item, lead: str, indent: str) -> Iterator[str]:
    yield f"{indent}{lead}{_line(item)}"
    for below in item.below:
        yield from _item(below, "- ", indent + " " * len(lead))


def _line(item: Item) -> str:
    text = escape(item.text)
    if item.below and item.mark:
        text = f"**{text}**"
    return f"{escape(item.mark)} {text}" if item.mark and item.mark != "-" else text
