"""A stream cut into blocks of whole lines, whatever its encoding and however long its lines."""

from __future__ import annotations

import codecs
import json
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MAX_LINE: Final = 1_000_000
"""Bytes of one line; a longer one is rejected, and only its beginning is ever held."""
SIZE: Final = 256 * 1024
"""Bytes read at once."""
LINES: Final = 2048
"""Lines of a block at most, where some fields of the report are written."""
LONGEST_MARK: Final = 4
"""Bytes by which an encoding is known (RFC 4627, section 3)."""
REPORTS: Final = 24
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
            count = whole.count(b"\n")
            yield from _parted(Block(number, whole), count, lines)
            number += count
            rest = chunk[end:]
        elif len(rest) <= MAX_LINE:
            rest += chunk
    if rest:
        yield Block(number, rest)


def _parted(block: Block, count: int, most: int) -> Iterator[Block]:
    if count <= most:
        yield block
        return
    lines = block.data.split(b"\n")
    for at in range(0, count, most):
        yield Block(block.number + at, b"\n".join(lines[at : at + most]))


def _utf8(take: Callable[[int], bytes]) -> Iterator[bytes]:
    """Read pieces as UTF-8; UTF-16 and 32, which some shells write, are known by their mark or their zeros."""
    head = take(SIZE)
    while len(head) < LONGEST_MARK and b"\n" not in head and (more := take(SIZE)):  # it may come byte by byte
        head += more
    encoding = json.detect_encoding(head)
    if encoding.startswith("utf-8"):
        head = head.removeprefix(codecs.BOM_UTF8)
        while head:
            yield head
            head = take(SIZE)
        return
    text = codecs.getincrementaldecoder(encoding)("replace")
    while head:
        yield text.decode(head).encode()
        head = take(SIZE)
    yield text.decode(b"", final=True).encode()
