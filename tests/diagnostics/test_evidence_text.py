"""What would move a cause: the answers that are named give the status that is named, when they are given."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diagnostics.answers import observations, parse_answers
from diagnostics.engine.assessment import Assessment, assess
from diagnostics.evidence import Evidence, Value
from diagnostics.i18n import Texts
from diagnostics.knowledge import load
from diagnostics.report import build
from diagnostics.report.evidence_text import answers_to_try, questions_of, say_value
from diagnostics.report.model import Change
from tests.fuzz.people import people
from tests.rows import each

KNOWLEDGE = load()
ON_ITS_OWN = sorted({*KNOWLEDGE.causes} - {"not_invited"})
"""Causes that rest on their own answers alone; the invitation rests on what becomes of the others as well."""


def changes(answers: dict[str, Any], cause: str, lang: Any = "en") -> list[Change]:
    found = build(KNOWLEDGE, Evidence(observations(parse_answers(KNOWLEDGE, answers))), lang=lang)
    return next(one.would_change for one in found.causes if one.id == cause)


def judged(answers: dict[str, Value]) -> Assessment:
    return assess(KNOWLEDGE, Evidence(observations(answers)))


@settings(max_examples=60)
@given(people(), st.sampled_from(ON_ITS_OWN), st.sampled_from(["zh", "en"]))
def test_what_is_said_to_move_a_cause_moves_it_there(answers: dict[str, Any], cause: str, lang: str) -> None:
    verdict = judged(answers).verdicts[cause]
    told = {one.question: one.text for one in changes(answers, cause, lang) if one.question}
    for id_ in questions_of(KNOWLEDGE, verdict.cause):
        question = KNOWLEDGE.questions.get(id_)
        if question is None:
            continue
        for value in answers_to_try(KNOWLEDGE, verdict.cause, question):
            after = judged(answers | parse_answers(KNOWLEDGE, {id_: value})).status(cause)
            if after != verdict.status:
                assert KNOWLEDGE.say(f"status.{after}", lang) in told[id_], (id_, value)
                if question.type not in ("integer", "amount"):  # whose edges are named, not each number
                    assert say_value(Texts(KNOWLEDGE, lang), id_, value) in told[id_], (id_, value)


@each("advice.toml#would_change", "answers, cause, said")
def test_a_threshold_is_named_not_a_sample(answers: dict[str, Any], cause: str, said: str) -> None:
    assert any(said in change.text for change in changes(answers, cause))


@pytest.mark.parametrize(
    ("answers", "cause", "question"),
    [
        ({"credit.overdue": "settled"}, "credit_record", "credit.recent_inquiries"),
        ({"entry.page_message": "account_abnormal"}, "account_restricted", "account.restricted"),
    ],
)
def test_a_question_that_can_change_nothing_is_not_named(answers: dict[str, Any], cause: str, question: str) -> None:
    assert question not in {change.question for change in changes(answers, cause)}
