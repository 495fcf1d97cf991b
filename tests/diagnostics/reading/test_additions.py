"""What is told later of a list that is answered: added to it, and taken away only where it is taken back."""

from __future__ import annotations

import pytest

from diagnostics.knowledge import load
from diagnostics.knowledge.lexicon import load_lexicon
from diagnostics.questionnaire.replies import read_in_session, read_typed
from diagnostics.session import Session

KNOWLEDGE = load()


@pytest.mark.parametrize(("had", "typed", "held"), [
    (["money"], "另外我身份证照片也发给他了，还把验证码告诉他了", {"money", "password_or_code", "id_or_card"}),
    (["screen", "password_or_code"], "还转了3000过去", {"screen", "password_or_code", "money"}),
    (["money"], "其他什么都没给，验证码没给过他", {"money"}),
    (["password_or_code"], "别的没给", {"password_or_code"}),
    (["money"], "没给密码", {"money"}),
    (["money"], "其实没给钱", set()),
    (["money", "password_or_code"], "其实没给钱，就给了验证码", {"password_or_code"}),
    (["money"], "说错了，没转钱，只是身份证拍给他了", {"id_or_card"}),
    (["money", "screen"], "我记错了，什么都没给过", set()),
    (["money"], "nothing else, actually", {"money"}),
    (["money", "id_or_card"], "sorry, I never sent him money", {"id_or_card"}),
])  # fmt: skip
def test_things_given_are_added_and_taken_away_only_by_words_that_take_back(
    had: list[str], typed: str, held: set[str]
) -> None:
    session = Session(KNOWLEDGE)
    session.answer({"safety.given": had})
    read = {one.id: one.value for one in read_in_session(session, typed).readings}
    now = read.get("safety.given", had)
    assert isinstance(now, list)
    assert set(now) == held


@pytest.mark.parametrize(("typed", "held"), [("都没有", []), ("none", []), ("验证码", ["money", "password_or_code"])])
def test_a_list_that_is_asked_again_is_emptied_by_a_plain_none(typed: str, held: list[str]) -> None:
    session = Session(KNOWLEDGE)
    session.answer({"safety.given": ["money"]})
    session.call_up("safety.given")
    assert [one.value for one in read_typed(session, typed).readings if one.id == "safety.given"] == [held]


def test_what_a_card_implies_is_added_to_as_well() -> None:
    session = Session(KNOWLEDGE)
    session.answer({"complaint.what": "paid_offer"})
    read = {one.id: one.value for one in read_in_session(session, "有个客服打电话让我注销微粒贷").readings}
    assert read["safety.contact"] == ["paid_opening", "close_call"]


def test_each_item_of_a_list_has_words_by_which_it_is_taken_back() -> None:
    things = load_lexicon(KNOWLEDGE.phrases).things
    for question in {key.partition("=")[0] for key in things}:
        values = {choice.id for choice in KNOWLEDGE.questions[question].value}
        assert {key.removeprefix(f"{question}=") for key in things if key.startswith(f"{question}=")} == values


def test_a_call_about_lost_money_is_taken_back_too() -> None:
    session = Session(KNOWLEDGE)
    session.answer({"safety.contact": ["recovery", "close_call"]})
    read = {one.id: one.value for one in read_in_session(session, "说错了，没人说能追回").readings}
    assert read["safety.contact"] == ["close_call"]
