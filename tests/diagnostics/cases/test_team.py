"""A shared PostgreSQL store: set up from the documents alone, least rights, a server that restarts, passwords kept."""

import sys
import time
from pathlib import Path

import psycopg
import pytest

from diagnostics.cases.database import Database
from diagnostics.cases.model import Filter, StoreError, StoreLocation, StoreRefusedError, location_of
from diagnostics.cases.stats import stats
from diagnostics.cases.store import CaseStore
from tests.diagnostics.cases.conftest import ROOT, at_once, made
from tests.headless.doctor import inside


@pytest.fixture
def roles(server):
    """Do what the handbook says: an owner, a group of agents and an agent."""
    mark = f"_{time.monotonic_ns()}"
    names = {name: name + mark for name in ("desk_owner", "agents", "xiaoli", "cases")}
    page = (ROOT / "docs" / "handbook.md").read_text(encoding="utf-8")
    script = page.partition("```sql\n")[2].partition("```")[0]
    assert script.count(";") == 6
    for name, own in names.items():
        script = script.replace(f" {name} ", f" {own} ").replace(f" {name};", f" {own};")
    with psycopg.connect(server.url("postgres"), autocommit=True) as link:
        for line in script.splitlines():
            if statement := line.partition(" --")[0].strip():
                link.execute(statement)
    url = server.url(names["cases"])
    places = {name: StoreLocation(url=url.replace("desk@", f"{names[name]}@")) for name in ("desk_owner", "xiaoli")}
    return places | {"agents": names["agents"]}


@pytest.fixture
def owner(desk, roles):
    store = desk(roles["desk_owner"])
    store.grant(roles["agents"])
    return store


def test_used_by_an_agent_with_the_rights_that_the_handbook_gives(desk, roles, owner):
    assert [one.key for one in owner.examine() if not one.ok] == []
    agent = desk(roles["xiaoli"], operator="小李", purge_days=90)
    assert [one.key for one in agent.examine() if not one.ok] == []
    id_ = made(agent)
    agent.note(id_, "打 13800138000")
    agent.tag(id_, ["急"])
    agent.close(id_, "teen_mode")
    agent.retain(90, None)
    agent.delete(id_)
    for statement in ("DROP TABLE notes", "CREATE TABLE mine (id int)", "TRUNCATE cases"):
        with pytest.raises(StoreRefusedError, match="no right"), agent.writing() as connection:
            connection.exec_driver_sql(statement)


def test_what_an_agent_lacks_is_said_with_who_gives_it(roles, owner):
    with owner.writing() as connection:
        connection.exec_driver_sql(f"REVOKE DELETE ON notes FROM {roles['agents']}")
    env = {"WEILIDAI_DOCTOR_STORE": roles["xiaoli"].url.replace("+psycopg", ""), "LC_ALL": "zh_CN.UTF-8"}
    done = inside("cases", "init", env=env)
    assert done.code == 3, done.err
    (line,) = [line for line in done.out.splitlines() if line.startswith("--")]
    assert "DELETE notes" in line
    assert "cases init --grant" in line
    with pytest.raises(StoreRefusedError, match="no role"):
        owner.grant("nobody at all")


def test_made_and_brought_up_by_its_owner_alone(desk, roles):
    with pytest.raises(StoreRefusedError) as caught:
        desk(roles["xiaoli"])
    assert "建表" in caught.value.text("zh")
    owner = desk(roles["desk_owner"])
    owner.grant(roles["agents"])
    id_ = made(owner, label="老的")
    with owner.writing() as connection:
        connection.exec_driver_sql("UPDATE weilidai_doctor_schema SET version = 4")
        connection.exec_driver_sql("DELETE FROM case_words")
    with pytest.raises(StoreRefusedError) as caught:
        desk(roles["xiaoli"])
    assert "desk_owner" in caught.value.text("zh")
    desk(roles["desk_owner"])
    agent = desk(roles["xiaoli"])
    assert [row.id for row in agent.list(Filter(text="老的")).rows] == [id_]
    agent.close(id_, "teen_mode")
    assert stats(agent, Filter()).closed == 1


def test_programs_that_start_at_once_make_the_tables_once(desk, server):
    where = server.database()
    assert [type(one) for one in at_once(6, lambda _number: desk(where))] == [CaseStore] * 6


@pytest.mark.parametrize("noticed", [True, False], ids=["while an answer is given", "between two answers"])
def test_the_server_restarts_and_nothing_is_lost(knowledge, server, run, noticed):
    file, talk = run({"person.student": "no"}, place=server.store(knowledge))
    server.control("stop", "-m", "immediate" if noticed else "fast")
    try:
        if noticed:
            talk.answer({"account.teen_mode": "on"})
            assert "自动补写" in talk.fault
            talk.answer({"account.restricted": "no"})
    finally:
        server.control("start")
    file._not_before = 0.0
    talk.answer({"account.teen_mode": "on", "account.restricted": "no", "person.age": 30})
    assert talk.fault is None
    case = file.store().open(file.case_id)
    assert (case.answered, case.first_cause) == (4, "teen_mode")


def test_what_is_no_store_is_refused_and_a_list_of_keywords_is_no_file(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    for wrong in ("mysql://db/cases", "sqlite://", "http://x/", "host=h password=s3cret", "dbname=d", " user = u"):
        with pytest.raises(StoreError, match="not a store") as told:
            location_of(wrong)
        assert "s3cret" not in str(told.value)
    with pytest.raises(StoreError, match="PGPASSWORD"):
        location_of("postgresql://me:s3cret@db/cases")
    assert list(tmp_path.iterdir()) == []
    assert location_of("postgresql://desk@db/cases").name == "postgresql://desk@db/cases"
    assert location_of("sqlite:////var/x.db").file == Path("/var/x.db")
    assert location_of("sqlite:///x.db").file == Path("x.db")
    assert location_of("~/x.db").file == Path.home() / "x.db"
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(StoreError, match=r"weilidai-doctor\[team\]"):
        Database(location_of("postgresql://db/cases"))
