"""What the reachability check costs: `python -m benchmarks.reachability`. All on loopback, each figure with its limit.

- 12 targets, 4 of them black holes: the deadline plus at most 0.3 s.
- 12 healthy targets: at most 1.3 times the slowest one alone.
- cancelling (as quitting does) during that: under 0.3 s.
- after 500 runs: no thread and no socket left.
"""

from __future__ import annotations

import argparse
import os
import socket
import statistics
import sys
import threading
import time
from typing import TYPE_CHECKING

from diagnostics.checks.reachability import ReachabilityCheck
from diagnostics.checks.runner import Runner, run_checks
from diagnostics.probing.limits import Limits
from diagnostics.probing.probe import probe
from diagnostics.probing.targets import parse_target
from tests.lab.net import servers

if TYPE_CHECKING:
    from tests.lab.net.servers import Handler

DELAYS = (0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6)
"""Seconds that the healthy servers think before they answer: the far end's time, not ours."""


class Here:
    """Serves on free ports of loopback."""

    port = 0

    def listen(self, address: str, port: int) -> socket.socket:
        """Open a listening socket."""
        sock = socket.create_server((address, port), backlog=256)
        self.port = sock.getsockname()[1]
        return sock

    def url(self, handle: Handler) -> str:
        """Serve on a free port and return its URL."""
        servers.serve(self, "127.0.0.1", 0, handle)
        return f"http://127.0.0.1:{self.port}/"


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
    run_checks([ReachabilityCheck()], timeout=timeout, options={"targets": urls, "samples": samples})
    return time.monotonic() - began


def left_over() -> tuple[int, int]:
    """Return how many threads of a probe and how many descriptors are open."""
    names = ("probe ", "sample ", "getaddrinfo", "check")
    threads = sum(one.name.startswith(names) for one in threading.enumerate())
    return threads, len(os.listdir("/proc/self/fd"))  # noqa: PTH208


def cancelling(urls: list[str]) -> float:
    """Return the seconds between a cancel and the last result of a run that is in the middle of it."""
    runner = Runner()
    run = runner.start([ReachabilityCheck()], timeout=30, options={"targets": urls})
    time.sleep(0.7)
    began = time.monotonic()
    runner.cancel()
    run.wait(10)
    return time.monotonic() - began


def many(runs: int, urls: list[str]) -> tuple[int, int]:
    """Probe again and again; return threads and descriptors that were not there after the first run."""
    targets, limits = [parse_target(url) for url in urls], Limits(samples=2, attempts=1)

    def once() -> None:
        probe(targets, deadline=time.monotonic() + 5, limits=limits)

    once()
    time.sleep(1)
    threads, files = left_over()
    for _ in range(runs):
        once()
    due = time.monotonic() + 10
    while left_over()[0] > threads and time.monotonic() < due:
        time.sleep(0.05)
    after = left_over()
    return after[0] - threads, after[1] - files


def main() -> int:
    """Measure, print, and return 1 where a limit is not kept."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.reachability", description=__doc__)
    parser.add_argument("--runs", type=int, default=500)
    parser.add_argument("--deadline", type=float, default=5.0)
    chosen = parser.parse_args()
    here = Here()
    healthy = [here.url(thinking(seconds)) for seconds in DELAYS]
    holes, kept = zip(*(hole() for _ in range(4)), strict=True)
    timed(healthy[:1], 10)  # everything is loaded now
    rows: list[tuple[str, float, float]] = []
    mixed = [*healthy[:8], *holes]
    over = timed(mixed, chosen.deadline) - chosen.deadline
    rows.append(("4 black holes of 12: seconds over the deadline", over, 0.3))
    for samples in (0, 30):  # without and with the stability figures
        alone = statistics.median(timed([healthy[-1]], 10, samples) for _ in range(3))
        together = statistics.median(timed(healthy, 10, samples) for _ in range(3))
        name = f"12 healthy targets ({together:.2f} s) / the slowest alone ({alone:.2f} s), {samples} samples"
        rows.append((name, together / alone, 1.3))
    rows.append(("cancelling in the middle, seconds", cancelling(mixed), 0.3))
    threads, files = many(chosen.runs, [here.url(servers.http()), "http://127.0.0.1:1/", "http://localhost:1/"])
    rows.append((f"threads left after {chosen.runs} runs", threads, 0))
    rows.append((f"sockets left after {chosen.runs} runs", files, 0))
    for name, value, limit in rows:
        mark = "ok" if value <= limit else "OVER"
        sys.stdout.write(f"{value:8.3f}  limit {limit:<5} {mark:5} {name}\n")
    for one in (sock for group in kept for sock in group):
        one.close()
    return 0 if all(value <= limit for _, value, limit in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
