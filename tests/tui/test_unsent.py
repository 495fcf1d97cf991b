"""What is typed and not handed in outlives a kill -9, a closed window and a second window, wherever it was typed."""

import json
import signal
from pathlib import Path

import pytest

from diagnostics.unsent import NOTE
from tests.tui.desk import desk_app, seen, store_in
from tests.tui.stage import make_app, on_stage, press, shown, until
from tests.tui.terminal import Terminal
from tests.tui.test_user_journeys import DOWN, ENTER, ESC, FIRST, QUIET, TAB, answers, chosen
from tui.app.screens.cases import CaseScreen

LEFT = "上次写到这里"
STORY = "以前有微粒贷的，换号以后没了。打我电话13812345678，服务里没有"
CASE = "k7f3m2qp9d"


def kept(folder: Path) -> str:
    """Return what is on disk of what was not handed in."""
    files = folder.rglob("unsent-*.json")
    return "".join(path.read_text(encoding="utf-8") for path in files if path.exists())


def drafts(folder: Path) -> list[dict[str, object]]:
    """Return the answers in each draft on disk."""
    files = folder.rglob("draft*.json")
    read = (json.loads(path.read_text(encoding="utf-8"))["observations"] for path in files)
    return [{one["id"]: one["value"] for one in seen} for seen in read]


def killed(terminal: Terminal, folder: Path, text: str, *, how: int = signal.SIGKILL) -> None:
    """Kill the program once a text is on disk: nobody tells it to save."""
    terminal.until(lambda: text in kept(folder))
    terminal.child.kill(how)
    terminal.end()


def test_a_story_outlives_kills_and_is_gone_when_it_is_handed_in(tmp_path: Path) -> None:
    with Terminal(tmp_path, *QUIET) as terminal:
        terminal.wait(FIRST)
        terminal.type(*STORY[:4]).send(f"\x1b[200~{STORY[4:]}\x1b[201~")
        killed(terminal, tmp_path, "服务里没有")
    assert "13812345678" not in kept(tmp_path)
    with Terminal(tmp_path, *QUIET) as terminal:
        terminal.wait(LEFT, "以前有微粒贷的", "<手机号>")
        terminal.type(*"了")
        killed(terminal, tmp_path, "服务里没有了", how=signal.SIGHUP)
    with Terminal(tmp_path, *QUIET) as terminal:
        terminal.wait(LEFT, "服务里没有了")
        terminal.type(ENTER).wait("我读到这些")
        terminal.type(ENTER).wait("您的情况")
        terminal.type("q").end()
    assert kept(tmp_path) == ""
    assert answers(tmp_path)["account.had_entry_before"] == "yes"
    with Terminal(tmp_path, *QUIET) as terminal:
        terminal.wait(FIRST)
        assert LEFT not in terminal.text()


def test_what_was_typed_in_a_run_comes_back_with_its_answers_and_goes_with_them(tmp_path: Path) -> None:
    for given in (False, True):
        with Terminal(tmp_path, *QUIET) as terminal:
            if given:
                terminal.wait(FIRST, "还有写了没读的话")
                assert "现在有人说" not in terminal.text()  # it belongs to the answers
                terminal.type(TAB, "r").wait("再说一句", LEFT, "现在有人说")
            else:
                chosen(terminal)
                terminal.type("/").wait("再说一句")
                terminal.send("\x1b[200~现在有人说\x1b[201~").wait("现在有人说")
            killed(terminal, tmp_path, "现在有人说")
    with Terminal(tmp_path, *QUIET) as terminal:
        terminal.wait(FIRST, "还有写了没读的话")
        terminal.type(TAB, "1").wait("您的情况")
        terminal.type("q").end()
    assert kept(tmp_path) == ""


def test_a_version_that_is_being_typed_comes_back_to_its_card(tmp_path: Path) -> None:
    for given in (False, True):
        with Terminal(tmp_path, *QUIET) as terminal:
            chosen(terminal, "r" if given else "2")
            terminal.rest().type("\x10")  # Ctrl+P
            terminal.wait("输入几个字查找")
            terminal.type(*"微信版本").rest().type(ENTER)
            if given:
                terminal.wait("8.0.4", "读作")
                terminal.type("9", ENTER)
                terminal.until(lambda: answers(tmp_path).get("wechat.version") == "8.0.49")
                terminal.type("q").end()
            else:
                terminal.rest().type(*"8.0.4")
                killed(terminal, tmp_path, "8.0.4")
    assert kept(tmp_path) == ""


def test_two_windows_keep_answers_and_texts_apart_and_after_a_kill_both_can_be_taken_up(tmp_path: Path) -> None:
    with Terminal(tmp_path, *QUIET) as one, Terminal(tmp_path, *QUIET) as other:
        one.wait(FIRST)
        other.wait(FIRST)
        assert ["两边的回答分开存" in terminal.text() for terminal in (one, other)].count(True) == 1
        for terminal, key, text in ((one, "2", "第一个窗口写的"), (other, "1", "第二个窗口写的")):
            chosen(terminal, key)
            terminal.rest().type("/")
            terminal.wait("再说一句")
            terminal.send(f"\x1b[200~{text}\x1b[201~")
            killed(terminal, tmp_path, text)
    complaints = {"was_there", "never_had"}
    assert {one["complaint.what"] for one in drafts(tmp_path)} == complaints
    with Terminal(tmp_path, *QUIET) as terminal:
        shown = terminal.wait(FIRST, "接着上次", "还有写了没读的话", "F1 帮助")
        assert "两边的回答分开存" not in shown
        assert shown.count("接着上次") == 2
        terminal.type(TAB, DOWN, ENTER)  # the other one
        shown = terminal.wait("再说一句", LEFT)
        assert ("第一个窗口写的" in shown) is not ("第二个窗口写的" in shown)
        terminal.type(ESC).rest().type("q").end()
    assert {one["complaint.what"] for one in drafts(tmp_path)} == complaints


def test_a_note_and_a_ticket_outlive_a_kill_and_go_with_the_case_or_the_run(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    store.save(CASE, seen(person__age=35), version=None, label="T-3")
    store.dispose()
    desk = (*QUIET, "--on-behalf", "--store", str(tmp_path / "cases.db"))

    def at_note(terminal: Terminal) -> None:
        terminal.wait(FIRST)
        terminal.type("\x1bOR").wait("T-3")
        terminal.type(DOWN, ENTER).wait("T-3", "备注")
        terminal.rest().type("n")
        terminal.wait("加一条备注")

    with Terminal(tmp_path, *desk) as terminal:
        at_note(terminal)
        terminal.rest().send("\x1b[200~机主电话13812345678，明天再打\x1b[201~")
        killed(terminal, tmp_path, "明天再打")
    assert "13812345678" not in kept(tmp_path)
    with Terminal(tmp_path, *desk) as terminal:
        at_note(terminal)
        terminal.wait("明天再打")
        terminal.type(ENTER)
        terminal.until(lambda: not kept(tmp_path))
        terminal.type(ESC, ESC).wait(FIRST)
        terminal.type(TAB, "2").wait("称呼或工单号")
        terminal.type(*"T-77")
        killed(terminal, tmp_path, "T-77")
    with Terminal(tmp_path, *desk) as terminal:
        terminal.wait(FIRST)
        terminal.type(TAB, "2").wait("称呼或工单号", "T-77")
        terminal.type(ESC).wait(FIRST)
        terminal.type("q").end()
    assert kept(tmp_path) == ""
    assert [note.text for note in store_in(tmp_path).open(CASE).notes] == ["机主电话<手机号>，明天再打"]


@pytest.mark.parametrize("end", ["escape", "store away", "deleted"])
async def test_a_note_is_dropped_by_esc_or_with_its_case_and_kept_where_the_store_is_away(
    tmp_path: Path, end: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = store_in(tmp_path)
    store.save(CASE, seen(person__age=35), version=None)
    app = desk_app(tmp_path)
    async with on_stage(app) as pilot:
        await press(pilot, "f3")
        await until(pilot, lambda: getattr(app.screen, "rows", None))
        await press(pilot, "down", "enter")
        await until(pilot, lambda: isinstance(app.screen, CaseScreen) and app.screen.case is not None)
        await press(pilot, "n", *"later")
        assert app.session.draft.unsent.get(NOTE, CASE) == "later"
        if end == "escape":
            await press(pilot, "escape")
        elif end == "deleted":
            store.delete(CASE)
            await press(pilot, "enter")
            await until(pilot, lambda: app._notifications)
        else:
            with monkeypatch.context() as patch:
                patch.setattr("diagnostics.cases.store.CaseStore.note", _refuse)
                await press(pilot, "enter")
                await until(pilot, lambda: app._notifications)
        await until(pilot, lambda: (app.session.draft.unsent.get(NOTE, CASE) == "") == (end != "store away"))
        if end == "store away":
            await press(pilot, "n", "enter")
            await until(pilot, lambda: app.session.draft.unsent.get(NOTE, CASE) == "")
            assert [note.text for note in store.open(CASE).notes] == ["later"]


async def test_what_was_left_over_is_said_to_be_until_it_is_emptied(tmp_path: Path) -> None:
    app = make_app(tmp_path)
    app.session.keep_typed("story", "写过的")
    async with on_stage(app) as pilot:
        assert any(LEFT in line for line in shown(app))
        assert any("写过的" in line for line in shown(app))
        lines = await press(pilot, "backspace", "backspace", "backspace")
        assert not any(LEFT in line for line in lines)
        assert any("不想打字" in line for line in lines)
        assert app.session.typed("story") == ""


def _refuse(*_args: object, **_more: object) -> None:
    from diagnostics.cases.model import StoreGoneError

    raise StoreGoneError("cases.locked")


def test_a_story_named_on_the_command_line_stands_in_the_box(tmp_path: Path) -> None:
    file = tmp_path / "story.txt"
    file.write_text("以前有，电话13812345678，服务里没有", encoding="utf-8")
    with Terminal(tmp_path, *QUIET, "--story", str(file)) as terminal:
        terminal.wait(FIRST, "以前有，电话<手机号>，服务里没有")
        assert LEFT not in terminal.text()
        assert answers(tmp_path) == {}
