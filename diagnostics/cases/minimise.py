"""The least that is worth keeping: an age becomes a band, free text is masked; the case can still be assessed again.

The bands are cut where the knowledge base's own rules cut, so the age that stands for a band gives every cause the
status that the real age gave.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from diagnostics.evidence import Observation
    from diagnostics.knowledge.model import Knowledge

AGE: Final = "person.age"


def age_bands(knowledge: Knowledge) -> list[tuple[int, int]]:
    """Return the bands of ages, first and last year included, from the bounds in the rules about it."""
    question = knowledge.questions[AGE]
    low, high = question.minimum or 0, question.maximum or 130
    starts = {low}
    for cause in knowledge.causes.values():
        for rule in cause.rule:
            condition = rule.when.get(AGE)
            if condition is not None:
                for bound, shift in (
                    (condition.below, 0),
                    (condition.at_least, 0),
                    (condition.above, 1),
                    (condition.at_most, 1),
                ):
                    if isinstance(bound, (int, float)) and low < bound + shift <= high:
                        starts.add(int(bound) + shift)
    cuts = sorted(starts)
    return [(start, end - 1) for start, end in zip(cuts, [*cuts[1:], high + 1], strict=True)]


def age_band(knowledge: Knowledge, age: float) -> tuple[int, str]:
    """Return the age that stands for this one's band, and the band's name."""
    bands = age_bands(knowledge)
    first, last = next(band for band in bands if age <= band[1] or band is bands[-1])
    middle = last if first == bands[0][0] else first if last == bands[-1][1] else (first + last) // 2
    return middle, f"{first}-{last}"


def minimise(
    knowledge: Knowledge, observations: Iterable[Observation], mask: Callable[[str], str]
) -> list[Observation]:
    """Return the observations as they are kept: ages as bands, every free text masked."""
    return [_minimise(knowledge, one, mask) for one in observations]


def _minimise(knowledge: Knowledge, one: Observation, mask: Callable[[str], str]) -> Observation:
    if one.id == AGE and isinstance(one.value, (int, float)):
        if one.band is not None:
            return one
        value, name = age_band(knowledge, one.value)
        return msgspec.structs.replace(one, value=value, detail=None, band=name)
    detail = mask(one.detail) if one.detail else None
    question = knowledge.questions.get(one.id)
    if isinstance(one.value, str) and (question is None or question.type == "text"):
        return msgspec.structs.replace(one, value=mask(one.value), detail=detail)
    return one if detail == one.detail else msgspec.structs.replace(one, detail=detail)
