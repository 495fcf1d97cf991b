"""What went wrong with a database, told in our words: by the codes of SQLite and PostgreSQL, never in the driver's."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from diagnostics.cases.model import (
    AtOnceError,
    StoreDamagedError,
    StoreError,
    StoreGoneError,
    StoreRefusedError,
)
from diagnostics.i18n import UserError
from diagnostics.library_errors import system_fault

if TYPE_CHECKING:
    from diagnostics.cases.places import Place

_SQLITE: Final[tuple[tuple[str, type[StoreError], str], ...]] = (
    ("SQLITE_CORRUPT", StoreDamagedError, "damaged"),
    ("SQLITE_NOTADB", StoreDamagedError, "no_store_file"),
    ("SQLITE_FULL", StoreGoneError, "disk_full"),
    ("SQLITE_BUSY", StoreGoneError, "locked"),
    ("SQLITE_LOCKED", StoreGoneError, "locked"),
    ("SQLITE_READONLY", StoreGoneError, "read_only"),
    ("SQLITE_CANTOPEN", StoreGoneError, "not_opened"),
    ("SQLITE_PERM", StoreGoneError, "not_opened"),
    ("SQLITE_IOERR", StoreGoneError, "disk_errors"),
    ("SQLITE_CONSTRAINT", AtOnceError, "at_once"),
)
"""By the beginning of SQLite's own name for the error."""
_POSTGRESQL: Final[tuple[tuple[str, type[StoreError], str], ...]] = (
    ("23505", AtOnceError, "at_once"),
    ("40", AtOnceError, "at_once"),  # a deadlock, or changes that cannot be put in an order
    ("42501", StoreRefusedError, "no_right"),
    ("28", StoreRefusedError, "login_refused"),
    ("3D000", StoreRefusedError, "no_database"),
    ("3F000", StoreRefusedError, "no_schema"),
    ("42P01", StoreRefusedError, "no_tables"),
    ("42703", StoreRefusedError, "no_tables"),
    ("25006", StoreGoneError, "read_only"),
    ("55P03", StoreGoneError, "locked_there"),
    ("55006", StoreGoneError, "locked_there"),
    ("57014", StoreGoneError, "too_slow"),
    ("25P03", StoreGoneError, "too_slow"),
    ("53100", StoreGoneError, "disk_full_there"),
    ("53200", StoreGoneError, "memory_full_there"),
    ("53300", StoreGoneError, "too_many_connections"),
    ("58030", StoreGoneError, "disk_errors_there"),
    ("57P", StoreGoneError, "going_down"),
    ("XX001", StoreGoneError, "damaged_there"),
    ("XX002", StoreGoneError, "damaged_there"),
)
"""By the beginning of the SQLSTATE."""
_LOGIN: Final[tuple[tuple[str, type[StoreError], str], ...]] = (
    (r"password authentication failed|authentication failed", StoreRefusedError, "login_refused"),
    (r"no password supplied", StoreRefusedError, "no_password"),
    (r"no pg_hba\.conf entry|pg_hba\.conf rejects", StoreRefusedError, "not_let_in"),
    (r'role "[^"]*" does not exist|role "[^"]*" is not permitted', StoreRefusedError, "login_refused"),
    (r'database "[^"]*" does not exist', StoreRefusedError, "no_database"),
    (r"permission denied for database", StoreRefusedError, "no_right"),
    (r"too many (?:clients|connections)|remaining connection slots", StoreGoneError, "too_many_connections"),
    (r"starting up|shutting down|in recovery", StoreGoneError, "going_down"),
)
"""What the server says at the door, where libpq passes on no code."""
_TLS: Final = (
    (r"does not support SSL", "not_offered"),
    (r"does not match host name", "wrong_name"),
    (r"certificate|SSL error|SSL SYSCALL|sslrootcert", "untrusted"),
)
_NO_ANSWER: Final = (
    (r"[Cc]onnection refused|No such file or directory", "refused"),
    (r"timeout|timed out", "no_answer"),
    (r"resolve|translate host name|Name or service|nodename", "no_name"),
    (r"No route|unreachable", "no_route"),
)


def translate(error: BaseException, place: Place) -> StoreError:
    """Say in one line what went wrong, and whether it may work later."""
    if isinstance(error, PoolTimeout):
        return StoreGoneError("cases.too_many_connections", place.name)
    origin = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    if isinstance(origin, OSError):
        return StoreGoneError("because", place.name, why=system_fault(origin))
    return _sqlite(origin, place) if place.file is not None else _postgresql(origin, place)


def _sqlite(origin: BaseException, place: Place) -> StoreError:
    name = str(getattr(origin, "sqlite_errorname", "") or type(origin).__name__)
    for begin, kind, key in _SQLITE:
        if name.startswith(begin):
            return kind(f"cases.{key}", place.name)
    return StoreError("cases.refused", place.name, code=name)


def _postgresql(origin: BaseException, place: Place) -> StoreError:
    state = str(getattr(origin, "sqlstate", None) or "")
    for begin, kind, key in _POSTGRESQL:
        if state.startswith(begin):
            return kind(f"cases.{key}", place.name)
    import psycopg

    if state and not state.startswith("08"):
        return StoreError("cases.refused", place.name, code=state)
    if isinstance(origin, (psycopg.OperationalError, psycopg.InterfaceError)):
        return _no_connection(origin, place)
    return StoreError("cases.refused", place.name, code=type(origin).__name__)


def _no_connection(origin: BaseException, place: Place) -> StoreError:
    """Say why there is no connection, or none any more."""
    said = str(origin)
    for pattern, kind, key in _LOGIN:
        if re.search(pattern, said):
            return kind(f"cases.{key}", place.name)
    for pattern, key in _TLS:
        if re.search(pattern, said):
            return StoreGoneError("cases.no_tls", place.name, why=UserError(f"away.{key}"))
    link = getattr(origin, "pgconn", None)
    if link is not None and (link.needs_password or link.used_password):  # the server speaks another language
        if link.used_password:
            return StoreRefusedError("cases.login_refused", place.name)
        return StoreRefusedError("cases.no_password", place.name)
    reason = next((key for pattern, key in _NO_ANSWER if re.search(pattern, said)), "lost")
    return StoreGoneError("cases.away", place.name, why=UserError(f"away.{reason}"))
