"""The command that prints every figure: what a goal means, what is printed, and one small module from end to end."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

import pytest

from benchmarks import __main__ as command
from benchmarks import figures
from benchmarks.figures import Group, Row
from docs.making.figures import page, picture

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]


def row(**more: Any) -> Row:
    return Row(name="a figure", zh="一个数字", **more)


@pytest.mark.parametrize(
    ("made", "ok"),
    [
        (row(value=50, goal=50), True),
        (row(value=50.1, goal=50), False),
        (row(value=95, goal=95, at_least=True), True),
        (row(value=94.9, goal=95, at_least=True), False),
        (row(value=26, reference_value=20, goal=1.3, of="ratio"), True),
        (row(value=27, reference_value=20, goal=1.3, of="ratio"), False),
        (row(value=1, reference_value=20, goal=1.3, of="ratio", at_least=True), False),
        (row(value=0, goal=0), True),
        (row(value=1, goal=0), False),
        (row(value=1e9), True),
    ],
)
def test_a_goal_is_met_up_to_itself(made: Row, ok: bool) -> None:
    assert made.ok is ok
    if made.goal is not None:
        assert made.used is not None
        assert (made.used <= 1) is ok


def test_a_ratio_without_a_reference_is_no_figure() -> None:
    with pytest.raises(ValueError, match="no reference"):
        _ = row(value=1, goal=2, of="ratio").ok


@pytest.fixture
def missed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """One module alone, whose goal is missed; figures are kept in a file of the test's own."""

    def rows(*, quick: bool) -> Iterator[Row]:
        yield row(value=2 if quick else 3, unit="s", reference="bare", reference_zh="空", reference_value=2, goal=1)

    monkeypatch.setattr(figures, "names", lambda **_: ["people"])
    monkeypatch.setattr("benchmarks.people.rows", rows, raising=False)
    monkeypatch.setattr(figures, "KEPT", tmp_path / "kept.json")
    return tmp_path / "kept.json"


def test_a_missed_goal_is_said_and_ends_with_1(missed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["--keep"]) == 1
    line = capsys.readouterr().out.splitlines()[1]
    assert line.split()[:7] == ["a", "figure", "3", "s", "bare", "2", "s"]
    assert "1.50 ×" in line
    assert line.endswith("MISSED")
    assert [one.rows[0].value for one in figures.kept()] == [3]
    figures.keep([Group(module="other", measured="", machine="", rows=())])
    assert [one.module for one in figures.kept()] == ["other", "people"]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_and_the_plot_show_a_missed_goal_as_missed(missed: Path, lang: str) -> None:
    command.main(["--keep"])
    name = row(value=1).zh if lang == "zh" else row(value=1).name
    assert f"| {name} | 3 s |" in page(lang)
    assert "✗" in page(lang)
    drawn = ElementTree.fromstring(picture(lang))  # noqa: S314  our own picture
    bars = [one for one in drawn.iter("{http://www.w3.org/2000/svg}rect") if one.get("class") == "missed"]
    assert [one.get("width") for one in bars] == ["240.0"]
