"""`parse-version`: what version and platform each text names."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any, Final

import click

from tui import exits, lines
from tui.language import choose

if TYPE_CHECKING:
    from diagnostics.versions import VersionReading

MOST: Final = 1 << 28
"""Bytes read of stdin: a log larger than that is no text to paste."""


@click.command("parse-version")
@click.argument("texts", metavar="TEXT...", nargs=-1, required=True)
@click.option("--json", "as_json", is_flag=True)
@click.option("--lang", type=click.Choice(["zh", "en"]))
def command(texts: tuple[str, ...], as_json: bool, lang: str | None) -> int:
    """Say what version and platform each text names; `-` is all that stands on stdin."""
    from diagnostics.versions import parse_wechat_version

    given = [_piped() if text == "-" else _text(text) for text in texts]
    readings = [parse_wechat_version(text, choose(lang)) for text in given]
    if as_json:
        import msgspec

        exits.write(msgspec.json.format(msgspec.json.encode(readings), indent=2).decode() + "\n")
    else:
        exits.write("".join(f"{_line(reading, choose(lang))}\n" for reading in readings))
    return exits.DONE


def _text(word: str) -> str:
    """Read a word that came in another encoding than the locale's as UTF-8."""
    return word if exits.is_text(word) else os.fsencode(word).decode("utf-8", "replace")


def _piped() -> str:
    return lines.text(sys.stdin.buffer.read(MOST)) if sys.stdin else ""


def _line(reading: VersionReading, lang: str) -> str:
    from diagnostics.sanitize import clean_line
    from diagnostics.versions import doubt

    facts: list[Any] = [reading.version, f"build {reading.build}" if reading.build else None, reading.platform]
    found = " ".join(str(fact) for fact in facts if fact) or "-"
    asked = reading.error or doubt(reading, lang)
    tail = f" ({asked})" if asked else f" ({reading.form})"
    return f"{clean_line(reading.input, 60)}: {found}{tail}"
