"""Rough handling: random keys, clicks and sizes on every screen, from seeds; nothing may break or stick out."""

from pathlib import Path

import pytest

from tests.tui.goldens import SEEN, path_of, walk, written
from tests.tui.rough import SCREENS, SIZES, ordeal
from tests.tui.stage import make_app, on_stage, press, settled

PRESSES = 20
"""`python -m tests.tui.rough` presses 1,000 times on each."""


@pytest.mark.parametrize("name", SCREENS)
async def test_random_keys_and_sizes_break_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.chdir(tmp_path)
    await ordeal(name, tmp_path, name, PRESSES)


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
