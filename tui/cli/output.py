"""Streams, files with their encodings, and exit codes: data on stdout, messages on stderr."""

from __future__ import annotations

import atexit
import codecs
import contextlib
import enum
import functools
import io
import os
import re
import stat
import sys
import threading
from typing import TYPE_CHECKING, Final, NoReturn

import click
import msgspec

from diagnostics.files import kept_mode
from diagnostics.i18n import UserError
from diagnostics.sanitize import clean_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import IO, TextIO


class Exit(enum.IntEnum):
    """The exit codes of the contract."""

    DONE = 0
    FOUND = 1
    """`--fail-on LEVEL` was given and a cause has that status or a stronger one."""
    USAGE = 2
    """Wrong usage or unusable input."""
    FAILED = 3
    """The tool could not do its work."""
    REJECTED = 4
    """`batch` finished, some records were rejected."""
    INTERRUPTED = 130


LEAD: Final = 0xBF
"""Greater bytes begin a multi-byte character in UTF-8."""
SURELY_UTF_8: Final = 3
"""This many valid UTF-8 characters are not GBK by chance."""
QUIET: Final = -1
VERBOSE: Final = 1
"""Report what checks found, also without a terminal."""


def verbosity() -> int:
    """Return QUIET with -q, VERBOSE with -v and --debug, else 0."""
    context = click.get_current_context(silent=True)
    given = context.find_root().params if context is not None else {}
    return QUIET if given.get("quiet") else VERBOSE if given.get("verbose") or given.get("debug") else 0


class UsageError(UserError):
    """An error in the usage, with its text below `error.cli.` in the locale files; exit code 2."""

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(f"cli.{key}", "", **values)


class RuntimeFailure(Exception):  # noqa: N818  not a usage error: the tool's own failure
    """The tool could not do its work; `fault` says why."""

    def __init__(self, fault: UserError) -> None:
        super().__init__(str(fault))
        self.text = fault.text


def os_error(place: str, error: OSError | ValueError) -> UserError:
    """Return an error of the operating system for a file or stream, translated when displayed."""
    from diagnostics.library_errors import system_fault

    return system_fault(error).at(place or '""')  # an empty name, usually an unset variable in a script


def json_text(value: object) -> str:
    """Return a value as indented JSON."""
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode() + "\n"


def write_json(value: object) -> None:
    """Write a value as JSON to stdout; see `write_stdout`."""
    write_stdout(json_text(value), is_json=True)


def write_output(path: str | None, text: str, *, is_json: bool = False, private: bool = False) -> None:
    """Write to the file of `-o`, or stdout for None and `-`. Raises RuntimeFailure."""
    if path in (None, "-"):
        write_stdout(text, is_json=is_json)
    else:
        write_file(path, text, private=private)


def write_stdout(text: str, *, is_json: bool = False) -> None:
    """Write to stdout, encoded by `encode`, and flush.

    Raises RuntimeFailure if stdout cannot be written, BrokenPipeError if the reader left.
    """
    if sys.stdout is None:
        raise RuntimeFailure(UserError("system.closed", "stdout"))
    try:
        data = encode(text, is_json=is_json)
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except (OSError, ValueError) as error:
        _redirect_to_null(1)
        raise RuntimeFailure(os_error("stdout", error)) from None


_PIPED: Final[str] = getattr(sys.stdout, "encoding", None) or "utf-8"
"""The encoding of stdout when the program was started."""


def encode(text: str, *, is_json: bool) -> bytes:
    """Return the output encoded as UTF-8, except for a pipe on Windows with another code page.

    There JSON is escaped to ASCII, and characters of text outside the code page are replaced, with a message on stderr:
    PowerShell would garble anything else. `PYTHONIOENCODING` names such a code page on any system.
    """
    encoding = pipe_encoding()
    if encoding is None:
        return text.encode("utf-8", "replace")
    if is_json:
        import json  # its scanner costs a start 2 ms

        return re.sub(r"[^\x00-\x7f]", lambda found: json.dumps(found[0])[1:-1], text).encode()
    try:
        return text.encode(encoding)
    except UnicodeEncodeError:
        tell_once("code_page", encoding=encoding)
        return text.encode(encoding, "replace")


def pipe_encoding() -> str | None:
    """Return the code page of a pipe on stdout; None for UTF-8, a file or a terminal."""
    if sys.stdout is None or not (sys.platform == "win32" or "PYTHONIOENCODING" in os.environ):
        return None
    try:
        mode = os.fstat(sys.stdout.fileno()).st_mode
    except (OSError, ValueError):
        return None
    utf8 = codecs.lookup(_PIPED).name == "utf-8"
    return None if utf8 or stat.S_ISREG(mode) or sys.stdout.isatty() else _PIPED


def write_file(path: str, text: str | Iterable[str], *, private: bool = False) -> None:
    """Write a file atomically, a `private` one readable by its owner only. Raises RuntimeFailure naming the file.

    Text in pieces is written piece by piece.
    """
    from pathlib import Path

    from diagnostics.files import atomic_write

    target = Path(path)
    data = (piece.encode("utf-8", "replace") for piece in ((text,) if isinstance(text, str) else text))
    try:
        if target.exists() and not target.is_file():  # a device or a pipe is written straight
            with target.open("wb") as stream:
                stream.writelines(data)
        else:
            atomic_write(target, data, private=private, keep=True)
    except OSError as error:
        raise RuntimeFailure(os_error(path, error)) from None


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


def columns_of(stream: TextIO | None) -> int:
    """Return the width of the terminal, 80 if unknown."""
    try:
        return os.get_terminal_size(stream.fileno()).columns or 80 if stream is not None else 80
    except (OSError, ValueError):  # no terminal after all
        return 80


def to_stderr(text: str, stream: TextIO | None = None) -> None:
    """Write a line to stderr, or to the given stream; write errors are ignored."""
    from diagnostics.redaction import mask_numbers

    try:
        click.echo(mask_numbers(text), file=stream, err=True)
    except (OSError, ValueError):  # full, or closed behind the interpreter's back
        return


@functools.cache
def tell_once(key: str, **values: object) -> None:
    """Write the text `cli.note.<key>` to stderr, once per run."""
    from diagnostics.knowledge import load
    from tui.language import spoken

    to_stderr(load().say(f"cli.note.{key}", spoken(sys.argv[1:]), **values))


def error_text(error: Exception, lang: str) -> str:
    """Return an error as one line in this language; click's errors are translated by their class."""
    if isinstance(error, click.NoSuchOption):
        near = error.possibilities[0] if error.possibilities else None
        error = UsageError("unknown_option", name=error.option_name, near=near)
    elif isinstance(error, click.MissingParameter):
        error = UsageError("missing", name=_name(error))
    elif isinstance(error, click.BadParameter):
        error = UsageError("bad_value", name=_name(error), reason=_reason(error))
    elif isinstance(error, click.UsageError):
        error = UsageError("usage", reason=_reason(error))
    return clean_line(error.text(lang) if isinstance(error, (UserError, RuntimeFailure)) else str(error), 2_000)


def _reason(error: click.UsageError) -> UserError:
    from diagnostics.library_errors import click_fault

    return click_fault(error.message.rstrip("."))


def _name(error: click.BadParameter) -> str:
    if error.param is None:
        return str(error.param_hint or "")
    if isinstance(error.param, click.Option) or error.ctx is None:
        return error.param.opts[0]
    return error.param.make_metavar(error.ctx)


def run_and_exit(call: Callable[[], int | None], *, debug: bool, lang: Callable[[], str]) -> NoReturn:
    """Run a command and exit with the contract's exit code; a traceback is shown only with `debug`."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        encoding = pipe_encoding() or "utf-8"  # help is written as reports are: `write_stdout`
        sys.stdout.reconfigure(encoding=encoding, errors="replace")
    try:
        code = call() or Exit.DONE
    except click.exceptions.Exit as error:
        code = error.exit_code
    except (UserError, click.ClickException, RuntimeFailure) as error:
        to_stderr(f"weilidai-doctor: {error_text(error, lang())}")
        code = Exit.FAILED if isinstance(error, RuntimeFailure) else Exit.USAGE
    except (KeyboardInterrupt, click.Abort) as error:  # click makes one of a no to its question, and of an interrupt
        if isinstance(error, KeyboardInterrupt) or error.__context__ is not None:
            to_stderr("")  # the line is not ended yet
        code = Exit.INTERRUPTED
    except BrokenPipeError:  # the reader of stdout left
        _redirect_to_null(1)
        code = Exit.DONE
    except Exception as error:  # noqa: BLE001  the last line of defence: no traceback reaches a user who did not ask
        if debug:
            import traceback

            traceback.print_exc()
        code = Exit.FAILED
        fault = UsageError("internal", what=f"{type(error).__name__}: {clean_line(str(error), 200)}")
        if isinstance(error, UnicodeEncodeError) and not all(map(is_text, sys.argv)):
            fault, code = UsageError("no_text", name=clean_line(error.object, 200)), Exit.USAGE
        to_stderr(f"weilidai-doctor: {error_text(fault, lang())}")
    for number, stream in ((1, sys.stdout), (2, sys.stderr)):
        if not _flush(stream):
            _redirect_to_null(number)
    sys.exit(code)


def without_finalizing(run: Callable[[], NoReturn]) -> NoReturn:
    """Run a function that exits; if daemon threads are left then, skip the interpreter's finalization.

    A check that overran may be in a system call or hold a TLS connection: Python up to 3.13 can crash (SIGSEGV) when
    such a thread returns during finalization (gh-87135). All other exit functions run first, and non-daemon threads
    are joined before any of them.
    """
    code: int = Exit.FAILED

    def last() -> None:
        left = [thread for thread in threading.enumerate() if thread.daemon]
        if left:
            for stream in (sys.stdout, sys.stderr):
                _flush(stream)
            os._exit(code)

    atexit.register(last)
    try:
        run()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else Exit.FAILED
        raise


def _flush(stream: TextIO | None) -> bool:
    """Flush a stream; returns whether that succeeded."""
    try:
        if stream is not None:
            stream.flush()
    except (OSError, ValueError):
        return False
    return True


def is_text(word: str) -> bool:
    """Whether a command line argument is valid text: undecodable bytes are surrogates."""
    return not any("\ud800" <= sign <= "\udfff" for sign in word)


def _redirect_to_null(number: int) -> None:
    """Redirect stdout (1) or stderr (2) to null: buffered data would make the interpreter exit with 120."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), number)
    except OSError:
        return
