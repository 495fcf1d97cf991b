"""What only the words around it give away: accounts, codes, passwords, tokens, documents, the name in a home path."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from diagnostics.redaction.kinds import Kind, Span
from diagnostics.redaction.triggers import Announced, announced_by

if TYPE_CHECKING:
    from collections.abc import Iterator

    from diagnostics.redaction.triggers import Page

_SAYS: Final = r"[ \t]{0,2}(?:号码?|账号|帐号)?[ \t]{0,2}(?:[:=]|是|为|叫|\t)?[ \t\"'“「]{0,2}"
_SET: Final = r"[\"']?[ \t]{0,2}(?:[:=]|是|为|叫)[ \t]{0,2}[\"'“「]?"
_VALUE: Final = r"[\"']?[ \t]{0,2}[:=][ \t]{0,2}[\"']?([^\s\"'&;,，。<]{4,2000})"
_FILLER: Final = r"(?:[ \t\":=，,、（(]|是|为|的|您|你|我|收到|发来|发给|叫|填|输入了|报|给|了|号){0,8}"
_GROUPED: Final = r"\d(?:[ \t-]?\d)"

_SECRETS: Final = (
    announced_by("密钥", "://", r"([^\s/@:]{1,64}:[^\s/@]{1,128})@"),
    announced_by("密钥", "set-cookie|cookie", r"[\"']?[ \t]?[:=][ \t]?([^\r\n\"']{4,2000})"),
    announced_by("密钥", "authorization", r"[\"']?[ \t]?[:=][ \t]?[\"']?((?:[A-Za-z]{3,10}[ \t])?[^\s,;\"']{4,2000})"),
    announced_by("密钥", "bearer", r"[ \t]{1,2}([A-Za-z0-9._~+/-]{8,2000}=*)", bounded=True),
    announced_by(
        "密钥",
        "password|passwd|passphrase|secret|token|ticket|api_key|api-key|apikey|session|session_id|sessionid|session_key",
        _VALUE,
    ),
    announced_by("密钥", "pwd|sid|skey|sign|signature", _VALUE, bounded=True),
    announced_by("密钥", "密码|口令|暗号", r"[ \t]{0,2}(?:[:=]|是|为|改成|设成)[ \t]{0,2}([!-~]{4,64})"),
    announced_by(
        "密钥", "密码|口令", r"[ \t]{1,2}((?=[!-~]{0,63}\d)(?=[!-~]{0,63}[A-Za-z])[!-;=?-~]{6,64})(?![!-;=?-~])"
    ),
)
_JWT: Final = re.compile(
    r"eyJ(?<![A-Za-z0-9_-]eyJ)[A-Za-z0-9_-]{8,2000}\.[A-Za-z0-9_-]{8,2000}(?:\.[A-Za-z0-9_-]{0,2000})?"
)

_ACCOUNTS: Final = (
    announced_by(
        "微信号",
        "微信号|微信id|微信 id|微信账号|微信帐号|微信昵称|加微信|加我微信|加v|加我v|加vx|加我vx",
        r"[xX]?[ \t]{0,2}(?:[:=]|是|为|叫)?[ \t\"“「]{0,2}([A-Za-z][A-Za-z0-9_-]{5,19})(?![A-Za-z0-9_-])",
    ),
    announced_by(
        "微信号",
        "wechatid|wechat id|we-chat id|weixin id|weixinid|vx|wx|wx号",
        r"[ \t]{0,2}(?:[:=]|是|为| )[ \t\"“「]{0,2}([A-Za-z][A-Za-z0-9_-]{5,19})(?![A-Za-z0-9_-])",
        bounded=True,
    ),
    announced_by(
        "微信号",
        "微信",
        r"[ \t]?[:=][ \t]{0,2}((?=[A-Za-z_-]{0,19}[\d_-])[A-Za-z][A-Za-z0-9_-]{5,19})(?![A-Za-z0-9_.-])",
    ),
    announced_by("QQ号", "qq|扣扣|企鹅|企鹅号", rf"{_SAYS}([1-9](?:[ \t-]?\d){{4,10}})(?!\d|\.\d)"),
    announced_by(
        "验证码",
        "验证码|校验码|动态码|动态密码|短信码|取件码|verification code|security code|one-time code|one-time password",
        rf"{_FILLER}(?:is )?({_GROUPED}{{3,7}})(?!\d|\.\d)",
    ),
    announced_by(
        "证件号",
        "护照|通行证|回乡证|台胞证|居留证|军官证|港澳证|passport|permit",
        r"(?:号码?|编号| ?no\.?| number)?[ \t]{0,2}(?:[:=]|是|为)?[ \t]{0,2}([A-Za-z]{0,2}[ ]?\d{7,10})(?![0-9A-Za-z])",
    ),
    announced_by("IMEI", "imei|meid|串号", rf"[12]?{_SAYS}({_GROUPED}{{14,15}})(?!\d)"),
    announced_by(
        "银行卡号", "银行卡|储蓄卡|信用卡|卡号|card number|card no", rf"\.?{_SAYS}({_GROUPED}{{11,18}})(?!\d|\.\d)"
    ),
    announced_by(
        "用户名", "/home/|/users/|:\\users\\|:\\\\users\\\\|:\\documents and settings\\", r"([^\s/\\:\"'<>|]{1,64})"
    ),
    announced_by("WiFi名称", "ssid|bssid", _SET + r"([^\s\"”」,，。;；!！?？、]{1,32})"),
    announced_by(
        "WiFi名称",
        "wifi|wi-fi|无线名称|无线名|无线网络|无线网络名|无线网络名称|热点|热点名|热点名称",
        r"[ ]?(?:名称|名字|名|网络名|name)?" + _SET + r"([^\s\"”」》,，。;；!！?？、]{2,32})",
    ),
    announced_by(
        "序列号",
        "序列号|设备号|sn|s/n|serial|serialno|serial number|serial no|serial_number|serialnumber",
        r"[\])]?[ \t]{0,2}(?:[:=#]|是|为|\t| )[ \t]{0,2}\[?([A-Za-z0-9][A-Za-z0-9-]{5,23})(?![A-Za-z0-9])",
    ),
)
_CODES: Final = ("验证码", "校验码", "动态码", "verification code", "login code")
_CODE_FIRST: Final = re.compile(
    rf"(?<![\d.])({_GROUPED}{{3,7}})(?![\d.])[ \t]{{0,2}}(?:[(（]|是|为|作为|is)[^\d\n]{{0,10}}$", re.IGNORECASE
)
_WXID: Final = re.compile(r"wxid_(?<![A-Za-z0-9]wxid_)[A-Za-z0-9_-]{4,32}")
_OPENID: Final = re.compile(r"o(?<![A-Za-z0-9_-]o)[A-Za-z0-9_-]{27}(?![A-Za-z0-9_-])")
_SHAPED: Final[tuple[tuple[Kind, re.Pattern[str]], ...]] = (("密钥", _JWT), ("微信号", _WXID))
_SHARED_HOMES: Final = frozenset({"public", "shared", "default", "all", "guest"})
_NO_ACCOUNT: Final = re.compile(
    r"(?:android|iphone|windows|version|harmony|wechat|unknown|null|none|micromessenger|macos)", re.IGNORECASE
)
_NO_SSID: Final = re.compile(
    r"(?:否|开|关|正常|好|什么|不|没|连|可以|有|true|false|on\b|off\b|null|none|yes|no\b|<|5G|4G)", re.IGNORECASE
)


def announced(page: Page) -> Iterator[Span]:
    """Find what the words around it announce, the most telling first."""
    for row in (*_SECRETS, *_ACCOUNTS):
        yield from _of(page, row)
    for at in page.places(_CODES):
        code = _CODE_FIRST.search(page.before(at, 32))
        if code is not None:
            start = max(0, at - 32) + code.start(1)
            yield Span(start, start + len(code[1]), "验证码", _digits(code[1]))
    for kind, pattern in _SHAPED:
        yield from (Span(*found.span(), kind, found[0]) for found in pattern.finditer(page.text))
    for found in _OPENID.finditer(page.text):
        if _mixed(found[0]):
            yield Span(*found.span(), "OpenID", found[0])


def _of(page: Page, row: Announced) -> Iterator[Span]:
    for found in page.matches(row.words, row.pattern):
        start, end, value = *found.span(1), found[1]
        if not _is_word(row, value):
            yield Span(
                start, end, row.kind, _digits(value) if row.kind in ("QQ号", "验证码", "银行卡号", "IMEI") else value
            )


def _is_word(row: Announced, value: str) -> bool:
    """Whether what follows is an ordinary word and no name or number: `Wi-Fi 是好的`, `/Users/Shared`."""
    if row.kind == "微信号":
        return _NO_ACCOUNT.match(value) is not None
    if row.kind == "WiFi名称":
        return _NO_SSID.match(value) is not None
    if row.kind == "序列号":
        return not any(char.isdigit() for char in value)
    return row.kind == "用户名" and value.lower() in _SHARED_HOMES


def _digits(text: str) -> str:
    return "".join(char for char in text if char.isdigit())


def _mixed(text: str) -> bool:
    return any(c.isdigit() for c in text) and any(c.isupper() for c in text) and any(c.islower() for c in text[1:])
