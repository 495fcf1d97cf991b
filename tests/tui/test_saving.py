"""Saving a report or a case: whatever is typed as its name, the app goes on and says where it is, or why not."""

from pathlib import Path

import pytest
from textual.pilot import Pilot

from tests.tui.stage import make_app, on_stage, press, questions, until
from tui.app.app import DoctorApp
from tui.app.screens.pages import ExportScreen, full_name, target

LONG = "长" * 200
"""More bytes than a file's name may have."""


def said(app: DoctorApp) -> str:
    """Return the last notice."""
    return [one.message for one in app._notifications][-1]


async def typed(pilot: Pilot[int], name: str) -> None:
    """Put another name into the field in front, and save as text."""
    pilot.app.screen.query_one("#field", None).value = name  # type: ignore[attr-defined]
    await press(pilot, *(("tab", "1") if isinstance(pilot.app.screen, ExportScreen) else ("enter",)))


FAULTS = (("zh", "afile/x", "不是目录"), ("zh", LONG, "太长"), ("en", "none/x", "no such"))
"""The language, a name that cannot be saved under, and what is said of it."""


async def test_any_name_can_be_typed_and_why_it_cannot_be_saved_is_told_in_the_language_chosen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "afile").write_text("", encoding="utf-8")
    app = make_app(tmp_path)
    async with on_stage(app) as pilot:
        for lang, name, why in FAULTS:
            await questions(pilot, *(() if app.texts.lang == lang else ("l",)), "w", "tab")
            await typed(pilot, name)
            assert why in said(app).casefold()
            assert isinstance(app.screen, ExportScreen)
        wrote: list[Path] = []
        monkeypatch.setattr("tui.app.screens.pages.save", lambda _doctor, path, *_args, **_more: wrote.append(path))
        for name in ("/", "~nobody-of-this-name/x", ".", ""):
            await questions(pilot, "w", "tab")
            await typed(pilot, name)
            await until(pilot, lambda: wrote)
            assert wrote.pop().suffix == ".txt"


async def test_a_file_that_exists_is_overwritten_at_the_second_time_and_every_format_can_be_saved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    async with on_stage(make_app(tmp_path)) as pilot:
        await questions(pilot, "w", "tab")
        await typed(pilot, "mine")
        assert (tmp_path / "mine.txt").read_text(encoding="utf-8") == "mine"
        await press(pilot, "1")
        assert "微粒贷" in (tmp_path / "mine.txt").read_text(encoding="utf-8")
        for key, suffix in (("2", "md"), ("3", "html"), ("4", "json")):
            await press(pilot, "w", key)
            await until(pilot, (tmp_path / f"weilidai-doctor-report.{suffix}").exists)


def test_a_folder_means_a_file_in_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "here").mkdir()
    assert full_name(target("here/", "report", ".txt")) == str(tmp_path / "here" / "report.txt")
    assert target("a.b", "report", ".txt").name == "a.b.txt"


async def test_answers_that_cannot_be_saved_are_told_once_and_leave_room_for_the_question(tmp_path: Path) -> None:
    app = make_app(tmp_path)
    (tmp_path / "draft.json").mkdir()
    async with on_stage(app, notices=True) as pilot:
        await questions(pilot, "1", "2", "3", "1")
        assert [one.message.startswith("没能保存回答") for one in app._notifications] == [True]
        for number in range(12):
            app.tell_text(f"{number}" * 300)
            app.tell_text(f"{number}" * 300)
        assert 0 < len(app._notifications) <= 3
