"""Our own questions to nameservers: `getaddrinfo` says that a lookup failed, the return code says why."""

from __future__ import annotations

import contextlib
import errno
import selectors
import socket
import time
from typing import TYPE_CHECKING, Final, Literal

import msgspec

from diagnostics.probing import failures
from diagnostics.probing.observations import Lookup

if TYPE_CHECKING:
    from collections.abc import Sequence

Kind = Literal["A", "AAAA"]
KINDS: Final[tuple[Kind, ...]] = ("A", "AAAA")
MAX_ANSWER: Final = 4096
"""Bytes read of one answer; the query allows 1232, so a longer one is a fault of the server."""
MAX_ADDRESSES: Final = 16
RESEND: Final = (1.0, 2.5)
"""Seconds after which an unanswered question is sent again: a lost packet is no silent server."""


class _Question(msgspec.Struct, kw_only=True):
    sock: socket.socket
    server: str
    kind: Kind
    by: Literal["nameserver", "second"]
    wire: bytes
    id: int
    began: float
    resend: list[float]
    junk: str | None = None


class Questions:
    """A and AAAA questions about one host to several servers, answered in the caller's selector loop."""

    def __init__(self, host: str, selector: selectors.BaseSelector, zero: float) -> None:
        self.host = host
        self.lookups: list[Lookup] = []
        self._selector = selector
        self._zero = zero
        self._open: dict[int, _Question] = {}

    def ask(self, servers: Sequence[str], by: Literal["nameserver", "second"]) -> None:
        """Send both questions to each server (`address`, or `address#port`)."""
        import dns.message

        for server in servers:
            for kind in KINDS:
                query = dns.message.make_query(self.host, kind, use_edns=0, payload=1232)
                self._send(server, kind, by, query.to_wire(), query.id)

    def _send(self, server: str, kind: Kind, by: Literal["nameserver", "second"], wire: bytes, number: int) -> None:
        began = time.monotonic()
        address, _, port = server.partition("#")
        sock: socket.socket | None = None
        try:
            family, _, _, _, where = socket.getaddrinfo(
                address, int(port or 53), type=socket.SOCK_DGRAM, flags=socket.AI_NUMERICHOST
            )[0]
            sock = socket.socket(family, socket.SOCK_DGRAM)
            sock.setblocking(False)
            sock.connect(where)
            sock.send(wire)
        except OSError as wrong:
            if sock is not None:
                sock.close()
            self._note(server, kind, by, began, failures.classify(wrong))
            return
        self._open[sock.fileno()] = _Question(
            sock=sock, server=server, kind=kind, by=by, wire=wire, id=number, began=began,
            resend=[began + wait for wait in RESEND],
        )  # fmt: skip
        self._selector.register(sock, selectors.EVENT_READ, self)

    def open(self, by: Literal["nameserver", "second"]) -> bool:
        """Whether a question of this kind still waits for its answer."""
        return any(question.by == by for question in self._open.values())

    @property
    def only_junk(self) -> bool:
        """Whether every open question has had an answer already that could not be used."""
        return bool(self._open) and all(question.junk for question in self._open.values())

    def next_resend(self) -> float:
        """Return when `resend` has to be called next (monotonic)."""
        return min((question.resend[0] for question in self._open.values() if question.resend), default=1e18)

    def resend(self) -> None:
        """Send again what has been waiting long enough."""
        now = time.monotonic()
        for question in list(self._open.values()):
            if question.resend and now >= question.resend[0]:
                question.resend.pop(0)
                with contextlib.suppress(OSError):  # the answer to this is read in `take`
                    question.sock.send(question.wire)

    def take(self, fd: int) -> None:
        """Read what came for one socket of this object."""
        question = self._open[fd]
        try:
            data = question.sock.recv(MAX_ANSWER)
        except BlockingIOError:
            return
        except OSError as wrong:
            failure = failures.REFUSED if wrong.errno == errno.ECONNREFUSED else failures.classify(wrong)
            self._end(question, failure)
            return
        self._parse(question, data)

    def _parse(self, question: _Question, data: bytes) -> None:
        import dns.exception
        import dns.flags
        import dns.message
        import dns.rcode

        if len(data) >= 2 and int.from_bytes(data[:2], "big") != question.id:
            question.junk = failures.DNS_WRONG_ID  # perhaps forged: the right answer may still come
            return
        try:
            answer = dns.message.from_wire(data, ignore_trailing=True)
            same = [(str(name.name).rstrip(".").lower(), name.rdtype.name) for name in answer.question]
            rcode = answer.rcode()
        except (dns.exception.DNSException, ValueError):
            question.junk = failures.DNS_MISBEHAVING
            return
        if not answer.flags & dns.flags.QR or (same and same != [(self.host.lower(), question.kind)]):
            question.junk = failures.DNS_MISBEHAVING
            return
        addresses = tuple(
            item.address
            for rrset in answer.answer
            if rrset.rdtype.name == question.kind
            for item in list(rrset)[:MAX_ADDRESSES]
        )[:MAX_ADDRESSES]
        cut_short = bool(answer.flags & dns.flags.TC)  # the whole of it goes by TCP, to the system's resolver
        words = {
            dns.rcode.NOERROR: None if addresses or cut_short else failures.NO_ANSWER,
            dns.rcode.NXDOMAIN: failures.NXDOMAIN,
            dns.rcode.SERVFAIL: failures.SERVFAIL,
            dns.rcode.REFUSED: failures.DNS_REFUSED,
        }
        self._end(question, words.get(rcode, failures.DNS_MISBEHAVING), addresses)

    def close(self) -> None:
        """Give up what is still open: as junk where only that came, else as a time-out."""
        for question in list(self._open.values()):
            self._end(question, question.junk or failures.TIMEOUT)

    def _end(self, question: _Question, failure: str | None, addresses: tuple[str, ...] = ()) -> None:
        self._selector.unregister(question.sock)
        del self._open[question.sock.fileno()]
        question.sock.close()
        self._note(question.server, question.kind, question.by, question.began, failure, addresses)

    def _note(
        self,
        server: str,
        kind: Kind,
        by: Literal["nameserver", "second"],
        began: float,
        failure: str | None,
        addresses: tuple[str, ...] = (),
    ) -> None:
        self.lookups.append(
            Lookup(
                host=self.host,
                by=by,
                server=server,
                kind=kind,
                addresses=addresses,
                failure=failure,
                started_ms=(began - self._zero) * 1000,
                duration_ms=(time.monotonic() - began) * 1000,
            )
        )
