"""Names to addresses: the system's resolver as every program uses it, and our own questions beside it.

`getaddrinfo` says that a lookup failed; the return codes of the nameservers say why, each server by itself.
"""

from __future__ import annotations

import contextlib
import selectors
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
from diagnostics.network.measurements import By, Kind, Lookup

if TYPE_CHECKING:
    from collections.abc import Sequence

    from diagnostics.network.deadline import Deadline
    from diagnostics.network.measurements import Role

KINDS: Final[tuple[Kind, ...]] = ("A", "AAAA")
MAX_ANSWER: Final = 4096
"""Bytes read of one answer; the query allows 1232, so a longer one is a fault of the server."""
MAX_ADDRESSES: Final = 16
RESEND: Final = (1.0, 2.0, 3.0, 3.6)
"""Seconds after which an unanswered question is sent again: a lost packet is no silent server."""
JUNK_GRACE: Final = 0.3
"""Seconds to wait for the right answer after an unusable one, once the system has given up."""
SECOND_GRACE: Final = 1.0
"""Seconds that the second resolver gets after the system's answer."""
STALL: Final = 2.0
"""Seconds after which the system's lookup is left alone when our own question has its answer already."""
LATE_LIMIT: Final = 0.25
"""Seconds that the nameservers get after the system has failed, if they have not answered at all."""
_GAVE_UP_MS: Final = 1000.0
"""A system that failed after so long waited for an answer; what fails sooner was told so."""


class _Question(msgspec.Struct, kw_only=True):
    sock: socket.socket
    asked: Lookup
    began: float
    resend: list[float]
    sent: dict[int, tuple[dns.message.Message, float]] = {}
    strays: int = 0
    junk: str | None = None


class _System:
    """`getaddrinfo` in a daemon thread: it cannot be cancelled, only left behind."""

    def __init__(self, host: str) -> None:
        self.addresses: tuple[str, ...] = ()
        self.failure: str | None = None
        self.ended = 0.0
        self._told, self.wake = socket.socketpair()
        self.wake.setblocking(False)
        threading.Thread(target=self._run, args=(host,), name="getaddrinfo", daemon=True).start()

    def _run(self, host: str) -> None:
        try:
            rows = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
            self.addresses = tuple(dict.fromkeys(str(where[0]) for *_, where in rows))[: 2 * MAX_ADDRESSES]
        except (OSError, UnicodeError) as wrong:
            self.failure = failures.classify(wrong)
        self.ended = time.monotonic()
        self._told.close()  # end of file on the other side wakes the selector

    def close(self) -> None:
        self.wake.close()
        self._told.close()


def resolve(
    host: str, deadline: Deadline, *,
    seconds: float, nameservers: Sequence[str] = (), second: str = "", role: Role = "main",
) -> tuple[tuple[str, ...], tuple[Lookup, ...]]:  # fmt: skip
    """Look `host` up within `seconds`; return the addresses to go on with, and every lookup made.

    Ends early when all is known that can be known.
    """
    return _Lookup(host, deadline, role).run(seconds, nameservers, second)


class _Lookup:
    """One name: the system's lookup, and A and AAAA questions to each server, answered in one loop."""

    def __init__(self, host: str, deadline: Deadline, role: Role) -> None:
        self._host, self._deadline, self._role = host, deadline, role
        self._selector = selectors.DefaultSelector()
        self._open: dict[int, _Question] = {}
        self._lookups: list[Lookup] = []
        self._began = time.monotonic()
        self._answered = 0.0

    def run(
        self, seconds: float, nameservers: Sequence[str], second: str
    ) -> tuple[tuple[str, ...], tuple[Lookup, ...]]:
        """Ask all, and listen until nothing more can be learned."""
        due = self._deadline.due(seconds)
        system = _System(self._host)
        self._selector.register(system.wake, selectors.EVENT_READ)
        try:
            for kind in KINDS:
                for server in nameservers:
                    self._ask(server, kind, "nameserver")
                if second:
                    self._ask(second, kind, "second")
            self._listen(system, due)
        finally:
            for question in list(self._open.values()):
                self._end(question, question.junk or failures.TIMEOUT)
            self._selector.close()
            system.close()
        ended = system.ended
        took = ((ended or time.monotonic()) - self._began) * 1000
        addresses, failure = (system.addresses, system.failure) if ended else ((), failures.TIMEOUT)
        lookup = Lookup(
            host=self._host, by="system", role=self._role, addresses=addresses, failure=failure,
            started_ms=(self._began - self._deadline.zero) * 1000, duration_ms=took,
        )  # fmt: skip
        if failure == failures.TIMEOUT or (failure == failures.DNS_TEMPORARY and took >= _GAVE_UP_MS):
            # the system only waited too long: a packet was lost, or one of its servers is silent
            addresses = tuple(one for seen in self._lookups if seen.by == "nameserver" for one in seen.addresses)
        return addresses, (lookup, *self._lookups)

    def _ask(self, server: str, kind: Kind, by: By) -> None:
        """Send one question to a server (`address`, or `address#port`)."""
        address, _, port = server.partition("#")
        asked = Lookup(host=self._host, by=by, role=self._role, server=server, kind=kind)
        began = time.monotonic()
        sock: socket.socket | None = None
        try:
            where = socket.getaddrinfo(address, int(port or 53), type=socket.SOCK_DGRAM, flags=socket.AI_NUMERICHOST)[0]
            sock = socket.socket(where[0], socket.SOCK_DGRAM)
            sock.setblocking(False)
            sock.connect(where[4])
            question = _Question(sock=sock, asked=asked, began=began, resend=[began + wait for wait in RESEND])
            self._send(question)
        except OSError as wrong:
            if sock is not None:
                sock.close()
            self._note(asked, began, failures.classify(wrong))
            return
        self._open[sock.fileno()] = question
        self._selector.register(sock, selectors.EVENT_READ, question)

    def _send(self, question: _Question) -> None:
        """Send a question under a number of its own, to know which one an answer is to."""
        query = dns.message.make_query(self._host, question.asked.kind, use_edns=0, payload=1232)
        question.sent[query.id] = query, time.monotonic()
        question.sock.send(query.to_wire())

    def _listen(self, system: _System, due: float) -> None:
        while not self._deadline.ended(until := self._until(system, due)):
            again = min((one.resend[0] for one in self._open.values() if one.resend), default=until)
            for key, _ in self._deadline.select(self._selector, min(until, again)):
                if key.data is None:
                    self._selector.unregister(system.wake)
                else:
                    self._take(key.data)
            now = time.monotonic()
            for question in self._open.values():
                if question.resend and now >= question.resend[0]:
                    question.resend.pop(0)
                    with contextlib.suppress(OSError):  # the answer to this is read in `_take`
                        self._send(question)

    def _until(self, system: _System, due: float) -> float:
        """Return when to stop listening, by what is known now."""
        open_ = [one for one in self._open.values() if one.asked.by == "nameserver"]
        second = system.ended + SECOND_GRACE if any(one.asked.by == "second" for one in self._open.values()) else 0.0
        if not system.ended:
            return min(due, max(self._began + STALL, self._answered + JUNK_GRACE)) if self._answered else due
        if system.failure is None or not open_:
            return min(due, second)
        if all(one.junk for one in open_):
            return min(due, max(second, system.ended + JUNK_GRACE))
        return min(due, max(second, system.ended + LATE_LIMIT, self._began + 1.5))

    def _take(self, question: _Question) -> None:
        """Read what came for one question."""
        try:
            data = question.sock.recv(MAX_ANSWER)
        except BlockingIOError:
            return
        except OSError as wrong:
            self._end(question, failures.classify(wrong))
            return
        query, sent = question.sent.get(int.from_bytes(data[:2], "big"), (None, 0.0))
        if query is None and len(data) >= 2:  # perhaps forged: the right answer may still come
            question.strays += 1
            if question.strays > 1:  # one alone may have been somebody's who had this port before
                question.junk = failures.DNS_WRONG_ID
            return
        question.junk = failures.DNS_MISBEHAVING
        try:
            answer = dns.message.from_wire(data, ignore_trailing=True)
            rcode = answer.rcode()
        except (dns.exception.DNSException, ValueError):
            return
        if query is None or not query.is_response(answer):
            return
        found = [rrset for rrset in answer.answer if rrset.rdtype.name == question.asked.kind]
        addresses = tuple(item.address for rrset in found for item in list(rrset)[:MAX_ADDRESSES])[:MAX_ADDRESSES]
        cut_short = bool(answer.flags & dns.flags.TC)  # the whole of it goes by TCP, to the system's resolver
        words = {
            dns.rcode.NOERROR: None if addresses or cut_short else failures.NO_ANSWER,
            dns.rcode.NXDOMAIN: failures.NXDOMAIN,
            dns.rcode.SERVFAIL: failures.SERVFAIL,
            dns.rcode.REFUSED: failures.DNS_REFUSED,
        }
        self._end(question, words.get(rcode, failures.SERVFAIL), addresses, sent)

    def _end(
        self, question: _Question, failure: str | None, addresses: tuple[str, ...] = (), sent: float = 0.0
    ) -> None:
        self._selector.unregister(question.sock)
        del self._open[question.sock.fileno()]
        question.sock.close()
        now = time.monotonic()
        if addresses and question.asked.by == "nameserver":
            self._answered = self._answered or now
        waited = (now - sent) * 1000 if sent else 0.0
        self._note(question.asked, question.began, failure, addresses=addresses, waited_ms=waited)

    def _note(self, asked: Lookup, began: float, failure: str | None, **more: Any) -> None:
        times = self._deadline.times(began)
        self._lookups.append(msgspec.structs.replace(asked, failure=failure, **times, **more))
