"""The screen of cases with 100,000 in the store, and the first answer of a desk: `python -m benchmarks.cases_screen`.

Times are taken outside, at the terminal, from the key until its answer is painted.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from benchmarks.cases import fill
from diagnostics.cases.places import Place
from diagnostics.cases.store import open_store
from diagnostics.knowledge import load
from tests.tui.terminal import Terminal

LISTED: Final = 30
STARTS: Final = 7
GOAL_MS: Final = 150
KEPT: Final = {"WEILIDAI_DOCTOR_PURGE_DAYS": "3650"}
"""The cases are made with dates long past: they are not to be purged at the start."""
QUIET: Final = ("--offline", "--lang", "zh", "--on-behalf")


def painted(terminal: Terminal, key: str, wanted: str) -> float:
    """Press a key and return the milliseconds until the terminal is sent this text."""
    began = time.perf_counter()
    terminal.send(key)
    terminal.wait_for_bytes(wanted.encode())
    return (time.perf_counter() - began) * 1000


def listing(folder: Path, store: Path, newest: str) -> list[float]:
    """Open the list of cases again and again."""
    with Terminal(folder, *QUIET, "--store", str(store), size=(120, 40), **KEPT) as terminal:
        terminal.wait("F3")
        times = []
        for _ in range(LISTED):
            times.append(painted(terminal, "\x1bOR", newest))
            terminal.send("b")
            terminal.wait("微信里找不到")
        return times


def first_answer(folder: Path, *args: str) -> float:
    """Start, and answer the first question as soon as it stands: the store may still be opening then."""
    with Terminal(folder, *args, size=(120, 40), **KEPT) as terminal:
        terminal.wait_for_bytes("开始".encode())
        terminal.send("\r")
        terminal.wait_for_bytes("第 1 页".encode())
        return painted(terminal, "1", "第 2 页")


def line(name: str, times: list[float]) -> None:
    """Print one figure."""
    p95 = statistics.quantiles(times, n=20)[-1]
    print(f"{name:<36} median {statistics.median(times):5.0f} ms   95th percentile {p95:5.0f} ms")


def main() -> int:
    """Measure and print; 1 where the goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=100_000)
    count = parser.parse_args().count
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / "cases.db"
        store = open_store(load(), Place(file=path))
        fill(store, count, random.Random(8))
        store.dispose()
        times = listing(folder, path, f"工单 {count - 1}")
        line(f"list of {count} cases painted", times)
        for told, args in (("private", QUIET[:-1]), ("desk", (*QUIET, "--store", str(path)))):
            starts = []
            for number in range(STARTS):
                (folder / f"{told}{number}").mkdir()
                starts.append(first_answer(folder / f"{told}{number}", *args))
            line(f"first answer painted, {told}", starts)
    return int(statistics.median(times) >= GOAL_MS)


if __name__ == "__main__":
    sys.exit(main())
