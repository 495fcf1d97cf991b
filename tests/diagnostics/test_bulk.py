"""Many lines at once say what each would say by itself, byte for byte, and keep no more than they may."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diagnostics.answers import observations
from diagnostics.batch import one
from diagnostics.bulk import Bulk
from diagnostics.bulk.memo import Memo
from diagnostics.evidence import Evidence
from diagnostics.facts import Facts, Minimums
from diagnostics.knowledge import load
from diagnostics.reasoning import judge, looks_at_others, reads
from diagnostics.report import Report
from tests.fuzz.people import people

if TYPE_CHECKING:
    from collections.abc import Sequence

    from diagnostics.knowledge.model import Cause

KNOWLEDGE = load()
WHOLE = Report.__struct_fields__
SETTING = [("zh", WHOLE), ("en", WHOLE), ("zh", ("outcome", "summary")), ("en", ("questions", "outcome"))]
BULK = {(lang, fields): Bulk(KNOWLEDGE, lang, fields) for lang, fields in SETTING}
"""Made once: what earlier examples left behind must not show in later ones."""


@pytest.fixture(autouse=True)
def _same_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1800000000")


def same(raw: bytes, lang: Any, fields: Sequence[str]) -> bool:
    """Hold a line to the plain way; returns whether it was read at once."""
    done, plain = BULK[lang, tuple(fields)].line(raw), one(KNOWLEDGE, 1, raw, lang=lang, fields=fields)
    if done is not None:
        assert not plain.rejected
        assert done.data.decode() == plain.data.decode()
        assert (done.outcome, done.first) == (plain.outcome, plain.first)
    return done is not None


@settings(max_examples=150)
@given(people(), st.sampled_from(SETTING), st.randoms())
def test_a_line_read_at_once_is_the_line_read_by_itself(answers: Any, setting: Any, chance: Any) -> None:
    order = list(answers)
    chance.shuffle(order)
    raw = json.dumps({"id": chance.choice([7, "a:b", "甲"]), "answers": {id_: answers[id_] for id_ in order}}).encode()
    assert same(raw, *setting)


@pytest.mark.parametrize(
    "raw",
    [
        b'{"id": 1, "answers": {"person.age": 17, "person.age": 35}}',
        b'{"id": 1, "id": 2, "answers": {}}',
        b'{"id": "\\u003a", "id": "\\u003a", "answers": {}}',
        b'{"id": 1, "answers": {"person.age": true}}',
        b'{"id": 1, "answers": {"person.age": 131}}',
        b'{"id": 1, "answers": {"person.age": 1e400}}',
        b'{"id": 1, "answers": {"account.teen_mode": null}}',
        b'{"id": 1, "answers": {"account.teen_mod": "on"}}',
        b'{"id": 1, "answers": {"activity.services": ["unknown"]}}',
        b'{"id": 1, "answers": {"wechat.version": "' + b"8" * 4001 + b'"}}',
        b'{"id": "\xff", "answers": {}}',
        b'{"id": 1, "answers": {}, "schema": null}',
        b'{"id": 1, "answers": {}} {}',
        b'{"id": 1}',
        b"\n",
    ],
)
def test_a_line_that_may_be_bad_is_left_to_the_plain_way(raw: bytes) -> None:
    assert not same(raw, "zh", WHOLE)


@pytest.mark.parametrize(
    "raw",
    [
        b'{"answers": {}}',
        b' {"schema": "weilidai-doctor/answers/1", "answers": {"person.age": 35.0}, "id": null} \r\n',
        b'{"id": "a:b:c", "answers": {"debt.monthly_income": 0.3, "debt.monthly_repayment": 0.21}}',
        b'{"id": "\\ud83d\\ude00\\n", "answers": {"activity.services": ["wealth", "spending", "wealth"]}}',
        b'{"id": -0, "answers": {"activity.services": "unknown", "wechat.version": "unknown"}}',
        b'{"id": 1, "answers": {"complaint.what": "was_there", "wechat.version": "iOS \\u202e 8.0.2"}}',
        b'{"id": 1, "answers": {"debt.monthly_income": 1e12, "debt.open_loans": 5, "person.age": "unknown"}}',
    ],
)
@pytest.mark.parametrize("setting", SETTING)
def test_a_line_that_is_odd_but_good_is_the_same_either_way(raw: bytes, setting: Any) -> None:
    same(raw, *setting)
    assert not one(KNOWLEDGE, 1, raw).rejected


def test_most_lines_are_read_at_once() -> None:
    lines = [json.dumps({"id": at, "answers": {"person.age": at, "wechat.version": "8.0.5"}}) for at in range(100)]
    assert all(same(line.encode(), "zh", ("outcome", "summary")) for line in lines)


def test_a_table_never_grows_beyond_its_bound() -> None:
    kept: Memo[int, str] = Memo(3)
    for number in range(10):
        assert kept.keep(number, str(number)) == str(number)
        assert kept[number] == str(number)
        assert len(kept) <= 3


@pytest.mark.parametrize("cause", [one_ for one_ in KNOWLEDGE.causes.values() if not looks_at_others(one_)])
def test_what_a_cause_is_said_to_look_at_is_all_that_it_looks_at(cause: Cause) -> None:
    known = reads(cause)
    for case in (case for other in KNOWLEDGE.causes.values() for case in other.case):
        own = {id_: value for id_, value in case.answers.items() if id_ in known}
        assert status(cause, case.answers) == status(cause, own), case


def status(cause: Cause, answers: dict[str, Any]) -> str:
    return judge(KNOWLEDGE, cause, Facts(Evidence(observations(answers)), Minimums.of(KNOWLEDGE))).status
