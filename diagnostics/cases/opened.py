"""An open store: its engine, clock and key, and the common steps of every change of a case."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import os
import random
import secrets
import time
from functools import wraps
from typing import TYPE_CHECKING, Any, Concatenate, Final, ParamSpec, TypeVar

from sqlalchemy import insert, select, update
from sqlalchemy.dialects.postgresql import insert as insert_once

from diagnostics.cases import database, queries
from diagnostics.cases.model import (
    AtOnceError,
    BundleError,
    ConflictError,
    Event,
    Journal,
    clock,
    default_folder,
    describe_events,
    new_id,
    stamp,
    who,
)
from diagnostics.cases.repair import refuse_foreign_file
from diagnostics.cases.schema import CASES, EVENTS, FACTS, MASKED, migrate
from diagnostics.files import atomic_write, private_folder, remove_stale
from diagnostics.redaction import PLACEHOLDER, Masked, Redactor, mask_numbers
from diagnostics.sanitize import clean_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from sqlalchemy import Connection, Row

    from diagnostics.cases.model import Kind, StoreLocation
    from diagnostics.knowledge.model import Knowledge


KEY_BYTES: Final = 32
_DIFFERENT: Final = 8
"""Fewer different bytes than this are no random key (which has about 30) but what a crash left."""
_KEY_NAME: Final = "digest_key"


def read_key(path: Path) -> bytes:
    """Return the key of a SQLite store, created on first use; a temporary one if it cannot be stored."""
    with contextlib.suppress(OSError):
        if not path.exists():
            _make(path)
    return secrets.token_bytes(KEY_BYTES) if is_weak(path) else _read(path) or secrets.token_bytes(KEY_BYTES)


def is_weak(path: Path) -> bool:
    """Whether the file holds no usable key: truncated, empty or zeros. Digests made with it could be reversed."""
    key = _read(path)
    return key is not None and (len(key) != KEY_BYTES or len(set(key)) < _DIFFERENT)


def set_aside(path: Path) -> Path:
    """Rename an unusable key file and return the new name; one that cannot be renamed stays and is not used."""
    aside = path.with_name(f"{path.name}.damaged")
    with contextlib.suppress(OSError):
        path.replace(aside)
    return aside


def _read(path: Path) -> bytes | None:
    with contextlib.suppress(OSError), path.open("rb") as file:
        return file.read(KEY_BYTES + 1)
    return None


def _make(path: Path) -> None:
    """Create the key file unless another process was quicker. Raises OSError."""
    private_folder(path.parent)
    remove_stale(path.parent, path.name)
    new = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}.new")
    try:
        atomic_write(new, secrets.token_bytes(KEY_BYTES), private=True, lasting=True)
        try:
            os.link(new, path)  # fails if there is one: two processes must not have two keys
        except FileExistsError:
            return
        except OSError:  # a file system without hard links
            new.rename(path)
    finally:
        new.unlink(missing_ok=True)


def shared_key(connection: Connection) -> bytes:
    """Return the key of a shared store, created on first use."""
    row = {"name": _KEY_NAME, "value": secrets.token_hex(KEY_BYTES)}
    connection.execute(insert_once(FACTS).values(**row).on_conflict_do_nothing())
    found = connection.execute(select(FACTS.c.value).where(FACTS.c.name == _KEY_NAME)).scalar_one()
    return bytes.fromhex(found)


class CaseMask:
    """Masks the texts of one case within one transaction; `keep` writes new ledger entries to the store.

    A placeholder stays the same over several sessions. The store holds a keyed digest (HMAC) of each masked value,
    never the value. The key of a SQLite store is a file beside it, so that a copy of the store alone reveals nothing;
    a shared store holds its key itself. Without the key, a value that was seen before gets a new placeholder.

    `taken_over` is the ledger of an imported case that is new here: its numbers are in use.
    """

    def __init__(self, connection: Connection, case_id: str, key: bytes, taken_over: Iterable[Masked] = ()) -> None:
        self._connection, self._case, self._key = connection, case_id, key
        rows = connection.execute(select(MASKED).where(MASKED.c.case_id == case_id)).all()
        self._known = {(row.kind, row.digest): row.number for row in rows}
        self._stored = {(row.kind, row.number) for row in rows}
        self._taken_over = {(entry.kind, number_of(entry)): entry.times for entry in taken_over}
        self._new: dict[tuple[str, int], str] = {}
        taken = dict(sorted([*self._stored, *self._taken_over]))  # of each kind the highest number
        self._redactor = Redactor(taken=taken, recall=self._recall, learn=self._learn)

    def __call__(self, text: str) -> str:
        """Return the text masked."""
        return self._redactor.redact(text) if text else text

    def keep(self, *, again: bool = True) -> None:
        """Write what was masked: kind, number, digest, count. Without `again`, known values are not counted again."""
        new = list(self._taken_over.items())
        for entry in self._redactor.ledger:
            kind, number = entry.kind, number_of(entry)
            if (kind, number) not in self._stored:
                new.append(((kind, number), entry.times))
            elif again:
                same = (MASKED.c.case_id == self._case) & (MASKED.c.kind == kind) & (MASKED.c.number == number)
                self._connection.execute(update(MASKED).where(same).values(times=MASKED.c.times + entry.times))
        if new:
            self._connection.execute(insert(MASKED), [
                {"case_id": self._case, "kind": kind, "number": number, "times": times,
                 "digest": self._new.get((kind, number), "")}
                for (kind, number), times in new
            ])  # fmt: skip

    def _digest(self, kind: str, value: str) -> str:
        message = "\0".join((self._case, kind, value)).encode("utf-8", "surrogatepass")
        return hmac.new(self._key, message, hashlib.sha256).hexdigest()[:24]

    def _recall(self, kind: str, value: str) -> int | None:
        return self._known.get((kind, self._digest(kind, value)))

    def _learn(self, kind: str, value: str, number: int) -> None:
        self._new[kind, number] = self._digest(kind, value)


def number_of(entry: Masked) -> int:
    """Return the number in an entry's placeholder. Raises BundleError if it is no placeholder of its kind."""
    found = PLACEHOLDER.fullmatch(entry.placeholder)
    if found is None or found[1] != entry.kind:
        raise BundleError("cases.no_placeholder", clean_line(entry.placeholder, 40))
    return int(found[2])


Done = TypeVar("Done")
Given = ParamSpec("Given")
Store = TypeVar("Store", bound="OpenStore")
_TRIES: Final = 5
"""Attempts of a transaction that collides with others."""


def changes(work: Callable[Concatenate[Store, Connection, Given], Done]) -> Callable[Concatenate[Store, Given], Done]:
    """Run a method in a write transaction, with the retries of `change`; it gets the connection first."""

    @wraps(work)
    def run(self: Store, /, *given: Given.args, **named: Given.kwargs) -> Done:
        return self.change(lambda connection: work(self, connection, *given, **named))

    return run


class OpenStore(database.Database):
    """An open store. Every method is one transaction; all raise StoreGoneError where the store cannot be reached.

    `operator` is the name recorded with every change. `journal` is the folder of this computer's runs.
    """

    def __init__(
        self, knowledge: Knowledge, place: StoreLocation, *, operator: str = "", clock: Callable[[], float] = time.time,
        journal: Path | None = None,
    ) -> None:  # fmt: skip
        self.knowledge = knowledge
        self.operator = mask_numbers(clean_line(operator, 60))
        self.journal = Journal(journal or default_folder())
        self.notices: list[str] = []
        self._clock = clock
        self._ahead = 0.0  # by which the server's clock is ahead of this computer's
        self._writer = new_id()
        if place.file is not None:
            refuse_foreign_file(place.file)
        super().__init__(place)
        self._key_path = place.file.with_name("cases.key") if place.file is not None else None
        self._key: bytes | None = None
        try:
            self.check()
            migrate(self, lambda connection: queries.reindex(connection, knowledge))
            if place.file is None:
                with self.reading() as connection:
                    self._ahead = (database.server_seconds(connection) or clock()) - clock()
        except BaseException:
            self.dispose()
            raise

    def now(self) -> str:
        """Return the time as RFC 3339 in UTC, to the second."""
        return stamp(self.seconds())

    def seconds(self) -> float:
        """Return the time in seconds since 1970: the server's, where there is one, else this computer's."""
        return self._clock() + self._ahead

    def change(self, work: Callable[[Connection], Done]) -> Done:
        """Do work in a write transaction, retried if it collides with another."""
        for attempt in range(1, _TRIES):
            with contextlib.suppress(AtOnceError), self.writing() as connection:
                return work(connection)
            time.sleep(random.uniform(0.01, 0.05) * attempt)  # noqa: S311  so that two do not meet again
        with self.writing() as connection:
            return work(connection)

    def mask(self, connection: Connection, case_id: str, taken_over: Iterable[Masked] = ()) -> CaseMask:
        """Return the mask for the texts of one case."""
        if self._key is None:
            self._key = read_key(self._key_path) if self._key_path is not None else shared_key(connection)
        return CaseMask(connection, case_id, self._key, taken_over)

    def check_key(self) -> Path | None:
        """Set an unusable key aside and blank its digests; returns its new path, None if the key is good."""
        if self._key_path is None or not is_weak(self._key_path):
            return None
        with self.writing() as connection:  # first: a kill in between leaves the bad key to be found again
            connection.execute(update(MASKED).values(digest=""))  # numbers could be found from them
        return set_aside(self._key_path)

    def locked(self, connection: Connection, id_: str, version: int | None = None) -> Row[Any]:
        """Return a case, locked until this transaction ends.

        Raises ConflictError, naming the changes, if it does not have this version any more.
        """
        row = queries.find(connection, id_, lock=True)
        self.same_version(connection, row, version)
        return row

    def same_version(self, connection: Connection, row: Row[Any], seen: int | None) -> None:
        """Raise ConflictError if the case was changed since this version."""
        if seen is None or row.version == seen:
            return
        events = [event for event in queries.history_of(connection, row.id)[row.id] if event.version > seen]
        by, at = (events[-1].operator, events[-1].at) if events else (row.changed_by, row.updated_at)
        did = describe_events(self.knowledge, events)
        raise ConflictError("cases.case_changed", id=row.id, who=who(by), at=clock(at), did=did)

    def touch(
        self, connection: Connection, row: Row[Any], *done: tuple[Kind, str], words: bool = True, **values: Any
    ) -> int:
        """Update a locked case with these values, record the events `done`, and return its version.

        Without values the version stays the same. `words`: whether the search index of the case must be updated.
        """
        version: int = row.version + bool(values)
        later = max(row.updated_at, self.now())  # also where the clock was set back
        values |= {"updated_at": later, "changed_by": self.operator, "version": version}
        connection.execute(update(CASES).where(CASES.c.id == row.id).values(values))
        for kind, detail in done:
            self.record_event(connection, row.id, version, kind, detail)
        if words:
            queries.reindex(connection, self.knowledge, CASES.c.id == row.id)
        return version

    def record_event(self, connection: Connection, id_: str, version: int, kind: Kind, detail: str = "") -> None:
        """Add an event to the history. Consecutive answers of one operator are one event."""
        at = self.now()
        last = self.last_event(connection, id_) if kind == "answers" else None
        if last is not None and (last.kind, last.operator) == (kind, self.operator):
            values = {"version": version, "at": at, "detail": detail}
            connection.execute(update(EVENTS).where(EVENTS.c.seq == last.seq).values(values))
            return
        uid = new_id() + new_id()
        event = Event(id=uid, at=at, operator=self.operator, kind=kind, detail=detail, version=version)
        queries.add_events(connection, id_, [event])

    def last_event(self, connection: Connection, id_: str, *kinds: Kind) -> Row[Any] | None:
        """Return the last event of a case, of these kinds if any are named."""
        query = select(EVENTS).where(EVENTS.c.case_id == id_).order_by(EVENTS.c.seq.desc()).limit(1)
        return connection.execute(query.where(EVENTS.c.kind.in_(kinds)) if kinds else query).one_or_none()
