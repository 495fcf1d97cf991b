"""Plays many scenarios, some at a time, in a nursery's children; those with a wrong clock in a faked nursery's."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tests.lab.net.world import wrapper

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.lab.net.scenario import Scenario

ROOT: Final = Path(__file__).parents[3]
PATIENCE: Final = 60.0
_FAKETIME: Final = {"FAKETIME_NO_CACHE": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
"""Each child sets its own time, which counts at once."""


class Nursery:
    """A process that plays scenarios in forked children, asked and answered over pipes; `faked` has a clock to set."""

    def __init__(self, *, faked: bool) -> None:
        clock = ["faketime", "-m", "-f", "+0d"] if faked else []
        command = [*clock, *wrapper(), sys.executable, "-m", "tests.lab.net.nursery"]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
            env={**os.environ, **(_FAKETIME if faked else {}), "PYTHONPATH": str(ROOT)},
        )
        self._lock = threading.Lock()
        self._last = 0
        self._waiting: dict[int, tuple[threading.Event, list[dict[str, Any]]]] = {}
        self._listening = threading.Thread(target=self._listen)
        self._listening.start()

    def play(self, name: str) -> dict[str, Any]:
        """Play one scenario and return what was said of it; any number of threads may call this."""
        told: tuple[threading.Event, list[dict[str, Any]]] = (threading.Event(), [])
        with self._lock:
            self._last += 1
            self._waiting[self._last] = told
            assert self._process.stdin is not None
            self._process.stdin.write(f"{self._last} {name}\n".encode())
            self._process.stdin.flush()
        if not told[0].wait(PATIENCE):
            return {"error": "the stage did not end", "verdict": "error"}
        return told[1][0]

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            number, _, said = line.decode().partition(" ")
            event, place = self._waiting.pop(int(number))
            place.append(json.loads(said) if said.strip() else {"error": "the stage fell down", "verdict": "error"})
            event.set()

    def close(self) -> None:
        """End the nursery, and its children with it."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        try:
            self._process.wait(PATIENCE)
        finally:
            self._process.kill()
            self._process.wait()
            self._listening.join()
            self._process.stdout.close()


def play_all(scenarios: Sequence[Scenario], jobs: int) -> Iterator[tuple[Scenario, dict[str, Any]]]:
    """Play scenarios, at most `jobs` at a time, and yield each with what was said, in order."""
    with contextlib.ExitStack() as open_:
        nurseries = {faked: Nursery(faked=faked) for faked in {bool(one.off) for one in scenarios}}
        for nursery in nurseries.values():
            open_.callback(nursery.close)
        pool = open_.enter_context(ThreadPoolExecutor(jobs))
        said = pool.map(lambda one: nurseries[bool(one.off)].play(one.name), scenarios)
        yield from zip(scenarios, said, strict=True)
