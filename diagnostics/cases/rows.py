"""Rows as cases, and back; what the assessment says stands beside the observations, to list and to search."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec
from sqlalchemy import insert, select, update

from diagnostics.cases import fulltext
from diagnostics.cases.ids import ID_LENGTH, LETTERS
from diagnostics.cases.ledger import ledgers_of
from diagnostics.cases.model import Case, CaseRow, ConflictError, NoSuchCaseError, Note, StoreDamagedError, leading
from diagnostics.cases.schema import CASES, NOTES, TAGS
from diagnostics.clean import clean_line
from diagnostics.evidence import Evidence, Observation
from diagnostics.told import ToldError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection, Row

    from diagnostics.knowledge.model import Knowledge

_OBSERVATIONS: Final = msgspec.json.Decoder(list[Observation])
_PLAIN: Final = (*CaseRow.__struct_fields__, "lang", "knowledge", "consent_at", "changed_by")
SEARCHED: Final = ("outcome", "first_cause", "first_status")
"""What the words of a case are made of, and each save may change."""
ROW_COLUMNS: Final = tuple(CASES.c[name] for name in CaseRow.__struct_fields__)


def as_row(row: Row[Any]) -> CaseRow:
    """Return a line of the list."""
    return CaseRow(**{name: getattr(row, name) for name in CaseRow.__struct_fields__})


def as_case(connection: Connection, row: Row[Any]) -> Case:
    """Return the whole case. Raises StoreDamagedError where its observations cannot be read."""
    return as_cases(connection, [row])[0]


def as_cases(connection: Connection, found: Sequence[Row[Any]]) -> list[Case]:
    """Return whole cases, with one query for the notes of all of them, and so on. Raises StoreDamagedError."""
    ids = [row.id for row in found]
    notes: dict[str, list[Note]] = {id_: [] for id_ in ids}
    tags: dict[str, list[str]] = {id_: [] for id_ in ids}
    for one in connection.execute(select(NOTES).where(NOTES.c.case_id.in_(ids)).order_by(NOTES.c.at, NOTES.c.seq)):
        notes[one.case_id].append(Note(id=one.id, at=one.at, operator=one.operator, text=one.text))
    for one in connection.execute(select(TAGS).where(TAGS.c.case_id.in_(ids)).order_by(TAGS.c.tag)):
        tags[one.case_id].append(one.tag)
    masked = ledgers_of(connection, ids)
    return [
        Case(
            **{name: getattr(row, name) for name in _PLAIN},
            observations=_observations(row),
            notes=tuple(notes[row.id]),
            tags=tuple(tags[row.id]),
            masked=tuple(masked[row.id]),
        )
        for row in found
    ]


def _observations(row: Row[Any]) -> tuple[Observation, ...]:
    try:
        return tuple(_OBSERVATIONS.decode(row.observations))
    except msgspec.MsgspecError as error:
        raise StoreDamagedError("cases.observations_damaged", id=row.id, why=clean_line(str(error))) from None


def find(connection: Connection, id_: str) -> Row[Any]:
    """Return the row of this id, or of the one whose id begins so (four characters or more). Raises NoSuchCaseError."""
    wanted = id_.strip().lower()
    row = connection.execute(select(CASES).where(CASES.c.id == wanted)).one_or_none()
    if row is not None:
        return row
    if 4 <= len(wanted) < ID_LENGTH and all(char in LETTERS for char in wanted):
        rows = connection.execute(select(CASES).where(CASES.c.id.between(wanted, wanted + "~")).limit(2)).all()
        if len(rows) == 1:
            return rows[0]
        if rows:
            raise NoSuchCaseError("cases.several_cases", wanted, first=rows[0].id, second=rows[1].id)
    raise NoSuchCaseError("cases.no_case", clean_line(wanted, 40))


def change(connection: Connection, row: Row[Any], version: int | None, **values: Any) -> int:
    """Change a case that still has the version its reader saw (None: whatever it has now); returns the new version.

    Raises ConflictError, saying who changed it and when; nothing is changed then.
    """
    expected = row.version if version is None else version
    if "updated_at" in values:
        values["updated_at"] = max(row.updated_at, values["updated_at"])  # a clock set back makes no case older
    same = (CASES.c.id == row.id) & (CASES.c.version == expected)
    done = connection.execute(update(CASES).where(same).values(version=CASES.c.version + 1, **values))
    if done.rowcount != 1:
        now = connection.execute(select(CASES).where(CASES.c.id == row.id)).one_or_none()
        if now is None:
            raise NoSuchCaseError("cases.case_deleted", row.id)
        raise ConflictError(
            "cases.case_changed",
            id=row.id,
            who=now.changed_by or ToldError("cases.somebody"),
            at=f"{now.updated_at[:16].replace('T', ' ')} UTC",
            version=now.version,
            yours=expected,
        )
    return expected + 1


def judged(knowledge: Knowledge, observations: Sequence[Observation]) -> dict[str, Any]:
    """Return what the assessment of these observations puts beside a case."""
    from diagnostics.report.build import Case

    case = Case(knowledge, Evidence(observations))
    first = case.assessment.first
    return {
        "outcome": case.outcome,
        "first_cause": first.cause.id,
        "first_status": first.status,
        "answered": len({one.id for one in observations if one.id in knowledge.questions}),
        "knowledge": knowledge.version,
        "observations": msgspec.json.encode(list(observations)).decode(),
    }


def reindex(connection: Connection, knowledge: Knowledge, id_: str) -> None:
    """Write the words of a case anew: label, tags, notes, outcome and causes, in both languages."""
    row = connection.execute(select(CASES).where(CASES.c.id == id_)).one()
    first = leading(row)
    parts = [row.id, row.label, row.outcome, first, row.proven or ""]
    for cause_id in (first, row.proven):
        cause = knowledge.causes.get(cause_id or "")
        if cause is not None:
            parts += [cause.zh.title, cause.en.title]
    said = knowledge.locale.get(f"cases.outcome.{row.outcome}")
    parts += [said.zh, said.en] if said is not None else []
    parts += connection.execute(select(TAGS.c.tag).where(TAGS.c.case_id == id_)).scalars()
    parts += connection.execute(select(NOTES.c.text).where(NOTES.c.case_id == id_).order_by(NOTES.c.seq)).scalars()
    fulltext.index(connection, row.place, "\n".join(parts))


def add_note(connection: Connection, case_id: str, note: Note) -> bool:
    """Add a note unless it is there already; returns whether it was added."""
    if connection.execute(select(NOTES.c.seq).where(NOTES.c.id == note.id)).first() is not None:
        return False
    row = {"id": note.id, "case_id": case_id, "at": note.at, "operator": note.operator, "text": note.text}
    connection.execute(insert(NOTES).values(**row))
    return True
