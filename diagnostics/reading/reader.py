"""Read a message, a ticket or a chat: which answers its words give, and which common mistakes they show."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import msgspec

from diagnostics.knowledge.lexicon import load_lexicon
from diagnostics.reading import normalise
from diagnostics.reading.clauses import OWN_TOO, Speakers, Turn, guards, is_article, is_helper
from diagnostics.reading.model import Belief, Finding, Reading, Reply, Value
from diagnostics.reading.normalise import Marker, Marks, fold
from diagnostics.reading.patterns import (
    DENIAL,
    compile_asked,
    compile_groups,
    compile_phrase,
    ordinal,
    plain_number,
    starting,
    versions_said,
)
from diagnostics.redaction import mask_numbers
from diagnostics.sanitize import clean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from diagnostics.knowledge.lexicon import Asked, Lexicon, PhraseGroup
    from diagnostics.knowledge.model import Knowledge
    from diagnostics.reading.patterns import Compiled

LISTS: Final = frozenset({"activity.services", "safety.contact", "safety.given"})
ABOUT_IT: Final = frozenset(
    {"account.had_entry_before", "entry.page_message", "entry.official_account", "service.owing", "service.wish"}
)
"""Questions about this loan; what is said of another one (信用卡额度为0) is no answer."""
_OFFERED: Final = 4
"""Most values of one question that are offered where several were read."""


class Hit(msgspec.Struct):
    """A reading before competing ones are settled."""

    question: str
    value: Value
    start: int
    end: int
    sure: bool
    beats: tuple[str, ...] = ()


def settled(hits: list[Hit], folded: str, shown: str) -> list[Finding]:
    """Settle competing readings: a correction counts, a stronger value wins, else none of them is sure."""
    by_question: dict[str, list[Hit]] = {}
    for hit in sorted(hits, key=lambda one: (one.start, one.end)):
        by_question.setdefault(hit.question, []).append(hit)
    findings: list[Finding] = []
    for question, found in by_question.items():
        if question in LISTS:
            findings += _union(question, found, shown)
            continue
        beaten = {value for one in found if one.sure for value in one.beats}
        kept = [one for one in found if one.value not in beaten] if beaten else found
        if len({str(one.value) for one in kept}) > 1 and (last := _corrected(kept, folded)):
            kept = [last]
        if len({str(one.value) for one in kept if one.sure}) == 1:
            kept = [one for one in kept if one.sure]
        alike: dict[str, Hit] = {}
        for one in kept:
            held = alike.setdefault(str(one.value), one)
            if one.sure and not held.sure:
                alike[str(one.value)] = one
        findings += [
            Finding(question, one.value, shown[one.start : one.end], one.start, one.end, one.sure and len(alike) == 1)
            for one in list(alike.values())[:_OFFERED]
        ]
    return sorted(findings, key=lambda one: one.start)


def _corrected(hits: list[Hit], text: str) -> Hit | None:
    """Return the last reading where the words before it take an earlier one back."""
    last = hits[-1]
    between = text[max(hits[0].end, last.start - 30) : last.start + 4]
    if re.search(r"不对|说错|打错|更正|记错|弄错|应该是|不是.{0,12}是|哦不|sorry|i mean", between):
        return last
    return None


def _union(question: str, hits: list[Hit], shown: str) -> Iterator[Finding]:
    """Yield a list question's values together: the sure ones, else what may be asked back."""
    sure = [one for one in hits if one.sure]
    counted = [one for one in (sure or hits) if one.value] or (sure or hits)
    values: list[str] = []
    dropped = {value for one in counted for value in one.beats}
    for one in counted:
        values += [
            value for value in (one.value if isinstance(one.value, list) else ()) if value not in (*values, *dropped)
        ]
    first = counted[0]
    yield Finding(question, values, shown[first.start : first.end], first.start, first.end, sure=bool(sure))


_LEAST_SUM: Final = 100
"""Yuan a month; what is less is no income and no repayment, but a word like 一起 or a day of the month."""
_SHORTEST: Final = 15
_LONGEST: Final = 240
_OVERLAP: Final = 80
"""Characters read at once: to the end of a sentence; without one, pieces that overlap by more than a phrase is long."""
_SENTENCE_END: Final = re.compile(r"[。!?;\n]+")
_SUMMED: Final = re.compile(r".{0,3}(?:和|加|以及|还有|、|\+).{0,8}\d")
_HIDDEN: Final = re.compile(r"<[^\s<>]{1,12}>")
_ASKS_BACK: Final = re.compile(
    r"(?:吗|么|嘛|吧|呢|没有?|不)[呀啊哦]?\s*[?。!\"]*\s*$|\?\s*$|请问|多少|多大|几[岁笔家个]|哪|还是|是否|有没有|是不是|什么"
    r"|看看|看一下|试试|试一下"
)
_PLACE: Final = re.compile(r"服务|钱包|九宫格|\b(?:services|wallet)\b")
_FIELD: Final = re.compile(r"^[ >-]*(?P<label>[^:\n]{2,16}): *(?P<value>[^\s:][^\n:]{0,15})$", re.MULTILINE)
"""A line of a form: 是否重启: 是."""
_CLAUSE: Final = re.compile(r"[,。!?;:\n ]")
_TURNS: Final = re.compile(r"但|不过|可是|后来|又(?!想|不|要)|只是|然后|除了|but |though|later")
_TURNS_YES: Final = re.compile(rf"{_TURNS.pattern}|早")
"""Words that turn a short answer round: 有过, 早还了. 没有, 早还了 says the same twice."""
_TELLERS: Final = ("self", "kin", "other", "pronoun", "report", "question", "question_in", "asking", "why", "past")
_NO_BELIEF: Final = {"negation", "advertisement"}
"""A common mistake counts also where it is asked, supposed or told; not where it is denied."""
_MOST_VERSIONS: Final = 20
"""Versions read of one text."""
_ENOUGH: Final = 3
"""How often a text must say one answer for sure before no more is read of it: a paste may say it ten thousand times."""


def read_text(knowledge: Knowledge, text: str) -> Reading:
    """Read a text of any length, in linear time; never raises on any text."""
    return reader_of(knowledge).read(text)


def read_reply(knowledge: Knowledge, question: str, text: str) -> Reply:
    """Read words typed at one question as its answer: 第二个, 没有, 以前有, 不清楚."""
    return reader_of(knowledge).reply(knowledge, question, text)


def reader_of(knowledge: Knowledge) -> Reader:
    """Return the reader of this knowledge's phrases, made once."""
    return _reader(knowledge.phrases)


@lru_cache(maxsize=4)
def _reader(folders: tuple[str, ...]) -> Reader:
    return Reader(load_lexicon(folders))


class _Enough:
    """Counts how often each group has said its answer for sure; `done` are the phrases of those that need no more."""

    def __init__(self) -> None:
        self.done: set[int] = set()
        self._times: dict[int, int] = {}

    def again(self, group: int) -> bool:
        """Count once more; whether that is enough."""
        self._times[group] = self._times.get(group, 0) + 1
        return self._times[group] >= _ENOUGH


class Reader:
    """The phrases of one lexicon, compiled."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._index, self._groups = compile_groups(lexicon)
        self._of_group: dict[int, set[int]] = {}
        for index, group in enumerate(self._groups):
            self._of_group.setdefault(id(group), set()).add(index)
        self._also = {(group.question, group.value): group.also for group in lexicon.group if group.also}
        self._asked_index, self._asked = compile_asked(lexicon)
        spoken = {kind: words for kind, words in lexicon.marks.items() if not kind.startswith("speaker")}
        self._marker = Marker(spoken, lexicon.words.get("joints", ()))
        self._speakers = Speakers(lexicon.marks)
        self._replies = {kind: starting(words) for kind, words in lexicon.replies.items()}
        sounds = "|".join(map(re.escape, lexicon.replies.get("opening", ())))
        self._opening = re.compile(rf"(?:(?:{sounds})[ ,。!~]*)+") if sounds else None
        """The sounds with which an answer begins: 哈哈, 不是."""

    def read(self, text: str) -> Reading:
        """Read one text."""
        shown = mask_numbers(clean(text, max(1, len(text))))
        folded = fold(_HIDDEN.sub(lambda found: "○" * len(found[0]), shown))
        marks = self._marker.mark(folded)
        hits: list[Hit] = []
        beliefs: dict[str, Belief] = {}
        turns = self._speakers.turns(folded)
        chat = len(turns) > 1
        if not chat and is_article(folded, marks):
            return Reading(shown, [], [])
        helped = is_helper(folded, marks)
        owned = _as_own(shown, marks) if helped and marks.names("helping") else shown
        asked: list[tuple[Asked, bool]] = []
        enough = _Enough()
        before, versions = "", 0
        for turn in turns:
            if turn.role == "person":
                marks.floor = turn.start
                if asked:
                    hits += self._answers(folded, turn, asked, before)
                hits += self._fields(folded, turn)
                said = list(self._read_turn(folded, marks, turn, beliefs, shown, helped, enough))
                if before and _PLACE.search(before):
                    for hit in said:
                        hit.sure |= hit.question == "entry.services_menu" and turn.certain
                there = any(row.question == "entry.official_account" for row, _ in asked)
                hits += [Hit("entry.official_account", "refused", hit.start, hit.end, hit.sure)
                         for hit in said if hit.question == "entry.page_message"
                         and (there or _on_application_page(marks, hit.start))]  # fmt: skip
                hits += said
                if versions < _MOST_VERSIONS:
                    named = list(self._versions(owned, folded, marks, turn, helped))
                    versions += len(named)
                    hits += named
                asked, before = [], ""
            elif chat:
                asked, before = self._questions(folded, turn), folded[turn.start : turn.end][-200:]
        hits += [
            Hit(question, value, hit.start, hit.end, hit.sure)
            for hit in hits
            for question, value in self._also.get((hit.question, str(hit.value)), {}).items()
        ]
        findings = settled(hits, folded, shown)
        return Reading(shown, findings, list(beliefs.values()))

    def _read_turn(
        self, text: str, marks: Marks, turn: Turn, beliefs: dict[str, Belief], shown: str, helped: bool,
        enough: _Enough,
    ) -> Iterator[Hit]:  # fmt: skip
        """Yield what the phrases find in one turn of the person; `enough` counts what each group has said for sure."""
        seen: set[tuple[int, int, int]] = set()
        for start, end in _windows(text, turn.start, turn.end):
            piece = text[start:end]
            for phrase in self._index.candidates(piece, enough.done):
                group = self._groups[phrase.index]
                for at, to, match in _places(text, piece, start, phrase):
                    if (phrase.index, at, to) in seen:  # read in the piece before, which overlaps
                        continue
                    if end < turn.end and to > end - _OVERLAP:
                        seen.add((phrase.index, at, to))
                    if group.belief:
                        if not guards(marks, at, to, helped, group.allow) & _NO_BELIEF:
                            beliefs.setdefault(group.belief, Belief(group.belief, shown[at:to]))
                            enough.done |= self._of_group[id(group)]
                            break
                    elif hit := self._hit(marks, match, at, to, group, helped, turn):
                        if hit.sure and not group.number and enough.again(id(group)):
                            enough.done |= self._of_group[id(group)]
                        yield hit

    def _versions(self, shown: str, text: str, marks: Marks, turn: Turn, helped: bool) -> Iterator[Hit]:
        """Yield the versions that one turn names; `diagnostics.versions` tells whose and which they are."""
        for question, version, start, end, sure in versions_said(shown, text, turn.start, turn.end):
            against = guards(marks, start, end, helped)
            if not against & {"condition", "question", "other", "rule", "report"}:
                yield Hit(question, version, start, end, sure and turn.certain and "doubt" not in against)

    def _hit(
        self, marks: Marks, match: re.Match[str], at: int, to: int, group: PhraseGroup, helped: bool, turn: Turn
    ) -> Hit | None:
        """Return the reading of one match, or None where a guard forbids it."""
        victim = group.question.startswith("safety.") and marks.names("kin")  # 我妈开了共享: she is who needs help
        against = guards(marks, at, to, helped or victim, group.allow)
        doubt = "doubt" in against
        if against - {"doubt"}:
            return None
        if group.question.startswith(("credit.", "debt.")) and marks.names("product"):
            doubt |= not marks.names("own_product")  # of another product alone, in a text about nothing else
        if group.question.startswith("client.") and marks.has(marks.sentence(at)[0], at, "why"):
            doubt |= not marks.has(marks.sentence(at)[0], to, "self")  # 为什么苹果手机没有
        if group.question == "safety.contact" and marks.names("ad") and not marks.names(*_TELLERS):
            doubt = True  # the advertisement itself, with nobody who tells of it
        if group.question in ABOUT_IT and "product" not in group.allow and marks.is_elsewhere(at, to):
            return None
        value: Value = list(group.values) if group.question in LISTS else group.value
        if group.number:
            read = self._number(match, group)
            if read is None:
                return None
            value, rough = read
            doubt |= rough
        sure = not doubt and not group.ask and turn.certain
        return Hit(group.question, value, at, to, sure, group.beats)

    @staticmethod
    def _number(match: re.Match[str], group: PhraseGroup) -> tuple[Value, bool] | None:
        """Return the number of a match and whether it is only rough."""
        found = normalise.number(match["n"].strip())
        if found is None:
            return None
        rough = normalise.about(match.string, match.start("n"), match.end("n"))
        if group.number == "age":
            return (int(found), rough) if 6 <= found <= 110 and not rough else None
        if group.number == "count":
            rough |= match["n"].strip() == "一"  # 有一笔借款: a loan, not how many
            return (int(found), rough) if 0 <= found <= 100 else None
        if not 0 <= found <= 10_000_000 or _SUMMED.match(match.string, match.end("n")):
            return None  # one sum of several
        if 0 < found < _LEAST_SUM:
            return None  # 工资一起发
        return (int(found) if found == int(found) else found), rough

    def _questions(self, text: str, turn: Turn) -> list[tuple[Asked, bool]]:
        """Return what the last sentences of another speaker's turn ask for, and whether they ask it with a no."""
        piece = text[max(turn.start, turn.end - 400) : turn.end].rstrip()
        return self._asked_for(piece) if _ASKS_BACK.search(piece[-200:]) else []

    def _fields(self, text: str, turn: Turn) -> Iterator[Hit]:
        """Yield what the lines of a form answer: 是否重启: 是."""
        for field in _FIELD.finditer(text, turn.start, turn.end):
            if asked := self._asked_for(field["label"]):
                yield from self._answers(
                    text, Turn("person", *field.span("value"), turn.certain), asked, field["label"]
                )

    def _asked_for(self, piece: str) -> list[tuple[Asked, bool]]:
        """Return what a few words ask for, and whether they ask it with a no."""
        found: list[tuple[int, int, Asked, bool]] = []
        for phrase in self._asked_index.candidates(piece):
            for match in phrase.pattern().finditer(piece):
                negative = re.search(r"没有?|不是|未", piece[max(0, match.start() - 4) : match.end()]) is not None
                negative = negative and "有没有" not in piece and re.search(r"吧\W*$", piece) is not None
                found.append((match.start(), match.end(), self._asked[phrase.index], negative))
        found.sort(key=lambda one: one[1])
        if any(not one[2].bare for one in found):
            found = [one for one in found if not one[2].bare]
        return [
            (asked, negative)
            for start, end, asked, negative in found  # of "要关闭微粒贷吗" not also "关闭过微粒贷吗"
            if not any(at <= start and end <= to and to - at > end - start for at, to, _, _ in found)
        ]

    def _answers(self, text: str, turn: Turn, asked: list[tuple[Asked, bool]], question: str) -> Iterator[Hit]:
        """Yield what the first words of the person's turn answer to the question before."""
        start = turn.start
        while start < turn.end and text[start] in ' \n"':
            start += 1
        if self._opening and (sounds := self._opening.match(text, start, min(turn.end, start + 20))):
            start = sounds.end()
        first = text[start : min(turn.end, start + 40)].split("\n")[0]
        questions = list(dict.fromkeys(one.question for one, _ in asked))
        sure = len(questions) == 1 and turn.certain
        for row, negative in asked[-1:]:
            value: Value | None
            if row.question in ("person.age", "debt.monthly_income", "debt.monthly_repayment", "debt.open_loans"):
                found = re.search(normalise.PATTERN, first)
                if found and (value := plain_number(row.question, found, first)) is not None:
                    rough = normalise.about(first, found.start(), found.end())
                    yield Hit(row.question, value, start + found.start(), start + found.end(), sure and not rough)
                    continue
            if short := self._short(row, first):
                yield Hit(row.question, short[0], start + short[1], start + short[2], sure)
                continue
            polarity, length = self._polarity(first, question)
            if not polarity:
                continue
            value = row.no if polarity == "no" or negative else row.yes
            sure = (
                sure
                and value not in row.doubt
                and not (_TURNS_YES if value == row.yes else _TURNS).search(first, length)
            )
            if value:
                yield Hit(row.question, [value] if row.question in LISTS else value, start, start + length, sure)

    def _short(self, row: Asked, first: str) -> tuple[str, int, int] | None:
        """Return the value that words of a reply name, and where they stand in it."""
        for say, value in row.answers.items():
            if found := compile_phrase(say, self._lexicon.words).pattern().search(first):
                return value, *found.span()
        return None

    def _polarity(self, first: str, question: str = "") -> tuple[str, int]:
        """Return whether the first words say yes or no, and how long they are."""
        for polarity in ("unknown", "no", "yes"):
            if (pattern := self._replies.get(polarity)) and (found := pattern.match(first)):
                return ("" if polarity == "unknown" else polarity), found.end()
        echo = _CLAUSE.split(first, 1)[0].rstrip("的啊呢了")
        if len(echo) > 1 and echo in question and "还是" not in question and not echo.isdigit():
            return "yes", len(echo)  # 稳定吗? 稳定
        if len(echo) > 2 and echo[0] in "不没" and echo[1:] in question and "还是" not in question:
            return "no", len(echo)
        for polarity in ("no", "yes") if question else ():
            for word in self._lexicon.replies.get(polarity, ()):
                rest = _CLAUSE.split(first.removeprefix(word), 1)[0].rstrip("了的过啊呢吧")
                if first.startswith(word) and len(word) < 3 and 0 < len(rest) < 7 and rest in question:
                    return polarity, len(word) + len(rest)
        return "", 0

    def reply(self, knowledge: Knowledge, question: str, text: str) -> Reply:
        """Read words typed at one question."""
        shown = mask_numbers(clean(text)).strip()
        folded = fold(shown)
        asked = knowledge.questions[question]
        if (unknown := self._replies.get("unknown")) and unknown.match(folded):
            return Reply("unknown", shown, sure=True)
        ids = [choice.id for choice in asked.value]
        if ids and (value := ordinal(folded, ids)) is not None:
            return Reply([value] if question in LISTS else value, shown, sure=True)
        said = [one for one in self.read(shown).readings if one.id == question]
        if said and said[0].sure:
            return Reply(said[0].value, said[0].quote, sure=True)
        if asked.type in ("integer", "amount"):
            numeric = re.search(normalise.PATTERN, folded)
            plain = plain_number(question, numeric, folded) if numeric else None
            if plain is not None and numeric is not None:
                exact = not normalise.about(folded, numeric.start(), numeric.end())
                return Reply(plain, numeric[0].strip(), sure=exact)
        polarity, length = self._polarity(folded)
        rows = [row for row in self._lexicon.asked if row.question == question]
        if ids:
            value = next((row.yes if polarity == "yes" else row.no for row in rows), "") if polarity else ""
            named = [short[0] for row in rows if (short := self._short(row, folded))]
            value = named[0] if named else value
            plain_words = bool(named) or not _TURNS.search(folded, length)
            if value in ids:
                return Reply([value] if question in LISTS else value, shown, sure=plain_words)
            if question in LISTS and polarity == "no":
                return Reply([], shown, sure=plain_words)
            matching = [one.id for one in asked.value if folded in fold(one.zh) or folded in fold(one.en)]
            if len(folded) >= 2 and len(matching) == 1:
                return Reply([matching[0]] if question in LISTS else matching[0], shown, sure=True)
        if said:
            return Reply(said[0].value, said[0].quote, sure=False)
        return Reply(None, shown, sure=False)


def _on_application_page(marks: Marks, at: int) -> bool:
    """Whether a message stood on the application page of the official account: the last place named before it."""
    places = marks.between(max(marks.floor, marks.sentence(at)[0]), at, "account_page", "page")
    return bool(places) and places[-1][2] == "account_page"


def _as_own(text: str, marks: Marks) -> str:
    """Return the text with the relative for whom it is written named as the person, unless both have theirs."""
    if OWN_TOO.search(text):
        return text
    signs = list(text)
    for start, end, _ in marks.between(0, len(text), "kin", "pronoun"):
        signs[start:end] = "我" * (end - start)
    return "".join(signs)


def _places(text: str, piece: str, start: int, phrase: Compiled) -> Iterator[tuple[int, int, re.Match[str]]]:
    """Yield where a phrase stands in a piece of the text that begins at `start`, without the signs around it."""
    for match in phrase.pattern().finditer(piece):
        at, to = start + match.start(), start + match.end()
        while at < to and text[at] in ' ,。!?\n"':
            at += 1
        if phrase.denies or not DENIAL.search(piece, match.start(), match.end()):
            yield at, to, match


def _windows(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Cut a turn into pieces that end with a sentence where one ends, else overlap."""
    at = start
    while at < end:
        found = _SENTENCE_END.search(text, min(at + _SHORTEST, end), min(at + _LONGEST, end))
        if found:
            yield at, found.end()
            at = found.end()
        else:
            yield at, min(end, at + _LONGEST + _OVERLAP)
            at += _LONGEST
