"""The case store: open it, save a case at each answer, list, search, note, tag, close, delete; for both databases."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING, Any, Literal

import msgspec
from sqlalchemy import func, insert, select

from diagnostics.cases import bundle, deletion, queries
from diagnostics.cases.edits import Edits
from diagnostics.cases.journal import Journal, default_folder
from diagnostics.cases.model import (
    Case,
    CasePage,
    ConflictError,
    Cursor,
    Filter,
    RefusedError,
    Saved,
    StoreDamagedError,
    StoreLocation,
    StoreRefusedError,
    location_of,
)
from diagnostics.cases.schema import CASES
from diagnostics.i18n import UserError
from diagnostics.sanitize import clean_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from sqlalchemy import Connection

    from diagnostics.evidence import Observation
    from diagnostics.knowledge.model import Knowledge

_PLACES_LOCK = 0x706C6163
"""Key of PostgreSQL's advisory lock under which the next place in the list is given."""


_PAUSE = 30 * 60
"""Seconds between two answers from which on nobody was at work in between: a night is no time that a case took."""


def open_store(
    knowledge: Knowledge, place: StoreLocation | None = None, *, operator: str = "", purge_days: int | None = None,
    lang: str = "zh", clock: Callable[[], float] = time.time, journal: Path | None = None,
) -> CaseStore:  # fmt: skip
    """Open the store: made if there is none, brought up if it is older, repaired if it is damaged.

    Opening deletes nothing but what is left of cases that were deleted before. `purge_days`, a setting, is what is
    proposed to a desk that has set no period; `journal` the folder of this computer's runs. `notices` of the store say
    what was done. Raises StoreError and its kinds.
    """
    where = place or location_of()
    folder = journal or default_folder()
    try:
        store = CaseStore(knowledge, where, operator=operator, clock=clock, journal=folder)
    except StoreDamagedError as error:
        if where.file is None:
            raise
        from diagnostics.cases.repair import recover

        aside, cases, notes = recover(where.file, knowledge)
        store = CaseStore(knowledge, where, operator=operator, clock=clock, journal=folder)
        store.notices.append(
            knowledge.say("cases.repaired", lang, why=error.text(lang), cases=cases, notes=notes, aside=aside)
        )
    aside_key = store.check_key()
    if aside_key is not None:
        store.notices.append(knowledge.say("cases.weak_key", lang, aside=aside_key))
    store.go_on_deleting()
    if purge_days is not None:
        store.notices += [notice.text(lang) for notice in store.due_notices(purge_days)]
    return store


class CaseStore(Edits):
    """The case store. Every method is one transaction; all raise StoreGoneError where the store cannot be reached.

    Reading: `list`, `count`, `open`, `every`. A run with a user: `save`. The desk's changes: `note`, `tag`, `rename`,
    `consent`, `close`, `reopen` (`edits`). The end, and the way to another desk: `delete`, `purge`, `export`, `take`.
    """

    def __init__(
        self, knowledge: Knowledge, place: StoreLocation, *, operator: str = "", clock: Callable[[], float] = time.time,
        journal: Path | None = None,
    ) -> None:  # fmt: skip
        super().__init__(knowledge, place, operator=operator, clock=clock)
        self._journal = Journal(journal or default_folder())
        self.left: tuple[UserError, ...] = ()
        """What the last deletion could not clear yet, and why."""

    # Reading

    def list(self, wanted: Filter | None = None, after: Cursor | None = None, limit: int = 50) -> CasePage:
        """Return a page of cases, newest first; `after` is the `next` of the page before."""
        with self.reading() as connection:
            return queries.page(connection, wanted or Filter(), after, limit)

    def count(self, wanted: Filter | None = None) -> int:
        """Return how many cases there are."""
        with self.reading() as connection:
            return queries.count(connection, wanted or Filter())

    def open(self, id_: str) -> Case:
        """Return a case in full; the beginning of an id will do. Raises NoSuchCaseError."""
        with self.reading() as connection:
            return queries.as_case(connection, queries.find(connection, id_))

    def every(self, wanted: Filter | None = None) -> Iterator[Case]:
        """Yield whole cases, oldest first, from one moment of the store."""
        with self.reading() as connection:
            yield from queries.every(connection, wanted or Filter())

    # A run with a user

    def save(
        self, id_: str, observations: Iterable[Observation], *, version: int | None, label: str = "",
        lang: Literal["zh", "en"] = "zh", consent_at: str | None = None,
        writer: str | None = None,
    ) -> Saved:  # fmt: skip
        """Save what was observed; `version` None makes the case.

        `writer` is the run that writes (left out: this store): when it saves the same again it is no change and no
        conflict, so whoever lost the connection may simply try again.
        Raises ConflictError where somebody else changed the case since `version`.
        """
        from diagnostics.cases.minimise import minimise

        author = writer or self._writer
        seen = tuple(observations)

        def work(connection: Connection) -> Saved:
            old = connection.execute(select(CASES).where(CASES.c.id == id_).with_for_update()).one_or_none()
            mask = self.mask(connection, id_)
            values = {"writer": author} | queries.judged(self.knowledge, minimise(self.knowledge, seen, mask))
            if old is None and version is None:
                deletion.tell_deleted(connection, id_)
                fixed = {"lang": lang, "consent_at": consent_at, "label": mask(clean_line(label, 80))}
                self._insert(connection, id_, {**values, **fixed})
                self.write_down(connection, id_, 1, "made", fixed["label"] or "")
                new = 1
            else:
                row = old or queries.find(connection, id_)
                same = row.observations == values["observations"] and row.writer == author
                if same and row.version == (version or 0) + 1:
                    return Saved(row.version, row.observations)
                if version is None:
                    raise ConflictError("cases.case_exists", id=id_)
                timed = values | {"seconds": row.seconds + self._at_work(row.updated_at)}
                new = queries.change(connection, self.knowledge, row, version, timed, at=self.now(), by=self.operator)
                self.write_down(connection, id_, new, "answers")
            mask.keep(again=old is None)
            if old is None or any(getattr(old, name) != values[name] for name in queries.SEARCHED):
                queries.reindex(connection, self.knowledge, id_)
            return Saved(new, values["observations"])

        return self.change(work)

    def _insert(self, connection: Connection, id_: str, values: dict[str, Any]) -> None:
        """Add a case on top of the list, even where the clock was set back."""
        if connection.dialect.name != "sqlite":  # there, a transaction that writes is alone anyway
            connection.execute(select(func.pg_advisory_xact_lock(_PLACES_LOCK)))
        last = connection.execute(select(func.max(CASES.c.place))).scalar()
        now = self.now()
        fixed = {"id": id_, "version": 1, "operator": self.operator, "changed_by": self.operator, "status": "open",
                 "created_at": now, "updated_at": now, "seconds": 0}  # fmt: skip
        place = max(int(self.seconds() * 1_000_000), (last or 0) + 1)
        connection.execute(insert(CASES).values(**fixed, place=place, **values))

    def _at_work(self, before: str) -> int:
        """Return the seconds since this time; after a pause nobody was at work."""
        passed = int(self.seconds() - queries.epoch(before))
        return passed if 0 <= passed <= _PAUSE else 0

    # The end of a case, and the way to another desk

    def delete(self, id_: str, *, version: int | None = None) -> str:
        """Delete a case for good, out of the file too; returns its id. Raises ConflictError where it was changed."""

        def work(connection: Connection) -> str:
            row = queries.find(connection, id_, lock=True)
            if version is not None and row.version != version:
                raise queries.changed(connection, self.knowledge, row, version)
            deletion.erase(connection, [(row.place, row.id)], at=self.now(), by=self.operator)
            return str(row.id)

        gone = self.change(work)
        self.clear()
        return gone

    def purge(self, days: int | None = None) -> int:
        """Delete for good the cases whose time is over by the store's own periods; returns how many.

        `days` spares those that were touched within so many days. Raises RefusedError where the desk has set no
        period, a shorter one is asked for, or the clocks do not agree.
        """
        with self.reading() as connection:
            kept, now = self._judged(connection, days)
        longest = max((one for one in (kept.closed, kept.open) if one is not None), default=None)
        if longest is not None:
            deletion.copies_older_than(self.place, now - longest * deletion.DAY)

        def work(connection: Connection) -> int:
            deletion.bring_back(connection, now)
            gone = deletion.due(connection, kept, now)
            deletion.erase(connection, gone, at=self.now(), by=self.operator)
            return len(gone)

        done = self.change(work)
        if done:
            self.clear()
        return done

    def due(self, days: int | None = None) -> deletion.Due:
        """Return how many cases `purge` would delete. Raises RefusedError as it does."""
        with self.reading() as connection:
            return deletion.count(connection, *self._judged(connection, days))

    def _judged(self, connection: Connection, days: int | None) -> tuple[deletion.Retention, float]:
        kept = deletion.read(connection)
        if kept is None:
            raise RefusedError("cases.no_retention", days=days or 90)
        shortest = min((one for one in (kept.closed, kept.open) if one is not None), default=0)
        if days is not None and days < shortest:
            raise RefusedError("cases.shorter_period", days=days, least=shortest)
        now = deletion.judge_clock(connection, self._clock())
        if days is not None:
            longer = {name: None if one is None else max(one, days) for name, one in
                      (("closed", kept.closed), ("open", kept.open))}  # fmt: skip
            kept = msgspec.structs.replace(kept, **longer)
        return kept, now

    def periods(self) -> deletion.Retention | None:
        """Return after how long this store lets cases go; None where the desk has not said."""
        with self.reading() as connection:
            return deletion.read(connection)

    def retain(self, closed: int | None, open_: int | None) -> deletion.Due:
        """Set after how many days without a change closed and open cases may go (None or 0: never).

        Nothing is deleted by this; returns how many cases are over their time then. Raises RefusedError where the
        clocks do not agree.
        """
        wanted = deletion.Retention(
            closed=deletion.judged(closed), open=deletion.judged(open_), at=self.now(), by=self.operator
        )

        def work(connection: Connection) -> deletion.Due:
            now = deletion.judge_clock(connection, self._clock())
            deletion.write(connection, wanted)
            return deletion.count(connection, wanted, now)

        return self.change(work)

    def redate(self) -> int:
        """Let cases that are dated later than tomorrow count from now, by a clock that somebody says is right."""
        return self.change(lambda connection: deletion.bring_back(connection, self.seconds()))

    def due_notices(self, proposed: int) -> tuple[UserError, ...]:
        """Return what to tell about cases whose time is over, or would be by the setting of 0.1.0; each once."""
        today = self.now()[:10]
        with self.reading() as connection:
            kept, known = deletion.read(connection), deletion.facts(connection)
            if known.get(deletion.TOLD_DUE if kept else deletion.TOLD_PROPOSAL) in ((today,) if kept else ("1",)):
                return ()
            wanted = kept or deletion.Retention(closed=proposed, open=proposed)
            over = deletion.count(connection, wanted, self.seconds())
        if not over.all:
            return ()
        name, value = (deletion.TOLD_DUE, today) if kept else (deletion.TOLD_PROPOSAL, "1")
        with contextlib.suppress(StoreRefusedError):  # who may not write that it was told is told again
            self.change(lambda connection: deletion.put(connection, name, value))
        if kept:
            return (UserError("cases.due_now", "", count=over.all),)
        return (UserError("cases.proposal", "", count=over.all, days=proposed),)

    def clear(self) -> tuple[UserError, ...]:
        """Take what is left of deleted cases out of every place; `left` says what could not be done yet, and why."""
        with self.reading() as connection:
            digests = deletion.unfinished(connection)
        search = deletion.Search(self._engine, self.place, self._journal, self.reading, digests)
        self.left = tuple(deletion.clean(search))
        if not self.left:
            self.change(lambda connection: deletion.finish(connection, digests))
        return self.left

    def go_on_deleting(self) -> None:
        """Finish deletions that were interrupted, and forget runs here whose case was deleted from elsewhere."""
        with self.reading() as connection:
            begun = deletion.any_open(connection)
        if begun:
            self.clear()
        else:
            deletion.journals(deletion.Search(self._engine, self.place, self._journal, self.reading, set()))

    def export(self, wanted: Filter | None = None, *, redact: bool = True) -> Iterator[str]:
        """Yield the lines of a bundle that another desk imports."""
        return bundle.export(self, wanted or Filter(), redact=redact)

    def resolved(self, wanted: Filter | None = None) -> Iterator[str]:
        """Yield closed cases with their proven cause as `calibrate` reads them, one JSON object a line."""
        return bundle.resolved(self, wanted or Filter())

    def take(self, lines: Iterable[str], name: str = "bundle") -> bundle.Taken:
        """Import a bundle, whole or not at all; importing twice changes nothing. Raises BundleError."""
        return bundle.take(self, lines, name)
