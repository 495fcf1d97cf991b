"""What one key makes the app draw."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual._compositor import Compositor

from diagnostics.checks.base import CheckResult
from diagnostics.evidence import Observation
from tests.tui.stage import make_app, on_stage, press
from tui.desk import CheckEnded

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


async def test_the_pane_with_the_keys_is_marked_without_colours_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with on_stage(make_app(tmp_path)) as pilot:
        lines = await press(pilot, "enter")
        assert lines[5].startswith("▏")
        assert "▌" in lines[5]
        lines = await press(pilot, "tab")
        assert lines[5].startswith("▌")
        assert "▌" not in lines[5][1:]


async def test_the_result_names_both_sides_of_what_does_not_fit(tmp_path: Path) -> None:
    app = make_app(tmp_path, lang="en")
    async with on_stage(app, (120, 40)) as pilot:
        await press(pilot, "enter")
        app.flow.give({"wechat.version": "8.0.79"})
        seen = Observation(id="wechat.version", value="8.0.49", source="phone")
        app.post_message(CheckEnded(CheckResult(id="phone.android", status="pass", observations=(seen,))))
        lines = "\n".join(await press(pilot, "r"))
    assert "- Your answer: WeChat version — 8.0.79" in lines
    assert "- Read on the phone: WeChat version — 8.0.49" in lines
