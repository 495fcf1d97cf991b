"""What only the words around it give away: accounts, codes, passwords, tokens, documents, the name in a home path."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from diagnostics.redaction.kinds import Kind, LabelledPattern, Span, labelled_pattern
from diagnostics.redaction.numbers import PHONE_WORDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from diagnostics.redaction.kinds import Document

_SAYS: Final = r"[ \t]{0,2}(?:号码?|账号|帐号)?[ \t]{0,2}(?:[:=]|是|为|叫|\t)?[ \t\"'“「]{0,2}"
_SET: Final = r"[\"']?[ \t]{0,2}(?:[:=]|是|为|叫)[ \t]{0,2}[\"'“「]?"
_VALUE: Final = (
    r"[\"']?[ \t]{0,2}[:=][ \t]{0,2}(?=[\"']?([^\s\"'&;,，。<]{4,2000})|'([^'\n]{4,200})'|\"([^\"\n]{4,200})\")"
)
_OPEN: Final = r"[\s:=：,，、。\"'“”‘「『【\[(（《*~>-]"
_FILLER: Final = (
    rf"(?:{_OPEN}|号码?|账号|帐号|码|是|为|的|就|即|您|你|我|了|成|改|设置?|收到|发来|发给|叫|填|输入|报|给|is\b|was\b|id\b|no\b"
    r"|number\b|to\b){0,10}"
)
"""What stands between a word and the value that it announces: said or typed, in brackets, on the next line."""
_GROUPED: Final = r"\d(?:[ \t-]?\d)"
_UNIT: Final = (
    r"[ \t]{0,2}(?:次|分|秒|天|遍|条|个|位|年|月|日|小时|元|块|岁|点|款|种|张|人|版|%"
    r"|times?\b|min|sec|days?\b|char|digits?\b"
    r"|attempts?\b|tries\b|of\b)"
)
_NOT_COUNTED: Final = rf"(?!\d|\.\d|{_UNIT})"
_DATE: Final = r"(?:19|20)\d\d(?:[-/.年]\d|(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?!\d))"
_TYPED: Final = rf"((?=[!-~]{{0,63}}\d)(?!\d{{1,2}}:\d\d|{_DATE}|\d+{_UNIT})[!-;=?-~]{{4,64}})"
"""A password as it is typed: at least a digit is in it, or any word would be one."""
_ID: Final = r"([A-Za-z][A-Za-z0-9_-]{5,19})(?![A-Za-z0-9_-]|\.[A-Za-z0-9])"
_PLAIN_ID: Final = (
    r"((?=[A-Za-z0-9_-]{0,19}[a-z])(?=[A-Za-z_-]{0,19}[\d_])[A-Za-z][A-Za-z0-9_-]{5,19})(?![A-Za-z0-9_.@-])"
)
"""An account behind a word that announces other things too: a digit or `_` is in it, and small letters."""
_CODE_WORDS: Final = (
    "验证码|校验码|动态码|动态密码|动态口令|短信码|取件码|确认码|授权码|激活码|识别码|安全码|收到的码|发来的码|提取码|"
    "verification code|security code|one-time code|one-time password|sms code|login code|confirmation code|auth code|"
    "authentication code|access code|pass code|passcode|your code|use code|otp"
)

_SECRETS: Final = (
    labelled_pattern(
        "密钥", "://", r"([^\s:/@?#\"']{0,64}:(?!\*{3}@|\d{1,5}(?:[/\s]|$))[^\s\"'<>]{1,128})@(?=[\w\[.-])"
    ),
    labelled_pattern(
        "密钥",
        "postgresql://|postgres://|mysql://|redis://|mongodb://",
        r"([^\s:/@?#\"']{0,64}:(?!\*{3}@)[^\n@\"'<>]{1,64})@",
    ),
    labelled_pattern("密钥", "set-cookie|cookie", r"[\"']?[ \t]?[:=][ \t]?([^\r\n\"']{4,2000})"),
    labelled_pattern("密钥", "authorization",
        r"[\"']?[ \t]?[:=][ \t]?[\"']?((?:[A-Za-z]{3,10}[ \t])?[^\s,;\"']{4,2000})"),
    labelled_pattern("密钥", "bearer", r"[ \t]{1,2}([A-Za-z0-9._~+/-]{8,2000}=*)", bounded=True),
    labelled_pattern("密钥",
        "password|passwd|passphrase|secret|token|api_key|api-key|apikey|session|session_id|sessionid|session_key",
        _VALUE),
    labelled_pattern("密钥", "pwd|sid|skey|sign|signature|pass", _VALUE, bounded=True),
    labelled_pattern("密钥", "ticket", r"=([A-Za-z0-9_@%+/-]{16,2000})"),
    labelled_pattern("密钥", "密码|口令|暗号", r"[ \t]{0,2}(?:[:=]|是|为|改成|设成)[ \t]{0,2}([!-~]{4,64})"),
    labelled_pattern("密钥", "密码|口令|暗号|密 码|mima", _FILLER + _TYPED),
    labelled_pattern("密钥", "password|passwd|passphrase|pwd",
        r"[\"']?[ \t]{0,2}(?:[:=]|is\b|was\b|to\b|->)?[ \t]{0,2}[\"'“(\[]?" + _TYPED, bounded=True),
    labelled_pattern("密钥", "pin", rf"(?:[ -]?code|码)?{_FILLER}(\d{{4,8}}){_NOT_COUNTED}(?![A-Za-z])", bounded=True),
    labelled_pattern("验证码", "cvv|cvc|cvn|cvv2|cvc2|cvn2", rf"{_FILLER}({_GROUPED}{{2,3}}){_NOT_COUNTED}",
        bounded=True),
    labelled_pattern("验证码",
        "安全码|security code|背面三位|背面后三位|背后三位|背面末三位|后三位|末三位|背面的三位|背面的后三位",
        rf"(?:数字|数)?{_FILLER}({_GROUPED}{{2,3}}){_NOT_COUNTED}"),
    labelled_pattern("密钥", "有效期|valid thru|valid through|expiry|expiration|exp",
        rf"(?: date)?{_FILLER}((?:0[1-9]|1[0-2])[ ]?[/-]?[ ]?(?:20)?\d\d)(?!\d|[-/.:年月])"),
    labelled_pattern("证件号", "身份证",
        r"(?:号码?)?的?[后末尾最]{1,2}[六四64]位" + rf"(?:数字?)?{_FILLER}([\dxX]{{4,6}})(?![0-9A-Za-z])"),
)  # fmt: skip
_JWT: Final = re.compile(
    r"eyJ(?<![A-Za-z0-9_-]eyJ)[A-Za-z0-9_-]{8,2000}\.[A-Za-z0-9_-]{8,2000}(?:\.[A-Za-z0-9_-]{0,2000})?"
)

_ACCOUNTS: Final = (
    labelled_pattern(
        "微信号",
        "微信号|微信id|微信 id|微信账号|微信帐号|微信昵称|微信小号|加微信|加我微信|加v|加我v|加vx|加我vx|加微|v信"
        "|薇信|威信|维信|绿泡泡|卫星号",
        rf"[xX]?{_FILLER}{_ID}",
    ),
    labelled_pattern("微信号", "微信号|微信账号|微信帐号", r"[ \t]?(?:[:=]|是|为)[ \t]?([1-9]\d{5,11})" + _NOT_COUNTED),
    labelled_pattern("微信号", "wechatid|wechat id|we-chat id|weixin id|weixinid|vx|wx|wx号",
        rf"[ \t]{{0,2}}(?:[:=]|是|为| )[ \t\"“「]{{0,2}}{_ID}", bounded=True),
    labelled_pattern("微信号", "vx|wx", r"(?=[A-Za-z_-]{4,16}\d{2,8}(?![A-Za-z0-9_-]))" + _PLAIN_ID, bounded=True),
    labelled_pattern("微信号", "vx|wx|v", rf"(?={_OPEN}|是|为|号){_FILLER}{_PLAIN_ID}", bounded=True),
    labelled_pattern("微信号", "微信|wechat|weixin", rf"{_FILLER}{_PLAIN_ID}", bounded=True),
    labelled_pattern("微信号",
        "telegram|tg|电报|抖音号|抖音|快手号|快手|小红书号|line id|skype|支付宝账号|支付宝号|陌陌号",
        rf"{_FILLER}@?{_PLAIN_ID}(?!@)", bounded=True),
    labelled_pattern("微信号", "unionid|union_id", _VALUE),
    labelled_pattern("QQ号", "qq|q q|扣扣|企鹅|企鹅号|加q|球球",
        rf"{_FILLER}(?!{_DATE})([1-9](?:[ \t-]?\d){{4,10}}){_NOT_COUNTED}", bounded=True),
    labelled_pattern("验证码", _CODE_WORDS, rf"{_FILLER}(?!{_DATE})({_GROUPED}{{3,7}}){_NOT_COUNTED}"),
    labelled_pattern("验证码", _CODE_WORDS,
        r"[ \t]{0,2}(?:[:=]|是|为|is\b)[ \t]{0,2}((?=[A-Z]{0,7}\d)[A-Z0-9]{4,8})(?![A-Za-z0-9])"),
    labelled_pattern("证件号", "护照|通行证|回乡证|台胞证|居留证|军官证|港澳证|passport|permit",
        r"(?:号码?|编号| ?no\.?| number)?[ \t]{0,2}(?:[:=]|是|为)?[ \t]{0,2}"
        r"([A-Za-z]{0,2}[ ]?\d{7,10})(?![0-9A-Za-z])"),
    labelled_pattern("IMEI", "imei|meid|串号", rf"[12]?{_SAYS}({_GROUPED}{{14,15}})(?!\d)"),
    labelled_pattern("银行卡号", "银行卡|储蓄卡|信用卡|借记卡|卡号|账户|帐户|账号|帐号|工资卡|card number|card no",
        rf"\.?{_FILLER}({_GROUPED}{{11,20}})(?!\d|\.\d)"),
    labelled_pattern("用户名", "/home/|/users/|:\\users\\|:\\\\users\\\\|:\\documents and settings\\",
        r"([^\s/\\:\"'<>|]{1,64})"),
    labelled_pattern("WiFi名称", "ssid|bssid", _SET + r"([^\s\"”」,，。;；!！?？、]{1,32})"),
    labelled_pattern("WiFi名称", "wifi|wi-fi|无线名称|无线名|无线网络|无线网络名|无线网络名称|热点|热点名|热点名称",
        r"[ ]?(?:名称|名字|名|网络名|name)?" + _SET + r"([^\s\"”」》,，。;；!！?？、]{2,32})"),
    labelled_pattern(
        "序列号",
        "序列号|设备号|sn|s/n|serial|serialno|serial number|serial no|serial_number|serialnumber",
        r"[\])]?[ \t]{0,2}(?:[:=#]|是|为|\t| )[ \t]{0,2}\[?([A-Za-z0-9][A-Za-z0-9-]{5,23})(?![A-Za-z0-9])",
    ),
    labelled_pattern("序列号", "序列号|设备号", r"(?=[A-Z]{0,19}\d)(?=\d{0,19}[A-Z])([A-Z0-9]{8,20})(?![A-Za-z0-9])",
        flags=0),
    labelled_pattern("MAC地址", "mac地址|mac 地址|物理地址", r"[ \t:=是为]{0,3}([0-9A-F]{12})(?![0-9A-Za-z])"),
)  # fmt: skip
_ANY_WORD: Final = re.compile(
    "|".join(sorted({re.escape(word) for row in (*_SECRETS, *_ACCOUNTS) for word in row.words}))
)
"""Many texts hold none of these: they need one look instead of one for each word."""
_TOLD_TELEPHONE: Final = labelled_pattern(
    "电话号码",
    PHONE_WORDS + "|联系方式|号码",
    r"(?:[\s:=\"'“「【\[*]|号码?|方式|是|为|的|我|is\b|no\b\.?|number\b|打|留了?){0,6}"
    rf"(?!(?:400|800)[ -]?\d{{3}}[ -]?\d{{4}})(?!{_DATE}|95\d{{3}}(?!\d))"
    rf"(\(?\+?\d(?:[ /()~|_—-]{{0,2}}\d){{6,14}}){_NOT_COUNTED}(?![A-Za-z]{{2}})",
)
_CODES: Final = ("验证码", "校验码", "动态码", "verification code", "login code", "security code")
_CODE_FIRST: Final = re.compile(
    rf"(?<![\d.])({_GROUPED}{{3,7}})(?![\d.])[ \t]{{0,2}}(?:[(（]|是|为|作为|is)[^\d\n]{{0,24}}$", re.IGNORECASE
)
_WXID: Final = re.compile(r"wxid_(?<![A-Za-z0-9]wxid_)[A-Za-z0-9_-]{4,32}")
_OPENID: Final = re.compile(r"o(?<![A-Za-z0-9_-]o)[A-Za-z0-9_-]{27}(?![A-Za-z0-9_-])")
_SHAPED: Final[tuple[tuple[Kind, re.Pattern[str]], ...]] = (("密钥", _JWT), ("微信号", _WXID))
_OF_DIGITS: Final = frozenset({"QQ号", "验证码", "银行卡号", "电话号码", "IMEI"})
_SHARED_HOMES: Final = frozenset({"public", "shared", "default", "all", "guest"})
_NO_ACCOUNT: Final = re.compile(
    r"(?:android|iphone|ipad|ios|windows|win\d|version|ver\d|harmony|wechat|weixin|unknown|null|none|micromessenger|mac\b|macos|"
    r"miui|coloros|originos|emui|huawei|xiaomi|redmi|oppo|vivo|oneplus|realme|meizu|honor|samsung|galaxy|pixel|mate\d|nova\d|reno|"
    r"build|err|code|beta|alpha|rc\d|release|x86|arm|xweb|kernel|wallet|https?\b|tcp\b|api|sdk|pay|appid|(?:[0-9a-f]{16})$)",
    re.IGNORECASE,
)
_NO_SSID: Final = re.compile(
    r"(?:否|开|关|正常|好|什么|不|没|连|可以|有|true|false|on\b|off\b|null|none|yes|no\b|<|5G|4G)", re.IGNORECASE
)


def labelled_values(page: Document) -> Iterator[Span]:
    """Find what the words around it announce, the most telling first."""
    for row in (*_SECRETS, *_ACCOUNTS) if _ANY_WORD.search(page.lowered) else ():
        yield from _of(page, row)
    for at in page.places(_CODES):
        code = _CODE_FIRST.search(page.before(at, 48))
        if code is not None:
            start = max(0, at - 48) + code.start(1)
            yield Span(start, start + len(code[1]), "验证码", _digits(code[1]))
    for kind, pattern in _SHAPED:
        yield from (Span(*found.span(), kind, found[0]) for found in pattern.finditer(page.text))
    for found in _OPENID.finditer(page.text):
        text = found[0]
        if any(map(str.isdigit, text)) and any(map(str.isupper, text)) and any(map(str.islower, text[1:])):
            yield Span(*found.span(), "OpenID", found[0])


def telephones(page: Document) -> Iterator[Span]:
    """Find the telephone numbers of any country or length that a word announces."""
    yield from _of(page, _TOLD_TELEPHONE)


def _of(page: Document, row: LabelledPattern) -> Iterator[Span]:
    for found in page.matches(row):
        which = next(group for group in range(1, found.re.groups + 1) if found[group] is not None)
        start, end, value = *found.span(which), found[which]
        if not _is_word(row, value):
            yield Span(start, end, row.kind, _digits(value) if row.kind in _OF_DIGITS and _digits(value) else value)


def _is_word(row: LabelledPattern, value: str) -> bool:
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
