"""How quickly the screen answers and leaves while every probe hangs: `python -m benchmarks.screen`.

Twelve probes hang on a server that accepts and never answers. Times are taken outside, at the terminal.
"""

from __future__ import annotations

import contextlib
import os
import socket
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.tui.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Iterator

KEYS: Final = 120
QUITS: Final = 7


@contextlib.contextmanager
def hanging() -> Iterator[tuple[Terminal, str]]:
    """The app at its first question, every probe hanging; with the folder of its files."""
    with tempfile.TemporaryDirectory() as folder, socket.create_server(("127.0.0.1", 0), backlog=64) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}/"
        targets = [part for number in range(12) for part in ("--target", f"{url}{number}")]
        args = ["--lang", "zh", "--only", "network.reachability", "--timeout", "300", *targets]
        with Terminal(Path(folder), *args, size=(120, 40)) as terminal:
            terminal.wait("开始")
            terminal.send("\r")
            terminal.wait("发生了什么", "打开网页")
            yield terminal, folder


def key_to_paint(terminal: Terminal) -> list[float]:
    """Answer and go back in turns; returns the milliseconds from each key until the other page is shown."""
    times: list[float] = []
    page = 1
    for _ in range(KEYS):
        page = 3 - page
        began = time.perf_counter()
        terminal.send("1" if page == 2 else "b")
        terminal.wait_for_bytes(f"第 {page} 页".encode())
        times.append((time.perf_counter() - began) * 1000)
    return times


def cpu_seconds(pid: int) -> float:
    """Return the processor time a process has used so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main() -> int:
    """Measure and print."""
    with hanging() as (terminal, _):
        worked = cpu_seconds(terminal.child.pid)
        times = key_to_paint(terminal)
        worked = (cpu_seconds(terminal.child.pid) - worked) / len(times) * 1000
        before, began = cpu_seconds(terminal.child.pid), time.monotonic()
        while time.monotonic() - began < 5:
            terminal.read()
        idle = (cpu_seconds(terminal.child.pid) - before) / 5 * 100
    p95 = statistics.quantiles(times, n=20)[-1]
    print(f"key to painted answer  median {statistics.median(times):.0f} ms   95th percentile {p95:.0f} ms")
    print(f"processor for one key  {worked:.0f} ms")
    print(f"processor while waiting for probes  {idle:.1f} %")
    quits = []
    for _ in range(QUITS):
        with hanging() as (terminal, _):
            terminal.send("q")
            quits.append(terminal.end()[1])
    print(f"quitting  median {statistics.median(quits):.2f} s   longest {max(quits):.2f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
