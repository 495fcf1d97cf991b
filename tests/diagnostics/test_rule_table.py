"""Conditions on facts: met, not met, or not met yet because something is still open."""

from fractions import Fraction
from typing import Any

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from diagnostics.answers import observations
from diagnostics.engine.advice import table_of
from diagnostics.engine.assessment import assess
from diagnostics.engine.conditions import Column, Truth, check
from diagnostics.engine.facts import NETWORK, NEVER, OPEN, Fact, Facts, State, exact
from diagnostics.engine.rule_table import UNDECIDED, RuleTable
from diagnostics.evidence import Evidence, Observation
from diagnostics.knowledge import load
from diagnostics.knowledge.derived import OTHERS, AnyOf, FirstKnown
from diagnostics.knowledge.model import Condition
from diagnostics.knowledge.read import encoded
from tests.fuzz.people import people, values
from tests.rows import each

LIMITS = {"half": 50.0}


def known(value: object) -> Fact:
    return Fact(State.KNOWN, value)


def condition(**given: object) -> Condition:
    return msgspec.convert(given, Condition)


@each("assessed.toml#condition", "given, when_open, when_never, met, unmet")
def test_one_condition(given: Any, when_open: str, when_never: str, met: list[Any], unmet: list[Any]) -> None:
    one = condition(**given)
    assert (check(one, OPEN, LIMITS).name, check(one, NEVER, LIMITS).name) == (when_open, when_never)
    for rows, truth in ((met, Truth.MET), (unmet, Truth.UNMET)):
        for row in rows:
            value = tuple(row) if isinstance(row, list) else Fraction(row) if "/" in str(row) else row
            assert check(one, known(value), LIMITS) is truth, row


def test_numbers_are_held_against_bounds_exactly() -> None:
    column = Column(LIMITS)
    column.add(1, condition(at_least=0.5, below=0.7))
    column.add(2, condition(above=18))
    told = (0.4, 0.5, 0.6, 0.7, 17.5, 18, 18.5, 19)
    assert [column.by_answer[number] for number in told] == [(bits, 0) for bits in (0, 1, 1, 0, 0, 0, 2, 2)]


KNOWLEDGE = load()


def test_rows_may_look_at_causes_and_say_what_they_rest_on() -> None:
    table = RuleTable(KNOWLEDGE)
    rows = table.masks(
        [
            {"cause.student": condition(any=["likely"]), "person.student": condition(any=["yes"])},
            {"cause.student": condition(any=["ruled_out"])},
            {"others.all_clear": condition(any=["no"]), "person.age": condition(below=18)},
        ]
    )
    met, open_ = table.seal().evaluate({"person.student": "yes"})
    met = table.judge(met).met
    assert [met & row == row for row in rows] == [True, False, False]
    assert [(met | open_) & row == row for row in rows] == [True, False, True]
    assert table.reads("cause.student", "person.age") == ("person.student", "person.age")
    found = assess(KNOWLEDGE, Evidence(observations({"person.student": "yes"})))
    assert found.grounds("cause.student") == (True, ("person.student",))
    assert found.grounds("person.age") == (False, ())
    assert found.first_status[0].id == "student"


def test_a_condition_is_as_likely_as_the_answers_that_meet_it() -> None:
    table, weights = table_of(KNOWLEDGE), KNOWLEDGE.weights
    told = [("credit.overdue", ["settled"]), ("person.student", ["yes"]), ("entry.refusal", ["yes"])]
    shares = [table.shares[mask] for mask in table.masks({id_: condition(any=values)} for id_, values in told)]
    assert shares == [weights.spread["credit.overdue"]["settled"], weights.spread["person.student"]["yes"], 0.5]


@pytest.mark.parametrize(
    ("cause", "question", "well", "ends"),
    [("not_mainland_resident", "person.residency", "mainland", True), ("teen_mode", "account.teen_mode", "off", False)],
)
def test_a_question_weighs_what_its_answers_move_and_more_where_one_ends_the_search(
    cause: str, question: str, well: str, ends: bool
) -> None:
    table, weights = table_of(KNOWLEDGE), KNOWLEDGE.weights
    confirmed, out = (abs(weights.status[end] - weights.status["unknown"]) * weights.chance[cause]
                      for end in ("confirmed", "ruled_out"))  # fmt: skip
    share = weights.spread[question][well]
    gains = [(confirmed + (weights.ending if ends else 0)) * (1 - share), out * share]
    moving = table.causes[table.index[cause]].moving(*table.evaluate({}))
    assert moving.gains == [(question, pytest.approx(gain)) for gain in gains]


@settings(max_examples=200)
@given(people(), st.sampled_from([None, "ok", "unreachable", "unstable", "intercepted"]))
def test_the_bits_say_what_each_condition_says_of_its_fact_by_itself(answers: Any, network: str | None) -> None:
    measured = [Observation(id=NETWORK, value=network, source="computer")] if network else []
    found = assess(KNOWLEDGE, Evidence([*observations(answers), *measured]))
    facts = Facts(KNOWLEDGE, found.values)
    facts |= {OTHERS[0]: known("yes" if found.stopped else "no"), OTHERS[1]: known("yes" if found.clear else "no")}
    waiting: set[str] = set()
    for one, status in zip(found.table.causes, found.statuses, strict=True):
        truths = []
        for row in one.rows:
            truths.append(min(check(is_, facts[id_], KNOWLEDGE.limits) for id_, is_ in row.rule.when.items()))
            assert (found.bits_met & row.mask == row.mask) is (truths[-1] is Truth.MET)
        may = [row for row, truth in zip(one.rows, truths, strict=True) if truth is Truth.OPEN]
        out = UNDECIDED + (status == UNDECIDED)
        moving = [row for row in may if row.status < min(status, UNDECIDED) or UNDECIDED < row.status <= out]
        assert one.moving(found.bits_met, found.bits_open).rows == moving
        for fact, is_ in ((fact, is_) for row in moving for fact, is_ in row.rule.when.items()):
            waiting |= {*found.table.inputs(fact)} if check(is_, facts[fact], KNOWLEDGE.limits) is Truth.OPEN else set()
        met = {row.status for row, truth in zip(one.rows, truths, strict=True) if truth is Truth.MET}
        speaks = [end for end in sorted(met) if end < UNDECIDED]
        assert status == (speaks[0] if speaks else max(met, default=UNDECIDED)), one.cause.id
    asked = found.table.asked_for(found.bits_met, found.bits_open)
    assert asked == found.table.bits_of(waiting)  # nothing is asked that can change nothing


@settings(max_examples=100)
@given(
    people(),
    st.sampled_from(sorted(KNOWLEDGE.questions)).flatmap(
        lambda id_: st.tuples(st.just(id_), values(KNOWLEDGE.questions[id_]))
    ),
)
@example({"person.residency": "mainland"}, ("identity.profile", "incomplete"))  # a cause turns that rows look at
def test_an_answer_to_suppose_gives_the_bits_of_that_answer(answers: Any, answer: tuple[str, Any]) -> None:
    id_, value = answer
    table = table_of(KNOWLEDGE)
    before, after = ({key: tuple(one) if isinstance(one, list) else one for key, one in told.items()}
                     for told in (answers, answers | {id_: value}))  # fmt: skip
    was, now = table.evaluate(before)[0], table.evaluate(after)[0]
    assert table.with_answer(before, was, id_, after[id_]) == now
    supposed = table.with_answer(before, table.judge(was).met, id_, after[id_])
    assert table.judge(supposed) == table.judge(now)


def table_with(derived: dict[str, Any]) -> RuleTable:
    """Return the table of the built-in knowledge with these facts besides."""
    later = KNOWLEDGE.later | encoded({"derived": KNOWLEDGE.derived | derived})
    return RuleTable(msgspec.structs.replace(KNOWLEDGE, later=later))


def test_facts_that_share_an_answer_only_through_a_third_move_together() -> None:
    names = {"a": ("person.age", "debt.open_loans"), "b": ("debt.monthly_income", "debt.monthly_repayment")}
    names["c"] = ("debt.open_loans", "debt.monthly_income")
    derived = {f"x.{id_}": FirstKnown(id=f"x.{id_}", facts=facts) for id_, facts in names.items()}
    table = table_with(derived)
    mask, *_ = table.masks([{id_: condition(at_least=1)} for id_ in derived])
    table.seal()
    answers = {"person.age": 0, "debt.monthly_income": 5}
    was = table.evaluate(answers)[0]
    now = table.with_answer(answers, was, "person.age", 40)
    assert (was & mask == mask, now & mask == mask) == (False, True)
    assert now == table.evaluate(answers | {"person.age": 40})[0]


def test_a_version_text_stands_for_all_that_mean_the_same_where_no_row_or_fact_names_one() -> None:
    texts = ["8.0.50", "8.0.49", "8.0.49 iPhone", "7.0.22", "unknown"]
    new = {"x.new": AnyOf(id="x.new", facts={"wechat.number": "8.0.49"}, gives="yes")}
    for named, derived, read in (
        ("9.9.9", {}, ["8.0.50", "8.0.50", *texts[2:]]),
        ("8.0.49", {}, texts),
        ("9.9.9", new, texts),
    ):
        table = table_with(derived)
        table.rows([{"wechat.number": condition(any=[named])}])
        table.seal()
        assert [table.read({"wechat.version": text})["wechat.version"] for text in texts] == read


@pytest.mark.parametrize(
    ("number", "as_written"),
    [(0.1, Fraction(1, 10)), (1e-7, Fraction(1, 10**7)), (5, Fraction(5)), (1e22, Fraction(10**22)),
     (Fraction(1, 3), Fraction(1, 3))],
)  # fmt: skip
def test_a_number_is_what_is_written(number: float | Fraction, as_written: Fraction) -> None:
    assert exact(number) == as_written
