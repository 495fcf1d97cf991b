"""`check`: answers from everywhere, formats, exit codes, what-if."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from diagnostics.knowledge import load
from diagnostics.report.json_schema import make
from tests.headless.doctor import Done, inside, refused

if TYPE_CHECKING:
    from pathlib import Path


OFFLINE = ("check", "--offline", "--json")


def report(done: Done) -> dict[str, Any]:
    assert done.code in (0, 1), done
    found: dict[str, Any] = json.loads(done.out)
    jsonschema.Draft202012Validator(make("report", load())).validate(found)
    return found


def status(found: dict[str, Any], cause: str) -> str:
    return next(one["status"] for one in found["causes"] if one["id"] == cause)


def written(tmp_path: Path, answers: dict[str, object]) -> str:
    path = tmp_path / "answers.json"
    path.write_text(json.dumps({"answers": answers}), encoding="utf-8")
    return str(path)


def test_the_last_word_wins_file_then_options_then_set(tmp_path: Path) -> None:
    path = written(tmp_path, {"wechat.version": "8.0.1", "client.platform": "ios", "person.age": 17})
    args = ("--answers", path, "--wechat-version", "8.0.2", "--platform", "android", "--set", "person.age=35")
    found = report(inside(*OFFLINE, *args, "--set", "wechat.version=8.0.3"))
    told = {one["id"]: one["value"] for one in found["observations"]}
    assert told == {"wechat.version": "8.0.3", "client.platform": "android", "person.age": 35}


@pytest.mark.parametrize(
    ("text", "platform", "expected"),
    [
        ("MicroMessenger/8.0.49.2600(0x28003137) WeChat/arm64", "android", "ruled_out"),
        ("微信 ８．０．４９", None, "ruled_out"),
        ("7.0.22", None, "confirmed"),
        ("no version at all", None, "unknown"),
    ],
)
def test_the_version_in_any_form(text: str, platform: str | None, expected: str) -> None:
    found = report(inside(*OFFLINE, "--wechat-version", text))
    assert status(found, "wechat_outdated") == expected
    check = next(one for one in found["checks"] if one["id"] == "wechat.version")
    assert check["status"] == {"ruled_out": "pass", "confirmed": "fail", "unknown": "unknown"}[expected]
    assert check["data"].get("platform") == platform


@pytest.mark.parametrize(
    ("level", "answers", "code"),
    [("confirmed", "account.teen_mode=on", 1), ("likely", "account.teen_mode=on", 1), ("possible", "person.age=35", 1),
     ("confirmed", "person.student=yes", 0), ("likely", "person.student=yes", 1), ("likely", "person.age=35", 0)],
)  # fmt: skip
def test_fail_on_tells_scripts_whether_a_cause_stands(level: str, answers: str, code: int) -> None:
    done = inside(*OFFLINE, "--set", answers, "--fail-on", level)
    assert done.code == code
    assert done.err == ""
    assert report(done)["causes"]


def test_without_fail_on_the_exit_code_is_zero_whatever_is_found() -> None:
    assert inside(*OFFLINE, "--set", "person.age=17").code == 0


def test_what_if_is_told_beside_the_report() -> None:
    found = report(inside(*OFFLINE, "--set", "account.teen_mode=on", "--what-if", "account.teen_mode=off"))
    assert found["what_if"]["answers"] == {"account.teen_mode": "off"}
    assert {"cause": "teen_mode", "before": "confirmed", "after": "ruled_out"} in found["what_if"]["moves"]
    assert status(found, "teen_mode") == "confirmed"
    refused(inside(*OFFLINE, "--what-if", "account.teenmode=off"), "account.teen_mode")


@pytest.mark.parametrize("format_", ["json", "text", "markdown", "html", "short"])
def test_no_report_has_a_personal_number_that_was_pasted_with_a_version(format_: str) -> None:
    pasted = "wechat.version=微信 8.0.49，手机 13800138000，身份证 11010519491231002X"
    done = inside("check", "--offline", "--format", format_, "--set", pasted, "--what-if", pasted, "--lang", "zh")
    assert done.code == 0, done
    assert format_ == "short" or "8.0.49" in done.out
    assert not any(number in done.out for number in ("13800138000", "11010519491231002X"))


def test_answers_for_somebody_else_are_noted_as_such() -> None:
    found = report(inside(*OFFLINE, "--on-behalf", "--set", "person.age=17"))
    assert [one["source"] for one in found["observations"]] == ["operator"]


def test_what_is_read_is_never_written_over(tmp_path: Path) -> None:
    path = written(tmp_path, {"person.age": 35})
    file = tmp_path / "answers.json"
    had = file.read_bytes()
    for words in (
        ("check", "--offline", "--answers", path),
        ("questionnaire", "--format", "message", "--answers", path),
        ("calibrate", path),
    ):
        done = inside(*words, "-o", path)
        assert (done.code, done.err.count("\n")) == (2, 1), done.err
    assert file.read_bytes() == had


def test_answers_from_stdin() -> None:
    done = inside(*OFFLINE, "--answers", "-", stdin='{"answers": {"wechat.version": "微信 8.0.49"}}'.encode("utf-16"))
    assert status(report(done), "wechat_outdated") == "ruled_out"
    refused(inside(*OFFLINE, "--answers", "-", stdin=b""), "stdin:1:1")
    refused(inside(*OFFLINE, "--answers", "-", stdin=b"[" * 3_000_000), "stdin", "1000000")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ('{"answers": {"wechat.version": "“8.0”"}}'.encode("cp1252"), ("utf-8",)),
        (b'{"answers": {"person.agee": 1}}', ("person.agee", "did you mean person.age?")),
        (b'{"answers": ' + b"[" * 400_000, ("32 levels",)),
        (b'{"answers": {}', (":1:15", "JSON")),
        (b"", (":1:1", "JSON")),
        (b"\x00" * 100, ()),
    ],
)
def test_an_answers_file_that_cannot_be_used(tmp_path: Path, data: bytes, words: tuple[str, ...]) -> None:
    path = tmp_path / "bad.json"
    path.write_bytes(data)
    refused(inside(*OFFLINE, "--answers", str(path)), str(path), *words)


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("--answers", "/proc/nowhere/a.json"), ("/proc/nowhere/a.json", "No such file")),
        (("--answers", "/"), ("/",)),
        (("--answers", "a\0b"), ()),
        (("--set", "person.age"), ("ID=VALUE",)),
        (("--set", "person.age=abc"), ("person.age", "abc")),
        (("--set", "peson.age=1"), ("did you mean person.age?",)),
        (("--platform", "androd"), ("client.platform", "did you mean android?")),
        (("--lang", "fr"), ("--lang", "fr")),
        (("--fail-on", "unknown"), ("--fail-on",)),
        (("--timeout", "0"), ("--timeout",)),
        (("--timeout", "nan"), ("--timeout",)),
        (("--timeout", "601"), ("--timeout",)),
        (("--only", "network.reachabilty"), ("did you mean network.reachability?",)),
        (("--skip", "x"), ("x",)),
        (("--target", "ftp://x/"), ("--target",)),
        (("--target", ""), ("--target",)),
        (("--format", "pdf"), ("--format",)),
        (("--format", "text"), ("--json", "text")),
        (("--ofline",), ("--ofline", "--offline")),
        (("extra",), ("extra",)),
        (("--answers",), ("--answers",)),
        (("--config", "/proc/nowhere.toml"), ("/proc/nowhere.toml",)),
        (("--knowledge", "/proc/nowhere"), ("/proc/nowhere",)),
    ],
)
def test_wrong_usage_is_one_line_that_names_the_place(args: tuple[str, ...], words: tuple[str, ...]) -> None:
    for lang in ("en", "zh"):
        first = () if args[0] == "--lang" else ("--lang", lang)
        refused(inside(*OFFLINE, *first, *args), *(words if lang == "en" else ()))


def test_wrong_usage_is_told_in_the_language_of_the_settings(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    for lang, words in (("en", "unknown check"), ("zh", "没有这项检查")):
        path.write_text(f"[settings]\nlang = '{lang}'\n", encoding="utf-8")
        refused(inside("check", "--offline", "--config", str(path), "--only", "dns"), words)
        refused(inside("check", "--lang", "en", "--config", str(path), "--only", "dns"), "unknown check")


def test_a_minimum_of_the_desks_own(tmp_path: Path) -> None:
    path = tmp_path / "desk.toml"
    path.write_text('[settings]\nfail_on = "confirmed"\nminimum.wechat.android = "8.0.50"\n', encoding="utf-8")
    done = inside(*OFFLINE, "--config", str(path), "--wechat-version", "8.0.49", "--platform", "android")
    cause = next(one for one in report(done)["causes"] if one["id"] == "wechat_outdated")
    assert (done.code, cause["status"], cause["confidence"]) == (1, "confirmed", "operator")


@pytest.mark.parametrize("format_", ["text", "json", "markdown", "html"])
def test_each_format_goes_to_stdout_or_whole_into_a_file(tmp_path: Path, format_: str) -> None:
    out = inside("check", "--offline", "--format", format_, "--set", "person.age=17")
    assert out.code == 0
    assert len(out.out) > 500
    path = tmp_path / "report"
    path.write_text("old", encoding="utf-8")
    done = inside("check", "--offline", "--format", format_, "--set", "person.age=17", "-o", str(path))
    assert path.stat().st_mode & 0o077 == 0  # somebody's answers: for their owner alone
    assert done == Done(0, "", "")
    assert len(path.read_text(encoding="utf-8")) > 500
    assert sorted(one.name for one in tmp_path.iterdir()) == ["home", "report"]


def test_only_and_skip_choose_the_checks() -> None:
    found = report(inside("check", "--json", "--only", "wechat.version", "--wechat-version", "8.0.49"))
    assert {one["id"]: one["status"] for one in found["checks"]}["wechat.version"] == "pass"
    assert {one["status"] for one in found["checks"] if one["id"] != "wechat.version"} == {"skipped"}
    found = report(inside(*OFFLINE, "--skip", "wechat.version", "--wechat-version", "8.0.49"))
    assert {one["id"]: one["status"] for one in found["checks"]}["wechat.version"] == "skipped"
