"""A compiled copy of the knowledge beside Python's own: parsing TOML at each start would cost more than all else.

Like a `.pyc` it lies in `__pycache__` (`sys.pycache_prefix` and `-B` are obeyed). It belongs to exactly these files
(name, size, time of change) and this version of the tool; anything else, or anything unreadable, and the files are
read again. It is a convenience: failing to write it changes nothing.
"""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path
from typing import Final

import msgspec

from diagnostics import __version__
from diagnostics.knowledge.model import Knowledge

_NAME: Final = "knowledge.json"


class _Copy(msgspec.Struct, array_like=True):
    stamp: str
    knowledge: msgspec.Raw


def stamp(folders: tuple[Path, ...]) -> str:
    """Return what identifies the knowledge files of these folders as they are now."""
    rows = [f"{__version__} {msgspec.__version__}"]
    for folder in folders:
        for place in (folder, folder / "causes", folder / "locale"):
            with contextlib.suppress(FileNotFoundError):
                rows += sorted(
                    f"{file.path} {(seen := file.stat()).st_size} {seen.st_mtime_ns}"
                    for file in os.scandir(place)
                    if file.name.endswith((".toml", ".py"))
                )
    return "\n".join(rows)


def read(of: str) -> Knowledge | None:
    """Return the compiled copy if it belongs to this stamp, else None."""
    try:
        copy = msgspec.json.decode((_folder() / _NAME).read_bytes(), type=_Copy)
        return msgspec.json.decode(copy.knowledge, type=Knowledge) if copy.stamp == of else None
    except (OSError, msgspec.MsgspecError):
        return None


def write(of: str, knowledge: Knowledge) -> None:
    """Put the compiled copy aside for the next start, whole or not at all; where that fails, nothing happens."""
    if sys.dont_write_bytecode:
        return
    with contextlib.suppress(OSError):
        folder = _folder()
        folder.mkdir(parents=True, exist_ok=True)
        new = folder / f"{_NAME}.{os.getpid()}"
        new.write_bytes(msgspec.json.encode(_Copy(of, msgspec.Raw(msgspec.json.encode(knowledge)))))
        new.replace(folder / _NAME)


def _folder() -> Path:
    here = Path(__file__).parent
    if sys.pycache_prefix is not None:
        return Path(sys.pycache_prefix, *here.parts[1:])
    return here / "__pycache__"
