"""Each guard forbids what is no statement of the person; without its words the sentence is misread."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

import msgspec
import pytest

from diagnostics.knowledge.lexicon import load_lexicon
from diagnostics.reading.normalise import Marker
from diagnostics.reading.reader import Reader
from diagnostics.reading.verdicts import Guards
from tests.rows import each

if TYPE_CHECKING:
    from diagnostics.knowledge.lexicon import Objection
    from diagnostics.reading import Reading

LEXICON = load_lexicon()
READER = Reader(LEXICON)


def _sure(reading: Reading, question: str) -> bool:
    return any(one.id == question and one.sure for one in reading.readings)


DENIED = [("服务里有微粒贷", "shown"), ("是学生", "yes"), ("给骗子转了钱", ["money"]), ("身份证过期", "expired")]


@pytest.mark.parametrize("no", ["|没有|", "|否|", " | 否", "，没有", "：否"])
@pytest.mark.parametrize(("text", "value"), DENIED)
def test_a_no_behind_takes_what_stands_before_it_back(text: str, value: object, no: str) -> None:
    read = READER.read(f"微粒贷\n{'|' * no.endswith('|')}{text}{no}").readings
    assert not [one for one in read if one.value == value]


@each("reading/guards.toml#guarded", "kind, text, question")
def test_a_guard_forbids_the_reading_and_without_it_the_text_is_misread(kind: str, text: str, question: str) -> None:
    assert not _sure(READER.read(text), question)
    marks = {name: words for name, words in LEXICON.marks.items() if name != kind and not name.startswith("speaker")}
    without = copy.copy(READER)
    without.marker = Marker(marks, LEXICON.words["joints"])
    assert _sure(without.read(text), question)


@pytest.mark.parametrize("said", ["没", "没有", "不是", "从没"])
def test_a_negation_before_the_words_forbids_the_reading(said: str) -> None:
    assert ("account.stolen", "yes") in {(one.id, one.value) for one in READER.read("我的微信被盗过").readings}
    assert ("account.stolen", "yes") not in {(one.id, one.value) for one in READER.read(f"我微信{said}被盗过").readings}


def test_what_the_agent_says_is_no_fact_and_without_his_label_it_would_be() -> None:
    assert READER.read("客服：您信用卡逾期了还没还\n用户：哦").readings == []
    plain = msgspec.structs.replace(LEXICON, marks=LEXICON.marks | {"speaker_agent": ()})
    text = "用户：好\n用户：哦\n客服：信用卡逾期了还没还\n客服：嗯"
    assert not _sure(READER.read(text), "credit.overdue")
    assert "credit.overdue" in {one.id for one in Reader(plain).read(text.replace("用户", "客服")).readings}


def test_a_correction_counts_and_a_contradiction_is_only_offered() -> None:
    corrected = READER.read("微信没实名，不对，是实名了的").readings
    assert [(one.value, one.sure) for one in corrected if one.id == "account.real_name"] == [("verified", True)]
    both = [one for one in READER.read("我是学生。我毕业两年了，不是学生。").readings if one.id == "person.student"]
    assert {one.value for one in both} == {"no"} or not any(one.sure for one in both)


@pytest.mark.parametrize("text", ["花钱能开微粒贷吗", "代开微粒贷靠谱吗", "找人代开要多少钱", "我想强开微粒贷"])
def test_a_question_whether_there_is_an_offer_is_no_contact(text: str) -> None:
    assert "safety.contact" not in {one.id for one in READER.read(text).readings}


@pytest.mark.parametrize(
    "text", ["接到自称微众银行客服的电话，说要注销微粒贷账户", "对方冒充微众银行客服让我注销微粒贷"]
)
def test_what_a_caller_says_is_no_wish_of_the_person(text: str) -> None:
    assert [(one.id, one.value) for one in READER.read(text).readings] == [("safety.contact", ["close_call"])]


def test_no_loans_is_the_number() -> None:
    assert [one.value for one in READER.read("没有贷款").readings] == [0]


def _answers(reading: Reading, objection: Objection) -> bool:
    return any(objection.concerns(f"belief.{one.id}", "") for one in reading.beliefs) or any(
        (one.sure or not objection.doubt) and objection.concerns(one.id, value)
        for one in reading.readings
        for value in (one.value or [""] if isinstance(one.value, list) else [str(one.value)])
    )


@pytest.mark.parametrize("objection", LEXICON.objection, ids=[one.yes for one in LEXICON.objection])
def test_an_objection_forbids_the_reading_and_without_it_the_text_is_misread(objection: Objection) -> None:
    assert bool(objection.pattern) != bool(objection.mark)
    assert not _answers(READER.read(objection.yes), objection)
    assert _answers(READER.read(objection.no), objection)
    others = tuple(one for one in LEXICON.objection if one is not objection)
    without = copy.copy(READER)
    without.guards = Guards(msgspec.structs.replace(LEXICON, objection=others))
    misread = without.read(objection.yes)
    assert _answers(misread, objection) or misread.sure_answers() != READER.read(objection.yes).sure_answers()


NOT_OF_ONE_PERSON = [
    "我没有微粒贷，她有，她45岁",
    "我朋友说她有微粒贷，她58岁",
    "为什么他有微粒贷，他还是学生",
    "他叫我开微粒贷，他38岁",
]


@pytest.mark.parametrize("text", NOT_OF_ONE_PERSON)
def test_a_pronoun_beside_the_person_or_somebody_named_is_another(text: str) -> None:
    sure = READER.read(text).sure_answers()
    assert not {"person.age", "person.student"} & sure.keys()
    assert "entry.services_menu" not in sure or sure["entry.services_menu"].value != "shown"


@each("reading/guards.toml#nobodys_own", "text")
def test_what_is_nobodys_own_is_not_read(text: str) -> None:
    assert not READER.read(text).readings
