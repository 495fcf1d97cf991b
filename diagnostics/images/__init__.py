"""Read a picture of a phone's screen: versions, the entry, the message of its page. Needs the extra `[screenshot]`.

The picture is read in memory, in a child process that is bounded in time and size, whatever it does; only the fields
are kept. What is read is a question to the person, never an answer by itself, and that something is not on a picture
proves nothing.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import msgspec

from diagnostics.i18n import UserError
from diagnostics.images.fields import ImageReading, Row, readings
from diagnostics.redaction import mask_numbers
from diagnostics.sanitize import clean_line

__all__ = ["ImageError", "ImageReading", "available", "read_image"]
INSTALL: Final = "pip install 'weilidai-doctor[screenshot]'"
NEEDED: Final = ("rapidocr", "onnxruntime", "PIL")
"""What the extra brings."""
SECONDS: Final = 60.0
"""Seconds for one picture, with the start of the child; a usual one takes two on a quiet machine."""
MOST_BYTES: Final = 20 << 20
"""Bytes of a picture's file; a screenshot has one to four million."""
MOST_ANSWER: Final = 1 << 20
TURN: Final = 0.05
_FAULTS: Final = ("no_picture", "size", "animated", "damaged")
"""What the child may say is wrong with a picture; each has its text below `error.image.`."""


class ImageError(UserError):
    """A picture cannot be read: the message is one line and names the reason."""


class _Answer(msgspec.Struct):
    """What the child says: the lines seen, or what is wrong."""

    lines: list[Row] = []
    error: str | None = None


def available() -> bool:
    """Whether the extra is installed; nothing of it is imported here."""
    return all(find_spec(name) is not None for name in NEEDED)


def read_image(
    path: str | os.PathLike[str], *, seconds: float = SECONDS, cancelled: threading.Event | None = None
) -> list[ImageReading]:
    """Return what the picture in this file shows, in the order of the questions; nothing is stored or sent.

    Returns an empty list for a picture of anything else. Raises ImageError (without the extra, for a file that is no
    picture, too large, damaged or animated, where it takes longer than `seconds`, or once `cancelled` is set).
    """
    name = clean_line(mask_numbers(Path(path).name), 100)
    if not available():
        raise ImageError("image.no_extra", name, install=INSTALL)
    answer = _ask(Path(path), name, seconds, cancelled or threading.Event())
    if answer.error is not None:
        raise ImageError(f"image.{answer.error}" if answer.error in _FAULTS else "image.broken", name)
    return readings(answer.lines)


def _ask(path: Path, name: str, seconds: float, cancelled: threading.Event) -> _Answer:
    """Let a child read the picture; it is ended when it takes too long."""
    try:
        file = path.open("rb") if path.is_file() else None
    except (OSError, ValueError):
        file = None
    if file is None:
        raise ImageError("image.no_file", name)
    with file:
        if os.fstat(file.fileno()).st_size > MOST_BYTES:
            raise ImageError("image.size", name)
        package = str(Path(__file__).parents[2])
        child = subprocess.Popen(
            [sys.executable, "-P", "-m", "diagnostics.images.worker"],
            stdin=file,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, (package, os.environ.get("PYTHONPATH"))))},
        )
    told: list[bytes] = []

    def read() -> None:
        told.append(child.stdout.read(MOST_ANSWER))  # type: ignore[union-attr]  # there is one: PIPE

    reader = threading.Thread(target=read, name="picture", daemon=True)
    reader.start()
    end = time.monotonic() + seconds
    with child:
        try:
            while reader.is_alive():
                if cancelled.wait(TURN):
                    raise ImageError("image.cancelled", name)
                if time.monotonic() > end:
                    raise ImageError("image.late", name, seconds=f"{seconds:.0f}")
        finally:
            child.kill()
            reader.join()
    try:
        return msgspec.json.decode(told[0], type=_Answer)
    except (msgspec.MsgspecError, IndexError, UnicodeDecodeError):
        raise ImageError("image.broken", name) from None
