"""Words that take an answer back, or add to it: 没给，不对，给了五十; 没有，哦对了上个月晚了两天; 其实没给钱."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

_BEFORE: Final = (
    r"(?:(?<=[,。!?;:、 \n…~.])|^)"
    r"(?:[啊哦噢喔诶哎欸嗳呃额嗯唉咦哟我]|刚才|刚刚|前面|上面|抱歉|对不起|不好意思|oh|oops|ah|hm+|um+|[,。!~… ]){0,6}"
)
_BACK: Final = (
    r"(?:(?:不对)+|(?<!没)(?:[说打看记写弄输点选按念搞填讲听]|回答)[错反岔]了?|错了|更正|口误|手误|写反了?"
    r"|不是(?=[,。! ])|(?<=[啊哦噢喔诶哎欸呃])不(?:是|对)?(?=[,。! 是有没])|不不+(?:是|对)?"
    r"|等等|等一?下|等会儿?|慢着|应该是|改[成为](?!功)"
    r"|(?:no,? )?(?:wait|sorry|scratch that|correction|typo|my (?:bad|mistake)|on second thought"
    r"|i (?:mean|meant))(?![a-z])"
    r"|actually(?=[, ]))"
)
_MORE: Final = (
    r"(?:对了|想起来了?|(?:差点)?忘了说|还有就?是"
    r"|(?:[刚又再]|刚刚|仔细|重新)+(?:去|又|再)?[看查翻找试瞅瞧想](?:了看|了想|了)?(?:一?[下眼遍圈看想])?"
    r"(?=[,。 有没是开])"
    r"|(?<=[哦噢喔诶哎欸嗳咦])[,。! ]{0,2}(?=有|没|在|看[到见]|找到)"
    r"|(?:i )?(?:just )?(?:looked|checked) again|(?:i )?forgot(?: to say)?(?=[, ]))"
)
_TURN: Final = re.compile(
    rf"{_BEFORE}(?:(?P<back>{_BACK})|(?P<more>{_MORE}))[,。!: ]*(?:(?:那?就?是)(?=[^的])|no, *(?=\w))?"
)
_ALSO: Final = re.compile(r"[我他她,。 ]*(?:还|也|另外|以及|又|(?:and )?also(?![a-z]))")
"""How words begin that add to a list even where something is taken back: 不对，还给了身份证."""


class Turn(NamedTuple):
    """Where a text turns: what stood before it ends at `end`, what counts begins at `start`."""

    end: int
    start: int
    adds: bool
    """Whether the later words add to what was said, or else replace it."""


def turn_in(folded: str) -> Turn | None:
    """Return where an answer is last taken back or added to; None where nothing stands on both sides of such words."""
    for found in reversed(list(_TURN.finditer(folded))):
        before, behind = folded[: found.start()].strip(" ,。!~…"), folded[found.end() :].strip(" ,。!~…")
        if behind and (before or found[0].startswith("no")):  # no wait, yes
            adds = found["back"] is None or _ALSO.match(folded, found.end()) is not None
            return Turn(found.start(), found.end(), adds)
    return None
