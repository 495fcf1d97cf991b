"""A store of version 0.1.0 is brought up as a whole or not at all, whoever comes in between, and nothing is lost."""

from __future__ import annotations

import pytest

from diagnostics.cases import queries, schema
from diagnostics.cases.database import make_engine, transaction
from diagnostics.cases.model import Filter, StoreError, StoreLocation, new_id
from tests.diagnostics.cases.conftest import at_once

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
CASES = 40


@pytest.fixture(params=["sqlite", "postgresql"])
def old(request, tmp_path):
    """A store of version 0.1.0 in which the words were never written, as a kill left it there."""
    place = StoreLocation(file=tmp_path / "cases.db")
    if request.param == "postgresql":
        place = request.getfixturevalue("server").database()
    engine = make_engine(place)
    sqlite = engine.dialect.name == "sqlite"
    serial = "INTEGER PRIMARY KEY AUTOINCREMENT" if sqlite else "BIGSERIAL PRIMARY KEY"
    ids = [new_id() for _ in range(CASES)]
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
    assert store.count() == CASES - 1


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
