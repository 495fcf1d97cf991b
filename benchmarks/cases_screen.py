"""The screen of cases with 100,000 in the store, and the first answer of a desk: `python -m benchmarks.cases_screen`.

Times are taken outside, at the terminal, from the key until its answer is painted.
"""

from __future__ import annotations

import random
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from benchmarks.__main__ import main
from benchmarks.cases import fill
from benchmarks.figures import Row, p95
from diagnostics.cases.model import StoreLocation
from diagnostics.cases.store import open_store
from diagnostics.knowledge import load
from tests.tui.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Iterator

CASES: Final = 100_000
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


def listing(folder: Path, store: Path, newest: str, count: int) -> list[float]:
    """Open the list of cases again and again."""
    with Terminal(folder, *QUIET, "--store", str(store), size=(120, 40), **KEPT) as terminal:
        terminal.wait("F3")
        times = []
        for _ in range(count):
            times.append(painted(terminal, "\x1bOR", newest))
            terminal.type("b")
            terminal.wait("说说情况")
        return times


def first_answer(folder: Path, *args: str) -> float:
    """Start, and answer the first question as soon as it stands: the store may still be opening then."""
    with Terminal(folder, *args, size=(120, 40), **KEPT) as terminal:
        terminal.wait("说说情况")
        terminal.type("\t", "2")
        if "--on-behalf" in args or "--store" in args:
            terminal.wait("称呼或工单号")
            terminal.type("\r")
            terminal.wait("同意保存")
            terminal.type("2")
        terminal.wait("已知 1")
        return painted(terminal, "2", "已知 2")


def rows(*, quick: bool = False) -> Iterator[Row]:
    """Fill a store, and measure the list and the first answers at the terminal."""
    count = 300 if quick else CASES
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / "cases.db"
        store = open_store(load(), StoreLocation(file=path))
        fill(store, count, random.Random(8))
        store.dispose()
        times = listing(folder, path, f"工单 {count - 1}", 2 if quick else LISTED)
        yield Row(
            name=f"list of {count:,} cases painted, median", zh=f"画出 {count:,} 个案例的列表，中位数",
            value=statistics.median(times), unit="ms", goal=GOAL_MS,
        )  # fmt: skip
        yield Row(name="list of cases painted, p95", zh="画出案例列表，第 95 百分位", value=p95(times), unit="ms")
        starts: dict[str, list[float]] = {}
        for number in range(1 if quick else STARTS):
            for told, args in (("private", QUIET[:-1]), ("desk", (*QUIET, "--store", str(path)))):
                (folder / f"{told}{number}").mkdir()
                starts.setdefault(told, []).append(first_answer(folder / f"{told}{number}", *args))
        yield Row(
            name="first answer painted while the store opens, median", zh="开库时画出第一个回答，中位数",
            value=statistics.median(starts["desk"]), unit="ms", reference="without a store", reference_zh="没有案例库",
            reference_value=statistics.median(starts["private"]),
        )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main(["--only", "cases_screen", *sys.argv[1:]]))
