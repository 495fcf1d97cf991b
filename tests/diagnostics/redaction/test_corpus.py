"""Planted personal values of the kinds without a checksum, of nobody, are masked, and the ledger counts them."""

from __future__ import annotations

import random
import re

import pytest

from diagnostics.redaction import Redactor
from diagnostics.redaction.kinds import Folded


def word(rng: random.Random, alphabet: str, least: int, most: int) -> str:
    return "".join(rng.choice(alphabet) for _ in range(rng.randint(least, most)))


LETTERS = "abcdefghijkmnpqrstuvwxyz"


def full_width(text: str) -> str:
    return "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in text)


_SLOT = re.compile(r"\{(?:(\d+)-(\d+)|#(\d+)|@(\d+)-(\d+)|([^{}]*\|[^{}]*))\}")


def fill(template: str, rng: random.Random) -> str:
    """Fill a template: `{1-79}`, `{01-12}` numbers, `{#8}` hexadecimal digits, `{@4-8}` letters, `{a|b}`."""

    def slot(found: re.Match[str]) -> str:
        low, high, hexes, least, most, choices = found.groups()
        if low:
            return str(rng.randint(int(low), int(high))).zfill(len(low) if low[0] == "0" else 0)
        if hexes:
            return "".join(rng.choice("0123456789abcdef") for _ in range(int(hexes)))
        return word(rng, LETTERS, int(least), int(most)) if least else rng.choice(choices.split("|"))

    return _SLOT.sub(slot, template)


TEMPLATES = {
    "姓名": ("{我叫|姓名：|持卡人:}{}{，看不到入口| 已核对}", "{王|李|张|刘|陈|欧阳}{伟|芳|秀英}"),
    "IMEI": ("IMEI: {}", "86{1000000000000-9999999999999}"),
    "手机号": ("{打我电话|注册用的|}{}{，没换过|是我的号}", "1{3-9}{100000000-999999999}"),
    "电话号码": ("家里电话 {}", "0{311-899}-{2000000-8999999}"),
    "邮箱": ("发到 {} 就行", "{@3-9}.{1-99}@{@3-8}.{com|cn|net}"),
    "微信号": ("{微信号：|加我微信 |我的微信 ID 是}{}，谢谢", "{@6-12}_{1-99}"),
    "微信号 wxid": ("日志里有 {} ", "wxid_{@8-14}"),
    "QQ号": ("{QQ |我的QQ号是|qq：}{}", "{10000-9999999999}"),
    "地址": (
        "{我住在|家庭住址：|寄到}{}，谢谢",
        "{广东省深圳市|北京市朝阳区}{深南大道|人民路}{1-999}号{1-30}栋{101-3003}室",
    ),
    "验证码": ("{验证码是|验证码：|收到的短信验证码 }{}{ 对吗|}", "{100000-999999}"),
    "IP地址": ("IP 地址 {} 打不开", "{11-223}.{0-255}.{0-255}.{1-254}"),
    "IP地址 6": ("从 {} 连不上", "2408:8{100-999}:{1-9999}::{1-9999}"),
    "MAC地址": ("路由器 {} 在线", "{#2}:{#2}:{#2}:{#2}:{#2}:{#2}"),
    "WiFi名称": ('{WiFi名称：|SSID: "|连的热点叫}{}', "{@4-8}-home"),
    "序列号": ("{序列号：|[ro.serialno]: [|SN: }{}", "R58M{100000-999999}K"),
    "密钥": ("{access_token=|Authorization: Bearer |Cookie: pass=|密码是}{}", "{@4-8}{10-99}{@8-20}"),
    "密钥 proxy": ("proxy http://{}@proxy.example:8080/", "{@4-8}:{@8-12}{10-99}"),
    "用户名": ("{/home/|C:\\Users\\|/Users/}{}", "{@4-9}"),
}
"""A sentence, and the template of the value in its gap; digits and letters also in full width."""

_FULL_WIDTH_TOO = ("电话号码", "邮箱", "QQ号", "验证码", "微信号")


def planted(kind: str, rng: random.Random) -> tuple[str, str]:
    """Return a sentence with a value of this kind in it, and the value as it is written there."""
    sentence, template = TEMPLATES[kind]
    value = fill(template, rng)
    if kind in _FULL_WIDTH_TOO and rng.random() < 0.3:
        value = full_width(value)
    return fill(sentence.replace("{}", "\0"), rng).replace("\0", value), value


EACH = 30


@pytest.mark.parametrize("kind", TEMPLATES)
def test_every_planted_value_is_masked(kind):
    rng = random.Random(f"planted {kind}")
    left = []
    for _ in range(EACH):
        sentence, value = planted(kind, rng)
        redactor = Redactor()
        masked = redactor.redact(sentence)
        if _shows(masked, value) or [entry.kind for entry in redactor.ledger] != kind.split()[:1]:
            left.append((sentence, masked))
    assert left == []


def _shows(masked, value):
    """Whether enough of the value is still to be seen to tell it: any five characters in a row."""
    plain, seen = "".join(Folded(value).text.split()), "".join(Folded(masked).text.split())
    size = min(5, len(plain))
    return any(plain[at : at + size] in seen for at in range(len(plain) - size + 1))


def test_one_text_with_everything_in_it():
    rng = random.Random("whole")
    made = [planted(kind, rng) for kind in TEMPLATES for _ in range(20)]
    redactor = Redactor()
    masked = redactor.redact("\n\n".join(sentence for sentence, _ in made))
    shown = [value for _, value in made if _shows(masked, value)]
    assert shown == []
    assert sum(entry.times for entry in redactor.ledger) == masked.count("<")
