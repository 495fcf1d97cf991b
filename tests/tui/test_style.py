"""How the screen is worded and drawn: every key has its words, lines break as they are read, colours can be read."""

import re
from importlib import import_module
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.binding import Binding
from textual.color import Color
from textual.content import Content

from diagnostics.formats.width import fit
from diagnostics.knowledge import load
from tests.rows import each
from tui.app.app import DoctorApp
from tui.app.panes import wrap
from tui.app.question import NEWEST_KEY, NONE_KEY, UNKNOWN_KEY
from tui.app.screens.base import AppScreen
from tui.app.screens.main import MainScreen
from tui.app.style import KEYS, THEMES, Theme

ROOT = Path(__file__).parent.parent.parent / "tui" / "app"
EATEN = {f"ctrl+{key}" for key in "sboijmh"}
"""Keys that terminals, tmux and editors keep for themselves."""
MADE_UP = re.compile(
    r"ui\.(desk|key|check|step|card\.stop|pane|export|settings\.(theme_name|language_name|theme|language|ascii)"
    r"|tree|card\.(bad|none|chosen|type)|done|say\.(here|shared|network|offline|damaged)|kept)"
)
"""Texts whose names are put together while running: each family is covered by a test of its own or by the goldens."""


def bindings() -> list[Binding]:
    """Every binding of the app and of each screen, as it is declared."""
    modules = [import_module(f"tui.app.screens.{path.stem}") for path in sorted((ROOT / "screens").glob("[a-z]*.py"))]
    screens = [kind for module in modules for kind in vars(module).values() if isinstance(kind, type)]
    kinds = [
        DoctorApp,
        *dict.fromkeys(kind for kind in screens if issubclass(kind, AppScreen) and "BINDINGS" in vars(kind)),
    ]
    assert len(kinds) > 10
    return [binding for kind in kinds for binding in kind.BINDINGS if isinstance(binding, Binding)]


@pytest.mark.parametrize("binding", bindings(), ids=lambda binding: f"{binding.key}-{binding.id}")
def test_a_binding_has_an_id_and_both_languages_and_no_eaten_key(binding: Binding) -> None:
    texts = load().locale[f"ui.key.{binding.id}"]
    assert texts.zh
    assert texts.en
    assert not EATEN & set(binding.key.split(","))


def test_choices_and_commands_never_share_a_key() -> None:
    commands = {
        key for binding in (*MainScreen.BINDINGS, *DoctorApp.BINDINGS) for key in str(binding.key).split(",")
        if len(key) == 1
    }  # fmt: skip
    assert not set(KEYS) & commands
    assert UNKNOWN_KEY in commands
    assert NONE_KEY not in commands
    assert NEWEST_KEY in KEYS
    assert max(len(page.line) for page in load().pages) <= len(KEYS)
    assert max(len(question.value) for question in load().questions.values()) <= len(KEYS)


def test_every_text_that_is_named_exists_and_every_text_is_used() -> None:
    modules = [path for path in ROOT.rglob("*.py") if not path.stem.startswith("case_")]
    source = "\n".join(path.read_text(encoding="utf-8") for path in modules)
    named = set(re.findall(r"""(?:say|tell)\(\s*f?["']([a-z_.]+)["']""", source))
    known = {key.removeprefix("ui.") for key in load().locale if key.startswith("ui.")}
    assert named - known == set()
    unused = {key for key in known if not re.search(f"[\"']{key}[\"']", source) and not MADE_UP.match(f"ui.{key}")}
    assert {one for one in unused if not one.startswith("desk.")} == set()


def test_every_check_state_and_step_has_a_word_and_a_mark() -> None:
    from typing import get_args

    from diagnostics.checks.base import CheckStatus
    from tui.app.style import CHECK_MARKS

    for state in (*get_args(CheckStatus), "waiting", "running"):
        assert f"ui.check.{state}" in load().locale
        assert CHECK_MARKS[state]
    for step in ("resolve", "connect", "tls", "http"):
        assert f"ui.step.{step}" in load().locale


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
    assert cell_len(cut) == width
    assert cut.startswith(text) or cut.rstrip(" ").endswith("…") or width == 0


@each("shown.toml#on_screen", "text, width, lines")
def test_lines_break_where_they_may(text: str, width: int, lines: list[str]) -> None:
    assert [line.plain for line in wrap(Content(text), width)] == lines


def test_styles_survive_the_wrapping() -> None:
    first, second = wrap(Content.assemble("aa ", ("bb cc", "bold")), 5)
    assert [(line.plain, [line.plain[one.start : one.end] for one in line.spans]) for line in (first, second)] == [
        ("aa bb", ["bb"]),
        ("cc", ["cc"]),
    ]


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
