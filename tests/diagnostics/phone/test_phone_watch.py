"""Phones that come and go while something else goes on."""

from __future__ import annotations

import queue
import threading
from typing import TYPE_CHECKING

from diagnostics.phone.adb_client import Plugged, watch_androids
from tests.lab.phone import describe
from tests.lab.phone.fake_server import FakeServer

if TYPE_CHECKING:
    import pytest

    from tests.lab.phone.real_server import RealServer


class Watching:
    """Runs `watch` in a thread and hands over what it tells, each within a deadline."""

    def __enter__(self) -> Watching:
        self.told: queue.SimpleQueue[Plugged] = queue.SimpleQueue()
        self.cancelled = threading.Event()
        self.thread = threading.Thread(target=lambda: watch_androids(self.told.put, self.cancelled), daemon=True)
        self.thread.start()
        return self

    def until(self, **states: str) -> Plugged:
        """Wait for exactly these phones (by port) in these states."""
        while True:
            now = self.told.get(timeout=60)
            if {f"p{one.serial.rpartition(':')[2]}": one.state for one in now.devices} == states:
                return now

    def __exit__(self, *_error: object) -> None:
        self.cancelled.set()
        self.thread.join(20)
        assert not self.thread.is_alive()


def test_plugging_in_and_out_is_noticed(adb: RealServer) -> None:
    with describe.phone("pixel_android15") as phone, Watching() as watching:
        assert watching.until().server
        adb.attach(phone.port, "device")
        seen = watching.until(**{f"p{phone.port}": "device"})
        assert seen.devices[0].model == "Pixel 8"
        assert phone.serial not in seen.devices[0].name
        adb.detach(phone.port)
        watching.until()
    assert phone.log == []


def test_allowing_the_computer_is_noticed(adb: RealServer) -> None:
    phone = describe.phone("pixel_android15")
    phone.mode = "authorize"
    with phone, Watching() as watching:
        adb.attach(phone.port, "unauthorized")
        watching.until(**{f"p{phone.port}": "unauthorized"})
        phone.allow()
        watching.until(**{f"p{phone.port}": "device"})
        adb.detach(phone.port)


def test_without_a_server_that_is_told_once_and_a_cancel_ends_it(no_server: int) -> None:
    with Watching() as watching:
        assert watching.told.get(timeout=60) == Plugged(server=False)
        assert watching.told.empty()


def test_a_program_that_only_holds_the_port_is_no_server_and_a_cancel_still_ends_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with FakeServer(manner="http") as fake:
        monkeypatch.setenv("ANDROID_ADB_SERVER_PORT", str(fake.port))
        with Watching() as watching:
            assert watching.told.get(timeout=60) == Plugged(server=False)
    with FakeServer(manner="silent") as fake:
        monkeypatch.setenv("ANDROID_ADB_SERVER_PORT", str(fake.port))
        with Watching() as watching:
            assert watching.told.empty()
