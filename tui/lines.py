"""Lines in and out of files and pipes, whatever their encoding and length."""

from __future__ import annotations

import codecs
import contextlib
import io
import sys
from typing import IO, TYPE_CHECKING

from diagnostics.batch import MAX_LINE
from diagnostics.told import ToldError
from tui import exits

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextlib.contextmanager
def opened(name: str, mode: str) -> Iterator[IO[bytes]]:
    """Open a file, `-` being stdin or stdout. A missing input is a bad input, an output that cannot be is a failure."""
    if name == "-":
        stream = sys.stdin if "r" in mode else sys.stdout
        if stream is None:
            raise exits.CannotWork(ToldError("system.closed", "stdin" if "r" in mode else "stdout"))
        yield stream.buffer
        return
    try:
        file = open(name, mode)  # noqa: PTH123, SIM115  closed below; a name may be a device
    except (OSError, ValueError) as error:
        fault = exits.because(name, error)
        raise (exits.BadInput(fault) if "r" in mode else exits.CannotWork(fault)) from None
    try:
        yield file
        file.close()
    except BrokenPipeError:
        raise  # whoever read the output left: no fault of this file
    except OSError as error:
        raise exits.CannotWork(exits.because(name, error)) from None
    finally:
        with contextlib.suppress(OSError):  # what could not be written was told above
            file.close()


def apart(source: str, sink: str | None) -> None:
    """Refuse to write over the cases while they are read."""
    from pathlib import Path

    if "-" not in (source, sink or "-"):
        with contextlib.suppress(OSError, ValueError):
            if Path(source).samefile(Path(sink or "")):
                raise exits.Fault("same_file", name=source)


def numbered(source: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    """Number the lines; of one that is too long only the beginning is kept, and the rest is passed over."""
    text = _utf8(source)
    number = 0
    try:
        while raw := text.readline(MAX_LINE + 2):
            number += 1
            tail = raw
            while not tail.endswith(b"\n") and len(tail) > MAX_LINE:
                tail = text.readline(MAX_LINE + 2)
                if not tail:
                    break
            yield number, raw.removeprefix(b"\xef\xbb\xbf") if number == 1 else raw
    finally:
        if isinstance(text, _Recoded):
            text.release()


class _Recoded:
    """UTF-16 text as UTF-8 lines: what some shells write where they are told to write to a file."""

    def __init__(self, source: IO[bytes]) -> None:
        self._text = io.TextIOWrapper(source, encoding="utf-16", errors="replace", newline="\n")

    def readline(self, limit: int) -> bytes:
        """Return the next line or its beginning; a little more than `limit` bytes at most."""
        return self._text.readline(limit).encode("utf-8", "replace")

    def release(self) -> None:
        """Give the source back unclosed: whoever opened it closes it."""
        self._text.detach()


def _utf8(source: IO[bytes]) -> IO[bytes] | _Recoded:
    """Look for the byte order mark of UTF-16 before the first line is read."""
    start = source.peek(2)[:2] if isinstance(source, io.BufferedReader) else b""
    return _Recoded(source) if start in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else source


def take_up(path: str) -> int:
    """Return how many whole lines a file holds, and cut off a last one that a kill left half written."""
    whole = kept = 0
    try:
        with open(path, "r+b") as file:  # noqa: PTH123
            for line in file:
                if line.endswith(b"\n"):
                    whole += 1
                    kept += len(line)
            file.truncate(kept)
    except FileNotFoundError:
        return 0
    except OSError as error:
        raise exits.CannotWork(exits.because(path, error)) from None
    return whole
