"""Words typed at one question are read as its answer."""

from __future__ import annotations

import pytest

from diagnostics.knowledge import load
from diagnostics.reading.reader import read_reply


@pytest.mark.parametrize(
    ("question", "text", "value"),
    [
        ("complaint.what", "第二个", "was_there"),
        ("complaint.what", "以前有", "was_there"),
        ("app.restarted", "没有", "no"),
        ("app.restarted", "重启过了", "yes"),
        ("account.bank_card", "绑了", "bound"),
        ("account.bank_card", "没绑", "not_bound"),
        ("entry.services_menu", "没看到", "not_shown"),
        ("entry.services_menu", "没有服务这一项", "no_services_menu"),
        ("person.age", "三十五", 35),
        ("person.age", "35岁了", 35),
        ("debt.monthly_income", "一万二", 12000),
        ("client.kind", "电脑", "desktop"),
        ("account.teen_mode", "没开", "off"),
        ("credit.overdue", "从来没有", "none"),
        ("app.restarted", "不清楚", "unknown"),
        ("person.student", "不是", "no"),
        ("wechat.version", "不知道", "unknown"),
    ],
)
def test_words_are_read_as_the_answer(question: str, text: str, value: object) -> None:
    reply = read_reply(load(), question, text)
    assert (reply.value, reply.sure) == (value, True)


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("app.restarted", "什么意思"),
        ("person.age", "很大"),
        ("person.age", "35.5"),
        ("person.age", "-1"),
        ("person.age", "200"),
        ("complaint.what", "哈哈"),
        ("account.bank_card", "有点看不懂"),
        ("debt.monthly_income", "看情况"),
        ("entry.services_menu", "🙂"),
    ],
)
def test_what_does_not_answer_is_not_taken(question: str, text: str) -> None:
    assert read_reply(load(), question, text).value is None
