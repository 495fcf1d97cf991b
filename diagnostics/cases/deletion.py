"""Deletion of cases, one by one or by the store's retention periods.

A case is deleted from the tables at once, then from every other place that may hold something of it.
"""

from __future__ import annotations

import contextlib
import sqlite3
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec
from sqlalchemy import and_, bindparam, delete, func, insert, or_, select, update

from diagnostics.cases import database, queries
from diagnostics.cases.model import DAY, HOUR, RefusedError, StoreError, StoreGoneError, StoreRefusedError, epoch, stamp
from diagnostics.cases.opened import OpenStore, changes
from diagnostics.cases.queries import delete_words, digest_of
from diagnostics.cases.schema import CASES, DELETIONS, FACTS, TABLES
from diagnostics.files import LEFT_BEHIND
from diagnostics.i18n import UserError
from diagnostics.library_errors import system_fault
from diagnostics.unsent import forget_runs, kept_runs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import ColumnElement, Connection

    from diagnostics.cases.model import Entry, StoreLocation

LONGEST_DAYS: Final = 3_650
_ASLEEP: Final = 60 * DAY
"""Seconds since the last change after which this computer's clock is assumed to be ahead."""


class Retention(msgspec.Struct, frozen=True, kw_only=True):
    """Retention periods of a store: days without a change after which a case may be deleted; None: never.

    `closed` is for closed cases, `open` for those that are still open.
    """

    closed: int | None = None
    open: int | None = None
    at: str = ""
    by: str = ""

    @property
    def periods(self) -> list[int]:
        """The periods that are set."""
        return [days for days in (self.closed, self.open) if days is not None]


class DeletingStore(OpenStore):
    """Deletes cases permanently; each deletion also finishes those that were interrupted."""

    left: tuple[UserError, ...] = ()
    """What the last deletion could not remove yet, and why."""

    def delete(self, id_: str, *, version: int | None = None) -> str:
        """Delete a case permanently, from the file too; returns its id. Raises ConflictError if it was changed."""

        def work(connection: Connection) -> str:
            row = self.locked(connection, id_, version)
            self._erase(connection, [(row.place, row.id)])
            return str(row.id)

        gone = self.change(work)
        self.resume_deletions()
        return gone

    def _erase(self, connection: Connection, gone: list[tuple[int, str]]) -> None:
        """Delete the rows of these cases in batches, and record that their deletion began."""
        begun = {"at": self.now(), "operator": self.operator, "finished": 0}
        for start in range(0, len(gone), _BATCH):
            batch = gone[start : start + _BATCH]
            ids = [id_ for _, id_ in batch]
            connection.execute(insert(DELETIONS), [{"digest": digest_of(id_), **begun} for id_ in ids])
            delete_words(connection, [place for place, _ in batch])
            connection.execute(delete(CASES).where(CASES.c.id.in_(ids)))  # cascades to all that refers to a case

    def resume_deletions(self) -> None:
        """Remove what is left of deleted cases from every place; `left` says what could not be removed yet, and why.

        Runs of this computer whose case was deleted from another one are removed, too.
        """
        with self.reading() as connection:
            digests = unfinished(connection)
        if not digests:
            runs(self, digests)
            return
        self.left = tuple(clean(self, digests))
        if not self.left:
            done = update(DELETIONS).where(DELETIONS.c.digest == bindparam("gone")).values(finished=1)
            gone = [{"gone": digest} for digest in sorted(digests)]
            self.change(lambda connection: connection.execute(done, gone))

    def purge(self, days: int | None = None) -> int:
        """Delete the cases whose retention period is over; returns how many.

        `days` spares those that were changed within so many days. Raises RefusedError if no period is set, if `days` is
        shorter than the set period, or if the clocks do not agree.
        """
        with self.reading() as connection:
            kept, now = self._judged(connection, days)
        for path in copies_of(self.place) if kept.periods else ():  # they hold old cases too
            with contextlib.suppress(OSError):
                if path.stat().st_mtime < now - max(kept.periods) * DAY:
                    path.unlink()

        def work(connection: Connection) -> int:
            _redate(connection, now)
            query = select(CASES.c.place, CASES.c.id).where(_over(kept, now))
            gone = [(row.place, row.id) for row in connection.execute(query)]
            self._erase(connection, gone)
            return len(gone)

        done = self.change(work)
        if done:
            self.resume_deletions()
        return done

    def due(self, days: int | None = None) -> dict[str, int]:
        """Return how many closed and open cases `purge` would delete. Raises RefusedError as it does."""
        with self.reading() as connection:
            return _count(connection, *self._judged(connection, days))

    def _judged(self, connection: Connection, days: int | None) -> tuple[Retention, float]:
        kept = _periods(_facts(connection))
        if kept is None:
            raise RefusedError("cases.no_retention", days=days or 90)
        shortest = min(kept.periods, default=0)
        if days is not None and days < shortest:
            raise RefusedError("cases.shorter_period", days=days, least=shortest)
        closed, open_ = (one and max(one, days or 0) for one in (kept.closed, kept.open))
        return msgspec.structs.replace(kept, closed=closed, open=open_), self._judge_clock(connection)

    def periods(self) -> Retention | None:
        """Return the retention periods, None if none were ever set."""
        with self.reading() as connection:
            return _periods(_facts(connection))

    @changes
    def retain(self, connection: Connection, closed: int | None, open_: int | None) -> int:
        """Set the retention periods of closed and open cases in days (None or 0: never).

        Deletes nothing; returns how many cases are due then. Raises RefusedError if the clocks do not agree, or a
        period is too long.
        """
        if not all(0 <= (days or 0) <= LONGEST_DAYS for days in (closed, open_)):
            raise RefusedError("cases.no_period", most=LONGEST_DAYS)
        wanted = Retention(closed=closed or None, open=open_ or None, at=self.now(), by=self.operator)
        now = self._judge_clock(connection)
        for name, value in msgspec.structs.asdict(wanted).items():
            _put(connection, name, "" if value is None else str(value))
        return sum(_count(connection, wanted, now).values())

    @changes
    def redate(self, connection: Connection) -> int:
        """Redate cases that are dated later than tomorrow to now; the user vouches for the clock."""
        return _redate(connection, self.seconds())

    def due_notice(self, proposed: int) -> UserError | None:
        """Return the notice about due cases, or about those due by the setting of 0.1.0; each is given once."""
        with self.reading() as connection:
            facts = _facts(connection)
            kept = _periods(facts)
            name, value = ("due_told", self.now()[:10]) if kept else ("proposal_told", "1")
            wanted = kept or Retention(closed=proposed, open=proposed)
            is_told = facts.get(name) == value
            over = 0 if is_told else sum(_count(connection, wanted, self.seconds()).values())
        if not over:
            return None
        with contextlib.suppress(StoreRefusedError):  # without the right to write, the notice is repeated
            self.change(lambda connection: _put(connection, name, value))
        due, proposal = UserError("cases.due_now", count=over), UserError("cases.proposal", count=over, days=proposed)
        return due if kept else proposal

    def _judge_clock(self, connection: Connection) -> float:
        """Return the time for deciding on deletion, in seconds since 1970.

        Raises RefusedError if this computer's clock does not agree with the server's, or in a file with the time of the
        latest change.
        """
        here, server = self._clock(), database.server_seconds(connection)
        if server is not None:
            if abs(server - here) > HOUR:
                raise RefusedError("cases.clock_differs", here=stamp(here), there=stamp(server))
            return server
        latest = connection.execute(select(func.max(CASES.c.updated_at))).scalar()
        last = here if latest is None else epoch(latest)
        if last - here > HOUR:
            raise RefusedError("cases.clock_behind", here=stamp(here), last=latest)
        if here - last > _ASLEEP:
            raise RefusedError("cases.clock_ahead", here=stamp(here), last=latest, days=_ASLEEP // DAY)
        return here


def _facts(connection: Connection) -> dict[str, str]:
    """Return the stored facts about retention."""
    rows = connection.execute(select(FACTS).where(FACTS.c.name.like("retention.%")))
    return {row.name.removeprefix("retention."): row.value for row in rows if row.value}


def _put(connection: Connection, name: str, value: str) -> None:
    """Set one of these facts."""
    name = f"retention.{name}"
    if connection.execute(update(FACTS).where(FACTS.c.name == name).values(value=value)).rowcount == 0:
        connection.execute(insert(FACTS).values(name=name, value=value))


def _periods(facts: dict[str, str]) -> Retention | None:
    """Return the retention periods, None if none were ever set."""
    return msgspec.convert(facts, Retention, strict=False) if "at" in facts else None


def _count(connection: Connection, kept: Retention, now: float) -> dict[str, int]:
    """Return how many closed and open cases are due."""
    query = select(CASES.c.status, func.count()).where(_over(kept, now)).group_by(CASES.c.status)
    return {"closed": 0, "open": 0} | {row[0]: row[1] for row in connection.execute(query)}


def _over(kept: Retention, now: float) -> ColumnElement[bool]:
    """Return the condition that a case was not changed within its retention period.

    A case made while the clock was set back has an old time, but a place after older cases; a place in the future, from
    a clock that was set forward, is ignored.
    """
    ways: list[ColumnElement[bool]] = [CASES.c.seq.is_(None)]
    for status, days in (("closed", kept.closed), ("open", kept.open)):
        if days is not None:
            before = now - days * DAY
            old = or_(CASES.c.place < int(before * 1_000_000), CASES.c.place > int(now * 1_000_000))
            ways.append(and_(CASES.c.status == status, CASES.c.updated_at < stamp(before), old))
    return or_(*ways)


def _redate(connection: Connection, now: float) -> int:
    """Redate cases that are dated later than tomorrow to now; returns how many there were."""
    late = CASES.c.updated_at > stamp(now + DAY)
    return int(connection.execute(update(CASES).where(late).values(updated_at=stamp(now))).rowcount)


def revive(connection: Connection, ids: list[str]) -> None:
    """Forget that cases of these ids were deleted: they are imported again."""
    connection.execute(delete(DELETIONS).where(DELETIONS.c.digest.in_([digest_of(id_) for id_ in ids])))


def unfinished(connection: Connection) -> set[str]:
    """Return the digests of deletions that are not finished."""
    return set(connection.execute(select(DELETIONS.c.digest).where(DELETIONS.c.finished == 0)).scalars())


_BATCH: Final = 500
_SMALL: Final = 64 * 1024 * 1024
"""PostgreSQL tables up to this size are rewritten (VACUUM FULL), so that nothing deleted is left in their files."""


def clean(store: OpenStore, digests: set[str]) -> list[UserError]:
    """Remove what is left in every place; returns what could not be removed, and why."""
    left = [one for _, work in PLACES for one in work(store, digests)]
    return list({(one.key, one.place): one for one in left}.values())


def runs(store: OpenStore, digests: set[str]) -> list[UserError]:
    """Remove this computer's files of runs whose case was deleted, from here or from another computer.

    These are the journal and unsubmitted texts; a file of those that cannot be read is removed too.
    """
    journal, folder, left = store.journal, store.journal.folder.parent, list[UserError]()
    mine = {case for case, entry in journal.every().items() if _may_be_in(store.place, entry)}
    typed = kept_runs(folder)
    gone: set[str] = set()
    if mine or typed:
        with store.reading() as connection:
            gone = {*queries.deleted(connection, {*mine, *typed})}
    for case in sorted(gone & mine):
        try:
            if not journal.remove(case):
                left.append(UserError("cases.left_window"))
        except OSError as error:
            left.append(system_fault(error).at(str(journal.path(case))))
    if digests or gone & typed:
        try:
            if forget_runs(folder, gone):
                left.append(UserError("cases.left_window"))
        except OSError as error:
            left.append(system_fault(error).at(str(folder)))
    return left


def _may_be_in(place: StoreLocation, entry: Entry | None) -> bool:
    """Whether a run's case may be in this store; one PostgreSQL store can have many addresses, so any matches."""
    if entry is None:
        return True
    if place.file is None:
        return entry.store.startswith("postgresql")
    path = Path(entry.store)
    return not path.is_absolute() or path == place.file or path.resolve() == place.file.resolve()


def copies(store: OpenStore, digests: set[str]) -> list[UserError]:
    """Remove deleted cases from copies made by migrations; a damaged copy, which cannot be searched, is removed."""
    left: list[UserError] = []
    for path in copies_of(store.place):
        try:
            if ".schema-" not in path.name or path.name.endswith((".new", "-wal", "-shm", "-journal")):
                path.unlink(missing_ok=True)
            elif digests:
                _take_out(path, digests)
        except sqlite3.Error:
            path.unlink(missing_ok=True)
        except OSError as error:
            left.append(system_fault(error).at(str(path)))
    return left


def copies_of(place: StoreLocation) -> Iterator[Path]:
    """Yield the files beside a store that may hold its cases too."""
    if place.file is None:
        return
    begins = tuple(f"{place.file.stem}.{kind}-" for kind in ("schema", "damaged", "repaired"))
    for path in sorted(place.file.parent.iterdir()):
        if path.name.startswith(begins) and path.is_file():
            fresh = path.name.endswith(".new") or f"{place.file.stem}.repaired-" in path.name
            with contextlib.suppress(OSError):
                if not fresh or time.time() - path.stat().st_mtime > LEFT_BEHIND:
                    yield path


def _take_out(path: Path, digests: set[str]) -> None:
    """Delete cases from a copy of an older store, also from its free pages. Raises sqlite3.Error."""
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as copy:
        for setting in ("secure_delete=ON", "foreign_keys=ON", "journal_mode=DELETE"):
            copy.execute(f"PRAGMA {setting}")
        gone = [row for row in copy.execute("SELECT place, id FROM cases") if digest_of(row[1]) in digests]
        if not gone:
            return
        words = copy.execute("SELECT 1 FROM sqlite_master WHERE name = 'case_words'").fetchone() is not None
        copy.execute("BEGIN IMMEDIATE")
        if words:
            copy.executemany("DELETE FROM case_words WHERE rowid = ?", [(place,) for place, _ in gone])
        copy.executemany("DELETE FROM cases WHERE id = ?", [(id_,) for _, id_ in gone])
        copy.execute("COMMIT")
        if words:
            copy.execute("INSERT INTO case_words(case_words) VALUES ('optimize')")
        copy.execute("VACUUM")


def files(store: OpenStore, _digests: set[str]) -> list[UserError]:
    """Remove deleted data from the store's files: merge the search index, VACUUM, truncate the log.

    A reading process prevents truncating the log: that is reported and done later. Raises StoreGoneError for a fault of
    the disk.
    """
    try:
        with store.autocommit() as connection:
            if not database.is_sqlite(connection):
                return _of_postgresql(connection)
            connection.exec_driver_sql("INSERT INTO case_words(case_words) VALUES ('optimize')")
            connection.exec_driver_sql("VACUUM")
            return _left_reading(connection, "PRAGMA wal_checkpoint(TRUNCATE)")
    except StoreError as fault:
        on_disk = store.place.file is not None and not isinstance(fault, StoreGoneError)
        if not (on_disk or fault.key in ("cases.locked", "cases.locked_there")):
            raise
        return [UserError("cases.left_reading")]


def _of_postgresql(connection: Connection) -> list[UserError]:
    """VACUUM the tables. The server only logs a warning for anybody but their owner, so the owner is checked first."""
    names = [table.name for table in TABLES]
    others = sorted(connection.exec_driver_sql(_OTHERS, (names,)).scalars())
    if others:
        return [UserError("cases.left_owner", owner=", ".join(others))]
    for name in names:
        size = connection.exec_driver_sql("SELECT pg_total_relation_size(%s::regclass)", (name,)).scalar_one()
        connection.exec_driver_sql(f"VACUUM {'(FULL)' if size <= _SMALL else ''} {name}")
    return _left_reading(connection, _READERS)


def _left_reading(connection: Connection, query: str) -> list[UserError]:
    busy = connection.exec_driver_sql(query).scalar()
    return [UserError("cases.left_reading")] if busy else []


_OTHERS: Final = (
    "SELECT DISTINCT pg_get_userbyid(c.relowner) FROM pg_class c WHERE NOT pg_has_role(c.relowner, 'USAGE') "
    "AND c.oid = ANY(ARRAY(SELECT to_regclass(name) FROM unnest(%s::text[]) AS name))"
)
_READERS: Final = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
    "AND backend_xmin IS NOT NULL"
)
"""Counts transactions with an old snapshot, which keep deleted rows alive."""

PLACES: Final[tuple[tuple[tuple[str, ...], Callable[[OpenStore, set[str]], list[UserError]]], ...]] = (
    (("cases/*.json", "*.lock", "unsent-*.json"), runs),
    (("cases.schema-*.db", "cases.damaged-*.db", "cases.repaired-*.db", "*.new"), copies),
    (("cases.db", "-wal", "-shm"), files),
)
"""The files that may hold something of a case, as the page about privacy names them, and what clears them."""
