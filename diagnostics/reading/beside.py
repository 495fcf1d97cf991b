"""What a person names beside something that was read of the same list: who gave the code away and tells of the screen.

Who was defrauded, or counts up what he uses, says it in many words, and a phrase finds but some of them. Of what is so
named and nowhere held back, sixteen in seventeen things were part of the answer in texts of strangers.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from diagnostics.reading.harm import BROKEN_OFF
from diagnostics.reading.settle import Hit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from diagnostics.reading.normalise import Marks, Turn

_NAMED: Final = {
    "safety.given": {
        "screen": re.compile(
            r"共享了?(?:手机)?屏幕|屏幕[^,。!?;\n]{0,3}共享|投屏|远程(?:控制|协助|操作)"
            r"|screen[- ]?shar|shar(?:ed|ing) (?:my |the )?screen"
        ),
        "password_or_code": re.compile(
            r"验证码|密码|\b(?:sms|verification|the|my|that|this) codes?\b|password|\bpin\b"
        ),
        "id_or_card": re.compile(
            r"身份证(?!实名|号?过期)|银行卡(?:照|正反|都)|卡号(?!.{0,4}[错误])|正反面|\bid (?:card|photo|pic)"
            r"|(?:pic|photo|picture)s? of my id|card (?:number|photo|details)|bank card and id"
        ),
        "money": re.compile(
            r"转(?:了|过去|给|出去|到他)|汇了|打了(?!95\d{3}|1[012]\d(?!\d)|1001[018]|1008[56]|12[13]\d\d|96110|400)\d|少了|被[转划扣]走|损失"
            r"|\bwired|transferred|sent (?:him|her|them) \d"
        ),
    },
    "activity.services": {
        "utilities": re.compile(r"水费|电费|水电|燃气|煤气|物业费|生活缴费"),
        "phone_bill": re.compile(r"话费"),
        "wealth": re.compile(r"理财通|零钱通"),
        "spending": re.compile(r"买菜|买东西|吃饭|加油|扫码|打车|坐地铁|超市|购物|付款|早饭|早餐|外卖"),
    },
}
_HELD_BACK: Final = re.compile(
    r"[没未不别无吗嘛?]|(?<!是)否|拒|要么|支付宝|\b(?:no|not|never|nothing|without)\b|n't|refus"
)
_RENEWED: Final = re.compile(
    r"(?:改|换|重置|重设|修改|更改|更换)(?!成他|成她)[^,。!?;\n]{0,6}密码|密码(?:都|也|全|给|赶紧|马上|立刻)*(?:改|换|重置|重设)(?!成他|成她)"
    r"|(?:changed|reset|updated) (?:my |the |all )*(?:wechat |pay(?:ment)? )?(?:password|pin)"
)
"""Words of who secures his account."""
_REFUSES: Final = re.compile(r"[ \"]*我?(?:[没未不]|拒|i (?:didn't|did not|refused))")
_ASKED_FOR: Final = re.compile(r"[让叫]|要[我填]|喊我|要求|asked|wants?\b|told me to")
_AND_DONE: Final = re.compile(
    r"了|给[他她]|照做|\b(?:did|gave|sent|shared|uploaded|read|typed|told|wired|transferred|paid)\b"
)
_TAIL: Final = 12
"""Characters behind a clause in which what was asked for in it is done, or refused."""


def named_beside(hits: list[Hit], marks: Marks, turns: list[Turn]) -> Iterator[Hit]:
    """Yield what is named beside readings of a list; beside a contact alone it is asked back."""
    contact = any(hit.question == "safety.contact" and hit.sure for hit in hits)
    for question, kinds in _NAMED.items():
        read = [hit for hit in hits if hit.question == question]
        if not all(hit.value for hit in read) or not (read or (contact and question == "safety.given")):
            continue  # nothing was given
        sure = any(hit.sure for hit in read)
        if question == "safety.given" and not (sure or contact):
            continue
        known = {str(kind) for hit in read if hit.sure is sure and isinstance(hit.value, list) for kind in hit.value}
        for kind, words in kinds.items():
            if kind not in known and (span := _given(words, marks, turns)):
                yield Hit(question, [kind], *span, sure)


def _given(words: re.Pattern[str], marks: Marks, turns: list[Turn]) -> tuple[int, int] | None:
    """Return where a thing is first named as given; None where it is held back anywhere."""
    spans = [(turn, found.span()) for turn in turns for found in words.finditer(marks.text, turn.start, turn.end)]
    verdicts = [(_done(marks, turn, *span), span) for turn, span in spans]
    return None if any(done is False for done, _ in verdicts) else next((span for done, span in verdicts if done), None)


def _done(marks: Marks, turn: Turn, start: int, end: int) -> bool | None:
    """Tell whether what is named was given (true), held back (false) or only asked for (none)."""
    first, last = marks.clause(start, turn.start)
    last, text = min(last, turn.end), marks.text
    if _RENEWED.search(text, first, last):
        return None
    if _HELD_BACK.search(text, first, last) or _REFUSES.match(text, last, turn.end):
        return False
    asked = _ASKED_FOR.search(text, first, last) is not None
    behind = BROKEN_OFF.sub(" ", text[end : min(last + _TAIL, turn.end)])
    return True if not asked or _AND_DONE.search(behind) else None
