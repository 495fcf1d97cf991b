"""Conditions on facts: met, still open or not to be met; and all conditions on one fact as bits by its value."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from enum import IntEnum
from typing import TYPE_CHECKING, Any, Final, TypeVar

from diagnostics.engine.facts import NEVER, OPEN, Fact, State, exact
from diagnostics.evidence import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Mapping
    from fractions import Fraction

    from diagnostics.engine.facts import Known
    from diagnostics.knowledge.model import Condition

K = TypeVar("K")
V = TypeVar("V")
MOST: Final = 4096
"""Values kept of each fact."""


class Truth(IntEnum):
    """What a condition says of a fact."""

    UNMET = 0
    OPEN = 1
    MET = 2


def check(condition: Condition, fact: Fact, limits: Mapping[str, float]) -> Truth:
    """Say whether the condition holds of the fact, could still come to hold, or does not."""
    if fact.state is not State.KNOWN:
        if condition.absent is not None:
            return Truth.MET if condition.absent else Truth.UNMET
        if condition.not_ is not None or condition.lacks is not None:
            return Truth.MET
        return Truth.OPEN if fact.state is State.OPEN else Truth.UNMET
    return Truth.MET if _holds(condition, fact.value, limits) else Truth.UNMET


def _holds(condition: Condition, value: Known, limits: Mapping[str, float]) -> bool:
    return (
        not condition.absent
        and (condition.any is None or value in condition.any)
        and (condition.not_ is None or value not in condition.not_)
        and (condition.empty is None or (not value) == condition.empty)
        and (condition.has is None or any(one in value for one in condition.has))
        and (condition.lacks is None or all(one not in value for one in condition.lacks))
        and _within(condition, value, limits)
    )


def _within(condition: Condition, value: Known, limits: Mapping[str, float]) -> bool:
    if (condition.below, condition.above, condition.at_least, condition.at_most) == (None, None, None, None):
        return True
    if isinstance(value, (str, list, tuple)):
        return False
    number = exact(value)
    return (
        (condition.below is None or number < bound_of(condition.below, limits))
        and (condition.above is None or number > bound_of(condition.above, limits))
        and (condition.at_least is None or number >= bound_of(condition.at_least, limits))
        and (condition.at_most is None or number <= bound_of(condition.at_most, limits))
    )


def bound_of(bound: float | str, limits: Mapping[str, float]) -> int | Fraction:
    """Return a bound exactly; a text names a limit of the settings."""
    return exact(limits[bound[1:]] if isinstance(bound, str) else bound)


class Memo(dict[K, V]):
    """Results kept by what they follow from; begins anew when it is full, so that its size is bounded."""

    def __init__(self, most: int = MOST) -> None:
        super().__init__()
        self._most = most

    def keep(self, key: K, value: V) -> V:
        """Keep a result and return it."""
        if len(self) >= self._most:
            self.clear()
        self[key] = value
        return value


class Column(Memo[Any, tuple[int, int]]):
    """All conditions on one fact: which bits each of its values meets, and which may still be met.

    `bounds` are what its numbers are held against, the least first; `steps` the bits met below, at and above each.
    """

    def __init__(self, limits: Mapping[str, float]) -> None:
        super().__init__()
        self.conditions: list[tuple[int, Condition]] = []
        self.bits = 0
        self.bounds: list[int | Fraction] = []
        self.limits = limits
        self._steps: list[int] = []

    def add(self, bit: int, condition: Condition) -> None:
        """Take a condition in."""
        self.clear()
        self._steps.clear()
        self.conditions.append((bit, condition))
        self.bits |= bit
        named = (condition.below, condition.above, condition.at_least, condition.at_most)
        bounds = {bound_of(bound, self.limits) for bound in named if bound is not None}
        self.bounds = sorted({*self.bounds, *bounds})

    @property
    def steps(self) -> list[int]:
        """The bits met by a number below the first bound, at it, between it and the next, and so on."""
        if not self._steps:
            numbers: list[Any] = [self.bounds[0] - 1] if self.bounds else [0]
            for at, bound in enumerate(self.bounds):
                above = self.bounds[at + 1] if at + 1 < len(self.bounds) else bound + 2
                numbers += [bound, bound + 1 if bound + 1 < above else exact((bound + above) / 2)]
            self._steps = [self._checked(Fact(State.KNOWN, number))[0] for number in numbers]
        return self._steps

    def __missing__(self, value: Any) -> tuple[int, int]:
        return self.keep(
            value, self.masks(OPEN if value is None else NEVER if value == UNKNOWN else Fact(State.KNOWN, value))
        )

    def masks(self, fact: Fact) -> tuple[int, int]:
        """Return the bits that a fact meets and those that it may still meet."""
        if fact.state is not State.KNOWN or isinstance(fact.value, (str, list, tuple)):
            return self._checked(fact)
        number, bounds = exact(fact.value), self.bounds
        if not isinstance(number, int) and all(isinstance(bound, int) for bound in bounds):
            number, rest = divmod(number.numerator, number.denominator)  # whole numbers are compared ten times as fast
            if rest:
                return self.steps[2 * bisect_right(bounds, number)], 0
        at = bisect_left(bounds, number)
        return self.steps[2 * at + (at < len(bounds) and bounds[at] == number)], 0

    def _checked(self, fact: Fact) -> tuple[int, int]:
        met = open_ = 0
        for bit, condition in self.conditions:
            truth = check(condition, fact, self.limits)
            if truth is Truth.MET:
                met |= bit
            elif truth is Truth.OPEN:
                open_ |= bit
        return met, open_
