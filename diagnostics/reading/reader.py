"""Read a message, a ticket or a chat: which answers its words give, and which common mistakes they show."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import msgspec

from diagnostics.clean import clean
from diagnostics.knowledge.lexicon import PhraseGroup, load_lexicon
from diagnostics.reading import numbers
from diagnostics.reading.marks import Marker, Marks
from diagnostics.reading.model import Belief, Finding, Reading, Reply, Value
from diagnostics.reading.normalise import fold
from diagnostics.reading.phrases import compile_asked, compile_groups
from diagnostics.reading.turns import Speakers, Turn
from diagnostics.reading.versions_said import versions_said
from diagnostics.redaction import mask_numbers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from diagnostics.knowledge.lexicon import Asked, Lexicon
    from diagnostics.knowledge.model import Knowledge

_SHORTEST: Final = 15
_LONGEST: Final = 240
_OVERLAP: Final = 80
"""Characters read at once: to the end of a sentence; without one, pieces that overlap by more than a phrase is long."""
_SENTENCE_END: Final = re.compile(r"[。!?;\n]+")
_NEGATED: Final = re.compile(
    r"(?:没有?|木有|(?<![是会能可要行知])不(?:是|会|能|用|想|要|敢)?|未|从未|别|不要|并非|无|never |not |n't |no )\s?$"
)
_CLOSED: Final = re.compile(r"[呀啊呢吗么吧哦][ ,。!?]*$|\?")
_SUMMED: Final = re.compile(r".{0,3}(?:和|加|以及|还有|、|\+).{0,8}\d")
_HIDDEN: Final = re.compile(r"<[^\s<>]{1,12}>")
_ASKS_BACK: Final = re.compile(r"(?:吗|么|嘛|吧|呢|没有?|不)[呀啊哦]?\s*[?。!\"]*\s*$|\?\s*$|请问|多少|多大|几[岁笔家个]|哪|是否|有没有|是不是|什么|看看|看一下|试试|试一下")
_LAST_QUESTION: Final = re.compile(r"[^。!?;\n]*(?:[。!?;]*)\s*$")
_ENOUGH: Final = 3
"""How often a text must say one answer for sure before no more is read of it: a paste may say it ten thousand times."""
_OFFERED: Final = 4
"""Most values of one question that are offered where several were read."""
LISTS: Final = frozenset({"activity.services", "safety.contact", "safety.given"})


_VERSION: Final = PhraseGroup(phrases=(), question="wechat.version")


class _Hit(msgspec.Struct):
    """A reading before competing ones are settled."""

    question: str
    value: Value
    start: int
    end: int
    sure: bool
    beats: tuple[str, ...] = ()


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


class Reader:
    """The phrases of one lexicon, compiled."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._index, self._groups = compile_groups(lexicon)
        self._asked_index, self._asked = compile_asked(lexicon)
        self._marker = Marker({kind: words for kind, words in lexicon.marks.items() if not kind.startswith("speaker")})
        self._speakers = Speakers(lexicon.marks)
        self._replies = {kind: _starts(words) for kind, words in lexicon.replies.items()}

    def read(self, text: str) -> Reading:
        """Read one text."""
        shown = mask_numbers(clean(text, max(1, len(text))))
        folded = fold(_HIDDEN.sub(lambda found: "○" * len(found[0]), shown))
        marks = self._marker.mark(folded)
        hits: list[_Hit] = []
        beliefs: dict[str, Belief] = {}
        turns = self._speakers.turns(folded)
        chat = len(turns) > 1
        helped = self._is_helper(folded, marks)
        asked: list[tuple[Asked, bool]] = []
        enough: dict[int, int] = {}
        for turn in turns:
            if turn.role == "person":
                if asked:
                    hits += self._answers(folded, turn, asked)
                said = list(self._read_turn(folded, marks, turn, beliefs, shown, helped, enough))
                if any(row.question == "entry.official_account" for row, _ in asked):
                    hits += [_Hit("entry.official_account", "refused", hit.start, hit.end, hit.sure)
                             for hit in said if hit.question == "entry.page_message"]  # fmt: skip
                hits += said
                hits += self._versions(shown, folded, marks, turn, helped)
                asked = []
            elif chat:
                asked = self._questions(folded, turn)
        findings = _settled(hits, folded, shown)
        return Reading(shown, findings, list(beliefs.values()))

    def _read_turn(
        self, text: str, marks: Marks, turn: Turn, beliefs: dict[str, Belief], shown: str, helped: bool,
        enough: dict[int, int],
    ) -> Iterator[_Hit]:  # fmt: skip
        """Yield what the phrases find in one turn of the person; `enough` counts what each group has said for sure."""
        seen: set[tuple[int, int, int]] = set()
        for start, end in _windows(text, turn.start, turn.end):
            piece = text[start:end]
            for phrase in self._index.candidates(piece):
                group = self._groups[phrase.index]
                if enough.get(id(group), 0) >= _ENOUGH:
                    continue
                for match in phrase.pattern().finditer(piece):
                    at, to = start + match.start(), start + match.end()
                    while at < to and text[at] in ' ,。!?\n"':
                        at += 1
                    if (phrase.index, at, to) in seen:  # read in the piece before, which overlaps
                        continue
                    if end < turn.end and to > end - _OVERLAP:
                        seen.add((phrase.index, at, to))
                    if group.belief:
                        if "negation" not in self._guards(marks, at, to, group, helped) - set(group.allow):
                            beliefs.setdefault(group.belief, Belief(group.belief, shown[at:to]))
                            enough[id(group)] = _ENOUGH
                            break
                    elif hit := self._hit(marks, match, at, to, group, helped, turn):
                        enough[id(group)] = enough.get(id(group), 0) + (0 if group.number else hit.sure)
                        yield hit
                        for question, value in group.also.items():
                            yield _Hit(question, value, at, to, hit.sure)

    def _versions(self, shown: str, text: str, marks: Marks, turn: Turn, helped: bool) -> Iterator[_Hit]:
        """Yield the versions that one turn names; `diagnostics.versions` tells whose and which they are."""
        for question, version, start, end, sure in versions_said(shown, text, turn.start, turn.end):
            guards = self._guards(marks, start, end, _VERSION, helped)
            if not guards & {"condition", "question", "other", "rule", "report"}:
                yield _Hit(question, version, start, end, sure and turn.certain and "doubt" not in guards)

    def _hit(
        self, marks: Marks, match: re.Match[str], at: int, to: int, group: PhraseGroup, helped: bool, turn: Turn
    ) -> _Hit | None:
        """Return the reading of one match, or None where a guard forbids it."""
        guards = self._guards(marks, at, to, group, helped) - set(group.allow)
        doubt = "doubt" in guards
        if guards - {"doubt"}:
            return None
        value: Value = list(group.values) if group.question in LISTS else group.value
        if group.number:
            read = self._number(match, group)
            if read is None:
                return None
            value, rough = read
            doubt |= rough
        sure = not doubt and not group.ask and turn.certain
        return _Hit(group.question, value, at, to, sure, group.beats)

    @staticmethod
    def _number(match: re.Match[str], group: PhraseGroup) -> tuple[Value, bool] | None:
        """Return the number of a match and whether it is only rough."""
        found = numbers.number(match["n"].strip())
        if found is None:
            return None
        rough = numbers.about(match.string, match.start("n"), match.end("n"))
        if group.number == "age":
            return (int(found), rough) if 6 <= found <= 110 and not rough else None
        if group.number == "count":
            return (int(found), rough) if 0 <= found <= 100 else None
        if not 0 <= found <= 10_000_000 or _SUMMED.match(match.string, match.end("n")):
            return None  # one sum of several
        return (int(found) if found == int(found) else found), rough

    def _guards(self, marks: Marks, at: int, to: int, group: PhraseGroup, helped: bool) -> set[str]:
        """Return the guards that stand against a match, and `doubt` where it may only be asked back."""
        found: set[str] = set()
        text = marks.text
        sentence, sentence_end = marks.sentence(at)
        clause, clause_end = marks.clause(at)
        last_clause, last_end = marks.clause(max(at, to - 1))
        if _NEGATED.search(text[max(clause, at - 6) : at]):
            found.add("negation")
        if marks.has(sentence, to, "condition") or marks.has(last_clause, last_end, "condition_after"):
            found.add("condition")
        if asked := self._asked_about(marks, sentence, at, to):
            found.add(asked)
        if marks.has(sentence, at, "report"):
            after = marks.between(sentence, at, "report")[-1][1]
            if not marks.has(after, to, "self"):
                found.add("report")
        if marks.has(clause, at, "wish"):
            found.add("wish")
        if marks.has(clause, last_end, "rule"):
            found.add("rule")
        found |= self._time(marks, clause, at, to)
        found |= self._who(marks, sentence, at, to, helped)
        if self._topic_is_other(marks, sentence, at, to):
            found.add("product")
        return found

    def _asked_about(self, marks: Marks, sentence: int, at: int, to: int) -> str:
        """Tell whether a match is what is asked (`question`), stands near it (`doubt`), or neither."""
        clause, _ = marks.clause(at)
        last, end = marks.clause(max(at, to - 1))
        if marks.has(clause, to, "question", "question_in", "how"):
            return "question"
        if asked := marks.between(sentence, clause, "question"):
            _, stop = marks.clause(asked[-1][0])
            if not _CLOSED.search(marks.text[max(0, stop - 3) : stop]):
                return "doubt"  # 是不是逾期了, 征信花了: the question may go on
        own = marks.has(clause, to, "self")
        if marks.has(to, end, "question", "question_in"):
            return "" if own else "doubt"  # 银行卡没绑是不是不行
        asks = self._ends_asking(marks.text, last, end)
        if not asks or (asks == "?" and marks.has(sentence, end, "why")):
            return ""
        if marks.has(to, end, "modal"):
            return "" if own else "doubt"  # 我是学生能开吗: the fact stands before what is asked
        return "doubt" if asks == "?" else "question"

    @staticmethod
    def _ends_asking(text: str, start: int, end: int) -> str:
        """Return how a clause asks at its end: `吗`, `?` alone, or not at all."""
        tail = text[max(start, end - 8) : end]
        mark = "?" in tail or text[end : end + 1] == "?"
        tail = tail.rstrip(" ,。!?;\n\"")
        if re.search(r"(?:吗|嘛|(?<![什怎那这多要])么|[能可行会要以开]不|(?<=[系能过开到])没)[呀啊哦呢的]?$", tail):
            return "吗"
        if re.search(r"吧[呀啊]?$", tail):
            return "吗"
        return "?" if mark else ""

    @staticmethod
    def _time(marks: Marks, clause: int, at: int, to: int) -> set[str]:
        past = marks.between(clause, to, "past")
        if past and not marks.has(past[-1][1], to, "present"):
            return {"past"}
        return set()

    @staticmethod
    def _who(marks: Marks, sentence: int, at: int, to: int, helped: bool) -> set[str]:
        """Tell whether the last person named before the end of the match is somebody else."""
        people = marks.between(sentence, to, "self", "kin", "other", "pronoun")
        if people:
            kind = people[-1][2]
            if kind == "self":
                return set()
            if kind in ("kin", "pronoun") and helped:
                return set()
            return {"other"}
        before = marks.between(max(0, sentence - 80), sentence, "self", "kin", "other", "pronoun")
        if before and before[-1][2] == "other":
            return {"doubt"}
        return set()

    def _is_helper(self, text: str, marks: Marks) -> bool:
        """Whether somebody writes for a relative: 帮我妈问, 他微信里没有."""
        for start, end, _ in marks.between(0, len(text), "helping"):
            if text[end - 1] in "他她人" or marks.between(start, end + 2, "kin", "pronoun"):
                return True
        kin = marks.between(0, len(text), "kin")
        for _, end, _ in kin:
            if re.match(r"的?(?:手机上?|手机里)?(?:微信|钱包|服务)(?!.{0,4}登)", text[end : end + 8]):
                return True
            if re.match(r"(?:也)?(?:想|要)(?:开|用|借|申请|办)", text[end : end + 4]):
                return True
        if kin and re.search(r"[他她]的?(?:手机)?(?:微信|钱包|服务)(?!.{0,4}登)", text):
            return True
        return False

    @staticmethod
    def _topic_is_other(marks: Marks, sentence: int, at: int, to: int) -> bool:
        """Whether the last product named before the end of the match is another one."""
        named = marks.between(max(0, at - 60), to, "product", "own_product")
        return bool(named) and named[-1][2] == "product"

    def _questions(self, text: str, turn: Turn) -> list[tuple[Asked, bool]]:
        """Return what the last sentences of another speaker's turn ask for, and whether they ask it with a no."""
        start = max(turn.start, turn.end - 400)
        piece = text[start : turn.end].rstrip()
        if not _ASKS_BACK.search(piece[-200:]):
            return []
        found: list[tuple[int, Asked, bool]] = []
        for phrase in self._asked_index.candidates(piece):
            for match in phrase.pattern().finditer(piece):
                negative = re.search(r"没有?|不是|未", piece[max(0, match.start() - 4) : match.end()]) is not None
                negative = negative and "有没有" not in piece and re.search(r"吧\W*$", piece) is not None
                found.append((match.end(), self._asked[phrase.index], negative))
        found.sort(key=lambda one: one[0])
        return [(asked, negative) for _, asked, negative in found]

    def _answers(self, text: str, turn: Turn, asked: list[tuple[Asked, bool]]) -> Iterator[_Hit]:
        """Yield what the first words of the person's turn answer to the question before."""
        start = turn.start
        while start < turn.end and text[start] in " \n\"":
            start += 1
        first = text[start : min(turn.end, start + 40)].split("\n")[0]
        questions = list(dict.fromkeys(one.question for one, _ in asked))
        sure = len(questions) == 1 and turn.certain
        for row, negative in asked[-1:]:
            value: Value | None
            if row.question in ("person.age", "debt.monthly_income", "debt.monthly_repayment", "debt.open_loans"):
                found = re.search(numbers.PATTERN, first)
                if found and (value := self._plain_number(row.question, found, first)) is not None:
                    rough = numbers.about(first, found.start(), found.end())
                    yield _Hit(row.question, value, start + found.start(), start + found.end(), sure and not rough)
                continue
            short = next((word for word in row.answers if first.startswith(word)), None)
            if short is not None:
                yield _Hit(row.question, row.answers[short], start, start + len(short), sure)
                continue
            polarity, length = self._polarity(first)
            if not polarity:
                continue
            value = row.no if polarity == "no" or negative else row.yes
            if value:
                yield _Hit(row.question, [value] if row.question in LISTS else value, start, start + length, sure)

    @staticmethod
    def _plain_number(question: str, found: re.Match[str], first: str) -> Value | None:
        value = numbers.number(found[0].strip())
        if value is None or len(first) > found.end() + 16:
            return None
        if question == "person.age":
            return int(value) if 6 <= value <= 110 else None
        if question == "debt.open_loans":
            return int(value) if value <= 100 else None
        return int(value) if value == int(value) else value

    def _polarity(self, first: str) -> tuple[str, int]:
        """Return whether the first words say yes or no, and how long they are."""
        for polarity in ("unknown", "no", "yes"):
            if (pattern := self._replies.get(polarity)) and (found := pattern.match(first)):
                return ("" if polarity == "unknown" else polarity), found.end()
        return "", 0

    def reply(self, knowledge: Knowledge, question: str, text: str) -> Reply:
        """Read words typed at one question."""
        shown = mask_numbers(clean(text)).strip()
        folded = fold(shown)
        asked = knowledge.questions[question]
        if (found := self._replies.get("unknown")) and found.match(folded):
            return Reply("unknown", shown, sure=True)
        ids = [choice.id for choice in asked.value]
        if ids and (value := _ordinal(folded, ids)) is not None:
            return Reply([value] if question in LISTS else value, shown, sure=True)
        said = [one for one in self.read(shown).readings if one.id == question]
        if said and said[0].sure:
            return Reply(said[0].value, said[0].quote, sure=True)
        if asked.type in ("integer", "amount"):
            numeric = re.search(numbers.PATTERN, folded)
            plain = self._plain_number(question, numeric, folded) if numeric else None
            if plain is not None and numeric is not None:
                return Reply(plain, numeric[0].strip(), sure=not numbers.about(folded, numeric.start(), numeric.end()))
        polarity, _ = self._polarity(folded)
        rows = [row for row in self._lexicon.asked if row.question == question]
        if ids:
            short = next((row.answers[word] for row in rows for word in row.answers if folded.startswith(word)), None)
            value = short or next((row.yes if polarity == "yes" else row.no for row in rows), "") if polarity or short else ""
            if value in ids:
                return Reply([value] if question in LISTS else value, shown, sure=True)
            if question in LISTS and polarity == "no":
                return Reply([], shown, sure=True)
            matching = [one.id for one in asked.value if folded in fold(one.zh) or folded in fold(one.en)]
            if len(folded) >= 2 and len(matching) == 1:
                return Reply([matching[0]] if question in LISTS else matching[0], shown, sure=True)
        if said:
            return Reply(said[0].value, said[0].quote, sure=False)
        return Reply(None, shown, sure=False)


def _starts(words: tuple[str, ...]) -> re.Pattern[str]:
    """Match one of these words at the beginning; a short one only where nothing else goes on."""
    longest = sorted(words, key=len, reverse=True)
    forms = (re.escape(word) + ("(?![a-z])" if word.isascii() else _APART if len(word) < 3 else "") for word in longest)
    return re.compile(rf"(?:{'|'.join(forms)})")


_APART: Final = r"(?=[了的啊呀呢吧哦嘛哈诶哎啦,。!?;:\s]|$)"
_ORDINALS: Final = "一二三四五六七八九十"


def _ordinal(text: str, ids: list[str]) -> str | None:
    """Return the choice that an ordinal names: 第二个, 选3, 最后一个."""
    if re.fullmatch(r"(?:选|就)?最后(?:那|一)?个?[吧呀的]?", text):
        return ids[-1]
    found = re.fullmatch(r"(?:我?选|就)?(?:第|选项)\s?([一二三四五六七八九十]|\d{1,2})\s?(?:个|项|条|种)?[吧呀的]?", text)
    if not found:
        return None
    place = int(found[1]) if found[1].isdigit() else _ORDINALS.index(found[1]) + 1
    return ids[place - 1] if 1 <= place <= len(ids) else None


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


def _settled(hits: list[_Hit], folded: str, shown: str) -> list[Finding]:
    """Settle competing readings: a correction counts, a stronger value wins, else none of them is sure."""
    by_question: dict[str, list[_Hit]] = {}
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
        alike: dict[str, _Hit] = {}
        for one in kept:
            held = alike.setdefault(str(one.value), one)
            if one.sure and not held.sure:
                alike[str(one.value)] = one
        findings += [
            Finding(question, one.value, shown[one.start : one.end], one.start, one.end, one.sure and len(alike) == 1)
            for one in list(alike.values())[:_OFFERED]
        ]
    return sorted(findings, key=lambda one: one.start)


def _corrected(hits: list[_Hit], text: str) -> _Hit | None:
    """Return the last reading where the words before it take an earlier one back."""
    last = hits[-1]
    between = text[max(hits[0].end, last.start - 30) : last.start + 4]
    if re.search(r"不对|说错|打错|更正|记错|弄错|应该是|不是.{0,12}是|哦不|sorry|i mean", between):
        return last
    return None


def _union(question: str, hits: list[_Hit], shown: str) -> Iterator[Finding]:
    """Yield a list question's values together: the sure ones, else what may be asked back."""
    sure = [one for one in hits if one.sure]
    counted = [one for one in (sure or hits) if one.value] or (sure or hits)
    values: list[str] = []
    dropped = {value for one in counted for value in one.beats}
    for one in counted:
        values += [value for value in one.value if isinstance(one.value, list) and value not in (*values, *dropped)]
    first = counted[0]
    yield Finding(question, values, shown[first.start : first.end], first.start, first.end, sure=bool(sure))
