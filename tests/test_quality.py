"""The standards that a program can hold: format, lint, types, import contracts, dead code."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from vulture import Vulture

ROOT = Path(__file__).parent.parent
COMMANDS = {
    "format": ["ruff", "format", "--check", "."],
    "lint": ["ruff", "check", "."],
    "types": ["mypy"],
    "imports": ["lint-imports"],
}
HOOKS = {
    "__getattr__",  # module attribute access
    "_new_conn", "cert_verify",  # urllib3 and requests call these
    "get_default_screen", "_print_error_renderables", "get_minimal_width", "validate_value", "check_consume_key",
    "compose", "check_action",  # Textual calls these
}  # fmt: skip
"""Names that a framework calls, not we."""
LONG_FOR_A_REASON: dict[str, str] = {}
"""Modules of more than 300 lines, and why."""


@pytest.mark.parametrize("name", COMMANDS)
def test_standard(name: str) -> None:
    program, *rest = COMMANDS[name]
    found = Path(sys.executable).with_name(program)
    done = subprocess.run([str(found), *rest], cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_nothing_is_left_that_nobody_uses() -> None:
    judge = Vulture(
        ignore_names=["on_*", "_on_*", "action_*", "watch_*", "*Screen"],  # Textual calls these, or opens them by name
        ignore_decorators=["@on", "@*.command", "@click.*"],
    )
    judge.scavenge([str(ROOT / folder) for folder in ("diagnostics", "tui", "benchmarks", "tests")])
    unused = [
        f"{place}:{item.first_lineno}: {item.typ} {item.name}"
        for item in judge.get_unused_code(min_confidence=60)
        if item.typ in ("function", "method", "class", "import", "unreachable_code")
        and item.name not in HOOKS
        and (place := Path(item.filename).relative_to(ROOT)).parts[0] != "tests"
    ]
    assert unused == []


def test_no_module_is_too_long_to_hold_in_mind() -> None:
    modules = [path for folder in ("diagnostics", "tui") for path in (ROOT / folder).rglob("*.py")]
    long = {str(path.relative_to(ROOT)) for path in modules if len(path.read_text(encoding="utf-8").splitlines()) > 300}
    assert long == set(LONG_FOR_A_REASON)
