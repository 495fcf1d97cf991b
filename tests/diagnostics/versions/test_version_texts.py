"""Every text of tests/data, read as it must be; whose a version is, only where no other competes.

In versions.toml are texts of people and machines; in version_rules.jsonl those on both sides of each rule's boundary.
"""

import re
from typing import Any, get_args

import msgspec
import pytest

from diagnostics import diagnose
from diagnostics.versions import (
    Platform,
    SystemReading,
    VersionReading,
    parse_system_version,
    parse_wechat_version,
    tables,
)
from tests.rows import each, rows

_DATA: dict[str, list[dict[str, str]]] = rows("versions.toml")
_RULES = rows("version_rules.jsonl")
_WECHAT_KEYS = ("version", "build", "platform", "form", "reason")
_SYSTEM_KEYS = ("version", "platform", "name", "reason")


def _wrong(cases: list[dict[str, str]], parse: Any, keys: tuple[str, ...]) -> list[str]:
    wrong = []
    for case in cases:
        reading = parse(case["text"])
        want = {key: case.get(key) for key in keys}
        got = {key: getattr(reading, key) for key in keys}
        if got["reason"] == "doubt":  # read, and to be confirmed by the person
            got["reason"] = None
        if "sure" in case:
            want["sure"], got["sure"] = case["sure"], reading.sure
        told = rf"(?<![A-Za-z0-9./]){re.escape(case.get('says', ''))}"  # 7.0.20, and not MicroMessenger/7.0.20
        if want != got or not re.search(told, reading.error or ""):
            wrong.append(f"{case['text'][-120:]!r}: want {want}, {case.get('says')}; got {got}, {reading.error}")
    return wrong


def test_all_texts_are_read_as_written_down() -> None:
    assert _wrong(_DATA["wechat"], parse_wechat_version, _WECHAT_KEYS) == []
    assert _wrong(_DATA["system"], parse_system_version, _SYSTEM_KEYS) == []


@pytest.mark.parametrize("rule", dict.fromkeys(row["rule"] for row in _RULES))
def test_each_rule_holds_on_both_sides_of_its_boundary(rule: str) -> None:
    parse, keys = (parse_system_version, _SYSTEM_KEYS) if rule == "system" else (parse_wechat_version, _WECHAT_KEYS)
    assert _wrong([row for row in _RULES if row["rule"] == rule], parse, keys) == []


def test_the_data_cover_every_form_and_platform() -> None:
    texts = [case["text"] for case in _DATA["wechat"]]
    assert len(texts) >= 150
    assert len(set(texts)) == len(texts)
    assert all(case["source"] for cases in _DATA.values() for case in cases)
    assert {case["form"] for case in _DATA["wechat"]} == set(get_args(tables.Form))
    assert {case["platform"] for case in _DATA["wechat"] if "platform" in case} == set(get_args(Platform))


@pytest.mark.parametrize(
    ("lang", "said"),
    [("zh", "这是企业微信"), ("en", "This is WeCom"), ("en_US", "This is WeCom"), ("", "这是企业微信")],
)
def test_errors_speak_the_language(lang: str, said: str) -> None:
    assert (parse_wechat_version("企业微信 4.1.20", lang).error or "").startswith(said)


def test_every_error_exists_in_both_languages_without_a_hole() -> None:
    for kind, parse in (("wechat", parse_wechat_version), ("system", parse_system_version)):
        for case in _DATA[kind]:
            zh, en = parse(case["text"], "zh").error, parse(case["text"], "en").error
            assert (zh is None) == (en is None)
            for text in filter(None, (zh, en)):
                assert "{" not in text
                assert "  " not in text
            assert zh is None or zh != en


def test_the_json_has_the_keys_of_the_contract_first() -> None:
    reading = parse_wechat_version("MicroMessenger/8.0.49.2600(0x28003137)")
    decoded = msgspec.json.decode(msgspec.json.encode(reading))
    assert list(decoded)[:6] == ["input", "version", "build", "platform", "form", "error"]
    assert list(decoded.values()) == [
        "MicroMessenger/8.0.49.2600(0x28003137)", "8.0.49", "2600", "android", "user_agent", None, None, True,
    ]  # fmt: skip
    assert msgspec.convert(decoded, VersionReading) == reading
    system = parse_system_version("Android 13")
    assert msgspec.convert(msgspec.to_builtins(system), SystemReading) == system


def test_the_input_and_the_error_come_back_clean_and_bounded() -> None:
    assert parse_wechat_version("8.0.49\x1b[2J").input == "8.0.49�[2J"
    assert len(parse_wechat_version("9" * 1_000_000).input) < 5_000
    assert parse_system_version("Android 13\x00").input == "Android 13�"
    assert "\x1b" not in (parse_wechat_version("QQ\x1b[31m 9.0.1").error or "\x1b")


def test_an_api_level_is_its_android_version() -> None:
    assert list(tables.TABLES.api_levels) == list(range(21, 37))
    assert [parse_system_version(f"Android API {level}").version for level in (31, 33, 36)] == ["12", "13", "16"]


@each("assessed.toml#competing", "text, version")
def test_a_version_that_others_compete_with_settles_nothing_and_is_asked_back(text: str, version: str) -> None:
    status = {cause.id: cause.status for cause in diagnose({"wechat.version": text}).causes}
    assert status["wechat_outdated"] not in ("confirmed", "ruled_out")
    asked = parse_wechat_version(text).error
    assert asked == f"读成 {version}，对吗？文字里还有别的版本，或者说的是以前。"
