from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.content import Content

from tui.app.panes import wrap
from tui.app.style import fit

TEXT = st.text(alphabet="ab 微信，。「」（)-1. \n→…é", max_size=120)


@given(TEXT, st.integers(2, 40))
@settings(max_examples=300)
def test_no_line_is_too_wide_and_nothing_is_lost(text: str, width: int) -> None:
    lines = [line.plain for line in wrap(Content(text), width)]
    assert all(cell_len(line) <= width for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


@given(st.text(alphabet="微a，x界 ", max_size=60), st.integers(0, 30))
def test_a_cut_text_fits_and_never_shows_half_a_character(text: str, width: int) -> None:
    cut = fit(text, width)
    assert cell_len(cut) <= width or (width == 0 and cut == "")
    assert cut == text or cut.endswith("…") or width == 0


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("微信和 QQ 是两个分开的入口，各看各的。", 12, ["微信和 QQ 是", "两个分开的入", "口，各看各", "的。"]),
        ("- one two three", 9, ["- one two", "  three"]),
        ("Ask the account 微粒贷客服 once", 18, ["Ask the account", "微粒贷客服 once"]),
        ("12. 一二三四五", 10, ["12. 一二三", "    四五"]),
    ],
    ids=[
        "between Chinese characters, not before a comma",
        "below what follows a mark",
        "a Chinese name in English",
        "below a number",
    ],
)
def test_lines_break_where_they_may(text: str, width: int, lines: list[str]) -> None:
    assert [line.plain for line in wrap(Content(text), width)] == lines


def test_styles_survive_the_wrapping() -> None:
    first, second = wrap(Content.assemble("aa ", ("bb cc", "bold")), 5)
    assert [(line.plain, [line.plain[one.start : one.end] for one in line.spans]) for line in (first, second)] == [
        ("aa bb", ["bb"]),
        ("cc", ["cc"]),
    ]
