"""`--help`: every option of every command has a text, in both languages, and examples that are real."""

import os
import re
import shlex
from pathlib import Path

import click
import pexpect
import pytest

from diagnostics.checks.registry import check_ids
from diagnostics.knowledge import load
from tests.headless.doctor import PATIENCE, SCRIPT, commands, inside, shell
from tui.cli.group import COMMANDS

KNOWLEDGE = load()


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


def asked(line: str, kind: str = "bash", **env: str) -> list[str]:
    """Return what the tool offers the shell for a line of which the last word (maybe empty) is to be completed."""
    words = line.split(" ")
    told = {"_WEILIDAI_DOCTOR_COMPLETE": f"{kind}_complete", "COMP_WORDS": line, "COMP_CWORD": str(len(words) - 1)}
    done = inside(env=told | ({"COMP_CWORD": words[-1]} if kind == "fish" else {}) | env)
    assert (done.code, done.err) == (0, ""), done
    return [text for text in done.out.splitlines() if text]


def values(line: str) -> list[str]:
    return [text.partition(",")[2] for text in asked(line)]


@pytest.mark.parametrize(
    ("kind", "check"), [("bash", "bash -n"), ("zsh", "grep -q compdef"), ("fish", "grep -q complete")]
)
def test_completion_is_a_script_of_that_shell(kind: str, check: str) -> None:
    assert shell(f"doctor completion {kind} | {check}; exit $((${{PIPESTATUS[0]}} + ${{PIPESTATUS[1]}}))").code == 0


def test_ids_are_completed_wherever_one_is_taken() -> None:
    knowledge = load()
    assert {*values("weilidai-doctor explain ")} == {*knowledge.causes, *knowledge.questions, *check_ids()}
    assert values("weilidai-doctor check --only phone") == ["phone.android", "phone.ios"]
    assert values("weilidai-doctor check --set person.a") == ["person.age=", "person.age=unknown"]
    assert values("weilidai-doctor check --set client.k")[:2] == ["client.kind=phone", "client.kind=tablet"]
    assert {"client.kind=", "client.platform="} <= {*values("weilidai-doctor check --set client.")}
    assert values("weilidai-doctor cases close x teen") == ["teen_mode"]
    assert values("weilidai-doctor cases list --cause wechat_o") == ["wechat_outdated"]


def test_a_desk_completes_its_own_ids(tmp_path: Path) -> None:
    (tmp_path / "questions.toml").write_text(
        '[[question]]\nid = "desk.own"\ntype = "choice"\n'
        + "".join(
            f'[question.{lang}]\ntitle = "t"\nask = "a"\nabout = "b"\nsay = "s"\nhow = "h"\nwhy = "w"\n'
            for lang in ("zh", "en")
        )
        + '[[question.value]]\nid = "yes"\nzh = "y"\nen = "y"\n',
        encoding="utf-8",
    )
    assert values(f"weilidai-doctor explain --knowledge {tmp_path} desk.") == ["desk.own"]
    assert values("weilidai-doctor explain --knowledge /nowhere teen") == ["teen_mode"]


def test_beside_a_word_stands_what_it_means_in_the_persons_language() -> None:
    assert asked("weilidai-doctor explain teen", "fish") == ["plain,teen_mode\tMinors' Mode (Teen Mode) is on"]
    assert asked("weilidai-doctor explain teen", "zsh", LANG="zh_CN.UTF-8") == [
        "plain",
        "teen_mode",
        "未成年人模式（青少年模式）开着",
    ]
    shown = asked("weilidai-doctor ", "fish")
    assert "plain,list\tList the causes, questions, checks or newest versions that the tool knows" in shown
    assert max(map(len, shown)) < 90


def test_a_word_that_cannot_be_is_no_noise_on_the_line() -> None:
    assert asked("weilidai-doctor chek x") == []
    assert asked("weilidai-doctor check --config /nowhere --only phone.a") == ["plain,phone.android"]
    assert asked("weilidai-doctor check --set nosuch=") == []


def test_bash_itself_completes(tmp_path: Path) -> None:
    (tmp_path / "answers.json").touch()
    (tmp_path / "deskfolder").mkdir()
    env = os.environ | {"PATH": f"{os.path.dirname(SCRIPT)}:{os.environ['PATH']}", "TERM": "dumb", "PS1": "ready> "}  # noqa: PTH120
    bash = pexpect.spawn(
        "bash", ["--norc", "--noprofile", "-i"], cwd=tmp_path, env=env, encoding="utf-8", timeout=PATIENCE,
        dimensions=(24, 200),
    )  # fmt: skip
    bash.sendline("source <(weilidai-doctor completion bash); echo loa''ded")
    bash.expect("loaded")
    for typed, becomes in (
        ("sche", "schema "), ("check --offl", "--offline "), ("check --set person.a", "\x07ge="),
        ("check --answers an", "answers.json "), ("list causes --knowledge de", "deskfolder/"),
    ):  # fmt: skip
        bash.send(f"weilidai-doctor {typed}\t")
        bash.expect_exact(becomes)
        bash.send("\x03")
        bash.expect_exact("ready> ")
    bash.close(force=True)
