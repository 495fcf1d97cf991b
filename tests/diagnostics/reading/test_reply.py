"""Words typed at one question: as what they are noted, what is asked back, and where it is asked which is meant."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from diagnostics.knowledge import load
from diagnostics.reading.reader import read_text
from diagnostics.reading.reply import besides, read_lines, read_reply, says_none, says_unknown, says_yes

KNOWLEDGE = load()
TYPED = Path(__file__).parents[2] / "data" / "reading" / "typed.tsv"
"""A question, what is typed, how that is taken (sure, ask back, ask which, none), and the value or values."""
TODAY = "1796000000"
"""30 November 2026: ages are told from years of birth."""
OPTIONS = [(question.id, option) for question in KNOWLEDGE.questions.values() for option in question.value]


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", TODAY)


def test_words_are_noted_asked_back_or_asked_which() -> None:
    wrong = []
    for line in TYPED.read_text(encoding="utf-8").splitlines():
        question, typed, how, value = line.split("\t")
        reply = read_reply(KNOWLEDGE, question, typed)
        listed = reply.value if isinstance(reply.value, list) else [] if reply.value is None else [reply.value]
        said = "|".join(map(str, reply.among)) or ",".join(map(str, listed)) or "[]" * (reply.value == [])
        taken = "which" if reply.among else "none" if reply.value is None else "sure" if reply.sure else "ask"
        if (taken, said) != (how, value):
            wrong.append((line, taken, said))
    assert wrong == []


def test_the_words_of_an_option_are_never_another_one() -> None:
    """Each option's words, and what signs part of them, are that option or leave open whether it is meant."""
    wrong = []
    for id_, option in OPTIONS:
        for text in (option.zh, option.en):
            for typed in (text, text.lower(), *re.split("[,，、；;（）]", text)):
                reply = read_reply(KNOWLEDGE, id_, typed)
                held = reply.value if isinstance(reply.value, list) else [reply.value]
                if len(typed.strip()) > 1 and option.id not in [*held, *reply.among]:
                    wrong.append((id_, option.id, typed, reply.value))
    assert [one for one in wrong if not one[2].startswith((" and ", " or "))] == []  # no words of their own


@pytest.mark.parametrize(("question", "typed"), [
    ("credit.overdue", "从来没有"), ("wechat.version", "不知道在哪看"), ("debt.open_loans", "没了 都还完了"),
    ("service.wish", "none of these"), ("entry.services_menu", "从来没有"), ("person.age", "没有了"),
    ("entry.services_menu", "nope nothing"),
])  # fmt: skip
def test_bare_words_answer_what_was_asked_and_nothing_else(question: str, typed: str) -> None:
    assert besides(KNOWLEDGE, question, read_text(KNOWLEDGE, typed)).readings == []


@pytest.mark.parametrize(("question", "typed", "other"), [
    ("entry.services_menu", "没有，以前用过微粒贷", "account.had_entry_before"),
    ("credit.overdue", "没有，微粒贷早就还清了", "service.owing"),
    ("person.age", "35，服务里没有微粒贷", "entry.services_menu"),
    ("entry.services_menu", "没有，不过我刚给了他验证码", "safety.given"),
])  # fmt: skip
def test_what_names_its_own_subject_is_read_beside_the_answer(question: str, typed: str, other: str) -> None:
    assert other in {one.id for one in besides(KNOWLEDGE, question, read_text(KNOWLEDGE, typed)).readings}


def test_words_at_a_checklist_tell_of_the_line_they_fit_best() -> None:
    lines = ["identity.document", "account.wechat_pay_cancelled", "network.vpn_or_proxy", "person.student"]
    found = read_lines(KNOWLEDGE, lines, "没过期，VPN 一直开着，早毕业了")
    assert {id_: one.value for id_, one in found.items()} == {
        "identity.document": "valid", "network.vpn_or_proxy": "yes", "person.student": "no"
    }  # fmt: skip
    assert read_lines(KNOWLEDGE, lines, "没有") == {}


@pytest.mark.parametrize("typed", ["都没有", "都正常", "一切正常", "没问题", "没有一个对的", "都不符合", "nothing yet",
                                   "none apply", "no", "没给，啥都没点"])  # fmt: skip
def test_none_in_plain_words(typed: str) -> None:
    assert says_none(KNOWLEDGE, typed)


@pytest.mark.parametrize("typed", ["是的", "嗯", "都对", "就是这样", "对的呀", "sure", "yes please"])
def test_yes_in_plain_words(typed: str) -> None:
    assert says_yes(KNOWLEDGE, typed)
    assert not says_none(KNOWLEDGE, typed)


@pytest.mark.parametrize("typed", ["都不知道", "不会看", "不知道怎么查", "忘了", "don't know how to see it"])
def test_not_knowing_in_plain_words(typed: str) -> None:
    assert says_unknown(KNOWLEDGE, typed)


@pytest.mark.parametrize("typed", ["有", "没有VPN，身份证过期了", "不知道有没有实名，好像绑了卡", "没", "1 3"])
def test_what_says_more_is_no_plain_word(typed: str) -> None:
    assert not says_unknown(KNOWLEDGE, typed)
    assert says_yes(KNOWLEDGE, typed) is (typed == "有")
    assert says_none(KNOWLEDGE, typed) is (typed == "没")


def test_a_year_of_birth_is_not_known_to_be_an_age_before_the_birthday() -> None:
    assert [read_reply(KNOWLEDGE, "person.age", typed).sure for typed in ("1986年的", "1986年3月")] == [False, True]
    for typed in ("1986年11月30日", "1986年12月1日"):
        assert read_reply(KNOWLEDGE, "person.age", typed).value == 40 - (typed > "1986年11月9")
