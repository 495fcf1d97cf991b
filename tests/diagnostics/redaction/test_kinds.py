"""Ways of telling a value, one sentence each, that were missed at first sight; beside them what must stay."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from diagnostics.redaction import Redactor, mask_numbers

if TYPE_CHECKING:
    from collections.abc import Callable

IN_A_MESSAGE = """
客服：验证码和卡号都发一下\\n我：〖884213〗
用通行证办的，号是〖C87654321〗
证件末四位〖002X〗
1101**********〖002X〗
13900139000〖11010519491231002X〗
sfz〖11010519491231002X〗sj〖13900139000〗
10:45〖13900139000〗
〖13900139000〗2次没人接
139****〖0139〗
幺三九然后〖零零一三〗然后〖九零零零〗
0755-〖12345678〗打来的电话
工商银行(〖3391〗)
建行〖3391〗那张卡
卡号6222021318609139098，〖12/28〗，〖907〗
信用卡有效期 〖2028年6月〗
visa ending *〖3391〗
last four digits of my bank card are 〖3391〗
enter 〖771204〗 to verify
第一次验证码〖771204〗，第二个〖556612〗
{"code":"〖771204〗","phone":"〖13900139000〗"}
密码试了〖147369〗都不对
密码被看到了，〖147369〗
卡号和密码分别是6222021318609139098，〖147369〗
以前密码是〖abc1990〗，现在改成〖abd2024〗
login lina@example.com / 〖Summer2024!〗
mysql -h db -u root -p〖Summer2024〗
ss://〖YWVzLTI1Ni1nY206cGFz〗@node.example:8388
session_key 〖tiihtNczf5v6AKRyjwEUhQ==〗
用的 〖sk-proj-abcdEFGH12345678〗
➕v〖wld9988〗
WeChat ID: 〖johnny.apple88〗
〖lina2001〗是他微信
〖827364519〗是我QQ
邮箱 〖zhang wei〗 @ qq.com
""".strip().splitlines()
IN_A_CASE = """
WiFi名 〖TP-LINK_5F3A〗
服务器 〖8.130.12.34〗
login from 〖58.60.1.23〗
ip：〖240e:3a1:4c3:1a00::5〗
客服：怎么称呼您\\n我：〖刘德海〗
姓名\\n〖张伟〗\\n电话
本人〖赵丽颖〗，身份证丢了
转给了〖周建国〗
〖黄丽华〗您好
〖李敏〗,〖13900139000〗
我叫〖吴刚〗
Agent: your name?\\nMe: 〖Li Na〗
Customer 〖Zhang Wei〗, phone 〖13900139000〗
""".strip().splitlines()
"""Names and machines are masked where a case is kept; a message needs its paths and its hosts."""
LEFT = """
客服：QQ额度多少？\\n我：20000
客服：名字填对了吗\\n我：应该对
客服：名字叫什么入口\\n我：微粒贷借钱
{"code":"100023","msg":"busy"}
分别是2015年、2018年
额度分别是5000和8000
密码后来报 500123
用户申请办理 3 次
客户陆续投诉
业务员张嘴就要钱
我国籍是韩国
凭证号：0001234
响应码 200200
子网掩码 255.255.255.0
微信 8.0.49.2600
First Name Required
root / path
wifi: 已连接
""".strip().splitlines()


def _plain(text: str) -> str:
    return text.replace("\\n", "\n")


def _shown(line: str, mask: Callable[[str], str]) -> list[str]:
    parts = re.split("[〖〗]", _plain(line))
    masked = mask("".join(parts))
    return [value for value in parts[1::2] if value in masked]


@pytest.mark.parametrize("line", IN_A_MESSAGE)
def test_a_number_or_code_is_masked_however_it_is_told(line: str) -> None:
    assert _shown(line, mask_numbers) == []


@pytest.mark.parametrize("line", IN_A_CASE)
def test_a_name_or_machine_is_masked_however_it_is_told(line: str) -> None:
    assert _shown(line, Redactor().redact) == []


@pytest.mark.parametrize("text", LEFT)
def test_what_is_nobodys_stays(text: str) -> None:
    assert Redactor().redact(_plain(text)) == _plain(text)
