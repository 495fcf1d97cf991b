"""Shell completion: click's own, with what the tool knows of its values."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Final

import click
from click.shell_completion import CompletionItem, get_completion_class, shell_complete, split_arg_string

from diagnostics.i18n import Texts, UserError
from diagnostics.knowledge import load
from tui.cli.group import COMPLETE, PATHS, localize
from tui.cli.output import Exit, write_stdout
from tui.language import spoken

if TYPE_CHECKING:
    from collections.abc import Iterator

_CLAUSE: Final = re.compile(r"[，；：。（]| \(|[.:;] |\.$")
"""Where the first clause of a command's text ends: beside its name a shell has room for no more."""
KINDS: Final = {"CHECK": ("checks",), "ID": ("causes", "questions", "checks")}
"""What the ids that a value may have are of, by its metavar."""


def complete(group: click.Group) -> int:
    """Write the possible completions of the shell's command line; the exit code says whether it was understood."""
    words = split_arg_string(os.environ.get("COMP_WORDS", ""))
    localize(group, words)
    _teach(group, spoken(words))
    return shell_complete(group, {}, "weilidai-doctor", COMPLETE, os.environ[COMPLETE])


def _teach(command: click.Command, lang: str) -> None:
    command.short_help = _CLAUSE.split(command.short_help or "", maxsplit=1)[0]
    for param in command.params:
        if isinstance(param.type, click.types.StringParamType):
            param.type = Known(lang)
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            child = command.get_command(context, name)
            if child is not None:
                _teach(child, lang)


class Known(click.types.StringParamType):
    """A word on the command line of which the tool knows what it can be."""

    def __init__(self, lang: str) -> None:
        self._lang = lang

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem[str]]:  # fmt: skip
        """Return the values that begin with the incomplete word, by the parameter's metavar or name."""
        if param.metavar in PATHS:
            return [CompletionItem(incomplete, type=PATHS[param.metavar])]
        kinds = KINDS.get(param.metavar or "", ())
        if param.name == "cause":
            kinds = ("causes",)
        if param.metavar == "ID=VALUE":
            found = _answers(self._texts(ctx), incomplete)
        else:
            found = _rows(self._texts(ctx), *kinds)
        return [CompletionItem(value, help=text or None) for value, text in found if value.startswith(incomplete)]

    def _texts(self, ctx: click.Context) -> Texts:
        """The texts of the knowledge that the line and the settings name; of the built-in one where that is no use."""
        from tui.cli.options import load_knowledge

        try:
            return Texts(load_knowledge(ctx.params.get("config"), ctx.params.get("knowledge"))[0], self._lang)
        except UserError:
            return Texts(load(), self._lang)


def _rows(texts: Texts, *kinds: str) -> Iterator[tuple[str, str]]:
    from diagnostics.report.catalog import rows

    return ((row["id"], row["title"]) for kind in kinds for row in rows(texts, kind))


def _answers(texts: Texts, incomplete: str) -> Iterator[tuple[str, str]]:
    """The questions, each with `=`; of the only one that is meant, what it can be answered with.

    These are always several, so that no shell sets a space behind the `=`.
    """
    id_, equals, _ = incomplete.partition("=")
    meant = [one for one in texts.knowledge.questions.values() if (one.id == id_ if equals else one.id.startswith(id_))]
    if len(meant) != 1:
        yield from ((f"{name}=", title) for name, title in _rows(texts, "questions"))
        return
    yield from ((f"{meant[0].id}={choice.id}", choice.get(texts.lang)) for choice in meant[0].value)
    yield from ((f"{meant[0].id}={value}", "") for value in ("", "unknown"))


@click.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.option("--lang", type=click.Choice(["zh", "en"]), expose_value=False)
@click.pass_context
def command(ctx: click.Context, shell: str) -> int:
    """Print the completion script for a shell."""
    kind = get_completion_class(shell)
    assert kind is not None  # noqa: S101  click knows these three
    script = kind(ctx.find_root().command, {}, "weilidai-doctor", COMPLETE).source()
    write_stdout(script.replace('split ","', 'split -m 1 ","') + "\n")  # fish: a comma is part of a value
    return Exit.DONE
