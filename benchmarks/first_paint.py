"""How soon the first screen stands, beside a minimal Textual app: `python -m benchmarks.first_paint`.

Both run in a terminal of their own, in turns, with the same interpreter. The minimal app shows a Tree and a Footer.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from benchmarks.screen import cpu_seconds
from tests.tui.terminal import Terminal

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


def one(ready: str, *args: str, program: str | None = None) -> tuple[float, float, float]:
    """Start once; returns seconds until `ready` is shown, processor seconds used until then, and the memory in MB."""
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        with Terminal(Path(folder), *args, program=program) as terminal:
            terminal.wait_for_bytes(ready.encode())
            took = time.perf_counter() - began
            worked = cpu_seconds(terminal.child.pid)
            status = Path(f"/proc/{terminal.child.pid}/status")
            lines = status.read_text().splitlines() if status.exists() else []
            memory = next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS")), float("nan"))
            terminal.send("q")
            terminal.end()
    return took, worked, memory


def main() -> int:
    """Measure in turns and print medians and ratios."""
    ours, theirs = [], []
    for _ in range(RUNS):
        theirs.append(one("READY", program=MINIMAL))
        ours.append(one("开始", "--lang", "zh", "--only", "network.reachability"))
    names = (("first paint", "s"), ("  processor", "s"), ("memory", "MB"))
    for number, (name, unit) in enumerate(names):
        app, minimal = (statistics.median(row[number] for row in rows) for rows in (ours, theirs))
        print(f"{name:<12} app {app:6.2f} {unit:<2}   minimal {minimal:6.2f} {unit:<2}   ratio {app / minimal:.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
