"""Whose device, account or loan a match is about: the person's own, a relative's, the old phone's, another lender's."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

if TYPE_CHECKING:
    from diagnostics.knowledge.lexicon import PhraseGroup
    from diagnostics.reading.normalise import Marks

Whose: TypeAlias = Literal["", "doubt", "other"]

ABOUT_IT: Final = frozenset(
    {"account.had_entry_before", "entry.page_message", "entry.official_account", "service.owing", "service.wish"}
)
"""Questions about this loan; what is said of another one (信用卡额度为0) is no answer."""
ON_A_DEVICE: Final = (
    "entry.services_menu", "entry.official_account", "entry.qq_wallet", "entry.page_message", "client.", "os.",
    "network.", "app.", "account.pay_enabled", "account.real_name", "account.restricted", "account.teen_mode",
    "account.wallet_region", "account.bank_card", "account.registered_phone",
)  # fmt: skip
"""Questions about the device and the account in use; what another one shows is no answer."""
_MINE_LACKS: Final = re.compile(
    r"我(?!.{0,3}(?:qq|扣扣))[^,。!?;\n]{0,5}?(?:没有|没|木有|找不到|看不到)"
    r"(?:微粒贷.{0,2}?)?[了啊呀呢]?(?=[,。!?;\n ]|$)"
)
"""The person's own lack, after what somebody else has."""


_APPS: Final = re.compile(r"qq|扣扣|手q|微信|wechat|weixin|服务|services")


_STATES: Final = frozenset(
    {
        "account.bank_card", "account.real_name", "account.restricted", "account.teen_mode", "client.platform",
        "credit.overdue",
        "entry.services_menu", "identity.document", "network.vpn_or_proxy",
    }
)  # fmt: skip
"""Questions about what is so now."""
_WAS: Final = re.compile(
    r"\bhad (?:an?|my|expired)\b|\bhad been\b|\bwas (?:once|briefly)\b|\bused to be\b"
    r"|\bonce there was\b|\bthere was once\b|(?<!未)曾经?(?!没)|一度"
)


def _is_over(marks: Marks, at: int, to: int, group: PhraseGroup) -> bool:
    """Whether a match tells of a state that is over or not yet so: youth mode had been on, behind back in 2022."""
    if group.question not in _STATES or group.value in ("settled", "none"):
        return False
    start, end = marks.clause(at)
    if marks.has(to, end, "present"):
        return False
    return marks.has(start, end, "long_past") or _WAS.search(marks.text, start, to) is not None


def _whose_page(marks: Marks, at: int, to: int, group: PhraseGroup, helped: bool) -> Whose:
    """Tell whether the page is that of QQ or of somebody who only has what the person has not."""
    sentence, end = marks.sentence(at)
    if group.value == "shown" and not marks.has(sentence, to, "self") and _MINE_LACKS.search(marks.text, to, end):
        return "other"  # 老板微信里有, 我没有
    if marks.text[at:to].isascii():
        first, last = sentence, to
    else:
        first, last = sentence if marks.text.startswith("钱包", at) else marks.clause(at)[0], at
    places = _APPS.findall(marks.text, first, last)
    if places and places[-1] in ("qq", "扣扣", "手q"):
        return "other"  # QQ钱包里有
    told = group.value == "shown" and helped and not marks.names("helping")
    return "doubt" if told else ""  # 我妹妹她服务里也有: nothing is asked for her


def of_another(marks: Marks, at: int, to: int, group: PhraseGroup, helped: bool) -> Whose:
    """Tell whether a match is about another device, another account or another loan, or about what is over."""
    if _is_over(marks, at, to, group):
        return "other"
    if group.question == "entry.services_menu" and (whose := _whose_page(marks, at, to, group, helped)):
        return whose
    if (
        group.value != "not_looked"
        and group.question.startswith(ON_A_DEVICE)
        and (elsewhere := seen_elsewhere(marks, at, to, helped))
    ):
        return elsewhere
    if group.question not in ABOUT_IT or "product" in group.allow:
        return ""
    if marks.is_elsewhere(at, to):
        return "other"
    loans = marks.between(marks.sentence(at)[0], to, "elsewhere", "product", "own_product")
    if group.question.startswith("service.") and loans and loans[-1][2] != "own_product":
        return "doubt"  # 信用卡欠五万, 没钱还了
    return ""


def seen_elsewhere(marks: Marks, at: int, to: int, helped: bool) -> Whose:
    """Tell whether a match is about another device or account: a relative's, the old phone, the former number.

    The last one named before the end of the match counts, for the clauses behind it only as a doubt.
    """
    sentence, _ = marks.sentence(at)
    owners = marks.between(sentence, to, "old_device", "new_device", "account_named")
    if not helped:
        owners += [one for one in marks.between(sentence, to, "kin", "other") if _DEVICE.match(marks.text, one[1])]
    if not owners:
        return ""
    start, end, kind = max(owners)
    clause, _ = marks.clause(max(at, to - 1))
    if clause >= end and marks.has(clause, to, "self"):
        return ""  # 我妈的钱包是香港的, 我服务里没有
    if kind == "new_device" or (kind == "old_device" and _IN_USE.search(marks.text[max(0, start - 5) : start])):
        return ""
    if start >= min(clause, marks.clause(at)[0]):
        return "doubt" if kind == "account_named" else "other"
    return "" if kind in ("kin", "other") else "doubt"


_DEVICE: Final = re.compile(
    r"'s (?:old |new )?(?:phone|wechat|account|services|wallet|iphone|tablet)"
    r"|(?:的|[那这]?[台部个只])*(?:手机|平板|微信|账号|号|钱包|服务)(?!.{0,4}登)"
)
_IN_USE: Final = re.compile(r"(?:用的|就|都|还)是?个?$|[是这]个?$")
"""Words before an old phone that is the one in use: 用的是老手机."""
