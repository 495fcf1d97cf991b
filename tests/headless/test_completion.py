"""Completion in the shells: commands, options, ids, answers, fields, files."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pexpect
import pytest

from diagnostics.checks.registry import check_ids
from diagnostics.knowledge import load
from tests.headless.doctor import PATIENCE, SCRIPT, inside, refused, shell

if TYPE_CHECKING:
    from pathlib import Path


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


def test_a_comma_is_part_of_a_value_in_fish() -> None:
    assert 'split -m 1 ","' in inside("completion", "fish").out
    refused(inside("completion", "tcsh"), "bash", "zsh", "fish")


def test_ids_are_completed_wherever_one_is_taken() -> None:
    knowledge = load()
    assert {*values("weilidai-doctor explain ")} == {*knowledge.causes, *knowledge.questions, *check_ids()}
    assert values("weilidai-doctor check --only phone") == ["phone.android", "phone.ios"]
    assert values("weilidai-doctor check --set person.a") == ["person.age=", "person.age=unknown"]
    assert values("weilidai-doctor check --set client.k")[:2] == ["client.kind=phone", "client.kind=tablet"]
    assert {"client.kind=", "client.platform="} <= {*values("weilidai-doctor check --set client.")}
    assert values("weilidai-doctor check --platform ha") == ["harmony"]
    assert values("weilidai-doctor cases close x teen") == ["teen_mode"]
    assert values("weilidai-doctor cases close x uns") == ["unsettled"]
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
