"""Whose version a number is, and of when: the person's own of now, a friend's, an earlier one, one that is denied."""

import re
from typing import Final, Literal, TypeAlias

Owner: TypeAlias = Literal["own", "other", "past", "denied", "replaced"]

_SELF: Final = r"我的?|本人|自己|俺|咱|(?<![a-z])(?:my|mine|i|i'm|me)(?![a-z])"
_OTHER: Final = (
    r"(?:我的?)?(?:朋友|同事|同学|室友|舍友|邻居|亲戚|闺蜜|好友|表哥|表弟|老公|老婆|爸|妈|哥|姐|弟|妹|对象|媳妇"
    r"|儿子|女儿|孩子)|别人|人家|他们?|她们?|有人|大家|网友|客服|(?<![a-z])(?:his|her|he|she|they|their"
    r"|(?:my )?(?:friend|colleague|wife|husband|brother|sister|mother|father|roommate)(?:'s|s)?)(?![a-z])"
)
_PEOPLE: Final = re.compile(rf"(?i)(?P<other>{_OTHER})|(?P<own>{_SELF})")
_PAST: Final = re.compile(
    r"(?i)以前|之前(?!的?版本都)|原来|原先|当时|那时候?|曾经|从前|去年|前年|上个?月|上周|旧版本?|老版本?"
    r"|[一二两三四五六七八九十几\d]年前|(?:更新|升级)前|前(?:是|用)"
    r"|(?<![a-z])(?:used to|was|were|before|formerly|previously|years? ago|last (?:year|month))(?![a-z])"
)
_NOW: Final = re.compile(
    r"(?i)现在|目前|如今|当前|今天|后来|(?:更新|升级|升)(?:了|完|过|到|成|至|后)|换成|变成|新的?是"
    r"|(?<![a-z])(?:now|currently|today|updated? to)(?![a-z])"
)
_DENIED: Final = re.compile(
    r"(?i)(?:不是|并非|不对|不再是|没到|没有到|(?<![a-z])(?:not|isn't|wasn't))[^,，。;；!?\d]{0,6}$"
)
_TO: Final = re.compile(
    r"(?i)^[^,，。;；!?\n\d]{0,8}(?:更新|升级|升|降级?|退|换|改|变)[^,，。;；!?\n\d]{0,4}(?:到|成|至|为|回)[^\d,，。;；\n]{0,6}\d"
    r"|^\s?(?:->|→|=>|-->|到|to)\s?[vV]?\d"
)
_SENTENCE: Final = re.compile(r"[。;；!?！？\n]")


def owner_of(text: str, start: int, end: int) -> Owner:
    """Tell whose number stands at this place, by the words before it in the sentence; bounded work."""
    before = text[max(0, start - 60) : start]
    ends = [match.end() for match in _SENTENCE.finditer(before)]
    sentence = before[ends[-1] :] if ends else before
    if _DENIED.search(sentence):
        return "denied"
    if _TO.match(text[end : end + 24]):
        return "replaced"
    people = [match.lastgroup for match in _PEOPLE.finditer(sentence)]
    if people and people[-1] == "other":
        return "other"
    past = [match.end() for match in _PAST.finditer(sentence)]
    now = [match.end() for match in _NOW.finditer(sentence)]
    own = [match.start() for match in _PEOPLE.finditer(sentence) if match.lastgroup == "own"]
    clause = max((sentence.rfind(sign) for sign in ",，"), default=-1)
    if past and (not now or now[-1] < past[-1]) and not (own and own[-1] > past[-1] and clause > past[-1]):
        return "past"
    return "own"
