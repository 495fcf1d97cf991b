"""What people are called and where they live: names after a word that announces one, postal addresses."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from diagnostics.redaction.kinds import Span
from diagnostics.redaction.triggers import announced_by

if TYPE_CHECKING:
    from collections.abc import Iterator

    from diagnostics.redaction.triggers import Page

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
_PEOPLE: Final = (
    announced_by(
        "姓名",
        "姓名|名字|户名|户主|持卡人|收款人|付款人|联系人|开户人|申请人|借款人|真名|收件人|实名|实名人|客户|客户名|用户名称",
        rf"[ \t]{{0,3}}(?:[:=]|是|为|叫)[ \t]{{0,3}}({_HAN}{{1,6}}·{_HAN}{{1,8}}|{_NAME}|{_HAN}{{2,4}}(?!{_HAN}))",
    ),
    announced_by(
        "姓名",
        "姓名|户名|持卡人|收款人|联系人|我叫|名字叫|名叫|叫做|本人|我是|他叫|她叫|老公叫|老婆叫|客户叫",
        rf"[ \t]{{0,3}}({_NAME})(?=$|[\s,，。、.;；:!！?？)）(（\"”<]|[{_NO_NAME}]|\d)",
    ),
    announced_by(
        "姓名",
        "My name is|my name is|Full name|full name|Full Name|Name|name|姓名|called",
        r"[ \t]?[:=]?[ \t]{1,2}([A-Z][a-z]{1,15}(?:[ '-][A-Z][a-z]{1,15}){1,2})\b",
        flags=0,
        bounded=True,
    ),
)
_NOT_NAMES: Final = frozenset(
    ("不符", "不对", "错误", "正确", "一致", "不一致", "相同", "有误", "填错", "不详", "匿名", "本人", "没有",
     "生僻字", "保密",      "未填", "待定", "空白", "未知", "客服", "学生", "同一个人")
)  # fmt: skip
_ABROAD: Final = announced_by(
    "地址",
    "address",
    r"[ \t]?(?:[:=]|is)[ \t]?(\d{1,5}[A-Za-z]? [A-Z][A-Za-z. ]{1,40}?"
    r"(?:street|st\.?|road|rd\.?|avenue|ave\.?|lane|drive|blvd|way)"
    r"(?:,[^,\n]{1,30}){0,3})",
)
_STREETS: Final = (
    "路",
    "街",
    "巷",
    "弄",
    "胡同",
    "大道",
    "村",
    "小区",
    "花园",
    "公寓",
    "大厦",
    "家园",
    "广场",
    "苑",
    "公馆",
    "社区",
    "园",
)
_HOUSE: Final = re.compile(
    r"[\u3400-\u9fff]{1,2}?[ \t]{0,2}"
    r"(?:[东南西北中]?[一二三四五六七八九十百甲乙丙丁A-Za-z\d]{1,6}[ \t]?(?:号|弄|栋|幢|座|组|支弄|期|单元|区)"
    r"[ \t]?(?:院|楼)?[ \t]{0,2}){1,4}"
    r"(?:[A-Za-z\d一二三四五六七八九十]{1,5}(?:楼|层|单元|门))?[ \t]?(?:[A-Za-z\d-]{1,6}[ \t]?(?:室|房|户)?)?"
)
_BEFORE_HOUSE: Final = re.compile(r"[\u3400-\u9fff\d]{0,32}")
_LEADS: Final = re.compile(r"地址是|地址|住址|户籍|住在|家住|搬到|寄到|寄往|在|住|到|是|去|往")
_HOME: Final = announced_by(
    "地址",
    "家庭住址|家庭地址|收货地址|通讯地址|联系地址|现住址|居住地|住址|住所|户籍|户籍地|家住|我住|我住在|住在|地址|address",
    r"[ \t]{0,2}(?:[:=]|是|为|在)?[ \t]{0,2}([^\n,，。;；!！?？]{4,50})",
)
_PLACE_WORDS: Final = re.compile(
    r"省|市|区|县|镇|乡|村|路|街|巷|弄|号|栋|幢|单元|室|小区|花园|Road|Street|Rd\b|St\b|Ave|District", re.IGNORECASE
)
_NOT_HOME: Final = re.compile(r"(?:IP|MAC|网络|物理|邮箱|邮件|服务器|DNS|下载|网站|链接|mail)[ \t]?$", re.IGNORECASE)


def people(page: Page) -> Iterator[Span]:
    """Find names that are announced as such, and postal addresses."""
    for row in _PEOPLE:
        for found in page.matches(row.words, row.pattern):
            if found[1] not in _NOT_NAMES and found[1][:2] not in _NOT_NAMES:
                yield Span(*found.span(1), "姓名", found[1])
    for found in page.matches(_HOME.words, _HOME.pattern):
        if len(_PLACE_WORDS.findall(found[1])) >= 2 and not _NOT_HOME.search(page.before(found.start(), 8)):
            place = found[1].rstrip()
            yield Span(found.start(1), found.start(1) + len(place), "地址", place)
    for found in page.matches(_ABROAD.words, _ABROAD.pattern):
        yield Span(*found.span(1), "地址", found[1])
    yield from _houses(page)


def _houses(page: Page) -> Iterator[Span]:
    """Find a street with a house number, and what stands before it back to where the sentence begins."""
    for found in page.matches(_STREETS, _HOUSE):
        stretch = _BEFORE_HOUSE.match(page.before(found.start(), 32)[::-1])
        place = whole = stretch[0][::-1] if stretch is not None else ""
        for lead in _LEADS.finditer(whole):
            place = whole[lead.end() :] or place
        if len(place) >= 1:
            start, end = found.start() - len(place), found.start() + len(found[0].rstrip())
            yield Span(start, end, "地址", page.text[start:end])
