"""`list`, `explain`, `schema`, `parse-version`, `config`: shapes that scripts rely on."""

import json
import os
import re
import shlex
from pathlib import Path
from typing import Any

import pytest

from diagnostics.checks.registry import check_ids
from diagnostics.knowledge import load
from tests.headless.doctor import inside, refused, shell
from tests.rows import rows

KNOWLEDGE = load()


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(
    ("kind", "ids"),
    [("causes", {*KNOWLEDGE.causes}), ("questions", {*KNOWLEDGE.questions}), ("checks", {*check_ids()})],
)
def test_list_names_everything_as_text_and_as_json(kind: str, ids: set[str], lang: str) -> None:
    found = json.loads(inside("list", kind, "--json", "--lang", lang).out)
    assert {row["id"] for row in found} == ids
    assert all(row["title"] for row in found)
    text = inside("list", kind, "--lang", lang).out
    assert {line.split()[0] for line in text.splitlines()} == ids
    assert all(row["title"] in text for row in found)


@pytest.mark.parametrize("id_", ["teen_mode", "person.age", "network.reachability"])
def test_explain_says_the_same_as_text_and_as_json(id_: str) -> None:
    found = json.loads(inside("explain", id_, "--json").out)
    assert found["id"] == id_
    text = inside("explain", id_).out
    assert found["title"] in text
    for key in ("meaning", "speaks_for", "speaks_against", "ask", "why", "about"):
        assert found.get(key, "") in text


def test_explain_with_answers_replays_the_reasoning() -> None:
    found = json.loads(inside("explain", "teen_mode", "--json", "--set", "account.teen_mode=on").out)
    assert (found["status"], found["because"][0]["observation"]) == ("confirmed", "account.teen_mode")
    assert found["would_change"][0]["question"] == "account.teen_mode"
    one = json.loads(inside("explain", "account.teen_mode", "--json", "--set=account.teen_mode=on").out)
    assert one["asked"] == "answered"
    assert "confirmed" in inside("explain", "teen_mode", "--set", "account.teen_mode=on").out.lower()


@pytest.mark.parametrize("row", rows("lines.toml#group"), ids=lambda row: f"{row['name']}: {row['line'][:80]}")
def test_a_line_ends_and_says_what_the_table_has(row: dict[str, Any]) -> None:
    done = inside(*shlex.split(row["line"]), stdin=row.get("stdin", "").encode())
    assert done.code == row.get("code", 0), done
    for wanted, said in ((row.get("out", []), done.out), (row.get("err", []), done.err)):
        assert wanted == said if isinstance(wanted, str) else [words for words in wanted if words not in said] == []
    assert [words for words in row.get("unsaid", ()) if words in done.out + done.err] == []


@pytest.mark.parametrize("row", rows("refused.toml#refused"), ids=lambda row: row[0])
def test_what_cannot_be_used_is_one_line_that_names_the_place_or_the_nearest_word(row: list[str]) -> None:
    line, *words = row
    refused(inside(*shlex.split(line)), *words)
    chinese = inside(*shlex.split(line), env={"LANG": "zh_CN.UTF-8"})
    refused(chinese)
    assert re.search("[一-鿿]", chinese.err) or "--lang en" in line or "\0" in line  # which nobody can type


def test_parse_version_answers_for_each_text_in_order() -> None:
    texts = [
        "MicroMessenger/8.0.49.2600(0x28003137)",
        "微信 ８．０．４９",
        "nothing",
        "",
        "\x1b[2J8.0.50",
        "--",
        "x" * 9000,
    ]
    done = inside("parse-version", "--json", "--", *texts)
    found = json.loads(done.out)
    assert done.code == 0
    assert [one["version"] for one in found] == ["8.0.49", "8.0.49", None, None, "8.0.50", None, None]
    assert (found[0]["build"], found[0]["platform"], found[0]["error"]) == ("2600", "android", None)
    assert [one["error"] is None for one in found] == [one["version"] is not None for one in found]
    for one in found:
        assert {"input", "version", "build", "platform", "form", "error"} <= set(one)
        assert len(one["input"]) < 5000
    assert "\x1b" not in inside("parse-version", "--", *texts).out


def test_parse_version_reads_a_whole_log_from_stdin() -> None:
    log = b"x" * 5_000_000 + "\n微信 8.0.49\n".encode() + b"y" * 5_000_000
    done = inside("parse-version", "--json", "-", "8.0.50", stdin=log)
    assert done.code == 0
    assert [one["version"] for one in json.loads(done.out)] == ["8.0.49", "8.0.50"]
    refused(inside("parse-version", "--json", "-", stdin=log + b"\xff" * 9), "stdin", "UTF-8")


def test_parse_version_leaves_a_text_of_another_locale_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsencode", lambda text: text.encode("gbk"))  # as under zh_CN.GBK
    assert inside("parse-version", "微信 8.0.49").out == "微信 8.0.49: 8.0.49 (labelled_number)\n"


def shown(*words: str) -> dict[str, tuple[object, str]]:
    """Return each setting's value and where it comes from."""
    return {
        row["name"]: (row["value"], row["source"]) for row in json.loads(inside("config", "show", "--json", *words).out)
    }


def written(folder: Path, text: str) -> str:
    (folder / "config.toml").write_text(text, encoding="utf-8")
    return str(folder / "config.toml")


def test_config_show_says_where_each_value_comes_from(tmp_path: Path) -> None:
    mark = "\ufeff"  # as Windows editors set it
    file = written(tmp_path, mark + '[settings]\npurge_days = 90\nknowledge = "gone"\n')
    found = shown(f"--config={file}")
    assert found["purge_days"] == (90, file)  # the default as well
    assert found["knowledge"] == ("gone", file)
    assert found["timeout"] == (None, "default")
    assert "默认" in inside("config", "show", "--lang", "zh").out


def test_config_show_refuses_the_names_that_every_command_refuses(tmp_path: Path) -> None:
    file = written(tmp_path, '[settings.limits]\n"debt.open_lons" = 3\n')
    for command in (("config", "show"), ("list", "causes")):
        told = inside(*command, "--lang", "en", f"--config={file}")
        refused(told, f"{file}:2", "did you mean debt.open_loans?")


def test_what_the_environment_says_is_used_or_refused_by_name() -> None:
    own = "WEILIDAI_DOCTOR_"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(f"{own}TARGETS", "https://a.test/, https://b.test/")
        patch.setenv(f"{own}TIMEOUT", "3")
        assert shown()["targets"] == (["https://a.test/", "https://b.test/"], f"{own}TARGETS")
        assert shown()["timeout"] == (3.0, f"{own}TIMEOUT")
    for name, value, words, command in (
        ("TIMEOUT", "x", (), ("config", "show")),
        ("TARGETS", "ftp://a.test/", ("ftp",), ("check",)),
        ("TIMEUOT", "3", (f"did you mean {own}TIMEOUT?",), ("check", "--offline")),
        ("LIMITS", "3", ("settings file",), ("list", "causes")),
    ):
        refused(inside(*command, env={own + name: value}), own + name, *words)


def test_a_word_that_is_no_text_is_refused_or_read_as_far_as_it_is(tmp_path: Path) -> None:
    store = f"--store {tmp_path}/cases.db"
    assert shell(f"doctor ask --offline --on-behalf {store} --set account.teen_mode=on < /dev/null").code == 0
    refused(shell(f"doctor cases list {store} --tag $'\\xff'"), "encoding")
    read = shell(
        "doctor parse-version '微信 ８．０．４９'", {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    )
    assert read.out == "微信 ８．０．４９: 8.0.49 (labelled_number)\n"


def test_the_version() -> None:
    from diagnostics import __version__

    assert inside("--version").out == f"weilidai-doctor {__version__}\n"
