"""A deadline of this computer's own on every wait for PostgreSQL: a server that hangs keeps no deadline itself."""

from __future__ import annotations

import time
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import event

if TYPE_CHECKING:
    from collections.abc import Generator

    from sqlalchemy import Engine

STATEMENT: Final = 9.0
"""Seconds for one statement; the server's own deadline is shorter, and says more."""
PATIENT: Final = 3600.0
"""Seconds for one statement of what takes its time: bringing the tables up, giving space back."""
_PING: Final = 2.0
"""Seconds for the question whether the connection still stands, asked before each use."""


def limit_waits(engine: Engine) -> None:
    """Let every connection of this engine end its waits by itself."""

    @event.listens_for(engine, "do_connect")
    def connect(_dialect: Any, _record: Any, arguments: list[Any], options: dict[str, Any]) -> Any:
        return _limited().connect(*arguments, **options)

    @event.listens_for(engine, "checkout")
    def checkout(connection: Any, _record: Any, _proxy: Any) -> None:
        connection.limit = STATEMENT

    @event.listens_for(engine, "checkin")
    def checkin(connection: Any, _record: Any) -> None:
        if connection is not None:
            connection.limit = _PING


@cache
def _limited() -> Any:
    import psycopg

    class Limited(psycopg.Connection[Any]):
        """A connection whose waits end: the one that did not is closed, for nobody knows what it would still say."""

        limit = STATEMENT

        def wait(self, gen: Any, *arguments: Any, **options: Any) -> Any:
            """Wait for the server until the limit. Raises OperationalError."""
            return super().wait(_until(gen, time.monotonic() + self.limit, self), *arguments, **options)

    def _until(gen: Any, deadline: float, connection: Limited) -> Generator[Any, Any, Any]:
        try:
            wanted = next(gen)
            while True:
                ready = yield wanted
                if not ready and time.monotonic() > deadline:
                    connection.pgconn.finish()
                    raise psycopg.OperationalError("timeout expired")
                wanted = gen.send(ready)
        except StopIteration as end:
            return end.value

    return Limited
