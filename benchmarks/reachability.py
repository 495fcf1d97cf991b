"""What the reachability check costs: `python -m benchmarks.reachability`. All on loopback, each figure with its limit.

- 12 targets, 4 of them black holes: the deadline plus at most 0.3 s.
- 12 healthy targets: at most 1.3 times the slowest one alone.
- cancelling (as quitting does) during that: under 0.3 s.
- after 500 runs: no thread and no socket left.
"""

from __future__ import annotations

import os
import socket
import statistics
import sys
import threading
import time
from typing import TYPE_CHECKING

from benchmarks.__main__ import main
from benchmarks.figures import Row
from diagnostics.checks.base import CheckOptions
from diagnostics.checks.network_check import ReachabilityCheck
from diagnostics.checks.runner import Run
from diagnostics.network.deadline import Deadline
from diagnostics.network.probe import Limits, probe
from diagnostics.network.targets import parse_target
from tests.lab.net import servers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.lab.net.servers import Handler, Here

DELAYS = (0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6)
"""Seconds that the healthy servers think before they answer: the far end's time, not ours."""


def url(here: Here, handle: Handler) -> str:
    """Serve on a free port and return its URL."""
    return f"http://127.0.0.1:{here.serve(handle)}/"


def thinking(seconds: float) -> Handler:
    """Return a healthy server that takes its time."""
    answer = servers.http()

    def handle(connection: socket.socket) -> None:
        time.sleep(seconds)
        answer(connection)

    return handle


def hole() -> tuple[str, list[socket.socket]]:
    """Return the URL of a port whose queue is full, so that a SYN gets no answer; keep the sockets."""
    server = socket.socket()
    server.bind(("127.0.0.1", 0))
    server.listen(0)
    kept = [server]
    for _ in range(4):
        one = socket.socket()
        one.setblocking(False)
        one.connect_ex(server.getsockname())
        kept.append(one)
    return f"http://127.0.0.1:{server.getsockname()[1]}/", kept


def timed(urls: list[str], timeout: float, samples: int = 30) -> float:
    """Return the seconds that a whole check of these targets takes."""
    began = time.monotonic()
    Run(
        [ReachabilityCheck()], timeout=timeout, options=CheckOptions(targets=urls, limits={"samples": samples})
    ).finish()
    return time.monotonic() - began


def left_over() -> tuple[int, int]:
    """Return how many threads of a probe and how many descriptors are open."""
    names = ("probe ", "sample ", "getaddrinfo", "check")
    threads = sum(one.name.startswith(names) for one in threading.enumerate())
    return threads, len(os.listdir("/proc/self/fd"))  # noqa: PTH208


def cancelling(urls: list[str]) -> float:
    """Return the seconds between a cancel and the last result of a run that is in the middle of it."""
    run = Run([ReachabilityCheck()], timeout=30, options=CheckOptions(targets=urls))
    time.sleep(0.7)
    began = time.monotonic()
    run.cancel()
    run.wait(10)
    return time.monotonic() - began


def many(runs: int, urls: list[str]) -> tuple[int, int]:
    """Probe again and again; return threads and descriptors that were not there after the first run."""
    targets, limits = [parse_target(url) for url in urls], Limits(samples=2, attempts=1)

    def once() -> None:
        probe(targets, deadline=Deadline(5), limits=limits)

    once()
    time.sleep(1)
    threads, files = left_over()
    for _ in range(runs):
        once()
    due = time.monotonic() + 10
    while any(now > then for now, then in zip(left_over(), (threads, files), strict=True)) and time.monotonic() < due:
        time.sleep(0.05)
    after = left_over()
    return after[0] - threads, after[1] - files


def rows(*, quick: bool = False) -> Iterator[Row]:
    """Measure against servers on loopback."""
    with servers.Here() as here:
        yield from measured(here, 1.0 if quick else 5.0, 3 if quick else 500, quick=quick)


def measured(here: Here, deadline: float, runs: int, *, quick: bool) -> Iterator[Row]:
    """Measure against the servers of this place."""
    healthy = [url(here, thinking(seconds)) for seconds in DELAYS]
    holes, kept = zip(*(hole() for _ in range(4)), strict=True)
    timed([healthy[0]], 10)  # everything is loaded now
    mixed = [*healthy[:8], *holes]
    over = timed(mixed, deadline) - deadline
    yield Row(
        name="12 targets, 4 black holes: beyond the deadline",
        zh="12 个目标，4 个黑洞：超出时限",
        value=over,
        unit="s",
        goal=0.3,
    )
    for samples, word, zh in ((0, "", ""), (30, ", with stability", "，含稳定性")):
        if quick and samples:
            continue
        alone = statistics.median(timed([healthy[-1]], 10, samples) for _ in range(1 if quick else 3))
        together = statistics.median(timed(healthy, 10, samples) for _ in range(1 if quick else 3))
        yield Row(
            name=f"12 healthy targets{word}",
            zh=f"12 个正常目标{zh}",
            value=together,
            unit="s",
            reference="the slowest alone",
            reference_zh="最慢的一个单独测",
            reference_value=alone,
            goal=1.3,
            of="ratio",
        )
    yield Row(name="cancelling in the middle", zh="中途取消", value=cancelling(mixed), unit="s", goal=0.3)
    threads, files = many(runs, [url(here, servers.http()), "http://127.0.0.1:1/", "http://localhost:1/"])
    yield Row(name=f"threads left after {runs} runs", zh=f"{runs} 次之后剩下的线程", value=threads, goal=0)
    yield Row(name=f"sockets left after {runs} runs", zh=f"{runs} 次之后剩下的套接字", value=files, goal=0)
    for one in (sock for group in kept for sock in group):
        one.close()


if __name__ == "__main__":
    sys.exit(main(["--only", "reachability", *sys.argv[1:]]))
