"""The history of a case: what was done to it, when and by whom; and how that is told to whoever comes second."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, get_args

from sqlalchemy import insert, select

from diagnostics.cases.model import CLOSINGS, Event
from diagnostics.cases.schema import EVENTS
from diagnostics.i18n import UserError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection

    from diagnostics.knowledge.model import Knowledge

Kind = Literal[
    "made", "answers", "note", "tag", "untag", "label", "consent", "close", "reopen", "owner", "due", "undue",
    "message", "import",
]  # fmt: skip
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
_MOST_TOLD: Final = 3
"""Changes that one message names; the latest ones."""


def add_events(connection: Connection, case_id: str, events: Iterable[Event]) -> None:
    """Add events as they are."""
    rows = [
        {"uid": one.id, "case_id": case_id, "version": one.version, "at": one.at, "operator": one.operator,
         "kind": one.kind, "detail": one.detail}
        for one in events
    ]  # fmt: skip
    if rows:
        connection.execute(insert(EVENTS), rows)


def histories_of(connection: Connection, ids: Sequence[str]) -> dict[str, list[Event]]:
    """Return the history of each of these cases, the oldest first."""
    found: dict[str, list[Event]] = {id_: [] for id_ in ids}
    query = select(EVENTS).where(EVENTS.c.case_id.in_(ids)).order_by(EVENTS.c.at, EVENTS.c.seq)
    for row in connection.execute(query):
        event = Event(
            id=row.uid, at=row.at, operator=row.operator, kind=row.kind, detail=row.detail, version=row.version
        )
        found[row.case_id].append(event)
    return found


def since(connection: Connection, case_id: str, version: int) -> list[Event]:
    """Return what changed a case after this version, the oldest first."""
    return [one for one in histories_of(connection, [case_id])[case_id] if one.version > version]


def title_of(knowledge: Knowledge, id_: str) -> str | dict[str, str]:
    """Return the title of what a case is closed with, in both languages, to be told within a message."""
    if id_ in knowledge.causes:
        return {lang: knowledge.causes[id_].text(lang).title for lang in ("zh", "en")}
    return {lang: knowledge.say(f"cases.proven.{id_}", lang) for lang in ("zh", "en")} if id_ in CLOSINGS else id_


def told(knowledge: Knowledge, event: Event) -> UserError:
    """Return what was done, to be told within another message."""
    kind = event.kind if event.kind in KINDS else "other"
    detail: object = title_of(knowledge, event.detail) if kind == "close" else event.detail
    return UserError(f"case_did.{kind}", "", detail=detail)


def describe_events(knowledge: Knowledge, events: Sequence[Event]) -> UserError:
    """Return what several changes did, the latest of them."""
    latest = [told(knowledge, event) for event in events[-_MOST_TOLD:]] or [UserError("case_did.other", detail="")]
    joined = {lang: sign.join(one.text(lang) for one in latest) for lang, sign in (("zh", "；"), ("en", "; "))}
    return UserError("foreign", text=joined)
