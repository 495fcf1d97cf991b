"""Rows of `tests/data`: what goes in and what must come of it, a test for each."""

import tomllib
from pathlib import Path

import pytest

DATA = Path(__file__).parent / "data"


def each(place: str, names: str) -> pytest.MarkDecorator:
    """Run a test for each row of `file.toml#table` with these of its fields; what a row leaves out is None."""
    file, _, table = place.partition("#")
    rows = tomllib.loads((DATA / file).read_text(encoding="utf-8"))[table]
    fields = names.split(", ")
    held = {key for row in rows for key in row} - {"case"}
    assert held == {*fields}, f"{place} holds {held}"
    return pytest.mark.parametrize(fields, [[row.get(name) for name in fields] for row in rows],
                                   ids=[row.get("case") for row in rows])  # fmt: skip
