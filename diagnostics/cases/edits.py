"""What the desk does with a case: note, tag, rename, consent, owner, follow-up, close, open again."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, insert, select, update

from diagnostics.cases import history, rows
from diagnostics.cases.ids import new_id
from diagnostics.cases.model import CLOSINGS, MAX_NOTE, CaseRow, ConflictError, Note, RefusedError
from diagnostics.cases.opened import OpenStore
from diagnostics.cases.schema import CASES, EVENTS, TAGS
from diagnostics.redaction import mask_numbers
from diagnostics.sanitize import clean, clean_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sqlalchemy import Connection, Row

    from diagnostics.cases.history import Kind


class Edits(OpenStore):
    """The changes that a desk makes to a case; each is one transaction, and its texts are masked first.

    `version` is the one on which whoever changes something saw it. Left out, the change is made on what is there now,
    but never over a value that somebody else gave: that raises ConflictError, which says who gave it and when.
    """

    def note(self, id_: str, text: str, *, uid: str | None = None) -> Note:
        """Add a note, masked; the same `uid` is added once. Raises StoreError where it is empty or too long."""
        if not text.strip():
            raise RefusedError("cases.empty_note")
        if len(text) > MAX_NOTE:
            raise RefusedError("cases.long_note", most=MAX_NOTE, length=len(text))
        given = uid or new_id() + new_id()

        def add(connection: Connection) -> Note:
            row = rows.find(connection, id_, lock=True)
            mask = self.mask(connection, row.id)
            note = Note(id=given, at=self.now(), operator=self.operator, text=mask(clean(text.strip())))
            if rows.add_note(connection, row.id, note):
                mask.keep()
                self._touch(connection, row, ("note", ""))
            return note

        return self.change(add)

    def tag(self, id_: str, add: Iterable[str] = (), remove: Iterable[str] = ()) -> tuple[str, ...]:
        """Add and remove tags; returns all the case has then."""
        adding, removing = tuple(add), tuple(remove)

        def change(connection: Connection) -> tuple[str, ...]:
            row = rows.find(connection, id_, lock=True)
            mask = self.mask(connection, row.id)
            had = set(connection.execute(select(TAGS.c.tag).where(TAGS.c.case_id == row.id)).scalars())
            new = {mask(clean_line(tag, 40)) for tag in adding if tag.strip()} - had
            gone = {clean_line(tag, 40) for tag in removing} & had
            for tag in sorted(new):
                connection.execute(insert(TAGS).values(case_id=row.id, tag=tag))
            if gone:
                connection.execute(delete(TAGS).where((TAGS.c.case_id == row.id) & TAGS.c.tag.in_(gone)))
            if new or gone:
                mask.keep()
                done: list[tuple[Kind, str]] = []
                if new:
                    done.append(("tag", " ".join(sorted(new))))
                if gone:
                    done.append(("untag", " ".join(sorted(gone))))
                self._touch(connection, row, *done)
            return tuple(sorted((had | new) - gone))

        return self.change(change)

    def _touch(self, connection: Connection, row: Row[Any], *done: tuple[Kind, str]) -> None:
        """Note that a case was worked on; its version stays, for nothing that others may change was changed."""
        values = {"updated_at": max(row.updated_at, self.now()), "changed_by": self.operator}
        connection.execute(update(CASES).where(CASES.c.id == row.id).values(**values))
        for kind, detail in done:
            self.write_down(connection, row.id, row.version, kind, detail)
        rows.reindex(connection, self.knowledge, row.id)

    def write_down(self, connection: Connection, id_: str, version: int, kind: Kind, detail: str = "") -> None:
        """Add to the history of a case what is done to it now."""
        history.note_event(
            connection, id_, version=version, at=self.now(), operator=self.operator, kind=kind, detail=detail
        )

    def close(self, id_: str, cause: str, *, version: int | None = None) -> CaseRow:
        """Close a case with what proved to be the cause, or `unsettled`. Raises ConflictError, StoreError."""
        if cause not in self.closings():
            from diagnostics.answers import nearest

            raise RefusedError("unknown_cause", clean_line(cause, 60), near=nearest(cause, self.closings()))

        def closing(connection: Connection, row: Row[Any]) -> dict[str, Any] | None:
            if row.status == "closed" and version is None:
                if row.proven == cause:
                    return None
                raise self._somebodys(connection, row, "close")
            return {"status": "closed", "proven": cause, "closed_at": self.now()}

        return self._change(id_, version, "close", cause, closing)

    def closings(self) -> tuple[str, ...]:
        """Return what a case can be closed with: every cause, the entry found after all, or nothing settled."""
        return (*self.knowledge.causes, *CLOSINGS)

    def reopen(self, id_: str, *, version: int | None = None) -> CaseRow:
        """Open a closed case again; what it was closed with stays in its history."""
        return self._change(
            id_,
            version,
            "reopen",
            "",
            lambda _connection, row: (
                {"status": "open", "proven": None, "closed_at": None} if row.status == "closed" else None
            ),
        )

    def rename(self, id_: str, label: str, *, version: int | None = None) -> CaseRow:
        """Give a case the desk's nickname or ticket number; personal numbers in it are masked."""
        wanted = clean_line(label, 80)

        def naming(connection: Connection, row: Row[Any]) -> dict[str, Any] | None:
            mask = self.mask(connection, row.id)
            named = mask(wanted)
            if named == row.label:
                return None
            if row.label and version is None and self._others(connection, row, "label", "made"):
                raise self._somebodys(connection, row, "label", "made", value=row.label)
            mask.keep()
            return {"label": named}

        return self._change(id_, version, "label", None, naming)

    def consent(self, id_: str, *, version: int | None = None) -> CaseRow:
        """Note that the user agreed to the case being kept, and when; the first time counts."""
        return self._change(
            id_,
            version,
            "consent",
            "",
            lambda _connection, row: {"consent_at": self.now()} if row.consent_at is None else None,
        )

    def own(self, id_: str, owner: str, *, version: int | None = None) -> CaseRow:
        """Let somebody look after a case, oneself or another; an empty name: nobody."""
        wanted = mask_numbers(clean_line(owner, 60))

        def owning(connection: Connection, row: Row[Any]) -> dict[str, Any] | None:
            mask = self.mask(connection, row.id)
            named = mask(wanted)
            if named == row.owner:
                return None
            if row.owner not in ("", self.operator) and version is None:
                raise self._somebodys(connection, row, "owner", value=row.owner)
            mask.keep()
            return {"owner": named}

        return self._change(id_, version, "owner", None, owning)

    def follow_up(self, id_: str, day: str | None, *, version: int | None = None) -> CaseRow:
        """Set the day (2026-01-31) on which to come back to a case, or none. Raises RefusedError where it is no day."""
        if day is not None and not is_day(day):
            raise RefusedError("cases.no_such_date", clean_line(day, 40))

        def setting(connection: Connection, row: Row[Any]) -> dict[str, Any] | None:
            if row.due_on == day:
                return None
            if row.due_on and version is None and self._others(connection, row, "due"):
                raise self._somebodys(connection, row, "due", value=row.due_on)
            return {"due_on": day}

        return self._change(id_, version, "due" if day else "undue", day or "", setting)

    def _change(
        self,
        id_: str,
        version: int | None,
        kind: Kind,
        detail: str | None,
        values: Callable[[Connection, Row[Any]], dict[str, Any] | None],
    ) -> CaseRow:
        """Change a case by what `values` says of it; None where it is so already. `detail` None: the value itself."""

        def work(connection: Connection) -> CaseRow:
            row = rows.find(connection, id_, lock=True)
            if version is not None and row.version != version:
                raise rows.changed(connection, self.knowledge, row, version)
            new = values(connection, row)
            if new is None:
                return rows.as_row(row)
            told = str(next(iter(new.values()))) if detail is None else detail
            now = rows.change(connection, self.knowledge, row, version, new, at=self.now(), by=self.operator)
            self.write_down(connection, row.id, now, kind, told)
            rows.reindex(connection, self.knowledge, row.id)
            return rows.as_row(rows.find(connection, row.id))

        return self.change(work)

    def _others(self, connection: Connection, row: Row[Any], *kinds: Kind) -> bool:
        """Whether somebody else gave the value that stands there."""
        last = self._last(connection, row, *kinds)
        return last is None or last.operator != self.operator

    def _last(self, connection: Connection, row: Row[Any], *kinds: Kind) -> Row[Any] | None:
        query = select(EVENTS).where((EVENTS.c.case_id == row.id) & EVENTS.c.kind.in_(kinds))
        return connection.execute(query.order_by(EVENTS.c.seq.desc()).limit(1)).one_or_none()

    def _somebodys(self, connection: Connection, row: Row[Any], *kinds: Kind, value: str = "") -> ConflictError:
        """Return what to tell whoever would overwrite what another did without having seen it."""
        last = self._last(connection, row, *kinds)
        by, at = (last.operator, last.at) if last is not None else (row.changed_by or row.operator, row.updated_at)
        told: object = value
        if kinds[0] == "close":
            told = history.TitleError(self.knowledge, str(row.proven))
        return ConflictError(
            f"case_has.{kinds[0]}",
            id=row.id,
            who=history.who(by),
            at=history.clock(at),
            value=told,
            version=row.version,
        )


def is_day(text: str) -> bool:
    """Whether this is a day of the calendar, written 2026-01-31."""
    try:
        return bool(re.fullmatch(r"\d{4}-\d{2}-\d{2}", text)) and bool(date.fromisoformat(text))
    except ValueError:
        return False
