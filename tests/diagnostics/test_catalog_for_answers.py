"""`explain` with answers: what is still unknown of a cause, and what each answer to a question would do."""

from __future__ import annotations

from typing import Any

import pytest

from diagnostics.answers import observations
from diagnostics.api import diagnose
from diagnostics.evidence import Evidence
from diagnostics.i18n import Texts
from diagnostics.knowledge import load
from diagnostics.report.catalog import describe, explain_for_answers

KNOWLEDGE = load()
GONE = {"entry.services_menu": "not_shown", "account.had_entry_before": "yes"}


def told(id_: str, answers: dict[str, Any]) -> dict[str, Any]:
    return explain_for_answers(
        Texts(KNOWLEDGE, "zh"), describe(Texts(KNOWLEDGE, "zh"), id_)[0], Evidence(observations(answers))
    )


def test_a_cause_names_what_is_still_unknown_and_nothing_that_is_answered() -> None:
    found = told("display_glitch", GONE)
    assert [one["question"] for one in found["unknown"]] == ["app.restarted", "entry.other_phone"]
    assert all(one["title"] for one in found["unknown"])
    both = GONE | {"app.restarted": "yes", "entry.other_phone": "not_shown"}
    assert told("display_glitch", both)["unknown"] == []
    assert [one["question"] for one in told("display_glitch", both | {"app.restarted": "unknown"})["unknown"]] == [
        "app.restarted"
    ]


@pytest.mark.parametrize("id_", ["app.restarted", "person.age", "client.platform", "debt.open_loans", "complaint.what"])
@pytest.mark.parametrize("answers", [{}, {"wechat.version": "8.0.60", "debt.monthly_income": 0}])
def test_what_an_answer_would_do_is_what_it_does(id_: str, answers: dict[str, Any]) -> None:
    found = told(id_, answers)
    assert found["asked"] in ("next", "later")
    before = {cause.id: cause.status for cause in diagnose(answers).causes}
    assert len(found["effects"]) > 1
    assert any(effect["moves"] for effect in found["effects"])
    for effect in found["effects"]:
        after = {cause.id: cause.status for cause in diagnose(answers | {id_: effect["answer"]}).causes}
        moved = {(move.cause, move.before, move.after) for move in effect["moves"]}
        assert moved == {(one, before[one], after[one]) for one in after if before[one] != after[one]}


def test_a_question_that_is_answered_or_left_out_has_no_effects_to_tell() -> None:
    assert told("app.restarted", {"app.restarted": "no"}) == {"asked": "answered", "skipped": None, "effects": []}
    left_out = told("complaint.what", GONE)
    assert left_out["asked"] == "skipped"
    assert left_out["skipped"]
    assert left_out["effects"] == []
