"""What waits in a run's journal on its way into the store: nothing is written twice, nothing of others overwritten."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import msgspec

from diagnostics.cases.ids import new_id
from diagnostics.cases.model import ConflictError, DeletedError, NoSuchCaseError, StoreError, StoreGoneError
from diagnostics.i18n import UserError
from diagnostics.library_errors import system_fault

if TYPE_CHECKING:
    from diagnostics.cases.journal import Entry, Journal
    from diagnostics.cases.model import Case
    from diagnostics.cases.store import CaseStore
    from diagnostics.knowledge.model import Lang


def deliver_left(store: CaseStore, journal: Journal, notices: list[str], lang: Lang) -> None:
    """Bring into the store what runs that are over left waiting; what fails goes on waiting, and is told."""
    for entry in list(journal.left()):
        if entry.pending and entry.store == store.place.name:
            try:
                delivered = deliver_notes(store, deliver_answers(store, entry, notices, lang))
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


def deliver_answers(store: CaseStore, entry: Entry, notices: list[str], lang: Lang) -> Entry:
    """Bring the answers that wait in an entry into the store and return the entry as it is then. Raises StoreError.

    Where somebody else changed the answers in the meantime, ours become a case of their own: neither is lost, and
    `notices` says so in this language. A case that was deleted for good does not come back: that is a DeletedError.
    """
    if entry.waiting is None:
        return entry
    try:
        return _save(store, entry)
    except DeletedError:
        raise
    except (ConflictError, NoSuchCaseError) as error:
        entry = _save(store, msgspec.structs.replace(entry, case=new_id(), version=None, saved=""))
        notices.append(store.knowledge.say("cases.forked", lang, why=error.text(lang), case=entry.case))
        return entry


def deliver_notes(store: CaseStore, entry: Entry) -> Entry:
    """Bring the notes that wait in an entry into the store; one that is there already is not added again."""
    for note in entry.notes:
        store.note(entry.case, note.text, uid=note.id)
    return msgspec.structs.replace(entry, notes=[])


def fingerprint(observations: str) -> str:
    """Return by what observations, as the store writes them, are known again: nothing of them stays here."""
    return hashlib.sha256(observations.encode()).hexdigest()


def fingerprint_of(case: Case) -> str:
    """Return the fingerprint of what the store holds of a case."""
    return fingerprint(msgspec.json.encode(list(case.observations)).decode())


def _save(store: CaseStore, entry: Entry) -> Entry:
    waiting = entry.waiting or []
    options = {"label": entry.label, "lang": entry.lang, "consent_at": entry.consent_at, "writer": entry.writer}
    try:
        done = store.save(entry.case, waiting, version=entry.version, **options)  # type: ignore[arg-type]
    except ConflictError:
        case = store.open(entry.case)
        if entry.version is None or fingerprint_of(case) not in (entry.saved, fingerprint(entry.saved)):
            raise
        done = store.save(
            entry.case, waiting, version=case.version, writer=entry.writer
        )  # a note's neighbour, not the answers, changed
    return msgspec.structs.replace(entry, version=done.version, waiting=None, saved=fingerprint(done.observations))
