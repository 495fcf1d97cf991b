"""Setting a shared store up from the documents alone: owner, agents, least rights; what is missing in one line."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from diagnostics.cases.model import StoreLocation, StoreRefusedError, new_id
from diagnostics.cases.stats import stats
from diagnostics.cases.store import open_store
from diagnostics.evidence import Observation
from tests.headless.doctor import inside

ROOT = Path(__file__).parents[3]


@pytest.fixture
def roles(server):
    """Do what the handbook says: an owner, a group of agents and an agent."""
    import psycopg

    mark = f"_{time.monotonic_ns()}"
    names = {name: name + mark for name in ("desk_owner", "agents", "xiaoli", "cases")}
    page = (ROOT / "docs" / "handbook.md").read_text(encoding="utf-8")
    script = page.partition("```sql\n")[2].partition("```")[0]
    assert script.count(";") == 6
    for name, own in names.items():
        script = script.replace(f" {name} ", f" {own} ").replace(f" {name};", f" {own};")
    with psycopg.connect(server.url("postgres"), autocommit=True) as link:
        for line in script.splitlines():
            statement = line.partition(" --")[0].strip()
            if statement:
                link.execute(statement)
    return {
        name: StoreLocation(url=server.url(names["cases"]).replace("desk@", f"{names[name]}@"))
        for name in ("desk_owner", "xiaoli")
    } | {"agents": names["agents"]}


def test_made_by_the_owner_used_by_an_agent_as_the_handbook_says(knowledge, roles):
    with pytest.raises(StoreRefusedError) as caught:
        open_store(knowledge, roles["xiaoli"])
    assert "建表" in caught.value.text("zh")
    owner = open_store(knowledge, roles["desk_owner"])
    owner.grant(roles["agents"])
    assert [one.key for one in owner.examine() if not one.ok] == []
    agent = open_store(knowledge, roles["xiaoli"], operator="小李", purge_days=90)
    assert [one.key for one in agent.examine() if not one.ok] == []
    id_ = new_id()
    agent.save(id_, [Observation(id="account.teen_mode", value="on")], version=None)
    agent.note(id_, "打 13800138000")
    agent.tag(id_, ["急"])
    agent.close(id_, "teen_mode")
    agent.retain(90, None)
    agent.delete(id_)
    for statement in ("DROP TABLE notes", "CREATE TABLE mine (id int)", "TRUNCATE cases"):
        with pytest.raises(StoreRefusedError, match="no right"), agent.writing() as connection:
            connection.exec_driver_sql(statement)
    agent.dispose()
    owner.dispose()


def test_what_an_agent_lacks_is_said_with_who_gives_it(knowledge, roles):
    owner = open_store(knowledge, roles["desk_owner"])
    owner.grant(roles["agents"])
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
    owner.dispose()


def test_an_older_shared_store_is_brought_up_by_its_owner_alone(knowledge, roles):
    owner = open_store(knowledge, roles["desk_owner"])
    owner.grant(roles["agents"])
    id_ = new_id()
    owner.save(id_, [Observation(id="account.teen_mode", value="on")], version=None, label="老的")
    with owner.writing() as connection:
        connection.exec_driver_sql("UPDATE weilidai_doctor_schema SET version = 4")
        connection.exec_driver_sql("DELETE FROM case_words")
        connection.exec_driver_sql("DROP TABLE figures")
    owner.dispose()
    with pytest.raises(StoreRefusedError) as caught:
        open_store(knowledge, roles["xiaoli"])
    assert "desk_owner" in caught.value.text("zh")
    open_store(knowledge, roles["desk_owner"]).dispose()
    agent = open_store(knowledge, roles["xiaoli"])
    from diagnostics.cases.model import Filter

    assert [row.id for row in agent.list(Filter(text="老的")).rows] == [id_]
    agent.close(id_, "teen_mode")
    assert stats(agent, Filter()).closed == 1
    agent.dispose()
