"""Bring a store up: the tables made, or changed step by step after a copy was put aside."""

from __future__ import annotations

import contextlib
import os
import secrets
import sqlite3
from typing import TYPE_CHECKING, Final

from sqlalchemy import inspect, text

from diagnostics.cases import queries
from diagnostics.cases.database import transaction, translate
from diagnostics.cases.model import StoreError, StoreGoneError, StoreLocation, StoreRefusedError
from diagnostics.cases.schema import STEPS, VERSION
from diagnostics.library_errors import system_fault

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Connection, Engine

    from diagnostics.knowledge.model import Knowledge

_OWNER: Final = "SELECT pg_get_userbyid(c.relowner) FROM pg_class c WHERE c.oid = to_regclass('cases')"
_WORDED: Final = 5
"""Since this version the words of a case are those that are written today."""
_LOCK: Final = 0x77656964
"""Key of PostgreSQL's advisory lock: two programs that start at once bring the store up once."""


def migrate(engine: Engine, place: StoreLocation, knowledge: Knowledge | None) -> bool:
    """Make the tables or bring them up; returns whether anything was done. Raises StoreError, for a newer one too."""
    with transaction(engine, place, writes=False) as connection:
        found = _version(connection)
    _refuse_newer(found, place)
    if found == VERSION:
        return False
    if found and place.file is not None:
        _copy(place.file, found)
    with _told_who_must(engine, place), transaction(engine, place, writes=True, patient=True) as connection:
        if connection.dialect.name != "sqlite":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        found = _version(connection)  # another program may have been quicker
        _refuse_newer(found, place)
        for step in STEPS[found:]:
            step(connection)
        if 0 < found < _WORDED and knowledge is not None:
            queries.reindex_all(connection, knowledge)
        _stamp(connection, VERSION)
    return found < VERSION


@contextlib.contextmanager
def _told_who_must(engine: Engine, place: StoreLocation) -> Iterator[None]:
    """Say who has to bring a shared store up where whoever came has no right to, or another is just doing it."""
    try:
        yield
    except StoreRefusedError as error:
        if error.key != "cases.no_right":
            raise
        with transaction(engine, place, writes=False) as connection:
            owner = connection.execute(text(_OWNER)).scalar()
        if owner is None:
            raise StoreRefusedError("cases.may_not_make", place.name) from None
        raise StoreRefusedError("cases.not_owner", place.name, owner=owner) from None
    except StoreGoneError as error:
        if error.key not in ("cases.locked", "cases.locked_there"):
            raise
        raise StoreGoneError("cases.being_brought_up", place.name) from None


def _refuse_newer(found: int, place: StoreLocation) -> None:
    if found > VERSION:
        raise StoreError("cases.newer", place.name, found=found, known=VERSION)


def _version(connection: Connection) -> int:
    if connection.dialect.name == "sqlite":
        return int(connection.execute(text("PRAGMA user_version")).scalar_one())
    if not inspect(connection).has_table("weilidai_doctor_schema"):
        return 0
    return int(connection.execute(text("SELECT version FROM weilidai_doctor_schema")).scalar_one())


def _stamp(connection: Connection, version: int) -> None:
    if connection.dialect.name == "sqlite":
        connection.execute(text(f"PRAGMA user_version = {version}"))
        return
    connection.execute(text("CREATE TABLE IF NOT EXISTS weilidai_doctor_schema (version INTEGER NOT NULL)"))
    connection.execute(text("DELETE FROM weilidai_doctor_schema"))
    connection.execute(text("INSERT INTO weilidai_doctor_schema VALUES (:version)"), {"version": version})


def _copy(path: Path, version: int) -> Path:
    """Put a copy aside (`cases.schema-2.db`), whole and readable by the owner alone. Raises StoreError."""
    aside = path.with_suffix(f".schema-{version}{path.suffix}")
    part = aside.with_name(f"{aside.name}.{os.getpid()}.{secrets.token_hex(4)}.new")
    try:
        os.close(os.open(part, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600))
        with contextlib.closing(sqlite3.connect(path)) as source, contextlib.closing(sqlite3.connect(part)) as target:
            source.backup(target)
        part.replace(aside)
    except (OSError, sqlite3.Error) as error:
        part.unlink(missing_ok=True)
        why = system_fault(error) if isinstance(error, OSError) else translate(error, StoreLocation(file=path)).at("")
        raise StoreError("cases.no_copy", str(aside), why=why) from None
    return aside
