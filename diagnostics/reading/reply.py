"""Words typed at one question, read as its answer: 第二个, 没有, 好像绑了, 房贷4200 车贷1800, 1986年的.

What fits several answers is none of them: it has to be asked which is meant.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, Final

import msgspec

from diagnostics.evidence import UNKNOWN
from diagnostics.reading import Finding, Reading, Reply, denials, figures
from diagnostics.reading.answers import COMPLAINT, NOW
from diagnostics.reading.corrections import afterthought
from diagnostics.reading.matters import is_of_another
from diagnostics.reading.normalise import fold
from diagnostics.reading.reader import Reader, reader_of
from diagnostics.reading.rows import numbers_in, rows_in
from diagnostics.reading.settle import LISTS
from diagnostics.redaction import mask_numbers
from diagnostics.sanitize import clean

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from diagnostics.evidence import Value
    from diagnostics.knowledge.model import Choice, Knowledge, Line, Question

_HEDGES: Final = (
    r"好像|印象[中里]|(?<!不)可能|应该|大概|也许|估计|似乎|貌似|感觉|没准|说不定|(?<![a-z])(?:maybe|probably|perhaps|possibly"
    r"|i (?:think|guess|believe|suppose)(?: so)?|(?:i )?(?:might|must)(?: have)?)(?![a-z])"
)
_HEDGE: Final = re.compile(_HEDGES)
_AROUND: Final = re.compile(rf"^(?:[我也]?(?:{_HEDGES})[,。 ]*是?[,。 ]*)+|(?:[,。 ]*(?:{_HEDGES}))+(?=[吧了,。 ]*$)")
"""Words around an answer that leave it uncertain."""
_TAIL: Final = " ,。!;:.~了的啊呀呢吧哦嘛啦呗哈诶哎咧嘞哩咯喽噻"
_EDGE: Final = re.compile(r"[,，、;；。:：（）()]|\b(?:or|and)\b|或者?")
"""What parts the words of an option: 有过，已经还清."""
_YES_OPTION: Final = re.compile(r"Yes(?=[,.]|$)")
_NO_OPTION: Final = re.compile(r"No(?=[,.]|$)")
_OPEN: Final = re.compile(r"什么|哪|谁|多久|几|多少|还是")
"""A question that a plain yes or no does not answer."""
_FEW_WORDS: Final = 40
"""Characters of a reply on the first card."""
_WISH: Final = re.compile("想做")
_STILL: Final = re.compile(r"现在|开着|还有")
"""A question that asks about this moment."""
_ONCE: Final = re.compile(r"(?<!没)(?<!没.)(?<!没有.)过(?!期|来)")
_HISTORY: Final = re.compile(r"过(?!期)")
"""A question that asks whether something has ever been."""
_PAST: Final = re.compile(
    r"以前|之前|曾经|原来|原先|从前|上次|上回|那时|当时|小时候|used to|previously|(?<![a-z])was(?![a-z])"
)
_BUT_NOW: Final = re.compile(r"(?<!不)但|不过|可是|(?<![a-z])but(?![a-z])")
_CLAUSES: Final = re.compile(r"(?:[^,，。!！?？;；\n 、]|(?<=[a-z.']) (?=[a-z]))+", re.IGNORECASE)
_MOST_CLAUSES: Final = 12
"""Clauses of a text at a checklist that are looked at."""
_PARTED: Final = re.compile(r"[,。;!?]|(?<=[\u3400-\u9fff]) |但|不过|(?<![a-z])but(?![a-z])")
"""What parts 不清楚 from what is said all the same; 不记得关过 goes on with what is not known."""
_CANNOT_SEE: Final = re.compile(
    r"[我也都 ]{0,3}没(?:什么|啥)?印象了?|[我也都完全根本 ]{0,4}(?:不会|不懂|不知道|不晓得)"
    r"(?:(?:怎么|如何|[在去从]哪里?)+(?:看|查|找|弄|操作|搞|进|点)?|看|查|找|弄|操作|搞|进|点"
    r"|这[些个]|手机|电脑)[啊呀呢吧哦了 ]*"
    r"|(?:i )?(?:can't|cannot|don't know (?:how|where) to) (?:see|check|look|tell|find)(?: it| that)?"
)
_NOT_FOUND: Final = re.compile(
    r"[我也都 ]{0,3}(?:找不到|没找到|没看到|看不到|查不到|[没不]显示)(?:在哪里?|版本号?)?[啊呀呢吧哦了 ]*"
    r"|(?:i )?(?:can't|cannot|couldn't|didn't) find (?:it|that)"
)
_NONE: Final = re.compile(
    r"(?:(?:我|他|她)?(?:什么|啥|一[个条样])?[都也全]?(?:没有?|未|不)"
    r"(?:给|点|[遇碰][到上]|用|做|有|转|发|说|填|装|下载|借|提|是|符合|人|收到|买|交|理他?)?"
    r"(?:过|了|到|的|他|她|人家|对方|呢|啊|咧|嘞|哩|这[种些回]事)*"
    r"(?:(?:啥|什么|任何)(?:东西|信息|资料)?)?[了的啊呢]*[,。! ]*"
    r"|一[个条]都?没有?[,。! ]*|没有[一个条]{0,2}符合的?[,。! ]*"
    r"|(?:无|冇|没得)[,。! ]*)+"
    r"|(?:(?:nothing|none|no|nope|nah|never|neither|not|nobody|no one|noone)"
    r"(?: (?:has|did|yet|so far|at all|any|ever|appl(?:y|ies)|of (?:them|these|those|the above)))*[,.! ]*)+"
)
_ALL: Final = re.compile(
    r"(?:这些|以上|上面|几个|几项|[我也,。! ]){0,3}(?:全都?|都|全部都?|样样都?|每[个样]都)"
    r"(?:用过?|有过?|是|做过?|给过?|选|要|买过?|遇到过?|符合|占|了|的|啊|呢)*[,。! ]*"
    r"|(?:i )?(?:(?:have )?used )?"
    r"(?:all(?: (?:of )?(?:them|these|those))?(?: of the above)?|everything|every one)[.! ]*"
)
_AGREED: Final = re.compile(
    rf"(?:(?:全都?|都|就)?(?:是|对|这样|没错|正确|好|行|可以)[{_TAIL}]*)+|(?:yes|ok|okay|right|fine|good)(?: please)?"
)
_FINE: Final = re.compile(
    r"(?:[我也都全一切]|目前|everything|all|it's| )*"
    r"(?:正常|没(?:什么|啥)?问题|没毛病|挺好|好的|没事|[全都]?不对|没有?(?:一[个条])?(?:对的|(?:上面|以上)?的?(?:这些|情况)*)"
    r"|fine|ok|okay|normal|good)"
    rf"[{_TAIL}]*"
)
_BUT: Final = re.compile(
    r"(?:除了?[^,。!?;]{1,16}(?:都|全)|(?:其[他它余]|别的|剩下|余下)的?[^,。!?;]{0,2}(?:都|全))(?P<none>[没不未])?"
    r"|(?P<not>nothing )?(?:except|but) "
)
"""All of a list but what is named, or nothing but that."""
_NEITHER: Final = re.compile(
    r"(?:以上|这些|上面|我)?的?(?:都|全|哪个都)不(?:是|对|像|符合|算)(?:的|啊|呢)*|没有?(?:一个)?(?:符合|合适|对)的"
    r"|没(?:什么|啥)(?:[想要][^,。]{0,4})?|随便(?:看看|问问)?|nothing(?: in particular)?|just looking"
    r"|none of (?:these|them|the above|those)|neither(?: of them)?|not (?:listed|here)"
)
_DENIED: Final = re.compile(r"[我这它那]?个?(?:不是|并非|(?:it's |is )?not |isn't )[在用]?")
_ALIKE: Final = {"算": "是", "算是": "是"}
_LEFT_OUT: Final = re.compile("[费的也都]{0,2}[没未不]")
_REFUSED: Final = re.compile(r"[没未]|(?<![a-z])(?:no|not|never)(?![a-z])|n't")
_BADLY: Final = frozenset({"safety.contact", "safety.given"})
"""Lists of which nobody means all without a closer look."""
_BARE: Final = ("entry.services_menu", "service.", "account.had_entry_before", "account.closed_service")
"""Answers about Weilidai that bare words give too: 从来没有, 都还完了."""
_AKIN: Final = (*_BARE, "entry.", COMPLAINT)
_ABOUT_IT: Final = ("own_product", "page", "account_page")
_OWED: Final = re.compile(r"欠|\bow(?:e|es|ing)\b")
"""Words of a debt, which no other question is answered with."""


def read_reply(knowledge: Knowledge, question: str, text: str, offered: Collection[str] = ()) -> Reply:
    """Read words typed at one question as its answer: 第二个, 没有, 以前有, 不清楚. `offered`: the options shown."""
    asked = knowledge.questions[question]
    if offered:
        asked = msgspec.structs.replace(asked, value=tuple(one for one in asked.value if one.id in offered))
    return _Words(reader_of(knowledge), asked, text).answer()


def read_complaint(knowledge: Knowledge, text: str) -> Reading:
    """Read a few words as the answer of the first card: 没了. A story that tells nothing is no choice of one."""
    reply = read_reply(knowledge, COMPLAINT, text)
    if reply.value is None or len(reply.quote) > _FEW_WORDS:
        return Reading(reply.quote, [], [])
    return Reading(reply.quote, [Finding(COMPLAINT, reply.value, reply.quote, 0, len(reply.quote), reply.sure)], [])


def read_lines(knowledge: Knowledge, questions: Iterable[str], text: str) -> dict[str, Reply]:
    """Read words typed at a checklist: what each clause names of the one of these questions that it fits best."""
    found: dict[str, Reply] = {}
    for clause in _CLAUSES.findall(mask_numbers(clean(text)))[:_MOST_CLAUSES]:
        words = [_Words(reader_of(knowledge), knowledge.questions[id_], clause) for id_ in questions]
        most = sorted(words, key=_Words.length)[-2:]
        if _plain(reader_of(knowledge), most[-1].said):
            continue
        if most[-1].length() > max(1, most[0].length() if len(most) > 1 else 0):  # 没过期, not 没过 of another line
            found[most[-1].id] = most[-1].by_name()
    return found


def chosen_lines(knowledge: Knowledge, lines: Sequence[Line], text: str) -> dict[str, Value] | None:
    """Return what is answered to the lines of a checklist by their numbers, or to all: none, unknown; else None."""
    if says_unknown(knowledge, text):
        return {line.question: UNKNOWN for line in lines}
    picked = set[int]() if says_none(knowledge, text) else numbers_in(text, len(lines))
    if picked is None:
        return None
    return {line.question: line.tick if at in picked else line.clear for at, line in enumerate(lines, 1)}


def says_none(knowledge: Knowledge, text: str) -> bool:
    """Whether words at a list say that nothing of it applies: 都没有, 都正常, nothing yet."""
    said = fold(clean(text)).strip()
    return bool(_NONE.fullmatch(said) or _FINE.fullmatch(said)) or _plain(reader_of(knowledge), said) == "no"


def says_yes(knowledge: Knowledge, text: str) -> bool:
    """Whether words say a plain yes and nothing else: 是的, 嗯, sure."""
    said = fold(clean(text)).strip()
    return _AGREED.fullmatch(said) is not None or _plain(reader_of(knowledge), said) == "yes"


def says_unknown(knowledge: Knowledge, text: str) -> bool:
    """Whether words say that somebody does not know, or not how to see it, and nothing else."""
    said = fold(clean(text)).strip()
    return _CANNOT_SEE.fullmatch(said) is not None or _unknown(reader_of(knowledge), said) == ""


def besides(knowledge: Knowledge, question: str, reading: Reading, *, answered: bool = True) -> Reading:
    """Return what a text typed at a question says of others: of Weilidai only what names it, or follows an answer.

    从来没有 and 没了 answer the question that was asked and nothing else. `answered`: the text answers that question.
    """
    reader, folded = reader_of(knowledge), fold(reading.input)
    said, first = folded.strip(), _CLAUSES.search(folded)
    akin = question.startswith(_AKIN)
    if _NONE.fullmatch(said) or _plain(reader, said) or _unknown(reader, said) == "":
        return msgspec.structs.replace(reading, readings=[])

    def holds(found: Finding) -> bool:
        if found.id == question or not found.id.startswith(_BARE):
            return found.id != question
        if found.id == "service.owing" and not answered and _OWED.search(folded, found.start, found.end):
            return True
        apart = akin and (not answered or (first is not None and found.start >= first.end()))
        return apart or reader.names(folded[found.start : found.end], *_ABOUT_IT)

    return msgspec.structs.replace(reading, readings=[one for one in reading.readings if holds(one)])


def _plain(reader: Reader, said: str) -> str:
    """Return whether words say a yes or a no and nothing else."""
    polarity, length = reader.answers.polarity(said)
    return polarity if not said[length:].strip(_TAIL) else ""


def _unknown(reader: Reader, said: str) -> str | None:
    """Return what is said behind the words that somebody does not know; None where nobody says so."""
    said = said.lstrip("我也都还 ")
    length = reader.answers.unknown(said)
    if not length:
        return None
    parted = _PARTED.search(said, length - 1)
    return said[parted.end() :].strip(_TAIL) if parted else ""


class _Words:
    """What was typed at one question."""

    def __init__(self, reader: Reader, asked: Question, text: str) -> None:
        self.reader, self.asked, self.id = reader, asked, asked.id
        self.shown = mask_numbers(clean(text)).strip()
        self.folded = fold(self.shown)
        said = _AROUND.sub("", self.folded).strip()
        self.said = _ALIKE.get(said.strip(_TAIL), said)
        self.hedged = _HEDGE.search(self.folded) is not None or denials.NEARLY.search(self.folded) is not None
        self.ids = [choice.id for choice in asked.value]

    @cached_property
    def readings(self) -> list[Finding]:
        """What the words say as a text of their own."""
        return self.reader.read(self.shown).readings

    def answer(self) -> Reply:
        """Return what the words answer; of a correction what follows it, never what was taken back."""
        if self.is_strange():
            return Reply(None, self.shown)
        thought = afterthought(self.folded) if self.id != COMPLAINT or len(self.folded) <= _FEW_WORDS else None
        if thought is None:
            reply = self.reply()
            listed = reply.value and isinstance(reply.value, list)
            stated = not listed and (self._denies_and_states() or self._names_both())
            return msgspec.structs.replace(reply, sure=reply.sure and not (stated or self._of_another()))
        last = _Words(self.reader, self.asked, self.shown[thought.start :]).reply()
        unread = last.value is None and not last.among
        if unread and not thought.adds:
            return Reply(None, self.shown, among=tuple(self.ids))
        if thought.adds:
            first = _Words(self.reader, self.asked, self.shown[: thought.end]).reply()
            if unread:
                return msgspec.structs.replace(first, quote=self.shown, sure=False)
            if isinstance(first.value, list) and isinstance(last.value, list):
                both = [id_ for id_ in self.ids if id_ in (*first.value, *last.value)]
                return Reply(list(both), self.shown, sure=first.sure and last.sure)
        return msgspec.structs.replace(last, quote=self.shown)

    def is_strange(self) -> bool:
        """Whether the words are about something else than what is asked: 没欠钱, where QQ was meant."""
        if self.id == COMPLAINT or not is_of_another(self.id, self.said):
            return False
        bare = self.folded.strip(_TAIL).replace(" ", "")
        own = any(bare in _parts(one, whole=True) for one in self.asked.value)
        return not own and not any(one.id == self.id and one.sure for one in self.readings)

    def _of_another(self) -> bool:
        return self.id.startswith(denials.OWN) and denials.ANOTHER.search(self.said) is not None

    def _denies_and_states(self) -> bool:
        """Whether a denial is followed by a statement of what was asked: 没逾期, 就晚还过两天."""
        first = _CLAUSES.search(self.said)
        if first is None or self.id.startswith("entry.") or not denials.DENIAL.match(self.said):
            return False
        return denials.STATES.search(self.said, first.end()) is not None

    def _names_both(self) -> bool:
        """Whether a clause that denies names one option and a later one another, of the same time: 没重启, 重新登的."""
        if self.asked.type != "choice" or self.id == COMPLAINT or not denials.DENIAL.match(self.said):
            return False
        clauses = [clause for clause in _CLAUSES.findall(self.said) if not (_PAST.search(clause) or NOW.search(clause))]
        named = [self.offered(self.reader.answers.named(self.id, clause))[:1] for clause in clauses[:3]]
        return len({one[0][2] for one in named if one}) > 1

    def reply(self) -> Reply:
        """Return what the words answer."""
        odd = self.shown.isdigit() and not self.shown.isdecimal()  # ²
        if self.ids and not odd and (picked := rows_in(self.said, len(self.ids))):
            values = [self.ids[row - 1] for row in picked]
            if self.id in LISTS:
                return Reply(list(values), self.shown, sure=not self.hedged)
            return self.one_of(values) or Reply(None, self.shown)
        bare = self.folded.strip(_TAIL).replace(" ", "")
        if len(own := [one.id for one in self.asked.value if bare in _parts(one, whole=True)]) == 1:
            return self.chosen(own[0])
        read = [one for one in self.readings if one.id == self.id]
        past = _PAST.search(self.folded) and not _HISTORY.search(self.asked.zh.ask) and self.id != COMPLAINT
        doubtful = read and self.id in LISTS and (read[0].value == [] or denials.KEPT.search(self.said))
        if doubtful and (reply := self.several()).value is not None:
            return reply  # 没人找我, 是我自己找的中介
        unclear = "not_looked" in self.ids and denials.UNCLEAR.search(self.folded)
        if read and read[0].sure and not unclear and not past and self.asked.type not in ("integer", "amount"):
            named = self.by_name() if self.asked.type == "choice" and self.id != COMPLAINT else None
            if named is None or named.value in (None, read[0].value) or self.is_plain():
                return Reply(read[0].value, read[0].quote, sure=True)
            return Reply(None, self.shown, among=(named.value, read[0].value))
        reply = self.unknown() or self.by_kind()
        if reply.value is None and not reply.among and read:
            return Reply(read[0].value, read[0].quote, read[0].sure)
        return reply

    def is_plain(self) -> bool:
        """Whether the words that name an option first are no more than a yes or a no."""
        first = self.offered(self.reader.answers.named(self.id, self.said))[:1]
        return any(_plain(self.reader, self.said[start:end]) for start, end, _ in first)

    def chosen(self, value: str, sure: bool = True) -> Reply:
        """Return one option as the answer."""
        if value not in self.ids:
            return Reply(None, self.shown)
        return Reply([value] if self.id in LISTS else value, self.shown, sure and not self.hedged)

    def one_of(self, values: Iterable[str]) -> Reply | None:
        """Return the answer where one option is left, or the options between which it has to be asked."""
        left = [id_ for id_ in self.ids if id_ in {*values}]
        if len(left) > 1:
            return Reply(None, self.shown, among=tuple(left))
        return self.chosen(left[0]) if left else None

    def unknown(self) -> Reply | None:
        """Return what somebody says who does not know, or not where to look; what he takes it for is asked back."""
        rest = _unknown(self.reader, self.folded)
        cannot = _CANNOT_SEE.fullmatch(self.folded) or (self.asked.type == "text" and _NOT_FOUND.fullmatch(self.folded))
        if "not_looked" in self.ids and denials.UNCLEAR.search(self.folded):
            return Reply(None, self.shown, among=tuple(self.ids))
        if rest is None and not cannot:
            return None
        if rest and ((reply := _Words(self.reader, self.asked, rest).by_kind()).value is not None or reply.among):
            return msgspec.structs.replace(reply, quote=self.shown, sure=False)
        return Reply("not_looked" if cannot and "not_looked" in self.ids else "unknown", self.shown, sure=True)

    def by_kind(self) -> Reply:
        """Return what the words answer to a question of this type."""
        if self.asked.type in ("integer", "amount"):
            reply = figures.figure(self.id, self.said, self.shown)
            return msgspec.structs.replace(reply, sure=reply.sure and not self.hedged)
        if not self.ids:
            return Reply(None, self.shown)
        if self.asked.type == "choices":
            return self.several()
        return self.single() or Reply(None, self.shown)

    def several(self) -> Reply:
        """Return what a list is answered with: some of it, all of it but some, none of it."""
        safe = self.id == "safety.given"
        meant = {
            value for at, end, value in self.reader.answers.named(self.id, self.said)
            if not (safe and denials.secured(self.said, at, end))
        }  # fmt: skip
        named = [value for value in self.ids if value in meant]
        if _NONE.fullmatch(self.said):
            return Reply([], self.shown, not self.hedged)
        if _ALL.fullmatch(self.said):
            return Reply(list(self.ids), self.shown, not self.hedged and self.id not in _BADLY)
        but = _BUT.search(self.said) if named else None
        if but is not None and (but["none"] or but["not"]):
            return Reply(list(named), self.shown, not self.hedged)
        if but is not None:
            left = [id_ for id_ in self.ids if id_ not in named]
            return Reply(list(left), self.shown, not self.hedged and self.id not in _BADLY)
        places = list(self.reader.answers.affirmed(self.id, self.said))
        affirmed = {
            value for at, end, value in places
            if not (_LEFT_OUT.match(self.said, end) or _REFUSED.search(denials.SPLIT.split(self.said[:at])[-1]))
        }  # fmt: skip
        kept = denials.KEPT.search(self.said)
        if kept is not None:
            affirmed &= {
                value for at, _, value in places if not denials.WANTED.search(re.split("[,。!?;]", self.said[:at])[-1])
            }
        if named := [value for value in named if value in affirmed]:
            return Reply(list(named), self.shown, not self.hedged)
        if kept is not None:
            return Reply([], self.shown, not self.hedged)
        polarity, length = self.reader.answers.polarity(self.said)
        first = _CLAUSES.search(self.said)
        if first is not None and not polarity and _NONE.fullmatch(first[0]):
            polarity, length = "no", first.end()  # 没给过啥 就聊了几句
        if polarity == "no":
            return Reply([], self.shown, not self.hedged and not self.turned(self.said, length))
        if self.id in _BADLY and denials.HELD.match(self.said):
            return Reply([], self.shown)
        return self.by_words() or Reply(None, self.shown, among=tuple(self.ids) if polarity else ())

    def turned(self, said: str, length: int) -> bool:
        """Whether words behind a short answer turn it round, or state what a denial has denied."""
        return self.reader.answers.turns(said, length) or denials.STATES.search(said, length) is not None

    def single(self) -> Reply | None:
        """Return the one option that the words name, or say with a yes or a no."""
        bare = self.said.strip(_TAIL).replace(" ", "")
        if len(own := [one.id for one in self.asked.value if bare in _parts(one, whole=True)]) == 1:
            return self.chosen(own[0])
        if len(self.ids) > 2 and _NEITHER.fullmatch(self.said.strip(_TAIL)):
            return Reply("unknown", self.shown, sure=True)
        named = self.by_name()
        if named.value is not None and not (self.is_plain() and self.answers_another()):
            return named
        if shared := self.reader.answers.shared(self.id, self.said):
            return self.one_of(shared)
        return self.in_a_word(bare) or self.by_denial() or self.by_polarity() or self.by_words()

    def in_a_word(self, bare: str) -> Reply | None:
        """Return what a yes or a no alone says, or the first words of an option: 有过."""
        own = [one.id for one in self.asked.value if len(bare) > 1 and bare in _parts(one)]
        plain = _plain(self.reader, self.said) if self.id != COMPLAINT else ""
        if not bare and self.hedged:
            return self.one_of(self.marked("yes")) or self.as_it_is_asked("yes")  # 可能吧
        marked = self.marked(plain) if plain else []
        if plain == "no" and _WISH.search(self.asked.zh.ask):
            return Reply("unknown", self.shown, sure=True)  # wants none of them
        reply = self.one_of([*own, *marked]) if marked or len(own) == 1 else None
        return self.if_still(reply) if reply else None

    def by_denial(self) -> Reply | None:
        """Return what is left where the words deny one option: 不是苹果."""
        denied = _DENIED.match(self.said)
        other = self.reader.answers.named(self.id, self.said[denied.end() :])[:1] if denied else []
        return self.one_of({*self.ids} - {value for _, _, value in other}) if other else None

    def by_polarity(self) -> Reply | None:
        """Return what the first words say that are a yes or a no."""
        since = (_PAST if _HISTORY.search(self.asked.zh.ask) else NOW).sub("", self.said)
        since = since.strip(_TAIL)
        polarity, length = self.reader.answers.polarity(since or ("yes" if _PAST.search(self.said) else ""))
        if not polarity or self.id == COMPLAINT or self.answers_another():
            return None
        turned = self.turned(since, length) if polarity == "no" else self.reader.answers.turns(since, length)
        reply = self.one_of(self.marked(polarity)) or self.as_it_is_asked(polarity)
        return self.if_still(msgspec.structs.replace(reply, sure=reply.sure and not turned)) if reply else None

    def answers_another(self) -> bool:
        """Whether the very first words surely answer another question: never late, where the page was asked for."""
        if _NONE.fullmatch(self.said) or _plain(self.reader, self.said):
            return False
        others = (one for one in self.readings if one.id != self.id)
        return any(one.sure and not one.start and not one.id.startswith(_BARE) for one in others)

    def if_still(self, reply: Reply) -> Reply:
        """Return an answer as uncertain where it says only that something was, and what is asked is how it is now."""
        asked = self.asked.zh.ask
        still = _STILL.search(asked) or (self.said.startswith("有过") and not _HISTORY.search(asked))
        once = still and _ONCE.search(self.said) and not NOW.search(self.said)
        return msgspec.structs.replace(reply, sure=False) if once else reply

    def marked(self, polarity: str) -> list[str]:
        """Return the options that begin with a yes or a no."""
        sign = _YES_OPTION if polarity == "yes" else _NO_OPTION
        return [one.id for one in self.asked.value if sign.match(one.en)]

    def as_it_is_asked(self, polarity: str) -> Reply | None:
        """Return what a yes or a no says where no option is called so; asked back where the question is an open one."""
        is_open = _OPEN.search(self.asked.zh.ask) is not None
        value = self.reader.answers.plain(self.id, polarity)
        if not value or (is_open and len(self.ids) > 4):
            return None
        return self.chosen(value, not is_open and (polarity == "no" or len(self.ids) == 2))

    def length(self) -> int:
        """Return how long the words are that name an option; 0 where none do."""
        found = [] if self.is_strange() else self.offered(self.reader.answers.named(self.id, self.said))
        return max((end - start for start, end, _ in found), default=0)

    def by_name(self) -> Reply:
        """Return the option that the words name; of what holds now, not what once was."""
        named = self.reader.answers.named
        now = NOW.search(self.said)
        if self.id != COMPLAINT and now and (then := self.offered(named(self.id, self.said[now.start() :]))):
            return self.chosen(then[0][2])
        found = self.offered(named(self.id, self.said))
        if not found:
            return Reply(None, self.shown)
        but = _BUT_NOW.search(self.said, found[0][1])
        if self.id != COMPLAINT and but and (then := self.offered(named(self.id, self.said[but.start() :]))):
            return self.chosen(then[0][2], then[0][2] == found[0][2])  # 绑过, 但是解绑了
        if _HISTORY.search(self.asked.zh.ask) or self.id == COMPLAINT or not _PAST.search(self.said):
            return self.if_still(self.chosen(found[0][2]))
        past = [clause.span() for clause in _CLAUSES.finditer(self.said) if _PAST.search(clause[0])]
        present = [one for one in found if not any(start <= one[0] < end for start, end in past)]
        return self.chosen((present or found)[0][2], bool(present))

    def offered(self, named: list[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
        """Return what is named of the options."""
        return [one for one in named if one[2] in self.ids]

    def by_words(self) -> Reply | None:
        """Return the options in whose own words stands what was typed, or with which they begin."""
        bare = self.said.strip(_TAIL)
        if len(bare) < 2:
            return None
        begins = re.compile(rf"{re.escape(bare)}(?![a-z])")
        begin = [one.id for one in self.asked.value if begins.match(fold(one.zh)) or begins.match(fold(one.en))]
        word = re.compile(rf"(?<![a-z没未不])(?<!没有){re.escape(bare)}(?![a-z])")  # ok is no part of look
        within = [one.id for one in self.asked.value if word.search(fold(one.zh)) or word.search(fold(one.en))]
        return self.one_of(begin) or (self.chosen(within[0]) if len(within) == 1 else None)


def _parts(option: Choice, *, whole: bool = False) -> set[str]:
    """Return the words of an option in both languages, folded and without blanks: all of them, or what signs part."""
    texts = [option.zh, option.en] if whole else [part for one in (option.zh, option.en) for part in _EDGE.split(one)]
    return {fold(text).strip(_TAIL).replace(" ", "") for text in texts} - {""}
