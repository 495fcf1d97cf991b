"""`--help`: every option of every command has a text, in both languages, and examples that are real."""

from __future__ import annotations

import re
import shlex

import click
import pytest

from diagnostics.knowledge import load
from tests.headless.doctor import inside
from tui.cli.group import COMMANDS, make_group

KNOWLEDGE = load()


def commands() -> dict[str, click.Command]:
    """Return every command and subcommand by its words."""
    group = make_group()
    found: dict[str, click.Command] = {"": group}
    for name in COMMANDS:
        command = group.get_command(click.Context(group), name)
        assert command is not None
        found[name] = command
        if isinstance(command, click.Group):
            found |= {f"{name} {sub}": child for sub, child in command.commands.items()}
    return found


ALL = commands()


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("name", sorted(ALL))
def test_a_help_says_what_it_is_for_has_a_text_for_every_option_and_ends_with_examples(name: str, lang: str) -> None:
    done = inside(*name.split(), f"--lang={lang}", "--help")
    assert done.code == 0, done.err
    if name in COMMANDS:
        assert KNOWLEDGE.locale[f"cli.{name}.about"].get(lang)[:20] in " ".join(done.out.split())
    if not name:
        assert [one for one in COMMANDS if not re.search(rf"(?m)^  {one} +\S", done.out)] == []
    examples = done.out.partition(KNOWLEDGE.say("cli.examples", lang))[2]
    assert examples.strip().startswith(f"weilidai-doctor {name}".strip()), done.out
    assert not re.search(r"\w_\n +\w|\w\n +_\w", done.out), "an id is broken in two"
    options = [one for one in ALL[name].get_params(click.Context(ALL[name])) if isinstance(one, click.Option)]
    for option in options:
        told = next((line for line in done.out.splitlines() if re.search(rf"(^|[ ,]){option.opts[0]}\b", line)), None)
        assert told is not None, option.opts
        at = done.out.index(told)
        block = re.split(r"\n  -|\n\n", done.out[at:], maxsplit=1)[0]
        said = re.sub(r"--?[\w-]+|[A-Z][A-Z_=|,]+|\[[^\]]*\]|none", "", block).strip(" ,\n")
        assert len(said) >= 2, (name, option.opts, block)
        if lang == "zh":
            assert re.search(r"[一-鿿]", said), (name, option.opts, block)
        else:
            assert not re.search(r"[一-鿿]", said), (name, option.opts, block)


def examples() -> list[tuple[str, str]]:
    return [
        (lang, line)
        for key, text in sorted(KNOWLEDGE.locale.items())
        if key.startswith("cli.") and key.endswith(".examples") and key != "cli.examples"
        for lang in ("zh", "en")
        for line in text.get(lang).splitlines()
    ]


def test_every_example_names_a_command_and_options_that_exist() -> None:
    for lang, line in examples():
        words = shlex.split(re.sub(r"^[A-Z_]+=\S+ ", "", line.rpartition("| ")[2].partition(" >")[0]))
        assert words[0] == "weilidai-doctor", line
        name = next((" ".join(words[1:end]) for end in (3, 2) if " ".join(words[1:end]) in ALL and words[1:]), "")
        known = {opt for one in ALL[name].get_params(click.Context(ALL[name])) for opt in one.opts}
        assert {word for word in words if word.startswith("--")} <= known, (lang, line)
