"""The case store: open it, save a case at each answer, list, search, note, tag, close, delete; for both databases."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import delete, func, insert, select

from diagnostics.cases import bundle, listing, purging, rows
from diagnostics.cases.engine import make_engine, transaction
from diagnostics.cases.ids import new_id
from diagnostics.cases.ledger import CaseMask, read_key
from diagnostics.cases.migrate import bring_up
from diagnostics.cases.model import (
    CLOSINGS,
    Case,
    CaseRow,
    ConflictError,
    Cursor,
    Filter,
    Note,
    Page,
    Saved,
    StoreDamagedError,
    StoreError,
)
from diagnostics.cases.places import Place, data_folder, place_of
from diagnostics.cases.schema import CASES, TAGS
from diagnostics.clean import clean, clean_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from contextlib import AbstractContextManager

    from sqlalchemy import Connection

    from diagnostics.evidence import Observation
    from diagnostics.knowledge.model import Knowledge

MAX_NOTE = 4_000
"""Most characters of one note."""


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
            knowledge.say("cases.repaired", lang, why=str(error), cases=cases, notes=notes, aside=aside)
        )
    if purge_days is not None:
        gone = store.purge(purge_days)
        if gone:
            store.notices.append(knowledge.say("cases.purged", lang, count=gone, days=purge_days))
    return store


class CaseStore:
    """An open store. Every method is one transaction; all raise StoreGoneError where the store cannot be reached.

    `operator` is the desk's name for whoever works here; it stands beside every change.
    """

    def __init__(
        self, knowledge: Knowledge, place: Place, *, operator: str = "", clock: Callable[[], float] = time.time
    ) -> None:
        self.knowledge = knowledge
        self.place = place
        self.operator = clean_line(operator, 60)
        self.notices: list[str] = []
        self._clock = clock
        self._writer = new_id()
        self._engine = make_engine(place)
        folder = place.file.parent if place.file is not None else data_folder()
        self._key_path = folder / "cases.key"
        self._key: bytes | None = None
        try:
            if place.file is not None:
                purging.check(self._engine, place)
            if bring_up(self._engine, place):
                self.reindex()
        except StoreError:
            self._engine.dispose()
            raise

    def dispose(self) -> None:
        """Let go of every connection."""
        self._engine.dispose()

    def now(self) -> str:
        """Return the time as RFC 3339 in UTC, to the second."""
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self._clock()))

    def reading(self) -> AbstractContextManager[Connection]:
        """One transaction that reads."""
        return transaction(self._engine, self.place, writes=False)

    def writing(self) -> AbstractContextManager[Connection]:
        """One transaction that writes."""
        return transaction(self._engine, self.place, writes=True)

    def mask(self, connection: Connection, case_id: str) -> CaseMask:
        """Return the mask for the texts of one case."""
        if self._key is None:
            self._key = read_key(self._key_path)
        return CaseMask(connection, case_id, self._key)

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
                    raise ConflictError(f"case {id_} exists already; nothing was overwritten")
                seconds = max(row.seconds, self._seconds_since(row.created_at))
                new = rows.change(
                    connection, row, version, updated_at=self.now(), changed_by=self.operator, seconds=seconds, **values
                )
            mask.keep(again=old is None)
            if old is None or (old.outcome, old.first_cause) != (values["outcome"], values["first_cause"]):
                rows.reindex(connection, self.knowledge, id_)
        return Saved(new, values["observations"])

    def _insert(self, connection: Connection, id_: str, values: dict[str, Any]) -> None:
        """Add a case on top of the list, even where the clock was set back."""
        last = connection.execute(select(func.max(CASES.c.place))).scalar()
        now = self.now()
        fixed = {"id": id_, "version": 1, "operator": self.operator, "changed_by": self.operator, "status": "open",
                 "created_at": now, "updated_at": now, "seconds": 0}  # fmt: skip
        place = max(int(self._clock() * 1_000_000), (last or 0) + 1)
        connection.execute(insert(CASES).values(**fixed, place=place, **values))

    def _seconds_since(self, created_at: str) -> int:
        return max(0, int(self._clock() - listing.epoch(created_at)))

    # What the desk does with a case

    def note(self, id_: str, text: str, *, uid: str | None = None) -> Note:
        """Add a note, masked; the same `uid` is added once. Raises StoreError where it is empty or too long."""
        if not text.strip():
            raise StoreError("a note needs some text")
        if len(text) > MAX_NOTE:
            raise StoreError(f"a note has at most {MAX_NOTE} characters, this one has {len(text)}")
        with self.writing() as connection:
            row = rows.find(connection, id_)
            mask = self.mask(connection, row.id)
            note = Note(
                id=uid or new_id() + new_id(),
                at=self.now(),
                operator=self.operator,
                text=mask(clean(text.strip())),
            )
            if rows.add_note(connection, row.id, note):
                mask.keep()
                self._touch(connection, row.id)
            return note

    def tag(self, id_: str, add: Iterable[str] = (), remove: Iterable[str] = ()) -> tuple[str, ...]:
        """Add and remove tags; returns all the case has then."""
        with self.writing() as connection:
            row = rows.find(connection, id_)
            mask = self.mask(connection, row.id)
            had = set(connection.execute(select(TAGS.c.tag).where(TAGS.c.case_id == row.id)).scalars())
            new = {mask(clean_line(tag, 40)) for tag in add if tag.strip()} - had
            gone = {clean_line(tag, 40) for tag in remove} & had
            for tag in sorted(new):
                connection.execute(insert(TAGS).values(case_id=row.id, tag=tag))
            if gone:
                connection.execute(delete(TAGS).where((TAGS.c.case_id == row.id) & TAGS.c.tag.in_(gone)))
            if new or gone:
                mask.keep()
                self._touch(connection, row.id)
            return tuple(sorted((had | new) - gone))

    def _touch(self, connection: Connection, id_: str) -> None:
        """Note that a case was worked on; its version stays, for nothing that others may change was changed."""
        connection.execute(CASES.update().where(CASES.c.id == id_).values(updated_at=self.now()))
        rows.reindex(connection, self.knowledge, id_)

    def close(self, id_: str, cause: str, *, version: int | None = None) -> CaseRow:
        """Close a case with what proved to be the cause, or `unsettled`. Raises ConflictError, StoreError."""
        if cause not in self.closings():
            from diagnostics.answers import nearest

            near = nearest(cause, self.closings())
            raise StoreError(f"{clean_line(cause, 60)}: no such cause" + (f"; did you mean {near}?" if near else ""))
        return self._change(id_, version, status="closed", proven=cause, closed_at=self.now())

    def closings(self) -> tuple[str, ...]:
        """Return what a case can be closed with: every cause, the entry found after all, or nothing settled."""
        return (*self.knowledge.causes, *CLOSINGS)

    def reopen(self, id_: str, *, version: int | None = None) -> CaseRow:
        """Open a closed case again; what it was closed with is forgotten."""
        return self._change(id_, version, status="open", proven=None, closed_at=None)

    def rename(self, id_: str, label: str, *, version: int | None = None) -> CaseRow:
        """Give a case the desk's nickname or ticket number; personal numbers in it are masked."""
        with self.writing() as connection:
            row = rows.find(connection, id_)
            mask = self.mask(connection, row.id)
            values = {"label": mask(clean_line(label, 80)), "updated_at": self.now(), "changed_by": self.operator}
            rows.change(connection, row, version, **values)
            mask.keep()
            rows.reindex(connection, self.knowledge, row.id)
            return rows.as_row(rows.find(connection, row.id))

    def consent(self, id_: str, *, version: int | None = None) -> CaseRow:
        """Note that the user agreed to the case being kept, and when."""
        return self._change(id_, version, consent_at=self.now())

    def _change(self, id_: str, version: int | None, **values: Any) -> CaseRow:
        with self.writing() as connection:
            row = rows.find(connection, id_)
            rows.change(connection, row, version, updated_at=self.now(), changed_by=self.operator, **values)
            rows.reindex(connection, self.knowledge, row.id)
            return rows.as_row(rows.find(connection, row.id))

    # The end of a case, and the way to another desk

    def delete(self, id_: str) -> str:
        """Delete a case for good, out of the file too; returns its id."""
        with self.writing() as connection:
            row = rows.find(connection, id_)
            purging.erase(connection, [(row.seq, row.id)])
        purging.settle(self._engine, self.place)
        return str(row.id)

    def purge(self, days: int) -> int:
        """Delete for good every case that nobody touched for this many days; returns how many."""
        moment = self._clock() - days * 86_400
        before = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(moment))
        purging.sweep(self.place, moment)
        with self.reading() as connection:
            if not purging.due(connection, before):
                return 0
        with self.writing() as connection:
            gone = purging.due(connection, before)
            purging.erase(connection, gone)
        purging.settle(self._engine, self.place)
        return len(gone)

    def export(self, wanted: Filter | None = None, *, redact: bool = True) -> Iterator[str]:
        """Yield the lines of a bundle that another desk imports."""
        return bundle.export(self, wanted or Filter(), redact=redact)

    def resolved(self, wanted: Filter | None = None) -> Iterator[str]:
        """Yield closed cases with their proven cause as `calibrate` reads them, one JSON object a line."""
        return bundle.resolved(self, wanted or Filter())

    def take(self, lines: Iterable[str]) -> bundle.Taken:
        """Import a bundle, whole or not at all; importing twice changes nothing. Raises BundleError."""
        return bundle.take(self, lines)

    def reindex(self) -> None:
        """Write the words of every case anew: for cases that an older program wrote, or that were recovered."""
        with self.writing() as connection:
            for id_ in connection.execute(select(CASES.c.id).order_by(CASES.c.seq)).scalars().all():
                rows.reindex(connection, self.knowledge, id_)
