"""Statistics over cases: per week, per cause, time spent, questions answered; and CSV."""

from __future__ import annotations

import csv
import io
import time
from collections import Counter
from datetime import datetime, timedelta
from functools import lru_cache
from statistics import median, quantiles
from typing import TYPE_CHECKING, Any, Final

import msgspec
from sqlalchemy import func

from diagnostics.cases import queries
from diagnostics.cases.model import FOUND, Filter, RefusedError, leading
from diagnostics.cases.schema import CASES
from diagnostics.engine.rule_table import FOR
from diagnostics.sanitize import clean_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import ColumnElement

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


def stats(store: CaseStore, wanted: Filter) -> Stats:
    """Return the statistics of the filtered cases."""
    with store.reading() as connection:

        def counts(*columns: ColumnElement[Any]) -> Sequence[Any]:
            return queries.counts(connection, wanted, *columns)

        days = counts(func.substr(CASES.c.created_at, 1, 10), CASES.c.status, CASES.c.outcome)
        causes = counts(CASES.c.first_cause, CASES.c.first_status, CASES.c.outcome, CASES.c.proven)
        seconds, questions = (dict(map(tuple, counts(column))) for column in (CASES.c.seconds, CASES.c.answered))
    weeks: dict[str, list[int]] = {}
    first, proven, agreed, outcomes = (Counter[str]() for _ in range(4))
    for day, status, outcome, cases in days:
        week = weeks.setdefault(_week(day), [0, 0, 0])
        week[0] += cases
        week[1] += cases * (status == "closed")
        week[2] += cases * (outcome == "cause_found")
        outcomes[outcome] += cases
    for cause, standing, outcome, proved, cases in causes:
        found = cause if standing in FOR and outcome != FOUND else ""
        first[found] += cases
        if proved is not None:
            proven[proved] += cases
            agreed[proved] += cases * (proved == found)
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
        seconds=_spread(Counter(seconds)),
        questions=_spread(Counter(questions)),
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
