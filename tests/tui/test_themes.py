"""Every theme of our own can be read, the highlighted row included."""

from __future__ import annotations

import pytest
from textual.color import Color

from tui.app.style import THEMES, Theme

READ = ("foreground", "accent", "text-accent", "text-error", "text-warning", "text-success")
"""Colours in which keys, texts and statuses are drawn."""


def luminance(color: Color) -> float:
    """WCAG 2.2: relative luminance."""
    parts = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in color.normalized]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one: Color, other: Color) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
@pytest.mark.parametrize("ground", ["background", "block-cursor-background", "block-cursor-blurred-background"])
def test_what_is_written_stands_out(theme: Theme, ground: str) -> None:
    colours = {name: value for name, value in theme.to_color_system().generate().items() if value.startswith("#")}
    behind = Color.parse(colours[ground])
    for name in READ:
        assert contrast(Color.parse(colours[name]), behind) >= (4.5 if name == "foreground" else 3.0), name
    cursor = {Color.parse(colours[one]) for one in ("background", "block-cursor-background")}
    assert len(cursor) == 2
