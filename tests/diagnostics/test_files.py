"""A file is there whole, or what was there before is there still; nothing lies beside it."""

import os
import time
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnostics import files
from diagnostics.files import atomic_write, private_folder
from diagnostics.sanitize import MAX_TEXT, REPLACEMENT, clean, clean_line
from tests.rows import each


@pytest.mark.skipif(os.name != "posix", reason="access rights of POSIX")
def test_a_private_one_is_its_owners_alone_whatever_lay_there(tmp_path: Path) -> None:
    target, before = tmp_path / "a", tmp_path / f"a.{os.getpid()}.new"
    target.write_bytes(b"")
    target.chmod(0o644)
    before.symlink_to(tmp_path / "elsewhere")
    atomic_write(target, b"x", private=True)
    assert target.stat().st_mode & 0o777 == 0o600
    assert not (tmp_path / "elsewhere").exists(), "written through somebody's link"


@pytest.mark.parametrize("gone", [OSError("full"), KeyboardInterrupt()])
def test_what_cannot_be_written_leaves_the_old_one_and_nothing_beside_it(tmp_path, monkeypatch, gone) -> None:
    target = tmp_path / "a"
    atomic_write(target, b"old")

    def fails(_: int) -> None:
        raise gone

    monkeypatch.setattr(files.os, "fsync", fails)
    with pytest.raises(type(gone)):
        atomic_write(target, b"new", lasting=True)
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.skipif(os.name != "posix", reason="access rights of POSIX")
@pytest.mark.parametrize(("before", "after"), [(0o640, 0o640), (0o400, 0o400), (0o644, 0o600)])
def test_a_file_that_somebody_named_keeps_its_mode_and_its_link(tmp_path: Path, before: int, after: int) -> None:
    target, link = tmp_path / "elsewhere" / "report", tmp_path / "link"
    target.parent.mkdir()
    target.write_bytes(b"old")
    target.chmod(before)
    link.symlink_to(target)
    atomic_write(link, b"new", private=True, keep=True)
    assert link.is_symlink()
    assert target.read_bytes() == b"new"
    assert target.stat().st_mode & 0o777 == after
    target.chmod(0o644)
    atomic_write(link, b"a page for everybody", keep=True)
    assert target.stat().st_mode & 0o777 == 0o644


@pytest.mark.skipif(os.name != "posix", reason="access rights of POSIX")
@pytest.mark.parametrize("umask", [0o000, 0o022, 0o277])
def test_every_folder_that_is_made_is_its_owners_alone(tmp_path: Path, umask: int) -> None:
    old = os.umask(umask)
    try:
        private_folder(tmp_path / "a" / "b" / "c")
    finally:
        os.umask(old)
    for folder in (tmp_path / "a", tmp_path / "a" / "b", tmp_path / "a" / "b" / "c"):
        assert folder.stat().st_mode & 0o777 == 0o700
    private_folder(tmp_path / "a" / "b" / "c")


def test_a_lock_that_was_removed_as_it_was_taken_is_taken_again_by_its_name(tmp_path, monkeypatch) -> None:
    """Its holder lets go between the opening and the locking: the file that was opened has no name any more."""
    path, locks = tmp_path / "lock", files._lock

    def late(handle: int) -> None:
        first.release(remove=True)
        locks(handle)

    first, second, third = (files.FileLock(path) for _ in range(3))
    assert first.take()
    monkeypatch.setattr(files, "_lock", late)
    assert second.take()
    assert path.exists()
    assert not third.take()


def test_what_is_done_later_is_done_once_for_all_that_was_asked_meanwhile_and_again_for_what_comes_then() -> None:
    done: list[float] = []
    later = files.Later(lambda: done.append(time.monotonic()), pause=0.05, name="later")
    assert not later.asked
    for _ in range(100):
        later.ask()
    began = time.monotonic()
    while not done and time.monotonic() - began < 30:
        time.sleep(0.005)
    later.ask()
    while len(done) < 2 and time.monotonic() - began < 30:
        time.sleep(0.005)
    assert later.asked
    assert len(done) == 2
    assert done[1] - done[0] >= 0.04


@each("shown.toml#cleaned", "raw, safe")
def test_what_drives_a_terminal_or_hides_is_replaced(raw: str, safe: str) -> None:
    assert clean(raw) == safe


def test_what_is_no_text_is_replaced_and_long_text_is_cut_where_it_says_so() -> None:
    assert clean("lone \ud800 half") == "lone \ufffd half"
    assert [clean(raw) for raw in (b"\xe5\xbe\xae\xff", b"")] == ["微\ufffd", ""]
    assert clean("x" * MAX_TEXT) == "x" * MAX_TEXT
    assert clean("x" * (MAX_TEXT + 1)) == "x" * MAX_TEXT + "…"
    assert clean("微".encode() * 10, 3) == "微微微…"
    assert clean_line("a \n\t b\r\nc", 300) == "a b c"


@given(st.one_of(st.text(), st.binary()), st.integers(0, 50))
def test_no_text_gets_through_unsafe(raw: str | bytes, limit: int) -> None:
    safe = clean(raw, limit)
    assert len(safe) <= limit + 1
    assert not {unicodedata.category(one) for one in safe if one not in "\n\t"} & {"Cc", "Cs", "Zl", "Zp"}
    assert clean(safe, len(safe)) == safe
    assert "\n" not in clean_line(raw, limit)
    safe.encode("utf-8")
    assert REPLACEMENT == "\ufffd"
