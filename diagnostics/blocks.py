"""A stream cut into blocks of whole lines, whatever its encoding and however long its lines."""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

MAX_LINE: Final = 1_000_000
"""Bytes of one line; a longer one is rejected, and only its beginning is ever held."""
SIZE: Final = 256 * 1024
"""Bytes read at once."""
LINES: Final = 2048
"""Lines of a block at most, where some fields of the report are written."""
REPORTS: Final = 48
"""Lines of a block at most, where whole reports are written: each is some thirty times as long as its case."""


class Block(NamedTuple):
    """Whole lines of a stream, and the number of the first one, from 1; the end of the last line may be missing."""

    number: int
    data: bytes


def cut(take: Callable[[int], bytes], lines: int = LINES) -> Iterator[Block]:
    """Cut a stream into blocks of so many lines at most, in UTF-8; a block is yielded as soon as it is read.

    `take` returns up to so many bytes, none at the end. Of a line that is too long the beginning is kept, enough of it
    to be seen as too long, and the rest is passed over.
    """
    number, rest = 1, b""
    for chunk in _utf8(take):
        end = chunk.rfind(b"\n") + 1
        if end:
            whole = rest + chunk[:end]
            yield from _parted(number, whole.removeprefix(codecs.BOM_UTF8) if number == 1 else whole, lines)
            number += whole.count(b"\n")
            rest = chunk[end:]
        elif len(rest) <= MAX_LINE:
            rest += chunk
    if rest:
        yield Block(number, rest.removeprefix(codecs.BOM_UTF8) if number == 1 else rest)


def after(blocks: Iterable[Block], done: int) -> Iterator[Block]:
    """Return the blocks without the first so many lines that are not blank."""
    for number, data in blocks:
        if not done:
            yield Block(number, data)
            continue
        lines = data.split(b"\n")
        for at, line in enumerate(lines):
            if not done:
                yield Block(number + at, b"\n".join(lines[at:]))
                break
            done -= bool(line.strip())


def _parted(number: int, data: bytes, most: int) -> Iterator[Block]:
    if data.count(b"\n") <= most:
        yield Block(number, data)
        return
    lines = data.split(b"\n")
    for at in range(0, len(lines) - 1, most):
        yield Block(number + at, b"\n".join(lines[at : at + most]))


def _utf8(take: Callable[[int], bytes]) -> Iterator[bytes]:
    """Read pieces; of UTF-16, which some shells write where they are told to write to a file, make UTF-8."""
    head = take(SIZE)
    while len(head) == 1 and (more := take(SIZE)):  # the mark may come byte by byte
        head += more
    if not head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        while head:
            yield head
            head = take(SIZE)
        return
    text = codecs.getincrementaldecoder("utf-16")("replace")
    while head:
        yield text.decode(head).encode()
        head = take(SIZE)
    yield text.decode(b"", final=True).encode()
