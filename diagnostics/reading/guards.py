"""What keeps a match from being a statement of the person about himself, now; and what makes it only worth asking.

`guards` holds for every kind of answer; `diagnostics.reading.verdicts` adds what concerns one kind alone.
"""

from __future__ import annotations

import re
from enum import IntEnum
from typing import TYPE_CHECKING, Final

from diagnostics.reading.corrections import TAKES_BACK, surely

if TYPE_CHECKING:
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
    r"|(?:没有?|从没|未|从来没)(?:在|用|从|拿|跟|给|去|把|将|向|对|让|被|自己|主动|亲自"
    r"|动手|申请|操作|找|请|叫|再)[^,。!?;\n没不了 ]{0,8}"
    r"|(?:never|not|n't|\b(?:ca|do|does|did|is|are|was|wo|has|have|had|could|would)nt|no|neither|nor|zero|without)"
    r"(?: (?:an?|the|my|really|actually|currently|yet|quite|exactly|any))? )\s?$"
)
_A_NOT_A: Final = re.compile(r"([^\x00-\u33ff还从时])[没不]\1")
"""A verb said both ways asks: 绑没绑卡; 时不时 is no verb."""
_IS_NORMAL: Final = re.compile(r"(?:是不是|算不算|这?算?是?)?(?:正常|怎么回事|什么情况)")
"""A question about a fact that stands: 服务里没有正常吗."""
_OR_WHAT: Final = re.compile(
    r"[^,。!?;\n]{0,3}还是(?:咋|怎么?[了着地的样回]|(?:啥|什么)(?![都也没]))|\bor (?:what|not)\b"
)
"""Words by which what was said is asked: 我是被拉黑了还是咋地."""
_IS_WHY: Final = re.compile(
    r"了?[, ]{0,2}(?:是不是|是否|莫非|难道)(?!又)"
    r"(?![^,。!?;\n]{0,8}(?:就|才|不能|不可|不行|不让|没戏|没资格|没机会|没希望|没法|无法|影响|凉|永远|再也|[开借用办申贷不][不得]了|[开申]\S不))"
)
"""A guess at the reason of what was stated: 服务里没有微粒贷是不是岁数大了; none at what follows: 是不是就没资格."""
_HEARD: Final = re.compile(
    r"听(?!不|得|着|到)[^,。!?;\n]{1,8}[说讲提]|(?:刷|看|碰|遇)到(?:一?个|有人)[^,。\n]{0,6}[说讲](?!明)"
    r"|(?:打电话|来电|骗|自称[^,。!?\n]{1,10})的?(?:那?个?人|那边|家伙|子)?[^,。!?\n我]{0,6}[说讲称](?=我|俺|你|您)"
)
"""Words of hearsay: 听隔壁老李讲, 打电话的说我账户冻结."""
_CLAIMED: Final = re.compile(
    r"(?:电话|来电|自称|骗子|对方|陌生|冒充)[^。!?\n]{0,30}[, ](?:就|还|他|她|对方|那边|又){0,2}[说讲称](?=我|俺|你|您)"
)
"""A caller's claim, in a clause of its own: 来了个电话, 自称客服, 说我的账户违规."""
_CALLER: Final = re.compile(
    r"[ \"]*(?:来电人|代办人|经办人)(?:自己|本人|的)?"
    r"(?!为|系|是|称|反映|表示|说|代|替|帮|询问|请求|咨询|要求|诉|提|自称)"
    r"|[ \"]*(?:坐席|经理|客服|专员|柜员)(?:本人|自己)"
)
"""Who calls for a customer, or serves him, and goes on with his own facts."""
_CALLER_IS: Final = re.compile(r"来电人(?:为|系|是)(?:其|客户|用户)[^,。]{1,5}[,(] ?$")
_REACH_OF_CALLER: Final = 16
"""Characters before a clause in which the caller is named whose age follows."""
_FOR_CLIENT: Final = re.compile(
    r"(?:来电人|致电人|登记人)(?:代|替|帮|为|系|是)(?:其|客户|用户)的?"
    r"(?:父|母|妻|丈|儿|女|配偶|家[人属]|老伴|爱人|姐|妹|哥|弟|爷|奶|外|孙|子|夫)"
)
"""A ticket whose caller is not the customer."""
_NOTHING: Final = re.compile(
    r"(?:啥|什么|任何|哪个|哪张|半[个点张]|一[个点张条])[^,。!?;\n]{0,12}[也都](?:没有?|不|未|从没)(?!能?[忘错少])"
)
"""A thing that is denied whole: 啥提示也没跳."""
_SIGNS: Final = re.compile("[ ,。!?;—–-]*")
_AUXILIARY: Final = re.compile(
    r"[ \"-]*(?:(?:and|so|or|but|then|well|also) )?(?:is|are|was|were|do|does|did|can|could|will|would|should"
    r"|may|might|has anyone|have you|has any\w+"
    r"|must|isn't|aren't|doesn't|don't|didn't|can't|won't|wouldn't|shouldn't)"
    r" (?!not |(?:that|this|it) (?:why|because)\b)"
)
"""The beginning of an English question, whatever it is about."""
_OWN_PLACE: Final = re.compile(
    r"(?<=[^说讲])我(?:的|这|微信|手机|服务|钱包|自己)|\bmy (?:services|wechat|wallet|phone|own)\b"
)
_THEN: Final = re.compile(r"的?(?:那会儿?|那时候?|那阵子?|那年|那几年|时候|期间)(?!有|就|现在)")
"""Words behind a match that put it into another time: 我念大学那会儿."""
_SINCE: Final = re.compile(r"(?:[一二三四五六日天]|末|初|底)?(?:起|开始|以来|以后|之后|后)")
"""Words behind a time that make it the beginning of what holds now: 上周五起."""
_YEAR: Final = re.compile(
    r"(?<!\d)(?:19\d\d|20[01]\d|202[0-4]) ?年"
    r"|(?:(?<=in )|(?<=since )|(?<=from )|(?<=until )|(?<=till )|(?<=[,.;\n]))"
    r"(?:19\d\d|20[01]\d|202[0-4])(?=[ ,.!?;\n]|$)"
)
"""A year that is over, without a day: so it was then."""
_CUSTOMER: Final = re.compile(r"用户|客户|顾客|来电人|\b(?:customer|client|user)$")
_NOT_SUBJECT: Final = re.compile(
    r"[们也都就老]?(?:说|讲|让|叫|告诉|建议|推荐|教|催|问)|的?(?:身份证|名字|身份|银行卡|名下|证件|手机号|号码|名义|资料|户口)|的(?:卡|(?=[,。!?;\n]))"
    r"|(?<=的)(?=[,。!?;\n])"
)
_SAYS_OF_SELF: Final = re.compile("[说讲称提喊](?:是|都|着)?自己$")
"""Words of whom somebody speaks who was named before: 他说自己."""
_OBJECT: Final = re.compile(
    r"[是用拿和]$|跟着?$|[给向对到找问]了?$|(?:告诉|加|信|骗|按|照|听|被)[了着]?$"
    r"|\b(?:to|with|by|told|gave|sent|paid|asked|called|for) $"
)
"""Words before somebody who is not the subject: 我把验证码给了他, 又转了一万."""
_THEIRS: Final = re.compile(
    r"[他她](?:自己)?的?(?:手机)?(?:微信|钱包|服务)(?!.{0,4}登(?!不))|[他她](?:那儿|那边|那里)|[他她]这个?(?:年纪|年龄|岁数)"
    r"|给[他她](?:开|看|问|弄|办|申请|查|找)|\b(?:his|her) (?:services|wechat|weixin|wallet|phone)"
    r"|\b(?:he|she) (?:can'?t|cannot|doesn'?t|does not|has no|uses|wants)\b|\band wants (?:it|one|weilidai)\b"
)
_WANTS: Final = re.compile(r"\bwants (?:it|one|this|that|the loan)\b|想(?:要|开|用|办)(?:一个|这个|它)?(?=[,。!?\n]|$)")
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
_OF_KIN: Final = re.compile(
    r"[ \"]*给?(?:我|俺|咱)?(?:家)?(?:老)?(?:爸爸?|妈妈?|父亲|母亲|爷爷|奶奶|外公|外婆|姥姥|姥爷"
    r"|老伴|婆婆|公公|岳父|岳母)"
    r"(?!的|说|让|叫|帮|给|告诉|介绍|推荐|以前就有|也?有|用(?!的))"
)
"""The beginning of a text about a relative of the older generation."""
_RELATIVE_OWES: Final = re.compile(
    r"(?:^|[,。!?;\n])[ \"]*(?:[我俺咱]家?)?(?:那口子|爱人|老公|老婆|媳妇|丈夫|妻子|对象|老伴|儿子"
    r"|女儿|闺女|弟弟?|妹妹?|哥哥?|姐姐?|爸爸?|妈妈?|父亲|母亲|爷爷|奶奶|外公|外婆|姥姥|姥爷|婆婆|公公|岳父|岳母)(?:的|她|他)?(?:微信)?[里上]?的?(?:还?欠着?)?微粒贷"
    r"[^。!?\n]{0,30}?(?:没了|不见|消失|找不|看不|还欠|没还|要还|怎么还|\d)"
    r"|^my (?:wife|husband|mum|mom|mother|dad|father|son|daughter|brother|sister|partner|grand\w+)\b"
    r"(?=.*\b(?:s?he still|owes?|has to (?:re)?pay|is due|is gone|disappeared|vanished)\b)"
)
"""Words about a relative's loan or entry, of who writes for him."""
_USES: Final = re.compile(
    r"(?:用的|使的|那[个台部]?|的)(?:是|老|旧)*(?:[^,。!?;\n]{0,6}机|vivo|oppo|[\u3400-\u9fff]{0,3}[a-z]*\d)"
)
"""Words for the phone that a relative has in use."""
_AGED: Final = re.compile(r"(?:今年|都|已经?|快|是)*(?:[1-9]\d ?(?:周?岁|了)|(?:19)?[3-9]\d ?年(?:的|出?生|属|\d))")
"""The age of whoever was just named."""
_MYSELF: Final = re.compile(
    r"[我俺](?!们|家|老?[爸妈爷奶外姥婆公岳]|父|母|[来去]?问|[帮替]|想[帮替问]|是[他她])|本人|自己(?!的?身份)"
)
_I_TOO: Final = re.compile(
    r"[我俺咱](?!们|家|(?:的|家)?(?:那口子|爱人|老公|老婆|媳妇|丈夫|妻子|对象|老伴|儿子|女儿|闺女|[弟妹哥姐爸妈爷奶舅姨姑叔伯婆公父母岳]|外[公婆]|姥))"
    r"|\b(?:i|i'm|i've|mine|me|my (?:own|wechat|services))\b"
)
"""Words by which who tells of a relative speaks of himself."""
OWN_TOO: Final = re.compile(r"我(?:这|自己|用的|的)(?!身份证)|\bmine\b")
_CHANGED: Final = re.compile(
    r"[换改切升变转调设](?:成|到|了|为|级|上)|[换改]用|买了|入手|\b(?:switched|changed|moved|set|upgraded|bought)\b"
)
"""Words of a change whose outcome still holds: 上个月换了鸿蒙."""
_AND: Final = re.compile(r" ?(?:和|跟|与|及|、|加|还有|以及|and|&|\+) ?")
_PARTICLE: Final = re.compile(
    r"(?:吗|嘛|(?<![什怎那这多要])么|(?<=[\u4e00-\u9fff])(?<![说讲偏都也就才从决绝时还是])不|(?<=[系能过开到])没)[呀啊哦呢的]?$"
    r"|(?<![\d百千万十几岁块元多右样子天月年])吧[呀啊]?$"  # 六七千吧 is a guess
)
_SURELY: Final = re.compile(r"(?:[没冇不无][^,。!?;\n]*|的)嘛[ ,。;\n\"]*$")
"""A clause that ends like a question and states: 服务里头没得嘛, 以前是有的嘛."""


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
    if has(clause, spot.last_end, "weighing") or has(clause, to, "hedge") or _is_taken_back(spot):
        found.add("doubt")
    if "question" not in allow and (asked := _asked_about(spot)):
        found.add(asked)
    if _is_reported(spot):
        found.add("report")
    if has(max(clause, spot.text.rfind(" but ", clause, at)), to, "wish"):
        found.add("wish")  # not of: I'd like to, but there's no such thing
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
    if len(spot.between(sentence, spot.sentence_end, "ad")) > 1 and not (
        "我" in spot.text[sentence : spot.sentence_end] or has(sentence, spot.sentence_end, "other", "report")
    ):
        found.add("advertisement")
    return found - set(allow)


def _is_taken_back(spot: Spot) -> bool:
    """Whether the words behind a match take it back."""
    signs = _SIGNS.match(spot.text, spot.to)
    found = TAKES_BACK.match(spot.text, signs.end()) if signs is not None else None
    return found is not None and surely(found)


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
    for told in (_HEARD, _CLAIMED):
        found = told.finditer(spot.text, spot.sentence, spot.to)
        reports += [one.span() for one in found if one.start() < spot.at]
    if not reports:
        return False
    start, after = max(reports, key=lambda one: one[1])
    by_page = spot.text[start] in "他她它" and (
        spot.has(spot.clause, start, "tap") or (spot.helped and not marks.names("other"))
    )
    _, end = marks.clause(after - 1, spot.turn.start)
    own = any(spot.text[at:to] != "自己" for at, to, _ in spot.between(end, to, "self"))  # 图标会自己消失
    own = own or spot.has(end, spot.at, "why")  # 短信说邀请我了, 咋服务里没有
    return not (by_page or own or _OWN_PLACE.search(spot.text, after + 1, to))


def _asked_about(spot: Spot) -> str:
    """Tell whether a match is what is asked (`question`), stands near it (`doubt`), or neither."""
    text, has, at, to, clause, end = spot.text, spot.has, spot.at, spot.to, spot.clause, spot.last_end
    if text[end - 1 : end] == "?" and _AUXILIARY.match(text, clause):
        return "question"
    if text[spot.sentence_end - 1 : spot.sentence_end] == "?" and _AUXILIARY.match(text, spot.sentence):
        return "" if has(spot.sentence, to, "self") else "question"  # does overdue, say two months, kill it?
    if has(clause, to, "question", "question_in", "how") or _A_NOT_A.search(text, at, to) or _OR_WHAT.match(text, to):
        return "question"
    asking = spot.between(clause, at, "asking")
    own = has(asking[-1][1] if asking else clause, to, "self")
    if not own and has(to, spot.sentence_end, "consequence"):
        return "question"
    if asking and not own and has(to, spot.sentence_end, "question", "question_in"):
        return "question"  # 想问注销了再开通, 会不会刷出来
    if has(to, end, "because") or _IS_NORMAL.match(text, to):
        return ""  # 服务里没有会不会就因为这个
    if has(at, to, "page") and _IS_WHY.match(text, to):
        return ""
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
    if not mark and _SURELY.search(text, start, end):
        return ""
    return "吗" if _PARTICLE.search(tail.rstrip(' ,。!?;\n"')) else "?" if mark else ""


def _is_past(spot: Spot) -> bool:
    """Whether the words are of another time: named before the end of the match, or long ago anywhere."""
    if _THEN.match(spot.text, spot.to):
        return True
    if past := spot.between(spot.clause, spot.to, "past"):
        after = past[-1][1]
        if spot.text.startswith(("一直", "还是", "都还"), after):
            after += 2  # 之前一直绑不上
        since = _SINCE.match(spot.text, after)
        if not since and not spot.has(after, spot.to, "present") and not _CHANGED.search(spot.text, after, spot.to):
            return True
    long_past = spot.has(spot.clause, spot.last_end, "long_past") or _YEAR.search(spot.text, spot.clause, spot.last_end)
    return bool(long_past) and not spot.has(spot.clause, spot.last_end, "present")


def _who(spot: Spot, to: int, clause: int) -> set[str]:
    """Tell whether the last person named before the end of the match is somebody else.

    Somebody named in an earlier clause who only tells (儿子说…), whose papers are meant (我妈的身份证), or to whom the
    person does something (我问了老公) is not whom the next clause is about. `clause`: where the match's own begins.
    """
    text = spot.text
    if _CALLER.match(text, clause) and (spot.helped or not text.startswith("来电人", clause)):
        return {"other"}
    aged = text[clause : clause + 1].isdigit()
    if aged and _CALLER_IS.search(text, max(0, clause - _REACH_OF_CALLER), clause):
        return {"other"}
    people = spot.between(spot.sentence, to, *PEOPLE)
    if not spot.has(clause, to, *PEOPLE):
        people = [
            one
            for one in people
            if one[2] == "self"
            or not (_NOT_SUBJECT.match(text, one[1]) or _OBJECT.search(text[max(0, one[0] - 5) : one[0]]))
        ]
    if people and (said := _SAYS_OF_SELF.search(text, spot.sentence, people[-1][1])):
        people.pop()
        if not _CUSTOMER.search(text, spot.sentence, said.start()) and not spot.marks.names("kin"):
            return set() if people and people[-1][2] == "self" else {"other"}
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
    if len(named) > 1 and named[-2][2] == "own_product" and _AND.fullmatch(spot.text, named[-2][1], named[-1][0]):
        return False  # 微粒贷和网商贷都还不起
    return bool(named) and named[-1][2] == "product"


_PASSED_ON: Final = re.compile(
    r"[发转推传甩][给了来过]{0,3}[我俺咱]|[收刷看]到|群里|朋友圈|[能可][不否能可以]{0,3}[弄办搞信做试]|靠谱|可信|真的|假的|是不是"
    r"|[行好]不[行好]|咋样|怎么?样|要不要|\b(?:sent|forwarded|shared|got|received|saw|should i|legit|real|can i)\b"
)
"""Words of who was sent an advertisement, or weighs it."""
_WARNED_OF: Final = re.compile(r"都是骗|骗局|诈骗|谨防|警惕|切勿|勿信|别信|提醒|大家|\bfraud|\bbeware")


def is_passed_on(spot: Spot) -> bool:
    """Whether the person shows an advertisement that reached him, as the words outside of its sentence say."""
    text, turn = spot.text, spot.turn
    behind = text[spot.sentence_end : min(turn.end, spot.sentence_end + _REACH_OF_AD)]
    before = text[max(turn.start, spot.sentence - _REACH_OF_AD) : spot.sentence]
    asks = _PASSED_ON.search(behind) or _PASSED_ON.search(before)
    return asks is not None and not _WARNED_OF.search(text[spot.sentence : spot.sentence_end] + behind)


_REACH_OF_AD: Final = 80
"""Characters around an advertisement in which somebody says how he got it."""


ASKS_FOR: Final = re.compile(
    r"[^,。!?;:\n我]{0,6}?(?:[替帮代]|受)(?!我问)[^,。!?;:\n]{0,8}?(?:问|咨询|反映|求助|托)"
    r"(?![^,。!?;:\n]{0,4}[:,]? ?我(?![妈爸爷奶姥外公婆老家哥姐弟妹]))"
)
"""The beginning of a message of who asks for another: 替一位阿姨问, 帮客户问."""


def is_helper(text: str, marks: Marks) -> bool:
    """Whether somebody writes for a relative: 帮我妈问, 他微信里没有; not who wants to keep one from borrowing."""
    if _KEEPS_OFF.search(text):
        return False
    if _FOR_CLIENT.search(text) or ASKS_FOR.match(text):
        return True
    asks = marks.names("own_product") and marks.names("why", "how", "asking", "question", "question_in")
    kin = None if _MYSELF.search(text) else _OF_KIN.match(text)
    if kin and (
        asks or (marks.names("own_product") and (_AGED.match(text, kin.end()) or _USES.match(text, kin.end())))
    ):
        return True  # 外婆78岁, 微粒贷还欠着, 我们咋办
    if _RELATIVE_OWES.search(text) and not _I_TOO.search(text):
        return True  # 我爱人的微粒贷入口没了, 还欠4000
    for start, end, _ in marks.between(0, len(text), "helping"):
        if text[start] in "拿用" and OWN_TOO.search(text):
            continue  # 我拿她手机看过, 我自己的号没有
        if text[end - 1] in "他她人辈问妈爸" or marks.between(start, end + 2, "kin", "pronoun"):
            return True
    if _CONTRAST.search(text) or _OWN_PART.search(text):
        return False
    told = marks.names("own_product", "page", "tap", "why", "question") or _WANTS.search(text)
    named = marks.between(0, len(text), "kin") if told else []
    for _, end, _ in named:
        if re.match(r"的?(?:手机上?|手机里)?(?:微信|钱包|服务)(?!.{0,4}登(?!不))", text[end : end + 8]):
            return True
    return bool(named and text[named[0][1] : named[0][1] + 1] != "说" and _THEIRS.search(text))


_SUBJECT: Final = re.compile(r"(?:^|[,。!?;:\n])[ \"]*(?:[他她](?!们)|(?:he|she|his|her)\b)")
"""A pronoun of whom a clause speaks."""
_GOES_ON: Final = re.compile(r"[,。!?;\n]\s*\S")
_OF_SELF: Final = re.compile(r"[我俺咱]|\b(?:i|i'm|i've|my|me|mine|we|our|us)\b(?<!under me)(?<!> me)")
_WONDERS: Final = re.compile(
    r"(?:为什么|为啥|凭什么|怎么)(?:人家)?[他她](?:就|都|也)?(?:会|能)?有|\bwhy (?:does|do|has|can) s?he\b"
)
_STRANGERS: Final = frozenset(
    {"骗子", "中介", "有人", "有个人", "别人", "他们", "陌生人", "someone", "somebody", "they", "a stranger"}
)
"""Words for somebody who is nobody's acquaintance."""


def is_of_one_person(text: str, marks: Marks) -> bool:
    """Whether a text speaks of one person by a pronoun, as a ticket does, and names nobody else: 她58岁, 没有微粒贷."""
    told = marks.names("own_product", "page") or _GOES_ON.search(text)
    if not told or not marks.names("pronoun") or marks.names("kin") or _OF_SELF.search(text):
        return False
    others = {text[start:end] for start, end, _ in marks.between(0, len(text), "other")}
    return others <= _STRANGERS and _SUBJECT.search(text) is not None and _WONDERS.search(text) is None


_BARE: Final = 2
"""Spaces in words that only name a thing: pay score, care mode."""
_THE_LOAN: Final = re.compile(r"\b(?:icon|entry|loan|invit\w+|limit|it|high|credit is)\b")


def is_held(spot: Spot) -> bool:
    """Whether English words that name what somebody may believe in stand for the belief, and are not bare."""
    if not spot.words.isascii():
        return True
    bare = spot.words.count(" ") < _BARE
    return not bare or spot.marks.names("own_product", "why", "page") or _THE_LOAN.search(spot.text) is not None
