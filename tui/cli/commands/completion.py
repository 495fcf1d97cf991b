"""Shell completion: click's own, with what the tool knows of its values."""

from __future__ import annotations

import os
import re
import shlex
from typing import TYPE_CHECKING, Any, Final

import click
from click.shell_completion import CompletionItem, get_completion_class, split_arg_string

from diagnostics.i18n import Texts
from diagnostics.knowledge import load
from tui.cli.group import COMPLETE
from tui.cli.output import Exit, InputError, write_stdout
from tui.language import spoken

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_CLAUSE: Final = re.compile(r"[，；：。（]| \(|[.:;] |\.$")
"""Where the first clause of a command's text ends: beside its name a shell has room for no more."""
_PATHS: Final = {"FILE": "file", "OUT": "file", "[IN]": "file", "CASES.jsonl": "file", "FILE|URL": "file", "DIR": "dir"}
"""Which values are names in the file system, by how help calls them."""


def prepare(group: click.Group) -> None:
    """Teach the commands that stand on the line to complete their values."""
    from tui.cli.help import localize

    cut = _join_words() if os.environ[COMPLETE].startswith("bash") else ""
    words = split_arg_string(os.environ.get("COMP_WORDS", ""))
    localize(group, words)
    _teach(group, spoken(words), cut)


def _join_words() -> str:
    """Join the words that bash cut at `=`, and return what it keeps of the last one: it completes the part behind."""
    words = split_arg_string(os.environ["COMP_WORDS"])
    here = int(os.environ["COMP_CWORD"])
    joined: list[str] = []
    before = ""
    for word in [*words[:here], words[here] if here < len(words) else ""]:
        if joined and "=" in (before, word):
            joined[-1] += word
        else:
            joined.append(word)
        before = word
    os.environ |= {"COMP_WORDS": shlex.join(joined), "COMP_CWORD": str(len(joined) - 1)}
    last = joined[-1].partition("=")[2] if joined[-1].startswith("--") else joined[-1]
    return last[: last.rfind("=") + 1] if "=" in (before, *words[here - 1 : here]) else ""


def _teach(command: click.Command, lang: str, cut: str) -> None:
    command.short_help = _CLAUSE.split(command.short_help or "", maxsplit=1)[0]
    for param in command.params:
        if isinstance(param.type, click.types.StringParamType):
            param.type = Known(param, lang, cut)
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            child = command.get_command(context, name)
            if child is not None:
                _teach(child, lang, cut)


class Known(click.types.StringParamType):
    """A word on the command line of which the tool knows what it can be."""

    def __init__(self, param: click.Parameter, lang: str, cut: str) -> None:
        self._cut = cut
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
        return [
            CompletionItem(value.removeprefix(self._cut), help=text or None)
            for value, text in self._values(ctx, incomplete)
            if value.startswith(incomplete)
        ]

    def _values(self, ctx: click.Context, incomplete: str) -> Iterable[tuple[str, str]]:
        match self._called, self._param:
            case "ID=VALUE", _:
                return _answers(_texts(ctx, self._lang), incomplete)
            case "CHECK", _:
                return _rows(_texts(ctx, self._lang), "checks")
            case "A,B,C", _:
                return _fields(incomplete)
            case _, "device":
                return [(value, "") for value in ("android", "ios", "none")]
            case "ID", "id":
                return _rows(_texts(ctx, self._lang), "causes", "questions", "checks")
            case _, "cause":
                return [*_rows(_texts(ctx, self._lang), "causes"), ("entry_found", ""), ("unsettled", "")]
            case _, "platform":
                return _choices(_texts(ctx, self._lang), "client.platform")
            case _, "outcome":
                named = _texts(ctx, self._lang).knowledge.locale.items()
                start = "cases.outcome."
                return [(key.removeprefix(start), text.get(self._lang)) for key, text in named if key.startswith(start)]
        return ()


def _texts(ctx: click.Context, lang: str) -> Texts:
    """The texts of the knowledge that the line and the settings name; of the built-in one where that is of no use."""
    from tui.cli.options import load_knowledge

    folder: Any = ctx.params.get("knowledge") or ctx.params.get("folder")
    try:
        return Texts(load_knowledge(ctx.params.get("config"), folder)[0], lang)
    except InputError:
        return Texts(load(), lang)


def _rows(texts: Texts, *kinds: str) -> Iterator[tuple[str, str]]:
    from diagnostics.report.catalog import rows

    return ((row["id"], row["title"]) for kind in kinds for row in rows(texts, kind))


def _answers(texts: Texts, incomplete: str) -> Iterator[tuple[str, str]]:
    """The questions, each with `=`; of the only one that is meant, what it can be answered with.

    These are always several, so that no shell sets a space behind the `=`.
    """
    id_, equals, _ = incomplete.partition("=")
    questions = texts.knowledge.questions
    meant = [id_] if equals else [name for name in questions if name.startswith(id_)]
    if len(meant) > 1:
        yield from ((f"{name}=", title) for name, title in _rows(texts, "questions"))
        return
    for name in meant:
        if name in questions and not (questions[name].value or equals):
            yield f"{name}=", questions[name].text(texts.lang).title
        yield from ((f"{name}={value}", text) for value, text in _choices(texts, name))


def _choices(texts: Texts, id_: str) -> list[tuple[str, str]]:
    question = texts.knowledge.questions.get(id_)
    if question is None:
        return []
    return [*((choice.id, choice.get(texts.lang)) for choice in question.value), ("unknown", "")]


def _fields(incomplete: str) -> Iterator[tuple[str, str]]:
    """The fields of a report that do not stand there yet, behind those that do."""
    from diagnostics.report import Report

    before, comma, _ = incomplete.rpartition(",")
    left = (name for name in ("id", *Report.__struct_encode_fields__) if name not in before.split(","))
    return ((f"{before}{comma}{name}", "") for name in left)


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
