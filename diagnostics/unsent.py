"""Texts typed into fields but not submitted: written to disk shortly after typing, restored after a kill."""

from __future__ import annotations

import contextlib
import os
import re
import threading
from typing import TYPE_CHECKING, Final, Literal

import msgspec

from diagnostics.files import Later, atomic_write, latest_first, lock_of, private_folder, read_bounded
from diagnostics.sanitize import clean

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from diagnostics.files import FileLock

SCHEMA: Final = "weilidai-doctor/unsent/1"
STORY: Final = "story"
LABEL: Final = "label"
NOTE: Final = "note"
"""Places of texts; that of a card where something is typed is `entry QUESTION`."""
PAUSE: Final = 0.3
"""Seconds that what is typed may be younger than what is on disk."""
LONGEST: Final = 60_000
"""Characters that are kept of one text."""
_MAX_BYTES: Final = 16_000_000
_PATTERN: Final = "unsent-*.json"
_UNFINISHED: Final = r"\d(?:[ -]?\d){6,}[ -]?$"
"""A number that is still being typed cannot be known for a personal one yet: it is kept once it ends."""


class FieldText(msgspec.Struct, frozen=True, kw_only=True):
    """The text of one field; `run` is the case or draft it belongs to, empty where none is begun."""

    place: str
    run: str = ""
    text: str


class _Kept(msgspec.Struct, kw_only=True):
    schema: Literal["weilidai-doctor/unsent/1"] = SCHEMA
    store: str = ""
    texts: list[FieldText]


def entry_of(question: str) -> str:
    """Return the place of what is typed for a question."""
    return f"entry {question}"


class Unsent:
    """The texts of one window's fields, as they are here, and on disk with personal numbers masked.

    Each window has a file of its own, and a lock that says that it is there. `store` is the store of cases that the
    window works with, `never` the places that are not put on disk. Without a `folder` nothing is.
    """

    def __init__(self, folder: Path | None, store: str = "", *, never: Collection[str] = ()) -> None:
        self._folder, self._store, self._never = folder, store, never
        self._name = f"unsent-{os.urandom(5).hex()}"
        self._texts: dict[tuple[str, str], str] = {}
        self._lock: FileLock | None = None
        self._writing = threading.Lock()
        self._later = Later(self.save, pause=PAUSE, name="unsent")

    def get(self, place: str, run: str = "") -> str:
        """Return the text of a field, empty where there is none."""
        return self._texts.get((place, run), "")

    def keep(self, place: str, text: str, run: str = "") -> None:
        """Set the text of a field. It is written to disk in the background within `PAUSE`."""
        if self.get(place, run) == text:
            return
        if text:
            self._texts[place, run] = text
        else:
            del self._texts[place, run]
        if self._folder is not None:
            self._later.ask()

    def forget(self, *runs: str, notes: bool = False) -> None:
        """Forget the texts of these runs; drafts of notes only where `notes` says so."""
        for place, run in list(self._texts):
            if run in runs and (notes or place != NOTE):
                self.keep(place, "", run)

    def release(self, run: str) -> None:
        """Keep the story of a run that no longer exists as one that belongs to no run."""
        text = self.get(STORY, run)
        self.forget(run)
        if text and not self.get(STORY):
            self.keep(STORY, text)

    def take_over(self) -> None:
        """Take over texts of closed windows. Of two texts for one field the later is used, the other stays on disk."""
        if self._folder is None:
            return
        taken: list[tuple[Path, FileLock, list[FieldText]]] = []
        for path in latest_first(self._folder, _PATTERN):
            lock = lock_of(path)
            if not lock.claim():
                continue
            kept = _read(path)
            mine = kept.texts if kept is not None and kept.store == self._store else []
            left = [one for one in mine if self.get(one.place, one.run) not in ("", one.text)]
            self._texts |= {(one.place, one.run): one.text for one in mine if one not in left}
            if len(left) < len(mine):
                taken.append((path, lock, left))
            else:
                lock.release(remove=True)
        if taken:
            self.save()
        for path, lock, left in taken:
            with contextlib.suppress(OSError):  # it is offered twice then
                _replace(path, self._store, left)
            lock.release(remove=True)

    def save(self) -> None:
        """Write all texts to disk. A write error is not reported here: the first answer reports it."""
        with self._writing, contextlib.suppress(OSError):
            if self._folder is None:
                return
            path = self._folder / f"{self._name}.json"
            texts = [
                FieldText(place=place, run=run, text=masked)
                for (place, run), text in list(self._texts.items())
                if place not in self._never and (masked := _masked(text, names=bool(self._store)))
            ]
            if texts and self._lock is None:
                private_folder(self._folder)
                self._lock = lock_of(path)
                self._lock.claim()
            _replace(path, self._store, texts)
            if not texts:
                self._unlock()

    def close(self) -> None:
        """Write what is not on disk yet, and release the file for the next window; nothing is kept after that."""
        if self._later.asked:
            self.save()
        with self._writing:
            self._folder = None
            self._unlock()

    def _unlock(self) -> None:
        if self._lock is not None:
            self._lock.release(remove=True)
            self._lock = None


def kept_runs(folder: Path) -> set[str]:
    """Return the runs to which the texts on disk belong."""
    files = (_read(path) for path in folder.glob(_PATTERN))
    return {one.run for kept in files if kept is not None for one in kept.texts if one.run}


def forget_runs(folder: Path, gone: Collection[str]) -> bool:
    """Take texts of these runs off the disk, and files that cannot be read; whether a window is at one. Raises OSError.

    A window that is there forgets them itself only where it learns that the run is gone.
    """
    running = False
    for path in folder.glob(_PATTERN):
        kept = _read(path)
        left = [one for one in kept.texts if one.run not in gone] if kept is not None else []
        if kept is None or len(left) < len(kept.texts):
            lock = lock_of(path)
            free = not lock.path.exists() or lock.claim()
            _replace(path, kept.store if kept is not None else "", left)
            lock.release(remove=True)
            running |= not free
    return running


def _masked(text: str, *, names: bool) -> str:
    """Return a text as it is stored; what a case holds has names and addresses masked too."""
    from diagnostics.redaction import mask_all, mask_numbers

    text = re.sub(_UNFINISHED, "", clean(text, LONGEST))
    return mask_all(text) if names else mask_numbers(text)


def _read(path: Path) -> _Kept | None:
    """Return what is in a file, cleaned like all that comes from outside; None where it is gone or cannot be read."""
    try:
        kept = msgspec.json.decode(read_bounded(path, _MAX_BYTES), type=_Kept)
    except (OSError, ValueError, RecursionError):
        return None
    kept.texts = [msgspec.structs.replace(one, text=clean(one.text, LONGEST)) for one in kept.texts]
    return kept


def _replace(path: Path, store: str, texts: list[FieldText]) -> None:
    """Write a file, or remove it where no texts are left. Raises OSError."""
    if texts:
        atomic_write(path, msgspec.json.encode(_Kept(store=store, texts=texts)), private=True, lasting=True)
    else:
        path.unlink(missing_ok=True)
