"""Rows of a list chosen by their numbers: 4和5, 第一个和第四个, 前三个, 1到3, 除了4都没有, the first and the third."""

from __future__ import annotations

import re
from typing import Final

from diagnostics.reading.normalise import fold
from diagnostics.sanitize import clean

_NAMES: Final = "一二三四五六七八九十"
_WORDS: Final = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
_NUMBER: Final = rf"(?:(?<!\d)\d{{1,2}}(?!\d)(?:st|nd|rd|th)?|[{_NAMES}]|{'|'.join(_WORDS)})"
_KIND: Final = r"(?:个|项|条|种|号|点|样|行)"
_ROW: Final = (
    rf"(?:(?:第|选项|选|the |number |option |no\. ?|#)\s?{_NUMBER}\s?{_KIND}?(?: one)?"
    rf"|{_NUMBER}(?:号|项|条)?(?![{_NAMES}]|{_KIND}))"
)
_RANGE: Final = rf"(?:从|第|from )*{_NUMBER}{_KIND}?\s?(?:-|~|到|至|to|through)\s?第?{_NUMBER}{_KIND}?"
_ENDS: Final = (
    rf"(?:前面?|头|最?后面?|末尾)(?:那|这)?(?:[一两{_NAMES}]|\d){_KIND}|最后(?:那|一)?个?"
    r"|(?:the )?(?:first|last) (?:two|three|four|five)|the last(?: one)?"
)
_TOGETHER: Final = rf"第{_NUMBER}(?:[、,和跟与]\s?{_NUMBER})+{_KIND}"
_PART: Final = rf"(?:{_RANGE}|{_ENDS}|{_TOGETHER}|{_ROW})"
_BETWEEN: Final = r"(?:[\s,、;/&+和跟与及]|以及|还有|再加上?|and|plus)*"
_PLAIN: Final = rf"{_PART}(?:{_BETWEEN}{_PART})*"
_ROWS: Final = rf"(?P<rows>{_PLAIN})"
_HEAD: Final = r"(?:我|选|就|是|只|要|有|填|答|了|应该|the|only|just|i|options?|numbers?|items?|choose|pick|[\s:,])*?"
_TAIL: Final = (
    r"(?:\s*(?:这?[两三几]个)?(?:都|也)?(?:有|是|对|给|遇到|碰到|选|要|用|符合|占|中)?"
    r"(?:过|了|的|吧|呀|啊|呢|哦|吗|[,。! ])*"
    r"|[, ]*(?:其[他它余]|别的|剩下|余下)的?都?没有?[了的。! ]*"
    r"|(?: please| apply| applies| only|[.! ])*)"
)
_CHOSEN: Final = re.compile(rf"{_HEAD}{_ROWS}{_TAIL}")
_BUT: Final = re.compile(
    rf"(?:(?:什么|其[他它余]|[我也])*都?(?:(?P<denied>没|不|无)\S{{0,2}}|\S{{1,2}})"
    rf"[,. ]?除了?\s?(?P<behind>{_PLAIN})(?:以外|之外)?[.! ]*"
    rf"|除了?\s?{_ROWS}(?:之?外|以外)?[,\s]*(?:其[他它余]|别的|剩下|余下)?的?[我也]?[全都]+(?P<none>[没不未否无])?.{{0,8}}"
    rf"|(?:(?P<nothing>none|nothing|no)|all|everything)(?: of them)?,? (?:except|but|apart from)(?: for)?"
    rf" (?:the |number )?(?P<but>{_PLAIN})[.! ]*)"
)
_RUN: Final = re.compile(rf"[1-9]{{2,5}}|[{_NAMES[:9]}]{{2,5}}")
"""Numbers without a sign between them: 二四, 134."""
_EACH: Final = re.compile(rf"(?P<range>{_RANGE})|(?P<ends>{_ENDS})|(?P<one>{_NUMBER})")
_WRONG: Final = re.compile(r"(.+?)\s*[都也]?(?:不对|错|不是|不要|去掉|(?:is|are)? ?wrong)[的了。.! ]*")
_RIGHT: Final = re.compile(r"(.+?)\s*[都也]?(?:对|是|(?:is|are)? ?right)[的了。.! ]*")
"""Words by which rows are wrong, or right: 第二个不对."""
_MANY: Final = {"two": 2, "three": 3, "four": 4, "five": 5, "两": 2}


def rows_in(text: str, count: int) -> list[int] | None:
    """Return the rows of so many that words choose by number, in their order; None where they say anything else."""
    folded = fold(clean(text)).strip()
    if _RUN.fullmatch(folded) and count < 10 and (not folded.isdigit() or int(folded) > count):
        rows = [_number(sign) for sign in folded]
        return rows if rows == sorted({*rows}) and rows[-1] <= count else None
    but = _BUT.fullmatch(folded)
    found = but or _CHOSEN.fullmatch(folded)
    if found is None:
        return None
    picked: set[int] = set()
    for part in _EACH.finditer((but and (but["but"] or but["behind"])) or found["rows"]):
        picked |= set(_numbers(part, count))
    if not picked or not picked <= {*range(1, count + 1)}:
        return None
    if but is not None and not (but["none"] or but["nothing"] or but["denied"]):
        return [row for row in range(1, count + 1) if row not in picked]
    return sorted(picked)


def _numbers(part: re.Match[str], count: int) -> range:
    """Return the rows that one part names; beyond the list where it names none."""
    if part["range"]:
        first, last = (_number(one) for one in re.findall(_NUMBER, part["range"]))
        return range(first, last + 1) if first < last else range(count + 1, count + 2)
    if ends := part["ends"]:
        amount = re.search(rf"[{_NAMES}两\d]|two|three|four|five", ends)
        many = min(count, _MANY.get(amount[0]) or _number(amount[0])) if amount else 1
        return range(count - many + 1, count + 1) if re.search("后|末|last", ends) else range(1, many + 1)
    return range(_number(part["one"]), _number(part["one"]) + 1)


def _number(word: str) -> int:
    if word[0].isdecimal():
        return int(word.rstrip("stndrh"))
    return (_WORDS.index(word) if word in _WORDS else _NAMES.index(word)) + 1


def words_in(typed: str) -> list[str]:
    """Split a typed list."""
    return typed.replace("，", " ").replace(",", " ").replace("、", " ").split()


def numbers_in(typed: str, count: int) -> set[int] | None:
    """Return typed numbers from 1 to `count` (also 4和5, 前三个), 0 standing for none; None for any other input."""
    words = words_in(typed)
    if all(word.isdecimal() and len(word) < 5 and int(word) <= count for word in words):
        return {int(word) for word in words} - {0}
    rows = rows_in(typed, count)
    return None if rows is None else {*rows}


def marked(typed: str, count: int, ticked: set[int]) -> set[int] | None:
    """Return which of so many rows are ticked after a line: a number sets or clears one, 第二个不对 clears it."""
    wrong, right = _WRONG.fullmatch(typed), _RIGHT.fullmatch(typed)
    found = wrong or right
    numbers = numbers_in(found[1] if found else typed, count)
    if numbers is None:
        return None
    return ticked - numbers if wrong else ticked | numbers if right else ticked ^ numbers
