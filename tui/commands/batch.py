"""`batch`: JSON Lines in, JSON Lines out."""

from __future__ import annotations

import contextlib
import sys
from collections import Counter
from typing import IO, TYPE_CHECKING, Any

import click

from diagnostics.batch import MAX_LINE, run
from diagnostics.report import Report
from tui import exits
from tui.language import choose
from tui.options import knowledge_with

if TYPE_CHECKING:
    from collections.abc import Iterator


@click.command("batch")
@click.argument("input_", metavar="[IN]", default="-")
@click.option("-o", "--output", metavar="OUT")
@click.option("--fields", metavar="A,B,C")
@click.option("--summary", is_flag=True)
@click.option("--lang", type=click.Choice(["zh", "en"]))
@click.option("--config", metavar="FILE")
def command(input_: str, **given: Any) -> int:
    """Read cases line by line and write one report a line."""
    knowledge, settings = knowledge_with(given["config"])
    fields = _fields(given["fields"])
    counted: Counter[str] = Counter()
    rejected = 0
    with _opened(input_, "rb") as source, _opened(given["output"] or "-", "wb") as sink:
        try:
            for line in run(knowledge, _lines(source), lang=choose(given["lang"], settings.lang), fields=fields):
                sink.write(line.data + b"\n")
                if input_ == "-":
                    sink.flush()
                rejected += line.rejected
                counted["rejected" if line.rejected else f"{line.outcome} {line.first}"] += 1
            sink.flush()
        except BrokenPipeError:
            raise
        except OSError as error:
            raise exits.CannotWork(f"{given['output'] or 'stdout'}: {error.strerror or error}") from None
    if given["summary"]:
        for name, count in counted.most_common():
            exits.talk(f"{count:>8}  {name}")
    if rejected:
        exits.talk(knowledge.say("batch.rejected", choose(given["lang"], settings.lang), count=rejected))
    return exits.REJECTED if rejected else exits.DONE


def _fields(text: str | None) -> tuple[str, ...]:
    names = tuple(name.strip() for name in (text or "").split(",") if name.strip())
    for name in names:
        if name not in Report.__struct_fields__:
            from diagnostics.answers import nearest

            known = Report.__struct_fields__
            raise exits.Fault("unknown_field", name=name, known=", ".join(known), near=nearest(name, known))
    return names


@contextlib.contextmanager
def _opened(name: str, mode: str) -> Iterator[IO[bytes]]:
    """Open a file, `-` being stdin or stdout. A missing input is a bad input, an output that cannot be is a failure."""
    if name == "-":
        stream = sys.stdin if "r" in mode else sys.stdout
        if stream is None:
            raise exits.CannotWork("stdout: closed")
        yield stream.buffer
        return
    try:
        file = open(name, mode)  # noqa: PTH123, SIM115  closed below; a name may be a device
    except (OSError, ValueError) as error:
        fault = f"{name}: {getattr(error, 'strerror', None) or error}"
        raise (exits.BadInput(fault) if "r" in mode else exits.CannotWork(fault)) from None
    with file:
        yield file


def _lines(source: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    """Number the lines; of one that is too long only the beginning is kept, and the rest is passed over."""
    number = 0
    while raw := source.readline(MAX_LINE + 2):
        number += 1
        tail = raw
        while not tail.endswith(b"\n") and len(tail) > MAX_LINE:
            tail = source.readline(MAX_LINE + 2)
            if not tail:
                break
        yield number, raw.removeprefix(b"\xef\xbb\xbf") if number == 1 else raw
