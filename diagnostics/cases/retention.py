"""How long a store keeps its cases: its own periods, set by the desk, by the store's clock, never by looking at it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

import msgspec
from sqlalchemy import and_, delete, func, insert, or_, select, text, update

from diagnostics.cases.model import RefusedError
from diagnostics.cases.schema import CASES, FACTS

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection

HOUR: Final = 3_600
DAY: Final = 86_400
LONGEST_DAYS: Final = 3_650
_ASLEEP: Final = 60 * DAY
"""A store in whose last change so much time has passed: more likely this computer's clock is ahead."""
_KEYS: Final = ("retention.closed", "retention.open", "retention.at", "retention.by")
TOLD_PROPOSAL: Final = "retention.proposal_told"
TOLD_DUE: Final = "retention.due_told"


class Retention(msgspec.Struct, frozen=True, kw_only=True):
    """The periods of a store: after so many days without a change a case may go; None: it stays.

    `closed` is for closed cases, `open` for those that are still open.
    """

    closed: int | None = None
    open: int | None = None
    at: str = ""
    by: str = ""


class Due(msgspec.Struct, frozen=True):
    """Cases whose time is over: how many of them are closed, how many open."""

    closed: int
    open: int

    @property
    def all(self) -> int:
        """Return how many there are."""
        return self.closed + self.open


def facts(connection: Connection) -> dict[str, str]:
    """Return what the store knows of its periods."""
    found = connection.execute(select(FACTS).where(FACTS.c.name.like("retention.%")))
    return {row.name: row.value for row in found}


def put(connection: Connection, name: str, value: str) -> None:
    """Set one of these facts."""
    if connection.execute(update(FACTS).where(FACTS.c.name == name).values(value=value)).rowcount == 0:
        connection.execute(insert(FACTS).values(name=name, value=value))


def read(connection: Connection) -> Retention | None:
    """Return the store's periods, None where the desk has not set any."""
    known = facts(connection)
    if "retention.at" not in known:
        return None
    closed, open_ = (int(known[name]) if known.get(name) else None for name in _KEYS[:2])
    return Retention(closed=closed, open=open_, at=known["retention.at"], by=known.get("retention.by", ""))


def write(connection: Connection, wanted: Retention) -> None:
    """Set the store's periods."""
    connection.execute(delete(FACTS).where(FACTS.c.name.in_(_KEYS)))
    for name, value in zip(_KEYS, (wanted.closed, wanted.open, wanted.at, wanted.by), strict=True):
        put(connection, name, "" if value is None else str(value))


def judged(days: int | None) -> int | None:
    """Return a period; 0 is none. Raises RefusedError where it is too long."""
    if days is not None and not 0 <= days <= LONGEST_DAYS:
        raise RefusedError("cases.no_period", most=LONGEST_DAYS)
    return days or None


def server_seconds(connection: Connection) -> float | None:
    """Return the server's time in seconds since 1970; None where the store is a file."""
    if connection.dialect.name == "sqlite":
        return None
    return float(connection.execute(text("SELECT extract(epoch FROM clock_timestamp())")).scalar_one())


def judge_clock(connection: Connection, here: float) -> float:
    """Return the time by which cases may be deleted, in seconds since 1970.

    Raises RefusedError where this computer's clock and the store's do not agree: on a server by its own clock, in a
    file by the latest change that stands in it.
    """
    server = server_seconds(connection)
    if server is not None:
        if abs(server - here) > HOUR:
            raise RefusedError("cases.clock_differs", here=stamp(here), there=stamp(server))
        return server
    latest = connection.execute(select(func.max(CASES.c.updated_at))).scalar()
    if latest is None:
        return here
    from diagnostics.cases.listing import epoch

    last = epoch(latest)
    if last - here > HOUR:
        raise RefusedError("cases.clock_behind", here=stamp(here), last=latest)
    if here - last > _ASLEEP:
        raise RefusedError("cases.clock_ahead", here=stamp(here), last=latest, days=_ASLEEP // DAY)
    return here


def stamp(seconds: float) -> str:
    """Return a time as it is stored."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def due(connection: Connection, kept: Retention, now: float) -> list[tuple[int, str]]:
    """Return place and id of the cases whose time is over."""
    return [
        (row.place, row.id) for row in connection.execute(select(CASES.c.place, CASES.c.id).where(_over(kept, now)))
    ]


def count(connection: Connection, kept: Retention, now: float) -> Due:
    """Return how many cases there are whose time is over."""
    query = select(CASES.c.status, func.count()).where(_over(kept, now)).group_by(CASES.c.status)
    found: dict[str, int] = {row[0]: row[1] for row in connection.execute(query)}
    return Due(found.get("closed", 0), found.get("open", 0))


def _over(kept: Retention, now: float) -> ColumnElement[bool]:
    """Return the condition that nobody touched a case for as long as the periods say.

    A case made while the clock was set back bears an old time, but stands in the list after those that are older; a
    place in the future, of a clock that was set forward, says nothing.
    """
    ways: list[ColumnElement[bool]] = [CASES.c.id.is_(None)]
    for status, days in (("closed", kept.closed), ("open", kept.open)):
        if days is not None:
            before = now - days * DAY
            old = or_(CASES.c.place < int(before * 1_000_000), CASES.c.place > int(now * 1_000_000))
            ways.append(and_(CASES.c.status == status, CASES.c.updated_at < stamp(before), old))
    return or_(*ways)


def bring_back(connection: Connection, now: float) -> int:
    """Let cases that are dated later than tomorrow count from now; returns how many there were."""
    late = CASES.c.updated_at > stamp(now + DAY)
    done = connection.execute(update(CASES).where(late).values(updated_at=stamp(now)))
    return int(done.rowcount)
