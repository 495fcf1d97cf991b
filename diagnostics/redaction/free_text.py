"""Names, postal addresses and the addresses of machines in free text."""

from __future__ import annotations

import re
from itertools import chain
from typing import TYPE_CHECKING, Final

from diagnostics.redaction.kinds import LabelledPattern, Span, behind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from diagnostics.redaction.kinds import Document

_SURNAMES: Final = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪"
    "范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤欧温康施文牛樊葛邢安齐易乔伍庞"
    "颜倪庄聂章鲁岳翟殷詹申耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳管柴蒙鲍华喻祁"
    "蒲房滕屈饶解牟艾尤阳时穆农司卓古吉缪简车项连芦麦褚娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬师和仇栾"
    "隋商刁沙荣巫寇桑郎甄丛仲虞敖巩明佘池查麻苑迟邝"
)
_DOUBLE: Final = "欧阳|上官|司马|诸葛|东方|皇甫|尉迟|公孙|慕容|令狐|司徒|夏侯|端木|百里|南宫|长孙|宇文"
_HAN: Final = r"[\u3400-\u9fff]"
_NO_NAME: Final = (
    "的了是在不没有要想和与跟来去说问也都就会能可这那他她你我您打报吗呢吧啊电手身银微请已今昨现刚年住已经男女号码证件错误"
    "为空无未"
)
_NAME: Final = rf"(?:(?:{_DOUBLE})|[{_SURNAMES}])[^\W\d_A-Za-z{_NO_NAME}]{{1,2}}"
_DOTTED: Final = rf"{_HAN}{{1,6}}·{_HAN}{{1,8}}"
_SURE_NAME: Final = (
    r"[王李张刘陈杨赵吴周徐孙朱胡郭何林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘蒋蔡余杜叶程苏魏吕丁任沈姚卢崔钟谭陆]"
    rf"(?![何序州性])[^\W\d_A-Za-z{_NO_NAME}]{{1,2}}"
)
"""A name whose first character seldom begins another word: `我是安卓` says no name."""
_BEHIND: Final = rf"(?=$|[\s|,，。、.;；:!！?？)）(（\"”<]|[{_NO_NAME}]|\d)"
_ROLES: Final = "户名|户主|机主|贷款人|持卡人|收款人|付款人|联系人|开户人|申请人|借款人|收件人|担保人"
_PEOPLE: Final = (
    LabelledPattern("姓名", "姓名|姓 名|名字|真名|实名人|客户名|客户姓名|用户名称|" + _ROLES,
        rf"[\"']?[ \t]{{0,3}}(?:[:=]|是|为|叫|[填写]的?+是?+(?![错对好完上了过没得成老家别自拼英简]))[ \t]{{0,3}}"
        rf"[\"'“「]?({_DOTTED}|{_NAME}"
        rf"|(?![我你他她它本同微都不没已见是对一填写改输跟就还也很怎哪]){_HAN}{{2,4}}(?!{_HAN}))"),
    LabelledPattern("姓名", "我叫|本人叫|名字叫|名叫|叫做|他叫|她叫|老公叫|老婆叫|客户叫",
        rf"[ \t,|]{{0,3}}({_NAME}|[小阿]{_HAN}{{1,3}}?){_BEHIND}"),
    LabelledPattern("姓名", "姓名|真名|我名字|" + _ROLES,
        rf"(?:[ \t,|]{{1,3}}(?![全和成安连于时常包单方万])|(?={_SURE_NAME}|{_DOUBLE}))({_NAME}|{_DOTTED}){_BEHIND}"),
    LabelledPattern("姓名", "我是|本人|实名是|实名为|实名:",
        rf"[ \t]?({_SURE_NAME}|(?:{_DOUBLE}){_HAN}{{1,2}})(?=$|[\s,，。、;；!！\d])"),
    LabelledPattern("姓名",
        "realname|real_name|truename|username|user_name|nickname|custname|cust_name|customer|customername|holder|owner"
        "|contact|name",
        rf"[\"']?[ \t]{{0,2}}[:=][ \t]{{0,2}}[\"']?({_NAME})(?!{_HAN})"),
    LabelledPattern("姓名",
        "my name is|his name is|her name is|i'm called|i am called|full name|customer name|name:|name =|name="
        "|name :|姓名|account name|holder|cardholder|beneficiary|payee|recipient|applicant",
        r"(?: is)?[ \t]?[:=]?[ \t]{0,2}(?-i:([A-Z][a-z]{1,15}(?:[ '-][A-Z][a-z]{1,15}){1,2}"
        r"|[A-Z]{2,12} [A-Z]{2,12}(?! ?[A-Z])|(?<=姓名:)[a-z]{2,12} [a-z]{2,12}))\b", bounded=True,
        not_after="(?:app|file|host|user|device|model|product|screen|brand|service|bank|package|field|column)[ _-]?"),
)  # fmt: skip
_NOT_NAMES: Final = frozenset(
    ("金额", "时间", "方式", "成功", "钱包", "全部", "平台", "常用", "应用", "管理", "单位", "包括", "安全", "温馨",
     "关系", "余额", "万元", "不符", "不对", "错误", "正确", "一致", "不一致", "相同", "有误", "填错", "不详", "匿名",
     "本人", "没有", "生僻字", "保密", "未填", "待定", "空白", "未知", "客服", "学生", "同一个人")
)  # fmt: skip
_STREETS: Final = "Street|St|Road|Rd|Avenue|Ave|Lane|Drive|Boulevard|Blvd|Parkway|Pkwy|Crescent|Terrace|Highway|Place"
_STREET: Final = rf"(?:{_STREETS}|ln|way|square|close|court|gardens?|plaza)\b\.?"
_ABROAD: Final = LabelledPattern("地址",
    "address|live at|live in|lives at|lives in|living at|living in|home is|ship to|deliver to|staying at|flat|apt"
    "|apartment",
    rf"(?<!ip address)[ \t]?(?:[:=]|is)?[ \t]?([A-Za-z0-9 ,.#/'-]{{0,40}}?"
    rf"(?-i:\d{{1,5}}[A-Za-z]? (?:[A-Z][A-Za-z']{{1,15}} ){{1,4}}){_STREET}"
    r"(?:(?-i: [A-Z][a-z]+))?(?:,[^,\n]{1,30}){0,3})", bounded=True,
)  # fmt: skip
_ON_STREET: Final = re.compile(
    rf"([0-9](?<=(?<!\w)(?<!\d\.).)\d{{0,4}}[A-Za-z]? (?:[A-Z][a-z]{{2,15}} ){{1,3}}(?:{_STREETS})\b)"
)
_HOUSE: Final = LabelledPattern("地址", "路|街|巷|弄|胡同|大道|村|小区|花园|公寓|大厦|家园|广场|苑|公馆|社区|园", whole=
    r"[\u3400-\u9fff]{1,2}?[ \t]{0,2}"
    r"(?:[东南西北中]?[一二三四五六七八九十百甲乙丙丁A-Za-z\d]{1,6}[ \t]?(?:号|弄|栋|幢|座|组|段|支弄|期|单元|区)"
    r"[ \t]?(?:院|楼)?[ \t]{0,2}){1,4}"
    r"(?:[A-Za-z\d一二三四五六七八九十]{1,5}(?:楼|层|单元|门))?[ \t]?(?:[A-Za-z\d-]{1,6}[ \t]?(?:室|房|户)?)?",
)  # fmt: skip
_NO_PLACE: Final = re.compile(r"[^\u3400-\u9fff\d]")
_LEADS: Final = re.compile(r"地址是|地址|住址|户籍|住在|家住|家在|搬到|寄到|寄往|在|住|到|是|去|往")
_HOME: Final = LabelledPattern("地址",
    "家庭住址|家庭地址|收货地址|通讯地址|联系地址|现住址|居住地|住址|住所|户籍|户籍地|家住|家在|我住|我住在|住在|地址|address",
    r"[ \t]{0,2}(?:[:=]|是|为|在)?[ \t]{0,2}([^\n,，。;；!！?？]{4,50})",
)  # fmt: skip
_PLACE_WORDS: Final = re.compile(
    r"省|市|区|县|镇|乡|村|路|街|巷|弄|号|栋|幢|单元|室|小区|花园|Road|Street|Rd\b|St\b|Ave|District", re.IGNORECASE
)
_NOT_HOME: Final = behind("IP|MAC|网络|物理|邮箱|邮件|服务器|DNS|下载|网站|链接|mail", r"[ \t]?")


def people(page: Document) -> Iterator[Span]:
    """Find names that are announced as such, and postal addresses."""
    for row in _PEOPLE:
        for found in page.matches(row):
            if found[1] not in _NOT_NAMES and found[1][:2] not in _NOT_NAMES:
                yield Span(*found.span(1), "姓名", found[1])
    for found in page.matches(_HOME):
        if len(_PLACE_WORDS.findall(found[1])) >= 2 and not _NOT_HOME.search(page.before(found.start(), 8)):
            place = found[1].rstrip()
            yield Span(found.start(1), found.start(1) + len(place), "地址", place)
    for found in chain(page.matches(_ABROAD), _ON_STREET.finditer(page.text)):
        yield Span(*found.span(1), "地址", found[1])
    for found in page.matches(_HOUSE):  # and what stands before it, back to where the sentence begins
        place = whole = _NO_PLACE.split(page.before(found.start(), 32))[-1]
        for lead in _LEADS.finditer(whole):
            place = whole[lead.end() :] or place
        if place:
            start, end = found.start() - len(place), found.start() + len(found[0].rstrip())
            yield Span(start, end, "地址", page.text[start:end])


_LOCAL_BACKWARDS: Final = re.compile(r" ?[A-Za-z0-9._%+-]{0,63}[A-Za-z0-9]")
_AT: Final = LabelledPattern(
    "邮箱", "@| at |(at|[at|{at|【at|(@|[@|艾特|圈a|#",
    whole=r"(?P<sure>(?:[(\[{【](?:at|@)[)\]}】]|艾特|圈a)[ \t]?)|[ \t]at[ \t]|#|@ ?",
)  # fmt: skip
_DOMAIN: Final = re.compile(
    r"(?=[A-Za-z0-9])[A-Za-z0-9-]{1,63}(?: ?[.。] ?[A-Za-z0-9-]{1,63}){0,4} ?[.。] ?[A-Za-z]{2,24}"
)
_HIDDEN_DOMAIN: Final = re.compile(
    r"(?P<host>[A-Za-z0-9-]{2,30})(?:(?P<sure>[ \t]?[(\[{]?(?:点|\bdot\b)[)\]}]?[ \t]?)|[ \t]?[.。][ \t]?)"
    r"(?:com|net|org|edu|[a-z]{2})(?![A-Za-z0-9])",
    re.IGNORECASE,
)
"""An address that is written so that programs do not see it."""
_HOSTS: Final = re.compile(
    "(?:163|126|139|189|qq|yeah|sina|sohu|aliyun|foxmail|gmail|outlook|hotmail|icloud|yahoo|live)$", re.IGNORECASE
)
"""Where everybody has one: with another host either sign must be spelled out, `(at)` or `dot`."""
_PLATE: Final = re.compile(
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-HJ-NP-Z][·. ]?(?=[A-Z0-9]{0,5}\d)"
    r"[A-HJ-NP-Z0-9]{5,6}(?![A-Za-z0-9])"
)
_IPV4: Final = re.compile(r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?!\d|\.\d)")
_IPV6: Final = re.compile(r"[0-9A-Fa-f:](?<=(?<![\w:.]).)(?=[0-9A-Fa-f]{0,3}:)[0-9A-Fa-f:.]{1,43}[0-9A-Fa-f:](?![\w:])")
_MAC: Final = re.compile(
    r"[0-9A-Fa-f](?<=(?<![0-9A-Za-z.:-]).)(?:[0-9A-Fa-f]([:-])(?:[0-9A-Fa-f]{2}\1){4}[0-9A-Fa-f]{2}"
    r"|[0-9A-Fa-f]{3}(\.)[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4})(?!(?:\1|\2)?[0-9A-Za-z])"
)
_IP_WORDS: Final = behind(
    "ip|ipv4|地址|服务器|网关|代理|主机|解析|连接|访问|gateway|dns|proxy|host|addr|inet|ping|peer|server|from|://",
    r"[^\d\n]{0,10}",
)
_VERSION_WORDS: Final = behind(
    r"(?:版本|固件|基线|内核|version|ver|build|(?<![A-Za-z0-9])v|[A-Za-z]/|chrome|系统|firmware|kernel|rom|[a-z]os"
    r"|[a-z]ui)[^\d\n]{0,6}|[A-Za-z0-9]_", "",
)  # fmt: skip
_VERSION_AFTER: Final = re.compile(r"\.[A-Za-z]|\([A-Z0-9]|_[A-Za-z]")
_MAC_WORDS: Final = behind("MAC|BSSID|物理地址|网卡", r"[^0-9A-Fa-f\n]{0,8}")
_NOBODY: Final = ("0.0.0.0", "127.", "255.255.255.255", "224.")  # noqa: S104  compared with, never bound


def machines(page: Document) -> Iterator[Span]:
    """Find MAC and IP addresses, and number plates."""
    for found in _MAC.finditer(page.text):
        value = re.sub("[.:-]", "", found[0]).lower()
        if ":" in found[0] or not value.isdigit() or _MAC_WORDS.search(page.before(found.start())):
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
        domain = (_DOMAIN if plain else _HIDDEN_DOMAIN).match(page.text, at.end())
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
    parts = found[0].split(".")
    if found[0].startswith(_NOBODY) or any(int(part) > 255 or part != str(int(part)) for part in parts):
        return False
    before, after = page.before(found.start()), _VERSION_AFTER.match(page.text, found.end())
    version = int(parts[0]) < 10 or after or _VERSION_WORDS.search(before)
    return not version or _IP_WORDS.search(before) is not None


def _is_ipv6(text: str) -> bool:
    """Whether this is an IPv6 address and not a time, a C++ name or the loop back."""
    from ipaddress import IPv6Address

    groups = [group for group in text.split(":") if group]
    public = text.lower().startswith(("fe80:", "fd", "2", "fc"))
    if len(text) < 4 or ("::" not in text and text.count(":") < 6) or (len(groups) < 3 and not public):
        return False
    try:
        return bool(IPv6Address(text))
    except ValueError:
        return False
