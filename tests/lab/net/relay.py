"""A cable with delay, jitter and loss, where the kernel has no netem: packets between two TUN devices, by hand."""

import asyncio
import fcntl
import os
import random
import struct
import threading
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
    loop = asyncio.new_event_loop()

    def take(source: int, sink: int, chance: random.Random) -> None:
        packet = os.read(source, 65536)
        if chance.random() >= loss:
            loop.call_later(delay + chance.uniform(-jitter, jitter), os.write, sink, packet)

    for number, (source, sink) in enumerate(((near, far), (far, near))):
        loop.add_reader(source, take, source, sink, random.Random(seed * 2 + number))
    threading.Thread(target=loop.run_forever, daemon=True).start()


def _tun(name: str) -> int:
    device = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(device, _TUNSETIFF, struct.pack("16sH", name.encode("ascii"), _TUN_NO_PACKET_INFO))
    return device
