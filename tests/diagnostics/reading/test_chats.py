"""What texts say for sure: who speaks in a chat, what a short answer answers, what is taken back, lines of a form."""

from __future__ import annotations

import pytest

from diagnostics.knowledge.lexicon import load_lexicon
from diagnostics.reading.reader import Reader
from diagnostics.reading.settle import LISTS
from tests.rows import DATA, each

READER = Reader(load_lexicon())
REPLIES = DATA / "reading" / "replies.tsv"
"""Agents' questions of every kind with short replies: question, reply, question id, value."""


def _sure(text: str) -> dict[str, object]:
    return {one.id: one.value for one in READER.read(text).readings if one.sure}


@each("reading/sure.toml#text", "text, sure")
def test_what_a_person_says_for_sure_is_read_and_nothing_else(text: str, sure: dict[str, object]) -> None:
    assert _sure(text) == sure


def test_short_replies_answer_what_the_agent_asked() -> None:
    for line in REPLIES.read_text(encoding="utf-8").splitlines():
        asked, reply, question, value = line.split("\t")
        expected = [value] * bool(value) if question in LISTS else value
        said = _sure(f"客服：{asked}\n用户：{reply}")
        assert question in said, line
        assert str(said[question]) == str(expected), line


@pytest.mark.parametrize(("said", "sure"), [
    ("去年双十一还用过的\n用户：我从来都没开通过", False), ("用过\n用户：可能是分付吧", False),
    ("用过\n用户：好像是花呗", False), ("用过，花呗我从来没开通过", True), ("用过", True),
])  # fmt: skip
def test_who_takes_it_for_something_else_is_asked_back(said: str, sure: bool) -> None:
    (had,) = [
        one
        for one in READER.read(f"客服：以前用过微粒贷吗\n用户：{said}").readings
        if one.id == "account.had_entry_before"
    ]
    assert (had.value, had.sure) == ("yes", sure)
