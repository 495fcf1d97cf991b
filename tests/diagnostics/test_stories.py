"""Real complaints as answers: the situation that leads, the first step and the first causes must be right."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from diagnostics import diagnose

if TYPE_CHECKING:
    from diagnostics.report.model import Report

DATA = Path(__file__).parent.parent / "data"
FIRST = 3
"""How many causes count as the first ones."""


def people(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (DATA / name).read_text(encoding="utf-8").splitlines() if line.strip()]


def faults(person: dict[str, Any], report: Report) -> list[str]:
    """Say what is not as a good agent would have it, for one person."""
    found = []
    lead = report.situations[0].id
    if lead != person["lead"]:
        found.append(f"leads {lead}, not {person['lead']}")
    first = report.plan[0].do if report.plan else None
    if first not in person["do"]:
        found.append(f"first step {first} ({report.plan[0].id if report.plan else '-'}), not {person['do']}")
    found += [f"{step.id} is no use" for step in report.plan if step.id in person.get("never", [])]
    leading = [cause.id for cause in report.causes[:FIRST]]
    if person["top"] and not set(person["top"]) & set(leading):
        found.append(f"first causes {leading}, not {person['top']}")
    return found


@pytest.mark.parametrize("name", ["stories.jsonl", "people.jsonl", "told.jsonl"])
def test_every_person_gets_the_right_first_step(name: str) -> None:
    wrong = {one["id"]: found for one in people(name) if (found := faults(one, diagnose(one["facts"])))}
    assert wrong == {}
