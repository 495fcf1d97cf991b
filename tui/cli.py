"""The front door: names, options and help of every command; each is imported when it is called."""

from __future__ import annotations

import importlib
import os
import sys
from typing import TYPE_CHECKING, Any, Final, NoReturn

import click

from diagnostics import __version__
from diagnostics.i18n import UserError
from tui import exits, groups, language

if TYPE_CHECKING:
    from collections.abc import Sequence

COMMANDS: Final[dict[str, str]] = {
    "check": "tui.commands.check",
    "ask": "tui.commands.ask",
    "batch": "tui.commands.batch",
    "read": "tui.commands.read",
    "list": "tui.commands.list",
    "explain": "tui.commands.explain",
    "schema": "tui.commands.schema",
    "parse-version": "tui.commands.parse_version",
    "cases": "tui.commands.cases",
    "questionnaire": "tui.commands.questionnaire",
    "calibrate": "tui.commands.calibrate",
    "config": "tui.commands.config",
    "completion": "tui.commands.completion",
}

COMPLETE: Final = "_WEILIDAI_DOCTOR_COMPLETE"
"""A shell's completion script sets this, and asks for what may stand next instead of a run."""
FLAGS: Final = frozenset({"--debug", "-v", "-vv", "--verbose", "-q", "--quiet"})
ANYWHERE: Final = frozenset({"debug", "verbose", "quiet"})


class Doctor(groups.Group):
    """The command group: imports a command when it is named, and the app when none is."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click's signature
        """Return the names in the order in which help shows them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import and return a command; None where there is no such name."""
        if cmd_name not in COMMANDS:
            return None
        command = importlib.import_module(COMMANDS[cmd_name]).command
        assert isinstance(command, click.Command)  # noqa: S101  our own modules
        return command

    def invoke(self, ctx: click.Context) -> object:
        """Run what was named; a reader who left is told apart from faults."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            raise exits.ReaderLeftError from None


def _app(given: dict[str, Any]) -> int:
    from tui.commands.app import start

    return start(given)


def make_group() -> click.Group:
    """Build the command line: the group with the app's options, and the commands behind it."""
    from tui.options import shared_options

    @click.group("weilidai-doctor", cls=Doctor, invoke_without_command=True, no_args_is_help=False)
    @shared_options
    @click.option("--store", metavar="FILE|URL")
    @click.option("--inline", is_flag=True)
    @click.option("--demo", is_flag=True)
    @click.option("--debug", is_flag=True)
    @click.option("-v", "--verbose", count=True)
    @click.option("-q", "--quiet", is_flag=True)
    @click.version_option(__version__, "--version", message="%(prog)s %(version)s")
    @click.pass_context
    def group(ctx: click.Context, /, **given: Any) -> int:
        _hear(given)
        if ctx.invoked_subcommand is None:
            return _app(given)
        misplaced = [name for name, value in given.items() if value and name not in ANYWHERE]
        if misplaced:
            option = "--" + misplaced[0].strip("_").replace("_", "-")
            raise exits.Fault("misplaced", option=option, command=ctx.invoked_subcommand)
        return exits.DONE

    return group


def _hear(given: dict[str, Any]) -> None:
    """Set how much is said on stderr: warnings, with -v more, with -q errors alone."""
    if not (given["quiet"] or given["verbose"] or given["debug"]):
        return
    import logging

    level = logging.ERROR if given["quiet"] else logging.WARNING - 10 * min(given["verbose"], 2)
    logging.basicConfig(level=logging.DEBUG if given["debug"] else level, format="%(levelname)s %(name)s: %(message)s")


def _globals_first(words: list[str]) -> list[str]:
    """Let the options that every command takes stand anywhere: move them to the front."""
    end = words.index("--") if "--" in words else len(words)
    front = [word for word in words[:end] if word in FLAGS]
    return [*front, *(word for word in words[:end] if word not in FLAGS), *words[end:]]


def _without_language(words: list[str]) -> list[str]:
    """Leave out `--lang`, which `--help` understood already: a command without texts of its own need not take it."""
    kept = [word for word in words if not word.startswith("--lang=")]
    if "--lang" in kept:
        at = kept.index("--lang")
        del kept[at : at + 2]
    return kept


def main(args: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and leave the process with the contract's exit code."""
    words = _globals_first(list(sys.argv[1:] if args is None else args))
    exits.run(lambda: _call(words), debug="--debug" in words, lang=lambda: language.spoken(words))


def script() -> NoReturn:
    """Be the process `weilidai-doctor`: `main`, with an end that nothing left behind can disturb."""
    exits.without_finalizing(main)


def _call(words: list[str]) -> int | None:
    group = make_group()
    if COMPLETE in os.environ:
        from tui.completing import prepare

        prepare(group)
    if "--help" in words:
        from tui.helptexts import localize

        localize(group, words)
        words = _without_language(words)
    by_click = {"--help", "--version"} & {*words}
    if by_click and sys.stdout is None:
        raise exits.CannotWork(UserError("system.closed", "stdout"))
    try:
        code: int | None = group.main(words, "weilidai-doctor", standalone_mode=False)
    except BrokenPipeError:
        raise
    except OSError as error:
        if by_click:  # click writes these by itself
            raise exits.CannotWork(exits.because("stdout", error)) from None
        raise
    return code
