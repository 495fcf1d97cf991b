"""The answers code: all of it comes back, and what was mistyped, swapped, cut or lengthened is refused by its place."""

import random
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diagnostics.answers import AnswerError
from diagnostics.knowledge import load
from diagnostics.knowledge.model import Choice, Question
from diagnostics.questionnaire.codec import ALPHABET, CodeError, decode, encode
from tests.diagnostics.formats.examples import EVERYTHING, USUAL
from tests.headless.doctor import inside
from tests.rows import each

FULL, PLAIN = encode(EVERYTHING), encode(USUAL)
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


def refused(code: str) -> CodeError:
    with pytest.raises(CodeError, match="answers code") as caught:
        decode(code)
    return caught.value


@pytest.mark.parametrize("code", [FULL, PLAIN, encode({})])
def test_every_wrong_sign_and_every_two_swapped_are_refused_in_their_block(code: str) -> None:
    for at in range(5, len(code)):
        two = code[at : at + 2]
        swapped = [code[:at] + two[::-1] + code[at + 2 :]] if "-" not in two and two != two[::-1] else []
        wrong = [code[:at] + sign + code[at + 1 :] for sign in ALPHABET if sign != code[at] != "-"]
        for damaged in wrong + swapped:
            error = refused(damaged)
            assert error.block in (None, (at - 5) // 6 + 1, (at - 5) // 6 + 2)
            # the check names the block itself, save where a wrong sign looks like the mark of the last block
            assert error.block is not None or error.key == "code.damaged"


def test_cut_anywhere_is_refused_and_says_where() -> None:
    signs = FULL.replace("-", "")[4:]
    for length in range(len(signs)):
        block = refused("WLD1" + signs[:length]).block
        assert not length or block == (length - 1) // 5 + 1


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
        assert refused("-".join(["WLD1", *one]))


@pytest.mark.parametrize("text", ["13800138000", "110105194912310021", "138 0013 8000"])
def test_a_number_is_no_mistyped_code_and_not_quoted(text: str) -> None:
    assert not any(sign.isdigit() for sign in str(refused(text)))


@pytest.mark.parametrize(
    ("code", "key", "block", "says"),
    [
        ("", "empty", None, "没有代码"),
        ("谢谢", "empty", None, "没有代码"),
        (FULL[:8] + "U" + FULL[9:], "no_sign", 1, "「U」"),
        (FULL[:-6], "ends_early", len(FULL.split("-")) - 2, "断了"),
        (FULL[:-2], "cut", len(FULL.split("-")) - 1, "只有 3 个"),
        (f"{FULL}\n{PLAIN}", "several", None, ""),
        (f"代码：WLD2-{FULL[5:]}", "other_questions", None, ""),
        (f"wld9-{FULL[5:]}", "other_questions", None, ""),
    ],
)
def test_says_in_words_what_is_wrong(code: str, key: str, block: int | None, says: str) -> None:
    error = refused(code)
    assert (error.key, error.block) == (f"code.{key}", block)
    assert error.text("zh").startswith("答案代码")
    assert says in error.text("zh")


def test_a_code_made_by_other_questions_is_refused() -> None:
    knowledge = load()
    question = knowledge.questions["client.kind"]
    more = msgspec.structs.replace(question, value=(*question.value, Choice(id="fridge", zh="冰箱", en="Fridge")))
    other = msgspec.structs.replace(knowledge, questions={**knowledge.questions, "client.kind": more})
    with pytest.raises(CodeError, match="another version"):
        decode(encode(USUAL, other), knowledge)


@each("answers.toml#no_code", "answers, place")
def test_what_a_code_cannot_carry_is_refused_by_name(answers: dict[str, Any], place: str) -> None:
    with pytest.raises(AnswerError) as caught:
        encode(answers)
    assert caught.value.place == place


AROUND: dict[str, Callable[[str], str]] = {
    "thanks": lambda code: f"您好，这是我的代码：{code} 谢谢您，麻烦了！",
    "iphone": lambda code: f"{code}\n\n发自我的iPhone",
    "english": lambda code: f"Hi there, my code is {code}\nSent from my iPhone 15, thank you so much",
    "phone number": lambda code: f"我电话13812345678，代码 {code}，身份证不用吧",
    "twice": lambda code: f"{code}\n{code}",
    "twice broken": lambda code: f"{code[:-4]}\n刚才没复制全，重发：{code}",
    "zero width": lambda code: "\u200b".join(code),
    "soft": lambda code: f"\u2068{code[:9]}\u00ad{code[9:]}\u2069\ufeff",
    "dots": lambda code: code.replace("-", "·"),
    "bullets": lambda code: code.replace("-", " • "),
    "spaced": lambda code: " ".join(code),
    "spaced blocks": lambda code: code.replace("-", " ") + " 谢谢",
    "lines": lambda code: code.replace("-", "\n"),
    "quoted": lambda code: f"「小王：{code}」\n- - - - - -\n就是这个",
    "mail": lambda code: "> " + code[:20] + "\n> " + code[20:],
    "markdown": lambda code: f"**{code}** `ok`",
    "wide": lambda code: "".join(chr(ord(sign) + 0xFEE0) for sign in code) + "。",
    "small": lambda code: f"({code.lower()})",
    "chat": lambda code: f"客服 10:02\n请把代码发我\n用户 10:05\n{code}\n客服 10:06\n收到，稍等",
    "dashes": lambda code: code.replace("-", "—"),
    "ambiguous": lambda code: code.replace("0", "o").replace("1", "l"),
    "bare": lambda code: f"代码 {code.removeprefix('WLD1-')}",
}


@pytest.mark.parametrize("kind", AROUND)
@pytest.mark.parametrize("code", [FULL, PLAIN])
def test_is_read_out_of_what_surrounds_it(kind: str, code: str) -> None:
    assert decode(AROUND[kind](code)) == (EVERYTHING if code == FULL else USUAL)


def damaged(kind: str, code: str, chance: random.Random) -> str:
    """Damage a code by one sign."""
    signs = list(code)
    at = chance.choice([place for place in range(5, len(code)) if code[place] != "-"])
    if kind == "wrong":
        signs[at] = chance.choice([sign for sign in ALPHABET if sign != signs[at]])
    elif kind == "no sign":
        signs[at] = "U"
    elif kind == "missing":
        del signs[at]
    elif kind == "doubled":
        signs.insert(at, signs[at])
    else:
        other = next((place for place in (at + 1, at - 1) if place < len(code) and code[place] != "-"), at)
        signs[at], signs[other] = signs[other], signs[at]
    return "".join(signs)


@pytest.mark.parametrize("kind", ["wrong", "no sign", "missing", "doubled", "swapped"])
def test_one_damaged_sign_is_never_taken_and_its_correction_offered(kind: str) -> None:
    """200 pastes of each kind: what is damaged is refused, and the one correction that fits is the code itself."""
    chance = random.Random(kind)
    faults: list[tuple[str, CodeError]] = []
    for turn in range(200):
        code = (FULL, PLAIN)[turn % 2]
        around = AROUND[chance.choice(["thanks", "iphone", "quoted", "small", "spaced blocks"])]
        try:
            read = decode(around(damaged(kind, code, chance)))
        except CodeError as error:
            faults.append((code, error))
        else:
            assert read == decode(code)  # two like signs swapped, or one doubled at the end and cut off with the words
    offered = [(code, error) for code, error in faults if error.suggestion is not None]
    assert {error.suggestion == code for code, error in offered} == {True}
    assert all(code in error.text("zh") and code in error.text("en") for code, error in offered)
    assert len(faults) > 150 or kind == "swapped"
    assert len(offered) / len(faults) > 0.9


@pytest.mark.parametrize("spaced", ["-", " ", "\n", "·"])
def test_no_damage_goes_unnoticed(spaced: str) -> None:
    """A few thousand damaged codes of two signs; 200,000 by hand."""
    chance = random.Random(spaced)
    for _ in range(500):
        code = (FULL, PLAIN)[chance.randrange(2)]
        signs = list(code)
        for at in chance.sample([place for place in range(5, len(code)) if code[place] != "-"], 2):
            signs[at] = chance.choice(ALPHABET)
        wrong = "".join(signs)
        assert wrong == code or refused(wrong.replace("-", spaced))


def test_a_code_is_read_from_stdin() -> None:
    pasted = f"谢谢 {encode({'account.teen_mode': 'on'})}\n发自我的iPhone"
    words = ("--answers-code", "-", "--offline", "--format", "short", "--lang", "zh")
    done = inside("check", *words, stdin=pasted.encode())
    assert done.code == 0, done.err
    assert "未成年人模式" in done.out
