"""Plays many scenarios, some at a time: in a nursery's children, or (with a wrong clock) in processes of their own."""

from __future__ import annotations

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
_ONE_AT_A_TIME: Final = threading.Lock()
"""For scenarios under faketime: each loads the program anew, and two at once would be late with everything."""


class Nursery:
    """A process that plays scenarios in forked children, asked and answered over pipes."""

    def __init__(self) -> None:
        command = [*wrapper(), sys.executable, "-m", "tests.lab.net.nursery"]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
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
    nursery = Nursery()
    try:
        with ThreadPoolExecutor(jobs) as pool:
            said = pool.map(lambda one: _alone(one) if one.off else nursery.play(one.name), scenarios)
            yield from zip(scenarios, said, strict=True)
    finally:
        nursery.close()


def _alone(scenario: Scenario) -> dict[str, Any]:
    """Play a scenario whose clock is wrong in a process of its own, under faketime."""
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "LAB_CLOCK_OFF": str(scenario.off * 86400),
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }
    command = ["faketime", "-m", "-f", f"{scenario.off:+.0f}d", *wrapper(), sys.executable]
    try:
        with _ONE_AT_A_TIME:
            done = subprocess.run(
                [*command, "-m", "tests.lab.net.stage", scenario.name],
                capture_output=True, text=True, timeout=PATIENCE, check=False, cwd=ROOT, env=environment,
            )  # fmt: skip
        said: dict[str, Any] = json.loads(done.stdout)
    except subprocess.TimeoutExpired:
        return {"error": "the stage did not end", "verdict": "error"}
    except ValueError:
        return {"error": done.stderr.strip()[-2000:], "verdict": "error"}
    return said
