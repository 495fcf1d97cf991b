"""Atomic writes, at once or a moment later, bounded reads and file locks."""

from __future__ import annotations

import errno
import os
import sys
import threading
import time
from contextlib import suppress
from typing import IO, TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

REPLACE_PAUSES: Final = (0.05, 0.1, 0.2, 0.4)
"""Seconds between the tries to replace a file that somebody has open, on Windows."""
LEFT_BEHIND: Final = 10.0
"""Seconds after which a file that was to be put in another's place belongs to a killed write, not to a running one."""


def own_folder(kind: Literal["config", "data", "state"]) -> Path | None:
    """Return where the platform has a program keep files of this kind.

    None without a home directory, as in a container that runs as a number nobody has.
    """
    import platformdirs

    try:
        folder: Path = getattr(platformdirs, f"user_{kind}_path")("weilidai-doctor", appauthor=False)
    except RuntimeError:
        return None
    return folder


def atomic_write(
    target: Path, data: bytes | Iterable[bytes], *, private: bool = False, lasting: bool = False, keep: bool = False
) -> None:
    """Put a file with this content in the target's place. Raises OSError; what was there before is there still then.

    Its owner alone can read a `private` one; a `lasting` one is on the disk when this returns, its name too. With
    `keep`, for a file that somebody named, a symbolic link stays one and the mode of what was there stays.
    """
    if keep and target.is_symlink():
        target = type(target)(os.path.realpath(target))  # the link stays, what it leads to is replaced
    new = target.with_name(f"{target.name}.{os.getpid()}.new")
    new.unlink(missing_ok=True)
    try:
        with open(new, "xb", opener=_private if private else None) as file:
            if keep and sys.platform != "win32":
                with suppress(FileNotFoundError):
                    os.fchmod(file.fileno(), kept_mode(target.stat().st_mode, private=private))
            file.writelines([data] if isinstance(data, bytes) else data)
            if lasting:
                file.flush()
                os.fsync(file.fileno())
        _replace(new, target)
    finally:
        with suppress(OSError):
            new.unlink(missing_ok=True)
    if lasting and sys.platform != "win32":  # a name is on the disk only when its folder is
        flush(target.parent)


def flush(place: Path) -> None:
    """Wait until a file's content, or a folder's names, are on the disk. Raises OSError."""
    handle = os.open(place, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _replace(new: Path, target: Path) -> None:
    """Put a file in the target's place. Windows refuses while somebody has that open: a scanner or a viewer lets go."""
    for pause in (*REPLACE_PAUSES, None):
        try:
            new.replace(target)
        except PermissionError:
            if pause is None or sys.platform != "win32":
                raise
            time.sleep(pause)
        else:
            return


def kept_mode(mode: int, *, private: bool) -> int:
    """Return the mode that a file is to keep: its own. A private one that everybody could read was no choice of its."""
    return 0o600 if private and mode & 0o007 else mode & 0o777


def read_bounded(source: Path | IO[bytes], limit: int) -> bytes:
    """Read a file, or a stream that is open, to its end; a device has none. Raises OSError, EFBIG beyond the limit."""
    if isinstance(source, os.PathLike):
        with source.open("rb") as file:
            return read_bounded(file, limit)
    data = source.read(limit + 1)
    if len(data) > limit:
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))
    return data


def read_start(path: str | Path, most: int = 1 << 20) -> bytes:
    """Return the start of a file, nothing where it cannot be read."""
    try:
        with open(path, "rb") as file:  # noqa: PTH123  a check's start does without pathlib
            return file.read(most)
    except OSError:
        return b""


def private_folder(folder: Path) -> None:
    """Make a folder, and each one above it that is missing, for its owner alone, whatever the umask. Raises OSError."""
    missing = [one for one in (folder, *folder.parents) if not one.exists()]
    for one in reversed(missing):
        with suppress(FileExistsError):  # another window was quicker
            one.mkdir(mode=0o700)
            one.chmod(0o700)


def remove_stale(folder: Path, name: str) -> None:
    """Remove what a kill in the middle of a write left in a folder; `name` is the target's, or a pattern (`*.json`)."""
    for left in folder.glob(f"{name}.*.new"):
        with suppress(OSError):
            if time.time() - left.stat().st_mtime > LEFT_BEHIND:
                left.unlink()


def latest_first(folder: Path, pattern: str) -> list[Path]:
    """Return a folder's files of this pattern, what was written last first; what killed writes left is removed."""
    remove_stale(folder, pattern)
    found: dict[Path, float] = {}
    for path in folder.glob(pattern):
        with suppress(OSError):  # removed meanwhile
            found[path] = -path.stat().st_mtime
    return sorted(found, key=lambda path: found[path])


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


class Later:
    """Does something a moment after it is asked for, once for all that was asked meanwhile; nobody waits for it.

    What takes long is done less often: a fifth of the time at most.
    """

    def __init__(self, work: Callable[[], object], *, pause: float, name: str) -> None:
        self._work, self._pause, self._name = work, pause, name
        self._lock = threading.Lock()
        self._waiting = False
        self._took = 0.0
        self.asked = False
        """Whether it was ever asked for."""

    def ask(self) -> None:
        """Let it be done within the pause."""
        with self._lock:
            waiting, self._waiting, self.asked = self._waiting, True, True
        if not waiting:
            threading.Thread(target=self._run, name=self._name, daemon=True).start()

    def _run(self) -> None:
        time.sleep(max(self._pause, self._took * 4))
        with self._lock:
            self._waiting = False
        began = time.monotonic()
        self._work()
        self._took = time.monotonic() - began


def lock_of(path: Path) -> FileLock:
    """Return the lock that says that a window is at a file."""
    return FileLock(path.with_suffix(".lock"))


class FileLock:
    """A lock on a file of its own. `take` returns at once; the operating system lets go when the process ends."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._held: int | None = None

    def take(self) -> bool:
        """Take the lock; False where another process has it. Raises OSError where there can be no lock."""
        while self._held is None:
            handle = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
            try:
                _lock(handle)
                if self._is_of(handle):
                    self._held = handle
            except (BlockingIOError, PermissionError):
                return False
            finally:
                if self._held is None:
                    os.close(handle)
        return True

    def claim(self) -> bool:
        """Take the lock; True too where there can be none."""
        try:
            return self.take()
        except OSError:
            return True

    def _is_of(self, handle: int) -> bool:
        """Whether the file is still there by its name: who held its lock may just have removed it."""
        try:
            return os.path.samestat(os.fstat(handle), self.path.stat())
        except FileNotFoundError:
            return False

    def release(self, *, remove: bool = False) -> None:
        """Let go, and remove the file where wanted."""
        if self._held is None:
            return
        if remove and sys.platform != "win32":  # else another process could take a lock on a name that is gone
            self.path.unlink(missing_ok=True)
        os.close(self._held)
        if remove and sys.platform == "win32":  # which removes no file that is open
            with suppress(OSError):
                self.path.unlink(missing_ok=True)
        self._held = None


if sys.platform == "win32":
    import msvcrt

    def _lock(handle: int) -> None:
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)

else:

    def _lock(handle: int) -> None:
        import fcntl  # few runs lock anything, and each start would load it

        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
