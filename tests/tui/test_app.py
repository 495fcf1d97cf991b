"""A user at the app, by keyboard and by mouse, without a terminal: quick to drive, looked at as lines of text."""

import re
from pathlib import Path
from typing import Any

import msgspec
import pytest
from textual._compositor import Compositor
from textual._xterm_parser import XTermParser
from textual.events import Key, Paste
from textual.pilot import Pilot
from textual.widgets import Input
from textual.widgets._toast import Toast

from diagnostics.checks.base import CheckOptions, CheckResult
from diagnostics.evidence import Observation
from tests.tui.stage import click, make_app, on_stage, open_page, press, questions, settled, shown, staged, until
from tui.app.app import DoctorApp
from tui.app.keyboard import LONGEST_STORY, StoryBox
from tui.app.panes import TextPane
from tui.app.preferences import Saved
from tui.app.screens.dialogs import ChooseScreen, ConfirmScreen
from tui.app.screens.main import MainScreen
from tui.app.screens.pages import PlanScreen
from tui.app.screens.say import SayScreen, picture_in


async def hand_in(pilot: Pilot[int], text: str, leads_to: type[object] = ConfirmScreen) -> list[str]:
    """Tell something in the box, hand it in, and return the screen that this leads to."""
    app: Any = pilot.app
    app.screen.put(text)
    await press(pilot, "enter")
    await until(pilot, lambda: isinstance(app.screen, leads_to))
    return await settled(pilot)


async def ask(pilot: Pilot[int], app: DoctorApp, id_: str, *keys: str) -> list[str]:
    """Put a question in front, press these keys, and return what is shown."""
    app.session.call_up(id_)
    app.changed.publish("place")
    await settled(pilot)
    return await press(pilot, *keys)


@pytest.mark.parametrize(("asked", "typed", "answer"), [
    ("entry.services_menu", "没看到", "not_shown"), ("entry.services_menu", "没有，不对，有的", "shown"),
    ("entry.official_account", "不知道", "unknown"), ("person.age", "四十五", 45),
    ("safety.contact", "第一个和第四个", ["paid_opening", "message_link"]),
])  # fmt: skip
async def test_what_is_told_while_a_question_stands_answers_it_first(tmp_path, asked, typed, answer) -> None:
    async with staged(tmp_path) as (app, pilot):
        await questions(pilot)
        app.session.call_up(asked)
        app.action_open("more")
        await settled(pilot)
        app.screen.put(typed)
        await press(pilot, "enter")
        await until(pilot, lambda: isinstance(app.screen, ConfirmScreen))
        await press(pilot, "enter")
        assert app.session.own_answers() == {asked: answer}


async def test_a_mistake_told_first_chooses_the_card_that_it_belongs_to(tmp_path: Path) -> None:
    async with staged(tmp_path) as (app, pilot):
        await hand_in(pilot, "室友有我没有")
        assert [item.value for item in app.screen.items] == ["friends_have_it"]
        await press(pilot, "enter")
        assert app.session.own_answers() == {"complaint.what": "friends_have_it"}
        assert [one.id for one in app.report.beliefs] == ["friend_has_it"]


async def test_mouse_alone_leads_to_the_plan_and_back(tmp_path: Path) -> None:
    async with staged(tmp_path, (100, 30), lang="en") as (app, pilot):
        await click(pilot, "Somebody offers")
        assert app.session.own_answers() == {"complaint.what": "paid_offer"}
        await click(pilot, "Undo")
        assert app.session.own_answers() == {}
        await click(pilot, "It was there before")
        open_page(app.session, "account")
        app.changed.publish("place")
        await settled(pilot)
        for expected, tick in (("on", "[ ]"), (None, "[x]"), ("on", "[ ]")):
            await click(pilot, f"{tick} Minors' mode (teen mode) is on")
            assert app.session.own_answers().get("account.teen_mode") == expected
        await click(pilot, "None of the others")
        assert app.session.own_answers()["account.restricted"] == "no"
        lines = await click(pilot, "p Steps")
        assert any("Minors' Mode (Teen Mode) is on" in line for line in lines)
        await click(pilot, "w Save")
        await click(pilot, "Esc Back")
        await click(pilot, "Esc Back")
        assert isinstance(app.screen, MainScreen)


async def test_what_was_read_is_corrected_and_the_mistake_is_answered_in_the_plan(tmp_path: Path) -> None:
    async with staged(tmp_path) as (app, pilot):
        lines = await hand_in(pilot, "服务里没有微粒贷，有人说能强开，苹果手机是不是用不了")
        assert any("「服务里没有微粒贷" in line for line in lines)
        assert any("“服务里没有微粒贷" in line for line in await press(pilot, "l"))  # as English quotes
        await press(pilot, "l", "down", "c", "1", "enter")
        assert isinstance(app.screen, MainScreen)
        own = app.session.own_answers()
        assert own["entry.services_menu"] == "shown"
        detail = next(one.detail for one in app.session.evidence.all if one.id == "entry.services_menu")
        assert detail == "「服务里没有微粒贷」"
        assert "强开" in "".join(one.quote for one in app.report.beliefs)
        assert any("“服务里没有微粒贷”" in line for line in await press(pilot, "l", "a"))


@pytest.mark.parametrize("typed", ["2", "２.", "没了"])
async def test_the_list_is_answered_from_the_box_too_and_a_text_about_nothing_stays_there(tmp_path, typed) -> None:
    async with staged(tmp_path) as (app, pilot):
        lines = await hand_in(pilot, "今天天气不错", SayScreen)
        await until(pilot, lambda: any("没读懂" in line for line in shown(app)))
        assert any("今天天气不错" in line for line in lines)
        app.screen.box.text = ""
        await hand_in(pilot, typed, ConfirmScreen if typed == "没了" else MainScreen)
        if typed == "没了":  # words are confirmed like a story
            assert not app.session.own_answers()
            await press(pilot, "enter")
        assert app.session.own_answers()["complaint.what"] == "was_there"


async def test_of_a_text_that_is_too_long_it_is_said_what_is_left_and_what_to_do(tmp_path: Path) -> None:
    async with staged(tmp_path) as (app, pilot):
        app.screen.put("今天天气不错。" * 9000)
        lines = await settled(pilot)
        assert len(app.screen.box.text) == LONGEST_STORY
        assert any(f"只留下前 {LONGEST_STORY} 个字" in line for line in lines)


async def test_the_key_that_resumes_is_no_text_to_be_read_later(tmp_path: Path) -> None:
    async with staged(tmp_path) as (app, pilot):
        await questions(pilot, "2")
        assert app.session.own_answers()
    saved = Saved("2026-11-22T10:00:00Z", 1)
    async with staged(tmp_path, saved=(saved,)) as (app, pilot):
        app.screen.put("r")
        await press(pilot, "enter")
        await until(pilot, lambda: app.session.own_answers())
        await settled(pilot)
        assert isinstance(app.screen, MainScreen)


def test_a_picture_is_found_however_its_path_was_dropped(tmp_path: Path) -> None:
    file = tmp_path / "my picture (1).PNG"
    file.write_bytes(b"")
    escaped = str(file).replace(" ", "\\ ").replace("(", "\\(").replace(")", "\\)")
    for text in (str(file), f"'{file}'", f'"{file}" ', f"file://{str(file).replace(' ', '%20')}", escaped):
        assert picture_in(text) == file
    assert picture_in(f"{file}\nx") is None
    assert picture_in("我发了 a.png") is None


async def test_a_found_entry_shows_the_five_steps_and_the_three_cautions(tmp_path: Path) -> None:
    app = make_app(tmp_path, given={"entry.services_menu": "shown"})
    app.take_given()
    app.session.begin_again()
    async with on_stage(app, (100, 50)) as pilot:
        lines = await questions(pilot, "p")
    application = app.report.application
    assert sum(any(text[:12] in line for line in lines) for text in application.steps) == 5
    assert sum(any(text[:8] in line for line in lines) for text in application.cautions) == 3


async def test_an_earlier_answer_can_be_changed_and_what_moved_is_marked(tmp_path: Path) -> None:
    async with staged(tmp_path, (120, 40)) as (app, pilot):
        await questions(pilot, "1")
        lines = await ask(pilot, app, "account.teen_mode", "2")
        assert any("未成年人模式" in line and "已确认 ← 还不清楚" in line for line in lines)
        await press(pilot, "a")
        at = [one.id for one in app.report.observations].index("account.teen_mode")
        await press(pilot, f"{at + 1}")
        lines = await press(pilot, "1")
        assert app.session.own_answers()["account.teen_mode"] == "off"
        assert any("未成年人模式" in line and "已排除 ← 已确认" in line for line in lines)


async def test_a_step_that_was_done_asks_all_that_it_touches_again(tmp_path: Path) -> None:
    async with staged(tmp_path) as (app, pilot):
        await questions(pilot, "1")
        app.session.give({"account.teen_mode": "on"})
        app.refresh_all()
        await settled(pilot)
        step = app.steps[0]
        assert "account.teen_mode" in step.rechecks
        await press(pilot, "f", "1")
        assert isinstance(app.screen, MainScreen)
        assert app.session.draft.went == {step.id: "done"}
        assert app.session.part.ids[0] == step.rechecks[0]
        for expected in step.rechecks:
            assert app.session.part.ids == (expected,)
            await press(pilot, "1")
        assert app.session.own_answers()["account.teen_mode"] == "off"
        lines = await press(pilot, "p")
        assert isinstance(app.screen, PlanScreen)
        assert not any(step.short in line and "做完了" not in line for line in lines)


@pytest.mark.parametrize(("size", "width"), [((80, 24), 80), ((120, 40), 74)])
async def test_the_main_screen_is_laid_out_for_the_terminal_from_its_first_frame_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int], width: int
) -> None:
    """A frame in another layout flickers, and what is drawn over it later may cut a Chinese character in two."""
    seen: list[int] = []
    told = TextPane.on_resize

    def note(pane: TextPane) -> None:
        if pane.id == "question":
            seen.append(pane.outer_size.width)
        told(pane)

    monkeypatch.setattr(TextPane, "on_resize", note)
    async with staged(tmp_path, size) as (app, pilot):
        await press(pilot, "escape", "2")
        await until(pilot, lambda: isinstance(app.screen, MainScreen))
        await settled(pilot)
    assert set(seen) == {width}


async def test_back_and_skip_stand_where_they_were_pressed(tmp_path: Path) -> None:
    async with staged(tmp_path) as (app, pilot):
        await questions(pilot, "1")
        first = app.session.position
        await press(pilot, "s")
        assert app.session.position != first
        await press(pilot, "b")
        assert app.session.position == first
        await press(pilot, "b")
        assert app.session.own_answers() == {}
        assert app.session.position.page == "complaint"


async def test_what_checks_said_is_said_in_the_language_chosen_now_and_nothing_of_an_absence(tmp_path: Path) -> None:
    checks = ("wechat.version", "phone.android", "computer.wechat", "network.reachability")
    options = CheckOptions(targets=["http://127.0.0.1:1/"], limits={"samples": 0, "attempts": 1}, device="none")
    async with staged(tmp_path, (120, 40), checks=checks, offline=False, options=options) as (app, pilot):
        await until(pilot, lambda: all(line.state == "done" for line in app.checks.lines.values()))
        app.session.answer({"wechat.version": "10.0.0.1"})
        app.refresh_all()
        chinese = "\n".join(await questions(pilot, "c"))
        english = "\n".join(await press(pilot, "l"))
        written = {check.id: check for check in app.report.checks}
        assert "\n".join(await press(pilot, "l")) == chinese
    for told in ("读不懂这段版本文字", "没有看手机：按要求跳过", "对方不接受连接", "做了 2 项、2 项没做"):
        assert told in chinese
    assert "电脑版微信" not in chinese  # there is none here, and nobody asked
    assert not re.search("[\u4e00-\u9fff]", english.replace("微信", ""))
    assert written["network.reachability"].data["advice"]["text"].isascii()


async def test_saved_answers_are_taken_up_or_kept_beside(tmp_path: Path) -> None:
    async with on_stage(make_app(tmp_path)) as pilot:
        await press(pilot, "tab", "2")
    for keys, kept in ((("tab", "r"), True), (("tab", "1"), False)):
        again = make_app(tmp_path, saved=(Saved("2026-11-22T10:00:00Z", 1),), given={"person.age": 33})
        async with on_stage(again) as pilot:
            assert any("接着上次（11-22 10:00，答了 1 题）" in line for line in shown(again))
            assert again.session.own_answers() == {}
            await press(pilot, *keys)
            assert isinstance(again.screen, MainScreen)
            assert (again.session.own_answers()["complaint.what"] == "was_there") is kept
            assert again.session.own_answers()["person.age"] == 33
    assert "was_there" in (tmp_path / "draft.previous.json").read_text(encoding="utf-8")


async def test_numbers_and_versions_are_read_while_they_are_typed(tmp_path: Path) -> None:
    async with staged(tmp_path) as (app, pilot):
        await questions(pilot)
        lines = await ask(pilot, app, "person.age", "1", "3", "1")
        assert any("0 到 130" in line for line in lines)
        await press(pilot, "enter")
        assert "person.age" not in app.session.own_answers()
        await press(pilot, "backspace", "backspace", "backspace", "１", "8", "enter")
        assert app.session.own_answers()["person.age"] == 18
        await ask(pilot, app, "wechat.version", "a")
        assert not isinstance(app.screen, MainScreen)
        lines = await press(pilot, "escape", *"hello", "enter")
        assert any("没有找到微信版本号" in line for line in lines)
        assert "wechat.version" not in app.session.own_answers()
        app.screen.query_one("#entry", Input).value = "我的是 8.0.49 最新的"
        assert any("读作：8.0.49" in line for line in await settled(pilot))
        await press(pilot, "enter")
        assert app.session.checks["wechat.version"].status == "pass"
        await ask(pilot, app, "os.version")
        app.screen.query_one("#entry", Input).value = "iOS 8.0.50"
        assert any("8.0.50」是微信的版本" in line for line in await settled(pilot))


async def test_a_sum_like_a_slip_takes_enter_twice_and_an_age_in_words_is_read_or_asked(tmp_path: Path) -> None:
    async with staged(tmp_path) as (app, pilot):
        await questions(pilot)
        lines = await ask(pilot, app, "debt.monthly_income", "2", "enter")
        assert any("真的是「2 元」吗" in line for line in lines)
        assert "debt.monthly_income" not in app.session.own_answers()
        await press(pilot, "enter")
        assert app.session.own_answers()["debt.monthly_income"] == 2
        await ask(pilot, app, "person.age")
        app.screen.query_one("#entry", Input).value = "属虎的"
        assert any("是哪一个：" in line for line in await settled(pilot))
        app.screen.query_one("#entry", Input).value = "2000年3月生的"
        assert any("读作：" in line for line in await settled(pilot))


async def test_start_another_forgets_the_person(tmp_path: Path) -> None:
    async with staged(tmp_path) as (app, pilot):
        await press(pilot, "tab", "1", "p", "n")
        assert app.session.own_answers() == {}
        assert isinstance(app.screen, SayScreen)
    assert not (tmp_path / "draft.json").exists()


async def test_the_newest_version_is_chosen_by_its_key_and_every_row_of_a_field_acts(tmp_path: Path) -> None:
    async with staged(tmp_path) as (app, pilot):
        await questions(pilot)
        app.session.give({"client.platform": "android"})
        for key, expected in (("d", "unknown"), ("e", app.session.knowledge.latest[0].version)):
            await ask(pilot, app, "wechat.version", key)
            assert app.session.own_answers()["wechat.version"] == expected


async def test_the_search_finds_commands_with_their_keys_and_questions_by_their_words(tmp_path: Path) -> None:
    async with staged(tmp_path, lang="en") as (app, pilot):
        lines = await questions(pilot, "ctrl+p", *"debt helper")
        assert any("Debt helper  m" in line for line in lines)
        await press(pilot, "enter")
        assert app.session.part is not None
        assert app.session.part.ids == ("debt.monthly_income",)
        await press(pilot, "ctrl+p", *"wallet region")
        await press(pilot, "enter")
        assert "wallet" in app.session.part.ids[0]


async def test_the_debt_helper_asks_for_three_figures_and_the_plan_tells_their_share(tmp_path: Path) -> None:
    async with staged(tmp_path, lang="en") as (app, pilot):
        await questions(pilot, "m", *"10000", "enter", *"7000", "enter", *"2", "enter")
        own: dict[str, Any] = app.session.own_answers()
        assert own == {"debt.monthly_income": 10000, "debt.monthly_repayment": 7000, "debt.open_loans": 2}
        lines = await press(pilot, "p", "end", "pagedown", "pagedown", "pagedown")
        assert any("70%" in line for line in lines), lines


BURST = "第一句，12\r1 2 3\rq 两句都要\r"
"""Three lines with digits and a q, as Windows hands over a paste: without a mark at either end."""
BURST_ON = {
    "": "您的情况", "p": "按这个顺序试", "a": "您的回答", "c": "这台电脑上的检查", "m": "大约收入多少元",
    "w": "保存或复制", "f1": "中断退出", "f2": "颜色", "f": "这一步怎么样了", "t": "说明", "slash": "再说一句",
}  # fmt: skip
"""The key that leads to a screen, and what it shows."""


async def burst(pilot: Pilot[int], app: DoctorApp) -> None:
    """Let a paste come as keys: it stands in a box, and nothing is answered by it."""
    before = app.session.own_answers()
    for event in XTermParser().feed(BURST):
        app.post_message(event)
    lines = BURST.strip().split("\r")
    await until(pilot, lambda: all(any(line in row for row in shown(app)) for line in lines))
    assert app.session.own_answers() == before
    app.screen.query_one(StoryBox).text = ""


async def test_alt_enter_makes_a_line_where_the_terminal_sends_esc_and_enter(tmp_path: Path) -> None:
    async with staged(tmp_path, (80, 24)) as (app, pilot):
        for event in XTermParser().feed("a\x1b\rb"):
            app.post_message(event)
            await pilot.pause(0.02)
        assert app.screen.query_one(StoryBox).text == "a\nb"


async def test_a_burst_without_brackets_is_text_on_every_screen(tmp_path: Path) -> None:
    async with staged(tmp_path, (100, 40)) as (app, pilot):
        for keys in ((), ("tab",)):
            await press(pilot, *keys)
            await burst(pilot, app)
        await press(pilot, "tab", "2")
        for key, shows in BURST_ON.items():
            lines = await questions(pilot, *([key] if key else ()))
            assert any(shows in line for line in lines), lines
            await burst(pilot, app)
        lines = await questions(pilot, "slash", *"服务里没有", "enter")
        assert any("我读到这些" in line for line in lines), lines
        await burst(pilot, app)


async def test_the_end_that_is_typed_is_seen_and_a_digit_chooses_what_is_corrected(tmp_path: Path) -> None:
    async with staged(tmp_path) as (app, pilot):
        box = app.screen.query_one(StoryBox)
        for piece in (*("，我说了很多很多" * 40), *"服务里没有咋整"):
            box.insert(piece)
        await settled(pilot)
        assert any("咋整" in line for line in shown(app)), shown(app)
        box.text = "服务里没有"
        await press(pilot, "enter")
        await until(pilot, lambda: isinstance(app.screen, ConfirmScreen))
        await press(pilot, "1", "c")
        assert isinstance(app.screen, ChooseScreen)


async def test_the_steps_go_by_until_none_is_left(tmp_path: Path) -> None:
    async with staged(tmp_path) as (app, pilot):
        lines = await questions(pilot, "2")
        assert any("看清登的" in line for line in lines if "▸" in line)
        plan = [item.id for item in app.report.plan]
        for _ in plan:
            lines = await press(pilot, "f", "3")
        assert [item.id for item in app.steps] == plan, "what could not be done stays to do"
        assert any("▸" in line and "先前做不了" in line for line in lines), lines
        own = app.session.own_answers()
        for how in ("1", "2"):
            while app.steps:
                lines = await press(pilot, "f", how)
            assert any("步骤都走完了" in line for line in lines), lines
            assert app.session.own_answers() == own | {"app.restarted": "yes"}, (
                "a restart is known, nothing is forgotten"
            )
            app.session.draft.went.clear()


def by_fingers(app: DoctorApp, keys: str) -> None:
    """Send keys that are no burst, faster than the screen."""
    for number, key in enumerate(keys):
        event = Key(key, key)
        event.time -= 9 - number
        app.post_message(event)


async def test_keys_that_come_faster_than_the_screen_answer_one_question_each(tmp_path: Path) -> None:
    async with staged(tmp_path) as (app, pilot):
        await questions(pilot, "1")
        open_page(app.session, "where")
        app.changed.publish("place")
        await settled(pilot)
        by_fingers(app, "23")
        await until(pilot, lambda: len(app.session.own_answers()) == 3)
        own = app.session.own_answers()
    assert own["entry.services_menu"] == "not_shown"
    assert own["entry.official_account"] == "not_found"


async def test_what_cannot_wait_is_said_above_and_nothing_read_is_dropped_by_one_enter(tmp_path: Path) -> None:
    async with staged(tmp_path) as (app, pilot):
        for story, warned in (("我被骗了399，刚转过去", True), ("以前有，现在没了", False)):
            app.screen.box.text = ""
            lines = await hand_in(pilot, story)
            assert any("打 110 报警止付" in line for line in lines) is warned, lines
            assert app.session.own_answers() == {}
            await press(pilot, *(["e"] if warned else []))
        for item in app.screen.items:
            item.on = False
        await press(pilot, "enter")
        assert isinstance(app.screen, ConfirmScreen)
        assert any("一条也没勾" in one.message for one in app._notifications)
        await press(pilot, "1", "1", "enter")  # ticked and not: said anew
        assert isinstance(app.screen, ConfirmScreen)
        await press(pilot, "enter")
        assert isinstance(app.screen, MainScreen)
        assert app.session.own_answers() == {}


async def test_a_paste_stays_behind_the_keys_before_it(tmp_path: Path) -> None:
    async with staged(tmp_path) as (app, pilot):
        by_fingers(app, "以前有")
        app.post_message(Paste("微粒贷"))
        await until(pilot, lambda: len(app.screen.box.text) == 6)
        assert app.screen.box.text == "以前有微粒贷"


async def test_an_answer_draws_what_changed_and_never_the_whole_screen(tmp_path, monkeypatch) -> None:
    whole: list[object] = []
    draw = Compositor.render_full_update
    monkeypatch.setattr(
        Compositor, "render_full_update", lambda self, *more, **named: whole.append(1) or draw(self, *more, **named)
    )
    async with on_stage(make_app(tmp_path)) as pilot:
        await questions(pilot, "1", "b")
        assert whole
        whole.clear()
        await press(pilot, "1", "b", "2")
        assert not whole


@pytest.mark.parametrize("size", [(60, 20), (120, 40)])
async def test_no_character_of_a_notice_is_lost_where_panes_meet(tmp_path: Path, size: tuple[int, int]) -> None:
    app = make_app(tmp_path)
    said = [
        "没有覆盖任何内容，请重新打开；您这边的回答另存为新的案例",
        "a没有覆盖任何内容，请重新打开；您这边的回答另存为新的案例",
    ]
    async with on_stage(app, size, notices=True) as pilot:
        await questions(pilot)
        for one in said:
            app.notify(one, timeout=600)  # it stays until it was read, on a busy machine too
        await until(pilot, lambda: len(app.screen.query(Toast)) == len(said))
        seen = "".join(line.partition("▌ ")[2] for line in await settled(pilot))
        assert all(one in seen for one in said), seen


async def test_the_plan_names_both_sides_of_what_does_not_fit(tmp_path: Path) -> None:
    async with staged(tmp_path, (120, 40), lang="en") as (app, pilot):
        await questions(pilot)
        app.session.give({"wechat.version": "8.0.79"})
        seen = Observation(id="wechat.version", value="8.0.49", source="phone")
        app.take_result(CheckResult(id="phone.android", status="pass", observations=(seen,)))
        lines = "\n".join(await press(pilot, "p"))
    assert "- Your answer: WeChat version — 8.0.79" in lines
    assert "- Read on the phone: WeChat version — 8.0.49" in lines


async def test_what_has_no_room_is_reached_by_keyboard(tmp_path: Path) -> None:
    async with staged(tmp_path, (60, 20), lang="en", on_behalf=True, verbose=True) as (app, pilot):
        lines = await questions(pilot, "1", "2", "3", "pagedown", "pagedown")
        assert any("How to find out" in line for line in lines), lines
        hosts = "\n".join(f"host{number}.example" for number in range(30))
        await press(pilot, "c")
        result = app.checks.lines["wechat.version"].result
        assert result is not None
        app.checks.ended(msgspec.structs.replace(result, detail=hosts))
        app.changed.publish("checks")
        lines = await press(pilot, "pagedown", "pagedown", "pagedown", "pagedown")
        assert any("host29.example" in line for line in lines), lines
