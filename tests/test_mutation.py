"""What mutmut recorded is read, counted and told with the reasons that are written down."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from benchmarks import mutation
from benchmarks.mutation import Kept, Module, Survivor

if TYPE_CHECKING:
    from pathlib import Path

MUTATED = """
def x_add__mutmut_orig(one, two):
    return one + two

def x_add__mutmut_1(one, two):
    return one - two

def x_add__mutmut_2(one, two):
    return one + None
"""


def recorded(folder: Path) -> Path:
    (folder / "versions").mkdir()
    (folder / "versions" / "sums.py").write_text(MUTATED)
    codes = {f"diagnostics.versions.sums.x_add__mutmut_{number}": code for number, code in ((1, 0), (2, 1), (3, None))}
    (folder / "versions" / "sums.py.meta").write_text(json.dumps({"exit_code_by_key": codes}))
    (folder / "empty.py.meta").write_text(json.dumps({"exit_code_by_key": {}}))
    return folder


def test_survivors_are_read_with_the_line_before_and_after(tmp_path: Path) -> None:
    assert list(mutation.survivors(recorded(tmp_path))) == [
        Survivor(module="versions/sums", function="add", was="return one + two", now="return one - two")
    ]


def test_what_was_not_run_counts_neither_way(tmp_path: Path) -> None:
    (counts,) = mutation.counted(recorded(tmp_path))
    assert counts == Module(module="versions/sums", made=3, run=2, caught=1)


def test_the_share_of_each_part_has_its_goal() -> None:
    modules = (
        Module(module="reasoning", made=20, run=20, caught=18),
        Module(module="rules", made=20, run=20, caught=18),
        Module(module="versions/codes", made=10, run=10, caught=8),
    )
    parser, reasoning = mutation.shares(Kept(modules=modules, survivors=()))
    assert (parser.value, parser.ok) == (80, False)
    assert (reasoning.value, reasoning.ok) == (90, True)


def test_a_reason_counts_only_where_it_fits() -> None:
    there = Survivor(module="versions/prepare", function="_number", was="a.index(b)", now="a.rindex(b)")
    assert mutation.reason_of(there) is not None
    elsewhere = Survivor(module="reasoning", function="judge", was="a.index(b)", now="a.rindex(b)")
    assert mutation.reason_of(elsewhere) is None


def test_what_the_documentation_shows_meets_the_goal() -> None:
    found = mutation.kept()
    assert [row.name for row in mutation.shares(found) if not row.ok] == []
    assert len(found.survivors) == sum(one.run - one.caught for one in found.modules)
