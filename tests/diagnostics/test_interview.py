"""Why a question is left out, and in which order the others are asked."""

from typing import Any

import msgspec
import pytest

from benchmarks.people import HEALTHY
from diagnostics.api import diagnose
from diagnostics.engine.conditions import Truth, check
from diagnostics.engine.facts import Facts
from diagnostics.engine.interview import clear_answers
from diagnostics.knowledge import load
from tests.rows import each

WELL: dict[str, Any] = HEALTHY | {"wechat.version": "8.0.70", "os.version": "14", "debt.monthly_repayment": 0,
                                  "debt.open_loans": 0}  # fmt: skip
"""Somebody with whom all is well and who never had the entry."""


def pages_asked(**own: Any) -> list[tuple[str, ...]]:
    """Ask somebody page by page to the end, and return the questions that were asked, by page."""
    person = WELL | {name.replace("__", "."): value for name, value in own.items()}
    given: dict[str, Any] = {}
    found = []
    while (page := diagnose(given).questions).next is not None:
        asked = []
        for id_ in page.page:
            if id_ in diagnose(given).questions.remaining:
                given[id_] = person[id_]
                asked.append(id_)
        found.append(tuple(asked))
    return found


def test_the_obvious_comes_first_and_the_most_personal_last() -> None:
    pages = pages_asked(complaint__what="never_had")
    assert pages[0] == ("complaint.what",)
    assert pages[1][0] == "entry.services_menu"
    assert pages[2] == ("safety.contact",)
    asked = [id_ for page in pages for id_ in page]
    money = [at for at, id_ in enumerate(asked) if id_.startswith(("income.", "credit.", "debt."))]
    assert money == list(range(money[0], len(asked))), "what touches no money comes first"
    assert "person.civil_capacity" not in asked, "it is hardly ever the reason, and nobody likes to be asked"


def test_nobody_is_asked_for_the_income_before_the_network() -> None:
    network = ("network.phone_loads_pages", "network.vpn_or_proxy")
    given = {id_: value for id_, value in HEALTHY.items() if id_ not in (*network, "income.stability")}
    assert diagnose(given).questions.page == network


@pytest.mark.parametrize(
    ("own", "second", "third"),
    [
        ({"complaint__what": "harm"}, ("safety.given", "account.stolen"), ("safety.contact",)),
        ({"complaint__what": "paid_offer"}, ("safety.given",), None),  # who approached the person is known
    ],
)
def test_somebody_who_may_be_harmed_is_asked_about_that_before_all_else(own, second, third) -> None:
    pages = pages_asked(**own)
    assert pages[1] == second
    assert third is None or pages[2] == third


@each("advice.toml#asked", "answers, skipped, asked, next_")
def test_nobody_is_asked_nonsense_and_harm_comes_first(answers, skipped, asked, next_) -> None:
    questions = diagnose(answers).questions
    assert asked is None or asked in questions.remaining
    assert (skipped or {}).items() <= {one.id: one.reason for one in questions.skipped}.items()
    assert next_ is None or (questions.next, questions.stop_reason) == (next_, None)


def test_all_as_it_should_be_is_said_of_states_and_of_nothing_that_somebody_did() -> None:
    clear = clear_answers(load(), load().questions)
    assert (clear["account.wechat_pay_cancelled"], clear["network.phone_loads_pages"]) == ("no", "yes")
    assert not {"app.restarted", "account.wallet_region", "entry.services_menu"} & clear.keys()


def test_every_question_that_is_asked_can_come_to_be_asked() -> None:
    knowledge = load()
    nothing = Facts(knowledge, {})
    for id_, question in knowledge.questions.items():
        rows = [
            [check(msgspec.structs.replace(one, absent=None), nothing[fact], knowledge.limits)
             for fact, one in row.items()]
            for row in question.only_if
        ]  # fmt: skip
        assert not rows or any(Truth.UNMET not in row for row in rows), id_
