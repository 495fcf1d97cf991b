"""The tables (SQLAlchemy Core), the migration of older stores, and the set-up of a shared store."""

from __future__ import annotations

import contextlib
import os
import secrets
import sqlite3
import time
from typing import TYPE_CHECKING, Any, Final

import msgspec
from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    delete,
    insert,
    inspect,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.schema import CreateColumn

from diagnostics.cases import database
from diagnostics.cases.database import is_sqlite, translate
from diagnostics.cases.model import HOUR, StoreError, StoreGoneError, StoreLocation, StoreRefusedError
from diagnostics.library_errors import system_fault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sqlalchemy import Connection

    from diagnostics.cases.database import Database

METADATA: Final = MetaData()
_SERIAL: Final = BigInteger().with_variant(Integer(), "sqlite")


def _table(name: str, *columns: Column[Any] | Index) -> Table:
    """Return a table with a serial primary key."""
    return Table(name, METADATA, Column("seq", _SERIAL, primary_key=True, autoincrement=True), *columns)


def _case_id(**more: Any) -> Column[str]:
    """Return the foreign key of rows that are deleted with their case."""
    return Column("case_id", String(16), ForeignKey("cases.id", ondelete="CASCADE"), nullable=False, **more)


def _text(name: str, length: int | None = None, **more: Any) -> Column[str]:
    return Column(name, Text() if length is None else String(length), **{"nullable": False, **more})


def _number(name: str) -> Column[int]:
    return Column(name, Integer, nullable=False)


CASES: Final = _table(
    "cases",
    _text("id", 16, unique=True), _number("version"), Column("place", BigInteger, nullable=False),
    _text("label"), _text("operator"), _text("status", 8), _text("created_at", 24), _text("updated_at", 24),
    _text("outcome", 24), _text("first_cause", 48), _text("first_status", 16), _text("proven", 48, nullable=True),
    _text("closed_at", 24, nullable=True), _number("answered"), _number("seconds"),
    _text("lang", 4), _text("knowledge"), _text("consent_at", 24, nullable=True), _text("changed_by"),
    _text("writer", 24), _text("observations"),
    _text("owner", server_default=""), _text("due_on", 10, nullable=True), _text("sent", server_default="[]"),
    Index("cases_place", "place", unique=True),
    Index("cases_status", "status", "place"),
    Index("cases_operator", "operator", "place"),
    Index("cases_outcome", "outcome", "place"),
    Index("cases_first", "first_cause", "place"),
    Index("cases_proven", "proven", "place"),
    Index("cases_owned", "owner", "place"),
    Index("cases_owned_status", "owner", "status", "place"),
    Index("cases_touched", "updated_at", "status", "place"),
    Index("cases_counted", "created_at", "status", "outcome", "first_cause", "first_status", "proven", "answered",
          "seconds", "operator", "place"),  # all that statistics read
)  # fmt: skip
NOTES: Final = _table(
    "notes", _text("id", 24, unique=True), _case_id(index=True), _text("at", 24), _text("operator"), _text("text")
)
TAGS: Final = _table(
    "tags", _case_id(), _text("tag"), Index("tags_case", "case_id", "tag", unique=True), Index("tags_tag", "tag")
)
MASKED: Final = _table(
    "masked", _case_id(), _text("kind"), _number("number"), _text("digest", 32), _number("times"),
    Index("masked_case", "case_id", "kind", "number", unique=True),
)  # fmt: skip
EVENTS: Final = _table(
    "events", _text("uid", 24, unique=True), _case_id(index=True), _number("version"), _text("at", 24),
    _text("operator"), _text("kind", 16), _text("detail"),
)  # fmt: skip
"""The history of cases."""
DELETIONS: Final = _table(
    "deletions", _text("digest", 32, unique=True), _text("at", 24), _text("operator"), _number("finished")
)
"""Deleted cases, by a digest of their id."""
FACTS: Final = Table("store_facts", METADATA, _text("name", 48, primary_key=True), _text("value"))
"""Facts about the store itself, by name."""
VERSION_TABLE: Final = Table("weilidai_doctor_schema", MetaData(), Column("version", Integer, nullable=False))
"""PostgreSQL's schema version; SQLite has it in `user_version`."""
WORDS: Final = Table(
    "case_words", MetaData(),
    Column("place", BigInteger, ForeignKey(CASES.c.place, ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("words", TSVECTOR),
    Index("case_words_index", "words", postgresql_using="gin"),
)  # fmt: skip
"""The search index in PostgreSQL, in the order of the list: a page of a search needs no sorting."""
TABLES: Final = (CASES, NOTES, TAGS, MASKED, EVENTS, DELETIONS, FACTS, WORDS)

VERSION: Final = 8
"""The schema version; increase it with each change here, so that older stores are migrated."""
_SQLITE: Final = (
    "CREATE VIRTUAL TABLE IF NOT EXISTS case_words USING fts5(words, tokenize='unicode61 remove_diacritics 0')",
    *(f"DROP TRIGGER IF EXISTS figures_{when}" for when in ("made", "changed", "gone")),  # of version 7
    "DROP TABLE IF EXISTS figures",
)
_POSTGRESQL: Final = ("DROP FUNCTION IF EXISTS figures_changed() CASCADE", "DROP TABLE IF EXISTS figures")
_OWNER: Final = "SELECT pg_get_userbyid(c.relowner) FROM pg_class c WHERE c.oid = to_regclass('cases')"
_LOCK: Final = 0x77656964
"""Key of PostgreSQL's advisory lock for migrations."""


def create_missing(connection: Connection) -> None:
    """Create all tables, columns and indexes that are missing, and drop what is no longer used."""
    METADATA.create_all(connection)
    had = {column["name"] for column in inspect(connection).get_columns("cases")}
    for column in CASES.columns:
        if column.name not in had:
            connection.execute(text(f"ALTER TABLE cases ADD COLUMN {CreateColumn(column).compile(connection)}"))
    connection.execute(text("DROP INDEX IF EXISTS cases_updated"))  # of version 0.1.0
    for index in CASES.indexes:
        index.create(connection, checkfirst=True)
    if not is_sqlite(connection):
        WORDS.create(connection, checkfirst=True)
    for statement in _SQLITE if is_sqlite(connection) else _POSTGRESQL:
        connection.exec_driver_sql(statement)


def migrate(base: Database, reindex: Callable[[Connection], object]) -> None:
    """Create or migrate the tables; a file is copied before. Raises StoreError, also for a newer store.

    `reindex` rebuilds the search index, which older versions had otherwise or not at all.
    """
    place = base.place
    with base.reading() as connection:
        found = version_of(connection, place)
    if found == VERSION:
        return
    if found and place.file is not None:
        _copy(place.file, found)
    with _explained_refusal(base), base.writing(patient=True) as connection:
        database.lock_by_key(connection, _LOCK)
        found = version_of(connection, place)
        if found == VERSION:  # another process was quicker
            return
        create_missing(connection)
        if found:
            reindex(connection)
        stamp_version(connection, VERSION)


@contextlib.contextmanager
def _explained_refusal(base: Database) -> Iterator[None]:
    """Explain a refused migration: who has to do it, or that another process is doing it."""
    try:
        yield
    except StoreRefusedError as error:
        if error.key != "cases.no_right":
            raise
        with base.reading() as connection:
            owner = connection.execute(text(_OWNER)).scalar()
        if owner is None:
            raise StoreRefusedError("cases.may_not_make", base.place.name) from None
        raise StoreRefusedError("cases.not_owner", base.place.name, owner=owner) from None
    except StoreGoneError as error:
        if error.key not in ("cases.locked", "cases.locked_there"):
            raise
        raise StoreGoneError("cases.being_brought_up", base.place.name) from None


def version_of(connection: Connection, place: StoreLocation) -> int:
    """Return the schema version of a store, 0 for a new one. Raises StoreError if it is newer than ours."""
    found = 0
    if is_sqlite(connection):
        found = connection.execute(text("PRAGMA user_version")).scalar_one()
    elif inspect(connection).has_table(VERSION_TABLE.name):
        found = connection.execute(select(VERSION_TABLE.c.version)).scalar_one()
    if found > VERSION:
        raise StoreError("cases.newer", place.name, found=found, known=VERSION)
    return int(found)


def stamp_version(connection: Connection, version: int) -> None:
    """Set the schema version of a store."""
    if is_sqlite(connection):
        connection.execute(text(f"PRAGMA user_version = {version}"))
        return
    VERSION_TABLE.create(connection, checkfirst=True)
    connection.execute(delete(VERSION_TABLE))
    connection.execute(insert(VERSION_TABLE).values(version=version))


def _copy(path: Path, version: int) -> None:
    """Copy the file to `cases.schema-N.db`, readable by its owner only. Raises StoreError."""
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


_RIGHTS: Final = ("SELECT", "INSERT", "UPDATE", "DELETE")
_NAMES: Final = tuple(table.name for table in TABLES)
_CLOCK_SECONDS: Final = 60
_WHERE: Final = f"""
SELECT current_user, current_database(), ({_OWNER}),
  inet_client_addr(), (SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid())"""  # noqa: S608  names of ours


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One result of `examine`: whether it is good, and the key of its text, `cases.init.<key>`."""

    key: str
    ok: bool
    values: dict[str, object] = {}


def examine(connection: Connection, place: StoreLocation) -> Iterator[Finding]:
    """Yield what is right and what is missing in the set-up of a store. Raises StoreError."""
    if place.file is not None:
        yield Finding(key="file", ok=True, values={"file": place.name, "version": VERSION})
        return
    user, base, owner, address, tls = connection.exec_driver_sql(_WHERE).one()
    yield Finding(key="login", ok=True, values={"user": user, "database": base})
    if tls:
        yield Finding(key="tls", ok=True, values={"tls": tls})
    else:
        yield Finding(key="no_tls" if address is not None else "socket", ok=address is None)
    yield Finding(key="tables", ok=True, values={"version": VERSION, "owner": owner})
    wanted = [("table", name, right) for name in _NAMES for right in _RIGHTS]
    wanted += [("table", VERSION_TABLE.name, "SELECT"), *(("sequence", one, "USAGE") for one in _sequences(connection))]
    lacking = sorted(f"{right} {name}" for kind, name, right in wanted if not _has(connection, kind, name, right))
    if lacking:
        yield Finding(key="no_rights", ok=False, values={"what": ", ".join(lacking), "owner": owner, "user": user})
    else:
        yield Finding(key="rights", ok=True, values={"user": user})
    apart = abs((database.server_seconds(connection) or 0) - time.time())
    key = "clock" if apart < _CLOCK_SECONDS else "clock_apart"
    yield Finding(key=key, ok=apart < HOUR, values={"seconds": round(apart)})


def _has(connection: Connection, kind: str, name: str, right: str) -> bool:
    query = text(f"SELECT has_{kind}_privilege(to_regclass(:name)::oid, :right)")
    return bool(connection.execute(query, {"name": name, "right": right}).scalar())


def _sequences(connection: Connection) -> list[str]:
    query = text("SELECT pg_get_serial_sequence(name, 'seq') FROM unnest(CAST(:names AS text[])) AS name")
    names = [table.name for table in TABLES if "seq" in table.c]
    return [name for name in connection.execute(query, {"names": names}).scalars() if name]


def grant(connection: Connection, place: StoreLocation, role: str) -> None:
    """Grant a role the least privileges for working on cases. Raises StoreRefusedError."""
    if place.file is not None:
        raise StoreRefusedError("cases.no_roles", place.name)
    if connection.execute(text("SELECT 1 FROM pg_roles WHERE rolname = :role"), {"role": role}).first() is None:
        raise StoreRefusedError("cases.no_role", place.name, role=role)
    schema = connection.exec_driver_sql(
        "SELECT relnamespace::regnamespace::text FROM pg_class WHERE oid = to_regclass('cases')"
    ).scalar_one()
    for right in (
        f"USAGE ON SCHEMA {schema}",
        f"{', '.join(_RIGHTS)} ON {', '.join(_NAMES)}",
        f"SELECT ON {VERSION_TABLE.name}",
        f"USAGE ON SEQUENCE {', '.join(_sequences(connection))}",
    ):
        connection.exec_driver_sql(f"GRANT {right} TO {_quoted(connection, role)}")


def _quoted(connection: Connection, name: str) -> str:
    return connection.dialect.identifier_preparer.quote_identifier(name)
