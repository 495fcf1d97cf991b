"""Lines of a form: what stands behind a label answers its question, and the label itself states nothing."""

from __future__ import annotations

import pytest

from diagnostics.knowledge import load
from diagnostics.knowledge.lexicon import load_lexicon
from diagnostics.reading.forms import label_pattern
from diagnostics.reading.reader import read_text

LEXICON = load_lexicon()


def _sure(text: str) -> dict[str, object]:
    return {one.id: one.value for one in read_text(load(), text).readings if one.sure}


@pytest.mark.parametrize(("text", "read"), [
    ("账户受限：否；曾经被盗：否；VPN：未开；服务页微粒贷：无",
     {"account.restricted": "no", "account.stolen": "no", "network.vpn_or_proxy": "no",
      "entry.services_menu": "not_shown"}),
    ("绑定银行卡：否\n青少年模式：关闭\n是否学生：否\nQQ钱包：未查看",
     {"account.bank_card": "not_bound", "account.teen_mode": "off", "person.student": "no",
      "entry.qq_wallet": "not_looked"}),
    ("Age: 42 | Account restricted: no | Closed by customer: no | VPN: none",
     {"person.age": 42, "account.restricted": "no", "account.closed_service": "no", "network.vpn_or_proxy": "no"}),
    ("Account stolen: no. Teen mode: off. Weilidai closed by user: no.",
     {"account.stolen": "no", "account.teen_mode": "off", "account.closed_service": "no"}),
    ("年龄=26，微信支付=已开通，VPN=关",
     {"person.age": 26, "account.pay_enabled": "yes", "network.vpn_or_proxy": "no"}),
    ("账户异常（否）；绑卡（是）", {"account.restricted": "no", "account.bank_card": "bound"}),
    ("是否注销过微信支付：是，后重新开通；账户状态：正常",
     {"account.wechat_pay_cancelled": "reopened", "account.restricted": "no"}),
    ("账户受限：待核实\n是否逾期：不清楚", {}),
])  # fmt: skip
def test_a_field_answers_its_question_and_no_other(text: str, read: dict[str, object]) -> None:
    assert _sure(text) == read


def test_what_stands_behind_a_field_is_read_as_words() -> None:
    assert _sure("服务页：没有微粒贷，我账户受限")["account.restricted"] == "yes"


def test_every_label_can_be_looked_up() -> None:
    labels = [label for row in LEXICON.asked for label in row.label]
    assert len(labels) > 50
    for label in labels:
        assert label_pattern(label, LEXICON.words)
