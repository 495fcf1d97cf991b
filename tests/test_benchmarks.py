"""The command that prints every figure: what a goal means, what is printed, and one small module from end to end."""

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from benchmarks import __main__ as command
from benchmarks import figures, mutation
from benchmarks.figures import Group, Row
from benchmarks.interview import optimum, reduced
from diagnostics.knowledge import load
from docs.making.figures import page, picture

ROOT = Path(__file__).parents[1]


def row(**more: Any) -> Row:
    return Row(name="a figure", zh="一个数字", **more)


def test_a_ratio_without_a_reference_is_no_figure() -> None:
    with pytest.raises(ValueError, match="no reference"):
        _ = row(value=1, goal=2, of="ratio").ok


def test_a_missed_goal_is_said_shown_and_ends_with_1(monkeypatch, tmp_path, capsys) -> None:
    """One module alone; figures are kept in a file of the test's own."""

    def rows(*, quick: bool) -> Iterator[Row]:
        yield row(value=2 if quick else 3, unit="s", reference="bare", reference_zh="空", reference_value=2, goal=1)

    monkeypatch.setattr(figures, "names", lambda **_: ["people"])
    monkeypatch.setattr("benchmarks.people.rows", rows, raising=False)
    monkeypatch.setattr(figures, "KEPT", tmp_path / "kept.json")
    assert command.main(["--keep"]) == 1
    line = capsys.readouterr().out.splitlines()[1]
    assert line.split()[:7] == ["a", "figure", "3", "s", "bare", "2", "s"]
    assert "1.50 ×" in line
    assert line.endswith("MISSED")
    assert [one.rows[0].value for one in figures.kept()] == [3]
    for lang, name in (("zh", row(value=1).zh), ("en", row(value=1).name)):
        assert f"| {name} | 3 s |" in page(lang)
        assert "✗" in page(lang)
        drawn = ElementTree.fromstring(picture(lang))  # noqa: S314  our own picture
        bars = [one for one in drawn.iter("{http://www.w3.org/2000/svg}rect") if one.get("class") == "missed"]
        assert [one.get("width") for one in bars] == ["240.0"]
    figures.keep([Group(module="other", measured="", machine="", rows=())])
    assert [one.module for one in figures.kept()] == ["other", "people"]


OPEN = 3
"""Survivors without a reason, or whose test came after the run; never more."""


def test_the_documentation_shows_every_part_and_every_survivor() -> None:
    found = mutation.kept()
    assert {one.part for one in found.parts} == {part.en for part in mutation.PARTS}
    assert len(found.survivors) == sum(one.run - one.caught for one in found.parts)
    assert len([one for one in found.survivors if mutation.reason_of(one) is None]) <= OPEN


def test_no_reason_is_written_down_for_nothing() -> None:
    fitting = [mutation.reason_of(one) for one in mutation.kept().survivors]
    assert [reason for reason in mutation.reasons() if reason not in fitting] == []


def test_no_order_of_questions_is_cheaper_than_the_cheapest() -> None:
    """On a part of the knowledge base, whose causes name actions of causes that were left out."""
    best, ours = optimum(reduced(load(), random.Random(1)))
    assert 0 < best <= ours <= best * 1.3
