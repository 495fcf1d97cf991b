"""The end of a case: out of the tables, out of the words, out of the file's free pages and its log."""

from __future__ import annotations

import contextlib
import hashlib
import time
from typing import TYPE_CHECKING, Final

from sqlalchemy import delete, insert, or_, select, text

from diagnostics.cases import fulltext, history
from diagnostics.cases.engine import suspect, transaction
from diagnostics.cases.faults import translate
from diagnostics.cases.model import DeletedError, StoreDamagedError, StoreGoneError
from diagnostics.cases.schema import CASES, DELETIONS, EVENTS, MASKED, NOTES, TAGS

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

    from diagnostics.cases.places import Place

_CHECKED_BYTES: Final = 32 * 1024 * 1024
"""Up to this size a file is checked whole when it is opened (a tenth of a second), a larger one when it errs."""


def check(engine: Engine, place: Place) -> None:
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
        raise StoreDamagedError("cases.damaged", place.name, why=said)


def due(connection: Connection, before: float, now: float) -> list[tuple[int, str]]:
    """Return the cases that nobody touched since `before` (both in seconds since 1970).

    A case made while the clock was set back bears an old time, but stands in the list after those that are older; a
    place in the future, of a clock that was set forward, says nothing.
    """
    stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(before))
    old = or_(CASES.c.place < int(before * 1_000_000), CASES.c.place > int(now * 1_000_000))
    query = select(CASES.c.place, CASES.c.id).where(CASES.c.updated_at < stamp, old)
    return [(row.place, row.id) for row in connection.execute(query)]


def digest_of(id_: str) -> str:
    """Return what is remembered of a deleted case: enough to know its id again, and nothing to learn it from."""
    return hashlib.sha256(f"weilidai-doctor/case/{id_}".encode()).hexdigest()[:32]


def tell_deleted(connection: Connection, id_: str) -> None:
    """Raise DeletedError where a case of this id was deleted for good."""
    row = connection.execute(select(DELETIONS).where(DELETIONS.c.digest == digest_of(id_))).one_or_none()
    if row is not None:
        raise DeletedError("cases.case_deleted", id_, who=history.who(row.operator), at=history.clock(row.at))


def erase(connection: Connection, gone: list[tuple[int, str]], *, at: str, by: str) -> None:
    """Delete these cases with all that belongs to them, in batches that every database takes, and note that it began.

    The note is part of the same transaction: whoever opens the store next finishes what a kill interrupts.
    """
    for start in range(0, len(gone), 500):
        batch = gone[start : start + 500]
        ids = [id_ for _, id_ in batch]
        known = set(
            connection.execute(select(DELETIONS.c.digest).where(DELETIONS.c.digest.in_(map(digest_of, ids)))).scalars()
        )
        marks = [{"digest": digest_of(id_), "at": at, "operator": by, "finished": 0} for id_ in ids]
        connection.execute(insert(DELETIONS), [mark for mark in marks if mark["digest"] not in known])
        for table in (NOTES, TAGS, MASKED, EVENTS):
            connection.execute(delete(table).where(table.c.case_id.in_(ids)))
        for place, _ in batch:
            fulltext.forget(connection, place)
        connection.execute(delete(CASES).where(CASES.c.id.in_(ids)))


def settle(engine: Engine, place: Place) -> None:
    """Make what was deleted leave the file: merge the words, give the pages back, empty the log.

    Another window that is reading keeps the pages from being given back now: they are overwritten already
    (`secure_delete`), and the next time gives them back. Raises StoreGoneError where the disk is the hindrance.
    """
    with contextlib.closing(engine.raw_connection()) as raw:
        cursor = raw.cursor()
        if engine.dialect.name == "sqlite":
            statements = [
                "INSERT INTO case_words(case_words) VALUES ('optimize')",
                "VACUUM",
                "PRAGMA wal_checkpoint(TRUNCATE)",
            ]
        else:
            statements = ["VACUUM cases", "VACUUM notes", "VACUUM tags", "VACUUM masked", "VACUUM case_words"]
            raw.driver_connection.autocommit = True  # type: ignore[union-attr]
        try:
            for statement in statements:
                cursor.execute(statement)
        except engine.dialect.loaded_dbapi.Error as error:
            fault = translate(error, place)
            if isinstance(fault, StoreGoneError) and fault.key not in ("cases.locked", "cases.locked_there"):
                raise fault from None
        finally:
            if engine.dialect.name != "sqlite":
                raw.driver_connection.autocommit = False  # type: ignore[union-attr]


def sweep(place: Place, before: float) -> None:
    """Remove copies of the file that were put aside before this time (seconds since 1970): they hold old cases too."""
    if place.file is not None:
        copies = tuple(f"{place.file.stem}.{kind}-" for kind in ("schema", "damaged"))
        for aside in place.file.parent.iterdir():
            if aside.name.startswith(copies):
                with contextlib.suppress(OSError):
                    if aside.stat().st_mtime < before:
                        aside.unlink()
