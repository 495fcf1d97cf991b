"""What a phone prints may be anything: reading it never raises, takes time in proportion, and never makes things up."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnostics.phone import android_parsers
from diagnostics.phone.adb_client import mask, parse_devices
from tests.lab.phone import describe
from tests.rows import rows

PARSERS: list[Callable[[str], Any]] = [
    android_parsers.parse_package,
    android_parsers.parse_users,
    lambda text: android_parsers.parse_path(text, 1),
    android_parsers.parse_connectivity,
    android_parsers.data_saver,
    lambda text: android_parsers.data_blocked(text, "10108"),
    android_parsers.one_line,
    android_parsers.switch,
    lambda text: android_parsers.android_version(text, text),
    lambda text: android_parsers.clock_difference(text, 1.0, 2.0),
    android_parsers.free_bytes,
    lambda text: android_parsers.device_kind(text, text, text),
    android_parsers.proxy_set,
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
    "Transports: WIFI|", "HttpProxy: [", "UID=10108 policy=", "Physical size: 1", "x: ",
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


def test_a_request_for_a_vpn_is_no_vpn() -> None:
    text = describe.replies(describe.data("pixel_android15"))["dumpsys connectivity"].out.decode()
    assert "Transports: VPN" in text
    found = android_parsers.parse_connectivity(text)
    assert not found.vpn


READERS = rows("android_texts.toml").items()
TEXTS = [(name, about, row) for name, kinds in READERS for about, texts in kinds.items() for row in texts]


@pytest.mark.parametrize(("name", "about", "row"), TEXTS, ids=lambda part: part if isinstance(part, str) else "")
def test_what_each_reader_makes_of_a_text(name: str, about: str, row: dict[str, Any]) -> None:
    found = getattr(android_parsers, name)(*row["given"])
    if "has" in row:
        assert {field: getattr(found, field) for field in row["has"]} == row["has"]
    else:
        assert found == row.get("value"), about


@given(st.text(st.characters(exclude_characters="…"), min_size=1, max_size=40))
def test_a_masked_serial_shows_its_end_at_most(serial: str) -> None:
    shown = mask(serial)
    assert shown.startswith("…")
    assert len(shown) <= 5
    assert serial not in shown
