"""What a probe may take and ask, and what all its targets share."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from diagnostics.probing.targets import Target
from diagnostics.probing.watch import Watch


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds of each step, and what may be asked."""

    resolve: float = 4.0
    connect: float = 3.0
    tls: float = 3.0
    http: float = 4.0
    proxy: float = 3.0
    attempts: int = 2
    pause: float = 0.3
    samples: int = 30
    second_resolver: str = ""


class Environment(msgspec.Struct, kw_only=True):
    """What all targets share: the watch, limits, nameservers, and who wants to know.

    `reached` takes a target, the address and port where it was reached, and the seconds that took.
    """

    watch: Watch
    limits: Limits
    nameservers: tuple[str, ...]
    tell: Callable[[Target, str, str], None]
    reached: Callable[[Target, str, int, float], None] = lambda _target, _address, _port, _seconds: None
