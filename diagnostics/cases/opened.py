"""An open store: its engine, transactions, clock and key, and what every change of a case goes by."""

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
from diagnostics.cases.repair import refuse_stranger
from diagnostics.cases.schema import CASES, EVENTS, MASKED, bring_up
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
"""How often something is tried that others are at, too."""


def changes(work: Callable[Concatenate[Store, Connection, Given], Done]) -> Callable[Concatenate[Store, Given], Done]:
    """Make a method that runs in one transaction that writes, as `change` does; it gets the connection first."""

    @wraps(work)
    def run(self: Store, /, *given: Given.args, **named: Given.kwargs) -> Done:
        return self.change(lambda connection: work(self, connection, *given, **named))

    return run


class OpenStore(database.Database):
    """An open store. Every method is one transaction; all raise StoreGoneError where the store cannot be reached.

    `operator` is the desk's name for whoever works here; it stands beside every change. `journal` is the folder of this
    computer's runs.
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
            refuse_stranger(place.file)
        super().__init__(place)
        self._key_path = place.file.with_name("cases.key") if place.file is not None else None
        self._key: bytes | None = None
        try:
            self.check()
            bring_up(self, lambda connection: queries.reindex(connection, knowledge))
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
        """Do work in one transaction that writes, again where another was at the same thing in the same moment."""
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
        """Set an unusable key aside and blank what was made with it; returns where it went, None where all is well."""
        if self._key_path is None or not is_weak(self._key_path):
            return None
        with self.writing() as connection:  # first: a kill in between leaves the bad key to be found again
            connection.execute(update(MASKED).values(digest=""))  # numbers could be found from them
        return set_aside(self._key_path)

    def locked(self, connection: Connection, id_: str, version: int | None = None) -> Row[Any]:
        """Return a case that nobody else changes until this transaction ends.

        Raises ConflictError, saying what was done to it, when and by whom, where it has not this version any more.
        """
        row = queries.find(connection, id_, lock=True)
        self.same_version(connection, row, version)
        return row

    def same_version(self, connection: Connection, row: Row[Any], seen: int | None) -> None:
        """Raise ConflictError where somebody changed the case since this version was read."""
        if seen is None or row.version == seen:
            return
        events = [event for event in queries.history_of(connection, row.id)[row.id] if event.version > seen]
        by, at = (events[-1].operator, events[-1].at) if events else (row.changed_by, row.updated_at)
        did = describe_events(self.knowledge, events)
        raise ConflictError("cases.case_changed", id=row.id, who=who(by), at=clock(at), did=did)

    def touch(
        self, connection: Connection, row: Row[Any], *done: tuple[Kind, str], words: bool = True, **values: Any
    ) -> int:
        """Note that a locked case was worked on, set these values of it and return its version.

        Its version stays where no values are given, for nothing that others may change was changed then. `words`:
        whether what the case is found by may have changed.
        """
        version: int = row.version + bool(values)
        later = max(row.updated_at, self.now())  # a clock set back makes no case older
        values |= {"updated_at": later, "changed_by": self.operator, "version": version}
        connection.execute(update(CASES).where(CASES.c.id == row.id).values(values))
        for kind, detail in done:
            self.write_down(connection, row.id, version, kind, detail)
        if words:
            queries.reindex(connection, self.knowledge, CASES.c.id == row.id)
        return version

    def write_down(self, connection: Connection, id_: str, version: int, kind: Kind, detail: str = "") -> None:
        """Add to the history what is done to a case now. Answers that one person gives in a row are one event."""
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
        """Return what was done to a case last, of these kinds where any are named."""
        query = select(EVENTS).where(EVENTS.c.case_id == id_).order_by(EVENTS.c.seq.desc()).limit(1)
        return connection.execute(query.where(EVENTS.c.kind.in_(kinds)) if kinds else query).one_or_none()
