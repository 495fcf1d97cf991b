"""Cases line by line: ids of any kind come back, a bad line becomes a record and stops nothing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnostics.batch import MAX_LINE, BatchWorker, Block, Line, run
from diagnostics.knowledge import load

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from diagnostics.knowledge.model import Knowledge

KNOWLEDGE = load()


def one(knowledge: Knowledge, number: int, raw: bytes, lang: str = "zh", fields: Sequence[str] = ()) -> Line:
    line = BatchWorker(knowledge, lang, fields).line(number, raw)
    assert line is not None
    return line


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def out(line: bytes | str, **options: Any) -> dict[str, Any]:
    raw = line if isinstance(line, bytes) else line.encode()
    found: dict[str, Any] = json.loads(one(KNOWLEDGE, 7, raw, **options).data)
    return found


def case(id_: str, answers: str = "{}") -> str:
    return f'{{"id": {id_}, "answers": {answers}}}'


@given(JSON_VALUES)
def test_an_id_of_any_kind_comes_back_in_reports_and_in_errors(id_: object) -> None:
    text = json.dumps(id_)
    for answers in ("{}", '{"person.age": -1}'):
        line = one(KNOWLEDGE, 1, case(text, answers).encode(), fields=("outcome",))
        assert json.loads(line.data)["id"] == id_
        assert line.rejected == (answers != "{}")
        assert b"\n" not in line.data


@pytest.mark.parametrize(
    ("raw", "kept"),
    [('"\\ud800"', b'"\\ud800"'), ("123456789012345678901234567890", b"123456789012345678901234567890"),
     ('"\\u202e\\u001b[2J"', b'"\\u202e\\u001b[2J"'), ('"张三"', '"张三"'.encode()), ("-0.0", b"-0.0"), ('""', b'""')],
)  # fmt: skip
def test_an_id_that_is_hard_to_write_is_written_safely(raw: str, kept: bytes) -> None:
    assert one(KNOWLEDGE, 1, case(raw).encode(), fields=("outcome",)).data.startswith(b'{"id":' + kept + b",")


@pytest.mark.parametrize(
    ("line", "id_", "place", "words"),
    [
        ("{", None, "line:1:2", "JSON"),
        ("[]", None, "line", "array"),
        ("null", None, "line", "null"),
        ('{"id": 5}', 5, "answers", "answers"),
        ('{"id": 5, "answers": []}', 5, "answers", "array"),
        ('{"id": 5, "answer": {}}', 5, "answer", "choose from id, schema, answers and text"),
        ('{"id": 5, "answers": {}, "schema": "x"}', 5, "schema", "weilidai-doctor/answers/1"),
        (case("5", '{"person.age": true}'), 5, "person.age", "boolean"),
        (case("5", '{"person.agee": 1}'), 5, "person.agee", "did you mean person.age?"),
        (case("5", '{"person.age": 1, "person.age": 2}'), None, "line: person.age", "twice"),
        (case("NaN"), None, "line:1:8", "NaN"),
        (case("1e999"), None, "id", "not a number"),
        ("[" * 5000, None, "line", "32 levels"),
        (b'{"id": "\xff", "answers": {}}', None, "line", "utf-8"),
        (b" " * MAX_LINE + b"{}", None, "line", str(MAX_LINE)),
    ],
)
def test_a_bad_line_becomes_a_record_that_names_the_place(line: str | bytes, id_: Any, place: str, words: str) -> None:
    found = out(line, lang="en")
    assert found == {"id": id_, "line": 7, "error": {"message": found["error"]["message"], "place": place}}
    assert words in found["error"]["message"]


def test_a_plain_answers_file_is_a_case_without_an_id() -> None:
    found = out('{"schema": "weilidai-doctor/answers/1", "answers": {"person.age": 17}}')
    assert found["id"] is None
    assert found["causes"][0]["id"] == "age_out_of_range"


@pytest.mark.parametrize("line", ["\ufeff" + case("1"), case("1") + "\r\n", "  " + case("1") + "\t\n"])
def test_marks_and_white_space_around_a_case_do_no_harm(line: str) -> None:
    assert out(line, fields=("outcome",)) == {"id": 1, "outcome": "not_enough_known"}


def test_the_id_goes_with_every_line_and_may_be_named_as_a_field() -> None:
    assert out(case("1"), fields=("id", "outcome")) == {"id": 1, "outcome": "not_enough_known"}
    assert out(case("1"), fields=("id",)) == {"id": 1}


def test_only_the_wanted_fields_and_in_the_wanted_language() -> None:
    found = out(case("1", '{"person.age": 17}'), fields=("summary", "outcome"), lang="en")
    assert list(found) == ["id", "summary", "outcome"]
    assert found["summary"].isascii()
    line = one(KNOWLEDGE, 1, case("1", '{"person.age": 17}').encode())
    assert (line.rejected, line.ends) == (False, ("cause_found", "age_out_of_range"))


def test_the_stream_is_lazy() -> None:
    def blocks() -> Iterator[Block]:
        yield Block(1, case("1").encode())
        raise AssertionError("read ahead")

    assert json.loads(b"".join(next(run(KNOWLEDGE, blocks())).pieces))["id"] == 1
