"""Phones that come and go while the app runs: each time the phone check looks again; one of several is chosen here."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from textual.message import Message

from diagnostics.checks.registry import IPHONE_CHECK, PHONE_CHECK, PHONE_CHECKS

if TYPE_CHECKING:
    from collections.abc import Callable

    from diagnostics.phone.adb_client import Device, Plugged
    from tui.app.check_runs import CheckRuns
    from tui.app.preferences import Launch


class PhonesSeen(Message):
    """Other phones are on the cable: the Androids as the adb server knows them, or how many iPhones."""

    def __init__(self, seen: Plugged | int) -> None:
        self.seen = seen
        super().__init__()


class PhoneWatch:
    """Watches the phones on the cable: `devices` the adb server knows now, `iphones` how many of those there are.

    Where nobody watches there are none.

    `post` takes a message from any thread; `changed` is called after each change, in the screen's own.
    """

    def __init__(
        self, checks: CheckRuns, launch: Launch, post: Callable[[Message], object], changed: Callable[[], None]
    ) -> None:
        self.devices: tuple[Device, ...] = ()
        self.iphones = 0
        self._checks, self._launch, self._post, self._changed = checks, launch, post, changed
        self._over = threading.Event()
        self._seen: Plugged | None = None
        self._absent = False
        self._counted: int | None = None

    def start(self) -> None:
        """Begin to watch, where a phone is to be looked at at all."""
        from diagnostics.phone.device_choice import parse_device

        choice = parse_device(self._launch.options.device)
        if IPHONE_CHECK in self._launch.checks and not choice.excludes("ios"):
            threading.Thread(target=self._run_iphones, name="iphones", daemon=True).start()
        if PHONE_CHECK in self._launch.checks and not choice.excludes("android"):
            threading.Thread(target=self._run, name="phones", daemon=True).start()

    def _run(self) -> None:
        from diagnostics.network.deadline import Deadline, NoAnswerError
        from diagnostics.phone import adb_client
        from diagnostics.phone.adb_client import watch_androids

        if not self._launch.options.start_adb:
            try:
                adb_client.server_version(Deadline(adb_client.ANSWER, self._over))
            except NoAnswerError:
                return  # there is no server, and none will be started

        watch_androids(self._tell, self._over)

    def _run_iphones(self) -> None:
        from diagnostics.phone.usbmux import watch_iphones

        watch_iphones(self._tell, self._over)

    def _tell(self, seen: Plugged | int) -> None:
        """Tell the screen's own thread."""
        self._post(PhonesSeen(seen))

    def take(self, seen: Plugged | int) -> None:
        """Take in what the watching threads saw, in the screen's own."""
        if isinstance(seen, int):
            self._take_iphones(seen)
        else:
            self._take(seen)

    def _take_iphones(self, count: int) -> None:
        """Look again where an iPhone came or went; the first look is the check's own."""
        before, self._counted = self._counted, count
        self.iphones = count
        if before not in (None, count):
            self._again()
        self._changed()

    def _again(self) -> None:
        """Look at the phones anew: which one is meant depends on all that are there."""
        chosen = self._checks.device
        if chosen is not None and chosen not in self.names():
            self._checks.device = None
        self._checks.start(*PHONE_CHECKS)

    def names(self) -> dict[str, str]:
        """Return what the phones are called that one can choose from, by what `--device` would take."""
        androids = {device.serial: f"{device.name}  {device.state}" for device in self.devices}
        return androids | {f"ios:{number}": f"iPhone {number}" for number in range(1, self.iphones + 1)}

    def _take(self, now: Plugged) -> None:
        """Look again where other phones are there, or one changed its mind; the first look is the check's own."""
        before, self._seen = self._seen, now
        self.devices = now.devices
        if before is None:
            self._absent = not now.server
        elif _states(before) != _states(now):
            self._again()
        self._changed()

    def choose(self, serial: str) -> None:
        """Look at this phone from now on, as long as it is there."""
        self._checks.device = serial
        self._checks.start(*PHONE_CHECKS)

    def stop(self) -> None:
        """Watch no longer."""
        self._over.set()

    def put_back(self) -> None:
        """Stop the adb server where it was started for this run; waits for it a moment."""
        self.stop()
        result = self._checks.lines[PHONE_CHECK].result
        unfinished = self._absent and (result is None or result.status == "cancelled")
        if self._checks.started_adb or (self._launch.options.start_adb and unfinished):
            from diagnostics.network.deadline import Deadline, NoAnswerError
            from diagnostics.phone import adb_client

            try:
                adb_client.stop_server(Deadline(adb_client.ANSWER))
            except NoAnswerError:
                return  # it is gone already, or does not answer: nothing is left to do


def _states(plugged: Plugged) -> set[tuple[str, str]]:
    return {(device.serial, device.state) for device in plugged.devices}
