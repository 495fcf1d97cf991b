"""The store of cases behind the screen: opened and worked on in a thread, so that no key waits for it."""

from __future__ import annotations

import asyncio
import queue
import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING, Final, TypeVar

from diagnostics.cases.model import StoreDamagedError, StoreError
from diagnostics.sanitize import clean_line

if TYPE_CHECKING:
    from collections.abc import Callable

    from diagnostics.cases.case_sync import CaseFile
    from diagnostics.cases.store import CaseStore

Found = TypeVar("Found")
LONGEST: Final = 1_000
"""Characters of a notice: what a store says stands before what became of the answers."""


class CaseWorker:
    """One run's case, and the store it lies in. `tried`: opening the store has ended, well or not."""

    def __init__(self, file: CaseFile) -> None:
        self.file = file
        self.tried = False
        self._work: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._told: tuple[str, str] | None = None

    async def open(self) -> None:
        """Open the store; a failure is added to the file's notices."""
        try:
            await self.do(lambda _store: True)
        except StoreError as error:
            self.file.notices.append(error.text(self.file.lang))
        self.tried = True
        self.file.catch_up()

    async def do(self, work: Callable[[CaseStore], Found]) -> Found:
        """Work on the store, one thing after the other, and return what came of it. Raises StoreError.

        Work that was cancelled before its turn is skipped.
        """
        future: Future[Found] = Future()

        def run() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                future.set_result(work(self.file.store()))
            except StoreError as refused:
                if isinstance(refused, StoreDamagedError):
                    self.file.close()
                future.set_exception(refused)

        self._work.put(run)
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="cases", daemon=True)
            self._thread.start()
        return await asyncio.wrap_future(future)

    def _run(self) -> None:
        while True:
            self._work.get()()

    def news(self) -> list[str]:
        """Return notices to show once: what the store did, a new kind of fault, and the end of one."""
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
