"""`python -m tests.fuzz --inputs 100000`: the long run; it ends with 1 at the first fault, and shows the input."""

from __future__ import annotations

import argparse
import os
import random
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from typing import NoReturn

from tests.fuzz.doors import DOORS, seeds
from tests.fuzz.mutator import mutate

HUNG = 10
"""Seconds after which one input counts as a hang."""


class Fault(Exception):  # noqa: N818  it is the finding of a run
    """An input that broke a door: its name, the input and what happened."""

    def __init__(self, door: str, data: bytes, what: str) -> None:
        super().__init__(f"{door}: {data!r}\n{what}")


def _hung(_signal: int, _frame: object) -> NoReturn:
    raise TimeoutError(f"more than {HUNG} seconds")


def run(inputs: int, seed: int) -> tuple[Counter[str], Counter[str], dict[str, float]]:
    """Send damaged inputs through all doors; returns how many were sent, how many taken, and the slowest, by door.

    Raises Fault for the first that raises, hangs or breaks a promise.
    """
    rng = random.Random(seed)
    names, weights = list(DOORS), [weight for _, weight in DOORS.values()]
    sent, taken, slowest = Counter[str](), Counter[str](), dict.fromkeys(names, 0.0)
    before = signal.signal(signal.SIGALRM, _hung)
    try:
        for name in rng.choices(names, weights, k=inputs):
            data = mutate(rng, seeds(name))
            began = time.perf_counter()
            signal.alarm(HUNG)
            try:
                taken[name] += DOORS[name][0](data)
            except Exception:  # noqa: BLE001  whatever it is, it is the finding
                raise Fault(name, data, traceback.format_exc()) from None
            finally:
                signal.alarm(0)
            sent[name] += 1
            slowest[name] = max(slowest[name], time.perf_counter() - began)
    finally:
        signal.signal(signal.SIGALRM, before)
    return sent, taken, slowest


def main() -> int:
    """Run and report."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("--inputs", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "HOME"):
        os.environ[name] = tempfile.gettempdir() + "/nobody"
    began = time.perf_counter()
    try:
        sent, taken, slowest = run(given.inputs, given.seed)
    except Fault as fault:
        print(fault, file=sys.stderr)
        return 1
    for name in DOORS:
        print(f"{name:<14}{sent[name]:>8} sent{taken[name]:>8} taken{slowest[name] * 1000:>9.1f} ms slowest")
    print(f"{sent.total()} inputs, no fault, {time.perf_counter() - began:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
