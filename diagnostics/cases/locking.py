"""A lock that ends with the process that holds it, however that ended: who crashed holds nothing."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class FileLock:
    """A lock on a file of its own. `take` returns at once; the operating system lets go when the process ends."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._held: int | None = None

    def take(self) -> bool:
        """Take the lock; False where another process has it. Raises OSError where there can be no lock."""
        if self._held is not None:
            return True
        handle = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            _lock(handle)
        except (BlockingIOError, PermissionError):
            os.close(handle)
            return False
        except OSError:
            os.close(handle)
            raise
        self._held = handle
        return True

    def release(self, *, remove: bool = False) -> None:
        """Let go, and remove the file where wanted."""
        if self._held is None:
            return
        if remove:
            self.path.unlink(missing_ok=True)
        os.close(self._held)
        self._held = None


if sys.platform == "win32":
    import msvcrt

    def _lock(handle: int) -> None:
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
