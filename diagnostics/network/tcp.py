"""TCP: happy eyeballs over all addresses (RFC 8305), and which of them answer at all."""

from __future__ import annotations

import errno
import selectors
import socket
import sys
import time
from itertools import chain, zip_longest
from typing import TYPE_CHECKING, Any, Final

import msgspec

from diagnostics.network import failures
from diagnostics.network.measurements import Connect, Role

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from diagnostics.network.deadline import Deadline

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


class Pending(msgspec.Struct, eq=False):
    """A connection being made, or made: then the caller closes `sock`. `to` records how it went."""

    to: Connect
    began: float
    sock: socket.socket


class Connecting:
    """Connections being made side by side, each within `seconds`; only the first of role `keep` stays open."""

    def __init__(self, deadline: Deadline, seconds: float, keep: Role | None = None) -> None:
        self.done: list[Connect] = []
        self.open: list[Pending] = []
        self.winner: Pending | None = None
        self._deadline, self._seconds, self._keep = deadline, seconds, keep
        self._selector = selectors.DefaultSelector()

    def start(self, address: str, port: int, role: Role = "main") -> None:
        """Begin one connection."""
        to, began = Connect(address=address, port=port, role=role), time.monotonic()
        try:
            row = socket.getaddrinfo(address, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)[0]
            sock = socket.socket(row[0], socket.SOCK_STREAM)
        except OSError as wrong:
            self._note(to, began, failures.classify(wrong))
            return
        sock.setblocking(False)
        if sys.platform == "linux":  # keep the ICMP error: `prohibited` and `no such host` share one errno (5.11 on)
            sock.setsockopt(*_RECVERR[socket.AddressFamily(sock.family)], 1)
        code = sock.connect_ex(row[4])
        self.open.append(Pending(to, began, sock))
        self._selector.register(sock, selectors.EVENT_WRITE, self.open[-1])
        if code not in (0, errno.EINPROGRESS, errno.EWOULDBLOCK, errno.EALREADY):
            self._fail(self.open[-1], code)

    def wait(self, until: float) -> None:
        """Wait for something to happen, until then at the latest."""
        until = min([until, *(pending.began + self._seconds for pending in self.open)])
        for key, _ in self._deadline.select(self._selector, until):
            if code := key.data.sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
                self._fail(key.data, code)
            else:
                self._finish(key.data, None)
        now = time.monotonic()
        for pending in [pending for pending in self.open if now >= pending.began + self._seconds]:
            self._finish(pending, failures.TIMEOUT)

    def close(self) -> None:
        """Give up what is still open."""
        for pending in self.open[:]:
            self._finish(pending, failures.INTERRUPTED if self._deadline.cancelled.is_set() else failures.TIMEOUT)
        self._selector.close()

    def _fail(self, pending: Pending, code: int) -> None:
        local = "local_prohibit" if code in (errno.EACCES, errno.EPERM) else ""
        self._finish(pending, failures.from_errno(code), _icmp(pending.sock) or local)

    def _finish(self, pending: Pending, failure: str | None, hint: str = "") -> None:
        self._selector.unregister(pending.sock)
        self.open.remove(pending)
        pending.to = self._note(pending.to, pending.began, failure, hint)
        if failure is None and self.winner is None and pending.to.role == self._keep:
            self.winner = pending
        else:
            pending.sock.close()

    def _note(self, to: Connect, began: float, failure: str | None, hint: str = "") -> Connect:
        self.done.append(msgspec.structs.replace(to, failure=failure, hint=hint, **self._deadline.times(began)))
        return self.done[-1]


def interleave(addresses: Sequence[str]) -> list[str]:
    """Interleave the families, the resolver's first choice first (RFC 8305, section 4), bounded in number."""
    families: dict[bool, list[str]] = {}
    for address in dict.fromkeys(addresses):
        families.setdefault(":" in address, []).append(address)
    rows = zip_longest(*(family[:MAX_PER_FAMILY] for family in families.values()))
    return [address for address in chain.from_iterable(rows) if address is not None]


def race(
    addresses: Sequence[str], port: int, deadline: Deadline, seconds: float, *, grace: float = GRACE,
    role: Role = "main", begin: Callable[[str], None] = lambda _address: None, other_port: int = 0,
    retries: int = 0,
) -> tuple[Pending | None, list[Connect]]:  # fmt: skip
    """Connect to all addresses; the first that answers wins, the others are watched until the grace is over.

    Returns the connection that stands, and how every address fared. The first two that stay silent are tried again
    `retries` times: packets get lost. `other_port` of the first address is tried beside it, where that is silent: does
    it answer, a filter sits here.
    """
    waiting = interleave(addresses)
    end = deadline.due(seconds + ATTEMPT_DELAY * (len(waiting) + 2 * retries))
    next_at = time.monotonic()
    first, other_at = waiting[0] if waiting else "", next_at + SILENT_FOR
    under_way = Connecting(deadline, seconds, keep=role)
    try:
        while not deadline.ended(end):
            racing = [pending.to.address for pending in under_way.open if pending.to.role == role]
            if racing and not waiting and retries and not under_way.winner and time.monotonic() >= next_at:
                waiting, retries = list(dict.fromkeys(racing))[:2], retries - 1
            if waiting and (under_way.winner or not racing or time.monotonic() >= next_at):
                begin(waiting[0])
                under_way.start(waiting.pop(0), port, role)
                next_at = time.monotonic() + (ATTEMPT_DELAY if len(under_way.open) < 4 else LATER_DELAY)
                continue
            if not waiting and not racing:
                break
            if other_port and not under_way.winner and time.monotonic() >= other_at:
                under_way.start(first, other_port, "other_port")
                other_port = 0
            under_way.wait(min([end, *([next_at] if waiting or retries else []), *([other_at] if other_port else [])]))
            if under_way.winner is not None:  # on a slow line the others may take as long, and half as long again
                patience = max(grace, 1.5 * under_way.winner.to.duration_ms / 1000) if grace else 0.0
                end, retries = min(end, under_way.winner.began + patience), 0
    finally:
        under_way.close()
    return under_way.winner, under_way.done


def _icmp(sock: socket.socket) -> str:
    """Return what an ICMP error for this connection said: `prohibited`, `icmp`, or nothing."""
    if sys.platform != "linux":
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
