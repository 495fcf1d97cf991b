"""What stands against reading that something was given to a stranger, or that a stranger made contact."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, Final

from diagnostics.reading.guards import CLEAR, DENIED, DOUBT, NOBODY, Verdict, guards
from diagnostics.reading.normalise import one_of

if TYPE_CHECKING:
    from diagnostics.evidence import Value
    from diagnostics.knowledge.lexicon import Lexicon, PhraseGroup
    from diagnostics.reading.normalise import Spot
    from diagnostics.reading.settle import Hit

_DONE: Final = re.compile(
    r"(?<![行为])了(?!吗)|买的(?![人时])|正在|正(?=[跟和给被与])|[还现]在(?:[跟和给]|能看|共享|操作|控制)|[并且]提[供交]|(?<!不)过(?![去来])|已经?|刚刚?|照做|被|[享连开]着|还没[关断停退]|[转打借付交汇缴充]完|完毕|只好|没[开弄办搞]成|没给我?[开办弄退]|拉黑|[转划刷骗卷弄提]走(?!的)|[a-z]"
)
"""Words that say that it was done; the English phrases stand in the past tense."""
_BY_THEFT: Final = re.compile(
    r"名义|身份(?!证)|冒[名用]|盗|遭|不是[我俺]|[非是]本人|[没未]有?[借贷办用点签]|[没未]有?(?:申请|操作)"
)
"""Words of a loan that was taken in the person's name, which nobody asked him for."""
_SUPPOSED: Final = re.compile(r"就[行好可能会不没]|才|不然|否则|[,。!?;\n]")
_OWN: Final = re.compile(r"我(?!的|家|妈|爸)|\bi\b")
_PRICE: Final = re.compile(r"\d|[一二两三四五六七八九十几][百千万]")
_TOLD: Final = re.compile(
    r"(?<!网上)(?<!都)(?<!听)(?<!据)[说称收]|要价|加我|[找给]我|联系|发来|告诉|宣传|广告|[让叫]我|\b(?:sa(?:ys|id)|offer|charg|ask|want|told|promis)"
)
_FOLLOWED: Final = re.compile(
    r"[,。](?:然后|结果|后来|于是)?我?(?:还|又|也|并)?(?:已经?|就)?(?:把[^,。说]{1,8}?)?都?"
    r"(?:照做|同意|答应|开|点|扫|共享|转|给|付|交|打|发|念|告诉|填|借|报)(?![警案]|电话|\d)[^,。说我]{0,4}了"
    r"|我?(?:都|全)部?(?:弄|做|照办|照做)了"
    r"|[,.;] ?(?:and |so |then |stupidly |unfortunately )*i (?:did|agreed|complied|obeyed|went along|followed)\b"
)
"""Something else that was then done: who goes on so did what was asked before."""
_OBEYED: Final = re.compile(
    r"\bi (?:did|agreed|complied|obeyed|shared|gave|sent|told|read|paid|typed)\b|\b(?:had|made|got) me\b"
    r"|\b(?:uploaded|sent|gave|submitted|provided|typed in) (?:it|them|both|all|everything)\b"
)
"""English words by which what was asked for was done; a verb alone is the same in both."""
_STILL_ON: Final = re.compile(
    r"(?:还|都|也|一直)?没有?(?:挂|断|停|关|退)[断掉线]?|(?:不敢|没)再"
    r"|没有?(?:开|弄|办|搞|做)(?:成|出来|好|通|下来)|没给我[开弄办]"
)
"""Words of a call that still goes on, of what was not done once more or came to nothing; they refuse nothing."""
_ENDED: Final = re.compile(r"挂[断掉]?了|挂了?电话|断了|关[了掉]")
"""Words for the end of a call, which do not undo what was done in it."""
BROKEN_OFF: Final = re.compile(
    r"挂[断掉]?了?(?:电话|机)?|(?:断|删|关机|清醒|警觉|警惕|报警)了|拦[住下]了?|起了?疑(?:心|虑)?了?|(?:看穿|识破|听出来|反应过来|回过神)了?"
    r"|(?:觉得|感觉|听着|越[听看想]越|一听)(?:就|有点|有些){0,2}(?:是骗|是假|不对劲?|不像|有问题|可疑|有诈)"
)
"""Words of who breaks off; what is done by them is nothing that was asked for: 让我共享屏幕, 我觉得不对就挂了."""
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
_TAIL: Final = 16
"""Characters behind a match in which a word may say that it was done."""
_NEEDS_STRANGER: Final = frozenset({"money", "password_or_code", "id_or_card"})
"""What is paid, typed and sent on ordinary days too, so that only a stranger in the text makes it given away."""
_NEAR: Final = 200
"""Characters around a match in which the stranger is named."""


_LINK: Final = re.compile(
    r"https?:/{0,2}[a-z0-9./_-]{4,60}"
    r"|(?<![\w@.-])(?:[a-z0-9-]{1,30}\.){1,3}(?:cn|com|net|top|vip|xyz|cc|co|me|im|info|app|club|site|shop|icu|ink|ltd"
    r"|link|win|pro|online|fun|work|life|cd)(?![a-z0-9])[a-z0-9./_?=&-]{0,60}"
)
_OFFICIAL: Final = re.compile(r"(?:https?:/{0,2})?(?:[a-z0-9-]+\.){0,3}(?:webank|qq|wechat|tencent)\.com(?![a-z0-9.])")
_CALLS: Final = re.compile(
    r"[点戳按击][一下击开进此这]*(?:链接|网址|连接)?|登[录陆]|访问|打开|进入|前往|复制|浏览器|领取|领款|激活|确认|提现|申请|查看|查询"
    r"|缴费|处理|还款|\b(?:tap|click|visit|open|go to|log in|follow|at|via)\b"
)
"""Words that call for a link."""
_LURES: Final = re.compile(
    r"额度|[获受]邀|邀请|[诚特]邀|邀您|预审|审[批核]|恭喜|备好|专属|到账|领款|提额|逾期|冻结|传票|起诉|失信|一键|恢复|解除"
    r"|\b(?:limit|invit\w+|approved|eligible|qualif\w+|congratulations|overdue|lawsuit|summons)\b"
)
_TO_YOU: Final = re.compile(r"您|尊敬|退订|拒收|\bt\.?d\b|回[复]?[a-z0-9]|内部|马上|立[即刻]|\b(?:your?|dear)\b")
"""Words of a letter to anybody: the person's own sentences do not address him."""
_SENT: Final = re.compile(r"尊敬|退订|拒收|短信|\b(?:dear|sms|text)\b")
_LETTER_BEGINS: Final = re.compile(r'[":\n]| (?=尊敬|您|dear)|[。!?] ?(?=[^。!?]*(?:尊敬|您|dear|your))')
_LETTER_ENDS: Final = re.compile(r'["。!?\n]|\. |[, ](?=[^, ]{0,12}(?:我|这|是真|能点|要点|有用|吗))')
_BEFORE_LINK: Final = 160
"""Characters before a link in which the letter lures."""
_MOST_LINKS: Final = 5
_WARNING: Final = re.compile(r"谨防|警惕|切勿|提醒[大各]|反诈|大家|\b(?:beware|warning)\b")


def letters(text: str) -> list[tuple[int, int]]:
    """Return where a folded text quotes a letter to anybody that lures to a link: it states nothing of the person."""
    found: list[tuple[int, int]] = []
    for link in islice(_LINK.finditer(text), _MOST_LINKS):
        floor = max(found[-1][1] if found else 0, link.start() - _BEFORE_LINK)
        near = text[floor : link.end() + 30]
        called = _CALLS.search(text, max(floor, link.start() - 16), link.end() + 8)
        lured = _LURES.search(near) and _TO_YOU.search(near)
        if not called or not lured or (_OFFICIAL.match(link[0]) and not _SENT.search(near)):
            continue
        begins = [one.end() for one in _LETTER_BEGINS.finditer(text, floor, link.start())]
        start = next((at for at in begins if _TO_YOU.search(text, at, link.start()) or at == begins[-1]), floor)
        end = _LETTER_ENDS.search(text, link.end())
        found.append((start, end.start() if end else len(text)))
    return found


def is_asked_about(rest: str) -> bool:
    """Whether somebody says something beside a letter, and does not warn of it."""
    return re.search(r"\w{3}", rest.replace("○", "")) is not None and _WARNING.search(rest) is None


def is_away(text: str, at: int, to: int) -> bool:
    """Whether words for giving name a taker, or a thing that nobody hands on of himself: 验证码发过去了."""
    return _AWAY.search(text, at, to + 4) is not None


_FROM_OTHERS: Final = re.compile(r"平台|网贷|借呗|京东|花呗|几家|[个家]app|\b(?:loan )?apps?\b")
_SENT_ON: Final = re.compile(
    r"(?:转|打|汇|交|投|垫|充|给)(?:了|过去|出去|到|进|给|去)[^。!?\n]{0,8}(?:账户|账号|盘|他|她|对方|平台|公司|老板|万|千|\d|了)"
    r"|\b(?<!n't )(?<!not )(?<!never )(?<!yet )"
    r"(?:wired|sent|transferred|forwarded|gave|paid|handed) (?:it|the money|everything|all of it|all|him|her|them)\b"
)
"""Words by which borrowed money came from other lenders, and went on to a stranger."""
_BORROWED: Final = re.compile(
    r"(?<![没不想要能想朋友他她])(?:借|贷|套|提)(?:了|出来?)[^,。!?;\n我]{0,6}(?:万|千|\d)|微粒贷[^,。!?;\n没不]{0,3}借的|借的[^,。!?;\n]{0,3}微粒贷"
    r"|\bi (?:borrowed|drew|withdrew|took out)\b"
)
"""Words of a loan that was taken."""
_FALSE_ACCOUNT: Final = re.compile(
    r"(?:监管|清算|安全|对公|专用|指定)(?:账户|账号|户头)|冒充|假冒|刷单|网友|网恋|交友|相亲|投资|理财(?!通)|[那的个]盘|[那他的]个?平台|公安|警察"
    r"|陌生|导师|直播间|任务|退费|理赔|租号|发工资|护工|保姆|给[他她]自己|借的[^,。!?;\n]{0,5}(?:转|打|汇)"
    r"|\b(?:safe account|invest\w*|trading|crypto|dating|online|scam\w*|police\w*|officer|hr|refund|platform|boss"
    r"|company|payroll|stranger|mentor|tutor|carer)\b"
)
"""Where only a stranger has money sent, and who is one, so that it can still be stopped."""
_KEPT: Final = re.compile(
    r"[没未](?:有|敢)?(?:往[^,。!?;\n]{0,8})?(?:转|打过|打给|汇)|(?:钱|款)[^,。!?;\n]{0,4}(?<!不)在|要不要转|拦住"
    r"|(?:让|叫|催|要|喊|教)[我俺她他][^,。!?;\n]{0,8}(?:转|打|汇)(?:过去|出去|到|进|给)"
    r"(?![^,。!?;\n]{0,6}了(?:$|[,。!?;\n])|.*(?:照做|[,。]我?(?:就|都|全|已经)?(?:转|打|汇)(?:了|过去)))"
)
"""Words by which borrowed money is still there, or was only asked for."""


class Harm:
    """The checks of what was given and who made contact, with the words of one lexicon."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._bids, self._refused, self._almost, self._weighed = (
            re.compile(one_of(lexicon.words.get(name, ()))) for name in ("bids", "refused", "almost", "weighed")
        )

    def bids(self, text: str) -> bool:
        """Whether somebody asks the person for something anywhere in a text."""
        return self._bids.search(text) is not None

    def given(self, spot: Spot, group: PhraseGroup) -> Verdict:
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
        tail = BROKEN_OFF.sub(" ", text[to : min(to + _TAIL, end)])[:8]
        supposed = _SUPPOSED.search(tail)
        done = _DONE.search(text[at:to] + (tail[: supposed.start()] if supposed else tail)) is not None
        bids = list(self._bids.finditer(text, spot.sentence, to))
        done |= not bids and _BY_THEFT.search(spot.words) is not None
        bidden = bool(bids) and _OWN.search(text, bids[-1].end(), to) is None
        behind = _STILL_ON.sub(" ", text[to : to + _REACH])
        if "了" in spot.words:
            behind = _ENDED.sub(" ", behind)  # 让我开了共享, 马上挂了
        refused = self._refused.search(behind) is not None or (bidden and BROKEN_OFF.search(text, to, end) is not None)
        if _TO_NOBODY.search(text, clause, spot.last_end):
            return DENIED
        if _CLAIMED.search(text, clause, min(at + 20, end)):
            return DENIED
        if bidden and not refused and _FOLLOWED.search(text, to, end):
            return CLEAR
        if bidden and spot.words.isascii() and not _OBEYED.search(spot.words):
            return DENIED if refused else DOUBT
        if done and not (bidden and supposed and supposed[0] not in ",。!?;\n"):
            return DOUBT if bidden and refused else CLEAR
        return DENIED if refused or (bidden and not group.ask) else DOUBT

    def offered(self, spot: Spot, group: PhraseGroup) -> Verdict:
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


def send_on(text: str, hits: list[Hit], contacts: list[Value]) -> None:
    """Note as money too what was borrowed and sent on to a stranger; what an acquaintance got stays a loan."""
    lost = _FALSE_ACCOUNT.search(text) is not None
    given = [hit for hit in hits if hit.question == "safety.given"]
    if contacts and all(kinds == ["borrow_for_others"] for kinds in contacts):
        for hit in given:  # what he was asked to borrow is what he handed on
            if hit.value in (["money"], ["loan", "money"]):
                hit.value = ["loan", "money"] if lost else ["loan"]
    sent = lost or (contacts != [["borrow_for_others"]] and _FROM_OTHERS.search(text))
    if sent and _SENT_ON.search(text) and not _KEPT.search(text):
        for hit in given:  # borrowed at a stranger's bidding, or elsewhere, and sent on
            if hit.value == ["loan"] or (lost and hit.value == ["money"] and _BORROWED.search(text)):
                hit.value, hit.beats = ["loan", "money"], ()
