"""How quickly the screen answers and leaves while every probe hangs: `python -m benchmarks.screen`.

Twelve probes hang on a server that accepts and never answers. Times are taken outside, at the terminal.
"""

from __future__ import annotations

import contextlib
import socket
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from benchmarks.__main__ import main
from benchmarks.figures import Row, p95
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
            terminal.wait("说说情况")
            terminal.type("\t", "2")
            terminal.wait("已知 1", "打开网页")
            yield terminal, folder


def key_to_paint(terminal: Terminal, keys: int) -> list[float]:
    """Answer, each time another way, and go back; returns the milliseconds from each key until that is shown."""
    times: list[float] = []
    for number in range(keys):
        known = 1 + (number + 1) % 2
        began = time.perf_counter()
        terminal.send("b" if known == 1 else "1234d"[number // 2 % 5])
        terminal.wait_for_bytes(f"已知 {known}".encode())
        times.append((time.perf_counter() - began) * 1000)
    return times


def cpu_seconds(pid: int) -> float:
    """Return the processor time a process has used so far."""
    return time.clock_gettime((~pid << 3) | 2)  # what Linux's clock_getcpuclockid gives for a process: exact


def waiting(terminal: Terminal, seconds: float) -> float:
    """Return the share of a processor, in percent, that the app takes while nothing is typed."""
    terminal.rest()
    before, began = cpu_seconds(terminal.child.pid), time.monotonic()
    while time.monotonic() - began < seconds:
        terminal.read()
    return (cpu_seconds(terminal.child.pid) - before) / seconds * 100


def rows(*, quick: bool = False) -> Iterator[Row]:
    """Press keys, wait, and quit, all while every probe hangs."""
    with hanging() as (terminal, _):
        worked = cpu_seconds(terminal.child.pid)
        times = key_to_paint(terminal, 4 if quick else KEYS)
        worked = (cpu_seconds(terminal.child.pid) - worked) / len(times) * 1000
    yield Row(name="key to painted answer, median", zh="按键到画出，中位数", value=statistics.median(times), unit="ms")
    yield Row(name="key to painted answer, p95", zh="按键到画出，第 95 百分位", value=p95(times), unit="ms", goal=50)
    yield Row(name="processor for one key", zh="每次按键的处理器时间", value=worked, unit="ms")
    quits = []
    for number in range(1 if quick else QUITS):
        with hanging() as (terminal, _):
            if number == 0:
                idle = waiting(terminal, 0.2 if quick else 4)
            terminal.send("q")
            quits.append(terminal.end()[1])
    yield Row(name="processor while waiting for probes", zh="等待探测时的处理器占用", value=idle, unit="%", goal=1)
    yield Row(name="quitting, longest", zh="退出，最长一次", value=max(quits), unit="s", goal=0.5)


if __name__ == "__main__":
    sys.exit(main(["--only", "screen", *sys.argv[1:]]))
