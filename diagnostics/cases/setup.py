"""Set a store up for a desk: what is there, what is missing and who can mend it; least rights for an agent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec
from sqlalchemy import text

from diagnostics.cases import retention
from diagnostics.cases.model import HOUR, StoreRefusedError
from diagnostics.cases.schema import TABLES, VERSION

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from diagnostics.cases.store import CaseStore

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
        yield Finding(key="retention" if retention.has_periods(connection) else "no_retention", ok=True)


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

    apart = abs((database.server_seconds(connection) or 0) - time.time())
    yield Finding(key="clock" if apart < _CLOCK_SECONDS else "clock_apart", ok=apart < HOUR,
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
