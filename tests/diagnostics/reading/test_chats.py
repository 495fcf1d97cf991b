"""Who says what in a chat, and what a short answer answers."""

from __future__ import annotations

from pathlib import Path

import pytest

from diagnostics.knowledge.lexicon import load_lexicon
from diagnostics.reading.reader import Reader
from diagnostics.reading.settle import LISTS

READER = Reader(load_lexicon())
REPLIES = Path(__file__).parents[2] / "data" / "reading" / "replies.tsv"
"""Agents' questions of every kind with short replies: question, reply, question id, value."""


def _sure(text: str) -> dict[str, object]:
    return {one.id: one.value for one in READER.read(text).readings if one.sure}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("客服：请问您绑卡了吗\n用户：嗯", {"account.bank_card": "bound"}),
        ("客服：您给过对方什么？1 密码 2 身份证\n用户：第二个", {"safety.given": ["id_or_card"]}),
        ("客服：请问您绑卡了吗\n用户：没有", {"account.bank_card": "not_bound"}),
        ("客服：请问您绑卡了吗\n用户：不清楚", {}),
        ("客服：请问您绑卡了吗\n客服：在吗\n用户：在", {}),
        ("10:02 客服: 多大年纪？\n10:03 用户: 34", {"person.age": 34}),
        ("客服(10:02): 多大年纪？\n用户(10:03): 三十多", {}),
        (
            "张三 2024-05-01 10:22\n我服务里没有微粒贷\n李四 2024-05-01 10:23\n我有",
            {"entry.services_menu": "not_shown"},
        ),
        (
            "A: 我服务里没有微粒贷\nB: 您好，请问您重启过吗\nA: 重启过",
            {"entry.services_menu": "not_shown", "app.restarted": "yes"},
        ),
        ("客服：您好 用户：我服务里没有微粒贷 客服：您的信用卡逾期了", {"entry.services_menu": "not_shown"}),
        ("Agent: Did you restart your phone?\nCustomer: no", {"app.restarted": "no"}),
        ("客服：您有没有逾期？\n用户：没有", {"credit.overdue": "none"}),
        ("客服：您没有逾期吧\n用户：对", {"credit.overdue": "none"}),
        ("我的版本：8.0.50\n手机：小米14", {"wechat.version": "8.0.50", "client.platform": "android"}),
    ],
)
def test_a_chat_is_read_by_who_speaks(text: str, expected: dict[str, object]) -> None:
    assert _sure(text) == expected


def test_short_replies_answer_what_the_agent_asked() -> None:
    for line in REPLIES.read_text(encoding="utf-8").splitlines():
        asked, reply, question, value = line.split("\t")
        expected = [value] * bool(value) if question in LISTS else value
        said = _sure(f"客服：{asked}\n用户：{reply}")
        assert question in said, line
        assert str(said[question]) == str(expected), line
