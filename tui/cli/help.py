"""`--help` in the person's language: texts and examples come from the locale files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from diagnostics.knowledge import load
from tui.language import spoken

if TYPE_CHECKING:
    from diagnostics.knowledge import Knowledge


class ChineseFormatter(click.HelpFormatter):
    """Click's own headings in Chinese."""

    HEADINGS = {"Options": "选项", "Commands": "命令", "Usage": "用法"}  # noqa: RUF012  never changed

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """Write the usage line."""
        super().write_usage(prog, args, prefix or "用法：")

    def write_heading(self, heading: str) -> None:
        """Write a heading in Chinese where it is one of click's own."""
        super().write_heading(self.HEADINGS.get(heading, heading))


def localize(group: click.Group, words: list[str]) -> None:
    """Fill in the help of the group and of every command that `words` names."""
    lang = spoken(words)
    knowledge = load()
    click.Context.formatter_class = ChineseFormatter if lang == "zh" else click.HelpFormatter
    context = click.Context(group)
    _fill(group, "app", knowledge, lang)
    known = group.list_commands(context)
    for name in [name for name in known if name in words] or known:
        command = group.get_command(context, name)
        if command is not None:
            _fill(command, name, knowledge, lang)


def _fill(command: click.Command, name: str, knowledge: Knowledge, lang: str) -> None:
    def say(*keys: str) -> str | None:
        return next((knowledge.say(key, lang) for key in keys if key in knowledge.locale), None)

    command.help = say(f"cli.{name}.about") or command.help
    command.short_help = say(f"cli.{name}.short", f"cli.{name}.about")
    examples = say(f"cli.{name}.examples")
    if examples is not None:
        command.epilog = f"{knowledge.say('cli.examples', lang)}\n\n\b\n{examples}"
    context = click.Context(command)
    for param in command.get_params(context):
        if isinstance(param, click.Option):
            option = "help" if param is command.get_help_option(context) else (param.name or "").strip("_")
            param.help = say(f"cli.{name}.{option}", f"cli.option.{option}") or param.help
    if isinstance(command, click.Group) and name != "app":
        for sub, child in command.commands.items():
            _fill(child, f"{name}.{sub}", knowledge, lang)
