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
    "陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤欧温康施文牛樊葛邢安齐易乔"
    "伍庞颜倪庄聂章鲁岳翟殷詹申耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳管柴蒙鲍华"
    "喻祁蒲房滕屈饶解牟艾尤阳时穆农司卓古吉缪简车项连芦麦褚娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬师仇"
    "栾隋商刁沙荣巫寇桑郎甄丛仲虞敖巩明佘池查麻苑迟邝郗逯鄢晁粟幸卿檀鞠阚郜芮虢邸逄蔺闻"
)
_DOUBLE: Final = (
    "欧阳|上官|司马|诸葛|东方|皇甫|尉迟|公孙|慕容|令狐|司徒|夏侯|端木|百里|南宫|长孙|宇文|闻人|钟离|呼延|轩辕|赫连|澹台|独孤"
)
_HAN: Final = r"[\u3400-\u9fff]"
_NO_NAME: Final = (
    "的了是在不没有要想和与跟来去说问也都就会能可这那他她你我您打报吗呢吧啊电手身银微请已今昨现刚年住已经男女号码证件"
    "错误为空无未还填过改转借第什么给"
)
_BEGUN: Final = (
    "周围期边末长岁到天转一二三四五六日后内前 许多久可愿 何况必处以等时故人事种用苦尝止地 高峰级兴达手铁速度中校考清血档端额等"
    "原大温层山低效压个德息利科 林业区地 罗马列嗦网 郑州重 谢谢绝意 宋体 唐山 韩国语服版 曾经用逾有被因在 肖像 董事 余额款下地利万"
    " 程序度 苏州宁北南 任务何期意命职由性 沈阳 钟头表后内 陆续地金 范围例本 金额融钱条卡色牌属库 石家头油 夏天季 付款费出清完"
    " 方面法式向案便才言 白天色领名户条金酒送白 江苏西南门湖北 段时落子 雷达 龙岩头门 史上 毛病利钱 万元一分事能多般达 钱包款"
    " 严重格肃 武汉 莫名非 向上下前导量着 欧洲盟元 温馨度州和暖 施工 文件化字章档案书科员本 安全卓装排徽心静慰庆顺检卸抚逸"
    " 齐全 易于借贷 章程 申诉办购领 关系于键注闭联心掉机门停 兰州 焦急虑点作 左右边侧 柳州 甘肃 祝大 包括含月装里邮头工 宁波夏愿"
    " 尚且 舒服 符合 纪录念律 凌晨 毕业竟 单位独个亲卡方据价纯笔子击选 季度节 成功员本人立绩交长分熟果 盛京 曲靖线 蓝牙色"
    " 路由径线上边人 游戏客 辛苦 管理家用道控 蒙古 华为北东南夏润 房贷子东产租价屋间 解决除释绑封锁开冻约散答 尤其 阳光台性泉江"
    " 时间候代常刻长段效限期光 农村民业行户商历 司机法 古代田怪 吉林利 简单直体介称历 车贷主子牌辆险位间型祸 项目 连接续上带线"
    "连着网云忙通锁 麦当 景区点德 党员 费用率 冷静门 席位 卫生星 米粒 桂林 全部国额款名称职家体新程面球天然民网力对款 应该用当急"
    "届付聘收 边缘框上看界 商家户品城量务业贷场店 沙盘 荣耀誉 仲裁 明天白确显细月日示明 查看询找清出验收征 麻烦 迟到早迟 池州"
    " 马上虎 张贴嘴口开 王者牌 黄金牛色河山石 顾客虑 孙子女 胡乱扯 谷歌 师傅父 徐州 邢台 幸福 闻言 贺卡 童装 庄家"
)
"""Words that begin like a name, `周期`: the first sign, and the second ones that make a word of it."""
_NO_WORD: Final = f"(?<!{'|'.join(f'{row[0]}(?=[{row[1:]}])' for row in _BEGUN.split())})"
_DOUBTFUL: Final = "万方白金石高于向安时全成应包查解关连付管单边文明路房党农车商司沙池麻米冷古简费武雷尚宁曲阳华蒙席谷盛游易齐"
"""Surnames that begin still more words than are told here."""
_ONE: Final = rf"(?:[^\W\d_A-Za-z{_NO_NAME}]|[刚可年来银])"
_GIVEN: Final = rf"{_ONE}{{1,2}}"
_NAME: Final = rf"(?:(?:{_DOUBLE})|[{_SURNAMES}]{_NO_WORD}){_GIVEN}"
_DOTTED: Final = rf"{_HAN}{{1,6}}·{_HAN}{{1,8}}"
_FOREIGN: Final = "[阿艾巴买麦木提尔古丽努热吾迪依伊玛娜扎西卓次仁才让多吉旺洛桑达瓦央宗拉姆格珠乌日苏嘎其图雅布朝鲁斯琴萨塔顿甫江孜罕]{3,6}"
"""A name of the west or the north of the country, as its sounds are written."""
_COMMON: Final = (
    "(?:[伟芳娜敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂英华玉萍红娥玲芬燕彬鹏辉丹莉斌宇浩凯秀健俊帆雪荣爱梅建国志海峰永"
    "龙云飞波贵福庆晓春梦雨欣怡佳琪琳倩颖婷慧嘉轩涵泽睿博豪诗雅思瑶铁鑫旭阳坤雷振祥瑞德凤珍淑贞翠钢柱洁蕾琴媛菲凡昊"
    rf"]{{1,2}}|(?<=[张李王赵])[三四五六](?!{_HAN}))"
)
"""What most given names are made of."""
_REST: Final = rf"{_NO_WORD}(?:(?<![{_DOUBTFUL}]){_GIVEN}|{_COMMON})"
_SURE_NAME: Final = rf"(?:(?:{_DOUBLE}){_GIVEN}|[{_SURNAMES}]{_REST})"
_SPACED: Final = rf"[{_SURNAMES}]{_NO_WORD} {_ONE}{{1,2}}(?=$|[\n,，。、;；)）])"
_ENDS: Final = r"(?=$|[\s|,，。、.;；:!！?？)）(（\"”<】」/+-])"
_BEHIND: Final = rf"(?:{_ENDS}|(?=[{_NO_NAME}]|\d))"
_OF_A_PERSON: Final = (
    r" ?(?:先生|女士|小姐|本人|工号)|的(?:账|身份|银行|手机|电话|微信|号|卡)"
    r"|[ \t,，、(:|/;；+-]{0,3}(?:\d{11}|\d{6} \d{8}|<\n|联系|手机|电话|身份|证件|微信|[男女](?!\w)|反[映馈]|来电"
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
    "|曾用名|现用名|原名|本名|开户名|账户名|卡主|号主|投保人|被保人|监护人|寄件人|推荐人|介绍人|受益人"
)
_KIN: Final = "老公|老婆|媳妇|妻子|丈夫|爱人|对象|男友|女友|爸|妈|父亲|母亲|儿子|女儿|哥|姐|弟|妹|朋友|同事|同学|舍友"
_LATIN: Final = (
    r"(?-i:[A-Z][a-z]{1,15}(?:(?:[ '-]|, ?)[A-Z][a-z]{1,15}){1,2}|[A-Z]{2,12}[ /,]{1,2}[A-Z]{2,12}(?! ?[A-Z]))(?![A-Za-z])"
)
_named = partial(LabelledPattern, "姓名", flags=0)
_PEOPLE: Final = (
    _named("姓 名|名字|客户名|客户姓名|用户名称|" + _ROLES,
        rf"[\"']?[ \t]{{0,3}}(?:[:=]|是|为|叫|[填写]的?+是?+(?![错对好完上了过没得成老家别自拼英简]))[ \t]{{0,3}}"
        rf"[\"'“「]?({_DOTTED}|{_FOREIGN}|{_SPACED}|{_NAME}"
        rf"|(?![我你他她它本同微都不没已见是对一填写改输跟就还也很怎哪什谁啥公]){_HAN}{{2,4}}(?!{_HAN}))"),
    _named("我名字|" + _ROLES,
        rf"(?:[ \t,|\n(【】「]{{1,3}}|姓名|)({_DOTTED}|{_FOREIGN}|{_SPACED}|{_SURE_NAME}{_BEHIND}|{_NAME}{_ENDS})"),
    _named("本人|我是|我叫|人叫|这是|这里是",
        rf" ?((?:{_SURE_NAME}|[{_SURNAMES}]{_NO_WORD}{_ONE}{{2}}|{_FOREIGN})(?<![人县市区镇村省员户机民族客工]){_ENDS}"
        rf"|{_SURE_NAME}(?=的(?:{_KIN}|家))|{_DOTTED}|{_SPACED})"),
    _named(_KIN, rf"[叫是]?([{_SURNAMES}]{_NO_WORD}(?<![{_DOUBTFUL}]){_ONE}{{2}}){_BEHIND}"),
    _named("名字|全名|称呼|贵姓|叫什么|实名|" + _ROLES,
        rf"(?:{ASKED}|[^\n\d]{{0,12}}\n)({_NAME}|{_DOTTED})(?![^\W\d]| ?\d{{0,4}}[:/-])"),
    _named("叫", whole=
        r"叫(?<=[我俺人字名他她公婆户妈爸子女儿弟妹哥姐友称上前,，].)做?[ \t,|]{0,3}"
        rf"({_DOTTED}|{_NAME}|[小阿]{_HAN}{{1,3}}?|{_LATIN})(?:{_BEHIND}|(?=工号))"),
    _named("姓", whole=rf"姓({_HAN})[ ,，叫名]{{0,3}}(\1{_GIVEN}){_BEHIND}"),
    _named("转给|打给|汇给|付给|借给|账给|款给|自称|接线员|业务员|专员|经理|客服|实名|认证的|绑的|填的|银行 |支行 |名字从|名字由",
        rf"[了叫是的 :(]{{0,3}}({_SURE_NAME}){_BEHIND}"),
    _named("|".join(_SURNAMES), anywhere=
        rf"([{_SURNAMES}](?:(?:{_APART}|(?<=[是叫为给到找户人我爸妈公婆父母子女儿弟妹哥姐友员系学].)){_REST}(?={_OF_A_PERSON})"
        r"|(?<=[是叫为给到找户人我员爸妈公婆父母子女儿弟妹哥姐友师理事者象学系在写名字成的].)"
        rf"{_NO_WORD}{_COMMON}(?:{_BEHIND}|(?=名[字下]|收|先生|女士))"
        rf"|{_APART}{_NO_WORD}{_COMMON}(?=[您你]好|名[字下]|收(?!\w)|[ ,，|](?:.行|..银行)? ?\d{{4}}(?![-/.年]))))"),
    _named("|".join(_SURNAMES), anywhere=
        rf"[>\dXx](?:(?<=\n.)|(?<=\d{{9}}.))(?:[ \t,，、/|;；:+(-]{{0,3}}|改[成为]|和|跟)({_SURE_NAME}){_ENDS}"),
    LabelledPattern("姓名",
        "realname|real_name|truename|username|user_name|nickname|custname|cust_name|customer|customername|holder|owner"
        "|contact|name",
        rf"[\"']?[ \t]{{0,2}}[:=>][ \t]{{0,2}}[\"']?({_NAME})(?!{_HAN})"),
    LabelledPattern("姓名",
        "name is|name's|i'm called|i am called|full name|customer name|your name|name:|name =|name="
        "|name :|姓名|姓名拼音|英文名|account name|name on card|name on the card|name on my card|passport name|holder|cardholder"
        "|beneficiary|payee|recipient|applicant|surname",
        rf"(?:(?: is)?[ \t]?[:=]?[ \t]{{0,2}}|{ASKED})(?:({_LATIN})|(?<=姓名:)([a-z]{{2,12}} [a-z]{{2,12}})\b)", bounded=True,
        not_after="(?:wifi|network|company|app|file|host|user|device|model|product|screen|brand|service|bank|package|field|column)[ _-]?"),
    LabelledPattern("姓名",
        "i'm|i am|this is|husband|wife|mother|father|brother|sister|son|daughter|friend|regards|sincerely|cheers|thanks|best"
        "|transferred to|paid to|sent to|money to|mr|mrs|ms|miss|dr",
        r"(?:[,.]?\s{1,2})(?-i:(?!(?:Bank|Customer|New|South|North|East|West|Hong|Android|Apple|Samsung|Huawei|Xiaomi|Google|Redmi|Oppo"
        r"|Chinese|American|Mainland|Not|Error|Please|Pay|Tencent|Service|Windows|China|The|Microsoft|Wei|Honor|One) )"
        r"([A-Z][a-z]{1,15}(?: [A-Z][a-z]{1,15}){1,2}|(?<=M[rs]\. )[A-Z][a-z]{1,15}|(?<=M[rs] )[A-Z][a-z]{1,15}))"
        r"(?![A-Za-z])(?<!Pay)(?<!Bank)(?<!Support)(?<!Team)(?<!Service)", bounded=True),
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
_STREETS: Final = (
    "Street|St|Road|Rd|Avenue|Ave|Lane|Drive|Boulevard|Blvd|Parkway|Pkwy|Crescent|Terrace|Highway|Place|Lu|Jie|Dajie|Jalan"
)
_WORDS: Final = r"[A-Z0-9#][\w./'#-]*"
"""A word of an address: it begins with a capital letter or a number."""
_DOOR: Final = (
    r"(?:Flat|Room|Rm|Unit|Apt|Apartment|Suite|Block|Blk|Building|Bldg|Floor|No)\b\.? ?#?(?:\d{1,5}[A-Z]?|[A-Z]\d{0,4})\b"
)
_ENGLISH: Final = LabelledPattern("地址",
    "address|live at|live in|lives at|lives in|living at|living in|live on|home is|ship to|deliver to|staying at|i'm at|house|地址"
    "|住址|住",
    rf"(?<!ip address)(?:[ :=,]| is| at| in){{0,3}}(?-i:({_WORDS}(?:(?:, ?| ){_WORDS}){{1,14}})"
    rf"|(\d{{1,5}} (?:[a-z']{{2,15}} ){{1,3}}(?:street|road|rd|avenue|ave|lane))\b)", bounded=True,
)  # fmt: skip
_ENGLISH_PLACE: Final = re.compile(rf"{_DOOR}|\b(?:{_STREETS}|Gardens?|Court|Estate|Tower|Way|Close|Plaza)\b", re.IGNORECASE)
_ON_STREET: Final = LabelledPattern("地址", _STREETS.lower() + "|room|rm|flat|unit|apt|block|building", flags=0, anywhere=
    rf"((?:[0-9](?<=(?<!\w)(?<!\d\.).)\d{{0,4}}[A-Za-z]? (?:(?:[A-Z][a-z]{{2,15}}|\d(?:st|nd|rd|th)) ){{1,3}}(?:{_STREETS})\b"
    rf"|{_DOOR},? (?={_DOOR}|\d{{1,5}} [A-Z])){_WORDS}?(?:[, ]{{1,2}}{_WORDS}){{0,8}})",
)  # fmt: skip
_N: Final = r"[一二三四五六七八九十百甲乙丙丁A-Za-z\d]"
_UNITS: Final = (
    rf"(?:[东南西北中]?{_N}{{1,6}}[ \t]?(?:号|弄|栋|幢|座|组|段|支弄|期|单元|区|舍|馆|梯)[ \t]?(?:院|楼)?[ \t]{{0,2}}){{1,4}}"
)
_ROOM: Final = rf"(?:{_N}{{1,5}}(?:楼|层|单元|门))?[ \t]?(?:[A-Za-z\d-]{{1,9}}[ \t]?(?:室|房|户)?)?"
_HOUSE: Final = LabelledPattern("地址", "路|街|巷|弄|胡同|大道|道|村|小区|花园|公寓|大厦|家园|广场|苑|公馆|社区|园", whole=
    rf"{_HAN}{{1,2}}?(?<![知频渠通报难]道)[ \t]{{0,2}}(?:{_UNITS}{_ROOM}|\d{{1,3}}(?:-\d{{1,4}}){{1,2}}(?!\d))(?:[,，、 ]?{_HAN}{{0,6}}?{_N}{{1,4}}(?:号楼|栋|幢|座|单元|期|区|层|楼|室){_ROOM}){{0,3}}",
)  # fmt: skip
_BUILDING: Final = LabelledPattern("地址", "号楼|单元|宿舍楼|写字楼|办公楼|号院|栋|幢|座|舍", whole=
    rf"(?:(?:号楼|单元|号院)(?<={_N}..)|(?:宿舍|写字|办公)楼|[栋幢座舍](?<={_N}.))[ \t]?"
    rf"(?:{_N}{{1,3}}(?:楼|层|单元|门|座)[ \t]?){{0,2}}[A-Za-z]?\d{{3,4}}(?![\d.:%元块年月次个人号])[室房户]?",
)  # fmt: skip
"""A building and a room, whatever stands before them."""
_NO_PLACE: Final = re.compile(r"[^\u3400-\u9fff\dA-Za-z-]")
_LEADS: Final = re.compile(r"地址是|地址|住址|户籍|住在|家住|家在|搬到|寄到|寄往|在|住|到|是|去|往")
_HOME: Final = LabelledPattern("地址",
    "家庭住址|家庭地址|收货地址|通讯地址|联系地址|现住址|居住地|住址|住所|户籍|户籍地|家住|家在|我住|我住在|住在|地址|宿舍|门牌"
    "|门牌号|address",
    r"[ \t]{0,2}(?:[:=]|是|为|在)?[ \t]{0,2}([^\n,，。;；!！?？]{4,50})",
)  # fmt: skip
_PLACE_WORDS: Final = re.compile(
    r"省|市|区|县|镇|乡|村|路|街|巷|弄|号|栋|幢|单元|室|小区|花园|(?<!\d\d)\d{1,2}-(?=\d)", re.IGNORECASE
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
    for found in page.matches(_ENGLISH):
        place = found[found.lastindex or 1]
        if re.search(r"\d", place) and _ENGLISH_PLACE.search(place):
            yield Span(*found.span(found.lastindex or 1), "地址", place)
    for found in page.matches(_ON_STREET):
        yield Span(*found.span(1), "地址", found[1])
    for found in chain(page.matches(_HOUSE), page.matches(_BUILDING)):  # and what stands before it, back to where the sentence begins
        place = whole = _NO_PLACE.split(page.before(found.start(), 32))[-1]
        for lead in _LEADS.finditer(whole):
            place = whole[lead.end() :] or place
        if place:
            start, end = found.start() - len(place), found.start() + len(found[0].rstrip())
            yield Span(start, end, "地址", page.text[start:end])
