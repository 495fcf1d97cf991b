"""A run as a case: saved at each answer, taken up after a kill, working on while the store is away."""

import contextlib
import os
import random
import sqlite3
import subprocess
import threading
import time

import pytest

from diagnostics import redaction
from diagnostics.autosave import DraftError
from diagnostics.cases import case_sync
from diagnostics.cases.case_sync import CaseFile
from diagnostics.cases.model import Journal, StoreError, StoreLocation
from diagnostics.cases.store import open_store
from diagnostics.evidence import Observation
from diagnostics.questionnaire.message import sent_of
from diagnostics.session import Session
from tests.diagnostics.cases.kills import kill_once


@pytest.fixture
def place(tmp_path):
    (tmp_path / "share").mkdir()
    return StoreLocation(file=tmp_path / "share" / "cases.db")


def killed(file):
    """Leave a run as a kill leaves it: nothing put down, the lock let go by the system."""
    if file._lock is not None:
        os.close(file._lock._held)
        file._lock = None
    if file._store is not None:
        file._store.dispose()
    file._entry = None


def test_a_killed_run_is_taken_up_again_and_goes_on(run, store):
    first, talk = run({"account.teen_mode": "on", "person.age": 20})
    first.went["teen_mode.off"] = "no_change"
    first.keep_steps()
    id_ = first.case_id
    killed(first)
    second, talk = run()
    assert second.exists()
    assert talk.resume()
    assert talk.own_answers() == {"account.teen_mode": "on", "person.age": 39}
    assert talk.draft.went == {"teen_mode.off": "no_change"}
    talk.answer({"person.student": "no"})
    assert (second.case_id, store.open(id_).answered, store.count()) == (id_, 3, 1)
    talk.restart()
    assert talk.draft.went == {}


def test_a_run_that_goes_on_elsewhere_or_is_over_is_not_taken_up(knowledge, run, store):
    first, _ = run({"person.student": "no"})
    assert not run()[0].exists()
    first.finish()
    assert not run()[0].exists()
    third, _ = run({"person.student": "no"})
    with store.writing() as connection:
        connection.exec_driver_sql("DELETE FROM cases")
    killed(third)
    fourth, _ = run()
    assert fourth.read(knowledge) == ()
    assert not fourth.exists()


def test_a_run_is_taken_up_with_the_store_it_was_begun_in_wherever_that_is_named(run, tmp_path, monkeypatch):
    where = StoreLocation(file=tmp_path / "passwd" / "cases1.db")
    first, _ = run({"person.student": "no"}, place=where)
    killed(first)
    assert not run()[0].exists()
    assert run(place=where)[0].exists()
    monkeypatch.setattr(redaction, "NAMED_FILES", {str(where.file)})  # on the command line, by a setting before
    assert where.name == str(where.file)
    assert run(place=where)[0].exists()


def test_an_unfinished_run_can_be_left_in_the_store(run, store, folder):
    first, _ = run({"person.student": "no"})
    killed(first)
    second, _ = run()
    assert second.set_aside("previous") is not None
    assert not second.exists()
    assert not list(folder.iterdir())
    assert store.count() == 1


def broken(place):
    """Take the store away, as a lost share does; returns what brings it back."""
    away = place.file.parent.rename(place.file.parent.with_name("away"))
    place.file.parent.touch()
    return lambda: (place.file.parent.unlink(), away.rename(place.file.parent))


def test_a_store_that_goes_away_is_told_of_and_gets_everything_later(knowledge, run, place, folder, monkeypatch):
    file, talk = run({"person.student": "no"})
    file.store().dispose()
    back = broken(place)
    talk.answer({"wechat.version": "8.0.49，打 13800138000", "person.age": 66})
    assert "自动补写" in talk.fault
    with monkeypatch.context() as patch:
        patch.setattr(file, "store", lambda: pytest.fail("the store is to be left alone for a while"))
        talk.answer({"account.teen_mode": "on"})
        file.write([*talk.evidence.all, Observation(id="os.version", value="Android 14 打 13800138000")])
    waiting = (folder / f"{file.case_id}.json").read_bytes()
    for raw in (b"13800138000", b":66", b'"66"'):
        assert raw not in waiting
    back()
    file._not_before = 0.0
    talk.answer({"account.restricted": "no"})
    assert talk.fault is None
    case = file.store().open(file.case_id)
    assert (case.answered, case.first_cause) == (5, "age_out_of_range")
    assert b"null" in (folder / f"{file.case_id}.json").read_bytes()


@pytest.mark.parametrize("waits", [False, True], ids=["it opens", "it does not"])
def test_leaving_waits_a_moment_for_a_store_that_is_just_being_opened(
    knowledge, run, place, folder, monkeypatch, waits
):
    monkeypatch.setattr(case_sync, "_LAST_WAIT", 0.5 if waits else 60.0)
    open_store(knowledge, place).dispose()
    other = sqlite3.connect(place.file, isolation_level=None, check_same_thread=False)
    other.execute("PRAGMA locking_mode = EXCLUSIVE")
    other.execute("BEGIN EXCLUSIVE")
    file, talk = run()

    def open_it():
        with contextlib.suppress(StoreError):  # where the run is over before it is open
            file.store()

    opening = threading.Thread(target=open_it)
    opening.start()
    while not file._door.locked():
        time.sleep(0.001)
    talk.answer({"client.platform": "android"})
    freeing = threading.Timer(0.4, other.close)
    if not waits:
        freeing.start()
    began = time.monotonic()
    file.finish()
    took = time.monotonic() - began
    assert took > 0.3
    assert [entry.done for entry in Journal(folder).left()] == ([True] if waits else [])
    if waits:
        assert opening.is_alive()  # it is left behind, not waited for
        freeing.start()
    opening.join()
    freeing.join()
    store = open_store(knowledge, place)
    assert store.count() == (0 if waits else 1)
    store.dispose()
    assert file._store is None


def test_two_windows_on_one_case_lose_nothing(knowledge, run, store):
    first, talk = run({"person.student": "no"})
    id_ = first.case_id
    store.close(id_, "unsettled")
    talk.answer({"person.age": 30})  # only the state of the case changed: the answers go on
    assert (store.open(id_).answered, store.open(id_).status) == (2, "closed")
    store.save(id_, [Observation(id="person.student", value="yes")], version=store.open(id_).version)
    talk.answer({"account.teen_mode": "on"})
    assert first.case_id != id_
    assert id_ in first.notices[-1]
    assert [one.value for one in store.open(id_).observations] == ["yes"]
    assert store.open(first.case_id).answered == 3
    talk.answer({"account.restricted": "no"})
    assert store.open(first.case_id).answered == 4
    assert store.count() == 2


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="mounting a small disk needs root on Linux")
def test_a_full_disk_is_told_of_and_the_diagnosis_goes_on(knowledge, tmp_path, run):
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", disk], check=False, timeout=30).returncode:
        pytest.skip("this machine lets nobody mount")
    try:
        where = StoreLocation(file=disk / "cases.db")
        file, talk = run({"person.student": "no"}, place=where)
        assert talk.fault is None
        with contextlib.suppress(OSError), (disk / "filler").open("wb", buffering=0) as filler:
            while filler.write(b"x" * 4096):
                pass
        for number in range(30):
            talk.answer({"debt.open_loans": number, "wechat.version": f"8.0.{number} " + "x" * 3000})
            file._not_before = 0.0
        assert "自动补写" in talk.fault
        (disk / "filler").unlink()
        file._not_before = 0.0
        talk.answer({"account.teen_mode": "on"})
        assert talk.fault is None
        assert file.store().open(file.case_id).answered == 4
        file.finish()
        again = open_store(knowledge, where)
        assert again.notices == []
        again.dispose()
    finally:
        subprocess.run(["umount", "-l", disk], check=True, timeout=30)


def test_where_nothing_can_be_written_the_user_is_told_and_works_on(knowledge, run, tmp_path, folder, monkeypatch):
    (tmp_path / "file").write_text("no folder can be made below a file")
    monkeypatch.setattr(case_sync, "default_folder", lambda: tmp_path / "file" / "journal")
    file = CaseFile(knowledge, StoreLocation(file=tmp_path / "file" / "cases.db"))
    talk = Session(knowledge, draft=file)
    talk.answer({"account.teen_mode": "on"})
    assert "没有存下来" in talk.fault
    assert talk.assessment.first_status[0].id == "teen_mode"
    file.finish()


def test_a_store_too_new_is_told_at_every_start_and_nothing_is_lost(knowledge, run, store, place, folder):
    with store.writing() as connection:
        connection.exec_driver_sql("PRAGMA user_version = 99")
    file, talk = run({"account.teen_mode": "on"})
    assert "请先更新本程序" in talk.fault
    assert Journal(folder).read(file.case_id).waiting[0].value == "on"
    id_ = file.case_id
    killed(file)
    later, talk = run()
    assert talk.resume()
    assert later.case_id == id_


def test_what_a_kill_in_the_middle_of_a_journal_write_left_is_swept(knowledge, run, store):
    file, _ = run({"account.teen_mode": "on"})
    folder = file._journal.folder
    old, fresh = (folder / f"abc.json.{pid}.new" for pid in (1, 2))
    for path in (old, fresh):
        path.write_bytes(b"{")
    os.utime(old, (0, 0))
    killed(file)
    assert run()[0].exists()
    assert (old.exists(), fresh.exists()) == (False, True)


def test_a_case_whose_observations_are_damaged_says_so(knowledge, run, store):
    file, _ = run({"account.teen_mode": "on"})
    with store.writing() as connection:
        connection.exec_driver_sql("UPDATE cases SET observations = '[{'")
    killed(file)
    with pytest.raises(DraftError) as caught:
        run()[0].read(knowledge)
    assert "已损坏" in caught.value.text("zh")
    assert "damaged" in caught.value.text("en")


def test_killed_at_any_moment_no_acknowledged_answer_is_lost(knowledge, tmp_path, folder):
    rng = random.Random(0)
    for _ in range(2):
        left = kill_once(knowledge, tmp_path / "cases.db", folder, rng)
        assert left.stored >= left.told
        assert left.wrong == []


def test_what_a_killed_run_answered_and_asked_waits_and_is_delivered_by_the_next(knowledge, run, place, folder, store):
    asked = [sent_of(knowledge, (id_,)) for id_ in ("account.teen_mode", "person.age")]
    first, talk = run()
    talk.draft.send(asked[0])  # before there is a case
    talk.answer({"person.student": "no"})
    id_ = first.case_id
    assert store.open(id_).sent == (asked[0],)
    store.dispose()
    first.store().dispose()
    back = broken(place)
    talk.draft.send(asked[1])
    talk.answer({"account.teen_mode": "on"})
    assert Journal(folder).read(id_).sent == [asked[1]]
    killed(first)
    back()
    second, talk = run()
    assert store.open(id_).answered == 1
    talk.answer({"account.restricted": "no"})
    assert (store.open(id_).answered, store.open(id_).sent) == (2, tuple(asked))
    second.take_up(id_)
    assert talk.draft.sent == asked
    talk.restart()
    assert talk.draft.sent == []
