"""Notice phones being plugged in and out, and allowing this computer, while something else goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from diagnostics.devices.adb import server
from diagnostics.devices.adb.server import Device
from diagnostics.devices.adb.wait import AdbError, CancelledError, NoServerError, Wait

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable

TURN: Final = 0.3
"""Seconds between two looks. The server's own news (`host:track-devices`) are not enough: adb 29 sends none when a
phone turns from offline to unauthorized."""


class Plugged(msgspec.Struct, frozen=True):
    """Which phones are there now; `server` is False where no adb server answers that could know."""

    server: bool
    devices: tuple[Device, ...] = ()


def watch(callback: Callable[[Plugged], None], cancelled: threading.Event) -> None:
    """Call `callback` with the phones there are, at once and at each change, until `cancelled` is set.

    Runs in the caller's thread (give it a daemon of its own) and returns within a fraction of a second after
    cancelling; each look is bounded. It never starts a server; one started or stopped meanwhile is noticed.
    """
    last: Plugged | None = None
    while not cancelled.is_set():
        try:
            now = Plugged(server=True, devices=server.devices(Wait(server.ANSWER, cancelled)))
        except CancelledError:
            return
        except NoServerError:
            now = Plugged(server=False)
        except AdbError:
            now = last if last is not None else Plugged(server=False)  # it may only have been slow
        if now != last:
            last = now
            callback(now)
        cancelled.wait(TURN)
