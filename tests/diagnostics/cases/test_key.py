"""The key of a store's digests: whole or not at all, nobody's guess, and one for all who share a store."""

import pytest
from sqlalchemy import select

from diagnostics.cases import opened
from diagnostics.cases.opened import KEY_BYTES, read_key
from diagnostics.cases.schema import MASKED
from diagnostics.files import atomic_write
from tests.diagnostics.cases.conftest import made

NUMBER = "13800138000"


def noted(store) -> str:
    id_ = made(store)
    store.note(id_, f"手机 {NUMBER}")
    return id_


@pytest.mark.parametrize("left", [b"", b"short", b"\0" * KEY_BYTES, b"x" * 64])
def test_what_a_crash_left_of_a_key_is_set_aside_and_told_once(desk, store, place, left) -> None:
    id_ = noted(store)
    key = place.file.with_name("cases.key")
    key.write_bytes(left)
    assert len(set(read_key(key))) > 8
    assert key.read_bytes() == left
    again = desk(place)
    assert "cases.key.damaged" in " ".join(again.notices)
    with again.reading() as connection:
        assert list(connection.execute(select(MASKED.c.digest)).scalars()) == [""]
    again.note(id_, f"又是 {NUMBER}")
    assert len(key.read_bytes()) == KEY_BYTES
    assert len(set(key.read_bytes())) > 8
    assert [note.text for note in again.open(id_).notes] == ["手机 <手机号-1>", "又是 <手机号-2>"]
    assert desk(place).notices == []


def test_a_key_that_cannot_be_written_whole_is_not_there(tmp_path, monkeypatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    assert len(read_key(tmp_path / "cases.key")) == KEY_BYTES
    assert list(tmp_path.iterdir()) == []


def test_the_slower_of_two_windows_takes_the_others_key(tmp_path, monkeypatch) -> None:
    key, theirs = tmp_path / "cases.key", bytes(range(KEY_BYTES))

    def late(new, data, **how) -> None:
        atomic_write(new, data, **how)
        key.write_bytes(theirs)  # the other window, after this one has looked

    monkeypatch.setattr(opened, "atomic_write", late)
    assert read_key(key) == theirs
    assert list(tmp_path.iterdir()) == [key]


def test_on_a_shared_store_all_computers_see_the_same_number_alike(desk, server, monkeypatch, tmp_path) -> None:
    where = server.database()
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "first computer"))
    first = desk(where)
    id_ = noted(first)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "second computer"))
    desk(where).note(id_, f"还是 {NUMBER}")
    assert [note.text for note in first.open(id_).notes] == ["手机 <手机号-1>", "还是 <手机号-1>"]
    assert not list(tmp_path.rglob("cases.key"))
