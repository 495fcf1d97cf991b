"""What `list` and `explain` hand out: ids, titles, and for each kind what belongs to it."""

from __future__ import annotations

from typing import Any

import pytest

from diagnostics.i18n import Texts
from diagnostics.knowledge import load
from diagnostics.report.catalog import all_ids, describe

KNOWLEDGE = load()


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
    assert [value["id"] for value in two["values"]] == [
        "off",
        "on",
    ]


def test_one_id_may_name_a_question_and_a_check() -> None:
    assert [one["what"] for one in describe(Texts(KNOWLEDGE, "en"), "wechat.version")] == ["question", "check"]
    with pytest.raises(KeyError):
        describe(Texts(KNOWLEDGE, "en"), "wechat")
