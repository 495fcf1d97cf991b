"""The questions end when the advice stands: where, and that they do not end too early."""

import json
import math
import random
import statistics
from typing import Any

import pytest

from benchmarks import short_way
from benchmarks.people import HEALTHY
from diagnostics import diagnose
from diagnostics.engine.assessment import assess_answers
from diagnostics.engine.interview import SPARED, interview, sensible_now
from diagnostics.engine.trials import Trials
from diagnostics.knowledge import load
from tests import oracle
from tests.rows import each

KNOWLEDGE = load()
CALM: dict[str, Any] = {
    "safety.contact": [], "safety.given": [], "account.stolen": "no", "entry.services_menu": "not_shown",
    "entry.official_account": "not_found", "entry.qq_wallet": "not_shown", "entry.page_message": "none",
}  # fmt: skip
"""What somebody says for whom nothing but the card on the first page is out of the way."""


def steps(own: dict[str, Any]) -> list[str]:
    """Answer page by page until the questions end; return the first step after each."""
    truth: dict[str, Any] = CALM | own
    told: dict[str, Any] = {}
    first = []
    for _ in range(60):
        report = diagnose(told)
        first.append(report.plan[0].id if report.plan else "")
        if report.questions.stop_reason is not None or not report.questions.page:
            break
        id_ = report.questions.page[0]
        told[id_] = truth.get(id_, "unknown")
    return first


@each("assessed.toml#card", "answers")
def test_one_card_leads_to_the_advice(answers: dict[str, Any]) -> None:
    """After at most three answers the first step stands and no later answer of theirs changes it."""
    first = steps(answers)
    stood = first[min(3, len(first) - 1)]
    assert stood
    assert set(first[3:]) <= {stood}, first


@pytest.mark.parametrize(
    ("told", "do"), [({"complaint.what": "where_to_look"}, "look"), ({"client.kind": "wecom"}, "switch_device")]
)
def test_who_has_not_looked_is_sent_to_look(told: dict[str, Any], do: str) -> None:
    report = diagnose(told)
    assert report.questions.stop_reason == "look_first"
    assert report.plan[0].do == do
    assert report.questions.remaining


@pytest.mark.parametrize("doubt", ["person.student", "person.civil_capacity"])
def test_what_the_words_left_in_doubt_is_asked_before_the_look(doubt: str) -> None:
    """Though hardly anybody answers it so that it matters."""
    told = assess_answers(KNOWLEDGE, {"entry.services_menu": "not_shown"}, "")
    assert interview(KNOWLEDGE, told, doubts=[doubt]).page == (doubt,)


def test_what_the_words_left_in_doubt_waits_for_what_was_given() -> None:
    told = assess_answers(KNOWLEDGE, {"complaint.what": "harm"}, "")
    assert interview(KNOWLEDGE, told, doubts=["person.student"]).page[0] == "safety.given"


def test_who_is_overdue_is_asked_whether_they_still_wish_a_loan() -> None:
    """What they are told first depends on it."""
    told: dict[str, Any] = {"complaint.what": "page_message", "entry.page_message": "not_approved"}
    told |= {"safety.contact": [], "credit.overdue": "current"}
    assert diagnose(told).questions.page == ("service.wish",)
    first = {wish: diagnose(told | {"service.wish": wish}).plan[0].id for wish in ("open", "limit_family")}
    assert first["open"] == "stop_new_loans"
    assert first["limit_family"] != "stop_new_loans"


@pytest.mark.parametrize("card", ["paid_offer", "harm"])
def test_of_somebody_in_danger_it_is_first_asked_what_was_given(card: str) -> None:
    """The questions do not end before that, although the entry is seen and a condition is not met."""
    told: dict[str, Any] = {"complaint.what": card, "entry.services_menu": "shown", "person.age": 12}
    for _ in range(2):
        asked = diagnose(told).questions
        if not {"safety.contact", "safety.given"} & {*asked.remaining}:
            break
        assert asked.stop_reason is None
        assert asked.page[0] in ("safety.contact", "safety.given", "account.stolen")
        told |= {id_: [] for id_ in asked.page}
        told |= {"account.stolen": "no"} if "account.stolen" in asked.page else {}
    assert diagnose(told).questions.stop_reason == "entry_found"


def test_enough_means_that_nothing_useful_is_left() -> None:
    for answers in oracle.random_people(150, 4):
        asked = diagnose(answers).questions
        if asked.stop_reason == "enough":
            assert asked.useful == 0, answers
            assert asked.remaining, answers
            assert asked.next is None, answers
            assert left_to_chance(answers, asked.remaining) < SPARED, answers
        assert asked.useful <= len(asked.remaining), answers


def left_to_chance(answers: dict[str, Any], remaining: tuple[str, ...]) -> float:
    """How likely one of the answers that it makes sense to ask for by now still changes what is told first."""
    assessment = assess_answers(KNOWLEDGE, answers, "")
    trials = Trials(assessment)
    return 1 - math.prod(1 - trials.chance(id_).told for id_ in sensible_now(assessment, list(remaining)))


def test_going_on_asks_nothing_that_makes_no_sense_yet() -> None:
    """Nobody is asked what they owe before whether they ever had it, as long as anything else is left to ask."""
    refused: dict[str, Any] = {"complaint.what": "page_message", "entry.page_message": "not_approved"}
    for answers in [refused, *oracle.random_people(150, 5)]:
        told = answers
        while (asked := interview(KNOWLEDGE, assess_answers(KNOWLEDGE, told, ""), go_on=True)).page:
            sensible = sensible_now(assess_answers(KNOWLEDGE, told, ""), list(asked.remaining))
            assert not sensible or {*asked.page} <= {*sensible}, told
            told = told | dict.fromkeys(asked.page, "unknown")


def test_what_is_quickly_said_is_asked_of_who_never_had_it_and_the_most_personal_is_not() -> None:
    told: dict[str, Any] = {"complaint.what": "never_had"}
    while (page := diagnose(told).questions).next is not None:
        told |= {id_: (CALM | HEALTHY).get(id_, "unknown") for id_ in page.page}
    assert "wechat.version" in told
    assert "person.civil_capacity" not in told


def test_few_questions_give_the_advice_of_all_questions() -> None:
    """People drawn as in the benchmark, which has the figures; here so many that a fault of the stop rule shows."""
    stories = [json.loads(line)["facts"] for line in short_way.STORIES.read_text(encoding="utf-8").splitlines()]
    chance = random.Random(20)
    people = [short_way.person(KNOWLEDGE, stories, chance) for _ in range(40)]
    ways = [short_way.walk(KNOWLEDGE, one, short_way.own_order) for one in people]
    assert statistics.median(way.questions for way in ways) <= 9
    assert sum(way.at_stop.first == way.at_end.first for way in ways) >= 36


def test_the_most_personal_question_waits_until_it_can_change_something() -> None:
    sensitive = {id_ for id_, one in KNOWLEDGE.weights.intrusion.items() if one >= 2}
    asked = diagnose({"complaint.what": "never_had"}).questions
    assert not sensitive & {*asked.page}
    for nearer in ({"account.teen_mode": "on"}, {"person.student": "yes"}, {"account.bank_card": "not_bound"}):
        assert not sensitive & {*diagnose(nearer).questions.remaining}
