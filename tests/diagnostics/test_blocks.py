"""However a stream comes in pieces, the same numbered lines come out; too long a line is cut, and only that one."""

from __future__ import annotations

import io
from itertools import cycle
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnostics import batch
from diagnostics.batch import Block, split_blocks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

TEXT = st.text(st.sampled_from("a甲😀 \r\n\n"), max_size=60)
SIZES = st.lists(st.integers(1, 9), min_size=1, max_size=4)
MOST = st.sampled_from([1, 2, 5, 1000])


def pieces(data: bytes, sizes: list[int]) -> Callable[[int], bytes]:
    """Give out a stream in pieces of these sizes, over and over, as a slow pipe does."""
    stream, turn = io.BytesIO(data), cycle(sizes)
    return lambda size: stream.read(min(next(turn), size))


def numbered(found: Iterable[Block]) -> list[tuple[int, bytes]]:
    """Return the lines that are not blank, with their numbers."""
    return [
        (number, line)
        for block in found
        for number, line in enumerate(block.data.split(b"\n"), block.number)
        if line.strip()
    ]


def plain(text: str) -> list[tuple[int, bytes]]:
    return [(at, line.encode()) for at, line in enumerate(text.split("\n"), 1) if line.encode().strip()]


@given(
    TEXT, st.lists(st.integers(1, 9), min_size=1, max_size=4), MOST, st.sampled_from(["utf-8", "utf-8-sig", "utf-16"])
)
def test_lines_keep_their_numbers_however_they_come(text: str, sizes: list[int], most: int, encoding: str) -> None:
    found = list(split_blocks(pieces(text.encode(encoding), sizes), most))
    assert numbered(found) == plain(text)
    assert all(block.data.count(b"\n") <= most for block in found)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("sizes", [[1], [5], [1000]])
def test_an_encoding_is_known_without_a_mark(encoding: str, sizes: list[int]) -> None:
    text = '{"id": "甲"}\n\n{"id": 2}'
    assert numbered(split_blocks(pieces(text.encode(encoding), sizes))) == plain(text)


def test_utf_16_that_breaks_off_ends_in_a_replacement_character() -> None:
    assert numbered(split_blocks(io.BytesIO("甲\n乙".encode("utf-16") + b"\x00").read)) == [
        (1, "甲".encode()), (2, "乙\ufffd".encode()),
    ]  # fmt: skip


@pytest.mark.parametrize("sizes", [[1], [7], [64], [1000]])
def test_of_a_line_that_is_too_long_the_beginning_is_kept(monkeypatch: pytest.MonkeyPatch, sizes: list[int]) -> None:
    monkeypatch.setattr(batch, "MAX_LINE", 20)
    data = b"x" * 20 + b"\n" + b"y" * 500 + b"\n" + b"z" * 5 + b"\n" + b"w" * 500
    found = numbered(split_blocks(pieces(data, sizes)))
    assert [(number, line[:1]) for number, line in found] == [(1, b"x"), (2, b"y"), (3, b"z"), (4, b"w")]
    assert [len(line) > 20 for _, line in found] == [False, True, False, True]
    if sizes[0] < 64:
        assert max(len(line) for _, line in found) <= 20 + 2 * sizes[0]


def test_a_line_is_given_on_before_the_next_is_read() -> None:
    came: list[bytes] = [b"a\nb", b"c\n"]

    def take(_size: int) -> bytes:
        return came.pop(0)

    assert next(split_blocks(take)) == Block(1, b"a\n")
    assert came == [b"c\n"]
