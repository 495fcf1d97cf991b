"""Names that are announced or stand where a name stands, and postal addresses."""

from __future__ import annotations

import re
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Final

from diagnostics.redaction.kinds import LabelledPattern, Span
from diagnostics.redaction.patterns import ASKED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from diagnostics.redaction.kinds import Document

_SURNAMES: Final = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭"
    "陆汪"
    "范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤欧温康施文牛樊葛邢安齐易乔伍庞"
    "颜倪庄聂章鲁岳翟殷詹申耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳管柴蒙鲍华喻祁"
    "蒲房滕屈饶解牟艾尤阳时穆农司卓古吉缪简车项连芦麦褚娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬师和仇栾"
    "隋商刁沙荣巫寇桑郎甄丛仲虞敖巩明佘池查麻苑迟邝"
)
_DOUBLE: Final = "欧阳|上官|司马|诸葛|东方|皇甫|尉迟|公孙|慕容|令狐|司徒|夏侯|端木|百里|南宫|长孙|宇文"
_HAN: Final = r"[\u3400-\u9fff]"
_NO_NAME: Final = (
    "的了是在不没有要想和与跟来去说问也都就会能可这那他她你我您打报吗呢吧啊电手身银微请已今昨现刚年住已经男女号码证件"
    "错误"
    "为空无未"
)
_GIVEN: Final = rf"(?:[^\W\d_A-Za-z{_NO_NAME}]|[刚可年来银]){{1,2}}"
_NAME: Final = rf"(?:(?:{_DOUBLE})|[{_SURNAMES}]){_GIVEN}"
_DOTTED: Final = rf"{_HAN}{{1,6}}·{_HAN}{{1,8}}"
_SURE: Final = "王李张刘陈杨赵吴周徐孙朱胡郭何林罗郑梁谢宋唐许韩冯邓曹彭肖田董袁潘蒋蔡余杜叶程苏魏吕丁任沈姚卢崔钟谭陆"
"""What seldom begins another word: `我是安卓` says no name."""
_NO_WORD: Final = (
    r"(?![何序州性意务续额款绝])(?<!周(?=[一二三四五六日天末边年期]))(?<!许(?=[多可]))(?<!何(?=[时人处地种况必]))"
    r"(?<!谢(?=谢))(?<!张(?=[嘴口贴开]))(?<!韩(?=国))(?<!宁(?=波))"
    r"(?<!高(?=[峰雅超]))(?<!安(?=静))"
)
_COMMON: Final = (
    "(?:[伟芳娜敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂英华玉萍红娥玲芬燕彬鹏辉丹莉斌宇浩凯秀健俊帆雪荣爱梅建国志海峰永"
    "龙云飞"
    "波贵福庆晓春梦雨欣怡佳琪琳倩颖婷慧嘉轩涵泽睿博豪诗雅思瑶铁鑫旭阳坤雷振祥瑞德凤珍淑贞翠钢柱洁蕾琴媛菲凡昊]{1,2}"
    rf"|(?<=[张李王赵])[三四五六](?!{_HAN}))"
)
"""What most given names are made of."""
_LIKELY: Final = rf"{_NO_WORD}(?:(?<=[{_SURE}]){_GIVEN}|{_COMMON})"
_SURE_NAME: Final = rf"[{_SURNAMES}]{_LIKELY}"
_BEHIND: Final = rf"(?=$|[\s|,，。、.;；:!！?？)）(（\"”<】」]|[{_NO_NAME}]|\d)"
_OF_A_PERSON: Final = (
    r" ?(?:先生|女士|小姐|本人|工号)|的(?:账|身份|银行|手机|电话|微信|号|卡)"
    r"|[ \t,，、(:|/;；]{0,3}(?:\d{11}|\d{6} \d{8}|联系|手机|电话|身份|证件|微信|[男女](?!\w)|反[映馈]|来电"
    r"|咨询|投诉|办理|申请|询问)"
)
"""What stands behind a name: a title, something that is his, a number, what he wants."""
_APART: Final = rf"(?<!{_HAN}.)(?<!\d.)"
_PINYIN: Final = (
    "Wang|Li|Zhang|Liu|Chen|Yang|Huang|Zhao|Wu|Zhou|Xu|Sun|Ma|Zhu|Hu|Guo|He|Lin|Luo|Zheng|Liang|Xie|Song|Tang|Han|Feng"
    "|Deng|Cao|Peng|Xiao|Tian|Dong|Pan|Yuan|Cai|Jiang|Yu|Du|Ye|Cheng|Su|Wei|Lu|Ding|Ren|Shen|Yao|Cui|Tan|Chan|Wong|Lee"
    "|Cheung|Lam|Leung|Ho|Lau|Kwok|Chow|Tse|Tsang"
)
_SYLLABLE: Final = r"(?:[bpmfdtnlgkhjqxrzcsyw]h?)?[aeiou]{1,3}(?:ng?|r)?"
_ROLES: Final = (
    "姓名|真名|户名|户主|机主|贷款人|持卡人|收款人|付款人|联系人|开户人|申请人|借款人|收件人|担保人|法人|来电人|来访人"
    "|致电人|投诉人|报案人|经办人|经手人|报警人|代表人|注册人|认证人|实名人|负责人|办卡人|持有人|嫌疑人|收款方|付款方"
    "|曾用名"
)
_named = partial(LabelledPattern, "姓名", flags=0)
_PEOPLE: Final = (
    _named("姓 名|名字|客户名|客户姓名|用户名称|" + _ROLES,
        rf"[\"']?[ \t]{{0,3}}(?:[:=]|是|为|叫|[填写]的?+是?+(?![错对好完上了过没得成老家别自拼英简]))[ \t]{{0,3}}"
        rf"[\"'“「]?({_DOTTED}|{_NAME}"
        rf"|(?![我你他她它本同微都不没已见是对一填写改输跟就还也很怎哪什谁啥]){_HAN}{{2,4}}(?!{_HAN}))"),
    _named("我名字|" + _ROLES,
        rf"(?:[ \t,|\n(【「]{{1,3}}(?![全和成安连于时常包单方万])|(?={_SURE_NAME}|{_DOUBLE}))"
        rf"({_NAME}|{_DOTTED}){_BEHIND}"),
    _named("名字|全名|称呼|贵姓|叫什么|实名|" + _ROLES,
        rf"(?:{ASKED}|[^\n\d]{{0,12}}\n)({_NAME}|{_DOTTED})(?![^\W\d]| ?\d{{0,4}}[:/-])"),
    _named("叫", whole=
        r"叫(?<=[我俺人字名他她公婆户妈爸子女儿弟妹哥姐友称上前,，].)做?[ \t,|]{0,3}"
        rf"({_DOTTED}|{_NAME}|[小阿]{_HAN}{{1,3}}?)(?:{_BEHIND}|(?=工号))"),
    _named("姓", whole=rf"姓({_HAN})[ ,，叫名]{{0,3}}(\1{_GIVEN}){_BEHIND}"),
    _named("转给|打给|汇给|付给|借给|账给|款给|自称|接线员|业务员|专员|经理|客服|实名|认证的|绑的|填的|银行 |支行 ",
        rf"[了叫是的 :(]{{0,3}}({_SURE_NAME}){_BEHIND}"),
    _named("|".join(_SURNAMES), anywhere=
        rf"([{_SURNAMES}](?:(?<=\d{{3}}[ ,，|;；/\t(].)(?:(?<=\d{{11}}..){_LIKELY}|{_NO_WORD}{_COMMON})(?!\w)"
        rf"|(?:{_APART}|(?<=[是叫为给到找户人我爸妈公婆父母子女儿弟妹哥姐友员系学].)){_LIKELY}(?={_OF_A_PERSON})"
        r"|(?<=[是叫为给到找户人我员爸妈公婆父母子女儿弟妹哥姐友师理事者象学系在写名字成的].)"
        rf"{_NO_WORD}{_COMMON}(?:{_BEHIND}|(?=名[字下]|收|先生|女士))"
        rf"|{_APART}{_NO_WORD}{_COMMON}(?=[您你]好|名[字下]|收(?!\w)|[ ,，|](?:.行|..银行)? ?\d{{4}}(?![-/.年]))))"),
    LabelledPattern("姓名",
        "realname|real_name|truename|username|user_name|nickname|custname|cust_name|customer|customername|holder|owner"
        "|contact|name",
        rf"[\"']?[ \t]{{0,2}}[:=>][ \t]{{0,2}}[\"']?({_NAME})(?!{_HAN})"),
    LabelledPattern("姓名",
        "my name is|his name is|her name is|i'm called|i am called|full name|customer name|your name|name:|name =|name="
        "|name :|姓名|英文名|account name|name on card|holder|cardholder|beneficiary|payee|recipient|applicant",
        rf"(?:(?: is)?[ \t]?[:=]?[ \t]{{0,2}}|{ASKED})"
        r"(?-i:([A-Z][a-z]{1,15}(?:(?:[ '-]|, ?)[A-Z][a-z]{1,15}){1,2}"
        r"|[A-Z]{2,12} [A-Z]{2,12}(?! ?[A-Z])|(?<=姓名:)[a-z]{2,12} [a-z]{2,12}))\b", bounded=True,
        not_after="(?:app|file|host|user|device|model|product|screen|brand|service|bank|package|field|column)[ _-]?"),
    _named(_PINYIN, anywhere=
        rf"((?:{_PINYIN}) (?=[A-Z])(?i:{_SYLLABLE})(?:{_SYLLABLE})?)(?![A-Za-z]|[ _-][A-Z])"),
    LabelledPattern("姓名", "surname|given name|first name|last name|family name",
        r"(?: is)?[ \t]?[:=]?[ \t]{0,2}(?-i:(?!Required|Optional)([A-Z][a-z]{1,15}))\b"),
)  # fmt: skip
_NOT_NAMES: Final = frozenset(
    ("金额", "时间", "方式", "成功", "钱包", "全部", "平台", "常用", "应用", "管理", "单位", "包括", "安全", "温馨",
     "关系", "余额", "万元", "不符", "不对", "错误", "正确", "一致", "不一致", "相同", "有误", "填错", "不详", "匿名",
     "本人", "应该", "马上", "安心", "没有", "生僻字", "保密", "未填", "待定", "空白", "未知", "客服", "学生",
     "同一个人")
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
    "家庭住址|家庭地址|收货地址|通讯地址|联系地址|现住址|居住地|住址|住所|户籍|户籍地|家住|家在|我住|我住在|住在|地址"
    "|address",
    r"[ \t]{0,2}(?:[:=]|是|为|在)?[ \t]{0,2}([^\n,，。;；!！?？]{4,50})",
)  # fmt: skip
_PLACE_WORDS: Final = re.compile(
    r"省|市|区|县|镇|乡|村|路|街|巷|弄|号|栋|幢|单元|室|小区|花园|Road|Street|Rd\b|St\b|Ave|District", re.IGNORECASE
)


def people(page: Document) -> Iterator[Span]:
    """Find names that are announced as such, and postal addresses."""
    for row in _PEOPLE:
        for found in page.matches(row):
            name = found[which := found.lastindex or 1]
            if name not in _NOT_NAMES and name[:2] not in _NOT_NAMES:
                yield Span(*found.span(which), "姓名", name)
    for found in page.matches(_HOME):
        if len(_PLACE_WORDS.findall(found[1])) >= 2:
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
