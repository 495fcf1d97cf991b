"""The case store: open it, save, list, note, tag, close and so on, the same for both databases."""

from __future__ import annotations

import re
import time
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Literal

from sqlalchemy import func, insert, select, update

from diagnostics.cases import queries, schema
from diagnostics.cases.database import lock_by_key
from diagnostics.cases.deletion import DeletingStore
from diagnostics.cases.model import (
    CLOSINGS,
    MAX_NOTE,
    Case,
    CasePage,
    CaseRow,
    ConflictError,
    Filter,
    Note,
    RefusedError,
    StoreDamagedError,
    clock,
    epoch,
    minimise,
    new_id,
    title_of,
    who,
)
from diagnostics.cases.opened import changes
from diagnostics.cases.schema import CASES, Finding
from diagnostics.i18n import nearest
from diagnostics.redaction import mask_numbers
from diagnostics.sanitize import clean, clean_line

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator
    from pathlib import Path

    from sqlalchemy import Connection, Row

    from diagnostics.cases.model import Kind, StoreLocation
    from diagnostics.evidence import Observation
    from diagnostics.knowledge.model import Knowledge
    from diagnostics.questionnaire.message import Sent

_PLACES_LOCK: Final = 0x706C6163
"""Key of PostgreSQL's advisory lock for assigning places in the list."""
_PAUSE: Final = 30 * 60
"""Seconds between two answers from which on the time is a pause and not counted."""


def open_store(
    knowledge: Knowledge, place: StoreLocation, *, operator: str = "", purge_days: int | None = None,
    lang: str = "zh", clock: Callable[[], float] = time.time, journal: Path | None = None,
) -> CaseStore:  # fmt: skip
    """Open the store: created if missing, migrated if older, repaired if damaged.

    Opening deletes nothing but remains of deleted cases. `purge_days`, a setting, is the retention period proposed if
    none is set; `journal` the folder of this computer's runs. What was done is in `notices` of the store. Raises
    StoreError and its subclasses.
    """
    try:
        store = CaseStore(knowledge, place, operator=operator, clock=clock, journal=journal)
    except StoreDamagedError as error:
        if place.file is None:
            raise
        from diagnostics.cases.repair import recover

        aside, cases, notes = recover(place.file, knowledge)
        store = CaseStore(knowledge, place, operator=operator, clock=clock, journal=journal)
        store.notices.append(
            knowledge.say("cases.repaired", lang, why=error.text(lang), cases=cases, notes=notes, aside=aside)
        )
    aside_key = store.check_key()
    if aside_key is not None:
        store.notices.append(knowledge.say("cases.weak_key", lang, aside=aside_key))
    store.resume_deletions()
    if purge_days is not None and (notice := store.due_notice(purge_days)) is not None:
        store.notices.append(notice.text(lang))
    return store


class CaseStore(DeletingStore):
    """The case store. Every method is one transaction; all raise StoreGoneError where the store cannot be reached.

    Changes of a case mask their texts first. `version` is the version that the caller has seen. Without it, the change
    is applied to the current state, but never overwrites a value of another operator: that raises ConflictError, which
    names the operator and the time.
    """

    # Reading

    def list(self, wanted: Filter | None = None, after: int | None = None, limit: int = 50) -> CasePage:
        """Return a page of cases, newest first; `after` is the `next` of the page before."""
        with self.reading() as connection:
            return queries.page(connection, wanted or Filter(), after, limit)

    def count(self) -> int:
        """Return how many cases there are."""
        with self.reading() as connection:
            return int(connection.execute(select(func.count(CASES.c.seq))).scalar_one())

    def open(self, id_: str) -> Case:
        """Return a whole case by its id, the beginning of it, or its label. Raises NoSuchCaseError."""
        with self.reading() as connection:
            return queries.load_cases(connection, [queries.find(connection, id_)])[0]

    def every(self, wanted: Filter | None = None) -> Iterator[Case]:
        """Yield whole cases, oldest first, from one snapshot."""
        with self.reading() as connection:
            yield from queries.every(connection, wanted or Filter())

    def closings(self) -> tuple[str, ...]:
        """Return what a case can be closed with: every cause, and CLOSINGS."""
        return (*self.knowledge.causes, *CLOSINGS)

    # The store itself

    def examine(self) -> tuple[Finding, ...]:
        """Return what is right and what is missing in the set-up."""
        kept = self.periods()
        with self.reading() as connection:
            found = tuple(schema.examine(connection, self.place))
        return (*found, Finding(key="retention" if kept else "no_retention", ok=True))

    def grant(self, role: str) -> None:
        """Grant a role the privileges for working on cases. Raises StoreRefusedError."""
        with self.writing() as connection:
            schema.grant(connection, self.place, role)

    def rebuild_words(self) -> int:
        """Add cases that are missing in the search index; returns how many there were."""
        with self.writing(patient=True) as connection:
            return queries.reindex(connection, self.knowledge, queries.without_words(connection))

    # A run with a user

    @changes
    def save(
        self, connection: Connection, id_: str, observations: Collection[Observation], *, version: int | None,
        label: str = "", lang: Literal["zh", "en"] = "zh", consent_at: str | None = None, writer: str | None = None,
        beside: bool = False,
    ) -> int:  # fmt: skip
        """Save the observations and return the case's version; `version` None creates the case.

        `writer` identifies the run (default: this store): saving the same again is no change and no conflict, so it can
        be retried. Raises ConflictError if somebody else changed the case since `version`; with `beside`, only if the
        answers were changed.
        """
        row = connection.execute(select(CASES).where(CASES.c.id == id_).with_for_update()).one_or_none()
        mask = self.mask(connection, id_)
        values = queries.judged(self.knowledge, minimise(self.knowledge, observations, mask))
        values["writer"] = writer or self._writer
        if row is None and version is None:
            queries.refuse_deleted(connection, id_)
            values |= {"lang": lang, "consent_at": consent_at, "label": mask(clean_line(label, 80))}
            self._insert(connection, id_, values)
            mask.keep(again=True)
            queries.reindex(connection, self.knowledge, CASES.c.id == id_)
            return 1
        row = row or queries.find(connection, id_)
        same = row.observations == values["observations"] and row.writer == values["writer"]
        if same and row.version == (version or 0) + 1:
            return int(row.version)
        if version is None:
            raise ConflictError("cases.case_exists", id=id_)
        if not (beside and self._only_beside(connection, row, version)):
            self.same_version(connection, row, version)
        passed = int(self.seconds() - epoch(row.updated_at))
        values["seconds"] = row.seconds + (passed if 0 <= passed <= _PAUSE else 0)
        words = any(getattr(row, name) != values[name] for name in queries.SEARCHED)
        new = self.touch(connection, row, ("answers", ""), words=words, **values)
        mask.keep(again=False)
        return new

    def _only_beside(self, connection: Connection, row: Row[Any], seen: int) -> bool:
        """Whether no change since this version is one of the answers, and the history knows them all."""
        events = queries.history_of(connection, row.id)[row.id]
        beside = {event.version for event in events if event.kind not in ("made", "answers", "import")}
        return beside.issuperset(range(seen + 1, row.version + 1))

    def _insert(self, connection: Connection, id_: str, values: dict[str, Any]) -> None:
        """Add a case at the top of the list, also if the clock was set back."""
        lock_by_key(connection, _PLACES_LOCK)
        last = connection.execute(select(func.max(CASES.c.place))).scalar()
        now = self.now()
        fixed = {"id": id_, "version": 1, "operator": self.operator, "changed_by": self.operator, "status": "open",
                 "created_at": now, "updated_at": now, "seconds": 0}  # fmt: skip
        place = max(int(self.seconds() * 1_000_000), (last or 0) + 1)
        connection.execute(insert(CASES).values(**fixed, place=place, **values))
        self.record_event(connection, id_, 1, "made", values["label"])

    # What a desk does to a case

    def note(self, id_: str, text: str) -> Note:
        """Add a note, masked. Raises RefusedError if it is empty or too long."""
        if not text.strip():
            raise RefusedError("cases.empty_note")
        if len(text) > MAX_NOTE:
            raise RefusedError("cases.long_note", most=MAX_NOTE, length=len(text))
        return self._note(id_, clean(text.strip()))

    @changes
    def _note(self, connection: Connection, id_: str, text: str) -> Note:
        row = self.locked(connection, id_)
        mask = self.mask(connection, row.id)
        note = Note(id=new_id() + new_id(), at=self.now(), operator=self.operator, text=mask(text))
        queries.add_note(connection, row.id, note)
        mask.keep()
        self.touch(connection, row, ("note", ""))
        return note

    @changes
    def keep_message(self, connection: Connection, id_: str, sent: Sent) -> None:
        """Store a sent message, by which replies without a tag are read; idempotent."""
        row = self.locked(connection, id_)
        had = queries.sent_in(row)
        if had[-1:] != (sent,):
            kept = {"sent": queries.with_sent(had, [sent])}
            connection.execute(update(CASES).where(CASES.c.id == row.id).values(kept))
            self.touch(connection, row, ("message", f"#{sent.tag}"))

    @changes
    def tag(
        self, connection: Connection, id_: str, add: Collection[str] = (), remove: Collection[str] = ()
    ) -> tuple[str, ...]:
        """Add and remove tags; returns all tags of the case."""
        row = self.locked(connection, id_)
        mask = self.mask(connection, row.id)
        had = queries.tags_of(connection, row.id)
        new = {mask(clean_line(tag, 40)) for tag in add if tag.strip()} - had
        gone = {clean_line(tag, 40) for tag in remove} & had
        queries.set_tags(connection, row.id, had, (had | new) - gone)
        done: tuple[tuple[Kind, set[str]], ...] = (("tag", new), ("untag", gone))
        if new or gone:
            mask.keep()
            self.touch(connection, row, *((kind, " ".join(sorted(tags))) for kind, tags in done if tags))
        return tuple(sorted((had | new) - gone))

    def close(self, id_: str, cause: str, *, version: int | None = None) -> CaseRow:
        """Close a case with what proved to be the cause, or `unsettled`. Raises ConflictError, StoreError."""
        if cause not in self.closings():
            raise RefusedError("unknown_cause", clean_line(cause, 60), near=nearest(cause, self.closings()))
        return self._set(id_, version, "close", {"proven": cause, "status": "closed", "closed_at": self.now()})

    def reopen(self, id_: str, *, version: int | None = None) -> CaseRow:
        """Open a closed case again; what it was closed with stays in its history."""
        return self._set(id_, version, "reopen", {"status": "open", "proven": None, "closed_at": None})

    def consent(self, id_: str, *, version: int | None = None) -> CaseRow:
        """Record the user's consent to storing the case; the first time counts."""
        return self._set(id_, version, "consent", {"consent_at": self.now()})

    def rename(self, id_: str, label: str, *, version: int | None = None) -> CaseRow:
        """Set the label (a nickname or ticket number); personal numbers in it are masked."""
        return self._set(id_, version, "label", {"label": clean_line(label, 80)})

    def own(self, id_: str, owner: str, *, version: int | None = None) -> CaseRow:
        """Set who is responsible for a case; an empty name: nobody."""
        return self._set(id_, version, "owner", {"owner": mask_numbers(clean_line(owner, 60))})

    def follow_up(self, id_: str, day: str | None, *, version: int | None = None) -> CaseRow:
        """Set or clear the day of the follow-up. Raises RefusedError for an invalid day."""
        due = None if day is None else day_of(day, datetime.now().astimezone().date())
        return self._set(id_, version, "due" if due else "undue", {"due_on": due})

    @changes
    def _set(
        self, connection: Connection, id_: str, version: int | None, kind: Kind, values: dict[str, Any]
    ) -> CaseRow:
        """Set values of a case, the first of which is the change itself, unless it has them already.

        Raises ConflictError if the current value is of another operator and `version` is not given.
        """
        row = self.locked(connection, id_, version)
        name, value = next(iter(values.items()))
        had = getattr(row, name)
        mask = self.mask(connection, row.id)
        if value and kind in _NAMED:
            values[name] = value = mask(value)
        is_so = all(getattr(row, one) == values[one] for one in values if one != "closed_at")
        if is_so or (had and kind == "consent"):
            return queries.record(CaseRow, row)
        if had and version is None and kind != "reopen":
            self._refuse_anothers(connection, row, kind, had)
        mask.keep()
        self.touch(connection, row, (kind, "" if kind in _UNTOLD else str(value)), **values)
        return queries.record(CaseRow, queries.find(connection, row.id))

    def _refuse_anothers(self, connection: Connection, row: Row[Any], kind: Kind, had: str) -> None:
        """Raise ConflictError if the current value is of another operator, or the case is closed already."""
        kinds = _GAVE.get(kind, (kind,))
        last = self.last_event(connection, row.id, *kinds)
        by, at = (last.operator, last.at) if last is not None else (row.changed_by or row.operator, row.updated_at)
        given = last is not None and by == self.operator
        if had == self.operator if kind == "owner" else given and kind != "close":
            return
        value = title_of(self.knowledge, had) if kind == "close" else had
        facts = {"who": who(by), "at": clock(at), "value": value, "version": row.version}
        raise ConflictError(f"case_has.{kinds[0]}", id=row.id, **facts)


_NAMED: Final = ("label", "owner")
"""Changes whose value was typed and is masked."""
_UNTOLD: Final = ("reopen", "consent", "undue")
"""Changes whose event needs no detail."""
_GAVE: Final[dict[Kind, tuple[Kind, ...]]] = {"label": ("label", "made"), "undue": ("due",)}
"""The kinds of event that set the value that a change would overwrite, if not its own kind."""


def is_day(text: str) -> bool:
    """Whether this is a valid date in the form 2026-01-31."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


_AHEAD: Final = {"今天": 0, "today": 0, "明天": 1, "tomorrow": 1, "后天": 2, "大后天": 3}
_DIGITS: Final = str.maketrans("一两二三四五六七八九", "1223456789")
_IN_DAYS: Final = re.compile(r"\+(\d{1,3})|(\d{1,3}) ?(?:天后|天以后)|in (\d{1,3}) days?")


def day_of(said: str, today: date) -> str:
    """Return a day in the stored form; reads a date, tomorrow (明天), in 3 days (3 天后, +3). Raises RefusedError."""
    words = said.strip().lower()
    counted = _IN_DAYS.fullmatch(words.translate(_DIGITS))
    ahead = _AHEAD.get(words) if counted is None else int(next(filter(None, counted.groups())))
    day = words if ahead is None else (today + timedelta(days=ahead)).isoformat()
    if not is_day(day):
        raise RefusedError("cases.no_such_day", clean_line(said, 40))
    return day
