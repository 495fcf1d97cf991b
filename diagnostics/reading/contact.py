"""What others ask of the person or offer him: what of it he did, and whether anybody offered anything at all."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from diagnostics.reading.clauses import guards

if TYPE_CHECKING:
    from collections.abc import Mapping

    from diagnostics.knowledge.lexicon import PhraseGroup
    from diagnostics.reading.normalise import Marks

Objection: TypeAlias = Literal["", "doubt", "nobody", "denied"]

_DONE: Final = re.compile(
    r"(?<![行为])了(?!吗)|(?<!不)过(?![去来])|已经?|刚刚?|照做|被|[享连开]着|还没[关断停退]|[转打借付]完|完毕|只好|[a-z]"
)
"""Words that say that it was done; the English phrases stand in the past tense."""
_SUPPOSED: Final = re.compile(r"就[行好可能会不没]|才|不然|否则|[,。!?;\n]")
_OWN: Final = re.compile(r"我(?!的|家|妈|爸)|\bi\b")
_PRICE: Final = re.compile(r"\d|[一二两三四五六七八九十几][百千万]")
_TOLD: Final = re.compile(
    r"(?<!网上)(?<!都)(?<!听)(?<!据)[说称收]|要价|加我|[找给]我|联系|发来|告诉|宣传|广告|[让叫]我|\b(?:sa(?:ys|id)|offer|charg|ask|want|told|promis)"
)
_FOLLOWED: Final = re.compile(
    r"[,。](?:然后|结果|后来|于是)?我?(?:已经?|就)?(?:把[^,。说]{1,8}?)?都?"
    r"(?:照做|同意|答应|开|点|扫|共享|转|给|付|交|打|发|念|告诉|填|借|报)(?![警案]|电话|\d)[^,。说我]{0,4}了"
)
"""Something else that was then done: who goes on so did what was asked before."""
_TO_NOBODY: Final = re.compile(r"\b(?:nobody|no one|no-one|not anyone)\b|谁也没|谁都没|任何人都没|没给任何人")
_ACQUAINTED: Final = re.compile(
    r"朋友(?!圈)|同事|同学|室友|舍友|邻居|亲戚|工友|老乡|哥们|闺蜜"
    r"|\b(?:friend|colleague|coworker|roommate|flatmate|neighbou?r|cousin|classmate)s?\b"
)
_CLAIMED: Final = re.compile(
    r"\b(?:he|she|they|caller|scammer|man|guy) (?:claim|sa(?:y|id)|pretend|boast)"
    r"|(?:他|她|对方|骗子)(?:说|称|吹|扬言)他"
)
"""What somebody says that he got was not given for that."""
_AWAY: Final = re.compile(
    r"[过出]去|给(?:了)?(?:他|她|人家|对方|那)|[要骗套拿]走|交代|泄露|骗|[念报读转]|密码我|码[都也]?[^,。!?;\n输填改]{0,4}[说给发]"
    r"|保证金|[定订押]金|[让叫要]我|就[付转交打给]|流水|账户|一半|搭进|亏了|[都全]给了|[说给发报讲][了过]?[^,。!?;\n]{0,4}码|解冻|认证金|[费钱][^,。!?;\n]{0,6}[交付]|代办|业务员"
)
"""Words that name a taker, or a thing that nobody hands on of himself."""
_HARMED: Final = re.compile(r"被人?骗|报警|报了警|上当了|受骗")
_REACH: Final = 60
"""Characters behind a match in which it can still be taken back."""
_NEEDS_STRANGER: Final = frozenset({"money", "password_or_code", "id_or_card"})
"""What is paid, typed and sent on ordinary days too, so that only a stranger in the text makes it given away."""
_NEAR: Final = 200
"""Characters around a match in which the stranger is named."""


def _any(words: tuple[str, ...]) -> re.Pattern[str]:
    """Match one of these words."""
    forms = (rf"\b{re.escape(word)}\b" if word.isascii() else re.escape(word) for word in words)
    return re.compile("|".join(forms) or r"(?!)")


class Contacts:
    """The words with which others ask for something, and with which the person refuses, almost does or weighs it."""

    def __init__(self, words: Mapping[str, tuple[str, ...]]) -> None:
        self._bids, self._refused, self._almost, self._weighed = (
            _any(words.get(name, ())) for name in ("bids", "refused", "almost", "weighed")
        )

    def bids(self, text: str) -> bool:
        """Whether somebody asks the person for something anywhere in a text."""
        return self._bids.search(text) is not None

    @staticmethod
    def is_away(text: str, at: int, to: int) -> bool:
        """Whether words for giving name a taker, or a thing that nobody hands on of himself: 验证码发过去了."""
        return _AWAY.search(text, at, to + 4) is not None

    def given(self, marks: Marks, at: int, to: int, values: tuple[str, ...]) -> Objection:
        """Tell what stands against a match that says what was given: what is only asked for was not given."""
        text = marks.text
        sentence, end = marks.sentence(at)
        if self._almost.search(text, marks.clause(at)[0], to):
            return "denied"
        clause, clause_end = marks.clause(at)
        to_kin = any(
            text[max(0, start - 4) : start].endswith(("给", " to "))
            for start, _, _ in marks.between(clause, clause_end, "kin")
        )
        if to_kin and "loan" not in values:
            return "denied"  # 我给我妈转了2000
        near = max(0, at - _NEAR), to + _NEAR
        if _NEEDS_STRANGER.intersection(values) and not marks.has(*near, "strange", "other", "pronoun", "report"):
            return "doubt" if self.is_away(text, at, to) else "nobody"
        tail = text[to : min(to + 8, end)]
        supposed = _SUPPOSED.search(tail)
        done = _DONE.search(text[at:to] + (tail[: supposed.start()] if supposed else tail)) is not None
        bids = list(self._bids.finditer(text, sentence, to))
        bidden = bool(bids) and _OWN.search(text, bids[-1].end(), to) is None
        refused = self._refused.search(text, to, to + _REACH) is not None
        if _TO_NOBODY.search(text, clause, clause_end):
            return "denied"
        if _CLAIMED.search(text, clause, at + 20):
            return "denied" if refused else "doubt"
        if bidden and not refused and _FOLLOWED.search(text, to, end):
            return ""
        if bidden and not refused and _HARMED.search(text, sentence, end):
            return "doubt"
        if done and not (bidden and supposed and supposed[0] not in ",。!?;\n"):
            return "doubt" if bidden and refused else ""
        return "denied" if bidden or refused else "doubt"

    def offered(self, marks: Marks, at: int, to: int, group: PhraseGroup, helped: bool) -> bool:
        """Whether somebody made this contact: not where it is only supposed, wished or asked whether there is one."""
        sentence, end = marks.sentence(at)
        if (
            not {"borrow_for_others", "paid_opening"}.intersection(group.values)
            and _ACQUAINTED.search(marks.text, sentence, to)
            and not marks.has(sentence, end, "self")
        ):
            return False  # 我同事收到短信点了链接
        if "condition" in group.allow and marks.has(sentence, at, "condition"):
            return False
        if "question" not in group.allow:
            return True
        text = marks.text
        strict = tuple(guard for guard in group.allow if guard not in ("question", "wish"))
        own_wish = guards(marks, at, to, helped, strict)
        weighed = self._weighed.search(text, sentence, end) is not None
        if not own_wish and not weighed:
            return True
        if _TOLD.search(text, sentence, end) or _PRICE.search(text, sentence, end):
            return True
        return not own_wish and marks.has(sentence, to, "other", "pronoun")
