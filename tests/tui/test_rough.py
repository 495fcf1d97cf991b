"""Rough handling: random keys, clicks and sizes on every screen, from seeds; nothing may break or stick out."""

import os
import random
from contextlib import suppress
from pathlib import Path

import pytest
from textual.errors import NoWidget
from textual.events import Key
from textual.pilot import Pilot

from tests.tui.desk import desk_app
from tests.tui.goldens import SEEN, path_of, walk, written
from tests.tui.stage import make_app, on_stage, press, settled, shown

LETTERS = "123456789degnabsfpmwclt/?-."
NAMES = "enter escape tab shift+tab up down left right pageup pagedown home end space backspace delete f1 f2 ctrl+p 微"
KEYS = [*LETTERS, *NAMES.split()]
SIZES = [(80, 24), (60, 20), (120, 40), (20, 5), (200, 60), (72, 10), (110, 34), (1, 1), (37, 13)]
SCREENS = {
    "say": "", "main": "tab 2", "plan": "tab 2 p", "export": "tab 2 w", "answers": "tab 2 a", "checks": "tab 2 c",
    "help": "tab 2 f1", "commands": "tab 2 ctrl+p", "more": "tab 2 slash", "cases": "f3",
    "case": "f3 down enter",
}  # fmt: skip
"""The keys that lead to each screen."""
PRESSES = int(os.environ.get("PRESSES", "20"))
"""1,000 by hand, with PRESSES=1000."""


async def handle_roughly(pilot: Pilot[int], dice: random.Random) -> None:
    """Press, click and resize at random; every so often look whether the screen still stands."""
    app = pilot.app
    for number in range(PRESSES):
        kind = dice.random()
        if kind < 0.04:
            await pilot.resize_terminal(*dice.choice(SIZES))
        elif kind < 0.08:
            await pilot.pause()
            width, height = app.size
            with suppress(NoWidget):
                await pilot.click(offset=(dice.randrange(max(1, width)), dice.randrange(max(1, height))))
        else:
            key = dice.choice(KEYS)
            event = Key(key, key if len(key) == 1 else None)
            event.time -= PRESSES - number  # no burst, however soon it follows
            app.post_message(event)
        if number % 20 == 0:
            await pilot.pause()
            shown(app)
    await settled(pilot)


@pytest.mark.parametrize("name", SCREENS)
async def test_random_keys_and_sizes_break_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.chdir(tmp_path)
    app = (desk_app if name in ("cases", "case") else make_app)(tmp_path, lang="en" if len(name) % 2 else "zh")
    async with on_stage(app) as pilot:
        await press(pilot, *SCREENS[name].split())
        await handle_roughly(pilot, random.Random(name))
        assert app.fault is None


async def test_every_size_shows_something_to_go_on_with(tmp_path: Path) -> None:
    app = make_app(tmp_path, lang="en")  # whose words are longer
    async with on_stage(app, SIZES[-1]) as pilot:
        await press(pilot, "tab", "1")
        for size in SIZES:
            await pilot.resize_terminal(*size)
            lines = await settled(pilot)
            assert app.session.own_answers() == {"complaint.what": "never_had"}
            if size >= (60, 20):
                assert any("Services" in line for line in lines)
                assert "▸" in "".join(lines)
                assert "q" in lines[-1]


@pytest.mark.parametrize(("lang", "size"), SEEN)
async def test_every_screen_looks_as_it_did(tmp_path: Path, lang: str, size: tuple[int, int]) -> None:
    expected = path_of(lang, size).read_text(encoding="utf-8")
    assert written(await walk(tmp_path, lang, size)) == expected, "python -m tests.tui.goldens writes them anew"
