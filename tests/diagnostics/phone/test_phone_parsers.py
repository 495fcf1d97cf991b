"""What a phone prints may be anything: reading it never raises, takes time in proportion, and never makes things up."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnostics.phone import android_parsers
from diagnostics.phone.adb_client import mask, parse_devices, permitted, pings
from tests.lab.phone import describe

PARSERS: list[Callable[[str], Any]] = [
    android_parsers.parse_package,
    android_parsers.parse_users,
    lambda text: android_parsers.parse_path(text, 1),
    android_parsers.parse_connectivity,
    android_parsers.data_saver,
    lambda text: android_parsers.data_blocked(text, "10108"),
    android_parsers.parse_ping,
    android_parsers.one_line,
    android_parsers.switch,
    lambda text: android_parsers.android_version(text, text),
    lambda text: android_parsers.clock_difference(text, 1.0, 2.0),
    android_parsers.free_bytes,
    lambda text: android_parsers.device_kind(text, text, text),
    android_parsers.proxy_set,
    android_parsers.background_mode,
    parse_devices,
]


@given(st.text(max_size=300))
def test_any_text_is_read_without_an_exception(text: str) -> None:
    for parse in PARSERS:
        parse(text)


HOSTILE = (
    "\n", " ", "\t", "a", "Package [com.tencent.mm] (", "  Package [com.tencent.mm] (1):\n", " versionName=",
    "    User 0: ", "    User 0:  installed=true", "installed=", "UserInfo{1:", "UserInfo{1:a:", "版本", "versionName ",
    "NetworkAgentInfo{", "  NetworkAgentInfo{network{1} ni{", "Active default network: 1\n  NetworkAgentInfo{",
    "Transports: WIFI|", "HttpProxy: [", "UID=10108 policy=", "1 packets transmitted, ", "Physical size: 1", "x: ",
    "com.tencent.mm 版本名:", "Filesystem Available\n/data 1 ",
)  # fmt: skip


def spent(parse: Callable[[str], Any], piece: str, length: int) -> float:
    """Return the processor time of reading so many characters, as they are and as a part of something known."""
    text = piece * (length // len(piece))
    began = time.process_time()
    parse(text)
    parse("Active default network: 1\nPackage [com.tencent.mm] (1):\n" + text)
    return time.process_time() - began


@pytest.mark.parametrize("piece", HOSTILE)
def test_anything_is_read_in_proportion_to_its_length(piece: str) -> None:
    for parse in PARSERS:
        long = spent(parse, piece, 400_000)
        if long >= 0.3:  # a slow machine or a busy one: a quarter of it is to take about a quarter
            short = min(spent(parse, piece, 100_000) for _ in range(3))
            long = min(long, *(spent(parse, piece, 400_000) for _ in range(2)))
            assert long < max(0.3, 6 * short)


def test_another_packages_version_is_not_wechats() -> None:
    other = "Packages:\n  Package [com.tencent.mobileqq] (1):\n    versionName=9.0.1\n"
    assert android_parsers.parse_package(other) is None
    both = other + "  Package [com.tencent.mm] (2):\n    userId=1\n  Package [com.example] (3):\n    versionName=1.2\n"
    assert android_parsers.parse_package(both) is None


def test_two_contradicting_versions_in_a_makers_own_form_are_no_version() -> None:
    text = "com.tencent.mm\n版本名称：8.0.49\n版本名称：8.0.50\n"
    assert android_parsers.parse_package(text) is None


def test_a_request_for_a_vpn_is_no_vpn() -> None:
    text = describe.replies(describe.data("pixel_android15"))["dumpsys connectivity"].out.decode()
    assert "Transports: VPN" in text
    found = android_parsers.parse_connectivity(text)
    assert found is not None
    assert not found.vpn


def test_a_network_that_is_only_being_connected_does_not_count() -> None:
    text = (
        "Active default network: 100\n  NetworkAgentInfo{network{100} ni{WIFI DISCONNECTED} "
        "nc{[ Transports: WIFI Capabilities: INTERNET&VALIDATED ]}}\n"
    )
    assert android_parsers.parse_connectivity(text) is None


def test_an_older_phone_tells_of_a_login_page_in_words_of_its_own() -> None:
    agent = "NetworkAgentInfo{ ni{CONNECTED} network{100} nc{[ Transports: WIFI Capabilities: INTERNET ]} "
    told = "lastValidated{true} lastCaptivePortalDetected{true} }"
    found = android_parsers.parse_connectivity(f"Active default network: 100\n{agent}{told}\n")
    assert found is not None
    assert (found.portal, found.validated) == (True, False)


@pytest.mark.parametrize(
    ("text", "difference"),
    [("1000\n", None), ("1700000000\n", 0), ("1700000002\n", 0), ("1700000300\n", 300), ("1699996400", -3600),
     ("17e8", None), ("Tue", None)],
)  # fmt: skip
def test_a_difference_that_the_commands_own_duration_explains_is_none(text: str, difference: int | None) -> None:
    found = android_parsers.clock_difference(text, 1_700_000_000.2, 1_700_000_001.4)
    assert found == difference if difference in (None, 0) else found is not None and abs(found - difference) <= 1


@pytest.mark.parametrize(
    ("characteristics", "size", "density", "kind"),
    [
        ("default", "1080x2400", 440, "phone"), ("tablet", "1600x2560", 280, "tablet"),
        ("watch", "454x454", 320, "watch_or_car"), ("automotive,nosdcard", "1920x1080", 160, "watch_or_car"),
        ("default", "2268x2440", 440, None), ("tablet", "1080x2400", 440, None), ("tv", "1920x1080", 320, None),
        ("emulator", "1080x1920", 420, None), ("", "1080x2400", 440, "phone"), ("default", "", 0, None),
    ],
)  # fmt: skip
def test_the_kind_of_device_is_said_only_where_it_is_certain(characteristics, size, density, kind) -> None:
    said = android_parsers.device_kind(characteristics, f"Physical size: {size}\n", f"Physical density: {density}\n")
    assert said == kind


TOLD: dict[Callable[..., Any], tuple[tuple[Any, ...], ...]] = {
    android_parsers.user_kind: (
        (0, 0x4C13, "owner"), (10, 0x1030, "work"), (999, 0x801010, "clone"), (95, 0, "clone"), (10, 0x413, "second"),
        (11, 0x1010, "clone"),
    ),
    android_parsers.free_bytes: (
        ("Filesystem     1K-blocks  Used Available Use% Mounted on\n/dev/x 100 60 40 60% /data\n", 40 << 10),
        ("Filesystem               Size     Used     Free   Blksize\n/data 12.0G 4.0G 8.5G 4096\n", int(8.5 * 2**30)),
        ("Filesystem  Size  Used Avail Use% Mounted on\n/dev/mapper/a\n   110G  60G  512M  55% /data\n", 512 << 20),
        ("df: /data: Permission denied\n", None), ("Filesystem 1K-blocks Used Available\n/data - - -\n", None),
    ),
    android_parsers.proxy_set: (
        ("null\n", False), (":0\n", False), ("\n", False), ("10.0.0.5:8118\n", True), ("proxy.example:80", True),
        ("[2001:db8::1]:3128", True), ("Error: no such thing", None), ("a b:1", None),
    ),
    android_parsers.background_mode: (
        ("RUN_ANY_IN_BACKGROUND: ignore; time=+1d ago", "ignore"), ("RUN_ANY_IN_BACKGROUND: allow", "allow"),
        ("No operations.\n", "default"), ("No operations.\nDefault mode: allow\n", "allow"), ("Error: ...", None),
        ("", None),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("parse", "row"), [(parse, row) for parse, rows in TOLD.items() for row in rows])
def test_what_each_reader_makes_of_a_text(parse: Callable[..., Any], row: tuple[Any, ...]) -> None:
    assert parse(*row[:-1]) == row[-1]


def test_only_plain_host_names_become_pings() -> None:
    hosts = ["weixin.qq.com; reboot", "$(id).lab.test", "-f.lab.test", "a b.test", "pay.qq.com", "nodot", "x.test\n"]
    assert pings(hosts) == {"ping:pay.qq.com": "ping -c 4 -i 0.3 -w 3 pay.qq.com"}
    assert len(pings(f"h{number}.lab.test" for number in range(9))) == 3


@pytest.mark.parametrize(
    "text",
    ["", "reboot", "input tap 1 1", "am start -n a/b", "screencap -p", "logcat -d", "getprop", "getprop ro.serialno",
     "dumpsys package com.tencent.mm; id", "dumpsys package com.tencent.mm ",
     "pm list packages", "settings put global a 1",
     "ping -c 4 -i 0.3 -w 3 a.test; id", "ping -c 4 -i 0.3 -w 3 a.test\nid", "ping -f a.test", "wm size 100x100"],
)  # fmt: skip
def test_nothing_else_is_permitted(text: str) -> None:
    assert not permitted(text)


@given(st.text(st.characters(exclude_characters="…"), min_size=1, max_size=40))
def test_a_masked_serial_shows_its_end_at_most(serial: str) -> None:
    shown = mask(serial)
    assert shown.startswith("…")
    assert len(shown) <= 5
    assert serial not in shown
