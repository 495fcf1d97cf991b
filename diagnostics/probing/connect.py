"""TCP: happy eyeballs over all addresses (RFC 8305), and which of them answer at all."""

from __future__ import annotations

import errno
import ipaddress
import selectors
import socket
import sys
import time
from itertools import chain, zip_longest
from typing import TYPE_CHECKING, Any, Final

import msgspec

from diagnostics.probing import failures
from diagnostics.probing.observations import Connect

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from diagnostics.probing.watch import Watch

ATTEMPT_DELAY: Final = 0.25
"""Seconds before the next address is tried beside the first (RFC 8305, section 5)."""
GRACE: Final = 1.6
"""Seconds that the other addresses get once one answered: more than one SYN retransmission (1 s, RFC 6298)."""
MAX_PER_FAMILY: Final = 4
"""Addresses tried of each family: a hostile DNS answer can hold thousands."""

_ICMP_PROHIBITED4: Final = frozenset({9, 10, 13})  # RFC 1122 and RFC 1812: administratively prohibited
_ICMP_PROHIBITED6: Final = frozenset({1, 5, 6})  # RFC 4443: prohibited, policy, reject route
_RECVERR: Final = {socket.AF_INET: (0, 11), socket.AF_INET6: (41, 25)}  # Linux: level and IP(V6)_RECVERR
_MSG_ERRQUEUE: Final = 0x2000
_LINUX: Final = sys.platform == "linux"


class _Try(msgspec.Struct, kw_only=True):
    address: str
    sock: socket.socket
    began: float


class Connected(msgspec.Struct, kw_only=True):
    """The first connection that stood (the caller closes it), and how every address fared."""

    sock: socket.socket | None
    address: str
    connects: tuple[Connect, ...]


def order(addresses: Sequence[str]) -> list[str]:
    """Interleave the families, the resolver's first choice first (RFC 8305, section 4), bounded in number."""
    unique = list(dict.fromkeys(addresses))
    six = [address for address in unique if ":" in address][:MAX_PER_FAMILY]
    four = [address for address in unique if ":" not in address][:MAX_PER_FAMILY]
    first, second = (six, four) if unique and ":" in unique[0] else (four, six)
    return [address for address in chain.from_iterable(zip_longest(first, second)) if address is not None]


class Race:
    """Connects to all addresses of one name; the first that answers wins, the others are still watched."""

    def __init__(self, port: int, watch: Watch, zero: float, *, seconds: float, grace: float = GRACE) -> None:
        self._port = port
        self._watch = watch
        self._zero = zero
        self._seconds = seconds
        self._grace = grace
        self._selector = selectors.DefaultSelector()
        self._open: dict[int, _Try] = {}
        self._done: list[Connect] = []
        self._winner: _Try | None = None

    def run(self, addresses: Sequence[str], begin: Callable[[str], None] = lambda _address: None) -> Connected:
        """Race; ends when all answered or failed, or the grace after the first answer is over."""
        waiting = order(addresses)
        end = self._watch.due(self._seconds + ATTEMPT_DELAY * max(0, len(waiting) - 1))
        next_at = time.monotonic()
        try:
            while (waiting or self._open) and not self._watch.ended(end):
                if waiting and (self._winner or not self._open or time.monotonic() >= next_at):
                    begin(waiting[0])
                    self._start(waiting.pop(0))
                    next_at = time.monotonic() + ATTEMPT_DELAY
                    continue
                turn = min([end, *(one.began + self._seconds for one in self._open.values())])
                self._turn(min(turn, next_at) if waiting else turn)
                if self._winner is not None:
                    end = min(end, self._winner.began + self._grace)
            for one in list(self._open.values()):
                self._finish(one, failures.TIMEOUT if not self._watch.cancelled.is_set() else failures.INTERRUPTED)
        finally:
            for one in self._open.values():
                one.sock.close()
            self._selector.close()
        won = self._winner
        return Connected(sock=won.sock if won else None, address=won.address if won else "", connects=tuple(self._done))

    def _start(self, address: str) -> None:
        began = time.monotonic()
        try:
            family, _, _, _, sockaddr = socket.getaddrinfo(
                address, self._port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST
            )[0]
            sock = socket.socket(family, socket.SOCK_STREAM)
        except OSError as wrong:
            self._note(address, began, failures.classify(wrong))
            return
        one = _Try(address=address, sock=sock, began=began)
        sock.setblocking(False)
        _ask_for_icmp(sock)
        code = sock.connect_ex(sockaddr)
        if code in (0, errno.EINPROGRESS, errno.EWOULDBLOCK, errno.EALREADY):
            self._open[sock.fileno()] = one
            self._selector.register(sock, selectors.EVENT_WRITE)
        else:
            self._note(address, began, failures.from_errno(code), _local_hint(code))
            sock.close()

    def _turn(self, until: float) -> None:
        for key, _ in self._watch.select(self._selector, until):
            one = self._open[key.fd]
            icmp = _icmp(one.sock)
            code = one.sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            if code == 0:
                self._finish(one, None)
            else:
                self._finish(one, failures.from_errno(code), icmp or _local_hint(code))
        now = time.monotonic()
        for one in [one for one in self._open.values() if now >= one.began + self._seconds]:
            self._finish(one, failures.TIMEOUT)

    def _finish(self, one: _Try, failure: str | None, hint: str = "") -> None:
        self._selector.unregister(one.sock)
        del self._open[one.sock.fileno()]
        self._note(one.address, one.began, failure, hint)
        if failure is None and self._winner is None:
            self._winner = one
        else:
            one.sock.close()

    def _note(self, address: str, began: float, failure: str | None, hint: str = "") -> None:
        self._done.append(
            Connect(
                address=address,
                port=self._port,
                failure=failure,
                hint=hint,
                started_ms=(began - self._zero) * 1000,
                duration_ms=(time.monotonic() - began) * 1000,
            )
        )


def connect_one(address: str, port: int, watch: Watch, zero: float, seconds: float) -> Connected:
    """Connect to one address only."""
    return Race(port, watch, zero, seconds=seconds).run([address])


def is_six(address: str) -> bool:
    """Whether an address is one of IPv6."""
    return ipaddress.ip_address(address.partition("%")[0]).version == 6


def _ask_for_icmp(sock: socket.socket) -> None:
    """Ask the kernel to keep the ICMP error: `prohibited` and `no such host` share one errno (Linux 5.11 on)."""
    if _LINUX:
        level, option = _RECVERR[socket.AddressFamily(sock.family)]
        sock.setsockopt(level, option, 1)


def _icmp(sock: socket.socket) -> str:
    """Return what an ICMP error for this connection said: `prohibited`, `icmp`, or nothing."""
    if not _LINUX:
        return ""
    try:
        received: tuple[bytes, list[tuple[int, int, bytes]], int, Any] = sock.recvmsg(64, 512, _MSG_ERRQUEUE)
    except OSError:
        return ""  # no ICMP error came
    for _level, _type, data in received[1]:
        if len(data) < 8:
            continue
        origin, kind, code = data[4], data[5], data[6]  # struct sock_extended_err
        if origin == 2 and kind == 3:
            return "prohibited" if code in _ICMP_PROHIBITED4 else "icmp"
        if origin == 3 and kind == 1:
            return "prohibited" if code in _ICMP_PROHIBITED6 else "icmp"
    return ""


def _local_hint(code: int) -> str:
    return "local_prohibit" if code in (errno.EACCES, errno.EPERM) else ""
