"""How soon the first screen stands, beside a minimal Textual app: `python -m benchmarks.first_paint`.

Both run in a terminal of their own, in turns, with the same interpreter. The minimal app shows a Tree and a Footer.
Both are compiled before, as an installer does.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from benchmarks.__main__ import main
from benchmarks.figures import Row
from benchmarks.screen import cpu_seconds
from tests.tui.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Iterator

RUNS: Final = 9
MINIMAL: Final = """
from textual.app import App
from textual.binding import Binding
from textual.widgets import Footer, Tree

class Minimal(App):
    BINDINGS = [Binding("q", "quit", "Quit")]
    def compose(self):
        tree = Tree("READY")
        for group in range(7):
            node = tree.root.add(f"group {group}", expand=True)
            for leaf in range(4):
                node.add_leaf(f"leaf {leaf}")
        tree.root.expand()
        yield tree
        yield Footer()

Minimal().run()
"""


def one(bytecode: str, ready: str, *args: str, program: str | None = None) -> tuple[float, float, float]:
    """Start once; returns seconds until `ready` is shown, processor seconds used until then, and the memory in MB.

    `bytecode`: the folder for what is compiled.
    """
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        compiled = {"PYTHONPYCACHEPREFIX": bytecode, "PYTHONDONTWRITEBYTECODE": ""}
        with Terminal(Path(folder), *args, program=program, size=(80, 24), **compiled) as terminal:
            terminal.wait_for_bytes(ready.encode())
            took = time.perf_counter() - began
            worked = cpu_seconds(terminal.child.pid)
            status = Path(f"/proc/{terminal.child.pid}/status")
            lines = status.read_text().splitlines() if status.exists() else []
            memory = next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS")), float("nan"))
            terminal.send("q\x1b[21~")  # F10 where q is text
            terminal.end()
    return took, worked, memory


def rows(*, quick: bool = False) -> Iterator[Row]:
    """Measure in turns and yield medians beside each other."""
    ours, theirs = [], []
    with tempfile.TemporaryDirectory() as bytecode:
        for number in range(-1, 1 if quick else RUNS):
            minimal = one(bytecode, "READY", program=MINIMAL)
            app = one(bytecode, "说说情况", "--lang", "zh", "--only", "network.reachability")
            if number >= 0:  # the first turn compiles
                theirs.append(minimal)
                ours.append(app)
    kinds = (
        ("first paint", "第一屏出现", "s", 1.15),
        ("processor until the first paint", "第一屏之前的处理器时间", "s", None),
        ("memory at the first paint", "第一屏时的内存", "MB", 1.5),
    )
    for at, (name, zh, unit, goal) in enumerate(kinds):
        own, least = (statistics.median(run[at] for run in runs) for runs in (ours, theirs))
        yield Row(
            name=name,
            zh=zh,
            value=own,
            unit=unit,
            reference="minimal Textual app",
            reference_zh="最小的 Textual 程序",
            reference_value=least,
            goal=goal,
            of="ratio",
        )


if __name__ == "__main__":
    sys.exit(main(["--only", "first_paint", *sys.argv[1:]]))
