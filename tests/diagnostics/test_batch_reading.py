"""A line that is read at once says what the strict door says of it, and what was written before never shows."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diagnostics.answers import parse_answers
from diagnostics.batch import BatchWorker
from diagnostics.engine.assessment import assess_answers
from diagnostics.engine.conditions import Memo
from diagnostics.evidence import now
from diagnostics.knowledge import load
from diagnostics.report import Report
from diagnostics.report.build import parts
from diagnostics.report.diagnosis import Diagnosis
from tests.fuzz.people import people

if TYPE_CHECKING:
    from collections.abc import Sequence

KNOWLEDGE = load()
WHOLE = Report.__struct_fields__
SETTING = [("zh", WHOLE), ("en", WHOLE), ("zh", ("outcome", "summary")), ("en", ("questions", "outcome"))]
READERS = {(lang, fields): BatchWorker(KNOWLEDGE, lang, fields) for lang, fields in SETTING}
"""Made once: what earlier examples left behind must not show in later ones."""


@pytest.fixture(autouse=True)
def _same_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1800000000")


def same(raw: bytes, lang: Any, fields: Sequence[str]) -> bool:
    """Hold a line to one written from its answers with nothing kept before; returns whether it was read at once."""
    reader = READERS[lang, tuple(fields)]
    line = reader.line(1, raw)
    assert line is not None
    if line.rejected:
        return False
    told = json.loads(raw)
    fresh = msgspec.structs.replace(reader._knowledge)
    assessment = assess_answers(fresh, parse_answers(fresh, told["answers"]), now())
    report = parts(Diagnosis(assessment, None, lang=lang), fields)
    name = {"id": told.get("id")} if told.get("id") is not None else {"id": None, "line": 1}
    assert json.loads(line.data) == name | json.loads(msgspec.json.encode(report))
    return reader._read(raw) is not None


@settings(max_examples=60)
@given(people(), st.sampled_from(SETTING), st.randoms())
def test_a_line_after_many_others_is_the_line_by_itself(answers: Any, setting: Any, chance: Any) -> None:
    order = list(answers)
    chance.shuffle(order)
    raw = json.dumps({"id": chance.choice([7, "a:b", "甲"]), "answers": {id_: answers[id_] for id_ in order}}).encode()
    assert same(raw, *setting)


AMOUNT = st.one_of(st.integers(0, 40).map(lambda number: number * 500), st.floats(0, 1e6), st.sampled_from([0, 0.0, 1]))
NUMBER = "{0}.{1}.{2}"
MET = {
    "debt.monthly_income": AMOUNT,
    "debt.monthly_repayment": AMOUNT,
    "debt.open_loans": st.integers(0, 9),
    "person.age": st.integers(0, 130),
    "wechat.version": st.sampled_from(
        [NUMBER, "微信 " + NUMBER, "iOS " + NUMBER, "Android {0}.{1}", "{0}", "?{1}", "WeChat Mac {0}.{1}"]
    ),
    "os.version": st.sampled_from(
        ["Android {0}", "iOS {1}.{2}", "{1}.{2}", "HarmonyOS {0}.0", "HarmonyOS NEXT {0}.{1}", "?{2}", "MIUI {1}"]
    ),
    "client.platform": st.sampled_from([choice.id for choice in KNOWLEDGE.questions["client.platform"].value]),
    "entry.services_menu": st.sampled_from(["shown", "not_shown", "no_services_menu"]),
    "complaint.what": st.sampled_from([choice.id for choice in KNOWLEDGE.questions["complaint.what"].value]),
}
"""Answers that hardly ever come twice, sums and ages and texts with some number in them; and what goes with them."""


@settings(max_examples=40)
@given(
    st.fixed_dictionaries({}, optional={id_: st.one_of(told, st.just("unknown")) for id_, told in MET.items()}),
    st.tuples(st.integers(5, 9), st.integers(0, 16), st.integers(0, 60)),
    st.sampled_from(["zh", "en"]),
)
def test_sums_and_versions_that_hardly_come_twice_are_written_as_they_are(told: Any, numbers: Any, lang: Any) -> None:
    answers = {id_: value.format(*numbers) if isinstance(value, str) else value for id_, value in told.items()}
    same(json.dumps({"id": 1, "answers": answers}).encode(), lang, WHOLE)


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
        b'{"id": 1, "answers": {}, "schema": 1}',
        b'{"id": 1, "answers": {}, "schema": null}',
        b'{"id": 1, "answers": {}} {}',
        b'{"id": 1}',
    ],
)
def test_a_line_that_may_be_bad_is_left_to_the_strict_door(raw: bytes) -> None:
    READERS["zh", WHOLE].line(1, b'{"answers": {"person.age": 1}}')  # true is no 1, also where 1 was read before
    assert READERS["zh", WHOLE]._read(raw) is None
    line = READERS["zh", WHOLE].line(1, raw)
    assert line is not None
    assert line.rejected


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
        b'{"id": [1, {"a": null}], "answers": {}}',
    ],
)
@pytest.mark.parametrize("setting", SETTING)
def test_a_line_that_is_odd_but_good_is_taken(raw: bytes, setting: Any) -> None:
    same(raw, *setting)
    line = READERS[setting].line(1, raw)
    assert line is not None
    assert not line.rejected


def test_a_verdict_is_as_sure_as_the_minimum_of_its_own_platform(monkeypatch: pytest.MonkeyPatch) -> None:
    own = {"android": "operator", "ios": "official"}
    rows = tuple(
        msgspec.structs.replace(row, confidence=own.get(row.platform, row.confidence)) for row in KNOWLEDGE.minimums
    )
    knowledge = msgspec.structs.replace(KNOWLEDGE, minimums=rows)
    monkeypatch.setitem(READERS, ("zh", WHOLE), BatchWorker(knowledge, "zh", WHOLE))
    told = {"wechat.version": "8.0.49", "os.version": "14"}
    for where in ({"client.platform": "android"}, {"client.platform": "ios"}, {"client.platform": "windows"}, {}):
        assert same(json.dumps({"answers": told | where}).encode(), "zh", WHOLE)


def test_a_table_never_grows_beyond_its_bound() -> None:
    kept: Memo[int, str] = Memo(3)
    for number in range(10):
        assert kept.keep(number, str(number)) == str(number)
        assert kept[number] == str(number)
        assert len(kept) <= 3
