"""What somebody takes back and says once more, rightly: 8.0.61, 哦不对, 是8.0.71; 图标在的, 看错了, 那是理财通."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from diagnostics.reading.normalise import Turn
from diagnostics.reading.settle import LISTS, Hit

if TYPE_CHECKING:
    from collections.abc import Iterator

_EDGE: Final = r"(?:(?<=[,。!?;:.\n—–-])|(?<=[,。!?;:.—–-] )|(?<=[\u3400-\u9fff\d] ))"
_OH: Final = (
    r"(?:(?:哦|噢|啊|呃|额|诶|欸|哎呀?|唉|嗯|等等|等下|等一下|不好意思|抱歉|oh|er|um|uh|oops|sorry|actually)[,。. !]*)*"
)
_WRONG: Final = (
    r"我?(?:刚才?|刚刚|又)?(?:[说打看写记讲]错(?:别?字)?|[说写记看]反|[看记弄搞]混|看[岔串走花漏]|[少多漏]打一?[位个]数?字?"
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
        if before or (follows and start == turn.start):
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
