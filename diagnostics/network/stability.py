"""Stability: spaced TCP connections to one address, and what they say of loss, delay and jitter.

Terms: RFC 2681 (round trip), RFC 7680 (lost means not back within a stated waiting time), RFC 3550 (jitter).
The waiting time is the round trip and less than the first retransmission of a SYN (1 s, RFC 6298), so a lost packet
is seen as lost.
"""

from __future__ import annotations

import statistics
import threading
import time
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import msgspec
import msgspec.structs

from diagnostics.network import tcp
from diagnostics.network.measurements import Samples

if TYPE_CHECKING:
    from collections.abc import Sequence

    from diagnostics.network.deadline import Deadline
    from diagnostics.network.targets import Target

INTERVAL: Final = 0.04
WAITING: Final = 0.9
MORE: Final = 3
"""How many times the sample grows when a first loss was seen: one of 20 alone says too little."""


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """Loss as a share with its 95 % interval (Wilson), times in milliseconds; `quick_ms` bounds the quickest tenth."""

    sent: int
    lost: int
    loss: float
    loss_low: float
    loss_high: float
    median_ms: float | None = None
    quick_ms: float | None = None
    jitter_ms: float | None = None
    worst_ms: float | None = None
    worst_gap_ms: float | None = None


class Sampler:
    """Samples the first target reached of those that matter, and the first control, beside everything else.

    `round_trip` are the seconds in which the first target was reached, 0 as long as none was.
    """

    def __init__(self, deadline: Deadline, count: int) -> None:
        self.round_trip = 0.0
        self.begun = False
        self._deadline, self._count = deadline, count
        self._lock = threading.Lock()
        self._threads: dict[bool, threading.Thread] = {}
        self._taken: dict[str, Samples] = {}

    @property
    def done(self) -> bool:
        """Whether nothing is being sampled now."""
        with self._lock:
            return not any(thread.is_alive() for thread in self._threads.values())

    def taken(self, target: Target) -> Samples | None:
        """Return the samples of a target, where it was sampled."""
        return self._taken.get(target.url)

    def offer(self, target: Target, address: str, port: int, seconds: float) -> None:
        """Begin to sample this target, reached in so many seconds, unless one of its kind is sampled already."""
        control, given = target.purpose == "control", (target, address, port, seconds)
        with self._lock:
            self.begun, self.round_trip = True, self.round_trip or seconds
            if self._count >= 2 and control not in self._threads:
                self._threads[control] = threading.Thread(
                    target=self._run, args=given, name=f"sample {target.url}", daemon=True
                )
                self._threads[control].start()

    def _run(self, target: Target, address: str, port: int, seconds: float) -> None:
        waiting = WAITING + seconds
        times, sent = self._series(address, port, self._count, waiting)
        if len(times) < sent and not self._deadline.over:
            more, again = self._series(address, port, self._count * (MORE - 1), waiting)
            times, sent = times + more, sent + again
        # what is later than the quickest by a retransmission was lost the first time
        times = [time_ms for time_ms in times if time_ms < min(times) + WAITING * 1000]
        self._taken[target.url] = Samples(
            host=target.host, address=address, port=port, sent=sent, times_ms=tuple(times),
            interval_ms=INTERVAL * 1000, waiting_ms=waiting * 1000,
        )  # fmt: skip

    def _series(self, address: str, port: int, count: int, waiting: float) -> tuple[list[float], int]:
        """Return the times of connections that were back in time, in order sent, and how many were settled."""
        series = tcp.Connecting(self._deadline, waiting)
        next_at = time.monotonic()
        for _ in range(count):
            series.start(address, port)
            next_at += INTERVAL
            while time.monotonic() < next_at and not self._deadline.over:
                series.turn(next_at)
        while series.open and not self._deadline.over:
            series.turn(self._deadline.at)
        settled = sorted(series.done, key=lambda step: step.started_ms)
        series.close()
        return [step.duration_ms for step in settled if step.failure is None], len(settled)


def figures(*taken: Samples) -> Figures:
    """Return what samples say together; with none lost, the interval shows how little a small sample excludes."""
    times = [time for samples in taken for time in samples.times_ms]
    sent = sum(samples.sent for samples in taken)
    lost = sent - len(times)
    low, high = wilson(lost, sent)
    result = Figures(sent=sent, lost=lost, loss=lost / sent if sent else 0.0, loss_low=low, loss_high=high)
    if not times:
        return result
    return msgspec.structs.replace(
        result,
        median_ms=statistics.median(times),
        quick_ms=sorted(times)[len(times) // 10],
        jitter_ms=jitter(times),
        worst_ms=max(times),
        worst_gap_ms=max((abs(after - before) for before, after in pairwise(times)), default=None),
    )


def jitter(times: Sequence[float]) -> float | None:
    """Return the smoothed jitter of RFC 3550, section 6.4.1: J += (|D| - J) / 16 over successive times."""
    if len(times) < 2:
        return None
    value = 0.0
    for before, after in pairwise(times):
        value += (abs(after - before) - value) / 16
    return value


def wilson(hits: int, of: int, z: float = 1.96) -> tuple[float, float]:
    """Return the 95 % score interval of a share (Wilson 1927); all of it where nothing was counted."""
    if of == 0:
        return 0.0, 1.0
    share = hits / of
    middle = share + z * z / (2 * of)
    half = z * ((share * (1 - share) + z * z / (4 * of)) / of) ** 0.5
    scale = 1 + z * z / of
    return max(0.0, (middle - half) / scale), min(1.0, (middle + half) / scale)
