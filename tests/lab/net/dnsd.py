"""A nameserver that lies as told: return codes, silence, rubbish, wrong ids, delays, other people's addresses."""

import socket
import threading
import time
from collections.abc import Callable
from typing import Final

import dnslib

from tests.lab.net.world import Far
from tests.lab.tcp import TcpServer

Zone = dict[str, tuple[str, ...]]
Twist = Callable[[dnslib.DNSRecord, str, str], bytes | bool | None]
"""Given a question, its name and kind: bytes to answer, None for silence, True for the honest answer."""
NXDOMAIN: Final = 3


class Nameserver:
    """Answers A and AAAA from a zone, over UDP and TCP; `twist` may answer first: bytes, or None for silence."""

    def __init__(self, far: Far, address: str, zone: Zone) -> None:
        self.zone = zone
        self.twist: Twist | None = None
        self.asked = 0
        self._udp = far.listen(address, 53, socket.SOCK_DGRAM)
        threading.Thread(target=self._serve_udp, daemon=True).start()
        TcpServer(self._converse, far.listen(address, 53)).start()

    def _serve_udp(self) -> None:
        while True:
            data, where = self._udp.recvfrom(4096)
            threading.Thread(target=self._reply, args=(data, where), daemon=True).start()

    def _reply(self, data: bytes, where: tuple[str, int]) -> None:
        answer = self._answer(data)
        if answer is not None and len(answer) > 1232:
            short = dnslib.DNSRecord.parse(data).reply()
            short.header.tc = 1
            answer = bytes(short.pack())
        if answer is not None:
            self._udp.sendto(answer, where)

    def _converse(self, connection: socket.socket) -> None:
        """Answer every question on one connection; resolvers send both at once."""
        with connection.makefile("rb") as questions:
            connection.settimeout(10)
            while size := questions.read(2):
                answer = self._answer(questions.read(int.from_bytes(size, "big")))
                if answer is not None:
                    connection.sendall(len(answer).to_bytes(2, "big") + answer)

    def _answer(self, data: bytes) -> bytes | None:
        self.asked += 1
        query = dnslib.DNSRecord.parse(data)
        name = str(query.q.qname).rstrip(".").lower()
        kind = dnslib.QTYPE[query.q.qtype]
        if self.twist is not None:
            twisted = self.twist(query, name, kind)
            if twisted is not True:
                return bytes(twisted) if isinstance(twisted, (bytes, bytearray)) else None
        return honest(query, self.zone, name, kind)


def honest(query: dnslib.DNSRecord, zone: Zone, name: str, kind: str) -> bytes:
    """Return the right answer from a zone."""
    reply = query.reply()
    addresses = zone.get(name)
    if addresses is None:
        reply.header.rcode = NXDOMAIN
    for address in addresses or ():
        if (":" in address) == (kind == "AAAA") and kind in ("A", "AAAA"):
            data = dnslib.AAAA(address) if ":" in address else dnslib.A(address)
            reply.add_answer(dnslib.RR(name, getattr(dnslib.QTYPE, kind), rdata=data, ttl=1))
    return bytes(reply.pack())


def code(rcode: int, *names: str) -> Twist:
    """Answer with a return code, for these names or for all."""

    def twist(query: dnslib.DNSRecord, name: str, _kind: str) -> bytes | bool:
        reply = query.reply()
        reply.header.rcode = rcode
        return bytes(reply.pack()) if not names or name in names else True

    return twist


def servfail_once(of: str) -> Twist:
    """Fail the system's first question of each kind (ours carry an EDNS record, those of the C library do not)."""
    bad, failed = code(2), set[str]()

    def twist(query: dnslib.DNSRecord, name: str, kind: str) -> bytes | bool | None:
        if name != of or query.ar or kind in failed:
            return True
        failed.add(kind)
        return bad(query, name, kind)

    return twist


def silent(_query: dnslib.DNSRecord, _name: str, _kind: str) -> None:
    """Say nothing."""


def silent_aaaa(_query: dnslib.DNSRecord, _name: str, kind: str) -> bool | None:
    """Say nothing to questions for IPv6."""
    return None if kind == "AAAA" else True


def rubbish(query: dnslib.DNSRecord, _name: str, _kind: str) -> bytes:
    """Answer with bytes that are no DNS message, under the right id."""
    return bytes(query.pack())[:2] + b"\xff" * 40


def wrong_id(query: dnslib.DNSRecord, _name: str, _kind: str) -> bytes:
    """Answer as if to another question."""
    reply = query.reply()
    reply.header.id = (query.header.id + 1) % 65536
    return bytes(reply.pack())


def everything_at(address: str) -> Twist:
    """Give one address for every name."""
    return lambda query, name, kind: honest(query, {name: (address,)}, name, kind)


def late(seconds: float) -> Twist:
    """Answer rightly, but late."""
    return lambda _query, _name, _kind: time.sleep(seconds) is None


def huge(name: str) -> Twist:
    """Answer with close to 64 KB: many addresses, the first alive and all the others dead, and texts that nobody asked.

    Were it addresses alone, reading them would take a second of a busy machine, and the resolver would be called slow.
    """
    reply = dnslib.DNSRecord.question(name).reply()
    for number in range(500):
        address = "203.0.113.11" if number == 0 else f"203.0.113.{100 + number % 100}"
        reply.add_answer(dnslib.RR(name, dnslib.QTYPE.A, rdata=dnslib.A(address), ttl=1))
    for _ in range(210):
        reply.add_answer(dnslib.RR(name, dnslib.QTYPE.TXT, rdata=dnslib.TXT(b"x" * 250), ttl=1))
    packed = bytes(reply.pack())
    assert 60_000 < len(packed) < 65_536

    def twist(query: dnslib.DNSRecord, asked: str, kind: str) -> bytes | bool:
        return int(query.header.id).to_bytes(2, "big") + packed[2:] if asked == name and kind == "A" else True

    return twist
