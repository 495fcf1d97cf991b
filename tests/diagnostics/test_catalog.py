"""What `list` and `explain` hand out: what belongs to each kind, and with answers what they say of it."""

from typing import Any

import pytest

from diagnostics.answers import observations
from diagnostics.api import diagnose
from diagnostics.evidence import Evidence
from diagnostics.i18n import Texts
from diagnostics.knowledge import load
from diagnostics.report.catalog import all_ids, describe, explain_for_answers

KNOWLEDGE = load()
GONE = {"entry.services_menu": "not_shown", "account.had_entry_before": "yes"}


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("id_", all_ids(KNOWLEDGE))
def test_every_id_is_described_in_full_and_no_text_is_empty(id_: str, lang: str) -> None:
    def empty(value: Any) -> bool:
        if isinstance(value, dict):
            return any(empty(one) for key, one in value.items() if key not in ("unit", "how", "only_if"))
        if isinstance(value, list):
            return any(empty(one) for one in value)
        return value == ""

    for one in describe(Texts(KNOWLEDGE, lang), id_):
        assert one["id"] == id_
        assert not empty(one), one


def test_a_cause_in_full() -> None:
    (one,) = describe(Texts(KNOWLEDGE, "en"), "debt_ratio")
    assert one["group"] == "assessment"
    assert [rule["status"] for rule in one["rules"]][:3] == ["likely"] * 3
    assert {"debt.monthly_income", "debt.monthly_repayment", "debt.open_loans"} <= set(one["questions"])
    assert all(action["text"] and action["effort"] and action["by"] and action["verify"] for action in one["actions"])
    assert all(source.refs for source in one["sources"])


def test_a_question_in_full() -> None:
    (one,) = describe(Texts(KNOWLEDGE, "zh"), "person.age")
    assert (one["type"], one["minimum"], one["maximum"]) == ("integer", 0, 130)
    assert set(one["causes"]) == {"age_out_of_range", "civil_capacity"}
    (two,) = describe(Texts(KNOWLEDGE, "zh"), "account.teen_mode")
    assert [value["id"] for value in two["values"]] == ["off", "on"]


def test_one_id_may_name_a_question_and_a_check() -> None:
    assert [one["what"] for one in describe(Texts(KNOWLEDGE, "en"), "wechat.version")] == ["question", "check"]
    with pytest.raises(KeyError):
        describe(Texts(KNOWLEDGE, "en"), "wechat")


def told(id_: str, answers: dict[str, Any]) -> dict[str, Any]:
    texts = Texts(KNOWLEDGE, "zh")
    return explain_for_answers(texts, describe(texts, id_)[0], Evidence(observations(answers)))


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
