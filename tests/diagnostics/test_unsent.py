"""What stands in fields and was not handed in: masked, one file a window, taken over once, gone with what it is for."""

import stat
import time
from pathlib import Path

import pytest

from diagnostics.autosave import DraftFile
from diagnostics.cases.case_sync import CaseFile
from diagnostics.cases.model import StoreLocation
from diagnostics.files import FileLock
from diagnostics.knowledge import load
from diagnostics.session import Session
from diagnostics.unsent import LABEL, NOTE, STORY, Unsent, entry_of, forget_runs, kept_runs
from tests.rows import each

KNOWLEDGE = load()


def on_disk(folder: Path) -> str:
    return "".join(path.read_text(encoding="utf-8") for path in folder.glob("unsent-*.json"))


def left_by(folder: Path, place: str, text: str, run: str = "", store: str = "") -> None:
    """Leave a text as a window does whose process is gone."""
    window = Unsent(folder, store)
    window.keep(place, text, run)
    window.close()


def window(folder: Path, store: str = "") -> Unsent:
    """Return what a window finds when it is opened."""
    made = Unsent(folder, store)
    made.take_over()
    return made


def test_what_is_typed_is_on_disk_a_moment_later_and_for_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    typing = Unsent(folder)
    began = time.monotonic()
    for end in range(1, 12):
        typing.keep(STORY, "服务里没有，打我电话"[:end])
    while "打我电话" not in on_disk(folder):
        assert time.monotonic() - began < 30
        time.sleep(0.01)
    (file,) = folder.glob("unsent-*.json")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    typing.keep(STORY, "")
    typing.close()
    assert list(folder.iterdir()) == []


@each("shown.toml#unsent", "typed, kept")
def test_personal_numbers_are_masked_and_half_of_one_is_not_kept(tmp_path: Path, typed: str, kept: str) -> None:
    left_by(tmp_path, STORY, typed)
    assert window(tmp_path).get(STORY) == kept


def test_a_desk_keeps_no_names_and_no_age(tmp_path: Path) -> None:
    file = CaseFile(KNOWLEDGE, StoreLocation(file=tmp_path / "cases.db"), folder=tmp_path / "cases")
    talk = Session(KNOWLEDGE, draft=file)
    talk.keep_typed(STORY, "机主姓名：张伟明，电话13812345678")
    talk.keep_typed(entry_of("person.age"), "35")
    talk.draft.unsent.close()
    assert '"35"' not in on_disk(tmp_path)
    assert not any(part in on_disk(tmp_path) for part in ("张伟明", "13812345678"))
    assert "姓名" in on_disk(tmp_path)


def test_a_window_killed_while_it_takes_over_offers_nothing_twice(tmp_path: Path) -> None:
    left_by(tmp_path, STORY, "一句")
    (path,) = tmp_path.glob("unsent-*.json")
    path.with_name("unsent-0.json").write_bytes(path.read_bytes())
    assert window(tmp_path).get(STORY) == "一句"
    assert window(tmp_path).get(STORY) == ""


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b'{"texts": 1}', b"\xff\xfe", b"[" * 100_000])
def test_a_file_that_cannot_be_read_holds_nothing_up_and_goes_with_the_next_deletion(tmp_path, data) -> None:
    (tmp_path / "unsent-1.json").write_bytes(data)
    left_by(tmp_path, STORY, "一句")
    assert window(tmp_path).get(STORY) == "一句"
    assert (tmp_path / "unsent-1.json").exists()
    assert forget_runs(tmp_path, {"k7f3m2qp9d"}) is False
    assert not (tmp_path / "unsent-1.json").exists()


def test_with_a_deleted_case_its_texts_go_and_others_stay(tmp_path: Path) -> None:
    left_by(tmp_path, NOTE, "一条备注", "k7f3m2qp9d")
    left_by(tmp_path, NOTE, "另一条", "aaaaaaaaaa")
    assert kept_runs(tmp_path) == {"k7f3m2qp9d", "aaaaaaaaaa"}
    assert forget_runs(tmp_path, {"k7f3m2qp9d"}) is False
    assert "一条备注" not in on_disk(tmp_path)
    assert "另一条" in on_disk(tmp_path)
    open_ = Unsent(tmp_path)
    open_.keep(NOTE, "还在写", "k7f3m2qp9d")
    open_.save()
    assert forget_runs(tmp_path, {"k7f3m2qp9d"}) is True
    assert "还在写" not in on_disk(tmp_path)


def test_it_follows_the_draft(tmp_path: Path) -> None:
    draft = DraftFile(tmp_path / "draft.json")
    talk = Session(KNOWLEDGE, draft=draft)
    talk.keep_typed(STORY, "先写的")
    talk.answer({"complaint.what": "was_there"})
    assert talk.typed(STORY) == "先写的"  # a story begun before the first answer goes on
    talk.keep_typed(STORY, "又写的")
    talk.keep_typed(entry_of("person.age"), "3")
    talk.draft.unsent.close()
    again = Session(KNOWLEDGE, draft=DraftFile(tmp_path / "draft.json"))
    again.draft.unsent.take_over()
    assert again.typed(STORY) == ""  # it belongs to the draft, which is not taken up yet
    assert again.resume()
    assert again.typed(STORY) == "又写的"
    assert again.typed(entry_of("person.age")) == "3"
    again.answer({"person.age": 33})
    assert again.typed(entry_of("person.age")) == ""
    again.draft.unsent.keep(LABEL, "王")
    again.restart()
    again.draft.unsent.close()
    assert again.typed(STORY) == ""
    assert on_disk(tmp_path) == ""


@pytest.mark.parametrize("end", ["set aside", "gone"])
def test_a_draft_set_aside_takes_its_text_along_and_one_that_is_gone_leaves_it(tmp_path: Path, end: str) -> None:
    talk = Session(KNOWLEDGE, draft=DraftFile(tmp_path / "draft.json"))
    talk.answer({"complaint.what": "was_there"})
    talk.keep_typed(STORY, "又写的")
    talk.draft.unsent.close()
    again = Session(KNOWLEDGE, draft=DraftFile(tmp_path / "draft.json"))
    again.draft.unsent.take_over()
    if end == "set aside":
        again.draft.set_aside()
    else:
        again.draft.unsent.release(again.draft.run)
    assert again.typed(STORY) == ("" if end == "set aside" else "又写的")


def test_where_nothing_can_be_written_the_fields_work(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    for folder in (tmp_path / "file", None):
        talk = Unsent(folder)
        talk.take_over()
        talk.keep(STORY, "一句")
        talk.save()
        assert talk.get(STORY) == "一句"
        talk.close()


def test_a_lock_is_let_go_with_the_file(tmp_path: Path) -> None:
    typing = Unsent(tmp_path)
    typing.keep(STORY, "一句")
    typing.save()
    (lock,) = tmp_path.glob("unsent-*.lock")
    assert not FileLock(lock).take()
    typing.keep(STORY, "")
    typing.save()
    assert list(tmp_path.iterdir()) == []
    typing.close()
