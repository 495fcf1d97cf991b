"""Rough handling: random keys, clicks and sizes on every screen, from seeds; nothing may break or stick out."""

from __future__ import annotations

import random
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from textual.errors import NoWidget

from tests.tui.stage import make_app, on_stage, press, settled, shown

if TYPE_CHECKING:
    from pathlib import Path

    from textual.pilot import Pilot

LETTERS = "123456789degnabsrxomwclt?-."
NAMES = "enter escape tab shift+tab up down left right pageup pagedown home end space backspace delete f1 f2 ctrl+p 微"
KEYS = [*LETTERS, *NAMES.split()]
SIZES = [(80, 24), (60, 20), (120, 40), (20, 5), (200, 60), (72, 10), (110, 34), (1, 1), (37, 13)]
SCREENS: dict[str, tuple[str, ...]] = {
    "welcome": (),
    "main": ("enter",),
    "result": ("enter", "r"),
    "export": ("enter", "w"),
    "answers": ("enter", "1", "a"),
    "checks": ("enter", "c"),
    "debts": ("enter", "m"),
    "help": ("enter", "f1"),
    "settings": ("enter", "f2"),
    "commands": ("enter", "ctrl+p"),
}
PRESSES = 1000
"""Keys and resizes in all; `benchmarks.rough` presses as many on each screen."""


async def handle_roughly(pilot: Pilot[int], dice: random.Random, presses: int) -> None:
    """Press, click and resize at random; every so often look whether the screen still stands."""
    app = pilot.app
    for number in range(presses):
        kind = dice.random()
        if kind < 0.04:
            await pilot.resize_terminal(*dice.choice(SIZES))
        elif kind < 0.08:
            width, height = app.size
            await pilot.pause()
            with suppress(NoWidget):
                await pilot.click(offset=(dice.randrange(max(1, width)), dice.randrange(max(1, height))))
        else:
            app.simulate_key(dice.choice(KEYS))
        if number % 20 == 0:
            await pilot.pause()
            shown(app)
    await settled(pilot)


@pytest.mark.parametrize("name", SCREENS)
async def test_random_keys_and_sizes_break_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.chdir(tmp_path)
    app = make_app(tmp_path, lang="en" if len(name) % 2 else "zh")
    async with on_stage(app) as pilot:
        await press(pilot, *SCREENS[name])
        await handle_roughly(pilot, random.Random(name), PRESSES // len(SCREENS))
        assert app.fault is None


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_every_size_shows_something_to_go_on_with(tmp_path: Path, size: tuple[int, int], lang: str) -> None:
    app = make_app(tmp_path, lang=lang)
    async with on_stage(app, size) as pilot:
        lines = await press(pilot, "enter", "1")
        assert app.session.own_answers() == {"complaint.what": "never_had"}
        if size >= (60, 20):
            assert any(
                ("服务" if lang == "zh" else "Services") in line or "周岁" in line or "years" in line for line in lines
            )
            assert "q" in lines[-1]
