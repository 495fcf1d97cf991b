"""An open store: its engine, its transactions, its clock and its key. `edits` and `store` say what is done with it."""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING, Final, TypeVar

from diagnostics.cases import purging, retention, rows
from diagnostics.cases.engine import make_engine, transaction
from diagnostics.cases.ids import new_id
from diagnostics.cases.ledger import CaseMask, blank, is_weak, read_key, set_aside, shared_key
from diagnostics.cases.migrate import bring_up
from diagnostics.cases.model import AtOnceError
from diagnostics.cases.places import data_folder
from diagnostics.cases.strangers import refuse_stranger
from diagnostics.redaction import mask_numbers
from diagnostics.sanitize import clean_line

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from pathlib import Path

    from sqlalchemy import Connection

    from diagnostics.cases.places import Place
    from diagnostics.knowledge.model import Knowledge

Done = TypeVar("Done")
_TRIES: Final = 5
"""How often something is tried that others are at, too."""


class OpenStore:
    """An open store. Every method is one transaction; all raise StoreGoneError where the store cannot be reached.

    `operator` is the desk's name for whoever works here; it stands beside every change.
    """

    def __init__(
        self, knowledge: Knowledge, place: Place, *, operator: str = "", clock: Callable[[], float] = time.time
    ) -> None:
        self.knowledge = knowledge
        self.place = place
        self.operator = mask_numbers(clean_line(operator, 60))
        self.notices: list[str] = []
        self._clock = clock
        self._ahead = 0.0  # by which the server's clock is ahead of this computer's
        self._writer = new_id()
        if place.file is not None:
            refuse_stranger(place.file)
        self._engine = make_engine(place)
        folder = place.file.parent if place.file is not None else data_folder()
        self._key_path = folder / "cases.key"
        self._key: bytes | None = None
        try:
            if place.file is not None:
                purging.check(self._engine, place)
            bring_up(self._engine, place, knowledge)
            if place.file is None:
                with self.reading() as connection:
                    self._ahead = (retention.server_seconds(connection) or clock()) - clock()
        except BaseException:
            self._engine.dispose()
            raise

    def dispose(self) -> None:
        """Let go of every connection."""
        self._engine.dispose()

    def now(self) -> str:
        """Return the time as RFC 3339 in UTC, to the second."""
        return retention.stamp(self.seconds())

    def seconds(self) -> float:
        """Return the time in seconds since 1970: the server's, where there is one, else this computer's."""
        return self._clock() + self._ahead

    def reading(self) -> AbstractContextManager[Connection]:
        """One transaction that reads."""
        return transaction(self._engine, self.place, writes=False)

    def writing(self) -> AbstractContextManager[Connection]:
        """One transaction that writes."""
        return transaction(self._engine, self.place, writes=True)

    def mask(self, connection: Connection, case_id: str) -> CaseMask:
        """Return the mask for the texts of one case."""
        if self._key is None:
            self._key = read_key(self._key_path) if self.place.file is not None else shared_key(connection)
        return CaseMask(connection, case_id, self._key)

    def judge_key(self) -> Path | None:
        """Set a key aside that is none and blank what was made with it; returns where it went, None where all is well.

        The digests go first: a kill in between leaves the bad key to be found again.
        """
        if self.place.file is None or not is_weak(self._key_path):
            return None
        with self.writing() as connection:
            blank(connection)
        return set_aside(self._key_path)

    def change(self, work: Callable[[Connection], Done]) -> Done:
        """Do work in one transaction that writes, again where another was at the same thing in the same moment."""
        for attempt in range(_TRIES):
            try:
                with self.writing() as connection:
                    return work(connection)
            except AtOnceError:
                if attempt == _TRIES - 1:
                    raise
                time.sleep(random.uniform(0.01, 0.05) * (attempt + 1))  # noqa: S311  so that two do not meet again
        raise AssertionError("the last attempt returns or raises")

    def rebuild_words(self) -> int:
        """Write the words of every case that cannot be found by any; returns of how many."""
        with transaction(self._engine, self.place, writes=True, patient=True) as connection:
            return rows.reindex_all(connection, self.knowledge, missing=True)
