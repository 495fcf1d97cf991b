"""The knowledge base, loaded once: the compiled copy where it fits the files, else the files themselves."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING, Final

from diagnostics.knowledge import store
from diagnostics.knowledge.model import KnowledgeError

if TYPE_CHECKING:
    from diagnostics.knowledge.model import Knowledge

HERE: Final = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120  pathlib costs 5 ms at each start


@cache
def load(extra: str | None = None) -> Knowledge:
    """Return the built-in knowledge, with the files of the directory `extra` merged over it by id.

    Raises KnowledgeError where a file is damaged, incomplete or contradicts another.
    """
    held = store.read(HERE) if extra is None else None
    if held is not None:
        return held
    from pathlib import Path

    from diagnostics.knowledge.read import read_folders

    if extra is not None and not Path(extra).is_dir():
        raise KnowledgeError("knowledge.no_folder", extra)
    return read_folders((Path(HERE),) if extra is None else (Path(HERE), Path(extra)))
