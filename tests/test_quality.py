"""The standards that a program can hold: format, lint, types, import contracts, dead code."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
COMMANDS = {
    "format": ["ruff", "format", "--check", "."],
    "lint": ["ruff", "check", "."],
    "types": ["mypy"],
    "imports": ["lint-imports"],
    "dead code": ["vulture"],
}
LONG_FOR_A_REASON: dict[str, str] = {}
"""Modules of more than 300 lines, and why."""


@pytest.mark.parametrize("name", COMMANDS)
def test_standard(name: str) -> None:
    program, *rest = COMMANDS[name]
    found = Path(sys.executable).with_name(program)
    done = subprocess.run([str(found), *rest], cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_module_is_too_long_to_hold_in_mind() -> None:
    modules = [path for folder in ("diagnostics", "tui") for path in (ROOT / folder).rglob("*.py")]
    long = {str(path.relative_to(ROOT)) for path in modules if len(path.read_text(encoding="utf-8").splitlines()) > 300}
    assert long == set(LONG_FOR_A_REASON)
