"""A deleted case is nowhere: every way of deleting, then the whole home is searched, and the server's tables."""

import os
import re
import shutil
import sqlite3
import subprocess
import sys
import time

import psycopg
import pytest

from diagnostics.cases import deletion, schema
from diagnostics.cases.case_sync import CaseFile
from diagnostics.cases.model import Entry, Journal, NoSuchCaseError, StoreLocation
from diagnostics.evidence import Observation
from diagnostics.session import Session
from diagnostics.unsent import NOTE, Unsent
from tests.diagnostics.cases.conftest import ROOT, TOLD, made
from tests.headless.doctor import inside

WORDS = ("特别的标签", "qwertzuiop", "备注里的秘密", "asdfghjkl")
STUDENT = [Observation(id="person.student", value="no")]


def written(store):
    """Make a case of which something stands in every table."""
    id_ = made(store, [Observation(id="wechat.version", value="8.0.49 asdfghjkl"), *TOLD], label="特别的标签")
    store.note(id_, "qwertzuiop 备注里的秘密")
    store.tag(id_, ["特别的标签"])
    return id_


def found_in(folder, id_):
    """Return where something of the case is left below a folder, and how many files were searched."""
    pieces = [*WORDS, "特别", "备注", id_]
    searched, left = 0, []
    for path in folder.rglob("*"):
        if path.is_file():
            searched += 1
            data = path.read_bytes()
            left += [f"{path}: {piece}" for piece in pieces if piece.encode() in data]
    return left, searched


def found_in_tables(store, id_):
    left = []
    with store.reading() as connection:
        for (name,) in connection.exec_driver_sql(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        ).fetchall():
            for row in connection.exec_driver_sql(f'SELECT t::text FROM "{name}" t').scalars():  # noqa: S608
                left += [f"{name}: {piece}" for piece in (*WORDS, "特别", id_) if piece in row]
    return left


@pytest.fixture
def home(tmp_path):
    """A home in which everything lies that is kept of a case."""
    folder = tmp_path / "home"
    (folder / "data").mkdir(parents=True)
    return folder


@pytest.fixture
def kept(desk, home, clock):
    place = StoreLocation(file=home / "data" / "cases.db")
    return desk(place, operator="小王", clock=clock, journal=home / "state")


def left_with_q(knowledge, kept, home):
    """Leave a run as `q` in the middle leaves it: its journal lies in the state folder."""
    file = CaseFile(knowledge, kept.place, folder=home / "state")
    file.describe("特别的标签")
    talk = Session(knowledge, draft=file)
    talk.answer({"wechat.version": "8.0.49 asdfghjkl"})
    file.store().note(file.case_id, "qwertzuiop 备注里的秘密")
    file._store.dispose()
    os.close(file._lock._held)
    return file.case_id


def typing(kept, home, id_):
    """Leave a note that was typed and not handed in, as a window does that was killed."""
    window = Unsent(home, kept.place.name)
    window.keep(NOTE, "qwertzuiop 备注里的秘密", id_)
    window.close()
    assert [*home.glob("unsent-*.json")]


def copies(kept, home):
    """Put the copies aside that an upgrade and a repair leave, with the case in them."""
    kept.dispose()
    for name in ("cases.schema-3.db", "cases.damaged-20250101T000000-1.db", "cases.repaired-99.db",
                 "cases.schema-2.db.99.new"):  # fmt: skip
        path = home / "data" / name
        shutil.copy(kept.place.file, path)
        os.utime(path, (time.time() - 60,) * 2)
    (home / "data" / "cases.damaged-20250101T000000-1.db-wal").write_bytes("特别的标签".encode())


@pytest.mark.parametrize("way", ["delete", "purge", "q and delete", "copies and delete", "copies and purge"])
def test_nothing_of_a_deleted_case_is_left_in_the_home(knowledge, kept, home, clock, way):
    other = made(kept, STUDENT)
    id_ = left_with_q(knowledge, kept, home) if way.startswith("q") else written(kept)
    typing(kept, home, id_)
    assert found_in(home, id_)[0]
    if way.startswith("copies"):
        copies(kept, home)
    if way.endswith("purge"):
        clock.seconds += 86_400 * 31
        kept.note(other, "还在")
        kept.retain(30, 30)
        assert kept.purge() == 1
    else:
        kept.delete(id_)
    left, searched = found_in(home, id_)
    assert left == []
    assert searched >= 2
    assert kept.left == ()
    assert [row.id for row in kept.list().rows] == [other]
    with pytest.raises(NoSuchCaseError):
        kept.open(id_)
    if way.startswith("copies"):
        with sqlite3.connect(home / "data" / "cases.schema-3.db") as copy:
            assert copy.execute("SELECT id FROM cases").fetchall() == [(other,)]
        copy.close()
        assert not list((home / "data").glob("cases.damaged*"))
    with kept.reading() as connection:
        assert deletion.unfinished(connection) == set()


def test_killed_for_good_in_the_middle_and_finished_by_the_next_who_looks(kept, home):
    id_ = written(kept)
    kept.dispose()
    code = (
        "import os, sys; from pathlib import Path; from diagnostics.cases import deletion as remains\n"
        "from diagnostics.cases.model import StoreLocation; from diagnostics.cases.store import open_store\n"
        "from diagnostics.knowledge import load\n"
        "remains.clean = lambda *_: os._exit(9)\n"
        "open_store(load(), StoreLocation(file=Path(sys.argv[1])), journal=Path(sys.argv[2])).delete(sys.argv[3])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(kept.place.file), str(home / "state"), id_], cwd=ROOT, timeout=60, check=False
    )
    assert done.returncode == 9
    assert found_in(home, id_)[0]
    listed = inside("cases", "list", "--store", str(kept.place.file))
    assert listed.code == 0, listed.err
    assert found_in(home, id_)[0] == []


def test_while_another_window_reads_it_is_said_and_finished_later(desk, kept, home):
    id_ = written(kept)
    reader = sqlite3.connect(kept.place.file, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM cases").fetchone()
    kept.delete(id_)
    assert [one.key for one in kept.left] == ["cases.left_reading"]
    reader.close()
    assert desk(kept.place, journal=home / "state").left == ()
    assert found_in(home, id_)[0] == []


def test_a_run_that_is_going_on_is_said_and_another_computers_journal_goes_when_it_looks(knowledge, desk, kept, home):
    file = CaseFile(knowledge, kept.place, folder=home / "state")
    file.describe("特别的标签")
    talk = Session(knowledge, draft=file)
    talk.answer({"wechat.version": "8.0.49 asdfghjkl"})
    id_ = file.case_id
    elsewhere = Journal(home / "elsewhere")
    elsewhere.folder.mkdir()
    shutil.copy(file._journal.path(id_), elsewhere.path(id_))
    kept.delete(id_)
    assert [one.key for one in kept.left] == ["cases.left_window"]
    assert not file._journal.path(id_).exists()
    assert not file._journal.is_free(id_), "no other window takes a run for left that is going on"
    file.finish()
    assert file._journal.is_free(id_)
    desk(kept.place, journal=elsewhere.folder)
    assert not elsewhere.path(id_).exists()


def test_a_run_with_another_store_stays_and_one_with_this_goes_by_whatever_name_it_has(kept, home):
    """One case may be in both: it was taken over with a bundle."""
    journal, id_ = Journal(home / "state"), written(kept)
    (home / "linked").symlink_to(home / "data", target_is_directory=True)
    for store, stays in ((home / "other" / "cases.db", True), (home / "linked" / "cases.db", False)):
        journal.write(Entry(case=id_, writer="x", store=str(store), waiting=TOLD))
        if stays:
            kept.delete(id_)
        else:
            kept.resume_deletions()
        assert journal.path(id_).exists() is stays


def test_in_a_shared_store_nothing_is_left_in_the_tables_nor_in_their_files(server, desk, tmp_path):
    store = desk(server.database(), operator="小王", journal=tmp_path / "state")
    keep, id_ = made(store, STUDENT), written(store)
    assert found_in_tables(store, id_)
    store.delete(id_)
    assert store.left == ()
    assert found_in_tables(store, id_) == []
    with store.writing() as connection:
        connection.exec_driver_sql("CHECKPOINT")
        database = connection.exec_driver_sql(
            "SELECT oid FROM pg_database WHERE datname = current_database()"
        ).scalar_one()
    left, searched = found_in(server.folder / "data" / "base" / str(database), id_)
    assert left == []
    assert searched > 10
    assert [row.id for row in store.list().rows] == [keep]


def test_who_does_not_own_the_tables_is_told_and_the_owner_finishes_it(server, desk, tmp_path):
    place, agent = server.database(), f"agent{time.monotonic_ns()}"
    owner = desk(place, operator="小王", journal=tmp_path / "state")
    id_ = written(owner)
    with psycopg.connect(place.url, autocommit=True) as link:
        link.execute(f"CREATE ROLE {agent} LOGIN")
    owner.grant(agent)
    theirs = StoreLocation(url=place.url.replace("desk@", f"{agent}@"))
    store = desk(theirs, operator="小李", journal=tmp_path / "b")
    store.delete(id_)
    assert [one.key for one in store.left] == ["cases.left_owner"]
    assert "desk" in store.left[0].text("zh")
    again = desk(place, journal=tmp_path / "state")
    assert again.left == ()
    with again.reading() as connection:
        assert deletion.unfinished(connection) == set()


def test_a_case_that_was_deleted_is_not_brought_back_by_a_repair(desk, kept):
    ids = [written(kept) for _ in range(3)]
    with kept.writing() as connection:
        rows = connection.execute(schema.CASES.select().where(schema.CASES.c.id == ids[0])).mappings().all()
    kept.delete(ids[0])
    with kept.writing() as connection:  # as an older state of the log may hold it
        connection.execute(schema.CASES.insert(), [dict(row) for row in rows])
        page = connection.exec_driver_sql("SELECT rootpage FROM sqlite_master WHERE name = 'tags'").scalar_one()
    kept.dispose()
    data = bytearray(kept.place.file.read_bytes())
    data[(page - 1) * 4096 : (page - 1) * 4096 + 512] = b"\xff" * 512  # and the rows of the cases can still be read
    kept.place.file.write_bytes(data)
    again = desk(kept.place)
    assert "damaged" in again.notices[0]
    assert {row.id: row.first_cause for row in again.list().rows} == dict.fromkeys(ids[1:], "teen_mode")


@pytest.mark.parametrize("page", ["privacy.md", "privacy.en.md"])
def test_the_page_about_privacy_lists_every_place(page):
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    for names, _ in deletion.PLACES:
        for name in names:
            assert re.search(rf"`{re.escape(name)}`", text), name
