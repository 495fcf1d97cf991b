"""The answers code: all of it comes back, and what was mistyped, swapped, cut or lengthened is refused by its place."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diagnostics.answers import AnswerError
from diagnostics.knowledge import load
from diagnostics.knowledge.model import Choice, Question
from diagnostics.questionnaire.codec import ALPHABET, CodeError, decode, encode
from tests.diagnostics.formats.examples import EVERYTHING, USUAL

FULL = encode(EVERYTHING)
NUMBERS = st.one_of(
    st.integers(0, 10**12).map(lambda n: n - n % 10**3 if n % 2 else n),
    st.integers(0, 10**9).map(lambda cents: cents / 100),
)
VERSIONS = st.one_of(
    st.lists(st.integers(0, 999_999).map(str), min_size=1, max_size=4).map(".".join),
    st.sampled_from(["8.00.1", "微信 8.0.56", "Android 14", "iOS 17.5.1", " 8", "8.", "v8"]),
)


def answer(question: Question) -> st.SearchStrategy[Any]:
    ids = [choice.id for choice in question.value]
    if question.type == "choice":
        found: st.SearchStrategy[Any] = st.sampled_from(ids)
    elif question.type == "choices":
        found = st.lists(st.sampled_from(ids), unique=True).map(lambda chosen: [id_ for id_ in ids if id_ in chosen])
    elif question.type == "text":
        found = VERSIONS
    else:
        found = NUMBERS if question.maximum is None else st.integers(question.minimum or 0, question.maximum)
    return st.one_of(st.just("unknown"), found)


ANSWERS = st.fixed_dictionaries({}, optional={id_: answer(one) for id_, one in load().questions.items()})


@given(answers=ANSWERS)
@settings(max_examples=80)
def test_answers_come_back_as_they_went(answers: dict[str, Any]) -> None:
    assert decode(encode(answers)) == answers


def test_a_full_set_is_short() -> None:
    assert set(EVERYTHING) >= set(load().questions) - {"complaint.what"}
    assert len(FULL) < 100
    assert decode(FULL) == EVERYTHING
    assert len(encode({})) < 30


@pytest.mark.parametrize("code", [FULL, encode(USUAL), encode({})])
def test_every_wrong_sign_is_refused_in_its_block(code: str) -> None:
    for at in range(5, len(code)):
        for sign in ALPHABET if code[at] != "-" else "":
            if sign == code[at]:
                continue
            with pytest.raises(CodeError) as caught:
                decode(code[:at] + sign + code[at + 1 :])
            assert caught.value.block in (None, (at - 5) // 6 + 1, (at - 5) // 6 + 2)
            # the check names the block itself, save where the wrong sign looks like the mark of the last block
            assert caught.value.block is not None or caught.value.key == "code.damaged"


def test_two_signs_that_changed_places_are_refused_in_their_block() -> None:
    blocks = FULL.split("-")[1:]
    for number, block in enumerate(blocks, 1):
        for at in range(4):
            if block[at] == block[at + 1]:
                continue
            swapped = block[:at] + block[at + 1] + block[at] + block[at + 2 :]
            with pytest.raises(CodeError) as caught:
                decode("-".join(["WLD1", *blocks[: number - 1], swapped, *blocks[number:]]))
            assert caught.value.block in (number, number + 1)


def test_cut_anywhere_is_refused_and_says_where() -> None:
    signs = FULL.replace("-", "")[4:]
    for length in range(len(signs)):
        with pytest.raises(CodeError) as caught:
            decode("WLD1" + signs[:length])
        if length:
            assert caught.value.block == (length - 1) // 5 + 1


def test_blocks_swapped_repeated_missing_or_added_are_refused() -> None:
    blocks = FULL.split("-")[1:]
    wrong = [
        [*blocks[:2], blocks[3], blocks[2], *blocks[4:]],
        [*blocks[:2], blocks[1], *blocks[2:]],
        [*blocks[:2], *blocks[3:]],
        [*blocks, blocks[-1]],
        [*blocks, "00000"],
        [*blocks[:-1], blocks[-1] + "0"],
    ]
    for one in wrong:
        with pytest.raises(CodeError):
            decode("-".join(["WLD1", *one]))


def test_noise_is_refused() -> None:
    chance = random.Random(7)
    for _ in range(1000):
        with pytest.raises(CodeError):
            decode("".join(chance.choice(ALPHABET) for _ in range(chance.randrange(60))))


@pytest.mark.parametrize("text", ["13800138000", "110105194912310021", "138 0013 8000"])
def test_a_number_is_no_mistyped_code_and_not_quoted(text: str) -> None:
    with pytest.raises(CodeError) as caught:
        decode(text)
    assert not any(sign.isdigit() for sign in str(caught.value))


@given(text=st.text(max_size=300))
@settings(max_examples=200)
def test_any_text_is_refused_or_read(text: str) -> None:
    with pytest.raises(CodeError):
        decode(text)


@pytest.mark.parametrize(
    ("code", "block", "says"),
    [
        ("", None, "没有代码"),
        ("谢谢", None, "没有代码"),
        (FULL[:8] + "U" + FULL[9:], 1, "「U」"),
        (FULL[:-6], len(FULL.split("-")) - 2, "断了"),
        (FULL[:-2], len(FULL.split("-")) - 1, "只有 3 个"),
    ],
)
def test_says_in_words_what_is_wrong(code: str, block: int | None, says: str) -> None:
    with pytest.raises(CodeError, match="answers code") as caught:
        decode(code)
    assert caught.value.block == block
    assert caught.value.text("zh").startswith("答案代码")
    assert says in caught.value.text("zh")


def test_a_code_of_another_layout_is_no_mistyped_one() -> None:
    code = encode({"person.age": 35})
    for mark in ("WLD2", "wld9"):
        with pytest.raises(CodeError) as caught:
            decode(f"代码：{mark}-{code.removeprefix('WLD1-')}")
        assert (caught.value.key, caught.value.block) == ("code.other_questions", None)


def test_a_code_made_by_other_questions_is_refused() -> None:
    import msgspec

    knowledge = load()
    question = knowledge.questions["client.kind"]
    more = msgspec.structs.replace(question, value=(*question.value, Choice(id="fridge", zh="冰箱", en="Fridge")))
    other = msgspec.structs.replace(knowledge, questions={**knowledge.questions, "client.kind": more})
    with pytest.raises(CodeError, match="another version"):
        decode(encode(USUAL, other), knowledge)


@pytest.mark.parametrize(
    ("answers", "place"),
    [
        ({"wechat.version": "Mozilla/5.0 " + "x" * 60}, "wechat.version"),
        ({"debt.monthly_income": 1e300}, "debt.monthly_income"),
        ({"debt.monthly_income": 0.1234567890123456789}, "debt.monthly_income"),
        ({"person.age": 200}, "person.age"),
        ({"no.such": "yes"}, "no.such"),
        ({"client.kind": "fridge"}, "client.kind"),
    ],
)
def test_what_a_code_cannot_carry_is_refused_by_name(answers: dict[str, Any], place: str) -> None:
    with pytest.raises(AnswerError) as caught:
        encode(answers)
    assert caught.value.place == place
