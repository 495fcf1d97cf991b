"""What version 0.1.0 wrote is still read and means the same: answers, codes, drafts, saved cases, hand-overs.

`tests/data/v0_1_0` was written by version 0.1.0 itself.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any, Literal

import pytest

from diagnostics.answers import parse_file
from diagnostics.api import diagnose
from diagnostics.autosave import DraftFile
from diagnostics.cases.bundle import take
from diagnostics.cases.model import StoreLocation
from diagnostics.cases.store import open_store
from diagnostics.knowledge import load
from diagnostics.questionnaire.codec import decode, encode, layout

KNOWLEDGE = load()
OLD = Path(__file__).parents[1] / "data" / "v0_1_0"
ROWS: list[dict[str, Any]] = json.loads((OLD / "answers.json").read_text(encoding="utf-8"))


def observed(answers: dict[str, Any]) -> dict[str, Any]:
    return {one.id: one.value for one in diagnose(answers).observations}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["code"])
def test_an_old_code_gives_the_answers_that_went_into_it(row: dict[str, Any]) -> None:
    assert decode(row["code"]) == row["answers"]


def test_a_code_of_today_is_told_from_an_old_one() -> None:
    old = {row["code"][5:10] for row in ROWS}
    new = {encode(row["answers"])[5:10] for row in ROWS}
    assert len({code[:3] for code in old | new}) == 2  # three signs name the questions
    assert layout(KNOWLEDGE) != 28618  # 0.1.0's
    assert all(decode(encode(row["answers"])) == row["answers"] for row in ROWS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["code"])
def test_an_old_answers_file_is_taken_and_means_the_same(row: dict[str, Any]) -> None:
    file = json.dumps({"schema": "weilidai-doctor/answers/1", "answers": row["answers"]})
    assert parse_file(KNOWLEDGE, file) == row["answers"]
    report = diagnose(row["answers"])
    held = {one.id: one.value for one in report.observations}
    assert held.get("account.had_entry_before") == row["had_before"]
    # the warning that led then leads now; one that was not called for may lead now (an account in other hands)
    assert (report.warnings[0].id == "scam") >= row["scam_first"]
    assert row["answers"].items() <= held.items()


@pytest.mark.parametrize(
    ("answers", "scam", "contradiction"),
    [
        ({"complaint.what": "paid_offer"}, True, None),
        ({"scam.offered_paid_opening": "yes"}, True, None),
        ({"scam.offered_paid_opening": "no"}, False, None),
        # both given and different: the contradiction is named, and the warning stands
        ({"complaint.what": "paid_offer", "scam.offered_paid_opening": "no"}, True, "paid_offer_denied"),
        ({"safety.contact": ["paid_opening"], "scam.offered_paid_opening": "no"}, True, "paid_offer_denied"),
        ({"safety.contact": [], "scam.offered_paid_opening": "yes"}, True, "paid_opening_left_out"),
        ({"complaint.what": "paid_offer", "safety.contact": []}, False, "paid_offer_left_out"),
    ],
)  # fmt: skip
def test_an_offer_for_money_counts_however_it_was_said(
    answers: dict[str, Any], scam: bool, contradiction: str | None
) -> None:
    report = diagnose(answers)
    assert (report.warnings[0].id == "scam") == scam
    assert [one.id for one in report.contradictions] == ([contradiction] if contradiction else [])


def test_the_paid_offer_is_answered_where_it_is_asked_now() -> None:
    assert observed({"complaint.what": "paid_offer"})["safety.contact"] == ["paid_opening"]
    questions = diagnose({"scam.offered_paid_opening": "yes"}).questions
    assert questions.answered == ("scam.offered_paid_opening",)
    everywhere = (*questions.remaining, *questions.page, *(one.id for one in questions.skipped))
    assert "scam.offered_paid_opening" not in everywhere


def test_pay_that_was_not_cancelled_stays_not_cancelled() -> None:
    causes = {one.id: one.status for one in diagnose({"account.wechat_pay_cancelled": "no"}).causes}
    assert causes["wechat_pay_cancelled"] == "ruled_out"


def test_an_old_draft_is_taken_up(tmp_path: Path) -> None:
    path = shutil.copy(OLD / "draft.json", tmp_path)
    wanted = {one["id"]: one["value"] for one in json.loads(Path(path).read_text(encoding="utf-8"))["observations"]}
    assert len(wanted) > 10
    assert {one.id: one.value for one in DraftFile(Path(path)).read(KNOWLEDGE)} == wanted


@pytest.mark.parametrize("form", ["a case store", "a hand-over"])
def test_old_cases_are_opened(tmp_path: Path, form: Literal["a case store", "a hand-over"]) -> None:
    lines = (OLD / "cases.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    written = [json.loads(line) for line in lines[1:-1]]
    place = StoreLocation(file=tmp_path / "cases.db")
    if form == "a case store":
        shutil.copy(OLD / "cases.db", place.file or "")
    store = open_store(KNOWLEDGE, place, operator="小李")
    try:
        if form == "a hand-over":
            assert take(store, lines).new == len(written)
        for case, old in zip(store.every(), written, strict=True):
            wanted = {one["id"]: one["value"] for one in old["observations"]}
            if form == "a case store":
                assert {one.id: one.value for one in case.observations} == wanted
            else:  # an age goes out as the least of its band
                assert {one.id for one in case.observations} == set(wanted)
    finally:
        store.dispose()
