"""What stands against a reading as one kind of answer: its checks, those of harm, and the lexicon's objections."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final, TypeAlias

from diagnostics.reading.answers import COMPLAINT
from diagnostics.reading.genres import OF_A_PAGE, is_said_to_somebody
from diagnostics.reading.guards import CLEAR, DENIED, DOUBT, Verdict, guards, is_passed_on
from diagnostics.reading.harm import Harm

if TYPE_CHECKING:
    from collections.abc import Callable

    from diagnostics.knowledge.lexicon import Lexicon, Objection, PhraseGroup
    from diagnostics.reading.normalise import Spot

_STATES: Final = (
    "account.bank_card", "account.real_name", "account.restricted", "account.teen_mode", "client.platform",
    "credit.overdue", "entry.services_menu", "identity.document", "network.vpn_or_proxy",
)  # fmt: skip
"""Questions about what is so now."""
_ABOUT_IT: Final = (
    "account.had_entry_before", "entry.page_message", "entry.official_account", "service.owing", "service.wish",
)  # fmt: skip
"""Questions about this loan; what is said of another one (信用卡额度为0) is no answer."""
_ON_A_DEVICE: Final = (
    "entry.services_menu", "entry.official_account", "entry.qq_wallet", "entry.page_message", "client.", "os.",
    "network.", "app.", "account.pay_enabled", "account.real_name", "account.restricted", "account.teen_mode",
    "account.wallet_region", "account.bank_card", "account.registered_phone",
)  # fmt: skip
"""Questions about the device and the account in use; what another one shows is no answer."""
_MINE_LACKS: Final = re.compile(
    r"我(?!.{0,3}(?:qq|扣扣))[^,。!?;\n]{0,5}?(?:没有|没|找不到|看不到)"
    r"(?:微粒贷.{0,2}?)?[了啊呀呢]?(?=[,。!?;\n ]|$)"
)
"""The person's own lack, after what somebody else has."""
_MINE_IS_OTHER: Final = re.compile(
    r"\b(?:on )?mine\b[^.!?\n]{0,8}\b(?:no|not|none|just|only|nothing|doesn't|doesnt|has|shows|hasn't|lacks)\b"
)
"""The same in English, where somebody who has it was named with `my`: mine just has insurance."""
_APPS: Final = re.compile(r"qq|扣扣|手q|微信|wechat|weixin|服务|services")
_WAS: Final = re.compile(
    r"\bhad (?:an?|my|expired)\b|\bhad been\b|\bwas (?:once|briefly)\b|\bused to be\b"
    r"|\bonce there was\b|\bthere was once\b|(?<!未)曾经?(?!没)|一度"
)
_DEVICE: Final = re.compile(
    r"'s (?:old |new )?(?:phone|wechat|account|services|wallet|iphone|tablet)"
    r"|(?:的|[那这]?[台部个只])*(?:手机|平板|微信|账号|号|钱包|服务)(?!.{0,4}登)"
)
_IN_USE: Final = re.compile(r"(?:用的|就|都|还)是?个?$|[是这]个?$")
"""Words before an old phone that is the one in use: 用的是老手机."""
_THE_ENTRY: Final = re.compile(
    r"\b(?:icon|entry|entrance|tile|limit)\b|\bit (?:was|used to be) (?:always )?(?:here|there)\b"
)
"""English words for the entry, where the loan is not named."""
_NO_BEHIND: Final = re.compile(
    r"[ \"]*[,:;|][ \"]*(?:没有|没|否|无|不是|未|冇|no|none|n)[ \"]*[|;,。.!]*[ \"]*(?=\n|$)"
)
"""A no that ends the line behind a match."""


def _denied_behind(spot: Spot, _group: PhraseGroup) -> Verdict:
    """Of what a no alone stands behind, as in the row of a form: 是学生|否, 服务里有微粒贷, 没有."""
    no = _NO_BEHIND.match(spot.text, spot.to) is not None and not any(sign in spot.words for sign in "没不未无")
    return DENIED if no else CLEAR


def _is_over(spot: Spot, group: PhraseGroup) -> Verdict:
    """Of a state that is over or not yet so: youth mode had been on, behind back in 2022."""
    if group.value in ("settled", "none"):
        return CLEAR
    over = spot.has(spot.clause, spot.clause_end, "long_past") or _WAS.search(spot.text, spot.clause, spot.to)
    return DENIED if over else CLEAR


def _whose_page(spot: Spot, group: PhraseGroup) -> Verdict:
    """Of the page of QQ or of somebody who only has what the person has not."""
    text = spot.text
    shown = group.value == "shown"
    if shown and not spot.has(spot.sentence, spot.to, "self") and _MINE_LACKS.search(text, spot.to, spot.sentence_end):
        return DENIED  # 老板微信里有, 我没有
    if shown and _MINE_IS_OTHER.search(text, spot.to, spot.sentence_end):
        return DENIED
    start, end = (spot.sentence, spot.to) if spot.words.isascii() else (spot.clause, spot.at)
    places = _APPS.findall(text, start, end)
    if places and places[-1] in ("qq", "扣扣", "手q"):
        return DENIED  # QQ钱包里有
    told = shown and spot.helped and not spot.marks.names("helping")
    return DOUBT if told else CLEAR  # 我妹妹她服务里也有: nothing is asked for her


def seen_elsewhere(spot: Spot) -> Verdict:
    """Of another device or account: a relative's, the old phone, the former number.

    The last one named before the end of the match counts, for the clauses behind it only as a doubt.
    """
    owners = spot.between(spot.sentence, spot.to, "old_device", "new_device", "account_named")
    if not spot.helped:
        people = spot.between(spot.sentence, spot.to, "kin", "other")
        owners += [one for one in people if _DEVICE.match(spot.text, one[1])]
    if not owners:
        return CLEAR
    start, end, kind = max(owners)
    if spot.last >= end and spot.has(spot.last, spot.to, "self"):
        return CLEAR  # 我妈的钱包是香港的, 我服务里没有
    if kind == "new_device" or (kind == "old_device" and _IN_USE.search(spot.text[max(0, start - 5) : start])):
        return CLEAR
    if start >= min(spot.last, spot.clause):
        return DOUBT if kind == "account_named" else DENIED
    return CLEAR if kind in ("kin", "other") else DOUBT


def _on_another_device(spot: Spot, group: PhraseGroup) -> Verdict:
    return CLEAR if group.value == "not_looked" else seen_elsewhere(spot)


def _of_another_loan(spot: Spot, group: PhraseGroup) -> Verdict:
    """Of another loan or card: one named in the clause, or a bank in the sentence."""
    if "product" in group.allow:
        return CLEAR
    marks, to = spot.marks, spot.to
    own = spot.has(spot.clause, min(to, spot.clause_end), "own_product")
    if spot.has(spot.clause, to, "elsewhere") and not own:
        return DENIED
    banks = spot.between(spot.sentence, to, "bank")
    if banks and not marks.names("own_product") and not spot.has(banks[-1][1], to, "account_page", "page"):
        return DENIED
    loans = spot.between(spot.sentence, to, "elsewhere", "product", "own_product")
    owed = group.question.startswith("service.") and loans and loans[-1][2] != "own_product"
    return DOUBT if owed else CLEAR  # 信用卡欠五万, 没钱还了


def _names_no_loan(spot: Spot, _group: PhraseGroup) -> Verdict:
    """Of English words that name neither the loan nor its place: I used to have an Android."""
    if not spot.words.isascii():
        return CLEAR
    start, end = max(spot.turn.start, spot.sentence - 150), spot.sentence_end
    named = spot.has(start, end, "own_product", "page") or _THE_ENTRY.search(spot.text, start, end)
    return CLEAR if named else DENIED


def _of_another_product(spot: Spot, _group: PhraseGroup) -> Verdict:
    """Of another product alone, in a text about nothing else."""
    return DOUBT if spot.marks.names("product") and not spot.marks.names("own_product") else CLEAR


def _in_company(spot: Spot, group: PhraseGroup) -> Verdict:
    """Beside somebody else in the clause or before it, or another loan, hearsay or a question in the clause.

    Of such readings about four in five were right in texts of strangers, of the others nineteen in twenty; what is said
    of strangers' contacts names somebody else anyway.
    """
    if group.question.startswith(("safety.", "account.stolen", "entry.other_phone")):
        return CLEAR
    has, at, to = spot.has, spot.at, spot.to
    asking = spot.between(spot.clause, at, "asking")
    if asking and not has(asking[-1][1], at + 1, "self"):
        return DOUBT  # 请问我是用台胞证做的实名: he says it of himself
    kinds = {"other"} - set(group.allow)
    near = {"report", "product"} - set(group.allow) | (set() if spot.helped else {"helping"})
    beside = has(spot.clause, at, *kinds) or has(to, spot.last_end, *kinds)
    beside |= has(spot.sentence, at, *kinds) and not has(spot.clause, to, "self")
    return DOUBT if beside or has(spot.clause, at, *near) or has(to, spot.clause_end, *near) else CLEAR


def _of_whom_it_speaks_to(spot: Spot, group: PhraseGroup) -> Verdict:
    """Of whom the words speak to: 你收入不稳; a page speaks so to the person."""
    return DENIED if not group.question.startswith(OF_A_PAGE) and is_said_to_somebody(spot) else CLEAR


def _in_jest(spot: Spot, _group: PhraseGroup) -> Verdict:
    if spot.has(spot.sentence, spot.sentence_end, "joke"):
        return DENIED
    return DOUBT if spot.has(spot.sentence, spot.sentence_end, "laugh") else CLEAR


Check: TypeAlias = "Callable[[Spot, PhraseGroup], Verdict]"
_CHECKS: Final[tuple[tuple[Check, tuple[str, ...]], ...]] = (
    (
        _denied_behind,
        (
            "account.",
            "activity.",
            "app.",
            "credit.",
            "debt.",
            "entry.",
            "identity.",
            "income.",
            "network.",
            "person.",
            "safety.",
            "service.",
        ),
    ),
    (_of_another_product, ("credit.", "debt.")),
    (_in_company, ("",)),
    (_in_jest, ("",)),
    (_of_whom_it_speaks_to, ("",)),
    (_is_over, _STATES),
    (_whose_page, ("entry.services_menu",)),
    (_on_another_device, _ON_A_DEVICE),
    (_of_another_loan, _ABOUT_IT),
    (_names_no_loan, ("account.had_entry_before",)),
)
"""What else stands against one kind of answer: a check, and how the ids of its questions begin."""


class Guards:
    """All that may stand against a reading, with the words and the objections of one lexicon."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.harm = Harm(lexicon)
        self._checks = (*_CHECKS, (self.harm.given, ("safety.given",)), (self.harm.offered, ("safety.contact",)))
        self._all = lexicon.objection
        self._against: dict[tuple[str, str, bool], list[Objection]] = {}

    def verdict(self, spot: Spot, group: PhraseGroup) -> Verdict:
        """Tell what stands against reading this match as the answer of its group."""
        held = guards(spot, group.allow)
        if group.question.startswith("safety."):
            held -= {"almost", "product"}  # 分付 beside it hides no harm
            if group.question == "safety.contact" and is_passed_on(spot):
                held -= {"advertisement"}  # 有人发我这个 能弄不
        if group.question == COMPLAINT:
            held -= {"doubt"}  # 我好像被骗了: what it is about is sure
        if held - {"doubt"}:
            return DENIED
        verdict = DOUBT if held else CLEAR
        for check, questions in self._checks:
            if group.question.startswith(questions):
                verdict = max(verdict, check(spot, group))
                if verdict == DENIED:
                    return DENIED
        return max(verdict, self.objected(spot, group.question, group.value or "".join(group.values[:1])))

    def objected(self, spot: Spot, question: str, value: str = "") -> Verdict:
        """Tell what the objections of the lexicon say; `question` is `belief.` and the id for a belief."""
        english = spot.words.isascii()
        key = question, value, english
        if key not in self._against:
            self._against[key] = [
                one
                for one in self._all
                if one.concerns(question, value) and (english or not one.pattern or not one.pattern.isascii())
            ]
        if not self._against[key]:
            return CLEAR
        turn, sentence_end = spot.turn, spot.marks.sentence(max(spot.at, spot.to - 1), spot.turn.start)[1]
        starts = {"text": 0, "turn": turn.start, "start": spot.at, "end": spot.to, "clause": spot.clause,
                  "sentence": spot.sentence}  # fmt: skip
        ends = {"start": spot.at, "end": spot.to, "turn": turn.end, "text": len(spot.text), "clause": spot.last_end,
                "sentence": sentence_end}  # fmt: skip
        verdict = CLEAR
        for objection in self._against[key]:
            first, last = objection.between
            if _holds(objection, spot, starts[first], max(starts[first], ends[last])):
                verdict = max(verdict, DOUBT if objection.doubt else DENIED)
        return verdict


def _holds(objection: Objection, spot: Spot, start: int, end: int) -> bool:
    if objection.mark:
        return spot.has(start, end, objection.mark) is not objection.missing
    return (_compiled(objection.pattern).search(spot.text[start:end]) is None) is objection.missing


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)
