"""Masking of the texts of one case with placeholders that stay the same over several sessions.

The store holds a keyed digest (HMAC) of each masked value, never the value. The key of a SQLite store is a file beside
it, so that a copy of the store alone reveals nothing; a shared store holds its key itself, so that all computers give a
value the same placeholder. Without the key, a value that was seen before gets a new placeholder.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import os
import secrets
from typing import TYPE_CHECKING, Final

from sqlalchemy import insert, select, update
from sqlalchemy.dialects.postgresql import insert as insert_once

from diagnostics.cases.model import BundleError
from diagnostics.cases.schema import FACTS, MASKED
from diagnostics.files import atomic_write, private_folder, remove_stale
from diagnostics.redaction import PLACEHOLDER, Masked, Redactor
from diagnostics.sanitize import clean_line

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from sqlalchemy import Connection


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
