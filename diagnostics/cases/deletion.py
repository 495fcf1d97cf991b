"""Deleting cases for good: from the tables, and from every other place in which something of them stands."""

from __future__ import annotations

import contextlib
import sqlite3
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import bindparam, delete, insert, select, update

from diagnostics.cases import search
from diagnostics.cases.database import PATIENT, translate
from diagnostics.cases.model import StoreGoneError
from diagnostics.cases.queries import digest_of
from diagnostics.cases.schema import CASES, DELETIONS
from diagnostics.files import LEFT_BEHIND
from diagnostics.i18n import UserError
from diagnostics.library_errors import system_fault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Connection

    from diagnostics.cases.edits import OpenStore
    from diagnostics.cases.model import StoreLocation

_BATCH: Final = 500


def erase(connection: Connection, gone: list[tuple[int, str]], *, at: str, by: str) -> None:
    """Delete these cases with all that belongs to them, in batches, and note that it began."""
    for start in range(0, len(gone), _BATCH):
        batch = gone[start : start + _BATCH]
        ids = [id_ for _, id_ in batch]
        revive(connection, ids)
        connection.execute(
            insert(DELETIONS), [{"digest": digest_of(id_), "at": at, "operator": by, "finished": 0} for id_ in ids]
        )
        search.forget(connection, [place for place, _ in batch])
        connection.execute(delete(CASES).where(CASES.c.id.in_(ids)))  # and with it all that refers to a case


def revive(connection: Connection, ids: list[str]) -> None:
    """Forget that cases of these ids were deleted: they are taken in again."""
    connection.execute(delete(DELETIONS).where(DELETIONS.c.digest.in_([digest_of(id_) for id_ in ids])))


def unfinished(connection: Connection) -> set[str]:
    """Return the digests of deletions that were begun and not ended."""
    return set(connection.execute(select(DELETIONS.c.digest).where(DELETIONS.c.finished == 0)).scalars())


def finish(connection: Connection, digests: set[str]) -> None:
    """Note that nothing is left of these cases."""
    done = update(DELETIONS).where(DELETIONS.c.digest == bindparam("gone")).values(finished=1)
    connection.execute(done, [{"gone": digest} for digest in sorted(digests)])


_ENDINGS: Final = ("", "-wal", "-shm", "-journal")
_BRIEFLY: Final = 1_500
"""Milliseconds that cleaning up waits for another window."""
_SMALL: Final = 64 * 1024 * 1024
"""Up to this size a table of PostgreSQL is written anew, so that nothing deleted is left in its file."""
_TABLES: Final = ("cases", "notes", "tags", "masked", "events", "deletions", "figures", "case_words")


def clean(store: OpenStore, digests: set[str]) -> list[UserError]:
    """Look through every place and take away what is left; returns what could not be done, and why."""
    return [left for _, work in PLACES for left in work(store, digests)]


def journals(store: OpenStore, _digests: set[str]) -> list[UserError]:
    """Remove what this computer remembers of runs whose case was deleted, here or from another computer."""
    left: list[UserError] = []
    cases = {digest_of(case): case for case, name in store.journal.every() if _same_store(name, store.place)}
    if not cases:
        return left
    with store.reading() as connection:
        query = select(DELETIONS.c.digest).where(DELETIONS.c.digest.in_(cases))
        gone = sorted(cases[digest] for digest in connection.execute(query).scalars())
    for case in gone:
        running = not store.journal.is_free(case)
        try:
            store.journal.remove(case, keep_lock=running)
        except OSError as error:
            left.append(system_fault(error).at(str(store.journal.path(case))))
        if running:
            left.append(UserError("cases.left_window"))
    return left


def _same_store(name: str, place: StoreLocation) -> bool:
    """Whether a journal's store is this one. PostgreSQL may be written in many ways; the digest of an id is enough."""
    if not name:
        return True
    if place.file is None:
        return name.startswith("postgresql")
    path = Path(name)
    return not path.is_absolute() or path == place.file or path.resolve() == place.file.resolve()


def copies(store: OpenStore, digests: set[str]) -> list[UserError]:
    """Take deleted cases out of copies that an upgrade put aside; a damaged copy, which cannot be searched, goes."""
    left: list[UserError] = []
    for path in copies_of(store.place):
        try:
            if not _is_copy(path):
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


def _is_copy(path: Path) -> bool:
    return ".schema-" in path.name and not path.name.endswith((".new", *_ENDINGS[1:]))


def _take_out(path: Path, digests: set[str]) -> None:
    """Delete cases from an older store, out of its free pages too. Raises sqlite3.Error where that cannot be done."""
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as copy:
        copy.execute("PRAGMA secure_delete=ON")
        copy.execute("PRAGMA foreign_keys=ON")
        copy.execute("PRAGMA journal_mode=DELETE")
        gone = [row for row in copy.execute("SELECT id, place FROM cases") if digest_of(row[0]) in digests]
        if not gone:
            return
        words = copy.execute("SELECT 1 FROM sqlite_master WHERE name = 'case_words'").fetchone() is not None
        copy.execute("BEGIN IMMEDIATE")
        if words:
            copy.executemany("DELETE FROM case_words WHERE rowid = ?", [(place,) for _, place in gone])
        copy.executemany("DELETE FROM cases WHERE id = ?", [(id_,) for id_, _ in gone])
        copy.execute("COMMIT")
        if words:
            copy.execute("INSERT INTO case_words(case_words) VALUES ('optimize')")
        copy.execute("VACUUM")


def files(store: OpenStore, _digests: set[str]) -> list[UserError]:
    """Take what was deleted out of the store's files: merge the words, give the pages back, empty the log.

    Another window that reads keeps the log from being emptied: then it is said, and done later. Raises StoreGoneError
    where the disk is the hindrance.
    """
    if store.place.file is None:
        return _of_postgresql(store)
    with contextlib.closing(store.engine.raw_connection()) as raw:
        cursor = raw.cursor()
        try:
            cursor.execute(f"PRAGMA busy_timeout={_BRIEFLY}")
            cursor.execute("INSERT INTO case_words(case_words) VALUES ('optimize')")
            cursor.execute("VACUUM")
            busy = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        except sqlite3.Error as error:
            fault = translate(error, store.place)
            if isinstance(fault, StoreGoneError) and fault.key != "cases.locked":
                raise fault from None
            busy = 1
        finally:
            raw.invalidate()  # its deadline is not that of the others
    return [UserError("cases.left_reading")] if busy else []


def _of_postgresql(store: OpenStore) -> list[UserError]:
    """Only the owner of a table may; the server refuses others in its own log alone, so they are asked about first."""
    with contextlib.closing(store.engine.raw_connection()) as raw:
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
                except store.engine.dialect.loaded_dbapi.Error as error:
                    fault = translate(error, store.place)
                    if fault.key != "cases.locked_there":
                        raise
                    return [UserError("cases.left_reading")]
            cursor.execute(_READERS)
            return [UserError("cases.left_reading")] if cursor.fetchone()[0] else []  # type: ignore[index]
        except store.engine.dialect.loaded_dbapi.Error as error:
            raise translate(error, store.place) from None
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

PLACES: Final[tuple[tuple[tuple[str, ...], Callable[[OpenStore, set[str]], list[UserError]]], ...]] = (
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
