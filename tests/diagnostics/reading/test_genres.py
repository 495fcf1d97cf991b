"""Texts that are made state nothing of their writer; a message that only looks like one is read as before."""

from __future__ import annotations

import pytest

from diagnostics.knowledge import load
from diagnostics.reading.reader import read_text


def _sure(text: str) -> dict[str, object]:
    return {one.id: one.value for one in read_text(load(), text).readings if one.sure}


@pytest.mark.parametrize("text", [
    "病句修改：由于我的身份证过期了，使我的微粒贷打不开。",
    "请润色这段话使其更书面：本人微粒贷被拒，页面提示综合评估未通过。",
    "标注数据一条：{\"text\":\"我没实名，服务里没有微粒贷\"}",
    "旁白：夜深了。\n小美：我服务里没有微粒贷！",
    "出一台旧手机，安卓13，480包邮，屏幕有划痕",
    "书里写：“服务里没有微粒贷了。”——《盐与铁》第三章",
    "Rewrite in a formal tone: \"my weilidai icon's gone, i'm 45\"",
])  # fmt: skip
def test_a_made_text_is_not_read(text: str) -> None:
    assert not read_text(load(), text).readings


@pytest.mark.parametrize(("text", "question"), [
    ("锦鲤祝词：没绑卡，服务里没有微粒贷", "entry.services_menu"),
    ("“我的服务里没有微粒贷。”老王放下酒杯，一桌人都不说话", "entry.services_menu"),
    ("没绑卡的日子 / 服务里没有微粒贷", "entry.services_menu"),
])  # fmt: skip
def test_what_may_be_made_is_only_asked_back(text: str, question: str) -> None:
    assert question in {one.id for one in read_text(load(), text).readings}
    assert question not in _sure(text)


@pytest.mark.parametrize(("text", "question"), [
    ("求助：没绑卡，服务里没有微粒贷", "entry.services_menu"),
    ("“服务里没有微粒贷”，我跟客服说了八遍", "entry.services_menu"),
    ("“微粒贷正在逐步开放中”——点进去永远是这句话", "entry.page_message"),
    ("公众号自动回复：服务正在逐步开放中", "entry.page_message"),
    ("帮我写一段投诉：我征信没有逾期，服务里没有微粒贷", "entry.services_menu"),
    ("底薪3000加提成，五险一金，服务里没有微粒贷", "entry.services_menu"),
])  # fmt: skip
def test_a_message_that_looks_like_one_is_read(text: str, question: str) -> None:
    assert question in _sure(text)


def test_what_is_said_to_somebody_is_not_of_the_person() -> None:
    assert "credit.recent_inquiries" not in _sure("你征信花了，微粒贷就没了")
    assert "credit.recent_inquiries" in _sure("我征信花了，微粒贷就没了")


def test_the_end_of_a_range_is_no_age() -> None:
    assert "person.age" not in _sure("招人，25—35岁，能上夜班")
