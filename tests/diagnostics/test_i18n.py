"""Faults are told in the user's language: what Python and its libraries say as well."""

import errno
import json
import os
import re
import tomllib
from pathlib import Path
from typing import Any

import click
import msgspec
import pytest

import diagnostics
from diagnostics import i18n, library_errors
from diagnostics.answers import AnswerError, parse_setting
from diagnostics.checks.desktop_check import ComputerCheck
from diagnostics.i18n import Message, Texts, UserError, name_masks
from diagnostics.knowledge import load
from diagnostics.redaction import KINDS
from diagnostics.settings import Settings
from tests import worded

CHINESE = re.compile(r"[一-鿿]")
KNOWLEDGE = load()


def in_both(fault: UserError) -> None:
    """Hold a fault to one line in each language, in that language's letters."""
    assert fault.key != "foreign", fault
    zh, en = fault.message("zh"), fault.message("en")
    assert CHINESE.search(zh)
    assert not CHINESE.search(en)
    assert "\n" not in zh + en
    assert not re.search(r"[{}]\w|\w[{}]", zh + en)


@pytest.mark.parametrize(
    "text",
    ["", " \n", "{", '{"a"', '{"a" 1}', '{"a": 1 "b": 2}', '{"a": 1,}', "[1] x", '"a\nb"', '"\\x"', '"\\u12"', '"abc',
     "{'a': 1}", "[1 2]", "tru"],
)  # fmt: skip
def test_what_the_json_decoder_says(text: str) -> None:
    with pytest.raises(json.JSONDecodeError) as caught:
        json.loads(text)
    in_both(library_errors.json_fault(caught.value))


OPEN = ["a = [1", 'a = "x', "[a", "a = {b = 1", 'lang = "zh\n']
"""A quote or a bracket that does not end."""


@pytest.mark.parametrize(
    "text",
    ["a = 1\na = 2", "[a]\n[a]", "a = {b = 1, b = 2}", "a = 1\n[a.b]", "a", "a 1", "a = ",
     *OPEN, "a = 2020-13-01", 'a = "\\q"', "a = 'x\x01'", "a = 1 b = 2", "= 1", '"""', "\ta = x",
     'a = "\\udddd"', "a.b = 1\na = 2"],
)  # fmt: skip
def test_what_the_toml_reader_says(text: str) -> None:
    with pytest.raises(tomllib.TOMLDecodeError) as caught:
        tomllib.loads(text)
    in_both(library_errors.toml_fault(caught.value))
    assert 1 <= library_errors.toml_line(caught.value, text) <= 2
    assert text not in OPEN or library_errors.toml_fault(caught.value).key == "toml.open"


class Shape(msgspec.Struct, forbid_unknown_fields=True):
    """A little of everything a file may hold."""

    a: int
    b: str | None = None
    c: dict[str, float] = {}
    d: tuple[str, ...] = ()
    e: bool = False
    f: Any = None


@pytest.mark.parametrize(
    ("shape", "data"),
    [(Shape, one) for one in (
        {}, {"a": "1"}, {"a": 1, "b": 2}, {"a": 1, "c": []}, {"a": 1, "c": {"x": "y"}}, {"a": 1, "d": "x"},
        {"a": None}, {"a": 1, "e": 1}, {"a": 1, "g": 2}, [],
    )] + [(Settings, one) for one in (
        {"timeout": "x"}, {"targets": 3}, {"minimum": []}, {"lang": 1},
    )],
)  # fmt: skip
def test_what_the_shape_of_data_lacks(shape: Any, data: object) -> None:
    with pytest.raises(msgspec.ValidationError) as caught:
        msgspec.convert(data, shape)
    in_both(library_errors.data_fault(str(caught.value).partition(" - at ")[0]))


@pytest.mark.parametrize("code", ["ENOENT", "EISDIR", "EACCES", "ENOSPC", "EROFS", "ENOTDIR", "ENAMETOOLONG", "ELOOP"])
def test_what_the_system_refuses(code: str) -> None:
    number = getattr(errno, code)
    fault = library_errors.system_fault(OSError(number, os.strerror(number)))
    in_both(fault)
    assert fault.message("en") == os.strerror(number)


@pytest.mark.parametrize(
    "words",
    [["--number", "x"], ["--number", "7"], ["--share", "x"], ["--share", "2"], ["--name", "x"], ["--name"],
     ["--flag=1"], ["word"], ["two", "words"]],
)  # fmt: skip
def test_what_click_says(words: list[str]) -> None:
    command = click.Command("x", params=[
        click.Option(["--number"], type=click.IntRange(1, 5)),
        click.Option(["--share"], type=click.FloatRange(0, 1)),
        click.Option(["--name"], type=click.Choice(["a", "b"])),
        click.Option(["--flag"], is_flag=True),
    ])  # fmt: skip
    with pytest.raises(click.UsageError) as caught:
        command.main(words, standalone_mode=False)
    in_both(library_errors.click_fault(caught.value.message.rstrip(".")))


def test_what_is_not_known_is_passed_on_without_control_characters() -> None:
    for fault in (
        library_errors.system_fault(OSError(errno.EXDEV, "Invalid \x1b[31mcross-device link")),
        library_errors.data_fault("Something\nnew"),
        library_errors.system_fault(ValueError("embedded null byte")),
    ):
        assert fault.message("zh").isprintable()
        assert fault.message("zh") == fault.message("en") != ""


def test_every_text_named_in_the_code_is_there_in_both_languages() -> None:
    root = Path(diagnostics.__file__).parent
    kinds = "User|Settings|EnvironmentSetting|Knowledge|Answer|Draft|Bundle|Refused|NoSuchCase|Conflict|Store|StoreGone"
    named = re.compile(rf'\b(?:{kinds}|StoreDamaged)Error\(\s*"([\w.]+)"')
    lint = re.compile(r'_fault\("(\w+)"')
    files = [*root.rglob("*.py"), *(root.parent / "tui").rglob("*.py")]
    keys = {key for path in files for key in named.findall(path.read_text("utf-8"))}
    keys |= {f"knowledge.{key}" for key in lint.findall((root / "knowledge" / "validate.py").read_text("utf-8"))}
    usage = re.compile(r'UsageError\(\s*"(\w+)"')
    keys |= {f"cli.{key}" for path in files for key in usage.findall(path.read_text("utf-8"))}
    keys |= {f"settings.{name}" for name in ("lang", "fail_on", "limit", "timeout", "purge_days", "version")}
    assert len(keys) > 60
    for key in keys:
        told = KNOWLEDGE.locale[f"error.{key}"]
        assert told.zh.strip(), key
        assert told.en.strip(), key
        assert "\n" not in told.zh + told.en, key
        if "." not in key or key.startswith("cli."):
            assert set(re.findall(r"{(\w+)}", told.zh)) <= set(re.findall(r"{(\w+)}", told.en)) | {"known"}, key


def test_a_fault_within_a_fault_and_several_of_them_are_told_in_the_same_language() -> None:
    inner = library_errors.data_fault("Expected `str | null`, got `int`")
    fault = UserError("settings.wrong", "config.toml:2", name="lang", reason=inner)
    assert fault.text("zh") == "config.toml:2: lang 应当是文字（加引号）或空，而不是整数"
    assert fault.text("en") == "config.toml:2: lang: must be a text in quotes or nothing, not a whole number"
    assert str(fault.at("x:1")) == "x:1" + fault.text("en").removeprefix("config.toml:2")


def test_where_the_texts_themselves_are_damaged_the_bare_facts_are_told(tmp_path, monkeypatch) -> None:
    (tmp_path / "errors.toml").write_text("rubbish", encoding="utf-8")
    monkeypatch.setattr(i18n, "FILE", str(tmp_path / "errors.toml"))
    i18n.error_texts.cache_clear()
    try:
        assert UserError("twice", "a.json: x", value=3).text("zh") == "a.json: x: twice 3"
    finally:
        i18n.error_texts.cache_clear()


def test_masks_are_named_in_the_language_that_is_shown_and_kept_in_chinese():
    told = "to <手机号-1>, &lt;验证码&gt;, <IMEI-2>, <手机>"
    assert name_masks(told, "zh") == told
    assert name_masks(told, "en") == "to <mobile-1>, &lt;code&gt;, <IMEI-2>, <手机>"
    assert all(kind.isascii() or name_masks(f"<{kind}>", "en").isascii() for kind in KINDS)
    assert UserError("unknown_option", name="13800138000").text("en").count("<mobile>") == 1


def test_a_text_is_filled_in_with_texts_of_the_same_language() -> None:
    where = "check.network.reachability"
    names = (Message(f"{where}.purpose.pay"), Message(f"{where}.purpose.control"))
    told = Message(f"{where}.works", {"names": names})
    assert Texts(KNOWLEDGE, "zh").render(told) == "能连上：微信支付、普通网站。"
    assert Texts(KNOWLEDGE, "en").render(told) == "Works: WeChat Pay, ordinary sites."


def test_several_lines_stand_below_each_other_and_an_empty_one_takes_no_line() -> None:
    where = "check.phone.android.verdict.not_wanted"
    told = (Message(f"{where}.says"), Message(f"{where}.advice"), "as it is")
    assert Texts(KNOWLEDGE, "en").render(told) == "The phone was not looked at, as asked.\nas it is"


def test_words_from_before_stay_as_they_are() -> None:
    data = {"rows": [{"title": Message("reading.phone.model"), "text": "{not filled}"}], "count": 3, "none": None}
    told = {"rows": [{"title": "型号", "text": "{not filled}"}], "count": 3, "none": None}
    assert Texts(KNOWLEDGE, "zh").render_data(data) == told
    assert Texts(KNOWLEDGE, "en").render("以前的话") == "以前的话"


def test_a_fault_is_told_with_its_place_on_one_line() -> None:
    with pytest.raises(AnswerError) as caught:
        parse_setting(KNOWLEDGE, "person.age=old")
    for lang in ("zh", "en"):
        assert Texts(KNOWLEDGE, lang).render(Message.fault(caught.value)) == caught.value.text(lang)


def test_desktop_versions_that_are_not_known_are_named_so(monkeypatch: pytest.MonkeyPatch) -> None:
    from diagnostics.checks.desktop_check import Desktop

    found = tuple(Desktop(version, "linux", "/opt") for version in ("4.1.1.7", None))
    monkeypatch.setattr("diagnostics.checks.desktop_check.find", lambda: found)
    context: Any = None
    told = worded.detail(ComputerCheck().run(context), "en")
    assert "WeChat 4.1.1.7, (version not known)." in told
