"""Several processes write what one writes; a batch that was cut off goes on where it ended."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING

import pytest

from benchmarks.people import person
from diagnostics.knowledge import load
from tui.cli import main

if TYPE_CHECKING:
    from pathlib import Path


def cases(path: Path, count: int) -> Path:
    chance, knowledge = random.Random(5), load()
    lines = [json.dumps({"id": n, "answers": person(knowledge, chance)[1]}) for n in range(count)]
    lines[7] = "{broken"
    lines.insert(20, "")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def batch(*words: object) -> object:
    with pytest.raises(SystemExit) as ended:
        main(["batch", *map(str, words)])
    return ended.value.code


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1790000000")
    return cases(tmp_path / "in.jsonl", 300)


def test_two_processes_write_what_one_writes(source: Path, tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    assert batch(source, "-o", one, "--fields", "outcome,summary,questions") == 4
    assert batch(source, "-o", two, "--fields", "outcome,summary,questions", "--jobs", 2) == 4
    assert one.read_bytes() == two.read_bytes()
    assert len(one.read_bytes().splitlines()) == 300


@pytest.mark.parametrize("cut", [0, 1, 5000, 12_345])
def test_goes_on_where_the_output_ends(source: Path, tmp_path: Path, cut: int) -> None:
    whole, part = tmp_path / "whole", tmp_path / "part"
    batch(source, "-o", whole, "--fields", "outcome")
    part.write_bytes(whole.read_bytes()[:cut])
    batch(source, "-o", part, "--fields", "outcome", "--resume")
    assert part.read_bytes() == whole.read_bytes()


def test_resume_needs_a_file(source: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert batch(source, "--resume", "--lang", "en") == 2
    assert "needs -o FILE" in capsys.readouterr().err
