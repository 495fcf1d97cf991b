"""How long cases are kept belongs to the store: set by the desk, by its clock, and never done by looking."""

import time

import pytest

from diagnostics.cases.model import RefusedError
from tests.diagnostics.cases.conftest import made

DAY = 86_400


def closed(store):
    id_ = made(store)
    store.close(id_, "teen_mode")
    return id_


def test_looking_deletes_nothing_and_the_old_setting_is_a_proposal_told_once(store, desk, clock):
    made(store)
    clock.seconds += 61 * DAY
    first, second = (desk(store.place, clock=clock, purge_days=60) for _ in range(2))
    assert len(first.notices) == 1
    assert "1 个案例超过 60 天" in first.notices[0]
    assert "cases retention --closed 60" in first.notices[0]
    assert second.notices == []
    assert first.list().rows == store.list().rows != ()
    for days in (None, 1):
        with pytest.raises(RefusedError, match="cases retention"):
            store.purge(days)
    assert store.count() == 1


def test_closed_and_open_cases_have_their_own_periods(either, clock, desk):
    closed(either)
    open_ = made(either)
    clock.seconds += 50 * DAY
    touched = closed(either)
    clock.seconds += 45 * DAY
    either.note(touched, "还在跟")
    assert either.retain(90, None) == 1
    kept = either.periods()
    assert (kept.closed, kept.open, kept.by) == (90, None, "小王")
    assert either.count() == 3, "setting it deletes nothing"
    told = desk(either.place, clock=clock, purge_days=1).notices
    assert told == ["有 1 个案例过了保留期。删除请运行 weilidai-doctor cases purge"]
    assert desk(either.place, clock=clock, purge_days=1).notices == [], "once a day"
    assert either.due() == {"closed": 1, "open": 0}
    assert either.purge() == 1
    assert {row.id for row in either.list().rows} == {open_, touched}
    either.retain(90, 60)
    assert either.purge() == 1
    assert [row.id for row in either.list().rows] == [touched]
    with pytest.raises(RefusedError, match="60"):
        either.purge(59)
    assert either.purge(100) == 0


def test_by_the_servers_clock_and_refused_where_a_computer_is_wrong(server, desk):
    place = server.database()
    store = desk(place, operator="小王")
    closed(store)
    store.retain(30, 30)
    ahead = desk(place, clock=lambda: time.time() + 200 * DAY)
    for work in (ahead.purge, lambda: ahead.retain(1, 1)):
        with pytest.raises(RefusedError) as caught:
            work()
        assert "差一个多小时" in caught.value.text("zh")
    assert store.open(made(ahead)).created_at[:10] == store.now()[:10], "stamped with the server's time"
    assert store.purge() == 0
    assert store.count() == 2


@pytest.mark.parametrize(("days", "said"), [(-1, "还早"), (61, "超过 60 天")])
def test_a_file_is_not_purged_where_this_computers_clock_looks_wrong(store, clock, days, said):
    closed(store)
    store.retain(30, 30)
    clock.seconds += days * DAY
    for work in (store.purge, lambda: store.retain(1, 1)):
        with pytest.raises(RefusedError) as caught:
            work()
        assert said in caught.value.text("zh")
    assert store.count() == 1


def test_what_was_done_while_the_clock_was_set_back_is_not_purged_when_it_is_right_again(store, clock):
    right = clock.seconds
    worked_on = made(store)
    store.retain(90, 90)
    clock.seconds = 1_577_836_800.0  # 2020
    new = made(store)
    store.note(worked_on, "还在跟")
    store.consent(worked_on)
    clock.seconds = right + 60
    assert store.purge() == 0
    assert [row.id for row in store.list().rows] == [new, worked_on]
    clock.seconds = right + DAY * 59
    third = made(store)
    clock.seconds = right + DAY * 91
    assert store.purge() == 2
    assert [row.id for row in store.list().rows] == [third]


def test_a_date_in_the_future_protects_no_case_for_ever(either, clock):
    id_ = made(either)
    either.retain(90, 90)
    with either.writing() as connection:
        connection.exec_driver_sql("UPDATE cases SET updated_at = '2099-01-01T00:00:00Z'")
    if either.place.file is not None:
        with pytest.raises(RefusedError, match="check --dates"):
            either.purge()
        assert either.redate() == 1
    assert either.purge() == 0
    assert either.open(id_).updated_at == either.now()
    clock.seconds += 50 * DAY
    made(either)
    clock.seconds += 41 * DAY
    assert either.purge() == 1
