"""Words spoken into a phone, without a sign between the sentences: where one would stand.

Phrases and guards end with the clause; where none ends, what is said of one thing would be taken with the next.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import TYPE_CHECKING, Final

import msgspec

if TYPE_CHECKING:
    from diagnostics.reading import Reading

_STRETCH: Final = re.compile(r"[\u3400-\u9fff0-9a-zA-Z]{28,}")
"""Signs of a text in which somebody who writes would have set a comma."""
_NEXT: Final = (
    "我|俺|咱|他(?!家|们的)|她|现在|后来|后头|如今|上个?月|昨天|今天|前几天|前年|去年|今年|每个?月|是不是|会不会|可是|但是|不过|就是|别人"
    "|人家|结果|然后|因为|所以|怎么|咋|为什么|为啥|服务|微信|公众号|还有|也没|都没|想|能不能|要不要|不晓得|不知道|儿子|女儿|老公|老婆|孙子|从来|天天|信用卡"
)
"""Words with which the next sentence begins."""
_BREAK: Final = re.compile(
    rf"(?<=[呀嘛呢吗啊啦咯噻哈])(?!呢|吗|啊|[呀嘛啦咯噻哈])|(?<=[了过])(?<![给骗帮加问害借打找叫催扣成为到除])(?<![给骗帮加问害借打找叫催扣成为到除].)(?=(?:{_NEXT}))"
    rf"|(?<=的)(?<=[是有用办换买].{{3}}的)(?=(?:{_NEXT}))|(?<=的)(?=我(?!们)|现在|后来|就是|别人|人家|怎么|为什么|为啥|是不是|因为|所以|上个?月|去年)"
    r"|(?<=[\u3400-\u9fff]{6})(?=但是|可是|不过|然后|结果|后来|所以|因为|而且|上个?月|去年|前年|现在|是不是|为什么|为啥|能不能|要不要|不晓得|不知道)"
)
"""Places where one sentence ends and the next begins."""


def parted(text: str) -> tuple[str, list[int]]:
    """Return the text with a comma where a stretch without signs has one, and where the commas stand in it."""
    places: list[int] = []
    pieces: list[str] = []
    last = 0
    for stretch in _STRETCH.finditer(text):
        for found in _BREAK.finditer(text, *stretch.span()):
            at = found.start()
            if at - last >= 3 and stretch.start() < at < stretch.end():
                pieces.append(text[last:at])
                places.append(at + len(places))
                last = at
    return ",".join([*pieces, text[last:]]), places


def joined(reading: Reading, text: str, places: list[int]) -> Reading:
    """Return what was read of the parted text, in the words of the text itself."""
    findings = []
    for one in reading.readings:
        start, end = (at - bisect_left(places, at) for at in (one.start, one.end))
        findings.append(msgspec.structs.replace(one, start=start, end=end, quote=text[start:end]))
    beliefs = [one if one.quote in text else msgspec.structs.replace(one, quote=one.quote.replace(",", ""))
               for one in reading.beliefs]  # fmt: skip
    return msgspec.structs.replace(reading, input=text, readings=findings, beliefs=beliefs)
