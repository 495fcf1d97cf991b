"""Several processes write what one writes; a batch that was cut off goes on where it ended."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice, repeat
from pathlib import Path

import pytest

from benchmarks.people import person
from diagnostics import batch
from diagnostics.batch import Block, WorkerError, run, run_on
from diagnostics.knowledge import load
from tui.cli.main import main


def cases(path: Path, count: int) -> Path:
    chance, knowledge = random.Random(5), load()
    lines = [json.dumps({"id": n, "answers": person(knowledge, chance)[1]}) for n in range(count)]
    lines[7] = "{broken"
    lines.insert(20, "")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def run_batch(*words: object) -> object:
    with pytest.raises(SystemExit) as ended:
        main(["batch", *map(str, words)])
    return ended.value.code


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1790000000")
    return cases(tmp_path / "in.jsonl", 300)


@pytest.mark.parametrize("words", [(), ("--fields", "outcome,summary,questions")])
def test_several_processes_write_what_one_writes(source: Path, tmp_path: Path, words: tuple[str, ...]) -> None:
    one, three = tmp_path / "one", tmp_path / "three"
    assert run_batch(source, "-o", one, *words) == 4
    assert run_batch(source, "-o", three, *words, "--jobs", 3) == 4
    assert one.read_bytes() == three.read_bytes()
    assert len(one.read_bytes().splitlines()) == 300


def test_reports_that_do_not_fit_the_shared_memory_are_sent(source: Path) -> None:
    lines = source.read_bytes()
    blocks = [Block(1 + 301 * at, lines) for at in range(2)]
    together = [(b"".join(pieces), ends) for pieces, ends in run_on(2, load(), blocks, lang="zh", fields=())]
    alone = [(b"".join(pieces), ends) for pieces, ends in run(load(), blocks)]
    assert len(alone[0][0]) > batch.SLOT
    assert together == alone


class Broken(str):
    """A language that no other process can make anything of."""

    __slots__ = ()

    def __reduce__(self) -> tuple[object, ...]:
        return planned, ()


def planned() -> None:
    raise RuntimeError("planned")


def test_a_fault_in_a_process_is_raised_here(source: Path) -> None:
    blocks = repeat(Block(1, source.read_bytes()))
    with pytest.raises(RuntimeError, match="RuntimeError: planned"):
        deque(run_on(2, load(), blocks, lang=Broken("zh"), fields=("outcome",)), 0)


FEED = """
import sys
text = open(sys.argv[1], "rb").read()
while True:
    sys.stdout.buffer.write(text)
"""


@contextmanager
def fed(source: Path, *words: object) -> Iterator[subprocess.Popen[str]]:
    """Run a batch that never ends by itself."""
    command = [sys.executable, "-m", "tui", "batch", "--jobs", "2", "--lang", "en", *map(str, words)]
    pipe = subprocess.PIPE
    with (
        subprocess.Popen([sys.executable, "-c", FEED, str(source)], stdout=pipe, stderr=subprocess.DEVNULL) as feeding,
        subprocess.Popen(
            command, stdin=feeding.stdout, stdout=pipe, stderr=pipe, text=True, start_new_session=True
        ) as going,
    ):
        feeding.stdout.close()  # the batch alone holds it now: what feeds ends with it
        try:
            yield going
        finally:
            going.kill()


@contextmanager
def running(source: Path, *words: object) -> Iterator[subprocess.Popen[str]]:
    """Run such a batch, and wait until its second process is at work."""
    with fed(source, *words) as going:
        while not spawned(going.pid):
            going.stdout.readline()
        for _ in range(2000):
            going.stdout.readline()
        yield going


def workers(parent: int) -> list[int]:
    """Return the processes that a process has started."""
    return [int(one) for one in Path(f"/proc/{parent}/task/{parent}/children").read_text(encoding="ascii").split()]


def spawned(parent: int) -> list[int]:
    """Return those among them that diagnose."""
    lines = {one: Path(f"/proc/{one}/cmdline").read_bytes() for one in workers(parent)}
    return [one for one, line in lines.items() if b"spawn_main" in line]


def gone(processes: list[int]) -> None:
    """Wait until none of these runs."""
    deadline = time.monotonic() + 30
    while any(Path(f"/proc/{one}/cmdline").exists() and Path(f"/proc/{one}/cmdline").read_bytes() for one in processes):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def drained(going: subprocess.Popen[str]) -> tuple[int, list[str], str]:
    out, err = going.communicate(timeout=60)
    return going.returncode, out.splitlines(), err


def test_a_process_that_is_killed_is_told_in_one_line(source: Path) -> None:
    with running(source, "--fields", "outcome") as going:
        left = workers(going.pid)
        os.kill(spawned(going.pid)[0], signal.SIGKILL)
        code, lines, err = drained(going)
    assert (code, err.count("\n")) == (3, 1)
    assert "a worker process ended unexpectedly (-9)" in err
    assert all(json.loads(line) for line in lines[1:])  # the first was begun before
    gone(left)


def test_a_process_that_is_killed_while_it_starts_is_told_in_one_line(source: Path, tmp_path: Path) -> None:
    with fed(source, "-o", tmp_path / "out") as going:
        while not (started := spawned(going.pid)):
            assert going.poll() is None
        os.kill(started[0], signal.SIGKILL)
        code, _, err = drained(going)
    assert (code, err.count("\n")) == (3, 1), err
    assert "a worker process ended unexpectedly (-9)" in err


def test_a_process_that_stands_still_is_not_waited_for_forever(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blocks = repeat(Block(1, source.read_bytes()))
    writing = run_on(2, load(), blocks, lang="en", fields=("outcome",))
    while not spawned(os.getpid()):
        next(writing)
    deque(islice(writing, 20), 0)  # it is at work then
    other, second = spawned(os.getpid())
    os.kill(other, signal.SIGSTOP)
    monkeypatch.setattr(batch, "PATIENCE", 0.5)
    monkeypatch.setattr(batch, "SILENCE", 2)
    with pytest.raises(WorkerError, match="made no progress for 1 seconds"):
        deque(writing, 0)
    gone([other, second])


def test_an_interrupt_ends_all_processes_without_a_word(source: Path) -> None:
    with running(source, "--fields", "outcome") as going:
        left = workers(going.pid)
        os.killpg(going.pid, signal.SIGINT)
        code, _, err = drained(going)
    assert (code, err) == (130, "\n")
    gone(left)


def test_no_process_outlives_the_one_that_started_it(source: Path) -> None:
    with running(source, "--fields", "outcome") as going:
        left = workers(going.pid)
        assert len(left) >= 2
        going.kill()
    gone(left)
