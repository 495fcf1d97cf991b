"""Ages that are said without being named: by the year of birth, and before the birthday on which they are reached."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from diagnostics.reading import normalise
from diagnostics.reading.figures import age_by_birth

if TYPE_CHECKING:
    from collections.abc import Iterator

_DAY: Final = (
    r"下+个?(?:月|周|礼拜|星期)[一二三四五六日天底初]?|下周末|[这本]个?[月周](?:底|末)|月底|年底|明[天儿早晚]|明儿个?|后天"
    r"|今[晚夜](?:上)?(?:零点)?|零点|过[两几些]?[天个]*[天月]?|(?:再过|还有|再等|还差|再有|差|离|距离?)[^,。!?;\n]{1,7}?"
)
_NEARLY: Final = r"(?<![凉爽愉痛赶尽外加])快要?|马上就?要?|就要|眼看着?就?要?|即将|将[满要]|奔着?|临近"
_TO_BE: Final = r"(?:我|俺|他|她|就|才|也|能|要|会|又|该|过|到|满|是|够|第)*"
_AGED: Final = rf"(?P<n>{normalise.PATTERN})"
_HAS_AGE: Final = r"(?P<years> ?周?岁)?(?P<reached>了|啦|咯|的人)?(?:的?生日)?(?=[了啦咯的,。!?;\n ]|$)"
_SOON: Final = re.compile(
    rf"(?:(?P<day>{_DAY})|{_NEARLY}){_TO_BE}{_AGED}{_HAS_AGE}"
    rf"|(?:{_DAY}|{_NEARLY}){_TO_BE}(?P<adult>成年)(?!人|模式|礼)"
    rf"|(?<![年已])满 ?(?P<before>18|十八)(?:周?岁)?还(?:差|有|要|得)[^,。!?;\n]{{1,8}}"
    rf"|(?:离|距离?)(?:满)?(?P<until>18|十八|成年)(?:周?岁)?(?:生日)?还(?:差|有|要|得)[^,。!?;\n]{{1,8}}"
    r"|(?<![a-z])(?:almost|nearly|just about|not yet|not quite|going on|coming up (?:to|on)|pushing"
    r"|about to (?:be|turn))"
    r" (?P<nearly>\d\d)(?![\d%:/]|[.,]\d|k| ?(?:%|cards|loans|years ago|years? (?!old)|days|months|weeks"
    r"|times|people|apps|lenders|yuan|rmb))"
    r"|(?<![a-z])(?:turn(?:ing|s)?|(?:will|'ll) (?:be|turn)|(?:going|about) to (?:be|turn)|be"
    r"|birthday) (?P<turns>\d\d)"
    r" (?:years old )?(?:next|tomorrow|soon|in (?:a|an|\d|two|three|four|five|six|seven|eight|nine|ten|about|less)"
    r"|on (?:mon|tues|wednes|thurs|fri|satur|sun|the)|at midnight|tonight|later)"
)
"""An age that is still to be reached: 下个月满18, 快六十一了, turning 18 next month."""
_LONE: Final = re.compile(
    r"(?:今年)?(?:本命年|(?:还)?(?:未|没有?)成年|男性?|女性?)[,、 ]{1,2}(?P<age>[1-8]\d)(?=[,。;\n ]|$)"
    r"|(?<![a-z])(?:had|celebrated|passed|after|since) (?:my|his|her) (?P<birthday>[1-8]\d)(?:st|nd|rd|th) birthday"
)
"""A bare age behind words that name one."""
_APART: Final = re.compile("[差离距]")
"""Words that only tell how far it is to an age."""
_LOW: Final = 14
_HIGH: Final = 95
_ADULT: Final = 18
_BORN: Final = re.compile(
    r"(?P<whole>(?<![\d.])(?:(?:19[3-9]|20[01])\d|[一二][零〇九][零〇一二三四五六七八九]{2}) ?年?"
    r"|(?<![\d.])[04-9]\d ?年"
    r"|[零〇四五六七八九][零〇一二三四五六七八九]年)"
    r"(?:(?:的|出)?生(?!产|意|活|日快乐|效)(?:人|的)?|的人(?=[,。!?;\n ]|$)|(?P<bare>的)(?=[,。!?;\n ]|$)"
    r"|的?属(?:相)?[鼠牛虎兔龙蛇马羊猴鸡狗猪]"
    r"|\s?(?:1[0-2]|0?[1-9]|[一二三四五六七八九十]{1,2})月份?(?:[0-3]?\d[号日])?(?:(?:的|出)?生(?!产|意|活)(?:人|的)?"
    r"|(?P<month>的)(?=[,。!?;\n ]|$)))"
    r"|(?:出生(?:日期|年月|于|在|年份)?|生日|生于)(?:是|为|:|在)? ?(?:19[3-9]|20[01])\d ?年?(?:\s?(?:1[0-2]"
    r"|0?[1-9])月(?:[0-3]?\d[号日])?)?"
    r"|(?<![a-z])(?:was |were |am |is )?born (?:in |on )?(?:[a-z]+ )?(?:19[3-9]|20[01])\d(?!\d)"
)
_WHOSE: Final = re.compile(
    r"(?:^|[,。!?;:\n\" ]|[我俺咱妈爸爹娘公婆爷奶哥姐弟妹伯叔姨姑舅他她人是本])(?:是|都|也|可是|就是)?$"
)
"""Words right before a bare year by which it is somebody's of birth: 我是55年的; not 用的98年的."""


class Aged(NamedTuple):
    """An age with the place of its words; `sure`: it is exact."""

    age: int
    start: int
    end: int
    sure: bool


def ages_said(text: str, start: int, end: int) -> Iterator[Aged]:
    """Yield the ages of a turn that are still to be reached, each as the year before, and those by a year of birth."""
    for found in _SOON.finditer(text, start, end):
        if found["adult"] or found["before"] or found["until"]:
            yield Aged(_ADULT - 1, *found.span(), sure=_APART.search(found[0]) is None)
            continue
        said = normalise.number(found["n"] or found["nearly"] or found["turns"]) or 0
        zh = found["n"] is not None
        named = (
            not zh or found["years"] or said == _ADULT or (found["reached"] and (not found["day"] or said > _LOW * 2))
        )
        if _LOW <= said <= _HIGH and said == int(said) and named:
            yield Aged(
                int(said) - 1, *found.span(), sure=bool(found["turns"] or said % 10) and not _APART.search(found[0])
            )
    for found in _LONE.finditer(text, start, end):
        yield Aged(int(found["age"] or found["birthday"]), *found.span(), sure=True)
    for found in _BORN.finditer(text, start, end):
        bare = found["bare"] or found["month"]
        if bare and not _WHOSE.search(text, max(start, found.start() - 4), found.start()):
            continue
        by_birth = age_by_birth(found[0])
        if by_birth is not None and _LOW <= by_birth[0] <= _HIGH:
            yield Aged(by_birth[0], *found.span(), sure=by_birth[1])
