"""What keeps a match from being a statement of the person about himself, now; and what makes it only worth asking.

Each check looks at one match and gives a `Verdict`; the strongest counts. Those of `_CHECKS` concern one kind of
answer each, `guards` holds for all, and the lexicon adds its objections.
"""

from __future__ import annotations

import re
from enum import IntEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Final, TypeAlias

from diagnostics.reading.normalise import one_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from diagnostics.knowledge.lexicon import Lexicon, Objection, PhraseGroup
    from diagnostics.reading.normalise import Marks, Spot


class Verdict(IntEnum):
    """What stands against a reading; `NOBODY`: it is doubtful only until somebody is named to whom it was given."""

    CLEAR = 0
    NOBODY = 1
    DOUBT = 2
    DENIED = 3


CLEAR, NOBODY, DOUBT, DENIED = Verdict
PEOPLE: Final = ("self", "kin", "other", "pronoun")

_NEGATED: Final = re.compile(
    r"(?:没有?|否认|(?<![是会能可要行知])不(?:是|会|能|用|想|要|敢)?|未|从未|别|不要|(?<![除是莫])非|无"
    r"|(?:没有?|从没|未|从来没)(?:在|用|从|拿|跟|给|去|把|将|向|对|让|被|自己|主动|亲自|再)[^,。!?;\n没不了 ]{0,8}"
    r"|(?:never|not|n't|\b(?:ca|do|does|did|is|are|was|wo|has|have|had|could|would)nt|no|neither|nor|zero|without)"
    r"(?: (?:an?|the|my|really|actually|currently|yet|quite|exactly|any))? )\s?$"
)
_A_NOT_A: Final = re.compile(r"([^\x00-\u33ff还从时])[没不]\1")
"""A verb said both ways asks: 绑没绑卡; 时不时 is no verb."""
_IS_NORMAL: Final = re.compile(r"(?:是不是|算不算|这?算?是?)?(?:正常|怎么回事|什么情况)")
"""A question about a fact that stands: 服务里没有正常吗."""
_HEARD: Final = re.compile(r"听(?!不|得|着|到)[^,。!?;\n]{1,8}[说讲提]")
"""Words of hearsay: 听隔壁老李讲."""
_NOTHING: Final = re.compile(
    r"(?:啥|什么|任何|哪个|哪张|半[个点张]|一[个点张条])[^,。!?;\n]{0,12}[也都](?:没有?|不|未|从没)(?!能?[忘错少])"
)
"""A thing that is denied whole: 啥提示也没跳."""
_TAKEN_BACK: Final = re.compile(
    r"[ ,。!?;]*(?:哦|噢|啊|诶|等等|呃)?[ ,。]*"
    r"(?:不对|[看打说记写弄输搞]错了?|更正|口误|(?:no )?wait\b|scratch that|typo)"
)
"""Words behind a match that take it back."""
_AUXILIARY: Final = re.compile(
    r"[ \"-]*(?:(?:and|so|or|but|then|well|also) )?(?:is|are|was|were|do|does|did|can|could|will|would|should|may|might"
    r"|must|isn't|aren't|doesn't|don't|didn't|can't|won't|wouldn't|shouldn't)"
    r" (?!not |(?:that|this|it) (?:why|because)\b)"
)
"""The beginning of an English question, whatever it is about."""
_OWN_PLACE: Final = re.compile(
    r"(?<=[^说讲])我(?:的|这|微信|手机|服务|钱包|自己)|\bmy (?:services|wechat|wallet|phone|own)\b"
)
_THEN: Final = re.compile(r"的?(?:那会儿?|那时候?|那阵子?|那年|那几年|时候|期间)(?!有|就|现在)")
"""Words behind a match that put it into another time: 我念大学那会儿."""
_YEAR: Final = re.compile(r"(?<!\d)(?:19\d\d|20[01]\d|202[0-4])(?: ?年|(?=[ ,.!?;\n]|$))")
"""A year that is over, without a day: so it was then."""
_CUSTOMER: Final = re.compile(r"用户|客户|顾客|来电人|\b(?:customer|client|user)$")
_NOT_SUBJECT: Final = re.compile(
    r"[们也都就老]?(?:说|讲|让|叫|告诉|建议|推荐|教|催|问)|的?(?:身份证|名字|身份|银行卡|名下)"
)
_OBJECT: Final = re.compile(
    r"[是用拿和]$|跟着?$|[给向对到找问]了?$|(?:告诉|加|信|骗|按|照|听|被)[了着]?$"
    r"|\b(?:to|with|by|told|gave|sent|paid|asked|called|for) $"
)
"""Words before somebody who is not the subject: 我把验证码给了他, 又转了一万."""
_THEIRS: Final = re.compile(
    r"[他她](?:自己)?的?(?:手机)?(?:微信|钱包|服务)(?!.{0,4}登)|[他她](?:那儿|那边|那里)|[他她]这个?(?:年纪|年龄|岁数)"
    r"|给[他她](?:开|看|问|弄|办|申请|查|找)|\b(?:his|her) (?:services|wechat|weixin|wallet|phone)"
    r"|\b(?:he|she) (?:can'?t|cannot|doesn'?t|does not|has no|uses|wants)\b"
)
_CONTRAST: Final = re.compile(
    r"(?<![给帮替])我(?:这边|这里|这个|自己(?!去|来|帮|给)|用的|的(?!身份证|意思|问题))"
    r"|(?<![给帮替])我(?:就|也|却|咋|怎么|为什么|为啥|还是|倒)?(?:没有(?!办法|时间|看|收到|注意|告诉|[给跟让])|没(?=[,。!?;\s]|$))"
    r"|(?<![给帮替问叫让拿用])我(?:微信|手机|钱包|服务)(?!.{0,4}登)"
    r"|(?<![给帮替问叫让拿用])我(?:已经?|都|也|早就?)?(?:实名|绑卡|绑了|认证)"
    r"|\bmine\b|\bmy (?:own|wechat|weixin|services|wallet|phone)\b"
)
"""Words with which somebody who names a relative's account goes on to his own: 我老婆有, 我没有."""
_OWN_PART: Final = re.compile(
    r"(?:让|叫|劝|喊|要|逼|求|催)我(?:也|去|跟着|一起|开|借|办|申请|用|下载)|我(?:也|都)(?:想|要|没|有|能|开)"
)
"""Words with which somebody who tells of a relative comes in himself: 让我也开一个."""
_KEEPS_OFF: Final = re.compile(
    r"(?:把|不让|别让|防止|限制|阻止|不许)[^,。!?;\n]{0,4}(?:[他她]|儿子|女儿|孩子|老公|老婆|丈夫|妻子|媳妇|爱人|[爸妈弟妹哥姐])"
    r"[^。!?;\n]{0,14}(?:关|停|注销|藏|锁|限|禁|再?借|贷)"
    r"|\b(?:stop|block|prevent|keep|ban) (?:him|her|his"
    r"|my (?:son|daughter|husband|wife|brother|sister|mother|father))\b"
)
"""Words of somebody who wants to keep a relative from borrowing."""
OWN_TOO: Final = re.compile(r"我(?:这|自己|用的|的)(?!身份证)|\bmine\b")
_QUOTED: Final = re.compile(r'"[^"\n]{0,300}"')
_FIRST_PERSON: Final = re.compile(r"[我俺咱]|本人|来电人|来电诉求|工单|客户(?:称|反映|表示|说)|\b(?:i|my|me)\b")
_PARTICLE: Final = re.compile(
    r"(?:吗|嘛|(?<![什怎那这多要])么|(?<=[\u4e00-\u9fff])(?<![说讲偏都也就才从决绝时还是])不|(?<=[系能过开到])没)[呀啊哦呢的]?$"
    r"|(?<![\d百千万十几岁块元多右样子天月年])吧[呀啊]?$"  # 六七千吧 is a guess
)


def guards(spot: Spot, allow: tuple[str, ...] = ()) -> set[str]:
    """Return the guards that stand against a match but those allowed, and `doubt` where it may only be asked back."""
    has, at, to, sentence, clause = spot.has, spot.at, spot.to, spot.sentence, spot.clause
    found = {kind for kind in ("almost", "supposed") if has(clause, at, kind)}
    if _NEGATED.search(spot.text[max(clause, at - 20) : at]) or _is_denied_whole(spot):
        found.add("negation")
    terms = spot.between(sentence, at, "terms")
    if (
        has(sentence, to, "condition")
        or has(spot.last, spot.last_end, "condition_after")
        or (terms and not has(terms[-1][1], to, "self"))
    ):
        found.add("condition")
    if has(clause, spot.last_end, "weighing") or has(clause, to, "hedge") or _TAKEN_BACK.match(spot.text, to):
        found.add("doubt")
    if "question" not in allow and (asked := _asked_about(spot)):
        found.add(asked)
    if _is_reported(spot):
        found.add("report")
    if has(clause, to, "wish"):
        found.add("wish")
    if has(clause, spot.last_end, "rule") and not has(clause, to, "self"):
        found.add("rule")
    if _is_past(spot):
        found.add("past")
    if "recipient" in allow:
        found |= _who(spot, at, clause)
    else:
        found |= _who(spot, to, spot.last)
    if _topic_is_other(spot):
        found.add("product")
    if len(spot.between(sentence, spot.sentence_end, "ad")) > 1 and "我" not in spot.text[sentence : spot.sentence_end]:
        found.add("advertisement")
    return found - set(allow)


def _is_denied_whole(spot: Spot) -> bool:
    """Whether the thing itself is denied, which the words of the match do not do: 啥提示也没跳."""
    if any(sign in spot.words for sign in "没不"):
        return False
    found = _NOTHING.finditer(spot.text, spot.clause, spot.last_end)
    return any(one.start() < spot.to and spot.at < one.end() for one in found)


def _is_reported(spot: Spot) -> bool:
    """Whether somebody else says it: named before in the sentence, and the person does not go on with his own."""
    marks, to = spot.marks, spot.to
    reports = [one[:2] for one in spot.between(spot.sentence, spot.at, "report")]
    reports += [one.span() for one in _HEARD.finditer(spot.text, spot.sentence, spot.at)]
    if not reports:
        return False
    start, after = max(reports)
    by_page = spot.text[start] in "他她它" and (
        spot.has(spot.clause, start, "tap") or (spot.helped and not marks.names("other"))
    )
    _, end = marks.clause(after - 1, spot.turn.start)
    own = any(spot.text[at:to] != "自己" for at, to, _ in spot.between(end, to, "self"))  # 图标会自己消失
    return not (by_page or own or _OWN_PLACE.search(spot.text, after + 1, to))


def _asked_about(spot: Spot) -> str:
    """Tell whether a match is what is asked (`question`), stands near it (`doubt`), or neither."""
    text, has, at, to, clause, end = spot.text, spot.has, spot.at, spot.to, spot.clause, spot.last_end
    if text[end - 1 : end] == "?" and _AUXILIARY.match(text, clause):
        return "question"
    if has(clause, to, "question", "question_in", "how") or _A_NOT_A.search(text, max(clause, at - 3), to):
        return "question"
    asking = spot.between(clause, at, "asking")
    own = has(asking[-1][1] if asking else clause, to, "self")
    if not own and has(to, spot.sentence_end, "consequence"):
        return "question"
    if asking and not own and has(to, spot.sentence_end, "question", "question_in"):
        return "question"  # 想问注销了再开通, 会不会刷出来
    if has(to, end, "because") or _IS_NORMAL.match(text, to):
        return ""  # 服务里没有会不会就因为这个
    if has(to, end, "question", "question_in"):
        return "" if own else "question"  # 用平板会不会影响
    asks = _ends_asking(text, spot.last, end)
    if not asks or has(spot.sentence if asks == "?" else spot.last, end, "why"):
        return ""
    if modal := spot.between(to, end, "modal"):  # 我是学生能开吗: the fact stands before what is asked
        return "" if own or "了" in text[to : modal[0][0]] else "doubt"
    return "doubt" if asks == "?" else "question"


def _ends_asking(text: str, start: int, end: int) -> str:
    """Return how a clause asks at its end: `吗`, `?` alone, or not at all."""
    tail = text[max(start, end - 8) : end]
    mark = "?" in tail or text[end : end + 1] == "?"
    return "吗" if _PARTICLE.search(tail.rstrip(' ,。!?;\n"')) else "?" if mark else ""


def _is_past(spot: Spot) -> bool:
    """Whether the words are of another time: named before the end of the match, or long ago anywhere."""
    if _THEN.match(spot.text, spot.to):
        return True
    if past := spot.between(spot.clause, spot.to, "past"):
        after = past[-1][1]
        if spot.text.startswith(("一直", "还是", "都还"), after):
            after += 2  # 之前一直绑不上
        if not spot.has(after, spot.to, "present"):
            return True
    long_past = spot.has(spot.clause, spot.last_end, "long_past") or _YEAR.search(spot.text, spot.clause, spot.last_end)
    return bool(long_past) and not spot.has(spot.clause, spot.last_end, "present")


def _who(spot: Spot, to: int, clause: int) -> set[str]:
    """Tell whether the last person named before the end of the match is somebody else.

    Somebody named in an earlier clause who only tells (儿子说…), whose papers are meant (我妈的身份证), or to whom the
    person does something (我问了老公) is not whom the next clause is about. `clause`: where the match's own begins.
    """
    text = spot.text
    people = spot.between(spot.sentence, to, *PEOPLE)
    if not spot.has(clause, to, *PEOPLE):
        people = [
            one
            for one in people
            if one[2] == "self"
            or not (_NOT_SUBJECT.match(text, one[1]) or _OBJECT.search(text[max(0, one[0] - 5) : one[0]]))
        ]
    if not people:
        return set()
    kind = people[-1][2]
    if kind == "self" or (kind != "other" and spot.helped):
        return set()
    named = [one for one in people if one[2] != "pronoun"]
    if kind == "pronoun" and named and _CUSTOMER.search(text[named[-1][0] : named[-1][1]]):
        return set()  # a ticket: customer says he has none
    return {"other"}


def _topic_is_other(spot: Spot) -> bool:
    """Whether the last product named before the end of the match is another one."""
    named = spot.between(max(0, spot.at - 60), spot.to, "product", "own_product")
    return bool(named) and named[-1][2] == "product"


def is_article(text: str, marks: Marks) -> bool:
    """Whether a text is a guide, a notice or the news: it speaks of people in general and nobody of himself."""
    words = {text[start:end] for start, end, _ in marks.between(0, len(text), "article")}
    return len(words) > 1 and _FIRST_PERSON.search(_QUOTED.sub("", text)) is None


def is_helper(text: str, marks: Marks) -> bool:
    """Whether somebody writes for a relative: 帮我妈问, 他微信里没有; not who wants to keep one from borrowing."""
    if _KEEPS_OFF.search(text):
        return False
    for start, end, _ in marks.between(0, len(text), "helping"):
        if text[start] in "拿用" and OWN_TOO.search(text):
            continue  # 我拿她手机看过, 我自己的号没有
        if text[end - 1] in "他她人辈问妈爸" or marks.between(start, end + 2, "kin", "pronoun"):
            return True
    if _CONTRAST.search(text) or _OWN_PART.search(text):
        return False
    kin = marks.between(0, len(text), "kin") if marks.names("own_product", "page", "tap", "why", "question") else []
    for _, end, _ in kin:
        if re.match(r"的?(?:手机上?|手机里)?(?:微信|钱包|服务)(?!.{0,4}登)", text[end : end + 8]):
            return True
    return bool(kin and text[kin[0][1] : kin[0][1] + 1] != "说" and _THEIRS.search(text))


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
_BARE: Final = 2
"""Spaces in words that only name a thing: pay score, care mode."""
_THE_LOAN: Final = re.compile(r"\b(?:icon|entry|loan|invit\w+|limit|it|high|credit is)\b")
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
    r"|[,.;] ?(?:and |so |then |stupidly |unfortunately )*i (?:did|agreed|complied|obeyed|went along|followed)\b"
)
"""Something else that was then done: who goes on so did what was asked before."""
_OBEYED: Final = re.compile(
    r"\bi (?:did|agreed|complied|obeyed|shared|gave|sent|told|read|paid|typed)\b|\b(?:had|made|got) me\b"
)
"""English words by which what was asked for was done; a verb alone is the same in both."""
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
    r"|保证金|[定订押]金|[让叫要]我|就[付转交打给]|流水|账户|一半|搭进|亏了|[都全]给了|[说给发报讲][了过]?[^,。!?;\n]{0,4}码|解冻|认证金|[费钱][^,。!?;\n]{0,6}[交付]|代办|业务员|网页|网址|网站|链接|表单|问卷"
)
"""Words that name a taker, or a thing that nobody hands on of himself."""
_REACH: Final = 60
"""Characters behind a match in which it can still be taken back."""
_NEEDS_STRANGER: Final = frozenset({"money", "password_or_code", "id_or_card"})
"""What is paid, typed and sent on ordinary days too, so that only a stranger in the text makes it given away."""
_NEAR: Final = 200
"""Characters around a match in which the stranger is named."""


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
    if has(to, spot.clause_end, "asking") or (asking and not has(asking[-1][1], at + 1, "self")):
        return DOUBT  # 请问我是用台胞证做的实名: he says it of himself
    kinds = {"other"} - set(group.allow)
    near = {"report", "product"} - set(group.allow) | (set() if spot.helped else {"helping"})
    beside = has(spot.clause, at, *kinds) or has(to, spot.last_end, *kinds)
    beside |= has(spot.sentence, at, *kinds) and not has(spot.clause, to, "self")
    return DOUBT if beside or has(spot.clause, at, *near) or has(to, spot.clause_end, *near) else CLEAR


def _in_jest(spot: Spot, _group: PhraseGroup) -> Verdict:
    return DOUBT if spot.has(spot.sentence, spot.sentence_end, "joke") else CLEAR


Check: TypeAlias = "Callable[[Spot, PhraseGroup], Verdict]"
_CHECKS: Final[tuple[tuple[Check, tuple[str, ...]], ...]] = (
    (_of_another_product, ("credit.", "debt.")),
    (_in_company, ("",)),
    (_in_jest, ("",)),
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
        self._bids, self._refused, self._almost, self._weighed = (
            re.compile(one_of(lexicon.words.get(name, ()))) for name in ("bids", "refused", "almost", "weighed")
        )
        self._checks = (*_CHECKS, (self._given, ("safety.given",)), (self._offered, ("safety.contact",)))
        self._all = lexicon.objection
        self._against: dict[tuple[str, str, bool], list[Objection]] = {}

    def verdict(self, spot: Spot, group: PhraseGroup) -> Verdict:
        """Tell what stands against reading this match as the answer of its group."""
        held = guards(spot, group.allow)
        if group.question.startswith("safety."):
            held -= {"almost", "product"}  # 分付 beside it hides no harm
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

    def bids(self, text: str) -> bool:
        """Whether somebody asks the person for something anywhere in a text."""
        return self._bids.search(text) is not None

    def _given(self, spot: Spot, group: PhraseGroup) -> Verdict:
        """Of what was given: what is only asked for was not."""
        text, at, to, clause, end = spot.text, spot.at, spot.to, spot.clause, spot.sentence_end
        if not group.values:
            return CLEAR  # 什么都没给
        if self._almost.search(text, clause, to):
            return DENIED
        near = max(0, at - _NEAR), to + _NEAR
        strange = spot.has(*near, "strange", "other", "pronoun", "report")
        if _NEEDS_STRANGER.intersection(group.values) and not strange:
            return DOUBT if is_away(text, at, to) else NOBODY
        tail = text[to : min(to + 8, end)]
        supposed = _SUPPOSED.search(tail)
        done = _DONE.search(text[at:to] + (tail[: supposed.start()] if supposed else tail)) is not None
        bids = list(self._bids.finditer(text, spot.sentence, to))
        bidden = bool(bids) and _OWN.search(text, bids[-1].end(), to) is None
        refused = self._refused.search(text, to, to + _REACH) is not None
        if _TO_NOBODY.search(text, clause, spot.clause_end):
            return DENIED
        if _CLAIMED.search(text, clause, min(at + 20, end)):
            return DENIED
        if bidden and not refused and _FOLLOWED.search(text, to, end):
            return CLEAR
        if bidden and spot.words.isascii() and not _OBEYED.search(spot.words):
            return DENIED if refused else DOUBT
        if done and not (bidden and supposed and supposed[0] not in ",。!?;\n"):
            return DOUBT if bidden and refused else CLEAR
        return DENIED if bidden or refused else DOUBT

    def _offered(self, spot: Spot, group: PhraseGroup) -> Verdict:
        """Of a contact: not where it is only supposed, wished or asked whether there is one."""
        text, sentence, end, to = spot.text, spot.sentence, spot.sentence_end, spot.to
        known = not {"borrow_for_others", "paid_opening"}.intersection(group.values)
        if known and _ACQUAINTED.search(text, sentence, to) and not spot.has(sentence, end, "self"):
            return DENIED  # 我同事收到短信点了链接
        if "condition" in group.allow and spot.has(sentence, spot.at, "condition"):
            return DENIED
        if "question" not in group.allow:
            return CLEAR
        own_wish = guards(spot, tuple(guard for guard in group.allow if guard not in ("question", "wish")))
        if not own_wish and not self._weighed.search(text, sentence, end):
            return CLEAR
        if _TOLD.search(text, sentence, end) or _PRICE.search(text, sentence, end):
            return CLEAR
        return CLEAR if not own_wish and spot.has(sentence, to, "other", "pronoun") else DENIED


def _holds(objection: Objection, spot: Spot, start: int, end: int) -> bool:
    if objection.mark:
        return spot.has(start, end, objection.mark) is not objection.missing
    return (_compiled(objection.pattern).search(spot.text[start:end]) is None) is objection.missing


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def is_away(text: str, at: int, to: int) -> bool:
    """Whether words for giving name a taker, or a thing that nobody hands on of himself: 验证码发过去了."""
    return _AWAY.search(text, at, to + 4) is not None


def is_held(spot: Spot) -> bool:
    """Whether English words that name what somebody may believe in stand for the belief, and are not bare."""
    if not spot.words.isascii():
        return True
    bare = spot.words.count(" ") < _BARE
    return not bare or spot.marks.names("own_product", "why", "page") or _THE_LOAN.search(spot.text) is not None
