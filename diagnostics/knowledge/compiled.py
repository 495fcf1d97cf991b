"""Load the knowledge base once: the compiled copy where it fits the files, else the files themselves."""

from __future__ import annotations

import os
import zlib
from functools import cache
from typing import Final, TypeVar

import msgspec

from diagnostics import __version__
from diagnostics.knowledge.model import Knowledge, KnowledgeError

T = TypeVar("T")
COPY: Final = "compiled.json"
HERE: Final = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120  pathlib costs 5 ms at each start
FOLDERS: Final = ("", "causes", "situations", "beliefs", "locale")
"""Where the files of a knowledge base stand, its phrases aside."""


def stamp(folder: str, places: tuple[str, ...] = FOLDERS) -> str:
    """Return what identifies the files of a knowledge folder as they are now: names and content. Raises OSError."""
    sum_ = zlib.crc32(f"{__version__} {Knowledge.__struct_fields__}".encode())
    for place in places:
        for name in sorted(os.listdir(f"{folder}/{place}")):  # noqa: PTH208  see `HERE`
            if name.endswith(".toml"):
                sum_ = zlib.crc32(_bytes(f"{folder}/{place}/{name}"), zlib.crc32(name.encode(), sum_))
    return f"{sum_:08x}"


def read_copy(folder: str, copy: str, kind: type[T], places: tuple[str, ...] = FOLDERS) -> T | None:
    """Return the content of a compiled copy if there is one and it belongs to the files of this folder, else None."""
    try:
        made_of, content = msgspec.json.decode(_bytes(f"{folder}/{copy}"), type=tuple[str, kind])  # type: ignore[valid-type]
        return content if made_of == stamp(folder, places) else None
    except (OSError, msgspec.MsgspecError):
        return None


def write_copy(folder: str, content: msgspec.Struct, copy: str = COPY, places: tuple[str, ...] = FOLDERS) -> None:
    """Write what was read of this folder as its compiled copy, when the package is built. Raises OSError."""
    with open(f"{folder}/{copy}", "wb") as file:  # noqa: PTH123  see `HERE`
        file.write(msgspec.json.encode((stamp(folder, places), content)))


def _bytes(path: str) -> bytes:
    file = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))  # half the time of `open`, and there are a hundred
    try:
        return os.read(file, os.fstat(file).st_size)
    finally:
        os.close(file)


@cache
def load(extra: str | None = None) -> Knowledge:
    """Return the built-in knowledge, with the files of the directory `extra` merged over it by id.

    Raises KnowledgeError where a file is damaged, incomplete or contradicts another.
    """
    held = read_copy(HERE, COPY, Knowledge) if extra is None else None
    if held is not None:
        return held
    from pathlib import Path

    from diagnostics.knowledge.read import read_folders

    if extra is not None and not Path(extra).is_dir():
        raise KnowledgeError("knowledge.no_folder", extra)
    return read_folders((Path(HERE),) if extra is None else (Path(HERE), Path(extra)))
