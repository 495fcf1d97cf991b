"""The answers of the diagnosis in progress, on disk: written whole at each answer, there again after a kill."""

from __future__ import annotations

import contextlib
import itertools
import re
import sys
from typing import TYPE_CHECKING, Final, Literal

import msgspec

from diagnostics.answers import stored_observations, unreadable
from diagnostics.evidence import Observation
from diagnostics.files import (
    Later,
    atomic_write,
    flush,
    lock_of,
    own_folder,
    private_folder,
    read_bounded,
    remove_stale,
)
from diagnostics.i18n import UserError
from diagnostics.library_errors import system_fault
from diagnostics.unsent import Unsent

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from diagnostics.files import FileLock
    from diagnostics.knowledge.model import Knowledge
    from diagnostics.questionnaire.message import Sent

SCHEMA: Final = "weilidai-doctor/draft/1"
StepResult = Literal["done", "no_change", "later"]
"""The result of a step of the plan, as the person reports it."""
FLUSHED: Final = 0.3
"""Seconds after which what was written is on the disk itself: the next answer would wait for a disk at work."""
_MAX_BYTES: Final = 16_000_000
_PREVIOUS: Final = "previous"


class DraftError(UserError):
    """The saved answers cannot be read; the place is the file. The file itself is kept."""


class _Draft(msgspec.Struct, kw_only=True):
    schema: Literal["weilidai-doctor/draft/1"] = SCHEMA
    observations: list[Observation]
    went: dict[str, StepResult] = {}


def default_path() -> Path | None:
    """Where the draft lies, readable by its owner alone; None without a home directory."""
    folder = own_folder("state")
    return folder / "draft.json" if folder is not None else None


class DraftFile:
    """One draft on disk. A write that fails keeps the last good one and is told through `fault`.

    Each window has a draft of its own, once it did `claim` one: `draft.json`, while that is held `draft-2.json`.

    Without a `path` nothing is kept: for a session that is nobody's, or where there is no home directory.
    """

    keeps_readings: Final = False
    """A draft holds answers only; checks run again."""
    begun: Final = False
    """Whether a new reading is to be saved at once."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path
        self.elsewhere = False
        """Whether another window is open that keeps a draft of its own."""
        self.left: list[Path] = []
        """Drafts that other windows left, the latest first."""
        self._lock: FileLock | None = None
        self.unsent = Unsent(path.parent if path is not None else None)
        self.sent: list[Sent] = []
        """What messages of this run asked; a reply to an earlier run's is known by its tag alone."""
        self.went: dict[str, StepResult] = {}
        """How the steps of the plan went, by their ids."""
        self._flush = Later(self._put_on_disk, pause=FLUSHED, name="flush")
        self._last: list[Observation] = []
        self.fault: UserError | None = None
        """Why the last write failed, None when it did not: the front shows it, the diagnosis goes on."""

    @property
    def keeps(self) -> bool:
        """Whether there is a place to keep anything."""
        return self.path is not None

    @property
    def run(self) -> str:
        """The run under which `unsent` keeps texts typed for the draft."""
        return run_of(self.path)

    def claim(self) -> None:
        """Take the draft used last that no other window is at, else a place beside; where nothing can be locked, this.

        It stays this window's until `release`, or until its process is gone.
        """
        if self.path is None:
            return
        with contextlib.suppress(OSError):
            private_folder(self.path.parent)
            known, numbers = _places(self.path), itertools.count(2)
            for place in known:
                self._try(place)
            while self._lock is None:
                place = self.path.with_stem(f"{self.path.stem}-{next(numbers)}")
                if place not in known:
                    self._try(place)

    def _try(self, place: Path) -> None:
        """Take a place where it is free and none is taken yet."""
        lock = lock_of(place)
        if not lock.take():
            self.elsewhere = True
        elif self._lock is None:
            self.path, self._lock = place, lock
        else:
            lock.release(remove=True)
            self.left += [place] if place.exists() else []

    def change_to(self, place: Path) -> bool:
        """Take another window's draft of `left` instead of this one; False where a window is at it by now."""
        lock = lock_of(place)
        if not lock.claim():
            return False
        self.release()
        self.path, self._lock = place, lock
        return True

    def release(self) -> None:
        """Leave the draft to the next window."""
        if self._lock is not None:
            self._lock.release(remove=True)
            self._lock = None

    def write(self, observations: Iterable[Observation]) -> None:
        """Save whole: a new file in the old one's place, which outlives this process at once.

        What a failing power supply would take is on the disk within `FLUSHED`: nobody waits for that, but on Windows,
        where no file can be replaced that is open.
        """
        self._last = list(observations)
        if self.path is None:
            return
        data = msgspec.json.encode(_Draft(observations=self._last, went=self.went))
        behind = sys.platform != "win32"
        try:
            try:
                atomic_write(self.path, data, private=True, lasting=not behind)
            except FileNotFoundError:
                private_folder(self.path.parent)
                atomic_write(self.path, data, private=True, lasting=not behind)
            self.fault = None
        except OSError as error:
            self._failed(error)
        else:
            if behind:
                self._flush.ask()

    def keep_steps(self) -> None:
        """Save the results of steps together with the answers saved last."""
        self.write(self._last)

    def _put_on_disk(self) -> None:
        if self.path is None:
            return
        try:
            flush(self.path)
            flush(self.path.parent)
        except FileNotFoundError:
            return  # set aside or forgotten meanwhile
        except OSError as error:
            self._failed(error)

    def _failed(self, error: OSError) -> None:
        self.fault = system_fault(error).at(str(self.path))

    def send(self, sent: Sent) -> None:
        """Remember what a message asked."""
        self.sent.append(sent)

    def exists(self) -> bool:
        """Whether there is a draft to continue with."""
        try:
            return self.path is not None and self.path.is_file()
        except OSError:
            return False

    def read(self, knowledge: Knowledge) -> tuple[Observation, ...]:
        """Return the saved observations, checked as answers are; none where there is no draft. Raises DraftError."""
        if self.path is None:
            return ()
        remove_stale(self.path.parent, self.path.name)
        data = b""
        try:
            data = read_bounded(self.path, _MAX_BYTES)
            draft = msgspec.json.decode(data, type=_Draft)
            self._last = [*stored_observations(knowledge, draft.observations, answers_only=True)]
            self.went = draft.went
            return tuple(self._last)
        except FileNotFoundError:
            return ()
        except (OSError, ValueError, RecursionError) as error:  # msgspec's and AnswerError are ValueErrors
            raise DraftError("draft", str(self.path), reason=unreadable(error, data)) from None

    def set_aside(self, why: str = "damaged") -> Path | None:
        """Move the draft out of the way (`draft.damaged.json`); returns where it is now, None where there is none."""
        if self.path is None:
            return None
        self.went = {}
        self.unsent.forget(self.run)
        aside = self.path.with_suffix(f".{why}.json")
        try:
            return self.path.replace(aside)
        except OSError:
            return None

    def bring_back(self, why: str) -> None:
        """Put back what `set_aside` moved away for this reason, where no newer draft has taken its place."""
        if self.path is None:
            return
        aside = self.path.with_suffix(f".{why}.json")
        with contextlib.suppress(OSError):
            if not self.exists():
                aside.rename(self.path)

    def remove(self) -> None:
        """Forget the draft."""
        self.went = {}
        self.unsent.forget(self.run, "")
        with contextlib.suppress(FileNotFoundError):
            self.sent = []
            if self.path is not None:
                self.path.unlink()


def run_of(path: Path | None) -> str:
    """Return the run under which `unsent` keeps texts typed for the draft at this path."""
    return path.stem if path is not None else "draft"


def _places(path: Path) -> list[Path]:
    """Return this place and those beside it where windows keep or kept a draft, what was used last first."""
    used = {path: 0.0}
    for file in path.parent.glob(f"{path.stem}*"):
        name, _, kind = file.name.partition(".")
        if re.fullmatch(rf"{re.escape(path.stem)}(-\d+)?", name) and kind in ("json", f"{_PREVIOUS}.json", "lock"):
            place = file.with_name(f"{name}.json")
            with contextlib.suppress(FileNotFoundError):  # its window was just closed
                used[place] = max(used.get(place, 0.0), 0.0 if kind == "lock" else file.stat().st_mtime)
    return sorted(used, key=lambda place: (-used[place], place))
