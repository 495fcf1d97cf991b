"""No text takes for ever: the time is linear in the length, and small; nothing heavy is imported."""

import time

import pytest

from diagnostics.versions import parse_system_version, parse_wechat_version
from diagnostics.versions.numbers import MAX_WHOLE, dotted_numbers, folded, matches

_MILLION = 1_000_000
_HOSTILE = [
    "8.0.", "8", "8.0.49 ", "微信", "MicroMessenger/8.0.49(0x28003137) ", "Mozilla/5.0 MicroMessenger/ ",
    "MicroMessenger/8.0.49\n", " \n", "８．", "a\u0301", "0x28003137 ", "8.0.49(", "8 . ",
    "Package [com.tencent.mm] versionName=8.0.49\n", "MicroMessenger%2F8.0.49", "\x1b[31m", "\ud800",
    "微信 WeChat Weixin com.tencent. versionName= ", "微信,8.0 ", "  ",
]  # fmt: skip


def _seconds(unit: str, length: int, times: int = 1) -> float:
    text = (unit * (length // len(unit) + 1))[:length]
    best = 9.0
    for _ in range(times):
        start = time.process_time()
        parse_wechat_version(text)
        parse_system_version(text)
        best = min(best, time.process_time() - start)
    return best


@pytest.mark.parametrize("unit", _HOSTILE)
def test_time_grows_no_faster_than_the_text(unit: str) -> None:
    whole = _seconds(unit, MAX_WHOLE)  # read in full: this is where a careless pattern would show
    assert whole < 0.4 or _seconds(unit, MAX_WHOLE, 3) < 0.4
    long = _seconds(unit, _MILLION)
    if long >= 0.25:  # a slow machine or a busy one: a quarter of it is to take about a quarter
        short, long = _seconds(unit, _MILLION // 4, 3), _seconds(unit, _MILLION, 3)
        assert long < max(6 * short, 0.25), f"{short:.3f} s for 250,000 characters, {long:.3f} s for a million"


def test_ten_megabytes_take_less_than_a_second() -> None:
    text = "x" * (10 * _MILLION) + "\n微信 8.0.49\n" + "y" * 9_000
    start = time.process_time()
    reading = parse_wechat_version(text)
    assert time.process_time() - start < 1
    assert reading.version == "8.0.49"


def test_a_user_agent_deep_in_a_log_is_found() -> None:
    line = '192.168.1.1 - - [01/May/2024:12:00:00] "GET / HTTP/1.1" 200 512 "-" "curl/8.0.1"\n'
    agent = '"Mozilla/5.0 (Linux; Android 13) AppleWebKit/537.36 MicroMessenger/8.0.49.2600(0x28003137) WeChat/arm64"\n'
    reading = parse_wechat_version(line * 20_000 + agent + line * 20_000)
    assert (reading.version, reading.build, reading.platform) == ("8.0.49", "2600", "android")


def test_a_long_text_is_read_at_its_ends_and_around_each_name() -> None:
    whole = "".join(chr(0x4E00 + number % 20_000) for number in range(MAX_WHOLE))
    assert folded(whole) == whole
    longer = whole + "x"
    assert folded(longer) == f"{longer[:4_000]}\n{longer[-2_000:]}"
    named = f"{longer[:9_000]}WeChat{longer[9_000:]}"
    assert folded(named).split("\n") == [named[:4_000], named[8_840:9_480], named[-2_000:]]
    begins = f"WeChat{longer}"
    assert folded(begins).split("\n") == [begins[:4_000], begins[-2_000:]]
    touching = f"{longer[:4_160]}WeChat{longer[4_160:]}"
    assert folded(touching).split("\n") == [touching[:4_640], touching[-2_000:]]
    apart = f"{longer[:4_161]}WeChat{longer[4_161:]}"
    assert folded(apart).split("\n") == [apart[:4_000], apart[4_001:4_641], apart[-2_000:]]
    twice = f"{longer[:9_000]}WeChat{longer[9_000:9_100]}WeChat{longer[9_100:]}"
    assert folded(twice).split("\n")[1:-1] == [twice[8_840:9_586]]
    again = f"WeChat{longer[:9_000]}WeChat{longer[9_000:]}"
    assert folded(again).split("\n")[1:-1] == [again[8_846:9_486]]
    late = f"{longer[:-1_000]}WeChat{longer[-1_000:]}"
    assert folded(late) == f"{late[:4_000]}\n{late[-2_000:]}"


def test_of_each_name_in_a_long_text_the_first_twelve_are_looked_at() -> None:
    text = "".join(f"WeChat{number:02}".ljust(5_000, "一") for number in range(14)) + "二" * 5_000
    assert [f"WeChat{number:02}" in folded(text) for number in range(14)] == [True] * 12 + [False] * 2


def test_no_text_is_read_for_ever() -> None:
    assert len(list(dotted_numbers("1.1 " * 500))) == 400
    assert len(list(matches("a", "a" * 150))) == 100
