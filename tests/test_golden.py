"""Forty-odd people, each with the whole report they get."""

from __future__ import annotations

import msgspec
import pytest

from diagnostics.api import diagnose
from diagnostics.knowledge import load
from tests.golden import FOLDER, STATIC, cases, report_of


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
