"""Notice phones being plugged in and out, and allowing this computer, while something else goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from diagnostics.devices.adb import server
from diagnostics.devices.adb.link import Link
from diagnostics.devices.adb.server import Device
from diagnostics.devices.adb.wait import AdbError, CancelledError, NoServerError, TimedOutError, Wait

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable

AGAIN: Final = 1.0
"""Seconds between two looks for a server that is not there, or has gone."""
TURN: Final = 60.0
"""Longest wait in seconds for news, after which the list is asked for anew."""


class Plugged(msgspec.Struct, frozen=True):
    """Which phones are there now; `server` is False where no adb server runs that could know."""

    server: bool
    devices: tuple[Device, ...] = ()


def watch(callback: Callable[[Plugged], None], cancelled: threading.Event) -> None:
    """Call `callback` with the phones there are, at once and at each change, until `cancelled` is set.

    Runs in the caller's thread (give it a daemon of its own) and returns within a fraction of a second after
    cancelling. It never starts a server; one that is started or stopped meanwhile is noticed within a second.
    """
    last: Plugged | None = None

    def tell(now: Plugged) -> None:
        nonlocal last
        if now != last and not cancelled.is_set():
            last = now
            callback(now)

    while not cancelled.is_set():
        try:
            _follow(Wait(TURN, cancelled), tell)
        except CancelledError:
            return
        except TimedOutError:
            continue  # a quiet minute
        except NoServerError:
            tell(Plugged(server=False))
            cancelled.wait(AGAIN)
        except AdbError:
            cancelled.wait(AGAIN)


def _follow(wait: Wait, tell: Callable[[Plugged], None]) -> None:
    """Tell the list at each change that the server reports. Ends only by an AdbError."""
    with Link(wait) as link:
        link.request("host:track-devices")
        while True:
            link.block()  # serials and states: the news is that there is some; the list below has models as well
            tell(Plugged(server=True, devices=server.devices(wait)))
