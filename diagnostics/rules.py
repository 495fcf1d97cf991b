"""Conditions on facts, with three outcomes: met, not met, and not met yet because something is still open."""

from __future__ import annotations

from enum import IntEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import msgspec

from diagnostics.evidence import Observation

if TYPE_CHECKING:
    from collections.abc import Mapping
    from fractions import Fraction

    from diagnostics.knowledge.model import Condition, When

Known = Any
"""A text, a number (int, float or an exact Fraction) or a list of texts."""


class State(IntEnum):
    """How far a fact is known. `NEVER`: answered `unknown` or not to be had, so it meets no row."""

    OPEN = 0
    NEVER = 1
    KNOWN = 2


class Fact(msgspec.Struct, frozen=True):
    """A fact as it stands: its value where known, and the observations it rests on."""

    state: State
    value: Known = None
    origin: tuple[Observation, ...] = ()


OPEN = Fact(State.OPEN)
NEVER = Fact(State.NEVER)


class Outcome(IntEnum):
    """What a condition says of a fact."""

    UNMET = 0
    OPEN = 1
    MET = 2


def exact(number: float | Fraction) -> int | Fraction:
    """Return a number exactly as it is written: 0.1 is one tenth."""
    return _as_written(number) if isinstance(number, float) else number


@lru_cache(maxsize=4096)
def _as_written(number: float) -> Fraction:
    from fractions import Fraction  # with decimal 3 ms, and only broken numbers need it

    return Fraction(repr(number))


def check(condition: Condition, fact: Fact, limits: Mapping[str, float]) -> Outcome:
    """Say whether the condition holds of the fact, could still come to hold, or does not."""
    if fact.state is not State.KNOWN:
        if condition.absent or condition.not_ is not None:
            return Outcome.MET
        return Outcome.OPEN if fact.state is State.OPEN and condition.absent is None else Outcome.UNMET
    return Outcome.MET if _holds(condition, fact.value, limits) else Outcome.UNMET


def _holds(condition: Condition, value: Known, limits: Mapping[str, float]) -> bool:
    if condition.any is not None:
        return value in condition.any
    if condition.absent is not None:
        return not condition.absent
    if condition.not_ is not None:
        return value not in condition.not_
    if condition.empty is not None:
        return (not value) == condition.empty
    if isinstance(value, (str, list)):
        return False
    number = exact(value)
    return (
        (condition.below is None or number < _bound(condition.below, limits))
        and (condition.above is None or number > _bound(condition.above, limits))
        and (condition.at_least is None or number >= _bound(condition.at_least, limits))
        and (condition.at_most is None or number <= _bound(condition.at_most, limits))
    )


def _bound(bound: float | str, limits: Mapping[str, float]) -> int | Fraction:
    return exact(limits[bound[1:]] if isinstance(bound, str) else bound)


def check_all(when: When, facts: Mapping[str, Fact], limits: Mapping[str, float]) -> Outcome:
    """Combine the conditions of one row: met in full, still open, or not to be met."""
    worst = Outcome.MET
    for id_, condition in when.items():
        outcome = check(condition, facts[id_], limits)
        if outcome is Outcome.UNMET:
            return Outcome.UNMET
        worst = min(worst, outcome)
    return worst
