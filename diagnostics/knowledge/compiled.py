"""Load the knowledge base once: the compiled copy where it fits the files, else the files themselves."""

from __future__ import annotations

import os
import zlib
from functools import cache
from typing import Final

import msgspec

from diagnostics import __version__
from diagnostics.knowledge.model import Knowledge, KnowledgeError

COPY: Final = "compiled.json"


class _Copy(msgspec.Struct, array_like=True):
    stamp: str
    knowledge: msgspec.Raw


def stamp(folder: str) -> str:
    """Return what identifies the knowledge files of this folder as they are now: their names and content."""
    sum_ = zlib.crc32(f"{__version__} {Knowledge.__struct_fields__}".encode())
    for place in ("", "causes", "situations", "beliefs", "locale"):
        with os.scandir(f"{folder}/{place}") as entries:
            files = sorted((entry.name, entry.path) for entry in entries if entry.name.endswith(".toml"))
        for name, path in files:
            sum_ = zlib.crc32(_bytes(path), zlib.crc32(name.encode(), sum_))
    return f"{sum_:08x}"


def read_copy(folder: str) -> Knowledge | None:
    """Return the compiled copy if there is one and it belongs to the files of this folder, else None."""
    try:
        copy = msgspec.json.decode(_bytes(f"{folder}/{COPY}"), type=_Copy)
        return msgspec.json.decode(copy.knowledge, type=Knowledge) if copy.stamp == stamp(folder) else None
    except (OSError, msgspec.MsgspecError):
        return None


def write_copy(folder: str, knowledge: Knowledge) -> None:
    """Write the compiled copy of this folder's knowledge; called when the package is built. Raises OSError."""
    data = msgspec.json.encode(_Copy(stamp(folder), msgspec.Raw(msgspec.json.encode(knowledge))))
    with open(f"{folder}/{COPY}", "wb") as file:  # noqa: PTH123  see `load.HERE`
        file.write(data)


def _bytes(path: str) -> bytes:
    with open(path, "rb") as file:  # noqa: PTH123
        return file.read()


HERE: Final = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120  pathlib costs 5 ms at each start


@cache
def load(extra: str | None = None) -> Knowledge:
    """Return the built-in knowledge, with the files of the directory `extra` merged over it by id.

    Raises KnowledgeError where a file is damaged, incomplete or contradicts another.
    """
    held = read_copy(HERE) if extra is None else None
    if held is not None:
        return held
    from pathlib import Path

    from diagnostics.knowledge.read import read_folders

    if extra is not None and not Path(extra).is_dir():
        raise KnowledgeError("knowledge.no_folder", extra)
    return read_folders((Path(HERE),) if extra is None else (Path(HERE), Path(extra)))
