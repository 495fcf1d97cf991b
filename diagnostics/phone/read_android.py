"""Look at the one Android phone on the cable: find it, run the allowed commands side by side, say what they mean."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING, ClassVar, Final

from diagnostics.evidence import StepResult
from diagnostics.network.deadline import CancelledError, Deadline, NoAnswerError, TimedOutError
from diagnostics.phone import adb_client
from diagnostics.phone.adb_client import COMMANDS, Device, mask, server_port
from diagnostics.phone.android_readings import PhoneOutputs, diagnose_phone, observations
from diagnostics.phone.local_service import ClosedError, MalformedError, NoServerError
from diagnostics.phone.readout import PhoneReader, StopReadingError, android_names, iphone_names, iphones_beside

if TYPE_CHECKING:
    from diagnostics.phone.adb_client import Output

SETTLE: Final = 2.5
"""Seconds for a phone to finish introducing itself to a server that has just met it."""
USUAL_SERVER: Final = 41
_STATES: Final = {
    "unauthorized": "unauthorized", "authorizing": "unauthorized", "no_permissions": "no_permission",
    "offline": "offline", "connecting": "offline", "bootloader": "not_booted", "fastboot": "not_booted",
    "fastbootd": "not_booted", "recovery": "not_booted", "sideload": "not_booted", "rescue": "not_booted",
}  # fmt: skip
"""The verdict that a phone's state is by itself; a `device` can be read."""
_PASSING: Final = ("connecting", "authorizing")
"""States that a phone goes through by itself."""


class AndroidReader(PhoneReader):
    """Look at the Android phone; each step is a command that ended."""

    system = "android"
    service = "adb"
    no_phone: ClassVar = PhoneReader.no_phone | {"server_version": None, "adb_left_running": False}
    _started = False

    def _read_phone(self) -> None:
        self._on_step("adb", 0, 0)
        self._readout.data["server_version"] = version = self._reach_server()
        self._readout.operation = "devices"
        if version != USUAL_SERVER:
            self._readout.below = [("server_version", {"version": version})]
        self._ask(self._choose())

    def _note_failure(self, error: NoAnswerError) -> None:
        kinds = {CancelledError: "cancelled", TimedOutError: "out_of_time", MalformedError: "server_port_taken"}
        self._readout.verdict = kinds.get(type(error), "dropped")
        self._readout.values |= {"port": server_port()} if isinstance(error, MalformedError) else {}

    def _finish(self) -> None:
        if self._started and not self._stop():
            self._readout.data["adb_left_running"] = True
            self._readout.below += [] if self._asked.stops_adb else [("left_running", {})]

    def _reach_server(self) -> int:
        """Return the version of a server that answers. Raises StopReadingError where none can be had."""
        with contextlib.suppress(NoServerError):
            return adb_client.server_version(self._deadline)
        adb = adb_client.adb_program()
        if adb is None or not self._asked.start_adb:
            raise StopReadingError("adb_not_running" if adb else "adb_absent")
        if not adb_client.start_server(adb, self._deadline):
            raise StopReadingError("adb_start_failed", port=server_port())
        self._started = True
        return adb_client.server_version(self._deadline)

    def _stop(self) -> bool:
        """Stop a server that was started for this look; True when it is stopped.

        It stays for a phone that is just asking its user to allow this computer: the question would vanish with it.
        """
        if self._asked.keep_adb or self._readout.verdict == "unauthorized":
            return False
        try:
            adb_client.stop_server(Deadline(adb_client.ANSWER))
        except NoAnswerError:
            return False
        return True

    def _choose(self) -> Device:
        """Return the phone to read. Raises StopReadingError where not exactly one can be read."""
        settled = time.monotonic() + SETTLE
        while True:
            devices = adb_client.list_devices(self._deadline)
            chosen, code = self._match(devices)
            passing = (*_PASSING, "offline") if self._started else _PASSING
            waits = chosen.state in passing if chosen is not None else self._started and code == "none"
            if not waits or time.monotonic() > settled:
                break
            self._deadline.pause(0.1)
        names = android_names(devices)
        if self._asked.choice.system is None and chosen is not None:
            names += iphone_names(iphones_beside(self._deadline))
            if len(names) > len(devices):
                chosen, code = None, "several"
        self._readout.data |= {
            "device": mask(chosen.serial) if chosen is not None else None,
            "devices": [{"device": mask(one.serial), "state": one.state, "model": one.model} for one in devices],
        }
        if chosen is None:
            raise StopReadingError(code, devices=", ".join(names), device=self._asked.choice.shown)
        if chosen.state != "device":
            raise StopReadingError(_STATES.get(chosen.state, "unknown_state"), device=chosen.name, state=chosen.state)
        return chosen

    def _match(self, devices: tuple[Device, ...]) -> tuple[Device | None, str]:
        """Return the phone that is meant, or None and the verdict on there being none."""
        number, wanted = self._asked.choice.number, self._asked.choice.serial
        if number is not None:
            return (devices[number - 1], "") if number <= len(devices) else (None, "not_found")
        if wanted is not None:
            exact = [device for device in devices if device.serial == wanted]
            found = exact or [device for device in devices if device.serial.endswith(wanted.lstrip("…"))]
            return (found[0], "") if len(found) == 1 else (None, "several" if found else "not_found")
        ready = [device for device in devices if device.state == "device"] or list(devices)
        if len(ready) > 1:
            return None, "several"
        return (ready[0], "") if ready else (None, "none")

    def _ask(self, device: Device) -> None:
        """Run all commands on the chosen phone and fill in what they say."""
        seen, asked = self._readout, self._asked
        separate = "shell_v2" in adb_client.features(device.serial, self._deadline)
        phone = PhoneOutputs()

        def take(output: Output) -> None:
            new = phone.add(output)
            self._on_step(output.command, len(phone.all), len(COMMANDS))
            for reading in new:
                self._on_reading(reading)

        adb_client.run_all(
            device.serial, self._deadline.within(asked.silence), take, separate=separate,
            extend_to=self._deadline.due(asked.patience),
        )  # fmt: skip
        failures = [output.failure for output in phone.all.values() if output.failure]
        seen.operation = COMMANDS["package"]
        seen.failure = failures[0] if failures else None
        seen.steps = tuple(_step(output, device) for output in phone.all.values())
        seen.readings = tuple(phone.readings)
        if CancelledError.failure in failures:
            raise CancelledError
        seen.observations = observations(phone, asked.at)
        seen.verdict, seen.values = diagnose_phone(phone, asked.minimum)
        # adb without exit codes does not tell the end of an output from an unplugging: nothing at all is suspicious
        silent = not any(output.text.strip() for output in phone.all.values())
        if ClosedError.failure in failures or (silent and TimedOutError.failure not in failures):
            there = adb_client.list_devices(self._deadline)
            if not any(one.serial == device.serial and one.state == "device" for one in there):
                seen.verdict, seen.values = "dropped", {}
        seen.values |= {"device": device.name}


def _step(output: Output, device: Device) -> StepResult:
    return StepResult(
        name=output.command,
        target=mask(device.serial),
        started_ms=output.started_ms,
        duration_ms=output.duration_ms,
        failure=output.failure,
        detail="" if output.code in (None, 0) else f"exit code {output.code}",
    )
