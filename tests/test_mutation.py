"""What mutmut recorded is read, counted and told with the reasons that are written down."""

from __future__ import annotations

import json
from datetime import UTC, datetime
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

def x_with__mutmut_orig(
    one="zh",
):
    return one

def x_with__mutmut_1(
    one="XXzhXX",
):
    return one
"""


def recorded(folder: Path) -> Path:
    (folder / "versions").mkdir()
    (folder / "versions" / "sums.py").write_text(MUTATED)
    codes = {f"diagnostics.versions.sums.x_add__mutmut_{number}": code for number, code in ((1, 0), (2, 1), (3, None))}
    codes["diagnostics.versions.sums.x_with__mutmut_1"] = 33
    (folder / "versions" / "sums.py.meta").write_text(json.dumps({"exit_code_by_key": codes}))
    (folder / "empty.py.meta").write_text(json.dumps({"exit_code_by_key": {}}))
    return folder


def test_survivors_are_read_with_the_line_before_and_after(tmp_path: Path) -> None:
    assert list(mutation.survivors(recorded(tmp_path))) == [
        Survivor(module="versions/sums", function="add", was="return one + two", now="return one - two"),
        Survivor(module="versions/sums", function="with", was='one="zh",', now='one="XXzhXX",'),
    ]


def test_what_was_not_run_counts_neither_way(tmp_path: Path) -> None:
    (counts,) = mutation.counted(recorded(tmp_path))
    today = datetime.fromtimestamp((tmp_path / "versions" / "sums.py.meta").stat().st_mtime, UTC).date()
    assert counts == Module(module="versions/sums", ran=today.isoformat(), made=4, run=3, caught=1)


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


def test_every_survivor_that_the_documentation_shows_has_its_reason() -> None:
    found = mutation.kept()
    assert [one for one in found.survivors if mutation.reason_of(one) is None] == []
    assert [one.module for one in found.modules if one.run != one.made] == []


def test_no_reason_is_written_down_for_nothing() -> None:
    fitting = [mutation.reason_of(one) for one in mutation.kept().survivors]
    assert [reason for reason in mutation.reasons() if reason not in fitting] == []
