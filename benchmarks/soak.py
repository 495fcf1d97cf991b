"""A long run of everything, one after another: `python -m benchmarks.soak --minutes 30 --keep`.

Cases, restarts of the store, lines of a batch, the screens of an app that stays open, checks against faulty servers on
loopback, and line-mode runs killed in the middle. Prints what is held each minute, and at the end how much that grew
after the first ten; with `--keep` the figures stay for the documentation.

Memory grows with the store, of which SQLite has up to 16 MB at hand for each connection, and with results that are kept
to be quicker, each table of them up to a bound. What is held without these must not grow: both are thrown away before
memory and blocks are compared.
"""

from __future__ import annotations

import argparse
import asyncio
import ctypes
import gc
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from benchmarks import figures
from benchmarks.figures import Row
from benchmarks.people import person
from diagnostics.batch import BatchWorker, Block
from diagnostics.cases.case_sync import CaseFile
from diagnostics.cases.model import StoreLocation
from diagnostics.checks.base import CheckOptions
from diagnostics.checks.registry import make_checks
from diagnostics.checks.runner import Run
from diagnostics.engine.conditions import Memo
from diagnostics.knowledge import load
from diagnostics.session import Session
from tests.lab.net import servers
from tests.tui.stage import press, staged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual.pilot import Pilot

    from diagnostics.knowledge.model import Knowledge

BY_HAND: Final = True
"""Takes too long to be part of a run of every figure: only where it is named."""
MINUTES: Final = 30.0
SETTLED: Final = 10
"""Minutes after which nothing may grow any more."""
LINES: Final = 64
"""Lines of a batch at once."""
SCREENS: Final = (
    ("t", "down", "escape"),
    *((key, "escape") for key in ("f", "a", "c", "p", "m", "f1", "f2", "ctrl+p")),
)
"""Keys that open a screen of the app and leave it again."""


class State(msgspec.Struct, frozen=True):
    """What the process holds: memory in KiB, threads, open files with the sockets among them, blocks of Python's."""

    memory: int
    threads: int
    files: int
    blocks: int


class Counted(msgspec.Struct):
    """What was done, and what was lost."""

    cases: int = 0
    checks: int = 0
    kills: int = 0
    lines: int = 0
    walks: int = 0
    lost: int = 0


def targets(chance: random.Random, well: int, silent: int) -> list[str]:
    """A few targets on loopback: one that answers, one that is closed, one that never answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        closed = free.getsockname()[1]
    urls = [f"http://127.0.0.1:{well}/", f"http://127.0.0.1:{closed}/", f"http://127.0.0.1:{silent}/"]
    return chance.sample(urls, chance.randint(1, 3))


def one_case(knowledge: Knowledge, chance: random.Random, folder: Path, counted: Counted) -> None:
    """Answer a whole case, take some answers back, leave it, open the store again and find every answer."""
    place = StoreLocation(file=folder / "cases.db")
    draft = CaseFile(knowledge, place, folder=folder / "journal")
    session = Session(knowledge, draft=draft)
    _, answers = person(knowledge, chance, unknown=0.1)
    for id_, value in answers.items():
        session.answer({id_: value})
    session.undo()
    session.report()
    case, said = draft.case_id, len(session.own_answers())
    draft.finish()
    again = CaseFile(knowledge, place, folder=folder / "journal")
    kept = again.store().open(case or "")
    counted.lost += said - len(kept.observations)
    if chance.random() < 0.5:
        again.store().close(kept.id, "not_invited")
    elif chance.random() < 0.5:
        again.store().delete(kept.id)
    again.finish()
    counted.cases += 1


def one_check(knowledge: Knowledge, urls: list[str], counted: Counted) -> None:
    """Run the network check against servers that answer, refuse or stay silent."""
    Run(make_checks(knowledge, ["network.reachability"]), timeout=1.5, options=CheckOptions(targets=urls)).finish()
    counted.checks += 1


def one_kill(chance: random.Random, folder: Path, counted: Counted) -> None:
    """Kill a line-mode run while it is answered, and take it up again: every answer that was taken is there."""
    home = {**os.environ, "XDG_STATE_HOME": str(folder / "state"), "XDG_DATA_HOME": str(folder / "data")}
    command = [sys.executable, "-m", "tui", "ask", "--offline", "--format", "json"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, env=home, text=True) as run:
        assert run.stdin is not None
        assert run.stderr is not None
        moved = 0
        run.stdin.write("1\n2\n3\n1\n2\n1\n")
        run.stdin.flush()
        while moved < chance.randint(1, 4):
            moved += run.stderr.readline().startswith(">")  # what follows a prompt comes when the answer is taken
        run.send_signal(signal.SIGKILL)
    done = subprocess.run(
        [*command, "--resume"], input="q\n", capture_output=True, text=True, env=home, timeout=60, check=False
    )
    told = msgspec.json.decode(done.stdout)["questions"]["answered"]
    counted.lost += max(0, moved - len(told))
    counted.kills += 1


def one_batch(knowledge: Knowledge, worker: BatchWorker, chance: random.Random, counted: Counted) -> None:
    """Diagnose some lines with a worker that goes on; each has its line out."""
    people = [person(knowledge, chance, unknown=0.1)[1] for _ in range(LINES)]
    lines = [msgspec.json.encode({"answers": answers}) for answers in people]
    written = b"".join(worker.written(Block(1, b"\n".join(lines))).pieces)
    counted.lost += LINES - written.count(b"\n")
    counted.lines += LINES


async def one_walk(pilot: Pilot[int], chance: random.Random, counted: Counted) -> None:
    """Open and leave the screens of the app, give it an answer and take that back."""
    for keys in SCREENS:
        await press(pilot, *keys)
    app: Any = pilot.app
    app.session.answer({"person.age": chance.randint(0, 130)})
    app.refresh_all()
    await pilot.pause()
    app.session.undo()
    app.refresh_all()
    counted.walks += 1


def state(*, emptied: bool = False) -> State:
    """Return what this process holds now; `emptied` of all results that are kept to be quicker, and of free memory."""
    if emptied:
        for kept in [one for one in gc.get_objects() if isinstance(one, Memo)]:
            kept.clear()
    gc.collect()
    if emptied and sys.platform == "linux":
        ctypes.CDLL(None).malloc_trim(0)
    status = Path("/proc/self/status").read_text(encoding="ascii")
    memory = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))
    files = len(list(Path("/proc/self/fd").iterdir()))
    return State(memory, threading.active_count(), files, sys.getallocatedblocks())


async def run(minutes: float, seed: int) -> tuple[State, State, Counted]:
    """Do everything in turns; returns what was held when all had settled, what at the end, and what was done."""
    chance, knowledge, counted = random.Random(seed), load(), Counted()
    worker = BatchWorker(knowledge, "zh", ())
    began = told = time.monotonic()
    settled: State | None = None
    with (
        tempfile.TemporaryDirectory() as name,
        servers.Here() as here,
        socket.create_server(("127.0.0.1", 0)) as silent,
    ):
        well = here.serve(servers.http("204 No Content", b""))
        async with staged(Path(name)) as (_, pilot):
            await press(pilot, "escape")
            while (spent := (time.monotonic() - began) / 60) < minutes:
                one_case(knowledge, chance, Path(name), counted)
                one_batch(knowledge, worker, chance, counted)
                one_check(knowledge, targets(chance, well, silent.getsockname()[1]), counted)
                if chance.random() < 0.2:
                    one_kill(chance, Path(name), counted)
                await one_walk(pilot, chance, counted)
                if settled is None and spent >= min(SETTLED, minutes / 2):
                    settled = state(emptied=True)
                if time.monotonic() - told >= 60:
                    told = time.monotonic()
                    sys.stderr.write(f"{spent:5.1f} min  {counted}  {state()}\n")
            last = state(emptied=True)
    return settled or last, last, counted


def told(first: State, last: State, counted: Counted, minutes: float) -> Iterator[Row]:
    """Yield the figures of a run: each thing held at the end beside what was held once all had settled."""
    at = min(SETTLED, minutes / 2)
    before, before_zh = f"after {at:g} minutes", f"{at:g} 分钟时"
    yield Row(name=f"memory after {minutes:g} minutes, caches emptied", zh=f"{minutes:g} 分钟后的内存，缓存清空后",
              value=last.memory, unit="KiB", goal=1.1, of="ratio",
              reference=before, reference_zh=before_zh, reference_value=first.memory)  # fmt: skip
    yield Row(name="blocks of Python's memory, caches emptied", zh="Python 的内存块，缓存清空后",
              value=last.blocks, goal=1.02, of="ratio",
              reference=before, reference_zh=before_zh, reference_value=first.blocks)  # fmt: skip
    yield Row(name="threads", zh="线程", value=last.threads, goal=first.threads + 2,
              reference=before, reference_zh=before_zh, reference_value=first.threads)  # fmt: skip
    yield Row(name="open files, sockets among them", zh="打开的文件（含套接字）", value=last.files,
              goal=first.files + 4, reference=before, reference_zh=before_zh, reference_value=first.files)  # fmt: skip
    yield Row(name="answers lost", zh="丢失的回答", value=counted.lost, goal=0)
    for name, zh, value in (
        ("cases answered and opened again", "答完、关掉再打开的案例", counted.cases),
        ("network checks against faulty servers", "对有故障的服务器做的网络检查", counted.checks),
        ("lines of a batch", "批量的行", counted.lines),
        ("walks through the app's screens", "把应用的各屏走一遍", counted.walks),
        ("runs killed and taken up again", "杀掉再接着做的运行", counted.kills),
    ):
        yield Row(name=f"{name}, as time allowed", zh=f"{zh}（时间够做多少）", value=value)


def rows(*, quick: bool = False) -> Iterator[Row]:
    """Run for the whole time (`quick`: for a few seconds)."""
    minutes = 0.05 if quick else MINUTES
    yield from told(*asyncio.run(run(minutes, seed=1)), minutes)


def main() -> int:
    """Run for the given minutes; exits 1 where something grew or was lost."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=MINUTES)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", action="store_true", help="keep the figures for the documentation (then docs.build)")
    given = parser.parse_args()
    if given.keep and given.minutes < 2 * SETTLED:
        parser.error(f"a run of less than {2 * SETTLED} minutes shows no growth and is not kept")
    found = figures.group("soak", told(*asyncio.run(run(given.minutes, given.seed)), given.minutes))
    sys.stdout.write("".join(f"{line}\n" for line in figures.table(found)))
    if given.keep:
        figures.keep([found])
    return int(not all(row.ok for row in found.rows))


if __name__ == "__main__":
    sys.exit(main())
