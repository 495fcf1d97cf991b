"""Boxes of a form, reports of a fault, forms without colons, and ages that are counted rather than said."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from diagnostics.knowledge import load
from diagnostics.reading import figures
from diagnostics.reading.reader import read_text
from diagnostics.reading.tickets import only_ticked

if TYPE_CHECKING:
    from diagnostics.reading import Value


def _read(text: str) -> dict[str, Value]:
    return {one.id: one.value for one in read_text(load(), text).readings if one.sure}


@pytest.mark.parametrize("text", ["学生 ☐是 ☑否", "学生 是☐ 否☑", "学生：[ ]是 [x]否", "☐ 学生\n☑ 已毕业"])
def test_only_what_is_ticked_is_left_at_its_place(text: str) -> None:
    left = only_ticked(text)
    assert len(left) == len(text)
    assert "是" not in left
    assert text.rindex("否" if "否" in text else "毕业") == left.rindex("否" if "否" in left else "毕业")


@pytest.mark.parametrize("text", ["实名√ 绑卡√", "□□ 乱码", "实名 是"])
def test_boxes_of_one_kind_say_nothing(text: str) -> None:
    assert only_ticked(text) == text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Expected: Weilidai tile under Services\nActual: none", {"entry.services_menu": "not_shown"}),
        ("打开服务。预期结果：看到微粒贷。实际结果：未看到。", {"entry.services_menu": "not_shown"}),
        ("学生 / 否\n实名 / 是", {"person.student": "no", "account.real_name": "verified"}),
        ("【绑卡】否\n【VPN】未开", {"account.bank_card": "not_bound", "network.vpn_or_proxy": "no"}),
    ],
)
def test_a_report_or_a_form_says_what_is_seen(text: str, said: dict[str, Value]) -> None:
    assert said.items() <= _read(text).items()


def test_what_was_only_expected_is_no_fact() -> None:
    assert "entry.services_menu" not in _read("Expected: Weilidai shown in Services\nActual: the phone restarted")


@pytest.mark.parametrize(
    ("text", "age", "sure"),
    [
        ("1958年3月生人，没有微粒贷", 68, True),
        ("我是58年的，没有微粒贷", 68, False),
        ("born in 1958, no Weilidai in Services", 68, False),
        ("快六十一了，没有微粒贷", 60, True),
        ("turning 18 next Friday, no Weilidai", 17, True),
        ("离18岁还差20天，没有微粒贷", 17, False),
    ],
)
def test_an_age_is_counted(text: str, age: int, sure: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figures, "now", lambda: "2026-06-15T12:00:00")
    found = [one for one in read_text(load(), text).readings if one.id == "person.age"]
    assert [(one.value, one.sure) for one in found] == [(age, sure)]


@pytest.mark.parametrize("text", ["用的是98年的酒，没有微粒贷", "快18点了，没有微粒贷", "almost 60 apps, no Weilidai"])
def test_other_numbers_are_no_age(text: str) -> None:
    assert not [one for one in read_text(load(), text).readings if one.id == "person.age"]


def test_with_whose_age_a_text_begins_is_the_person() -> None:
    assert _read("店里来了位大叔，六十八岁，服务里翻不着微粒贷") == {
        "person.age": 68,
        "entry.services_menu": "not_shown",
    }
    assert "person.age" not in _read("我同事35岁都有微粒贷，我没有")
