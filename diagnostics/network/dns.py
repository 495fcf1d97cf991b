"""Name lookups: the system's resolver as every program uses it, and our own queries to its nameservers.

`getaddrinfo` says that a lookup failed; the response codes of each nameserver say why.
"""

from __future__ import annotations

import contextlib
import queue
import socket
import threading
import time
from typing import TYPE_CHECKING, Any, Final

import dns.exception
import dns.flags
import dns.message
import dns.rcode
import msgspec

from diagnostics.network import failures
from diagnostics.network.deadline import SLICE
from diagnostics.network.measurements import By, Kind, Lookup

if TYPE_CHECKING:
    from collections.abc import Sequence

    from diagnostics.network.deadline import Deadline
    from diagnostics.network.measurements import Role

KINDS: Final[tuple[Kind, ...]] = ("A", "AAAA")
MAX_ANSWER: Final = 4096
"""Most bytes read of a response; the query allows 1232."""
MAX_ADDRESSES: Final = 16
SENT_AT: Final = (0.0, 1.0, 2.0, 3.0, 3.6)
"""Seconds at which a query is sent, and resent while unanswered."""
JUNK_GRACE: Final = 0.3
"""Seconds to wait for a good response after an unusable one, once the system has given up."""
SECOND_GRACE: Final = 1.0
"""Seconds that the second resolver has after the system's answer."""
STALL: Final = 2.0
"""Seconds after which the system's lookup is abandoned if our own query was answered."""
LATE_LIMIT: Final = 0.25
"""Seconds that silent nameservers have after the system has failed."""
_GAVE_UP_MS: Final = 1000.0
"""From this duration on, a failed system lookup was waiting for an answer rather than refused."""
_FAILURE_OF_RCODE: Final = {dns.rcode.NXDOMAIN: failures.NXDOMAIN, dns.rcode.REFUSED: failures.DNS_REFUSED}


class _Question(threading.Thread):
    """One lookup in a daemon thread, left behind at the deadline; `junk` is the failure of an unusable response."""

    def __init__(
        self, lookup: Lookup, deadline: Deadline, over: threading.Event, news: queue.SimpleQueue[None]
    ) -> None:
        super().__init__(name="getaddrinfo", daemon=True)
        self.lookup, self.junk, self.began = lookup, "", time.monotonic()
        self.result: Lookup | None = None
        self.ended = 0.0
        self._deadline, self._over, self._news = deadline, over, news
        self.start()

    def run(self) -> None:
        """Do the lookup, and signal its end."""
        try:
            answer = _ask_system(self.lookup.host) if self.lookup.by == "system" else self._ask_server()
        except (OSError, UnicodeError) as wrong:
            answer = {"failure": failures.classify(wrong)}
        if answer is not None:
            # in this order: whoever finds `result` looks at `ended`
            self.ended, self.result = time.monotonic(), self.finished(**answer)
            self._news.put(None)

    def finished(self, failure: str | None, **answer: Any) -> Lookup:
        """Return the lookup with this result, ending now."""
        return msgspec.structs.replace(self.lookup, failure=failure, **answer, **self._deadline.times(self.began))

    def _ask_server(self) -> dict[str, Any] | None:
        """Query a server (`address`, or `address#port`) until it answers, each time with a new id."""
        address, _, port = self.lookup.server.partition("#")
        where = socket.getaddrinfo(address, int(port or 53), type=socket.SOCK_DGRAM, flags=socket.AI_NUMERICHOST)[0]
        sent: dict[int, tuple[dns.message.Message, float]] = {}
        strays, send_at = 0, [self.began + wait for wait in SENT_AT]
        with socket.socket(where[0], socket.SOCK_DGRAM) as sock:
            sock.settimeout(SLICE)
            sock.connect(where[4])
            while not (self._over.is_set() or self._deadline.over):
                if send_at and time.monotonic() >= send_at[0]:
                    del send_at[0]
                    query = dns.message.make_query(self.lookup.host, self.lookup.kind, use_edns=0, payload=1232)
                    sent[query.id] = query, time.monotonic()
                    sock.send(query.to_wire())
                try:
                    data = sock.recv(MAX_ANSWER)
                except TimeoutError:
                    continue
                sent_query, at = sent.get(int.from_bytes(data[:2], "big"), (None, 0.0))
                if sent_query is None and len(data) >= 2:  # perhaps forged: the right answer may still come
                    strays += 1  # one alone may have been somebody's who had this port before
                    self.junk = failures.DNS_WRONG_ID if strays > 1 else self.junk
                elif (result := _parse_response(data, sent_query)) is not None:
                    return {**result, "waited_ms": (time.monotonic() - at) * 1000}
                else:
                    self.junk = failures.DNS_MISBEHAVING
        return None


def _ask_system(host: str) -> dict[str, Any]:
    rows = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    addresses = tuple(dict.fromkeys(str(where[0]) for *_, where in rows))
    return {"failure": None, "addresses": addresses[: 2 * MAX_ADDRESSES]}


def _parse_response(data: bytes, query: dns.message.Message | None) -> dict[str, Any] | None:
    """Return the result of a response, None if it is unusable."""
    try:
        answer = dns.message.from_wire(data, ignore_trailing=True)
        rcode = answer.rcode()
    except (dns.exception.DNSException, ValueError):
        return None
    if query is None or not query.is_response(answer):
        return None
    rows = [rrset for rrset in answer.answer if rrset.rdtype == query.question[0].rdtype]
    addresses = tuple(item.address for rrset in rows for item in list(rrset)[:MAX_ADDRESSES])[:MAX_ADDRESSES]
    cut_short = bool(answer.flags & dns.flags.TC)  # the whole of it goes by TCP, to the system's resolver
    empty = None if addresses or cut_short else failures.NO_ANSWER
    return {
        "failure": empty if rcode == dns.rcode.NOERROR else _FAILURE_OF_RCODE.get(rcode, failures.SERVFAIL),
        "addresses": addresses,
    }


def resolve(
    host: str, deadline: Deadline, *,
    seconds: float, nameservers: Sequence[str] = (), second: str = "", role: Role = "main",
) -> tuple[tuple[str, ...], list[Lookup]]:  # fmt: skip
    """Look `host` up within `seconds`: the system, and A and AAAA questions to each server.

    Returns the addresses to use, and every lookup made. Ends early once nothing more can be learned.
    """
    servers: list[tuple[str, By]] = [(server, "nameserver") for server in nameservers]
    servers += [(second, "second")] if second else []
    lookups = [Lookup(host=host, by="system", role=role)]
    for kind in KINDS:
        lookups += [Lookup(host=host, by=by, role=role, server=server, kind=kind) for server, by in servers]
    over, due = threading.Event(), deadline.due(seconds)
    news: queue.SimpleQueue[None] = queue.SimpleQueue()
    questions = [_Question(lookup, deadline, over, news) for lookup in lookups]
    while not deadline.ended(until := _until(due, *questions)):
        with contextlib.suppress(queue.Empty):
            news.get(timeout=max(0.0, min(SLICE, until - time.monotonic())))
    over.set()
    system, *others = (one.result or one.finished(one.junk or failures.TIMEOUT) for one in questions)
    addresses, late = system.addresses, system.failure == failures.DNS_TEMPORARY and system.duration_ms >= _GAVE_UP_MS
    if system.failure == failures.TIMEOUT or late:
        # the system only waited too long: a packet was lost, or one of its servers is silent
        addresses = tuple(address for seen in others if seen.by == "nameserver" for address in seen.addresses)
    return addresses, [system, *others]


def _until(due: float, system: _Question, *others: _Question) -> float:
    """Return when to stop waiting, from the results so far."""
    own = [question for question in others if question.lookup.by == "nameserver"]
    open_ = [question for question in own if question.result is None]
    if system.result is None:
        answered = [question.ended for question in own if question.result is not None and question.result.addresses]
        return min(due, max(system.began + STALL, min(answered) + JUNK_GRACE)) if answered else due
    waits = any(question.result is None for question in others if question.lookup.by == "second")
    second = system.ended + SECOND_GRACE if waits else 0.0
    if system.result.failure is None or not open_:
        return min(due, second)
    if all(question.junk for question in open_):
        return min(due, max(second, system.ended + JUNK_GRACE))
    return min(due, max(second, system.ended + LATE_LIMIT, system.began + 1.5))
