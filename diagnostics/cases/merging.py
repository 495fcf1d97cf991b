"""A case from a bundle and the same case here: what is newer there is taken, what both changed is named and stays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal

import msgspec
from sqlalchemy import delete, insert, select, update

from diagnostics.cases import history, rows
from diagnostics.cases.bands import least
from diagnostics.cases.schema import CASES, EVENTS, TAGS
from diagnostics.sanitize import clean, clean_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from sqlalchemy import Connection, Row

    from diagnostics.cases.edits import Edits
    from diagnostics.cases.ledger import CaseMask
    from diagnostics.cases.model import Case, Event, Note

Way = Literal["same", "newer", "both"]
_TAGS: Final = frozenset({"tag", "untag"})
_ADDED: Final = frozenset({"note", "import", *_TAGS})
"""Changes that stand beside others and never against them."""
_SAME: Final = ("status", "proven", "label", "owner", "due_on", "observations")
"""What makes two states of a case different."""


def merge(store: Edits, connection: Connection, row: Row[Any], case: Case) -> tuple[int, Way]:
    """Bring what a bundle knows of a case into the same case here; returns how many notes were new, and which way."""
    mask = store.mask(connection, case.id)
    here = history.histories_of(connection, [case.id])[case.id]
    added = sum(rows.add_note(connection, case.id, safe_note(note, mask)) for note in case.notes)
    values = _state(store, case, mask)
    way = _way(row, case, here, values)
    tagged = _merge_tags(connection, case, here, mask)
    if way == "newer":
        version = max(row.version + 1, case.version)
        later = max(row.updated_at, case.updated_at)
        values |= {"version": version, "updated_at": later, "changed_by": mask(clean_line(case.changed_by, 60))}
        connection.execute(update(CASES).where(CASES.c.id == case.id).values(values))
        store.write_down(connection, case.id, version, "import")
    add_history(connection, case.id, case.history, mask)
    if added or tagged or way == "newer":
        mask.keep(again=way == "newer" or bool(added))
        rows.reindex(connection, store.knowledge, case.id)
    return added, way


def _state(store: Edits, case: Case, mask: CaseMask) -> dict[str, Any]:
    """Return what a case in a bundle would be here."""
    values = rows.judged(store.knowledge, least(store.knowledge, case.observations, mask))
    return values | {
        "knowledge": mask(clean_line(case.knowledge, 80)), "status": case.status, "proven": case.proven,
        "closed_at": case.closed_at, "label": mask(clean_line(case.label, 80)), "consent_at": case.consent_at,
        "owner": mask(clean_line(case.owner, 60)), "due_on": case.due_on, "seconds": case.seconds,
    }  # fmt: skip


def _way(row: Row[Any], case: Case, here: Sequence[Event], values: dict[str, Any]) -> Way:
    """Say which of the two is newer.

    Bundles of version 0.1.0 have no history: there it is newer that has gone on since it was taken in.
    """
    if all(getattr(row, name) == values[name] for name in _SAME):
        return "same"
    ours, theirs = _changes(here), _changes(case.history)
    if theirs:
        if not _news(theirs, ours):
            return "same"
        return "both" if _news(ours, theirs) else "newer"
    taken = max((one.version for one in here if one.kind == "import"), default=None)
    if taken is None:
        newer = case.version > row.version and case.updated_at >= row.updated_at
        older = case.version <= row.version and case.updated_at <= row.updated_at
        return "newer" if newer else "same" if older else "both"
    if case.version <= taken:
        return "same"
    return "both" if ours else "newer"


def _changes(events: Iterable[Event], kinds: frozenset[str] | None = None) -> dict[str, int]:
    return {one.id: one.version for one in events if (one.kind in kinds if kinds else one.kind not in _ADDED)}


def _news(one: dict[str, int], other: dict[str, int]) -> bool:
    """Whether one side holds a change that the other has not seen."""
    return any(version > other.get(id_, -1) for id_, version in one.items())


def _merge_tags(connection: Connection, case: Case, here: Sequence[Event], mask: CaseMask) -> bool:
    """Take the tags over that were set or removed elsewhere; where both sides did so, a case has those of both."""
    had = set(connection.execute(select(TAGS.c.tag).where(TAGS.c.case_id == case.id)).scalars())
    theirs = {mask(clean_line(tag, 40)) for tag in case.tags if tag.strip()}
    ours, told = _changes(here, _TAGS), _changes(case.history, _TAGS)
    wanted = had
    if _news(told, ours):
        wanted = had | theirs if _news(ours, told) else theirs
    elif not case.history:
        wanted = had | theirs
    if wanted == had:
        return False
    if had - wanted:
        connection.execute(delete(TAGS).where((TAGS.c.case_id == case.id) & TAGS.c.tag.in_(had - wanted)))
    if wanted - had:
        connection.execute(insert(TAGS), [{"case_id": case.id, "tag": tag} for tag in sorted(wanted - had)])
    return True


def add_history(connection: Connection, case_id: str, events: Iterable[Event], mask: Callable[[str], str]) -> None:
    """Add what a bundle tells of a case's history and is not known here."""
    told = {one.id: one for one in events}
    if not told:
        return
    known = {
        row.uid: row for row in connection.execute(select(EVENTS).where(EVENTS.c.uid.in_(told)))
    }  # by any case: a uid is one event
    for id_, one in told.items():
        if id_ in known and known[id_].case_id == case_id and one.version > known[id_].version:
            later = {"version": one.version, "at": one.at}
            connection.execute(update(EVENTS).where(EVENTS.c.uid == id_).values(later))
    new = [
        msgspec.structs.replace(
            one, operator=mask(clean_line(one.operator, 60)), detail=mask(clean_line(one.detail, 400))
        )
        for one in told.values()
        if one.id not in known
    ]
    history.add_events(connection, case_id, new)


def safe_note(note: Note, mask: Callable[[str], str]) -> Note:
    """Return a note from another desk as one typed here would be stored."""
    text, operator = mask(clean(note.text)), mask(clean_line(note.operator, 60))
    return msgspec.structs.replace(note, text=text, operator=operator)
