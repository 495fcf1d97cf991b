"""The report as a whole: its time, its order, its warnings, and texts without anything that drives a terminal."""

import re
import unicodedata
from random import Random
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diagnostics import diagnose
from diagnostics.answers import observations, parse_answers
from diagnostics.engine.rule_table import FOR
from diagnostics.evidence import Evidence, Observation, Source, now
from diagnostics.knowledge import load
from diagnostics.knowledge.model import URGENCIES
from diagnostics.report import build
from tests.fuzz.people import people

KNOWLEDGE = load()


def texts(value: object) -> list[str]:
    if isinstance(value, dict):
        return [text for one in value.values() for text in texts(one)]
    if isinstance(value, list):
        return [text for one in value for text in texts(one)]
    return [value] if isinstance(value, str) else []


def test_the_time_is_rfc_3339_and_may_be_given_by_the_build(monkeypatch: pytest.MonkeyPatch) -> None:
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", now())
    for epoch, at in (("0", "1970-01-01T00:00:00Z"), ("1800000000", "2027-01-15T08:00:00Z")):
        monkeypatch.setenv("SOURCE_DATE_EPOCH", epoch)
        assert diagnose({}).generated_at == at
    for none in ("", "x", "-1", "1.5", "9" * 30, "٣"):
        monkeypatch.setenv("SOURCE_DATE_EPOCH", none)
        assert re.match(r"20\d\d-", now()), none


@settings(max_examples=40)
@given(people(), st.sampled_from(["zh", "en"]), st.text(max_size=30))
def test_no_text_can_drive_a_terminal_and_none_is_empty(answers: dict[str, Any], lang: Any, hostile: str) -> None:
    report = diagnose(answers | {"wechat.version": f"\x1b]52;c;QQ\x07{hostile}\u202e"}, lang=lang)
    for text in texts(msgspec.to_builtins(report)):
        assert not {unicodedata.category(one) for one in text if one not in "\n\t"} & {"Cc", "Cs", "Zl", "Zp"}, text
        assert not set("\u202e\u202a\u2066\u200b\ufeff") & set(text)
    for cause in report.causes:
        assert cause.title.strip()
        assert all(why.text.strip() for why in cause.because)
        assert all(change.text.strip() for change in cause.would_change)
        assert all(change.question is None or change.question in KNOWLEDGE.questions for change in cause.would_change)


@settings(max_examples=30)
@given(people())
def test_the_plan_serves_situations_and_causes_that_stand_and_keeps_each_ones_order(answers: dict[str, Any]) -> None:
    report = diagnose(answers)
    standing = {cause.id for cause in report.causes if cause.status in FOR}
    situations = {one.id for one in report.situations}
    assert {item.cause for item in report.plan} - {None} <= standing
    assert {item.situation for item in report.plan} - {None} <= situations
    assert all((item.cause is None) != (item.situation is None) for item in report.plan)
    for cause in report.causes:
        texts_ = {action.id: action.text for action in cause.actions}
        planned = [item for item in report.plan if item.cause == cause.id]
        assert all(item.text == texts_[item.id] for item in planned)
        if cause.status in ("confirmed", "likely"):
            for urgency in URGENCIES:
                ids = [item.id for item in planned if item.urgency == urgency]
                assert ids == [id_ for id_ in texts_ if id_ in ids]


def test_the_scam_warning_is_first_where_money_was_asked_and_stands_in_every_report() -> None:
    assert diagnose({"scam.offered_paid_opening": "yes"}).warnings[0].id == "scam"
    for answers in ({}, {"entry.services_menu": "shown"}, {"scam.offered_paid_opening": "no"}):
        ids = [warning.id for warning in diagnose(answers).warnings]
        assert ids[0] != "scam"
        assert {"scam", "over_borrowing", "privacy"} <= set(ids)


def test_what_if_tells_the_difference_and_changes_nothing() -> None:
    told = Evidence([Observation(id="account.teen_mode", value="on")])
    report = build(KNOWLEDGE, told, what_if={"account.teen_mode": "off", "person.age": 17})
    assert report.what_if.first == "age_out_of_range"
    assert {(move.cause, move.before, move.after) for move in report.what_if.moves} >= {
        ("teen_mode", "confirmed", "ruled_out"), ("age_out_of_range", "unknown", "confirmed"),
    }  # fmt: skip
    assert report.causes == build(KNOWLEDGE, told).causes
    assert [one.value for one in report.observations] == ["on"]


@settings(max_examples=40)
@given(people(), st.randoms(use_true_random=False))
def test_nothing_in_a_report_depends_on_the_order_of_the_answers(answers: dict[str, Any], chance: Random) -> None:
    shuffled = list(answers.items())
    chance.shuffle(shuffled)
    at = "2026-11-29T08:00:00Z"
    assert msgspec.json.encode(diagnose(answers, generated_at=at)) == msgspec.json.encode(
        diagnose(dict(shuffled), generated_at=at)
    )


@settings(max_examples=40)
@given(people(), st.randoms(use_true_random=False))
def test_what_was_written_of_the_same_words_from_another_mouth_never_shows(answers, chance) -> None:
    """Sentences are kept by what they say: who said it or measured it belongs to that."""
    at = "2026-11-29T08:00:00Z"
    told = observations(parse_answers(KNOWLEDGE, answers))
    sources: tuple[Source, ...] = ("answer", "operator", "story", "phone")
    from_all = [msgspec.structs.replace(one, source=chance.choice(sources)) for one in told]
    for evidence in (Evidence(told), Evidence(from_all)):
        kept, anew = (build(one, evidence, generated_at=at) for one in (KNOWLEDGE, msgspec.structs.replace(KNOWLEDGE)))
        assert msgspec.json.encode(kept) == msgspec.json.encode(anew)
