"""Set a store up for a desk: what is there, what is missing and who can mend it; least rights for an agent."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

import msgspec
from sqlalchemy import text

from diagnostics.cases import database, retention
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
    user, base, owner, address, tls = connection.exec_driver_sql(_WHERE).one()
    yield Finding(key="login", ok=True, values={"user": user, "database": base})
    if tls:
        yield Finding(key="tls", ok=True, values={"tls": tls})
    else:
        yield Finding(key="no_tls" if address is not None else "socket", ok=address is None)
    yield Finding(key="tables", ok=True, values={"version": VERSION, "owner": owner})
    wanted = [("table", name, right) for name in _NAMES for right in _RIGHTS]
    wanted += [("table", _VERSION_TABLE, "SELECT"), *(("sequence", name, "USAGE") for name in _sequences(connection))]
    lacking = sorted(f"{right} {name}" for kind, name, right in wanted if not _has(connection, kind, name, right))
    if lacking:
        yield Finding(key="no_rights", ok=False, values={"what": ", ".join(lacking), "owner": owner, "user": user})
    else:
        yield Finding(key="rights", ok=True, values={"user": user})
    apart = abs((database.server_seconds(connection) or 0) - time.time())
    key = "clock" if apart < _CLOCK_SECONDS else "clock_apart"
    yield Finding(key=key, ok=apart < HOUR, values={"seconds": round(apart)})


_WHERE: Final = """
SELECT current_user, current_database(),
  (SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = to_regclass('cases')),
  inet_client_addr(), (SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid())"""


def _has(connection: Connection, kind: str, name: str, right: str) -> bool:
    query = text(f"SELECT has_{kind}_privilege(to_regclass(:name)::oid, :right)")
    return bool(connection.execute(query, {"name": name, "right": right}).scalar())


def _sequences(connection: Connection) -> list[str]:
    query = text("SELECT pg_get_serial_sequence(name, 'seq') FROM unnest(CAST(:names AS text[])) AS name")
    names = [table.name for table in TABLES if "seq" in table.c]
    return [name for name in connection.execute(query, {"names": names}).scalars() if name]


def grant(store: CaseStore, role: str) -> None:
    """Give an agent's role what working on cases needs and nothing more. Raises StoreRefusedError for who may not."""
    if store.place.file is not None:
        raise StoreRefusedError("cases.no_roles", store.place.name)
    with store.writing() as connection:
        if connection.execute(text("SELECT 1 FROM pg_roles WHERE rolname = :role"), {"role": role}).first() is None:
            raise StoreRefusedError("cases.no_role", store.place.name, role=role)
        who = connection.dialect.identifier_preparer.quote_identifier(role)
        schema = connection.exec_driver_sql(
            "SELECT relnamespace::regnamespace::text FROM pg_class WHERE oid = to_regclass('cases')"
        ).scalar_one()
        for right in (
            f"USAGE ON SCHEMA {schema}",
            f"{', '.join(_RIGHTS)} ON {', '.join(_NAMES)}",
            f"SELECT ON {_VERSION_TABLE}",
            f"USAGE ON SEQUENCE {', '.join(_sequences(connection))}",
        ):
            connection.exec_driver_sql(f"GRANT {right} TO {who}")
