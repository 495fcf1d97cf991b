"""What is told later of a list that is answered: added to it, and taken away only where it is taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from diagnostics.knowledge import load
from diagnostics.knowledge.lexicon import load_lexicon
from diagnostics.questionnaire.replies import read_in_session, read_typed
from diagnostics.session import Session
from tests.rows import each

if TYPE_CHECKING:
    from diagnostics.evidence import Value

KNOWLEDGE = load()


@each("reading/additions.toml#typed", "answered, typed, question, held")
def test_things_are_added_and_taken_away_only_by_words_that_take_back(
    answered: dict[str, Value], typed: str, question: str, held: list[str]
) -> None:
    session = Session(KNOWLEDGE)
    session.answer(answered)
    read = {one.id: one.value for one in read_in_session(session, typed).readings}
    now = read.get(question, answered.get(question))
    assert isinstance(now, list)
    assert sorted(now) == held


@pytest.mark.parametrize(("typed", "held"), [("都没有", []), ("none", []), ("验证码", ["money", "password_or_code"])])
def test_a_list_that_is_asked_again_is_emptied_by_a_plain_none(typed: str, held: list[str]) -> None:
    session = Session(KNOWLEDGE)
    session.answer({"safety.given": ["money"]})
    session.call_up("safety.given")
    assert [one.value for one in read_typed(session, typed).readings if one.id == "safety.given"] == [held]


def test_each_item_of_a_list_has_words_by_which_it_is_taken_back() -> None:
    things = load_lexicon(KNOWLEDGE.phrases).things
    for question in {key.partition("=")[0] for key in things}:
        values = {choice.id for choice in KNOWLEDGE.questions[question].value}
        assert {key.removeprefix(f"{question}=") for key in things if key.startswith(f"{question}=")} == values
