"""Conditions on facts: met, not met, or not met yet because something is still open."""

from __future__ import annotations

from fractions import Fraction

import msgspec
import pytest

from diagnostics.knowledge.model import Condition
from diagnostics.rules import NEVER, OPEN, Fact, Outcome, State, check, check_all, exact

LIMITS = {"half": 50.0}


def known(value: object) -> Fact:
    return Fact(State.KNOWN, value)


def condition(**given: object) -> Condition:
    return msgspec.convert(given, Condition)


@pytest.mark.parametrize(
    ("given", "fact", "outcome"),
    [
        ({"any": ["a"]}, known("a"), Outcome.MET),
        ({"any": ["a"]}, known("b"), Outcome.UNMET),
        ({"any": ["a"]}, OPEN, Outcome.OPEN),
        ({"any": ["a"]}, NEVER, Outcome.UNMET),
        ({"not": ["a"]}, known("a"), Outcome.UNMET),
        ({"not": ["a"]}, known("b"), Outcome.MET),
        ({"not": ["a"]}, OPEN, Outcome.MET),
        ({"not": ["a"]}, NEVER, Outcome.MET),
        ({"absent": True}, OPEN, Outcome.MET),
        ({"absent": True}, NEVER, Outcome.MET),
        ({"absent": True}, known("a"), Outcome.UNMET),
        ({"empty": True}, known([]), Outcome.MET),
        ({"empty": True}, known(["a"]), Outcome.UNMET),
        ({"empty": False}, known(["a"]), Outcome.MET),
        ({"empty": False}, NEVER, Outcome.UNMET),
        ({"below": 18}, known(17), Outcome.MET),
        ({"below": 18}, known(18), Outcome.UNMET),
        ({"above": 60}, known(60), Outcome.UNMET),
        ({"above": 60}, known(61), Outcome.MET),
        ({"at_least": 18, "at_most": 60}, known(18), Outcome.MET),
        ({"at_least": 18, "at_most": 60}, known(60), Outcome.MET),
        ({"at_least": 18, "at_most": 60}, known(61), Outcome.UNMET),
        ({"at_least": "$half"}, known(Fraction(50)), Outcome.MET),
        ({"at_least": "$half"}, known(Fraction(4999999999, 100000000)), Outcome.UNMET),
        ({"above": "$half"}, known(51), Outcome.MET),
        ({"above": "$half"}, known(50), Outcome.UNMET),
        ({"at_most": "$half"}, known(50), Outcome.MET),
        ({"at_most": "$half"}, known(51), Outcome.UNMET),
        ({"below": "$half"}, known(49), Outcome.MET),
        ({"below": "$half"}, known(50), Outcome.UNMET),
        ({"below": 18}, known("17"), Outcome.UNMET),
        ({"below": 18}, OPEN, Outcome.OPEN),
    ],
)
def test_one_condition(given: dict[str, object], fact: Fact, outcome: Outcome) -> None:
    assert check(condition(**given), fact, LIMITS) is outcome


def test_a_row_is_as_far_as_its_weakest_condition() -> None:
    when = {"a": condition(any=["x"]), "b": condition(any=["y"])}
    for a, b, outcome in (
        (known("x"), known("y"), Outcome.MET),
        (known("x"), OPEN, Outcome.OPEN),
        (OPEN, OPEN, Outcome.OPEN),
        (known("z"), OPEN, Outcome.UNMET),
        (OPEN, NEVER, Outcome.UNMET),
    ):
        assert check_all(when, {"a": a, "b": b}, LIMITS) is outcome


@pytest.mark.parametrize(
    ("number", "as_written"),
    [(0.1, Fraction(1, 10)), (1e-7, Fraction(1, 10**7)), (5, Fraction(5)), (1e22, Fraction(10**22)),
     (Fraction(1, 3), Fraction(1, 3))],
)  # fmt: skip
def test_a_number_is_what_is_written(number: float | Fraction, as_written: Fraction) -> None:
    assert exact(number) == as_written
