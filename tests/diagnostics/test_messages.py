"""What a check says is worded where it is shown, in the language of that moment."""

from __future__ import annotations

import re
from typing import Any

import pytest

from diagnostics.answers import AnswerError, parse_setting
from diagnostics.api import diagnose
from diagnostics.checks.desktop_check import ComputerCheck
from diagnostics.i18n import Message, Texts
from diagnostics.knowledge import load
from diagnostics.network.verdicts import verdicts
from tests import worded

KNOWLEDGE = load()
CHINESE = re.compile("[\u3400-\u9fff]")


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


def test_every_network_finding_has_its_words_and_its_advice() -> None:
    for code, verdict in verdicts().items():
        assert Texts(KNOWLEDGE, "en").render(Message(f"verdict.{code}.text")) == verdict.text.en
        assert Texts(KNOWLEDGE, "zh").render(Message(f"verdict.{code}.advice")) == verdict.advice.zh
        assert Texts(KNOWLEDGE, "en").render(Message(f"verdict.{code}.short")) == verdict.short.en


def test_a_fault_is_told_with_its_place_on_one_line() -> None:
    with pytest.raises(AnswerError) as caught:
        parse_setting(KNOWLEDGE, "person.age=old")
    for lang in ("zh", "en"):
        assert Texts(KNOWLEDGE, lang).render(Message.fault(caught.value)) == caught.value.text(lang)


@pytest.mark.parametrize("given", ["8.0.1 or 8.0.2 or 9", "hello", "10.0.0.1"])
def test_why_a_version_cannot_be_read_is_told_in_the_language_of_the_report(given: str) -> None:
    for lang, chinese in (("en", False), ("zh", True)):
        report = diagnose({"wechat.version": given}, lang=lang)  # type: ignore[arg-type]
        [check] = [one for one in report.checks if one.id == "wechat.version"]
        assert check.status == "unknown"
        assert bool(CHINESE.search(check.detail)) is chinese
        assert bool(CHINESE.search(check.data["reason"])) is chinese


def test_desktop_versions_that_are_not_known_are_named_so(monkeypatch: pytest.MonkeyPatch) -> None:
    from diagnostics.checks.desktop_check import Desktop

    found = tuple(Desktop(version, "linux", "/opt") for version in ("4.1.1.7", None))
    monkeypatch.setattr("diagnostics.checks.desktop_check.find", lambda: found)
    context: Any = None
    told = worded.detail(ComputerCheck().run(context), "en")
    assert "WeChat 4.1.1.7, (version not known)." in told
