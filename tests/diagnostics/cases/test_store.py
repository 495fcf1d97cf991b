"""What the store promises, in both databases: saved, listed, found, noted, closed, told of others' changes, gone."""

import os
import sqlite3
import stat
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import event

from diagnostics.cases import database
from diagnostics.cases.bundle import export, take
from diagnostics.cases.model import (
    BundleError,
    ConflictError,
    Filter,
    NoSuchCaseError,
    RefusedError,
    StoreError,
)  # fmt: skip
from diagnostics.cases.stats import stats
from diagnostics.engine.assessment import assess
from diagnostics.evidence import Evidence, Observation
from diagnostics.questionnaire.message import sent_of
from tests.diagnostics.cases.conftest import TOLD, made

LOOKED = [Observation(id="entry.services_menu", value="not_looked", observed_at="2025-06-15T15:06:40Z")]
STUDENT, NO_STUDENT = (Observation(id="person.student", value=value) for value in ("yes", "no"))


def test_saving_the_same_again_is_no_conflict(store):
    id_ = made(store, LOOKED)
    assert store.save(id_, LOOKED, version=None) == 1
    with pytest.raises(ConflictError):
        store.save(id_, LOOKED, version=None, writer="somebody else")
    for _ in range(2):
        assert store.save(id_, [*LOOKED, STUDENT], version=1) == 2
    with pytest.raises(ConflictError, match=f"case {id_} was changed by 小王"):
        store.save(id_, [*LOOKED, NO_STUDENT], version=1)
    with pytest.raises(ConflictError):
        store.save(id_, [*LOOKED, STUDENT], version=None)
    assert store.open(id_).observations[1].value == "yes"


def test_listed_newest_first_page_by_page_whatever_is_added_above(either, clock):
    ids = []
    for _ in range(7):
        clock.seconds += 1
        ids.append(made(either, LOOKED))
    first = either.list(limit=3)
    clock.seconds += 1
    made(either, LOOKED)
    second = either.list(after=first.next, limit=3)
    third = either.list(after=second.next, limit=3)
    assert [row.id for page in (first, second, third) for row in page.rows] == ids[::-1]
    assert third.next is None
    assert either.count() == 8


FOUND = ("逾期", "已经还清", "清", "还清了 上月", "青少年模式", "teen mode", "找到了原因", "vip-17", "VIP", "回访",
         "期已", "8.0.4", "000299", "0299", "299")  # fmt: skip
NOT_FOUND = ("confirm cause", "还没还", "清还", '"', "' OR 1=1 --", "微信*", "上月8", "00299x")


def test_searched_in_notes_causes_outcome_label_and_tags(either):
    id_ = made(either, TOLD, label="VIP-17 T-000299")
    made(either, [Observation(id="person.student", value="unknown")])
    either.note(id_, "信用卡逾期已经还清了，上月。版本 8.0.49")
    either.tag(id_, ["回访"])
    for text in (*FOUND, *NOT_FOUND):
        rows = [row.id for row in either.list(Filter(text=text)).rows]
        assert rows == ([id_] if text in FOUND else []), text


def test_filtered_by_status_operator_tag_cause_and_date(either, clock, desk):
    old = made(either, LOOKED)
    clock.seconds += 86_400 * 3
    other = desk(either.place, operator="小李", clock=clock)
    new = made(other, [STUDENT])
    other.tag(new, ["急"])
    other.close(new, "income")
    listed = {
        name: [row.id for row in either.list(Filter(**wanted)).rows]
        for name, wanted in {
            "open": {"status": "open"}, "operator": {"operator": "小李"}, "tag": {"tag": "急"},
            "first": {"cause": "student"}, "proven": {"cause": "income"},
            "since": {"since": "2025-06-17"}, "until": {"until": "2025-06-15"},
            "outcome": {"outcome": "no_clear_cause"}, "id": {"id": old},
        }.items()
    }  # fmt: skip
    assert listed == {"open": [old], "operator": [new], "tag": [new], "first": [new], "proven": [new], "since": [new],
                      "until": [old], "outcome": [], "id": [old]}  # fmt: skip
    either.close(old, "student")
    page = either.list(Filter(cause="student"), limit=1)
    assert [row.id for row in page.rows] == [new]
    assert [row.id for row in either.list(Filter(cause="student"), after=page.next, limit=1).rows] == [old]


def test_what_makes_no_sense_is_refused(either):
    id_ = made(either)
    for wrong in ("gestern", "2025-13-01", "2025-02-30"):
        with pytest.raises(RefusedError, match=wrong):
            either.list(Filter(since=wrong))
    for wrong in ("zzzzzzzzzz", "abc", "", "' OR 1=1"):
        with pytest.raises(NoSuchCaseError):
            either.open(wrong)
    for work, told in (
        (lambda: either.close(id_, "credit_rekord"), "did you mean credit_record"),
        (lambda: either.note(id_, "  "), "needs some text"), (lambda: either.note(id_, "x" * 4001), "at most 4000"),
        (lambda: either.follow_up(id_, "2026-02-30"), "no such date"),
    ):  # fmt: skip
        with pytest.raises(RefusedError, match=told):
            work()


@pytest.mark.parametrize(("ages", "band", "kept"), [((0, 15, 17), "0-17", 17), ((18, 35, 60), "18-60", 39),
                                                    ((61, 99, 130), "61-130", 61)])  # fmt: skip
def test_an_age_is_kept_as_a_band_that_gives_the_same_assessment(store, knowledge, ages, band, kept):
    def stands(observations):
        return {id_: verdict.status for id_, verdict in assess(knowledge, Evidence(observations)).verdicts.items()}

    for age in ages:
        told = [*LOOKED, Observation(id="person.age", value=age)]
        held = store.open(made(store, told)).observations
        assert (held[1].band, held[1].detail, held[1].value) == (band, None, kept)
        assert stands(held) == stands(told)


def test_a_band_of_other_rules_is_not_narrowed_to_one_of_todays(store):
    told = Observation(id="person.age", value=19, band="15-30")
    assert store.open(made(store, [told])).observations == (told,)


def test_texts_are_masked_with_one_placeholder_from_sitting_to_sitting(store, desk):
    id_ = made(store, [Observation(id="wechat.version", value="8.0.49 打 13800138000")], label="客户 13800138000")
    store.note(id_, "再打 138 0013 8000 或 13900139000")
    later = desk(store.place, operator="小李")
    later.note(id_, "13900139000 通了；身份证 11010519491231002X")
    case = later.open(id_)
    assert case.label == "客户 <手机号-1>"
    assert case.observations[0].value == "8.0.49 打 <手机号-1>"
    assert [note.text for note in case.notes] == [
        "再打 <手机号-1> 或 <手机号-2>",
        "<手机号-2> 通了；身份证 <身份证号-1>",
    ]
    masked = [("<手机号-1>", 3), ("<手机号-2>", 2), ("<身份证号-1>", 1)]
    assert [(one.placeholder, one.times) for one in case.masked] == masked


@pytest.mark.skipif(os.name != "posix", reason="files have owners on POSIX")
def test_files_are_readable_by_their_owner_alone(store, place):
    made(store, LOOKED, label="13800138000")
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in place.file.parent.glob("cases.*")}
    assert set(modes.values()) == {0o600}
    assert {"cases.db", "cases.db-wal", "cases.key"} <= set(modes)


def test_a_store_is_the_file_that_was_named_and_no_other(tmp_path):
    engine, other = database._sqlite(tmp_path / "my?cases.db"), tmp_path / "other.db"
    with engine.connect():
        assert not other.exists()
    engine.dispose()
    event.listen(engine, "do_connect", lambda *_: sqlite3.connect(other))
    with pytest.raises(StoreError, match="different file"):
        engine.connect()


@pytest.mark.skipif(os.name != "posix", reason="devices are files on POSIX")
def test_a_device_that_is_named_as_the_store_stays_as_it_is():
    ends = os.openpty()
    device = Path(os.ttyname(ends[1]))
    device.chmod(0o622)
    database._own(device)
    assert stat.S_IMODE(device.stat().st_mode) == 0o622
    for end in ends:
        os.close(end)


def test_raw_values_are_nowhere_in_the_files(store, place):
    id_ = made(store, [Observation(id="os.version", value="Android 14 13800138000")], label="4111111111111111")
    for number in range(20):
        store.note(id_, f"第{number}次 13900139000 张伟@test zhangwei88@qq.com")
    for path in place.file.parent.iterdir():
        if path.is_file():
            data = path.read_bytes()
            for raw in (b"13800138000", b"13900139000", b"4111111111111111", b"zhangwei88"):
                assert raw not in data, path


def test_a_case_keeps_what_was_asked_and_it_goes_where_the_case_goes(store, knowledge, other):
    asked = [sent_of(knowledge, questions) for questions in (("account.teen_mode",), ("person.age", "person.student"))]
    id_ = made(store)
    for sent in (asked[0], asked[1], asked[1], asked[0]):
        store.keep_message(id_, sent)
    case = store.open(id_)
    assert case.sent == (asked[1], asked[0])
    assert [one.detail for one in case.history if one.kind == "message"] == [f"#{asked[at].tag}" for at in (0, 1, 0)]
    assert take(other, export(store)).new == 1
    assert other.open(id_).sent == case.sent
    newest = sent_of(knowledge, ("entry.services_menu",))
    store.keep_message(id_, newest)
    assert (take(other, export(store)).known, other.open(id_).sent) == (1, (*case.sent, newest))


@pytest.mark.parametrize(
    "changes", [{"tag": "A2M0"}, {"version": "13800138000"}, {"questions": ("13800138000",)}, {"questions": ()}]
)
def test_only_what_a_message_asked_is_taken_as_that(store, knowledge, other, changes):
    store.keep_message(made(store), msgspec.structs.replace(sent_of(knowledge, ("person.age",)), **changes))
    with pytest.raises(BundleError):
        take(other, export(store))


PLANS = {
    "first page": Filter(), "status": Filter(status="open"), "operator": Filter(operator="小王"),
    "owner": Filter(owner="小王", status="open"), "cause": Filter(cause="teen_mode"),
    "outcome": Filter(outcome="cause_found"), "tag": Filter(tag="vip"), "words": Filter(text="逾期"),
    "more words": Filter(text="工单 1"), "one case": Filter(id="0123456789"), "all of an owner": Filter(owner="小王"),
    "dates": Filter(since="2025-01-01", until="2025-02-01"),
}  # fmt: skip


@pytest.mark.parametrize("wanted", PLANS.values(), ids=PLANS)
def test_no_list_reads_the_whole_table(store, wanted):
    """In SQLite, whose planner goes by the indexes alone: PostgreSQL reads a small table whole whatever there is."""
    queries = []
    event.listen(store.engine, "before_cursor_execute", lambda *given: queries.append(given[2:4]))
    store.list(wanted)
    store.list(wanted, after=5)
    stats(store, wanted)
    asked = [one for one in queries if one[0].lstrip().startswith("SELECT")]
    with store.reading() as connection:
        plan = [row.detail for sql, values in asked
                for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values)]  # fmt: skip
    assert plan
    assert not [line for line in plan if line == "SCAN cases"]
