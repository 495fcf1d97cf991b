"""`batch --resume`: what the output file holds already, and the cases that are still to be done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import msgspec

from diagnostics.batch import id_again
from diagnostics.blocks import Block
from diagnostics.sanitize import clean_line
from tui import exits

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class _Written(msgspec.Struct):
    """A line of the output: a report, or an error record."""

    id: Any
    error: Any = msgspec.UNSET


class _Case(msgspec.Struct):
    id: Any = None


_R = TypeVar("_R", _Written, _Case)


def _read(line: bytes, kind: type[_R]) -> _R | None:
    """Read a line of JSON as it is in a file; None where it is none."""
    try:
        return msgspec.json.decode(line, type=kind)
    except (ValueError, RecursionError):
        pass
    import json

    try:  # half a surrogate pair, in an id for one, is JSON all the same
        return msgspec.convert(json.loads(line), kind)
    except (ValueError, RecursionError):
        return None


class Done(NamedTuple):
    """Whole lines of an output file, how many of them are error records, and the id of the last one."""

    path: str
    lines: int = 0
    rejected: int = 0
    last: Any = None


def take_up(path: str) -> Done:
    """Look through an output file, and cut off a last line that a kill left half written; it may be missing.

    Raises Fault where a line is none that `batch` writes, CannotWork where the file cannot be read or cut.
    """
    lines = rejected = kept = 0
    last = None
    try:
        with open(path, "r+b") as file:  # noqa: PTH123
            for line in file:
                if not line.endswith(b"\n"):
                    break
                written = _read(line, _Written)
                if written is None:
                    raise exits.Fault("resume_foreign", name=path, line=lines + 1)
                lines += 1
                kept += len(line)
                rejected += written.error is not msgspec.UNSET
                last = written.id
            file.truncate(kept)
    except FileNotFoundError:
        pass
    except OSError as error:
        raise exits.CannotWork(exits.because(path, error)) from None
    return Done(path, lines, rejected, last)


def left(blocks: Iterable[Block], done: Done) -> Iterator[Block]:
    """Return the cases that are still to be done. Raises Fault where what is done are other cases."""
    ahead = done.lines
    for number, data in blocks:
        if not ahead:
            yield Block(number, data)
            continue
        lines = data.split(b"\n")
        for at, line in enumerate(lines):
            if not ahead:
                yield Block(number + at, b"\n".join(lines[at:]))
                break
            if line.strip():
                ahead -= 1
                if not ahead:
                    _same(line, done)
    if ahead:
        raise exits.Fault("resume_longer", name=done.path, lines=done.lines)


def _same(line: bytes, done: Done) -> None:
    """Hold the last case that is done to what was written of it; one that could not be read may have lost its id."""
    case = _read(line, _Case)
    if case is not None and done.last not in (None, case.id):
        found, known = (clean_line(id_again(id_).decode(), 80) for id_ in (done.last, case.id))
        raise exits.Fault("resume_other", name=done.path, line=done.lines, found=found, known=known)
