"""What a redactor promises: one placeholder a value, a true ledger, nothing twice, time linear in the length."""

import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diagnostics.redaction import KINDS, Redactor, mask_numbers, mask_within

CASES = (Path(__file__).parent / "shapes" / "cases.txt").read_text(encoding="utf-8").splitlines()[1:]


@pytest.mark.parametrize(
    "written",
    ["13800138000", "138 0013 8000", "138-0013-8000", "１３８００１３８０００", "+86 13800138000", "0086-138-0013-8000",
     "8613800138000", "1380013\n8000", "13800\u200b138000", "13800\ufffd138000", "1 3 8 0 0 1 3 8 0 0 0",
     "138.0013.8000", "一三八〇〇一三八〇〇〇", "幺三八零零幺三八零零零", "١٣٨٠٠١٣٨٠٠٠", "𝟏𝟑𝟖𝟎𝟎𝟏𝟑𝟖𝟎𝟎𝟎"],
)  # fmt: skip
def test_one_number_has_one_placeholder_however_it_is_written(written):
    redactor = Redactor()
    assert redactor.redact(f"先打13800138000，不通再打{written}。") == "先打<手机号-1>，不通再打<手机号-1>。"
    assert [(entry.placeholder, entry.times) for entry in redactor.ledger] == [("<手机号-1>", 2)]


def test_different_values_have_different_placeholders_over_several_texts():
    redactor = Redactor()
    assert redactor.redact("13800138000 13900139000", "note") == "<手机号-1> <手机号-2>"
    assert redactor.redact("13900139000", "label") == "<手机号-2>"
    assert redactor.ledger[1].places == ("note", "label")
    assert "13900139000" not in repr(redactor.ledger)


def test_masking_twice_changes_nothing_and_numbers_go_on():
    masked = Redactor().redact("13800138000")
    again = Redactor()
    assert again.redact(masked) == masked
    masked = mask_numbers("验证码 123456 4567")
    assert mask_numbers(masked) == masked  # what is masked announces nothing behind it
    assert again.redact("13900139000") == "<手机号-2>"


@pytest.mark.parametrize("line", CASES)
def test_cases_of_their_own(line):
    text, _, masked = line.replace(r"\n", "\n").partition(" => ")
    assert Redactor().redact(text) == masked


def test_nested_values_keep_their_shape():
    raw = {"note": ["打 13800138000", {"n": 13800138000}], "ok": True, "none": None}
    assert mask_within(raw) == {"note": ["打 <手机号>", {"n": 13800138000}], "ok": True, "none": None}


@settings(max_examples=300)
@given(
    st.text(
        alphabet=st.sampled_from(
            "0123456789xX -\n.·:@/一三八零幺张路号市QQ验证码姓名我叫是１２\u200b\ufffda_bo+()<>手机号İ"
        )
    )
)
def test_any_text_is_masked_once_and_for_all(text):
    masked = Redactor().redact(text)
    assert Redactor().redact(masked) == masked


@settings(max_examples=200)
@given(st.text(), st.text())
def test_what_stands_around_a_number_stays(before, after):
    masked = Redactor().redact(f"{before}，13800138000，{after}")
    assert "13800138000" not in masked
    assert any(f"<{kind}-" in masked for kind in KINDS)


PLAIN = "用户说微信 8.0.49 里没有微粒贷入口，时间 2024-01-15 10:23:45，错误码 40001。"
HOSTILE = ["1", "1 ", "11 ", "张", "路1号", "a@", "a@a.", "1.1.", "a:", "地址省市", "sid=", "oA1", "1\n", "eyJ",
           "/home/", "１", "1\u200b", "验证码", "一", "姓名:", "cookie:", "http://", "X ", "-", "aa:",
           "<手机号-", "QQ1", "密码分别", "139****", "黄丽华 ", "姓名？\n", "密码我",
           "码\nA:\n", "a1b2C3", "12345 中"]  # fmt: skip


def _seconds(text):
    start = time.process_time()
    Redactor().redact(text)
    return time.process_time() - start


def test_a_megabyte_takes_at_most_a_second():
    assert any(_seconds((PLAIN * 30_000)[:1_000_000]) <= 1.0 for _ in range(3))


@pytest.mark.parametrize("unit", HOSTILE)
def test_the_time_grows_with_the_length_and_no_faster(unit):
    short, long = (unit * 10_000)[:10_000], (unit * 100_000)[:100_000]
    assert any(_seconds(long) <= max(0.4, 25 * _seconds(short)) for _ in range(2))
