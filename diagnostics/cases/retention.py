"""The end of cases: deleted one by one, or when the store's own periods are over by a clock that can be trusted."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Final

import msgspec
from sqlalchemy import and_, func, insert, or_, select, update

from diagnostics.cases import database, deletion
from diagnostics.cases.edits import Edits, changes
from diagnostics.cases.model import DAY, HOUR, RefusedError, StoreRefusedError, epoch, stamp
from diagnostics.cases.schema import CASES, FACTS
from diagnostics.i18n import UserError

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection

LONGEST_DAYS: Final = 3_650
_ASLEEP: Final = 60 * DAY
"""A store in whose last change so much time has passed: more likely this computer's clock is ahead."""


class Retention(msgspec.Struct, frozen=True, kw_only=True):
    """The periods of a store: after so many days without a change a case may go; None: it stays.

    `closed` is for closed cases, `open` for those that are still open.
    """

    closed: int | None = None
    open: int | None = None
    at: str = ""
    by: str = ""

    @property
    def periods(self) -> list[int]:
        """Return those that end."""
        return [days for days in (self.closed, self.open) if days is not None]


class Due(msgspec.Struct, frozen=True):
    """Cases whose time is over: how many of them are closed, how many open."""

    closed: int
    open: int

    @property
    def all(self) -> int:
        """Return how many there are."""
        return self.closed + self.open


class EndingCases(Edits):
    """Deletes cases for good: each of these methods that deletes goes on with whatever deletion was interrupted."""

    left: tuple[UserError, ...] = ()
    """What the last deletion could not clear yet, and why."""

    def delete(self, id_: str, *, version: int | None = None) -> str:
        """Delete a case for good, out of the file too; returns its id. Raises ConflictError where it was changed."""

        def work(connection: Connection) -> str:
            row = self.locked(connection, id_, version)
            deletion.erase(connection, [(row.place, row.id)], at=self.now(), by=self.operator)
            return str(row.id)

        gone = self.change(work)
        self.go_on_deleting()
        return gone

    def go_on_deleting(self) -> None:
        """Take what is left of deleted cases out of every place; `left` says what could not be done yet, and why.

        Runs on this computer whose case was deleted from elsewhere are forgotten, too.
        """
        with self.reading() as connection:
            digests = deletion.unfinished(connection)
        if not digests:
            deletion.journals(self, digests)
            return
        self.left = tuple(deletion.clean(self, digests))
        if not self.left:
            self.change(lambda connection: deletion.finish(connection, digests))

    def purge(self, days: int | None = None) -> int:
        """Delete for good the cases whose time is over by the store's own periods; returns how many.

        `days` spares those that were touched within so many days. Raises RefusedError where the desk has set no
        period, a shorter one is asked for, or the clocks do not agree.
        """
        with self.reading() as connection:
            kept, now = self._judged(connection, days)
        if kept.periods:
            deletion.copies_older_than(self.place, now - max(kept.periods) * DAY)

        def work(connection: Connection) -> int:
            _bring_back(connection, now)
            query = select(CASES.c.place, CASES.c.id).where(_over(kept, now))
            gone = [(row.place, row.id) for row in connection.execute(query)]
            deletion.erase(connection, gone, at=self.now(), by=self.operator)
            return len(gone)

        done = self.change(work)
        if done:
            self.go_on_deleting()
        return done

    def due(self, days: int | None = None) -> Due:
        """Return how many cases `purge` would delete. Raises RefusedError as it does."""
        with self.reading() as connection:
            return _count(connection, *self._judged(connection, days))

    def _judged(self, connection: Connection, days: int | None) -> tuple[Retention, float]:
        kept = _read(_facts(connection))
        if kept is None:
            raise RefusedError("cases.no_retention", days=days or 90)
        shortest = min(kept.periods, default=0)
        if days is not None and days < shortest:
            raise RefusedError("cases.shorter_period", days=days, least=shortest)
        closed, open_ = (one and max(one, days or 0) for one in (kept.closed, kept.open))
        return msgspec.structs.replace(kept, closed=closed, open=open_), self._judge_clock(connection)

    def periods(self) -> Retention | None:
        """Return after how long this store lets cases go; None where the desk has not said."""
        with self.reading() as connection:
            return _read(_facts(connection))

    @changes
    def retain(self, connection: Connection, closed: int | None, open_: int | None) -> Due:
        """Set after how many days without a change closed and open cases may go (None or 0: never).

        Nothing is deleted by this; returns how many cases are over their time then. Raises RefusedError where the
        clocks do not agree, or a period is too long.
        """
        if not all(0 <= (days or 0) <= LONGEST_DAYS for days in (closed, open_)):
            raise RefusedError("cases.no_period", most=LONGEST_DAYS)
        wanted = Retention(closed=closed or None, open=open_ or None, at=self.now(), by=self.operator)
        now = self._judge_clock(connection)
        for name, value in msgspec.structs.asdict(wanted).items():
            _put(connection, name, "" if value is None else str(value))
        return _count(connection, wanted, now)

    @changes
    def redate(self, connection: Connection) -> int:
        """Let cases that are dated later than tomorrow count from now, by a clock that somebody says is right."""
        return _bring_back(connection, self.seconds())

    def due_notices(self, proposed: int) -> tuple[UserError, ...]:
        """Return what to tell about cases whose time is over, or would be by the setting of 0.1.0; each once."""
        with self.reading() as connection:
            facts = _facts(connection)
            kept = _read(facts)
            name, value = ("due_told", self.now()[:10]) if kept else ("proposal_told", "1")
            if facts.get(name) == value:
                return ()
            over = _count(connection, kept or Retention(closed=proposed, open=proposed), self.seconds())
        if not over.all:
            return ()
        with contextlib.suppress(StoreRefusedError):  # who may not write that it was told is told again
            self.change(lambda connection: _put(connection, name, value))
        if kept:
            return (UserError("cases.due_now", "", count=over.all),)
        return (UserError("cases.proposal", "", count=over.all, days=proposed),)

    def _judge_clock(self, connection: Connection) -> float:
        """Return the time by which cases may be deleted, in seconds since 1970.

        Raises RefusedError where this computer's clock and the store's do not agree: on a server by its own clock, in a
        file by the latest change that stands in it.
        """
        here, server = self._clock(), database.server_seconds(connection)
        if server is not None:
            if abs(server - here) > HOUR:
                raise RefusedError("cases.clock_differs", here=stamp(here), there=stamp(server))
            return server
        latest = connection.execute(select(func.max(CASES.c.updated_at))).scalar()
        last = here if latest is None else epoch(latest)
        if last - here > HOUR:
            raise RefusedError("cases.clock_behind", here=stamp(here), last=latest)
        if here - last > _ASLEEP:
            raise RefusedError("cases.clock_ahead", here=stamp(here), last=latest, days=_ASLEEP // DAY)
        return here


def _facts(connection: Connection) -> dict[str, str]:
    """Return what the store knows of its periods."""
    rows = connection.execute(select(FACTS).where(FACTS.c.name.like("retention.%")))
    return {row.name.removeprefix("retention."): row.value for row in rows if row.value}


def _put(connection: Connection, name: str, value: str) -> None:
    """Set one of these facts."""
    name = f"retention.{name}"
    if connection.execute(update(FACTS).where(FACTS.c.name == name).values(value=value)).rowcount == 0:
        connection.execute(insert(FACTS).values(name=name, value=value))


def _read(facts: dict[str, str]) -> Retention | None:
    """Return the store's periods, None where the desk has not set any."""
    return msgspec.convert(facts, Retention, strict=False) if "at" in facts else None


def has_periods(connection: Connection) -> bool:
    """Whether the desk has set periods."""
    return _read(_facts(connection)) is not None


def _count(connection: Connection, kept: Retention, now: float) -> Due:
    """Return how many cases there are whose time is over."""
    query = select(CASES.c.status, func.count()).where(_over(kept, now)).group_by(CASES.c.status)
    counts: dict[str, int] = {row[0]: row[1] for row in connection.execute(query)}
    return Due(counts.get("closed", 0), counts.get("open", 0))


def _over(kept: Retention, now: float) -> ColumnElement[bool]:
    """Return the condition that nobody touched a case for as long as the periods say.

    A case made while the clock was set back bears an old time, but stands in the list after those that are older; a
    place in the future, of a clock that was set forward, says nothing.
    """
    ways: list[ColumnElement[bool]] = [CASES.c.seq.is_(None)]
    for status, days in (("closed", kept.closed), ("open", kept.open)):
        if days is not None:
            before = now - days * DAY
            old = or_(CASES.c.place < int(before * 1_000_000), CASES.c.place > int(now * 1_000_000))
            ways.append(and_(CASES.c.status == status, CASES.c.updated_at < stamp(before), old))
    return or_(*ways)


def _bring_back(connection: Connection, now: float) -> int:
    """Let cases that are dated later than tomorrow count from now; returns how many there were."""
    late = CASES.c.updated_at > stamp(now + DAY)
    done = connection.execute(update(CASES).where(late).values(updated_at=stamp(now)))
    return int(done.rowcount)
