"""`read` and `parse-version`: what a text says, and which version it names."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from diagnostics.i18n import name_masks
from diagnostics.redaction import mask_numbers
from diagnostics.report.evidence_text import title_of
from diagnostics.sanitize import clean_line
from tui.cli.options import JSON, LANG, MOST_STORY, read_input, with_texts
from tui.cli.output import Exit, RuntimeFailure, UsageError, is_text, to_utf8, write_json, write_stdout
from tui.language import choose

if TYPE_CHECKING:
    from collections.abc import Sequence

    from diagnostics.i18n import Texts
    from diagnostics.images import ImageReading
    from diagnostics.knowledge.model import Knowledge
    from diagnostics.reading import Finding, Reading
    from diagnostics.versions import VersionReading

QUOTE: Final = 40
"""Characters of a quote that are shown."""


IMAGE_PARTS: Final = ("image.no_extra", "image.broken")
"""Faults of the component that reads pictures, not of the picture."""


@click.command("read")
@click.argument("words", metavar="[TEXT...|-]", nargs=-1)
@click.option("--image", "images", metavar="FILE", multiple=True)
@JSON
@with_texts
def read(texts: Texts, words: tuple[str, ...], images: tuple[str, ...], as_json: bool) -> int:
    """Say what each text says; `-`, or no text at a pipe, reads stdin."""
    from diagnostics.reading.reader import read_text
    from diagnostics.reading.record import record

    if not words and not images and (sys.stdin is None or sys.stdin.isatty()):
        raise UsageError("missing", name="TEXT")
    knowledge = texts.knowledge
    readings = [read_text(knowledge, _text(word)) for word in words or (() if images else ("-",))]
    pictures = [(clean_line(mask_numbers(Path(image).name), 100), _image(image)) for image in images]
    if as_json:
        rows = [record(knowledge, reading) for reading in readings]
        write_json([*rows, *(_image_record(knowledge, name, seen) for name, seen in pictures)])
    else:
        written = [as_text(texts, reading) for reading in readings]
        written += [_image_text(texts, name, seen) for name, seen in pictures]
        write_stdout(name_masks("\n".join(written), texts.lang))
    return Exit.DONE


def _text(word: str) -> str:
    """Return a text of the command line, `-` being stdin."""
    if word == "-":
        return read_input("-", MOST_STORY)[0].decode()
    return word if is_text(word) else to_utf8(os.fsencode(word), "TEXT").decode()


def _image(name: str) -> list[ImageReading]:
    """Return what a picture shows. Raises RuntimeFailure without the extra, ImageError for none that can be read."""
    from diagnostics.images import ImageError, read_image

    try:
        return read_image(name)
    except ImageError as error:
        if error.key in IMAGE_PARTS:
            raise RuntimeFailure(error) from None
        raise


def _image_record(knowledge: Knowledge, name: str, seen: list[ImageReading]) -> dict[str, Any]:
    """Return the JSON object of one picture: all of it is to be confirmed, so it is asked next."""
    from diagnostics.reading import Reading
    from diagnostics.reading.record import record

    row = record(knowledge, Reading(name, [], []))
    asked = dict.fromkeys([*(found.id for found in seen), *row["ask"]])
    return row | {"readings": seen, "ask": [*asked][: max(len(seen), len(row["ask"]))]}


def _image_text(texts: Texts, name: str, seen: list[ImageReading]) -> str:
    """Write what one picture shows, to be checked."""
    heading = texts("reading.image" if seen else "reading.image_nothing", name=name)
    return "\n".join([heading, *_lines(texts, seen)]) + "\n"


def as_text(texts: Texts, reading: Reading) -> str:
    """Write one reading: what comes first, what is sure and what to check, misunderstandings, the next questions."""
    from diagnostics.reading.record import record

    if not reading.about_weilidai:
        return texts("reading.nothing") + "\n"
    known = texts.knowledge.beliefs
    met = [known[one.id] for one in reading.beliefs if one.id in known]
    first = {one.id: one.get(texts.lang) for one in met if one.first}
    parts = {
        "sure": _lines(texts, [found for found in reading.readings if found.sure]),
        "unsure": _lines(texts, [found for found in reading.readings if not found.sure]),
        "beliefs": [_belief(texts, one.id, one.quote) for one in reading.beliefs if one.id not in first],
    }
    written = [*first.values()]
    written += [line for name, lines in parts.items() if lines for line in (texts(f"reading.{name}"), *lines)]
    asked = [title_of(texts, id_) for id_ in record(texts.knowledge, reading)["ask"]]
    if asked:
        written.append(texts("reading.ask") + texts("reading.list").join(asked))
    return "\n".join(written) + "\n"


def _lines(texts: Texts, findings: Sequence[Finding | ImageReading]) -> list[str]:
    """Write what was read of the questions that this knowledge has."""
    from diagnostics.reading.record import finding_line

    return [finding_line(texts, found, QUOTE) for found in findings if found.id in texts.knowledge.questions]


def _belief(texts: Texts, id_: str, quote: str) -> str:
    known = texts.knowledge.beliefs.get(id_)
    answer = known.get(texts.lang) if known is not None else id_
    return texts("reading.belief", quote=clean_line(quote, QUOTE), answer=answer)


@click.command("parse-version")
@click.argument("texts", metavar="TEXT...", nargs=-1, required=True)
@JSON
@LANG
def parse_version(texts: tuple[str, ...], as_json: bool, lang: str | None) -> int:
    """Say what version and platform each text names; `-` reads stdin."""
    from diagnostics.versions import parse_wechat_version

    spoken = choose(lang)
    readings = [parse_wechat_version(_text(text), spoken) for text in texts]
    if as_json:
        write_json(readings)
    else:
        write_stdout(name_masks("".join(f"{_version_line(reading)}\n" for reading in readings), spoken))
    return Exit.DONE


def _version_line(reading: VersionReading) -> str:
    facts: list[Any] = [reading.version, f"build {reading.build}" if reading.build else None, reading.platform]
    found = " ".join(str(fact) for fact in facts if fact) or "-"
    return f"{clean_line(reading.input, 60)}: {found} ({reading.error or reading.form})"
