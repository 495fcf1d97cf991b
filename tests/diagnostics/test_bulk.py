"""Many lines at once say what each would say by itself, byte for byte, and keep no more than they may."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import msgspec
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


AMOUNT = st.one_of(st.integers(0, 40).map(lambda number: number * 500), st.floats(0, 1e6), st.sampled_from([0, 0.0, 1]))
NUMBER = "{0}.{1}.{2}"
MET = {
    "debt.monthly_income": AMOUNT,
    "debt.monthly_repayment": AMOUNT,
    "debt.open_loans": st.integers(0, 9),
    "person.age": st.integers(0, 130),
    "wechat.version": st.sampled_from(
        [
            NUMBER,
            "微信 " + NUMBER,
            "iOS " + NUMBER,
            "Android {0}.{1}",
            "{0}",
            "?{1}",
            '{2} "\\u0000{1}\\u0000"',
            "WeChat Mac {0}.{1}",
        ]
    ),
    "os.version": st.sampled_from(
        ["Android {0}", "iOS {1}.{2}", "{1}.{2}", "HarmonyOS {0}.0", "HarmonyOS NEXT {0}.{1}", "?{2}", "MIUI {1}"]
    ),
    "client.platform": st.sampled_from([choice.id for choice in KNOWLEDGE.questions["client.platform"].value]),
    "entry.services_menu": st.sampled_from(["shown", "not_shown", "no_services_menu"]),
    "complaint.what": st.sampled_from([choice.id for choice in KNOWLEDGE.questions["complaint.what"].value]),
}
"""Answers that hardly ever come twice, sums and ages and texts with some number in them; and what goes with them."""


@settings(max_examples=300)
@given(
    st.fixed_dictionaries({}, optional={id_: st.one_of(told, st.just("unknown")) for id_, told in MET.items()}),
    st.tuples(st.integers(5, 9), st.integers(0, 16), st.integers(0, 60)),
    st.sampled_from(["zh", "en"]),
)
def test_what_was_written_for_other_sums_and_versions_is_written_with_ones_own(
    told: Any, numbers: Any, lang: Any
) -> None:
    answers = {id_: value.format(*numbers) if isinstance(value, str) else value for id_, value in told.items()}
    same(json.dumps({"id": 1, "answers": answers}).encode(), lang, WHOLE)


@pytest.mark.parametrize("loans", [0, 4, 5])
@pytest.mark.parametrize("share", [49.99, 50, 50.01, 69.99, 70, 70.01])
def test_a_ratio_at_its_line_is_on_the_right_side_of_it(share: float, loans: int) -> None:
    for income in (100, 8000, 0.1):
        debt = {"debt.monthly_income": income, "debt.monthly_repayment": round(income * share / 100, 6)}
        raw = json.dumps({"answers": debt | {"debt.open_loans": loans}}).encode()
        assert same(raw, "zh", WHOLE)
        assert same(raw, "zh", ("outcome", "summary"))


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


def test_a_verdict_is_as_sure_as_the_minimum_of_its_own_platform(monkeypatch: pytest.MonkeyPatch) -> None:
    own = {"android": "operator", "ios": "official"}
    rows = tuple(
        msgspec.structs.replace(row, confidence=own.get(row.platform, row.confidence)) for row in KNOWLEDGE.minimums
    )
    monkeypatch.setattr(f"{__name__}.KNOWLEDGE", msgspec.structs.replace(KNOWLEDGE, minimums=rows))
    monkeypatch.setitem(BULK, ("zh", WHOLE), Bulk(KNOWLEDGE, "zh", WHOLE))
    told = {"wechat.version": "8.0.49", "os.version": "14"}
    for where in ({"client.platform": "android"}, {"client.platform": "ios"}, {"client.platform": "windows"}, {}):
        assert same(json.dumps({"answers": told | where}).encode(), "zh", WHOLE)


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
