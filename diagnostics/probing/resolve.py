"""Names to addresses: the system's resolver as every program uses it, with our own questions beside it."""

from __future__ import annotations

import selectors
import socket
import threading
import time
from typing import TYPE_CHECKING, Final

import msgspec

from diagnostics.probing import failures
from diagnostics.probing.dnsquery import MAX_ADDRESSES, Questions
from diagnostics.probing.observations import Lookup

if TYPE_CHECKING:
    from diagnostics.probing.watch import Watch

JUNK_GRACE: Final = 0.3
"""Seconds to wait for the right answer after an unusable one, once the system has given up."""
SECOND_GRACE: Final = 1.0
"""Seconds that the second resolver gets after the system's answer."""
STALL: Final = 2.0
"""Seconds after which the system's lookup is left alone when our own question has its answer already."""
LATE_LIMIT: Final = 0.25
"""Seconds that the nameservers get after the system has failed, if they have not answered at all."""


class Resolved(msgspec.Struct, kw_only=True):
    """Addresses to go on with, and every lookup made."""

    addresses: tuple[str, ...]
    lookups: tuple[Lookup, ...]


class _System:
    """`getaddrinfo` in a daemon thread: it cannot be cancelled, only left behind."""

    def __init__(self, host: str) -> None:
        self.addresses: tuple[str, ...] = ()
        self.failure: str | None = None
        self.ended = 0.0
        self.done = False
        self._host = host
        self._told, self.wake = socket.socketpair()
        self.wake.setblocking(False)
        self._lock = threading.Lock()
        threading.Thread(target=self._run, name="getaddrinfo", daemon=True).start()

    def _run(self) -> None:
        addresses: list[str] = []
        failure = None
        try:
            for *_, where in socket.getaddrinfo(self._host, None, type=socket.SOCK_STREAM):
                addresses.append(str(where[0]))
        except (OSError, UnicodeError) as wrong:
            failure = failures.classify(wrong)
        with self._lock:
            self.addresses = tuple(dict.fromkeys(addresses))[:MAX_ADDRESSES]
            self.failure = failure
            self.ended = time.monotonic()
            self.done = True
            self._told.close()  # end of file on the other side wakes the selector

    def close(self) -> None:
        self.wake.close()
        self._told.close()


def resolve(
    host: str,
    watch: Watch,
    zero: float,
    *,
    seconds: float,
    nameservers: tuple[str, ...],
    second: str = "",
) -> Resolved:
    """Look `host` up within `seconds`; ends early when all is known that can be known."""
    began = time.monotonic()
    due = watch.due(seconds)
    with selectors.DefaultSelector() as selector:
        system = _System(host)
        selector.register(system.wake, selectors.EVENT_READ)
        questions = Questions(host, selector, zero)
        try:
            questions.ask(nameservers, "nameserver")
            if second:
                questions.ask([second], "second")
            _listen(selector, system, questions, watch, began, due)
        finally:
            questions.close()
            system.close()
    lookup = Lookup(
        host=host,
        by="system",
        addresses=system.addresses if system.done else (),
        failure=system.failure if system.done else failures.TIMEOUT,
        started_ms=(began - zero) * 1000,
        duration_ms=((system.ended if system.done else time.monotonic()) - began) * 1000,
    )
    addresses = lookup.addresses or _own(questions.lookups, lookup)
    return Resolved(addresses=addresses, lookups=(lookup, *questions.lookups))


def _own(lookups: list[Lookup], system: Lookup) -> tuple[str, ...]:
    """Return the addresses our own questions found, where the system's lookup only took too long."""
    if system.failure != failures.TIMEOUT:
        return ()
    return tuple(address for seen in lookups if seen.by == "nameserver" for address in seen.addresses)


def _listen(
    selector: selectors.BaseSelector,
    system: _System,
    questions: Questions,
    watch: Watch,
    began: float,
    due: float,
) -> None:
    registered = True
    while not watch.ended(until := _end(system, questions, began, due)):
        for key, _ in watch.select(selector, min(until, questions.next_resend())):
            if key.data is questions:
                questions.take(key.fd)
            elif registered:
                selector.unregister(system.wake)
                registered = False
        questions.resend()


def _end(system: _System, questions: Questions, began: float, due: float) -> float:
    """Return when to stop listening, by what is known now."""
    if not system.done:
        answered = any(seen.by == "nameserver" and seen.addresses for seen in questions.lookups)
        return min(due, began + STALL) if answered else due
    if system.failure is None:
        return min(due, system.ended + SECOND_GRACE) if questions.open("second") else 0.0
    if not questions.open("nameserver"):
        return min(due, system.ended + SECOND_GRACE) if questions.open("second") else 0.0
    if questions.only_junk:
        return min(due, system.ended + JUNK_GRACE)
    return min(due, max(system.ended + LATE_LIMIT, began + 1.5))
