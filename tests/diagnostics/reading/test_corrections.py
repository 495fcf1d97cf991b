"""What somebody takes back is not read; what he says instead is."""

from __future__ import annotations

import pytest

from diagnostics.knowledge import load
from diagnostics.reading.reader import read_text


@pytest.mark.parametrize(("text", "question", "value"), [
    ("微信版本8.0.61，哦不对，刚看是8.0.71，没有微粒贷", "wechat.version", "8.0.71"),
    ("客服：微信什么版本？\n用户：8.0.69 不对 看错了 是8.0.59", "wechat.version", "8.0.59"),
    ("我今年45，说错了，46了，微粒贷没显示", "person.age", 46),
    ("客服：请问您多大？\n用户：47 哦过完生日了 48", "person.age", 48),
    ("客服：您绑卡了吗\n用户：绑了。啊不，那是支付宝绑的，微信没绑", "account.bank_card", "not_bound"),
    ("用户：我用苹果13的\n用户：不对，13给我弟了，我现在是小米14\n客服：好", "client.platform", "android"),
    ("安卓系统14，打错字，是15，vivo手机，没有微粒贷", "os.version", "15"),
    ("客服：服务里有微粒贷吗\n用户：没有\n用户：啊看漏了，有的", "entry.services_menu", "shown"),
    ("青少年模式开着的，不好意思说反了，是关着的", "account.teen_mode", "off"),
    ("I'm 34, scratch that, 35 now. No Weilidai in Services", "person.age", 35),
    ("I'm on an iPhone, I mean, it's a Pixel. Weilidai isn't in Services", "client.platform", "android"),
    ("图标在的——哎不对，看错了，那是理财通", "entry.services_menu", None),
    ("我手机是苹果的……打错，我女儿的才是苹果，没有微粒贷", "client.platform", None),
    ("Agent: Do you see it under Services?\nUser: yes\nUser: sorry no, that's LiCaiTong", "entry.services_menu", None),
    ("服务里没有微粒贷，不对啊，上周都有人有", "entry.services_menu", "not_shown"),
    ("服务里没有微粒贷，我看错了吗", "entry.services_menu", "not_shown"),
    ("点进微粒贷提示身份信息有误，输错了三次", "entry.page_message", "identity_error"),
])  # fmt: skip
def test_the_last_word_counts(text: str, question: str, value: object) -> None:
    read = {one.id: one.value for one in read_text(load(), text).readings if one.sure}
    assert read.get(question) == value
