"""A schema may grow under its version; what takes something away from its readers needs the next one.

`tests/data/schemas/NAME.VERSION.json` is what a version was published as. It is never written anew: a breaking change
raises the version in the code and adds a file.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from diagnostics.knowledge import load
from diagnostics.report import json_schema

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = Path(__file__).parent.parent / "data" / "schemas"
NAMES = ("report", "answers", "batch")


def now(name: str) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(json.dumps(json_schema.make(name, load())))
    return made


def published(name: str) -> dict[str, Any]:
    version = now(name)["$id"].rpartition(":")[2]
    found: dict[str, Any] = json.loads((FOLDER / f"{name}.{version}.json").read_text(encoding="utf-8"))
    return found


def broken(old: Any, new: Any, place: str = "") -> Iterator[str]:
    """Name what somebody who relies on the old schema misses in the new one; what was added is no break."""
    if not (isinstance(old, dict) and isinstance(new, dict)):
        if old != new:
            yield place
        return
    for key, value in old.items():
        here = f"{place}/{key}"
        if key in ("description", "title", "default"):
            continue
        if key not in new:
            yield here
        elif key == "enum":
            yield from (f"{here}/{one}" for one in value if one not in new[key])
        elif key == "required":
            yield from (f"{here}/{one}" for one in sorted(set(value) ^ set(new[key])) if _matters(one, value, new))
        elif key == "anyOf":
            yield from (
                f"{here}/{at}" for at, one in enumerate(value) if all([*broken(one, other)] for other in new[key])
            )
        else:
            yield from broken(value, new[key], here)


def _matters(field: str, old: list[str], new: dict[str, Any]) -> bool:
    """A promised field may not become one that can be missing, nor a new one be demanded of what was fine before."""
    return field in old or new.get("additionalProperties") is False


AGREED = {
    "/$defs/PlanItem/properties/cause/type": "a step is for a cause or for a situation (contract 2, section 5)",
    "/$defs/Case/required": "a line may have a text in place of answers (contract 2, section 7)",
}
"""What the contract itself changed under the version, and why."""


@pytest.mark.parametrize("name", NAMES)
def test_nothing_was_taken_away_under_the_version(name: str) -> None:
    missed = [*broken(published(name), now(name))]
    assert missed == [place for place in AGREED if place.split("/")[2] in now(name).get("$defs", {})], (
        "raise the version, and add its file to tests/data/schemas"
    )


@pytest.mark.parametrize("name", ["report", "batch"])
def test_a_step_is_for_a_cause_or_null(name: str) -> None:
    one = now(name)["$defs"]["PlanItem"]["properties"]["cause"]
    assert {kind["type"] for kind in one["anyOf"]} == {"string", "null"}
