"""Find numbers with dots in a text, also where they were typed or wrapped carelessly."""

import re
from collections.abc import Iterator
from itertools import islice
from typing import Final

import msgspec

_RUN: Final = r"(?<!\d)(?<!\d\.)\d{1,10}(?:\s{0,2}[.。,点]\s{0,2}\d{1,10}){1,12}(?![\d])"
_JOINT: Final = r"(\d{1,10})((?:\s{0,2}[.。,点]\s{0,2})?)"
_TAIL: Final = r"_r[0-9a-f]{3,12}(?:\.\d{1,6})?"


def matches(pattern: str, text: str, limit: int = 100) -> Iterator[re.Match[str]]:
    """Yield the matches of `pattern`, at most `limit` of them, so that no text takes for ever."""
    return islice(re.finditer(pattern, text), limit)


class Number(msgspec.Struct, frozen=True):
    """A dotted number: its parts, where it stands, and whether plain dots alone join it."""

    parts: tuple[int, ...]
    start: int
    end: int
    plain: bool


def dotted_numbers(text: str, limit: int = 400) -> Iterator[Number]:
    """Yield the dotted numbers of a text, at most `limit`.

    A plain dot joins always. A dot with spaces, a Chinese full stop, a comma or 点 joins only pieces
    that are no version by themselves, so `8. 0. 49` is one number and `8.0.49。2 台` keeps its own.
    """
    for run in matches(_RUN, text, limit):
        yield from _numbers(text, run.group(), run.start())


def _numbers(text: str, run: str, offset: int) -> Iterator[Number]:
    groups: list[list[tuple[str, int]]] = [[]]  # pieces joined by plain dots: digits, end
    for match in re.finditer(_JOINT, run):
        groups[-1].append((match[1], offset + match.end(1)))
        if match[2] and match[2] != ".":
            groups.append([])
    pending: list[tuple[str, int]] = []
    joined = 0
    for group in groups:
        if len(group) >= 3 or len(pending) + len(group) > 4:
            yield from _number(text, pending, joined == 1)
            pending, joined = [], 0
        pending += group
        joined += 1
        if len(group) >= 3:
            yield from _number(text, pending, joined == 1)
            pending, joined = [], 0
    yield from _number(text, pending, joined == 1)


def _number(text: str, pieces: list[tuple[str, int]], plain: bool) -> Iterator[Number]:
    if len(pieces) < 2 or any(len(digits) > 1 and digits[0] == "0" for digits, _ in pieces[:3]):
        return
    start = pieces[0][1] - len(pieces[0][0])
    end = pieces[-1][1]
    tail = re.compile(_TAIL).match(text, end)
    yield Number(tuple(int(digits) for digits, _ in pieces), start, tail.end() if tail else end, plain)
