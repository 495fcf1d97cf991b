"""What holds for any text and any version, found by Hypothesis."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from diagnostics.versions import at_least, parse_system_version, parse_wechat_version, reaches

_ANY = st.text(st.characters(), max_size=300)  # lone surrogates included
_BITS = st.lists(
    st.one_of(
        st.sampled_from(["8", "0", "49", "2600", "8.0.49", "3.9.12.51", "4.1.7.59", "13", "2024", "10.0", "12.5.7"]),
        st.sampled_from([".", "。", ",", "，", "/", "(", ")", "\n", "\t", " ", "v", "\x1b", "\ud800"]),
        st.sampled_from(["0x", "0x28003137", "0xf2541a1b", "0xf3100927", "0x6700143B", "1661537331", "dword:"]),
        st.sampled_from(["微信", "企业微信", "安卓", "Android", "iOS", "鸿蒙", "NEXT", "QQ", "Windows", "macOS", "NT"]),
        st.sampled_from(["MicroMessenger/", "MacWechat/", "WindowsWechat(", "UnifiedPCLinuxWechat(", "wxwork/"]),
        st.sampled_from(["versionName=", "versionCode=", "Mozilla/5.0", "_r958800.520", "Version", "升级到", "最新"]),
    ),
    max_size=30,
).map("".join)
_SHAPE = re.compile(r"\d{1,10}(\.\d{1,10}){0,3}")

_BYTE = st.integers(1, 255)  # 0x16080000 is a placeholder
_PATCH = st.integers(0, 99)


@given(st.one_of(_ANY, _BITS))
@example("")
@example("\ud800\udfff")
@example("8.0." * 40)
@example("MicroMessenger/" * 5)
@example("٨.٠.٤٩")
def test_any_text_gives_a_reading(text: str) -> None:
    wechat = parse_wechat_version(text)
    assert (wechat.version is None) == (wechat.error is not None)
    assert wechat.version is None or _SHAPE.fullmatch(wechat.version)
    assert wechat.build is None or re.fullmatch(r"\d{1,10}", wechat.build)
    system = parse_system_version(text)
    assert (system.version is None) == (system.error is not None)
    assert system.version is None or re.fullmatch(r"\d{1,3}(\.\d{1,6}){0,3}|XP|Vista", system.version)
    wechat.input.encode()


@given(st.one_of(_ANY, _BITS))
def test_a_reading_reads_itself_again(text: str) -> None:
    first = parse_wechat_version(text)
    if first.version and first.version.count(".") >= 1 and first.platform != "harmony":
        again = parse_wechat_version(f"微信 {first.version}")
        joined = f"{again.version}.{again.build}" if again.build else again.version
        assert joined == first.version or again.version == first.version


@given(
    st.integers(5, 8), _PATCH, _PATCH, st.integers(100, 9_999), st.sampled_from(["", "v", "微信 ", "版本：", "WeChat "])
)
def test_a_phone_version_survives_being_written(major: int, minor: int, patch: int, build: int, before: str) -> None:
    minor %= 10
    version = f"{major}.{minor}.{patch}"
    for text in (version, f"{version}.{build}", f"{version} ({build})"):
        reading = parse_wechat_version(before + text)
        assert reading.version == version, text
        assert reading.build == (None if text == version else str(build))
    wide = version.translate({ord(a): ord(a) + 0xFEE0 for a in "0123456789."})
    for text in (wide, version.replace(".", "。"), version.replace(".", ". "), version.replace(".", ".\n")):
        assert parse_wechat_version(before + text).version == version, text


@given(st.integers(5, 9), st.integers(0, 9), _PATCH, _BYTE, st.integers(256, 9_999))
def test_a_phone_code_survives_being_written(major: int, minor: int, patch: int, byte: int, build: int) -> None:
    tail = f"{major:x}{minor:02x}{patch:02x}{byte:02x}"
    android = parse_wechat_version(f"MicroMessenger/{major}.{minor}.{patch}.{build}(0x2{tail}) WeChat/arm64")
    assert (android.version, android.build, android.platform) == (f"{major}.{minor}.{patch}", str(build), "android")
    alone = parse_wechat_version(f"0x1{tail}")
    assert (alone.version, alone.build, alone.platform) == (f"{major}.{minor}.{patch}", str(byte), "ios")


@given(st.integers(4, 9), st.integers(0, 15), st.integers(0, 15), _BYTE, st.sampled_from(["windows", "macos", "linux"]))
def test_a_desktop_code_survives_being_written(major: int, minor: int, patch: int, byte: int, platform: str) -> None:
    head = {"windows": "f25", "macos": "f26", "linux": "f27"}[platform]
    code = f"{head}{major:x}{minor:x}{patch:x}{byte:02x}"
    version = f"{major}.{minor}.{patch}.{byte}"
    for text in (f"0x{code}", code.upper(), f"dword:{code}", f"UnifiedPC{platform.title()}Wechat(0x{code})"):
        reading = parse_wechat_version(text)
        assert (reading.version, reading.build, reading.platform) == (version, None, platform), text
    if major == 4 and minor <= 9:
        assert parse_wechat_version(str(int(code, 16))).version == version


@given(st.integers(2, 3), st.integers(0, 9), _BYTE, _BYTE)
def test_an_old_windows_code_survives_being_written(major: int, minor: int, patch: int, byte: int) -> None:
    code = f"6{major:x}{minor:02x}{patch:02x}{byte:02x}"
    version = f"{major}.{minor}.{patch}.{byte}"
    agent = f"MicroMessenger/7.0.20.1781(0x6700143B) NetType/WIFI WindowsWechat(0x{code}) XWEB/8555"
    for text in (f"0x{code}", f"REG_DWORD    0x{code}", str(int(code, 16)), agent):
        reading = parse_wechat_version(text)
        assert (reading.version, reading.platform) == (version, "windows"), text


@given(
    st.sampled_from(["Android", "iOS", "iPadOS", "安卓", "macOS"]), st.lists(st.integers(1, 40), min_size=1, max_size=3)
)
def test_a_system_version_survives_being_written(name: str, parts: list[int]) -> None:
    version = ".".join(map(str, parts))
    for text in (
        f"{name} {version}",
        f"{name}{version}",
        f"{name} 版本：{version}",
        f"{name} {version.replace('.', '_')}",
    ):
        assert parse_system_version(text).version == version, text


# comparing dotted numbers, whole and cut short

_PARTS = st.lists(st.integers(0, 9_999), min_size=1, max_size=6)


@pytest.mark.parametrize("text", ["", "8.0.x", "v8", "8.0.0rc1", "8..0", "１", "8.0\n", "1!8", "8" * 5_000])
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a dotted number"):
        at_least(text, "8.0.0")
    with pytest.raises(ValueError, match="not a dotted number"):
        at_least("8.0.0", text)


@given(_PARTS, _PARTS)
@example([8], [8, 0, 0])
@example([8, 0, 49], [8, 0, 49, 2600])
def test_it_is_the_order_of_the_numbers_and_missing_ones_are_zero(left: list[int], right: list[int]) -> None:
    width = max(len(left), len(right))
    padded = [[*parts, *[0] * (width - len(parts))] for parts in (left, right)]
    version, minimum = (".".join(map(str, parts)) for parts in (left, right))
    assert at_least(version, minimum) is reaches(version, minimum) is (padded[0] >= padded[1])


@pytest.mark.parametrize(
    ("version", "minimum", "expected"),
    [("8.0", "8.0.30", None), ("8", "8.0.30", None), ("8", "8.0.0", True), ("7", "8.0.0", False),
     ("8.1", "8.0.30", True)],
)  # fmt: skip
def test_a_version_cut_short_says_only_what_it_can(version: str, minimum: str, *, expected: bool | None) -> None:
    assert reaches(version, minimum, partial=True) is expected
    assert reaches(version, minimum) is (expected or False)
