"""A compiled copy of the built-in knowledge, made when the package is built: a start need not parse TOML.

The copy is bound to the content of the files; where they were changed since, it is passed over and they are read.
"""

from __future__ import annotations

import os
import zlib
from typing import Final

import msgspec

from diagnostics import __version__
from diagnostics.knowledge.model import Knowledge

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


def read(folder: str) -> Knowledge | None:
    """Return the compiled copy if there is one and it belongs to the files of this folder, else None."""
    try:
        copy = msgspec.json.decode(_bytes(f"{folder}/{COPY}"), type=_Copy)
        return msgspec.json.decode(copy.knowledge, type=Knowledge) if copy.stamp == stamp(folder) else None
    except (OSError, msgspec.MsgspecError):
        return None


def write(folder: str, knowledge: Knowledge) -> None:
    """Write the compiled copy of this folder's knowledge; called when the package is built. Raises OSError."""
    data = msgspec.json.encode(_Copy(stamp(folder), msgspec.Raw(msgspec.json.encode(knowledge))))
    with open(f"{folder}/{COPY}", "wb") as file:  # noqa: PTH123  see `load.HERE`
        file.write(data)


def _bytes(path: str) -> bytes:
    with open(path, "rb") as file:  # noqa: PTH123
        return file.read()
