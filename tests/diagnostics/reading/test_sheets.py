"""Answer sheets: lettered answers of numbered questions are what was chosen, and the sheet itself states nothing."""

from __future__ import annotations

import pytest

from diagnostics.knowledge import load
from diagnostics.reading.reader import read_text

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
