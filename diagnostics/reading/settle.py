"""Settle what was read: competing answers, corrections, a caller's words, and the quote that is shown for each."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import msgspec

from diagnostics.reading import Finding, Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from diagnostics.reading.normalise import Marks, Turn

LISTS: Final = frozenset({"activity.services", "safety.contact", "safety.given"})
"""Questions of which several values may hold at once."""
LAST_COUNTS: Final = "client.kind"
"""The question of which, where several values are said, the one that came afterwards holds."""
_AFTERWARDS: Final = re.compile(
    r"后来|现在|然后|[又再改换]|刚才?(?!说)|一说|\b(?:then|now|later|after(?:wards)?|switched|again|since)\b"
)
_NEAR: Final = 12
"""Characters before a place where somebody looked in which it shows that he looked there afterwards."""


_AROUND: Final = " .,。!?;:、\"'()-\n"
"""Signs with which no quote begins or ends."""
_SHORT_CLAUSE: Final = 48


_BRACKETS: Final = {"【": "】", "「": "」", "《": "》", "“": "”", "(": ")", "（": "）", "[": "]"}


def with_brackets(shown: str, start: int, end: int) -> tuple[int, int]:
    """Widen a quote by the bracket that closes one in it, or opens one, where that stands right beside it."""
    inside = shown[start:end]
    for opening, closing in _BRACKETS.items():
        if inside.count(opening) > inside.count(closing) and shown[end : end + 1] == closing:
            return start, end + 1
        if inside.count(opening) < inside.count(closing) and shown[max(0, start - 1) : start] == opening:
            return start - 1, end
    return start, end


class Hit(msgspec.Struct):
    """A reading before competing ones are settled; `beats`: values of its question that it replaces."""

    question: str
    value: Value
    start: int
    end: int
    sure: bool
    beats: tuple[str, ...] = ()
    unless_contact: bool = False
    """Doubtful only because nobody is named to whom it was given; who made contact elsewhere in the text is."""

    def overlaps(self, other: Hit) -> bool:
        """Whether another reading rests on words of this one."""
        return self.start < other.end and other.start < self.end

    def replaced_by(self, other: Hit) -> bool:
        """Whether another reading of the same question rests on some of the same words, and counts instead."""
        return self.question == other.question and self.overlaps(other)


class Quotes:
    """Finds the words to show for a match: its clause where that is short."""

    def __init__(self, shown: str, marks: Marks, turns: list[Turn]) -> None:
        self._shown, self._marks, self._turns = shown, marks, turns

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return where the quote for a match begins and ends; nothing else of the text is in it."""
        text, turn = self._marks.text, next(one for one in self._turns if start < one.end)
        first = self._marks.clause(start, turn.start)[0]
        last = min(self._marks.clause(max(start, end - 1))[1], turn.end)
        if last - first > _SHORT_CLAUSE:
            first, last = start, last if last - end <= _SHORT_CLAUSE // 4 else end
        while first < start and text[first] in _AROUND:
            first += 1
        return first, first + len(text[first:last].rstrip(_AROUND))

    def finding(self, question: str, value: Value, hit: Hit, sure: bool) -> Finding:
        """Return a reading with its quote."""
        if question in ("debt.open_loans", "person.age") and isinstance(value, str):
            value = int(value)  # the phrase files hold only texts
        start, end = with_brackets(self._shown, *self.span(hit.start, hit.end))
        return Finding(question, value, self._shown[start:end], start, end, sure)


def settled(hits: list[Hit], folded: str, quotes: Quotes) -> list[Finding]:
    """Settle competing readings: a correction counts, a stronger value wins, else none of them is sure."""
    by_question: dict[str, list[Hit]] = {}
    for hit in sorted(hits, key=lambda one: (one.start, one.end)):
        by_question.setdefault(hit.question, []).append(hit)
    findings: list[Finding] = []
    for question, found in by_question.items():
        if question in LISTS:
            findings += _union(question, found, quotes)
            continue
        beaten = {value for one in found if one.sure for value in one.beats}
        if any(one.sure and one.value != "not_looked" for one in found):
            beaten.add("not_looked")  # 微粒贷在哪啊, 服务里没有: somebody looked
        kept = [one for one in found if one.value not in beaten] or found[-1:]  # two that beat each other: the last
        if len({str(one.value) for one in kept}) > 1 and (last := _corrected(kept, folded)):
            kept = [last]
        if len({str(one.value) for one in kept if one.sure}) == 1:
            kept = [one for one in kept if one.sure]
        if question == LAST_COUNTS and _AFTERWARDS.search(folded, max(0, kept[-1].start - _NEAR), kept[-1].end):
            kept = kept[-1:]  # first on a computer, then on the phone
        alike: dict[str, Hit] = {}
        for one in kept:
            alike.setdefault(str(one.value), one)
        if alike:
            best = max(alike.values(), key=lambda one: (one.end, one.end - one.start))
            findings.append(quotes.finding(question, best.value, best, best.sure and len(alike) == 1))
    return sorted(findings, key=lambda one: one.start)


def _corrected(hits: list[Hit], text: str) -> Hit | None:
    """Return the last reading where the words before it take an earlier one back."""
    last = hits[-1]
    between = text[max(hits[0].end, last.start - 30) : last.start + 4]
    if re.search(r"不对|[说打写记弄输看]错|[打说写弄]反|更正|应该是|不是.{0,12}是|哦不|sorry|i mean", between):
        return last
    return None


_SAVED: Final = re.compile(
    r"(?:安全|清算|监管|保护|指定|对公|专用)[^,。!?;\n]{0,4}(?:账户|账号|户头)|清零|清空"
    r"|\b(?:safe|secure|clearing) account"
)
"""Where a caller who wants the loan closed has the money moved to; nobody borrows it for another."""
_BEHIND: Final = 16
"""Characters behind such words in which the account is named."""


def as_their_words(hits: list[Hit], text: str) -> list[Hit]:
    """Return the readings without the wishes that are words of a caller: 说要注销微粒贷, of the 注销.

    What he has borrowed to be saved is no loan for another.
    """
    contacts = [one for one in hits if one.question == "safety.contact"]
    closing = any(one.value == ["close_call"] for one in contacts)
    saved = any(one.value == ["close_call"] and one.sure for one in contacts)
    kept = []
    for hit in hits:
        if saved and hit.value == ["borrow_for_others"] and _SAVED.search(text, hit.start, hit.end + _BEHIND):
            continue  # 不注销影响征信, 把额度借出来转到安全账户
        if hit.question == "service.wish":
            if any(one.overlaps(hit) for one in contacts):
                continue
            hit.sure &= not (closing and hit.value == "close")
        kept.append(hit)
    return kept


def _union(question: str, hits: list[Hit], quotes: Quotes) -> Iterator[Finding]:
    """Yield a list question's values together: the sure ones, else what may be asked back."""
    sure = [one for one in hits if one.sure]
    counted = [one for one in (sure or hits) if one.value] or (sure or hits)
    values: list[str] = []
    dropped = {value for one in counted for value in one.beats}
    for one in counted:
        values += [
            value for value in (one.value if isinstance(one.value, list) else ()) if value not in (*values, *dropped)
        ]
    yield quotes.finding(question, values, counted[0], bool(sure))
