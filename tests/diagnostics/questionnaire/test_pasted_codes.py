"""A code as it comes back through chats: with words around it, doubled, spaced, quoted, damaged by one sign."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from diagnostics.knowledge import load
from diagnostics.questionnaire.codec import ALPHABET, CodeError, decode, encode
from tests.diagnostics.formats.examples import EVERYTHING, USUAL
from tests.headless.doctor import inside

if TYPE_CHECKING:
    from collections.abc import Callable

FULL, PLAIN = encode(EVERYTHING), encode(USUAL)
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
    """40 pastes of each kind: what is damaged is refused, and the one correction that fits is the code itself."""
    chance = random.Random(kind)
    faults: list[tuple[str, CodeError]] = []
    for turn in range(40):
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
    assert len(faults) > 30 or kind == "swapped"
    assert len(offered) / len(faults) > 0.9


def test_two_different_codes_are_asked_about() -> None:
    with pytest.raises(CodeError) as caught:
        decode(f"{FULL}\n{PLAIN}")
    assert caught.value.key == "code.several"


@pytest.mark.parametrize("spaced", ["-", " ", "\n", "·"])
def test_no_damage_goes_unnoticed(spaced: str) -> None:
    """A few thousand damaged codes of two signs; 200,000 by hand."""
    chance, knowledge = random.Random(spaced), load()
    for _ in range(500):
        code = (FULL, PLAIN)[chance.randrange(2)]
        signs = list(code)
        for at in chance.sample([place for place in range(5, len(code)) if code[place] != "-"], 2):
            signs[at] = chance.choice(ALPHABET)
        wrong = "".join(signs)
        if wrong != code:
            with pytest.raises(CodeError):
                decode(wrong.replace("-", spaced), knowledge)


def test_a_code_is_read_from_stdin() -> None:
    pasted = f"谢谢 {encode({'account.teen_mode': 'on'})}\n发自我的iPhone"
    words = ("--answers-code", "-", "--offline", "--format", "short", "--lang", "zh")
    done = inside("check", *words, stdin=pasted.encode())
    assert done.code == 0, done.err
    assert "未成年人模式" in done.out
