"""Files and pipes that a batch is read from and written to."""

from __future__ import annotations

import codecs
import contextlib
import os
import stat
import sys
from typing import IO, TYPE_CHECKING, Final

from diagnostics.files import kept
from diagnostics.i18n import UserError
from tui.cli.output import RuntimeFailure, UsageError, os_error, tell_once

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LEAD: Final = 0xBF
"""The bytes above it begin a character of several bytes in UTF-8."""
SURELY_UTF_8: Final = 3
"""So many characters in a row that fit UTF-8 are none of GBK by chance."""


def shown_name(name: str, mode: str = "r") -> str:
    """Return what messages call a file: stdin or stdout for `-`."""
    return name if name != "-" else "stdin" if "r" in mode else "stdout"


@contextlib.contextmanager
def open_stream(name: str, mode: str) -> Iterator[IO[bytes]]:
    """Open a file, `-` being stdin or stdout. A missing input is a bad input, an output that cannot be is a failure."""
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
        raise  # whoever read the output left: no fault of this file
    except OSError as error:
        raise RuntimeFailure(os_error(shown, error)) from None
    finally:
        with contextlib.suppress(OSError):  # what could not be written was told above
            if name != "-":
                file.close()


def _owned(path: str, flags: int) -> int:
    """Open a file; a new one is readable by its owner only, since it will hold answers."""
    opened = os.open(path, flags, 0o600)
    if flags & (os.O_WRONLY | os.O_RDWR) and sys.platform != "win32":
        found = os.fstat(opened).st_mode
        if stat.S_ISREG(found):
            os.fchmod(opened, kept(found, private=True))
    return opened


def refuse_same_file(source: str, sink: str | None) -> None:
    """Refuse to write over what is read."""
    if "-" not in (source, sink or "-"):
        same = False
        with contextlib.suppress(OSError, ValueError):
            same = os.path.samefile(source, sink or "")  # noqa: PTH121  without pathlib, as all that a start may need
        if same:
            raise UsageError("same_file", name=source)


def chunk_reader(source: IO[bytes], name: str) -> Callable[[int], bytes]:
    """Return what reads up to so many bytes, and waits only for the first. Raises RuntimeFailure naming the file."""
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
    """Whether the next piece would have to be waited for; False where that cannot be known."""
    import select  # few runs read a pipe, and each start would load it

    try:
        return not select.select([source], [], [], 0)[0]
    except (OSError, ValueError):  # no file of the system, or a pipe on Windows
        return False


def to_utf8(data: bytes, name: str) -> bytes:
    """Return an input in UTF-8 without its mark, whichever of Unicode's encodings or GB18030 it was saved in.

    Raises UserError with the place where the bytes are no text in any of them.
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
    """Return the encoding that the first bytes show (RFC 4627, section 3); a stray NUL makes no text UTF-16."""
    import json

    found = json.detect_encoding(data)
    marked = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE))
    return "utf-8" if not marked and found.startswith("utf-16") and data.count(0) * 6 < len(data) else found


def lines_in_utf8(data: bytes) -> bytes:
    """Return lines in UTF-8, each read by itself; one that is no text is left as it is, for its reader to refuse."""
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
    """Decode a text; one that does not fit its encoding may be GB18030, which is said once on stderr.

    Files and pipes on Chinese Windows are GBK as a rule, which GB18030 holds. A text in UTF-8 of which only the last
    character is cut off is still UTF-8. Raises UnicodeDecodeError.
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
