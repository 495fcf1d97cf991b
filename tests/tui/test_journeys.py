"""Whole ways through the app, as a user goes them: by keyboard only, by mouse only, and after a kill."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from tests.tui.stage import click, make_app, on_stage, press, settled, until
from tui.screens.main import MainScreen
from tui.screens.result import ResultScreen

if TYPE_CHECKING:
    from pathlib import Path

    from tui.app import DoctorApp

WELL: dict[str, str] = {
    "complaint.what": "never_had", "entry.services_menu": "not_shown", "entry.official_account": "not_found",
    "entry.page_message": "none", "entry.qq_wallet": "not_shown", "client.platform": "android", "person.age": "35",
    "scam.offered_paid_opening": "no", "network.same_network": "yes", "os.version": "14",
}  # fmt: skip
"""What a patient user for whom all is well answers where the page offers no shorter way."""


def keys_of(app: DoctorApp) -> list[str]:
    """Return the keys that such a user presses for what is in front."""
    screen = app.screen
    assert isinstance(screen, MainScreen)
    card = screen._card()
    rows = {row.action: row.key for row in card.rows}
    part = app.flow.part
    assert part is not None
    for action in ("none", "clear"):
        if action in rows and card.kind != "choices":
            return [rows[action]]
    if card.kind == "choices":
        return [card.rows[0].key, rows["none"]]
    newest = next((key for action, key in rows.items() if action.startswith("newest:")), None)
    if newest is not None:
        return [newest]
    if card.kind == "entry":
        return [*WELL[part.ids[0]], "enter"]
    choices = [choice.id for choice in app.session.knowledge.questions[part.ids[0]].value]
    return [card.rows[choices.index(WELL[part.ids[0]])].key]


async def test_a_user_for_whom_all_is_well_needs_eight_pages_and_25_keys(tmp_path: Path) -> None:
    app = make_app(tmp_path)
    async with on_stage(app) as pilot:
        await press(pilot, "enter")
        pressed, pages = 0, []
        while app.flow.part is not None:
            if app.flow.place.page not in pages:
                pages.append(app.flow.place.page)
            keys = keys_of(app)
            await press(pilot, *keys)
            pressed += len(keys)
        assert isinstance(app.screen, ResultScreen)
        assert app.session.interview.stop_reason == "enough"
        assert app.report.causes[0].id == "not_invited"
        assert (len(pages) <= 8, pressed <= 25) == (True, True), (pages, pressed)


async def test_mouse_alone_leads_to_the_result_and_back(tmp_path: Path) -> None:
    app = make_app(tmp_path, lang="en")
    async with on_stage(app, (100, 30)) as pilot:
        await click(pilot, "Start (a few minutes")
        await click(pilot, "Somebody offers")
        assert app.session.own_answers() == {"complaint.what": "paid_offer"}
        await click(pilot, "Back")
        assert app.session.own_answers() == {}
        await click(pilot, "It was there before")
        app.flow.open_page("account")
        app.changed.publish("place")
        await settled(pilot)
        for expected, tick in (("on", "[ ]"), ("unknown", "[x]"), (None, "[?]"), ("on", "[ ]")):
            await click(pilot, f"{tick} Minors' mode (teen mode) is on")
            assert app.session.own_answers().get("account.teen_mode") == expected
        await click(pilot, "None of the others")
        assert app.session.own_answers()["account.restricted"] == "no"
        lines = await click(pilot, "✗ Minors")
        assert any("confirmed  technical" in line for line in lines)
        lines = await click(pilot, "r Result")
        assert any(app.report.situations[0].text[:40] in line for line in lines)
        assert any("Minors' Mode (Teen Mode) is on" in line for line in lines)
        await click(pilot, "w Save")
        await click(pilot, "Esc Back")
        await click(pilot, "Esc Back")
        assert isinstance(app.screen, MainScreen)


async def test_a_confirmed_requirement_ends_the_questions_and_the_user_may_go_on(tmp_path: Path) -> None:
    app = make_app(tmp_path)
    async with on_stage(app) as pilot:
        await press(pilot, "enter", "1")
        app.flow.call_up("person.age")
        app.changed.publish("place")
        lines = await press(pilot, "1", "7", "enter")
        assert isinstance(app.screen, ResultScreen)
        assert any("已确认：还没满 18 周岁" in line for line in lines)
        await press(pilot, "g")
        assert isinstance(app.screen, MainScreen)
        assert app.flow.part is not None


async def test_a_found_entry_shows_the_five_steps_and_the_three_cautions(tmp_path: Path) -> None:
    app = make_app(tmp_path, given={"entry.services_menu": "shown"}, ask_resume=False)
    app.take_given()
    app.flow.begin_again()
    async with on_stage(app, (100, 50)) as pilot:
        await press(pilot, "enter")
        lines = await press(pilot, "r")
    application = app.report.application
    assert application is not None
    assert sum(any(text[:12] in line for line in lines) for text in application.steps) == 5
    assert sum(any(text[:8] in line for line in lines) for text in application.cautions) == 3


async def test_an_earlier_answer_can_be_changed_and_what_moved_is_marked(tmp_path: Path) -> None:
    app = make_app(tmp_path)
    async with on_stage(app, (120, 40)) as pilot:
        await press(pilot, "enter", "1")
        app.flow.call_up("account.teen_mode")
        app.changed.publish("place")
        lines = await press(pilot, "2")
        assert any("未成年人模式" in line and "已确认 ← 还不清楚" in line for line in lines)
        await press(pilot, "a")
        at = [one.id for one in app.report.observations].index("account.teen_mode")
        count = len(app.report.observations)
        await press(pilot, *["up"] * (count - 1 - at), "enter")
        lines = await press(pilot, "1")
        assert app.session.own_answers()["account.teen_mode"] == "off"
        assert any("未成年人模式" in line and "已排除 ← 已确认" in line for line in lines)


async def test_a_step_of_the_plan_that_was_done_asks_again_what_it_touches(tmp_path: Path) -> None:
    app = make_app(tmp_path)
    async with on_stage(app) as pilot:
        await press(pilot, "enter", "1")
        app.flow.give({"account.teen_mode": "on"})
        app.told()
        await press(pilot, "r")
        assert app.report.plan[0].rechecks
        await press(pilot, "enter")
        assert isinstance(app.screen, MainScreen)
        assert app.flow.part is not None
        assert (
            app.flow.part.ids[0] == app.report.questions.next or app.flow.part.ids[0] in app.report.questions.remaining
        )


async def test_back_and_skip_stand_where_they_were_pressed(tmp_path: Path) -> None:
    app = make_app(tmp_path)
    async with on_stage(app) as pilot:
        await press(pilot, "enter", "1")
        first = app.flow.place
        await press(pilot, "s")
        assert app.flow.place != first
        await press(pilot, "b")
        assert app.flow.place == first
        await press(pilot, "b")
        assert app.session.own_answers() == {}
        assert app.flow.place.page == "complaint"


async def test_the_language_changes_while_running_and_is_kept(tmp_path: Path) -> None:
    app = make_app(tmp_path)
    async with on_stage(app) as pilot:
        lines = await press(pilot, "enter", "l")
        assert any("Which of these is closest" in line for line in lines)
        lines = await press(pilot, "r", "l")
        assert any("结果" in line for line in lines)
    assert json.loads((tmp_path / "screen.json").read_text())["lang"] == "zh"


async def test_what_checks_said_is_said_in_the_language_chosen_now(tmp_path: Path) -> None:
    checks = ("wechat.version", "phone.android", "network.reachability")
    options = {"targets": ["http://127.0.0.1:1/"], "samples": 0, "attempts": 1, "device": "none"}
    app = make_app(tmp_path, checks=checks, offline=False, options=options)
    async with on_stage(app, (120, 40)) as pilot:
        await until(pilot, lambda: all(line.state == "done" for line in app.desk.lines.values()))
        app.session.answer({"wechat.version": "10.0.0.1"})
        app.told()
        chinese = "\n".join(await press(pilot, "enter", "c"))
        english = "\n".join(await press(pilot, "l"))
        written = {check.id: check for check in app.report.checks}
        assert "\n".join(await press(pilot, "l")) == chinese
    for told in ("读不懂这段版本文字", "没有看手机：按要求跳过", "对方不接受连接", "没有运行：按要求跳过"):
        assert told in chinese
    for told in ("used: 10.0.0.1 is", "phone was not looked at", "refuses the connection", "it was to be skipped"):
        assert told in english
    assert not re.search("[\u4e00-\u9fff]", english.replace("微信", ""))
    assert written["network.reachability"].data["advice"]["text"].isascii()


async def test_saved_answers_are_taken_up_or_deleted_as_the_user_says(tmp_path: Path) -> None:
    app = make_app(tmp_path)
    async with on_stage(app) as pilot:
        await press(pilot, "enter", "2")
    for key, kept in (("r", True), ("n", False)):
        again = make_app(tmp_path, ask_resume=True)
        async with on_stage(again) as pilot:
            assert again.session.own_answers() == {}
            await press(pilot, key)
            assert isinstance(again.screen, MainScreen)
            assert ("complaint.what" in again.session.own_answers()) is kept
    assert not (tmp_path / "draft.json").exists()


async def test_answers_of_the_command_line_join_a_resumed_draft(tmp_path: Path) -> None:
    app = make_app(tmp_path)
    async with on_stage(app) as pilot:
        await press(pilot, "enter", "2")
    again = make_app(tmp_path, ask_resume=True, given={"person.age": 33})
    async with on_stage(again) as pilot:
        await press(pilot, "r")
    assert again.session.own_answers() == {"complaint.what": "was_there", "person.age": 33}


async def test_numbers_are_checked_while_they_are_typed(tmp_path: Path) -> None:
    app = make_app(tmp_path)
    async with on_stage(app) as pilot:
        await press(pilot, "enter")
        app.flow.call_up("person.age")
        app.changed.publish("place")
        lines = await press(pilot, "1", "3", "1")
        assert any("0 到 130" in line for line in lines)
        await press(pilot, "enter")
        assert "person.age" not in app.session.own_answers()
        await press(pilot, "backspace", "backspace", "backspace", "１", "8", "enter")
        assert app.session.own_answers()["person.age"] == 18


async def test_a_text_field_leaves_the_commands_alone_until_something_is_typed(tmp_path: Path) -> None:
    app = make_app(tmp_path)
    async with on_stage(app) as pilot:
        await press(pilot, "enter")
        app.flow.call_up("wechat.version")
        app.changed.publish("place")
        await settled(pilot)
        await press(pilot, "a")
        assert not isinstance(app.screen, MainScreen)
        await press(pilot, "escape", *"8.0.49 a", "enter")
        assert app.session.own_answers()["wechat.version"] == "8.0.49 a"
        assert app.session.checks["wechat.version"].status == "unknown" or app.session.checks["wechat.version"].data


@pytest.mark.parametrize(("number", "suffix"), [("1", ".txt"), ("2", ".md"), ("3", ".html"), ("4", ".json")])
async def test_the_result_can_be_saved_in_every_format(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: str, suffix: str
) -> None:
    monkeypatch.chdir(tmp_path)
    app = make_app(tmp_path)
    async with on_stage(app) as pilot:
        await press(pilot, "enter", "1", "r", "w", number)
        assert isinstance(app.screen, ResultScreen)
    saved = tmp_path / f"weilidai-doctor-report{suffix}"
    assert app.report.summary in saved.read_text(encoding="utf-8")


async def test_a_file_that_exists_is_only_overwritten_when_asked_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    there = tmp_path / "weilidai-doctor-report.txt"
    there.write_text("mine")
    app = make_app(tmp_path)
    async with on_stage(app) as pilot:
        await press(pilot, "enter", "r", "w", "1")
        assert there.read_text() == "mine"
        await press(pilot, "1")
        assert there.read_text() != "mine"


async def test_start_another_forgets_the_person(tmp_path: Path) -> None:
    app = make_app(tmp_path)
    async with on_stage(app) as pilot:
        await press(pilot, "enter", "1", "r", "n")
        assert app.session.own_answers() == {}
        assert app.flow.place.page == "complaint"
    assert not (tmp_path / "draft.json").exists()


async def test_the_search_for_commands_does_what_it_names(tmp_path: Path) -> None:
    app = make_app(tmp_path, lang="en")
    async with on_stage(app) as pilot:
        await press(pilot, "enter", "ctrl+p", *"ruled")
        await press(pilot, "enter")
        assert app.likes.hide_ruled_out
        lines = await press(pilot, "ctrl+p", *"ruled")
        assert any("Show what is ruled out" in line for line in lines)


async def test_the_debt_helper_notes_what_is_typed(tmp_path: Path) -> None:
    app = make_app(tmp_path, lang="en")
    async with on_stage(app) as pilot:
        lines = await press(pilot, "enter", "m", *"10000", "enter", *"7000", "enter", *"2", "enter")
        assert any("70% of the income" in line for line in lines)
        own: dict[str, Any] = app.session.own_answers()
        assert own == {"debt.monthly_income": 10000, "debt.monthly_repayment": 7000, "debt.open_loans": 2}
        assert app.session.assessment.status("debt_ratio") == "likely"


async def test_keys_that_come_faster_than_the_screen_answer_one_question_each(tmp_path: Path) -> None:
    app = make_app(tmp_path)
    async with on_stage(app) as pilot:
        await press(pilot, "enter", "1")
        app.flow.open_page("where")
        app.changed.publish("place")
        await settled(pilot)
        for key in "1233":
            app.simulate_key(key)
        await settled(pilot)
        own = app.session.own_answers()
    assert own["entry.page_message"] == "none"
    assert own["entry.services_menu"] == "not_shown"
    assert own["entry.official_account"] == "not_found"
    assert own["entry.qq_wallet"] == "not_looked"
