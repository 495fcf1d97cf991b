"""Shell completion: click's own, with what the tool knows of its values."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any, Final

import click
from click import shell_completion
from click.shell_completion import CompletionItem

from diagnostics.i18n import Texts
from diagnostics.knowledge import load
from tui.cli.group import COMPLETE
from tui.cli.output import Exit, write_stdout
from tui.language import spoken

if TYPE_CHECKING:
    from collections.abc import Iterator

    from diagnostics.knowledge import Knowledge

_CLAUSE: Final = re.compile(r"[，；：。（]| \(|[.:;] |\.$")
"""Where the first clause of a command's text ends: beside its name a shell has room for no more."""
_PATHS: Final = {"FILE": "file", "OUT": "file", "[IN]": "file", "CASES.jsonl": "file", "FILE|URL": "file", "DIR": "dir"}
"""Which values are names in the file system, by how help calls them."""


def prepare(group: click.Group) -> None:
    """Teach the commands that stand on the line to complete their values, and the shells to take them."""
    from tui.cli.help import localize

    words = shell_completion.split_arg_string(os.environ.get("COMP_WORDS", ""))
    localize(group, words)
    _teach(group, spoken(words))
    for shell in (Bash, Zsh, Fish):
        shell_completion.add_completion_class(shell)


def _teach(command: click.Command, lang: str) -> None:
    command.short_help = _CLAUSE.split(command.short_help or "", maxsplit=1)[0]
    for param in command.params:
        if isinstance(param.type, click.types.StringParamType):
            param.type = Known(param, lang)
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            child = command.get_command(context, name)
            if child is not None:
                _teach(child, lang)


class Known(click.types.StringParamType):
    """A word on the command line of which the tool knows what it can be."""

    def __init__(self, param: click.Parameter, lang: str) -> None:
        self._called = param.metavar or ""
        self._param = (param.name or "").strip("_")
        self._lang = lang

    def shell_complete(
        self,
        ctx: click.Context,
        param: click.Parameter,  # noqa: ARG002  click's signature
        incomplete: str,
    ) -> list[CompletionItem[str]]:
        """Return what begins like the word that stands there."""
        if self._called in _PATHS:
            return [CompletionItem(incomplete, type=_PATHS[self._called])]
        found = self._values(ctx, incomplete)
        return [CompletionItem(value, help=text or None) for value, text in found if value.startswith(incomplete)]

    def _values(self, ctx: click.Context, incomplete: str) -> Iterator[tuple[str, str]]:
        if self._called == "ID=VALUE":
            yield from _answers(_knowledge(ctx), incomplete, self._lang)
        elif self._called == "CHECK":
            yield from _rows(_knowledge(ctx), "checks", self._lang)
        elif self._called == "A,B,C":
            yield from _fields(incomplete)
        elif self._param == "device":
            yield from ((value, "") for value in ("android", "ios", "none"))
        elif self._param == "id" and self._called == "ID":
            for kind in ("causes", "questions", "checks"):
                yield from _rows(_knowledge(ctx), kind, self._lang)
        elif self._param == "cause":
            yield from _rows(_knowledge(ctx), "causes", self._lang)
            yield from (("entry_found", ""), ("unsettled", ""))
        elif self._param == "platform":
            yield from _choices(_knowledge(ctx), "client.platform", self._lang)
        elif self._param == "outcome":
            known = _knowledge(ctx).locale
            for key in known:
                if key.startswith("cases.outcome."):
                    yield key.rpartition(".")[2], known[key].get(self._lang)


def _knowledge(ctx: click.Context) -> Knowledge:
    """The knowledge that the line and the settings name; the built-in one where that cannot be used."""
    from tui.cli.options import load_knowledge
    from tui.cli.output import InputError

    folder: Any = ctx.params.get("knowledge") or ctx.params.get("folder")
    try:
        return load_knowledge(ctx.params.get("config"), folder)[0]
    except InputError:
        return load()


def _rows(knowledge: Knowledge, kind: str, lang: str) -> Iterator[tuple[str, str]]:
    from diagnostics.report.catalog import rows

    for row in rows(Texts(knowledge, lang), kind):
        yield row["id"], row["title"]


def _answers(knowledge: Knowledge, incomplete: str, lang: str) -> Iterator[tuple[str, str]]:
    """The questions, each with `=`; behind that, what the question can be answered with."""
    id_, equals, _ = incomplete.partition("=")
    if not equals:
        for name, title in _rows(knowledge, "questions", lang):
            yield f"{name}=", title
        return
    for value, text in _choices(knowledge, id_, lang):
        yield f"{id_}={value}", text


def _choices(knowledge: Knowledge, id_: str, lang: str) -> Iterator[tuple[str, str]]:
    question = knowledge.questions.get(id_)
    if question is not None:
        for choice in question.value:
            yield choice.id, choice.get(lang)
        yield "unknown", ""


def _fields(incomplete: str) -> Iterator[tuple[str, str]]:
    """The fields of a report that do not stand there yet, behind those that do."""
    from diagnostics.report import Report

    before, comma, _ = incomplete.rpartition(",")
    for name in ("id", *Report.__struct_encode_fields__):
        if name not in before.split(","):
            yield f"{before}{comma}{name}", ""


class Bash(shell_completion.BashComplete):
    """Bash cuts words at `=`: here they are joined again, and it is given the part that it means to complete."""

    source_template = shell_completion.BashComplete.source_template.replace(
        "COMPREPLY+=($value)\n", "COMPREPLY+=($value)\n            [[ $value == *= ]] && compopt -o nospace\n"
    )

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._cut = ""

    def get_completion_args(self) -> tuple[list[str], str]:
        """Return the words before the one to complete, and that one as far as it stands there."""
        words = shell_completion.split_arg_string(os.environ["COMP_WORDS"])
        here = int(os.environ["COMP_CWORD"])
        joined: list[str] = []
        glue = False
        for word in [*words[:here], words[here] if here < len(words) else ""]:
            if joined and (glue or word == "="):
                joined[-1] += word
            else:
                joined.append(word)
            glue = word == "="
        *before, last = joined
        if words[here : here + 1] == ["="] or words[here - 1] == "=":
            self._cut = last[: last.rindex("=") + 1]
        return before[1:], last

    def format_completion(self, item: CompletionItem[str]) -> str:
        """Write one completion for the script."""
        return f"{item.type},{item.value.removeprefix(self._cut)}"


class Zsh(shell_completion.ZshComplete):
    """No space is set behind `=`."""

    source_template = shell_completion.ZshComplete.source_template.replace(
        '            if [[ "$descr" == "_" ]]; then\n',
        '            if [[ "$key" == *= ]]; then\n'
        '                compadd -U -V unsorted -S "" -- "$key"\n'
        '            elif [[ "$descr" == "_" ]]; then\n',
    )


class Fish(shell_completion.FishComplete):
    """A comma in a value or its description is part of it."""

    source_template = shell_completion.FishComplete.source_template.replace('split ","', 'split -m 1 ","')


NAME: Final = "weilidai-doctor"
SHELLS: Final = {"bash": Bash, "zsh": Zsh, "fish": Fish}


@click.command("completion")
@click.argument("shell", type=click.Choice([*SHELLS]))
@click.option("--lang", type=click.Choice(["zh", "en"]), expose_value=False)
@click.pass_context
def command(ctx: click.Context, shell: str) -> int:
    """Print the completion script for a shell."""
    made = SHELLS[shell](ctx.find_root().command, {}, NAME, COMPLETE)
    write_stdout(made.source() + "\n")
    return Exit.DONE
