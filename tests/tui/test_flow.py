"""The way through the questions, without a screen."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diagnostics.engine.interview import clear_answers
from diagnostics.evidence import UNKNOWN
from diagnostics.knowledge import load
from diagnostics.session import Part, Session
from tests.rows import each
from tests.tui.stage import open_page
from tui.app.question import make_card
from tui.app.style import ScreenTexts


def new() -> Session:
    return Session(load())


def answer(session: Session, value: object) -> None:
    """Answer the question that is asked."""
    session.finish({session.part.ids[0]: value})


def test_of_several_lines_of_one_question_the_last_ticked_counts() -> None:
    session = new()
    open_page(session, "phone")
    lines = [line for line in session.lines() if line.question == "person.residency"]
    assert [line.tick for line in lines] == ["hk_mo_tw", "foreign"]
    for line in lines:
        session.answer({line.question: line.tick})
    session.none_of_these()
    own = session.own_answers()
    assert (own["person.residency"], own["person.student"]) == ("foreign", "no")


def test_the_page_stays_until_each_of_its_questions_is_answered_or_skipped() -> None:
    session = new()
    open_page(session, "client")
    asked = [part.ids[0] for part in session.parts()]
    seen: list[str] = []
    while session.position.page == "client":
        seen.append(session.part.ids[0])
        if len(seen) % 2:
            answer(session, UNKNOWN)
        else:
            session.skip()
    left = set(asked) - set(seen)
    assert seen == [id_ for id_ in asked if id_ not in left]
    assert not left & set(session.interview.remaining)
    assert len(seen) > 2


@pytest.mark.parametrize("later", [False, True], ids=["at once", "by changing an answer"])
def test_a_contradiction_asks_again_what_settles_it_once(later: bool) -> None:
    session = new()
    session.give({"complaint.what": "never_had" if later else "was_there"})
    session.call_up("account.had_entry_before")
    answer(session, "no")
    if later:
        assert session.part != Part(("account.had_entry_before",))
        session.call_up("complaint.what")
        answer(session, "was_there")
    assert session.part == Part(("account.had_entry_before",))
    card = make_card(session, ScreenTexts(session.knowledge, "zh"))
    assert "以前有" in card.conflict
    answer(session, "no")  # it stays so: asked once
    assert session.part != Part(("account.had_entry_before",))
    session.call_up("account.had_entry_before")
    answer(session, "yes")
    assert not session.clashes()


def test_a_skipped_question_is_not_asked_again_but_can_be_called_up() -> None:
    session = new()
    skipped = set()
    while session.part is not None:
        assert not skipped & set(session.part.ids)
        skipped |= set(session.part.ids)
        session.skip()
    assert not session.own_answers()
    session.call_up("person.age")
    answer(session, 30)
    assert session.own_answers() == {"person.age": 30}


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
    session = new()
    texts = ScreenTexts(load(), "en" if lang == "en" else "zh")
    for id_, question in load().questions.items():
        session.call_up(id_)
        card = make_card(session, texts, on_behalf=on_behalf)
        text = question.text(lang)
        assert card.ask == (text.about if on_behalf else text.ask)
        assert bool(card.say) is on_behalf
        assert card.notes == ((text.why, text.how),)
        keys = [row.key for row in card.rows]
        assert len(set(keys)) == len(keys)
        assert (card.kind == "entry") is not bool(question.value)


@each("assessed.toml#ends", "answers, reason")
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_however_the_questions_end_the_card_says_so(answers: dict[str, object], reason: str, lang: str) -> None:
    session = Session(load())
    healthy = dict.fromkeys(load().questions, UNKNOWN) | clear_answers(load(), load().questions)
    left = "account.restricted" if reason == "settled" else ""
    session.answer({id_: value for id_, value in (healthy | answers).items() if id_ != left})
    for _ in session.knowledge.questions:
        if session.part is not None:
            session.skip()
    assert session.interview.stop_reason == reason
    card = make_card(session, ScreenTexts(load(), "en" if lang == "en" else "zh"))
    assert card.ask
    assert card.kind == "end"
    assert [row.key for row in card.rows] == ["1", *("g" if session.interview.remaining else "")]


@given(st.lists(st.integers(0, 40), max_size=40))
@settings(max_examples=30)
def test_any_way_forward_can_be_gone_back_to_the_start(picks: list[int]) -> None:
    session = new()
    texts = ScreenTexts(load(), "zh")
    start = session.position
    for pick in picks:
        if session.part is None:
            break
        card = make_card(session, texts)
        if pick == 40 or not card.rows:
            session.skip()
        else:
            (card.rows[pick % len(card.rows)].choose or session.skip)()
    while session.undo():
        pass
    assert session.position == start
    assert session.own_answers() == {}
    assert session.skipped == frozenset()
