"""The rules of the version parser one by one, each with the texts on both sides of its boundary."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from diagnostics.versions import parse_system_version, parse_wechat_version
from diagnostics.versions.free_text import label_after, label_of, numbers_in, platforms_in, undotted
from diagnostics.versions.numbers import (
    MAX_WHOLE,
    Code,
    coded,
    codes_in,
    decode,
    dotted_numbers,
    matches,
    possible,
    prepared,
    shaped,
)
from diagnostics.versions.wechat import read_agents

if TYPE_CHECKING:
    from diagnostics.versions import Platform
    from diagnostics.versions.tables import Candidate


AGENTS = {
    "Mozilla/5.0 (Phone; OpenHarmony 5.0) MicroMessenger/8.0.10.7": ("8.0.10.7", None, "harmony"),
    "Mozilla/5.0 (Windows Phone 10.0; Android 6.0) MicroMessenger/6.5.3": ("6.5.3", None, None),
    "Mozilla/5.0 (iPhone; CPU) MicroMessenger/8.0.49": ("8.0.49", None, "ios"),
    "Mozilla/5.0 (iPad; CPU) MicroMessenger/8.0.49": ("8.0.49", None, "ios"),
    "Mozilla/5.0 (iPod; CPU) MicroMessenger/6.0.49": ("6.0.49", None, "ios"),
    "Mozilla/5.0 (Linux; Android 13) MicroMessenger/8.0.49.2600": ("8.0.49", "2600", "android"),
    "UnifiedPCWindowsWechat(0xf2541113)": ("4.1.1.19", None, "windows"),
    "UnifiedPCMacWechat(0xf2641113)": ("4.1.1.19", None, "macos"),
    "UnifiedPCLinuxWechat(0xf2741113)": ("4.1.1.19", None, "linux"),
    "Mozilla/5.0 (Macintosh; Intel) MicroMessenger/7.0.20": ("placeholder", "7.0.20", "macos"),
    "Mozilla/5.0 (X11; Linux x86_64) MicroMessenger/7.0.20": ("placeholder", "7.0.20", "linux"),
    "Mozilla/5.0 (Windows NT 10.0) MicroMessenger/7.0.20": ("placeholder", "7.0.20", "windows"),
    "Mozilla/5.0 (WindowsWechat) MicroMessenger/7.0.20": ("placeholder", "7.0.20", "windows"),
    "Mozilla/5.0 (MacWechat) MicroMessenger/7.0.20": ("placeholder", "7.0.20", "macos"),
    "Mozilla/5.0 (X11; Linux x86_64) MicroMessenger/5.0.1.13": ("placeholder", "5.0.1.13", "linux"),
    "Mozilla/5.0 (X11; Linux x86_64) MicroMessenger/4.0.1.13": ("4.0.1.13", None, "linux"),
    "MicroMessenger/7.0.20.1781": ("placeholder", "7.0.20.1781", None),
    "MicroMessenger/6.5.2.501": ("placeholder", "6.5.2.501", None), "MicroMessenger/6.8.0": ("6.8.0", None, None),
    "UnifiedPCWindowsWechat(0x00000001)": ("unknown_code", "0x00000001", "windows"),
    "UnifiedPCMacWechat(0x00000001)": ("unknown_code", "0x00000001", "macos"),
    "UnifiedPCLinuxWechat(0x00000001)": ("unknown_code", "0x00000001", "linux"),
    "Mozilla/5.0 (Linux; Android 13) UnifiedPCWindowsWechat(0x00000001)": ("unknown_code", "0x00000001", "windows"),
    "Mozilla/5.0 (iPhone) UnifiedPCMacWechat(0x00000001)": ("unknown_code", "0x00000001", "macos"),
    "WindowsWechat(0x00000001)": ("unknown_code", "0x00000001", "windows"),
    "Mozilla/5.0 (Macintosh) MicroMessenger/3.8.7(0x13080712)": ("3.8.7", "18", "macos"),
    "MicroMessenger/7.0.20 WindowsWechat(0x63090c33)": ("3.9.12.51", None, "windows"),
    "MicroMessenger/6.8.0(0x16080000) MacWechat/3.8.7(0x13080712)": ("3.8.7", "18", "macos"),
    "Mozilla/5.0 (iPhone) MacWechat/3.8.7.18": ("3.8.7", "18", "macos"),
    "MacWechat/3.8.7.18": ("3.8.7", "18", "macos"), "MacWechat/4.0.5.17": ("4.0.5.17", None, "macos"),
    "MacWechat/5.0.5": ("implausible", "5.0.5", "macos"), "MacWechat/0.5.1": ("implausible", "0.5.1", "macos"),
    "MicroMessenger/99.0.0": ("implausible", "99.0.0", None),
    "Mozilla/5.0 wxwork/4.1 MicroMessenger/7.0.1": ("wecom", "WeCom", None),
    "Mozilla/5.0 WeCom/4.1 MicroMessenger/7.0.1": ("wecom", "WeCom", None),
    "Mozilla/5.0 wechatdevtools/1.06 MicroMessenger/8.0.5": ("developer_tools", "", None),
    "Mozilla/5.0 wxwork/4.1 Mozilla/5.0 MicroMessenger/8.0.49": ("8.0.49", None, None),
    "安卓手机 MicroMessenger/8.0.49": ("8.0.49", None, "android"),
    "安卓手机和 iPhone MicroMessenger/8.0.49": ("8.0.49", None, None),
    "安卓手机 Mozilla/5.0 (iPhone) MicroMessenger/8.0.49": ("8.0.49", None, "ios"),
}  # fmt: skip
"""User agents with version, build and platform, or with what is wrong, the words that name it and the platform.

The tokens that name a platform; numbers of computers, placeholders from 5 on; codes, where the client's own token
stands before the browser's part, which settles the code that iOS and macOS share; other clients; what stands before
the agent.
"""


def told(one: Candidate) -> tuple[str | None, str | None, Platform | None]:
    return (one.version, one.build, one.platform) if one.version else (one.reason, one.detail, one.platform)


@pytest.mark.parametrize("text", AGENTS)
def test_a_user_agent_is_read_whole(text: str) -> None:
    (found,), _rest = read_agents(text)
    assert told(found) == AGENTS[text]
    assert found.explicit
    assert found.coded == bool(found.version and "(0x" in text)


def test_each_line_and_each_agent_of_a_line_is_read() -> None:
    log = "first\n安卓 MicroMessenger/8.0.49\nbetween\niOS MicroMessenger/8.0.50 MicroMessenger/8.0.51\nlast"
    found, rest = read_agents(log)
    assert list(map(told, found)) == [("8.0.49", None, "android"), ("8.0.50", None, "ios"), ("8.0.51", None, "ios")]
    assert rest == "first\n安卓 \nbetween\niOS \nlast"


def test_agents_of_one_line_keep_their_own_platforms() -> None:
    line = "Mozilla/5.0 (iPhone) MicroMessenger/8.0.49 Mozilla/5.0 (Linux; Android 13) MicroMessenger/8.0.50"
    assert list(map(told, read_agents(line)[0])) == [("8.0.49", None, "ios"), ("8.0.50", None, "android")]


def test_lines_beside_an_agent_are_handed_on_whole() -> None:
    browser = "Mozilla/5.0 (iPhone) Safari/604.1\nMicroMessenger/8.0.49"
    assert read_agents(browser)[1] == "Mozilla/5.0 (iPhone) Safari/604.1\n"
    assert read_agents("MicroMessenger/8.0.49(0x28003137)\n微信 8.0.50")[1] == "\n微信 8.0.50"


def test_a_token_broken_by_a_narrow_window_is_joined() -> None:
    (found,), rest = read_agents("look:\nMicroMessenger/8.0.49.26\n00(0x28003137) WeChat")
    assert (told(found), rest) == (("8.0.49", "2600", "android"), "look:")
    assert list(map(told, read_agents("MicroMessenger/8.0.49\n8.0.50")[0])) == [("8.0.49", None, None)]


def test_a_web_servers_log_is_unescaped() -> None:
    (found,), _rest = read_agents("ua=MicroMessenger%2F8.0.49.2600%280x28003137%29")
    assert told(found) == ("8.0.49", "2600", "android")


def test_a_text_without_an_agent_is_handed_on_untouched() -> None:
    for text in ("微信 8.0.49\n\n第二行", "Mozilla/5.0 (iPhone) Safari/604.1"):
        assert read_agents(text) == ([], text)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0x0FFFFFFF, None), (0x12000000, Code((2, 0, 0, 0), None)), (0xFFFFFFFF, None), (0xF2530000, None),
        (0xF2540000, Code((4, 0, 0, 0), "windows")), (0xF2545678, Code((4, 5, 6, 0x78), "windows")),
        (0xF2645678, Code((4, 5, 6, 0x78), "macos")), (0xF2745678, Code((4, 5, 6, 0x78), "linux")),
        (0xF3123456, Code((1, 2, 0x34, 0x56), "harmony")), (0x13080712, Code((3, 8, 7, 0x12), None)),
        (0x14080712, Code((4, 8, 7, 0x12), "ios")), (0x18003137, Code((8, 0, 0x31, 0x37), "ios")),
        (0x28003137, Code((8, 0, 0x31, 0x37), "android")), (0x280F3137, Code((8, 15, 0x31, 0x37), "android")),
        (0x28103137, None), (0x27006300, Code((7, 0, 99, 0), "android")), (0x27006400, None),
        (0x2800FF00, Code((8, 0, 255, 0), "android")), (0x38003137, None),
        (0x62000000, Code((2, 0, 0, 0), "windows")), (0x63090C33, Code((3, 9, 12, 51), "windows")),
        (0x61000000, None), (0x64000000, None), (0x21000000, None), (0x2C000000, Code((12, 0, 0, 0), "android")),
        (0x2D000000, None), (0x6700143B, Code((7, 0, 20, 59), None, placeholder=True)),
        (0x16080000, Code((6, 8, 0, 0), None, placeholder=True)),
    ],
)  # fmt: skip
def test_a_code_is_taken_apart_by_its_layout(value: int, expected: Code | None) -> None:
    assert decode(f"{value:08x}") == expected


@pytest.mark.parametrize(
    ("parts", "can_be"),
    [
        ((0, 9, 9), False), ((1, 0, 0), True), ((20, 0, 0), True), ((21, 0, 0), False), ((8, 99, 0), True),
        ((8, 100, 0), False), ((8, 0, 999_999), True), ((8, 0, 1_000_000), False), ((7, 0, 99, 1), True),
        ((7, 0, 100, 1), False), ((7, 0, 1380), True), ((8, 0, 255, 1), True), ((8, 0, 256, 1), False),
        ((4, 0, 255, 1), True), ((4, 0, 256, 1), False), ((5, 0, 99, 1), True), ((5, 0, 100, 1), False),
    ],
)  # fmt: skip
def test_a_number_can_be_wechats_within_these_bounds(parts: tuple[int, ...], can_be: bool) -> None:
    assert possible(parts) is can_be


@pytest.mark.parametrize(
    ("parts", "platform", "expected"),
    [
        ((8, 0, 10, 7), "harmony", ("8.0.10.7", None)),
        ((7, 0, 99), None, ("7.0.99", None)), ((7, 0, 100), None, ("7.0.0", "100")),
        ((8, 0, 255), "android", ("8.0.255", None)), ((8, 0, 256), "ios", ("8.0.0", "256")),
        ((5, 2, 380), "android", ("5.2", "380")), ((6, 0, 380), "ios", ("6.0.0", "380")),
        ((3, 8, 380), "windows", ("3.8.380", None)), ((3, 8, 380), "macos", ("3.8.380", None)),
        ((4, 0, 1, 13), "macos", ("4.0.1.13", None)), ((4, 0, 1, 13), None, ("4.0.1.13", None)),
        ((3, 8, 7, 18), "macos", ("3.8.7", "18")), ((3, 8, 7, 18), None, ("3.8.7.18", None)),
        ((2, 8, 7, 18), None, ("2.8.7.18", None)), ((1, 8, 7, 18), None, ("1.8.7", "18")),
        ((4, 0, 1, 13), "android", ("4.0.1", "13")), ((8, 0, 49, 2600), "android", ("8.0.49", "2600")),
        ((3, 9, 12, 51), "windows", ("3.9.12.51", None)), ((4, 0, 1, 13), "linux", ("4.0.1.13", None)),
    ],
)  # fmt: skip
def test_a_number_is_shown_as_its_platform_shows_it(
    parts: tuple[int, ...], platform: Platform | None, expected: tuple[str, str | None]
) -> None:
    assert shaped(parts, platform) == expected


@pytest.mark.parametrize(
    ("value", "text", "hint", "expected"),
    [
        (0x28003137, (), None, ("8.0.49", "55", "android")),
        (0x28003137, (8, 0, 49, 2600), None, ("8.0.49", "2600", "android")),
        (0x28003137, (8, 0, 48, 2600), None, ("8.0.49", "55", "android")),
        (0x28003137, (8, 0, 49), "ios", ("8.0.49", "55", "android")),
        (0x2700003A, (7, 0, 1380), None, ("7.0.0", "1380", "android")),
        (0x2700003A, (7, 0, 100), None, ("7.0.0", "100", "android")),
        (0x2700003A, (7, 0, 99), None, ("7.0.0", "58", "android")),
        (0x2700013A, (7, 0, 1380), None, ("7.0.1", "58", "android")),
        (0x63090C33, (3, 9, 12, 17), None, ("3.9.12.51", None, "windows")),
        (0xF2641113, (), "windows", ("4.1.1.19", None, "macos")), (0xF2741113, (), None, ("4.1.1.19", None, "linux")),
        (0x13080712, (), None, ("3.8.7", "18", None)), (0x13080712, (), "ios", ("3.8.7", "18", "ios")),
        (0x13080712, (3, 8, 7, 17), None, ("3.8.7", "17", "macos")),
        (0x13080712, (3, 8, 7, 17), "ios", ("3.8.7", "17", "ios")),
        (0x13080712, (3, 8, 7), None, ("3.8.7", "18", None)),
        (0x13080712, (3, 8, 6, 17), None, ("3.8.7", "18", None)),
        (0xF3123456, (8, 0, 10, 7), None, ("8.0.10.7", None, "harmony")),
        (0xF3123456, (), "ios", ("harmony_code", "1.2.52.86", "harmony")),
        (0xF3123456, (0, 9, 9), None, ("harmony_code", "1.2.52.86", "harmony")),
        (0x6700143B, (), None, ("placeholder", "7.0.20.59", None)),
        (0x6700143B, (7, 0, 20, 1781), "windows", ("placeholder", "7.0.20.1781", "windows")),
    ],
)  # fmt: skip
def test_a_code_and_the_number_beside_it_are_joined(
    value: int, text: tuple[int, ...], hint: Platform | None, expected: tuple[str | None, str | None, Platform | None]
) -> None:
    found = coded(f"{value:08x}", text, "client_code", hint)
    assert found is not None
    assert (told(found), found.explicit, found.coded) == (expected, True, True)


@pytest.mark.parametrize(
    ("text", "hint", "expected"),
    [
        ("0x28003137", None, [("client_code", "8.0.49", "android")]),
        ("0x13080712", "macos", [("client_code", "3.8.7", "macos")]),
        ("dword:28003137", None, [("registry_value", "8.0.49", "android")]),
        ("28003137", None, []), ("微信 28003137", None, [("client_code", "8.0.49", "android")]),
        ("微信28003137", None, [("client_code", "8.0.49", "android")]),
        ("f2541113", "windows", [("client_code", "4.1.1.19", "windows")]),
        ("1308071a", "macos", [("client_code", "3.8.7", "macos")]),
        # a code of no known client, and the small numbers of the registry
        ("0x00001234", None, [("client_code", None, None)]), ("0x00000123", None, []),
        ("0x00000001 0x28003137", None, [("client_code", "8.0.49", "android")]),
        # a code seen is not looked for again as bare digits
        ("0x00000001", None, []),
        # decimal: 671101241 is 0x28003139
        ("671101241", None, [("registry_value", "8.0.49", "android")]),
        ("671101241", "android", [("registry_value", "8.0.49", "android")]), ("671101241", "ios", []),
        ("319293202", "macos", [("registry_value", "3.8.7", "macos")]),
        ("QQ 671101241, 671101242", None, [("registry_value", "8.0.49", "android")]), ("手机 671101241", None, []),
        ("qq号 671101241", None, []), ("版本 671101241", None, [("registry_value", "8.0.49", "android")]),
    ],
)  # fmt: skip
def test_a_code_that_stands_alone(
    text: str, hint: Platform | None, expected: list[tuple[str, str | None, Platform | None]]
) -> None:
    found = list(codes_in(text, [], hint))
    assert [(one.form, one.version, one.platform) for one in found] == expected
    assert [one.reason for one in found] == [None if version else "unknown_code" for _, version, _ in expected]


@pytest.mark.parametrize(
    ("value", "certain"),
    [
        (0x25003100, True), (0x24003100, False), (0x28003100, True), (0x29003100, False), (0x28073100, True),
        (0x28083100, False), (0x28007F00, True), (0x28008000, False), (0x18007F00, True), (0x18008000, False),
        (0x63090C33, True), (0x630A0C33, False), (0x630C0C33, False),
    ],
)  # fmt: skip
def test_a_decimal_number_is_a_code_only_within_what_was_published(value: int, certain: bool) -> None:
    assert bool(list(codes_in(str(value), [], None))) is certain


def test_a_code_that_belongs_to_a_number_is_not_told_twice_and_the_next_one_is_read() -> None:
    text = "0x28003137 0x28003138"
    assert [one.build for one in codes_in(text, [(0, 10)], None)] == ["56"]
    assert [one.build for one in codes_in(text, [(0, 11)], None)] == ["56"]
    assert [one.build for one in codes_in(text, [(11, 12)], None)] == ["55"]
    assert [one.build for one in codes_in(text, [], None)] == ["55", "56"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("8.0.49 是\r\n新的", "8.0.49 是\n新的"), ("八点〇点四十", "8.0.40"), ("八点零点四十九", "8.0.49"),
        ("八点零点十", "8.0.10"), ("安卓十三", "安卓13"), ("8.O.49", "8.0.49"), ("8、0、49", "8.0.49"),
        ("８．０．４９", "8.0.49"), ("8.0.49\u200b", "8.0.49"),
    ],
)  # fmt: skip
def test_a_text_is_made_readable(text: str, expected: str) -> None:
    assert prepared(text) == expected


def test_a_long_text_is_read_at_its_ends_and_around_each_name() -> None:
    whole = "".join(chr(0x4E00 + number % 20_000) for number in range(MAX_WHOLE))
    assert prepared(whole) == whole
    longer = whole + "x"
    assert prepared(longer) == f"{longer[:4_000]}\n{longer[-2_000:]}"
    named = f"{longer[:9_000]}WeChat{longer[9_000:]}"
    assert prepared(named).split("\n") == [named[:4_000], named[8_840:9_480], named[-2_000:]]
    begins = f"WeChat{longer}"
    assert prepared(begins).split("\n") == [begins[:4_000], begins[-2_000:]]
    touching = f"{longer[:4_160]}WeChat{longer[4_160:]}"
    assert prepared(touching).split("\n") == [touching[:4_640], touching[-2_000:]]
    apart = f"{longer[:4_161]}WeChat{longer[4_161:]}"
    assert prepared(apart).split("\n") == [apart[:4_000], apart[4_001:4_641], apart[-2_000:]]
    twice = f"{longer[:9_000]}WeChat{longer[9_000:9_100]}WeChat{longer[9_100:]}"
    assert prepared(twice).split("\n")[1:-1] == [twice[8_840:9_586]]
    again = f"WeChat{longer[:9_000]}WeChat{longer[9_000:]}"
    assert prepared(again).split("\n")[1:-1] == [again[8_846:9_486]]


def test_of_each_name_in_a_long_text_the_first_twelve_are_looked_at() -> None:
    text = "".join(f"WeChat{number:02}".ljust(5_000, "一") for number in range(14)) + "二" * 5_000
    assert [f"WeChat{number:02}" in prepared(text) for number in range(14)] == [True] * 12 + [False] * 2


@pytest.mark.parametrize(
    ("text", "hint", "expected"),
    [
        # harmony's own versions have four small parts
        ("鸿蒙 8.0.10.255", None, [("labelled_number", "8.0.10.255", None, "harmony")]),
        ("鸿蒙 8.0.10.256", None, [("labelled_number", "8.0.10", "256", None)]),
        ("8.0.10.255", None, [("number", "8.0.10", "255", None)]),
        # a code behind the number, and what stands behind that
        ("3.8.7(0x13080712)", "ios", [("version_with_code", "3.8.7", "18", "ios")]),
        ("微信 8.0.49(0x28003137), 8.0.50", None,
         [("version_with_code", "8.0.49", "55", "android"), ("number", "8.0.50", None, None)]),
        ("微信 8.0.48 升级到 8.0.49", None,
         [("labelled_number", "8.0.48", None, None), ("labelled_number", "8.0.49", None, None)]),
        # another program's record before it: the number itself is none
        ("pkg=com.example.app 微信 8.0.49", None, [("labelled_number", "8.0.49", None, None)]),
        # four small parts with a suffix are no address
        ("微信 10.0.0.5_r1a2b", None, [("labelled_number", "10.0.0", "5", None)]),
        # partial numbers, builds, and the one client that shows a build in brackets
        ("微信 6.7", None, [("partial", "6.7", None, None)]),
        ("微信 5.4", None, [("labelled_number", "5.4", None, None)]),
        ("微信 4.3.27 (12853)", None, [("labelled_number", "4.3.27", "12853", "macos")]),
        ("微信 5.3.27 (12853)", None, [("labelled_number", "5.3.27", "12853", None)]),
        # another device's platform beside the number
        ("微信 4.0.1.13", "windows", [("labelled_number", "4.0.1.13", None, "windows")]),
        ("微信 5.0.1.13", "windows", [("labelled_number", "5.0.1", "13", None)]),
        ("微信 2.0.1.13", "android", [("labelled_number", "2.0.1.13", None, None)]),
        ("微信 3.0.1.13", "android", [("labelled_number", "3.0.1.13", None, None)]),
        ("微信 4.0.1.255", "ios", [("labelled_number", "4.0.1.255", None, None)]),
        ("微信 4.0.1.256", "ios", [("labelled_number", "4.0.1", "256", "ios")]),
        ("微信 4.0.1.13", "harmony", [("labelled_number", "4.0.1.13", None, "harmony")]),
        # unlabelled numbers, read more strictly
        ("5.4", None, [("number", "5.4", None, None)]), ("4.4", None, []),
        ("8.0", None, [("partial", "8.0", None, None)]), ("8.0.255", None, [("number", "8.0.255", None, None)]),
        ("8.0.256", None, []), ("7.0.256", None, [("number", "7.0.0", "256", None)]), ("1.0.5", None, []),
        ("9.0.5", None, []), ("2.9.5", None, [("number", "2.9.5", None, None)]), ("2.10.5", None, []),
        ("6.8 " + "。" * 12, None, [("partial", "6.8", None, None)]), ("6.8 " + "。" * 13, None, []),
        ("6.8" + " " * 37, None, [("partial", "6.8", None, None)]), ("6.8" + " " * 38, None, []),
        ("6.8 元", None, []),
    ],
)  # fmt: skip
def test_a_number_in_a_sentence(
    text: str, hint: Platform | None, expected: list[tuple[str, str | None, str | None, Platform | None]]
) -> None:
    found = [one for one in numbers_in(text, hint)[0] if one.version]
    assert [(one.form, one.version, one.build, one.platform) for one in found] == expected


NOT_WECHATS: dict[str, tuple[tuple[str, str], ...]] = {
    "wecom": (
        ("企业微信 4.1.20", "企业微信 4.1.20"),
    ),
    "developer_tools": (
        ("微信开发者工具 1.6.2", "微信开发者工具 1.6.2"),
    ),
    "system_version": (
        ("Android 13.0.1", "android 13.0.1"), ("Android 8.0.6", "android 8.0.6"),
        ("Android 8.0.256", "android 8.0.256"),
    ),
    "other_app": (
        ("QQ 9.0.1", "qq 9.0.1"), ("packageName: com.example.app versionName=8.0.5", "com.example.app 8.0.5"),
    ),
    "ip_address": (
        ("IP 8.0.0.1", "ip 8.0.0.1"), ("10.0.0.255", "10.0.0.255"), ("9.9.9.9", "9.9.9.9"), ("8.8.4.4", "8.8.4.4"),
        ("4.2.2.1", "4.2.2.1"), ("4.2.2.2", "4.2.2.2"),
    ),
    "implausible": (
        ("9.0.0.1", "9.0.0.1"), ("1899.1.2", "1899.1.2"), ("3000.1.2", "3000.1.2"), ("8.1.1899", "8.1.1899"),
        ("8.1.2100", "8.1.2100"), ("10.0.0.256", "10.0.0.256"),
    ),
    "date": (
        ("1900.1.2", "1900.1.2"), ("2999.1.2", "2999.1.2"), ("8.1.1900", "8.1.1900"), ("8.1.2099", "8.1.2099"),
    ),
    "bound": (
        ("至少 8.0.30", "8.0.30"), ("8.0.30 以上", "8.0.30"),
    ),
}  # fmt: skip
"""Numbers that are not WeChat's by the reason, each with the words that name it."""


@pytest.mark.parametrize("reason", NOT_WECHATS)
def test_a_number_that_is_not_wechats_says_whose(reason: str) -> None:
    form = "none" if reason == "implausible" else reason
    for text, detail in NOT_WECHATS[reason]:
        (found,) = numbers_in(text, None)[0]
        assert (found.form, found.version, found.reason, found.detail) == (form, None, reason, detail), text
        assert found.explicit == (reason == "wecom")


def test_a_second_number_of_the_same_owner_is_named_by_itself() -> None:
    assert [one.detail for one in numbers_in("QQ 9.0.1 和 9.0.2", None)[0]] == ["qq 9.0.1", "9.0.2"]


@pytest.mark.parametrize("text", ["Android 8.0.7", "Android 7.0.22", "安卓 8.0.255"])
def test_a_number_that_no_system_ever_had_is_wechats(text: str) -> None:
    assert [one.form for one in numbers_in(text, "android")[0]] == ["labelled_number"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("8049", [("8.0.49", False)]), ("微信 8049", [("8.0.49", True)]), ("微信8.0.49", []), ("QQ 8049", []),
        ("尾号 8049", []), ("8009", []), ("微信 8009", []), ("805", []), ("微信 805", [("8.0.5", True)]),
        ("5449", [("5.4.49", False)]), ("5549", []), ("6749", [("6.7.49", False)]), ("6849", []),
        ("7049", [("7.0.49", False)]), ("7149", []), ("8149", []), ("QQ 8049, 微信 8050", [("8.0.50", True)]),
        ("尾号 8048, 微信 8050", [("8.0.50", True)]), ("8-0-49", [("8.0.49", True)]), ("8.049", [("8.0.49", True)]),
        ("微信 8", [("8", True)]), ("微信 4", []), ("weixin8049android2600_arm64.apk", [("8.0.49", True)]),
    ],
)  # fmt: skip
def test_a_version_without_its_dots(text: str, expected: list[tuple[str, bool]]) -> None:
    found = list(undotted(text, "android"))
    assert [(one.version, one.explicit) for one in found] == expected
    assert {one.platform for one in found} <= {"android"}
    assert {one.build for one in found} <= {None, "2600"}


OWNERS: dict[str | None, tuple[tuple[str, str], ...]] = {
    "wechat": (
        ("微信 iOS 版", "ios"), ("iOS 手机上的微信", "微信"), ("android,微信", "微信"), ("微信 微信 ", "微信"),
        ("微信 line 微信", "微信"),
    ),
    "wecom": (("企业微信", "企业微信"),),
    "system_version": (
        ("微信在 iOS 上", "ios"), ("WeChat ON iOS", "ios"), ("微信 iOS 系统", "系统"), ("magicos ", "magicos"),
        ("darwin ", "darwin"),
    ),
    "other_app": (
        ("Photoshop/", "Photoshop"), ("photoshop/", "photoshop"), ("Photoshop ", "Photoshop"), ("line ", "line"),
        ("微信 line", "line"), ("qq " + "一" * 11, "qq"), ("qq/" + "一" * 12, "qq"), ("dingtalk ", "dingtalk"),
        ("node ", "node"), ("Xx: ", "Xx"), ("XX", "XX"),
    ),
    None: tuple((before, "") for before in ("photoshop ", "version ", "online ", "qline ", "lines ", "lines2 ",
                                            "qq " + "一" * 12, "Installed ", "Have ")),
}  # fmt: skip
"""Whose a number is, by the words before it, and the word that says so."""


@pytest.mark.parametrize("owner", OWNERS)
def test_the_words_before_a_number_tell_whose_it_is(owner: str | None) -> None:
    for before, word in OWNERS[owner]:
        assert label_of(before) == (owner, word), before


@pytest.mark.parametrize(
    ("after", "expected"),
    [("版微信", "wechat"), (" (企业微信)", "wecom"), (" WeCom", "wecom"), (" WeChat", "wechat"),
    (" weixin", "wechat"),
     (" (2600) 微信", "wechat"), ("，微信", None)],
)  # fmt: skip
def test_the_words_behind_a_number_tell_whose_it_is(after: str, expected: str | None) -> None:
    assert label_after(after) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("iPhone; CPU iPhone OS 15 like Mac OS X", {"ios"}), ("Mac OS X", {"macos"}),
        ("com.tencent.wechat on android", {"harmony", "android"}), ("com.tencent.WeChat", {"linux"}),
        ("WeChat/8.0.5 CFNetwork", {"ios"}), ("WeChat/5.0.5 CFNetwork", {"ios"}),
        ("WeChat/4.0.5 CFNetwork", {"macos"}), ("Linux; Android 13", {"android"}), ("Linux", {"linux"}),
        ("Windows, iPhone", {"windows", "ios"}), ("微信", set()),
    ],
)  # fmt: skip
def test_the_platforms_that_a_text_names(text: str, expected: set[Platform]) -> None:
    assert platforms_in(text) == expected


LONG = "9" * 10


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("微信 8.0.49 或微信 8.0.50", "文字里有几个不同的版本，说不准是哪一个：8.0.49, 8.0.50。"),
        (" ".join(f"微信 8.0.{number}" for number in range(1, 9)),
         "文字里有几个不同的版本，说不准是哪一个：8.0.1, 8.0.2, 8.0.3, 8.0.4, 8.0.5, 8.0.6。"),
        ("Android 13.0.1", "android 13.0.1 是手机或电脑系统的版本，不是微信版本。"),
        (f"packageName: com.{'x' * 56} versionName={LONG}.0.5.{LONG}",
         f"com.{'x' * 56} {LONG}.0.5.9999… 是其他软件的版本，不是微信版本。"),
        ("platform: devtools", "这是微信开发者工具的模拟器，不是手机上的微信。"),
        ("Redmi K30", "Redmi K30 是手机型号，不是版本号。"),
    ],
)  # fmt: skip
def test_an_error_of_wechats_names_what_was_seen(text: str, error: str) -> None:
    assert parse_wechat_version(text).error == error


@pytest.mark.parametrize(
    ("text", "build", "platform"),
    [
        # the build may stand apart
        ("微信 8.0.49, versionCode=2600", "2600", None), ("微信 8.0.49, VERSIONCODE 2600", "2600", None),
        ("微信 8.0.49, code 2600", None, None), ("微信 8.0, versionName=8.0.49 (2600)", "2600", "android"),
        # the platform counts without dots too; of versions that agree the longest; dots outrank four digits
        ("安卓 微信 8049", None, "android"), ("微信 8.0，就是微信 8.0.49", None, None),
        ("8.0.49" + " " * 201 + "8050", None, None),
    ],
)  # fmt: skip
def test_what_stands_apart_is_joined(text: str, build: str | None, platform: Platform | None) -> None:
    read = parse_wechat_version(text)
    assert (read.version, read.build, read.platform) == ("8.0.49", build, platform)


@pytest.mark.parametrize(
    ("text", "reading"),
    [
        ("Windows 10.0.21999", ("10", "windows", "Windows", None)),
        ("Windows 10.0.22000", ("11", "windows", "Windows", None)),
        ("Windows NT 10.0", ("10", "windows", "Windows", None)),
        ("Windows NT 9.9", (None, "windows", "Windows", "只看到 Windows，没有版本号。")),
        ("Android 40", ("40", "android", "Android", None)),
        ("Android 41", (None, "android", "Android", "只看到 Android，没有版本号。")),
        ("Ubuntu 41", ("41", "linux", "Ubuntu", None)),
        ("Android 8.0.7", (None, "android", "Android", "8.0.7 是微信的版本，不是系统版本。")),
        ("Android 7.0.7", (None, "android", "Android", "7.0.7 是微信的版本，不是系统版本。")),
        ("Android 8.0.6", ("8.0.6", "android", "Android", None)),
        ("iOS, 微信 8.0.49", (None, "ios", "iOS", "8.0.49 是微信的版本，不是系统版本。")),
        ("HarmonyOS 4.2", (None, "android", "HarmonyOS",
         "HarmonyOS 4.2 的编号不是安卓版本号。这类手机使用安卓版微信。")),
        ("HarmonyOS 5_0_1", ("5.0.1", "harmony", "HarmonyOS", None)),
        ("鸿蒙 4, 纯血鸿蒙", ("4", "harmony", "HarmonyOS NEXT", None)), ("1", ("1", None, None, None)),
        ("40", ("40", None, None, None)),
        ("41", (None, None, None, "没有找到系统版本。请打开 设置 → 关于手机（苹果：设置 → 通用 → 关于本机）查看。")),
        ("8.0.49", (None, None, None, "8.0.49 是微信的版本，不是系统版本。")),
        ("Redmi K30", (None, None, None, "Redmi K30 是手机型号，不是版本号。")),
        ("macOS 14, iOS 17", ("17", "ios", "iOS", None)),
        ("HarmonyOS 5, iOS 17", ("17", "ios", "iOS", None)),
    ],
)  # fmt: skip
def test_a_system_is_read_with_its_name_and_what_is_wrong(
    text: str, reading: tuple[str | None, str | None, str | None, str | None]
) -> None:
    read = parse_system_version(text)
    assert (read.version, read.platform, read.name, read.error) == reading


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("8.0.49", ["8.0.49"]), ("8. 0. 49", ["8. 0. 49"]), ("8.0。49", ["8.0。49"]),
        ("8。0。49。2", ["8。0。49。2"]), ("8.0.49。2", ["8.0.49"]), ("8.0。7.0.22", ["8.0", "7.0.22"]),
        ("8. 0。7.0.22", ["8. 0", "7.0.22"]), ("8.0。49.2", ["8.0。49.2"]), ("8.0。4。9。2.1", ["8.0。4。9", "2.1"]),
        ("8.0.49。7.0.22", ["8.0.49", "7.0.22"]), ("8.0.49.1。7. 0. 22", ["8.0.49.1", "7. 0. 22"]),
        ("2。8.0.49", ["8.0.49"]), ("8。0。49。2。1", ["8。0。49。2"]), ("8.0.49。7.0", ["8.0.49", "7.0"]), ("8", []),
        ("8.05.1", []), ("8.0.05", []), ("8.0.0.05", ["8.0.0.05"]), ("8.0.49_r1a2b.3", ["8.0.49_r1a2b.3"]),
        ("x 8.0 y", ["8.0"]), ("8.0.49 和 8.0.50", ["8.0.49", "8.0.50"]),
    ],
)  # fmt: skip
def test_dotted_numbers_are_found_as_they_were_typed(text: str, expected: list[str]) -> None:
    found = list(dotted_numbers(text))
    assert [text[one.start : one.end] for one in found] == expected
    for one, shown in zip(found, expected, strict=True):
        number = shown.partition("_")[0]
        assert one.parts == tuple(map(int, re.findall(r"\d+", number)))
        assert one.plain == (not set(number) - set("0123456789."))


def test_no_text_is_read_for_ever() -> None:
    assert len(list(dotted_numbers("1.1 " * 500))) == 400
    assert len(list(matches("a", "a" * 150))) == 100
