"""The cause table of the contract: the cases that travel with each cause hold, and what they do not state."""

from typing import Any

import pytest

from benchmarks.people import HEALTHY
from diagnostics import diagnose
from diagnostics.knowledge import load
from diagnostics.knowledge.model import Cause
from tests.rows import each

CLEAR: dict[str, object] = {**HEALTHY, "entry.other_phone": "not_shown"}


def status_of(answers: dict[str, object], cause: str) -> str:
    return next(found.status for found in diagnose(answers).causes if found.id == cause)


@each("advice.toml#status", "cause, status, answers")
def test_what_no_random_people_say_gives_the_status_of_the_table(cause: str, status: str, answers: Any) -> None:
    """All else of the table is held against the independent reading of `oracle`."""
    assert status_of(answers, cause) == status


def test_all_clear_leaves_the_invitation_as_the_likely_reason() -> None:
    report = diagnose(CLEAR)
    assert {cause.id: cause.status for cause in report.causes if cause.status != "ruled_out"} == {
        "not_invited": "likely"
    }
    assert report.outcome == "cause_found"
    assert report.questions.remaining == ()
    assert report.questions.stop_reason == "nothing_left"


@each("assessed.toml#doubt", "answers")
def test_anything_in_doubt_keeps_the_invitation_at_possible(answers: dict[str, object]) -> None:
    assert status_of(CLEAR | answers, "not_invited") == "possible"


@pytest.mark.parametrize("unclear", ["income.stability", "activity.wechat_pay"])
def test_an_unknown_assessment_does_not_hold_the_invitation_back(unclear: str) -> None:
    assert status_of(CLEAR | {unclear: "unknown"}, "not_invited") == "likely"


@pytest.mark.parametrize("cause", load().causes.values(), ids=lambda cause: cause.id)
def test_every_case_that_travels_with_a_cause_holds(cause: Cause) -> None:
    for case in load().cases[f"causes/{cause.id}"]:
        assert (case.answers, status_of(dict(case.answers), cause.id)) == (case.answers, case.status)
