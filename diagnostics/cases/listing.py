"""Which cases: filters, pages by key (a page stays the same whatever is added above), whole cases from one moment."""

from __future__ import annotations

import calendar
import re
import time
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import and_, func, or_, select, text

from diagnostics.cases import fulltext, rows
from diagnostics.cases.model import Cursor, Filter, Page, StoreError
from diagnostics.cases.schema import CASES, TAGS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import ColumnElement, Connection, Row, Select

    from diagnostics.cases.model import Case

_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_TIME: Final = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z")
MOST: Final = 500
"""Most cases of one page."""


def page(connection: Connection, wanted: Filter, after: Cursor | None, limit: int) -> Page:
    """Return the cases below `after`, newest first."""
    size = max(1, min(limit, MOST))
    query = _where(select(*rows.ROW_COLUMNS), connection, wanted)
    if after is not None:
        same = and_(CASES.c.place == after.place, CASES.c.id < after.id)
        query = query.where(or_(CASES.c.place < after.place, same))
    found = connection.execute(query.order_by(CASES.c.place.desc(), CASES.c.id.desc()).limit(size + 1)).all()
    listed = tuple(rows.as_row(row) for row in found[:size])
    more = len(found) > size
    return Page(rows=listed, next=Cursor(listed[-1].place, listed[-1].id) if more else None)


def count(connection: Connection, wanted: Filter) -> int:
    """Return how many cases the filter leaves."""
    return int(connection.execute(_where(select(func.count()).select_from(CASES), connection, wanted)).scalar_one())


def every(connection: Connection, wanted: Filter) -> Iterator[Case]:
    """Yield whole cases, oldest first."""
    query = _where(select(CASES), connection, wanted).order_by(CASES.c.place, CASES.c.id)
    for row in connection.execution_options(yield_per=200).execute(query):
        yield rows.as_case(connection, row)


def plain(connection: Connection, wanted: Filter) -> Iterator[Row[Any]]:
    """Yield the lines of every case, oldest first, to count over."""
    query = _where(select(*rows.ROW_COLUMNS), connection, wanted).order_by(CASES.c.place, CASES.c.id)
    yield from connection.execution_options(yield_per=1000).execute(query)


def _where(query: Select[Any], connection: Connection, wanted: Filter) -> Select[Any]:
    conditions: list[ColumnElement[bool]] = []
    for column, value in (
        (CASES.c.status, wanted.status),
        (CASES.c.operator, wanted.operator),
        (CASES.c.outcome, wanted.outcome),
    ):
        if value is not None:
            conditions.append(column == value)
    if wanted.cause is not None:
        conditions.append(or_(CASES.c.first_cause == wanted.cause, CASES.c.proven == wanted.cause))
    if wanted.tag is not None:
        conditions.append(CASES.c.id.in_(select(TAGS.c.case_id).where(TAGS.c.tag == wanted.tag)))
    if wanted.since is not None:
        conditions.append(CASES.c.created_at >= moment(wanted.since))
    if wanted.until is not None:
        conditions.append(CASES.c.created_at <= moment(wanted.until, end=True))
    query = query.where(*conditions)
    if wanted.text.strip():
        words = fulltext.matching(connection.dialect.name, wanted.text)
        query = query.where(words[0].bindparams(**words[1]) if words is not None else text("1 = 0"))
    return query


def moment(said: str, *, end: bool = False) -> str:
    """Return a date or a time as it is stored; a date is its first second, or its last. Raises StoreError."""
    whole = f"{said}T{'23:59:59' if end else '00:00:00'}Z" if _DATE.fullmatch(said) else said
    if not _TIME.fullmatch(whole):
        raise StoreError(f"{said[:40]}: not a date; write 2025-01-31 or 2025-01-31T08:00:00Z")
    try:
        epoch(whole)
    except ValueError:
        raise StoreError(f"{said[:40]}: there is no such date") from None
    return whole


def epoch(stamp: str) -> int:
    """Return a stored time as seconds since 1970."""
    return calendar.timegm(time.strptime(stamp, "%Y-%m-%dT%H:%M:%SZ"))
