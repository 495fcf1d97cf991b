"""Replies to numbered messages: read rightly, or asked again; never wrongly and surely."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from diagnostics.knowledge import load
from diagnostics.questionnaire.message import LIMIT, Sent, listed, sent_of, write_message
from diagnostics.questionnaire.replies import read_numbered, read_story
from diagnostics.reading import Finding
from diagnostics.reading.reader import read_text
from tests.headless.doctor import inside
from tests.rows import DATA

KNOWLEDGE = load()
QUESTIONS = ("complaint.what", "entry.services_menu", "app.restarted", "person.age", "safety.contact")


FIVE = sent_of(KNOWLEDGE, QUESTIONS)


def readings(text: str, answers: dict[str, Any] | None = None, kept: tuple[Sent, ...] = ()) -> dict[str, Finding]:
    """Read words in which a reply may stand, by the question that each answers."""
    return {one.id: one for one in read_story(KNOWLEDGE, text, answers or {}, "zh", kept).readings}


def asked_now(answers: dict[str, Any]) -> Sent:
    """Return the questions of the message after these answers."""
    return write_message(KNOWLEDGE, answers).sent


def corpus() -> Iterator[tuple[Sent, str, dict[str, str]]]:
    """Yield each reply with the questions it answers and what it says, by the number of the question."""
    lines: list[str] = []
    asked = FIVE
    for line in (DATA / "replies.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("# questions "):
            asked = sent_of(KNOWLEDGE, tuple(line.split()[2:]))
        if line.startswith("# "):
            continue
        text, arrow, told = line.partition(" =>")
        lines.append(text)
        if arrow:
            reply = "\n".join(lines).replace("{tag}", f"#{asked.tag}")
            yield asked, reply, dict(one.split("=") for one in told.split())
            lines = []


def value_of(id_: str, said: str) -> Any:
    question = KNOWLEDGE.questions[id_]
    if said == "?":
        return "unknown"
    if question.type == "choices":
        return [] if said == "0" else [question.value[ord(sign) - ord("A")].id for sign in said]
    if question.value:
        return question.value[ord(said) - ord("A")].id
    return said if question.type == "text" else int(said)


def test_replies_are_read_rightly_and_never_wrongly_for_sure() -> None:
    right = asked = 0
    missed, wrong = [], []
    for sent_, text, told in corpus():
        found = {one.id: one.value for one in read_numbered(KNOWLEDGE, sent_, text).findings if one.sure}
        for number, id_ in enumerate(sent_.questions, 1):
            said, read = told.get(str(number), "-"), found.get(id_)
            expected = None if said in "-x" else value_of(id_, said)
            if read is not None and read != expected:
                wrong.append((text, number, said, read))
            if said not in "-x":
                asked += 1
                right += read == expected
                if read != expected:
                    missed.append((text, number, said, read))
    assert wrong == []
    assert right / asked >= 0.97, missed


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(
    "answers", [{}, {"complaint.what": "never_had"}, {"complaint.what": "harm"}, {"entry.services_menu": "shown"}]
)
def test_a_message_is_short_and_its_reply_is_known_by_its_tag(lang: Any, answers: dict[str, Any]) -> None:
    message = write_message(KNOWLEDGE, answers, lang)
    assert len(message.text) <= LIMIT[lang]
    assert message.text.rstrip(".").endswith(f"#{message.sent.tag}")
    assert not set(answers) & set(message.sent.questions)
    first = message.sent.questions[0]
    found = readings(f"1A {message.sent.tag.lower()}", answers)[first]
    assert (found.value, found.sure) == (value_of(first, "A"), True)
    assert readings(f"{message.text}\n\n1B", answers)[first].sure


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("id_", KNOWLEDGE.questions)
def test_every_question_says_how_to_answer_and_what_not_to_write(lang: Any, id_: str) -> None:
    message = write_message(KNOWLEDGE, {one: "unknown" for one in KNOWLEDGE.questions if one != id_}, lang)
    if message.sent is None:
        return
    head, foot = ("请照编号回我", "别写密码、验证码") if lang == "zh" else ("reply by number", "No passwords, codes")
    assert head in message.text
    assert foot in message.text
    assert len(message.text) <= LIMIT[lang]


def test_nobody_is_asked_on_once_it_is_enough() -> None:
    robbed = {"safety.contact": ["paid_opening"], "safety.given": ["money"], "person.age": 23}
    message = write_message(KNOWLEDGE, robbed)
    assert message.sent is None
    assert "够了" in message.text
    assert asked_now({"person.age": 66})  # the desk may go on all the same


@pytest.mark.parametrize("typed", ["1K", "1k", "1 K", "1、k", "1K 2 0 3D", "1K，其他不知道"])
def test_a_letter_that_is_a_unit_too_is_an_option_where_there_is_one(typed: str) -> None:
    found = readings(f"{typed} #{asked_now({}).tag}")["complaint.what"]
    assert (found.value, found.sure) == ("harm", True)


@pytest.mark.parametrize(
    "text",
    [
        "5G手机，微信服务里没有微粒贷",
        "1、微信服务里没有微粒贷；2、以前有过，现在没了",
        "2A 微信服务里没有微粒贷，我35岁",
    ],
)  # fmt: skip
def test_what_a_story_says_in_words_stands_whatever_its_numbers(text: str) -> None:
    plain, story = {one.id: one for one in read_text(KNOWLEDGE, text).readings}, readings(text)
    assert plain
    assert all(story[id_] == one for id_, one in plain.items())
    assert not any(one.sure for id_, one in story.items() if id_ not in plain)


def test_the_plain_list_of_the_page_has_a_tag_too() -> None:
    asked = listed(KNOWLEDGE)
    at = asked.questions.index("account.teen_mode") + 1
    (found,) = readings(f"{at}B，编号 #{asked.tag}").values()
    assert (found.id, found.value, found.sure) == ("account.teen_mode", "on", True)


def test_a_personal_number_is_masked_and_no_answer() -> None:
    reply = read_numbered(KNOWLEDGE, FIVE, f"1B 2B 身份证110101199003071234 4=35 #{FIVE.tag}")
    assert "110101199003071234" not in reply.rest
    assert {one.id: one.value for one in reply.findings} == {
        "complaint.what": "was_there", "entry.services_menu": "not_shown", "person.age": 35,
    }  # fmt: skip


def test_check_takes_a_reply_that_quotes_the_tag(tmp_path: Path) -> None:
    answers = {"complaint.what": "never_had"}
    sent = asked_now(answers)
    known, reply = tmp_path / "known.json", tmp_path / "reply.txt"
    known.write_text(json.dumps({"answers": answers}), encoding="utf-8")
    for tag, taken in ((sent.tag, True), ("", False)):
        reply.write_text(f"1B，谢谢 {tag}", encoding="utf-8")
        done = inside("check", "--answers", str(known), "--story", str(reply), "--offline", "--json")
        assert done.code == 0, done.err
        seen = {one["id"]: one["source"] for one in json.loads(done.out)["observations"]}
        assert (seen.get(sent.questions[0]) == "story") is taken


def test_a_reply_without_the_tag_is_read_by_the_latest_message_that_was_sent_and_only_offered() -> None:
    kept = (listed(KNOWLEDGE), sent_of(KNOWLEDGE, ("account.teen_mode", "person.student", "person.age")))
    for text in ("您好，1B 2、不是 3=35", "1B 第二个不是 第3题 35", f"1B 2不是 3 35 #{kept[-1].tag}"):
        found = readings(text, kept=kept)
        assert {id_: found[id_].value for id_ in kept[-1].questions} == {
            "account.teen_mode": "on", "person.student": "no", "person.age": 35,
        }, text  # fmt: skip
        assert {found[id_].sure for id_ in kept[-1].questions} == {"#" in text}, text


@pytest.mark.parametrize("questions", [QUESTIONS, ("no.longer_asked", *QUESTIONS)])
def test_by_another_versions_message_nothing_is_sure(questions: tuple[str, ...]) -> None:
    older = Sent(questions=questions, tag="M2M0", version="0.1.0")
    found = readings("1B 2B 4=35 #M2M0", kept=(older,))
    assert bool(found) is (questions == QUESTIONS)
    assert not any(one.sure for one in found.values())


@pytest.mark.parametrize("text", ["I am 33, I use WeChat Pay.", "I'm 45. I have no Weilidai", "1. A friend has it"])
def test_an_english_word_is_no_letter_of_an_option(text: str) -> None:
    assert "complaint.what" not in readings(text)
