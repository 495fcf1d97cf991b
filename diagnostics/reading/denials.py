"""Words of a typed answer that deny, refuse or leave open: 没给钱, 他要了我没给, 我老公的有, 没看懂."""

from __future__ import annotations

import re
from typing import Final

SPLIT: Final = re.compile(r"[,。!?; ]|就|只|除了|(?<![a-z])(?:just|only|except|but)(?![a-z])")
"""What ends the words of a denial: 都没有, 就一个短信."""
KEPT: Final = re.compile(
    r"[我,。 都也全]*没(?:有)?(?:给|理|发|转|答应|听|同意|信|做|照做|照办|点|填|说|念|付|搭理)[他她过的啊呢了,。! ]*$"
    r"|i (?:didn't|did not|never) (?:send|give|pay|share|tell|do|agree|answer|open|click|fill)(?: [a-z]+){0,3}[ .!]*$"
    r"|i (?:didn't|did not|refused|declined|said no|never did|ignored (?:him|her|them))[ .!]*$"
)
"""The end of words that tell of a request that was refused: 他要了我没给."""
WANTED: Final = re.compile(r"要|[让叫喊问]|(?<![a-z])(?:ask|want)")
"""Words by which a thing was only asked for, where the request was refused."""
HELD: Final = re.compile(
    r"[我也都还 ]*没(?:有)?(?:给|转|付|花|交|说|发|填|点|下|借|共享)"
    r"|(?:i )?(?:didn't|did not|haven't|never) (?:pa[iy]|gave|give|sen[dt])"
)
"""A denial of one thing: whether that means all of a list is asked back."""
DENIAL: Final = re.compile(
    r"[我也都还从来 ]*[没不未无]|(?:i )?(?:no|not|none|never|haven't|didn't|nobody|nothing)(?![a-z])"
)
"""The beginning of an answer that denies."""
STATES: Final = re.compile(
    r"有[个人过]|就(?:是|有|[一收打加发让给说借下这那])|只(?:是|有|[给发说打])|是我|倒是|自己[找搜加去上联在]|晚|逾期|偶尔|有时"
    r"|[一两几][次天回]|(?<![a-z])(?:just|only|except|once|twice|some(?:one|body)|but|though"
    r"|(?:my|his|her) [a-z]+ did)(?![a-z])"
)
"""Words behind a denial that state something of what was asked all the same: 没有, 就是晚还过几天."""
ANOTHER: Final = re.compile(
    r"^(?:我|我们)?(?:家里?|的)?(?:老[公婆]|爱人|媳妇|对象|男朋友|女朋友|[爸妈哥姐弟妹]{1,2}|儿子|女儿|孩子|朋友|同[事学]|室友"
    r"|邻居|别人|人家)们?(?:的|那里?|那边|手机|微信|上|里)*(?:都|也|就|倒是?|确实)?(?:有|没|能|看|绑|开|实名|注销|关|装|重启)"
    r"|^my (?:husband|wife|mother|father|mom|dad|friend|son|daughter|colleague|brother|sister)s?(?:'s?)?"
    r" (?:has|does|can|phone|one|doesn't)"
)
"""Words that say it of somebody else, who may be the one who is meant: 我老公的有."""
OWN: Final = (
    "entry.services", "entry.official", "entry.qq_wallet", "account.had", "account.bank", "account.pay",
    "account.closed", "account.wechat", "app.",
)  # fmt: skip
"""Beginnings of questions about the phone or account of the one who is asked."""
UNCLEAR: Final = re.compile(
    r"(?:没|不)(?:太|大|怎么)?(?:看懂|看明白|弄明白|搞明白|搞懂|弄懂)|[看搞弄]不(?:太|大)?(?:懂|明白)|分不清|认不出"
    r"|(?:couldn't|can't|cannot|didn't) (?:make sense|understand|tell what|figure)"
)
"""Words of somebody who looked and could not tell."""
NEARLY: Final = re.compile(
    r"(?:差不多|几乎|基本上?)(?=[^,。!?;]{0,2}还|都?没)|(?<![a-z])(?:almost|nearly|mostly)(?![a-z])"
)
"""Words by which something is not quite so."""
SECURED: Final = re.compile(
    r"[改换](?!.{0,4}(?:给|告诉|发))|重[新置设]|挂失|停[用掉了]|冻结|解绑|补办|作废"
    r"|(?<![a-z])(?:chang(?:ed|ing)|reset|replaced|frozen|froze|blocked|cancell?ed)(?![a-z])"
)
"""Words by which a password or a card was made safe, and not handed over: 密码我昨天改过了."""
_HANDED: Final = re.compile(r"[给发念报说告]|(?<![a-z])(?:gave|told|sent|read)(?![a-z])")
_CLAUSE: Final = re.compile(r"[,。!?;]|但|(?<![a-z])but(?![a-z])")


def secured(said: str, start: int, end: int) -> bool:
    """Whether the clause around what is named tells only that it was made safe."""
    before, after = _CLAUSE.split(said[:start])[-1], _CLAUSE.split(said[end:], 1)[0]
    clause = before + said[start:end] + after
    return SECURED.search(clause) is not None and _HANDED.search(clause) is None
