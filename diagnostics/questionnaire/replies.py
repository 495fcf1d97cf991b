"""Read a reply to a chat message of numbered questions, such as "1B 2A 第三个不清楚".

Readings are sure only if the reply quotes the message's tag; unclear ones are asked again, never guessed.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from diagnostics.questionnaire.codec import ALIKE
from diagnostics.questionnaire.message import (
    FIRST,
    SECOND,
    Sent,
    letter,
    listed,
    rows_of,
    sent_of,
    values_of,
    write_message,
)
from diagnostics.reading import Finding, Reading, Reply
from diagnostics.reading.additions import added
from diagnostics.reading.normalise import fold
from diagnostics.reading.reader import read_text
from diagnostics.reading.reply import besides, chosen_lines, read_lines, read_reply, says_none
from diagnostics.reading.settle import LISTS
from diagnostics.redaction import mask_numbers
from diagnostics.sanitize import clean

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Literal

    from diagnostics.evidence import Value
    from diagnostics.knowledge.model import Knowledge
    from diagnostics.session import Session

_SEP: Final = r"[\s.、:,)\]=。;\"→>-]*"
_DIGITS: Final = "一二三四五六七八九十"
_NUMBER: Final = rf"(?:\d{{1,2}}|[{_DIGITS}])"
_UNIT: Final = r"(?!\d|%|\s?(?:岁|天|月|日|号(?!题)|年|点|分|次|部|台|万|千|百|块|元|家|笔|个|小时|人|周|m\b))"
_HEAD: Final = re.compile(
    rf"第\s?(?P<nth>{_NUMBER})\s?(?:题|个|道|问|项|条|q)?|(?P<plain>\d{{1,2}})\s?号?题|[q(]\s?(?P<in>\d{{1,2}})\)?(?=\D)"
    rf"|(?P<digit>\d{{1,2}}){_UNIT}|(?P<spelled>[{_DIGITS}])(?=\s?[.、:,]?\s?(?:选\s?)?[a-l](?![a-z]))"
)
"""The number of a question; a bare numeral only where a letter follows, a bare digit only where no unit does."""
_GROUP: Final = re.compile(
    rf"第?\s?(?P<first>{_NUMBER})(?P<more>(?:\s?[、,和跟与及/]\s?第?{_NUMBER})+)\s?(?:题|个)?"
    r"\s?(?:都|均|全)|第?\s?(?P<from>\d{1,2})\s?(?:-|到|至|~)\s?第?(?P<to>\d{1,2})\s?(?:题|个)?\s?(?:都|均|全)"
)
_WORD_BEHIND: Final = r"(?![a-z]|(?<=i)'|(?<=[ai])\s+(?!(?:and|or|but|please|thanks)\b)[a-z']{2})"
"""What must not stand behind a letter that is an answer: i and a with a word behind them are words themselves."""
_LETTERS: Final = re.compile(
    r"(?:[我就要选是答填为改成]{0,4})\s?\"?\(?(?P<all>[a-l](?:[\s,、和&/+]{0,2}[a-l](?![a-z]))*)" + _WORD_BEHIND
)
_HEDGE: Final = re.compile(r"(?:可能|好像|应该|大概|也许|估计|似乎|貌似|感觉|maybe|probably|i think)\s?(?:是|选)?\s?")
_DOUBT: Final = re.compile(r"\s?(?:\?|吗|还是|或|or\b|/(?!\s?\d))")
_NOT: Final = re.compile(
    r"(?:不是|不选|别选|除了|not)\s?[a-l](?![a-z])(?:[,\s]{0,2}(?:而?是|选)\s?(?P<but>[a-l])(?![a-z]))?"
)
_CORRECTED: Final = re.compile(
    r"(?:不对|打错|写错|说错|选错|更正|改成|改为|应该是|sorry|i mean)[\s,.。是选了]*([a-l])(?![a-z])"
)
_CORRECTS: Final = re.compile(r"不对|打错|写错|说错|选错|更正|改|sorry|i mean")
_MEASURE: Final = re.compile(r"[gk](?![a-z0-9])")
"""A letter behind a number that is a unit, unless the question has an option of this letter: 5G, 8k."""
_FRACTION: Final = re.compile(r"\.\d")
_NOTHING: Final = re.compile(r"\s*(?:$|[,。;!])")
_CHOSEN: Final = re.compile(r"[\s.、:]*(?:选|是|就)?\s?")
"""What stands between a question and "the second one" where that is the option."""
_SKIPPED: Final = re.compile(r"\s*(?:跳过|不想说|不方便|不说|略|保密|pass|-{1,3}$|/$)")
_ASKED_BACK: Final = re.compile(r"\s*\?+\s*(?:$|[,。;\s])")
_NONE: Final = re.compile(r"\s*(?:0|零|无|(?:什么|啥)?[也都]?没有?(?:[给做]过?)?|none|no)\s*(?:$|[,。;!\s])")
_OTHERS: Final = re.compile(
    r"(?:其他|其它|其余|剩下|剩余|余下|别的|后面)[的几个题问]{0,3}(?:我|都|全|也|均|,|\s){0,3}"
    r"(?:不太?清楚|不知道|不晓得|不太?确定|不懂|忘了|没注意|\?)"
    r"|(?:the )?(?:rest|others)[\s:,]*(?:i )?(?:don't know|unsure|unknown|\?)"
)
_YES_NO: Final = re.compile(
    r"^(?:qq|微信|钱包|里面?|我|这边?|也|都|是|is |it's ){0,3}"
    r"(?:(?P<no>没有?|off)(?:[开过弄做试绑用呢的了啊]{0,3})|有[的呢了啊过]{0,2})$"
)
"""A bare yes or no with what is put around it."""
_CLAUSE_END: Final = re.compile(r"[。,!;\n]")
_END: Final = re.compile(r"[。!;\n]")
_HELLO: Final = re.compile(
    r"您好|你好|好的|hi\b|hello|谢谢[您你]?|麻烦[您你]?了?|收到|ok\b|我选|我的?回答|答案?|是|选|如下|[\s,.。!:、~]"
)
_NUMBERED: Final = re.compile(rf"(?<![\w.])\d{{1,2}}{_UNIT}{_SEP}[a-l]{_WORD_BEHIND}")
"""A number and a letter: what makes a text look like a reply."""
_TAG: Final = re.compile(rf"(?<![0-9a-z])(#\s?)?([{FIRST.lower()}][{SECOND}][0-9a-z]{{2}})(?![0-9a-z])")


class NumberedReply(msgspec.Struct, frozen=True, kw_only=True):
    """The readings of a reply to one message. `unclear` are questions to ask again."""

    findings: list[Finding]
    """Sure only if the reply quotes the tag of these questions."""
    unclear: list[str]
    rest: str
    """The masked reply with the parts that were read blanked out, of the same length."""


class _Item(NamedTuple):
    """The reading for one question; `value` None: unclear."""

    value: Value | None
    start: int
    end: int
    sure: bool


def read_story(
    knowledge: Knowledge, text: str, answers: Mapping[str, Value], lang: Literal["zh", "en"] = "zh",
    kept: Sequence[Sent] = (),
) -> Reading:  # fmt: skip
    """Read a story, which may be a reply to a message in `kept` or to the one that these answers give.

    A reply is recognised by its tag: of a sent message (the latest last), of the one that these answers give, of the
    first one, or of the page's plain list. One without a tag is read by the latest sent message.
    """
    reading = read_text(knowledge, text)
    folded = fold(reading.input)
    tags = _tags(folded)
    if not kept and not tags and not _NUMBERED.search(folded):
        return reading
    langs: dict[Literal["zh", "en"], None] = dict.fromkeys((lang, "zh", "en"))
    asked = [write_message(knowledge, given, into).sent for given in ((answers, {}) if answers else ({},))
             for into in langs]  # fmt: skip
    readable = [sent for sent in reversed(kept) if all(id_ in knowledge.questions for id_ in sent.questions)]
    messages = [*readable, *(sent for sent in asked if sent is not None), listed(knowledge)]
    own = next((sent for sent in messages if sent.tag in tags), None)
    if own is None and any(tags.values()):
        return msgspec.structs.replace(reading, readings=[_doubted(finding) for finding in reading.readings])
    reply = read_numbered(knowledge, own or messages[0], text)
    if own is not None and own.tag == sent_of(knowledge, own.questions).tag:
        first, second = reply.findings, read_text(knowledge, reply.rest).readings
        taken = {finding.id for finding in first} | set(reply.unclear)
    else:  # the message or version is unknown: words count, numbers must be confirmed
        first, second = reading.readings, [_doubted(finding) for finding in reply.findings]
        taken = {finding.id for finding in first}
    found = [*first, *(finding for finding in second if finding.id not in taken)]
    return msgspec.structs.replace(reading, readings=sorted(found, key=lambda finding: finding.start))


def read_in_session(session: Session, text: str) -> Reading:
    """Read what the person of a session writes, which may be a reply to a message of its case."""
    known = values_of(session.knowledge, session.evidence)
    return added_to(session, read_story(session.knowledge, text, known, session.lang, tuple(session.draft.sent)))


def added_to(session: Session, reading: Reading) -> Reading:
    """Return a reading with its lists added to what the session knows, as the person confirms them."""
    return added(session.knowledge, reading, session.assessment.values)


def read_typed(session: Session, text: str) -> Reading:
    """Read words typed while a question stands: as its answer first, then what else they say."""
    knowledge, part, story = session.knowledge, session.part, read_in_session(session, text)
    if part is None or (session.draft.sent and _NUMBERED.search(fold(text))):
        return story  # a reply to a message that was sent
    if part.checklist:
        chosen = chosen_lines(knowledge, session.lines(), text)
        replies = read_lines(knowledge, part.ids, text) if chosen is None else {
            id_: Reply(value, text, sure=True) for id_, value in chosen.items()
        }  # fmt: skip
    else:
        question = session.question(part.ids[0])
        replies = {question.id: read_reply(knowledge, question.id, text, [choice.id for choice in question.value])}
        if question.id in knowledge.steering and story.about_weilidai:
            return story  # a tale says more than which card it belongs to
    found = [
        Finding(id_, value, reply.quote, 0, 0, reply.sure)
        for id_, reply in replies.items()
        for value in ((reply.value,) if reply.value is not None else () if id_ in LISTS else reply.among)
    ]
    story = besides(knowledge, part.ids[0], story, answered=bool(found))
    told = msgspec.structs.replace(story, readings=[*found, *(one for one in story.readings if one.id not in replies)])
    return told if says_none(knowledge, text) else added_to(session, told)  # 都没有 takes back what was said before


def read_numbered(knowledge: Knowledge, sent: Sent, text: str) -> NumberedReply:
    """Read a reply by the sent questions. Personal numbers are masked first."""
    shown = mask_numbers(clean(text, max(1, len(text))))
    folded = fold(shown)
    quoted = sent.tag in _tags(folded)
    plain = _without_quotes(knowledge, sent, _without_tags(folded, sent.tag))
    reader = _Reader(knowledge, sent, plain)
    found = reader.items()
    rest = [sign if was == now else " " for sign, was, now in zip(shown, folded, plain, strict=True)]
    for start, end in reader.taken:
        rest[start:end] = " " * (end - start)
    for said in read_text(knowledge, "".join(rest)).readings:  # in words, without a number
        if said.id in sent.questions:
            found.setdefault(sent.questions.index(said.id), _Item(said.value, said.start, said.end, said.sure))
            rest[said.start : said.end] = " " * (said.end - said.start)
    for others in reader.others[:1]:
        unknown = _Item("unknown", *others.span(), True)
        found |= {at: unknown for at in range(len(sent.questions)) if at not in found}
    findings = [
        Finding(sent.questions[at], item.value, shown[item.start : item.end].strip(), item.start, item.end,
                item.sure and quoted)
        for at, item in sorted(found.items()) if item.value is not None
    ]  # fmt: skip
    sure = {finding.id for finding in findings if finding.sure}
    unclear = [sent.questions[at] for at in sorted(found) if sent.questions[at] not in sure]
    return NumberedReply(findings=findings, unclear=unclear, rest="".join(rest))


class _Reader:
    """Reads a folded reply, number by number."""

    def __init__(self, knowledge: Knowledge, sent: Sent, text: str) -> None:
        self.knowledge = knowledge
        self.questions = sent.questions
        self.text = text
        self.taken: list[tuple[int, int]] = []
        self.others = list(_OTHERS.finditer(text))
        """Where the person says not to know all others."""

    def items(self) -> dict[int, _Item]:
        """Return the reading for each question, by its index."""
        found: dict[int, _Item] = {}
        heads = list(self._heads())
        for at, (numbers, start, end) in enumerate(heads):
            limit = heads[at + 1][1] if at + 1 < len(heads) else len(self.text)
            for number in numbers:
                item = self._answer(number, start, end, limit)
                if item is None:
                    continue
                before = found.get(number)
                changed = before is not None and before.value != item.value
                if before and changed and not _CORRECTS.search(self.text[before.end : end + 3]):
                    item = item._replace(value=None)
                found[number] = item
                self.taken.append((start, item.end))
        if not heads:
            found = self._unnumbered()
        self.taken += [others.span() for others in self.others]
        return found

    def _heads(self) -> Iterator[tuple[list[int], int, int]]:
        """Yield the indexes of the questions that a number names, and where the number begins and ends."""
        at, last, number = 0, -1, -1
        while at < len(self.text):
            before = self.text[at - 1] if at else " "
            apart = at == last or not (before.isalnum() and before.isascii()) or before in "abcdefghijkl"
            apart = apart or self.text[at] == "第"
            match = (_GROUP.match(self.text, at) or _HEAD.match(self.text, at)) if apart and before != "." else None
            numbers = [place for place in self._numbers(match) if 0 <= place < len(self.questions)] if match else []
            if (
                match is None
                or not numbers
                or (before in "abcdefghijkl" and not self._answered(at))
                or (_MEASURE.match(self.text, match.end()) and not self._offers(numbers[0], self.text[match.end()]))
                or (_FRACTION.match(self.text, match.end()) and numbers[0] != number + 1)  # 8.0, not "4.35" after "3."
                or (before.isalnum() and not before.isascii() and _NOTHING.match(self.text, match.end()))  # 鸿蒙5
                or (last >= 0 and match.groupdict().get("nth") and _CHOSEN.fullmatch(self.text, last, at))
            ):
                at += 1
                continue
            yield numbers, match.start(), match.end()
            at = last = match.end()
            number = numbers[-1]

    def _offers(self, number: int, sign: str) -> bool:
        """Whether a question has an option with this letter, which could be a unit as well: 1K."""
        return ord(sign) - ord("a") < len(self.knowledge.questions[self.questions[number]].value)

    def _answered(self, at: int) -> bool:
        """Whether the letter before this position is an answer, as in "1b2a", not the end of a word."""
        return re.search(r"(?<![a-z])[a-l]+$", self.text[max(0, at - 6) : at]) is not None

    @staticmethod
    def _numbers(match: re.Match[str]) -> list[int]:
        """Return the indexes that a number or a group of numbers names."""
        groups = match.groupdict()
        if groups.get("from"):
            return list(range(_place(groups["from"]), _place(groups["to"]) + 1))
        if groups.get("first"):
            return [_place(groups["first"]), *map(_place, re.findall(_NUMBER, groups["more"]))]
        return [_place(next(one for one in groups.values() if one))]

    def _answer(self, number: int, head: int, start: int, limit: int) -> _Item | None:
        """Return the reading of the text between one number and the next, None if there is none."""
        gap = re.compile(_SEP).match(self.text, start)
        start = gap.end() if gap is not None else start
        piece = self.text[start:limit]
        hedge = _HEDGE.match(piece)
        begin = start + (hedge.end() if hedge else 0)
        refused = _NOT.match(self.text, start, limit)
        if refused is not None and refused["but"]:
            begin = refused.start("but")
        letters = _LETTERS.match(self.text, begin, limit)
        if letters is not None and (refused is None or refused["but"]):
            return self._lettered(number, letters, head, limit, sure=hedge is None)
        end = (_END if self.knowledge.questions[self.questions[number]].value else _CLAUSE_END).search(piece)
        stop = end.start() if end else len(piece)
        words = piece[:stop].strip(' ,、."')[:40]
        return self._worded(number, words, head, start + stop) if words and not _SKIPPED.match(words) else None

    def _lettered(self, number: int, match: re.Match[str], head: int, limit: int, *, sure: bool) -> _Item:
        """Return the reading of lettered options; several only for a question with several choices."""
        question = self.knowledge.questions[self.questions[number]]
        ids = [one.id for one in question.value]
        chosen = list(dict.fromkeys(re.findall("[a-l]", match["all"])))
        end = match.end()
        if corrected := _CORRECTED.search(self.text, end, limit):
            chosen, end = [corrected[1]], corrected.end()
        places = [ord(one) - ord("a") for one in chosen]
        several = question.type == "choices"
        if not ids or max(places) >= len(ids) or (len(places) > 1 and not several):
            return _Item(None, head, end, False)
        value: Value = [ids[place] for place in sorted(places)] if several else ids[places[0]]
        return _Item(value, head, end, sure and not _DOUBT.match(self.text, end))

    def _worded(self, number: int, said: str, head: int, end: int) -> _Item:
        """Return the reading of words, by the reader of typed answers."""
        id_ = self.questions[number]
        question = self.knowledge.questions[id_]
        if _ASKED_BACK.match(said):
            return _Item("unknown", head, end, True)
        if question.type == "choices" and _NONE.match(said):
            return _Item([], head, end, True)
        if _NOT.match(said) or (question.value and re.match(r"[a-z](?![a-z])", said)):
            return _Item(None, head, end, False)
        reply = read_reply(self.knowledge, id_, _YES_NO.sub(lambda match: "没有" if match["no"] else "有", said))
        chosen = self._option(id_, said, whole=reply.value == "unknown")
        if reply.value == "unknown" and re.search(r"(?<![a-z])[a-l](?![a-z])", said):
            return _Item(None, head, end, False)  # "don't know which, B I think"
        if chosen is not None:
            return _Item([chosen] if question.type == "choices" else chosen, head, end, True)
        doubted = _HEDGE.match(said) or re.search(r"\?$|还是|或者", said.split(",")[0].strip())
        return _Item(reply.value, head, end, reply.sure and not doubted)

    def _option(self, id_: str, said: str, *, whole: bool) -> str | None:
        """Return the only option with these words, in either language; with `whole`, they must be all of its words."""
        words = _bare(said)
        found = set()
        for one in self.knowledge.questions[id_].value:
            for text in map(_bare, (one.zh, one.en)):
                rest = words.removeprefix(text)
                if rest != words and not rest.strip("的呢了啊哦呀哈"):
                    return one.id
                if len(words) > 2 and words in text and not whole:
                    found.add(one.id)
        return found.pop() if len(found) == 1 else None

    def _unnumbered(self) -> dict[int, _Item]:
        """Return the readings of a reply without numbers: one answer to one question, or a letter for each in order."""
        bare = _HELLO.sub("", self.text)
        asked = [self.knowledge.questions[id_] for id_ in self.questions]
        if len(asked) == 1:
            item = self._answer(0, 0, 0, len(self.text)) if bare else None
            nth = re.fullmatch(rf"第?({_NUMBER})[个项条]?", bare)
            if nth and asked[0].value and _place(nth[1]) < len(asked[0].value):
                item = _Item(asked[0].value[_place(nth[1])].id, 0, len(self.text), True)
            if item is not None:
                self.taken.append((item.start, item.end))
            return {0: item} if item is not None else {}
        if re.fullmatch("[a-l]{2,}", bare) is None:
            unsure = re.search(r"^(?:都|全|全都|全部)(?:不清楚|不知道|不确定)", bare)
            return {at: _Item("unknown", 0, len(self.text), True) for at in range(len(asked))} if unsure else {}
        fits = len(bare) == len(asked) and all(
            one.type == "choice" and sign < letter(len(one.value)).lower()
            for one, sign in zip(asked, bare, strict=True)
        )
        self.taken.append((0, len(self.text)))
        return {
            at: _Item(one.value[ord(bare[at]) - ord("a")].id if fits else None, 0, len(self.text), fits)
            for at, one in enumerate(asked)
        }


def _bare(text: str) -> str:
    """Return a text folded, without spaces and punctuation."""
    return re.sub(r"[\s,。、;:\"()-]", "", fold(text))


def _place(number: str) -> int:
    """Return the index that a number names."""
    return (int(number) if number.isdigit() else _DIGITS.index(number) + 1) - 1


def _tags(folded: str) -> dict[str, bool]:
    """Return possible tags, and whether each is marked as one by `#`."""
    tags: dict[str, bool] = {}
    for match in _TAG.finditer(folded):
        tag = match[2].upper().translate(ALIKE)
        tags[tag] = tags.get(tag, False) or match[1] is not None
    return tags


def _without_tags(folded: str, own: str) -> str:
    """Blank out tags: those marked by `#`, and the message's own one anywhere."""
    return _TAG.sub(lambda match: " " * len(match[0]) if match[1] or own in _tags(match[0]) else match[0], folded)


def _without_quotes(knowledge: Knowledge, sent: Sent, folded: str) -> str:
    """Blank out quoted questions and options of the message; numbers stay."""
    for text in sorted(rows_of(knowledge, sent), key=len, reverse=True):
        row = fold(text)
        if row in folded:
            folded = folded.replace(row, " " * len(row))
    return folded


def _doubted(finding: Finding) -> Finding:
    return msgspec.structs.replace(finding, sure=False)
