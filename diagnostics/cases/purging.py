"""The end of a case in the store's tables, and what is remembered of it: a digest of its id, and whether it is done.

`remains` walks the other places in which something of a case may be left.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from sqlalchemy import delete, insert, select, text, update

from diagnostics.cases import fulltext, history
from diagnostics.cases.engine import suspect, transaction
from diagnostics.cases.model import DeletedError, StoreDamagedError
from diagnostics.cases.schema import CASES, DELETIONS, EVENTS, MASKED, NOTES, TAGS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection, Engine

    from diagnostics.cases.places import Place

_BATCH: Final = 500
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
    """Delete these cases with all that belongs to them, in batches that every database takes, and note that it began.

    The note is part of the same transaction: whoever opens the store next finishes what a kill interrupts.
    """
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
            fulltext.forget(connection, place)
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
