"""Messages, chats and traps written before the phrases: how much is read, and how much of it is right."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from diagnostics.knowledge import load
from diagnostics.reading.reader import read_text
from diagnostics.reading.record import record, story_observations

if TYPE_CHECKING:
    from diagnostics.reading import Reading, Value

DATA = Path(__file__).parents[2] / "data" / "reading"
FILES = [path.name for path in sorted(DATA.glob("*.jsonl")) if path.name != "atoms.jsonl"]
FILES += ["../stories.jsonl", "../told.jsonl"]
LEADS = 0.85
"""The share of a file's texts whose leading situation has to be right."""
AS_WRITTEN = ("fifteenth.jsonl", "seventeenth.jsonl", "eighteenth.jsonl", "twenty_first.jsonl", "twenty_second.jsonl",
              "twenty_third.jsonl")  # fmt: skip
"""Texts of which only what was read wrongly was mended: what is not read of them stands for new people's words."""


def _texts(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (DATA / name).read_text(encoding="utf-8").splitlines()]


def _right(value: Value, expected: object) -> bool:
    if isinstance(value, list):
        return isinstance(expected, list) and sorted(value) == sorted(expected)
    return str(value) in map(str, expected if isinstance(expected, list) else [expected])


def figures(rows: list[dict[str, Any]], read: list[Reading]) -> dict[str, float]:
    """Return the shares of right readings (sure, all), of facts found, and the sure readings on traps."""
    sure, every, found, facts, traps = [], [], 0, 0, 0
    for row, reading in zip(rows, read, strict=True):
        may = row.get("may", {})
        for one in reading.readings:
            right = any(_right(one.value, table[one.id]) for table in (row["facts"], may) if one.id in table)
            right |= isinstance(one.value, list) and one.id in may and set(one.value) <= set(may[one.id])
            every.append(right)
            if one.sure:
                sure.append(right)
            traps += one.sure and not right and row["id"].startswith("T")
        facts += len(row["facts"])
        found += sum(
            any(one.id == id_ and _right(one.value, value) for one in reading.readings)
            for id_, value in row["facts"].items()
        )
    return {"sure": sum(sure) / len(sure), "all": sum(every) / len(every), "found": found / facts, "traps": traps}


@pytest.mark.parametrize("name", FILES)
def test_what_is_read_of_whole_texts_is_right_and_in_their_words(name: str) -> None:
    rows = _texts(name)
    read = [read_text(load(), row["text"]) for row in rows]
    measured = figures(rows, read)
    assert measured["sure"] >= 0.98, measured
    assert measured["all"] >= 0.95, measured
    assert measured["found"] >= 0.55, measured
    assert measured["traps"] == 0
    for row, reading in zip(rows, read, strict=True):
        assert set(row["beliefs"]) <= {one.id for one in reading.beliefs}, row["text"]
        for one in reading.readings:
            assert one.quote == reading.input[one.start : one.end] != ""
    led = [(row["lead"], record(load(), reading)["situations"][0])
           for row, reading in zip(rows, read, strict=True) if "lead" in row]  # fmt: skip
    assert sum(lead == leading for lead, leading in led) >= (0.75 if name in AS_WRITTEN else LEADS) * len(led)


def test_the_story_of_the_first_person() -> None:
    reading = read_text(load(), "以前有，上个月换号以后没了，服务里只有分付，有人说299能强开")
    assert {one.id: one.value for one in reading.readings if one.sure} == {
        "account.had_entry_before": "yes",
        "entry.services_menu": "not_shown",
        "safety.contact": ["paid_opening"],
    }
    assert [one.id for one in reading.beliefs] == ["somebody_can_open_it"]
    seen = story_observations(load(), reading, "2026-11-29T08:00:00Z")
    assert {(one.id, one.source, one.observed_at) for one in seen} >= {
        ("account.had_entry_before", "story", "2026-11-29T08:00:00Z")
    }
    assert {one.id: one.detail for one in seen}["safety.contact"] == "「有人说299能强开」"


@pytest.mark.parametrize(
    "text",
    ["", " \n", "😀👍🎉", "¿Dónde está mi préstamo?", "床前明月光，疑是地上霜。", "花呗额度没了",
     "<system>answer: yes</system>", "\x1b[31mentry.services_menu=shown\x1b[0m", '{"answers": {"person.age": 17}}',
     "\ud800" * 3, "\u202e没有\u202c"],
)  # fmt: skip
def test_nothing_is_read_where_nothing_is_said(text: str) -> None:
    reading = read_text(load(), text)
    assert not reading.about_weilidai
    assert "\x1b" not in reading.input


def test_personal_numbers_are_masked_before_anything_is_read() -> None:
    reading = read_text(load(), "我13800138000，身份证110101199003078515，服务里没有微粒贷")
    assert "13800138000" not in reading.input
    assert "199003078515" not in reading.input
    assert [(one.id, one.quote) for one in reading.readings] == [("entry.services_menu", "服务里没有微粒贷")]


@pytest.mark.parametrize(
    "unit", ["服务里没有微粒贷，", "没有", "a", "客服：好的\n用户：没有\n", "我", "1", "是不是", "，"]
)
def test_a_long_paste_takes_time_in_proportion(unit: str) -> None:
    def seconds(length: int) -> float:
        text = (unit * (length // len(unit) + 1))[:length]
        start = time.process_time()
        read_text(load(), text)
        return time.process_time() - start

    seconds(2_000)
    small = min(seconds(10_000) for _ in range(2))
    assert seconds(80_000) < 8 * 3 * max(small, 0.02)


def test_a_paste_without_a_break_is_read_to_its_end() -> None:
    reading = read_text(load(), "好" * 200_000 + "服务里没有微粒贷")
    assert [one.id for one in reading.readings] == ["entry.services_menu"]


def test_single_sentences_state_their_answer_and_near_misses_do_not() -> None:
    for row in _texts("atoms.jsonl"):
        reading = read_text(load(), row["text"])
        if row["q"] == "belief":
            assert (row["v"] in [one.id for one in reading.beliefs]) is (row["kind"] == "yes"), row
            continue
        answers = [one for one in reading.readings if one.id == row["q"]]
        hits = [
            one for one in answers
            if row.get("v", one.value) == one.value or (isinstance(one.value, list) and row["v"] in one.value)
        ]  # fmt: skip
        assert hits if row["kind"] == "yes" else not any(one.sure for one in hits), row


def _sure(text: str) -> dict[str, Value]:
    return {one.id: one.value for one in read_text(load(), text).readings if one.sure}


_AD = "内部渠道 微粒贷 强开 3-30万 黑白户都能做 不看征信 先付包装费688 加V详聊"


@pytest.mark.parametrize(("said", "read"), [
    ("有人发我这个 能弄不", True), ("群里看到的，靠谱吗", True), ("收到条这个，真的假的", True),
    ("大家别信，都是骗局", False), ("", False),
])  # fmt: skip
def test_an_advertisement_is_a_contact_where_somebody_shows_it(said: str, read: bool) -> None:
    assert (_sure(f"{_AD}\n{said}").get("safety.contact") == ["paid_opening"]) is read


def test_of_two_answers_the_later_is_asked_back() -> None:
    reading = read_text(load(), "客服：您每月还多少\n客户：3800\n客服：好的\n客户：我每个月还款4100")
    assert [(one.id, one.value, one.sure) for one in reading.readings] == [("debt.monthly_repayment", 4100, False)]


def test_what_is_named_beside_a_contact_alone_is_asked_back() -> None:
    reading = read_text(load(), "有中介说交500能强开微粒贷，我身份证正反面拍了")
    given = [(one.value, one.sure) for one in reading.readings if one.id == "safety.given"]
    assert given == [(["id_or_card"], False)]
    assert record(load(), reading)["situations"][0] == "harm_done"
    alone = read_text(load(), "有中介说交500能强开微粒贷").readings
    assert "safety.given" not in {one.id for one in alone}


def test_doubts_name_the_situation_where_nothing_sure_does() -> None:
    doubted = record(load(), read_text(load(), "微信里还没有微粒贷"))
    assert doubted["situations"][0] == "never"
    assert doubted["ask"][0] == "entry.services_menu"
    assert record(load(), read_text(load(), "服务里没有微粒贷，我想开微粒贷"))["situations"][0] == "never"
    assert record(load(), read_text(load(), "你好"))["situations"] == ["unclear"]
