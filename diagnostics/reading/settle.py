"""Settle competing readings of one question: a correction counts, a stronger value wins, else none is sure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import msgspec

from diagnostics.reading.model import Finding, Value

if TYPE_CHECKING:
    from collections.abc import Iterator

LISTS: Final = frozenset({"activity.services", "safety.contact", "safety.given"})
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
