"""A shared PostgreSQL store: many operators, a server that restarts, passwords that stay where they belong."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

import pytest

from diagnostics.cases.case_sync import CaseFile
from diagnostics.cases.database import make_engine
from diagnostics.cases.model import StoreError, StoreGoneError, location_of
from diagnostics.cases.store import open_store
from diagnostics.session import Session

ROOT = Path(__file__).parents[3]


def test_two_programs_that_start_at_once_make_the_tables_once(knowledge, server):
    where = server.database()
    opened, wrong = [], []

    def start():
        try:
            opened.append(open_store(knowledge, where))
        except StoreError as error:
            wrong.append(error)

    threads = [threading.Thread(target=start) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(300)
    for store in opened:
        store.dispose()
    assert (wrong, len(opened)) == ([], 6)


def test_the_server_restarts_in_the_middle_and_nothing_is_lost(knowledge, server, tmp_path):
    file = CaseFile(knowledge, server.store(knowledge), folder=tmp_path / "journal")
    talk = Session(knowledge, draft=file)  # type: ignore[arg-type]
    talk.answer({"person.student": "no"})
    server.control("stop", "-m", "immediate")
    try:
        talk.answer({"account.teen_mode": "on"})
        assert "自动补写" in talk.fault
        talk.answer({"account.restricted": "no"})
    finally:
        server.control("start")
    file._not_before = 0.0
    talk.answer({"person.age": 30})
    assert talk.fault is None
    case = file.store().open(file.case_id)
    assert (case.answered, case.first_cause) == (4, "teen_mode")
    file.finish()


def test_a_short_restart_between_two_answers_is_not_even_noticed(knowledge, server, tmp_path):
    file = CaseFile(knowledge, server.store(knowledge), folder=tmp_path / "journal")
    talk = Session(knowledge, draft=file)  # type: ignore[arg-type]
    talk.answer({"person.student": "no"})
    server.control("restart", "-m", "fast")
    talk.answer({"account.teen_mode": "on"})
    assert talk.fault is None
    assert file.store().open(file.case_id).answered == 2
    file.finish()


def test_a_server_that_is_not_there_is_told_within_seconds(knowledge):
    with pytest.raises(StoreGoneError, match="127\\.0\\.0\\.1") as told:
        open_store(knowledge, location_of("postgresql://desk@127.0.0.1:1/none"))
    assert told.value.text("zh").startswith("postgresql://desk@127.0.0.1:1/none: 连不上（")
    assert "Is the server running" not in str(told.value)


@pytest.mark.parametrize(
    "url",
    ["postgresql://desk:s3cret@db.example/cases", "postgres://desk:s3cret@db.example/cases",
     "postgresql://desk@db.example/cases?password=s3cret", "mysql://desk:s3cret@db.example/cases"],
)  # fmt: skip
def test_a_password_on_the_command_line_or_in_the_settings_is_refused_and_not_repeated(url):
    for told in ({"named": url}, {"setting": url}):
        with pytest.raises(StoreError) as caught:
            location_of(**told)
        assert "s3cret" not in str(caught.value)


def test_a_password_in_the_environment_is_used_and_never_shown(monkeypatch, knowledge):
    monkeypatch.setenv("WEILIDAI_DOCTOR_STORE", "postgresql://desk:s3cret@127.0.0.1:1/none")
    where = location_of(setting="postgresql://elsewhere/cases")
    assert where.url == "postgresql://desk:s3cret@127.0.0.1:1/none"
    assert "s3cret" not in where.name
    with pytest.raises(StoreGoneError) as caught:
        open_store(knowledge, where)
    assert "s3cret" not in str(caught.value)


def test_what_is_no_store_is_refused(tmp_path):
    for wrong in ("mysql://db/cases", "sqlite://", "http://x/"):
        with pytest.raises(StoreError, match="not a store"):
            location_of(wrong)
    assert location_of("postgresql://desk@db/cases").name == "postgresql://desk@db/cases"
    assert location_of("sqlite:////var/x.db").file == Path("/var/x.db")
    assert location_of("sqlite:///x.db").file == Path("x.db")
    assert location_of("~/x.db").file == Path.home() / "x.db"


def test_without_the_driver_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(StoreError, match=r"weilidai-doctor\[team\]"):
        make_engine(location_of("postgresql://db/cases"))
