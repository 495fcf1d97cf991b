"""Create the tables or bring them up; examine a shared store and grant an agent's rights."""

from __future__ import annotations

import contextlib
import os
import secrets
import sqlite3
from typing import TYPE_CHECKING, Any, Final

import msgspec
from sqlalchemy import inspect, text

from diagnostics.cases import deletion, queries
from diagnostics.cases.database import transaction, translate
from diagnostics.cases.model import StoreError, StoreGoneError, StoreLocation, StoreRefusedError
from diagnostics.cases.schema import STEPS, TABLES, VERSION
from diagnostics.library_errors import system_fault

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Connection, Engine

    from diagnostics.cases.store import CaseStore
    from diagnostics.knowledge.model import Knowledge

_OWNER: Final = "SELECT pg_get_userbyid(c.relowner) FROM pg_class c WHERE c.oid = to_regclass('cases')"
_LOCK: Final = 0x77656964
"""Key of PostgreSQL's advisory lock: two programs that start at once bring the store up once."""


def migrate(engine: Engine, place: StoreLocation, knowledge: Knowledge | None) -> bool:
    """Make the tables or bring them up; returns whether anything was done. Raises StoreError, for a newer one too.

    All of it is one transaction, the words of the search too: a kill leaves the store as it was, and nobody sees half.
    """
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
        if found and knowledge is not None:
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


_RIGHTS: Final = ("SELECT", "INSERT", "UPDATE", "DELETE")
_NAMES: Final = (*(table.name for table in TABLES), "case_words")
_VERSION_TABLE: Final = "weilidai_doctor_schema"
_CLOCK_SECONDS: Final = 60


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was looked at: whether it is as it should be, and the text that says so, `cases.init.<key>`."""

    key: str
    ok: bool
    values: dict[str, object] = {}


def examine(store: CaseStore) -> Iterator[Finding]:
    """Look at an open store. Raises StoreError."""
    with store.reading() as connection:
        if store.place.file is not None:
            yield Finding(key="file", ok=True, values={"file": store.place.name, "version": VERSION})
        else:
            yield from _server(connection)
        yield Finding(key="retention" if deletion.read(connection) else "no_retention", ok=True)


def _server(connection: Connection) -> Iterator[Finding]:
    user, database, owner = connection.execute(
        text(
            "SELECT current_user, current_database(), "
            "(SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = to_regclass('cases'))"
        )
    ).one()
    yield Finding(key="login", ok=True, values={"user": user, "database": database})
    tls = connection.execute(
        text("SELECT inet_client_addr(), (SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid())")
    ).one()
    if tls[1]:
        yield Finding(key="tls", ok=True, values={"tls": tls[1]})
    elif tls[0] is None:
        yield Finding(key="socket", ok=True)
    else:
        yield Finding(key="no_tls", ok=False)
    yield Finding(key="tables", ok=True, values={"version": VERSION, "owner": owner})
    lacking = sorted(_lacking(connection))
    if lacking:
        yield Finding(key="no_rights", ok=False, values={"what": ", ".join(lacking), "owner": owner, "user": user})
    else:
        yield Finding(key="rights", ok=True, values={"user": user})
    import time

    apart = abs((deletion.server_seconds(connection) or 0) - time.time())
    yield Finding(key="clock" if apart < _CLOCK_SECONDS else "clock_apart", ok=apart < deletion.HOUR,
                  values={"seconds": round(apart)})  # fmt: skip


def _lacking(connection: Connection) -> Iterator[str]:
    """Yield the rights that whoever is logged in needs and does not have."""
    for name in _NAMES:
        for right in _RIGHTS:
            if not _has(connection, "has_table_privilege", name, right):
                yield f"{right} {name}"
    if not _has(connection, "has_table_privilege", _VERSION_TABLE, "SELECT"):
        yield f"SELECT {_VERSION_TABLE}"
    for sequence in _sequences(connection):
        if not _has(connection, "has_sequence_privilege", sequence, "USAGE"):
            yield f"USAGE {sequence}"


def _has(connection: Connection, function: str, name: str, right: str) -> bool:
    query = text(f"SELECT {function}(to_regclass(:name)::oid, :right)")
    return bool(connection.execute(query, {"name": name, "right": right}).scalar())


def _sequences(connection: Connection) -> list[str]:
    found = (
        connection.execute(text("SELECT pg_get_serial_sequence(:name, 'seq')"), {"name": table.name}).scalar()
        for table in TABLES
        if "seq" in table.c
    )
    return [str(name) for name in found if name]


def grant(store: CaseStore, role: str) -> None:
    """Give an agent's role what working on cases needs and nothing more. Raises StoreRefusedError for who may not."""
    if store.place.file is not None:
        raise StoreRefusedError("cases.no_roles", store.place.name)
    with store.writing() as connection:
        known = connection.execute(text("SELECT 1 FROM pg_roles WHERE rolname = :role"), {"role": role}).first()
        if known is None:
            raise StoreRefusedError("cases.no_role", store.place.name, role=role)
        _grant(connection, connection.dialect.identifier_preparer.quote_identifier(role))


def _grant(connection: Connection, who: str) -> None:
    schema: Any = connection.execute(
        text("SELECT relnamespace::regnamespace::text FROM pg_class WHERE oid = to_regclass('cases')")
    ).scalar_one()
    for statement in (
        f"GRANT USAGE ON SCHEMA {schema} TO {who}",
        f"GRANT {', '.join(_RIGHTS)} ON {', '.join(_NAMES)} TO {who}",
        f"GRANT SELECT ON {_VERSION_TABLE} TO {who}",
        f"GRANT USAGE ON SEQUENCE {', '.join(_sequences(connection))} TO {who}",
    ):
        connection.exec_driver_sql(statement)
