"""What somebody takes back and says once more, rightly: 8.0.61, 哦不对, 是8.0.71; 图标在的, 看错了, 那是理财通.

In a story a correction takes back only what is surely meant; an answer to one question is corrected by weaker words.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from diagnostics.reading.normalise import Turn
from diagnostics.reading.settle import LISTS, Hit

if TYPE_CHECKING:
    from collections.abc import Iterator

_EDGE: Final = r"(?:(?<=[,。!?;:.\n—–-])|(?<=[,。!?;:.—–-] )|(?<=[\u3400-\u9fff\d] ))"
_OH: Final = (
    r"(?:(?:哦|噢|啊|呃|额|诶|欸|哎呀?|唉|嗯|等等|等下|等一下|不好意思|抱歉|oh|er|um|uh|oops|sorry|actually)[,。. !]*)*"
)
_THINGS: Final = (
    r"月?薪[资水]?|月?收入|工资|年[龄纪]|岁数|(?:微信)?版本号?|系统|手机(?:型号)?|型号|月供|月?还款额?"
    r"|salary|income|age|version"
)
"""What somebody says that he got wrong."""
_WRONG: Final = (
    rf"(?:(?:{_THINGS})(?=[我刚又说打看写记讲填报]))?我?(?:刚才?|刚刚|又)?"
    r"(?:[说打看写记讲填报]错(?:别?字)?|[说写记看]反|[看记弄搞]混|看[岔串走花漏]|[少多漏]打一?[位个]数?字?"
    r"|口误|笔误|手误|手滑|手抖|眼花)(?:了|眼)?"
    r"|(?:更正|纠正|订正)(?:一下|下)?|correction\b|no,? wait\b|wait,? no\b|(?:scratch|strike) that|my (?:mistake|bad)\b"
    r"|(?:i )?misread(?: it| that)?|typo\b|(?<=sorry )no\b|(?<=sorry, )no\b|(?<=oh )no\b(?=, (?:it|that|this))"
    r"|(?<=[哦噢啊呃额诶欸哎唉])不对|(?<=[哦噢啊呃额诶欸哎唉],)不对|不对(?=[,。: ]{0,2}(?:是|那|应该|现在|我?刚|我看))"
)
_OR_SO: Final = r"不对(?![劲吧呀啊呢头称等])|不(?=[,。 \d])|i mean(?:t)?\b|oops\b|sorry\b|wait\b"
_GOES_ON: Final = r"(?=[\s,。!?;:.\d—–-]|$|是|那|应该|我|现在|刚|[说打看写记]错)"
_AGED: Final = r"[哦噢呃诶](?=[^,。!?\n]{0,8}\d{2}(?:岁|了|$|[,。\n]))"
"""A word with which somebody mends his age: 47 哦过完生日了 48."""
TAKES_BACK: Final = re.compile(
    rf"{_EDGE} ?(?:{_OH}(?:(?P<wrong>{_WRONG})|(?:{_OR_SO}))(?![\u3400-\u9fff]*[吗次遍]){_GOES_ON}|{_AGED})"
    rf"(?:[\s,。!?;:.—–-]*(?:(?P<more>{_WRONG})|{_OR_SO}|不好意思){_GOES_ON})*[\s,。!?;:.—–-]*"
)
"""Words with which somebody takes back what stands before them; weaker ones only what he then says anew."""
_MOST: Final = 20
"""Corrections that are looked at in one turn."""
NOT_AGAIN: Final = ("kin", "other", "product", "old_device")
"""Words of a clause that gives no new answer: 那是支付宝绑的."""


def thing_named(text: str, start: int) -> str:
    """Return what a correction whose words end at `start` names as said wrongly: 月薪说错了, 是七千; or nothing."""
    found = _THING_NAMED.search(text, max(0, start - _REACH), start)
    return found["thing"] if found is not None else ""


_THING_NAMED: Final = re.compile(
    rf"(?P<thing>{_THINGS})我?(?:刚才?|刚刚|又)?[说打看写记讲填报]错(?:了|啦)?[\s,。!?;:.]*$"
)
_REACH: Final = 24
"""Characters of a correction in which the thing is named."""


def surely(found: re.Match[str]) -> bool:
    """Whether the words of a correction take back what stands before them, whatever follows."""
    return bool(found["wrong"] or found["more"])


def parts(text: str, turn: Turn, follows: bool) -> Iterator[tuple[Turn, str]]:
    """Yield a turn by its corrections, each part with how it takes back the one before: not, `surely` or `perhaps`.

    `follows`: the turn before is the same person's, so that this one may begin with a correction.
    """
    start, how = turn.start, ""
    for count, found in enumerate(TAKES_BACK.finditer(text, turn.start, turn.end)):
        if count == _MOST:
            break
        before = text[start : found.start()].strip(' \n"')
        if before:
            yield Turn(turn.role, start, found.start(), turn.certain), how
        if before or (start == turn.start and (follows or thing_named(text, found.end()))):
            start, how = found.end(), "surely" if surely(found) else "perhaps"
    if start < turn.end or not how:
        yield Turn(turn.role, start, turn.end, turn.certain), how
    elif how:
        yield Turn(turn.role, turn.end, turn.end, turn.certain), how


def taken_back(earlier: list[Hit], right_before: list[Hit], later: list[Hit], how: str) -> list[Hit]:
    """Return what a correction takes back: what is said anew, else `surely` what stands right before it."""
    gone: list[Hit] = []
    again = False
    for question in dict.fromkeys(hit.question for hit in later if hit.question not in LISTS):
        old = [hit for hit in earlier if hit.question == question]
        values = [hit.value for hit in old]
        again |= bool(old)
        if any(hit.question == question and hit.value not in values for hit in later):
            gone += old + [hit for hit in later if hit.question == question and hit.value in values]
    if again or how != "surely":
        return gone
    return [hit for hit in right_before if hit.question not in LISTS]


# Of an answer to one question.
IN_FACT: Final = re.compile(
    r"其实|实际上|事实上|[说记弄搞看写打]错|[弄搞记]混|不对|更正|收回|误会|(?<![a-z])(?:actually|in fact|scratch that"
    r"|my mistake|i was (?:wrong|mistaken)|sorry|no wait)(?![a-z])"
)
"""Words by which somebody takes back an answer that he gave before."""
CORRECTS: Final = re.compile(
    r"(?:啊|哦|噢|诶|oh)?[ ,]?"
    r"(?:不对|[说打看记写弄输]错|哦不|等等|等下|更正|(?:no )?wait|sorry|i mean|typo)(?![a-z])了?[ ,。:]*"
)
"""Words after which an answer is said once more, rightly."""
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
_THOUGHT: Final = re.compile(
    rf"{_BEFORE}(?:(?P<back>{_BACK})|(?P<more>{_MORE}))[,。!: ]*(?:(?:那?就?是)(?=[^的])|no, *(?=\w))?"
)
_ALSO: Final = re.compile(r"[我他她,。 ]*(?:还|也|另外|以及|又|(?:and )?also(?![a-z]))")
"""How words begin that add to a list even where something is taken back: 不对，还给了身份证."""


class Afterthought(NamedTuple):
    """Where an answer is corrected or added to: what stood before it ends at `end`, what counts begins at `start`."""

    end: int
    start: int
    adds: bool
    """Whether the later words add to what was said, or else replace it."""


def afterthought(folded: str) -> Afterthought | None:
    """Return where an answer is last taken back or added to; None where nothing stands on both sides of such words."""
    for found in reversed(list(_THOUGHT.finditer(folded))):
        before, behind = folded[: found.start()].strip(" ,。!~…"), folded[found.end() :].strip(" ,。!~…")
        if behind and (before or found[0].startswith("no")):  # no wait, yes
            adds = found["back"] is None or _ALSO.match(folded, found.end()) is not None
            return Afterthought(found.start(), found.end(), adds)
    return None
