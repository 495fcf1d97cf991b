"""What a few words are about: said at a question about something else they answer that other one, or none.

没有人找过他 is no "not found" of the official account, 没欠钱 no "not there" of the QQ wallet.
"""

from __future__ import annotations

import re
from typing import Final

_LONGEST: Final = 24
"""Characters of words that can be about one thing alone."""
_PARTS: Final = re.compile(r"[,。!?;:\n]|(?<=[\u3400-\u9fff]) (?=[\u3400-\u9fff])")
_MATTERS: Final[tuple[tuple[re.Pattern[str], tuple[str, ...]], ...]] = (
    (
        re.compile(
            r"(?:没有?|有|无)(?:什么|啥|任何|陌生|别的?)?人(?:来|跟|和|给|让|叫|要|打|加|说|提)?[找联问打催骗让叫加说提]|谁[也都]没|骗子"
            r"|没有?陌生人|\b(?:nobody|no one|noone)(?: has| ever)* (?:contact|call|ask|message|offer)|scammer"
        ),
        ("safety.", "scam.", "account.stolen"),
    ),
    (
        re.compile(
            r"欠[钱款着他]|没欠|欠(?:了)?[\d一二两三四五六七八九十几]|还[清完]|要还的"
            r"|\b(?:no|any|in) debts?\b|\bow(?:e|es|ed|ing)\b|\bpaid off\b"
        ),
        ("service.", "credit.", "debt.", "safety.", "account.closed_service"),
    ),
    (re.compile(r"逾期|晚还|\blate payments?\b|\boverdue\b|\bnever late\b"), ("credit.", "service.", "safety.")),
    (re.compile(r"青少年|未成年人?模式|\b(?:teen|minors?'?) mode\b"), ("account.teen_mode", "person.")),
    (re.compile(r"注销"), ("account.wechat_pay_cancelled", "account.closed_service", "service.", "safety.")),
    (
        re.compile(r"(?:没有?|有|未)?给(?:过|了)?(?:他|对方)?(?:钱|密码|验证码)|转过?了?钱|共享(?:过|了)?屏幕|被盗"),
        ("safety.", "account.stolen"),
    ),
    (re.compile(r"vpn|梯子|代理"), ("network.",)),
    (re.compile(r"(?:被限制|封号|封过号)"), ("account.restricted", "entry.page_message")),
)
"""Words, and how the ids of the questions begin that they may answer."""


def is_of_another(question: str, said: str) -> bool:
    """Whether a few words at a question speak of nothing but what other questions are about."""
    if len(said) > _LONGEST or _PARTS.search(said.rstrip(" ,。!?;")):
        return False
    homes = [homes for words, homes in _MATTERS if words.search(said)]
    return bool(homes) and not any(question.startswith(home) for home in homes)
