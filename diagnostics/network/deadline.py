"""Deadlines and cancelling for everything that waits, and what all targets of a probe share.

No wait here is longer than a slice of 50 ms.
"""

from __future__ import annotations

import selectors
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, TypedDict

import msgspec

from diagnostics.network.targets import Target

if TYPE_CHECKING:
    import socket

SLICE: Final = 0.05


class Times(TypedDict):
    """When a step began, counted from the start of the probe, and how long it took."""

    started_ms: float
    duration_ms: float


class Deadline:
    """One deadline (on `time.monotonic()`) and one cancel flag, shared by all the threads of a probe."""

    def __init__(self, deadline: float, cancelled: threading.Event | None = None) -> None:
        self.deadline = deadline
        self.cancelled = cancelled if cancelled is not None else threading.Event()
        self.zero = time.monotonic()

    def times(self, began: float) -> Times:
        """Return when a step began and how long it took by now, as the records of observations have it."""
        return {"started_ms": (began - self.zero) * 1000, "duration_ms": (time.monotonic() - began) * 1000}

    @property
    def over(self) -> bool:
        """Whether the whole is out of time or cancelled."""
        return self.cancelled.is_set() or time.monotonic() >= self.deadline

    def due(self, seconds: float) -> float:
        """Return when a step of at most this many seconds, begun now, has to end."""
        return min(time.monotonic() + seconds, self.deadline)

    def ended(self, due: float) -> bool:
        """Whether a step due then has to stop now."""
        return self.cancelled.is_set() or time.monotonic() >= due

    def pause(self, seconds: float) -> bool:
        """Sleep; False when cancelled or out of time before the end."""
        self.cancelled.wait(max(0.0, self.due(seconds) - time.monotonic()))
        return not self.over

    def select(self, selector: selectors.BaseSelector, due: float) -> list[tuple[selectors.SelectorKey, int]]:
        """Wait for events until `due` or cancelled; an empty list means that the time is up."""
        while True:
            left = due - time.monotonic()
            ready = selector.select(max(0.0, min(SLICE, left)))
            if ready or left <= 0 or self.cancelled.is_set():
                return ready

    def wait(self, sock: socket.socket, event: int, due: float) -> bool:
        """Wait until one socket is ready for `event`; False when the time is up."""
        with selectors.DefaultSelector() as selector:
            selector.register(sock, event)
            return bool(self.select(selector, due))


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds of each step, and what may be asked."""

    resolve: float = 4.0
    connect: float = 3.0
    tls: float = 3.0
    http: float = 4.0
    proxy: float = 3.0
    attempts: int = 2
    pause: float = 0.3
    samples: int = 30
    second_resolver: str = ""


class Environment(msgspec.Struct, kw_only=True):
    """What all targets share: the watch, limits, nameservers, and who wants to know.

    `reached` takes a target, the address and port where it was reached, and the seconds that took; `round_trip` gives
    those of the first one, 0 as long as none was.
    """

    watch: Deadline
    limits: Limits
    nameservers: tuple[str, ...]
    tell: Callable[[Target, str, str], None]
    reached: Callable[[Target, str, int, float], None] = lambda _target, _address, _port, _seconds: None
    round_trip: Callable[[], float] = lambda: 0.0
