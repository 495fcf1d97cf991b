"""What only the words around it, or its form, give away: accounts, codes, passwords, documents, machines."""

from __future__ import annotations

import re
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Final

from diagnostics.redaction.kinds import CLOCK, IN_ENGLISH, UNITS, WORDS, Kind, LabelledPattern, Span, behind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from diagnostics.redaction.kinds import Document

_SET: Final = r"[\"']?[ \t]{0,2}(?:[:=]|是|为|叫)[ \t]{0,2}[\"'“「]?"
_VALUE: Final = (
    r"(?:[_-]?(?:key|value|id))?[\"']?(?: is)?[ \t]{0,2}[:=][ \t]{0,2}"
    r"(?='([^'\n]{4,200})'|\"([^\"\n]{4,200})\"|[\"']?([^\s\"'&;,，。<]{4,2000}))"
)
_OPEN: Final = (
    r"[\s:=,，、。;；？?！!\"'“”‘’「」『』【】\[\]{}()（）《》*#~>|/…→❤♥➕+-]"
    r"|\.(?!\d|[A-Za-z]+_[A-Za-z_]+(?![A-Za-z0-9]))"
)
_THE: Final = (
    r"号码?|[账帐]号|码|是不?|为|的|了|就|即|叫|您|你|我|他|她|加|给|搜|小|大|新|旧|老|同|[改换变]?成|[改换]"
    r"|现在|目前|以前|之前|原来|后来|联系|备用|登[录陆]|从|用"
    r"|发|一个|另|分别|多少|什么|吗|呢|啊|哈|哦|用户|客户|顾客|这个|那个|也|都|hao(?![A-Za-z0-9_-])"
)
_WORDS: Final = r"is|was|are|it'?s?|id|no|nr|num|number|the|my|as|to|called|and|at|me|here|handle|name|s"
ASKED: Final = (
    rf"[^\n\d额钱款费版错月年]{{0,24}}(?:\n(?:\[?{CLOCK}\]?[ ]?)?[^\n\d:.,，。]{{0,12}}:"
    r"|号码?(?:[是为:]|就是)|[?？]\n)"
    r"[ \t]?(?:(?:[给说报发念填]了|收到了?|有|对|是的?|嗯|好的?|yes)[ ,，。]{0,2})?"
)
"""The rest of a question, and whose answer it is; or a sentence more: `用回乡证实名的，号是`."""
_FILLER: Final = rf"(?:(?:{_OPEN}|{_THE}|(?:{_WORDS})(?![A-Za-z0-9_-])){{0,10}}+|{ASKED})"
"""What stands between a word and the account that it announces: said or typed, in brackets, on the next line."""
_GROUPED: Final = r"\d(?:[ \t-]?\d)"
_JOIN: Final = r"(?:[ \t]{0,2}(?:[^\w\s<>]|_){1,4}[ \t]{0,2}|[ \t]{1,3}|[ \t]?\r?\n[ \t]?)"
_UNIT: Final = rf"[ \t]{{0,2}}(?:{UNITS})"
_NOT_COUNTED: Final = rf"(?!\d|[.~]\d|{_UNIT})"


def _digits(least: int, most: int) -> str:
    """Return the pattern of an announced number of so many digits: in a piece, digit by digit, in groups.

    Behind a group of less than three digits no group of more follows: that is a version, a date or a time.
    """
    return (
        rf"((?!(?:19|20)\d\d[-/.年]\d)(?:\d(?:{_JOIN}\d){{{least - 1},{most - 1}}}(?!{_JOIN}?\d)"
        rf"|(?=(?:\d\D{{0,6}}){{{least},{most}}}(?!\d))\d{{3,5}}(?:{_JOIN}\d{{1,5}}){{1,3}}(?![.:/-]?\d)"
        rf"|{_GROUPED}{{{least - 1},{most - 1}}}))"
    )


_DATE: Final = r"(?:19|20)\d\d(?:[-/.年]\d|(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?!\d))"
_PUBLIC: Final = r"(?:(?:95|96|10|12)\d{3}(?!\d)|106\d)"
_FURTHER: Final = (
    rf"(?:(?!{WORDS['elsewhere']})[^\n\d]){{1,24}}?(?<![A-Za-z./_+¥￥$#-])"
    rf"(?!{_DATE}|{_PUBLIC}|(?:19|20)\d\d(?!\d)|\d{{1,3}}000(?!\d))"
)
"""More of a sentence, if it does not begin to tell of something else that has a number."""
_FURTHER_DIGITS: Final = rf"{_FURTHER}(\d{{4,12}}|\d{{3}}[ -]\d{{3}})(?![\dA-Za-z:/_%-]|\.\d){_NOT_COUNTED}"
_FURTHER_MIXED: Final = (
    rf"{_FURTHER}((?!{WORDS['no_account_begins']})(?=[A-Za-z_@!#$&*.-]{{0,16}}\d)(?=[\d_@!#$&*.-]{{0,12}}[A-Za-z])"
    r"[A-Za-z0-9_@!#$&*.-]{5,24})(?![A-Za-z0-9@])"
)
_CODE: Final = rf"(?:[A-Z]{{1,3}}-)?(?!{_DATE}|{_PUBLIC})"
_TYPED: Final = rf"(?!{IN_ENGLISH}[^\w\n]{{1,3}}{IN_ENGLISH}[^\w\n])([!#-;=?-~]{{4,64}})"
_WITH_A_DIGIT: Final = (
    rf"(?=[!-~]{{0,63}}\d)(?!\d{{1,2}}:\d\d|{_DATE}|{_PUBLIC}|\d+{_UNIT}"
    r"|\d{1,2}-(?:digit|letter|char)|v?\d{1,4}(?:[./~-]\d{1,5}){1,4}(?![A-Za-z0-9]))" + _TYPED
)
"""A password as it is typed: at least a digit is in it, or any word would be one; no time, date, count or version."""
_ID: Final = (
    r"([A-Za-z](?:[A-Za-z0-9_-]{5,19}|[A-Za-z]{2}(?=[A-Za-z_.-]{0,20}\d)[A-Za-z0-9_.-]{3,21}))"
    r"(?![A-Za-z0-9_@-]|\.[A-Za-z0-9])"
)
_PLAIN_ID: Final = (
    r"((?=[A-Za-z0-9_-]{0,19}(?-i:[a-z]))(?=[A-Za-z_-]{0,19}[\d_])[A-Za-z][A-Za-z0-9_-]{5,19})(?![A-Za-z0-9_.@-])"
)
"""An account behind a word that announces other things too: a digit or `_` is in it, and small letters."""
_NO_CODE_SIGN: Final = "(?<![误回代编维条号尺邮乱解源款股转掩务应果示障道景店品批本型域市]码)"
_NO_CODE: Final = f"返回 ?|(?:{WORDS['no_codes']})[ _-]?"
"""What may stand before `code` or 码 and makes it one that is nobody's."""
_DISGUISED: Final = (
    r"(?:[威薇维徽葳嶶溦魏卫蔚喂围违][ .·-]?[信心新芯星伈❤♥x]|微 ?[讯心新芯星伈❤♥x]|薇|[微薇威] ?xin|绿泡泡"
    r"|(?<![A-Za-z0-9])[vw] ?[信❤♥]|(?<![A-Za-z0-9_])v[ .]?x(?![A-Za-z0-9_]))"
)
_WECHAT: Final = (
    rf"(?:{_DISGUISED}|微[ .·-]?信|wei ?信|weixinhao|微 ?xin|小绿|(?<![A-Za-z0-9_])(?:we-?chat|weixin|w[ .]?x|v)"
    r"(?![A-Za-z0-9_]))"
)
_WECHAT_STARTS: Final = "加|搜|➕|私|找|微|威|薇|维|徽|葳|嶶|溦|魏|卫|蔚|喂|围|违|绿|小绿|+|v|wx|w x|w.x|v.x|we|w信|w❤"
_QQ: Final = "[q扣叩抠蔻口秋丘球]"
_bounded = partial(LabelledPattern, bounded=True)
_SECRETS: Final = (
    LabelledPattern("密钥", "://",
        r"([^\s:/@?#\"']{0,64}:(?!\*{3}@|\d{1,5}(?:[/\s]|$))[^\s\"'<>]{1,128})@(?=[\w\[.-])"),
    LabelledPattern("密钥", "postgresql://|postgres://|mysql://|redis://|mongodb://",
        r"([^\s:/@?#\"']{0,64}:(?!\*{3}@)[^\n@\"'<>]{1,64})@"),
    LabelledPattern("密钥", ":5432:|:3306:|:6379:|:27017:", r"[^\s:]{0,64}:[^\s:]{0,64}:(?!\*{3})([^\s\"'<>]{4,128})"),
    LabelledPattern("密钥", "set-cookie|cookie", r"[\"']?[ \t]?(?:[:=]|是|里[有是])[ \t]?([^\r\n\"']{4,2000})"),
    LabelledPattern("密钥", "authorization",
        r"[\"']?[ \t]?[:=][ \t]?[\"']?((?:[A-Za-z]{3,10}[ \t])?[^\s,;\"']{4,2000})"),
    _bounded("密钥", "bearer", r"[ \t]{1,2}([A-Za-z0-9._~+/-]{8,2000}=*)"),
    LabelledPattern("密钥", "ss://|ssr://|trojan://|vless://|vmess://", r"([^\s@#?\"'<>]{8,2000})"),
    LabelledPattern("密钥", "password|passwd|passphrase|passcode|secret|token|api_key|api-key|apikey|pwd", _VALUE),
    LabelledPattern("密钥", "wpa|wep", r"2?;P:([^;\n]{4,64})"),
    _bounded("密钥", "pw|sid|skey|sign|paysign|signature|pass", _VALUE),
    LabelledPattern("密钥", "key|auth|secret|token|ticket|session|session id|session_id|sessionid|jwt|cookie|密钥",
        r"(?:[\"']?[ \t:=是]{1,3}[\"']?|(?<=钥))"
        r"((?=[A-Za-z_+./-]{0,40}\d)(?=[\d_+./-]{0,40}[A-Za-z])[A-Za-z0-9_+./:%-]{12,200}=*)(?![A-Za-z0-9])"),
    _bounded("密钥", "code", r"=(?=[A-Za-z_-]{0,30}\d)(?=[\d_-]{0,30}[A-Za-z])([A-Za-z0-9_-]{12,200})"),
    LabelledPattern("密钥", "密码|口令|暗号|密 码|mima|mi ma|解锁|锁屏|屏幕锁|手机锁|开机码|卡密|儿童锁",
        rf"(?:[ \t]{{0,2}}(?:[:=]|是|为|改成|设成)[ \t]{{0,2}}[\"“「]?(?!{_PUBLIC}){_TYPED}"
        rf"|{_FILLER}(?:{_digits(4, 12)}(?![!-~]){_NOT_COUNTED}|{_WITH_A_DIGIT}"
        rf"|([三四五六3-6]个[\d零一二三四五六七八九])(?!\d|{_UNIT}))|{_FURTHER_DIGITS}|{_FURTHER_MIXED})"),
    _bounded("密钥", "password|passwd|passphrase|pwd|pw|passcode|psw|pass is|pass was|login pass|wifi pass|my pass",
        rf"(?:s?(?![A-Za-z])|(?<=pwd)|(?<=word)|(?<=pass))"
        rf"(?:{_FILLER}(?:{_digits(4, 12)}(?![!-~]){_NOT_COUNTED}|{_WITH_A_DIGIT})"
        rf"|{_FURTHER_DIGITS}|{_FURTHER_MIXED})"),
    LabelledPattern("密钥", "login|wifi|登录|登陆|账号|帐号|account|user|用户名|credentials",
        r"(?:密码)?[ :是]{1,3}[\w.@+<>\n-]{3,40}(?: ?[/|:] ?|[ ,;]{1,3}pass[ :]{1,2})"
        rf"(?!\d{{2,5}}(?!\w)){_WITH_A_DIGIT}"),
    _bounded("密钥", "mm", rf"[ :=是]{{1,3}}(?=[!-~]{{6}}){_WITH_A_DIGIT}"),
    LabelledPattern("密钥", "密",
        rf"[ :=是]{{0,3}}(?=[A-Za-z]{{1,20}}\d{{2}}|\d{{2,12}}[A-Za-z])(?=[!-~]{{6}}){_WITH_A_DIGIT}"),
    _bounded("密钥", "admin|administrator|root", rf" ?/ ?(?=[^\s\"'()/]{{4,32}}(?:\s|$)){_WITH_A_DIGIT}",
        not_after="[/.]"),
    LabelledPattern("密钥", "curl|mysql|sshpass|psql|redis-cli",
        r"[^\n]{0,80}? -(?:u ?(?=[^\s:]+:)|[pa] ?)[\"']?(?!\d{1,5}\s)([^\s\"']{4,64})"),
    _bounded("密钥", "pin|青少年模式|少年模式|儿童模式|家长模式",
        rf"(?:码| ?code)?(?:{_FILLER}{_CODE}{_digits(4, 8)}{_NOT_COUNTED}(?![A-Za-z])|{_FURTHER_DIGITS})"),
    LabelledPattern("验证码", WORDS["card_codes"], whole=
        r"(?:(?<![A-Za-z0-9])cv[vcn]2?(?![A-Za-z])(?: code)?|安全码|security (?:code|number)|签名[栏条处]"
        r"|[三3]位[校验][证验]码|number on the back|digits (?:on|behind|at) (?:the )?back"
        r"|(?:[34]|three|four)[ -]digit(?: code| number)?"
        r"|背面(?:的?数字)?|[背反]?[后面末尾]?面?(?:那|的|最后|末尾?){0,2}[三3]"
        r"(?:码|[位个]数?字?码?|(?<=后三)(?=[ :是]?\d)))"
        rf"(?:{_FILLER}|[^\n\d]{{0,24}}(?:\n[^\n\d:]{{0,12}}:)?[^\n\d]{{0,8}}\d\d/\d\d[ ,，、;]{{1,3}})"
        rf"(?:{_digits(3, 4)}|{_FURTHER}(\d{{3,4}})(?![\dA-Za-z.:/-])){_NOT_COUNTED}"),
    LabelledPattern("密钥", "有效|效期|效期到|效期至|valid|good thru|expiry|expiration|exp",
        rf"(?: date| (?:thru|through|until|till|to)\b)?{_FILLER}"
        r"((?:0[1-9]|1[0-2])[ ]?[/-]?[ ]?(?:20)?\d\d)(?!\d|[-/.:年月])"),
    LabelledPattern("密钥", "0|1", anywhere=
        r"[ |,，;/](?<=\d{4}.)[ |,，;/]{0,2}((?:0[1-9]|1[0-2])[/|-](?:20)?\d\d[ |,，;/]{1,3}\d{3,4})(?!\d)"),
    LabelledPattern("密钥", "卡|card|visa|cv",
        r"[^\n]{0,50}?(?:有效期|valid|expire[sd]?|exp|到期日?)[^\w\n]{0,3}(?:[是到至为]|thru|until)?"
        r"[ :]{0,2}((?:20)?\d\d[年/.-][01]?\d月?|[01]?\d[月/](?:20)?\d\d年?|[23]\d[01]\d)(?![\d/.年日-])"),
    LabelledPattern("证件号", "身份证|证件",
        rf"(?:号码?|的|上|[前后末尾最]{{1,2}}[六四八648]位(?:数字?)?|\d{{6}}|{_OPEN}){{0,6}}"
        rf"(?:[前后末尾最倒数]{{1,2}}[六四八648]位|[前后末尾开][面头]|尾[数号]|末尾)(?:数字?)?{_FILLER}"
        r"([\dxX]{4,8})(?![0-9A-Za-z])"),
)  # fmt: skip

_ACCOUNTS: Final = (
    LabelledPattern("微信号", _WECHAT_STARTS,
        whole=rf"(?:(?:[加➕]我?|[私找]我)(?:{_WECHAT}|微|vx?)|[加搜]我?(?= ?{_PLAIN_ID})|\+(?:{_WECHAT}|微"
        rf"|vx?(?=[a-z_-]{{2,17}}\d))"
        rf"|{_WECHAT} ?(?:小?号|id|[账帐]号|昵称|名(?!字)|(?<![A-Za-z])(?=:))|w ?x(?=[:=是为])|{_DISGUISED})"
        rf"{_FILLER}(?:{_ID}|(?!{_DATE})([1-9]\d{{5,9}}){_NOT_COUNTED}"
        rf"|(\d{{1,8}}(?!{_UNIT})[A-Za-z][A-Za-z0-9_-]{{2,16}})(?![A-Za-z0-9.])|(?:(?!{WORDS['elsewhere']})[^\n]){{1,24}}?(?<![A-Za-z0-9_./@-]){_PLAIN_ID})"
        rf"|{_WECHAT}{_FILLER}{_PLAIN_ID}"),
    _bounded("微信号", "vx|wx", r"(?=[A-Za-z_-]{2,17}\d)" + _PLAIN_ID),
    _bounded("微信号", WORDS["platforms"], r"(?!(?<=[A-Za-z])[A-Za-z0-9_])(?:"
        rf"(?: ?(?:id|account)|号|[账帐]号|用户名?|昵称)?{_FILLER}@?(?:{_PLAIN_ID}(?!@)"
        r"|(?=[A-Za-z.]{1,19}\d)(?=[\d.]{0,19}[A-Za-z])([A-Za-z0-9][A-Za-z0-9.]{6,19})(?![A-Za-z0-9_@]))"
        rf"|(?: ?u?id|号|[账帐]号| account){_FILLER}(?!{_DATE})([1-9]\d{{5,12}}){_NOT_COUNTED}(?![A-Za-z]))"),
    _bounded("OpenID", "unionid|union_id|openid|open_id",
        r"[\"']?[ \t]?[:=是为]?[ \t]?[\"']?(?=[A-Za-z_-]{0,30}\d)([A-Za-z0-9_-]{16,40})"),
    LabelledPattern("QQ号", "q|扣|叩|抠|蔻|口|秋|丘|球|企|🐧|加|群|进|入",
        whole=rf"(?<![A-Za-z0-9])(?:{_QQ}[ .-]?{_QQ}(?:邮箱|群)?|企鹅|🐧|加我?{_QQ}|[q加进入]群|群(?=[号:]|[ ]?\d{{8}})"
        rf"|[q扣](?=[号:我+是]|[ ]?\d{{6}})){_FILLER}(?!{_DATE}|0){_digits(5, 11)}{_NOT_COUNTED}"),
    LabelledPattern("验证码", WORDS["codes"],
        r"(?:[码嘛吗马]|(?<=动态)(?:密码|口令)|(?<=位)数字?|(?<=[四六46]位)(?<![前后末尾最间]..)(?=[是:]\d)"
        r"|[ _]?(?:code|number|passcode|password)"
        r"|(?<=令牌)|(?<=yzm)|(?<=otp)|(?<=captcha)|(?<=vcode))"
        rf"(?:{_FILLER}{_CODE}{_digits(4, 8)}{_NOT_COUNTED}|{_FURTHER_DIGITS}"
        rf"|{_FILLER}((?=[A-Za-z-]{{0,12}}\d)(?=[\d-]{{0,12}}[A-Za-z])[A-Za-z0-9]{{4,8}}(?:-[A-Za-z0-9]{{3,8}}){{0,4}})"
        r"(?![A-Za-z0-9.-])|(?<=授权码)[:是为 ]{0,3}([a-z]{16})(?![A-Za-z0-9]))"),
    LabelledPattern("验证码", "code|mobile|phone", whole=
        r"code[\"'] ?: ?[\"'](\d{4}|\d{6})[\"'][^{}\n]{0,60}(?:mobile|phone)[\"']"
        r"|(?:mobile|phone)[\"'][^{}\n]{0,60}?code[\"'] ?: ?[\"'](\d{4}|\d{6})[\"']"),
    _bounded("验证码", "use|enter|type|input",
        r" (?:code )?(\d{4}|\d{6}) (?:to (?:verify|log|sign|confirm|complete|continue)|(?:as|for) your)"),
    _bounded("验证码", "code|codes|码",
        rf"(?![\"']){_NO_CODE_SIGN}(?:"
        rf"(?<=码)[:是为 ]{{0,3}}(?=[a-z]{{0,11}}\d)(?=\d{{0,11}}[a-z])([a-z0-9]{{4,12}})(?![a-z0-9._-])"
        rf"|{_FILLER}(?:G-|FB-)?(?!10[0-2]\d{{3}}){_digits(6, 6)}{_NOT_COUNTED}(?![A-Za-z0-9])"
        rf"|(?= ?(?:was|came|arrived|reads|for|from|sent|they|he|she|i|you|我|就|他|给)"
        rf"[^\n\d]{{0,24}}(?:\d{{4}}|\d{{6}}|\d{{3}}[ -]\d{{3}})(?!\d)){_FURTHER_DIGITS})", not_after=_NO_CODE),
    LabelledPattern("证件号", WORDS["documents"],
        rf"(?:(?:{_OPEN}|{_THE}|证|上面?|档案|编号|[\u4e00-\u9fff]字第|(?:{_WORDS})(?![A-Za-z0-9_-])){{0,10}}+"
        rf"|{ASKED}|[^\n\d]{{0,8}}是)(?!{_DATE})"
        r"([A-Za-z]{0,3}[ -]?\d(?:[ -]?\d){5,17}[xX]?|(?=(?:[A-Z]{0,9}\d){3})[A-Z\d]{7,12})(?![0-9A-Za-z])"),
    LabelledPattern("证件号", WORDS["identity_cards"],
        rf"(?:字号|\.)?{_FILLER}([A-Za-z]{{1,2}} ?\d{{6}} ?\(?[\dAa]\)?|[A-Za-z]{{1,2}}\d{{7,8}}"
        rf"|[157]/?\d{{6}} ?[(/]?\d\)?|[A-Za-z][12]\d{{8}})(?![0-9A-Za-z])"),
    LabelledPattern("银行卡号", "尾|卡尾|号尾|末尾|后面|四位|4位|六位|6位|后四|末四|后4|末4|ending",
        not_after="版本号?|[单编]号|[a-z]", whole=
        rf"(?:尾[号数四4]|[后末][四4](?:个数字?|(?!个))|末尾|后面(?:(?<=[卡号话机]..)|(?=[是:]))|[卡号]尾|[四4六6]位(?<=[前后面末尾间]..)"
        rf"|ending(?=[ *]{{1,5}}\d)){_FILLER}"
        rf"{_digits(4, 8)}(?![A-Za-z@#%/*-]){_NOT_COUNTED}"),
    LabelledPattern("银行卡号", "结尾|这张|那张|的卡|的那", anywhere=
        r"([0-9](?<=(?<!\d).)\d{3})(?:结尾|[这那]张|的卡|的那)"),
    LabelledPattern("银行卡号", WORDS["banks"],
        r"(?:储蓄|信用|借记)?卡?[ ]?(?:[(\[【][*x•尾号 ]{0,6}(?!(?:19|20)\d\d)(\d{4})[)\]】]"
        r"|(\d{4}) ?(?:(?:的|[这那]张?)?(?:信用|储蓄|借记)?卡|[这那]张)"
        rf"|(?!(?:19|20)\d\d|\d\d00|95|10)(\d{{4}})"
        rf"(?![A-Za-z%/:*]|\.\d|[^\w\n]{{1,2}}\d{{4}}|_\d| ?的?[额房车利现活定开])){_NOT_COUNTED}"),
    LabelledPattern("银行卡号", "****|••••|●●●●|xxxx", anywhere=
        r"((?<![A-Za-z0-9*•●])(?:\d{3,6}[ -]?)?(?:[*•●xX]{4}[ -]?){1,3}[*•●]{0,7}\d{2,4}[\dX]"
        r"|1[3-9]\d{5}\*{4})(?![A-Za-z0-9])"),
    _bounded("银行卡号",
        WORDS["card_ends"],
        rf"(?:(?:[\"': =]|digits?|number|is|are|of|my|the|bank|credit|card|id|phone){{0,14}}|{ASKED})"
        r"(?!(?:19|20)\d\d)(\d{3,5}[\dX]|\d(?:[ -]?\d){3})(?![\d:.%]| ?(?:days|times))"),
    LabelledPattern("IMEI", "imei|meid|串号|串码|*#06#",
        rf"[12]?(?:{_FILLER}|(?<=#)[^\d\n]{{0,8}})({_GROUPED}{{13,15}})(?!\d)"),
    LabelledPattern("IMEI", "meid", anywhere=
        r"([a9](?<![0-9A-Za-z].)(?=[a-f -]{0,9}\d)(?:[ -]?[0-9a-f]){13})(?![0-9A-Za-z])"),
    LabelledPattern("手机号", "13|14|15|16|17|18|19", anywhere=
        rf"(1(?:(?<=(?<![\d.]).)[3-9]\d{{9}}(?=\d{{1,2}}{_UNIT}|20\d\d[年./-])|(?<=\d[:-]\d\d.)[3-9]\d{{9}}(?!\d)))"),
    LabelledPattern("银行卡号", "iban", rf"{_FILLER}([A-Z]{{2}}\d{{2}}(?: ?[A-Z0-9]{{2,4}}){{3,8}})(?![A-Za-z0-9])"),
    LabelledPattern("用户名", "/home/|/users/|:\\users\\|:\\\\users\\\\|:\\documents and settings\\",
        r"(?!(?:agent|user|admin|desk|public|ubuntu)[/\\])([^\s/\\:\"'<>|]{1,64})"),
    _bounded("用户名", "ssh|scp|sftp|rsync", r"[^\n@]{0,40}?[ ]([a-z_][\w.-]{1,31})@"),
    LabelledPattern("WiFi名称", "ssid|wifi|wi-fi|无线名|家无线|无线网络|热点",
        r"(?:密码[^\n]{0,24}?(?=名字|名称))?[ )]{0,2}(?:名?称|名字?|网络名称?|name|(?<=d)"
        r"|(?=[^\n]{0,24}[A-Za-z0-9“\"]|叫(?![什啥不他我你])))"
        rf"(?:{_SET}| is (?=[\w-]{{0,20}}[\d_-]|(?-i:[A-Z][a-z]+[A-Z]))|(?<=[名字])(?=[A-Za-z]|\w{{1,12}}[\dG](?!\w))"
        r"|(?<=[名d)]) ?(?=[A-Za-z]{2,20}[-_]?\d|\w{2,20}[_-])"
        r"| (?=(?-i:[A-Z])\w{1,20}[_-]\w))((?:(?!密码|口令)[^\s\"”」》,，。;；!！?？、{}]){1,32})"),
    LabelledPattern("WiFi名称", WORDS["routers"], whole=
        r"(?:(?<![A-Za-z0-9])|(?<=wifi))([A-Za-z-]{3,9}[-_](?=[A-Za-z]{0,3}\d)(?![A-Z][LN]\d\d)"
        r"[A-Za-z0-9]{4}(?:[_-](?:[0-9A-F]{4}|[25](?:\.4)?G?))?)(?![A-Za-z0-9-])"),
    LabelledPattern(
        "WiFi名称",
        "路由器名|网叫|网络叫|网络名|network name|wifi network|network is|wifi named|wifi is|wi-fi is|hotspot is",
        r"[称字]?(?:[ :=是叫]| is| called){0,3}([A-Za-z](?=[A-Za-z_-]{0,20}[\d_])[\w.-]{3,30})"),
    LabelledPattern("WiFi名称", "连", r"[接上着的了到是]{0,3}[ “\"]{0,2}(?!wifi|vpn|wlan)([A-Za-z][\w.-]{3,30})"
        r"[ ”\"]{0,2}(?:这个)?(?:wifi|热点|无线)"),
    LabelledPattern("序列号", WORDS["serials"],
        r"(?:[\])]?\.?[ \t]{0,2}(?:[:=#]|是|为|is |\t| )[ \t]{0,2}\[?([A-Za-z0-9][A-Za-z0-9-]{5,23})"
        r"|(?:(?<=[号码])|(?<=s/n)|(?<![A-Za-z]sn)(?<=sn))(?=[A-Z]{0,19}\d)(?=\d{0,19}[A-Z])([A-Z0-9]{8,20}))(?![A-Za-z0-9])"),
    _bounded("序列号", WORDS["machines"],
        rf"{_FILLER}(?:((?=[A-Za-z-]{{0,36}}\d)[0-9A-Za-z-]{{8,40}})"
        r"|(\d{4}(?: \d{4}){3,7}(?: ?\d{1,4})?))(?![0-9A-Za-z])"),
    LabelledPattern("MAC地址", "mac地址|mac 地址|物理地址|wlan地址|蓝牙地址|bssid|mac",
        r"[ \t:=是为]{0,3}((?:[0-9A-F]{2}[:. -]?){5}[0-9A-F]{2})(?![0-9A-Za-z:-])"),
)  # fmt: skip
_LESSER: Final = (
    LabelledPattern("证件号", WORDS["lesser_documents"], not_after="凭", rest=
        rf"(?:(?<=[证件书编字学警架机税]号)|(?<=警官证)|(?<=vin)|(?<=代[号码])|(?<=执照)"
        rf"|电脑号|卡号?|本号?|簿号?|[账帐]号|编?号){_FILLER}"
        rf"([A-Za-z]{{0,2}}\d(?:[ -]?\d){{5,19}}{_NOT_COUNTED}"
        r"|(?-i:(?=[A-Z]{0,8}\d)[A-Z\d]{8,18}))(?![0-9A-Za-z])"),
    LabelledPattern("验证码", "验证|密码|短信|的码|动态|收到的|code|pin|password|sms",
        rf"(?:[^\d额钱款费错]|{CLOCK}){{0,80}}?\n\[?(?:{CLOCK}\]?[ ]?)?[^\n\d:]{{1,12}}(?: {CLOCK}[ ]?\n|:)"
        r"[ ]?(\d{4,8})[ ]*(?=\n|$)"),
    LabelledPattern("证件号", "证|许可|绿卡|green card|work permit|牌照", not_after="[验认凭公保]", rest=
        rf"(?: number| no\.?)?{_FILLER}(?-i:((?=[A-Z]{{0,3}}\d)(?=\d{{0,12}}[A-Z])[A-Z\d]{{8,18}}))(?![A-Za-z0-9])"),
    LabelledPattern("证件号", "护照|passport",
        r"[^\n]{4,40}?(?<![A-Za-z0-9])(?-i:([EGPDSKH][A-Z]? ?\d{3,4} ?\d{4}))(?![A-Za-z0-9])"),
    _bounded("邮箱", "gmail|hotmail|outlook|foxmail|163邮箱|126邮箱|qq邮箱|邮箱|email|e-mail",
        r"(?:名|账号|地址|前缀)?(?:(?:[:=是为 ]|is ){1,4}|(?<=[箱缀]))(?=[A-Za-z._-]{1,19}\d)"
        r"([A-Za-z][A-Za-z0-9._-]{4,24})"
        r"(?![A-Za-z0-9_@#＠]| ?[@(\[]|艾特| at )"),
    _bounded("微信号", WORDS["accounts"],
        rf"(?:(?:[:=是为 ]|is ){{0,4}}(?=[A-Za-z_-]{{1,19}}\d){_PLAIN_ID}"
        rf"|{_SET}((?=[A-Za-z_.-]{{0,20}}\d)(?!\d{{1,8}}(?!\d))[A-Za-z0-9][A-Za-z0-9_.-]{{6,24}})(?![A-Za-z0-9@]))"),
)  # fmt: skip
"""What gives way to the others: the words say less."""
_TOLD_TELEPHONE: Final = LabelledPattern(
    "电话号码", f"{WORDS['telephones']}|联系方式|号码|{WORDS['abroad']}",
    rf"(?:{_OPEN}|{_THE}|方式|门号|手提|打|留|报|念|换|成|新|旧|现在|还|(?:{_WORDS})(?![A-Za-z0-9_-])){{0,10}}+"
    rf"(?!106\d)(?!(?:400|800)[ -]?\d{{3}}[ -]?\d{{4}})(?!{_DATE}|{_PUBLIC})"
    rf"(?:(0\d{{2,3}}(?:{_JOIN}\d{{3,8}}){{1,2}}|\(?\+?\d(?:[ /()~|_—-]{{0,2}}\d){{6,14}}"
    rf"|\d(?:{_JOIN}\d){{6,12}}){_NOT_COUNTED}(?![A-Za-z]{{2}})|(1[3-9]\d{{9}})(?=\d{{1,2}}{_UNIT}))",
    not_after=WORDS["offices"],
)  # fmt: skip
_SHAPED: Final = (
    LabelledPattern("验证码", "证码|验码|态码|信码|yzm|otp| code", anywhere=
        rf"([0-9](?<=(?<![\d.])(?!{_PUBLIC}|{_DATE}).)(?:[ \t-]?\d){{3,7}})(?![\d.])"
        r"[ \t,，\"”]{0,2}(?:[(（]|[这那]个|就?是|为|作为|is|as|(?=[验校]))[^\d\n]{0,24}?"
        "(?:[验校][证验]码|动态码|短信码|yzm|otp|(?:verification|login|security|my|your|the)(?: [A-Za-z]+)? code)"),
    LabelledPattern("密钥", "密码|as pass|as my pass|as the pass|as a pass|is my pass|is the pass|was my pass",
        anywhere=r"([A-Za-z0-9@!#](?<=(?<![A-Za-z0-9_.@-])(?=[A-Za-z_@!#$&*.-]{0,23}\d).)[A-Za-z0-9_@!#$&*.-]{3,23})"
        r"[\"”』]? ?(?:(?:当|作为?|做|就?是|为)[我他她这那的个新旧支付登录锁屏微信]{0,6}密码"
        r"|(?:as|is|was) (?:(?:my|the|a|his|her) )?pass(?:word|code))"),
    LabelledPattern("微信号", "@", anywhere=
        r"@(?<![\w.]@)((?=[A-Za-z_]{1,20}[\d_])[A-Za-z][A-Za-z0-9_]{4,30})(?![A-Za-z0-9_.@/-])"),
    LabelledPattern("微信号", "微信|vx|wx|v信|wechat", anywhere=
        r"([a-z](?<=(?<![a-z0-9_.-])(?=[a-z_-]{1,19}[\d_]).)[a-z0-9_-]{5,19})[ \t]{0,2}"
        r"(?:这个|的|就?是[我他她]?的?|[(（」』”\"]|on )(?:微信|vx|wx|v信|wechat)"),
    LabelledPattern("微信号", "微信|wechat|vx|v信", anywhere=
        r"([a-z](?<![A-Za-z0-9_.@/-].)(?:(?<=[一另]个.)|(?<=个[是叫: ].)|(?<=[别都]是.)|(?<=名片.)|(?<=名片[ :是].)"
        r"|(?<=[AB12]:.)|(?<=[^型]号.)|(?<=在.)|(?=[a-z]{1,9}_[a-z]{0,9}\d)|(?<=ne is .)"
        r"|(?<=(?:ount|chat)s[,:] .)|(?<=ts are .))(?=[a-z_-]{0,18}[\d_])[a-z0-9_-]{5,19})(?![A-Za-z0-9_@.-])"),
    LabelledPattern("邮箱", " @ ", flags=re.ASCII, anywhere=
        r"((?<![\w.-])(?:[\w.-] ){3,40}@(?: [\w.-]){4,40})(?!\w)"),
    LabelledPattern("证件号", "(", anywhere=r"([A-Z](?<![A-Za-z0-9].)[A-Z]?\d{6}\([\dA]\))", flags=0),
    LabelledPattern("密钥", "eyj|ghp_|gho_|glpat-|xox|sk-|akia|aaaa", flags=0, anywhere=
        r"(?<![A-Za-z0-9_-])((?:eyJ|gh[op]_|glpat-|xox[abp]-|sk-|AKIA|AAAA[A-Z]3)"
        r"[A-Za-z0-9_/+=-]{16,2000}(?:\.[A-Za-z0-9_-]{0,2000}){0,2})"),
    LabelledPattern("密钥", "0|1|2|3|4|5|6|7|8|9", flags=0, anywhere=
        r"([A-Za-z0-9](?<![A-Za-z0-9_./+=~-].)(?=[A-Za-z0-9]{19})(?=[A-Z0-9]{0,200}[a-z])(?=[a-z0-9]{0,200}[A-Z])"
        r"(?=(?:[A-Za-z]{0,200}\d+[A-Za-z]){3})[A-Za-z0-9]{19,200}(?![A-Za-z0-9_.]))"),
    LabelledPattern("密钥", "private key-----", r"\s{0,2}([A-Za-z0-9+/=\s]{16,4000})"),
    LabelledPattern("微信号", "wxid_", anywhere=r"(wxid_(?<![A-Za-z0-9]wxid_)[A-Za-z0-9_-]{4,32})", flags=0),
    LabelledPattern("证件号", "0|1", flags=0, anywhere=
        r"([A-Z](?<![A-Za-z0-9].)[A-Z]{2}\d{4}\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d\d)(?![A-Za-z0-9])"),
    LabelledPattern("OpenID", "o", flags=0, anywhere=
        r"(o(?<![A-Za-z0-9_-]o)(?=[A-Za-z_-]{0,26}\d)(?=[a-z0-9_-]{0,26}[A-Z])(?=[A-Z0-9_-]{0,26}[a-z])"
        r"[A-Za-z0-9_-]{27})(?![A-Za-z0-9_-])"),
)  # fmt: skip
"""What is looked for where one of the words stands in the text: a code before its name, an identity card of Hong Kong,
a token, an account, a foreigner's residence (country, region, birth date)."""
UNTOLD: Final = (
    LabelledPattern(
        "微信号",
        "0|1|2|3|4|5|6|7|8|9",
        flags=0,
        anywhere=r"([a-z](?<![A-Za-z0-9_./@=?&%#~\\-].)(?<!案例.)(?<!案例 .)(?=[a-z_]{2,16}\d\d)[a-z0-9_]{5,19})"
        r"(?![A-Za-z0-9_@=%\\/-]|\.\w)",
    ),
)
"""Small letters and a number behind them, which nothing announces: a name that somebody gave himself."""
FIRST, LAST = (*_SECRETS, *_ACCOUNTS, *_SHAPED), (_TOLD_TELEPHONE, *_LESSER)
_OF_DIGITS: Final = frozenset({"QQ号", "验证码", "银行卡号", "电话号码", "IMEI"})
_NO_ACCOUNT: Final = re.compile(
    rf"(?i)(?:{WORDS['no_account_begins']}|(?:{WORDS['no_accounts']})$|(?:win|ver|mate|nova|rc)\d|mac(?:os|_|\b)"
    r"|(?:https?|tcp|services?|settings?)\b|(?:pura|find ?x|magic|iqoo|note|moto)[a-z]?\d{1,3}(?!\d)"
    r"|[a-z]{1,4}\d{1,3}(?:pro|max|ultra|plus|turbo)|[0-9a-f]{16}$)"
)
_NO_PASSWORD: Final = re.compile(rf"(?i)[*.•x-]+$|(?:not )?(?:{WORDS['no_passwords']})[.!?]?$")
_CLOSING: Final = ".,;:?)]}'\""
"""What ends a sentence or a quotation behind a password is none of it."""
_NO_VALUES: Final[dict[Kind, re.Pattern[str]]] = {
    "密钥": _NO_PASSWORD,
    "微信号": _NO_ACCOUNT,
    "WiFi名称": re.compile(
        "(?i:否|无|开|关|正常|好|什么|不|没|连|可以|有|true|false|o(?:n|ff)\\b|null|none|yes|no\\b|<|5G|4G)"
    ),
    "序列号": re.compile(r"(?i)\D+$|android|iphone"),
    "用户名": re.compile("(?:public|shared|default|all|guest|root|admin|git|ubuntu)$", re.I),
}
"""What follows the words and is an ordinary word, and no name or number: `Wi-Fi 是好的`, `/Users/Shared`."""

_NEXT: Final = (
    r"(?:[ ,，、/]|不[行对]|[和或跟又再还也试都改换发是新旧的成了有我他她]|或者|还有|现在|没有|过期|能看到|里"
    r"|第[二三两][次个]|密码|验证码|尾号|[一另大小][个号]|后来|之[前后]|变|and |or ){1,7}"
    r"(?:(?<![ ,，、/])|(?<=[或和、/])"
    r"|(?<=[不没看][行对到有][,，、 ])|(?<=[和或dr/] ))"
)
_NO_UNIT: Final = r"(?![\dA-Za-z.:%]|[ ]?[次个位元块年月天分秒])"
_FEW: Final = rf"(\d{{4,10}}|\d{{3}}[ -]\d{{3}}){_NO_UNIT}"
_AGAIN: Final[dict[str, re.Pattern[str]]] = {
    kind: re.compile(second) for kind, second in {
        "密钥": rf"{_NEXT}(?:{_FEW}|((?=[^A-Za-z]{{0,9}}[A-Za-z])(?=\D{{0,9}}\d)[!#-+.-~-]{{4,20}}[\w!@#$*])(?![!-~]))",
        "验证码": rf"(?:{_NEXT}(?={_FEW})| (?=\d{{6}}{_NO_UNIT}))(\d+[ -]?\d+)",
        "银行卡号": _NEXT + _FEW, "QQ号": _NEXT + _FEW, "IMEI": rf"{_NEXT}(\d{{14,15}})(?!\d)",
        "微信号": rf"{_NEXT}((?=[A-Za-z_-]{{1,19}}\d|[a-z]{{1,18}}_)[A-Za-z][A-Za-z0-9_-]{{5,19}})(?![A-Za-z0-9@.])",
        "证件号": rf"{_NEXT}([A-Z]{{1,2}} ?\d{{4}} ?\d{{3,4}})(?![A-Za-z0-9])",
    }.items()
}  # fmt: skip
"""A second one of what was masked before it: `密码 <密钥-1> 和 112233`."""


def again(text: str, masked: Span) -> Iterator[Span]:
    """Find a second one of what is masked here, directly behind it."""
    second = _AGAIN[masked.kind].match(text, masked.end) if masked.kind in _AGAIN else None
    if second is not None and not ordinary("微信号", value := second[second.lastindex or 0]):
        yield Span(*second.span(second.lastindex or 0), masked.kind, value)


def announced(page: Document, rows: tuple[LabelledPattern, ...] = FIRST) -> Iterator[Span]:
    """Find what the words around it announce, the most telling first, or `LAST` what gives way to a surer sign."""
    return chain.from_iterable(_of(page, row) for row in rows if not page.words.isdisjoint(row.words))


def ordinary(kind: Kind, text: str) -> bool:
    """Whether this is an ordinary word, though a value of this kind is announced."""
    return kind in _NO_VALUES and _NO_VALUES[kind].match(text) is not None


def _of(page: Document, row: LabelledPattern) -> Iterator[Span]:
    for match in page.matches(row):
        which = match.lastindex or 1
        start, text = match.start(which), match[which]
        if row.kind == "密钥" and not page.text.startswith("@", match.end(which)):
            text = text.rstrip(_CLOSING)
        if not ordinary(row.kind, text):
            digits = "".join(filter(str.isdigit, text)) if row.kind in _OF_DIGITS else ""
            yield Span(start, start + len(text), row.kind, digits or text)


_LOCAL_BACKWARDS: Final = re.compile(
    r"(?: [A-Za-z0-9._%+-]{1,63} [A-Za-z0-9]{1,20}(?=[ :是为]{0,3}(?:箱邮|liam|址地))"
    r"| ?[A-Za-z0-9._%+-]{0,63}[A-Za-z0-9])"
)
_AT: Final = LabelledPattern(
    "邮箱", "@| at |(at|[at|{at|【at|(@|[@|(a)|艾特|爱特|小老鼠|圈|#",
    whole=r"(?P<sure>(?:[(\[{【](?:at?|@)[)\]}】]|[艾爱]特|小老鼠|圈a?)[ \t]?)|[ \t]at[ \t]|#[ \t]?|@{1,2} ?",
)  # fmt: skip
_DOMAIN: Final = re.compile(
    r"(?=[A-Za-z0-9])[A-Za-z0-9-]{1,63}(?: ?[.。] ?[A-Za-z0-9-]{1,63}){0,4} ?[.。] ?[A-Za-z]{2,24}"
)
_HIDDEN_DOMAIN: Final = re.compile(
    r"(?P<host>[A-Za-z0-9-]{2,30}(?:[ \t]?(?:点|\bdot\b)[ \t]?[A-Za-z0-9-]{2,30})?)"
    r"(?:(?P<sure>[ \t]?[(\[{【]?(?:点|\bdot\b)[)\]}】]?[ \t]?)|[ \t]?[.。][ \t]?)"
    r"(?:com|net|org|edu|[a-z]{2})(?![A-Za-z0-9])",
    re.IGNORECASE,
)
"""An address that is written so that programs do not see it."""
_HOSTS: Final = re.compile(f"(?:{WORDS['mail_hosts']})$", re.IGNORECASE)
"""Where everybody has one: with another host either sign must be spelled out, `(at)` or `dot`."""
_PLATE: Final = re.compile(
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-HJ-NP-Z][·. -]?(?=[A-Z0-9]{0,5}\d)"
    r"(?:[A-HJ-NP-Z0-9]{5,6}|[A-HJ-NP-Z0-9]{4}[港澳学警挂领使])(?![A-Za-z0-9])"
)
_IPV4: Final = re.compile(r"[0-9](?<=(?<![\d.]).)\d{0,2}(?:[.。]\d{1,3}){3}(?!\d|\.\d)")
_IPV6: Final = re.compile(
    r"[0-9A-Fa-f:](?:(?<![0-9A-Za-z:._].)|(?<=[^0-9A-Fa-f\s:]:.))(?=[0-9A-Fa-f]{0,3}:)[0-9A-Fa-f:.]{1,43}[0-9A-Fa-f:](?![\w:])"
)
_MAC: Final = re.compile(
    r"[0-9A-Fa-f](?<=(?<![0-9A-Za-z.-])(?<![0-9A-F]:).)(?:[0-9A-Fa-f]([:-])(?:[0-9A-Fa-f]{2}\1){4}[0-9A-Fa-f]{2}"
    r"|[0-9A-Fa-f]{3}(\.)[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4})(?!(?:\1|\2)?[0-9A-Za-z])"
)
_VERSION_WORDS: Final = behind(
    r"(?:版本|固件|基线|内核|version|ver|build|(?<![A-Za-z0-9])v|[A-Za-z]/|chrome|系统|firmware|kernel|(?<![a-z])rom"
    r"|[a-z](?:os|ui))[^\d\n]{0,6}|[A-Za-z0-9]_", "",
)  # fmt: skip
_NOBODY: Final = tuple(WORDS["nobodys_addresses"].split("|"))


def machines(page: Document) -> Iterator[Span]:
    """Find MAC and IP addresses, and number plates."""
    for found in _MAC.finditer(page.text):
        value = re.sub("[.:-]", "", found[0]).lower()
        if ":" in found[0] or not value.isdigit():
            yield Span(*found.span(), "MAC地址", value)
    for found in _PLATE.finditer(page.text):
        yield Span(*found.span(), "证件号", found[0])
    for found in _IPV4.finditer(page.text):
        if _is_ipv4(page, found):
            yield Span(*found.span(), "IP地址", found[0])
    for found in _IPV6.finditer(page.text):
        if _is_ipv6(found[0]):
            yield Span(*found.span(), "IP地址", found[0].lower())


def emails(page: Document) -> Iterator[Span]:
    """Find e-mail addresses, those too that are written to be overlooked."""
    for at in page.matches(_AT):
        plain = at[0][0] == "@"
        domain = (plain and _DOMAIN.match(page.text, at.end())) or _HIDDEN_DOMAIN.match(page.text, at.end())
        local = _LOCAL_BACKWARDS.match(page.before(at.start(), 65)[::-1]) if domain is not None else None
        if domain is None or local is None:
            continue
        start = at.start() - len(local[0])
        if plain:
            known: object = page.before(start, 3) != "://"  # who logs in where, and no mailbox
        else:
            known = _HOSTS.match(domain["host"]) or (at[0] != "#" and (at["sure"] or domain["sure"]))
        if known:
            written = page.text[start : domain.end()].replace(" ", "").replace("。", ".")
            yield Span(start, domain.end(), "邮箱", written.lower())


def _is_ipv4(page: Document, found: re.Match[str]) -> bool:
    """Whether four numbers with dots are an address: WeChat's own versions are written the same way, and start low."""
    parts = re.split("[.。]", found[0])
    if found[0].startswith(_NOBODY) or any(int(part) > 255 or part != str(int(part)) for part in parts):
        return False
    return (int(parts[0]) >= 10 or int(parts[1]) >= 20) and _VERSION_WORDS.search(page.before(found.start())) is None


def _is_ipv6(text: str) -> bool:
    """Whether this is an IPv6 address and not a time, a C++ name or the loop back."""
    from ipaddress import IPv6Address

    if len(text) < 4 or ("::" not in text and text.count(":") < 6):
        return False
    if len(list(filter(None, text.split(":")))) < 3 and not text.lower().startswith(("fe80:", "fd", "2", "fc")):
        return False
    try:
        return bool(IPv6Address(text))
    except ValueError:
        return False
