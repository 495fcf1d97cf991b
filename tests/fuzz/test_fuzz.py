"""The quick pass: some thousand damaged inputs, and Hypothesis looking for what the mutator does not think of."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz.__main__ import run
from tests.fuzz.doors import DOORS, seeds

SHARE = 1200
"""Damaged inputs; `python -m tests.fuzz` sends as many as it is told to."""


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(tmp_path))


def test_damaged_inputs_are_taken_or_refused_in_words() -> None:
    sent, taken, _ = run(SHARE, 11)
    assert sent.total() == SHARE
    assert 0 < taken.total() < SHARE


@pytest.mark.parametrize("name", sorted(DOORS))
def test_every_seed_is_taken_whole(name: str) -> None:
    taken = [DOORS[name][0](seed) for seed in seeds(name)]
    assert any(taken)
    assert all(taken) or name in ("answers_file", "command", "phone", "versions", "interviewed")


@pytest.mark.parametrize("name", sorted({*DOORS} - {"knowledge", "command", "interviewed"}))
def test_no_bytes_at_all_break_a_door(name: str) -> None:
    @settings(max_examples=40)
    @given(st.one_of(st.binary(max_size=300), st.text(max_size=100).map(lambda text: text.encode("utf-8", "replace"))))
    def hold(data: bytes) -> None:
        DOORS[name][0](data)

    hold()
