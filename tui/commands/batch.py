"""`batch`: JSON Lines in, JSON Lines out."""

from __future__ import annotations

import codecs
import contextlib
import io
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
@click.option("--knowledge", metavar="DIR")
@click.option("--config", metavar="FILE")
def command(input_: str, **given: Any) -> int:
    """Read cases line by line and write one report a line."""
    knowledge, settings = knowledge_with(given["config"], given["knowledge"])
    fields = _fields(given["fields"])
    counted: Counter[str] = Counter()
    rejected = 0
    _apart(input_, given["output"])
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
    try:
        yield file
        file.close()
    except OSError as error:
        raise exits.CannotWork(f"{name}: {error.strerror or error}") from None
    finally:
        with contextlib.suppress(OSError):  # what could not be written was told above
            file.close()


def _apart(source: str, sink: str | None) -> None:
    """Refuse to write over the cases while they are read."""
    from pathlib import Path

    if "-" not in (source, sink or "-"):
        with contextlib.suppress(OSError, ValueError):
            if Path(source).samefile(Path(sink or "")):
                raise exits.Fault("same_file", name=source)


def _lines(source: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    """Number the lines; of one that is too long only the beginning is kept, and the rest is passed over."""
    text = _utf8(source)
    number = 0
    while raw := text.readline(MAX_LINE + 2):
        number += 1
        tail = raw
        while not tail.endswith(b"\n") and len(tail) > MAX_LINE:
            tail = text.readline(MAX_LINE + 2)
            if not tail:
                break
        yield number, raw.removeprefix(b"\xef\xbb\xbf") if number == 1 else raw


class _Recoded:
    """UTF-16 text as UTF-8 lines: what some shells write where they are told to write to a file."""

    def __init__(self, source: IO[bytes]) -> None:
        self._text = io.TextIOWrapper(source, encoding="utf-16", errors="replace", newline="\n")

    def readline(self, limit: int) -> bytes:
        """Return the next line or its beginning; a little more than `limit` bytes at most."""
        return self._text.readline(limit).encode("utf-8", "replace")


def _utf8(source: IO[bytes]) -> IO[bytes] | _Recoded:
    """Look for the byte order mark of UTF-16 before the first line is read."""
    start = source.peek(2)[:2] if isinstance(source, io.BufferedReader) else b""
    return _Recoded(source) if start in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else source
