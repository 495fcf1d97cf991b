"""Streams and exit codes, decided here alone: stdout is data, stderr is talk, codes are API (contract, section 2)."""

from __future__ import annotations

import atexit
import codecs
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

from diagnostics.i18n import UserError
from diagnostics.sanitize import clean_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import TextIO


class Exit(enum.IntEnum):
    """The exit codes of the contract."""

    DONE = 0
    FOUND = 1
    """`--fail-on LEVEL` was given and a cause has that status or a stronger one."""
    USAGE = 2
    """Wrong usage, or an input that cannot be used."""
    FAILED = 3
    """The tool could not do its work."""
    REJECTED = 4
    """`batch` finished, but some records were rejected."""
    INTERRUPTED = 130


QUIET: Final = -1
VERBOSE: Final = 1
"""What was used and how each check ended, without a terminal too."""
DETAILED: Final = 2
"""Each step of each check, and the details of what it found."""


def verbosity() -> int:
    """Return how loud the command line wants it: QUIET with -q, 0 by itself, one more with each -v."""
    context = click.get_current_context(silent=True)
    given = context.find_root().params if context is not None else {}
    if given.get("quiet"):
        return QUIET
    return max(given.get("verbose") or 0, DETAILED if given.get("debug") else 0)


class UsageError(UserError):
    """A fault on the command line that has its text below `error.cli.` in the locale files.

    Like every UserError that leaves a command it ends the run with exit code 2.
    """

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(f"cli.{key}", "", **values)


class RuntimeFailure(Exception):  # noqa: N818  not a usage error: the tool's own failure
    """The tool could not do its work; `fault` says why."""

    def __init__(self, fault: UserError) -> None:
        super().__init__(str(fault))
        self.text = fault.text


def os_error(place: str, error: OSError | ValueError) -> UserError:
    """Return what the operating system said of a file or stream, to be told in the user's language."""
    from diagnostics.library_errors import system_fault

    return system_fault(error).at(place or '""')  # an empty name, mostly from an unset variable of a script


def json_text(value: object) -> str:
    """Return a value as JSON for people to read too."""
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode() + "\n"


def write_json(value: object) -> None:
    """Write a value as JSON to stdout; see `write_stdout`."""
    write_stdout(json_text(value), is_json=True)


def write_output(path: str | None, text: str, *, is_json: bool = False, private: bool = False) -> None:
    """Write what `-o` asks for: a file, or stdout where none or `-` is named. Raises RuntimeFailure."""
    if path in (None, "-"):
        write_stdout(text, is_json=is_json)
    else:
        write_file(path, text, private=private)


def write_stdout(text: str, *, is_json: bool = False) -> None:
    """Write to stdout as UTF-8, or as `encode` has it for a pipe, and make sure that it arrived.

    Raises RuntimeFailure where stdout cannot take it; a reader who left is a quiet end (BrokenPipeError).
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
"""The encoding that stdout had when the program was started."""


def encode(text: str, *, is_json: bool) -> bytes:
    """Return what is to be written: UTF-8, but for a pipe on Windows where another code page is in force.

    There JSON is written with escapes, which is the same JSON, and text with what the code page has, and a word on
    stderr: PowerShell would garble anything else. `PYTHONIOENCODING` names such a code page on any system.
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
    """Return the code page of a pipe on stdout; None where that is UTF-8, a file or a terminal."""
    if sys.stdout is None or not (sys.platform == "win32" or "PYTHONIOENCODING" in os.environ):
        return None
    try:
        mode = os.fstat(sys.stdout.fileno()).st_mode
    except (OSError, ValueError):
        return None
    utf8 = codecs.lookup(_PIPED).name == "utf-8"
    return None if utf8 or stat.S_ISREG(mode) or sys.stdout.isatty() else _PIPED


def write_file(path: str, text: str | Iterable[str], *, private: bool = False) -> None:
    """Write a file whole or not at all; a `private` one, with somebody's answers in it, can be read by its owner alone.

    A text that comes in pieces is never held as a whole. Raises RuntimeFailure naming the file.
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


def columns_of(stream: TextIO | None) -> int:
    """The width of the terminal; 80 where it is unknown."""
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
    """Say something about the run on stderr, in the user's language and only the first time: `cli.note.<key>`."""
    from diagnostics.knowledge import load
    from tui.language import spoken

    to_stderr(load().say(f"cli.note.{key}", spoken(sys.argv[1:]), **values))


def error_text(error: Exception, lang: str) -> str:
    """Return a fault on one line in this language; click's own faults are told by their kind."""
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
    """Run a command and leave the process with the contract's exit code, never with a traceback (but for `debug`)."""
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
    except BrokenPipeError:  # whoever read stdout left: a quiet end
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
    """Run what ends the process; where a daemon thread is left behind then, end without the interpreter's finalization.

    A check that overran may sit in a system call, or hold a TLS connection: Python up to 3.13 can crash (SIGSEGV)
    when such a thread comes back while the interpreter takes itself down (gh-87135). All other exit functions run
    first, and non-daemon threads are joined before any of them.
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
    """Flush a stream; False where that fails."""
    try:
        if stream is not None:
            stream.flush()
    except (OSError, ValueError):
        return False
    return True


def is_text(word: str) -> bool:
    """Whether a word of the command line is text: bytes that are none come as surrogates, which nothing can store."""
    return not any("\ud800" <= sign <= "\udfff" for sign in word)


def _redirect_to_null(number: int) -> None:
    """Point stdout (1) or stderr (2) at nothing: what still waits would make the interpreter end with 120."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), number)
    except OSError:
        return
