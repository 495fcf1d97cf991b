"""People walk through the page in an old and a new browser; it asks, advises and packs as the program does."""

from __future__ import annotations

import os
import random
from typing import TYPE_CHECKING

import pytest

from diagnostics.api import diagnose
from diagnostics.knowledge import load
from diagnostics.questionnaire import build_page, decode, encode
from tests.browser.chromium import browser
from tests.browser.walk import Person, walk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.browser.chromium import Chromium

PEOPLE = int(os.environ.get("WALKS", "6"))
"""100 by hand, with WALKS=100."""


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    with browser(tmp_path_factory.mktemp("old"), old=True) as one:
        yield one


def same_as_program(chromium: Chromium, folder: Path, first: int) -> None:
    knowledge = load()
    file = folder / "ask.html"
    file.write_text(build_page(knowledge), encoding="utf-8")
    chromium.open(file, width=360, height=640)
    for seed in range(first, first + PEOPLE):
        person = Person(knowledge, seed)
        told = walk(chromium, person, random.Random(seed))
        answers = told["answers"]
        report = diagnose(answers)
        assert all(person.answers[id_] == value for id_, value in answers.items()), f"person {seed}"
        assert told["title"] == report.situations[0].text, f"person {seed}"
        assert told["step"] == (report.plan[0].text if report.plan else None), f"person {seed}"
        assert told["later"] == [one.text for one in report.plan[1:3]], f"person {seed}"
        assert told["stop"] == report.questions.stop_reason, f"person {seed}"
        assert told["code"] == encode(answers, knowledge), f"person {seed}"
        assert decode(told["code"], knowledge) == answers, f"person {seed}"
    assert chromium.console() == []


def test_walks_in_chromium_66(old: Chromium, tmp_path: Path) -> None:
    assert "Chrome/66." in old.run("return navigator.userAgent")
    same_as_program(old, tmp_path, 0)


def test_walks_in_todays_chromium(chromium: Chromium, tmp_path: Path) -> None:
    same_as_program(chromium, tmp_path, 10_000)
