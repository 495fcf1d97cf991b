"""The way through the questions, without a screen."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diagnostics.engine.interview import clear_answers
from diagnostics.evidence import UNKNOWN
from diagnostics.flow import Flow
from diagnostics.knowledge import load
from diagnostics.session import Part, Session
from tui.app.question import choose, make_card, validate_entry
from tui.app.style import ScreenTexts


def new() -> Flow:
    return Flow(Session(load()))


def test_of_several_lines_of_one_question_the_last_ticked_counts() -> None:
    flow = new()
    flow.open_page("phone")
    lines = [line for line in flow.lines() if line.question == "person.residency"]
    assert [line.tick for line in lines] == ["hk_mo_tw", "foreign"]
    for line in lines:
        flow.mark(line, line.tick)
    flow.none_of_these()
    own = flow.session.own_answers()
    assert (own["person.residency"], own["person.student"]) == ("foreign", "no")


def test_the_page_stays_until_each_of_its_questions_is_answered_or_skipped() -> None:
    flow = new()
    flow.open_page("client")
    asked = [part.ids[0] for part in flow.parts()]
    seen: list[str] = []
    while flow.session.position.page == "client":
        assert flow.part is not None
        seen.append(flow.part.ids[0])
        if len(seen) % 2:
            flow.answer(UNKNOWN)
        else:
            flow.skip()
    left = set(asked) - set(seen)
    assert seen == [id_ for id_ in asked if id_ not in left]
    assert not left & set(flow.session.interview.remaining)
    assert len(seen) > 2


@pytest.mark.parametrize("later", [False, True], ids=["at once", "by changing an answer"])
def test_a_contradiction_asks_again_what_settles_it_once(later: bool) -> None:
    flow = new()
    flow.give({"complaint.what": "never_had" if later else "was_there"})
    flow.call_up("account.had_entry_before")
    flow.answer("no")
    if later:
        assert flow.part != Part(("account.had_entry_before",))
        flow.call_up("complaint.what")
        flow.answer("was_there")
    assert flow.part == Part(("account.had_entry_before",))
    card = make_card(flow, ScreenTexts(flow.session.knowledge, "zh"))
    assert "以前有" in card.conflict
    flow.answer("no")  # it stays so: asked once
    assert flow.part != Part(("account.had_entry_before",))
    flow.call_up("account.had_entry_before")
    flow.answer("yes")
    assert not flow.clashes()


def test_a_skipped_question_is_not_asked_again_but_can_be_called_up() -> None:
    flow = new()
    skipped = set()
    while flow.part is not None:
        assert not skipped & set(flow.part.ids)
        skipped |= set(flow.part.ids)
        flow.skip()
    assert not flow.session.own_answers()
    flow.call_up("person.age")
    flow.answer(30)
    assert flow.session.own_answers() == {"person.age": 30}


def test_what_clears_a_page_rules_out_and_speaks_for_nothing() -> None:
    knowledge = load()
    for page in knowledge.pages:
        session = Session(knowledge)
        before = {
            id_ for id_, verdict in session.assessment.verdicts.items() if verdict.status in ("confirmed", "likely")
        }
        session.answer(clear_answers(knowledge, page.questions))
        for id_, verdict in session.assessment.verdicts.items():
            assert verdict.status not in ("confirmed", "likely") or id_ in before | {"not_invited"}


@pytest.mark.parametrize("on_behalf", [False, True])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_question_has_a_card_with_its_reason_and_the_way_to_find_out(lang: str, on_behalf: bool) -> None:
    flow = new()
    texts = ScreenTexts(load(), "en" if lang == "en" else "zh")
    for id_, question in load().questions.items():
        flow.call_up(id_)
        card = make_card(flow, texts, on_behalf=on_behalf)
        text = question.text(lang)
        assert card.ask == (text.about if on_behalf else text.ask)
        assert bool(card.say) is on_behalf
        assert card.notes == ((text.why, text.how),)
        keys = [row.key for row in card.rows]
        assert len(set(keys)) == len(keys)
        assert (card.kind == "entry") is not bool(question.value)


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        ({"entry.services_menu": "shown"}, "entry_found"),
        ({"person.age": 61}, "requirement_confirmed"),
        ({"account.wechat_pay_cancelled": "yes"}, "settled"),
        ({}, "nothing_left"),
    ],
)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_however_the_questions_end_the_card_says_so(answers: dict[str, object], reason: str, lang: str) -> None:
    session = Session(load())
    healthy = dict.fromkeys(load().questions, UNKNOWN) | clear_answers(load(), load().questions)
    left = "account.restricted" if reason == "settled" else ""
    session.answer({id_: value for id_, value in (healthy | answers).items() if id_ != left})
    flow = Flow(session)
    for _ in flow.session.knowledge.questions:
        if flow.part is not None:
            flow.skip()
    assert session.interview.stop_reason == reason
    card = make_card(flow, ScreenTexts(load(), "en" if lang == "en" else "zh"))
    assert card.ask
    assert card.kind == "end"
    assert [row.action for row in card.rows] == ["plan", *(["go_on"] if session.interview.remaining else [])]


@pytest.mark.parametrize(("typed", "value"), [("１，２００", 1200), ("1,200.50", 1200.5), (" 0 ", 0), ("3500", 3500)])
def test_amounts_are_read_as_people_write_them(typed: str, value: float) -> None:
    flow = new()
    flow.call_up("debt.monthly_income")
    assert validate_entry(flow, typed, ScreenTexts(load(), "zh"))[0] == value


@given(st.lists(st.integers(0, 40), max_size=40))
@settings(max_examples=30)
def test_any_way_forward_can_be_gone_back_to_the_start(picks: list[int]) -> None:
    flow = new()
    texts = ScreenTexts(load(), "zh")
    start = flow.session.position
    for pick in picks:
        if flow.part is None:
            break
        card = make_card(flow, texts)
        if pick == 40 or not card.rows:
            flow.skip()
        else:
            choose(flow, card, card.rows[pick % len(card.rows)])
    while flow.back():
        pass
    assert flow.session.position == start
    assert flow.session.own_answers() == {}
    assert flow.skipped == frozenset()
