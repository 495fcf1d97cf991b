"""`batch`: JSON Lines in, JSON Lines out; `--resume` goes on where an output file ends."""

from __future__ import annotations

import contextlib
import json
import os
import stat
import sys
from collections import Counter
from functools import partial
from typing import IO, TYPE_CHECKING, Any, Final, NamedTuple

import click
import msgspec

from diagnostics.batch import (
    LINES,
    REJECTED,
    REPORTS,
    BatchWorker,
    Block,
    WorkerError,
    id_json,
    run,
    run_on,
    split_blocks,
)
from diagnostics.i18n import nearest
from diagnostics.report import Report
from diagnostics.sanitize import clean_line
from tui.cli.options import with_texts
from tui.cli.output import (
    Exit,
    RuntimeFailure,
    UsageError,
    chunk_reader,
    encode,
    idle,
    lines_in_utf8,
    open_stream,
    os_error,
    pipe_encoding,
    refuse_same_file,
    to_stderr,
)
from tui.cli.progress import BatchProgress

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from diagnostics.batch import BlockResult, Ends, Line
    from diagnostics.i18n import Texts


@click.command("batch")
@click.argument("input_", metavar="[IN]", default="-")
@click.option("-o", "--output", metavar="OUT")
@click.option("--fields", metavar="A,B,C")
@click.option("--jobs", type=click.IntRange(1, 256), default=1, metavar="N")
@click.option("--resume", is_flag=True)
@click.option("--summary", is_flag=True)
@with_texts
def command(texts: Texts, input_: str, **given: Any) -> int:
    """Read cases line by line and write one report a line."""
    what: dict[str, Any] = {"lang": texts.lang, "fields": _fields(given["fields"])}
    output = "-" if given["output"] is None else given["output"]
    if given["resume"] and output == "-":
        raise UsageError("resume_where")
    refuse_same_file(input_, given["output"])
    done = read_output(output) if given["resume"] else Done(output)
    counted: Ends = Counter()
    escaped = output == "-" and pipe_encoding() is not None
    with (
        open_stream(input_, "rb") as source,
        open_stream(output, "ab" if given["resume"] else "wb") as sink,
        contextlib.closing(BatchProgress(texts, source, sys.stderr)) as meter,
    ):
        blocks = split_blocks(chunk_reader(source, input_), LINES if what["fields"] else REPORTS)
        blocks = (Block(number, lines_in_utf8(data)) for number, data in blocks)
        if given["resume"]:
            blocks = left(blocks, done, BatchWorker(texts.knowledge, **what))
        try:
            for pieces, ends in _runner(given["jobs"], source)(texts.knowledge, blocks, **what):
                if escaped:
                    pieces = [encode(bytes(piece).decode(), is_json=True) for piece in pieces]
                sink.writelines(pieces)
                if input_ == "-":
                    sink.flush()
                counted.update(ends)
                meter.step(ends.total())
        except WorkerError as fault:
            raise RuntimeFailure(fault) from None
        sink.flush()
    if given["summary"]:
        before = [(texts("batch.before").split(), done.lines)] if done.lines else []
        for names, count in (*before, *counted.most_common()):
            to_stderr(f"{count:>8}  {' '.join(names)}")
    rejected = counted[REJECTED] + done.rejected
    if rejected:
        to_stderr(texts("batch.rejected", count=rejected))
    return Exit.REJECTED if rejected else Exit.DONE


def _runner(jobs: int, source: IO[bytes]) -> Callable[..., Iterator[BlockResult]]:
    return run if jobs == 1 else partial(run_on, jobs, idle=partial(idle, source))


def _fields(text: str | None) -> tuple[str, ...]:
    """Return the wanted fields, each once; an empty tuple for all."""
    if text is None:
        return ()
    names = tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))
    known = ("id", *Report.__struct_fields__)
    for name in names:
        if name not in known:
            raise UsageError("unknown_field", name=name, known=", ".join(known), near=nearest(name, known))
    if not set(names) - {"id"}:  # a line that says nothing of its case
        raise UsageError("no_field", known=", ".join(Report.__struct_fields__))
    return names


BEGIN: Final = b'{"id":'
"""What every line begins with."""


class _Line(msgspec.Struct):
    """A line of the input, or of the output: a report or an error record."""

    id: Any = msgspec.UNSET
    error: Any = msgspec.UNSET


def _read(line: bytes) -> _Line | None:
    """Parse a line of JSON; None where it is not one."""
    with contextlib.suppress(ValueError, RecursionError):
        return msgspec.json.decode(line, type=_Line)
    with contextlib.suppress(ValueError, RecursionError):
        return msgspec.convert(json.loads(line), _Line)  # half a surrogate pair, in an id for one, is JSON all the same
    return None


class Done(NamedTuple):
    """Whole lines of an output file, how many of them are error records, and the id of the last one.

    `report` is the last line that is no error record, and `at` its number.
    """

    path: str
    lines: int = 0
    rejected: int = 0
    last: Any = None
    report: bytes = b""
    at: int = 0


def read_output(path: str) -> Done:
    """Look through an output file, and cut off a last line that a kill left half written; it may be missing.

    Raises UsageError for what is no file, such as a pipe, and where a line is none that `batch` writes, a half one
    too; RuntimeFailure where the file cannot be read or cut.
    """
    done, kept = Done(path), 0
    try:
        with open(path, "r+b") as file:  # noqa: PTH123
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise UsageError("resume_where")
            for number, line in enumerate(file, 1):
                if not line.endswith(b"\n") and line[: len(BEGIN)] == BEGIN[: len(line)]:
                    break
                written = _read(line)
                if written is None or written.id is msgspec.UNSET:
                    raise UsageError("resume_foreign", name=path, line=number)
                kept += len(line)
                if written.error is msgspec.UNSET:
                    done = done._replace(lines=number, last=written.id, report=line, at=number)
                else:
                    done = done._replace(lines=number, last=written.id, rejected=done.rejected + 1)
            file.truncate(kept)
    except FileNotFoundError:
        pass
    except OSError as error:
        raise RuntimeFailure(os_error(path, error)) from None
    return done


def left(blocks: Iterable[Block], done: Done, worker: BatchWorker | None = None) -> Iterator[Block]:
    """Return the cases that are still to be done. Raises UsageError where what is done are other cases.

    With the worker that is to go on it is raised too where that would write otherwise what is written already.
    """
    passed = 0
    for number, data in blocks:
        if passed == done.lines:
            yield Block(number, data)
            continue
        lines = data.split(b"\n")
        for at, line in enumerate(lines, 1):
            if not line.strip():
                continue
            passed += 1
            if worker is not None and passed == done.at:
                _check_id(line, done, done.at, json.loads(done.report)["id"])
                _check_shape(worker.line(number + at - 1, line), done)
            if passed == done.lines:
                _check_id(line, done, done.lines, done.last)
                if lines[at:]:
                    yield Block(number + at, b"\n".join(lines[at:]))
                break
    if passed < done.lines:
        raise UsageError("resume_longer", name=done.path, lines=done.lines)


def _check_id(line: bytes, done: Done, number: int, written: Any) -> None:
    """Hold a case to the id on the line written of it; one that could not be read may have lost its id."""
    case = _read(line)
    id_ = None if case is None or case.id is msgspec.UNSET else case.id
    if case is not None and written not in (None, id_):
        found, known = (clean_line(id_json(shown).decode(), 80) for shown in (written, id_))
        raise UsageError("resume_other", name=done.path, line=number, found=found, known=known)


def _check_shape(line: Line | None, done: Done) -> None:
    """Hold a report that is written to the same case done again: one file is to have one shape.

    Raises UsageError with what differs: the fields, the language, the version of the program or of the knowledge.
    """
    if line is None or line.rejected:
        return
    before, after = (json.loads(text, object_hook=_timeless) for text in (done.report, line.data))
    fields, wanted = ([name for name in report if name not in ("id", "line")] for report in (before, after))
    what = None if fields == wanted else f"--fields {','.join(fields)} / {','.join(wanted)}"
    for name in ("lang", "tool", "knowledge", *fields):
        if what is None and name != "generated_at" and before.get(name) != after.get(name):
            shown = " / ".join(json.dumps(report[name], ensure_ascii=False) for report in (before, after))
            what = f"{name} {shown}" if name in ("lang", "tool", "knowledge") else name
    if what is not None:
        raise UsageError("resume_shape", name=done.path, line=done.at, what=clean_line(what, 200))


def _timeless(record: dict[str, Any]) -> dict[str, Any]:
    """Return a part of a report without the time at which its answer was taken."""
    return {key: value for key, value in record.items() if key != "observed_at"}
