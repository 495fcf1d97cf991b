"""What settles readings: the later of two answers, what is named beside, and doubts."""

from __future__ import annotations

import pytest

from diagnostics.knowledge import load
from diagnostics.reading.reader import read_text
from diagnostics.reading.record import record


def _read(text: str, question: str) -> list[tuple[object, bool]]:
    return [(one.value, one.sure) for one in read_text(load(), text).readings if one.id == question]


def test_of_two_answers_the_later_is_asked_back() -> None:
    chat = "客服：您每月还多少\n客户：3800\n客服：好的\n客户：我每个月还款4100"
    assert _read(chat, "debt.monthly_repayment") == [(4100, False)]


@pytest.mark.parametrize(("text", "given"), [
    ("骗子让我转账，我转了两千给他，验证码也说了", ["money", "password_or_code"]),
    ("骗子让我转账，我转了两千给他，验证码没说", ["money"]),
    ("我转了两千给骗子，他还要验证码，我没给", ["money"]),
    ("我转了两千给骗子，他又要我填密码", ["money"]),
    ("我转了两千给骗子，他要看身份证，我拍了给他", ["money", "id_or_card"]),
    ("我转了两千给骗子，他说卡号写错了", ["money"]),
    ("I scanned a QR code and paid the scammer 500 for Weilidai", ["money"]),
])  # fmt: skip
def test_what_is_named_beside_something_given_was_given_unless_held_back(text: str, given: list[str]) -> None:
    assert [(sorted(value), sure) for value, sure in _read(text, "safety.given") if isinstance(value, list)] == [
        (sorted(given), True)
    ]


def test_what_is_named_beside_a_contact_alone_is_asked_back() -> None:
    text = "有中介说交500能强开微粒贷，我身份证正反面拍了"
    assert _read(text, "safety.given") == [(["id_or_card"], False)]
    assert record(load(), read_text(load(), text))["situations"][0] == "harm_done"
    assert _read("有中介说交500能强开微粒贷", "safety.given") == []


def test_doubts_name_the_situation_where_nothing_sure_does() -> None:
    doubted = record(load(), read_text(load(), "微信里还没有微粒贷"))
    assert doubted["situations"][0] == "never"
    assert doubted["ask"][0] == "entry.services_menu"
    assert record(load(), read_text(load(), "服务里没有微粒贷，我想开微粒贷"))["situations"][0] == "never"
    assert record(load(), read_text(load(), "你好"))["situations"] == ["unclear"]
