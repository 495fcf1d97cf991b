"""Damaged, older and newer files: nothing readable is lost, nothing is written over, one clear line."""

import contextlib
import os
import random
import sqlite3
import time

import pytest

from diagnostics.cases import database, queries, repair, schema
from diagnostics.cases.case_sync import CaseFile
from diagnostics.cases.database import make_engine, transaction
from diagnostics.cases.model import Filter, RefusedError, StoreDamagedError, StoreError, StoreLocation, new_id
from diagnostics.cases.store import open_store
from diagnostics.evidence import Observation
from tests.diagnostics.cases.conftest import at_once, copied

CASES = 120


@pytest.fixture(scope="module")
def template(knowledge, tmp_path_factory):
    """The file of a store with cases, and their ids."""
    path = tmp_path_factory.mktemp("filled") / "cases.db"
    store, ids = open_store(knowledge, StoreLocation(file=path), journal=path.parent / "journal"), []
    for number in range(CASES):
        id_ = new_id()
        store.save(id_, [Observation(id="debt.open_loans", value=number)], version=None, label=f"工单 {number}")
        store.note(id_, f"备注 {number} " + "长" * (number * 12))
        ids.append(id_)
    store.tag(ids[0], ["急"])
    store.dispose()
    return path, ids


@pytest.fixture
def filled(template, empty, place):
    copied(template[0], place)
    return template[1]


@pytest.fixture
def store(desk, empty, place, request):
    """A store with cases where `filled` is asked for, else without."""
    if "filled" in request.fixturenames:
        request.getfixturevalue("filled")
    else:
        copied(empty, place)
    return desk(place)


def settled(store, place):
    """Close the store; the log goes into the file."""
    store.dispose()
    return bytearray(place.file.read_bytes())


@pytest.fixture
def reopened(desk, place):
    def reopen():
        store = desk(place)
        cases = {case.id: case for case in store.every()}
        store.dispose()
        return store, cases

    return reopen


@pytest.mark.parametrize("seed", range(2))
def test_what_stands_on_undamaged_pages_is_recovered(reopened, store, place, filled, seed):
    data = settled(store, place)
    rng = random.Random(seed)
    pages = rng.sample(range(1, len(data) // 4096), 3)
    for page in pages:
        data[page * 4096 : (page + 1) * 4096] = rng.randbytes(4096)
    place.file.write_bytes(data)
    store, cases = reopened()
    aside = list(place.file.parent.glob("cases.damaged-*.db"))
    if aside:  # one page may have been a free one
        assert aside[0].read_bytes() == bytes(data)
        assert str(aside[0]) in store.notices[0]
    per_page = 40
    assert len(cases) >= CASES - 3 * per_page
    for id_, case in cases.items():
        if case.observations:
            assert case.label == f"工单 {filled.index(id_)}"


@pytest.mark.parametrize("page", [0, 1, 2])
def test_a_damaged_beginning_is_set_aside_and_what_sqlite_still_reads_is_kept(reopened, store, place, filled, page):
    data = settled(store, place)
    data[page * 4096 : page * 4096 + 512] = b"\xff" * 512
    place.file.write_bytes(data)
    store, cases = reopened()
    assert [aside.read_bytes() for aside in place.file.parent.glob("cases.damaged-*.db")] == [bytes(data)]
    notes = sum(len(case.notes) for case in cases.values())
    assert (len(cases), notes) == ((0, 0) if page == 0 else (CASES, CASES))
    assert [one.name for one in place.file.parent.iterdir() if one.is_dir()] == []
    assert reopened()[0].notices == []


def test_the_log_of_a_killed_program_is_read_too(store, place, filled):
    copy = place.file.parent / "killed.db"
    copy.write_bytes(place.file.read_bytes())  # as a kill leaves them: file and log, not put together
    log = copy.with_name("killed.db-wal")
    log.write_bytes(place.file.with_name("cases.db-wal").read_bytes())
    assert {row["id"] for row in repair.readable(copy)["cases"]} == set(filled)
    torn = log.read_bytes()
    log.write_bytes(torn[: len(torn) * 2 // 3] + b"\0" * 999)
    left = {row["id"] for row in repair.readable(copy)["cases"]}
    assert left
    assert left <= set(filled)


@pytest.mark.parametrize("content", [b"", b"SQLite format 3\0", b"SQLite format 3\0" + b"\xff" * 4096, b"\0" * 8192])
def test_a_file_that_is_none_is_set_aside_and_work_goes_on(reopened, place, content):
    place.file.write_bytes(content)
    _store, cases = reopened()
    assert cases == {}
    asides = list(place.file.parent.glob("cases.damaged-*.db"))
    assert [aside.read_bytes() for aside in asides] == (
        [content] if len(content) > 100 or content[:3] == b"SQL" else []
    )


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


def test_cut_off_anywhere_it_opens_and_keeps_the_original(reopened, store, place, filled):
    data = bytes(settled(store, place))
    for length in range(1, len(data), len(data) // 5):
        place.file.write_bytes(data[:length])
        store, _cases = reopened()
        for aside in place.file.parent.glob("cases.damaged-*.db"):
            assert data.startswith(aside.read_bytes())
            aside.unlink()
        for ending in ("", "-wal", "-shm"):
            place.file.with_name(place.file.name + ending).unlink(missing_ok=True)


CAME_LATER = {
    2: ["DROP TABLE masked"],
    3: ["DROP TABLE case_words"],
    4: ["DROP TABLE store_facts"],
    5: ["DROP TABLE events", "DROP TABLE deletions", "DROP INDEX cases_owned", "DROP INDEX cases_owned_status",
        "ALTER TABLE cases DROP COLUMN owner", "ALTER TABLE cases DROP COLUMN due_on"],
    6: ["ALTER TABLE cases DROP COLUMN sent"],
    7: ["DROP TABLE figures", "DROP INDEX cases_counted", "DROP INDEX cases_outcome", "DROP INDEX cases_touched",
        *(f"DROP TRIGGER figures_{name}" for name in ("made", "changed", "gone"))],
}  # fmt: skip
"""What takes away that which came with a version."""


@pytest.mark.parametrize("version", range(1, schema.VERSION))
def test_an_older_file_is_brought_up_after_a_copy(knowledge, desk, place, version):
    engine = make_engine(place)
    with transaction(engine, place, writes=True) as connection:
        schema.complete(connection)
        for later in sorted(CAME_LATER, reverse=True):
            for statement in CAME_LATER[later] if later > version else ():
                connection.exec_driver_sql(statement)
        schema.stamp_version(connection, version)
        row = {"id": "0123456789", "version": 1, "place": 1, "label": "老的", "operator": "", "status": "open",
               "created_at": "2025-01-01T00:00:00Z", "updated_at": "2025-01-01T00:00:00Z", "outcome": "cause_found",
               "first_cause": "teen_mode", "first_status": "confirmed", "answered": 1, "seconds": 0, "lang": "zh",
               "knowledge": "", "changed_by": "", "writer": "", "observations": "[]"}  # fmt: skip
        connection.execute(schema.CASES.insert().values(**row))
        if version >= 5:
            queries.reindex(connection, knowledge)
    engine.dispose()
    store = desk(place)
    assert [row.id for row in store.list(Filter(text="老的 青少年模式")).rows] == ["0123456789"]
    store.note("0123456789", "打 13800138000")
    copy = place.file.with_name(f"cases.schema-{version}.db")
    with sqlite3.connect(copy) as old:
        assert old.execute("PRAGMA user_version").fetchone() == (version,)
        assert old.execute("SELECT label FROM cases").fetchone() == ("老的",)
    old.close()
    assert copy.stat().st_mode & 0o077 == 0


def test_a_newer_store_is_refused_and_left_alone(desk, either):
    with either.writing() as connection:
        schema.stamp_version(connection, 99)
    with pytest.raises(StoreError, match="newer weilidai-doctor"):
        desk(either.place)


def test_a_large_file_that_errs_at_work_is_repaired_when_it_is_opened_again(
    knowledge, reopened, store, place, filled, monkeypatch, tmp_path
):
    monkeypatch.setattr(database, "_CHECKED_BYTES", 0)  # not looked through when it is opened
    data = settled(store, place)
    for page in range(60, len(data) // 4096, 3):  # behind the pages that tell the tables
        data[page * 4096 : page * 4096 + 4096] = b"\xff" * 4096
    place.file.write_bytes(data)
    file = CaseFile(knowledge, place, folder=tmp_path / "journal")
    with pytest.raises(StoreDamagedError):
        list(file.store().every())
    file.close()
    assert 0 < len(list(file.store().every())) < CASES
    assert any("damaged" in notice for notice in file.notices)
    file.finish()
    store, cases = reopened()
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


OLD = """
CREATE TABLE cases (seq {serial}, id VARCHAR(16) NOT NULL UNIQUE, version INTEGER NOT NULL, place BIGINT NOT NULL,
  label TEXT NOT NULL, operator TEXT NOT NULL, status VARCHAR(8) NOT NULL, created_at VARCHAR(24) NOT NULL,
  updated_at VARCHAR(24) NOT NULL, outcome VARCHAR(24) NOT NULL, first_cause VARCHAR(48) NOT NULL,
  first_status VARCHAR(16) NOT NULL, proven VARCHAR(48), closed_at VARCHAR(24), answered INTEGER NOT NULL,
  seconds INTEGER NOT NULL, lang VARCHAR(4) NOT NULL, knowledge TEXT NOT NULL, consent_at VARCHAR(24),
  changed_by TEXT NOT NULL, writer VARCHAR(24) NOT NULL, observations TEXT NOT NULL);
CREATE UNIQUE INDEX cases_place ON cases (place);
CREATE INDEX cases_status ON cases (status, place);
CREATE INDEX cases_operator ON cases (operator, place);
CREATE INDEX cases_updated ON cases (updated_at);
CREATE TABLE notes (seq {serial}, id VARCHAR(24) NOT NULL UNIQUE, case_id VARCHAR(16) NOT NULL REFERENCES cases (id)
  ON DELETE CASCADE, at VARCHAR(24) NOT NULL, operator TEXT NOT NULL, text TEXT NOT NULL);
CREATE TABLE tags (seq {serial}, case_id VARCHAR(16) NOT NULL REFERENCES cases (id) ON DELETE CASCADE,
  tag TEXT NOT NULL);
CREATE UNIQUE INDEX tags_case ON tags (case_id, tag);
CREATE TABLE masked (seq {serial}, case_id VARCHAR(16) NOT NULL REFERENCES cases (id) ON DELETE CASCADE,
  kind TEXT NOT NULL, number INTEGER NOT NULL, digest VARCHAR(32) NOT NULL, times INTEGER NOT NULL);
CREATE UNIQUE INDEX masked_case ON masked (case_id, kind, number);
"""
WORDS = {
    "sqlite": "CREATE VIRTUAL TABLE case_words USING fts5(words, tokenize='unicode61 remove_diacritics 0')",
    "postgresql": "CREATE TABLE case_words (place BIGINT PRIMARY KEY REFERENCES cases(place) ON DELETE CASCADE, "
    "words TSVECTOR)",
}
"""The tables as version 0.1.0 made them."""
OLD_CASES = 40


@pytest.fixture(params=["sqlite", "postgresql"])
def old(request, tmp_path):
    """A store of version 0.1.0 in which the words were never written, as a kill left it there."""
    place = StoreLocation(file=tmp_path / "cases.db")
    if request.param == "postgresql":
        place = request.getfixturevalue("server").database()
    engine = make_engine(place)
    sqlite = engine.dialect.name == "sqlite"
    serial = "INTEGER PRIMARY KEY AUTOINCREMENT" if sqlite else "BIGSERIAL PRIMARY KEY"
    ids = [new_id() for _ in range(OLD_CASES)]
    with transaction(engine, place, writes=True) as connection:
        for statement in OLD.format(serial=serial).split(";"):
            if statement.strip():
                connection.exec_driver_sql(statement)
        connection.exec_driver_sql(WORDS[connection.dialect.name])
        schema.stamp_version(connection, 3)
        for number, id_ in enumerate(ids):
            stamp = "2025-06-01T00:00:00Z"
            values = (id_, 1, number, f"T-{number:06}", "小王", "open", stamp, stamp, "cause_found", "teen_mode",
                      "confirmed", 1, 0, "zh", "", "小王", "", "[]")  # fmt: skip
            mark = "?" if sqlite else "%s"
            connection.exec_driver_sql(
                "INSERT INTO cases (id, version, place, label, operator, status, created_at, updated_at, outcome, "  # noqa: S608
                "first_cause, first_status, answered, seconds, lang, knowledge, changed_by, writer, observations) "
                f"VALUES ({', '.join([mark] * len(values))})",
                values,
            )
    engine.dispose()
    return place, ids


def found(store, number):
    return [row.id for row in store.list(Filter(text=f"T-{number:06} 青少年模式")).rows]


def test_everything_is_there_and_found_afterwards(desk, old):
    place, ids = old
    store = desk(place, operator="小李")
    for number, id_ in enumerate(ids):
        assert found(store, number) == [id_]
    store.note(ids[0], "打 13800138000")
    store.own(ids[0], "小李")
    store.follow_up(ids[0], "2026-12-01")
    case = store.open(ids[0])
    assert (case.owner, case.due_on, case.operator) == ("小李", "2026-12-01", "小王")
    assert [one.kind for one in case.history] == ["note", "owner", "due"]
    store.delete(ids[1])
    assert store.count() == OLD_CASES - 1


def test_stopped_in_the_middle_it_is_as_it_was_and_the_next_who_comes_does_it(desk, old, monkeypatch):
    place, ids = old

    def stopped(*_arguments):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(queries, "reindex", stopped)
        with pytest.raises(KeyboardInterrupt):
            desk(place)
    engine = make_engine(place)
    with transaction(engine, place, writes=False) as connection:
        assert schema.version_of(connection, place) == 3
    engine.dispose()
    assert found(desk(place), 7) == [ids[7]]


def test_of_five_who_come_at_once_each_finds_every_case(desk, old):
    """Or is told to wait: nobody sees a store that is half done."""
    place, ids = old

    def look(_number):
        store = desk(place)
        return [found(store, number) == [id_] for number, id_ in enumerate(ids)]

    results = at_once(5, look)
    done = [one for one in results if not isinstance(one, StoreError)]
    assert done
    assert all(all(one) for one in done)
    assert {one.key for one in results if isinstance(one, StoreError)} <= {"cases.being_brought_up"}
