"""What a case holds, a line of the list, a page, and everything that can go wrong with the store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal

import msgspec

from diagnostics.engine.rule_table import FOR
from diagnostics.evidence import Observation
from diagnostics.i18n import UserError
from diagnostics.redaction import Masked

if TYPE_CHECKING:
    from sqlalchemy import Row

CaseStatus = Literal["open", "closed"]
CLOSINGS = ("entry_found", "unsettled")
"""What a case can be closed with beside a cause: the entry was there after all, or nobody found out."""

MAX_NOTE: Final = 4_000
"""Most characters of one note."""


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """What a supporter wrote about a case, masked before it was stored."""

    id: str
    at: str
    operator: str
    text: str


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One change of a case: when, by whom, what. `version` is the case's after it; `detail` is masked."""

    id: str
    at: str
    operator: str
    kind: str
    detail: str = ""
    version: int = 0


class CaseRow(msgspec.Struct, frozen=True, kw_only=True):
    """A case as a line of the list. Times are RFC 3339 in UTC; `place` orders the list, the newest highest.

    `version` goes up with each change of what the case says; whoever changes it names the version he has read.
    `seconds` is the time spent on answers, pauses left out, `proven` the cause that it was in the end. `operator` began
    the case, `owner` looks after it now (nobody where empty), `due_on` is the day to come back to it.
    """

    id: str
    version: int
    place: int
    label: str
    operator: str
    status: CaseStatus
    created_at: str
    updated_at: str
    outcome: str
    first_cause: str
    first_status: str
    proven: str | None = None
    closed_at: str | None = None
    answered: int = 0
    seconds: int = 0
    owner: str = ""
    due_on: str | None = None
    changed_by: str = ""


def leading(row: CaseRow | Row[Any]) -> str:
    """Return the first cause where something speaks for it, else nothing: one that is not known yet is no finding."""
    return str(row.first_cause) if row.first_status in FOR else ""


class Case(CaseRow, frozen=True, kw_only=True):
    """A case in full: what was observed, so that it can be assessed again, and what the desk wrote."""

    lang: Literal["zh", "en"] = "zh"
    knowledge: str = ""
    consent_at: str | None = None
    observations: tuple[Observation, ...] = ()
    notes: tuple[Note, ...] = ()
    tags: tuple[str, ...] = ()
    masked: tuple[Masked, ...] = ()
    history: tuple[Event, ...] = ()


class Cursor(msgspec.Struct, frozen=True):
    """Where a page ended: the next one begins below it, whatever was added above in the meantime."""

    place: int
    id: str


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """Some cases, newest first; `next` continues, None where these were the last."""

    rows: tuple[CaseRow, ...]
    next: Cursor | None


class Filter(msgspec.Struct, frozen=True, kw_only=True):
    """Which cases: every member that is given must hold.

    `id`: one case, its id in full. `text`: words, all of which occur. `since`, `until`: times (RFC 3339, or dates) of
    the first answer, both included. `cause`: the first cause or the proven one. `due_by`: to be followed up on this day
    or before, or on no day at all.
    """

    id: str | None = None
    text: str = ""
    status: CaseStatus | None = None
    operator: str | None = None
    tag: str | None = None
    cause: str | None = None
    outcome: str | None = None
    since: str | None = None
    until: str | None = None
    owner: str | None = None
    due_by: str | None = None


class Saved(msgspec.Struct, frozen=True):
    """A case as it is in the store now: its version, and its observations as they are written there."""

    version: int
    observations: str


class StoreError(UserError):
    """The store cannot do this."""


class StoreGoneError(StoreError):
    """The store cannot be reached or written now (server, share or disk): the same thing may work later."""


class StoreRefusedError(StoreError):
    """The server does not let this happen: wrong login, no such database, no right. Trying again changes nothing."""


class AtOnceError(StoreGoneError):
    """Two changed the same thing in the same moment; the second may simply try again."""


class StoreDamagedError(StoreError):
    """The store's file is damaged."""


class RefusedError(StoreError):
    """What was asked of the store makes no sense: an empty note, a date that is none."""


class NoSuchCaseError(RefusedError):
    """There is no case of this id, or the beginning of an id fits several."""


class DeletedError(NoSuchCaseError):
    """The case was deleted for good."""


class ConflictError(StoreError):
    """Somebody else changed the case since it was read; nothing was overwritten."""


class BundleError(UserError):
    """A bundle cannot be taken in: it is cut off, changed or not one of ours. Nothing of it was taken."""
