"""Many lines at once say what each would say by itself, byte for byte, and keep no more than they may."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diagnostics.batch import one, run
from diagnostics.bulk import Bulk
from diagnostics.knowledge import load
from diagnostics.report import Report
from tests.fuzz.people import people

if TYPE_CHECKING:
    from collections.abc import Sequence

KNOWLEDGE = load()
WHOLE = Report.__struct_fields__
SETTING = [("zh", WHOLE), ("en", WHOLE), ("zh", ("outcome", "summary")), ("en", ("questions", "outcome"))]
BULK = {(lang, fields): Bulk(KNOWLEDGE, lang, fields) for lang, fields in SETTING}
"""Made once: what earlier examples left behind must not show in later ones."""


@pytest.fixture(autouse=True)
def _same_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1800000000")


def same(raw: bytes, lang: Any, fields: Sequence[str]) -> bool:
    """Hold a line to the plain way; returns whether it was read at once."""
    done, plain = BULK[lang, tuple(fields)].line(raw), one(KNOWLEDGE, 1, raw, lang=lang, fields=fields)
    if done is not None:
        assert not plain.rejected
        assert done.data.decode() == plain.data.decode()
        assert (done.outcome, done.first) == (plain.outcome, plain.first)
    return done is not None


@settings(max_examples=150)
@given(people(), st.sampled_from(SETTING), st.randoms())
def test_a_line_read_at_once_is_the_line_read_by_itself(answers: Any, setting: Any, chance: Any) -> None:
    order = list(answers)
    chance.shuffle(order)
    raw = json.dumps({"id": chance.choice([7, "a:b", "甲"]), "answers": {id_: answers[id_] for id_ in order}}).encode()
    assert same(raw, *setting)
