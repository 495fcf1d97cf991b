"""What the desk does with a case: note, tag, rename, note the consent, close, open again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, insert, select, update

from diagnostics.cases import rows
from diagnostics.cases.ids import new_id
from diagnostics.cases.model import CLOSINGS, MAX_NOTE, CaseRow, Note, RefusedError
from diagnostics.cases.opened import OpenStore
from diagnostics.cases.schema import CASES, TAGS
from diagnostics.clean import clean, clean_line

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection, Row


class Edits(OpenStore):
    """The changes that a desk makes to a case; each is one transaction, and its texts are masked first."""

    def note(self, id_: str, text: str, *, uid: str | None = None) -> Note:
        """Add a note, masked; the same `uid` is added once. Raises StoreError where it is empty or too long."""
        if not text.strip():
            raise RefusedError("cases.empty_note")
        if len(text) > MAX_NOTE:
            raise RefusedError("cases.long_note", most=MAX_NOTE, length=len(text))
        with self.writing() as connection:
            row = rows.find(connection, id_)
            mask = self.mask(connection, row.id)
            note = Note(
                id=uid or new_id() + new_id(),
                at=self.now(),
                operator=self.operator,
                text=mask(clean(text.strip())),
            )
            if rows.add_note(connection, row.id, note):
                mask.keep()
                self._touch(connection, row)
            return note

    def tag(self, id_: str, add: Iterable[str] = (), remove: Iterable[str] = ()) -> tuple[str, ...]:
        """Add and remove tags; returns all the case has then."""
        with self.writing() as connection:
            row = rows.find(connection, id_)
            mask = self.mask(connection, row.id)
            had = set(connection.execute(select(TAGS.c.tag).where(TAGS.c.case_id == row.id)).scalars())
            new = {mask(clean_line(tag, 40)) for tag in add if tag.strip()} - had
            gone = {clean_line(tag, 40) for tag in remove} & had
            for tag in sorted(new):
                connection.execute(insert(TAGS).values(case_id=row.id, tag=tag))
            if gone:
                connection.execute(delete(TAGS).where((TAGS.c.case_id == row.id) & TAGS.c.tag.in_(gone)))
            if new or gone:
                mask.keep()
                self._touch(connection, row)
            return tuple(sorted((had | new) - gone))

    def _touch(self, connection: Connection, row: Row[Any]) -> None:
        """Note that a case was worked on; its version stays, for nothing that others may change was changed."""
        worked_on = max(row.updated_at, self.now())
        connection.execute(update(CASES).where(CASES.c.id == row.id).values(updated_at=worked_on))
        rows.reindex(connection, self.knowledge, row.id)

    def close(self, id_: str, cause: str, *, version: int | None = None) -> CaseRow:
        """Close a case with what proved to be the cause, or `unsettled`. Raises ConflictError, StoreError."""
        if cause not in self.closings():
            from diagnostics.answers import nearest

            raise RefusedError("unknown_cause", clean_line(cause, 60), near=nearest(cause, self.closings()))
        return self._change(id_, version, status="closed", proven=cause, closed_at=self.now())

    def closings(self) -> tuple[str, ...]:
        """Return what a case can be closed with: every cause, the entry found after all, or nothing settled."""
        return (*self.knowledge.causes, *CLOSINGS)

    def reopen(self, id_: str, *, version: int | None = None) -> CaseRow:
        """Open a closed case again; what it was closed with is forgotten."""
        return self._change(id_, version, status="open", proven=None, closed_at=None)

    def rename(self, id_: str, label: str, *, version: int | None = None) -> CaseRow:
        """Give a case the desk's nickname or ticket number; personal numbers in it are masked."""
        with self.writing() as connection:
            row = rows.find(connection, id_)
            mask = self.mask(connection, row.id)
            values = {"label": mask(clean_line(label, 80)), "updated_at": self.now(), "changed_by": self.operator}
            rows.change(connection, row, version, **values)
            mask.keep()
            rows.reindex(connection, self.knowledge, row.id)
            return rows.as_row(rows.find(connection, row.id))

    def consent(self, id_: str, *, version: int | None = None) -> CaseRow:
        """Note that the user agreed to the case being kept, and when."""
        return self._change(id_, version, consent_at=self.now())

    def _change(self, id_: str, version: int | None, **values: Any) -> CaseRow:
        with self.writing() as connection:
            row = rows.find(connection, id_)
            rows.change(connection, row, version, updated_at=self.now(), changed_by=self.operator, **values)
            rows.reindex(connection, self.knowledge, row.id)
            return rows.as_row(rows.find(connection, row.id))
