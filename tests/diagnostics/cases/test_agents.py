"""Five agents, random changes, kills and restarts, held against a model; `benchmarks.cases --agents` does many more."""

from __future__ import annotations

import pytest

from diagnostics.cases.model import StoreLocation
from tests.diagnostics.cases import agents
from tests.diagnostics.cases.conftest import made

OPERATIONS = 25


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_nothing_is_lost_and_nothing_doubled_and_each_refusal_is_told(tmp_path, request, database):
    place, restart = StoreLocation(file=tmp_path / "cases.db"), None
    if database == "postgresql":
        server = request.getfixturevalue("server")
        place = server.database()

        def restart():
            server.control("restart", "-m", "immediate")

    wrong, counts = agents.run(place, tmp_path / "logs", 1, OPERATIONS, restart=restart)
    assert wrong == []
    assert counts["done"] > OPERATIONS / 2
    assert counts["cases"]  # how many, the race decides


def test_the_model_sees_what_is_lost_doubled_or_told_twice(store, place):
    id_ = made(store, label="x")
    store.close(id_, "income")
    logged = [
        {"uid": "0", "kind": "make", "case": id_, "seen": None, "by": "小王"}, {"uid": "0", "ok": True, "version": 1},
        {"uid": "1", "kind": "close", "case": id_, "seen": 1, "by": "小王"},
        {"uid": "1", "ok": True, "version": 2, "value": "teen_mode"},
        {"uid": "2", "kind": "close", "case": id_, "seen": 1, "by": "客服1"},
        {"uid": "2", "ok": True, "version": 2, "value": "income"},
        {"uid": "3", "kind": "note", "case": id_, "seen": None, "by": "客服1"}, {"uid": "3", "ok": True},
    ]  # fmt: skip
    told = " ".join(agents.judge(place, logged, agents.defaultdict(int)))
    for part in ("two were told of success", "note 3 is there 0 times", "the history says", "version 2 after 2"):
        assert part in told
