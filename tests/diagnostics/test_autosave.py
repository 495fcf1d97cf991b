"""The answers on disk: whole after a kill at any moment, refused where damaged, never lost."""

import errno
import os
import re
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import pytest

from diagnostics.answers import observations, parse_answers
from diagnostics.autosave import DraftError, DraftFile
from diagnostics.knowledge import load

KNOWLEDGE = load()
ANSWERS = {"person.age": 35, "wechat.version": "微信 8", "activity.services": ["wealth"], "credit.overdue": "unknown"}
GIVEN = observations(parse_answers(KNOWLEDGE, ANSWERS))


@pytest.fixture
def draft(tmp_path: Path) -> DraftFile:
    made = DraftFile(tmp_path / "draft.json")
    made.write(GIVEN)
    assert made.fault is None
    return made


def test_what_was_written_is_read(draft: DraftFile) -> None:
    assert draft.read(KNOWLEDGE) == tuple(GIVEN)
    assert stat.S_IMODE(draft.path.stat().st_mode) == 0o600


def test_cut_anywhere_it_is_refused_in_words_and_kept(draft: DraftFile) -> None:
    whole = draft.path.read_bytes()
    for length in range(0, len(whole), 4):
        draft.path.write_bytes(whole[:length])
        with pytest.raises(DraftError) as caught:
            draft.read(KNOWLEDGE)
        assert str(caught.value).startswith(f"{draft.path}: ")
        assert "\n" not in str(caught.value)
        assert re.search("读不出来：[一-鿿]", caught.value.text("zh")), caught.value.text("zh")
        assert draft.path.read_bytes() == whole[:length]


@pytest.mark.parametrize(
    "data",
    [b"null", b"[]", b"{}", b'{"observations": 1}', b'{"schema": "weilidai-doctor/draft/2", "observations": []}',
     b'{"observations": [{"id": "person.age", "value": 999}]}', b'{"observations": [{"id": "x", "value": 1}]}',
     b'{"observations": [{"id": "person.age", "value": 1, "source": "god"}]}', b"[" * 100_000,
     b'{"observations": [{"id": "person.age", "value": true}]}', b"\xff\xfe\x00", b""],
)  # fmt: skip
def test_what_is_no_draft_is_refused_and_set_aside_whole(draft: DraftFile, data: bytes) -> None:
    draft.path.write_bytes(data)
    with pytest.raises(DraftError):
        draft.read(KNOWLEDGE)
    aside = draft.set_aside()
    assert aside.read_bytes() == data
    assert draft.read(KNOWLEDGE) == ()


def test_hostile_text_in_a_draft_is_cleaned_as_an_answer_is(draft: DraftFile) -> None:
    raw = msgspec.json.decode(draft.path.read_bytes())
    for one in raw["observations"]:
        one["detail"] = one["observed_at"] = "\x1b]0;x\x07"
        if one["id"] == "wechat.version":
            one["value"] = "\x1b[2J8.0.49"
    draft.path.write_bytes(msgspec.json.encode(raw))
    assert "\x1b" not in repr([(one.value, one.detail, one.observed_at) for one in draft.read(KNOWLEDGE)])
    assert all("\x1b" not in str(part) for one in draft.read(KNOWLEDGE) for part in (one.value, one.detail))


def test_leftovers_of_killed_writes_are_swept_and_nothing_else(draft: DraftFile) -> None:
    left = [draft.path.with_name(f"draft.json.{pid}.new") for pid in (1, 99999)]
    kept = [draft.path.with_name(name) for name in ("draft.previous.json", "other.new", "draft.json.new.txt")]
    for path in (*left, *kept):
        path.write_bytes(b"{")
    draft.read(KNOWLEDGE)
    assert all(path.exists() for path in (*left, *kept)), "another program may be about to put it in place"
    for path in (*left, *kept):
        os.utime(path, (0, 0))
    draft.read(KNOWLEDGE)
    assert [path.exists() for path in (*left, *kept)] == [False, False, True, True, True]


def opened(folder: Path) -> DraftFile:
    """Return the draft of one more window."""
    made = DraftFile(folder / "draft.json")
    made.claim()
    return made


def test_each_window_has_its_own_draft_and_the_next_gets_the_latest_and_sees_the_others(tmp_path: Path) -> None:
    one, other, third = opened(tmp_path), opened(tmp_path), opened(tmp_path)
    assert [window.elsewhere for window in (one, other, third)] == [False, True, True]
    assert len({window.path for window in (one, other, third)} | {window.run for window in (one, other, third)}) == 6
    for count, window in enumerate((other, one), 1):
        window.write(GIVEN[:count])
        os.utime(window.path, (count, count))
    for window in (one, other, third):
        window.release()
    assert not list(tmp_path.glob("*.lock"))
    again = opened(tmp_path)
    assert (again.path, again.left, again.elsewhere) == (one.path, [other.path], False)
    assert len(again.read(KNOWLEDGE)) == 2
    beside = opened(tmp_path)
    assert (beside.path, beside.left) == (other.path, [])
    assert not again.change_to(other.path)
    assert again.path == one.path
    beside.release()
    assert again.change_to(other.path)
    assert len(again.read(KNOWLEDGE)) == 1
    assert opened(tmp_path).path == one.path


def test_what_was_set_aside_last_is_brought_back_although_another_draft_is_there(tmp_path: Path) -> None:
    one, other = opened(tmp_path), opened(tmp_path)
    other.write(GIVEN[:1])
    os.utime(other.path, (1, 1))
    one.write(GIVEN)
    one.set_aside("previous")
    for window in (one, other):
        window.release()
    again = opened(tmp_path)
    again.bring_back("previous")
    assert again.read(KNOWLEDGE) == tuple(GIVEN)
    assert again.left == [other.path]


def test_where_nothing_can_be_locked_there_is_one_draft_for_all(tmp_path, monkeypatch) -> None:
    def refuse(_handle: int) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr("diagnostics.files._lock", refuse)
    one, other = opened(tmp_path), opened(tmp_path)
    one.write(GIVEN)
    assert other.read(KNOWLEDGE) == tuple(GIVEN)
    assert other.change_to(one.path)


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs /proc, where nobody can write")
def test_a_folder_that_takes_no_file_is_told_and_the_last_good_draft_stays(draft: DraftFile) -> None:
    whole = draft.path.read_bytes()
    unwritable = DraftFile(Path("/proc/self/draft.json"))  # refuses even the superuser
    unwritable.write(GIVEN)
    assert unwritable.fault.text("zh").startswith("/proc/self/draft.json: 没有")
    assert unwritable.read(KNOWLEDGE) == ()
    blocked = draft.path.with_name(f"draft.json.{os.getpid()}.new")
    blocked.mkdir()
    draft.write(GIVEN[:1])
    assert draft.fault is not None
    assert draft.path.read_bytes() == whole


WRITER = """
import sys
from pathlib import Path
from diagnostics.autosave import DraftFile
from diagnostics.evidence import Observation
draft, n = DraftFile(Path(sys.argv[1])), 0
while True:
    n += 1
    draft.write([Observation(id="person.age", value=n % 130), *(Observation(id="os.version", value="x" * 2000),) * 30])
    print(n, flush=True)
"""


def test_killed_at_any_moment_it_is_whole_and_nothing_acknowledged_is_lost(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("diagnostics.files.LEFT_BEHIND", -60.0)  # nobody else writes here
    path = tmp_path / "draft.json"
    for round_ in (0, 2, 5):
        command = [sys.executable, "-c", WRITER, str(path)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
            writer.stdout.readline()
            time.sleep(0.011 * round_)
            writer.send_signal(signal.SIGKILL)
            acknowledged = [1, *(int(line) for line in writer.stdout.read().splitlines() if line)][-1]
        found = DraftFile(path).read(KNOWLEDGE)[0].value
        assert found in (acknowledged % 130, (acknowledged + 1) % 130)
        assert list(tmp_path.iterdir()) == [path]
