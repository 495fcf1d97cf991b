"""The case store: open it, save a case at each answer, list, search, note, tag, close, delete; for both databases."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import func, insert, select

from diagnostics.cases import queries
from diagnostics.cases.bundle import HandingOver
from diagnostics.cases.edits import changes
from diagnostics.cases.model import (
    Case,
    CasePage,
    ConflictError,
    Cursor,
    Filter,
    Saved,
    StoreDamagedError,
    StoreLocation,
    epoch,
    location_of,
    minimise,
)
from diagnostics.cases.retention import EndingCases
from diagnostics.cases.schema import CASES
from diagnostics.sanitize import clean_line

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
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
    try:
        store = CaseStore(knowledge, where, operator=operator, clock=clock, journal=journal)
    except StoreDamagedError as error:
        if where.file is None:
            raise
        from diagnostics.cases.repair import recover

        aside, cases, notes = recover(where.file, knowledge)
        store = CaseStore(knowledge, where, operator=operator, clock=clock, journal=journal)
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


class CaseStore(EndingCases, HandingOver):
    """The case store. Every method is one transaction; all raise StoreGoneError where the store cannot be reached.

    Reading: `list`, `count`, `open`, `every`. A run with a user: `save`. The desk's changes: `note`, `tag`, `rename`,
    `consent`, `close`, `reopen` (`edits`). The end: `delete`, `purge` (`retention`). The way to another desk: `export`,
    `take` (`bundle`).
    """

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
            return queries.as_cases(connection, [queries.find(connection, id_)])[0]

    # A run with a user

    @changes
    def save(
        self, connection: Connection, id_: str, observations: Collection[Observation], *, version: int | None,
        label: str = "", lang: Literal["zh", "en"] = "zh", consent_at: str | None = None, writer: str | None = None,
    ) -> Saved:  # fmt: skip
        """Save what was observed; `version` None makes the case.

        `writer` is the run that writes (left out: this store): when it saves the same again it is no change and no
        conflict, so whoever lost the connection may simply try again.
        Raises ConflictError where somebody else changed the case since `version`.
        """
        row = connection.execute(select(CASES).where(CASES.c.id == id_).with_for_update()).one_or_none()
        mask = self.mask(connection, id_)
        values = queries.judged(self.knowledge, minimise(self.knowledge, observations, mask))
        values["writer"] = writer or self._writer
        if row is None and version is None:
            queries.tell_deleted(connection, id_)
            values |= {"lang": lang, "consent_at": consent_at, "label": mask(clean_line(label, 80))}
            new = self._insert(connection, id_, values)
            mask.keep(again=True)
            queries.reindex(connection, self.knowledge, id_)
            return Saved(new, values["observations"])
        row = row or queries.find(connection, id_)
        same = row.observations == values["observations"] and row.writer == values["writer"]
        if same and row.version == (version or 0) + 1:
            return Saved(row.version, row.observations)
        if version is None:
            raise ConflictError("cases.case_exists", id=id_)
        self.same_version(connection, row, version)
        values["seconds"] = row.seconds + self._at_work(row.updated_at)
        words = any(getattr(row, name) != values[name] for name in queries.SEARCHED)
        new = self.touch(connection, row, ("answers", ""), words=words, **values)
        mask.keep(again=False)
        return Saved(new, values["observations"])

    def _insert(self, connection: Connection, id_: str, values: dict[str, Any]) -> int:
        """Add a case on top of the list, even where the clock was set back; returns its version."""
        if connection.dialect.name != "sqlite":  # there, a transaction that writes is alone anyway
            connection.execute(select(func.pg_advisory_xact_lock(_PLACES_LOCK)))
        last = connection.execute(select(func.max(CASES.c.place))).scalar()
        now = self.now()
        fixed = {"id": id_, "version": 1, "operator": self.operator, "changed_by": self.operator, "status": "open",
                 "created_at": now, "updated_at": now, "seconds": 0}  # fmt: skip
        place = max(int(self.seconds() * 1_000_000), (last or 0) + 1)
        connection.execute(insert(CASES).values(**fixed, place=place, **values))
        self.write_down(connection, id_, 1, "made", values["label"])
        return 1

    def _at_work(self, before: str) -> int:
        """Return the seconds since this time; after a pause nobody was at work."""
        passed = int(self.seconds() - epoch(before))
        return passed if 0 <= passed <= _PAUSE else 0
