"""A batch on a real Dask scheduler with real workers, one of which is killed in the middle."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

import distributed
import pytest

from diagnostics import batch_workers
from tests.diagnostics.test_batch_workers import cases
from tests.headless.doctor import inside

PATIENCE = 180.0
"""Seconds until a test gives up waiting; each of the cluster's programs takes seconds to load."""
DOCTOR = [sys.executable, "-m", "tui", "batch"]


class Cluster(NamedTuple):
    """A scheduler, where it listens, and its workers."""

    address: str
    scheduler: subprocess.Popen[bytes]
    workers: list[subprocess.Popen[bytes]]
    join: Callable[[], subprocess.Popen[bytes]]
    """Starts one more worker."""


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    home = str(tmp_path)
    return {**os.environ, "SOURCE_DATE_EPOCH": "1790000000", "HOME": home, "DASK_TEMPORARY_DIRECTORY": home}


@pytest.fixture
def cluster(environment: dict[str, str], tmp_path: Path) -> Iterator[Cluster]:
    """Start a scheduler and two workers on loopback."""
    told = tmp_path / "scheduler.json"
    dask = [sys.executable, "-m", "dask"]
    with ExitStack() as stack:

        def start(*words: str) -> subprocess.Popen[bytes]:
            run = subprocess.Popen([*dask, *words], env=environment, stderr=subprocess.DEVNULL, start_new_session=True)
            stack.callback(run.wait, PATIENCE)
            stack.callback(_end, run)
            return run

        scheduler = start("scheduler", "--host", "127.0.0.1", "--port", "0", "--scheduler-file", str(told),
                          "--no-dashboard", "--no-show")  # fmt: skip
        address = _address(told)
        worker = ("worker", address, "--nthreads", "1", "--host", "127.0.0.1", "--no-dashboard", "--no-nanny")
        yield Cluster(address, scheduler, [start(*worker), start(*worker)], lambda: start(*worker))


def _address(told: Path) -> str:
    """Wait until the scheduler has said where it listens: on a port that it chose itself."""
    deadline = time.monotonic() + PATIENCE
    while True:
        with suppress(OSError, ValueError):
            return str(json.loads(told.read_bytes())["address"])
        assert time.monotonic() < deadline, "the scheduler did not start"
        time.sleep(0.05)


def _end(run: subprocess.Popen[bytes]) -> None:
    if run.poll() is None:
        os.killpg(run.pid, signal.SIGKILL)


@contextmanager
def held_back(
    source: Path, sink: Path, *words: str, environment: dict[str, str]
) -> Iterator[tuple[subprocess.Popen[bytes], Callable[[], None]]]:
    """Run a batch that writes, and is given its last case when the function is called: it cannot be over sooner."""
    lines, more = source.read_bytes().splitlines(keepends=True), threading.Event()
    sink.unlink()
    command = [*DOCTOR, "-o", str(sink), *words]
    with subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as run:

        def feed() -> None:
            assert run.stdin is not None
            with suppress(BrokenPipeError), run.stdin as into:
                into.write(b"".join(lines[:-1]))
                into.flush()
                more.wait()
                into.write(lines[-1])

        feeding = threading.Thread(target=feed)
        feeding.start()
        try:
            while not (sink.exists() and sink.stat().st_size):
                assert run.poll() is None
                time.sleep(0.01)
            yield run, more.set
        finally:
            more.set()
            run.kill()
            feeding.join()


def test_lines_are_the_local_runs_without_a_worker_and_a_cluster_that_goes_is_said_in_one_line(
    cluster: Cluster, environment: dict[str, str], tmp_path: Path
) -> None:
    """One cluster for all three: it takes seconds to start."""
    address, scheduler, workers, join = cluster
    source, there, here = cases(tmp_path / "in.jsonl", 600), tmp_path / "there", tmp_path / "here"
    words = ("--cluster", address, "--fields", "outcome,causes")
    command, deadline = [*DOCTOR, str(source), "-o", str(there), *words], time.monotonic() + PATIENCE
    while subprocess.run(command, env=environment, stderr=subprocess.DEVNULL, check=False).returncode != 4:
        assert time.monotonic() < deadline, "the workers did not join"
        time.sleep(0.5)
    inside("batch", str(source), "-o", str(here), *words[2:], env=environment)
    assert there.read_bytes() == here.read_bytes()
    with held_back(source, there, *words, environment=environment) as (run, go_on):
        join()
        with distributed.Client(address, set_as_default=False) as client:
            client.wait_for_workers(3, timeout=PATIENCE)
        for first in workers:  # with all that the batch gave them when it began
            first.kill()
        go_on()
        assert run.wait(PATIENCE) == 4
    assert there.read_bytes() == here.read_bytes()
    with held_back(source, there, "--cluster", address, "--lang", "en", environment=environment) as (run, go_on):
        scheduler.kill()
        go_on()
        assert run.stderr is not None
        err = run.stderr.read().decode()
        assert run.wait(PATIENCE) == 3
    assert err.count("\n") == 1
    assert f"{address}: the cluster failed: " in err
    assert there.read_bytes().endswith(b"\n")


def test_no_scheduler_is_said_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = cases(tmp_path / "in.jsonl", 30)
    monkeypatch.setattr(batch_workers, "SCHEDULER_PATIENCE", 1)
    done = inside("batch", str(source), "--cluster", "tcp://127.0.0.1:9", env={"HOME": str(tmp_path)})
    assert (done.code, done.out) == (3, "")
    assert done.err.count("\n") == 1
    assert "tcp://127.0.0.1:9: 没有调度器回应" in done.err


def test_an_address_that_is_none_is_a_bad_input(tmp_path: Path) -> None:
    source = cases(tmp_path / "in.jsonl", 30)
    for address in ("nonsense", "tcp://127.0.0.1", "tcp://127.0.0.1:99999", "tcp://[::1"):
        done = inside("batch", str(source), "--cluster", address, "--lang", "en", env={"HOME": str(tmp_path)})
        assert (done.code, done.out) == (2, "")
        assert done.err == f"weilidai-doctor: --cluster: {address}: write tcp://HOST:PORT\n"
