"""Every key has its words in both languages, and every word has a use."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

import pytest
from textual.binding import Binding

from diagnostics.knowledge import load
from tui.app.app import DoctorApp
from tui.app.question import NEWEST_KEY, NONE_KEY, UNKNOWN_KEY
from tui.app.screens.base import AppScreen
from tui.app.screens.main import COMMANDS, MainScreen
from tui.app.style import KEYS
from tui.demo.tour import DemoApp

ROOT = Path(__file__).parent.parent.parent / "tui" / "app"
EATEN = {f"ctrl+{key}" for key in "sboijmh"}
"""Keys that terminals, tmux and editors keep for themselves."""
MADE_UP = re.compile(
    r"ui\.(demo|desk|key|check|step|card\.stop|pane|export|settings\.(theme_name|language_name|theme|language|ascii)"
    r"|tree|card\.(bad|none|chosen|type)|done|say\.(here|shared|network|offline|damaged)|kept)"
)
"""Texts whose names are put together while running: each family is covered by a test of its own or by the goldens."""


def bindings() -> list[Binding]:
    """Every binding of the app and of each screen, as it is declared."""
    modules = [import_module(f"tui.app.screens.{path.stem}") for path in sorted((ROOT / "screens").glob("[a-z]*.py"))]
    screens = [kind for module in modules for kind in vars(module).values() if isinstance(kind, type)]
    kinds = [
        DoctorApp,
        DemoApp,
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
    assert commands - {"/"} | {"/", "?", NONE_KEY} == COMMANDS
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
