"""Numbers as people write them: one reader for the app, `ask`, `--set`, files and the phone's page."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnostics.answers import (
    AMOUNT_PATTERN,
    AMOUNT_UNITS,
    AnswerError,
    UnclearError,
    parse_answer,
    parse_file,
    parse_setting,
    read_number,
)
from diagnostics.knowledge import load

KNOWLEDGE = load()
NODE = shutil.which("node")
SCREENS = Path(__file__).parents[2] / "diagnostics" / "questionnaire" / "static" / "screens.js"
READ = [
    ("8000", 8000), ("8,000", 8000), ("８０００", 8000), ("8，000", 8000), ("8000元", 8000), ("8000 元", 8000),
    ("¥8,000", 8000), ("￥８,０００", 8000), ("8千", 8000), ("8k", 8000), ("8K", 8000), ("1.2万", 12000),
    ("1.2w", 12000),
    ("0.8万元", 8000), ("12,345,678", 12345678), ("3百块", 300), ("8000块钱", 8000), ("8000 yuan", 8000), ("0", 0),
    (" 35岁 ", 35), ("35 周岁", 35), ("5笔", 5), ("8000人民币", 8000), ("0.3", 0.3), ("2999.99", 2999.99), ("007", 7),
    ("1.23456万", 12345.6), ("1e4", 10000), ("+5", 5), (".5", 0.5), ("8.000", 8),
]  # fmt: skip
UNCLEAR = ["8,00", "8,0000", "80,00", "1,2万", "1万2", "8,000,0", "8千5", "8千万", "8000,元", "3,5", "8元5"]
NONE = ["", "abc", "八千", "8 000", "1_000", "--5", "元", "8-9", "约8000"]


@pytest.mark.parametrize(("text", "number"), READ)
def test_a_number_is_read_as_it_is_meant(text: str, number: float) -> None:
    assert read_number(text) == number
    assert isinstance(read_number(text), int) == isinstance(number, int)


@pytest.mark.parametrize("text", UNCLEAR)
def test_what_may_be_several_numbers_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(UnclearError):
        read_number(text)
    for read in (
        lambda: parse_setting(KNOWLEDGE, f"debt.monthly_income={text}"),
        lambda: parse_answer(KNOWLEDGE, "debt.monthly_income", text),
        lambda: parse_file(KNOWLEDGE, json.dumps({"answers": {"debt.monthly_income": text}})),
    ):
        with pytest.raises(AnswerError) as caught:
            read()
        for lang in ("zh", "en"):
            assert "8,000" in caught.value.message(lang)
            assert text in caught.value.message(lang)


@pytest.mark.parametrize("text", NONE)
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(AnswerError) as caught:
        parse_setting(KNOWLEDGE, f"debt.monthly_income={text}")
    assert caught.value.key == "no_number"


@pytest.mark.parametrize("text", ["8,000", "８０００", "8000元", "8千", "0.8万"])
def test_every_door_takes_the_same(text: str) -> None:
    assert parse_setting(KNOWLEDGE, f"debt.monthly_income={text}") == ("debt.monthly_income", 8000)
    assert parse_answer(KNOWLEDGE, "debt.monthly_income", text) == 8000
    file = json.dumps({"answers": {"debt.monthly_income": text}})
    assert parse_file(KNOWLEDGE, file) == {"debt.monthly_income": 8000}


@pytest.mark.parametrize(("id_", "text"), [("person.age", "3千"), ("person.age", "1.5"), ("debt.open_loans", "-1")])
def test_the_bounds_of_the_question_hold_however_it_is_written(id_: str, text: str) -> None:
    with pytest.raises(AnswerError):
        parse_setting(KNOWLEDGE, f"{id_}={text}")


@given(st.text(max_size=12))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        number = read_number(text)
    except ValueError:
        return
    assert isinstance(number, (int, float))


def test_the_page_reads_whole_numbers_as_the_program_does(tmp_path: Path) -> None:
    assert NODE is not None, "no node here: apt-get install nodejs"
    texts = [text for text, _ in READ] + UNCLEAR + NONE
    source = SCREENS.read_text("utf-8")
    start = source.index("const NUMBER")
    own = source[start : source.index("// Reads what was typed", start)]
    script = (
        f"const DATA = {json.dumps({'number': {'pattern': AMOUNT_PATTERN, 'times': AMOUNT_UNITS}})};\n"
        f"const MOST = 999999999;\n{own}\n"
        f"process.stdout.write(JSON.stringify({json.dumps(texts)}.map(readNumber)));"
    )
    (tmp_path / "read.js").write_text(script, encoding="utf-8")
    done = subprocess.run([NODE, str(tmp_path / "read.js")], capture_output=True, timeout=60, check=True)
    page: list[Any] = json.loads(done.stdout)
    for text, read in zip(texts, page, strict=True):
        try:
            told: float | None = read_number(text)
        except ValueError:
            told = None
        typed = (
            told is not None and isinstance(told, int) and text.strip()[0] not in "+." and "e" not in text.lower()[1:2]
        )
        assert read == (told if typed else None), text
