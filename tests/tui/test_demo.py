"""The demonstration: what is recorded, how it plays, and that it leaves nothing behind."""

import re
import socket
from pathlib import Path
from typing import Any

import pytest
from textual.content import Content

from diagnostics.answers import parse_answer
from diagnostics.knowledge import load
from diagnostics.session import Session
from tests.tui.stage import launched, on_stage, press, shown, until
from tests.tui.terminal import Terminal
from tui.app.panes import wrap
from tui.demo.tour import DemoApp, read

KNOWLEDGE = load()
RECORDING = read()
LAST = len(RECORDING.steps) - 1


def demo(lang: Any = "zh", *, pace: float = 0.0, **launch: Any) -> DemoApp:
    return DemoApp(KNOWLEDGE, lang, launched(offline=False, on_behalf=True, **launch), pace=pace)


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def first(app: DemoApp) -> str:
    return (shown(app) or [""])[0]


def at_work(app: DemoApp) -> bool:
    """Whether a step is still being brought to the screen."""
    return any(worker.group == "tour" and not worker.is_finished for worker in app.workers)


def played(lang: Any, upto: int) -> Session:
    """The case after so many steps, without a screen."""
    session = Session(KNOWLEDGE, lang=lang, own="operator")
    RECORDING.play(session, upto)
    return session


def test_every_step_has_its_caption_in_both_languages_and_every_caption_its_step() -> None:
    told = {name.removeprefix("ui.demo.step.") for name in KNOWLEDGE.locale if name.startswith("ui.demo.step.")}
    assert {step.caption for step in RECORDING.steps} == told
    for name in told:
        for lang in ("zh", "en"):
            text = KNOWLEDGE.say(f"ui.demo.step.{name}", lang)
            assert len(wrap(Content(text), 58)) < 3, text


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_what_the_checks_read_can_be_believed_and_names_nobody(lang: Any) -> None:
    seen = RECORDING.checks[lang]
    assert {id_ for step in RECORDING.steps for id_ in step.checks} == set(seen)
    for id_, told in seen.items():
        assert (told.result.id, told.result.status) == (id_, "pass")
        for one in told.result.observations:
            if one.id in KNOWLEDGE.questions:
                assert parse_answer(KNOWLEDGE, one.id, one.value) == one.value
        assert bool(re.search("[一-鿿]", str(told.result.detail))) is (lang == "zh")
    report = played(lang, LAST + 1).report()
    assert (report.causes[0].id, report.causes[0].status) == ("teen_mode", "confirmed")
    assert report.contradictions


async def test_each_step_is_shown_and_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In English on the smallest screen: the longest captions where they have the least room."""

    def refuse(*_args: object) -> None:
        raise AssertionError("the demonstration reaches out")

    app = demo("en", pace=1000.0)  # nothing goes on by itself
    async with app.run_test(size=(60, 20)) as pilot:
        monkeypatch.setattr(socket.socket, "connect", refuse)
        await until(pilot, lambda: "DEMO" in first(app) and app._timer is not None)  # the tour's own first step is over
        for number, step in enumerate(RECORDING.steps):
            app.go(number)
            await until(pilot, lambda at=number: f"{at + 1}/{LAST + 1}" in first(app))
            name = f"{step.screen}screen"
            await until(pilot, lambda name=name: type(app.screen).__name__.lower() == name and app.screen.ready)
            await pilot.pause()
            caption = KNOWLEDGE.say(f"ui.demo.step.{step.caption}", "en")
            assert "".join(caption.split()) in "".join(" ".join(shown(app)[1:4]).split())
            assert app.session.own_answers() == played("en", number + 1).own_answers()
            assert app.screen.max_scroll_y == 0
    assert files_in(tmp_path) == []


async def test_it_goes_on_by_itself_to_its_end() -> None:
    app = demo(pace=0.01)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.at > 0)
        app.go(LAST - 2)
        await until(pilot, lambda: app.state == "over" and not at_work(app))
        assert app.session.own_answers() == played("zh", LAST + 1).own_answers()


async def test_keys_move_the_tour_and_nothing_else() -> None:
    app = demo(pace=1000.0)
    async with on_stage(app) as pilot:
        await until(pilot, lambda: "演示 1/" in first(app))
        lines = await press(pilot, "space")
        assert "已暂停" in lines[0]
        await press(pilot, "right", "right", "right", "right", "left")
        assert app.at == 3
        before = app.session.own_answers()
        await press(pilot, "2", "w", "c")
        assert app.session.own_answers() == before
        assert type(app.screen).__name__ == "MainScreen"
        assert [one.message for one in app._notifications] == [KNOWLEDGE.say("ui.demo.watching", "zh")]
        lines = await press(pilot, "l")
        assert "DEMO 4/" in lines[0]
        await press(pilot, "r")
        assert app.at == 0
        assert type(app.screen).__name__ == "SayScreen"
        await press(pilot, "escape")
        assert app.return_code == 0


def click(terminal: Terminal, text: str) -> None:
    row, line = next((row, line) for row, line in enumerate(terminal.wait(text).splitlines(), 1) if text in line)
    for end in "Mm":
        terminal.send(f"\x1b[<0;{line.index(text) + 1};{row}{end}")


def test_it_plays_on_a_real_terminal_and_saves_nothing(tmp_path: Path) -> None:
    with Terminal(tmp_path, "--demo", "--lang", "en", "--ascii", size=(60, 20), NO_COLOR="1") as terminal:
        terminal.wait("DEMO 1/", "made-up user")
        click(terminal, "never been there")
        terminal.wait("This is a demonstration", "DEMO 1/")
        terminal.type("\x1b[C").wait("DEMO 2/", "This is what I read")
        terminal.type("q")
        assert terminal.end()[0] == 0
        assert terminal.restored()
        drawn = terminal.raw.decode()
    assert {char for char in drawn if not char.isascii() and not "\u4e00" <= char <= "\u9fff"} <= set("「」，。")
    assert files_in(tmp_path) == []


def test_it_goes_with_the_options_of_the_screen_alone(tmp_path: Path) -> None:
    with Terminal(tmp_path, "--demo", "--lang", "en", "--set=person.age=3") as terminal:
        assert terminal.end()[0] == 2
        assert "does not go with --set" in terminal.text()
