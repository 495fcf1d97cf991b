"""What one key makes the app draw."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest
from rich.cells import cell_len
from textual._compositor import Compositor
from textual.widgets._toast import Toast

from diagnostics.checks.base import CheckResult, StepResult
from diagnostics.evidence import Observation
from diagnostics.knowledge import load
from diagnostics.knowledge.model import STATUSES
from tests.tui.stage import make_app, on_stage, press, settled, until
from tui.describe import check_content
from tui.desk import CheckEnded, CheckLine
from tui.widgets.reasons import ReasonTree
from tui.words import Words

if TYPE_CHECKING:
    from pathlib import Path


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


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (120, 40)])
async def test_no_character_of_a_notice_is_lost_where_panes_meet(tmp_path: Path, size: tuple[int, int]) -> None:
    app = make_app(tmp_path)
    said = [
        "没有覆盖任何内容，请重新打开；您这边的回答另存为新的案例",
        "a没有覆盖任何内容，请重新打开；您这边的回答另存为新的案例",
    ]
    async with on_stage(app, size, notices=True) as pilot:
        await press(pilot, "enter")
        for one in said:
            app.notify(one, timeout=600)  # it stays until it was read, on a busy machine too
        await until(pilot, lambda: len(app.screen.query(Toast)) == len(said))
        seen = "".join(line.partition("▌ ")[2] for line in await settled(pilot))
        assert all(one in seen for one in said), seen


@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_every_reason_is_named_whole_at_80_columns(tmp_path: Path, lang: str) -> None:
    app = make_app(tmp_path, lang=lang)
    async with on_stage(app, (80, 24)) as pilot:
        await press(pilot, "enter")
        tree = app.screen.query_one(ReasonTree)
        labels = [str(node.label) for group in tree.root.children for node in (group, *group.children)]
        app.flow.give({"app.restarted": "no", "income.stability": "irregular", "account.real_name": "not_verified"})
        app.told()
        await press(pilot)
        labels += [str(node.label) for group in tree.root.children for node in (group, *group.children)]
        assert not [label for label in labels if "…" in label]
        room = tree._room() - 5
        assert max(map(cell_len, labels)) <= room + 3
        assert any(group.label.plain.endswith(("1 open", "可疑 1 · 排除 0/3")) for group in tree.root.children)
    texts = [cause.text(lang) for cause in app.session.knowledge.causes.values()]
    for status in STATUSES:
        left = room - cell_len(app.words.of(f"status.{status}")) - cell_len(" ←")
        long = [text.title for text in texts if min(cell_len(text.title), cell_len(text.short or text.title)) > left]
        assert long == [], f"no room beside “{status}”"


def test_every_line_of_what_a_check_says_stands_below_its_name() -> None:
    words = Words(load(), "en")
    result = CheckResult(id="phone.android", status="unknown", detail=("It is so.", "", "Do that."))
    line = CheckLine(id="phone.android", state="done", result=result)
    assert check_content(line, words, 0.0).plain.splitlines()[1:] == ["  It is so.", "  Do that."]


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


async def test_what_has_no_room_is_reached_by_keyboard(tmp_path: Path) -> None:
    async with on_stage(make_app(tmp_path, lang="en", on_behalf=True), (60, 20)) as pilot:
        lines = await press(pilot, "pagedown", "pagedown")
        assert any("No network check runs" in line for line in lines), lines
        lines = await press(pilot, "enter", "1", "2", "3", "pagedown", "pagedown")
        assert any("How to find out" in line for line in lines), lines
        assert not any("Which message" in line for line in lines)
        lines = await press(pilot, "pageup", "pageup", "1")
        assert any("Page 2" in line for line in lines)
        lines = await press(pilot, "m", "pagedown", "pagedown")
        assert any("Before you borrow" in line or "borrow" in line for line in lines), lines


async def test_a_long_check_is_read_to_its_end_by_keyboard(tmp_path: Path) -> None:
    steps = tuple(
        StepResult(name="resolve", target=f"host{number}.example", duration_ms=1, failure="dns_nxdomain_error")
        for number in range(30)
    )
    app = make_app(tmp_path, lang="en")
    async with on_stage(app, (60, 20)) as pilot:
        await press(pilot, "enter", "c")
        result = app.desk.lines["wechat.version"].result
        assert result is not None
        app.desk.ended(msgspec.structs.replace(result, steps=steps))
        app.changed.publish("checks")
        lines = await press(pilot, "pagedown", "pagedown", "pagedown", "pagedown")
        assert any("host29.example" in line for line in lines), lines


async def test_a_figure_that_was_typed_and_not_noted_is_told_before_it_is_dropped(tmp_path: Path) -> None:
    app = make_app(tmp_path)
    async with on_stage(app) as pilot:
        lines = await press(pilot, "enter", "m", "9", "enter", "5", "escape")
        assert any("收入与负债" in line for line in lines)
        assert any("还没有记下" in one.message for one in app._notifications)
        lines = await press(pilot, "escape")
        assert not any("收入与负债" in line for line in lines)
        assert "debt.monthly_repayment" not in app.session.own_answers()
        await press(pilot, "m", "escape")
        assert not any("收入与负债" in line for line in await settled(pilot))
