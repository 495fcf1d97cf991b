"""What somebody saw of the entry, clause by clause: a place that was named stays the place of what is said next.

服务从上划到下, 理财通和保险都在, 独独没它: no phrase spans that. A clause is held against a small grammar as a whole
(who, how, the entry or a word for it, and that it is there, not there or gone), so that other words say nothing.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import msgspec

from diagnostics.knowledge.lexicon import PhraseGroup
from diagnostics.reading.normalise import one_of
from diagnostics.reading.patterns import words_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from diagnostics.reading.normalise import Marks, Turn

_SIGNS: Final = ' ,。.!?;:\n"()'
_HINT: Final = re.compile(r"[没无冇缺少差见失消蒸掉飞撤着在有影漏丢溜吞收匿去]|不[显出现]")
"""A sign without which a clause says nothing of the entry."""
_LOOK: Final = (
    r"(?:[看翻找瞅瞧寻划拉滑扒捋点搜瞄瞪查数](?![不没])[开进遍过了完来去]*(?:老?半天|又[看找翻]"
    r"|[一二两三四五六七八九十几数好多]+[遍回次圈趟通]|到[底头尾下]|个遍|最?底下?)*[了过]*)"
)
"""How somebody looked: 看了三遍, 翻到底."""
_LOOKING: Final = re.compile(
    r"[看翻找瞅瞧寻划拉滑扒捋点搜瞄瞪查蹲盯数]|打开|进[去了]|能开|[遍圈底]|理财|信用卡还款|充值|缴费|医[保疗]|保险"
    r"|零钱|出行|都在|[样全]有"
)
"""A clause of somebody who looks, or lists what else is there; it leaves the place as it was."""
_TOPIC: Final = re.compile(
    r"逾期|实名|绑|学生|注销|关[过闭掉]|[查冻]封|冻结|限制|骗|客服|[来打]电话|邀请|短信|征信|负债|收入|工资|青少年|关怀|[重更]新|升级|重启|退出"
    r"|密码|验证|提示|弹|额度"
)
"""Words of another matter, of which a bare no may be said."""
_OTHER_PLACE: Final = re.compile(
    r"企业微信|支付宝|公众号|官方号|服务号|小程序|应用商店|浏览器|网页|app|同事|朋友(?!圈)|邻居|qq(?:群|空间|音乐|邮箱|等级|会员)"
)
_OTHER_DEVICE: Final = re.compile(
    r"电脑|平板|ipad|手表|[别其另][的他它一外][^,]{0,2}手机|[旧老]手机|备用机|(?:手机|机子|机)上?登|登[^,]{0,8}(?:手机|机子|机)"
)
"""Another place than those of the entry, or another device than the one in use."""
_THEN: Final = re.compile(r"前(?![面边])|那会|那时|时候|原[来本先]|本来|曾")
"""Words of another time, in which the entry was there."""
_NOT_YET: Final = re.compile(
    r"(?:昨[天晚日]|前[天几些阵]|上个?(?:周|月|礼拜|星期)|[去前]年|之前|以前|原[来先本]|先前|那会儿?|那时)[^,]{0,6}(?:都|也)?还?(?:没|冇|木有)"
)
"""Words of a time in which the entry was not there yet."""
_ICON: Final = re.compile("图标|入口")
_BARELY: Final = re.compile("[^在的]?有$")
_REACH: Final = 48
"""Characters of a clause that are held against the grammar."""


class Sighting(msgspec.Struct, frozen=True):
    """What a clause says of the entry: the answer, as a group of phrases gives it, and where it stands."""

    group: PhraseGroup
    start: int
    end: int


class _Clause(msgspec.Struct, frozen=True):
    """A clause without the signs around it, where it stands, and the places of the entry that it names."""

    words: str
    start: int
    end: int
    named: list[re.Match[str]]


class _SoFar(msgspec.Struct):
    """What the clauses before leave: the place, whether the last one told of the entry, and what waits.

    `waits`: that it is not there, of a place yet to be named; `was`: that it was there, until it is told what is now.
    """

    place: str = ""
    astray: bool = False
    """Whether another place or device was named."""
    told: bool = False
    in_qq: bool = False
    """Whether a clause told of the entry in QQ, beside which WeChat alone names the place."""
    waits: Sighting | None = None
    was: Sighting | None = None


def _group(question: str, value: str, *allow: str) -> PhraseGroup:
    return msgspec.convert({"phrases": (), "question": question, "value": value, "allow": allow}, PhraseGroup)


_ANSWERS: Final = {
    (place, state, named): _group(question, value, *also, *(("product",) if named else ()))
    for place, question in (("services", "entry.services_menu"), ("qq", "entry.qq_wallet"))
    for state, value, *also in (("none", "not_shown"), ("gone", "not_shown", "past"), ("there", "shown"))
    for named in (True, False)
}
_BEFORE: Final = _group("account.had_entry_before", "yes", "past")


class Sightings:
    """The grammar of clauses about the entry, from the words of one lexicon."""

    def __init__(self, words: Mapping[str, tuple[str, ...]]) -> None:
        def some(item: str, most: int = 0, more: str = "") -> str:
            one = f"(?>{one_of(words_of(item, words, item))}{more})"
            return one + (f"{{0,{most}}}" if most else "")

        name = (
            f"(?:(?:那个|这个|这|那|个)?{some('{wld}')}[的那这个]?(?:{some('{icon}|{cell}')})?"
            f"|{some('{icon}|{it}|{cell}')})"
        )
        fill = some("{adv}|{manner}|{spots}|,", 9, f"|{_LOOK}")
        tail = some("{tails}", 4) + "$"
        rows = r"|第[一二三四五六七八九十\d]{1,2}[行排个格列页]"
        there = f"(?:{some('{sits}|{there}|有的|是有|有|在')}{some('{spots}', 3, rows)})"
        gone = f"(?!弄?丢|不见(?![了啦咯])){some('{gone}')}"
        since = some("{since}", 2)
        state = (
            f"(?:(?P<gone>{since}{some('{adv}|{manner}', 2)}{gone})"
            f"|(?P<none>{some('{none}|{away}')}){name}?|{some('{lacking}')}(?P<lacks>{name})"
            f"|(?P<there>{there}){name}?)"
        )
        wallet = f"{some('{qq}')}[^,。微服]{{0,3}}钱包|{some('{qq}')}"
        page = f"(?<!售后)(?<!客户)(?<!公共)(?:{some('{page}')}|支付[页那里])(?![费号器区员态商热站])"
        where = some("{place}|{spots}|页面|那块", 3)
        self._bare = re.compile(f"{some('{leads}', 3)}{fill}(?P<name>{name})?{fill}{state}{tail}")
        self._placed = re.compile(f'(?:{wallet}|{page})页?面?"?{where}{fill}(?P<name>{name})?{fill}{state}{tail}')
        self._weixin = re.compile(
            f"微信(?!支付)(?:钱包)?{where}更?{fill}(?:{name})?{fill}(?:{some('{none}|{away}')}){name}?{tail}"
        )
        self._sits = re.compile(f"(?P<name>{name}){fill}{some('{sits}')}我?[的那]?(?:{page}){where}{tail}")
        self._was = re.compile(
            f"{some('{leads}', 3)}(?P<name>{name})?{fill}{some('{before}')}{fill}{name}?{fill}"
            f"(?:{there}|{some('{had}')}|用得?好好)[过着的]*{name}?{some('{spots}', 2)}{tail}"
        )
        self._lacks = re.compile(
            f"(?:{some('{wld}')}(?:{some('{icon}|{cell}')})?|{_LOOK}){fill}{some('{none}|{away}|{gone}')}{tail}"
        )
        self._lost = re.compile(f"{name}(?:[、和跟][^,。、]{{1,8}}?)?{fill}{gone}{tail}")
        self._places = re.compile(f"{wallet}|{page}")

    def of(self, marks: Marks, turn: Turn) -> Iterator[Sighting]:
        """Yield what the clauses of one turn say of the entry."""
        if not marks.names("own_product", "page"):
            return
        so_far, held = _SoFar(), list[Sighting]()
        start = turn.start
        for end in [*marks.clauses(turn.start, turn.end), turn.end]:
            words = marks.text[start:end].strip(_SIGNS)
            first = marks.text.find(words, start)
            last, start = first + len(words), end
            if not words or marks.text[last : last + 1] == "?":
                so_far.told = False
                continue
            clause = _Clause(words, first, last, [*self._places.finditer(words)])
            seen = list(self._clause(so_far, marks, clause))
            if clause.named or not any(one.group.value == "not_shown" for one in seen):
                yield from held  # 服务里有微粒贷, 前几天没了: it is not there
            held = [one for one in seen if one.group.value == "shown"]
            yield from (one for one in seen if one not in held)
        yield from held

    def _clause(self, so_far: _SoFar, marks: Marks, clause: _Clause) -> Iterator[Sighting]:
        words, named = clause.words, clause.named
        elsewhere = _OTHER_DEVICE.search(words) is not None or (_OTHER_PLACE.search(words) and not named)
        if so_far.in_qq and not named and self._weixin.match(words):
            so_far.place, so_far.waits, so_far.was = "services", None, None
            yield Sighting(_ANSWERS["services", "none", False], clause.start, clause.end)  # QQ里没有, 微信也没有
            return
        if elsewhere or (so_far.place == "qq" and "微信" in words and not named):
            so_far.place, so_far.astray = "", True
        elif named:
            so_far.place = "qq" if named[-1][0][0] in "q扣企手" else "services"
        if elsewhere or not _HINT.search(words):
            yield from self._other(so_far, marks, clause, told=False)
        elif past := self._was.match(words[-_REACH:]):
            so_far.was = Sighting(_BEFORE, clause.start, clause.end)
            if so_far.told or past["name"]:
                yield so_far.was
                so_far.was = None
        elif found := self._found(clause):
            yield from self._seen(so_far, clause, found)
        else:
            yield from self._other(so_far, marks, clause, told=True)

    def _found(self, clause: _Clause) -> re.Match[str] | None:
        """Return how the grammar takes a clause, from the last place that it names on."""
        words = clause.words
        if not clause.named:
            return self._bare.match(words) if len(words) < _REACH else None
        at = clause.named[-1].start()
        return self._placed.match(words[: at + _REACH], at) or self._sits.search(words[-_REACH:])

    @staticmethod
    def _seen(so_far: _SoFar, clause: _Clause, found: re.Match[str]) -> Iterator[Sighting]:
        """Yield what a clause of the grammar says."""
        parts = {"gone": None, "none": None, "lacks": None, **found.groupdict()}
        there = not (parts["gone"] or parts["none"] or parts["lacks"])
        thing = parts["name"] is not None or parts["lacks"] is not None
        if so_far.was is not None and parts["none"]:
            yield so_far.was
        if parts["gone"] and so_far.place != "qq" and (thing or so_far.place or so_far.told):
            yield Sighting(_BEFORE, clause.start, clause.end)
        so_far.told, so_far.waits, so_far.was = True, None, None
        if not there and not parts["gone"] and _NOT_YET.search(clause.words):
            return  # 昨天还没呢
        place, state = so_far.place, "there" if there else "gone" if parts["gone"] else "none"
        so_far.in_qq |= place == "qq"
        seen = Sighting(_ANSWERS[place or "services", state, thing], clause.start, clause.end)
        if not there:
            if place:
                yield seen
            else:
                so_far.waits = seen
        elif _THEN.search(clause.words):
            yield Sighting(_BEFORE, clause.start, clause.end)
        elif not place and not so_far.astray and thing and _ICON.search(clause.words):
            yield seen
        elif place and not clause.words.startswith("我的") and (thing or not _BARELY.search(clause.words)):
            yield seen  # 她的没有, 我的有: of hers

    def _other(self, so_far: _SoFar, marks: Marks, clause: _Clause, *, told: bool) -> Iterator[Sighting]:
        """Yield what the end of any other clause says, and what was said before of the place that it names."""
        words, named = clause.words, clause.named
        lost = self._lost.search(words) if told else None
        if lost is not None:
            yield Sighting(_BEFORE, clause.start + lost.start(), clause.end)
        if told and so_far.place and (lacks := self._lacks.search(words[-_REACH:])):
            yield Sighting(_ANSWERS[so_far.place, "none", True], clause.end - len(lacks[0]), clause.end)
        if so_far.waits is not None and so_far.place == "services" and named and _LOOKING.search(words):
            yield so_far.waits
        so_far.waits = None
        so_far.told = lost is not None or bool(named) or marks.has(clause.start, clause.end, "own_product")
        if not named and (_TOPIC.search(words) or not _LOOKING.search(words)):
            so_far.place = ""
