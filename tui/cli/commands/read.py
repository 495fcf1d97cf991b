"""`read` and `parse-version`: what a text says, and which version it names."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from diagnostics.i18n import Texts
from diagnostics.redaction import mask_numbers
from diagnostics.report.evidence_text import say_value
from diagnostics.sanitize import clean_line
from tui.cli.files import decode_text
from tui.cli.options import load_knowledge
from tui.cli.output import Exit, InputError, RuntimeFailure, UsageError, is_text, write_json, write_stdout
from tui.language import choose

if TYPE_CHECKING:
    from diagnostics.images import ImageReading
    from diagnostics.knowledge.model import Knowledge
    from diagnostics.reading import Finding, Reading
    from diagnostics.versions import VersionReading

MOST: Final = 1 << 28
"""Bytes read of stdin: more than that is no text to paste."""
QUOTE: Final = 40
"""Characters of a quote that are shown."""


IMAGE_PARTS: Final = ("image.no_extra", "image.broken")
"""Faults of the component that reads pictures, not of the picture."""


@click.command("read")
@click.argument("texts", metavar="[TEXT...|-]", nargs=-1)
@click.option("--image", "images", metavar="FILE", multiple=True)
@click.option("--json", "as_json", is_flag=True)
@click.option("--lang", type=click.Choice(["zh", "en"]))
@click.option("--knowledge", "folder", metavar="DIR")
@click.option("--config", metavar="FILE")
def read(
    texts: tuple[str, ...],
    images: tuple[str, ...],
    as_json: bool,
    lang: str | None,
    folder: str | None,
    config: str | None,
) -> int:
    """Say what each text says; `-`, or no text at a pipe, is all that stands on stdin."""
    from diagnostics.reading.reader import read_text
    from diagnostics.reading.record import record

    if not texts and not images and (sys.stdin is None or sys.stdin.isatty()):
        raise UsageError("missing", name="TEXT")
    knowledge, settings = load_knowledge(config, folder)
    spoken = choose(lang, settings.lang)
    readings = [read_text(knowledge, _text(text)) for text in texts or (() if images else ("-",))]
    pictures = [(_file_name(image), _image(image)) for image in images]
    if as_json:
        found = [record(knowledge, reading) for reading in readings]
        found += [_image_record(knowledge, name, seen) for name, seen in pictures]
        write_json(found)
    else:
        written = [as_text(knowledge, reading, spoken) for reading in readings]
        written += [_image_text(knowledge, name, seen, spoken) for name, seen in pictures]
        write_stdout("\n".join(written))
    return Exit.DONE


def _text(word: str) -> str:
    """Return a text of the command line, `-` being stdin."""
    if word == "-":
        return decode_text(sys.stdin.buffer.read(MOST), "-") if sys.stdin else ""
    return word if is_text(word) else decode_text(os.fsencode(word), "TEXT")


def _image(name: str) -> list[ImageReading]:
    """Return what a picture shows. Raises RuntimeFailure without the extra, InputError for none that can be read."""
    from diagnostics.images import ImageError, read_image

    try:
        return read_image(name)
    except ImageError as error:
        raise (RuntimeFailure if error.key in IMAGE_PARTS else InputError)(error) from None


def _file_name(name: str) -> str:
    """Return a picture's name as it is shown: without its folder, numbers of people masked."""
    return clean_line(mask_numbers(Path(name).name), 100)


def _image_record(knowledge: Knowledge, name: str, seen: list[ImageReading]) -> dict[str, Any]:
    """Return the JSON object of one picture: all of it is to be confirmed, so it is asked next."""
    from diagnostics.reading import Reading
    from diagnostics.reading.record import record

    told = record(knowledge, Reading(name, [], []))
    asked = dict.fromkeys([*(one.id for one in seen), *told["ask"]])
    return told | {"readings": seen, "ask": [*asked][: max(len(seen), len(told["ask"]))]}


def _image_text(knowledge: Knowledge, name: str, seen: list[ImageReading], lang: str) -> str:
    """Write what one picture shows, to be checked."""
    heading = "reading.image" if seen else "reading.image_nothing"
    lines_ = [_line(knowledge, one, lang) for one in seen if one.id in knowledge.questions]
    return "\n".join([knowledge.say(heading, lang, name=name), *lines_]) + "\n"


def as_text(knowledge: Knowledge, reading: Reading, lang: str) -> str:
    """Write one reading: what is sure, what is to be checked, the misunderstandings, the next questions."""
    from diagnostics.reading.record import record

    if not reading.about_weilidai:
        return knowledge.say("reading.nothing", lang) + "\n"
    known = [one for one in reading.readings if one.id in knowledge.questions]
    written: list[str] = []
    for heading, sure in (("sure", True), ("unsure", False)):
        found = [_line(knowledge, one, lang) for one in known if one.sure is sure]
        written += [knowledge.say(f"reading.{heading}", lang), *found] if found else []
    beliefs = [_belief(knowledge, one.id, one.quote, lang) for one in reading.beliefs]
    written += [knowledge.say("reading.beliefs", lang), *beliefs] if beliefs else []
    asked = [knowledge.questions[id_].text(lang).title for id_ in record(knowledge, reading)["ask"]]
    if asked:
        written.append(knowledge.say("reading.ask", lang) + knowledge.say("reading.list", lang).join(asked))
    return "\n".join(written) + "\n"


def _line(knowledge: Knowledge, one: Finding | ImageReading, lang: str) -> str:
    title = knowledge.questions[one.id].text(lang).title
    return knowledge.say("reading.line", lang, title=title, value=say_value(Texts(knowledge, lang), one.id, one.value),
                         quote=clean_line(one.quote, QUOTE))  # fmt: skip


def _belief(knowledge: Knowledge, id_: str, quote: str, lang: str) -> str:
    known = knowledge.beliefs.get(id_)
    answer = known.get(lang) if known is not None else id_
    return knowledge.say("reading.belief", lang, quote=clean_line(quote, QUOTE), answer=answer)


@click.command("parse-version")
@click.argument("texts", metavar="TEXT...", nargs=-1, required=True)
@click.option("--json", "as_json", is_flag=True)
@click.option("--lang", type=click.Choice(["zh", "en"]))
def parse_version(texts: tuple[str, ...], as_json: bool, lang: str | None) -> int:
    """Say what version and platform each text names; `-` is all that stands on stdin."""
    from diagnostics.versions import parse_wechat_version

    given = [_text(text) for text in texts]
    readings = [parse_wechat_version(text, choose(lang)) for text in given]
    if as_json:
        write_json(readings)
    else:
        write_stdout("".join(f"{_version_line(reading, choose(lang))}\n" for reading in readings))
    return Exit.DONE


def _version_line(reading: VersionReading, lang: str) -> str:
    from diagnostics.versions import doubt

    facts: list[Any] = [reading.version, f"build {reading.build}" if reading.build else None, reading.platform]
    found = " ".join(str(fact) for fact in facts if fact) or "-"
    asked = reading.error or doubt(reading, lang)
    tail = f" ({asked})" if asked else f" ({reading.form})"
    return f"{clean_line(reading.input, 60)}: {found}{tail}"
