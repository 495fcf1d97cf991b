"""The command group: lazy import of commands, their common options, and localized help from the locale files."""

from __future__ import annotations

import importlib
import os
import sys
from typing import TYPE_CHECKING, Any, Final

import click

from diagnostics import __version__
from diagnostics.i18n import UserError
from diagnostics.sanitize import NAMED_FILES, clean_line
from tui.cli.main import loaded
from tui.cli.output import Exit, RuntimeFailure, UsageError, os_error

if TYPE_CHECKING:
    from diagnostics.i18n import Texts


class Group(click.Group):
    """A command group with translated errors."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the options; a group that does nothing by itself is not called without a command."""
        if not args and not self.invoke_without_command:
            raise UsageError("missing_command", name=ctx.info_name, known=", ".join(self.list_commands(ctx)))
        return super().parse_args(ctx, args)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; an unknown one is reported with the nearest name."""
        known = self.list_commands(ctx)
        if args and not args[0].startswith("-") and args[0] not in known and not ctx.resilient_parsing:
            from diagnostics.i18n import nearest

            raise UsageError("unknown_command", name=args[0], known=", ".join(known), near=nearest(args[0], known))
        return super().resolve_command(ctx, args)


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
    "questionnaire": "catalog.questionnaire",
    "calibrate": "config.calibrate_command",
    "config": "config.command",
    "completion": "completion.command",
    "mcp": "mcp.command",
}
"""The commands in the order of the help: module below `tui.cli.commands`, and object in it."""

COMPLETE: Final = "_WEILIDAI_DOCTOR_COMPLETE"
"""Environment variable that a shell's completion script sets."""
PATHS: Final = {"FILE": "file", "OUT": "file", "[IN]": "file", "CASES.jsonl": "file", "FILE|URL": "file", "DIR": "dir"}
"""Metavars of values that are paths."""
FLAGS: Final = frozenset({"--debug", "-v", "-vv", "--verbose", "-q", "--quiet"})
ANYWHERE: Final = frozenset({"debug", "verbose", "quiet"})


class FileName(click.types.StringParamType):
    """A file name on the command line, which is excepted from masking in messages."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Register the name in every form that messages use."""
        name = super().convert(value, param, ctx)
        NAMED_FILES.update((name, clean_line(name), os.path.normpath(name), os.path.expanduser(name)))  # noqa: PTH111
        return name


def _show_help(ctx: click.Context, _param: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        click.echo(ctx.get_help(), color=ctx.color)
        ctx.exit()


def _show_version(ctx: click.Context, _param: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        click.echo(f"{ctx.info_name} {__version__}")
        ctx.exit()


HELP: Final = click.Option(["--help"], is_flag=True, is_eager=True, expose_value=False, callback=_show_help)
"""Takes the place of click's own, which at each start looks for a translation that is none: that loads `locale`."""


def _prepare(command: click.Command) -> None:
    """Give a command, and those below it, its `--help`, and let it know which of its values are files."""
    if HELP not in command.params:
        command.params.append(HELP)
    for param in command.params:
        if param.metavar in PATHS and param.type is click.STRING:
            param.type = FileName()
    for child in command.commands.values() if isinstance(command, click.Group) else ():
        _prepare(child)


class RootGroup(Group):
    """The main group, which imports a command when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click's signature
        """Return the names in the order of the help."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import and return a command; None for an unknown name."""
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(".")
        command = getattr(importlib.import_module(f"tui.cli.commands.{module}"), name)
        assert isinstance(command, click.Command)  # noqa: S101  our own modules
        _prepare(command)
        return command


def refuse_beside(allowed: frozenset[str], given: dict[str, Any], key: str, **values: object) -> None:
    """Raise UsageError with this key for any given option that is not allowed."""
    for name, value in given.items():
        if value and name not in allowed:
            raise UsageError(key, option="--" + name.strip("_").replace("_", "-"), **values)


def make_group(*, app: bool = True) -> click.Group:
    """Build the command line: the group with the options of the app, unless a command is named, and the commands."""
    from tui.cli.options import APP, options

    @click.group("weilidai-doctor", cls=RootGroup, invoke_without_command=True, no_args_is_help=False)
    @(APP if app else options())
    @click.option("--debug", is_flag=True)
    @click.option("-v", "--verbose", is_flag=True)
    @click.option("-q", "--quiet", is_flag=True)
    @click.option("--version", is_flag=True, is_eager=True, expose_value=False, callback=_show_version)
    @click.pass_context
    def group(ctx: click.Context, /, **given: Any) -> int:
        loaded()
        if given["debug"]:
            import logging

            logging.basicConfig(level=logging.DEBUG, format="%(levelname)s %(name)s: %(message)s")
        if ctx.invoked_subcommand is None:
            from tui.cli.commands.app import start

            return start(given)
        refuse_beside(ANYWHERE, given, "misplaced", command=ctx.invoked_subcommand)
        return Exit.DONE

    _prepare(group)
    return group


def globals_first(words: list[str]) -> list[str]:
    """Move global flags to the front, so that they are allowed anywhere."""
    end = words.index("--") if "--" in words else len(words)
    front = [word for word in words[:end] if word in FLAGS]
    return [*front, *(word for word in words[:end] if word not in FLAGS), *words[end:]]


def _without_language(words: list[str]) -> list[str]:
    """Remove `--lang`, which the help has used already and which not every command takes."""
    kept = [word for word in words if not word.startswith("--lang=")]
    if "--lang" in kept:
        at = kept.index("--lang")
        del kept[at : at + 2]
    return kept


class ChineseFormatter(click.HelpFormatter):
    """Translates click's headings to Chinese."""

    HEADINGS = {"Options": "选项", "Commands": "命令", "Usage": "用法"}  # noqa: RUF012  never changed

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """Write the usage line."""
        super().write_usage(prog, args, prefix or "用法：")

    def write_heading(self, heading: str) -> None:
        """Write a heading."""
        super().write_heading(self.HEADINGS.get(heading, heading))


def localize(group: click.Group, words: list[str]) -> None:
    """Set the help texts of the group and of the commands in `words`, else of all."""
    from diagnostics.i18n import Texts
    from diagnostics.knowledge import load
    from tui.language import spoken

    texts = Texts(load(), spoken(words))
    click.Context.formatter_class = ChineseFormatter if texts.lang == "zh" else click.HelpFormatter
    context = click.Context(group)
    _fill(group, "app", texts)
    known = group.list_commands(context)
    for name in [name for name in known if name in words] or known:
        command = group.get_command(context, name)
        if command is not None:
            _fill(command, name, texts)


def _fill(command: click.Command, name: str, texts: Texts) -> None:
    def say(*keys: str) -> str | None:
        return next((texts(key) for key in keys if key in texts.knowledge.locale), None)

    command.help = say(f"cli.{name}.about") or command.help
    command.short_help = say(f"cli.{name}.short", f"cli.{name}.about")
    examples = say(f"cli.{name}.examples")
    if examples is not None:
        command.epilog = f"{texts('cli.examples')}\n\n\b\n{examples}"
    context = click.Context(command)
    for param in command.get_params(context):
        if isinstance(param, click.Option):
            option = (param.name or "").strip("_")
            param.help = say(f"cli.{name}.{option}", f"cli.option.{option}") or param.help
    if isinstance(command, click.Group) and name != "app":
        for sub, child in command.commands.items():
            _fill(child, f"{name}.{sub}", texts)


def run_words(words: list[str]) -> int | None:
    """Run the command line and return the exit code.

    Unlike click's `main` it lets BrokenPipeError and KeyboardInterrupt pass.
    """
    if COMPLETE in os.environ:
        from tui.cli.commands.completion import complete

        return complete(make_group())
    first = next((word for word in words if word not in FLAGS), "")
    group = make_group(app=first not in COMMANDS)
    if "--help" in words:
        localize(group, words)
        words = _without_language(words)
    by_click = {"--help", "--version"} & {*words}  # written by click
    if by_click and sys.stdout is None:
        raise RuntimeFailure(UserError("system.closed", "stdout"))
    try:
        with group.make_context("weilidai-doctor", [*words]) as context:
            code: int | None = group.invoke(context)
    except OSError as error:
        if by_click and not isinstance(error, BrokenPipeError):
            raise RuntimeFailure(os_error("stdout", error)) from None
        raise
    return code
