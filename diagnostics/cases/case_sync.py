"""A session stored as a case: created at the first answer, saved at each answer, resumed after a crash."""

from __future__ import annotations

import contextlib
import threading
import time
from typing import TYPE_CHECKING, Any, Final, Literal

import msgspec

from diagnostics.answers import AnswerError, stored_observations
from diagnostics.autosave import DraftError
from diagnostics.cases.model import (
    AGE,
    ConflictError,
    DeletedError,
    Entry,
    Journal,
    NoSuchCaseError,
    StoreDamagedError,
    StoreError,
    StoreGoneError,
    default_folder,
    minimise,
    new_id,
)
from diagnostics.evidence import Observation, now
from diagnostics.files import FileLock, private_folder
from diagnostics.i18n import UserError
from diagnostics.library_errors import system_fault
from diagnostics.redaction import KINDS, Redactor
from diagnostics.sanitize import clean_line
from diagnostics.unsent import Unsent, entry_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from pathlib import Path

    from diagnostics.autosave import StepResult
    from diagnostics.cases.model import StoreLocation
    from diagnostics.cases.store import CaseStore
    from diagnostics.knowledge.model import Knowledge, Lang
    from diagnostics.questionnaire.message import Sent


def deliver_leftovers(store: CaseStore, journal: Journal, notices: list[str], lang: Lang) -> None:
    """Deliver what finished runs left in the journal; what fails stays there and is reported in `notices`."""
    for entry in list(journal.left()):
        if entry.pending and entry.store == store.place.key:
            try:
                *_, delivered = deliver(store, entry, notices, lang)
                journal.remove(entry.case)
                if not entry.done:
                    journal.write(delivered)
            except StoreGoneError:
                return
            except DeletedError as error:  # what waits belonged to it, and goes with it
                journal.remove(entry.case)
                notices.append(UserError("cases.dropped", why=error).text(lang))
            except (StoreError, OSError) as error:
                why = error if isinstance(error, StoreError) else system_fault(error)
                notices.append(UserError("because", entry.case, why=why).text(lang))


def deliver(store: CaseStore, entry: Entry, notices: list[str], lang: Lang) -> Iterator[Entry]:
    """Deliver a journal entry to the store; yield it after its answers and after everything. Raises StoreError.

    If somebody else changed the answers in the meantime, ours become a new case: neither is lost, and `notices` says so
    in this language. A deleted case is not created again: that raises DeletedError.
    """
    try:
        entry = _with_answers(store, entry)
    except DeletedError:
        raise
    except (ConflictError, NoSuchCaseError) as error:
        entry = _with_answers(store, msgspec.structs.replace(entry, case=new_id(), version=None))
        notices.append(store.knowledge.say("cases.forked", lang, why=error.text(lang), case=entry.case))
    yield entry
    for sent in entry.sent:  # idempotent
        store.keep_message(entry.case, sent)
    yield msgspec.structs.replace(entry, sent=[])


def _with_answers(store: CaseStore, entry: Entry) -> Entry:
    if entry.waiting is None:
        return entry
    version = store.save(
        entry.case, entry.waiting, version=entry.version, label=entry.label, lang=entry.lang,
        consent_at=entry.consent_at, writer=entry.writer, beside=True,
    )  # fmt: skip
    return msgspec.structs.replace(entry, version=version, waiting=None)


_FIRST_PAUSE: Final = 5.0
_LONGEST_PAUSE: Final = 60.0
"""Seconds before an unreachable store is tried again, so that no answer waits for it."""
_LAST_WAIT: Final = 2.0
"""Seconds that `finish` waits for a store that is being opened; later, answers stay in the journal."""
_OFFLINE_NUMBERS: Final = 1000
"""First number of placeholders given while the store is unreachable, so that they never collide with stored ones."""


class CaseFile:
    """The case of one run. `fault` says why the last answer is not in the store, None if it is.

    `notices` are lines to show once: cases purged, a file repaired, another operator's change. `label` is the desk's
    nickname or ticket number; `consent_at` the time at which the user agreed (RFC 3339), both for the next case made.
    `sent` are the messages that asked this run's user something, the latest last; `went` how the steps of the plan
    went, by their ids, for as long as the run is not left in good order.
    """

    keeps: Final = True
    keeps_readings: Final = True
    """Readings of checks are stored beside the answers."""

    def __init__(
        self, knowledge: Knowledge, place: StoreLocation, *, operator: str = "", lang: Literal["zh", "en"] = "zh",
        purge_days: int | None = None, folder: Path | None = None,
    ) -> None:  # fmt: skip
        self.knowledge, self.place = knowledge, place
        self.label = ""
        self.consent_at: str | None = None
        self.sent: list[Sent] = []
        self.went: dict[str, StepResult] = {}
        self.fault: UserError | None = None
        self.notices: list[str] = []
        self.operator, self.lang, self._purge_days = operator, lang, purge_days
        self._journal = Journal(folder or default_folder())
        self.unsent = Unsent(self._journal.folder.parent, place.key, never=(entry_of(AGE),))
        self._store: CaseStore | None = None
        self._door = threading.Lock()
        self._over = False
        self._entry: Entry | None = None
        self._lock: FileLock | None = None
        self._pause = 0.0
        self._not_before = 0.0
        self._gone: StoreError | None = None  # why this run's case was deleted; it is not created again
        self._behind = True  # whether the journal may hold what the store should have
        self._offline = Redactor(taken=dict.fromkeys(KINDS, _OFFLINE_NUMBERS))

    @property
    def case_id(self) -> str | None:
        """The case of this run, None before the first answer."""
        return self._entry.case if self._entry is not None else None

    @property
    def run(self) -> str:
        """The key under which unsubmitted texts of this run are kept."""
        return self.case_id or ""

    @property
    def name(self) -> str:
        """The case's label, else its id."""
        return self._entry.label or self._entry.case if self._entry is not None else self.label

    @property
    def begun(self) -> bool:
        """Whether this run has a case, so that a new reading is to be saved at once."""
        return self._entry is not None

    def store(self) -> CaseStore:
        """Return the store, opened on first use; thread-safe. Raises StoreError."""
        with self._door:
            if self._store is None:
                from diagnostics.cases.store import open_store

                store = open_store(
                    self.knowledge, self.place, operator=self.operator, purge_days=self._purge_days, lang=self.lang,
                    journal=self._journal.folder,
                )  # fmt: skip
                if self._over:
                    store.dispose()
                    raise StoreError("cases.run_over")
                self._store = store
                self.notices += store.notices
            return self._store

    def close(self) -> None:
        """Close the store; it is opened again, and repaired if damaged, when it is needed."""
        with self._door:
            self._dispose()

    def _dispose(self) -> None:
        if self._store is not None:
            self._store.dispose()
            self._store = None

    def catch_up(self) -> None:
        """Deliver what was kept back while the store was being opened."""
        if self._entry is not None and self._entry.pending:
            self._flush()

    def write(self, observations: Iterable[Observation]) -> None:
        """Save the observations: in the store, or in the journal while the store is unreachable."""
        if self._gone is not None:
            return
        if self._entry is None:
            label, agreed, self.label, self.consent_at = clean_line(self.label, 80), self.consent_at, "", None
            self._start(case=new_id(), label=label, lang=self.lang, consent_at=agreed, sent=self.sent.copy())
        self._flush(waiting=minimise(self.knowledge, observations, lambda text: text))

    def send(self, sent: Sent) -> None:
        """Keep a sent message with this run's case, also before the case exists."""
        self.sent.append(sent)
        if self._entry is not None:
            self._flush(sent=[*self._entry.sent, sent])

    def keep_steps(self) -> None:
        """Save the results of plan steps in the journal."""
        if self._entry is not None:
            self._remember(msgspec.structs.replace(self._entry, went=self.went.copy()))

    def describe(self, label: str = "", *, agreed: bool = False) -> None:
        """Set the case's label and the user's consent, now or when the case is created.

        Raises StoreError if the case exists and the store cannot be written now.
        """
        if self._entry is None:
            self.label = label or self.label
            self.consent_at = self.consent_at or (now() if agreed else None)
            return
        self._flush()
        if self._entry is None or self._entry.version is None:
            raise StoreError("cases.no_case_yet")
        if label:
            self.store().rename(self._entry.case, label)
        if agreed:
            self.store().consent(self._entry.case)

    def exists(self) -> bool:
        """Whether a run was left unfinished on this computer."""
        return self._unfinished() is not None

    def read(self, knowledge: Knowledge) -> tuple[Observation, ...]:
        """Resume the unfinished run and return its observations, none if there is no such run. Raises DraftError."""
        entry = self._unfinished()
        if entry is None:
            return ()
        try:
            sent: Iterable[Sent] = entry.sent
            if entry.waiting is not None:
                found: Collection[Observation] = entry.waiting
            else:
                case = self.store().open(entry.case)
                found, sent = case.observations, (*case.sent, *entry.sent)
                entry = msgspec.structs.replace(entry, version=case.version, label=case.label)
            checked = stored_observations(knowledge, found)
        except NoSuchCaseError:
            self._journal.remove(entry.case)
            return ()
        except (StoreError, AnswerError) as error:
            raise DraftError("because", why=error) from None
        self._entry, self.sent, self.went = entry, list(sent), entry.went.copy()
        self._take_lock(entry)
        return checked

    def take_up(self, id_: str) -> tuple[Observation, ...]:
        """Switch to another case and return its observations. Raises StoreError."""
        case = self.store().open(id_)
        try:
            checked = stored_observations(self.knowledge, case.observations)
        except AnswerError as error:
            raise StoreError("cases.case_fault", id=case.id, why=error) from None
        self.remove()
        self._start(
            case=case.id, version=case.version, label=case.label, lang=case.lang, consent_at=case.consent_at,
        )  # fmt: skip
        self.sent = list(case.sent)
        return checked

    def set_aside(self, why: str = "left") -> Path | None:  # noqa: ARG002  a draft's signature
        """Put the unfinished run aside: it stays in the store, undelivered parts stay in the journal."""
        entry = self._unfinished()
        if entry is None:
            return None
        self.unsent.forget(entry.case)
        self._put_down(entry)
        return self.place.file or self._journal.path(entry.case)

    def remove(self) -> None:
        """Leave this run's case in the store; the next answer makes a new one."""
        self.unsent.forget(self.run, "")
        if self._entry is not None:
            self._put_down(self._entry)
        self._entry = self._gone = None
        self.sent, self.went = [], {}

    def finish(self) -> None:
        """End the run, so that there is nothing to resume; for a regular exit."""
        if self._entry is not None and self._entry.pending:
            self._not_before = 0.0
            if self._door.acquire(timeout=_LAST_WAIT):
                self._door.release()
            self._flush()
        self.remove()
        self._over = True
        self._dispose()  # without the lock: a store may still be opening behind it

    def _start(self, **fields: Any) -> None:
        entry = Entry(writer=new_id(), store=self.place.key, **fields)
        self._take_lock(entry)
        self._remember(entry)

    def _take_lock(self, entry: Entry) -> None:
        lock = self._journal.lock(entry.case)
        with contextlib.suppress(OSError):
            private_folder(lock.path.parent)
        self._lock = lock if lock.claim() else None  # without locks a run can be taken up twice; the store tells so

    def _put_down(self, entry: Entry) -> None:
        try:
            if entry.pending:
                self._journal.write(msgspec.structs.replace(entry, done=True))
            else:
                self._journal.remove(entry.case)
        except OSError as error:
            self.notices.append(system_fault(error).at(str(self._journal.folder)).text(self.lang))
        if self._lock is not None:
            self._lock.release(remove=True)
            self._lock = None

    def _unfinished(self) -> Entry | None:
        mine = (one for one in self._journal.left() if not one.done and one.store == self.place.key)
        return next(mine, None)

    def _remember(self, entry: Entry) -> bool:
        """Write the journal with every text masked; returns whether that succeeded."""
        self._entry, mask = entry, self._offline.redact
        safe = msgspec.structs.replace(
            entry,
            label=mask(entry.label) if entry.version is None else "",  # the store has it
            waiting=minimise(self.knowledge, entry.waiting, mask) if entry.waiting is not None else None,
        )
        try:
            self._journal.write(safe)
        except OSError as error:
            self.fault = UserError("cases.unsaved", why=system_fault(error).at(str(self._journal.folder)))
            return False
        return True

    def _flush(self, **waiting: Any) -> None:
        """Deliver everything pending, with these new parts, to the store; on failure keep it in the journal."""
        assert self._entry is not None  # noqa: S101  set by every caller
        before = self._entry = msgspec.structs.replace(self._entry, **waiting)
        if time.monotonic() < self._not_before or (self._store is None and self._door.locked()):
            self._remember(before)
            return
        try:
            store, entry = self.store(), before
            for entry in deliver(store, before, self.notices, self.lang):
                self._entry = entry
        except DeletedError as error:
            self._put_down(msgspec.structs.replace(before, waiting=None, sent=[]))
            self.unsent.forget(before.case, notes=True)
            self._entry, self._gone = None, error
            self.fault = UserError("cases.gone_meanwhile", why=error)
            return
        except StoreError as error:
            if isinstance(error, StoreDamagedError):
                self.close()
            if isinstance(error, StoreGoneError):
                self._pause = min(max(self._pause * 2, _FIRST_PAUSE), _LONGEST_PAUSE)
                self._not_before = time.monotonic() + self._pause
            self._behind = True
            if self._remember(self._entry):
                self.fault = UserError("cases.waiting", why=error)
            return
        self.fault, self._pause = None, 0.0
        if entry.case != before.case:
            self._put_down(msgspec.structs.replace(before, waiting=None, sent=[]))
            self._take_lock(entry)
            self._remember(entry)
        if self._behind:
            self._behind = False
            self._remember(entry)
            deliver_leftovers(store, self._journal, self.notices, self.lang)
