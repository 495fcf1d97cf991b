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


_OTHER_ACCOUNT: Final = re.compile(
    r"(?:老|旧|小|大|副|另外?一个|之前的|以前的|原来的)(?:微信)?号|老微信|旧微信"
    r"|\b(?:old|other|second) (?:wechat )?account"
)
_YOURS: Final = re.compile(r"\byour (?:credit|score|record|account|limit|loan|debt)\b|[你您]的?微粒贷")
"""Words of somebody who speaks to the person: a caller, an advertisement."""
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
    r"\bhad (?:an?|my)\b|\bhad been\b|\bwas (?:once|briefly)\b|\bused to be\b|(?<!未)曾经?(?!没)|一度"
)


_NOT_YET: Final = re.compile(
    r"差|还有|再过|离|距|快要|即将|马上|就要|下个?月|下周|明年|月底|年底"
    r"|\bin (?:a|\w+) (?:day|week|month|year)|soon|next (?:week|month|year)"
)


_FINE_NOW: Final = re.compile(
    r"\b(?:today|now|since then|later)\b[^.!?;\n]{0,20}\b(?:fine|works|opens|worked|ok|okay|passed)\b"
    r"|(?:今天|现在|后来|第二天|这会儿?)[^。!?;\n没不]{0,8}(?:好了|正常了?|通过了|能打开|可以了|能借了|能进了)"
)
"""Words behind a message that was seen once and is not shown any more."""
_UNBOUND: Final = re.compile(r"解绑|解除|注销|挂失|销了|丢了|过期|unbound|unlinked|removed|expired|cancelled|lost")


def _is_over(marks: Marks, at: int, to: int, group: PhraseGroup) -> bool:
    """Whether a match tells of a state that is over or not yet so: youth mode had been on, behind back in 2022."""
    if group.question == "entry.page_message" and _FINE_NOW.search(marks.text, to, marks.sentence(at)[1]):
        return True
    if group.question not in _STATES or group.value in ("settled", "none"):
        return False
    if group.value == "bound" and _UNBOUND.search(marks.text, at, marks.clause(max(at, to - 1))[1]):
        return True
    if group.value == "expired" and _NOT_YET.search(marks.text, at, to):
        return True
    start, end = marks.clause(at)
    if marks.has(to, end, "present"):
        return False
    return marks.has(start, end, "long_past") or _WAS.search(marks.text, start, to) is not None


_OF_OTHERS: Final = re.compile(
    r"[^,。!?;\n]{0,12}?(?:on|in|from|by|what|at)(?: my| the)? (?:taobao|alipay|bank|jd|meituan|douyin|didi|qq)\b"
    r"|[^,。!?;\n]{0,4}?(?:是|的是|来自)(?:支付宝|淘宝|京东|美团|抖音|拼多多|银行|滴滴)"
)
"""Words behind a match with which another app turns out to say it."""


_NOT_THE_ACCOUNT: Final = re.compile(
    r"(?:卡|qq|扣扣|群|视频号|公众号|小程序|店铺|支付宝|银行|抖音|淘宝|游戏|直播)[^,。!?;\n]{0,6}$"
    r"|(?:卡|qq号?|群|视频号|公众号|小程序|店铺|支付宝|抖音号?|淘宝|游戏号?|直播)(?:也|又|都|就|给|刚)?被?(?:冻结|封|限制)"
    r"|\b(?:qq|bank|paypal|game|email|alipay|taobao) account|\bcards? (?:is|was|got|has been)\b"
)
_ITS_PAGE: Final = re.compile(
    r" ?(?:page|app|window|tab|ad|notification|chat|message)s?\b"
    r"|的?(?:页面|窗口|消息|提醒|通知|广告|推送|公众号|小程序|弹窗)"
)
"""What of it somebody closes without closing the service."""


def _is_said_to_him(marks: Marks, at: int, to: int, group: PhraseGroup) -> bool:
    """Whether another app says it, as the words behind a match tell, or a caller: cancel it or your score drops."""
    named = group.question in ("account.restricted", "entry.page_message") or group.question.startswith("service.")
    if named and _OF_OTHERS.match(marks.text, to, marks.clause(at)[1]):
        return True
    if group.question == "account.restricted" and _NOT_THE_ACCOUNT.search(marks.text, marks.clause(at)[0], to):
        return True
    if group.value in ("close", "yes") and _ITS_PAGE.match(marks.text, to):
        return group.question in ("account.closed_service", "service.wish")
    if group.question.startswith(("entry.page", "entry.off", "safety.")):
        return False
    start, end = marks.clause(at)[0], marks.clause(max(at, to - 1))[1]
    return _YOURS.search(marks.text, start, end) is not None


_OTHER_WALLET: Final = re.compile(
    r"(?:支付宝|华为|苹果|小米|荣耀|三星|vivo|oppo|京东|云闪付|数字人民币|抖音|美团|银行)(?:的|里的|app)?(?:钱包|服务)(?!.{0,6}微信)"
    r"|\b(?:apple|google|samsung|huawei|alipay|mi|oppo|bank|jd) (?:wallet|services)"
)
_EXCEPTED: Final = re.compile(r"除了?|唯独|独缺|就差|就缺|单单|偏偏")


def _whose_page(marks: Marks, at: int, to: int, group: PhraseGroup, helped: bool) -> Whose:
    """Tell whether the page is that of QQ or of somebody who only has what the person has not."""
    sentence, end = marks.sentence(at)
    if group.value == "shown" and not marks.has(sentence, to, "self") and _MINE_LACKS.search(marks.text, to, end):
        return "other"  # 老板微信里有, 我没有
    if _OTHER_WALLET.search(marks.text, marks.clause(at)[0], to):
        return "other"  # 支付宝钱包里没有
    if group.value == "shown" and _EXCEPTED.search(marks.text, at, to):
        return "other"  # 服务里除了微粒贷啥都有
    places = _APPS.findall(marks.text, marks.clause(at)[0], at)
    if places and places[-1] in ("qq", "扣扣", "手q"):
        return "other"  # QQ钱包里有
    told = group.value == "shown" and helped and not marks.names("helping")
    return "doubt" if told else ""  # 我妹妹她服务里也有: nothing is asked for her


def of_another(marks: Marks, at: int, to: int, group: PhraseGroup, helped: bool) -> Whose:
    """Tell whether a match is about another device, another account or another loan, or about what is over."""
    if _is_over(marks, at, to, group) or _is_said_to_him(marks, at, to, group):
        return "other"
    if group.question == "account.restricted" and marks.names("unfreezing"):
        return "other"  # 卡号填错账户冻结: what a false app shows
    if group.question == "entry.services_menu" and (whose := _whose_page(marks, at, to, group, helped)):
        return whose
    if group.question == "account.had_entry_before" and _OTHER_ACCOUNT.search(marks.text, marks.clause(at)[0], to):
        return "other"  # 老号借过
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
    r"|的?(?:手机|平板|微信|账号|号|钱包|服务)(?!.{0,4}登)"
)
_IN_USE: Final = re.compile(r"(?:用的|就|都|还)是?个?$|[是这]个?$")
"""Words before an old phone that is the one in use: 用的是老手机."""
