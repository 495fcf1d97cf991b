"""The strict door for answers: what is refused, at which place, and what is read as meant."""

import json
import re
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

import pytest

from diagnostics import diagnose
from diagnostics.answers import (
    MAX_BYTES,
    MAX_TEXT,
    AnswerError,
    UnclearError,
    parse_answer,
    parse_answers,
    parse_file,
    parse_setting,
    read_number,
    stored_answer,
)
from diagnostics.autosave import DraftFile
from diagnostics.cases.bundle import take
from diagnostics.cases.model import StoreLocation
from diagnostics.cases.store import open_store
from diagnostics.evidence import Value
from diagnostics.i18n import nearest
from diagnostics.knowledge import load
from diagnostics.questionnaire.codec import decode, encode, layout
from tests.diagnostics.questionnaire.node import by_page
from tests.rows import DATA, each, rows

KNOWLEDGE = load()


def fault(read: Callable[..., object], *given: Any) -> AnswerError:
    """Return why a door refuses what it is given."""
    with pytest.raises(AnswerError) as caught:
        read(KNOWLEDGE, *given)
    return caught.value


def refused(data: bytes | str) -> AnswerError:
    return fault(parse_file, data, "a.json")


def answers(text: str) -> bytes:
    return f'{{"answers": {text}}}'.encode()


@each("answers.toml#refused", "data, place, key")
def test_refused_at_its_place(data: str, place: str, key: str) -> None:
    error = refused(data)
    assert (error.place, error.key) == (place, key)


@each("answers.toml#masked", "text, kept")
def test_a_personal_number_in_a_text_is_masked_and_a_version_is_not(text: str, kept: str) -> None:
    assert parse_answer(KNOWLEDGE, "wechat.version", text) == kept
    assert parse_answer(KNOWLEDGE, "os.version", kept) == kept


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("bracket", [b"[", b'{"a":'])
def test_megabytes_of_nesting_are_refused_at_once(bracket: bytes, lang: str) -> None:
    began = time.process_time()
    error = refused(bracket * (MAX_BYTES // len(bracket)))
    assert error.key == "too_deep"
    assert "\n" not in error.text(lang)
    assert time.process_time() - began < 2


def test_brackets_within_a_text_are_no_nesting() -> None:
    text = '\\"' + "[{" * 500
    assert parse_file(KNOWLEDGE, f'{{"answers": {{"wechat.version": "{text}"}}}}') == {"wechat.version": text[1:]}


@pytest.mark.parametrize("unit", ['\\"', '"', "\\", '"[', '\\\\"'])
def test_a_text_without_end_is_refused_in_linear_time(unit: str) -> None:
    began = time.process_time()
    data = '{"answers": {"wechat.version": "' + unit * ((MAX_BYTES - 64) // len(unit))
    assert refused(data).key in ("not_json", "too_deep")
    assert time.process_time() - began < 2


def test_more_than_a_megabyte_is_refused_unread() -> None:
    assert refused(b" " * (MAX_BYTES + 1)).key == "too_large"
    assert parse_file(KNOWLEDGE, b'{"answers": {}}'.ljust(MAX_BYTES)) == {}


WRITTEN = '{"answers": {"wechat.version": "微信 8.0.49"}}'


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"]
)
def test_unicode_in_all_its_encodings_is_read(encoding: str) -> None:
    assert parse_file(KNOWLEDGE, WRITTEN.encode(encoding)) == {"wechat.version": "微信 8.0.49"}


@pytest.mark.parametrize("data", ['{"answers": {"wechat.version": "“8.0”"}}'.encode("cp1252"), b"\xff", b"\xff\xfe{",
                                  WRITTEN.encode("gbk"), WRITTEN.encode("utf-16")[:-1]])  # fmt: skip
def test_what_is_no_unicode_is_refused_with_the_encoding(data: bytes) -> None:
    error = refused(data)
    assert error.key == "encoding"
    assert re.search(r"utf-(8|16)", error.text("en"))


@pytest.mark.parametrize(
    ("wrong", "right"),
    [("person.aeg", "person.age"), ("age", "person.age"), ("credit.overdu", "credit.overdue"),
     ("overdue", "credit.overdue"), ("wechat_version", "wechat.version"), ("teen_mode", "account.teen_mode")],
)  # fmt: skip
def test_the_nearest_question_is_named(wrong: str, right: str) -> None:
    error = refused(answers(json.dumps({wrong: 1})))
    assert f"did you mean {right}?" in error.text("en")
    assert f"您是想写 {right} 吗？" in error.text("zh")


def test_the_nearest_value_is_named_and_a_strange_one_has_none() -> None:
    assert "did you mean settled?" in refused(answers('{"credit.overdue": "setled"}')).text("en")
    assert "did you mean" not in refused(answers('{"credit.overdue": "zzzz"}')).text("en")
    assert nearest("qqqqqqqq", KNOWLEDGE.questions) is None


@pytest.mark.parametrize("nothing", ["none", "No", "没有"])
def test_nothing_in_a_list_is_taken_for_no_value(nothing: str) -> None:
    error = fault(parse_setting, f"safety.given={nothing}")
    assert error.values["near"] is None
    assert "empty" in error.text("en")


def test_a_list_takes_no_unknown_and_says_so() -> None:
    assert "unknown" not in refused(answers('{"activity.services": ["x"]}')).text("en").split("one of")[1]
    assert parse_answers(KNOWLEDGE, {"activity.services": "unknown"}) == {"activity.services": "unknown"}


def test_hostile_text_in_a_name_is_cleaned_in_the_message() -> None:
    text = refused(answers(json.dumps({"\x1b]52;c;QUFB\x1b\\\u202e\n" + "x" * 9000: 1}))).text("en")
    assert text.isprintable()
    assert len(text) < 400


def test_what_is_valid_comes_back_as_meant() -> None:
    given = {
        "person.age": 35.0, "debt.monthly_income": 0.1, "debt.open_loans": 2, "credit.overdue": "unknown",
        "activity.services": ["wealth", "spending", "wealth"], "wechat.version": "\x1b[2J8.0\r\n", "os.version": "0",
    }  # fmt: skip
    assert parse_answers(KNOWLEDGE, given) == {
        "person.age": 35, "debt.monthly_income": 0.1, "debt.open_loans": 2, "credit.overdue": "unknown",
        "activity.services": ["wealth", "spending"], "wechat.version": "\ufffd[2J8.0\n", "os.version": "0",
    }  # fmt: skip
    assert type(parse_answers(KNOWLEDGE, {"person.age": 35.0})["person.age"]) is int


@pytest.mark.parametrize("id_", sorted(KNOWLEDGE.questions))
def test_every_question_takes_unknown_and_none_takes_a_boolean(id_: str) -> None:
    assert parse_answers(KNOWLEDGE, {id_: "unknown"}) == {id_: "unknown"}
    for value in (True, False, None, {}, b"x"):
        assert fault(parse_answers, {id_: value}).place == id_


@pytest.mark.parametrize(
    ("id_", "value", "key"),
    [
        *(("debt.monthly_income", absurd, "out_of_range") for absurd in (10**39, 1e300, 1e308, 2**64, 10**12 + 1)),
        *(("debt.monthly_income", 10**digits, "too_many_digits") for digits in (400, 4000)),
        *((id_, empty, "empty_text") for id_ in ("wechat.version", "os.version") for empty in ("", " ", "\u3000\n")),
        ("wechat.version", "8" * (MAX_TEXT + 1), "too_long"),
    ],
)
def test_what_no_reader_could_hold_and_what_says_nothing_is_refused(id_: str, value: Value, key: str) -> None:
    error = fault(parse_answers, {id_: value})
    assert (error.key, error.place) == (key, id_)
    assert len(error.text("en")) < 200
    assert parse_answers(KNOWLEDGE, {"debt.monthly_income": 1e12}) == {"debt.monthly_income": 10**12}


@pytest.mark.parametrize(
    ("id_", "value"), [("wechat.version", ""), ("os.version", " "), ("debt.monthly_income", 1e308)]
)
def test_what_only_earlier_versions_took_for_an_answer_is_left_out_where_it_was_stored(id_: str, value: Value) -> None:
    assert stored_answer(KNOWLEDGE, id_, value) is None
    assert stored_answer(KNOWLEDGE, "debt.monthly_income", 10**12) == 10**12
    for other, bad in (("debt.monthly_income", "x"), ("debt.monthly_income", 10**400), ("person.age", 131)):
        assert fault(stored_answer, other, bad)


@each("answers.toml#setting", "text, question, value")
def test_a_setting_is_read_by_its_questions_type(text: str, question: str, value: Value) -> None:
    assert parse_setting(KNOWLEDGE, text) == (question, value)


@each("answers.toml#bad_setting", "text, key")
def test_a_bad_setting_is_refused(text: str, key: str) -> None:
    assert fault(parse_setting, text).key == key


def test_python_objects_are_read_as_what_they_are_like() -> None:
    """From Python come mappings and tuples too, and keys that JSON does not know."""
    services = ("spending", "wealth", "spending")
    assert parse_answers(KNOWLEDGE, MappingProxyType({"activity.services": services})) == {
        "activity.services": ["spending", "wealth"]
    }
    unusable: list[tuple[Any, str, str]] = [
        ({1: 2}, "1", "unknown_question"),
        ({"activity.services": {"spending"}}, "activity.services", "takes_list"),
        ({"person.age": (35,)}, "person.age", "takes_number"),
    ]
    for given, place, key in unusable:
        error = fault(parse_answers, given)
        assert (error.place, error.key) == (place, key)
        assert "number, not number" not in str(error)


def test_a_language_or_a_time_that_is_none_is_refused() -> None:
    other: Any = "fr"
    with pytest.raises(ValueError, match="not fr"):
        diagnose({}, lang=other)
    for time_ in ("yesterday", "2026-11-23", "2026-11-23T12:00:00"):
        with pytest.raises(ValueError, match="RFC 3339"):
            diagnose({}, generated_at=time_)
    assert diagnose({}, generated_at="2026-11-23T20:00:00+08:00").generated_at == "2026-11-23T20:00:00+08:00"


READ, UNCLEAR, NONE = rows("answers.toml#number").values()


@pytest.mark.parametrize(("text", "number"), READ)
def test_a_number_is_read_as_it_is_meant(text: str, number: float) -> None:
    assert read_number(text) == number
    assert isinstance(read_number(text), int) == isinstance(number, int)
    id_ = "debt.monthly_income"  # which every door reads alike
    assert parse_setting(KNOWLEDGE, f"{id_}={text}") == (id_, number)
    if any(sign.isdigit() for sign in text):
        assert parse_answer(KNOWLEDGE, id_, text) == number
        assert parse_file(KNOWLEDGE, json.dumps({"answers": {id_: text}})) == {id_: number}


@pytest.mark.parametrize("text", UNCLEAR)
def test_what_may_be_several_numbers_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(UnclearError):
        read_number(text)
    id_ = "debt.monthly_income"
    file = answers(json.dumps({id_: text}))
    for error in (fault(parse_setting, f"{id_}={text}"), fault(parse_answer, id_, text), refused(file)):
        for lang in ("zh", "en"):
            assert "8,000" in error.message(lang)
            assert text in error.message(lang)


@pytest.mark.parametrize("text", NONE)
def test_what_is_no_number_is_refused(text: str) -> None:
    assert fault(parse_setting, f"debt.monthly_income={text}").key == "no_number"


def test_the_page_reads_whole_numbers_as_the_program_does(tmp_path: Path) -> None:
    texts = [text for text, _ in READ] + UNCLEAR + NONE
    page = by_page(KNOWLEDGE, "return given.map(readNumber);", texts, tmp_path)
    for text, read in zip(texts, page, strict=True):
        try:
            told: float | None = read_number(text)
        except ValueError:
            told = None
        typed = (
            told is not None and isinstance(told, int) and text.strip()[0] not in "+." and "e" not in text.lower()[1:2]
        )
        assert read == (told if typed else None), text


OLD = DATA / "v0_1_0"
ROWS: list[dict[str, Any]] = json.loads((OLD / "answers.json").read_text(encoding="utf-8"))


def observed(answers: dict[str, Any]) -> dict[str, Any]:
    return {one.id: one.value for one in diagnose(answers).observations}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["code"])
def test_an_old_code_gives_the_answers_that_went_into_it(row: dict[str, Any]) -> None:
    assert decode(row["code"]) == row["answers"]


def test_a_code_of_today_is_told_from_an_old_one() -> None:
    old = {row["code"][5:10] for row in ROWS}
    new = {encode(row["answers"])[5:10] for row in ROWS}
    assert len({code[:3] for code in old | new}) == 2  # three signs name the questions
    assert layout(KNOWLEDGE) != 28618  # 0.1.0's
    assert all(decode(encode(row["answers"])) == row["answers"] for row in ROWS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["code"])
def test_an_old_answers_file_is_taken_and_means_the_same(row: dict[str, Any]) -> None:
    file = json.dumps({"schema": "weilidai-doctor/answers/1", "answers": row["answers"]})
    assert parse_file(KNOWLEDGE, file) == row["answers"]
    report = diagnose(row["answers"])
    held = {one.id: one.value for one in report.observations}
    assert held.get("account.had_entry_before") == row["had_before"]
    # the warning that led then leads now; one that was not called for may lead now (an account in other hands)
    assert (report.warnings[0].id == "scam") >= row["scam_first"]
    assert row["answers"].items() <= held.items()


@each("answers.toml#paid_offer", "answers, scam, contradictions")
def test_an_offer_for_money_counts_however_it_was_said(answers, scam, contradictions) -> None:
    report = diagnose(answers)
    assert (report.warnings[0].id == "scam") is scam
    assert [one.id for one in report.contradictions] == contradictions


def test_the_paid_offer_is_answered_where_it_is_asked_now() -> None:
    assert observed({"complaint.what": "paid_offer"})["safety.contact"] == ["paid_opening"]
    questions = diagnose({"scam.offered_paid_opening": "yes"}).questions
    assert questions.answered == ("scam.offered_paid_opening",)
    everywhere = (*questions.remaining, *questions.page, *(one.id for one in questions.skipped))
    assert "scam.offered_paid_opening" not in everywhere


def test_an_old_draft_is_taken_up(tmp_path: Path) -> None:
    path = shutil.copy(OLD / "draft.json", tmp_path)
    wanted = {one["id"]: one["value"] for one in json.loads(Path(path).read_text(encoding="utf-8"))["observations"]}
    assert len(wanted) > 10
    assert {one.id: one.value for one in DraftFile(Path(path)).read(KNOWLEDGE)} == wanted


@pytest.mark.parametrize("form", ["a case store", "a hand-over"])
def test_old_cases_are_opened(tmp_path: Path, form: Literal["a case store", "a hand-over"]) -> None:
    lines = (OLD / "cases.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    written = [json.loads(line) for line in lines[1:-1]]
    place = StoreLocation(file=tmp_path / "cases.db")
    if form == "a case store":
        shutil.copy(OLD / "cases.db", place.file or "")
    store = open_store(KNOWLEDGE, place, operator="小李")
    try:
        if form == "a hand-over":
            assert take(store, lines).new == len(written)
        for case, old in zip(store.every(), written, strict=True):
            wanted = {one["id"]: one["value"] for one in old["observations"]}
            if form == "a case store":
                assert {one.id: one.value for one in case.observations} == wanted
            else:  # an age goes out as the least of its band
                assert {one.id for one in case.observations} == set(wanted)
    finally:
        store.dispose()
