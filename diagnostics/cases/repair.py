"""Refuse a file that is no store; set a damaged one aside and build a new one from what can be read."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import time
from typing import TYPE_CHECKING, Any, Final

import msgspec
from sqlalchemy import insert

from diagnostics.cases import queries, salvage
from diagnostics.cases.database import make_engine, suspect, transaction
from diagnostics.cases.deletion import digest_of
from diagnostics.cases.migrations import migrate
from diagnostics.cases.model import RefusedError, StoreGoneError, StoreLocation, is_id
from diagnostics.cases.salvage import MAGIC
from diagnostics.cases.schema import CASES, DELETIONS, EVENTS, MASKED, NOTES, TAGS, VERSION
from diagnostics.evidence import Observation
from diagnostics.files import FileLock
from diagnostics.library_errors import system_fault

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from sqlalchemy import Table

    from diagnostics.knowledge.model import Knowledge

_TEXT: Final = 65_536
"""So many bytes without a single NUL are a text: every page of a database has some."""


def refuse_stranger(path: Path) -> None:
    """Raise RefusedError for a text, for another program's database, and for what holds nothing of ours.

    An empty file, one of zeros and the beginning of a database pass: what a crash leaves of a store looks so.
    """
    try:
        with path.open("rb") as file:
            head = file.read(_TEXT)
    except OSError:  # there is none yet, or opening it for good says why not
        return
    if head.startswith(MAGIC):
        strange = not 1 <= int.from_bytes(head[60:64], "big") <= VERSION and _anothers(path)
    elif MAGIC.startswith(head) or not head[: len(MAGIC)].strip(b"\0"):
        return
    else:
        strange = b"\0" not in head or _nothing_of_ours(path)
    if strange:
        raise RefusedError("cases.stranger", str(path))


def _anothers(path: Path) -> bool:
    """Whether a database has tables and none of them is ours; one that cannot be read is damaged, and may be ours."""
    try:
        with contextlib.closing(sqlite3.connect(f"{path.absolute().as_uri()}?immutable=1", uri=True)) as connection:
            names = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    except sqlite3.Error:
        return False
    return bool(names) and CASES.name not in names


def _nothing_of_ours(path: Path) -> bool:

    try:
        return not readable(path)["cases"]
    except OSError:
        return False


_BATCH: Final = 500
_TABLES: Final[tuple[Table, ...]] = (CASES, NOTES, TAGS, MASKED, EVENTS, DELETIONS)
_ADDED_LATER: Final = {"owner": "", "due_on": None}
"""Columns of a case that a row of an older program does not have, and what stands there then."""
_OBSERVATIONS: Final = msgspec.json.Decoder(list[Observation])


def recover(path: Path, knowledge: Knowledge) -> tuple[Path, int, int]:
    """Set the damaged file aside and build a new one from what can be read; returns where, cases and notes recovered.

    Raises StoreGoneError where another window is at it, or the disk does not let it happen.
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
        for ending in ("", "-wal", "-shm"):
            with contextlib.suppress(FileNotFoundError):
                path.with_name(path.name + ending).replace(aside.with_name(aside.name + ending))
        new.replace(path)
        suspect(path).unlink(missing_ok=True)
    except OSError as error:
        raise StoreGoneError("cases.not_repaired", str(path), why=system_fault(error)) from None
    finally:
        for ending in ("", "-wal", "-shm"):
            new.with_name(new.name + ending).unlink(missing_ok=True)
        lock.release(remove=True)
    return aside, len(found["cases"]), len(found["notes"])


def readable(path: Path) -> dict[str, list[dict[str, Any]]]:
    """Tell the rows of our tables from each other by their shape, and keep those that make sense."""
    cases: dict[str, dict[str, Any]] = {}
    others: dict[str, dict[tuple[Any, ...], dict[str, Any]]] = {
        table.name: {} for table in _TABLES if table is not CASES
    }
    for rowid, values in salvage.rows(path, path.with_name(path.name + "-wal")):
        for table in _TABLES:
            row = _as_row(table, rowid, values)
            if row is None:
                continue
            if table is CASES:
                held = cases.get(row["id"])
                if held is None or held["version"] <= row["version"]:
                    cases[row["id"]] = row
            else:
                key = tuple(row.get(name) for name in ("case_id", "id", "uid", "tag", "kind", "number", "digest"))
                others[table.name][key] = row
            break
    deleted = others.pop(DELETIONS.name)
    gone = {row["digest"] for row in deleted.values()}
    for row in others[NOTES.name].values():
        if row["case_id"] not in cases:
            cases[row["case_id"]] = _stub(row)
    cases = {id_: row for id_, row in cases.items() if digest_of(id_) not in gone}
    kept = {name: [row for row in rows_.values() if row["case_id"] in cases] for name, rows_ in others.items()}
    ordered = sorted(cases.values(), key=lambda row: (row["place"], row["id"]))
    last = -1
    for row in ordered:  # no two cases have one place: a damaged figure gives way
        row["place"] = last = max(row["place"], last + 1)
    return {"cases": ordered, **kept, DELETIONS.name: list(deleted.values())}


def _as_row(table: Table, rowid: int, values: list[salvage.Value]) -> dict[str, Any] | None:
    """Return the values as a row of this table, None where they are none."""
    columns = list(table.columns)
    if table is CASES and len(values) == len(columns) - len(_ADDED_LATER):
        values = [*values, *_ADDED_LATER.values()]
    if len(values) != len(columns) or values[0] is not None:
        return None
    row = {column.name: value for column, value in zip(columns, values, strict=True)}
    for column in columns[1:]:
        value = row[column.name]
        if value is None and column.nullable:
            continue
        if not isinstance(value, column.type.python_type):
            return None
    if rowid < 1 or (table is not DELETIONS and not is_id(str(row["id"] if table is CASES else row["case_id"]))):
        return None
    if table is CASES:
        try:
            _OBSERVATIONS.decode(str(row["observations"]))
        except msgspec.MsgspecError:
            row["observations"] = "[]"
    del row["seq"]
    return row


def _stub(note: dict[str, Any]) -> dict[str, Any]:
    """Return a case for a note whose own case was lost, so that the note is found."""
    return {
        "id": note["case_id"], "version": 1, "place": 0, "label": "", "operator": note["operator"], "status": "open",
        "created_at": note["at"], "updated_at": note["at"], "outcome": "not_enough_known", "first_cause": "",
        "first_status": "unknown", "proven": None, "closed_at": None, "answered": 0, "seconds": 0, "lang": "zh",
        "knowledge": "", "consent_at": None, "changed_by": "", "writer": "", "observations": "[]",
        **_ADDED_LATER,
    }  # fmt: skip


def _fill(new: Path, found: dict[str, list[dict[str, Any]]], knowledge: Knowledge) -> None:
    place = StoreLocation(file=new)
    engine = make_engine(place)
    try:
        migrate(engine, place, None)
        with transaction(engine, place, writes=True) as connection:
            for table in _TABLES:
                for batch in _batches(found[table.name]):
                    connection.execute(insert(table), batch)
            queries.reindex_all(connection, knowledge)
        with transaction(engine, place, writes=False) as connection:
            connection.exec_driver_sql("SELECT 1")
    finally:
        engine.dispose()  # the last connection to close puts the log into the file


def _batches(rows_: list[dict[str, Any]]) -> Iterable[list[dict[str, Any]]]:
    return (rows_[at : at + _BATCH] for at in range(0, len(rows_), _BATCH))
