"""Deleting cases for good: from the tables, from every other place, and after the retention period."""

from __future__ import annotations

import contextlib
import hashlib
import sqlite3
import time
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec
from sqlalchemy import and_, delete, func, insert, or_, select, text, update

from diagnostics.cases import history, search
from diagnostics.cases.database import PATIENT, suspect, transaction, translate
from diagnostics.cases.model import DeletedError, RefusedError, StoreDamagedError, StoreGoneError
from diagnostics.cases.schema import CASES, DELETIONS, EVENTS, FACTS, MASKED, NOTES, TAGS
from diagnostics.files import LEFT_BEHIND
from diagnostics.i18n import UserError
from diagnostics.library_errors import system_fault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from sqlalchemy import ColumnElement, Connection, Engine

    from diagnostics.cases.journal import Journal
    from diagnostics.cases.model import StoreLocation

_BATCH: Final = 500
_CHECKED_BYTES: Final = 32 * 1024 * 1024
"""Up to this size a file is checked whole when it is opened (a tenth of a second), a larger one when it errs."""


def check(engine: Engine, place: StoreLocation) -> None:
    """Look whether the file is whole. Raises StoreDamagedError."""
    if place.file is None:
        return
    if suspect(place.file).exists():
        raise StoreDamagedError("cases.erred", place.name)
    if place.file.stat().st_size > _CHECKED_BYTES:
        return
    with transaction(engine, place, writes=False) as connection:
        said = connection.execute(text("PRAGMA quick_check(1)")).scalar()
    if said != "ok":
        raise StoreDamagedError("cases.damaged", place.name)


def digest_of(id_: str) -> str:
    """Return what is remembered of a deleted case: enough to know its id again, and nothing to learn it from."""
    return hashlib.sha256(f"weilidai-doctor/case/{id_}".encode()).hexdigest()[:32]


def tell_deleted(connection: Connection, id_: str) -> None:
    """Raise DeletedError where a case of this id was deleted for good."""
    row = connection.execute(select(DELETIONS).where(DELETIONS.c.digest == digest_of(id_))).one_or_none()
    if row is not None:
        raise DeletedError("cases.case_deleted", id_, who=history.who(row.operator), at=history.clock(row.at))


def erase(connection: Connection, gone: list[tuple[int, str]], *, at: str, by: str) -> None:
    """Delete these cases with all that belongs to them, in batches, and note that it began."""
    for start in range(0, len(gone), _BATCH):
        batch = gone[start : start + _BATCH]
        ids = [id_ for _, id_ in batch]
        revive(connection, ids)
        connection.execute(
            insert(DELETIONS), [{"digest": digest_of(id_), "at": at, "operator": by, "finished": 0} for id_ in ids]
        )
        for table in (NOTES, TAGS, MASKED, EVENTS):
            connection.execute(delete(table).where(table.c.case_id.in_(ids)))
        for place, _ in batch:
            search.forget(connection, place)
        connection.execute(delete(CASES).where(CASES.c.id.in_(ids)))


def revive(connection: Connection, ids: list[str]) -> None:
    """Forget that cases of these ids were deleted: they are taken in again."""
    connection.execute(delete(DELETIONS).where(DELETIONS.c.digest.in_([digest_of(id_) for id_ in ids])))


def unfinished(connection: Connection) -> set[str]:
    """Return the digests of deletions that were begun and not ended."""
    return set(connection.execute(select(DELETIONS.c.digest).where(DELETIONS.c.finished == 0)).scalars())


def deleted_of(connection: Connection, ids: Iterable[str]) -> set[str]:
    """Return which of these cases were deleted."""
    digests = {digest_of(id_): id_ for id_ in ids}
    if not digests:
        return set()
    found = connection.execute(select(DELETIONS.c.digest).where(DELETIONS.c.digest.in_(digests))).scalars()
    return {digests[digest] for digest in found}


def finish(connection: Connection, digests: set[str]) -> None:
    """Note that nothing is left of these cases."""
    ordered = sorted(digests)
    for start in range(0, len(ordered), _BATCH):
        same = DELETIONS.c.digest.in_(ordered[start : start + _BATCH])
        connection.execute(update(DELETIONS).where(same).values(finished=1))


class Search(NamedTuple):
    """What the places are searched for, and where."""

    engine: Engine
    place: StoreLocation
    journal: Journal
    connect: Callable[[], contextlib.AbstractContextManager[Connection]]
    digests: set[str]


_ENDINGS: Final = ("", "-wal", "-shm", "-journal")
_BRIEFLY: Final = 1_500
"""Milliseconds that cleaning up waits for another window."""
_SMALL: Final = 64 * 1024 * 1024
"""Up to this size a table of PostgreSQL is written anew, so that nothing deleted is left in its file."""
_TABLES: Final = ("cases", "notes", "tags", "masked", "events", "deletions", "figures", "case_words")


def clean(search: Search) -> list[UserError]:
    """Look through every place and take away what is left; returns what could not be done, and why."""
    left: list[UserError] = []
    for _, work in PLACES:
        left += work(search)
    return left


def journals(search: Search) -> list[UserError]:
    """Remove what this computer remembers of runs whose case was deleted, here or from another computer."""
    left: list[UserError] = []
    cases = [case for case, store in search.journal.every() if _same_store(store, search.place)]
    if not cases:
        return left
    with search.connect() as connection:
        gone = deleted_of(connection, cases)
    for case in sorted(gone):
        running = not search.journal.is_free(case)
        try:
            search.journal.remove(case, keep_lock=running)
        except OSError as error:
            left.append(system_fault(error).at(str(search.journal.path(case))))
        if running:
            left.append(UserError("cases.left_window"))
    return left


def _same_store(name: str, place: StoreLocation) -> bool:
    """Whether a journal's store is this one. PostgreSQL may be written in many ways; the digest of an id is enough."""
    from pathlib import Path

    if not name:
        return True
    if place.file is None:
        return name.startswith("postgresql")
    path = Path(name)
    return not path.is_absolute() or path == place.file or path.resolve() == place.file.resolve()


def copies(search: Search) -> list[UserError]:
    """Take deleted cases out of copies that an upgrade put aside; a damaged copy, which cannot be searched, goes."""
    left: list[UserError] = []
    for path in copies_of(search.place):
        try:
            if _is_copy(path) and search.digests:
                _take_out(path, search.digests)
            elif not _is_copy(path):
                path.unlink(missing_ok=True)
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


def _is_copy(path: Path) -> bool:
    return ".schema-" in path.name and not path.name.endswith((".new", *_ENDINGS[1:]))


def _take_out(path: Path, digests: set[str]) -> None:
    """Delete cases from an older store, out of its free pages too. Raises sqlite3.Error where that cannot be done."""
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as copy:
        copy.execute("PRAGMA secure_delete=ON")
        copy.execute("PRAGMA journal_mode=DELETE")
        gone = [row for row in copy.execute("SELECT id, place FROM cases") if digest_of(row[0]) in digests]
        if not gone:
            return
        tables = {name for (name,) in copy.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        copy.execute("BEGIN IMMEDIATE")
        for id_, place in gone:
            for table in sorted(tables & {"notes", "tags", "masked", "events"}):
                copy.execute(f"DELETE FROM {table} WHERE case_id = ?", (id_,))  # noqa: S608  a name of ours
            if "case_words" in tables:
                copy.execute("DELETE FROM case_words WHERE rowid = ?", (place,))
            copy.execute("DELETE FROM cases WHERE id = ?", (id_,))
        copy.execute("COMMIT")
        if "case_words" in tables:
            copy.execute("INSERT INTO case_words(case_words) VALUES ('optimize')")
        copy.execute("VACUUM")


def files(search: Search) -> list[UserError]:
    """Take what was deleted out of the store's files: merge the words, give the pages back, empty the log."""
    return _of_sqlite(search) if search.place.file is not None else _of_postgresql(search)


def _of_sqlite(search: Search) -> list[UserError]:
    """Another window that reads keeps the log from being emptied: then it is said, and done later.

    Raises StoreGoneError where the disk is the hindrance.
    """
    with contextlib.closing(search.engine.raw_connection()) as raw:
        cursor = raw.cursor()
        try:
            cursor.execute(f"PRAGMA busy_timeout={_BRIEFLY}")
            cursor.execute("INSERT INTO case_words(case_words) VALUES ('optimize')")
            cursor.execute("VACUUM")
            busy = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        except sqlite3.Error as error:
            fault = translate(error, search.place)
            if isinstance(fault, StoreGoneError) and fault.key != "cases.locked":
                raise fault from None
            busy = 1
        finally:
            raw.invalidate()  # its deadline is not that of the others
    return [UserError("cases.left_reading")] if busy else []


def _of_postgresql(search: Search) -> list[UserError]:
    """Only the owner of a table may; the server refuses others in its own log alone, so they are asked about first."""
    with contextlib.closing(search.engine.raw_connection()) as raw:
        link = raw.driver_connection
        cursor = raw.cursor()
        try:
            link.autocommit = True  # type: ignore[union-attr]
            link.limit = PATIENT  # type: ignore[union-attr]
            cursor.execute("SET statement_timeout = 0")
            cursor.execute("SET lock_timeout = '2s'")
            cursor.execute(_OWNERS, (list(_TABLES),))
            others = sorted({owner for _, owner, mine in cursor.fetchall() if not mine})
            if others:
                return [UserError("cases.left_owner", owner=", ".join(others))]
            for table in _TABLES:
                cursor.execute("SELECT pg_total_relation_size(%s::regclass)", (table,))
                small = cursor.fetchone()[0] <= _SMALL  # type: ignore[index]
                try:
                    cursor.execute(f"VACUUM {'(FULL)' if small else ''} {table}")
                except search.engine.dialect.loaded_dbapi.Error as error:
                    fault = translate(error, search.place)
                    if fault.key != "cases.locked_there":
                        raise
                    return [UserError("cases.left_reading")]
            cursor.execute(_READERS)
            return [UserError("cases.left_reading")] if cursor.fetchone()[0] else []  # type: ignore[index]
        except search.engine.dialect.loaded_dbapi.Error as error:
            raise translate(error, search.place) from None
        finally:
            raw.invalidate()


_OWNERS: Final = (
    "SELECT c.relname, pg_get_userbyid(c.relowner), pg_has_role(c.relowner, 'USAGE') FROM pg_class c "
    "WHERE c.oid = ANY(ARRAY(SELECT to_regclass(name) FROM unnest(%s::text[]) AS name))"
)
_READERS: Final = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
    "AND backend_xmin IS NOT NULL"
)
"""Whoever reads an older state of the tables keeps what was deleted from going."""

PLACES: Final[tuple[tuple[tuple[str, ...], Callable[[Search], list[UserError]]], ...]] = (
    (("cases/*.json", "*.lock"), journals),
    (("cases.schema-*.db", "cases.damaged-*.db", "cases.repaired-*.db", "*.new"), copies),
    (("cases.db", "-wal", "-shm"), files),
)
"""The files in which something of a case may stand, as the page about privacy names them, and what clears them."""


def copies_older_than(place: StoreLocation, before: float) -> None:
    """Remove copies that were put aside before this time (seconds since 1970): they hold old cases too."""
    for path in copies_of(place):
        with contextlib.suppress(OSError):
            if path.stat().st_mtime < before:
                path.unlink()


def any_open(connection: Connection) -> bool:
    """Whether a deletion was begun and not ended."""
    return connection.execute(text("SELECT 1 FROM deletions WHERE finished = 0 LIMIT 1")).first() is not None


HOUR: Final = 3_600
DAY: Final = 86_400
LONGEST_DAYS: Final = 3_650
_ASLEEP: Final = 60 * DAY
"""A store in whose last change so much time has passed: more likely this computer's clock is ahead."""
_KEYS: Final = ("retention.closed", "retention.open", "retention.at", "retention.by")
TOLD_PROPOSAL: Final = "retention.proposal_told"
TOLD_DUE: Final = "retention.due_told"


class Retention(msgspec.Struct, frozen=True, kw_only=True):
    """The periods of a store: after so many days without a change a case may go; None: it stays.

    `closed` is for closed cases, `open` for those that are still open.
    """

    closed: int | None = None
    open: int | None = None
    at: str = ""
    by: str = ""


class Due(msgspec.Struct, frozen=True):
    """Cases whose time is over: how many of them are closed, how many open."""

    closed: int
    open: int

    @property
    def all(self) -> int:
        """Return how many there are."""
        return self.closed + self.open


def facts(connection: Connection) -> dict[str, str]:
    """Return what the store knows of its periods."""
    found = connection.execute(select(FACTS).where(FACTS.c.name.like("retention.%")))
    return {row.name: row.value for row in found}


def put(connection: Connection, name: str, value: str) -> None:
    """Set one of these facts."""
    if connection.execute(update(FACTS).where(FACTS.c.name == name).values(value=value)).rowcount == 0:
        connection.execute(insert(FACTS).values(name=name, value=value))


def read(connection: Connection) -> Retention | None:
    """Return the store's periods, None where the desk has not set any."""
    known = facts(connection)
    if "retention.at" not in known:
        return None
    closed, open_ = (int(known[name]) if known.get(name) else None for name in _KEYS[:2])
    return Retention(closed=closed, open=open_, at=known["retention.at"], by=known.get("retention.by", ""))


def write(connection: Connection, wanted: Retention) -> None:
    """Set the store's periods."""
    connection.execute(delete(FACTS).where(FACTS.c.name.in_(_KEYS)))
    for name, value in zip(_KEYS, (wanted.closed, wanted.open, wanted.at, wanted.by), strict=True):
        put(connection, name, "" if value is None else str(value))


def judged(days: int | None) -> int | None:
    """Return a period; 0 is none. Raises RefusedError where it is too long."""
    if days is not None and not 0 <= days <= LONGEST_DAYS:
        raise RefusedError("cases.no_period", most=LONGEST_DAYS)
    return days or None


def server_seconds(connection: Connection) -> float | None:
    """Return the server's time in seconds since 1970; None where the store is a file."""
    if connection.dialect.name == "sqlite":
        return None
    return float(connection.execute(text("SELECT extract(epoch FROM clock_timestamp())")).scalar_one())


def judge_clock(connection: Connection, here: float) -> float:
    """Return the time by which cases may be deleted, in seconds since 1970.

    Raises RefusedError where this computer's clock and the store's do not agree: on a server by its own clock, in a
    file by the latest change that stands in it.
    """
    server = server_seconds(connection)
    if server is not None:
        if abs(server - here) > HOUR:
            raise RefusedError("cases.clock_differs", here=stamp(here), there=stamp(server))
        return server
    latest = connection.execute(select(func.max(CASES.c.updated_at))).scalar()
    if latest is None:
        return here
    from diagnostics.cases.queries import epoch

    last = epoch(latest)
    if last - here > HOUR:
        raise RefusedError("cases.clock_behind", here=stamp(here), last=latest)
    if here - last > _ASLEEP:
        raise RefusedError("cases.clock_ahead", here=stamp(here), last=latest, days=_ASLEEP // DAY)
    return here


def stamp(seconds: float) -> str:
    """Return a time as it is stored."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def due(connection: Connection, kept: Retention, now: float) -> list[tuple[int, str]]:
    """Return place and id of the cases whose time is over."""
    return [
        (row.place, row.id) for row in connection.execute(select(CASES.c.place, CASES.c.id).where(_over(kept, now)))
    ]


def count(connection: Connection, kept: Retention, now: float) -> Due:
    """Return how many cases there are whose time is over."""
    query = select(CASES.c.status, func.count()).where(_over(kept, now)).group_by(CASES.c.status)
    found: dict[str, int] = {row[0]: row[1] for row in connection.execute(query)}
    return Due(found.get("closed", 0), found.get("open", 0))


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


def bring_back(connection: Connection, now: float) -> int:
    """Let cases that are dated later than tomorrow count from now; returns how many there were."""
    late = CASES.c.updated_at > stamp(now + DAY)
    done = connection.execute(update(CASES).where(late).values(updated_at=stamp(now)))
    return int(done.rowcount)
