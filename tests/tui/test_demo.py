"""The demonstration: what is recorded, how it plays, and that it leaves nothing behind."""

from __future__ import annotations

import asyncio
import re
import socket
import time
from typing import TYPE_CHECKING, Any

import pytest
from textual.content import Content

from diagnostics.answers import parse_answer
from diagnostics.knowledge import load
from diagnostics.session import Session
from tests.tui.stage import PATIENCE, on_stage, press, shown, until
from tests.tui.terminal import Terminal
from tui.demo.app import DemoApp
from tui.demo.player import Player
from tui.demo.recording import read
from tui.flow import Flow
from tui.launch import Launch
from tui.prose import wrap

if TYPE_CHECKING:
    from pathlib import Path

KNOWLEDGE = load()
RECORDING = read()
LAST = len(RECORDING.steps) - 1
MARK = {"zh": "演示", "en": "DEMO"}


def demo(lang: Any = "zh", *, pace: float = 0.0, **launch: Any) -> DemoApp:
    plan = {"lang": lang, "offline": False, "checks": ("wechat.version",), "on_behalf": True, **launch}
    return DemoApp(KNOWLEDGE, Launch(**plan), pace=pace)


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def played(lang: Any, upto: int) -> Session:
    """The case after so many steps, without a screen."""
    session = Session(KNOWLEDGE, lang=lang, own="operator")
    RECORDING.play(Flow(session), 0, upto)
    return session


def test_every_step_has_its_caption_in_both_languages_and_every_caption_its_step() -> None:
    told = {name.removeprefix("ui.demo.step.") for name in KNOWLEDGE.locale if name.startswith("ui.demo.step.")}
    assert {step.caption for step in RECORDING.steps} == told
    assert len(RECORDING.steps) == len(told)
    for name in told:
        for lang in ("zh", "en"):
            text = KNOWLEDGE.say(f"ui.demo.step.{name}", lang)
            assert wrap(Content(text), 58).plain.count("\n") < 2, text


def test_the_made_up_user_answers_what_the_interview_asks() -> None:
    flow = Flow(Session(KNOWLEDGE, own="operator"))
    for number, step in enumerate(RECORDING.steps):
        if step.answers and step.screen == "main":
            assert flow.part is not None
            asked = flow.part.ids if flow.part.checklist else flow.part.ids[:1]
            asked = tuple(id_ for id_ in asked if id_ not in flow.session.own_answers())
            assert set(asked) <= set(step.answers), f"{step.caption}: the interview asks {asked} here"
        RECORDING.play(flow, number, number + 1)
        assert set(step.answers) <= set(flow.session.own_answers())


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_what_the_checks_read_can_be_believed_and_names_nobody(lang: Any) -> None:
    seen = RECORDING.checks[lang]
    assert {id_ for step in RECORDING.steps for id_ in step.checks} == set(seen)
    for id_, told in seen.items():
        assert told.result.id == id_
        assert told.result.status == "pass"
        assert told.moved
        for one in told.result.observations:
            if one.id in KNOWLEDGE.questions:
                assert parse_answer(KNOWLEDGE, one.id, one.value) == one.value
        assert bool(re.search("[一-鿿]", told.result.detail)) is (lang == "zh")
    report = played(lang, LAST + 1).report()
    assert report.causes[0].id == "teen_mode"
    assert report.causes[0].status == "confirmed"
    assert report.contradictions


@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_the_tour_plays_to_its_end_and_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lang: str
) -> None:
    def refuse(*_args: object) -> None:
        raise AssertionError("the demonstration reaches out")

    app = demo(lang, pace=0.02)
    seen: dict[str, str] = {}
    wait = Player._wait

    async def look(player: Player, seconds: float) -> None:
        """Look at each step that is shown, however soon the tour would go on, or late the screen is drawn."""
        deadline = time.monotonic() + PATIENCE
        while player.settled:
            lines = shown(app) or [""]
            seen[type(app.screen).__name__] = lines[0]
            if MARK[lang] in lines[0] or time.monotonic() > deadline:
                break
            await asyncio.sleep(0.01)
        await wait(player, seconds)

    monkeypatch.setattr(Player, "_wait", look)
    async with app.run_test(size=(80, 24)) as pilot:
        monkeypatch.setattr(socket.socket, "connect", refuse)
        monkeypatch.setattr(socket, "getaddrinfo", refuse)
        await pilot.pause()
        await until(pilot, lambda: app.player.over)
        assert {name.removesuffix("Screen").lower() for name in seen} == {step.screen for step in RECORDING.steps}
        assert all(MARK[lang] in line for line in seen.values()), seen
        wanted = played(lang, LAST + 1)
        assert app.session.own_answers() == wanted.own_answers()
        assert app.session.checks.keys() >= wanted.checks.keys()
        assert app.report.summary == wanted.report().summary
    assert files_in(tmp_path) == []


def answered(upto: int) -> dict[str, object]:
    return {id_: value for step in RECORDING.steps[:upto] for id_, value in step.answers.items()}


@pytest.mark.parametrize(("lang", "size"), [("en", (60, 20)), ("zh", (200, 60))])
async def test_each_step_can_be_gone_to(monkeypatch: pytest.MonkeyPatch, size: tuple[int, int], lang: str) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = demo(lang, pace=100.0)  # nothing goes on by itself
    async with on_stage(app, size) as pilot:
        app.player.pause()
        kinds = {step.screen: number for number, step in enumerate(RECORDING.steps)}
        numbers = range(LAST + 1) if lang == "en" else kinds.values()
        for number in [*numbers, LAST - 1, 0]:
            app.player.go(number)
            await until(pilot, lambda at=number: app.player.at == at and app.player.settled)
            await pilot.pause()
            lines = shown(app)
            step = RECORDING.steps[number]
            assert MARK[lang] in lines[0]
            assert f"{number + 1}/{LAST + 1}" in lines[0]
            assert type(app.screen).__name__.lower() == f"{step.screen}screen"
            caption = KNOWLEDGE.say(f"ui.demo.step.{step.caption}", lang)
            assert "".join(" ".join(lines[1:3]).split()) == "".join(caption.split())
            assert app.session.own_answers() == answered(number + 1)
            assert app.screen.max_scroll_y == 0
        app.player.go(kinds["debts"])
        await until(pilot, lambda: any("8000" in line for line in shown(app)))


async def test_keys_move_the_tour_and_nothing_else() -> None:
    app = demo(pace=100.0)
    async with on_stage(app) as pilot:
        await until(pilot, lambda: app.player.settled)
        lines = await press(pilot, "space")
        assert "已暂停" in lines[0]
        await press(pilot, "right", "right", "right", "right", "left")
        assert app.player.at == 3
        assert app.session.own_answers() == {"complaint.what": "was_there"}
        await press(pilot, "2", "w", "c")
        assert app.session.own_answers() == {"complaint.what": "was_there"}
        assert type(app.screen).__name__ == "MainScreen"
        assert [one.message for one in app._notifications] == [KNOWLEDGE.say("ui.demo.watching", "zh")]
        lines = await press(pilot, "l")
        assert "DEMO 4/" in lines[0]
        assert app.session.lang == "en"
        assert app.session.own_answers() == answered(4)
        await press(pilot, "r")
        assert app.player.at == 0
        assert type(app.screen).__name__ == "WelcomeScreen"
        await press(pilot, "escape")
        assert app.return_code == 0


def click(terminal: Terminal, text: str) -> None:
    row, line = next((row, line) for row, line in enumerate(terminal.wait(text).splitlines(), 1) if text in line)
    for end in "Mm":
        terminal.send(f"\x1b[<0;{line.index(text) + 1};{row}{end}")


def test_it_plays_on_a_real_terminal_and_saves_nothing(tmp_path: Path) -> None:
    with Terminal(tmp_path, "--demo", "--lang", "en", "--ascii", size=(60, 20), NO_COLOR="1") as terminal:
        terminal.wait("DEMO 1/", "made-up user")
        terminal.send("\x1b[C")
        terminal.wait("DEMO 2/", "What happened?")
        click(terminal, "never been there")
        terminal.wait("This is a demonstration", "DEMO 2/")
        click(terminal, "next")
        terminal.wait("DEMO 3/", "What happened?")
        terminal.send("q")
        assert terminal.end()[0] == 0
        assert terminal.restored()
        drawn = terminal.raw.decode()
    assert {char for char in drawn if not char.isascii() and not "\u4e00" <= char <= "\u9fff"} == set()
    assert files_in(tmp_path) == []


@pytest.mark.parametrize("option", ["--store=x.db", "--set=person.age=3", "--on-behalf"])
def test_it_goes_with_the_options_of_the_screen_alone(tmp_path: Path, option: str) -> None:
    with Terminal(tmp_path, "--demo", "--lang", "en", option) as terminal:
        assert terminal.end()[0] == 2
        assert f"does not go with {option.split('=')[0]}" in terminal.text()
