"""Saving from the screen: which file a typed name means, and why it could not be written."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Final

from diagnostics.sanitize import clean_line
from tui.cli.output import CliError, write_file

LONGEST: Final = 4_000
"""Characters of a typed name that are kept: more than any file system takes."""


def target(typed: str, name: str, suffix: str) -> Path:
    """Return the file that was meant: `name` where nothing or a folder was typed, always with this suffix."""
    path = Path(clean_line(typed, LONGEST) or name)
    with contextlib.suppress(RuntimeError):  # the home of a user who is none: a name like any other
        path = path.expanduser()
    if os.path.isdir(path):  # noqa: PTH112  unlike pathlib's, this one raises for no name
        path /= name
    return path if path.suffix == suffix else path.with_name(path.name + suffix)


def taken(path: Path) -> bool:
    """Whether there is something under this name; False too where that cannot be seen, and saving will say why."""
    return os.path.exists(path)  # noqa: PTH110  unlike pathlib's, this one raises for no name


def full_name(path: Path) -> str:
    """Return the name from the root on, as far as it is known."""
    try:
        return clean_line(str(path.absolute()), LONGEST)
    except OSError:  # the folder that the app was started in is gone
        return clean_line(str(path), LONGEST)


def save(path: Path, text: str, lang: str, *, private: bool = False) -> str | None:
    """Write the file; returns why it could not be, in this language, and None where it was."""
    try:
        write_file(str(path), text, private=private)
    except CliError as error:
        return clean_line(error.text(lang), LONGEST)
    return None
