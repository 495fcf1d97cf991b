"""The answers of the diagnosis in progress, on disk: written whole at each answer, there again after a kill."""

from __future__ import annotations

import contextlib
import os
import time
from typing import TYPE_CHECKING, Final, Literal

import msgspec

from diagnostics.answers import AnswerError, parse_answer, parse_json
from diagnostics.clean import clean, clean_line
from diagnostics.evidence import Observation
from diagnostics.told import ToldError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from diagnostics.knowledge.model import Knowledge

SCHEMA: Final = "weilidai-doctor/draft/1"
LEFT_BEHIND: Final = 10.0
"""Seconds after which a file that was to become the draft belongs to a killed write, and to no other program's."""


class DraftError(ToldError):
    """The saved answers cannot be read; the place is the file. The file itself is kept."""

    @classmethod
    def worded(cls, text: str) -> DraftError:
        """Return the error that says this, in words as they are."""
        return cls("foreign", text=text)


class _Draft(msgspec.Struct, kw_only=True):
    schema: Literal["weilidai-doctor/draft/1"] = SCHEMA
    observations: list[Observation]


def default_path() -> Path:
    """Where the draft lies: the platform's place for a program's state, readable by its owner alone."""
    from platformdirs import user_state_path

    return user_state_path("weilidai-doctor", appauthor=False) / "draft.json"


class DraftFile:
    """One draft on disk. A write that fails keeps the last good one and is told through `fault`."""

    keeps_readings: Final = False
    """A draft holds answers alone: what checks measured is measured anew."""
    begun: Final = False
    """Whether a new reading is to be saved at once."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or default_path()
        self.fault: ToldError | None = None
        """Why the last write failed, None when it did not: the front shows it, the diagnosis goes on."""

    def write(self, observations: Iterable[Observation]) -> None:
        """Save whole: a new file, flushed to the disk, put in the old one's place."""
        data = msgspec.json.encode(_Draft(observations=list(observations)))
        new = self.path.with_name(f"{self.path.name}.{os.getpid()}.new")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with open(new, "wb", opener=_private) as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            new.replace(self.path)
            self.fault = None
        except OSError as error:
            from diagnostics.foreign import system_fault

            self.fault = system_fault(error).at(str(self.path))
            with contextlib.suppress(OSError):
                new.unlink(missing_ok=True)

    def exists(self) -> bool:
        """Whether there is a draft to take up."""
        try:
            return self.path.is_file()
        except OSError:
            return False

    def read(self, knowledge: Knowledge) -> tuple[Observation, ...]:
        """Return the saved observations, checked as answers are; none where there is no draft. Raises DraftError."""
        self._sweep()
        data = b""
        try:
            data = self.path.read_bytes()
            draft = msgspec.json.decode(data, type=_Draft)
            return tuple(_checked(knowledge, one) for one in draft.observations)
        except FileNotFoundError:
            return ()
        except (OSError, ValueError, RecursionError) as error:  # msgspec's and AnswerError are ValueErrors
            raise DraftError("draft", str(self.path), reason=_reason(error, data)) from None

    def set_aside(self, why: str = "damaged") -> Path | None:
        """Move the draft out of the way (`draft.damaged.json`); returns where it is now, None where there is none."""
        aside = self.path.with_suffix(f".{why}.json")
        try:
            return self.path.replace(aside)
        except OSError:
            return None

    def bring_back(self, why: str) -> None:
        """Put back what `set_aside` moved away for this reason, where no newer draft has taken its place."""
        aside = self.path.with_suffix(f".{why}.json")
        with contextlib.suppress(OSError):
            if not self.exists():
                aside.rename(self.path)

    def remove(self) -> None:
        """Forget the draft."""
        with contextlib.suppress(FileNotFoundError):
            self.path.unlink()

    def _sweep(self) -> None:
        """Remove what a kill in the middle of a write left behind."""
        for left in self.path.parent.glob(f"{self.path.name}.*.new"):
            with contextlib.suppress(OSError):
                if time.time() - left.stat().st_mtime > LEFT_BEHIND:
                    left.unlink()


def _reason(error: OSError | ValueError | RecursionError, data: bytes) -> ToldError:
    """Say what is wrong with the saved answers."""
    if not isinstance(error, (OSError, ToldError, msgspec.ValidationError)):  # no JSON: the strict door says what it is
        try:
            parse_json(data, "")
        except AnswerError as told:
            error = told
    if isinstance(error, ToldError):
        return ToldError("knowledge.where", reason=error, where=error.place) if error.place else error
    from diagnostics.foreign import data_fault, system_fault

    if isinstance(error, msgspec.ValidationError):
        return data_fault(str(error).partition(" - at `$")[0])
    if isinstance(error, OSError):
        return system_fault(error)
    return ToldError("foreign", text=clean_line(str(error), 200))


def _checked(knowledge: Knowledge, seen: Observation) -> Observation:
    """Return an observation as the door would have let it in: who can write the file can write anything."""
    return Observation(
        id=seen.id,
        value=parse_answer(knowledge, seen.id, seen.value),
        source=seen.source,
        observed_at=None if seen.observed_at is None else clean_line(seen.observed_at, 40),
        detail=None if seen.detail is None else clean(seen.detail),
    )


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
