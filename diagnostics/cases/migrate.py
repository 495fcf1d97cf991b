"""Bring a store to this program's schema: an older one step by step after a copy was put aside, a newer one refused."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from typing import TYPE_CHECKING, Final

from sqlalchemy import inspect, text

from diagnostics.cases.engine import transaction
from diagnostics.cases.model import StoreError
from diagnostics.cases.schema import STEPS, VERSION

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Connection, Engine

    from diagnostics.cases.places import Place

_LOCK: Final = 0x77656964
"""Key of PostgreSQL's advisory lock: two programs that start at once bring the store up once."""


def bring_up(engine: Engine, place: Place) -> bool:
    """Make the tables or bring them up; returns whether anything was done. Raises StoreError, for a newer one too."""
    with transaction(engine, place, writes=False) as connection:
        found = _version(connection)
    _refuse_newer(found, place)
    if found == VERSION:
        return False
    if found and place.file is not None:
        _copy(place.file, found)
    with transaction(engine, place, writes=True) as connection:
        if connection.dialect.name != "sqlite":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        found = _version(connection)  # another program may have been quicker
        _refuse_newer(found, place)
        for step in STEPS[found:]:
            step(connection)
        _stamp(connection, VERSION)
    return found < VERSION


def _refuse_newer(found: int, place: Place) -> None:
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
    part = aside.with_name(f"{aside.name}.{os.getpid()}.new")
    try:
        os.close(os.open(part, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600))
        with contextlib.closing(sqlite3.connect(path)) as source, contextlib.closing(sqlite3.connect(part)) as target:
            source.backup(target)
        part.replace(aside)
    except (OSError, sqlite3.Error) as error:
        part.unlink(missing_ok=True)
        raise StoreError("cases.no_copy", str(aside), why=error) from None
    return aside
