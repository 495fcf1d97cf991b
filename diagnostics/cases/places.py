"""Where the store is: the option, the environment, the settings, else one file in the platform's place for data."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final

import msgspec

from diagnostics.cases.model import StoreError

ENVIRONMENT: Final = "WEILIDAI_DOCTOR_STORE"
_DRIVER: Final = "+psycopg"
"""What SQLAlchemy wants to hear in a URL; nobody types it."""
_SECRET: Final = re.compile(r"(?<=://)([^/@\s:]*):[^@/\s]*@")
_QUERY_SECRET: Final = re.compile(r"((?:password|passfile|sslpassword)=)[^&\s]*", re.IGNORECASE)


class Place(msgspec.Struct, frozen=True):
    """A store: a `file` for SQLite, or the `url` of a PostgreSQL database."""

    file: Path | None = None
    url: str | None = None

    @property
    def name(self) -> str:
        """What it is called in messages: never with a password."""
        return str(self.file) if self.file is not None else masked(self.url or "").replace(_DRIVER, "", 1)


def masked(url: str) -> str:
    """Return a URL without its password, to show."""
    return _QUERY_SECRET.sub(r"\1***", _SECRET.sub(r"\1:***@", url))


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
    if text != told and masked(text) != text:
        raise StoreError("cases.password_shown", masked(text), variable=ENVIRONMENT)
    scheme, colon, rest = text.partition("://")
    if not colon:
        return Place(file=Path(text).expanduser())
    if scheme == "sqlite":
        return Place(file=Path(rest.removeprefix("/")).expanduser()) if rest.strip("/") else _refuse(text)
    if scheme in ("postgresql", "postgres", f"postgresql{_DRIVER}"):
        return Place(url=f"postgresql{_DRIVER}://{rest}")
    return _refuse(text)


def _refuse(text: str) -> Place:
    raise StoreError("cases.not_a_store", masked(text))
