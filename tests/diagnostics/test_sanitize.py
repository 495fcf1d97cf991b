"""The door for outside text: what could drive a terminal becomes visible, and nothing else changes."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnostics.sanitize import MAX_TEXT, REPLACEMENT, clean, clean_line


@pytest.mark.parametrize(
    ("raw", "safe"),
    [
        ("微信 8.0.49", "微信 8.0.49"),
        ("a\x1b]52;c;QUFB\x1b\\b", "a\ufffd]52;c;QUFB\ufffd\\b"),
        ("a\x1b[5;5Hc", "a\ufffd[5;5Hc"),
        ("\x9b2J", "\ufffd2J"),
        ("a\u202eb\u2066c", "a\ufffdb\ufffdc"),
        ("zero\u200bwidth\ufeff", "zero\ufffdwidth\ufffd"),
        ("a\r\nb\rc\td", "a\nb\nc\td"),
        ("\x00\x01\x02", "\ufffd"),
        ("lone \ud800 half", "lone \ufffd half"),
        ("tag\U000e0041", "tag\ufffd"),
        (b"\xe5\xbe\xae\xff", "微\ufffd"),
        (b"", ""),
    ],
)
def test_cleaned(raw: str | bytes, safe: str) -> None:
    assert clean(raw) == safe


def test_long_text_is_cut_where_it_says_so() -> None:
    assert clean("x" * MAX_TEXT) == "x" * MAX_TEXT
    assert clean("x" * (MAX_TEXT + 1)) == "x" * MAX_TEXT + "…"
    assert clean("微".encode() * 10, 3) == "微微微…"
    assert clean_line("a \n\t b\r\nc", 300) == "a b c"


@given(st.one_of(st.text(), st.binary()), st.integers(0, 50))
def test_no_text_gets_through_unsafe(raw: str | bytes, limit: int) -> None:
    safe = clean(raw, limit)
    assert len(safe) <= limit + 1
    assert not {unicodedata.category(one) for one in safe if one not in "\n\t"} & {"Cc", "Cs", "Zl", "Zp"}
    assert clean(safe, len(safe)) == safe
    assert "\n" not in clean_line(raw, limit)
    safe.encode("utf-8")
    assert REPLACEMENT == "\ufffd"
