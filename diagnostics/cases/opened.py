"""An open store: its engine, clock and key, and the common steps of every change of a case."""

from __future__ import annotations

import contextlib
import random
import time
from functools import wraps
from typing import TYPE_CHECKING, Any, Concatenate, Final, ParamSpec, TypeVar

from sqlalchemy import select, update

from diagnostics.cases import database, queries
from diagnostics.cases.journal import Journal, default_folder
from diagnostics.cases.masking import CaseMask, is_weak, read_key, set_aside, shared_key
from diagnostics.cases.model import (
    AtOnceError,
    ConflictError,
    Event,
    clock,
    describe_events,
    new_id,
    stamp,
    who,
)
from diagnostics.cases.repair import refuse_foreign_file
from diagnostics.cases.schema import CASES, EVENTS, MASKED, migrate
from diagnostics.redaction import mask_numbers
from diagnostics.sanitize import clean_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from sqlalchemy import Connection, Row

    from diagnostics.cases.model import Kind, StoreLocation
    from diagnostics.knowledge.model import Knowledge
    from diagnostics.redaction import Masked

Done = TypeVar("Done")
Given = ParamSpec("Given")
Store = TypeVar("Store", bound="OpenStore")
_TRIES: Final = 5
"""Attempts of a transaction that collides with others."""


def changes(work: Callable[Concatenate[Store, Connection, Given], Done]) -> Callable[Concatenate[Store, Given], Done]:
    """Run a method in a write transaction, with the retries of `change`; it gets the connection first."""

    @wraps(work)
    def run(self: Store, /, *given: Given.args, **named: Given.kwargs) -> Done:
        return self.change(lambda connection: work(self, connection, *given, **named))

    return run


class OpenStore(database.Database):
    """An open store. Every method is one transaction; all raise StoreGoneError where the store cannot be reached.

    `operator` is the name recorded with every change. `journal` is the folder of this computer's runs.
    """

    def __init__(
        self, knowledge: Knowledge, place: StoreLocation, *, operator: str = "", clock: Callable[[], float] = time.time,
        journal: Path | None = None,
    ) -> None:  # fmt: skip
        self.knowledge = knowledge
        self.operator = mask_numbers(clean_line(operator, 60))
        self.journal = Journal(journal or default_folder())
        self.notices: list[str] = []
        self._clock = clock
        self._ahead = 0.0  # by which the server's clock is ahead of this computer's
        self._writer = new_id()
        if place.file is not None:
            refuse_foreign_file(place.file)
        super().__init__(place)
        self._key_path = place.file.with_name("cases.key") if place.file is not None else None
        self._key: bytes | None = None
        try:
            self.check()
            migrate(self, lambda connection: queries.reindex(connection, knowledge))
            if place.file is None:
                with self.reading() as connection:
                    self._ahead = (database.server_seconds(connection) or clock()) - clock()
        except BaseException:
            self.dispose()
            raise

    def now(self) -> str:
        """Return the time as RFC 3339 in UTC, to the second."""
        return stamp(self.seconds())

    def seconds(self) -> float:
        """Return the time in seconds since 1970: the server's, where there is one, else this computer's."""
        return self._clock() + self._ahead

    def change(self, work: Callable[[Connection], Done]) -> Done:
        """Do work in a write transaction, retried if it collides with another."""
        for attempt in range(1, _TRIES):
            with contextlib.suppress(AtOnceError), self.writing() as connection:
                return work(connection)
            time.sleep(random.uniform(0.01, 0.05) * attempt)  # noqa: S311  so that two do not meet again
        with self.writing() as connection:
            return work(connection)

    def mask(self, connection: Connection, case_id: str, taken_over: Iterable[Masked] = ()) -> CaseMask:
        """Return the mask for the texts of one case."""
        if self._key is None:
            self._key = read_key(self._key_path) if self._key_path is not None else shared_key(connection)
        return CaseMask(connection, case_id, self._key, taken_over)

    def check_key(self) -> Path | None:
        """Set an unusable key aside and blank its digests; returns its new path, None if the key is good."""
        if self._key_path is None or not is_weak(self._key_path):
            return None
        with self.writing() as connection:  # first: a kill in between leaves the bad key to be found again
            connection.execute(update(MASKED).values(digest=""))  # numbers could be found from them
        return set_aside(self._key_path)

    def locked(self, connection: Connection, id_: str, version: int | None = None) -> Row[Any]:
        """Return a case, locked until this transaction ends.

        Raises ConflictError, naming the changes, if it does not have this version any more.
        """
        row = queries.find(connection, id_, lock=True)
        self.same_version(connection, row, version)
        return row

    def same_version(self, connection: Connection, row: Row[Any], seen: int | None) -> None:
        """Raise ConflictError if the case was changed since this version."""
        if seen is None or row.version == seen:
            return
        events = [event for event in queries.history_of(connection, row.id)[row.id] if event.version > seen]
        by, at = (events[-1].operator, events[-1].at) if events else (row.changed_by, row.updated_at)
        did = describe_events(self.knowledge, events)
        raise ConflictError("cases.case_changed", id=row.id, who=who(by), at=clock(at), did=did)

    def touch(
        self, connection: Connection, row: Row[Any], *done: tuple[Kind, str], words: bool = True, **values: Any
    ) -> int:
        """Update a locked case with these values, record the events `done`, and return its version.

        Without values the version stays the same. `words`: whether the search index of the case must be updated.
        """
        version: int = row.version + bool(values)
        later = max(row.updated_at, self.now())  # also where the clock was set back
        values |= {"updated_at": later, "changed_by": self.operator, "version": version}
        connection.execute(update(CASES).where(CASES.c.id == row.id).values(values))
        for kind, detail in done:
            self.record_event(connection, row.id, version, kind, detail)
        if words:
            queries.reindex(connection, self.knowledge, CASES.c.id == row.id)
        return version

    def record_event(self, connection: Connection, id_: str, version: int, kind: Kind, detail: str = "") -> None:
        """Add an event to the history. Consecutive answers of one operator are one event."""
        at = self.now()
        last = self.last_event(connection, id_) if kind == "answers" else None
        if last is not None and (last.kind, last.operator) == (kind, self.operator):
            values = {"version": version, "at": at, "detail": detail}
            connection.execute(update(EVENTS).where(EVENTS.c.seq == last.seq).values(values))
            return
        uid = new_id() + new_id()
        event = Event(id=uid, at=at, operator=self.operator, kind=kind, detail=detail, version=version)
        queries.add_events(connection, id_, [event])

    def last_event(self, connection: Connection, id_: str, *kinds: Kind) -> Row[Any] | None:
        """Return the last event of a case, of these kinds if any are named."""
        query = select(EVENTS).where(EVENTS.c.case_id == id_).order_by(EVENTS.c.seq.desc()).limit(1)
        return connection.execute(query.where(EVENTS.c.kind.in_(kinds)) if kinds else query).one_or_none()
