"""The end of cases: deleted one by one, or when the store's own periods are over by a clock that can be trusted.

A case goes from the tables at once, and then from every other place in which something of it stands.
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
from diagnostics.cases.queries import digest_of, forget_words
from diagnostics.cases.schema import CASES, DELETIONS, FACTS, TABLES
from diagnostics.files import LEFT_BEHIND
from diagnostics.i18n import UserError
from diagnostics.library_errors import system_fault
from diagnostics.unsent import forget_runs, kept_runs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import ColumnElement, Connection

    from diagnostics.cases.journal import Entry
    from diagnostics.cases.model import StoreLocation

LONGEST_DAYS: Final = 3_650
_ASLEEP: Final = 60 * DAY
"""A store in whose last change so much time has passed: more likely this computer's clock is ahead."""


class Retention(msgspec.Struct, frozen=True, kw_only=True):
    """The periods of a store: after so many days without a change a case may go; None: it stays.

    `closed` is for closed cases, `open` for those that are still open.
    """

    closed: int | None = None
    open: int | None = None
    at: str = ""
    by: str = ""

    @property
    def periods(self) -> list[int]:
        """Return those that end."""
        return [days for days in (self.closed, self.open) if days is not None]


class EndingCases(OpenStore):
    """Deletes cases for good: each of these methods that deletes goes on with whatever deletion was interrupted."""

    left: tuple[UserError, ...] = ()
    """What the last deletion could not clear yet, and why."""

    def delete(self, id_: str, *, version: int | None = None) -> str:
        """Delete a case for good, out of the file too; returns its id. Raises ConflictError where it was changed."""

        def work(connection: Connection) -> str:
            row = self.locked(connection, id_, version)
            self._erase(connection, [(row.place, row.id)])
            return str(row.id)

        gone = self.change(work)
        self.go_on_deleting()
        return gone

    def _erase(self, connection: Connection, gone: list[tuple[int, str]]) -> None:
        """Delete these cases with all that belongs to them, in batches, and note that it began."""
        begun = {"at": self.now(), "operator": self.operator, "finished": 0}
        for start in range(0, len(gone), _BATCH):
            batch = gone[start : start + _BATCH]
            ids = [id_ for _, id_ in batch]
            connection.execute(insert(DELETIONS), [{"digest": digest_of(id_), **begun} for id_ in ids])
            forget_words(connection, [place for place, _ in batch])
            connection.execute(delete(CASES).where(CASES.c.id.in_(ids)))  # and with it all that refers to a case

    def go_on_deleting(self) -> None:
        """Take what is left of deleted cases out of every place; `left` says what could not be done yet, and why.

        Runs on this computer whose case was deleted from elsewhere are forgotten, too.
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
        """Delete for good the cases whose time is over by the store's own periods; returns how many.

        `days` spares those that were touched within so many days. Raises RefusedError where the desk has set no
        period, a shorter one is asked for, or the clocks do not agree.
        """
        with self.reading() as connection:
            kept, now = self._judged(connection, days)
        for path in copies_of(self.place) if kept.periods else ():  # they hold old cases too
            with contextlib.suppress(OSError):
                if path.stat().st_mtime < now - max(kept.periods) * DAY:
                    path.unlink()

        def work(connection: Connection) -> int:
            _bring_back(connection, now)
            query = select(CASES.c.place, CASES.c.id).where(_over(kept, now))
            gone = [(row.place, row.id) for row in connection.execute(query)]
            self._erase(connection, gone)
            return len(gone)

        done = self.change(work)
        if done:
            self.go_on_deleting()
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
        """Return after how long this store lets cases go; None where the desk has not said."""
        with self.reading() as connection:
            return _periods(_facts(connection))

    @changes
    def retain(self, connection: Connection, closed: int | None, open_: int | None) -> int:
        """Set after how many days without a change closed and open cases may go (None or 0: never).

        Nothing is deleted by this; returns how many cases are over their time then. Raises RefusedError where the
        clocks do not agree, or a period is too long.
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
        """Let cases that are dated later than tomorrow count from now, by a clock that somebody says is right."""
        return _bring_back(connection, self.seconds())

    def due_notice(self, proposed: int) -> UserError | None:
        """Return what to tell about cases whose time is over, or would be by the setting of 0.1.0; each once."""
        with self.reading() as connection:
            facts = _facts(connection)
            kept = _periods(facts)
            name, value = ("due_told", self.now()[:10]) if kept else ("proposal_told", "1")
            wanted = kept or Retention(closed=proposed, open=proposed)
            is_told = facts.get(name) == value
            over = 0 if is_told else sum(_count(connection, wanted, self.seconds()).values())
        if not over:
            return None
        with contextlib.suppress(StoreRefusedError):  # who may not write that it was told is told again
            self.change(lambda connection: _put(connection, name, value))
        due, proposal = UserError("cases.due_now", count=over), UserError("cases.proposal", count=over, days=proposed)
        return due if kept else proposal

    def _judge_clock(self, connection: Connection) -> float:
        """Return the time by which cases may be deleted, in seconds since 1970.

        Raises RefusedError where this computer's clock and the store's do not agree: on a server by its own clock, in a
        file by the latest change that stands in it.
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
    """Return what the store knows of its periods."""
    rows = connection.execute(select(FACTS).where(FACTS.c.name.like("retention.%")))
    return {row.name.removeprefix("retention."): row.value for row in rows if row.value}


def _put(connection: Connection, name: str, value: str) -> None:
    """Set one of these facts."""
    name = f"retention.{name}"
    if connection.execute(update(FACTS).where(FACTS.c.name == name).values(value=value)).rowcount == 0:
        connection.execute(insert(FACTS).values(name=name, value=value))


def _periods(facts: dict[str, str]) -> Retention | None:
    """Return the store's periods, None where the desk has not set any."""
    return msgspec.convert(facts, Retention, strict=False) if "at" in facts else None


def _count(connection: Connection, kept: Retention, now: float) -> dict[str, int]:
    """Return how many closed and open cases there are whose time is over."""
    query = select(CASES.c.status, func.count()).where(_over(kept, now)).group_by(CASES.c.status)
    return {"closed": 0, "open": 0} | {row[0]: row[1] for row in connection.execute(query)}


def _over(kept: Retention, now: float) -> ColumnElement[bool]:
    """Return the condition that nobody touched a case for as long as the periods say.

    A case made while the clock was set back bears an old time, but stands in the list after those that are older; a
    place in the future, of a clock that was set forward, says nothing.
    """
    ways: list[ColumnElement[bool]] = [CASES.c.seq.is_(None)]
    for status, days in (("closed", kept.closed), ("open", kept.open)):
        if days is not None:
            before = now - days * DAY
            old = or_(CASES.c.place < int(before * 1_000_000), CASES.c.place > int(now * 1_000_000))
            ways.append(and_(CASES.c.status == status, CASES.c.updated_at < stamp(before), old))
    return or_(*ways)


def _bring_back(connection: Connection, now: float) -> int:
    """Let cases that are dated later than tomorrow count from now; returns how many there were."""
    late = CASES.c.updated_at > stamp(now + DAY)
    return int(connection.execute(update(CASES).where(late).values(updated_at=stamp(now))).rowcount)


def revive(connection: Connection, ids: list[str]) -> None:
    """Forget that cases of these ids were deleted: they are taken in again."""
    connection.execute(delete(DELETIONS).where(DELETIONS.c.digest.in_([digest_of(id_) for id_ in ids])))


def unfinished(connection: Connection) -> set[str]:
    """Return the digests of deletions that were begun and not ended."""
    return set(connection.execute(select(DELETIONS.c.digest).where(DELETIONS.c.finished == 0)).scalars())


_BATCH: Final = 500
_SMALL: Final = 64 * 1024 * 1024
"""Up to this size a table of PostgreSQL is written anew, so that nothing deleted is left in its file."""


def clean(store: OpenStore, digests: set[str]) -> list[UserError]:
    """Look through every place and take away what is left; returns what could not be done, and why."""
    left = [one for _, work in PLACES for one in work(store, digests)]
    return list({(one.key, one.place): one for one in left}.values())


def runs(store: OpenStore, digests: set[str]) -> list[UserError]:
    """Remove what this computer keeps of runs whose case was deleted, here or from another computer.

    That is its journal, and what was typed and not handed in; of that, what cannot be searched goes too.
    """
    journal, folder, left = store.journal, store.journal.folder.parent, list[UserError]()
    mine = {case for case, entry in journal.every() if _may_be_in(store.place, entry)}
    typed = kept_runs(folder)
    gone: set[str] = set()
    if mine or typed:
        with store.reading() as connection:
            gone = {*queries.deleted(connection, {*mine, *typed})}
    for case in sorted(gone & mine):
        running = not journal.is_free(case)
        try:
            journal.remove(case, keep_lock=running)
        except OSError as error:
            left.append(system_fault(error).at(str(journal.path(case))))
        if running:
            left.append(UserError("cases.left_window"))
    if digests or gone & typed:
        try:
            if forget_runs(folder, gone):
                left.append(UserError("cases.left_window"))
        except OSError as error:
            left.append(system_fault(error).at(str(folder)))
    return left


def _may_be_in(place: StoreLocation, entry: Entry | None) -> bool:
    """Whether a run's case is in this store. PostgreSQL may be written in many ways; the digest of an id is enough."""
    if entry is None:
        return True
    if place.file is None:
        return entry.store.startswith("postgresql")
    path = Path(entry.store)
    return not path.is_absolute() or path == place.file or path.resolve() == place.file.resolve()


def copies(store: OpenStore, digests: set[str]) -> list[UserError]:
    """Take deleted cases out of copies that an upgrade put aside; a damaged copy, which cannot be searched, goes."""
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
    """Yield the files beside a store in which its cases may stand too."""
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
    """Delete cases from an older store, out of its free pages too. Raises sqlite3.Error where that cannot be done."""
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
    """Take what was deleted out of the store's files: merge the words, give the pages back, empty the log.

    Another window that reads keeps the log from being emptied: then it is said, and done later. Raises StoreGoneError
    where the disk is the hindrance.
    """
    try:
        with store.by_itself() as connection:
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
    """Only the owner of a table may; the server refuses others in its own log alone, so they are asked about first."""
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
"""Whoever reads an older state of the tables keeps what was deleted from going."""

PLACES: Final[tuple[tuple[tuple[str, ...], Callable[[OpenStore, set[str]], list[UserError]]], ...]] = (
    (("cases/*.json", "*.lock", "unsent-*.json"), runs),
    (("cases.schema-*.db", "cases.damaged-*.db", "cases.repaired-*.db", "*.new"), copies),
    (("cases.db", "-wal", "-shm"), files),
)
"""The files in which something of a case may stand, as the page about privacy names them, and what clears them."""
