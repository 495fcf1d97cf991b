"""`check`: answers from everywhere, formats, exit codes, what-if."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from diagnostics.knowledge import load
from diagnostics.report.catalog import json_schema
from tests.headless.doctor import Done, inside, refused
from tests.lab.net import servers
from tests.lab.net.servers import Here
from tests.lab.tcp import nobody

OFFLINE = ("check", "--offline", "--json")


def report(done: Done) -> dict[str, Any]:
    assert done.code in (0, 1), done
    found: dict[str, Any] = json.loads(done.out)
    jsonschema.Draft202012Validator(json_schema("report", load())).validate(found)
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


def test_what_if_is_told_beside_the_report() -> None:
    found = report(inside(*OFFLINE, "--set", "account.teen_mode=on", "--what-if", "account.teen_mode=off"))
    assert found["what_if"]["answers"] == {"account.teen_mode": "off"}
    assert {"cause": "teen_mode", "before": "confirmed", "after": "ruled_out"} in found["what_if"]["moves"]
    assert status(found, "teen_mode") == "confirmed"


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


@pytest.mark.parametrize(("name", "shown"), [
    ("passwd/a1.json", "passwd/a1.json"), ("密码/ab12345.json", "密码/ab12345.json"), ("deep/passwd", "deep/passwd"),
    ("token/13962957481.json", "token/<mobile>.json"), ("http://u:s3cret@h/passwd/a1", "<secret>@h"),
    ("password=s3cret1/a", "password=<secret>"),
])  # fmt: skip
@pytest.mark.parametrize("option", ["--answers", "--story", "--config", "--knowledge", "-o"])
def test_a_file_that_was_named_is_named_again_but_no_number_and_no_password(tmp_path, option, name, shown) -> None:
    file = name if "://" in name else f"{tmp_path}/{name}"
    refusal = inside("check", "--offline", "--lang=en", option, file)
    assert shown in refusal.err
    assert "s3cret" not in refusal.err
    assert "13962957481" not in refusal.err


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


@pytest.mark.parametrize("shared", ["yes", "unknown"])
def test_a_target_that_refuses_is_likely_the_reason_where_the_network_is_shared(shared: str) -> None:
    with nobody() as port:
        words = ("--device", "none", "--target", f"http://127.0.0.1:{port}/", f"--set=network.same_network={shared}")
        told = report(inside("check", "--json", "--timeout", "20", *words))
    found = next(one for one in told["checks"] if one["id"] == "network.reachability")
    assert [found[part] for part in ("status", "verdict", "operation", "failure")] == [
        "fail", "tcp.refused", "connect", "connection_refused",
    ]  # fmt: skip
    cause = next(one for one in told["causes"] if one["id"] == "network_unreachable")
    assert cause["status"] == ("likely" if shared == "yes" else "unknown")
    assert shared != "yes" or {why["observation"] for why in cause["because"]} >= {"network.reachability"}


def test_many_silent_targets_share_one_deadline_and_each_is_named() -> None:
    with Here() as here:
        ports = [here.serve(handle) for handle in (servers.silent, servers.silent, servers.http())]
        urls = [f"{scheme}://127.0.0.1:{port}/" for scheme, port in zip(("https", "http", "http"), ports, strict=True)]
        words = [word for url in urls for word in ("--target", url)]
        for _ in range(3):  # a busy machine may be late once, a deadline that does not hold is missed each time
            told = report(inside("check", "--json", "--device", "none", "--timeout", "5", *words))
            found = next(one for one in told["checks"] if one["id"] == "network.reachability")
            if found["duration_ms"] <= 5_500:
                break
    assert found["duration_ms"] <= 5_500
    rows = [(row["target"], row["verdict"]) for row in found["data"]["targets"]]
    assert rows == list(zip(urls, ("tls.timeout", "http.timeout", "ok"), strict=True))
