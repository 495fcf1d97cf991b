"""Cases line by line: ids of any kind come back, a bad line becomes a record, and what came before never shows.

A line that is read at once says what the strict door says of it.
"""

import io
import json
from collections.abc import Callable, Iterable, Sequence
from itertools import cycle
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diagnostics import batch
from diagnostics.answers import parse_answers
from diagnostics.batch import MAX_LINE, BatchWorker, Block, Line, split_blocks
from diagnostics.engine.assessment import assess_answers
from diagnostics.engine.conditions import Memo
from diagnostics.evidence import now
from diagnostics.knowledge import load
from diagnostics.knowledge.derived import AnyOf
from diagnostics.knowledge.model import Condition
from diagnostics.knowledge.read import encoded
from diagnostics.report import Report
from diagnostics.report.build import lazy_report
from diagnostics.report.diagnosis import Diagnosis
from tests.fuzz.people import people
from tests.rows import each

KNOWLEDGE = load()
WHOLE = Report.__struct_fields__
SETTING = [("zh", WHOLE), ("en", WHOLE), ("zh", ("outcome", "summary")), ("en", ("questions", "outcome"))]
READERS = {(lang, fields): BatchWorker(KNOWLEDGE, lang, fields) for lang, fields in SETTING}
"""Made once: what earlier examples left behind must not show in later ones."""


@pytest.fixture(autouse=True)
def _same_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1800000000")


def one(raw: bytes | str, lang: str = "zh", fields: Sequence[str] = ()) -> Line:
    worker = READERS.get((lang, tuple(fields))) or BatchWorker(KNOWLEDGE, lang, fields)
    return worker.line(7, raw if isinstance(raw, bytes) else raw.encode())


def out(line: bytes | str, **options: Any) -> dict[str, Any]:
    return json.loads(one(line, **options).data)


def case(id_: str, answers: str = "{}") -> str:
    return f'{{"id": {id_}, "answers": {answers}}}'


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(JSON_VALUES)
def test_an_id_of_any_kind_comes_back_in_reports_and_in_errors(id_: object) -> None:
    for answers in ("{}", '{"person.age": -1}'):
        line = one(case(json.dumps(id_), answers), fields=("outcome",))
        assert json.loads(line.data)["id"] == id_
        assert line.rejected == (answers != "{}")
        assert b"\n" not in line.data


@pytest.mark.parametrize(
    ("raw", "kept"),
    [('"\\ud800"', b'"\\ud800"'), ("123456789012345678901234567890", b"123456789012345678901234567890"),
     ('"\\u202e\\u001b[2J"', b'"\\u202e\\u001b[2J"'), ('"张三"', '"张三"'.encode()), ("-0.0", b"-0.0"), ('""', b'""')],
)  # fmt: skip
def test_an_id_that_is_hard_to_write_is_written_safely(raw: str, kept: bytes) -> None:
    assert one(case(raw), fields=("outcome",)).data.startswith(b'{"id":' + kept + b",")


def refuses(line: bytes, id_: Any, place: str, says: str) -> None:
    reader = READERS["en", WHOLE]
    reader.line(1, b'{"answers": {"person.age": 1}}')  # true is no 1, also where 1 was read before
    assert reader._read(line) is None, "it is left to the strict door"
    found = out(line, lang="en", fields=WHOLE)
    assert found == {"id": id_, "line": 7, "error": {"message": found["error"]["message"], "place": place}}
    assert says in found["error"]["message"]


@each("batch_lines.toml#bad", "line, own, place, says")
def test_a_bad_line_becomes_a_record_that_names_the_place(line: str, own: int | None, place: str, says: str) -> None:
    refuses(line.encode(), own, place, says)


@pytest.mark.parametrize(
    ("line", "id_", "place", "says"),
    [
        (case("5", f'{{"wechat.version": "{"8" * 4001}"}}').encode(), 5, "wechat.version", "longer than 4000"),
        (b"[" * 33 + b"]" * 33, None, "line", "32 levels"),
        (b'{"id": "\xff", "answers": {}}', None, "line", "utf-8"),
        (b" " * MAX_LINE + b"{}", None, "line", str(MAX_LINE)),
    ],
    ids=["long text", "nested", "no UTF-8", "long line"],
)
def test_a_line_that_is_too_much_or_no_text_becomes_a_record(line: bytes, id_: Any, place: str, says: str) -> None:
    refuses(line, id_, place, says)


def test_the_id_goes_with_the_wanted_fields_and_may_be_named_as_one_in_the_wanted_language() -> None:
    assert out(case("1"), fields=("id", "outcome")) == {"id": 1, "outcome": "not_enough_known"}
    assert out(case("1"), fields=("id",)) == {"id": 1}
    found = out(case("1", '{"person.age": 17}'), fields=("summary", "outcome"), lang="en")
    assert list(found) == ["id", "summary", "outcome"]
    assert found["summary"].isascii()
    line = one(case("1", '{"person.age": 17}'))
    assert (line.rejected, line.ends) == (False, ("cause_found", "age_out_of_range"))


def same(raw: bytes, lang: Any, fields: Sequence[str]) -> bool:
    """Hold a line to one written from its answers with nothing kept before; returns whether it was read at once."""
    reader = READERS[lang, tuple(fields)]
    line = reader.line(1, raw)
    if line.rejected:
        return False
    told = json.loads(raw)
    fresh = msgspec.structs.replace(reader._knowledge)
    assessment = assess_answers(fresh, parse_answers(fresh, told["answers"]), now())
    report = lazy_report(Diagnosis(assessment, None, lang=lang))
    wanted = {field: getattr(report, field) for field in fields}
    name = {"id": told.get("id")} if told.get("id") is not None else {"id": None, "line": 1}
    assert json.loads(line.data) == name | json.loads(msgspec.json.encode(wanted))
    return reader._read(raw) is not None


@settings(max_examples=60)
@given(people(), st.sampled_from(SETTING), st.randoms())
def test_a_line_after_many_others_is_the_line_by_itself(answers: Any, setting: Any, chance: Any) -> None:
    order = list(answers)
    chance.shuffle(order)
    raw = json.dumps({"id": chance.choice([7, "a:b", "甲"]), "answers": {id_: answers[id_] for id_ in order}}).encode()
    assert same(raw, *setting)


def test_a_fact_that_joins_others_makes_no_line_hang_on_those_before_it() -> None:
    """Facts that share observations through a third are worked out together; each still depends on its own alone."""
    joined = AnyOf(
        id="x.joined", facts={"entry.page_message": "closed", "entry.official_account": "refused"}, gives="yes"
    )
    asking = msgspec.structs.replace(
        KNOWLEDGE.contradictions[0], when={"x.joined": msgspec.convert({"any": ["yes"]}, Condition)}
    )
    later = KNOWLEDGE.later | encoded({"derived": KNOWLEDGE.derived | {joined.id: joined}})
    contradictions = (*KNOWLEDGE.contradictions, asking)
    knowledge = msgspec.structs.replace(KNOWLEDGE, later=later, contradictions=contradictions)
    lines = [
        case("1", f'{{"entry.page_message": "none", "entry.official_account": "{there}"}}').encode()
        for there in ("not_found", "opens_application")
    ]
    worker = BatchWorker(knowledge, "zh", ("causes",))
    after = [worker.line(1, raw) for raw in lines]
    alone = [BatchWorker(msgspec.structs.replace(knowledge), "zh", ("causes",)).line(1, raw) for raw in lines]
    assert [line and line.data for line in after] == [line and line.data for line in alone]


AMOUNT = st.one_of(st.integers(0, 40).map(lambda number: number * 500), st.floats(0, 1e6), st.sampled_from([0, 0.0, 1]))
NUMBER = "{0}.{1}.{2}"
MET = {
    "debt.monthly_income": AMOUNT,
    "debt.monthly_repayment": AMOUNT,
    "debt.open_loans": st.integers(0, 9),
    "person.age": st.integers(0, 130),
    "wechat.version": st.sampled_from(
        [NUMBER, "微信 " + NUMBER, "iOS " + NUMBER, "Android {0}.{1}", "{0}", "?{1}", "WeChat Mac {0}.{1}"]
    ),
    "os.version": st.sampled_from(
        ["Android {0}", "iOS {1}.{2}", "{1}.{2}", "HarmonyOS {0}.0", "HarmonyOS NEXT {0}.{1}", "?{2}", "MIUI {1}"]
    ),
    "client.platform": st.sampled_from([choice.id for choice in KNOWLEDGE.questions["client.platform"].value]),
    "entry.services_menu": st.sampled_from(["shown", "not_shown", "no_services_menu"]),
    "complaint.what": st.sampled_from([choice.id for choice in KNOWLEDGE.questions["complaint.what"].value]),
}
"""Answers that hardly ever come twice, sums and ages and texts with some number in them; and what goes with them."""


@settings(max_examples=40)
@given(
    st.fixed_dictionaries({}, optional={id_: st.one_of(told, st.just("unknown")) for id_, told in MET.items()}),
    st.tuples(st.integers(5, 9), st.integers(0, 16), st.integers(0, 60)),
    st.sampled_from(["zh", "en"]),
)
def test_sums_and_versions_that_hardly_come_twice_are_written_as_they_are(told: Any, numbers: Any, lang: Any) -> None:
    answers = {id_: value.format(*numbers) if isinstance(value, str) else value for id_, value in told.items()}
    same(json.dumps({"id": 1, "answers": answers}).encode(), lang, WHOLE)


@each("batch_lines.toml#odd", "line")
@pytest.mark.parametrize("setting", SETTING)
def test_a_line_that_is_odd_but_good_is_taken(line: str, setting: Any) -> None:
    same(line.encode(), *setting)
    taken = READERS[setting].line(1, line.encode())
    assert not taken.rejected


def test_a_verdict_is_as_sure_as_the_minimum_of_its_own_platform(monkeypatch: pytest.MonkeyPatch) -> None:
    own = {"android": "operator", "ios": "official"}
    rows = tuple(
        msgspec.structs.replace(row, confidence=own.get(row.platform, row.confidence)) for row in KNOWLEDGE.minimums
    )
    knowledge = msgspec.structs.replace(KNOWLEDGE, minimums=rows)
    monkeypatch.setitem(READERS, ("zh", WHOLE), BatchWorker(knowledge, "zh", WHOLE))
    told = {"wechat.version": "8.0.49", "os.version": "14"}
    for where in ({"client.platform": "android"}, {"client.platform": "ios"}, {"client.platform": "windows"}, {}):
        assert same(json.dumps({"answers": told | where}).encode(), "zh", WHOLE)


def test_a_table_never_grows_beyond_its_bound() -> None:
    kept: Memo[int, str] = Memo(3)
    for number in range(10):
        assert kept.keep(number, str(number)) == str(number)
        assert kept[number] == str(number)
        assert len(kept) <= 3


TEXT = st.text(st.sampled_from("a甲😀 \r\n\n"), max_size=60)
SIZES = st.lists(st.integers(1, 9), min_size=1, max_size=4)
MOST = st.sampled_from([1, 2, 5, 1000])


def pieces(data: bytes, sizes: list[int]) -> Callable[[int], bytes]:
    """Give out a stream in pieces of these sizes, over and over, as a slow pipe does."""
    stream, turn = io.BytesIO(data), cycle(sizes)
    return lambda size: stream.read(min(next(turn), size))


def numbered(found: Iterable[Block]) -> list[tuple[int, bytes]]:
    """Return the lines that are not blank, with their numbers."""
    return [
        (number, line)
        for block in found
        for number, line in enumerate(block.data.split(b"\n"), block.number)
        if line.strip()
    ]


def plain(text: str) -> list[tuple[int, bytes]]:
    return [(at, line.encode()) for at, line in enumerate(text.split("\n"), 1) if line.encode().strip()]


@given(
    TEXT, st.lists(st.integers(1, 9), min_size=1, max_size=4), MOST, st.sampled_from(["utf-8", "utf-8-sig", "utf-16"])
)
def test_lines_keep_their_numbers_however_they_come(text: str, sizes: list[int], most: int, encoding: str) -> None:
    found = list(split_blocks(pieces(text.encode(encoding), sizes), most))
    assert numbered(found) == plain(text)
    assert all(block.data.count(b"\n") <= most for block in found)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("sizes", [[1], [5], [1000]])
def test_an_encoding_is_known_without_a_mark(encoding: str, sizes: list[int]) -> None:
    text = '{"id": "甲"}\n\n{"id": 2}'
    assert numbered(split_blocks(pieces(text.encode(encoding), sizes))) == plain(text)


def test_utf_16_that_breaks_off_ends_in_a_replacement_character() -> None:
    assert numbered(split_blocks(io.BytesIO("甲\n乙".encode("utf-16") + b"\x00").read)) == [
        (1, "甲".encode()), (2, "乙\ufffd".encode()),
    ]  # fmt: skip


@pytest.mark.parametrize("sizes", [[1], [7], [64], [1000]])
def test_of_a_line_that_is_too_long_the_beginning_is_kept(monkeypatch: pytest.MonkeyPatch, sizes: list[int]) -> None:
    monkeypatch.setattr(batch, "MAX_LINE", 20)
    data = b"x" * 20 + b"\n" + b"y" * 500 + b"\n" + b"z" * 5 + b"\n" + b"w" * 500
    found = numbered(split_blocks(pieces(data, sizes)))
    assert [(number, line[:1]) for number, line in found] == [(1, b"x"), (2, b"y"), (3, b"z"), (4, b"w")]
    assert [len(line) > 20 for _, line in found] == [False, True, False, True]
    if sizes[0] < 64:
        assert max(len(line) for _, line in found) <= 20 + 2 * sizes[0]
