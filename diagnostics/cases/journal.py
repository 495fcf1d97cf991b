"""The journal of runs on this computer: which case a run belongs to, and what is not in the store yet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import msgspec

from diagnostics.autosave import StepResult
from diagnostics.cases.model import own_folder
from diagnostics.evidence import Observation
from diagnostics.files import atomic_write, latest_first, lock_of, private_folder, read_bounded
from diagnostics.questionnaire.message import Sent

if TYPE_CHECKING:
    from pathlib import Path

    from diagnostics.files import FileLock

SCHEMA: Final = "weilidai-doctor/journal/1"
_MAX_BYTES: Final = 16_000_000


def default_folder() -> Path:
    """Return the folder of the journal. Raises StoreError without a home directory."""
    return own_folder("state") / "cases"


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A run: its case, its store, the `writer` id under which it saves there, and what is undelivered.

    `done`: the run is over, only undelivered parts are left.

    `version` is the last known version of the stored case. `waiting` are observations not yet stored, None if all are.
    `sent` are messages not yet stored. `went`: results of plan steps by their ids.
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
        """Whether anything is undelivered."""
        return self.waiting is not None or bool(self.sent)


class Journal:
    """The folder of journal files, one per run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, case: str) -> Path:
        """Return the path of a case's journal file."""
        return self.folder / f"{case}.json"

    def lock(self, case: str) -> FileLock:
        """Return the lock of a case's run, not yet taken."""
        return lock_of(self.path(case))

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

    def remove(self, case: str) -> bool:
        """Remove a run's file; returns whether no process is working on the run: else its lock stays."""
        self.path(case).unlink(missing_ok=True)
        free = self.is_free(case)
        if free:
            self.lock(case).path.unlink(missing_ok=True)
        return free

    def every(self) -> dict[str, Entry | None]:
        """Return the entry of each run by its case, None if unreadable; the latest first."""
        return {path.stem: self.read(path.stem) for path in latest_first(self.folder, "*.json")}

    def left(self) -> list[Entry]:
        """Return the runs that no process is working on, the latest first."""
        return [entry for case, entry in self.every().items() if entry is not None and self.is_free(case)]

    def is_free(self, case: str) -> bool:
        """Whether no process is working on this run."""
        lock = self.lock(case)
        free = not lock.path.exists() or lock.claim()
        lock.release()
        return free
