"""A file that is plainly something else than a store is refused before anything of it is touched."""

from __future__ import annotations

import contextlib
import sqlite3
from typing import TYPE_CHECKING, Final

from diagnostics.cases.model import RefusedError
from diagnostics.cases.salvage import MAGIC
from diagnostics.cases.schema import CASES, VERSION

if TYPE_CHECKING:
    from pathlib import Path

_TEXT: Final = 65_536
"""So many bytes without a single NUL are a text: every page of a database has some."""


def refuse_stranger(path: Path) -> None:
    """Raise RefusedError for a text, for another program's database, and for what holds nothing of ours.

    An empty file, one of zeros and the beginning of a database pass: what a crash leaves of a store looks so.
    """
    try:
        with path.open("rb") as file:
            head = file.read(_TEXT)
    except OSError:  # there is none yet, or opening it for good says why not
        return
    if head.startswith(MAGIC):
        strange = not 1 <= int.from_bytes(head[60:64], "big") <= VERSION and _anothers(path)
    elif MAGIC.startswith(head) or not head[: len(MAGIC)].strip(b"\0"):
        return
    else:
        strange = b"\0" not in head or _nothing_of_ours(path)
    if strange:
        raise RefusedError("cases.stranger", str(path))


def _anothers(path: Path) -> bool:
    """Whether a database has tables and none of them is ours; one that cannot be read is damaged, and may be ours."""
    try:
        with contextlib.closing(sqlite3.connect(f"{path.absolute().as_uri()}?immutable=1", uri=True)) as connection:
            names = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    except sqlite3.Error:
        return False
    return bool(names) and CASES.name not in names


def _nothing_of_ours(path: Path) -> bool:
    from diagnostics.cases.recover import readable

    try:
        return not readable(path)["cases"]
    except OSError:
        return False
