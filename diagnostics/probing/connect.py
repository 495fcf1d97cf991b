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
from diagnostics.probing.observations import Connect, Role

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from diagnostics.probing.watch import Watch

ATTEMPT_DELAY: Final = 0.25
"""Seconds before the next address is tried beside the first (RFC 8305, section 5); later ones follow sooner."""
LATER_DELAY: Final = 0.1
GRACE: Final = 1.6
"""Seconds that the other addresses get once one answered: more than one SYN retransmission (1 s, RFC 6298)."""
SILENT_FOR: Final = 0.5
"""Seconds of silence after which another port of the same address is asked."""
MAX_PER_FAMILY: Final = 16
"""Addresses tried of each family: a hostile DNS answer can hold thousands."""

_ICMP_PROHIBITED4: Final = frozenset({9, 10, 13})  # RFC 1122 and RFC 1812: administratively prohibited
_ICMP_PROHIBITED6: Final = frozenset({1, 5, 6})  # RFC 4443: prohibited, policy, reject route
_RECVERR: Final = {socket.AF_INET: (0, 11), socket.AF_INET6: (41, 25)}  # Linux: level and IP(V6)_RECVERR
_MSG_ERRQUEUE: Final = 0x2000
_LINUX: Final = sys.platform == "linux"


class _Try(msgspec.Struct, kw_only=True):
    address: str
    port: int
    role: Role
    began: float
    sock: socket.socket


class Connected(msgspec.Struct, kw_only=True):
    """The first connection that stood (the caller closes it), and how every address fared."""

    sock: socket.socket | None
    address: str
    connects: tuple[Connect, ...]
    seconds: float = 0.0


def order(addresses: Sequence[str]) -> list[str]:
    """Interleave the families, the resolver's first choice first (RFC 8305, section 4), bounded in number."""
    unique = list(dict.fromkeys(addresses))
    six = [address for address in unique if ":" in address][:MAX_PER_FAMILY]
    four = [address for address in unique if ":" not in address][:MAX_PER_FAMILY]
    first, second = (six, four) if unique and ":" in unique[0] else (four, six)
    return [address for address in chain.from_iterable(zip_longest(first, second)) if address is not None]


class Race:
    """Connects to all addresses of one name; the first that answers wins, the others are still watched."""

    def __init__(
        self, port: int, watch: Watch, zero: float, *, seconds: float, grace: float = GRACE, role: Role = "main"
    ) -> None:
        self._port = port
        self._role = role
        self._watch = watch
        self._zero = zero
        self._seconds = seconds
        self._grace = grace
        self._selector = selectors.DefaultSelector()
        self._open: dict[int, _Try] = {}
        self._done: list[Connect] = []
        self._winner: _Try | None = None
        self._won = 0.0

    def run(
        self, addresses: Sequence[str], begin: Callable[[str], None] = lambda _address: None, other_port: int = 0
    ) -> Connected:
        """Race; ends when all answered or failed, or the grace after the first answer is over.

        `other_port` of the first address is tried beside it, where that is silent: does it answer, a filter sits here.
        """
        waiting = order(addresses)
        end = self._watch.due(self._seconds + ATTEMPT_DELAY * len(waiting))
        next_at = time.monotonic()
        first, other_at = waiting[0] if waiting else "", next_at + SILENT_FOR
        try:
            while (waiting or self._main_open()) and not self._watch.ended(end):
                if waiting and (self._winner or not self._main_open() or time.monotonic() >= next_at):
                    begin(waiting[0])
                    self._start(waiting.pop(0), self._port, self._role)
                    next_at = time.monotonic() + (ATTEMPT_DELAY if len(self._open) < 4 else LATER_DELAY)
                    continue
                if other_port and not self._winner and time.monotonic() >= other_at:
                    self._start(first, other_port, "other_port")
                    other_port = 0
                turn = min([end, *(one.began + self._seconds for one in self._open.values())])
                turn = min(turn, other_at) if other_port else turn
                self._turn(min(turn, next_at) if waiting else turn)
                if self._winner is not None:  # on a slow line the others may take as long, and half as long again
                    patience = max(self._grace, 1.5 * self._won) if self._grace else 0.0
                    end = min(end, self._winner.began + patience)
            late = failures.INTERRUPTED if self._watch.cancelled.is_set() else failures.TIMEOUT
            for one in list(self._open.values()):
                self._finish(one, late)
        finally:
            for one in self._open.values():
                one.sock.close()
            self._selector.close()
        won, done = self._winner, tuple(self._done)
        return Connected(
            sock=won.sock if won else None, address=won.address if won else "", connects=done, seconds=self._won
        )

    def _main_open(self) -> bool:
        return any(one.role == self._role for one in self._open.values())

    def _start(self, address: str, port: int, role: Role) -> None:
        began = time.monotonic()
        try:
            family, _, _, _, sockaddr = socket.getaddrinfo(
                address, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST
            )[0]
            sock = socket.socket(family, socket.SOCK_STREAM)
        except OSError as wrong:
            self._note(address, port, role, began, failures.classify(wrong))
            return
        sock.setblocking(False)
        if _LINUX:  # keep the ICMP error: `prohibited` and `no such host` share one errno (5.11 on)
            sock.setsockopt(*_RECVERR[socket.AddressFamily(sock.family)], 1)
        code = sock.connect_ex(sockaddr)
        if code in (0, errno.EINPROGRESS, errno.EWOULDBLOCK, errno.EALREADY):
            self._open[sock.fileno()] = _Try(address=address, port=port, role=role, began=began, sock=sock)
            self._selector.register(sock, selectors.EVENT_WRITE)
        else:
            self._note(address, port, role, began, failures.from_errno(code), _local_hint(code))
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
        self._note(one.address, one.port, one.role, one.began, failure, hint)
        if failure is None and self._winner is None and one.role == self._role:
            self._winner = one
            self._won = time.monotonic() - one.began
        else:
            one.sock.close()

    def _note(
        self, address: str, port: int, role: Role, began: float, failure: str | None, hint: str = ""
    ) -> None:  # fmt: skip
        self._done.append(
            Connect(
                address=address, port=port, role=role, failure=failure, hint=hint,
                started_ms=(began - self._zero) * 1000, duration_ms=(time.monotonic() - began) * 1000,
            )
        )  # fmt: skip


def is_address(text: str) -> bool:
    """Whether a host is an address already."""
    try:
        ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    return True


def _icmp(sock: socket.socket) -> str:
    """Return what an ICMP error for this connection said: `prohibited`, `icmp`, or nothing."""
    if not _LINUX:
        return ""
    try:
        received: tuple[bytes, list[tuple[int, int, bytes]], int, Any] = sock.recvmsg(64, 512, _MSG_ERRQUEUE)
    except OSError:
        return ""  # no ICMP error came
    for _level, _type, data in received[1]:
        origin, kind, code = data[4:7] if len(data) >= 8 else (0, 0, 0)  # struct sock_extended_err
        if (origin, kind) in ((2, 3), (3, 1)):
            return "prohibited" if code in (_ICMP_PROHIBITED4 if origin == 2 else _ICMP_PROHIBITED6) else "icmp"
    return ""


def _local_hint(code: int) -> str:
    return "local_prohibit" if code in (errno.EACCES, errno.EPERM) else ""
