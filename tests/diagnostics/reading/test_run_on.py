"""Words spoken into a phone: what a person says without a sign is read as its sentences are."""

from __future__ import annotations

from diagnostics.knowledge import load
from diagnostics.reading.reader import read_text
from diagnostics.reading.run_on import parted

SPOKEN = "同志我那个微信支付天天都在用因为买菜方便后来换了个红米手机现在服务里面看遍了没有微粒贷图标是不是要信用卡才有"


def test_sentences_without_signs_are_read_as_sentences() -> None:
    reading = read_text(load(), SPOKEN)
    assert {one.id: one.value for one in reading.readings if one.sure}["entry.services_menu"] == "not_shown"
    assert [one.id for one in reading.beliefs] == ["credit_card_needed"]
    assert reading.input == SPOKEN
    for one in reading.readings:
        assert one.quote == SPOKEN[one.start : one.end]
    for belief in reading.beliefs:
        assert belief.quote in SPOKEN


def test_what_has_signs_or_is_short_stays_as_it_is() -> None:
    for text in ("我微信里没有微粒贷现在怎么办", "以前有，上个月换号以后没了，服务里只有分付，有人说299能强开"):
        assert parted(text) == (text, [])
