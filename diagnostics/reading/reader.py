"""Read a message, a ticket or a chat: which answers its words give, and which common mistakes they show."""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import msgspec

from diagnostics.knowledge.lexicon import Asked, PhraseGroup, load_lexicon
from diagnostics.reading import Belief, Reading, Value, normalise
from diagnostics.reading.ages import ages_said
from diagnostics.reading.answers import AGREES, WHOLE, Answers, choices
from diagnostics.reading.application import refusals
from diagnostics.reading.beside import named_beside
from diagnostics.reading.corrections import CORRECTS, NOT_AGAIN, parts, taken_back, thing_named
from diagnostics.reading.forms import is_of_form
from diagnostics.reading.genres import Speech, is_doubtful, is_nobodys, own_words
from diagnostics.reading.guards import (
    ASKS_FOR,
    CLEAR,
    DENIED,
    DOUBT,
    NOBODY,
    PEOPLE,
    guards,
    is_held,
    is_helper,
    is_of_one_person,
)
from diagnostics.reading.harm import is_asked_about, is_away, letters, send_on
from diagnostics.reading.introduced import introduced
from diagnostics.reading.normalise import Marker, Spot, Turn, blank, fold, one_of
from diagnostics.reading.patterns import DENIAL, Compiled, compile_all, versions_said
from diagnostics.reading.run_on import joined, parted
from diagnostics.reading.settle import LISTS, Hit, Quotes, as_their_words, settled, with_brackets
from diagnostics.reading.sheets import read_sheets
from diagnostics.reading.sightings import Sightings
from diagnostics.reading.speakers import Speakers
from diagnostics.reading.tickets import only_ticked, read_report, with_colons
from diagnostics.reading.verdicts import Guards, seen_elsewhere
from diagnostics.redaction import mask_numbers
from diagnostics.sanitize import clean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from diagnostics.knowledge.lexicon import Lexicon
    from diagnostics.knowledge.model import Knowledge
    from diagnostics.reading.sheets import Chosen

_RELATIVE: Final = re.compile("[叔舅姑姨伯嫂侄]|外甥|[表堂姐妹][弟妹哥姐夫]|师傅|徒弟")
_ON_BEHALF: Final = re.compile(r"[帮替代让叫喊托要][^,。!?;\n]{0,6}(?:问|查|看看|看一下|咨询)")
_OF_WHO_ASKS: Final = re.compile(
    r"岁?[,。 ]{0,3}(?:不过|但是?|可是?)?我?是?(?:给|帮|替|代)(?![我俺]?[问查咨看办开])"
    r"[我俺]?[^,。!?;\n我]{1,5}[问咨查]"
)
"""Words behind the age of who asks for another: 我56 不过是给我老伴问的."""
_LEAST_SUM: Final = 100
"""Yuan a month; what is less is no income and no repayment, but a word like 一起 or a day of the month."""
_MOST_SUM: Final = 10_000_000
_OTHER_AGE: Final = re.compile(
    r"(?:虚[^,。!?;]{0,2}|离|距|\d ?岁?[-—–。至到]{1,2}|(?:差|还有|再过|再有|再等)[^,。!?;]{1,6})(?:就|才|满|到)?$"
)
"""Words before an age that is not the person's yet, not counted from the day of birth, or the end of a range."""
_SHORTEST: Final = 15
_LONGEST: Final = 240
_OVERLAP: Final = 80
"""Characters read at once: to the end of a sentence; without one, pieces that overlap by more than a phrase is long."""
_SENTENCE_END: Final = re.compile(r"[。!?;\n]+")
_MEDIA: Final = re.compile(
    r'[\s"]*(?:图片|语音|视频|(?:动画)?表情|照片|文件|截图|image|photo|voice message|sticker)[\s"]*'
)
"""A turn that shows something and says nothing."""
_OTHERS_NAMES: Final = "分付|花呗|借呗|白条|金条|月付|小贷|先享|信用卡|京东|美团|抖音|别的|其[他它]"
_MISTOOK: Final = re.compile(
    rf"(?:可能|应该|好像|大概|估计|也许|兴许|没准|会不会|怕)(?:就|也|用的)?是(?:那个)?(?:{_OTHERS_NAMES})"
    r"|\b(?:maybe|probably|perhaps|might have been|may have been|could have been)(?: it was)?"
    r" (?:fenfu|huabei|jiebei|another|a different|something else)\b"
)
"""Words by which somebody takes what he had for something else."""
_NEVER_OPEN: Final = re.compile(
    rf"(?<![^\s,。!?;:])(?:(?!{_OTHERS_NAMES})[^,。!?;\n]){{0,12}}?(?:从来?|一直)(?:都|也|就)?(?:没有?|未)(?:开通|开)过"
    rf"(?![^,。!?;\n]{{0,4}}(?:{_OTHERS_NAMES}))"
)
_USED: Final = re.compile("[用借]")
_EARNED: Final = re.compile(r"收入|工资|月薪|薪水|挣|赚|到手|月入|退休金|\b(?:earn|salary|income|wage)")
_REPAID: Final = re.compile(r"还款|月供|要还|每月还|房贷|车贷|\b(?:repay|instal)")
"""Words that a sum between them and the sum belongs to."""
_CLAUSES: Final = re.compile(r"[,。;] ?|(?<=\S) (?=[\u3400-\u9fff]\S)")
_SUMMED: Final = re.compile(r".{0,3}(?:和|加|以及|还有|、|\+).{0,8}\d")
_PLACE: Final = re.compile(r"服务|钱包|九宫格|\b(?:services|wallet)\b")
_UNSEEN: Final = re.compile(rf"{_PLACE.pattern}|手机|移动端")
"""The same and the phone, on which somebody who looked at a computer has not looked."""
_NO_BELIEF: Final = {"negation", "advertisement"}
"""A common mistake counts also where it is asked, supposed or told; not where it is denied."""
_WARNS: Final = re.compile(r"骗|诈|谨防|切勿|请勿|不要相信|别信|不要转|不会要求|scam|fraud|never (?:pay|share|send)")
_OFFER_ALLOWS: Final = ("condition", "other", "report", "wish", "rule", "past", "product")
_WITH_ENTRY: Final = frozenset({"phone", "tablet"})
"""Where WeChat may show the entry at all."""
_NEEDS_TOPIC: Final = frozenset({"account.had_entry_before", "entry.services_menu"})
"""Questions that bare words answer too: 从来没有. Where something else was asked, they answer that."""
_AS_BEFORE: Final = {
    "entry.services_menu": ("not_shown",),
    "entry.official_account": ("not_found",),
    "entry.qq_wallet": ("not_shown",),
}
"""Answers of a place that `neither` gives, which means not looked where the place before was not looked at."""
_NEITHER: Final = re.compile(
    r"[我都 ]{0,2}也没(?:有|去|呢)?"
    r"(?=[了的啊呢 ]*(?:[,。!?;\n]|$)| +(?![^,。!?;\n ]{0,6}(?:申请|入口|图标|菜单|[找看显搜])))"
    r"|neither\b|me neither\b|also no\b"
)
_BARE_VERSION: Final = re.compile(
    r"(?:应该)?(?:是|it's |it is )?(?P<n>\d{1,2}(?:\.\d{1,2}){0,2})(?=[ ,。!?;\n]|\.(?:\s|$)|$)"
)
"""A version of a system that is said once more, without its name."""
_SIGNS: Final = ' ,。.!?;:—–-\n"'
_AGE: Final = PhraseGroup(phrases=(), question="person.age", allow=("past", "negation", "wish", "rule"))
"""What an age that is counted, rather than said, is read as."""
_YOUNGEST: Final = 10
_OLDEST: Final = 100
"""Ages, from and below which, of somebody who is introduced with a bare number."""
_MOST_AGES: Final = 5
"""Ages by birth, or before a birthday, read of one text."""
_MOST_VERSIONS: Final = 20
"""Versions read of one text."""
_LETTER: Final = "sms_is_invitation"
"""The mistake of who believes a letter with a link."""
_SUMMARY: Final = 120
"""Characters at the end of what the other side says in which the person's case is summed up."""
_SOFT: Final = ("other", "wish")
"""Guards that leave a clause about the entry worth asking back, where its own words name nobody."""
_ENOUGH: Final = 3
"""How often a text must say one answer for sure before no more is read of it: a paste may say it ten thousand times."""


_ENOUGH_NUMBERS: Final = 50
"""The same for a number, of which the last one may count."""


def read_text(knowledge: Knowledge, text: str) -> Reading:
    """Read a text of any length, in linear time; never raises on any text."""
    return reader_of(knowledge).read(text)


def reader_of(knowledge: Knowledge) -> Reader:
    """Return the reader of this knowledge's phrases, made once."""
    return _reader(knowledge.phrases)


@lru_cache(maxsize=4)
def _reader(folders: tuple[str, ...]) -> Reader:
    return Reader(load_lexicon(folders))


class Reader:
    """The phrases of one lexicon, compiled."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.index, self.groups = compile_all(
            ((group, [phrase.say for phrase in group.phrases]) for group in lexicon.group), lexicon.words
        )
        self.of_group: dict[int, set[int]] = {}
        for index, group in enumerate(self.groups):
            self.of_group.setdefault(id(group), set()).add(index)
        self.also = {(group.question, group.value): group.also for group in lexicon.group if group.also}
        self.answers = Answers(lexicon)
        spoken = {kind: words for kind, words in lexicon.marks.items() if not kind.startswith("speaker")}
        self.marker = Marker(spoken, lexicon.words.get("joints", ()))
        self.speakers = Speakers(lexicon.marks, self.answers.is_label)
        self.guards = Guards(lexicon)
        self._heads = re.compile(one_of(lexicon.words.get("head", ())))

        self.sightings = Sightings(lexicon.words)

    def read(self, text: str) -> Reading:
        """Read one text."""
        shown = mask_numbers(clean(text, max(1, len(text))))
        with_commas, places = parted(shown)
        return joined(_Text(self, with_commas).reading(), shown, places) if places else _Text(self, shown).reading()

    def is_own_head(self, words: str) -> bool:
        """Whether words before a colon are those of a message or a ticket: a line of a form, 求助, 客户反映."""
        return bool(self._heads.search(words) or ASKS_FOR.match(words)) or self.answers.is_label(words)

    def names(self, words: str, *kinds: str) -> bool:
        """Whether a word of one of these kinds stands in folded words."""
        return self.marker.mark(words, [Turn("person", 0, len(words))]).names(*kinds)


class _Text:
    """One text while it is read: clean, with its personal numbers masked.

    `times`: how often each group has said its answer for sure; `done`: the phrases that need no more.
    """

    def __init__(self, reader: Reader, shown: str) -> None:
        self.reader = reader
        self.shown = shown
        self.asked = fold(own_words(only_ticked(self.shown)))
        """The folded text with all its question marks."""
        self.letters = letters(self.asked) if "." in self.asked else []
        for span in self.letters:
            self.asked = blank(self.asked, *span)
        self.asked = with_colons(self.asked, self.shown, reader.answers.is_label)
        self.sheet, self.asked = read_sheets(self.asked)
        seen, self.asked = read_report(self.asked)
        self.sheet += seen
        self.text = _with_echoes(self.asked)
        self.turns = reader.speakers.turns(self.text)
        self.marks = reader.marker.mark(self.text, self.turns)
        self.helped = is_helper(self.text, self.marks)
        self.subject = introduced(self.text) if len(self.turns) == 1 else None
        if self.subject is not None:
            self.marks.rename(re.compile(re.escape(self.subject["who"] or self.subject["of"])), "other", "kin")
            self.helped = True
        if self.helped and _ON_BEHALF.search(self.text):  # 我叔叔让我来问: he is the person, and nobody else
            self.marks.rename(_RELATIVE, "other", "kin")
        self.helped |= len(self.turns) == 1 and is_of_one_person(self.text, self.marks)
        self.beliefs: dict[str, Belief] = {}
        self.times: Counter[int] = Counter()
        self.done: set[int] = set()

    def spot(self, turn: Turn, at: int, to: int, group: PhraseGroup | None = None) -> Spot:
        """Return a match with what stands around it; of harm that of a relative counts like the person's."""
        harm = group is not None and group.question.startswith("safety.") and self.marks.names("kin")
        return Spot(self.marks, turn, at, to, self.helped or harm)

    def reading(self) -> Reading:
        """Read turn by turn: what the person says, and of the others' turns what they ask and offer."""
        chat = len(self.turns) > 1
        if is_nobodys(self.text, self.shown, self.marks, chat):
            return Reading(self.shown, [], [])
        hits = [hit for chosen in self.sheet for hit in self.chosen(chosen)]
        asked: list[tuple[Asked, bool]] = []
        earlier, asking = (asked, ""), Turn("agent", 0, 0)
        bidden, before, versions, ages = False, "", 0, 0
        last: list[Hit] = []
        clause, unseen = 0, False
        for turn, how in self.parts():
            if turn.role == "person":
                if _MEDIA.fullmatch(self.text, turn.start, turn.end):
                    continue  # the answer comes after the picture
                taken = None if asked or how else CORRECTS.match(self.text, turn.start, turn.end)
                if taken is not None:
                    asked, before = earlier  # 有 / 打错了 没有
                    turn = Turn(turn.role, taken.end(), turn.end, turn.certain)
                earlier = earlier if how else (asked, before)
                answered = list(self.reader.answers.answers(self.text, turn, asked, before)) if asked else []
                for hit in answered:  # "done" says that something was given away only where somebody wanted that
                    hit.sure &= hit.question != "safety.given" or bidden or not any(row.bid for row, _ in asked)
                    hit.sure &= hit.question != "person.age" or not _OF_WHO_ASKS.match(self.text, hit.end)
                    if (
                        unseen
                        and hit.value in _AS_BEFORE.get(hit.question, ())
                        and _NEITHER.match(self.text, self.begins(turn))
                    ):
                        hit.value = "not_looked"  # 服务里看过吗? 没看过 / 公众号呢? 也没
                form = list(self.reader.answers.fields(self.text, turn))
                answered += [hit for _, found in form for hit in found]
                answered += self.agreed(asking, turn) if before else ()
                own = list(self.answered_by_themselves(turn))
                said = answered + own + [
                    hit for hit in self.stated(turn)
                    if not self.is_only_an_answer(hit, answered)
                    and not any(one.question == hit.question and one.overlaps(hit) for one in own)
                    and not is_of_form(hit, form)
                ]  # fmt: skip
                hits += [*refusals(self.marks, turn, said, hits, asked, before)]
                if ages < _MOST_AGES:
                    named = list(self.ages(turn))
                    ages += len(named)
                    said = [one for one in said if not any(map(one.replaced_by, named))] + named
                if versions < _MOST_VERSIONS:
                    named = list(self.versions(turn))
                    versions += len(named)
                    said += named
                if how:
                    last, right_before, anew = self.corrected(turn, hits, last, clause)
                    said += self.said_again(turn, anew or [*earlier[0], *_asked_of(right_before)], said)
                    gone = {id(hit) for hit in taken_back(last, right_before, said, how)}
                    hits, said = ([hit for hit in some if id(hit) not in gone] for some in (hits, said))
                hits += said
                asked, before, last = [], "", said
                unseen = any(hit.value == "not_looked" for hit in said)
                clause = self.marks.clause(turn.start + len(self.text[turn.start : turn.end].rstrip(_SIGNS)) - 1)[0]
            elif chat:
                offers = list(self.offers(turn))
                bidden |= bool(offers)
                hits += offers
                asking, last = turn, []
                asked, before = self.reader.answers.questions(self.text, turn), self.text[turn.start : turn.end][-200:]
        hits += [
            Hit(question, value, hit.start, hit.end, hit.sure)
            for hit in hits
            for question, value in self.reader.also.get((hit.question, str(hit.value)), {}).items()
        ]
        hits = as_their_words(self.doubted(self.weighed(hits)), self.text)
        findings = settled(hits, self.text, Quotes(self.shown, self.marks, self.turns))
        return Reading(self.shown, findings, list(self.beliefs.values()))

    def parts(self) -> Iterator[tuple[Turn, str]]:
        """Yield the turns, those of the person by their corrections, and how each part takes back the one before."""
        role = ""
        for turn in self.turns:
            yield from parts(self.text, turn, role == turn.role) if turn.role == "person" else [(turn, "")]
            role = turn.role

    def begins(self, turn: Turn) -> int:
        """Return where the words of a turn begin."""
        return turn.end - len(self.text[turn.start : turn.end].lstrip(_SIGNS))

    def corrected(
        self, turn: Turn, hits: list[Hit], last: list[Hit], clause: int
    ) -> tuple[list[Hit], list[Hit], list[tuple[Asked, bool]]]:
        """Return what a correction may take back, what of it stands right before, and what it names as said wrongly.

        What is named is taken back whenever it was said: 月薪说错了, 是七千.
        """
        rows = self.reader.answers.labelled(thing_named(self.text, turn.start))
        named = [hit for hit in hits if any(row.question == hit.question for row in rows)]
        if rows:
            return named, named, [(row, False) for row in rows]
        return last, [hit for hit in last if hit.end > clause], []

    def said_again(self, turn: Turn, asked: list[tuple[Asked, bool]], said: list[Hit]) -> list[Hit]:
        """Return what the first words of a correction answer anew; 那是支付宝绑的 is none."""
        again: list[Hit] = []
        if any(row.question == "os.version" for row, _ in asked) and not any(
            hit.question == "os.version" for hit in said
        ):
            found = _BARE_VERSION.match(self.text, turn.start, turn.end)
            again += [Hit("os.version", found["n"], *found.span("n"), turn.certain)] if found else ()
        ends = [turn.start, *self.marks.clauses(turn.start, turn.end)[:2], turn.end]
        for start, end in [(turn.start, turn.end), *pairwise(ends)]:
            known = {hit.question for hit in said + again if hit.sure}
            rows = [row for row in asked if row[0].question not in known]
            if rows and not self.marks.has(start, end, *NOT_AGAIN):
                again += self.reader.answers.answers(self.text, Turn(turn.role, start, end, turn.certain), rows, "")
        return again

    def chosen(self, sheet: Chosen) -> list[Hit]:
        """Return what was chosen to one question of a sheet, which may also be no question: bank card: bound."""
        if _PLACE.search(sheet.question) and "微粒贷" not in sheet.question:
            sheet = msgspec.structs.replace(sheet, question=f"{sheet.question} 有没有微粒贷")
        answered = list(self.reader.answers.chosen(sheet))
        stated = () if answered else self.reader.read(f"{sheet.question} {sheet.words},微粒贷").readings
        return answered + [Hit(one.id, one.value, sheet.start, sheet.end, one.sure) for one in stated]

    def agreed(self, asking: Turn, turn: Turn) -> Iterator[Hit]:
        """Yield what the other side sums up and the person agrees with: 68周岁了对吧? 嗯."""
        asks = AGREES.search(self.text, max(asking.start, asking.end - _SUMMARY), asking.end)
        if asks is None or self.reader.answers.polarity(self.text[turn.start : turn.end].lstrip(' \n"'))[0] != "yes":
            return
        start = self.marks.sentence(asks.start(), asking.start)[0]
        for one in _Text(self.reader, self.shown[start : asks.start()]).reading().readings:
            yield Hit(one.id, one.value, start + one.start, start + one.end, one.sure and turn.certain)

    def answered_by_themselves(self, turn: Turn) -> Iterator[Hit]:
        """Yield what the person names as if asked and answers at once: 逾期? 没有."""
        for found in _OWN_QUESTION.finditer(self.asked, turn.start, turn.end):
            start, end = found.span("asked")
            if not self.marks.has(start, end, *_NOT_OWN):
                rest = Turn(turn.role, found.end(), turn.end, turn.certain)
                yield from self.reader.answers.own(self.text, found["asked"], start, rest)

    def seen(self, turn: Turn) -> Iterator[Hit]:
        """Yield what the clauses of one turn say of the entry."""
        for seen in self.reader.sightings.of(self.marks, turn):
            if self.times[id(seen.group)] < _ENOUGH:
                spot = self.spot(turn, seen.start, seen.end, seen.group)
                verdict = self.reader.guards.verdict(spot, seen.group)
                named = spot.has(spot.clause, spot.to, *PEOPLE) or spot.has(spot.sentence, spot.to, "pronoun")
                if verdict == DENIED and not named:  # 丈母娘住院, 服务里独独没它
                    softened = msgspec.structs.replace(seen.group, allow=(*seen.group.allow, *_SOFT))
                    verdict = max(DOUBT, self.reader.guards.verdict(spot, softened))
                if verdict != DENIED:
                    sure = turn.certain and verdict == CLEAR
                    self.times[id(seen.group)] += sure
                    yield Hit(seen.group.question, seen.group.value, spot.at, spot.to, sure)

    def stated(self, turn: Turn) -> Iterator[Hit]:
        """Yield what the phrases find in one turn of the person, and note the beliefs that they show."""
        yield from self.seen(turn)
        for start, end in self.letters:
            if turn.start <= start < turn.end:
                sure = turn.certain and is_asked_about(self.asked)
                yield Hit("safety.contact", ["message_link"], start, end, sure)
                start, end = with_brackets(self.shown, start, end)
                self.beliefs.setdefault(_LETTER, Belief(_LETTER, self.shown[start:end]))
        for start, end in _windows(self.text, turn.start, turn.end):
            piece = self.text[start:end]
            for phrase in self.reader.index.candidates(piece, self.done):
                group = self.reader.groups[phrase.index]
                if group.spoken:
                    continue
                for at, to, match in _places(self.text, piece, start, phrase):
                    spot = self.spot(turn, at, to, group)
                    if group.belief:
                        held = guards(spot, group.allow) & _NO_BELIEF
                        if (
                            not held
                            and is_held(spot)
                            and not self.reader.guards.objected(spot, f"belief.{group.belief}")
                            and not (self.helped and spot.has(at, to, "kin"))  # my wife had it: of her
                        ):
                            self.beliefs.setdefault(group.belief, Belief(group.belief, self.shown[at:to]))
                            self.done |= self.reader.of_group[id(group)]
                            break
                    elif hit := self.hit(spot, match, group):
                        self.times[id(group)] += hit.sure
                        if self.times[id(group)] >= (_ENOUGH_NUMBERS if group.number else _ENOUGH):
                            self.done |= self.reader.of_group[id(group)]
                        yield hit

    def hit(self, spot: Spot, match: re.Match[str], group: PhraseGroup) -> Hit | None:
        """Return the reading of one match, or None where something forbids it."""
        verdict = self.reader.guards.verdict(spot, group)
        if verdict == DENIED:
            return None
        value: Value = list(group.values) if group.question in LISTS else group.value
        if group.number:
            read = _number(match, group)
            if read is None:
                return None
            value, rough = read
            verdict = max(verdict, DOUBT if rough else CLEAR)
        stated = not group.ask and spot.turn.certain
        sure, nobody = stated and verdict == CLEAR, stated and verdict == NOBODY
        return Hit(group.question, value, spot.at, spot.to, sure, group.beats, nobody)

    def offers(self, turn: Turn) -> Iterator[Hit]:
        """Yield the contacts that the other side of a chat makes; who warns of them makes none."""
        if _WARNS.search(self.text, turn.start, turn.end) or choices(self.text[turn.start : turn.end]):
            return  # 1、申请开通 2、提前还款: an agent's list to choose from offers nothing
        piece = self.text[turn.start : min(turn.end, turn.start + _LONGEST * 2)]
        for phrase in self.reader.index.candidates(piece):
            group = self.reader.groups[phrase.index]
            for at, to, _ in _places(self.text, piece, turn.start, phrase) if group.spoken else ():
                if not guards(Spot(self.marks, turn, at, to), _OFFER_ALLOWS) & {"negation", "question"}:
                    yield Hit(group.question, list(group.values), at, to, turn.certain)

    def versions(self, turn: Turn) -> Iterator[Hit]:
        """Yield the versions that one turn names; `diagnostics.versions` tells whose and which they are."""
        for question, version, start, end, sure in versions_said(self.shown, self.text, turn.start, turn.end):
            spot = self.spot(turn, start, end)
            elsewhere, held = seen_elsewhere(spot), guards(spot)
            if spot.has(spot.clause, spot.at, "present"):
                held.discard("past")  # 微信还是6.7.3那会儿的
            forbids = held & {"condition", "question", "other", "rule", "report", "wish", "past"}
            if not forbids and DENIED not in (elsewhere, self.reader.guards.objected(spot, question)):
                sure = sure and turn.certain and elsewhere == CLEAR and "doubt" not in held
                yield Hit(question, version, start, end, sure)

    def ages(self, turn: Turn) -> Iterator[Hit]:
        """Yield the ages that one turn says by a year of birth, as still to be reached, or of whom it introduces."""
        if self.subject is not None and (age := self.subject["age"] or self.subject["years"]):
            place = self.subject.span("age" if self.subject["age"] else "years")
            if (years := normalise.number(age)) is not None and _OLDEST > years >= _YOUNGEST:
                yield Hit("person.age", int(years), *place, not normalise.about(self.text, *place))
        for age, start, end, exact in ages_said(self.text, turn.start, turn.end):
            while self.marks.has(start, end - 1, "almost"):  # nearly 61
                start += 1
            verdict = self.reader.guards.verdict(self.spot(turn, start, end), _AGE)
            if verdict != DENIED:
                yield Hit("person.age", age, start, end, exact and turn.certain and verdict == CLEAR)

    def is_only_an_answer(self, hit: Hit, answered: list[Hit]) -> bool:
        """Whether a reading rests on bare words that answer another question of the agent: 有逾期吗? 从来没有."""
        return (
            hit.question in _NEEDS_TOPIC
            and any(hit.start <= one.end and hit.end >= one.start for one in answered)
            and not self.marks.has(hit.start, hit.end, "own_product", "page", "account_page")
        )

    def is_disowned(self, hit: Hit, told: list[Turn]) -> bool:
        """Whether the person takes what he had for something else, or says that he never opened what he used."""
        used = _USED.search(self.text, hit.start, hit.end)
        return hit.value == "yes" and any(
            _MISTOOK.search(self.text, turn.start, turn.end)
            or (used and _NEVER_OPEN.search(self.text, turn.start, turn.end))
            for turn in told
        )

    def doubted(self, hits: list[Hit]) -> list[Hit]:
        """Return the readings, none of them sure that rests on words of a text that may be made, or that is quoted."""
        if len(self.turns) == 1 and hits:
            doubtful = is_doubtful(self.text, self.shown, self.reader.is_own_head)
            speech = Speech(self.text, self.shown)
            for hit in hits:
                hit.sure &= not doubtful and not speech.holds(hit.question, hit.start, hit.end)
        return hits

    def weighed(self, hits: list[Hit]) -> list[Hit]:
        """Weigh readings by the others: a page on a computer is only asked back, nothing is given where nobody asks."""
        sure = [(hit.question, hit.value) for hit in hits if hit.sure]
        contacts = [value for question, value in sure if question == "safety.contact"]
        if any(question == "client.kind" and value not in _WITH_ENTRY for question, value in sure):
            for hit in hits:
                named = _UNSEEN if hit.value == "not_looked" else _PLACE
                if hit.question == "entry.services_menu" and not named.search(self.text, hit.start, hit.end):
                    hit.sure = False
        told = [turn for turn in self.turns if turn.role == "person" and turn.certain]
        hits += list(named_beside(hits, self.marks, told))
        send_on(self.text, hits, contacts)
        for hit in hits:
            hit.sure &= hit.question != "account.had_entry_before" or not self.is_disowned(hit, told)
            hit.sure |= hit.unless_contact and bool(contacts)
        if contacts or self.marks.names("strange") or self.reader.guards.harm.bids(self.text):
            return [hit for hit in hits if hit.sure or not hit.unless_contact]
        return [
            hit
            for hit in hits
            if hit.sure
            or hit.question != "safety.given"
            or hit.value in (["screen"], ["loan"])
            or is_away(self.text, hit.start, hit.end)
        ]


def _asked_of(hits: list[Hit]) -> list[tuple[Asked, bool]]:
    """Return what would ask for these answers."""
    return [(Asked(question=question), False) for question in dict.fromkeys(hit.question for hit in hits)]


def _number(match: re.Match[str], group: PhraseGroup) -> tuple[Value, bool] | None:
    """Return the number of a match and whether it is only rough."""
    text, start, end = match.string, *match.span("n")
    words = match["n"].strip()
    found, rough = normalise.number(words), normalise.about(text, start, end)
    if found is None:
        return None
    beside = _EARNED if group.question == "debt.monthly_repayment" else _REPAID
    if group.number == "money" and beside.search(_CLAUSES.split(text[match.start() : start])[-1]):
        return None  # 每个月要还九千多 工资六千五
    low, high = WHOLE.get(group.question, (0, _MOST_SUM))
    if not low <= found <= high:
        return None
    if group.number == "age":
        young = rough or _OTHER_AGE.search(text[max(0, start - 10) : start].rstrip())
        return None if young else (int(found), False)
    if group.number == "count":
        return int(found), rough or words == "一"  # 有一笔借款: a loan, not how many
    if 0 < found < _LEAST_SUM or _SUMMED.match(text, end):
        return None  # one sum of several; 工资一起发
    return (int(found) if found == int(found) else found), rough


_OWN_QUESTION: Final = re.compile(
    r"(?:\A|(?<=[,。.!?;:\n])|(?<=[,。.!?;:\n] )|(?<=[\u3400-\u9fff] ))"
    r"(?P<asked>[^\s,。.!?;:][^,。.!?;:\n]{1,47})\?(?=\s?[^\s?])"
)
"""What somebody names as if asked, before he answers."""
_NOT_OWN: Final = ("kin", "other", "condition", "report", "question", "question_in", "how", "why", "asking")
"""Words in such a question by which it is none about the person, or a real one."""
_LISTED: Final = re.compile(r"(?<=\d) (?=[\u3400-\u9fff]{1,8}\d)")
"""The blank between sums with their names: 收入9000 还款1900."""
_ECHO: Final = re.compile(
    r"(?:^|(?<=[\s,。!;:]))[^\s,。!?;:吗么嘛呢吧啥哪几谁多怎咋能会可]{2,12}\?"
    r"(?=[ \"]?(?:没|从没|从来|还没|有|做|办|早|都|实|绑|开|看|搜|换|登|注|关|不?是我|本人|[用拿]我|我[没自都早本]))"
)
"""What somebody names as if asked once more, before he answers: 实名? 做过了."""


def _with_echoes(text: str) -> str:
    """Return the folded text with a comma behind what is only named to be answered, and between listed sums."""
    text = _LISTED.sub(",", text)
    return _ECHO.sub(lambda found: found[0][:-1] + ",", text) if "?" in text else text


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
