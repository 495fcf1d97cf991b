"""Streams and exit codes, decided here alone: stdout is data, stderr is talk, codes are API (contract, section 2)."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Final, NoReturn

import click

if TYPE_CHECKING:
    from collections.abc import Callable

DONE: Final = 0
FOUND: Final = 1
"""`--fail-on LEVEL` was given and a cause stands at that level or above."""
USAGE: Final = 2
"""Wrong usage, or an input that cannot be used."""
FAILED: Final = 3
"""The tool could not do its work."""
REJECTED: Final = 4
"""`batch` finished, but some records were rejected."""
INTERRUPTED: Final = 130


class BadInput(click.ClickException):
    """An input that cannot be used: the message names the place and the way out."""

    exit_code = USAGE


class CannotWork(click.ClickException):
    """The tool could not do its work: the message says what failed."""

    exit_code = FAILED


def write(text: str) -> None:
    """Write to stdout as UTF-8, whatever the locale says, and make sure that it arrived.

    Raises CannotWork where stdout cannot take it; a reader who left is a quiet end (BrokenPipeError).
    """
    if sys.stdout is None:
        raise CannotWork("stdout: closed")
    try:
        data = text.encode("utf-8", "replace")
        stream = getattr(sys.stdout, "buffer", None)
        if stream is None:
            sys.stdout.write(text)
        else:
            sys.stdout.flush()
            stream.write(data)
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except (OSError, ValueError) as error:
        _forget_stdout()
        raise CannotWork(f"stdout: {getattr(error, 'strerror', None) or error}") from None


def write_file(path: str, text: str) -> None:
    """Write a file whole or not at all. Raises CannotWork naming the file."""
    from pathlib import Path

    target = Path(path)
    new = target.with_name(f".{target.name}.{os.getpid()}.new")
    try:
        if target.exists() and not target.is_file():  # a device or a pipe is written straight
            with target.open("w", encoding="utf-8") as stream:
                stream.write(text)
            return
        try:
            new.write_text(text, encoding="utf-8")
            new.replace(target)
        finally:
            new.unlink(missing_ok=True)
    except OSError as error:
        raise CannotWork(f"{path}: {error.strerror or error}") from None


def talk(text: str) -> None:
    """Say something on stderr; where nobody can hear it, nothing happens."""
    try:
        click.echo(text, err=True)
    except OSError:
        return


def run(call: Callable[[], int | None], *, debug: bool) -> NoReturn:
    """Run a command and leave the process with the contract's exit code, never with a traceback (but for `debug`)."""
    try:
        code = call() or DONE
    except click.exceptions.Exit as error:
        code = error.exit_code
    except click.ClickException as error:
        talk(f"weilidai-doctor: {' '.join(error.format_message().split())}")
        code = error.exit_code
    except (KeyboardInterrupt, click.exceptions.Abort):
        talk("")
        code = INTERRUPTED
    except BrokenPipeError:
        _forget_stdout()
        code = DONE
    except Exception as error:
        if debug:
            raise
        talk(f"weilidai-doctor: internal error: {type(error).__name__}: {_one_line(error)} (--debug shows where)")
        code = FAILED
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except (OSError, ValueError):
        _forget_stdout()
    sys.exit(code)


def _one_line(error: BaseException) -> str:
    from diagnostics.clean import clean_line

    return clean_line(str(error), 200)


def _forget_stdout() -> None:
    """Point stdout at nothing, so that the interpreter's own last flush cannot complain."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    except OSError:
        return
