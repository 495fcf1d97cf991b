"""Names that are announced or stand where a name stands, and postal addresses."""

from __future__ import annotations

import re
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Final

from diagnostics.redaction.kinds import WORDS, LabelledPattern, Span
from diagnostics.redaction.patterns import ASKED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from diagnostics.redaction.kinds import Document

_SURNAMES, _DOUBTFUL, _NO_NAME = WORDS["surnames"], WORDS["doubtful_surnames"], WORDS["never_given"]
_DOUBLE, _ROLES, _KIN, _SPELLED = WORDS["double_surnames"], WORDS["roles"], WORDS["kin"], WORDS["surnames_spelled"]
_BEGUN: Final = (f"{row[0]}(?=[{row[1:]}])" for row in WORDS["begin_like_a_name"].split("|"))
_NO_WORD: Final = f"(?<!{'|'.join(_BEGUN)})"
_HAN: Final = r"[\u3400-\u9fff]"
_FIRST, _SECOND = ("".join(sign) for sign in zip(*_DOUBLE.split("|"), strict=True))
_ONE: Final = rf"(?:[^\W\d_A-Za-z{_NO_NAME}]|[刚可年来银])"
_GIVEN: Final = rf"{_ONE}{{1,2}}"
_NAME: Final = rf"(?:(?:{_DOUBLE})|[{_SURNAMES}]{_NO_WORD}){_GIVEN}"
_DOTTED: Final = rf"{_HAN}{{1,6}}·{_HAN}{{1,8}}"
_FOREIGN: Final = f"[{WORDS['foreign_sounds']}]{{3,6}}"
_USUAL: Final = WORDS["usual_given"]
_COMMON: Final = rf"(?:[{_USUAL}]{{1,2}}|(?<=[张李王赵])[三四五六](?!{_HAN}))"
_ENDS: Final = r"(?=$|[\s|,，。、.;；:!！?？)）(（\"”<】」/+-])"
_REST: Final = (
    rf"(?:(?<=[{_SURNAMES}]){_NO_WORD}(?:(?<![{_DOUBTFUL}]){_GIVEN}|{_COMMON}|{_ONE}{{2}}{_ENDS})"
    rf"|(?<=[{_FIRST}])[{_SECOND}]{_GIVEN})"
)
_SURE_NAME: Final = rf"(?:[{_SURNAMES}{_FIRST}]{_REST})"
_SPACED: Final = rf"[{_SURNAMES}]{_NO_WORD} {_ONE}(?: ?{_ONE})?(?=$|[\n,，。、;；)）])"
_BEHIND: Final = rf"(?:{_ENDS}|(?=[{_NO_NAME}]|\d|[一二两三四五六七八九十几][千百万十块元]))"
_NUMBER: Final = r"[ \t,，、(:|/;；+-]{0,3}(?:(?:.行|..银行) ?)?(?:\d{11}|\d{6} \d{8}|<\n|[男女](?!\w))"
_OF_A_PERSON: Final = (
    r" ?(?:先生|女士|小姐|本人|工号)|就?是我(?!的)|的(?:账|身份|银行|手机|电话|微信|号|卡)"
    rf"|{_NUMBER}"
    r"|[ \t,，、(:|/;；+-]{0,3}(?:联系|手机|电话|身份|证件|微信|反[映馈]|来电"
    r"|咨询|投诉|办理|申请|询问)"
)
"""What stands behind a name: a title, something that is his, a number, what he wants."""
_APART: Final = rf"(?<!{_HAN}.)(?<!\d.)"
_SYLLABLE: Final = r"(?:[bpmfdtnlgkhjqxrzcsyw]h?)?[aeiou]{1,3}(?:ng?|r)?"
_LATIN: Final = (
    r"(?-i:[A-Z][a-z]{1,15}(?:(?:[ '-]|, ?)[A-Z][a-z]{1,15}){1,2}"
    r"|[A-Z]{2,12}[ /,]{1,2}[A-Z]{2,12}(?! ?[A-Z]))(?![A-Za-z])"
)
_named = partial(LabelledPattern, "姓名", flags=0)
_PEOPLE: Final = (
    _named("姓 名|名字|客户名|客户姓名|用户名称|" + _ROLES,
        rf"[\"']?[ \t]{{0,3}}(?:[:=]|是|为|叫|[填写]的?+是?+(?![错对好完上了过没得成老家别自拼英简]))[ \t]{{0,3}}"
        rf"[\"'“「]?({_DOTTED}|{_FOREIGN}|{_SPACED}|{_NAME}"
        rf"|(?![我你他她它本同微都不没已见是对一填写改输跟就还也很怎哪什谁啥公]){_HAN}{{2,4}}(?!{_HAN})|{_LATIN})"),
    _named("名字|" + _ROLES,
        rf"(?:[ \t,|\n(【】「]{{1,3}}|姓名|)"
        rf"({_DOTTED}|{_FOREIGN}|{_SPACED}|{_SURE_NAME}{_BEHIND}|{_NAME}{_ENDS}|{_LATIN})"),
    _named("本人|我是|我叫|人叫|这是|这里是",
        rf" ?((?:{_SURE_NAME}|[{_SURNAMES}]{_NO_WORD}{_ONE}{{2}}|{_FOREIGN})(?<![人县市区镇村省员户机民族客工]){_ENDS}"
        rf"|[{_SURNAMES}]{_NO_WORD}{_GIVEN}(?=的(?:{_KIN}|家))|{_DOTTED}|{_SPACED})"),
    _named(_KIN, rf"[叫是]?([{_SURNAMES}]{_NO_WORD}(?:{_ONE}{{2}}{_ENDS}|{_ONE}[{_USUAL}]{_BEHIND}"
        rf"|(?<![{_DOUBTFUL}]){_ONE}(?:{_ONE}{_BEHIND}|{_ENDS}|(?=[有没也]|的[微手账号卡]))))"),
    _named("名字|全名|称呼|贵姓|叫什么|实名|" + _ROLES,
        rf"(?:{ASKED}|[^\n\d]{{0,12}}\n)({_NAME}|{_DOTTED})(?![^\W\d]| ?\d{{0,4}}[:/-])"),
    _named("叫", whole=
        r"叫(?<=[我俺人字名他她公婆户妈爸子女儿弟妹哥姐友称上前在方个,，].)做?[ \t,|]{0,3}"
        rf"({_DOTTED}|{_NAME}|[小阿]{_HAN}{{1,3}}?|{_LATIN})(?:{_BEHIND}|(?=工号))"),
    _named(WORDS["before_a_name"],
        rf"[了叫是的 :(]{{0,3}}({_SURE_NAME}){_BEHIND}"),
    _named("|".join(_SURNAMES + _FIRST), anywhere=
        rf"([{_SURNAMES}{_FIRST}](?:(?:{_APART}|(?<=本人.))(?<=[{_SURNAMES}]){_NO_WORD}{_GIVEN}(?={_NUMBER})|(?:{_APART}|(?<=[是叫为给到找用户人我爸妈公婆父母子女儿弟妹哥姐友员系学].))"
        rf"{_REST}(?={_OF_A_PERSON})"
        r"|(?<=[是叫为给到找户人我员爸妈公婆父母子女儿弟妹哥姐友师理事者象学系在写名字成的].)"
        rf"(?<=[{_SURNAMES}]){_NO_WORD}(?:{_COMMON}(?:{_BEHIND}|(?=名[字下]|收|先生|女士))"
        rf"|(?<=[是叫给].)(?<![{_DOUBTFUL}]){_ONE}{{2}}(?:{_ENDS}|(?=先生|女士|经理|转)))"
        rf"|{_APART}(?<=[{_SURNAMES}]){_NO_WORD}{_COMMON}(?=[您你]好|名[字下]|收(?!\w)"
        r"|[ ,，|](?:.行|..银行)? ?\d{4}(?![-/.年]))))"),
    _named("|".join(_SURNAMES), anywhere=
        rf"[>\dXx](?:(?<=\n.)|(?<=\d{{9}}.))(?:[ \t,，、/|;；:+(-]{{0,3}}|改[成为]|和|跟)({_NAME}){_ENDS}"),
    LabelledPattern("姓名",
        "realname|real_name|truename|username|user_name|nickname|custname|cust_name|customer|customername|holder|owner"
        "|contact|name",
        rf"[\"']?[ \t]{{0,2}}[:=>][ \t]{{0,2}}[\"']?({_NAME})(?!{_HAN})"),
    LabelledPattern("姓名", WORDS["english_roles"],
        rf"(?:(?: on [\w ]{{2,16}}| ?\([^()\n]{{1,24}}\))?(?: is|'s|[是为叫])?[ \t]?[:=]?[ \t]{{0,2}}|{ASKED})"
        rf"(?:({_LATIN})|(?<=姓名:)([a-z]{{2,12}} [a-z]{{2,12}})\b)", bounded=True,
        not_after="(?:wifi|network|company|app|file|host|user|device|model|product|screen|brand|service|bank|package"
        "|field|column)[ _-]?"),
    LabelledPattern("姓名", WORDS["english_kin"],
        rf"(?:[^\n.]{{0,16}} to| is| called| named)?[,.]?\s{{1,2}}(?-i:(?!(?:{WORDS['no_english_names']}) )"
        r"([A-Z][a-z]{1,15}(?: [A-Z][a-z]{1,15}){1,2}"
        r"|(?:(?<=M[rs]\. )|(?<=M[rs] )|(?<=Mrs )|(?<=Miss ))[A-Z][a-z]{1,15}))"
        r"(?![A-Za-z])(?<!Pay)(?<!Bank)(?<!Support)(?<!Team)(?<!Service)", bounded=True),
    _named(_SPELLED, anywhere=
        rf"((?:{_SPELLED}) (?=[A-Z])(?i:{_SYLLABLE})(?:{_SYLLABLE})?)(?![A-Za-z]|[ _-][A-Z])"),
    LabelledPattern("姓名", "surname|given name|first name|last name|family name",
        r"(?: is)?[ \t]?[:=]?[ \t]{0,2}(?-i:(?!Required|Optional)([A-Z][a-z]{1,15}))\b"),
)  # fmt: skip
_NOT_NAMES: Final = frozenset(WORDS["no_names"].split("|"))
_STREETS, _DOORS = WORDS["english_streets"], WORDS["english_doors"]
_WORDS: Final = r"[A-Z0-9#][\w./'#-]*"
"""A word of an address: it begins with a capital letter or a number."""
_DOOR: Final = rf"(?:{_DOORS})\b\.? ?#?(?:\d{{1,5}}[A-Z]?|[A-Z]\d{{0,4}})\b"
_ENGLISH: Final = LabelledPattern("地址", WORDS["english_homes"],
    rf"(?<!ip address)(?: in [A-Z]\w+)?(?:[ :=,]| is| at| in){{0,3}}(?-i:({_WORDS}(?:(?:, ?| ){_WORDS}){{1,14}})"
    rf"|(\d{{1,5}} (?:[a-z']{{2,15}} ){{1,3}}(?:street|road|rd|avenue|ave|lane))\b)", bounded=True,
)  # fmt: skip
_ENGLISH_PLACE: Final = re.compile(rf"{_DOOR}|\b(?:{_STREETS}|{WORDS['english_places']})\b", re.IGNORECASE)
_ON_STREET: Final = LabelledPattern("地址", f"{_STREETS}|{_DOORS}", flags=0, anywhere=
    rf"((?:[0-9](?<=(?<!\w)(?<!\d\.).)\d{{0,4}}[A-Za-z]? (?:(?:[A-Z][a-z]{{2,15}}|\d(?:st|nd|rd|th)) ){{1,3}}"
    rf"(?:{_STREETS})\b|{_DOOR},? (?={_DOOR}|\d{{1,5}} [A-Z]))(?:{_WORDS})?(?:[, ]{{1,2}}{_WORDS}){{0,8}})",
)  # fmt: skip
_N: Final = r"[一二三四五六七八九十百甲乙丙丁A-Za-z\d]"
_ROOM: Final = rf"(?:{_N}{{1,5}}(?:楼|层|单元|门))?[ \t]?(?:[A-Za-z\d-]{{1,9}}+(?![栋幢座号单期区])[ \t]?[室房户]?)?"
_HOUSE: Final = LabelledPattern("地址", WORDS["streets"], whole=
    rf"{_HAN}{{1,2}}?(?<![知频渠通报难]道)[ \t]{{0,2}}(?:\d{{1,3}}(?:-\d{{1,3}})?-\d{{3,4}}(?![\d-])"
    rf"|(?<![里城湾府庄庭居])(?<![里城湾府庄庭居].)(?:(?:[东南西北中]区?)?{_N}(?:{_N}|-){{0,5}}[ \t]?"
    r"(?:号(?!线)|弄|栋|幢|座|组|段|支弄|期|单元|区|舍|馆|梯)[ \t]?(?:院|(?:宿舍)?楼)?"
    rf"[ \t]{{0,2}}){{1,4}}{_ROOM})"
    rf"(?:[,，、 ]?{_HAN}{{0,6}}?{_N}{{1,4}}(?:号楼|栋|幢|座|单元|期|区|层|楼|室){_ROOM}){{0,3}}",
)  # fmt: skip
_BUILDING: Final = LabelledPattern("地址", "号楼|单元|宿舍|写字楼|办公楼|号院|栋|幢|座|舍", whole=
    rf"(?:(?:号楼|单元|号院)(?<={_N}..)|宿舍楼?|(?:写字|办公)楼|[栋幢座舍](?<={_N}.))[ \t]?"
    rf"(?:{_N}{{1,3}}(?:楼|层|单元|门|座)[ \t]?){{0,2}}[A-Za-z]?\d{{3,4}}(?![\d.:%元块年月次个人号])[室房户]?",
)  # fmt: skip
"""A building and a room, whatever stands before them."""
_NO_PLACE: Final = re.compile(r"[^\u3400-\u9fff\dA-Za-z-]")
_LEADS: Final = re.compile(r"地址是|地址|住址|户籍|住在|家住|家在|搬到|寄到|寄往|在|住|到|是|去|往")
_HOME: Final = LabelledPattern("地址", WORDS["homes"], r"[ \t:=是为在]{0,5}([^\s:=是为在][^\n,，。;；!！?？]{3,49})")
_PLACE_WORDS: Final = re.compile(r"省|市|区|县|镇|乡|村|路|街|巷|弄|号|栋|幢|单元|室|花园|(?<!\d\d)\d{1,2}-(?=\d)")


def people(page: Document) -> Iterator[Span]:
    """Find names that are announced as such, and postal addresses."""
    for found in page.matches(_HOME):
        if len(_PLACE_WORDS.findall(found[1])) >= 2:
            place = found[1].rstrip()
            yield Span(found.start(1), found.start(1) + len(place), "地址", place)
    for found in chain(page.matches(_ENGLISH), page.matches(_ON_STREET)):
        place = found[found.lastindex or 1]
        if re.search(r"\d", place) and _ENGLISH_PLACE.search(place):
            yield Span(*found.span(found.lastindex or 1), "地址", place)
    for found in chain(page.matches(_HOUSE), page.matches(_BUILDING)):  # back to where the sentence begins
        place = whole = _NO_PLACE.split(page.before(found.start(), 32))[-1]
        for lead in _LEADS.finditer(whole):
            place = whole[lead.end() :] or place
        if place:
            start, end = found.start() - len(place), found.start() + len(found[0].rstrip())
            yield Span(start, end, "地址", page.text[start:end])
    for row in _PEOPLE:
        for found in page.matches(row):
            name = found[which := found.lastindex or 1]
            if name not in _NOT_NAMES and name[:2] not in _NOT_NAMES:
                yield Span(*found.span(which), "姓名", name)
