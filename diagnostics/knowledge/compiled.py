"""Load the knowledge base once: the compiled copy where it fits the files, else the files themselves."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from functools import cache
from typing import Final, TypeVar

import msgspec

from diagnostics import __version__
from diagnostics.knowledge.model import Knowledge, KnowledgeError

T = TypeVar("T")
COPY: Final = "compiled.msgpack"
HERE: Final = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120  pathlib costs 5 ms at each start
FOLDERS: Final = ("", "causes", "situations", "beliefs", "locale")
"""Where the files of a knowledge base stand, its phrases aside."""
SECOND: Final = 1_000_000_000
MAKER: Final = f"{__version__} {Knowledge.__struct_fields__}"
"""What a copy is to be read by."""


def files(folder: str, places: tuple[str, ...] = FOLDERS) -> list[str]:
    """Return the names of the files and folders whose changes make a compiled copy outdated. Raises OSError."""
    found = ((place, name) for place in places for name in os.listdir(f"{folder}/{place}"))  # noqa: PTH208  see `HERE`
    return [*places, *sorted(f"{place}/{name}" for place, name in found if name.endswith(".toml"))]


def stamp(folder: str, names: list[str]) -> str:
    """Return what identifies these files as they are now: their names and what they hold. Raises OSError."""
    from zlib import crc32  # costs a third of a millisecond, and an installed tool seldom asks

    sum_ = 0
    for name in names:
        sum_ = crc32(_bytes(f"{folder}/{name}") if name.endswith(".toml") else b"", crc32(name.encode(), sum_))
    return f"{MAKER} {sum_:08x}"


def state(folder: str, names: list[str]) -> int:
    """Return a time that is another one after every change of these files, and that no file has by chance.

    It is the second of the last change, with a checksum of the times of all changes below it. Raises OSError.
    """
    times = [os.stat(f"{folder}/{name}").st_ctime_ns for name in names]  # noqa: PTH116  see `HERE`
    return max(times) // SECOND * SECOND + hash(tuple(times)) % SECOND


def read_copy(folder: str, copy: str, kind: type[T], places: tuple[str, ...] = FOLDERS) -> T | None:
    """Return the content of a compiled copy if there is one and it belongs to the files of this folder, else None."""
    path = f"{folder}/{copy}"
    try:
        written = msgspec.msgpack.decode(_bytes(path), type=tuple[str, list[str], kind])  # type: ignore[valid-type]
        made_of, names, content = written
        if not made_of.startswith(MAKER):
            return None
        # To read all files takes longer than to ask when they changed: a copy that was found to fit takes their state
        # as its own time. Windows does not tell when a file changed; two changes within a clock's tick have one time.
        now = state(folder, names) if os.name == "posix" else 0
        if not now or os.stat(path).st_mtime_ns != now:  # noqa: PTH116
            if made_of != stamp(folder, files(folder, places)):
                return None
            if 0 < now < time.time_ns() - 2 * SECOND:
                with suppress(OSError):  # somebody else's, or not to be written
                    os.utime(path, ns=(now, now))
    except (OSError, ValueError, msgspec.MsgspecError):
        return None
    return content


def write_copy(folder: str, content: msgspec.Struct, copy: str = COPY, places: tuple[str, ...] = FOLDERS) -> None:
    """Write what was read of this folder as its compiled copy, when the package is built. Raises OSError."""
    names = files(folder, places)
    with open(f"{folder}/{copy}", "wb") as file:  # noqa: PTH123  see `HERE`
        file.write(msgspec.msgpack.encode((stamp(folder, names), names, content)))


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
