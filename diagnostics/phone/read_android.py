"""Look at the one Android phone on the cable: find it, run the allowed commands side by side, say what they mean."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, ClassVar, Final

from diagnostics.evidence import StepResult
from diagnostics.network.deadline import CancelledError, Deadline, NoAnswerError, TimedOutError
from diagnostics.phone import adb_client, adb_shell
from diagnostics.phone.adb_client import Device, mask, server_port
from diagnostics.phone.adb_shell import COMMANDS, pings
from diagnostics.phone.android_values import PhoneOutputs
from diagnostics.phone.device_choice import android_names, iphone_names, iphones_beside
from diagnostics.phone.local_service import ClosedError, MalformedError, NoServerError
from diagnostics.phone.observations import PASSING, diagnose_phone, observations, verdict_of_state
from diagnostics.phone.readout import EndError, Look

if TYPE_CHECKING:
    from diagnostics.phone.adb_shell import Output

SETTLE: Final = 2.5
"""Seconds for a phone to finish introducing itself to a server that has just met it."""
USUAL_SERVER: Final = 41


class AndroidLook(Look):
    """Look at the Android phone; each step is a command that ended."""

    system = "android"
    service = "adb"
    nothing: ClassVar = Look.nothing | {"server_version": None, "adb_left_running": False}
    _started = False

    def _look(self) -> None:
        seen = self._seen
        self._on_step("adb", 0, 0)
        self._reach_server()
        seen.data["server_version"] = version = adb_client.server_version(self._deadline)
        seen.operation = "devices"
        if version != USUAL_SERVER:
            seen.notes = [("server_version", {"version": version})]
        self._ask(self._choose())

    def _broke(self, error: NoAnswerError) -> None:
        kinds = {CancelledError: "cancelled", TimedOutError: "out_of_time", MalformedError: "server_port_taken"}
        self._seen.verdict = next((word for kind, word in kinds.items() if isinstance(error, kind)), "dropped")
        self._seen.values = {"port": server_port()} if isinstance(error, MalformedError) else self._seen.values

    def _finish(self) -> None:
        if self._started and not self._stop():
            self._seen.data["adb_left_running"] = True
            self._seen.notes += [] if self._asked.stops_adb else [("left_running", {})]

    def _reach_server(self) -> None:
        """Make sure that a server answers. Raises EndError where none can be had."""
        try:
            adb_client.server_version(self._deadline)
        except NoServerError:
            adb = adb_client.adb_program()
            if adb is None:
                raise EndError("adb_absent") from None
            if not self._asked.start_adb:
                raise EndError("adb_not_running") from None
            if not adb_client.start_server(adb, self._deadline):
                raise EndError("adb_start_failed", port=server_port()) from None
            self._started = True

    def _stop(self) -> bool:
        """Stop a server that was started for this look; True when it is stopped.

        It stays for a phone that is just asking its user to allow this computer: the question would vanish with it.
        """
        if self._asked.keep_adb or self._seen.verdict == "unauthorized":
            return False
        try:
            adb_client.stop_server(Deadline(adb_client.ANSWER))
        except NoAnswerError:
            return False
        return True

    def _choose(self) -> Device:
        """Return the phone to read. Raises EndError where there is none, more than one, or one that cannot be read."""
        settled = time.monotonic() + SETTLE
        while True:
            devices = adb_client.list_devices(self._deadline)
            chosen, code = self._match(devices)
            passing = (*PASSING, "offline") if self._started else PASSING
            waits = chosen.state in passing if chosen is not None else self._started and code == "none"
            if not waits or time.monotonic() > settled:
                break
            self._deadline.pause(0.1)
        names = android_names(devices)
        if self._asked.choice.system is None and chosen is not None:
            names += iphone_names(iphones_beside(self._deadline))
            if len(names) > len(devices):
                chosen, code = None, "several"
        self._seen.data |= {
            "device": mask(chosen.serial) if chosen is not None else None,
            "devices": [{"device": mask(one.serial), "state": one.state, "model": one.model} for one in devices],
        }
        if chosen is None:
            raise EndError(code, devices=", ".join(names), device=self._asked.choice.shown)
        state = verdict_of_state(chosen.state)
        if state is not None:
            raise EndError(state, device=chosen.name, state=chosen.state)
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
        seen, asked = self._seen, self._asked
        commands = (*COMMANDS, *pings(asked.hosts))
        separate = "shell_v2" in adb_client.features(device.serial, self._deadline)
        phone = PhoneOutputs()

        def take(output: Output) -> None:
            new = phone.add(output)
            self._on_step(output.command.text, len(phone.all), len(commands))
            for reading in new:
                self._on_reading(reading)

        adb_shell.run_all(
            device.serial, commands, self._deadline.within(asked.silence), take, separate=separate,
            put_off=self._deadline.due(asked.patience),
        )  # fmt: skip
        outputs = list(phone.all.values())
        seen.operation = phone.all["package"].command.text
        seen.failure = next((output.failure for output in outputs if output.failure), None)
        seen.steps = tuple(_step(output, device) for output in outputs)
        seen.readings = tuple(phone.readings)
        seen.notes = [*([] if asked.hosts else [("pings_off", {})]), *seen.notes]
        if any(output.failure == CancelledError.failure for output in outputs):
            raise CancelledError
        seen.observations = observations(phone, asked.at)
        seen.verdict, seen.values = diagnose_phone(phone, asked.minimum)
        if self._gone(device, outputs):
            seen.verdict, seen.values = "dropped", {}
        seen.values |= {"device": device.name}

    def _gone(self, device: Device, outputs: list[Output]) -> bool:
        """Whether the phone went away meanwhile. Asked where an answer broke off, or where one may have.

        adb without exit codes does not tell the end of an output from an unplugging: there nothing at all is
        suspicious.
        """
        broken = any(output.failure == ClosedError.failure for output in outputs)
        silent = not any(output.text.strip() for output in outputs)
        timed_out = any(output.failure == TimedOutError.failure for output in outputs)
        if not broken and (not silent or timed_out):
            return False
        there = adb_client.list_devices(self._deadline)
        return not any(one.serial == device.serial and one.state == "device" for one in there)


def _step(output: Output, device: Device) -> StepResult:
    return StepResult(
        name=output.command.text,
        target=mask(device.serial),
        started_ms=output.started_ms,
        duration_ms=output.duration_ms,
        failure=output.failure,
        detail="" if output.code in (None, 0) else f"exit code {output.code}",
    )
