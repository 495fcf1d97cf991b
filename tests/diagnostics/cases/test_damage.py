"""Damaged, older and newer files: nothing readable is lost, nothing is written over, one clear line."""

import contextlib
import os
import random
import sqlite3
import time

import pytest
from sqlalchemy import text

from diagnostics.cases import database, queries, repair, schema
from diagnostics.cases.database import Database
from diagnostics.cases.model import (
    Filter,
    RefusedError,
    StoreDamagedError,
    StoreError,
    StoreGoneError,
    StoreLocation,
    new_id,
)
from diagnostics.cases.stats import stats
from diagnostics.cases.store import open_store
from diagnostics.evidence import Observation
from diagnostics.files import FileLock
from tests.diagnostics.cases.conftest import ROOT, at_once, made

CASES = 120
PAGE = 4096


@pytest.fixture(autouse=True)
def few_cases(monkeypatch):
    """Give the rest of a table up sooner: the stores here are small."""
    monkeypatch.setattr(repair, "_MISSED", 1_000)


@pytest.fixture(scope="module")
def filled(knowledge, tmp_path_factory):
    """The bytes of a store with cases, the cases' ids, and the bytes as a kill leaves them: file and log."""
    path = tmp_path_factory.mktemp("filled") / "cases.db"
    store, ids = open_store(knowledge, StoreLocation(file=path), journal=path.parent / "journal"), []
    for number in range(CASES):
        ids.append(made(store, [Observation(id="debt.open_loans", value=number)], label=f"工单 {number}"))
        store.note(ids[-1], f"备注 {number} " + "长" * (number * 12))
    store.tag(ids[0], ["急"])
    killed = path.read_bytes(), path.with_name("cases.db-wal").read_bytes()
    store.dispose()
    return path.read_bytes(), ids, killed


@pytest.fixture
def reopened(desk, place):
    """Open a store of these bytes; returns it, its cases, and what was set aside."""

    def reopen(data=None):
        if data is not None:
            place.file.write_bytes(data)
        store = desk(place)
        cases = {case.id: case for case in store.every()}
        store.dispose()
        return store, cases, {path: path.read_bytes() for path in place.file.parent.glob("cases.damaged-*.db")}

    return reopen


@pytest.mark.parametrize("seed", range(2))
def test_what_stands_on_undamaged_pages_is_recovered(reopened, filled, seed):
    data, ids = bytearray(filled[0]), filled[1]
    rng = random.Random(seed)
    for page in rng.sample(range(1, len(data) // PAGE), 3):
        data[page * PAGE : (page + 1) * PAGE] = rng.randbytes(PAGE)
    store, cases, asides = reopened(data)
    for path, content in asides.items():  # one page may have been a free one
        assert content == data
        assert str(path) in store.notices[0]
    per_page = 40
    assert len(cases) >= CASES - 3 * per_page
    assert [case.label for case in cases.values() if case.observations] == [
        f"工单 {ids.index(id_)}" for id_, case in cases.items() if case.observations
    ]


def test_what_another_window_repairs_is_left_to_it(knowledge, filled, place):
    place.file.write_bytes(filled[0])
    lock = FileLock(place.file.with_name("cases.db.repair"))
    assert lock.take()
    with pytest.raises(StoreGoneError, match="another window is repairing"):
        repair.recover(place.file, knowledge)
    assert sorted(path.name for path in place.file.parent.iterdir()) == ["cases.db", "cases.db.repair"]
    assert place.file.read_bytes() == filled[0]
    lock.release(remove=True)
    assert repair.recover(place.file, knowledge)[1] == CASES


@pytest.mark.parametrize(
    ("damage", "kept"),
    [*((lambda data, page=page: data[: page * PAGE] + b"\xff" * 512 + data[page * PAGE + 512 :], CASES * (page > 0))
       for page in range(3)),
     *((lambda data, part=part: data[: 1 + len(data) * part // 5], None) for part in range(5)),
     *((lambda _data, content=content: content, 0)
       for content in (b"", b"SQLite format 3\0", b"SQLite format 3\0" + b"\xff" * PAGE, b"\0" * 8192))],
)  # fmt: skip
def test_what_is_damaged_is_set_aside_whole_and_what_sqlite_still_reads_is_kept(reopened, filled, place, damage, kept):
    data = damage(filled[0])
    _, cases, asides = reopened(data)
    assert [*asides.values()] == ([data] if len(data) > 1 else [])
    if kept is not None:
        assert (len(cases), sum(len(case.notes) for case in cases.values())) == (kept, kept)
    assert [one.name for one in place.file.parent.iterdir() if one.is_dir()] == []
    assert reopened()[0].notices == []


def test_the_log_of_a_killed_program_is_read_too(filled, tmp_path):
    _, ids, (data, log) = filled
    copy = tmp_path / "killed.db"
    copy.write_bytes(data)
    copy.with_name("killed.db-wal").write_bytes(log)
    assert {row["id"] for row in repair.readable(copy)["cases"]} == set(ids)
    copy.with_name("killed.db-wal").write_bytes(log[: len(log) * 2 // 3] + b"\0" * 999)
    left = {row["id"] for row in repair.readable(copy)["cases"]}
    assert left
    assert left <= set(ids)


@pytest.mark.parametrize("kind", ["text", "picture", "database", "newer database"])
def test_another_programs_file_is_refused_and_left_as_it_is(desk, place, kind):
    path = place.file
    if "database" in kind:
        with contextlib.closing(sqlite3.connect(path)) as theirs:
            theirs.execute("CREATE TABLE bookmarks (url TEXT)")
            theirs.execute(f"PRAGMA user_version = {7 if kind.startswith('newer') else 0}")
    else:
        path.write_bytes(b'{"id": 1}\n' * 99 if kind == "text" else b"\x89PNG\r\n\x1a\n\0\0" + b"\1\0" * 9999)
    path.chmod(0o644)
    before = path.read_bytes()
    for _ in range(2):
        with pytest.raises(RefusedError, match="left as it is"):
            desk(place)
    assert [one.name for one in path.parent.iterdir()] == [path.name]
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (before, 0o644)


def test_a_newer_store_is_refused_and_left_alone(desk, either):
    with either.writing() as connection:
        schema.stamp_version(connection, 99)
    with pytest.raises(StoreError, match="newer weilidai-doctor"):
        desk(either.place)


def test_a_large_file_that_errs_at_work_is_repaired_when_it_is_opened_again(run, reopened, place, filled, monkeypatch):
    monkeypatch.setattr(database, "_CHECKED_BYTES", 0)  # not looked through when it is opened
    data = bytearray(filled[0])
    for page in range(60, len(data) // PAGE, 3):  # behind the pages that tell the tables
        data[page * PAGE : page * PAGE + PAGE] = b"\xff" * PAGE
    place.file.write_bytes(data)
    file, _ = run()
    with pytest.raises(StoreDamagedError):
        list(file.store().every())
    file.close()
    assert 0 < len(list(file.store().every())) < CASES
    assert any("damaged" in notice for notice in file.notices)
    file.finish()
    store, cases, _ = reopened()
    assert store.notices == []
    assert cases


@pytest.mark.parametrize("name", ["cases", "[ca*es].db", "a.b"])
def test_a_store_may_have_any_name_and_copies_put_aside_go_when_their_time_is_over(desk, place, name):
    path = place.file.with_name(name)
    path.write_bytes(b"SQLite format 3\0" + b"\xff" * 4096)
    store = desk(StoreLocation(file=path))
    assert "damaged" in store.notices[0]
    asides = [one for one in path.parent.iterdir() if "damaged" in one.name]
    asides += [path.with_suffix(f".{ending}{path.suffix}") for ending in ("schema-1", "damaged-20250101T000000-1")]
    for aside in asides:
        aside.write_bytes(b"old cases")
        os.utime(aside, (time.time() - 86_400 * 91,) * 2)
    fresh = path.with_suffix(f".schema-2{path.suffix}")
    fresh.write_bytes(b"new")
    store.retain(90, None)
    store.purge()
    assert len(asides) == 3
    assert [aside.exists() for aside in (*asides, fresh)] == [False, False, False, True]


OLD = (ROOT / "tests" / "data" / "v0_1_0" / "store.sql").read_text(encoding="utf-8")
WORDS = {
    "sqlite": "CREATE VIRTUAL TABLE case_words USING fts5(words, tokenize='unicode61 remove_diacritics 0')",
    "postgresql": "CREATE TABLE case_words (place BIGINT PRIMARY KEY REFERENCES cases(place) ON DELETE CASCADE, "
    "words TSVECTOR)",
}
"""The index of words as version 0.1.0 made it."""


@pytest.fixture(params=[("sqlite", 1), ("sqlite", 2), ("sqlite", 3), ("postgresql", 3)], ids=str)
def old(request, tmp_path):
    """A store of version 0.1.0, or one before, in which the words were never written, as a kill left it there."""
    database, version = request.param
    shared = database == "postgresql"
    place = request.getfixturevalue("server").database() if shared else StoreLocation(file=tmp_path / "cases.db")
    base = Database(place)
    serial = "BIGSERIAL PRIMARY KEY" if shared else "INTEGER PRIMARY KEY AUTOINCREMENT"
    ids = [new_id() for _ in range(12)]
    *tables, insert = OLD.format(serial=serial).split(";\n")
    with base.writing() as connection:
        for statement in (*tables, *[WORDS[database]][: version > 2]):
            if version > 1 or "masked" not in statement:
                connection.exec_driver_sql(statement)
        schema.stamp_version(connection, version)
        rows = [{"id": id_, "place": place, "label": f"T-{place:06}"} for place, id_ in enumerate(ids)]
        connection.execute(text(insert), rows)
    base.dispose()
    return place, ids, version


RELEASED = pytest.mark.parametrize("old", [("sqlite", 3), ("postgresql", 3)], indirect=True, ids=str)


def all_found(store, ids):
    return all(
        [row.id for row in store.list(Filter(text=f"T-{number:06} 青少年模式")).rows] == [id_]
        for number, id_ in enumerate(ids)
    )


def test_an_older_store_is_brought_up_after_a_copy_and_everything_is_found(desk, old):
    place, ids, version = old
    store = desk(place, operator="小李")
    assert all_found(store, ids)
    assert stats(store, Filter()).cases == len(ids)
    store.note(ids[0], "打 13800138000")
    store.own(ids[0], "小李")
    store.follow_up(ids[0], "2026-12-01")
    case = store.open(ids[0])
    assert (case.owner, case.due_on, case.operator) == ("小李", "2026-12-01", "小王")
    assert [one.kind for one in case.history] == ["note", "owner", "due"]
    if place.file is not None:
        copy = place.file.with_name(f"cases.schema-{version}.db")
        assert copy.stat().st_mode & 0o077 == 0
        with contextlib.closing(sqlite3.connect(copy)) as aside:
            assert aside.execute("PRAGMA user_version").fetchone() == (version,)
            assert aside.execute("SELECT label FROM cases WHERE place = 0").fetchone() == ("T-000000",)
    store.delete(ids[1])
    assert store.count() == len(ids) - 1


@RELEASED
def test_stopped_in_the_middle_it_is_as_it_was_and_the_next_who_comes_does_it(desk, old, monkeypatch):
    place, ids, version = old

    def stopped(*_arguments):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(queries, "reindex", stopped)
        with pytest.raises(KeyboardInterrupt):
            desk(place)
    base = Database(place)
    with base.reading() as connection:
        assert schema.version_of(connection, place) == version
    base.dispose()
    assert all_found(desk(place), ids)


@RELEASED
def test_of_five_who_come_at_once_each_finds_every_case(desk, old):
    """Or is told to wait: nobody sees a store that is half done."""
    place, ids, _ = old
    results = at_once(5, lambda _number: all_found(desk(place), ids))
    assert {one for one in results if not isinstance(one, StoreError)} == {True}
    assert {one.key for one in results if isinstance(one, StoreError)} <= {"cases.being_brought_up"}
