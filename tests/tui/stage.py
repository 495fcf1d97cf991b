"""Runs the app for tests: headless, on a session of its own, seen as a user sees it: as lines of text."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from msgspec.structs import replace
from rich.cells import cell_len
from textual.pilot import Pilot

from diagnostics.autosave import DraftFile
from diagnostics.checks.base import DEFAULTS, CheckOptions
from diagnostics.knowledge import load
from diagnostics.session import Position, Session
from tui.app.app import DoctorApp
from tui.app.preferences import Launch

PATIENCE = 60.0
"""Seconds until a test gives up waiting for something."""


def launched(*, offline: bool = True, options: CheckOptions = DEFAULTS, **more: Any) -> Launch:
    """Return how to run an app, with nothing but the version check where nothing else is said."""
    return Launch(**{"checks": ("wechat.version",), "options": replace(options, offline=offline), **more})


def make_app(folder: Path, *, lang: Any = "zh", **launch: Any) -> DoctorApp:
    """Return an app whose draft and preferences lie in this folder, run as `launched` says."""
    draft = DraftFile(folder / "draft.json")
    session = Session(load(), lang=lang, draft=draft)
    return DoctorApp(session, launched(**launch), preferences_file=folder / "screen.json")


@asynccontextmanager
async def on_stage(
    app: DoctorApp, size: tuple[int, int] = (80, 24), *, notices: bool = False
) -> AsyncIterator[Pilot[int]]:
    """Run the app until the block is left; its first screen stands when it begins. Notices are drawn where wanted."""
    async with app.run_test(size=size, notifications=notices) as pilot:
        await until(
            pilot,
            lambda: all(line.state == "done" for line in app.checks.lines.values()) or not app.launch.options.offline,
        )
        await settled(pilot)
        try:
            yield pilot
        finally:
            app.phones.stop()  # a thread that goes on to look for phones would meet the next test's doubles


@asynccontextmanager
async def staged(folder: Path, size: tuple[int, int] = (80, 24), **more: Any) -> AsyncIterator[tuple[Any, Pilot[int]]]:
    """Run an app whose files lie in this folder; gives the app too."""
    app = make_app(folder, **more)
    async with on_stage(app, size) as pilot:
        yield app, pilot


def open_page(session: Session, name: str) -> None:
    """Ask what is left of a page, wherever the interview is."""
    page = next(page for page in session.knowledge.pages if page.id == name)
    left = tuple(id_ for id_ in page.questions if id_ in session.interview.remaining)
    session._position = session._opened(Position(name, left, skipped=session.skipped))


async def until(pilot: Pilot[int], condition: Callable[[], object]) -> None:
    """Wait for a condition, however long the machine takes to come to it.

    Not by `pilot.pause`, which waits in vain for a word of each widget where a screen goes meanwhile.
    """
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "\n".join(shown(pilot.app))
        if pilot.app._exception is not None:
            raise pilot.app._exception
        await asyncio.sleep(0.01)  # whoever asks at once again takes the time away from what is waited for


async def settled(pilot: Pilot[int]) -> list[str]:
    """Wait until the screen no longer changes, and return what it shows."""
    seen: list[str] = []
    same = 0
    deadline = time.monotonic() + PATIENCE
    while same < 2:
        await pilot.pause()
        now = shown(pilot.app)
        at_work = any(getattr(pilot.app.screen, name, False) for name in ("behind", "busy"))
        same = same + 1 if now == seen and not at_work else 0
        seen = now
        assert time.monotonic() < deadline
    return seen


def shown(app: Any) -> list[str]:
    """Return the screen as lines of text, without trailing blanks."""
    width, height = app.size
    strips = app.screen._compositor.render_strips()
    lines = ["".join(segment.text for segment in strip if not segment.control) for strip in strips]
    assert len(lines) <= height
    assert all(cell_len(line) <= width for line in lines)
    return [line.rstrip() for line in lines]


async def press(pilot: Pilot[int], *keys: str) -> list[str]:
    """Press keys one after the other and return what the screen shows then."""
    for key in keys:
        await pilot.press(key)
        await until(pilot, lambda: not held(pilot))
        await pilot.pause()
    return await settled(pilot)


def held(pilot: Pilot[int]) -> bool:
    """Whether the app still waits for more of what may be a paste."""
    return isinstance(pilot.app, DoctorApp) and pilot.app.holding


async def questions(pilot: Pilot[int], *keys: str) -> list[str]:
    """Go to the questions, past the first page; then press these keys."""
    assert isinstance(pilot.app, DoctorApp)
    pilot.app.show_questions()
    await settled(pilot)
    return await press(pilot, *keys)


async def click(pilot: Pilot[int], text: str) -> list[str]:
    """Click where a text stands on the screen; returns what it shows then."""
    lines = shown(pilot.app)
    row = next((number for number, line in enumerate(lines) if text in line), None)
    assert row is not None, text + "\nis not on the screen:\n" + "\n".join(lines)
    column = cell_len(lines[row][: lines[row].index(text)])
    await pilot.click(offset=(column, row))
    return await settled(pilot)
