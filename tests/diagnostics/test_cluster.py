"""A batch on a real Dask scheduler with real workers, one of which is killed in the middle."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING, NamedTuple

import pytest

from tests.diagnostics.test_parallel import cases

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DOCTOR = [sys.executable, "-m", "tui", "batch"]


class Cluster(NamedTuple):
    """A scheduler, where it listens, and its workers."""

    address: str
    scheduler: subprocess.Popen[bytes]
    workers: list[subprocess.Popen[bytes]]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return {
        **os.environ,
        "SOURCE_DATE_EPOCH": "1790000000",
        "HOME": str(tmp_path),
        "DASK_TEMPORARY_DIRECTORY": str(tmp_path),
    }


@pytest.fixture
def cluster(environment: dict[str, str]) -> Iterator[Cluster]:
    """Start a scheduler and two workers on loopback."""
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"tcp://127.0.0.1:{port}"
    dask = [sys.executable, "-m", "dask"]
    with ExitStack() as stack:

        def start(*words: str) -> subprocess.Popen[bytes]:
            run = subprocess.Popen([*dask, *words], env=environment, stderr=subprocess.DEVNULL, start_new_session=True)
            stack.callback(run.wait, 20)
            stack.callback(_end, run)
            return run

        scheduler = start("scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard", "--no-show")
        worker = ("worker", address, "--nthreads", "1", "--host", "127.0.0.1", "--no-dashboard", "--no-nanny")
        workers = [start(*worker), start(*worker)]
        yield Cluster(address, scheduler, workers)


def _end(run: subprocess.Popen[bytes]) -> None:
    if run.poll() is None:
        os.killpg(run.pid, signal.SIGKILL)


def _batch(address: str, source: Path, sink: Path, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    words = [*DOCTOR, str(source), "-o", str(sink), "--cluster", address, "--fields", "outcome,causes"]
    return subprocess.Popen(words, env=environment, stderr=subprocess.DEVNULL)


def test_lines_are_the_local_runs_even_when_a_worker_is_killed(
    cluster: Cluster, environment: dict[str, str], tmp_path: Path
) -> None:
    address, _, workers = cluster
    source, there, here = cases(tmp_path / "in.jsonl", 600), tmp_path / "there", tmp_path / "here"
    deadline = time.monotonic() + 60
    while True:  # until both workers have joined
        run = _batch(address, source, there, environment)
        if run.wait(60) == 4:
            break
        assert time.monotonic() < deadline, "the workers did not join"
        time.sleep(0.5)
    subprocess.run([*DOCTOR, str(source), "-o", str(here), "--fields", "outcome,causes"], env=environment, check=False)
    assert there.read_bytes() == here.read_bytes()
    run = _batch(address, source, there, environment)
    while not (there.exists() and there.stat().st_size < here.stat().st_size and there.read_bytes()):
        assert run.poll() is None
        time.sleep(0.01)
    workers[0].kill()
    assert run.wait(90) == 4
    assert there.read_bytes() == here.read_bytes()


def test_no_scheduler_is_said_in_one_line(environment: dict[str, str], tmp_path: Path) -> None:
    source = cases(tmp_path / "in.jsonl", 30)
    done = subprocess.run(
        [*DOCTOR, str(source), "--cluster", "tcp://127.0.0.1:9"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.count("\n") == 1
    assert "tcp://127.0.0.1:9: 没有调度器回应" in done.stderr


def test_an_address_that_is_none_is_a_bad_input(environment: dict[str, str], tmp_path: Path) -> None:
    source = cases(tmp_path / "in.jsonl", 30)
    for address in ("nonsense", "tcp://127.0.0.1", "tcp://127.0.0.1:99999", "tcp://[::1"):
        words = [*DOCTOR, str(source), "--cluster", address, "--lang", "en"]
        done = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr == f"weilidai-doctor: --cluster: {address}: write tcp://HOST:PORT\n"


def test_a_cluster_that_goes_is_said_in_one_line(cluster: Cluster, environment: dict[str, str], tmp_path: Path) -> None:
    source, sink = cases(tmp_path / "in.jsonl", 4000), tmp_path / "out"
    run = subprocess.Popen(
        [*DOCTOR, str(source), "-o", str(sink), "--cluster", cluster.address, "--lang", "en"],
        env=environment, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    while not (sink.exists() and sink.stat().st_size):
        assert run.poll() is None
        time.sleep(0.01)
    cluster.scheduler.kill()
    _, err = run.communicate(timeout=60)
    assert run.returncode == 3
    assert err.count("\n") == 1
    assert f"{cluster.address}: the cluster failed in the middle" in err
    assert sink.read_bytes().endswith(b"\n")
