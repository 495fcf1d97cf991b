"""Which cases: filters, pages by key (a page stays the same whatever is added above), whole cases from one moment."""

from __future__ import annotations

import calendar
import re
import time
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import and_, func, or_, select, text

from diagnostics.cases import fulltext, rows
from diagnostics.cases.model import Cursor, Filter, Page, RefusedError
from diagnostics.cases.schema import CASES, TAGS
from diagnostics.engine.rule_table import FOR
from diagnostics.sanitize import clean_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import ColumnElement, Connection, FromClause, Row, Select

    from diagnostics.cases.model import Case

_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_TIME: Final = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z")
_BATCH: Final = 200
_RECENT: Final = 2000
"""How many of the newest cases are looked through for a frequent word: some milliseconds."""
MOST: Final = 500
"""Most cases of one page."""


def page(connection: Connection, wanted: Filter, after: Cursor | None, limit: int) -> Page:
    """Return the cases below `after`, newest first."""
    size = max(1, min(limit, MOST))
    found: Sequence[Row[Any]] = ()
    for query, place in _ways(connection, wanted, after):
        found = connection.execute(query.order_by(place.desc()).limit(size + 1)).all()
        if len(found) > size:
            break
    listed = tuple(rows.as_row(row) for row in found[:size])
    more = len(found) > size
    return Page(rows=listed, next=Cursor(listed[-1].place, listed[-1].id) if more else None)


def _ways(
    connection: Connection, wanted: Filter, after: Cursor | None
) -> Iterator[tuple[Select[Any], ColumnElement[int]]]:
    """Yield the queries for a page, the quicker first; the last one finds everything there is.

    PostgreSQL cannot tell a frequent row of words from a rare one, and either way of searching is slow for the other
    kind: a frequent one fills a page from the newest cases, a rare one is looked up in the index, whole.
    """
    words = fulltext.matching(connection.dialect.name, wanted.text)
    if words is not None and connection.dialect.name != "sqlite":
        below = [words.key < after.place] if after is not None else []
        recent = select(words.table).where(*below).order_by(words.key.desc()).limit(_RECENT).subquery()
        condition = fulltext.occur(recent.c.words, words)
        yield _filtered(_joined(recent, recent.c.place), wanted).where(condition), recent.c.place
        hits = select(words.key).where(words.condition, *below).cte("hits").prefix_with("MATERIALIZED")
        yield _filtered(_joined(hits, hits.c.place), wanted), hits.c.place
        return
    query, place = _where(select(*rows.ROW_COLUMNS), connection, wanted)
    yield (query if after is None else query.where(place < after.place)), place


def _joined(table: FromClause, place: ColumnElement[int]) -> Select[Any]:
    return select(*rows.ROW_COLUMNS).join_from(table, CASES, CASES.c.place == place)


def count(connection: Connection, wanted: Filter) -> int:
    """Return how many cases the filter leaves."""
    query, _ = _where(select(func.count(CASES.c.seq)), connection, wanted)
    return int(connection.execute(query).scalar_one())


def every(connection: Connection, wanted: Filter) -> Iterator[Case]:
    """Yield whole cases, oldest first."""
    query, place = _where(select(CASES), connection, wanted)
    found = connection.execution_options(yield_per=_BATCH).execute(query.order_by(place))
    for batch in found.partitions(_BATCH):
        yield from rows.as_cases(connection, batch)


def plain(connection: Connection, wanted: Filter) -> Iterator[Row[Any]]:
    """Yield the lines of every case, oldest first, to count over."""
    query, place = _where(select(*rows.ROW_COLUMNS), connection, wanted)
    yield from connection.execution_options(yield_per=1000).execute(query.order_by(place))


def grouped(connection: Connection, wanted: Filter, *columns: ColumnElement[Any]) -> Sequence[Row[Any]]:
    """Return how many cases there are for each of these values, counted by the database."""
    query, _ = _where(select(*columns, func.count().label("cases")), connection, wanted)
    return connection.execute(query.group_by(*columns)).all()


def _where(query: Select[Any], connection: Connection, wanted: Filter) -> tuple[Select[Any], ColumnElement[int]]:
    """Return the query with the filter on it, and the column to order it by: the words' own key where it searches."""
    query = _filtered(query, wanted)
    if not wanted.text.strip():
        return query, CASES.c.place
    words = fulltext.matching(connection.dialect.name, wanted.text)
    if words is None:
        return query.where(text("1 = 0")), CASES.c.place
    return query.join_from(words.table, CASES, CASES.c.place == words.key).where(words.condition), words.key


def _filtered(query: Select[Any], wanted: Filter) -> Select[Any]:
    """Return the query with everything of the filter but the words."""
    conditions: list[ColumnElement[bool]] = [
        column == value
        for column, value in (
            (CASES.c.id, wanted.id),
            (CASES.c.status, wanted.status),
            (CASES.c.operator, wanted.operator),
            (CASES.c.outcome, wanted.outcome),
            (CASES.c.owner, wanted.owner),
        )
        if value is not None
    ]
    if wanted.cause is not None:
        first = and_(CASES.c.first_cause == wanted.cause, CASES.c.first_status.in_(sorted(FOR)))
        conditions.append(or_(first, CASES.c.proven == wanted.cause))
    if wanted.tag is not None:
        conditions.append(CASES.c.id.in_(select(TAGS.c.case_id).where(TAGS.c.tag == wanted.tag)))
    if wanted.due_by is not None:
        conditions.append(or_(CASES.c.due_on.is_(None), CASES.c.due_on <= wanted.due_by))
    if wanted.since is not None:
        conditions.append(CASES.c.created_at >= moment(wanted.since))
    if wanted.until is not None:
        conditions.append(CASES.c.created_at <= moment(wanted.until, end=True))
    return query.where(*conditions)


def moment(said: str, *, end: bool = False) -> str:
    """Return a date or a time as it is stored; a date is its first second, or its last. Raises RefusedError."""
    whole = f"{said}T{'23:59:59' if end else '00:00:00'}Z" if _DATE.fullmatch(said) else said
    if not _TIME.fullmatch(whole):
        raise RefusedError("cases.not_a_date", clean_line(said, 40))
    try:
        epoch(whole)
    except RefusedError as error:
        raise error.at(clean_line(said, 40)) from None
    return whole


def epoch(stamp: str) -> int:
    """Return a stored time as seconds since 1970. Raises RefusedError where it is none."""
    try:
        return calendar.timegm(time.strptime(stamp, "%Y-%m-%dT%H:%M:%SZ"))
    except ValueError:
        raise RefusedError("cases.no_such_date", clean_line(stamp, 40)) from None
