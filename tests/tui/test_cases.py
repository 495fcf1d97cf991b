"""The support desk in the app: cases made, found, opened, noted, closed, taken up, deleted; by keys and by mouse."""

import re
import signal
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.events import Paste
from textual.pilot import Pilot

from diagnostics.cases.case_sync import CaseFile
from diagnostics.cases.model import Case, Journal, NoSuchCaseError, StoreLocation
from diagnostics.cases.store import CaseStore, open_store
from diagnostics.i18n import UserError
from diagnostics.knowledge import load
from tests.tui.desk import desk_app, file_in, seen, serve, store_in
from tests.tui.stage import click, make_app, on_stage, press, settled, shown, until
from tests.tui.terminal import PATIENCE, Terminal
from tui.app.app import DoctorApp
from tui.app.case_worker import CaseWorker
from tui.app.preferences import Saved
from tui.app.screens.cases import PAGE, CaseScreen, CasesScreen
from tui.app.screens.dialogs import ConfirmScreen, MessageScreen
from tui.app.screens.main import MainScreen
from tui.app.screens.say import SayScreen

IDS = {"T-1": "t1abcdefgh", "T-2": "t2abcdefgh", "T-3": "t3abcdefgh"}
"""The ids of three cases by their labels; the last is listed first."""


@pytest.fixture
def store(tmp_path: Path) -> CaseStore:
    """A store with three cases in it."""
    made = store_in(tmp_path)
    found = (seen(person__age=17), seen(client__platform="windows"), seen(account__teen_mode="on", person__age=35))
    for (label, id_), answers in zip(IDS.items(), found, strict=True):
        made.save(id_, answers, version=None, label=label)
    return made


@asynccontextmanager
async def running(folder: Path, size: tuple[int, int] = (80, 24), **more: Any) -> AsyncIterator[tuple[Any, Pilot[int]]]:
    """Run the desk's app, its store open."""
    app = desk_app(folder, **more)
    async with on_stage(app, size) as pilot:
        await until(pilot, lambda: app.cases is not None and app.cases.tried)
        yield app, pilot


async def listed(pilot: Pilot[int], count: int) -> list[str]:
    """Wait until the list shows so many cases."""
    app: Any = pilot.app
    await until(pilot, lambda: isinstance(app.screen, CasesScreen) and not app.screen.waiting)
    await until(pilot, lambda: len(app.screen.rows) == count)
    return await settled(pilot)


async def opened(pilot: Pilot[int], holds: Callable[[Case], object] = bool) -> list[str]:
    """Wait until a case is shown of which this is true: what is done next starts from that."""
    app: Any = pilot.app
    await until(pilot, lambda: isinstance(app.screen, CaseScreen) and app.screen.case and holds(app.screen.case))
    return await settled(pilot)


@asynccontextmanager
async def at_case(folder: Path, *keys: str, **more: Any) -> AsyncIterator[tuple[Any, Pilot[int]]]:
    """Run the desk's app, go to its list of three cases, and with these keys to one of them."""
    async with running(folder, **more) as (app, pilot):
        await press(pilot, "f3")
        await listed(pilot, 3)
        if keys:
            await press(pilot, *keys)
            await opened(pilot)
        yield app, pilot


def told(app: DoctorApp, text: str) -> bool:
    """Whether a notice says this; on the screen its lines are wrapped."""
    return any(text in one.message for one in app._notifications)


async def test_a_private_run_knows_no_cases(tmp_path: Path) -> None:
    app = make_app(tmp_path)
    async with on_stage(app) as pilot:
        await press(pilot, "f3")
        assert not isinstance(app.screen, CasesScreen)
        assert not any("F3" in line for line in await press(pilot, "f1"))


async def test_every_answer_is_in_the_store_and_a_restart_begins_another_case(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    async with running(tmp_path) as (app, pilot):
        await serve(pilot)
        (row,) = store.list().rows
        assert row.answered == 1
        await press(pilot, "p", "n", "escape")  # left half-way: the case before stays
        assert len(app.session.own_answers()) == 1
        await press(pilot, "n", *"T-10", "enter", "1")
        assert app.session.own_answers() == {}
        await press(pilot, "tab", "2")
        assert {one.label: one.answered for one in store.list().rows} == {"T-9": 1, "T-10": 1}
        assert [store.open(one.id).consent_at is not None for one in store.list().rows] == [True, False]
        assert app.session.fault is None


async def test_answers_given_while_the_store_opens_wait_for_it_and_for_nothing_else(tmp_path, monkeypatch) -> None:
    from diagnostics.cases import store as module

    store, may_open, real = store_in(tmp_path), threading.Event(), module.open_store

    def slow(*args: Any, **options: Any) -> CaseStore:
        assert may_open.wait(PATIENCE)
        return real(*args, **options)

    monkeypatch.setattr(module, "open_store", slow)
    app = desk_app(tmp_path)
    async with on_stage(app) as pilot:
        await serve(pilot)
        assert app.session.fault is None
        assert len(app.session.own_answers()) == 1
        assert store.list().rows == ()
        (waiting,) = (tmp_path / "journal").glob("*.json")
        entry = Journal(tmp_path / "journal").read(waiting.stem)
        assert entry.pending
        may_open.set()
        await until(pilot, lambda: store.list().rows)


async def test_the_list_is_searched_filtered_and_left_by_keyboard_and_offers_itself_nowhere(tmp_path, store) -> None:
    store.close(IDS["T-1"], "age_out_of_range")
    async with at_case(tmp_path, lang="en") as (app, pilot):
        lines = await settled(pilot)
        at = [next(number for number, line in enumerate(lines) if label in line) for label in ("T-3", "T-2", "T-1")]
        assert at == list(range(at[0], at[0] + 3))  # the newest first, a case is one line
        assert app.screen.list_.outer_size.width == app.size.width
        await press(pilot, "slash", *"teen")
        assert any("T-3" in line for line in await listed(pilot, 1))
        await press(pilot, *["backspace"] * 4)
        await listed(pilot, 3)
        await press(pilot, "enter", "f", "f")
        assert any("T-1" in line for line in await listed(pilot, 1))
        await press(pilot, "slash", *"nothing like it")
        assert any("No case fits" in line for line in await listed(pilot, 0))
        lines = await press(pilot, "escape", "n")
        assert "Esc" in lines[-1]
        assert "F3" not in lines[-1]
        lines = await press(pilot, "escape", "escape")
        assert not isinstance(app.screen, CasesScreen)
        assert "F3" in lines[-1]


async def test_a_case_is_opened_noted_tagged_closed_and_reopened_by_keyboard(tmp_path: Path, store: CaseStore) -> None:
    async with at_case(tmp_path, "down", "enter", size=(120, 40), lang="en") as (app, pilot):
        lines = await settled(pilot)
        assert any("Teen Mode) is on" in line for line in lines)
        (age,) = [line for line in await press(pilot, "end") if "18-60" in line]
        assert re.findall(r"\d+", age) == ["18", "60"]  # the years kept to reason with are not shown
        await press(pilot, "n", *"call 13800138000 back", "enter")
        await opened(pilot, lambda case: case.notes)
        assert "13800138000" not in store.open(IDS["T-3"]).notes[0].text
        await press(pilot, "t", *"vip later", "enter")
        await opened(pilot, lambda case: case.tags == ("later", "vip"))
        await press(pilot, "t", *["backspace"] * 4, "enter")
        await opened(pilot, lambda case: case.tags == ("later",))
        await press(pilot, "c", *"restricted", "enter")
        lines = await opened(pilot, lambda case: case.proven == "account_restricted")
        assert any("closed" in line for line in lines)
        await press(pilot, "c")
        assert isinstance(app.screen, CaseScreen)
        await press(pilot, "o")
        await until(pilot, lambda: store.open(IDS["T-3"]).status == "open")
        assert store.open(IDS["T-3"]).tags == ("later",)


async def test_a_case_is_owned_dated_agreed_to_and_renamed_on_the_version_seen(tmp_path, store) -> None:
    async with at_case(tmp_path, "down", "enter", size=(120, 40)) as (_app, pilot):
        await press(pilot, "m")
        await opened(pilot, lambda case: case.owner == "desk 1")
        await press(pilot, "d", *"2026-12-01", "enter")
        await opened(pilot, lambda case: case.due_on == "2026-12-01")
        await press(pilot, "g")
        await opened(pilot, lambda case: case.consent_at)
        store.rename(IDS["T-3"], "T-4", version=store.open(IDS["T-3"]).version)
        await press(pilot, "e", *"x", "enter")
        await opened(pilot, lambda case: case.label == "T-4")
        kinds = [one.kind for one in store.open(IDS["T-3"]).history]
        assert kinds == ["made", "owner", "due", "consent", "label"]


async def test_deleting_is_asked_twice_and_for_good(tmp_path: Path, store: CaseStore) -> None:
    async with at_case(tmp_path, "down", "enter") as (app, pilot):
        await press(pilot, "x", "enter", "1")
        assert isinstance(app.screen, CaseScreen)
        await press(pilot, "x", "2", "escape")
        assert store.open(IDS["T-3"]).id == IDS["T-3"]
        await press(pilot, "x", "2", "2")
        await listed(pilot, 2)
    with pytest.raises(NoSuchCaseError):
        store.open(IDS["T-3"])


async def test_a_case_is_taken_up_as_the_running_one(tmp_path: Path, store: CaseStore) -> None:
    async with at_case(tmp_path, "down", "down", "enter") as (app, pilot):
        await press(pilot, "u")
        assert isinstance(app.screen, SayScreen)  # more of the story can be told
        await press(pilot, "escape")
        assert isinstance(app.screen, MainScreen)
        assert app.session.own_answers() == {"client.platform": "windows"}
        assert "T-2" in shown(app)[0]
        await press(pilot, "g", "1", "1")  # looked again, on a phone
        assert store.open(IDS["T-2"]).answered == 2
        assert store.count() == 3
        await press(pilot, "f3")
        assert any("> T-2" in line for line in await listed(pilot, 3))


async def test_a_new_case_bears_the_desks_own_name_and_the_consent_by_mouse(tmp_path: Path, store: CaseStore) -> None:
    async with running(tmp_path, (100, 30), lang="en") as (app, pilot):
        await click(pilot, "F3 Cases")
        await listed(pilot, 3)
        await click(pilot, "n New case")
        await press(pilot, *"T-77")
        await click(pilot, "Enter OK")
        await click(pilot, "Yes (the time is noted)")
        assert isinstance(app.screen, SayScreen)
        await click(pilot, "It was there before")
        case = store.open(store.list().rows[0].id)
        assert case.label == "T-77"
        assert case.consent_at is not None
        await click(pilot, "F3 Cases")
        await listed(pilot, 4)
        await click(pilot, "T-1")
        assert any("T-1" in line for line in await opened(pilot))
        await click(pilot, "Esc Back")
        await listed(pilot, 4)


async def test_one_case_is_exported_masked_and_nothing_is_overwritten(tmp_path, store, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / f"weilidai-case-{IDS['T-3']}.jsonl"
    async with at_case(tmp_path, "down", "enter") as (app, pilot):
        await press(pilot, "w", "enter")
        await until(pilot, path.exists)
        lines = path.read_text(encoding="utf-8").splitlines()
        assert len(lines) == 3
        assert IDS["T-3"] in lines[1]
        path.write_text("mine", encoding="utf-8")
        await press(pilot, "w", "enter")
        await until(pilot, lambda: told(app, "请换一个名字"))
        assert path.read_text(encoding="utf-8") == "mine"


async def test_the_next_page_comes_as_the_list_is_scrolled(tmp_path: Path) -> None:
    for number in range(PAGE + 20):
        store_in(tmp_path).save(f"c{number:03d}abcdef", seen(person__student="yes"), version=None, label=f"T-{number}")
    async with running(tmp_path) as (_app, pilot):
        await press(pilot, "f3")
        await listed(pilot, PAGE)
        await press(pilot, "end")
        await listed(pilot, PAGE + 20)
        assert any("T-0 " in line for line in await press(pilot, "end"))


@pytest.mark.parametrize("taken", [False, True], ids=["after a crash", "while another window has it"])
async def test_a_case_in_progress_is_resumed_or_the_desk_told_why_not(tmp_path: Path, taken: bool) -> None:
    left = file_in(tmp_path)
    left.write(seen(client__platform="windows"))
    if not taken:
        left._lock.release()
    async with running(tmp_path, file=file_in(tmp_path), saved=(Saved(),)) as (app, pilot):
        await press(pilot, "tab", "r")
        if taken:
            await until(pilot, lambda: told(app, "另一个窗口"))
        else:
            await until(pilot, lambda: isinstance(app.screen, MainScreen))
            assert app.session.own_answers() == {"client.platform": "windows"}
    assert store_in(tmp_path).count() == 1


async def test_a_store_that_cannot_be_opened_is_told_and_the_questions_go_on(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("diagnostics.cases.case_sync._FIRST_PAUSE", 0.0)  # tried again, and told, at the next answer
    (tmp_path / "cases.db").mkdir()
    async with running(tmp_path, (120, 40), lang="en") as (app, pilot):
        await serve(pilot)
        assert len(app.session.own_answers()) == 1
        await until(pilot, lambda: told(app, "cannot be written now"))
        await press(pilot, "l", "2")
        await until(pilot, lambda: told(app, "案例库暂时写不进去"))
        await press(pilot, "l", "f3")
        await until(pilot, lambda: any("cases.db" in line for line in shown(app)))


def test_a_store_that_is_away_is_told_once_and_whole_and_so_is_its_return(tmp_path: Path) -> None:
    room = CaseWorker(file_in(tmp_path))
    for reason in ("x" * 500, "another reason"):
        room.file.fault = UserError("cases.waiting", why=reason)
        news = room.news()
        assert len(news) == (reason != "another reason")
        assert not news or news[0].endswith("恢复以后会自动补写。")
    room.file.fault = None
    assert room.news() == ["案例库恢复了，刚才的回答都已存进去。"]
    assert room.news() == []


def test_a_case_left_with_q_is_over_and_one_that_was_killed_is_offered_again(tmp_path: Path) -> None:
    args = ("--offline", "--on-behalf", "--lang", "en", "--store", str(tmp_path / "cases.db"))
    journal = tmp_path / "weilidai-doctor" / "cases"
    for kill in (True, False):
        with Terminal(tmp_path, *args) as terminal:
            terminal.wait("F3 Cases", *(() if kill else ("Go on where you left off",)))
            terminal.type("\t", "1").wait("A new case")
            terminal.type("\r").wait("agree")
            terminal.type("2")
            terminal.wait("Your situation")
            desk = store_in(tmp_path)
            # on a busy machine the store opens long after the first screen
            terminal.until(lambda desk=desk, kill=kill: len(desk.list().rows) >= 2 - kill)
            desk.dispose()
            if kill:
                terminal.child.kill(signal.SIGKILL)
            else:
                terminal.type("q")
            terminal.end()
        assert bool(list(journal.glob("*.json"))) is kill
    assert [row.answered for row in store_in(tmp_path).list().rows] == [1, 1]


@pytest.mark.parametrize(("lang", "size"), [("zh", (60, 20)), ("en", (80, 24))])
async def test_a_case_takes_one_line_with_ticket_situation_and_age(tmp_path, size, lang) -> None:
    async with running(tmp_path, size, lang=lang) as (app, pilot):
        lines = await serve(pilot, "T-1004 Wang")
        assert "F1" in lines[-1]
        assert "q" in lines[-1]
        await press(pilot, "f3")
        wanted = app.report.situations[0].title[:6]
        await until(pilot, lambda: any("> T-1004 Wang" in line and wanted in line for line in shown(app)[2:]))
        lines = await settled(pilot)
        head = next(row for row, line in enumerate(lines) if load().say("ui.desk.column.age", lang) in line)
        assert "T-1004 Wang" in lines[head + 1]
        assert ("min" if lang == "en" else "分钟") in lines[head + 1]
        assert not lines[head + 2].strip()
        assert ("first step" if lang == "en" else "先做") in lines[head] or size[0] < 80


async def test_a_choice_and_what_the_list_says_follow_the_language_chosen(tmp_path: Path) -> None:
    async with running(tmp_path) as (app, pilot):
        await press(pilot, "f3")
        await until(pilot, lambda: any("没有符合的案例" in line for line in shown(app)))
        lines = await press(pilot, "l")
        assert any("No case" in line for line in lines), lines
        assert not any("没有" in line for line in lines)
        lines = await press(pilot, "n", "enter", "down", "down", "l")
        assert any("用户同意" in line for line in lines)
        lines = await press(pilot, "l")
        assert any("Does the user agree" in line for line in lines)
        assert app.screen.list_.highlighted == 1


async def test_what_is_said_of_the_answers_is_true_of_where_they_are_kept(tmp_path: Path) -> None:
    place = StoreLocation(url="postgresql+psycopg://desk@127.0.0.1:1/desk")
    for app, kept in (
        (make_app(tmp_path), "只存在本机"),
        (desk_app(tmp_path), "只存在本机"),
        (desk_app(tmp_path, file=CaseFile(load(), place, folder=tmp_path / "journal")), "共用的案例库"),
    ):
        async with on_stage(app, (120, 40)):
            page = "".join(line.strip() for line in shown(app))
            assert kept in page
            assert "这次不检查网络" in page
            assert "后台会看" not in page


async def test_a_conflict_is_told_in_the_language_chosen(tmp_path: Path, store: CaseStore) -> None:
    async with at_case(tmp_path, "down", "enter", lang="en") as (app, pilot):
        await press(pilot, "u", "escape")
        await until(pilot, lambda: isinstance(app.screen, MainScreen))
        other = open_store(load(), StoreLocation(file=tmp_path / "cases.db"), operator="")
        other.save(IDS["T-3"], seen(person__age=44), version=other.open(IDS["T-3"]).version)
        other.dispose()
        await press(pilot, "l", "s", "d")
        await until(pilot, lambda: told(app, "另存为新案例"))
        assert told(app, "已由 另一个窗口 在 20")
        assert told(app, " UTC 改动")


async def test_a_pasted_note_is_kept_with_all_its_lines_and_a_cut_is_told(tmp_path: Path, store: CaseStore) -> None:
    async with at_case(tmp_path, "down", "enter") as (app, pilot):
        await press(pilot, "n")
        app.post_message(Paste("第一行\r第二行\n" + "长" * 3_000))
        await until(pilot, lambda: len(app.screen.query_one("#field").value) > 3_000)
        await press(pilot, "enter")
        await opened(pilot, lambda case: case.notes)
        assert store.open(IDS["T-3"]).notes[0].text == "第一行 第二行 " + "长" * 3_000
        assert not told(app, "太长了")
        await press(pilot, "n")
        app.post_message(Paste("长" * 9_000))
        await until(pilot, lambda: told(app, "只留下前 3999 个字"))
        await press(pilot, "enter")
        await opened(pilot, lambda case: len(case.notes) == 2)


async def test_a_message_is_copied_and_its_reply_without_the_tag_is_read_by_it(tmp_path, store, monkeypatch) -> None:
    copied: list[str] = []
    monkeypatch.setattr(DoctorApp, "copy_to_clipboard", lambda _app, text: copied.append(text))
    async with at_case(tmp_path, "down", "enter", size=(100, 40)) as (app, pilot):
        await press(pilot, "y")
        await until(pilot, lambda: isinstance(app.screen, MessageScreen))
        lines = await settled(pilot)
        (text,) = copied
        assert any("不接受" in line for line in lines)
        assert all(any(part in line for line in lines) for part in text.splitlines()[0].split()[:1])
        await press(pilot, "escape")
        await opened(pilot, lambda case: case.sent)
        (sent,) = store.open(IDS["T-3"]).sent
        assert text.rstrip("。.").endswith(sent.tag)
        await press(pilot, "u")
        await until(pilot, lambda: isinstance(app.screen, SayScreen))
        await press(pilot, "escape", "y")
        await until(pilot, lambda: isinstance(app.screen, MessageScreen))
        assert len(copied) == 2
        assert "再复制" in "".join(await press(pilot, "escape", "y"))
        await press(pilot, "escape")
        await app.take_text("您好，1A")
        await press(pilot, "enter")
        await until(pilot, lambda: isinstance(app.screen, ConfirmScreen))
        (item,) = [one for one in app.screen.items if one.id == sent.questions[0]]
        assert not item.on
