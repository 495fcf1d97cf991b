"""One diagnosis in progress: answers given, taken back, undone, begun again, readings of checks."""

import random
from pathlib import Path
from typing import Any

import msgspec
import pytest

from diagnostics.answers import AnswerError
from diagnostics.autosave import DraftFile
from diagnostics.checks.base import CheckResult
from diagnostics.engine.assessment import assess
from diagnostics.engine.facts import NETWORK
from diagnostics.evidence import Observation
from diagnostics.knowledge import load
from diagnostics.report.build import write_report
from diagnostics.report.diagnosis import Diagnosis
from diagnostics.session import Session

KNOWLEDGE = load()


@pytest.fixture
def draft(tmp_path: Path) -> DraftFile:
    return DraftFile(tmp_path / "state" / "draft.json")


def reading(value: str | None) -> CheckResult:
    seen = (Observation(id=NETWORK, value=value, source="computer"),) if value else ()
    return CheckResult(id=NETWORK, status="pass" if value else "cancelled", observations=seen)


def undone(session: Session) -> tuple[str, ...]:
    step = session.undo()
    return step.ids


def test_an_answer_says_what_moved() -> None:
    session = Session(KNOWLEDGE)
    assert [(one.cause, one.after) for one in session.answer({"account.teen_mode": "on"})] == [
        ("teen_mode", "confirmed")
    ]
    assert session.answer({"account.teen_mode": "on"}) == ()
    assert session.moves == ()


def test_a_bad_answer_changes_nothing_at_all(draft: DraftFile) -> None:
    session = Session(KNOWLEDGE, draft=draft)
    session.answer({"person.age": 35})
    with pytest.raises(AnswerError, match="credit"):
        session.answer({"person.age": 17, "credit.overdue": "x"})
    assert session.own_answers() == {"person.age": 35}
    assert (session.fault, draft.exists()) == (None, True)
    assert undone(session) == ("person.age",)
    assert session.undo() is None


@pytest.mark.parametrize("found", ["unreachable", "unstable", "ok"])
def test_nothing_is_asked_again_because_of_what_this_computer_measured(found: str) -> None:
    session = Session(KNOWLEDGE)
    loads = "no" if found == "ok" else "yes"
    session.answer({"network.same_network": "yes", "network.phone_loads_pages": loads})
    session.observe(reading(found))
    assert [one.id for one in session.assessment.clashes if not one.id.startswith("cause.")]
    assert session.clashes() == {}


def test_undo_goes_back_through_changes_pages_and_takings_back() -> None:
    session = Session(KNOWLEDGE)
    session.answer({"person.age": 35})
    session.answer({"person.age": 17, "person.student": "yes"})
    session.take_back("person.age")
    session.answer({})
    assert session.own_answers() == {"person.student": "yes"}
    assert undone(session) == ("person.age",)
    assert session.own_answers() == {"person.age": 17, "person.student": "yes"}
    assert undone(session) == ("person.age", "person.student")
    assert session.own_answers() == {"person.age": 35}
    assert undone(session) == ("person.age",)
    assert session.own_answers() == {}
    assert session.undo() is None


def test_a_reading_stays_through_taking_back_undo_and_restart() -> None:
    session = Session(KNOWLEDGE)
    session.observe(reading("ok"))
    session.answer({"network.same_network": "yes"})
    assert session.assessment.status("network_unreachable") == "ruled_out"
    session.take_back("network.same_network", NETWORK)
    assert session.assessment.status("network_unreachable") == "unknown"
    session.undo()
    assert session.assessment.status("network_unreachable") == "ruled_out"
    session.restart()
    assert session.own_answers() == {}
    assert [one.id for one in session.evidence.all] == [NETWORK]


def test_asking_on_after_a_confirmed_condition() -> None:
    session = Session(KNOWLEDGE)
    session.answer({"person.age": 17})
    assert session.interview.stop_reason == "requirement_confirmed"
    assert session.interview.page == ()
    assert session.interview.remaining
    session.ask_on()
    assert session.interview.page
    assert session.undo()
    assert session.own_answers() == {"person.age": 17}, "going back from there takes no answer away"
    assert session.interview.page == ()
    assert session.undo()
    assert session.own_answers() == {}


def test_a_report_out_of_kept_pieces_is_the_report_made_anew() -> None:
    """A walk through answers, readings, changes of mind and of language."""
    dice = random.Random(7)
    session = Session(KNOWLEDGE)
    questions = list(KNOWLEDGE.questions.values())
    for _ in range(150):
        what = dice.random()
        if what < 0.1:
            session.lang = dice.choice(("zh", "en"))
        elif what < 0.2:
            session.undo()
        elif what < 0.3:
            session.take_back(*dice.sample(list(KNOWLEDGE.questions), 3))
        elif what < 0.4:
            session.observe(reading(dice.choice(("ok", "broken", "intercepted", None))))
        elif what < 0.5:
            seen = Observation(id="wechat.version", value=dice.choice(("7.0.22", "8.0.49")), source="phone")
            session.observe(CheckResult(id="phone.android", status="pass", observations=(seen,)))
        else:
            question = dice.choice(questions)
            known = {"integer": (17, 34, 61), "amount": (0, 4000, 8000), "text": ("6.0", "8.0.49", "iOS 17")}
            values = [one.id for one in question.value] or known[question.type]
            value: Any = dice.choice([*values, "unknown"])
            session.answer({question.id: [value] if question.type == "choices" and value != "unknown" else value})
        fresh = write_report(Diagnosis(assess(KNOWLEDGE, session.evidence), session.checks.values(), lang=session.lang))
        assert msgspec.structs.replace(session.report(), generated_at=fresh.generated_at) == fresh
