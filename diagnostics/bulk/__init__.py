"""Many cases at once: what the rules say of the same answers is worked out once and kept, within bounds.

The rules stand where they always do; here stands only which answers each of them looks at. Two cases that agree in
those get the same piece of the report, to the letter. What cannot be read here is left to the plain way, which also
words the faults.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from diagnostics.bulk.case import BulkCase, Room
from diagnostics.bulk.form import Form
from diagnostics.bulk.sight import DoubtError
from diagnostics.bulk.typeset import Typesetter
from diagnostics.reasoning import FOR

if TYPE_CHECKING:
    from collections.abc import Sequence

    from diagnostics.knowledge.model import Knowledge

__all__ = ["Bulk", "Done"]


class Done(NamedTuple):
    """A line as it is written, and how the case ended; `first` is the first cause that stands, if one does."""

    data: bytes
    outcome: str
    first: str


class Bulk:
    """Diagnoses the lines of one stream."""

    def __init__(self, knowledge: Knowledge, lang: Any, fields: Sequence[str]) -> None:
        self._form = Form(knowledge)
        self._room = Room(knowledge, self._form)
        self._setter = Typesetter(self._room, lang, fields)

    def line(self, raw: bytes) -> Done | None:
        """Return the line out for a line in, or None where that has to be read the plain way."""
        sheet = self._form.read(raw)
        if sheet is None:
            return None
        try:
            case = BulkCase(self._room, sheet)
        except DoubtError:
            return None
        cause, status = case.first
        return Done(self._setter.line(case), case.outcome, cause.id if status in FOR else "")
