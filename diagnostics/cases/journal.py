"""What this computer remembers of a run in progress: which case it is, and what the store could not take yet."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Final, Literal

import msgspec

from diagnostics.autosave import StepResult
from diagnostics.cases.model import own_folder
from diagnostics.evidence import Observation
from diagnostics.files import FileLock, atomic_write, private_folder, read_bounded, remove_stale
from diagnostics.questionnaire.message import Sent

if TYPE_CHECKING:
    from pathlib import Path

SCHEMA: Final = "weilidai-doctor/journal/1"
_MAX_BYTES: Final = 16_000_000


def default_folder() -> Path:
    """Where the journal lies. Raises StoreError without a home."""
    return own_folder("state") / "cases"


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A run: its case, the store it belongs to, the name under which it writes there, and what waits.

    `done`: nobody goes on with it, it only waits.

    `version` is the one that the store held last. `waiting` are observations not yet stored, as they would be; None
    where nothing waits. `sent` are messages that the store does not have yet. `went`: how the steps of the plan went,
    by their ids.
    """

    schema: Literal["weilidai-doctor/journal/1"] = SCHEMA
    case: str
    writer: str
    store: str
    done: bool = False
    version: int | None = None
    label: str = ""
    lang: Literal["zh", "en"] = "zh"
    consent_at: str | None = None
    waiting: list[Observation] | None = None
    sent: list[Sent] = []
    went: dict[str, StepResult] = {}

    @property
    def pending(self) -> bool:
        """Whether something waits for the store."""
        return self.waiting is not None or bool(self.sent)


class Journal:
    """The folder of these files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, case: str) -> Path:
        """Where the file of a case lies."""
        return self.folder / f"{case}.json"

    def lock(self, case: str) -> FileLock:
        """Return the lock of a case's run, not yet taken."""
        return FileLock(self.folder / f"{case}.lock")

    def write(self, entry: Entry) -> None:
        """Replace a case's file. Raises OSError."""
        private_folder(self.folder)
        atomic_write(self.path(entry.case), msgspec.json.encode(entry), private=True, lasting=True)

    def read(self, case: str) -> Entry | None:
        """Return a case's file, None where there is none or it cannot be read."""
        try:
            return msgspec.json.decode(read_bounded(self.path(case), _MAX_BYTES), type=Entry)
        except (OSError, msgspec.MsgspecError, RecursionError):
            return None

    def remove(self, case: str, *, keep_lock: bool = False) -> None:
        """Forget a run, which nobody else is at; or leave the lock to the window that is."""
        self.path(case).unlink(missing_ok=True)
        if keep_lock:
            return
        with contextlib.suppress(OSError):  # where a lock that is held cannot be removed, its holder does so
            self.lock(case).path.unlink(missing_ok=True)

    def every(self) -> list[tuple[str, Entry | None]]:
        """Return the case of each run and its file, None where that cannot be read; the latest first."""
        found: list[tuple[float, str]] = []
        with contextlib.suppress(OSError):
            remove_stale(self.folder, "*.json")
            for path in self.folder.glob("*.json"):
                with contextlib.suppress(OSError):
                    found.append((path.stat().st_mtime, path.stem))
        return [(case, self.read(case)) for _, case in sorted(found, reverse=True)]

    def left(self) -> list[Entry]:
        """Return the runs whose window is gone, the latest first. A run that is going on elsewhere is passed over."""
        return [entry for case, entry in self.every() if entry is not None and self.is_free(case)]

    def is_free(self, case: str) -> bool:
        """Whether no window is at this run now."""
        lock = self.lock(case)
        try:
            if not lock.path.exists():
                return True
            free = lock.take()
        except OSError:
            return True
        lock.release()
        return free
