"""Rough handling of every screen, from seeds: `python -m tests.tui.rough [SEED]` presses 1,000 times on each."""

import asyncio
import os
import random
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

from textual.errors import NoWidget
from textual.events import Key
from textual.pilot import Pilot

from tests.tui.desk import desk_app
from tests.tui.stage import make_app, on_stage, press, settled, shown
from tui.app.app import DoctorApp

LETTERS = "123456789degnabsfpmwclt/?-."
NAMES = "enter escape tab shift+tab up down left right pageup pagedown home end space backspace delete f1 f2 ctrl+p 微"
KEYS = [*LETTERS, *NAMES.split()]
SIZES = [(80, 24), (60, 20), (120, 40), (20, 5), (200, 60), (72, 10), (110, 34), (1, 1), (37, 13)]
SCREENS: dict[str, tuple[str, ...]] = {
    "say": (),
    "main": ("tab", "2"),
    "plan": ("tab", "2", "p"),
    "export": ("tab", "2", "w"),
    "answers": ("tab", "2", "a"),
    "checks": ("tab", "2", "c"),
    "debts": ("tab", "2", "m"),
    "help": ("tab", "2", "f1"),
    "commands": ("tab", "2", "ctrl+p"),
    "more": ("tab", "2", "slash"),
    "cases": ("f3",),
    "case": ("f3", "down", "enter"),
}
DESK: Final = ("cases", "case")
"""Screens of a support desk."""
PRESSES: Final = 1000


def app_for(name: str, folder: Path) -> DoctorApp:
    """Return an app that has this screen."""
    return (desk_app if name in DESK else make_app)(folder, lang="en" if len(name) % 2 else "zh")


async def handle_roughly(pilot: Pilot[int], dice: random.Random, presses: int) -> None:
    """Press, click and resize at random; every so often look whether the screen still stands."""
    app = pilot.app
    for number in range(presses):
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
            event.time -= presses - number  # no burst, however soon it follows
            app.post_message(event)
        if number % 20 == 0:
            await pilot.pause()
            shown(app)
    await settled(pilot)


async def ordeal(name: str, folder: Path, seed: str, presses: int) -> None:
    """Go to a screen and handle it roughly; an exception inside is raised at the end."""
    app = app_for(name, folder)
    async with on_stage(app) as pilot:
        await press(pilot, *SCREENS[name])
        await handle_roughly(pilot, random.Random(seed), presses)
        assert app.fault is None


def main(words: list[str]) -> int:
    """Handle every screen roughly."""
    seed = words[0] if words else "1"
    for name in SCREENS:
        with tempfile.TemporaryDirectory() as folder:
            os.environ.update(XDG_STATE_HOME=folder, XDG_CONFIG_HOME=folder)
            os.chdir(folder)  # what the keys save lands there
            began = time.monotonic()
            asyncio.run(ordeal(name, Path(folder), f"{name}{seed}", PRESSES))
            os.chdir("/")
        sys.stdout.write(f"{name}: {PRESSES} keys and sizes, {time.monotonic() - began:.0f} s\n")
        sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
