"""What one key makes the app draw."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual._compositor import Compositor

from tests.tui.stage import make_app, on_stage, press

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


async def test_an_answer_draws_what_changed_and_never_the_whole_screen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole: list[object] = []
    draw = Compositor.render_full_update
    monkeypatch.setattr(
        Compositor, "render_full_update", lambda self, *more, **named: whole.append(1) or draw(self, *more, **named)
    )
    async with on_stage(make_app(tmp_path)) as pilot:
        await press(pilot, "enter", "1", "b")
        assert whole
        whole.clear()
        await press(pilot, "1", "b", "2")
        assert not whole
