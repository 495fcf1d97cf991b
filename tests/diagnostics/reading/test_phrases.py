"""The phrases are data with their own examples: each must be read so, and what must not is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from diagnostics.knowledge import load
from diagnostics.knowledge.lexicon import Lexicon, Phrase, PhraseGroup, load_lexicon
from diagnostics.reading.normalise import fold
from diagnostics.reading.patterns import PhraseError, compile_phrase
from diagnostics.reading.reader import Reader
from diagnostics.reading.settle import LISTS

if TYPE_CHECKING:
    from diagnostics.reading import Finding

KNOWLEDGE = load()
LEXICON = load_lexicon()
READER = Reader(LEXICON)


def _gives(group: PhraseGroup, found: Finding) -> bool:
    if found.id != group.question:
        return False
    if group.question in LISTS:
        assert isinstance(found.value, list)
        return set(group.values) <= set(found.value) if group.values else not found.value
    return bool(group.number) or str(found.value) == group.value


def _read(group: PhraseGroup, text: str) -> str:
    reading = READER.read(text)
    if group.belief:
        return "sure" if any(one.id == group.belief for one in reading.beliefs) else ""
    found = [one for one in reading.readings if _gives(group, one)]
    return "sure" if any(one.sure for one in found) else "asked" if found else ""


@pytest.mark.parametrize("group", LEXICON.group, ids=[group.phrases[0].say[:60] for group in LEXICON.group])
def test_each_phrase_reads_its_example_and_not_the_other(group: PhraseGroup) -> None:
    for phrase in group.phrases:
        assert compile_phrase(phrase.say, LEXICON.words).pattern().search(fold(phrase.yes)), f"not in `yes`: {phrase}"
        assert _read(group, phrase.yes) in (("sure", "asked") if group.ask else ("sure",)), phrase
        assert phrase.no, phrase
        assert _read(group, phrase.no) != "sure", phrase


def _values(question: str) -> set[str]:
    return {choice.id for choice in KNOWLEDGE.questions[question].value}


def test_each_group_gives_an_answer_of_its_question_or_names_a_belief() -> None:
    for group in LEXICON.group:
        if group.belief:
            assert group.belief in KNOWLEDGE.beliefs
        elif group.number or group.value.isdigit():
            assert KNOWLEDGE.questions[group.question].type in ("integer", "amount")
        else:
            assert {group.value, *group.values} - {""} <= _values(group.question), group.question
            assert set(group.beats) <= _values(group.question)
            assert all(value in _values(question) for question, value in group.also.items())


def test_what_an_agent_asks_for_is_a_question_with_these_values() -> None:
    for asked in LEXICON.asked:
        assert asked.question in KNOWLEDGE.questions
        if _values(asked.question):
            assert {asked.yes, asked.no, *asked.answers.values()} - {""} <= _values(asked.question)


def test_every_belief_is_recognised_in_its_own_examples() -> None:
    assert {group.belief for group in LEXICON.group if group.belief} == set(KNOWLEDGE.beliefs)
    for belief in KNOWLEDGE.beliefs.values():
        for example in belief.example:
            assert belief.id in [one.id for one in READER.read(example).beliefs], example


@pytest.mark.parametrize("say", ["{nobody} 微粒贷", "~6", "$"])
def test_a_phrase_that_says_nothing_is_refused(say: str) -> None:
    with pytest.raises(PhraseError):
        compile_phrase(say, LEXICON.words)


def test_a_desk_adds_a_phrase_with_one_line() -> None:
    own = PhraseGroup(question="app.restarted", value="yes", phrases=(Phrase(say="恢复出厂", yes="恢复出厂了"),))
    mine = Lexicon(words=LEXICON.words, marks=LEXICON.marks, group=(own,))
    assert [one.value for one in Reader(mine).read("手机恢复出厂了").readings] == ["yes"]
