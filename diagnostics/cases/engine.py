"""Connections: SQLite so that a kill loses nothing, PostgreSQL with a deadline on every wait; faults in one line."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import URL, create_engine, event
from sqlalchemy.exc import SQLAlchemyError

from diagnostics.cases.faults import translate
from diagnostics.cases.model import StoreDamagedError, StoreError, StoreGoneError
from diagnostics.cases.waits import PATIENT, limit_waits
from diagnostics.files import private_folder
from diagnostics.library_errors import system_fault

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Connection, Engine

    from diagnostics.cases.places import Place

BUSY_SECONDS: Final = 5.0
"""How long a write waits for another window's before it says so."""
_CONNECT_SECONDS: Final = 3
_STATEMENT_MS: Final = 8_000
_WRITES: Final = "weilidai_writes"
_PRAGMAS: Final = (
    f"PRAGMA busy_timeout={int(BUSY_SECONDS * 1000)}",
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA secure_delete=ON",
    "PRAGMA foreign_keys=ON",
    "PRAGMA temp_store=MEMORY",
    "PRAGMA cache_size=-16000",
)


def make_engine(place: Place) -> Engine:
    """Return the engine for a store; nothing is opened yet but the file's own access. Raises StoreError."""
    if place.file is not None:
        return _sqlite(place.file)
    engine = _postgresql(place.url or "")
    limit_waits(engine)
    return engine


def _sqlite(path: Path) -> Engine:
    try:
        private_folder(path.parent)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        _own(path)
    except OSError as error:
        raise StoreGoneError("because", str(path), why=system_fault(error)) from None
    engine = create_engine(
        URL.create("sqlite+pysqlite", database=os.path.abspath(path)),  # noqa: PTH100  from parts: a `?` is no query
        connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False, "cached_statements": 256},
    )

    @event.listens_for(engine, "connect")
    def connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # transactions begin where `begin` below says so, and nowhere else
        cursor = connection.cursor()
        for pragma in _PRAGMAS:
            cursor.execute(pragma)
        opened = next(row[2] for row in cursor.execute("PRAGMA database_list") if row[1] == "main")
        cursor.close()
        if not opened or not path.samefile(opened):
            raise StoreError("cases.another_file", str(path))
        _own(path)  # SQLite makes one that went away meanwhile as the umask has it

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get(_WRITES)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _own(path: Path) -> None:
    if os.name == "posix" and path.stat().st_mode & 0o077:
        path.chmod(0o600)


def _postgresql(url: str) -> Engine:
    from diagnostics.cases.connecting import parameters

    arguments: dict[str, Any] = {
        **parameters(url),
        "connect_timeout": _CONNECT_SECONDS,
        "application_name": "weilidai-doctor",
        "keepalives_idle": 10,
        "tcp_user_timeout": _STATEMENT_MS,
        "options": f"-c statement_timeout={_STATEMENT_MS} -c lock_timeout={int(BUSY_SECONDS * 1000)} "
        "-c idle_in_transaction_session_timeout=60000 -c timezone=UTC",
    }
    return create_engine(
        "postgresql+psycopg://", connect_args=arguments, pool_pre_ping=True, pool_size=5, pool_timeout=_CONNECT_SECONDS
    )


@contextlib.contextmanager
def transaction(engine: Engine, place: Place, *, writes: bool, patient: bool = False) -> Iterator[Connection]:
    """One transaction: all of it or nothing. Raises StoreError and its kinds instead of the driver's errors.

    A `patient` one may take as long as it needs: it brings the tables up.
    """
    try:
        with engine.connect() as connection:
            if writes:
                connection = connection.execution_options(**{_WRITES: True})
            with connection.begin():
                if patient and connection.dialect.name != "sqlite":
                    connection.connection.driver_connection.limit = PATIENT  # type: ignore[union-attr]
                    connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
                yield connection
    except (SQLAlchemyError, OSError) as error:
        fault = translate(error, place)
        if isinstance(fault, StoreDamagedError) and place.file is not None:
            with contextlib.suppress(OSError):
                suspect(place.file).touch(mode=0o600)
        raise fault from None


def suspect(path: Path) -> Path:
    """Where it is noted that a file erred while it was worked on: the next start repairs it."""
    return path.with_name(f"{path.name}.suspect")
