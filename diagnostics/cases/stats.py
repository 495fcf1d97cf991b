"""Statistics over cases: per week, per cause, time spent, questions answered; and CSV."""

from __future__ import annotations

import contextlib
import csv
import io
import time
from collections import Counter
from datetime import datetime, timedelta
from functools import lru_cache
from statistics import median, quantiles
from typing import TYPE_CHECKING, Any, Final

import msgspec
from sqlalchemy import delete, select, text, update

from diagnostics.cases import queries
from diagnostics.cases.database import is_sqlite
from diagnostics.cases.model import FOUND, Filter, RefusedError, StoreGoneError, StoreRefusedError, leading
from diagnostics.cases.schema import COUNTED, FIGURES
from diagnostics.engine.rule_table import FOR
from diagnostics.sanitize import clean_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection

    from diagnostics.cases.store import CaseStore

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


class Week(msgspec.Struct, frozen=True, kw_only=True):
    """One ISO week (`2025-W05`): cases begun in it, how many of them are closed, and how many had a clear cause."""

    week: str
    cases: int
    closed: int
    cause_found: int


class CauseCount(msgspec.Struct, frozen=True, kw_only=True):
    """How often a cause was first, how often it was the proven one, and how often both."""

    cause: str
    first: int
    proven: int
    agreed: int


class Spread(msgspec.Struct, frozen=True, kw_only=True):
    """Median, 90th percentile and maximum of some figures, 0 if there are none."""

    median: float
    p90: float
    most: int


class Stats(msgspec.Struct, frozen=True, kw_only=True):
    """All statistics. `seconds` is the time spent on answers without pauses, `questions` the number answered."""

    cases: int
    open: int
    closed: int
    weeks: tuple[Week, ...]
    causes: tuple[CauseCount, ...]
    outcomes: dict[str, int]
    seconds: Spread
    questions: Spread


class Figures(msgspec.Struct, frozen=True, array_like=True):
    """Counts of cases, by day, status and outcome, and so on; the count is the last item of each row."""

    days: list[tuple[str, str, str, int]]
    causes: list[tuple[str, str, str | None, int]]
    seconds: list[tuple[int, int]]
    questions: list[tuple[int, int]]


_DAYS_AT_ONCE: Final = 20
"""Days that are counted in one transaction, which blocks writers."""
_FIGURES: Final = msgspec.json.Decoder(Figures)


def _counted(rows: Iterable[Sequence[Any]]) -> Figures:
    """Return the counts over these rows."""
    days, causes, seconds, questions = (Counter[Any]() for _ in range(4))
    for row in rows:
        created, status, outcome, first, standing, proven, answered, took, *_ = row
        days[created[:10], status, outcome] += 1
        causes[first if outcome != FOUND else "", standing, proven] += 1
        seconds[took] += 1
        questions[answered] += 1
    return Figures(
        [(*key, cases) for key, cases in days.items()], [(*key, cases) for key, cases in causes.items()],
        list(seconds.items()), list(questions.items()),
    )  # fmt: skip


_WAITING: Final = select(FIGURES.c.day).where(FIGURES.c.data.is_(None)).order_by(FIGURES.c.day)
"""Days whose cached counts are invalid."""


def _by_day(store: CaseStore) -> list[Figures]:
    """Return the counts of every day; invalid ones are counted again and cached if the role may write."""
    with contextlib.suppress(
        StoreGoneError, StoreRefusedError
    ):  # without the right to write, they are counted every time
        more = True
        while more:
            with store.reading() as connection:
                more = connection.execute(_WAITING.limit(1)).first() is not None
            more = more and store.change(_count_anew)
    with store.reading() as connection:
        return [
            _FIGURES.decode(row.data) if row.data else _counted_on(connection, row.day)
            for row in connection.execute(select(FIGURES)).all()
        ]


def _count_anew(connection: Connection) -> bool:
    """Count some days with invalid counts, while writers are blocked; returns whether there may be more."""
    if not is_sqlite(connection):  # whose writers exclude each other
        connection.execute(text("LOCK TABLE cases IN SHARE MODE"))
    days = connection.execute(_WAITING.limit(_DAYS_AT_ONCE)).scalars().all()
    for day in days:
        found, same = _counted_on(connection, day), FIGURES.c.day == day
        if found.days:
            connection.execute(update(FIGURES).where(same).values(data=msgspec.json.encode(found).decode()))
        else:
            connection.execute(delete(FIGURES).where(same))
    return len(days) == _DAYS_AT_ONCE


def _counted_on(connection: Connection, day: str) -> Figures:
    return _counted(queries.rows(connection, Filter(since=day, until=day), COUNTED))


def stats(store: CaseStore, wanted: Filter) -> Stats:
    """Return the statistics of the filtered cases; without a filter from cached counts."""
    if wanted == Filter():
        return _told(_by_day(store))
    with store.reading() as connection:
        return _told([_counted(queries.rows(connection, wanted, COUNTED))])


def _told(figures: Iterable[Figures]) -> Stats:
    weeks: dict[str, list[int]] = {}
    first, proven, agreed, outcomes = (Counter[str]() for _ in range(4))
    seconds, questions = Counter[int](), Counter[int]()
    for part in figures:
        for day, status, outcome, cases in part.days:
            week = weeks.setdefault(_week(day), [0, 0, 0])
            week[0] += cases
            week[1] += cases * (status == "closed")
            week[2] += cases * (outcome == "cause_found")
            outcomes[outcome] += cases
        for cause, standing, proved, cases in part.causes:
            found = cause if standing in FOR else ""
            first[found] += cases
            if proved is not None:
                proven[proved] += cases
                agreed[proved] += cases * (proved == found)
        for spread, rows in ((seconds, part.seconds), (questions, part.questions)):
            for value, cases in rows:
                spread[value] += cases
    del first[""]  # no cause
    cases, closed = (sum(week[at] for week in weeks.values()) for at in (0, 1))
    ids = sorted({*first, *proven}, key=lambda id_: (-proven[id_], -first[id_], id_))
    return Stats(
        cases=cases,
        open=cases - closed,
        closed=closed,
        weeks=tuple(Week(week=name, cases=a, closed=b, cause_found=c) for name, (a, b, c) in sorted(weeks.items())),
        causes=tuple(CauseCount(cause=id_, first=first[id_], proven=proven[id_], agreed=agreed[id_]) for id_ in ids),
        outcomes=dict(sorted(outcomes.items())),
        seconds=_spread(seconds),
        questions=_spread(questions),
    )


_OF_WEEK: Final = (
    "id", "label", "owner", "operator", "status", "outcome", "first_cause", "proven", "created_at", "closed_at",
    "due_on", "seconds", "questions",
)  # fmt: skip


def cases_of_week(store: CaseStore, week: str | None) -> list[dict[str, Any]]:
    """Return the cases that were begun in an ISO week (2026-W05; None: this one). Raises RefusedError."""
    try:
        first = datetime.strptime(f"{week or _week(store.now()[:10])}-1", "%G-W%V-%u").date()  # noqa: DTZ007  a date
        last = first + timedelta(days=6)
    except (ValueError, OverflowError):
        raise RefusedError("cases.no_week", clean_line(week or "", 40)) from None
    with store.reading() as connection:
        found = list(queries.rows(connection, Filter(since=first.isoformat(), until=last.isoformat())))
    known = [row._asdict() | {"first_cause": leading(row), "questions": row.answered} for row in found]
    return [{name: case[name] for name in _OF_WEEK} for case in sorted(known, key=lambda case: case["place"])]


@lru_cache(maxsize=4096)
def _week(day: str) -> str:
    return time.strftime("%G-W%V", time.strptime(day, "%Y-%m-%d"))


def _spread(counts: Counter[int]) -> Spread:
    """Return the spread of figures, given as counts of each figure."""
    values = list(counts.elements())
    if not values:
        return Spread(median=0, p90=0, most=0)
    ninth = quantiles(values, n=10, method="inclusive")[-1] if len(values) > 1 else values[0]
    return Spread(median=float(median(values)), p90=round(float(ninth), 1), most=max(values))


def as_csv(rows: Iterable[msgspec.Struct | dict[str, Any]]) -> str:
    """Return records as CSV; a text that a spreadsheet would run as a formula gets an apostrophe before it."""
    out, listed = io.StringIO(), [row if isinstance(row, dict) else msgspec.structs.asdict(row) for row in rows]
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerows(listed[:1])
    writer.writerows(map(harmless, row.values()) for row in listed)
    return out.getvalue()


def harmless(value: object) -> object:
    """Return a cell that no spreadsheet runs as a formula; numbers stay numbers."""
    if value is None:
        return ""
    return f"'{value}" if isinstance(value, str) and value.lstrip(" ").startswith(_FORMULA) else value
