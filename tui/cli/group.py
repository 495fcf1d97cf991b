"""Names, options and help of every command; each is imported when it is called."""

from __future__ import annotations

import importlib
import os
import sys
from typing import Any, Final

import click

from diagnostics import __version__
from diagnostics.i18n import UserError
from tui.cli.main import loaded
from tui.cli.output import Exit, ReaderLeftError, RuntimeFailure, UsageError, os_error


class Group(click.Group):
    """A command group whose faults are told in the user's language."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, naming the nearest where there is none."""
        known = self.list_commands(ctx)
        if args and not args[0].startswith("-") and args[0] not in known and not ctx.resilient_parsing:
            from diagnostics.i18n import nearest

            raise UsageError("unknown_command", name=args[0], known=", ".join(known), near=nearest(args[0], known))
        return super().resolve_command(ctx, args)


def need_command(ctx: click.Context) -> None:
    """Say that a group does nothing by itself, where no command was named."""
    if ctx.invoked_subcommand is None and isinstance(ctx.command, click.Group):
        known = ", ".join(ctx.command.list_commands(ctx))
        raise UsageError("missing_command", name=ctx.info_name, known=known)


COMMANDS: Final[dict[str, str]] = {
    "check": "check.command",
    "ask": "ask.command",
    "batch": "batch.command",
    "read": "read.read",
    "list": "catalog.list_",
    "explain": "catalog.explain",
    "schema": "catalog.schema",
    "parse-version": "read.parse_version",
    "cases": "cases.command",
    "questionnaire": "questionnaire.command",
    "calibrate": "config.calibrate_command",
    "config": "config.command",
    "completion": "completion.command",
    "mcp": "mcp.command",
}
"""The commands in the order in which help shows them: the module below `tui.cli.commands`, and the object in it."""

COMPLETE: Final = "_WEILIDAI_DOCTOR_COMPLETE"
"""A shell's completion script sets this, and asks for what may stand next instead of a run."""
FLAGS: Final = frozenset({"--debug", "-v", "-vv", "--verbose", "-q", "--quiet"})
ANYWHERE: Final = frozenset({"debug", "verbose", "quiet"})


class RootGroup(Group):
    """The command group: imports a command when it is named, and the app when none is."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click's signature
        """Return the names in the order in which help shows them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import and return a command; None where there is no such name."""
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(".")
        command = getattr(importlib.import_module(f"tui.cli.commands.{module}"), name)
        assert isinstance(command, click.Command)  # noqa: S101  our own modules
        return command

    def invoke(self, ctx: click.Context) -> object:
        """Run what was named; a reader who left is told apart from faults."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            raise ReaderLeftError from None


def refuse_beside(allowed: frozenset[str], given: dict[str, Any], key: str, **values: object) -> None:
    """Refuse every option that was given but these. Raises UsageError with this key, naming the option."""
    for name, value in given.items():
        if value and name not in allowed:
            raise UsageError(key, option="--" + name.strip("_").replace("_", "-"), **values)


def make_group() -> click.Group:
    """Build the command line: the group with the app's options, and the commands behind it."""
    from tui.cli.options import shared_options

    @click.group("weilidai-doctor", cls=RootGroup, invoke_without_command=True, no_args_is_help=False)
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
        loaded()
        _configure_logging(given)
        if ctx.invoked_subcommand is None:
            from tui.cli.commands.app import start

            return start(given)
        refuse_beside(ANYWHERE, given, "misplaced", command=ctx.invoked_subcommand)
        return Exit.DONE

    return group


def _configure_logging(given: dict[str, Any]) -> None:
    """Set how much is said on stderr: warnings, with -v more, with -q errors alone."""
    if not (given["quiet"] or given["verbose"] or given["debug"]):
        return
    import logging

    level = logging.ERROR if given["quiet"] else logging.WARNING - 10 * min(given["verbose"], 2)
    logging.basicConfig(level=logging.DEBUG if given["debug"] else level, format="%(levelname)s %(name)s: %(message)s")


def globals_first(words: list[str]) -> list[str]:
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


def run_words(words: list[str]) -> int | None:
    """Run the command that the words of the command line name, and return its exit code."""
    group = make_group()
    if COMPLETE in os.environ:
        from tui.cli.commands.completion import prepare

        prepare(group)
    if "--help" in words:
        from tui.cli.help import localize

        localize(group, words)
        words = _without_language(words)
    by_click = {"--help", "--version"} & {*words}
    if by_click and sys.stdout is None:
        raise RuntimeFailure(UserError("system.closed", "stdout"))
    try:
        code: int | None = group.main(words, "weilidai-doctor", standalone_mode=False)
    except BrokenPipeError:
        raise
    except OSError as error:
        if by_click:  # click writes these by itself
            raise RuntimeFailure(os_error("stdout", error)) from None
        raise
    return code
