"""Every place in which something of a deleted case may be left, and how it goes from there: one list for all of them.

`PLACES` is the list; the page about privacy shows the same one. Deleting ends when every place has said that nothing is
left; until then the store knows that it is unfinished, and whoever opens it next goes on.
"""

from __future__ import annotations

import contextlib
import sqlite3
import time
from typing import TYPE_CHECKING, Final, NamedTuple

from sqlalchemy import text

from diagnostics.cases.faults import translate
from diagnostics.cases.model import StoreGoneError
from diagnostics.cases.purging import deleted_of, digest_of
from diagnostics.cases.waits import PATIENT
from diagnostics.files import LEFT_BEHIND
from diagnostics.i18n import UserError
from diagnostics.library_errors import system_fault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sqlalchemy import Connection, Engine

    from diagnostics.cases.journal import Journal
    from diagnostics.cases.places import Place


class Search(NamedTuple):
    """What the places are searched for, and where."""

    engine: Engine
    place: Place
    journal: Journal
    connect: Callable[[], contextlib.AbstractContextManager[Connection]]
    digests: set[str]


_ENDINGS: Final = ("", "-wal", "-shm", "-journal")
_BRIEFLY: Final = 1_500
"""Milliseconds that cleaning up waits for another window."""
_SMALL: Final = 64 * 1024 * 1024
"""Up to this size a table of PostgreSQL is written anew, so that nothing deleted is left in its file."""
_TABLES: Final = ("cases", "notes", "tags", "masked", "events", "deletions", "case_words")


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


def _same_store(name: str, place: Place) -> bool:
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


def copies_of(place: Place) -> Iterator[Path]:
    """Yield the files beside a store in which its cases may stand too.

    `cases.schema-3.db` is from before an upgrade, `cases.damaged-*.db` from before a repair, `cases.repaired-*.db` and
    `*.new` are what a kill left of making one; each may have a log beside it.
    """
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


def copies_older_than(place: Place, before: float) -> None:
    """Remove copies that were put aside before this time (seconds since 1970): they hold old cases too."""
    for path in copies_of(place):
        with contextlib.suppress(OSError):
            if path.stat().st_mtime < before:
                path.unlink()


def any_open(connection: Connection) -> bool:
    """Whether a deletion was begun and not ended."""
    return connection.execute(text("SELECT 1 FROM deletions WHERE finished = 0 LIMIT 1")).first() is not None
