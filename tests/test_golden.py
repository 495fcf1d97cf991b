"""Forty-odd people, each with the whole report they get."""

from typing import Any

import msgspec
import pytest

from diagnostics import diagnose
from diagnostics.knowledge import load
from diagnostics.report.model import Report
from tests.golden import FOLDER, STATIC, cases, report_of
from tests.rows import rows


@pytest.mark.parametrize("name", sorted(cases()))
def test_report(name: str) -> None:
    assert report_of(cases()[name]) == msgspec.json.decode((FOLDER / f"{name}.json").read_bytes())


def test_no_expected_report_is_left_over() -> None:
    assert {path.stem for path in FOLDER.glob("*.json")} == set(cases())
    assert len(cases()) >= 40


def test_what_depends_on_no_answer_is_the_knowledge_bases_own() -> None:
    knowledge = load()
    for lang in ("zh", "en"):
        for found in diagnose({}, lang=lang).causes:
            cause = knowledge.causes[found.id]
            assert found.meaning == cause.text(lang).meaning
            assert found.shows_after == cause.text(lang).shows_after
            for action in found.actions:
                own = knowledge.actions[action.id]
                assert own in knowledge.actions_of(cause)
                assert action.text in {words.get(lang) for words in (own, own.general) if words is not None}
            assert [source.id for source in found.sources] == list(cause.sources)
    assert set(STATIC) <= set(found.__struct_fields__)


FIRST = 3
"""How many causes count as the first ones."""


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
    wrong = {one["id"]: found for one in rows(name) if (found := faults(one, diagnose(one["facts"])))}
    assert wrong == {}
