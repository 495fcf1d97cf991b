"""A cable with delay, jitter and loss, where the kernel has no netem: packets between two TUN devices, by hand."""

import fcntl
import heapq
import os
import random
import struct
import threading
import time
from typing import Final

from tests.lab.net.world import World

_TUNSETIFF: Final = 0x400454CA
_TUN_NO_PACKET_INFO: Final = 0x1001


def connect(world: World, *, delay: float, jitter: float, loss: float, seed: int) -> None:
    """Join the two sides: each packet waits `delay` +- `jitter` seconds, or is lost with probability `loss`.

    Figures are for each direction; the two directions have generators of their own, both from `seed`.
    """
    near, far = _tun("c0"), world.far.do(lambda: _tun("s0"))
    world.address("c0", "s0")
    for number, (source, sink) in enumerate(((near, far), (far, near))):
        line = _Line(sink, delay, jitter, loss, random.Random(seed * 2 + number))
        threading.Thread(target=line.take, args=(source,), daemon=True).start()
        threading.Thread(target=line.give, daemon=True).start()


def _tun(name: str) -> int:
    device = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(device, _TUNSETIFF, struct.pack("16sH", name.encode("ascii"), _TUN_NO_PACKET_INFO))
    return device


class _Line:
    """One direction."""

    def __init__(self, sink: int, delay: float, jitter: float, loss: float, chance: random.Random) -> None:
        self._sink = sink
        self._delay, self._jitter, self._loss = delay, jitter, loss
        self._chance = chance
        self._waiting: list[tuple[float, int, bytes]] = []
        self._changed = threading.Condition()
        self._number = 0

    def take(self, source: int) -> None:
        """Read packets and give each its time."""
        while packet := os.read(source, 65536):
            if self._chance.random() < self._loss:
                continue
            due = time.monotonic() + self._delay + self._chance.uniform(-self._jitter, self._jitter)
            with self._changed:
                self._number += 1
                heapq.heappush(self._waiting, (due, self._number, packet))
                self._changed.notify()

    def give(self) -> None:
        """Write packets when their time has come."""
        while True:
            with self._changed:
                while not self._waiting or self._waiting[0][0] > time.monotonic():
                    left = self._waiting[0][0] - time.monotonic() if self._waiting else None
                    self._changed.wait(left)
                packet = heapq.heappop(self._waiting)[2]
            os.write(self._sink, packet)
