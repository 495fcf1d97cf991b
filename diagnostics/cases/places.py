"""Where the store is: the option, the environment, the settings, else one file in the platform's place for data."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final

import msgspec

from diagnostics.addresses import HIDDEN, parts_of, shown
from diagnostics.cases.model import StoreError
from diagnostics.redaction import mask_numbers

ENVIRONMENT: Final = "WEILIDAI_DOCTOR_STORE"
_SCHEMES: Final = ("postgresql", "postgres")
_SECRETS: Final = frozenset({"password", "sslpassword", "oauth_client_secret", "scram_client_key", "scram_server_key"})
_KEYWORDS: Final = re.compile(
    r"\s*(?:host|hostaddr|port|dbname|user|password|passfile|service|sslmode|sslrootcert|options)\s*=", re.IGNORECASE
)
"""How libpq's other way of writing an address begins: taken for a file, its password would be the file's name."""


class Place(msgspec.Struct, frozen=True):
    """A store: a `file` for SQLite, or the `url` of a PostgreSQL database, as libpq reads it."""

    file: Path | None = None
    url: str | None = None

    @property
    def name(self) -> str:
        """What it is called in messages: never with a password or a person's number."""
        return mask_numbers(str(self.file)) if self.file is not None else shown(self.url or "")


def data_folder() -> Path:
    """Where the store and its key lie: the platform's place for a program's data."""
    from platformdirs import user_data_path

    return user_data_path("weilidai-doctor", appauthor=False)


def place_of(named: str | None = None, setting: str | None = None) -> Place:
    """Return the store that is meant. Raises StoreError where it cannot be one, or its password is written out.

    A password belongs into `PGPASSWORD`, `~/.pgpass` or the environment's own URL, which others cannot read: a command
    line and a settings file are read by everybody who comes by.
    """
    told = os.environ.get(ENVIRONMENT)
    text = named or told or setting
    if not text:
        return Place(file=data_folder() / "cases.db")
    if _KEYWORDS.match(text):
        raise StoreError("cases.not_a_store", HIDDEN)
    scheme, colon, rest = text.partition("://")
    if not colon:
        return _file(text)
    if scheme == "sqlite":
        return _file(rest.removeprefix("/")) if rest.strip("/") else _refuse(text)
    parts = parts_of(text)
    if parts is None:
        raise StoreError("cases.not_an_address", shown(text))
    if text != told and (parts.password or any(name.lower() in _SECRETS for name, _ in parts.query)):
        raise StoreError("cases.password_shown", shown(text), variable=ENVIRONMENT)
    if parts.scheme not in (*_SCHEMES, "postgresql+psycopg"):
        return _refuse(text)
    return Place(url=f"postgresql://{rest}")


def _file(text: str) -> Place:
    if "\0" in text:
        return _refuse(text)
    return Place(file=Path(text).expanduser())


def _refuse(text: str) -> Place:
    raise StoreError("cases.not_a_store", shown(text))
