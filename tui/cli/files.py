"""Input and output files and pipes, and their encodings."""

from __future__ import annotations

import codecs
import contextlib
import os
import stat
import sys
from typing import IO, TYPE_CHECKING, Final

from diagnostics.files import kept_mode
from diagnostics.i18n import UserError
from tui.cli.output import RuntimeFailure, UsageError, os_error, tell_once

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LEAD: Final = 0xBF
"""Greater bytes begin a multi-byte character in UTF-8."""
SURELY_UTF_8: Final = 3
"""This many valid UTF-8 characters are not GBK by chance."""


def shown_name(name: str, mode: str = "r") -> str:
    """Return the name of a file for messages: stdin or stdout for `-`."""
    return name if name != "-" else "stdin" if "r" in mode else "stdout"


@contextlib.contextmanager
def open_stream(name: str, mode: str) -> Iterator[IO[bytes]]:
    """Open a file, `-` being stdin or stdout. Raises UserError for an input, RuntimeFailure for an output."""
    shown = shown_name(name, mode)
    try:
        if name == "-":
            stream = sys.stdin if "r" in mode else sys.stdout
            if stream is None:
                raise RuntimeFailure(UserError("system.closed", shown))
            file: IO[bytes] = stream.buffer
        else:
            file = open(name, mode, opener=_owned)  # noqa: SIM115  closed below; a name may be a device
    except (OSError, ValueError) as error:
        fault = os_error(name, error)
        raise (fault if "r" in mode else RuntimeFailure(fault)) from None
    try:
        yield file
        if name != "-":
            file.close()
    except BrokenPipeError:
        raise  # the reader of the output left
    except OSError as error:
        raise RuntimeFailure(os_error(shown, error)) from None
    finally:
        with contextlib.suppress(OSError):  # write errors were raised above
            if name != "-":
                file.close()


def _owned(path: str, flags: int) -> int:
    """Open a file; a new one is readable by its owner only."""
    opened = os.open(path, flags, 0o600)
    if flags & (os.O_WRONLY | os.O_RDWR) and sys.platform != "win32":
        found = os.fstat(opened).st_mode
        if stat.S_ISREG(found):
            os.fchmod(opened, kept_mode(found, private=True))
    return opened


def refuse_same_file(source: str, sink: str | None) -> None:
    """Raise UsageError if the output is the input file."""
    if "-" not in (source, sink or "-"):
        same = False
        with contextlib.suppress(OSError, ValueError):
            same = os.path.samefile(source, sink or "")  # noqa: PTH121  without pathlib, as all that a start may need
        if same:
            raise UsageError("same_file", name=source)


def chunk_reader(source: IO[bytes], name: str) -> Callable[[int], bytes]:
    """Return a function that reads up to so many bytes and blocks only for the first. It raises RuntimeFailure."""
    read = getattr(source, "read1", source.read)

    def take(size: int) -> bytes:
        data = b""
        try:
            while len(data) < size and (more := read(size - len(data))):
                data += more
                if idle(source):
                    break
        except OSError as error:
            raise RuntimeFailure(os_error(shown_name(name), error)) from None
        return data

    return take


def idle(source: IO[bytes]) -> bool:
    """Whether reading would block; False if that cannot be known."""
    import select  # seldom needed

    try:
        return not select.select([source], [], [], 0)[0]
    except (OSError, ValueError):  # no file of the system, or a pipe on Windows
        return False


def to_utf8(data: bytes, name: str) -> bytes:
    """Return an input in UTF-8 without a byte order mark; it may be in UTF-8, -16, -32 or GB18030.

    Raises UserError with the place of bytes that are invalid in each of them.
    """
    if data.isascii() and b"\0" not in data:
        return data
    try:
        text = _text(data, _encoding(data))
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        place = f"{shown_name(name)}:{line}" if line > 1 else shown_name(name)
        raise UserError("encoding", place, encoding=error.encoding, byte=error.start + 1) from None
    return text.removeprefix("\ufeff").encode()


def _encoding(data: bytes) -> str:
    """Return the encoding detected from the first bytes (RFC 4627, section 3), unless a stray NUL suggests UTF-16."""
    import json

    found = json.detect_encoding(data)
    marked = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE))
    return "utf-8" if not marked and found.startswith("utf-16") and data.count(0) * 6 < len(data) else found


def lines_in_utf8(data: bytes) -> bytes:
    """Return lines in UTF-8, each decoded by itself; an invalid one is left as it is, to be refused by its reader."""
    if data.isascii():
        return data
    try:
        data.decode()
    except UnicodeDecodeError:
        return b"\n".join(map(_line_in_utf8, data.split(b"\n")))
    return data


def _line_in_utf8(line: bytes) -> bytes:
    with contextlib.suppress(UnicodeDecodeError):
        return _text(line).encode()
    return line


def _text(data: bytes, encoding: str = "utf-8") -> str:
    """Decode a text; one that is invalid in its encoding is tried as GB18030, with one message on stderr.

    Files and pipes on Chinese Windows are usually GBK, a subset of GB18030. UTF-8 text with only its last character
    truncated is still UTF-8. Raises UnicodeDecodeError.
    """
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        before = data[: error.start]
        if error.reason == "unexpected end of data" and sum(byte > LEAD for byte in before) >= SURELY_UTF_8:
            return data.decode(encoding, "replace")
        with contextlib.suppress(UnicodeDecodeError):
            text = data.decode("gb18030")
            tell_once("gb18030")
            return text
        raise
