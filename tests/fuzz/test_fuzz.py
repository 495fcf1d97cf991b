"""Some thousand damaged inputs through every door: what editors, transfers, programs and ill will do to a text."""

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz.doors import DOORS, seeds

TOKENS = (
    b"\x00", b"\xff", b"\xef\xbb\xbf", b"\xff\xfe", b"\r\n", b"\n", b"\t", b"\x1b[2J", b"\x1b]52;c;QQ\x07", b"\x85",
    "\u202e".encode(), "\u200b".encode(), "\u2028".encode(), "微粒贷".encode(), "²".encode(), "１８".encode(),
    "٣".encode(), b"\xed\xa0\x80", b"\\ud800", b"\\u0000", b'"', b"'", b"\\", b"#", b"{", b"}", b"[", b"]", b"[[",
    b"]]", b",", b":", b"=", b".", b"-", b"null", b"true", b"NaN", b"Infinity", b"1e999", b"-1", b"0", b"9" * 60,
    b"0x", b"1_0", b"unknown", b"none", b"[" * 500, b'{"a":' * 100, b'"answers"', b'"schema"', b'"id"', b"person.age",
    b"=HYPERLINK(", b"<script>", b"{0}", b"{near}", b"%s", b"$(reboot)", b"../../etc/passwd", b"A" * 5000,
)  # fmt: skip
"""What breaks readers of JSON, TOML and version texts."""
ENCODINGS = ("utf-16", "utf-16-le", "utf-32", "utf-8-sig", "gbk", "cp1252")
NOISE = st.one_of(st.binary(max_size=300), st.text(max_size=100).map(lambda text: text.encode("utf-8", "replace")))
HUNG = timedelta(seconds=30)
"""After this, one input counts as a hang."""


@st.composite
def damaged(draw: st.DrawFn, whole: tuple[bytes, ...]) -> bytes:
    """Take one of the whole inputs, replace up to four of its parts, and now and then write it in another encoding."""
    data = draw(st.sampled_from(whole))
    for _ in range(draw(st.integers(1, 4))):
        start, end = sorted(draw(st.tuples(*[st.integers(0, len(data))] * 2)))
        part = st.one_of(st.sampled_from(TOKENS), st.sampled_from((b"", data[start:end] * 2)), st.binary(max_size=2))
        data = data[:start] + draw(part) + data[draw(st.sampled_from((start, end, len(data)))) :]
    encoding = draw(st.sampled_from((*[None] * 9, *ENCODINGS)))
    return data[:200_000] if encoding is None else data[:200_000].decode("utf-8", "replace").encode(encoding, "replace")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(tmp_path))


@pytest.mark.parametrize("name", sorted(DOORS))
def test_every_seed_is_taken_whole(name: str) -> None:
    taken = [DOORS[name][0](seed) for seed in seeds(name)]
    assert any(taken)
    assert all(taken) or name in ("answers_file", "command", "phone", "versions", "interviewed")


@pytest.mark.parametrize("name", sorted(DOORS))
def test_no_bytes_at_all_break_a_door(name: str) -> None:
    """By hand as many as one likes: `--hypothesis-profile=search` looks for new ones each time."""
    door, most = DOORS[name]
    ends = set()

    @settings(max_examples=most, deadline=HUNG)
    @given(st.one_of(damaged(seeds(name)), NOISE))
    def hold(data: bytes) -> None:
        ends.add(door(data))

    hold()
    assert most < 30 or ends == {True, False}
