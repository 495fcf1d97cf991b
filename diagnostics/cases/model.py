"""The records of cases, filters and store locations, a store's errors, and the journal of runs on this computer."""

from __future__ import annotations

import calendar
import os
import re
import secrets
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

import msgspec

from diagnostics import files
from diagnostics.addresses import HIDDEN, parts_of, shown
from diagnostics.autosave import StepResult
from diagnostics.engine.rule_table import FOR
from diagnostics.evidence import Observation
from diagnostics.files import atomic_write, latest_first, lock_of, private_folder, read_bounded
from diagnostics.i18n import UserError
from diagnostics.questionnaire.message import Sent
from diagnostics.redaction import Masked, mask_numbers
from diagnostics.sanitize import clean_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from sqlalchemy import Row

    from diagnostics.files import FileLock
    from diagnostics.knowledge.model import Knowledge


CaseStatus = Literal["open", "closed"]
FOUND: Final = "entry_found"
"""The outcome of a case in which the entry was found: then no cause is of interest."""
CLOSINGS = (FOUND, "scam", "answered", "unsettled")
"""What a case can be closed with beside a cause: the entry was there, it was a fraud, a question about something else
was answered, or nothing was found out."""

MAX_NOTE: Final = 4_000
"""Most characters of one note."""


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """A note of a supporter about a case, masked before it was stored."""

    id: str
    at: str
    operator: str
    text: str


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One change of a case. `version` is that of the case after the change; `detail` is masked."""

    id: str
    at: str
    operator: str
    kind: str
    detail: str = ""
    version: int = 0


class CaseRow(msgspec.Struct, frozen=True, kw_only=True):
    """A case as a line of the list. Times are RFC 3339 in UTC; `place` orders the list, the newest highest.

    `version` counts changes of the case's values, for optimistic locking. `seconds` is the time spent on answers
    without pauses, `proven` what the case was closed with. `operator` began the case, `owner` is responsible for it now
    (nobody if empty), `due_on` is the day of the next follow-up.
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
    """Return the first cause if anything speaks for it and the entry was not found, else an empty text."""
    return str(row.first_cause) if row.first_status in FOR and row.outcome != FOUND else ""


class Case(CaseRow, frozen=True, kw_only=True):
    """A whole case: the observations, from which it can be assessed again, and what the desk added.

    `sent` are the chat messages with questions, the latest last; replies are read by them.
    """

    lang: Literal["zh", "en"] = "zh"
    knowledge: str = ""
    consent_at: str | None = None
    observations: tuple[Observation, ...] = ()
    notes: tuple[Note, ...] = ()
    tags: tuple[str, ...] = ()
    masked: tuple[Masked, ...] = ()
    history: tuple[Event, ...] = ()
    sent: tuple[Sent, ...] = ()


class CasePage(msgspec.Struct, frozen=True, kw_only=True):
    """Some cases, newest first; the next page begins below the place `next`, None if there is none."""

    rows: tuple[CaseRow, ...]
    next: int | None


class Filter(msgspec.Struct, frozen=True, kw_only=True):
    """A filter on cases; all members that are given must match.

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


class StoreError(UserError):
    """The store cannot do this."""


class StoreGoneError(StoreError):
    """The store cannot be reached or written now (server, share or disk): the same thing may work later."""


class StoreRefusedError(StoreError):
    """The server refuses: wrong login, no such database, no permission. Retrying is pointless."""


class AtOnceError(StoreGoneError):
    """Two transactions collided; the second may be retried."""


class StoreDamagedError(StoreError):
    """The store's file is damaged."""


class RefusedError(StoreError):
    """Invalid request, for example an empty note or an invalid date."""


class NoSuchCaseError(RefusedError):
    """There is no case of this id, or the beginning of an id fits several."""


class DeletedError(NoSuchCaseError):
    """The case was deleted for good."""


class ConflictError(StoreError):
    """Somebody else changed the case since it was read; nothing was overwritten."""


class BundleError(UserError):
    """A bundle cannot be imported: truncated, changed or not one of ours. Nothing of it was stored."""


LETTERS: Final = "0123456789abcdefghjkmnpqrstvwxyz"
ID_LENGTH: Final = 10


HOUR: Final = 3_600
DAY: Final = 86_400


def stamp(seconds: float) -> str:
    """Return a time in the stored form."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def epoch(stored: str) -> int:
    """Return a stored time as seconds since 1970. Raises RefusedError if it is invalid."""
    try:
        return calendar.timegm(time.strptime(stored, "%Y-%m-%dT%H:%M:%SZ"))
    except ValueError:
        raise RefusedError("cases.no_such_date", clean_line(stored, 40)) from None


def clock(stored: str) -> str:
    """Return a stored time for a message."""
    return f"{stored[:16].replace('T', ' ')} UTC"


def who(name: str) -> object:
    """Return an operator's name for a message, or a text that stands for an unnamed one."""
    return name or UserError("cases.somebody")


def new_id() -> str:
    """Return a new random id; a million cases collide with a probability of 1 in 2,000."""
    first = [
        char for char in LETTERS if char not in "mpqvw"
    ]  # these begin words that redaction takes for labels of secrets: pw, vx
    return secrets.choice(first) + "".join(secrets.choice(LETTERS) for _ in range(ID_LENGTH - 1))


def is_id(text: str) -> bool:
    """Whether this is a complete case id."""
    return len(text) == ID_LENGTH and all(char in LETTERS for char in text)


Kind = Literal[
    "made", "answers", "note", "tag", "untag", "label", "consent", "close", "reopen", "owner", "due", "undue",
    "message", "import",
]  # fmt: skip
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
"""The kinds of events."""
_MOST_TOLD: Final = 3
"""Most changes that one message names."""


def title_of(knowledge: Knowledge, id_: str) -> dict[str, str]:
    """Return the title of a cause, or of what else a case may be closed with, by language."""
    if id_ in knowledge.causes:
        return {lang: knowledge.causes[id_].text(lang).title for lang in ("zh", "en")}
    known, key = clean_line(id_, 40), f"cases.proven.{id_}"
    return {lang: knowledge.say(key, lang) if key in knowledge.locale else known for lang in ("zh", "en")}


def describe_event(knowledge: Knowledge, event: Event) -> UserError:
    """Return a description of an event, to be part of another message."""
    kind = event.kind if event.kind in KINDS else "other"
    detail = title_of(knowledge, event.detail) if kind == "close" else event.detail
    return UserError(f"case_did.{kind}", "", detail=detail)


def describe_events(knowledge: Knowledge, events: Sequence[Event]) -> UserError:
    """Return a description of the latest of several events."""
    did = [describe_event(knowledge, event) for event in events[-_MOST_TOLD:]] or [
        UserError("case_did.other", detail="")
    ]
    joined = {lang: sign.join(one.text(lang) for one in did) for lang, sign in (("zh", "；"), ("en", "; "))}
    return UserError("foreign", text=joined)


AGE: Final = "person.age"
"""Stored as a band. Bands are cut at the bounds of the knowledge base's rules, so that the age that stands for a band
gives every cause the same status as the real age.
"""


def age_bands(knowledge: Knowledge) -> list[tuple[int, int]]:
    """Return the age bands, both ends included, from the bounds in the rules."""
    question = knowledge.questions[AGE]
    low, high = question.minimum or 0, question.maximum or 130
    starts: set[float] = set()
    for condition in (rule.when[AGE] for cause in knowledge.causes.values() for rule in cause.rule if AGE in rule.when):
        starts |= {bound for bound in (condition.below, condition.at_least) if isinstance(bound, (int, float))}
        starts |= {bound + 1 for bound in (condition.above, condition.at_most) if isinstance(bound, (int, float))}
    cuts = sorted({low, *(int(start) for start in starts if low < start <= high)})
    return [(start, end - 1) for start, end in zip(cuts, [*cuts[1:], high + 1], strict=True)]


def age_band(knowledge: Knowledge, age: float) -> tuple[int, str]:
    """Return the age that stands for this one's band, and the band's name."""
    bands = age_bands(knowledge)
    first, last = next(band for band in bands if age <= band[1] or band is bands[-1])
    middle = last if first == bands[0][0] else first if last == bands[-1][1] else (first + last) // 2
    return middle, f"{first}-{last}"


def minimise(
    knowledge: Knowledge, observations: Iterable[Observation], mask: Callable[[str], str]
) -> list[Observation]:
    """Return the observations as they are stored: ages as bands, free texts masked."""
    return [_minimise(knowledge, one, mask) for one in observations]


def _minimise(knowledge: Knowledge, one: Observation, mask: Callable[[str], str]) -> Observation:
    if one.id == AGE and isinstance(one.value, (int, float)):
        if one.band is not None:
            return one
        value, name = age_band(knowledge, one.value)
        return msgspec.structs.replace(one, value=value, detail=None, band=name)
    detail = mask(one.detail) if one.detail else None
    question = knowledge.questions.get(one.id)
    if isinstance(one.value, str) and (question is None or question.type == "text"):
        return msgspec.structs.replace(one, value=mask(one.value), detail=detail)
    return one if detail == one.detail else msgspec.structs.replace(one, detail=detail)


ENVIRONMENT: Final = "WEILIDAI_DOCTOR_STORE"
_SCHEMES: Final = ("postgresql", "postgres", "postgresql+psycopg")
_SECRETS: Final = frozenset({"password", "sslpassword", "oauth_client_secret", "scram_client_key", "scram_server_key"})
_KEYWORDS: Final = re.compile(
    r"\s*(?:host|hostaddr|port|dbname|user|password|passfile|service|sslmode|sslrootcert|options)\s*=", re.IGNORECASE
)
"""The beginning of a libpq keyword string: taken for a file name, it would expose its password."""


class StoreLocation(msgspec.Struct, frozen=True):
    """A store: a `file` for SQLite, or the `url` of a PostgreSQL database, as libpq reads it."""

    file: Path | None = None
    url: str | None = None

    @property
    def name(self) -> str:
        """The name for messages, without passwords and personal numbers."""
        return mask_numbers(str(self.file)) if self.file is not None else shown(self.url or "")

    @property
    def key(self) -> str:
        """The name by which journal entries identify their store."""
        return mask_numbers(str(self.file), files=False) if self.file is not None else self.name


def own_folder(kind: Literal["data", "state"]) -> Path:
    """Return the platform's folder for data or state. Raises StoreError without a home directory."""
    folder = files.own_folder(kind)
    if folder is None:
        raise StoreError("cases.no_home")
    return folder


def location_of(named: str | None = None, setting: str | None = None) -> StoreLocation:
    """Return the location of the store. Raises StoreError if it is invalid, or holds a password.

    A password belongs into `PGPASSWORD`, `~/.pgpass` or the URL in the environment, which other users cannot read: a
    command line and a settings file can be read by others.
    """
    told = os.environ.get(ENVIRONMENT)
    text = named or told or setting
    if not text:
        return StoreLocation(file=own_folder("data") / "cases.db")
    if _KEYWORDS.match(text):
        raise StoreError("cases.not_a_store", HIDDEN)
    scheme, colon, rest = text.partition("://")
    if not colon or scheme == "sqlite":
        path = rest.removeprefix("/") if colon else text
        if "\0" in path or (colon and not rest.strip("/")):
            raise StoreError("cases.not_a_store", shown(path if rest.strip("/") else text))
        return StoreLocation(file=Path(path).expanduser())
    parts = parts_of(text)
    if parts is None:
        raise StoreError("cases.not_an_address", shown(text))
    if text != told and (parts.password or any(name.lower() in _SECRETS for name, _ in parts.query)):
        raise StoreError("cases.password_shown", shown(text), variable=ENVIRONMENT)
    if parts.scheme not in _SCHEMES:
        raise StoreError("cases.not_a_store", shown(text))
    return StoreLocation(url=f"postgresql://{rest}")


_JOURNAL: Final = "weilidai-doctor/journal/1"
_MAX_BYTES: Final = 16_000_000


def default_folder() -> Path:
    """Return the folder of the journal. Raises StoreError without a home directory."""
    return own_folder("state") / "cases"


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A run: its case, its store, the `writer` id under which it saves there, and what is undelivered.

    `done`: the run is over, only undelivered parts are left.

    `version` is the last known version of the stored case. `waiting` are observations not yet stored, None if all are.
    `sent` are messages not yet stored. `went`: results of plan steps by their ids.
    """

    schema: Literal["weilidai-doctor/journal/1"] = _JOURNAL
    case: str
    writer: str
    store: str
    done: bool = False
    version: int | None = None
    label: str = ""
    lang: Literal["zh", "en"] = "zh"
    consent_at: str | None = None
    waiting: list[Observation] | None = None
    sent: list[Sent] = []
    went: dict[str, StepResult] = {}

    @property
    def pending(self) -> bool:
        """Whether anything is undelivered."""
        return self.waiting is not None or bool(self.sent)


class Journal:
    """The folder of journal files, one per run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, case: str) -> Path:
        """Return the path of a case's journal file."""
        return self.folder / f"{case}.json"

    def lock(self, case: str) -> FileLock:
        """Return the lock of a case's run, not yet taken."""
        return lock_of(self.path(case))

    def write(self, entry: Entry) -> None:
        """Replace a case's file. Raises OSError."""
        private_folder(self.folder)
        atomic_write(self.path(entry.case), msgspec.json.encode(entry), private=True, lasting=True)

    def read(self, case: str) -> Entry | None:
        """Return a case's file, None where there is none or it cannot be read."""
        try:
            return msgspec.json.decode(read_bounded(self.path(case), _MAX_BYTES), type=Entry)
        except (OSError, msgspec.MsgspecError, RecursionError):
            return None

    def remove(self, case: str) -> bool:
        """Remove a run's file; returns whether no process is working on the run: else its lock stays."""
        self.path(case).unlink(missing_ok=True)
        free = self.is_free(case)
        if free:
            self.lock(case).path.unlink(missing_ok=True)
        return free

    def every(self) -> dict[str, Entry | None]:
        """Return the entry of each run by its case, None if unreadable; the latest first."""
        return {path.stem: self.read(path.stem) for path in latest_first(self.folder, "*.json")}

    def left(self) -> list[Entry]:
        """Return the runs that no process is working on, the latest first."""
        return [entry for case, entry in self.every().items() if entry is not None and self.is_free(case)]

    def is_free(self, case: str) -> bool:
        """Whether no process is working on this run."""
        lock = self.lock(case)
        free = not lock.path.exists() or lock.claim()
        lock.release()
        return free
