"""Rows of `tests/data`: what goes in and what must come of it, a test for each."""

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

DATA = Path(__file__).parent / "data"


def rows(place: str) -> Any:
    """Return what is in `file.jsonl`, in `file.toml`, or in a table of it (`file.toml#table`).

    In groups (`file.toml#group`) each row has the fields of its group as well.
    """
    file, _, table = place.partition("#")
    text = (DATA / file).read_text(encoding="utf-8")
    if file.endswith(".jsonl"):
        return [json.loads(line) for line in text.splitlines()]
    found = tomllib.loads(text)
    if table == "group":
        return [group | row for group in found[table] for row in group.pop("rows")]
    return found[table] if table else found


def each(place: str, names: str) -> pytest.MarkDecorator:
    """Run a test for each row of `file.toml#table` with these of its fields; what a row leaves out is None.

    A row that is no table is a list of the fields, or the only one.
    """
    found, fields = rows(place), names.split(", ")
    if not isinstance(found[0], dict):
        return pytest.mark.parametrize(fields if len(fields) > 1 else names, found)
    held = {key for row in found for key in row} - {"case"}
    assert held == {*fields}, f"{place} holds {held}"
    return pytest.mark.parametrize(fields, [[row.get(name) for name in fields] for row in found],
                                   ids=[row.get("case") for row in found])  # fmt: skip
