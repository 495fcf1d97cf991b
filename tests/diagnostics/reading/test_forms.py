"""Forms and answer sheets: what was filled in or chosen is said, and the form itself states nothing."""

from __future__ import annotations

import pytest

from diagnostics.knowledge import load
from diagnostics.knowledge.lexicon import load_lexicon
from diagnostics.reading.forms import label_pattern
from diagnostics.reading.reader import read_text

LEXICON = load_lexicon()


def test_what_stands_behind_a_field_is_read_as_words() -> None:
    readings = read_text(load(), "服务页：没有微粒贷，我账户受限").readings
    assert ("account.restricted", "yes", True) in [(one.id, one.value, one.sure) for one in readings]


def test_every_label_can_be_looked_up() -> None:
    labels = [label for row in LEXICON.asked for label in row.label]
    assert len(labels) > 50
    for label in labels:
        assert label_pattern(label, LEXICON.words)


SHEET = "1. 我-服务：A有 B没有 C没看\n2) 公众号申请：A能进 B没有 C没看\n3、银行卡 A.已绑定 B.未绑定\n"


@pytest.mark.parametrize(("reply", "chosen"), [
    ("1B 2C 3B", {"entry.services_menu": "not_shown", "entry.official_account": "not_looked",
                  "account.bank_card": "not_bound"}),
    ("回复：1a、3a", {"entry.services_menu": "shown", "account.bank_card": "bound"}),
    ("1D 3A", {"account.bank_card": "bound"}),
    ("1没看", {}),
])  # fmt: skip
def test_what_was_chosen_of_a_sheet_is_read(reply: str, chosen: dict[str, object]) -> None:
    reading = read_text(load(), f"{SHEET}——\n{reply}")
    assert chosen.items() <= {one.id: one.value for one in reading.readings if one.sure}.items()
    if chosen:
        assert len(reading.readings) == len(chosen)
        assert all(one.quote and one.quote in reply for one in reading.readings)


def test_letters_without_their_sheet_choose_nothing() -> None:
    assert read_text(load(), "1B 2A 3C").readings == []
