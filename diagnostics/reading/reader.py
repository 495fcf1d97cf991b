"""Read a message, a ticket or a chat: which answers its words give, and which common mistakes they show."""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from diagnostics.knowledge.lexicon import load_lexicon
from diagnostics.reading import normalise
from diagnostics.reading.answers import LISTS, Answers, is_turned, ordinal, plain_number
from diagnostics.reading.clauses import OWN_TOO, Speakers, Turn, guards, is_article, is_helper
from diagnostics.reading.contact import Contacts
from diagnostics.reading.model import Belief, Hit, Reading, Reply, Value
from diagnostics.reading.normalise import Marker, Marks, fold
from diagnostics.reading.objections import Objections
from diagnostics.reading.patterns import DENIAL, Compiled, compile_all, versions_said
from diagnostics.reading.settle import Quotes, as_their_words, settled
from diagnostics.reading.whose import of_another, seen_elsewhere
from diagnostics.redaction import mask_numbers
from diagnostics.sanitize import clean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from diagnostics.knowledge.lexicon import Asked, Lexicon, PhraseGroup
    from diagnostics.knowledge.model import Knowledge

_LEAST_SUM: Final = 100
"""Yuan a month; what is less is no income and no repayment, but a word like 一起 or a day of the month."""
_OTHER_AGE: Final = re.compile(r"(?:虚[^,。!?;]{0,2}|离|距|(?:差|还有|再过|再有|再等)[^,。!?;]{1,6})(?:就|才|满|到)?$")
"""Words before an age that is not the person's yet, or not counted from the day of birth."""
_SHORTEST: Final = 15
_LONGEST: Final = 240
_OVERLAP: Final = 80
"""Characters read at once: to the end of a sentence; without one, pieces that overlap by more than a phrase is long."""
_SENTENCE_END: Final = re.compile(r"[。!?;\n]+")
_SUMMED: Final = re.compile(r".{0,3}(?:和|加|以及|还有|、|\+).{0,8}\d")
_NOT_EVEN: Final = re.compile(r"[笔家个张].{0,4}?[都也](?:没|冇|无)")
"""Words behind a number that make it none: 一笔都没有."""
_HIDDEN: Final = re.compile(r"<[^\s<>]{1,12}>")
_TITLE: Final = re.compile(r"《[^《》\n]{1,60}》")
_PASSAGE: Final = re.compile(
    r"(?:文章|原文|贴吧|论坛|小红书|抖音|知乎|微博|豆瓣|转发|截图|别人的话|有个人|一个人的|群里|有人发|有人问|网友|合同|条款|协议|规则|规定|要求|条件|网站|网上|百度|官网|帖子|攻略|article|website|blog)"
    r"[^“\"\n]{0,25}(?P<words>[“\"][^”\"\n]{16,400}[”\"])"
)
"""A passage that is quoted from somewhere, as the title of something, states nothing about the person."""
_PLACE: Final = re.compile(r"服务|钱包|九宫格|\b(?:services|wallet)\b")
_TELLERS: Final = ("self", "kin", "other", "pronoun", "report", "question", "question_in", "asking", "why", "past")
_NO_BELIEF: Final = {"negation", "advertisement"}
"""A common mistake counts also where it is asked, supposed or told; not where it is denied."""
_WARNS: Final = re.compile(r"骗|诈|谨防|切勿|请勿|不要相信|别信|不要转|不会要求|scam|fraud|never (?:pay|share|send)")
_MENU: Final = re.compile(r"(?<!\d)1 ?[、.)][^\d\n]{1,20}2 ?[、.)]")
"""An agent's list to choose from offers nothing: 1、申请开通 2、提前还款."""
_OFFER_ALLOWS: Final = ("condition", "other", "report", "wish", "rule", "past", "product")
_WITH_ENTRY: Final = frozenset({"phone", "tablet"})
"""Where WeChat may show the entry at all."""
_THE_ENTRY: Final = re.compile(
    r"\b(?:icon|entry|entrance|tile|limit)\b|\bit (?:was|used to be) (?:always )?(?:here|there)\b"
)
"""English words for the entry, where the loan is not named."""
_NEEDS_TOPIC: Final = frozenset({"account.had_entry_before", "entry.services_menu", "entry.official_account"})
"""Questions that bare words answer too: 从来没有. Where something else was asked, they answer that."""
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


class Reader:
    """The phrases of one lexicon, compiled."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._index, self._groups = compile_all(
            ((group, [phrase.say for phrase in group.phrases]) for group in lexicon.group), lexicon.words
        )
        self._of_group: dict[int, set[int]] = {}
        for index, group in enumerate(self._groups):
            self._of_group.setdefault(id(group), set()).add(index)
        self._also = {(group.question, group.value): group.also for group in lexicon.group if group.also}
        self._answers = Answers(lexicon)
        spoken = {kind: words for kind, words in lexicon.marks.items() if not kind.startswith("speaker")}
        self._marker = Marker(spoken, lexicon.words.get("joints", ()))
        self._speakers = Speakers(lexicon.marks)
        self._contacts = Contacts(lexicon.words)
        self._objections = Objections(lexicon.objection)

    def read(self, text: str) -> Reading:
        """Read one text."""
        shown = mask_numbers(clean(text, max(1, len(text))))
        folded = _with_topics(fold(_own_words(shown)))
        marks = self._marker.mark(folded)
        hits: list[Hit] = []
        beliefs: dict[str, Belief] = {}
        turns = self._speakers.turns(folded)
        chat = len(turns) > 1
        if chat:
            marks.keep((turn.start, turn.end) for turn in turns)
        if not chat and is_article(folded, marks):
            return Reading(shown, [], [])
        helped = is_helper(folded, marks)
        owned = _as_own(shown, marks) if helped and marks.names("helping") else shown
        asked: list[tuple[Asked, bool]] = []
        bidden = False
        times: Counter[int] = Counter()
        done: set[int] = set()
        before, versions = "", 0
        for turn in turns:
            if turn.role == "person":
                marks.floor = turn.start
                said = list(self._answers.answers(folded, turn, asked, before)) if asked else []
                for hit in said:  # "done" says that something was given away only where somebody wanted that
                    hit.sure &= hit.question != "safety.given" or bidden or not any(row.bid for row, _ in asked)
                said += self._answers.fields(folded, turn)
                answered = [hit for hit in said if hit.question not in _NEEDS_TOPIC]
                said += [
                    hit
                    for hit in self._read_turn(folded, marks, turn, beliefs, shown, helped, times, done)
                    if not any(_is_only_an_answer(marks, hit, one) for one in answered)
                ]
                if before and _PLACE.search(before):
                    for hit in said:
                        hit.sure |= hit.question == "entry.services_menu" and turn.certain
                there = any(row.question == "entry.official_account" for row, _ in asked)
                hits += [Hit("entry.official_account", "refused", hit.start, hit.end, hit.sure, ("opens_application",))
                         for hit in said if hit.question == "entry.page_message"
                         and (there or _on_application_page(marks, hit.start))]  # fmt: skip
                hits += said
                if versions < _MOST_VERSIONS:
                    named = list(self._versions(owned, folded, marks, turn, helped))
                    versions += len(named)
                    hits += named
                asked, before = [], ""
            elif chat:
                offers = self._offers(folded, marks, turn)
                bidden |= bool(offers)
                hits += offers
                asked, before = self._answers.questions(folded, turn), folded[turn.start : turn.end][-200:]
        hits += [
            Hit(question, value, hit.start, hit.end, hit.sure)
            for hit in hits
            for question, value in self._also.get((hit.question, str(hit.value)), {}).items()
        ]
        hits = self._weighed(hits, folded, marks)
        findings = settled(as_their_words(hits), folded, Quotes(shown, marks, turns))
        return Reading(shown, findings, list(beliefs.values()))

    def _weighed(self, hits: list[Hit], folded: str, marks: Marks) -> list[Hit]:
        """Weigh readings by the others: a page on a computer is only asked back, nothing is given where nobody asks."""
        if any(hit.question == "client.kind" and hit.sure and hit.value not in _WITH_ENTRY for hit in hits):
            for hit in hits:
                hit.sure &= (
                    hit.question != "entry.services_menu" or _PLACE.search(folded, hit.start, hit.end) is not None
                )
        contact = any(hit.question == "safety.contact" and hit.sure for hit in hits)
        asked = [hit.value for hit in hits if hit.question == "safety.contact" and hit.sure]
        if asked and all(kinds == ["borrow_for_others"] for kinds in asked):
            for hit in hits:  # what he was asked to borrow is what he handed on
                if hit.question == "safety.given" and hit.value == ["money"]:
                    hit.value = ["loan"]
        for hit in hits:
            hit.sure |= contact and hit.unless_contact
        if all(hit.sure or hit.question != "safety.given" for hit in hits):
            return hits
        strange = contact or marks.names("strange") or self._contacts.bids(folded)
        return [
            hit
            for hit in hits
            if hit.sure
            or hit.question != "safety.given"
            or strange > hit.unless_contact
            or hit.value in (["screen"], ["loan"])
            or self._contacts.is_away(folded, hit.start, hit.end)
        ]

    def _read_turn(
        self, text: str, marks: Marks, turn: Turn, beliefs: dict[str, Belief], shown: str, helped: bool,
        times: Counter[int], done: set[int],
    ) -> Iterator[Hit]:  # fmt: skip
        """Yield what the phrases find in one turn of the person.

        `times`: how often each group has said its answer for sure; `done`: the phrases that need no more.
        """
        seen: set[tuple[int, int, int]] = set()
        for start, end in _windows(text, turn.start, turn.end):
            piece = text[start:end]
            for phrase in self._index.candidates(piece, done):
                if phrase.pattern().search(piece) is None:  # most candidates do not stand there
                    continue
                group = self._groups[phrase.index]
                for at, to, match in _places(text, piece, start, phrase):
                    if (phrase.index, at, to) in seen:  # read in the piece before, which overlaps
                        continue
                    if end < turn.end and to > end - _OVERLAP:
                        seen.add((phrase.index, at, to))
                    if group.spoken:
                        break
                    if group.belief:
                        held = guards(marks, at, to, helped, group.allow) & _NO_BELIEF
                        against = held or self._objections.against(marks, at, to, f"belief.{group.belief}", "", turn)
                        if _is_held(marks, at, to) and not against:
                            beliefs.setdefault(group.belief, Belief(group.belief, shown[at:to]))
                            done |= self._of_group[id(group)]
                            break
                    elif hit := self._hit(marks, match, at, to, group, helped, turn):
                        times[id(group)] += hit.sure and not group.number
                        if times[id(group)] >= _ENOUGH:
                            done |= self._of_group[id(group)]
                        yield hit

    def _offers(self, text: str, marks: Marks, turn: Turn) -> list[Hit]:
        """Return the contacts that the other side of a chat makes; who warns of them makes none."""
        if _WARNS.search(text, turn.start, turn.end) or _MENU.search(text, turn.start, turn.end):
            return []
        marks.floor = turn.start
        piece = text[turn.start : min(turn.end, turn.start + _LONGEST * 2)]
        return [
            Hit(group.question, list(group.values), at, to, turn.certain)
            for phrase in self._index.candidates(piece)
            if (group := self._groups[phrase.index]).spoken
            for at, to, _ in _places(text, piece, turn.start, phrase)
            if not guards(marks, at, to, False, _OFFER_ALLOWS) & {"negation", "question"}
        ]

    def _versions(self, shown: str, text: str, marks: Marks, turn: Turn, helped: bool) -> Iterator[Hit]:
        """Yield the versions that one turn names; `diagnostics.versions` tells whose and which they are."""
        for question, version, start, end, sure in versions_said(shown, text, turn.start, turn.end):
            against = guards(marks, start, end, helped) | {seen_elsewhere(marks, start, end, helped)}
            verdict = self._objections.against(marks, start, end, question, "", turn)
            forbids = against & {"condition", "question", "other", "rule", "report", "wish"}
            if verdict != "denied" and not forbids:
                yield Hit(question, version, start, end, sure and turn.certain and "doubt" not in against)

    def _hit(
        self, marks: Marks, match: re.Match[str], at: int, to: int, group: PhraseGroup, helped: bool, turn: Turn
    ) -> Hit | None:
        """Return the reading of one match, or None where a guard forbids it."""
        against = self._against(marks, at, to, group, helped)
        doubt, nobody = "doubt" in against, False
        if against - {"doubt"}:
            return None
        if group.question.startswith(("credit.", "debt.")) and marks.names("product"):
            doubt |= not marks.names("own_product")  # of another product alone, in a text about nothing else
        if group.question.startswith("client.") and marks.has(marks.sentence(at)[0], at, "why"):
            doubt |= not marks.has(marks.sentence(at)[0], to, "self")  # 为什么苹果手机没有
        if group.question == "safety.contact" and marks.names("ad") and not marks.names(*_TELLERS):
            doubt = True  # the advertisement itself, with nobody who tells of it
        said = group.value or "".join(group.values[:1])
        objection = self._objections.against(marks, at, to, group.question, said, turn)
        if objection == "denied":
            return None
        doubt |= _in_company(marks, at, to, group, helped)
        doubt |= objection == "doubt" or marks.has(*_reach(marks, at, group, turn), "joke")
        about = of_another(marks, at, to, group, helped)
        if about == "other" or _names_no_loan(marks, at, to, group):
            return None
        doubt |= about == "doubt"
        if group.question == "safety.given" and group.values:
            against_giving = self._contacts.given(marks, at, to, group.values)
            if against_giving == "denied":
                return None
            doubt |= against_giving == "doubt"
            nobody = against_giving == "nobody"
        if group.question == "safety.contact" and not self._contacts.offered(marks, at, to, group, helped):
            return None
        value: Value = list(group.values) if group.question in LISTS else group.value
        if group.number:
            read = self._number(match, group)
            if read is None:
                return None
            value, rough = read
            doubt |= rough
        sure = not doubt and not group.ask and turn.certain
        return Hit(group.question, value, at, to, sure and not nobody, group.beats, sure and nobody)

    @staticmethod
    def _against(marks: Marks, at: int, to: int, group: PhraseGroup, helped: bool) -> set[str]:
        """Return the guards against a match; of harm also that of a relative, of who almost paid, beside 分付."""
        safety = group.question.startswith("safety.")
        against = guards(marks, at, to, helped or (safety and marks.names("kin")), group.allow)
        return against - {"almost", "product"} if safety else against

    @staticmethod
    def _number(match: re.Match[str], group: PhraseGroup) -> tuple[Value, bool] | None:
        """Return the number of a match and whether it is only rough."""
        found = normalise.number(match["n"].strip())
        if found is None:
            return None
        rough = normalise.about(match.string, match.start("n"), match.end("n"))
        if group.number == "age":
            rough |= (
                _OTHER_AGE.search(match.string[max(0, match.start("n") - 10) : match.start("n")].rstrip()) is not None
            )
            return (int(found), rough) if 6 <= found <= 110 and not rough else None
        if group.number == "count":
            if _NOT_EVEN.match(match.string, match.end("n")):
                return None
            rough |= match["n"].strip() == "一"  # 有一笔借款: a loan, not how many
            return (int(found), rough) if 0 <= found <= 100 else None
        if not 0 <= found <= 10_000_000 or _SUMMED.match(match.string, match.end("n")):
            return None  # one sum of several
        if 0 < found < _LEAST_SUM:
            return None  # 工资一起发
        return (int(found) if found == int(found) else found), rough

    def reply(self, knowledge: Knowledge, question: str, text: str) -> Reply:
        """Read words typed at one question."""
        shown = mask_numbers(clean(text)).strip()
        folded = fold(shown)
        asked = knowledge.questions[question]
        if self._answers.is_unknown(folded):
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
        polarity, length = self._answers.polarity(folded)
        rows = [row for row in self._answers.rows if row.question == question]
        if ids:
            value = next((row.yes if polarity == "yes" else row.no for row in rows), "") if polarity else ""
            named = [short[0] for row in rows if (short := self._answers.short(row, folded))]
            value = named[0] if named else value
            plain_words = bool(named) or not is_turned(folded, length, yes=polarity == "yes")
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


def _is_held(marks: Marks, at: int, to: int) -> bool:
    """Whether English words that name what somebody may believe in stand for the belief: neither bare nor refuted."""
    named = marks.text[at:to]
    if not named.isascii():
        return True
    start, end = marks.sentence(at)
    if _KNOWS_BETTER.search(marks.text, start, end):
        return False
    bare = named.count(" ") < _BARE
    return not bare or marks.names("own_product", "why", "page") or _THE_LOAN.search(marks.text) is not None


_BARE: Final = 2
"""Spaces in words that only name a thing: pay score, care mode."""
_THE_LOAN: Final = re.compile(r"\b(?:icon|entry|loan|invit\w+|limit|it|high|credit is)\b")
_KNOWS_BETTER: Final = re.compile(
    r"nothing to do with|(?:n't|\b(?:not|no)\b)[^.!?;]*\bi know\b|\bi know\b[^.,!?;]*(?:n't|\b(?:not|no)\b)"
    r"|\bannoying\b"
)
"""Words of somebody who knows that a common mistake is one."""


def _own_words(shown: str) -> str:
    """Return the text with circles where a number is masked or something else is quoted."""
    for pattern in (_HIDDEN, _TITLE):
        shown = pattern.sub(lambda found: "○" * len(found[0]), shown)
    for found in _PASSAGE.finditer(shown):
        start, end = found.span("words")
        shown = shown[:start] + "○" * (end - start) + shown[end:]
    return shown


_ECHO: Final = re.compile(
    r"(?:^|(?<=[\s,。!;:]))[^\s,。!?;:吗么嘛呢吧啥哪几谁多怎咋能会可]{2,12}\?"
    r"(?=[ \"]?(?:没|从没|从来|还没|有|做|办|早|都|实|绑|开|看|搜|换|登|注|关|不?是我|本人|[用拿]我|我[没自都早本]))"
)
"""What somebody names as if asked once more, before he answers: 实名? 做过了."""
_TOPIC: Final = re.compile(
    r"(?:^|(?<=[.!?\n] ))(?!(?:is|are|was|am|do|does|did|can|could|will|would|should|shall|may|might|must|have|has|had"
    r"|how|what|why|where|when|who|which|whose|any|anyone|anybody|really|right|so|and|but|no|not|yes|hello|hi|sure|if)\b)"
    r"(?!\S*(?:ed|en)\b|[^?\n]{0,30}(?:ed|en|one|out|it|that)\?)[a-z0-9'-]+(?: [a-z0-9'-]+){0,3}\?(?= +\S)"
)
"""English words that only name what the next sentence is about: real name? done long ago."""


def _with_topics(text: str) -> str:
    """Return the folded text with a comma for the mark behind what is only named to be answered."""
    for pattern in (_ECHO, _TOPIC) if "?" in text else ():
        text = pattern.sub(lambda found: found[0][:-1] + ",", text)
    return text


def _on_application_page(marks: Marks, at: int) -> bool:
    """Whether a message stood on the application page of the official account: the last place named before it."""
    places = marks.between(max(marks.floor, marks.sentence(at)[0]), at, "account_page", "page")
    return bool(places) and places[-1][2] == "account_page" and "客服" not in marks.text[places[-1][1] : at]


def _is_only_an_answer(marks: Marks, hit: Hit, answer: Hit) -> bool:
    """Whether a reading rests on the bare words that answer another question of the agent: 有逾期吗? 从来没有."""
    return (
        hit.question in _NEEDS_TOPIC
        and hit.start <= answer.end
        and hit.end >= answer.start
        and not marks.has(hit.start, hit.end, "own_product", "page", "account_page")
    )


def _in_company(marks: Marks, at: int, to: int, group: PhraseGroup, helped: bool) -> bool:
    """Whether the sentence around a match names somebody else, or its clause another loan, hearsay or a question.

    Of such readings about four in five were right in texts of strangers, of the others nineteen in twenty; what is said
    of strangers' contacts names somebody else anyway.
    """
    if group.question.startswith("safety.") or group.question in ("account.stolen", "entry.other_phone"):
        return False
    kinds = {"other"} - set(group.allow)
    near = {"report", "product"} - set(group.allow) | (set() if helped else {"helping"})
    (sentence, sentence_end), (clause, clause_end) = marks.sentence(at), marks.clause(at)
    asking = marks.between(clause, at, "asking")
    if marks.has(to, clause_end, "asking") or (asking and not marks.has(asking[-1][1], at + 1, "self")):
        return True  # 请问我是用台胞证做的实名: he says it of himself
    return (
        marks.has(sentence, at, *kinds)
        or marks.has(to, sentence_end, *kinds)
        or marks.has(clause, at, *near)
        or marks.has(to, clause_end, *near)
    )


def _reach(marks: Marks, at: int, group: PhraseGroup, turn: Turn) -> tuple[int, int]:
    """Return where a joke counts: for a number in the whole turn."""
    return (turn.start, turn.end) if group.number else marks.sentence(at)


def _names_no_loan(marks: Marks, at: int, to: int, group: PhraseGroup) -> bool:
    """Whether English words name neither the loan nor its place: I used to have an Android."""
    if group.question != "account.had_entry_before" or not marks.text[at:to].isascii():
        return False
    start, end = marks.sentence(at)
    start = max(marks.floor, start - 150)
    return not (marks.has(start, end, "own_product", "page") or _THE_ENTRY.search(marks.text, start, end))


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
