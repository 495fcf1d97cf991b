"""Who says what in a chat, what a short answer answers, and words typed at one question."""

from __future__ import annotations

from pathlib import Path

import pytest

from diagnostics.knowledge import load
from diagnostics.knowledge.lexicon import load_lexicon
from diagnostics.reading.reader import Reader
from diagnostics.reading.reply import read_reply
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
        ("客服：您手机是苹果还是安卓？\n用户：第二个", {"client.platform": "android"}),
        ("机器人：是否绑定了本人银行卡？1.是 2.否\n用户：2", {"account.bank_card": "not_bound"}),
        ("机器人：服务页里有没有微粒贷？1.有 2.没有 3.没看过\n用户：2", {"entry.services_menu": "not_shown"}),
        ("客服：您手机是苹果还是安卓？\n用户：前者", {"client.platform": "ios"}),
        ("客服：请问是微信里有还是QQ里有？\n用户：后面那个有", {"entry.qq_wallet": "shown"}),
        ("Agent: Are you on Android or iPhone?\nCustomer: the latter", {"client.platform": "ios"}),
        ("客服：您是在服务页看的还是公众号看的？\n用户：前者 里面没有", {}),
        ("客服：您手机是苹果还是安卓？\n用户：第一个手机号没了", {}),
        (
            "客服：请回复：1.微信实名了吗？2.绑银行卡了吗？3.您多大？\n用户：1是 2没有 3 27",
            {"account.real_name": "verified", "account.bank_card": "not_bound", "person.age": 27},
        ),
        (
            "客服：①是否在校学生 ②有没有逾期\n用户：①不是\n②没有",
            {"person.student": "no", "credit.overdue": "none"},
        ),
        ("客服：请问您绑卡了吗\n用户：没有", {"account.bank_card": "not_bound"}),
        (
            "客服：我-服务里看过没有？\n用户：没看过\n客服：公众号呢？\n用户：也没",
            {"entry.services_menu": "not_looked", "entry.official_account": "not_looked"},
        ),
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
        ("客户年龄：43\n诉求：客户表示服务中无微粒贷入口", {"person.age": 43, "entry.services_menu": "not_shown"}),
        ("我的版本：8.0.50\n手机：小米14", {"wechat.version": "8.0.50", "client.platform": "android"}),
        ("一加12，安卓15，微信8.0.61", {"client.platform": "android", "os.version": "15", "wechat.version": "8.0.61"}),
        (
            "公众号里点了申请，提示综合评估未通过",
            {"entry.official_account": "refused", "entry.page_message": "not_approved"},
        ),
        (
            "客服：公众号里点申请有什么提示\n用户：综合评估未通过",
            {"entry.official_account": "refused", "entry.page_message": "not_approved"},
        ),
        (
            "客服 说我没资格\n服务 里没有微粒贷\n今天 又看了一遍",
            {"entry.page_message": "not_approved", "entry.services_menu": "not_shown"},
        ),
        ("征信有逾期？没有啊", {"credit.overdue": "none"}),
        ("VPN？没用过。学生？不是", {"network.vpn_or_proxy": "no", "person.student": "no"}),
        ("绑卡了吗？绑了。我老婆逾期？没有", {"account.bank_card": "bound"}),
        ("Overdue? None. Is it because I am a student? No", {"credit.overdue": "none"}),
        ("是因为逾期？不会吧", {}),
        ("客服：用什么登录微信？1手机 2平板 3电脑\n用户：3", {"client.kind": "desktop"}),
        ("客服：微信支付用得多吗 A经常 B偶尔 C很少\n我：B吧", {"activity.wechat_pay": "sometimes"}),
        (
            "客服：您给过对方什么？1 密码 2 身份证 3 钱\n用户：1和2",
            {"safety.given": ["password_or_code", "id_or_card"]},
        ),
        ("客服：您给了对方什么？\n用户：屏幕共享了，验证码也给了", {"safety.given": ["screen", "password_or_code"]}),
        ("机器人：请选择 1开通 2还款 3关闭\n客户：利息怎么又高了", {"service.wish": "use"}),
        ("客服：QQ钱包里有微粒贷吗\n我：有\n我：打错了 没有", {"entry.qq_wallet": "not_shown"}),
        ("客服：月收入9000，每月还2700，对吗\n我：对", {"debt.monthly_income": 9000, "debt.monthly_repayment": 2700}),
        ("客服：每月还款多少？\n我：车贷800，房贷1900，一共2700", {"debt.monthly_repayment": 2700}),
        ("我：您好，请问您绑卡了吗\n客户：没绑", {"account.bank_card": "not_bound"}),
        ("Caller: you have an overdue loan and your ID has expired.\nMe: who are you\nCaller: Weilidai.\nMe: bye", {}),
        ("客服：账号有没有被限制\n用户：没有被限制", {"account.restricted": "no"}),
        ("店小二：安卓还是苹果\n潘潘：苹果", {"client.platform": "ios"}),
        ("阿明：微信版本号发我看下呢\n潘潘：8.0.61", {"wechat.version": "8.0.61"}),
        ("服务里没有微粒贷想问一下", {"entry.services_menu": "not_shown"}),
        ("服务里没有微粒贷正常吗", {"entry.services_menu": "not_shown"}),
        ("服务里没有微粒贷是不是因为年纪大了", {"entry.services_menu": "not_shown"}),
        (
            "Does it matter that I am a student, now that Weilidai is missing?",
            {"person.student": "yes", "entry.services_menu": "not_shown"},
        ),
        (
            "我把微信登到儿子手机里，服务里没有微粒贷",
            {"entry.other_phone": "not_shown", "entry.services_menu": "not_shown"},
        ),
        ("问：您绑卡了吗？\n答：没绑\n答：学生，刚上大一", {"account.bank_card": "not_bound", "person.student": "yes"}),
        (
            "问：没绑卡，服务里没有\n答：我是学生\n答：看资质",
            {"account.bank_card": "not_bound", "entry.services_menu": "not_shown"},
        ),
        ("客服 10:02\n您绑卡了吗\n用户 10:03\n没绑", {"account.bank_card": "not_bound"}),
        ("老手机早卖了，微粒贷在哪里看", {"entry.services_menu": "not_looked"}),
        ("我外甥的号被封了，我服务里没有微粒贷正常吗", {"entry.services_menu": "not_shown"}),
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
        ("person.age", "6", 6),
        ("person.age", "110", 110),
        ("debt.open_loans", "100", 100),
        ("debt.monthly_income", "一万二", 12000),
        ("debt.monthly_income", "十二万", 120000),
        ("debt.monthly_income", "1万5", 15000),
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
    [("app.restarted", "什么意思"), ("person.age", "很大"), ("person.age", "35.5"), ("person.age", "-1"),
     ("person.age", "5"), ("person.age", "111"), ("debt.open_loans", "101"), ("complaint.what", "哈哈"),
     ("account.bank_card", "有点看不懂"), ("debt.monthly_income", "看情况"), ("entry.services_menu", "🙂")],
)  # fmt: skip
def test_what_does_not_answer_is_not_taken(question: str, text: str) -> None:
    assert read_reply(load(), question, text).value is None


@pytest.mark.parametrize(("asked", "said", "read"), [
    ("您今年多大？是本人实名的微信吗", "33 是我自己的", {"person.age": 33, "account.real_name_of": "own"}),
    ("您今年多大？有逾期吗", "三十三 没有", {"person.age": 33, "credit.overdue": "none"}),
    ("您现在有几笔贷款？绑卡了吗？", "3 绑了", {"debt.open_loans": 3, "account.bank_card": "bound"}),
    ("您今年多大？有逾期吗", "33", {"person.age": 33}),
    ("您搜过微粒贷公众号吗", "没有搜", {"entry.official_account": "not_looked"}),
    ("您去过微粒贷公众号吗", "没有去", {"entry.official_account": "not_looked"}),
])  # fmt: skip
def test_a_number_and_a_word_answer_two_questions(asked: str, said: str, read: dict[str, object]) -> None:
    assert _sure(f"客服：{asked}\n用户：{said}") == read


@pytest.mark.parametrize(("said", "sure"), [
    ("去年双十一还用过的\n用户：我从来都没开通过", False), ("用过\n用户：可能是分付吧", False),
    ("用过\n用户：好像是花呗", False), ("用过，花呗我从来没开通过", True), ("用过", True),
])  # fmt: skip
def test_who_takes_it_for_something_else_is_asked_back(said: str, sure: bool) -> None:
    (had,) = [
        one
        for one in READER.read(f"客服：以前用过微粒贷吗\n用户：{said}").readings
        if one.id == "account.had_entry_before"
    ]
    assert (had.value, had.sure) == ("yes", sure)
