from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.content import Content

from tui.app.cjk_wrap import wrap
from tui.app.texts import fit

TEXT = st.text(alphabet="ab 微信，。「」（)-1. \n→…é", max_size=120)


@given(TEXT, st.integers(2, 40))
@settings(max_examples=300)
def test_no_line_is_too_wide_and_nothing_is_lost(text: str, width: int) -> None:
    lines = wrap(Content(text), width).plain.split("\n")
    assert all(cell_len(line) <= width for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


@given(st.text(alphabet="微a，x界 ", max_size=60), st.integers(0, 30))
def test_a_cut_text_fits_and_never_shows_half_a_character(text: str, width: int) -> None:
    cut = fit(text, width)
    assert cell_len(cut) <= width or (width == 0 and cut == "")
    assert cut == text or cut.endswith("…") or width == 0


def test_chinese_breaks_between_characters_and_not_before_a_comma() -> None:
    assert wrap(Content("微信和 QQ 是两个分开的入口，各看各的。"), 12).plain.split("\n") == [
        "微信和 QQ 是", "两个分开的入", "口，各看各", "的。",
    ]  # fmt: skip


def test_what_follows_a_mark_stands_below_it() -> None:
    assert wrap(Content("- one two three"), 9).plain == "- one two\n  three"
    assert wrap(Content("12. 一二三四五"), 10).plain == "12. 一二三\n    四五"


def test_styles_survive_the_wrapping() -> None:
    wrapped = wrap(Content.assemble("aa ", ("bb cc", "bold")), 5)
    assert wrapped.plain == "aa bb\ncc"
    assert [wrapped.plain[span.start : span.end] for span in wrapped.spans] == ["bb", "cc"]
