"""The store of cases behind the screen: opened and worked on in a thread, so that no key waits for it."""

from __future__ import annotations

import queue
import threading
from typing import TYPE_CHECKING, Final, TypeVar

from diagnostics.cases.model import StoreDamagedError, StoreError
from diagnostics.evidence import now
from diagnostics.sanitize import clean_line
from tui.work import WorkDone

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.message import Message

    from diagnostics.cases.case_sync import CaseFile
    from diagnostics.cases.store import CaseStore
    from tui.app import DoctorApp

Found = TypeVar("Found")
LONGEST: Final = 1_000
"""Characters of a notice: what a store says stands before what became of the answers."""


class CaseRoom:
    """One run's case, and the store it lies in.

    `post` takes a message from any thread. `tried`: opening the store has ended, well or not.
    """

    def __init__(self, file: CaseFile, post: Callable[[Message], object]) -> None:
        self.file = file
        self.tried = False
        self._post = post
        self._work: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._told: tuple[str, str] | None = None

    def start(self, then: Callable[[], None]) -> None:
        """Open the store in the background; `then` is called once that has worked or failed."""

        def ready(store: bool | StoreError) -> None:
            self.tried = True
            if isinstance(store, StoreError):
                self.file.notices.append(store.text(self.file.lang))
            self.file.catch_up()
            then()

        self.do(lambda _store: True, ready)

    def do(
        self,
        work: Callable[[CaseStore], Found],
        then: Callable[[Found | StoreError], None],
        wanted: Callable[[], bool] = lambda: True,
    ) -> None:
        """Work on the store, one thing after the other; `then` gets what came of it, or why it could not be.

        Work that is not `wanted` any more when its turn comes is left out.
        """
        self._work.put(lambda: self._one(work, then) if wanted() else None)
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="cases", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        while True:
            self._work.get()()

    def _one(self, work: Callable[[CaseStore], Found], then: Callable[[Found | StoreError], None]) -> None:
        found: Found | StoreError
        try:
            found = work(self.file.store())
        except StoreError as error:
            found = error
            if isinstance(error, StoreDamagedError):
                self.file.close()
        self._post(WorkDone(lambda: then(found)))

    def news(self) -> list[str]:
        """Return what is to be told once: what the store did, a fault of a new kind, and that it is over."""
        file = self.file
        told = [clean_line(line, LONGEST) for line in file.notices]
        file.notices.clear()
        fault = file.fault
        kind = (fault.key, file.lang) if fault is not None else None
        if fault is not None and kind != self._told:
            told.append(clean_line(fault.text(file.lang), LONGEST))
        elif fault is None and self._told is not None:
            told.append(file.knowledge.say("ui.desk.stored", file.lang))
        self._told = kind
        return told


def begin_case(doctor: DoctorApp, desk: CaseRoom, label: str, *, agreed: bool) -> None:
    """Begin with nothing answered, under the desk's own name for the user; `agreed` to its being kept."""
    doctor.start_again()
    desk.file.label = label
    desk.file.consent_at = now() if agreed else None
    _show_questions(doctor)


def take_up_case(doctor: DoctorApp, desk: CaseRoom, id_: str) -> None:
    """Go on with a case of the store as the running one. Raises StoreError, and then nothing is changed."""
    saved = desk.file.take_up(id_)
    doctor.session.take_up(saved)
    doctor.flow.begin_again()
    doctor.told(())
    _show_questions(doctor)


def _show_questions(doctor: DoctorApp) -> None:
    """Bring the questions to the front, from wherever the user is."""
    from tui.screens.main import MainScreen

    doctor.return_to_questions()
    if not isinstance(doctor.screen, MainScreen):
        doctor.push_screen(MainScreen())
