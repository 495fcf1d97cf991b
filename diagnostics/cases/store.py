"""The case store: open it, save a case at each answer, list, search, note, tag, close, delete; for both databases."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import func, insert, select

from diagnostics.cases import bundle, listing, purging, rows
from diagnostics.cases.edits import Edits
from diagnostics.cases.model import (
    Case,
    ConflictError,
    Cursor,
    Filter,
    Page,
    Saved,
    StoreDamagedError,
)
from diagnostics.cases.places import Place, place_of
from diagnostics.cases.schema import CASES
from diagnostics.clean import clean_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from sqlalchemy import Connection

    from diagnostics.evidence import Observation
    from diagnostics.knowledge.model import Knowledge

_PLACES_LOCK = 0x706C6163
"""Key of PostgreSQL's advisory lock under which the next place in the list is given."""


def open_store(
    knowledge: Knowledge, place: Place | None = None, *, operator: str = "", purge_days: int | None = None,
    lang: str = "zh", clock: Callable[[], float] = time.time,
) -> CaseStore:  # fmt: skip
    """Open the store: made if there is none, brought up if it is older, repaired if it is damaged.

    With `purge_days`, cases untouched for longer are deleted for good at once. `notices` of the store say what was
    done. Raises StoreError and its kinds.
    """
    where = place or place_of()
    try:
        store = CaseStore(knowledge, where, operator=operator, clock=clock)
    except StoreDamagedError as error:
        if where.file is None:
            raise
        from diagnostics.cases.recover import recover

        aside, cases, notes = recover(where.file)
        store = CaseStore(knowledge, where, operator=operator, clock=clock)
        store.reindex()
        store.notices.append(
            knowledge.say("cases.repaired", lang, why=error.text(lang), cases=cases, notes=notes, aside=aside)
        )
    aside_key = store.judge_key()
    if aside_key is not None:
        store.notices.append(knowledge.say("cases.weak_key", lang, aside=aside_key))
    if purge_days is not None:
        gone = store.purge(purge_days)
        if gone:
            store.notices.append(knowledge.say("cases.purged", lang, count=gone, days=purge_days))
    return store


class CaseStore(Edits):
    """The case store. Every method is one transaction; all raise StoreGoneError where the store cannot be reached.

    Reading: `list`, `count`, `open`, `every`. A run with a user: `save`. The desk's changes: `note`, `tag`, `rename`,
    `consent`, `close`, `reopen` (`edits`). The end, and the way to another desk: `delete`, `purge`, `export`, `take`.
    """

    # Reading

    def list(self, wanted: Filter | None = None, after: Cursor | None = None, limit: int = 50) -> Page:
        """Return a page of cases, newest first; `after` is the `next` of the page before."""
        with self.reading() as connection:
            return listing.page(connection, wanted or Filter(), after, limit)

    def count(self, wanted: Filter | None = None) -> int:
        """Return how many cases there are."""
        with self.reading() as connection:
            return listing.count(connection, wanted or Filter())

    def open(self, id_: str) -> Case:
        """Return a case in full; the beginning of an id will do. Raises NoSuchCaseError."""
        with self.reading() as connection:
            return rows.as_case(connection, rows.find(connection, id_))

    def every(self, wanted: Filter | None = None) -> Iterator[Case]:
        """Yield whole cases, oldest first, from one moment of the store."""
        with self.reading() as connection:
            yield from listing.every(connection, wanted or Filter())

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
        from diagnostics.cases.bands import least

        author = writer or self._writer
        with self.writing() as connection:
            mask = self.mask(connection, id_)
            values = {"writer": author} | rows.judged(self.knowledge, least(self.knowledge, observations, mask))
            old = connection.execute(select(CASES).where(CASES.c.id == id_)).one_or_none()
            if old is None and version is None:
                self._insert(
                    connection,
                    id_,
                    {**values, "lang": lang, "consent_at": consent_at, "label": mask(clean_line(label, 80))},
                )
                new = 1
            else:
                row = old or rows.find(connection, id_)
                same = row.observations == values["observations"] and row.writer == author
                if same and row.version == (version or 0) + 1:
                    return Saved(row.version, row.observations)
                if version is None:
                    raise ConflictError("cases.case_exists", id=id_)
                seconds = max(row.seconds, self._seconds_since(row.created_at))
                new = rows.change(
                    connection, row, version, updated_at=self.now(), changed_by=self.operator, seconds=seconds, **values
                )
            mask.keep(again=old is None)
            if old is None or any(getattr(old, name) != values[name] for name in rows.SEARCHED):
                rows.reindex(connection, self.knowledge, id_)
        return Saved(new, values["observations"])

    def _insert(self, connection: Connection, id_: str, values: dict[str, Any]) -> None:
        """Add a case on top of the list, even where the clock was set back."""
        if connection.dialect.name != "sqlite":  # there, a transaction that writes is alone anyway
            connection.execute(select(func.pg_advisory_xact_lock(_PLACES_LOCK)))
        last = connection.execute(select(func.max(CASES.c.place))).scalar()
        now = self.now()
        fixed = {"id": id_, "version": 1, "operator": self.operator, "changed_by": self.operator, "status": "open",
                 "created_at": now, "updated_at": now, "seconds": 0}  # fmt: skip
        place = max(int(self._clock() * 1_000_000), (last or 0) + 1)
        connection.execute(insert(CASES).values(**fixed, place=place, **values))

    def _seconds_since(self, created_at: str) -> int:
        return max(0, int(self._clock() - listing.epoch(created_at)))

    # The end of a case, and the way to another desk

    def delete(self, id_: str) -> str:
        """Delete a case for good, out of the file too; returns its id."""
        with self.writing() as connection:
            row = rows.find(connection, id_)
            purging.erase(connection, [(row.place, row.id)])
        purging.settle(self._engine, self.place)
        return str(row.id)

    def purge(self, days: int) -> int:
        """Delete for good every case that nobody touched for this many days; returns how many."""
        now = self._clock()
        before = now - days * 86_400
        purging.sweep(self.place, before)
        with self.reading() as connection:
            if not purging.due(connection, before, now):
                return 0
        with self.writing() as connection:
            gone = purging.due(connection, before, now)
            purging.erase(connection, gone)
        purging.settle(self._engine, self.place)
        return len(gone)

    def export(self, wanted: Filter | None = None, *, redact: bool = True) -> Iterator[str]:
        """Yield the lines of a bundle that another desk imports."""
        return bundle.export(self, wanted or Filter(), redact=redact)

    def resolved(self, wanted: Filter | None = None) -> Iterator[str]:
        """Yield closed cases with their proven cause as `calibrate` reads them, one JSON object a line."""
        return bundle.resolved(self, wanted or Filter())

    def take(self, lines: Iterable[str], name: str = "bundle") -> bundle.Taken:
        """Import a bundle, whole or not at all; importing twice changes nothing. Raises BundleError."""
        return bundle.take(self, lines, name)
