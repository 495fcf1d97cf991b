"""Read what is still readable out of a damaged SQLite file, page by page, without asking SQLite.

SQLite gives up on a table when a page on the way to a row is damaged. Here every leaf page is read by itself, so only
what stood on damaged pages is lost. Layout: https://www.sqlite.org/fileformat2.html, sections 1, 2 and 4.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final

from diagnostics.files import read_bounded

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Value = int | float | str | bytes | None
MAGIC: Final = b"SQLite format 3\0"
"""How every SQLite file begins."""
_WAL_MAGIC: Final = (0x377F0682, 0x377F0683)
_LEAF: Final = 0x0D
_DEFAULT_PAGE: Final = 4096
_INTEGERS: Final = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}
_MAX_RECORD: Final = 64 * 1024 * 1024
_MAX_BYTES: Final = 1024 * 1024 * 1024
"""A damaged file is looked through in memory; hundreds of thousands of cases fit."""


def rows(path: Path, wal: Path) -> Iterator[tuple[int, list[Value]]]:
    """Yield the row id and the values of every table row on every readable leaf page, the log's committed pages too."""
    data = read_bounded(path, _MAX_BYTES) if path.exists() else b""
    size, reserved = _page_size(data)
    pages = {number: data[at : at + size] for number, at in enumerate(range(0, len(data), size), 1)}
    pages |= _logged(read_bounded(wal, _MAX_BYTES) if wal.exists() else b"", size)
    for number, page in pages.items():
        yield from _leaf(pages, page, 100 if number == 1 else 0, size - reserved)


def _page_size(data: bytes) -> tuple[int, int]:
    if data[:16] == MAGIC:
        size = int.from_bytes(data[16:18], "big")
        size = 65536 if size == 1 else size
        if 512 <= size <= 65536 and size & (size - 1) == 0 and data[20] < 64:
            return size, data[20]
    return _DEFAULT_PAGE, 0


def _logged(log: bytes, size: int) -> dict[int, bytes]:
    """Return the pages that were committed to the write-ahead log; what was torn by a kill fails its checksum."""
    if len(log) < 32 or int.from_bytes(log[:4], "big") not in _WAL_MAGIC:
        return {}
    order = ">" if log[3] & 1 else "<"
    salts, checksum = log[16:24], _checksum(log[:24], order, (0, 0))
    committed: dict[int, bytes] = {}
    pending: dict[int, bytes] = {}
    for at in range(32, len(log) - size - 23, size + 24):
        head, page = log[at : at + 24], log[at + 24 : at + 24 + size]
        checksum = _checksum(head[:8] + page, order, checksum)
        if head[8:16] != salts or struct.unpack(">II", head[16:24]) != checksum:
            break
        pending[int.from_bytes(head[:4], "big")] = page
        if head[4:8] != b"\0\0\0\0":  # the size of the file stands on the frame that commits
            committed |= pending
            pending = {}
    return committed


def _checksum(data: bytes, order: str, start: tuple[int, int]) -> tuple[int, int]:
    first, second = start
    words = struct.unpack(f"{order}{len(data) // 4}I", data)
    for even, odd in zip(words[::2], words[1::2], strict=True):
        first = (first + even + second) & 0xFFFFFFFF
        second = (second + odd + first) & 0xFFFFFFFF
    return first, second


def _leaf(pages: dict[int, bytes], page: bytes, start: int, usable: int) -> Iterator[tuple[int, list[Value]]]:
    if len(page) < start + 8 or page[start] != _LEAF:
        return
    count = int.from_bytes(page[start + 3 : start + 5], "big")
    for index in range(min(count, usable // 4)):
        slot = start + 8 + 2 * index
        try:
            yield _cell(pages, page, int.from_bytes(page[slot : slot + 2], "big"), usable)
        except (IndexError, ValueError, KeyError, struct.error):
            continue  # this cell is damaged; the ones beside it may not be


def _cell(pages: dict[int, bytes], page: bytes, at: int, usable: int) -> tuple[int, list[Value]]:
    length, at = _varint(page, at)
    rowid, at = _varint(page, at)
    if length > _MAX_RECORD:
        raise ValueError("no record is that long")
    local = length
    if length > usable - 35:
        least = (usable - 12) * 32 // 255 - 23
        local = least + (length - least) % (usable - 4)
        local = local if local <= usable - 35 else least
    payload = page[at : at + local]
    following = int.from_bytes(page[at + local : at + local + 4], "big") if local < length else 0
    for _ in range(length // (usable - 4) + 1):
        if len(payload) >= length:
            break
        overflow = pages[following]
        following = int.from_bytes(overflow[:4], "big")
        payload += overflow[4:usable]
    if len(payload) < length:
        raise ValueError("the record is cut off")
    return rowid, _record(payload[:length])


def _record(payload: bytes) -> list[Value]:
    end, at = _varint(payload, 0)
    kinds = []
    while at < end:
        kind, at = _varint(payload, at)
        kinds.append(kind)
    values: list[Value] = []
    for kind in kinds:
        value, at = _value(payload, at, kind)
        values.append(value)
    if at != len(payload):
        raise ValueError("the lengths of the record do not add up")
    return values


def _value(payload: bytes, at: int, kind: int) -> tuple[Value, int]:
    if kind == 0:
        return None, at
    if kind in (8, 9):
        return kind - 8, at
    if kind in _INTEGERS:
        end = at + _INTEGERS[kind]
        return int.from_bytes(payload[at:end], "big", signed=True), end
    if kind == 7:
        return struct.unpack(">d", payload[at : at + 8])[0], at + 8
    if kind < 12:
        raise ValueError("no such kind of value")
    end = at + (kind - 12) // 2
    piece = payload[at:end]
    return (piece.decode() if kind % 2 else piece), end


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for index in range(9):
        byte = data[at + index]
        if index == 8:
            return (value << 8) | byte, at + 9
        value = (value << 7) | (byte & 0x7F)
        if byte < 0x80:
            return value, at + index + 1
    return value, at + 9
