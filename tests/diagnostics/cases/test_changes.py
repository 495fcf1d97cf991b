"""Five agents at once: nothing is overwritten, the second is told what the first did, faults in our own words."""

import os
import signal
import time

import psycopg
import pytest

from diagnostics.cases import model, opened, schema
from diagnostics.cases.case_sync import deliver_leftovers
from diagnostics.cases.model import (
    AtOnceError,
    ConflictError,
    DeletedError,
    Entry,
    Filter,
    Journal,
    StoreError,
    StoreGoneError,
    StoreRefusedError,
    location_of,
)
from diagnostics.evidence import Observation
from tests.diagnostics.cases.conftest import TOLD, at_once, made
from tests.diagnostics.cases.kills import rivals

SQLITE = pytest.mark.parametrize("either", ["sqlite"], indirect=True)
"""Where the databases have no part in what is looked at."""


@pytest.fixture
def case(either):
    return made(either, label="T-000299")


@pytest.fixture
def other(either, desk, clock):
    return desk(either.place, operator="小李", clock=clock)


@pytest.fixture
def five(either, desk):
    return [desk(either.place, operator=f"客服{number}") for number in range(5)]


@pytest.mark.parametrize("seen", [True, False], ids=["with the version seen", "without"])
def test_five_close_at_once_and_one_is_told_of_success(either, case, five, seen):
    causes = ["teen_mode", "student", "income", "unsettled", "entry_found"]
    version = either.open(case).version if seen else None
    results = at_once(5, lambda number: five[number].close(case, causes[number], version=version))
    won = [number for number, result in enumerate(results) if not isinstance(result, StoreError)]
    assert len(won) == 1
    held = either.open(case)
    assert (held.proven, held.changed_by, held.version) == (causes[won[0]], f"客服{won[0]}", 2)
    did = {"zh": "结案，原因是「{}」", "en": 'closed it with "{}"'} if seen else {"zh": "「{}」", "en": '"{}"'}
    title = model.title_of(either.knowledge, held.proven)
    for result in (results[number] for number in range(5) if number not in won):
        assert isinstance(result, ConflictError)
        for lang in ("zh", "en"):
            for part in (f"客服{won[0]}", did[lang].format(title[lang]), case):
                assert part in result.text(lang)


@SQLITE
def test_a_value_that_somebody_else_gave_is_not_overwritten_unseen(either, case, other):
    either.rename(case, "T-1041")
    either.own(case, "小王")
    either.follow_up(case, "2026-12-01")
    for change in (
        lambda version: other.rename(case, "T-7", version=version),
        lambda version: other.own(case, "小李", version=version),
        lambda version: other.follow_up(case, "2026-12-24", version=version),
    ):
        with pytest.raises(ConflictError) as caught:
            change(None)
        version = either.open(case).version
        for lang in ("zh", "en"):
            assert "小王" in caught.value.text(lang)
            assert f"--if-version {version}" in caught.value.text(lang), "with it the change is made"
        change(version)
    held = either.open(case)
    assert (held.label, held.owner, held.due_on) == ("T-7", "小李", "2026-12-24")
    assert either.rename(case, "T-7").version == held.version, "what is so already is no change"
    other.close(case, "student")
    for change in (lambda: other.close(case, "income"), lambda: either.own(case, "小王")):
        with pytest.raises(ConflictError, match="小李"):
            change()
    assert other.own(case, "小王").owner == "小王", "whoever has it may hand it on"
    with pytest.raises(ConflictError, match="小王"):
        other.own(case, "小李")


def test_the_history_says_when_who_and_what(either, case, other, clock):
    clock.seconds += 60
    other.note(case, "回电 13800138000")
    assert other.tag(case, ["急", "b"], remove=["nothing"]) == ("b", "急")
    agreed = other.consent(case)
    clock.seconds += 60
    assert either.consent(case) == agreed, "the first time counts"
    clock.seconds += 60
    closed = either.close(case, "teen_mode")
    assert (closed.status, closed.proven, closed.closed_at) == ("closed", "teen_mode", either.now())
    reopened = other.reopen(case)
    assert (reopened.status, reopened.proven, reopened.closed_at) == ("open", None, None)
    held = either.open(case)
    assert other.tag(case, remove=["急"]) == ("b",)
    assert [(one.kind, one.operator) for one in held.history] == [
        ("made", "小王"), ("note", "小李"), ("tag", "小李"), ("consent", "小李"), ("close", "小王"), ("reopen", "小李"),
    ]  # fmt: skip
    assert held.history[1].at > held.history[0].at
    assert (held.operator, held.changed_by) == ("小王", "小李")
    assert "13800138000" not in repr(held.history)
    assert {one.version for one in held.history} == {1, 2, 3, 4}
    for kind in model.KINDS:
        for lang in ("zh", "en"):
            said = model.describe_event(either.knowledge, model.Event(id="0", at="", operator="", kind=kind)).text(lang)
            assert said
            assert not said.startswith("case_did")


@pytest.mark.parametrize("either", ["postgresql"], indirect=True)
def test_five_who_begin_a_case_at_once_take_turns_and_none_has_to_try_again(either, five, clock, monkeypatch):
    """Above a case of a clock that was set forward each of them wants the same place."""
    clock.seconds += 1_000
    made(either)
    monkeypatch.setattr(opened, "_TRIES", 1)
    for _ in range(3):
        results = at_once(5, lambda number: made(five[number]))
        assert [one for one in results if isinstance(one, StoreError)] == []


@pytest.mark.parametrize("what", ["a number", "a tag"])
def test_five_note_a_number_or_set_a_tag_at_once_and_none_is_lost(either, case, five, what):

    def work(number):
        if what == "a tag":
            return five[number].tag(case, ["回访"])
        return five[number].note(case, f"第 {number} 人：打 1380013800{number}")

    for _ in range(3):
        results = at_once(5, work)
        assert [one for one in results if isinstance(one, StoreError)] == []
    held = either.open(case)
    if what == "a tag":
        assert held.tags == ("回访",)
    else:
        assert len(held.notes) == 15
        assert len(held.masked) == 5
        for number in range(5):
            assert len({one.text for one in held.notes if one.text.startswith(f"第 {number} 人")}) == 1


def test_what_cannot_be_done_at_once_is_tried_again_and_told_in_our_words(either):
    tries = []

    def work(connection):
        tries.append(connection)
        for _ in range(2):
            connection.execute(schema.FACTS.insert().values(name="twice", value=""))

    with pytest.raises(AtOnceError) as caught:
        either.change(work)
    assert len(tries) > 1
    for lang in ("zh", "en"):
        assert not any(word in caught.value.text(lang) for word in ("UNIQUE", "duplicate", "constraint", "INSERT"))


def test_no_words_of_a_driver_reach_a_person(either):
    for wrong in ("SELECT nothing FROM nowhere", "SELEKT"):
        with pytest.raises(StoreError) as caught, either.reading() as connection:
            connection.exec_driver_sql(wrong)
        for lang in ("zh", "en"):
            said = caught.value.text(lang).removeprefix(either.place.name)
            assert not any(word in said for word in ("nowhere", "SELEKT", "syntax", "relation", "LINE"))


@SQLITE
def test_a_case_that_was_deleted_does_not_come_back_and_that_is_said(either, run, folder):
    file, talk = run({"account.teen_mode": "on"}, place=either.place)
    id_ = file.case_id
    either.delete(id_)
    talk.answer({"person.student": "no"})
    assert "已由 小王 在" in talk.fault
    assert "没有保存" in talk.fault
    talk.answer({"person.age": 30})
    assert "没有保存" in talk.fault
    assert either.count() == 0
    assert not list(folder.glob("*.json"))
    talk.restart()
    talk.answer({"person.age": 30})
    assert talk.fault is None
    assert either.count() == 1
    with pytest.raises(DeletedError):
        either.save(id_, TOLD, version=None)


@SQLITE
@pytest.mark.parametrize("deleted", [True, False], ids=["of a case that was deleted", "for another store"])
def test_what_waits_in_vain_goes_with_its_case_or_is_left_to_its_store(either, case, tmp_path, deleted):
    journal, notices = Journal(tmp_path / "journal"), []
    store = either.place.name if deleted else "/elsewhere/cases.db"
    journal.write(Entry(case=case, writer="x", store=store, done=True, version=1, waiting=TOLD))
    either.delete(case)
    deliver_leftovers(either, journal, notices, "zh")
    assert either.count() == 0
    assert journal.path(case).exists() is not deleted
    assert ["彻底删除" in one for one in notices] == [True] * deleted


@SQLITE
def test_answers_in_a_row_are_one_event_and_a_night_is_no_time_that_a_case_took(either, case, clock):
    for pause in (60, 9 * 3600, 120):
        clock.seconds += pause
        version = either.open(case).version
        either.save(case, [Observation(id="debt.open_loans", value=version)], version=version)
    held = either.open(case)
    assert held.seconds == 180
    assert [(one.kind, one.version) for one in held.history] == [("made", 1), ("answers", 4)]


@pytest.mark.parametrize("whole", [False, True], ids=["one connection", "the whole server"])
def test_a_server_that_hangs_holds_a_prompt_for_seconds_and_not_for_half_a_minute(server, desk, whole):
    store = desk(server.database())
    with store.reading() as connection:
        backend = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
    main = int((server.folder / "data" / "postmaster.pid").read_text().split()[0])
    stopped = (main, backend) if whole else (backend,)
    for pid in stopped:
        os.kill(pid, signal.SIGSTOP)
    began = time.monotonic()
    try:
        if whole:
            with pytest.raises(StoreGoneError, match="does not answer"):
                store.count()
        else:  # another connection is made
            assert store.count() == 0
        took = time.monotonic() - began
    finally:
        for pid in reversed(stopped):
            os.kill(pid, signal.SIGCONT)
    assert took < 12


def test_a_refused_login_a_missing_database_and_a_lock_are_told_as_such(server, desk):
    place = server.database()
    store = desk(place)
    for wrong, said in ((place.url.replace("desk@", "nobody@"), "没让您登录"),
                        (place.url.replace("@/desk", "@/nothing"), "没有这个库")):  # fmt: skip
        with pytest.raises(StoreRefusedError) as caught:
            desk(location_of(wrong))
        assert said in caught.value.text("zh")
        assert "FATAL" not in caught.value.text("zh")
    id_ = made(store)
    with psycopg.connect(place.url) as link:
        link.execute("LOCK TABLE cases IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(StoreGoneError) as caught:
            store.note(id_, "x")
    assert "正占着" in caught.value.text("zh")


def test_cases_without_words_are_found_again(either, case):
    with either.writing() as connection:
        connection.exec_driver_sql("DELETE FROM case_words")
    assert either.list(Filter(text="T-000299")).rows == ()
    assert either.rebuild_words() == 1
    assert either.rebuild_words() == 0
    assert [row.id for row in either.list(Filter(text="T-000299")).rows] == [case]


def test_of_several_processes_and_a_kill_nothing_is_lost_and_nothing_doubled(either, request):
    id_ = made(either, [Observation(id="debt.open_loans", value=0)])
    shared = either.place.file is None
    restart = (lambda: request.getfixturevalue("server").control("restart", "-m", "immediate")) if shared else list
    assert rivals(either, id_, 12, restart) == []
    assert either.rebuild_words() == 0
