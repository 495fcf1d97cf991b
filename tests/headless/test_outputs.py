"""`list`, `explain`, `schema`, `parse-version`, `config`: shapes that scripts rely on."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import jsonschema
import pytest

from diagnostics.checks.registry import check_ids
from diagnostics.knowledge import load
from tests.headless.doctor import Done, inside, refused, shell

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Call = Callable[..., Done]

KNOWLEDGE = load()


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(
    ("kind", "ids"),
    [("causes", {*KNOWLEDGE.causes}), ("questions", {*KNOWLEDGE.questions}), ("checks", {*check_ids()})],
)
def test_list_names_everything_as_text_and_as_json(call: Call, kind: str, ids: set[str], lang: str) -> None:
    found = json.loads(call("list", kind, "--json", "--lang", lang).out)
    assert {row["id"] for row in found} == ids
    assert all(row["title"] for row in found)
    text = call("list", kind, "--lang", lang).out
    assert {line.split()[0] for line in text.splitlines()} == ids
    assert all(row["title"] in text for row in found)


def test_list_refuses_another_kind(call: Call) -> None:
    refused(call("list", "reasons"), "causes", "questions", "checks")
    refused(call("list"), "--help")


@pytest.mark.parametrize(
    ("id_", "words"),
    [("wechat.version", "any text"), ("activity.services", "separated by commas; empty for none"),
     ("person.age", "0 – 130"), ("credit.overdue", "settled")],
)  # fmt: skip
def test_explain_says_how_a_question_of_each_kind_is_answered(call: Call, id_: str, words: str) -> None:
    answers = call("explain", id_, "--lang", "en").out.partition("\nAnswers\n")[2].partition("\n\n")[0]
    assert words in answers
    assert answers.endswith("unknown  don't know")


@pytest.mark.parametrize("id_", ["teen_mode", "person.age", "network.reachability"])
def test_explain_says_the_same_as_text_and_as_json(call: Call, id_: str) -> None:
    found = json.loads(call("explain", id_, "--json").out)
    assert found["id"] == id_
    text = call("explain", id_).out
    assert found["title"] in text
    for key in ("meaning", "speaks_for", "speaks_against", "ask", "why", "about"):
        assert found.get(key, "") in text


def test_explain_with_answers_replays_the_reasoning(call: Call) -> None:
    found = json.loads(call("explain", "teen_mode", "--json", "--set", "account.teen_mode=on").out)
    assert (found["status"], found["because"][0]["observation"]) == ("confirmed", "account.teen_mode")
    assert found["would_change"][0]["question"] == "account.teen_mode"
    for answers, asked in ((("account.teen_mode=on",), "answered"), (("entry.services_menu=not_shown",), None)):
        one = json.loads(call("explain", "account.teen_mode", "--json", *(f"--set={told}" for told in answers)).out)
        assert one["asked"] == (asked or one["asked"])
        assert one["asked"] in ("answered", "skipped", "next", "later")
    assert "confirmed" in call("explain", "teen_mode", "--set", "account.teen_mode=on").out.lower()


def test_explain_names_the_nearest_id(call: Call) -> None:
    refused(call("explain", "teen_mod"), "did you mean teen_mode?")
    refused(call("explain", "teen_mode", "--set", "account.teen_mode=maybe"), "account.teen_mode")
    refused(call("explain", "\x1b[2J"))


@pytest.mark.parametrize("name", ["report", "answers", "batch"])
def test_a_schema_is_a_schema(call: Call, name: str) -> None:
    schema = json.loads(call("schema", name).out)
    jsonschema.Draft202012Validator.check_schema(schema)
    assert name in schema["$id"]
    refused(call("schema", "reports"), "report")


def test_parse_version_answers_for_each_text_in_order(call: Call) -> None:
    texts = [
        "MicroMessenger/8.0.49.2600(0x28003137)",
        "微信 ８．０．４９",
        "nothing",
        "",
        "\x1b[2J8.0.50",
        "--",
        "x" * 9000,
    ]
    done = call("parse-version", "--json", "--", *texts)
    found = json.loads(done.out)
    assert done.code == 0
    assert [one["version"] for one in found] == ["8.0.49", "8.0.49", None, None, "8.0.50", None, None]
    assert (found[0]["build"], found[0]["platform"], found[0]["error"]) == ("2600", "android", None)
    assert [one["error"] is None for one in found] == [one["version"] is not None for one in found]
    for one in found:
        assert {"input", "version", "build", "platform", "form", "error"} <= set(one)
        assert len(one["input"]) < 5000
    assert "\x1b" not in call("parse-version", "--", *texts).out


def test_parse_version_reads_a_whole_log_from_stdin() -> None:
    log = b"x" * 5_000_000 + "\n微信 8.0.49\n".encode() + b"y" * 5_000_000
    done = inside("parse-version", "--json", "-", "8.0.50", stdin=log)
    assert done.code == 0
    assert [one["version"] for one in json.loads(done.out)] == ["8.0.49", "8.0.50"]
    refused(inside("parse-version", "--json", "-", stdin=log + b"\xff" * 9), "stdin", "UTF-8")


def test_parse_version_leaves_a_text_of_another_locale_as_it_is(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsencode", lambda text: text.encode("gbk"))  # as under zh_CN.GBK
    assert call("parse-version", "微信 8.0.49").out == "微信 8.0.49: 8.0.49 (labelled_number)\n"


def test_parse_version_needs_a_text(call: Call) -> None:
    refused(call("parse-version"), "TEXT")


def test_config_show_says_where_each_value_comes_from(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEILIDAI_DOCTOR_TIMEOUT", "3")
    found = {row["name"]: row for row in json.loads(call("config", "show", "--json").out)}
    assert (found["timeout"]["value"], found["timeout"]["source"]) == (3.0, "WEILIDAI_DOCTOR_TIMEOUT")
    assert found["lang"]["source"] == "default"
    monkeypatch.setenv("WEILIDAI_DOCTOR_TIMEOUT", "x")
    refused(call("config", "show"), "WEILIDAI_DOCTOR_TIMEOUT")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[settings.minimum.wechat]\nandriod = "8"\n', (":2", "did you mean android?")),
        ('[settings.limits]\n"debt.open_lons" = 3\n', (":2", "did you mean debt.open_loans?")),
    ],
)
def test_config_show_refuses_the_names_that_every_command_refuses(
    call: Call, tmp_path: Path, text: str, words: tuple[str, ...]
) -> None:
    file = tmp_path / "config.toml"
    file.write_text(text, encoding="utf-8")
    for command in (("config", "show"), ("list", "causes")):
        refused(call(*command, "--lang", "en", f"--config={file}"), str(file), *words)


def test_config_show_tells_where_a_folder_of_knowledge_that_is_gone_was_named(call: Call, tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text('[settings]\nknowledge = "gone"\n', encoding="utf-8")
    found = {row["name"]: row for row in json.loads(call("config", "show", "--json", f"--config={file}").out)}
    assert found["knowledge"] == {"name": "knowledge", "value": "gone", "source": str(file)}


def test_config_show_names_the_file_for_a_value_that_is_the_default_as_well(call: Call, tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text("\ufeff[settings]\npurge_days = 90\n", encoding="utf-8")  # with a mark, as Windows editors set it
    found = {row["name"]: row["source"] for row in json.loads(call("config", "show", "--json", f"--config={file}").out)}
    assert (found["purge_days"], found["timeout"]) == (str(file), "default")
    assert "默认" in call("config", "show", "--lang", "zh").out


def test_what_the_environment_says_is_used_or_refused_by_name(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEILIDAI_DOCTOR_TARGETS", "https://a.test/, https://b.test/")
    found = {row["name"]: row for row in json.loads(call("config", "show", "--json").out)}["targets"]
    assert found["value"] == ["https://a.test/", "https://b.test/"]
    assert found["source"] == "WEILIDAI_DOCTOR_TARGETS"
    monkeypatch.setenv("WEILIDAI_DOCTOR_TARGETS", "ftp://a.test/")
    refused(call("check"), "WEILIDAI_DOCTOR_TARGETS", "ftp")
    monkeypatch.delenv("WEILIDAI_DOCTOR_TARGETS")
    monkeypatch.setenv("WEILIDAI_DOCTOR_TIMEUOT", "3")
    refused(call("check", "--offline"), "WEILIDAI_DOCTOR_TIMEUOT", "did you mean WEILIDAI_DOCTOR_TIMEOUT?")
    monkeypatch.delenv("WEILIDAI_DOCTOR_TIMEUOT")
    monkeypatch.setenv("WEILIDAI_DOCTOR_LIMITS", "3")
    refused(call("list", "causes"), "WEILIDAI_DOCTOR_LIMITS", "settings file")


def test_a_choice_that_is_none_names_the_nearest(call: Call) -> None:
    refused(call("list", "cuases"), "did you mean causes?")
    refused(call("schema", "reports", "--lang", "en"), "did you mean report?")
    refused(call("check", "--format", "jsno", "--lang", "zh"), "您是想写 json 吗")


def test_a_word_that_is_no_text_is_refused_or_read_as_far_as_it_is(tmp_path: Path) -> None:
    store = f"--store {tmp_path}/cases.db"
    assert shell(f"doctor ask --offline --on-behalf {store} --set account.teen_mode=on < /dev/null").code == 0
    refused(shell(f"doctor cases list {store} --tag $'\\xff'"), "encoding")
    read = shell(
        "doctor parse-version '微信 ８．０．４９'", {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    )
    assert read.out == "微信 ８．０．４９: 8.0.49 (labelled_number)\n"


def test_the_version(call: Call) -> None:
    from diagnostics import __version__

    assert call("--version").out == f"weilidai-doctor {__version__}\n"
