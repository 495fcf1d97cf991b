"""`python -m tests.fuzz --inputs 100000`: the long run; it ends with 1 at the first fault, and shows the input.

The damage is the same for the same seed: what editors, transfers, programs and ill will do to a text.
"""

import argparse
import os
import random
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Sequence
from typing import Final, NoReturn

from tests.fuzz.doors import DOORS, seeds

HUNG = 10
"""Seconds after which one input counts as a hang."""


TOKENS: Final = (
    b"\x00", b"\xff", b"\xef\xbb\xbf", b"\xff\xfe", b"\r\n", b"\n", b"\t", b"\x1b[2J", b"\x1b]52;c;QQ\x07", b"\x85",
    "\u202e".encode(), "\u200b".encode(), "\u2028".encode(), "微粒贷".encode(), "²".encode(), "１８".encode(),
    "٣".encode(), b"\xed\xa0\x80", b"\\ud800", b"\\u0000", b'"', b"'", b"\\", b"#", b"{", b"}", b"[", b"]", b"[[",
    b"]]", b",", b":", b"=", b".", b"-", b"null", b"true", b"NaN", b"Infinity", b"1e999", b"-1", b"0", b"9" * 60,
    b"0x", b"1_0", b"unknown", b"none", b"[" * 500, b'{"a":' * 100, b'"answers"', b'"schema"', b'"id"', b"person.age",
    b"=HYPERLINK(", b"<script>", b"{0}", b"{near}", b"%s", b"$(reboot)", b"../../etc/passwd", b"A" * 5000,
)  # fmt: skip
"""What breaks readers of JSON, TOML and version texts."""


def mutate(rng: random.Random, seeds: Sequence[bytes]) -> bytes:
    """Take one of the seeds and damage it in one to four ways; now and then it stays whole, or is noise alone."""
    chance = rng.random()
    if chance < 0.02:
        return rng.randbytes(rng.randrange(200))
    data = rng.choice(seeds)
    if chance < 0.07:
        return data
    for _ in range(rng.choice((1, 1, 1, 2, 3, 4))):
        data = _damage(rng, data, seeds)
    return data[:200_000]


def _damage(rng: random.Random, data: bytes, seeds: Sequence[bytes]) -> bytes:
    start, end = sorted((rng.randint(0, len(data)), rng.randint(0, len(data))))
    way = rng.randrange(9)
    if way == 0:
        return data[:start]
    if way == 1:
        return data[:start] + data[min(end, start + rng.randint(1, 20)) :]
    if way == 2:
        return data[:end] + data[start:end] * rng.randint(1, 3) + data[end:]
    if way == 3 and data:
        at = rng.randrange(len(data))
        return data[:at] + bytes([data[at] ^ 1 << rng.randrange(8)]) + data[at + 1 :]
    if way == 4:
        other = rng.choice(seeds)
        return data[:start] + other[rng.randint(0, len(other)) :]
    if way == 5:
        return _retyped(rng, data)
    return data[:start] + rng.choice(TOKENS) + data[start if way == 6 else end :]


def _retyped(rng: random.Random, data: bytes) -> bytes:
    """Write the text anew in another encoding or case."""
    text = data.decode("utf-8", "replace")
    way = rng.choice(("utf-16", "utf-16-le", "utf-32", "utf-8-sig", "gbk", "cp1252", "upper", "swap"))
    if way == "upper":
        return text.upper().encode()
    if way == "swap":
        words = text.split(" ")
        rng.shuffle(words)
        return " ".join(words).encode()
    return text.encode(way, "replace")


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
