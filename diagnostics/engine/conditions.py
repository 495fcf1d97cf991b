"""Conditions on facts: met, still open or not to be met; and all conditions on one fact as bits by its value."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from diagnostics.engine.facts import NEVER, OPEN, Fact, State, exact
from diagnostics.evidence import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from fractions import Fraction

    from diagnostics.engine.facts import Known
    from diagnostics.knowledge.model import Condition

K = TypeVar("K")
V = TypeVar("V")
_WANTS: Final = ("any", "below", "above", "at_least", "at_most", "empty", "has")
"""The members of a condition that no fact meets before it is known."""
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
        excludes = condition.not_ is not None or condition.lacks is not None
        if excludes and all(getattr(condition, name) is None for name in _WANTS):
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
    if condition.below is condition.above is condition.at_least is condition.at_most is None:
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
    """Results kept by what they follow from; begins anew when it is full, so that its size is bounded.

    `make` works out what is not there yet.
    """

    __slots__ = ("_make", "_most")

    def __init__(self, most: int = MOST, make: Callable[[K], V] | None = None) -> None:
        self._most = most
        self._make = make

    def __missing__(self, key: K) -> V:
        if self._make is None:
            raise KeyError(key)
        return self.keep(key, self._make(key))

    def keep(self, key: K, value: V) -> V:
        """Keep a result and return it."""
        if len(self) >= self._most:
            self.clear()
        self[key] = value
        return value


class once(Generic[V]):  # noqa: N801 - it stands as a decorator
    """A property worked out when it is first asked for; `cached_property` does too, and before Python 3.12 locks."""

    def __init__(self, make: Callable[[Any], V]) -> None:
        self._make = make

    def __set_name__(self, _owner: type, name: str) -> None:
        self._name = name

    def __get__(self, instance: Any, _owner: type) -> V:
        found = instance.__dict__[self._name] = self._make(instance)
        return found


class Column:
    """All conditions on one fact: which `bits` each of its values meets, and which may still be met."""

    def __init__(self, limits: Mapping[str, float]) -> None:
        self.conditions: list[tuple[int, Condition]] = []
        self.bits = 0
        self.limits = limits
        self.by_answer: Memo[Any, tuple[int, int]] = Memo(make=self._answered)
        """What `masks` says of each answer, None being no answer."""

    def add(self, bit: int, condition: Condition) -> None:
        """Take a condition in, before any answer is looked up."""
        self.conditions.append((bit, condition))
        self.bits |= bit

    def _answered(self, value: Any) -> tuple[int, int]:
        return self.masks(OPEN if value is None else NEVER if value == UNKNOWN else Fact(State.KNOWN, value))

    def masks(self, fact: Fact) -> tuple[int, int]:
        """Return the bits that a fact meets and those that it may still meet."""
        met = open_ = 0
        for bit, condition in self.conditions:
            truth = check(condition, fact, self.limits)
            if truth is Truth.MET:
                met |= bit
            elif truth is Truth.OPEN:
                open_ |= bit
        return met, open_
