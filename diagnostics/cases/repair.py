"""Refuse a file that is not a store; set a damaged store aside and rebuild it from what can be read."""

from __future__ import annotations

import contextlib
import mmap
import os
import shutil
import sqlite3
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec
from sqlalchemy import insert

from diagnostics.cases import queries
from diagnostics.cases.database import Database, suspect
from diagnostics.cases.model import RefusedError, StoreGoneError, StoreLocation, is_id
from diagnostics.cases.schema import CASES, DELETIONS, EVENTS, MASKED, NOTES, TAGS, migrate
from diagnostics.files import FileLock
from diagnostics.library_errors import system_fault

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Column, Table

    from diagnostics.knowledge.model import Knowledge

MAGIC: Final = b"SQLite format 3\0"
"""The first bytes of every SQLite file."""


def refuse_foreign_file(path: Path) -> None:
    """Raise RefusedError for a file that is neither empty nor a store of ours, even a damaged one."""
    try:
        with path.open("rb") as file:
            head = file.read(len(MAGIC))
            if (MAGIC.startswith(head) and head != MAGIC) or not head.strip(b"\0"):
                return
            if head == MAGIC:
                strange = _is_foreign(path)
            else:
                with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
                    strange = data.find(b"CREATE TABLE cases") < 0  # else a store with a damaged header
    except OSError:  # opening the store reports it
        return
    if strange:
        raise RefusedError("cases.stranger", str(path))


def _is_foreign(path: Path) -> bool:
    """Whether a database has tables but not ours; an unreadable one may be ours, damaged."""
    try:
        with contextlib.closing(sqlite3.connect(f"{path.absolute().as_uri()}?immutable=1", uri=True)) as connection:
            names = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    except sqlite3.Error:
        return False
    return bool(names) and CASES.name not in names


_TABLES: Final[tuple[Table, ...]] = (CASES, NOTES, TAGS, MASKED, EVENTS, DELETIONS)
_EMPTY: Final[dict[str, Any]] = {
    column.name: None if column.nullable else 0 if column.type.python_type is int else ""
    for column in CASES.columns if column is not CASES.c.seq
} | {"observations": "[]", "sent": "[]"}  # fmt: skip
"""Default values, for columns that an older store lacks, or for a case whose row was lost."""
_KEYS: Final = ("case_id", "id", "uid", "tag", "kind", "number", "digest")
"""Columns that identify the rows of every table."""
_MISSED: Final = 100_000
"""Failed reads in sequence after which the rest of a table is given up: the pages that lead to it are damaged."""


def recover(path: Path, knowledge: Knowledge) -> tuple[Path, int, int]:
    """Set the damaged file aside and build a new one; returns its new path and how many cases and notes were recovered.

    Raises StoreGoneError if another process is repairing it, or on an error of the disk.
    """
    lock = FileLock(path.with_name(f"{path.name}.repair"))
    stamp = time.strftime("%Y%m%dT%H%M%S", time.gmtime())
    aside = path.with_suffix(f".damaged-{stamp}-{os.getpid()}{path.suffix}")
    new = path.with_name(f"{path.stem}.repaired-{os.getpid()}{path.suffix}")
    try:
        if not lock.take():
            raise StoreGoneError("cases.repairing", str(path))
        found = readable(path)
        _fill(new, found, knowledge)
        for old, kept in zip(_with_logs(path), _with_logs(aside), strict=True):
            with contextlib.suppress(FileNotFoundError):
                old.replace(kept)
        new.replace(path)
        suspect(path).unlink(missing_ok=True)
    except OSError as error:
        raise StoreGoneError("cases.not_repaired", str(path), why=system_fault(error)) from None
    finally:
        for left in _with_logs(new):
            left.unlink(missing_ok=True)
        lock.release(remove=True)
    return aside, len(found["cases"]), len(found["notes"])


def _with_logs(path: Path) -> list[Path]:
    return [path.with_name(path.name + ending) for ending in ("", "-wal", "-shm")]


def readable(path: Path) -> dict[str, list[dict[str, Any]]]:
    """Return the valid rows that SQLite can still read, by table. Raises OSError."""
    found: dict[str, dict[tuple[Any, ...], dict[str, Any]]] = {}
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=f"{path.name}.") as folder:
        copy = Path(folder) / "copy.db"  # opening the original would change it
        for old, new in zip(_with_logs(path)[:2], _with_logs(copy)[:2], strict=True):
            with contextlib.suppress(FileNotFoundError):
                shutil.copyfile(old, new)
        with contextlib.closing(sqlite3.connect(copy)) as connection:
            connection.row_factory = sqlite3.Row
            connection.text_factory = lambda data: data.decode("utf-8", "replace")
            for table in _TABLES:
                rows = (checked for row in _rows(connection, table) if (checked := _checked(table, row)))
                found[table.name] = {tuple(row.get(name) for name in _KEYS): row for row in rows}
    deleted = found.pop(DELETIONS.name)
    gone = {row["digest"] for row in deleted.values()}
    lost = {row["case_id"]: _stub(row) for row in found[NOTES.name].values()}
    cases = lost | {row["id"]: row for row in found.pop(CASES.name).values()}
    cases = {id_: row for id_, row in cases.items() if queries.digest_of(id_) not in gone}
    kept = {name: [row for row in rows_.values() if row["case_id"] in cases] for name, rows_ in found.items()}
    ordered = sorted(cases.values(), key=lambda row: (row["place"], row["id"]))
    last = -1
    for row in ordered:  # places are unique
        row["place"] = last = max(row["place"], last + 1)
    return {"cases": ordered, **kept, DELETIONS.name: list(deleted.values())}


def _rows(connection: sqlite3.Connection, table: Table) -> Iterator[dict[str, Any]]:
    """Yield the rows that can be read: after a damaged page, from the next row on that is found."""
    last = missed = 0
    while missed < _MISSED:
        try:
            for row in connection.execute(f"SELECT * FROM {table.name} WHERE seq > ? ORDER BY seq", (last,)):  # noqa: S608
                last, missed = row["seq"], 0
                yield dict(row)
        except sqlite3.DatabaseError:
            last, missed = last + 1, missed + 1
        else:
            return


def _checked(table: Table, row: dict[str, Any]) -> dict[str, Any] | None:
    """Return the row without its `seq`, None if its values do not have the table's types."""
    if table is CASES:
        row = _EMPTY | row
    if set(row) != set(table.columns.keys()) or not all(_has_type(table.columns[name], row[name]) for name in row):
        return None
    if row.pop("seq") < 1 or not (table is DELETIONS or is_id(row["id" if table is CASES else "case_id"])):
        return None
    for name, decoder in queries.DECODERS.items() if table is CASES else ():
        try:
            decoder.decode(row[name])
        except msgspec.MsgspecError:
            row[name] = "[]"
    return row


def _has_type(column: Column[Any], value: object) -> bool:
    return (value is None and column.nullable) or isinstance(value, column.type.python_type)


def _stub(note: dict[str, Any]) -> dict[str, Any]:
    """Return a case for a note whose case was lost."""
    return _EMPTY | {
        "id": note["case_id"], "version": 1, "operator": note["operator"], "status": "open", "created_at": note["at"],
        "updated_at": note["at"], "outcome": "not_enough_known", "first_status": "unknown", "lang": "zh",
    }  # fmt: skip


def _fill(new: Path, found: dict[str, list[dict[str, Any]]], knowledge: Knowledge) -> None:
    base = Database(StoreLocation(file=new))
    try:
        migrate(base, lambda _connection: None)
        with base.writing() as connection:
            for table in _TABLES:
                if found[table.name]:
                    connection.execute(insert(table), found[table.name])
            queries.reindex(connection, knowledge)
    finally:
        base.dispose()
