"""An open store: its engine, transactions, clock and key, and every change to a case."""

from __future__ import annotations

import contextlib
import random
import re
import time
from datetime import date
from functools import wraps
from typing import TYPE_CHECKING, Any, Concatenate, Final, ParamSpec, TypeVar

from sqlalchemy import select, update

from diagnostics.cases import database, queries
from diagnostics.cases.journal import Journal, default_folder
from diagnostics.cases.masking import CaseMask, blank, is_weak, read_key, set_aside, shared_key
from diagnostics.cases.migrations import migrate
from diagnostics.cases.model import (
    CLOSINGS,
    MAX_NOTE,
    AtOnceError,
    CaseRow,
    ConflictError,
    Event,
    Filter,
    Note,
    RefusedError,
    clock,
    describe_events,
    new_id,
    own_folder,
    stamp,
    title_of,
    who,
)
from diagnostics.cases.repair import refuse_stranger
from diagnostics.cases.schema import CASES, EVENTS
from diagnostics.i18n import nearest
from diagnostics.redaction import mask_numbers
from diagnostics.sanitize import clean, clean_line

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from sqlalchemy import Connection, Row

    from diagnostics.cases.model import Case, Kind, StoreLocation
    from diagnostics.knowledge.model import Knowledge
    from diagnostics.questionnaire.message import Sent

Done = TypeVar("Done")
Given = ParamSpec("Given")
Store = TypeVar("Store", bound="OpenStore")
_TRIES: Final = 5
"""How often something is tried that others are at, too."""
_UNTOLD: Final = ("reopen", "consent", "undue")
"""Changes that say by themselves what they set."""


def changes(work: Callable[Concatenate[Store, Connection, Given], Done]) -> Callable[Concatenate[Store, Given], Done]:
    """Make a method that runs in one transaction that writes, as `change` does; it gets the connection first."""

    @wraps(work)
    def run(self: Store, /, *given: Given.args, **named: Given.kwargs) -> Done:
        return self.change(lambda connection: work(self, connection, *given, **named))

    return run


class OpenStore:
    """An open store. Every method is one transaction; all raise StoreGoneError where the store cannot be reached.

    `operator` is the desk's name for whoever works here; it stands beside every change. `journal` is the folder of this
    computer's runs.
    """

    def __init__(
        self, knowledge: Knowledge, place: StoreLocation, *, operator: str = "", clock: Callable[[], float] = time.time,
        journal: Path | None = None,
    ) -> None:  # fmt: skip
        self.knowledge = knowledge
        self.place = place
        self.operator = mask_numbers(clean_line(operator, 60))
        self.journal = Journal(journal or default_folder())
        self.notices: list[str] = []
        self._clock = clock
        self._ahead = 0.0  # by which the server's clock is ahead of this computer's
        self._writer = new_id()
        if place.file is not None:
            refuse_stranger(place.file)
        self.engine = database.make_engine(place)
        self._key_path = (place.file.parent if place.file is not None else own_folder("data")) / "cases.key"
        self._key: bytes | None = None
        try:
            database.check(self.engine, place)
            migrate(self.engine, place, knowledge)
            if place.file is None:
                with self.reading() as connection:
                    self._ahead = (database.server_seconds(connection) or clock()) - clock()
        except BaseException:
            self.engine.dispose()
            raise

    def dispose(self) -> None:
        """Let go of every connection."""
        self.engine.dispose()

    def now(self) -> str:
        """Return the time as RFC 3339 in UTC, to the second."""
        return stamp(self.seconds())

    def seconds(self) -> float:
        """Return the time in seconds since 1970: the server's, where there is one, else this computer's."""
        return self._clock() + self._ahead

    def reading(self) -> AbstractContextManager[Connection]:
        """One transaction that reads."""
        return database.transaction(self.engine, self.place, writes=False)

    def writing(self) -> AbstractContextManager[Connection]:
        """One transaction that writes."""
        return database.transaction(self.engine, self.place, writes=True)

    def mask(self, connection: Connection, case_id: str) -> CaseMask:
        """Return the mask for the texts of one case."""
        if self._key is None:
            self._key = read_key(self._key_path) if self.place.file is not None else shared_key(connection)
        return CaseMask(connection, case_id, self._key)

    def check_key(self) -> Path | None:
        """Set an unusable key aside and blank what was made with it; returns where it went, None where all is well."""
        if self.place.file is None or not is_weak(self._key_path):
            return None
        with self.writing() as connection:  # first: a kill in between leaves the bad key to be found again
            blank(connection)
        return set_aside(self._key_path)

    def change(self, work: Callable[[Connection], Done]) -> Done:
        """Do work in one transaction that writes, again where another was at the same thing in the same moment."""
        for attempt in range(1, _TRIES):
            with contextlib.suppress(AtOnceError), self.writing() as connection:
                return work(connection)
            time.sleep(random.uniform(0.01, 0.05) * attempt)  # noqa: S311  so that two do not meet again
        with self.writing() as connection:
            return work(connection)

    def every(self, wanted: Filter | None = None) -> Iterator[Case]:
        """Yield whole cases, oldest first, from one moment of the store."""
        with self.reading() as connection:
            yield from queries.every(connection, wanted or Filter())

    def rebuild_words(self) -> int:
        """Write the words of every case that cannot be found by any; returns of how many."""
        with database.transaction(self.engine, self.place, writes=True, patient=True) as connection:
            return queries.reindex_all(connection, self.knowledge, missing=True)


class Edits(OpenStore):
    """The changes that a desk makes to a case; each is one transaction, and its texts are masked first.

    `version` is the one on which whoever changes something saw it. Left out, the change is made on what is there now,
    but never over a value that somebody else gave: that raises ConflictError, which says who gave it and when.
    """

    def note(self, id_: str, text: str, *, uid: str | None = None) -> Note:
        """Add a note, masked; the same `uid` is added once. Raises StoreError where it is empty or too long."""
        if not text.strip():
            raise RefusedError("cases.empty_note")
        if len(text) > MAX_NOTE:
            raise RefusedError("cases.long_note", most=MAX_NOTE, length=len(text))
        return self._note(id_, clean(text.strip()), uid or new_id() + new_id())

    @changes
    def _note(self, connection: Connection, id_: str, text: str, uid: str) -> Note:
        row = self.locked(connection, id_)
        mask = self.mask(connection, row.id)
        note = Note(id=uid, at=self.now(), operator=self.operator, text=mask(text))
        if queries.add_note(connection, row.id, note):
            mask.keep()
            self.touch(connection, row, ("note", ""))
        return note

    @changes
    def keep_message(self, connection: Connection, id_: str, sent: Sent) -> None:
        """Keep what a message to the user asked: a reply without its tag is read by it. The same again is no news."""
        row = self.locked(connection, id_)
        had = queries.sent_in(row)
        if had[-1:] != (sent,):
            kept = {"sent": queries.with_sent(had, [sent])}
            connection.execute(update(CASES).where(CASES.c.id == row.id).values(kept))
            self.touch(connection, row, ("message", f"#{sent.tag}"))

    @changes
    def tag(
        self, connection: Connection, id_: str, add: Collection[str] = (), remove: Collection[str] = ()
    ) -> tuple[str, ...]:
        """Add and remove tags; returns all the case has then."""
        row = self.locked(connection, id_)
        mask = self.mask(connection, row.id)
        had = queries.tags_of(connection, row.id)
        new = {mask(clean_line(tag, 40)) for tag in add if tag.strip()} - had
        gone = {clean_line(tag, 40) for tag in remove} & had
        queries.set_tags(connection, row.id, had, (had | new) - gone)
        done: tuple[tuple[Kind, set[str]], ...] = (("tag", new), ("untag", gone))
        if new or gone:
            mask.keep()
            self.touch(connection, row, *((kind, " ".join(sorted(tags))) for kind, tags in done if tags))
        return tuple(sorted((had | new) - gone))

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
        events = [event for event in queries.history_of(connection, row.id) if event.version > seen]
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
            queries.reindex(connection, self.knowledge, row.id)
        return version

    def write_down(self, connection: Connection, id_: str, version: int, kind: Kind, detail: str = "") -> None:
        """Add to the history what is done to a case now. Answers that one person gives in a row are one event."""
        at = self.now()
        if kind == "answers":
            query = select(EVENTS).where(EVENTS.c.case_id == id_).order_by(EVENTS.c.seq.desc()).limit(1)
            last = connection.execute(query).one_or_none()
            if last is not None and (last.kind, last.operator) == (kind, self.operator):
                values = {"version": version, "at": at, "detail": detail}
                connection.execute(update(EVENTS).where(EVENTS.c.seq == last.seq).values(values))
                return
        uid = new_id() + new_id()
        event = Event(id=uid, at=at, operator=self.operator, kind=kind, detail=detail, version=version)
        queries.add_events(connection, id_, [event])

    def close(self, id_: str, cause: str, *, version: int | None = None) -> CaseRow:
        """Close a case with what proved to be the cause, or `unsettled`. Raises ConflictError, StoreError."""
        if cause not in self.closings():
            raise RefusedError("unknown_cause", clean_line(cause, 60), near=nearest(cause, self.closings()))

        def closing(connection: Connection, row: Row[Any]) -> dict[str, Any] | None:
            if row.status == "closed" and version is None:
                if row.proven == cause:
                    return None
                raise self._somebodys(connection, row, "close", value=title_of(self.knowledge, str(row.proven)))
            return {"proven": cause, "status": "closed", "closed_at": self.now()}

        return self._change(id_, version, "close", closing)

    def closings(self) -> tuple[str, ...]:
        """Return what a case can be closed with: every cause, the entry found after all, or nothing settled."""
        return (*self.knowledge.causes, *CLOSINGS)

    def reopen(self, id_: str, *, version: int | None = None) -> CaseRow:
        """Open a closed case again; what it was closed with stays in its history."""
        values = {"proven": None, "status": "open", "closed_at": None}
        return self._change(id_, version, "reopen", lambda _, row: values if row.status == "closed" else None)

    def rename(self, id_: str, label: str, *, version: int | None = None) -> CaseRow:
        """Give a case the desk's nickname or ticket number; personal numbers in it are masked."""
        return self._give(id_, "label", clean_line(label, 80), version, "label", "made")

    def consent(self, id_: str, *, version: int | None = None) -> CaseRow:
        """Note that the user agreed to the case being kept, and when; the first time counts."""
        return self._change(
            id_, version, "consent", lambda _, row: {"consent_at": self.now()} if row.consent_at is None else None
        )

    def own(self, id_: str, owner: str, *, version: int | None = None) -> CaseRow:
        """Let somebody look after a case, oneself or another; an empty name: nobody."""
        return self._give(id_, "owner", mask_numbers(clean_line(owner, 60)), version, "owner")

    def follow_up(self, id_: str, day: str | None, *, version: int | None = None) -> CaseRow:
        """Set the day (2026-01-31) on which to come back to a case, or none. Raises RefusedError where it is no day."""
        if day is not None and not is_day(day):
            raise RefusedError("cases.no_such_date", clean_line(day, 40))
        return self._give(id_, "due_on", day, version, "due")

    def _give(self, id_: str, column: str, value: str | None, version: int | None, *kinds: Kind) -> CaseRow:
        """Set a value, masked, unless somebody else gave the one that stands there and it was not seen."""

        def giving(connection: Connection, row: Row[Any]) -> dict[str, Any] | None:
            mask, had = self.mask(connection, row.id), getattr(row, column)
            new = mask(value) if value else value
            if new == had:
                return None
            if had and version is None:
                last = self._last(connection, row, kinds)
                if self.operator != (had if column == "owner" else last and last.operator):
                    raise self._somebodys(connection, row, *kinds, value=had)
            mask.keep()
            return {column: new}

        return self._change(id_, version, "undue" if value is None else kinds[0], giving)

    @changes
    def _change(
        self, connection: Connection, id_: str, version: int | None, kind: Kind,
        values: Callable[[Connection, Row[Any]], dict[str, Any] | None],
    ) -> CaseRow:  # fmt: skip
        """Change a case by what `values` says of it, the first of which is told; None where it is so already."""
        row = self.locked(connection, id_, version)
        new = values(connection, row)
        if new is None:
            return queries.record(CaseRow, row)
        self.touch(connection, row, (kind, "" if kind in _UNTOLD else str(next(iter(new.values())))), **new)
        return queries.record(CaseRow, queries.find(connection, row.id))

    def _last(self, connection: Connection, row: Row[Any], kinds: Iterable[Kind]) -> Row[Any] | None:
        query = select(EVENTS).where((EVENTS.c.case_id == row.id) & EVENTS.c.kind.in_(kinds))
        return connection.execute(query.order_by(EVENTS.c.seq.desc()).limit(1)).one_or_none()

    def _somebodys(self, connection: Connection, row: Row[Any], *kinds: Kind, value: object) -> ConflictError:
        """Return what to tell whoever would overwrite what another did without having seen it."""
        last = self._last(connection, row, kinds)
        by, at = (last.operator, last.at) if last is not None else (row.changed_by or row.operator, row.updated_at)
        facts = {"who": who(by), "at": clock(at), "value": value, "version": row.version}
        return ConflictError(f"case_has.{kinds[0]}", id=row.id, **facts)


def is_day(text: str) -> bool:
    """Whether this is a day of the calendar, written 2026-01-31."""
    try:
        return bool(re.fullmatch(r"\d{4}-\d{2}-\d{2}", text)) and bool(date.fromisoformat(text))
    except ValueError:
        return False
