"""Short answers: what a question, a line of a form or a card asks for, and what a word or two say to it."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Final

from diagnostics.knowledge.lexicon import Asked
from diagnostics.reading import normalise
from diagnostics.reading.corrections import CORRECTS
from diagnostics.reading.forms import fields, label_pattern, plain_label
from diagnostics.reading.normalise import Turn
from diagnostics.reading.patterns import compile_all, compile_phrase
from diagnostics.reading.settle import LISTS, Hit

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from diagnostics.knowledge.lexicon import Lexicon
    from diagnostics.reading import Value
    from diagnostics.reading.forms import Field
    from diagnostics.reading.sheets import Chosen

COMPLAINT: Final = "complaint.what"
"""The first card; what it offers is named by other questions too."""
NUMBERS: Final = frozenset({"person.age", "debt.monthly_income", "debt.monthly_repayment", "debt.open_loans"})
_ASKS_BACK: Final = re.compile(
    r"(?:吗|么|嘛|吧|呢|没有?|不)[呀啊哦]?\s*[?。!\"]*\s*$|\?\s*1|请(?:选择|输入|回复)|(?:回复|输入)数字|\?\s*$|请问|多少|多大|几[岁笔家个]|哪|谁|还是|是否|有没有|是不是|什么|啥"
    r"|多不多|多久|怎么样|怎样|看看|看一下|试试|试一下"
)
_LABELS_KEPT: Final = 2_000
"""Labels of which is kept what they name."""
_IN_A_WORD: Final = re.compile(r"[打做干找]零|零[工散花]|一[直般些起样切]|万一|十分|千万")
"""Signs of a number that are part of a word: 打零工."""
_LONE: Final = re.compile(
    rf"(?:我|今年|我今年)? ?(?:{normalise.PATTERN}) ?(?:周?岁|块钱?|元|笔)?(?:了|的)?[ ,。;、]+(?=\S)"
)
"""A number that answers the first of two questions alone: 33 是我自己的."""
_CLAUSE_SIGN: Final = re.compile(r"[,(](?!\d{3})")
_CLAUSE: Final = re.compile(r"[,。!?;:\n ]")
AGREES: Final = re.compile(r"(?:吧|[是对](?:吗|么|嘛|不[是对])|没错|right|correct)\W*$")
"""The end of a question that wants to be agreed with: 服务里没有, 是吗?"""
_STATES: Final = re.compile(r"[^吗么嘛呢啊没不](?<!没有)\?\W*$")
"""The end of a statement that only its sign makes a question: 服务里没有微粒贷?"""
_IN_ALL: Final = re.compile(r"一共|总共|合计|共计|加起来|in total|altogether")
"""Words before a sum of several numbers."""
_COUNTED: Final = re.compile(r" ?[家个笔张台期次口]")
"""Words by which a number is no sum: 一共六家."""
_LABELS: Final = {"debt.monthly_income": re.compile(r"收入|工资|到手|薪|income|salary|earn"),
                  "debt.monthly_repayment": re.compile(r"[还月][款供]|[房车网]贷|repay|instal")}  # fmt: skip
"""Words before a number by which it answers one question and no other."""
NOW: Final = re.compile(r"现在|如今|目前|眼下|今天|这会儿|后来|已经|(?<![a-z])(?:now|since then|already)(?![a-z])")
"""Words behind which stands what holds now: 被封过7天 现在好了."""
_BOTH: Final = re.compile(r"[我俺 ]*(?:两个|两样|这些|俩)?都(?!不清|不知|不记|忘)|neither\b|(?:no to )?both\b|none of ")
"""Words that answer all that was asked at once: 都没有."""
_DENIES: Final = re.compile(r"(?:(?<!是)不是|并非|(?<![a-z])(?:not|isn't|aren't|no))(?: an?)? ?$")
"""Words right before an option by which it is the one that is not meant: 不是苹果."""
_TURNS: Final = re.compile(r"但|不过|可是|后来|又(?!想|不|要|没)|只是|然后|除了|but |though|later")
"""Words that turn a short answer round."""


class Answers:
    """The ways to ask of one lexicon, compiled, and the words that answer."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._words = lexicon.words
        self._rows = lexicon.asked
        self._index, self._asked = compile_all(((row, row.say) for row in lexicon.asked), lexicon.words)
        self._patterns: dict[str, re.Pattern[str]] = {}
        self._labels: dict[str, list[Asked]] = {}
        self._options: dict[str, dict[str, str]] = {}
        """By question the phrases of its options, with their values."""
        self._shared: dict[str, dict[str, list[str]]] = {}
        """Phrases that stand for several options of a question: they name none, and ask which."""
        for key, says in lexicon.options.items():
            question, _, value = key.partition("=")
            options, shared = self._options.setdefault(question, {}), self._shared.setdefault(question, {})
            for say in says:
                if say in options:
                    shared[say] = [options.pop(say)]
                if say in shared:
                    shared[say].append(value)
                else:
                    options[say] = value
        self._replies = {kind: starting(words) for kind, words in lexicon.replies.items()}

    def questions(self, text: str, turn: Turn) -> list[tuple[Asked, bool]]:
        """Return what the last sentences of another speaker's turn ask for, and whether they ask it with a no."""
        piece = text[max(turn.start, turn.end - 400) : turn.end].rstrip()
        asks = _ASKS_BACK.search(piece[-200:]) is not None
        found = [row for row in self._asked_for(piece) if asks or row[0].bid]
        chosen = self._chosen_between(choices(piece[-200:]).values())
        return found if any(row.question == chosen for row, _ in found) or not chosen else [
            *found, (Asked(question=chosen, say=()), False)
        ]  # fmt: skip

    def fields(self, text: str, turn: Turn) -> Iterator[tuple[Field, list[Hit]]]:
        """Yield the lines of a form, 是否重启: 是, each with what it answers."""
        for field in fields(text, turn.start, turn.end):
            known = self.labelled(field.label)
            asked = [[(row, False)] for row in known] or [self._asked_for(field.shown) if field.lone else []]
            cut = _CLAUSE_SIGN.search(text, field.value, field.end)  # 是, 后重新开通; but: wallet: mainland, no loan
            first = text[field.value : cut.start()].strip() if cut else ""
            whole = cut is None or self.polarity(first)[1] == len(first)
            value = Turn("person", field.value, field.end if whole or cut is None else cut.start(), turn.certain)
            hits = [hit for rows in asked if rows for hit in self.answers(text, value, rows, field.shown)]
            if known or hits:
                yield field, hits

    def is_label(self, words: str) -> bool:
        """Whether words are the name of a line of a form."""
        return bool(self.labelled(plain_label(words)))

    def labelled(self, label: str) -> list[Asked]:
        """Return the rows that a label names."""
        if label not in self._labels:
            if len(self._labels) >= _LABELS_KEPT:
                self._labels.clear()
            self._labels[label] = [row for row in self._rows if row.label and self._label(row).fullmatch(label)]
        return self._labels[label]

    def _label(self, row: Asked) -> re.Pattern[str]:
        """Return the expression of the labels of a row, compiled when one is first looked for."""
        key = "\n".join(row.label)
        if key not in self._patterns:
            self._patterns[key] = re.compile("|".join(label_pattern(one, self._words) for one in row.label))
        return self._patterns[key]

    def _chosen_between(self, parts: Iterable[str]) -> str:
        """Return the question of which numbered choices name different answers; empty where none is named by most."""
        parts = list(parts)
        named = {question: {value for part in parts for _, _, value in self._named(says, part)[:1]}
                 for question, says in self._options.items() if len(parts) > 1 and question != COMPLAINT}  # fmt: skip
        best = max(named, key=lambda question: len(named[question]), default="")
        rivals = [question for question, values in named.items() if best and len(values) == len(named[best])]
        return best if len(rivals) == 1 and len(named[best]) > len(parts) / 2 else ""

    def own(self, text: str, question: str, start: int, turn: Turn) -> Iterator[Hit]:
        """Yield what a person's own question, which begins at `start`, and the first words behind it say together."""
        asked = [row for row in self._asked_for(question) if not row[0].bid]
        for hit in self.answers(text, turn, asked, question) if asked else ():
            hit.start = start
            yield hit

    def chosen(self, sheet: Chosen) -> Iterator[Hit]:
        """Yield what was chosen of the answers to one question of a sheet."""
        asked = [row for row in self._asked_for(sheet.question) if not row[0].bid]
        for hit in self._plain(asked, sheet.words, sheet.question) if asked else ():
            hit.start, hit.end = sheet.start, sheet.end
            yield hit

    def _asked_for(self, piece: str) -> list[tuple[Asked, bool]]:
        """Return what a few words ask for, and whether they ask it with a no."""
        found: list[tuple[int, int, Asked, bool]] = []
        for phrase in self._index.candidates(piece):
            for match in phrase.pattern().finditer(piece):
                row = self._asked[phrase.index]
                own = any(sign in say for sign in "没未不" for say in row.say)  # 未结清 asks with no no
                start = max(0, match.start() - 4)
                negative = re.search(r"没有?|不是|未", piece[start : match.start() if own else match.end()]) is not None
                states = AGREES.search(piece) or _STATES.search(piece)
                negative = negative and "有没有" not in piece and states is not None
                found.append((match.start(), match.end(), row, negative))
        found.sort(key=lambda one: one[1])
        if any(not one[2].bare for one in found):
            found = [one for one in found if not one[2].bare]
        return [
            (asked, negative)
            for start, end, asked, negative in found  # of "要关闭微粒贷吗" not also "关闭过微粒贷吗"
            if not any(at <= start and end <= to and to - at > end - start for at, to, _, _ in found)
        ]

    def answers(self, text: str, turn: Turn, asked: list[tuple[Asked, bool]], question: str) -> Iterator[Hit]:
        """Yield what a turn answers to the question before: with its first words, or with each numbered one."""
        start = turn.start
        if sheet := list(self._by_number(text, turn, question)):
            for part, rows, number_of in sheet:
                yield from self.answers(text, part, rows, number_of)
            return
        while start < turn.end and text[start] in ' \n"':
            start += 1
        first = text[start : min(turn.end, start + 40)].split("\n")[0]
        bids = [row for row, _ in asked if row.bid]
        listed = {value for _, _, value in self._listed(asked, "safety.given", first)} if bids else set()
        asked = [one for one in asked if not one[0].bid]
        hits = [
            Hit(row.question, [done[0]], done[1], done[2], turn.certain)
            for row in bids
            if (done := self.short(row, _TURNS.split(first, 1)[0])) and done[0] in (listed or {done[0]})
        ]
        chosen = self._chosen(asked, first, question)
        for hit in hits + (self._plain(asked, first, question) if chosen is None else chosen):
            hit.start += start
            hit.end += start
            hit.sure &= turn.certain
            yield hit

    def _by_number(self, text: str, turn: Turn, question: str) -> Iterator[tuple[Turn, list[tuple[Asked, bool]], str]]:
        """Yield the numbered answers of a reply, each with what the question of its number asks: 1 实名了 2 没绑."""
        offered = choices(question)
        replies = list(_REPLIES.finditer(text, turn.start, min(turn.end, turn.start + 200))) if offered else []
        for found in replies if len(replies) > 1 else ():
            number_of = offered.get(_key(found[1]), "")
            if _ASKS_BACK.search(number_of) and (rows := self._asked_for(number_of)):
                yield Turn(turn.role, *found.span(2), turn.certain), rows, number_of

    def _chosen(self, asked: list[tuple[Asked, bool]], first: str, question: str) -> list[Hit] | None:
        """Return what the choice says that a reply takes, 第二个 or of two also 后者; None where it takes none."""
        offered, chosen = choices(question), _CHOSEN.match(first)
        keys = _CHOICE.findall(chosen[0]) if chosen else []
        if not offered and (two := _TWO.search(question)) and (chosen := _WHICH.match(first)):
            offered, keys = {"1": two[1], "2": two[2]}, ["1" if chosen["former"] else "2"]
        parts = [part for key in keys if (part := offered.get(_key(key)))]
        if chosen is None or not parts:
            return None
        if all(len(part) < _YES_OR_NO for part in offered.values()):  # 1.是 2.否
            plain = [hit for part in parts for hit in self._plain(asked, part, "")]
            return [Hit(hit.question, hit.value, 0, chosen.end(), hit.sure) for hit in plain]
        return [
            Hit(row.question, [named[0]] if row.question in LISTS else named[0], 0, chosen.end(), sure=True)
            for part in parts
            for row, _ in asked
            if (named := self.short(row, part))
        ]

    def _plain(self, asked: list[tuple[Asked, bool]], first: str, question: str) -> list[Hit]:
        """Return what a reply names, counts, or says with a yes or a no."""
        questions = list(dict.fromkeys(one.question for one, _ in asked))
        lone = _LONE.match(first) if len(questions) > 1 else None
        if lone is not None and (number := self._number(questions, lone[0])) is not None:
            counted, rest = next(one for one in questions if one in NUMBERS), lone.end()
            left = self._plain([one for one in asked if one[0].question != counted], first[rest:], question)
            others = [Hit(one.question, one.value, one.start + rest, one.end + rest, one.sure) for one in left]
            return [Hit(counted, number[0], number[1], number[2], number[3]), *others]
        named = {row.question: short for row, _ in asked if (short := self.short(row, first))}
        number = self._number(questions, first)
        if named and asked[-1][0].question not in NUMBERS:
            number = None
        if named and (number is None or min(short[1] for short in named.values()) <= number[1]):
            which = min(named, key=lambda one: named[one][1])
            value, at, to = named[which]
            if which in LISTS:
                return [Hit(which, [one], a, z, len(named) == 1) for a, z, one in self._listed(asked, which, first)]
            polarity, length = self.polarity(first)  # 是她本人吗? 不是, 拿我的身份证实的
            denied = polarity == "no" and length <= at and any(row.yes == value for row, _ in asked)
            return [Hit(which, value, at, to, len(named) == 1 and not denied)]
        if number is not None:
            read, at, to, exact = number
            return [Hit(next(one for one in questions if one in NUMBERS), read, at, to, exact)]
        polarity, length = self.polarity(first, question)
        both = _BOTH.match(first) is not None
        hits: list[Hit] = []
        for row, negative in reversed(asked) if polarity else ():
            denies = negative and first.startswith(("不是", "不对"))  # 没绑卡对吧? 不是
            value = row.no if (polarity == "no" or negative) and not denies else row.yes
            if value and row.question not in (hit.question for hit in hits):
                sure = (both or len(questions) == 1) and value not in row.doubt
                sure = sure and not _TURNS.search(first, length)
                hits.append(Hit(row.question, [value] if row.question in LISTS else value, 0, length, sure))
                if not both:
                    break
        return hits

    @staticmethod
    def _number(questions: list[str], first: str) -> tuple[Value, int, int, bool] | None:
        """Return the number that the first words of a reply give where one was asked for, its place, and if exact."""
        numbers = [question for question in questions if question in NUMBERS]
        found = re.search(normalise.PATTERN, first) if len(numbers) == 1 else None
        before = first[: found.start()] if found else ""
        if any(one not in numbers and label.search(before) for one, label in _LABELS.items()):
            return None
        later = (CORRECTS.search(first, found.end()) or _IN_ALL.search(first)) if found else None
        last = re.compile(normalise.PATTERN).search(first, later.end()) if later else None
        found = last if last and (numbers[0] in WHOLE or not _COUNTED.match(first, last.end())) else found
        if not found or _IN_A_WORD.search(first[max(0, found.start() - 1) : found.end() + 1]):
            return None
        number = plain_number(numbers[0], found, first)
        if number is None:
            return None
        return number, *found.span(), not normalise.about(first, *found.span())

    def short(self, row: Asked, first: str) -> tuple[str, int, int] | None:
        """Return the value that the first words of a reply name, and where they stand in it."""
        now = NOW.search(first) if row.question != COMPLAINT else None
        at = now.start() if now is not None else 0
        named = self._named(self._sayings(row), first[at:])
        if at and not named:
            return self.short(row, first[:at])
        start, end, value = min(named, key=lambda one: one[0], default=(0, 0, ""))
        return (value, at + start, at + end) if named else None

    def _listed(self, asked: list[tuple[Asked, bool]], question: str, first: str) -> list[tuple[int, int, str]]:
        """Return every value of a list question that a reply names without denying it: 卡号给了 密码没有."""
        found: dict[str, tuple[int, int, str]] = {}
        for row, _ in asked:
            for one in self.affirmed(question, first) if row.question == question else ():
                found.setdefault(one[2], one)
        return list(found.values())

    def _sayings(self, row: Asked) -> dict[str, str]:
        return row.answers | self._options.get(row.question, {})

    def _named(self, sayings: Mapping[str, str], first: str) -> list[tuple[int, int, str]]:
        """Return where the phrases that stand in a reply begin and end, each with its value."""
        places = ((self._pattern(say).search(first), value) for say, value in sayings.items())
        return [(*found.span(), value) for found, value in places
                if found and not _DENIES.search(first, 0, found.start())]  # fmt: skip

    def _pattern(self, say: str) -> re.Pattern[str]:
        """Return the expression of an answer, compiled when it is first looked for."""
        if say not in self._patterns:
            self._patterns[say] = compile_phrase(say, self._words).pattern()
        return self._patterns[say]

    def polarity(self, first: str, question: str = "") -> tuple[str, int]:
        """Return whether the first words say yes or no, and how long they are."""
        for polarity in ("unknown", "no", "yes"):
            if (pattern := self._replies.get(polarity)) and (found := pattern.match(first)):
                return ("" if polarity == "unknown" else polarity), found.end()
        echo = _CLAUSE.split(first, 1)[0].rstrip("的啊呢了")
        if len(echo) > 1 and echo in question and "还是" not in question and not echo.isdigit():
            return "no" if echo[0] in "没不未" else "yes", len(echo)  # 稳定吗? 稳定; 有没有被限制? 没有被限制
        return "", 0

    def named(self, question: str, text: str) -> list[tuple[int, int, str]]:
        """Return where words stand that name a value of this question, by place, longer ones first."""
        sayings = {
            say: value
            for row in self._rows
            if row.question == question and not row.label
            for say, value in row.answers.items()
        }
        return sorted(self._named(sayings | self._options.get(question, {}), text), key=lambda one: (one[0], -one[1]))

    def affirmed(self, question: str, text: str) -> list[tuple[int, int, str]]:
        """Return where words stand that name an option without denying it."""
        return [one for one in self._named(self._options.get(question, {}), text)
                if not text.startswith(("没", "不", "未", "也没", "都没"), one[1])]  # fmt: skip

    def shared(self, question: str, text: str) -> list[str]:
        """Return the values between which the words of a reply leave open which is meant."""
        shared = self._shared.get(question, {}).items()
        return next((values for say, values in shared if self._pattern(say).search(text)), [])

    def plain(self, question: str, polarity: str) -> str:
        """Return what a plain yes or no says to a question in whichever way it is asked; empty where nothing."""
        said = (row.yes if polarity == "yes" else row.no for row in self._rows if row.question == question)
        return next(filter(None, said), "")

    @staticmethod
    def turns(text: str, start: int) -> bool:
        """Whether something behind a short answer turns it round."""
        return _TURNS.search(text, start) is not None

    def unknown(self, text: str) -> int:
        """Return how long the first words are that say that somebody does not know; 0 where they do not."""
        pattern = self._replies.get("unknown")
        found = pattern.match(text) if pattern is not None else None
        return found.end() if found is not None else 0


_YES_OR_NO: Final = 6
"""Characters of choices that answer like words of one's own: 1.有 2.没有 3.没看过."""
_CHOICE: Final = re.compile(r"[一二三四五六1-6]|(?<![a-z])[a-f](?![a-z])")
_CHOSEN: Final = re.compile(
    rf"(?:(?: ?[,、和跟+&] ?| ?and | |还有)?(?:选|就|第)?(?:{_CHOICE.pattern})(?:个|项|种|吧|号)?)+(?=[,。!?; ]|$)"
)
"""The numbers of choices: 第二个, 1和3."""
_TWO: Final = re.compile(r"([^。!?;\n]+?)(?:还是|抑或| or )([^。!?;\n]+)[。!?;\s]*$")
"""A question with two choices: 是苹果还是安卓?"""
_WHICH: Final = re.compile(
    r"(?:我?选|就|是|the )?"
    r"(?:(?P<former>前者|前面那?一?个|前一个|第[一1]个|former|first)|后者|后面那?一?个|后一个|第[二2]个|latter|second)"
    r"(?: one)?(?=[,。!?;:\s有的吧呀啊]|$)"
)
"""Which of two choices: 后面那个."""
_HAN: Final = r"[\u3400-\u9fff]"
_BULLET: Final = (
    rf"(?:(?<![a-z\d])[1-6一二三四五六](?=[ .、:)a-z])|(?<!\d)[1-6](?={_HAN})|(?<![a-z])[a-f](?=[.、:)]|{_HAN}))"
)
_PARTS: Final = re.compile(rf"({_BULLET})[ .、:)]*(?=[^\s\d.、:)])(.*?)(?={_BULLET}|$)")
"""What an agent offers to choose from: 1 从来没有过 2 以前有现在没了."""
_REPLIES: Final = re.compile(rf"({_BULLET})[ .、:)]*(?=[^\s.、:)])([\s\S]*?)(?=[\s,;。]*{_BULLET}|$)")
"""What a person answers to numbered questions: 1 实名了 2 没绑 3 27."""


def _key(key: str) -> str:
    return str("一二三四五六".index(key) + 1) if key in "一二三四五六" else key


def choices(question: str) -> dict[str, str]:
    """Return the words of each numbered choice, by its number or letter; empty where nothing was numbered."""
    parts = {_key(found[1]): found[2].strip(" ,;。/") for found in _PARTS.finditer(question.strip())}
    return parts if len(parts) > 1 else {}


def starting(words: tuple[str, ...]) -> re.Pattern[str]:
    """Match one of these words at the beginning; a short one only where nothing else goes on."""
    longest = sorted(words, key=len, reverse=True)
    forms = (
        f"(?:{re.escape(word)})+"  # 嗯嗯, 没有没有
        + ("(?![a-z/])" if word.isascii() else _APART if len(word) < 3 and word[-1] not in "过了嗯恩" else "")
        for word in longest
    )
    return re.compile(rf"(?:{'|'.join(forms)})")


_APART: Final = r"(?!/)(?=[了的啊呀呢吧哦嘛哈诶哎啦咧嘞哩咯喽噻呗,。!?;:\s]|$)"
WHOLE: Final = {"person.age": (6, 110), "debt.open_loans": (0, 100)}
"""Questions that whole numbers answer, and between which."""


def plain_number(question: str, found: re.Match[str], first: str) -> Value | None:
    """Return the number that answers a question in a few words, or None."""
    value = normalise.number(found[0].strip())
    if question == "person.age" and ("虚" in first[: found.start()] or first.startswith("年", found.end())):
        return None  # 虚岁62, 五八年的
    if first[found.end() :].startswith(("号", "日", "点")):
        return None  # 工资每月10号到: a day
    low, high = WHOLE.get(question, (0, math.inf))
    if value is None or len(first) > found.end() + 16 or first[: found.start()].endswith(("-", "−", ".", "负")):
        return None
    if not low <= value <= high or (question in WHOLE and value != int(value)):
        return None
    return int(value) if value == int(value) else value
