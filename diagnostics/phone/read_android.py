"""Look at the one phone on the cable: find it, run the allowed commands side by side, say what they mean."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

import msgspec

from diagnostics.evidence import Observation
from diagnostics.network.deadline import CancelledError, Deadline, NoAnswerError, TimedOutError
from diagnostics.phone import adb_client, adb_shell
from diagnostics.phone.adb_client import Device, server_port
from diagnostics.phone.adb_shell import COMMANDS, pings
from diagnostics.phone.android_values import PhoneValue, PhoneValues
from diagnostics.phone.device_choice import android_names, iphone_names, iphones_beside, parse_device
from diagnostics.phone.local_service import ClosedError, MalformedError, NoServerError
from diagnostics.phone.observations import PASSING, diagnose_phone, observations, verdict_of_state

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterable


SILENCE: Final = 4.0
"""Seconds after which a phone that has said nothing at all is given up."""
PATIENCE: Final = 8.0
"""Seconds that a phone which does answer may take for all readings."""
SETTLE: Final = 2.5
"""Seconds for a phone to finish introducing itself to a server that has just met it."""


class AndroidRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What is wanted: `device` is as `--device` has it, None for the only phone.

    `start_adb`: the user agreed that the adb server is started; it is stopped again at the end unless `keep_adb`.
    `hosts` are pinged from the phone. `silence` and `patience` are in seconds; `minimum` is WeChat's version.
    `at` is the time to put on observations (RFC 3339).
    """

    device: str | None = None
    start_adb: bool = False
    keep_adb: bool = False
    hosts: tuple[str, ...] = ()
    minimum: str | None = None
    silence: float = SILENCE
    patience: float = PATIENCE
    at: str = ""


class AndroidReadout(msgspec.Struct, kw_only=True):
    """All that was seen: the verdict (without its prefix) and what its text names, then what led to it."""

    verdict: str
    values: dict[str, Any] = {}
    device: Device | None = None
    devices: tuple[Device, ...] = ()
    server_version: int | None = None
    left_running: bool = False
    outputs: tuple[adb_shell.Output, ...] = ()
    readings: tuple[PhoneValue, ...] = ()
    observations: tuple[Observation, ...] = ()


class _EndError(Exception):
    """The look is over early, with this verdict."""

    def __init__(self, verdict_: str, **values: Any) -> None:
        self.verdict, self.values = verdict_, values


def read_android(
    asked: AndroidRequest, seconds: float, cancelled: threading.Event, *,
    on_output: Callable[[adb_shell.Output, int, int], None] = lambda _output, _done, _total: None,
    on_reading: Callable[[PhoneValue], None] = lambda _reading: None,
) -> AndroidReadout:  # fmt: skip
    """Look at the phone within `seconds` and say what was seen; raises nothing that a phone or a server can cause.

    `on_output` is told of each command that ended and how many have, `on_reading` of each reading as it comes.
    """
    if parse_device(asked.device).excludes("android"):
        return AndroidReadout(verdict="not_wanted")
    wait = Deadline(seconds, cancelled)
    seen = AndroidReadout(verdict="none")
    started = False
    try:
        started = _reach_server(asked, wait)
        seen.server_version = adb_client.server_version(wait)
        seen.device = _choose(asked, wait, started, seen)
        _ask(asked, wait, seen, on_output, on_reading)
    except _EndError as end:
        seen.verdict, seen.values = end.verdict, end.values
    except CancelledError:
        seen.verdict = "cancelled"
    except TimedOutError:
        seen.verdict = "out_of_time"
    except MalformedError:
        seen.verdict, seen.values = "server_port_taken", {"port": server_port()}
    except NoAnswerError:
        seen.verdict = "dropped"
    if started:
        seen.left_running = not _stop(asked, seen)
    return seen


def _reach_server(asked: AndroidRequest, wait: Deadline) -> bool:
    """Make sure that a server answers; True where it had to be started. Raises _EndError where none can be had."""
    try:
        adb_client.server_version(wait)
    except NoServerError:
        adb = adb_client.adb_program()
        if adb is None:
            raise _EndError("adb_absent") from None
        if not asked.start_adb:
            raise _EndError("adb_not_running") from None
        if not adb_client.start_server(adb, wait):
            raise _EndError("adb_start_failed", port=server_port()) from None
        return True
    return False


def _stop(asked: AndroidRequest, seen: AndroidReadout) -> bool:
    """Stop a server that was started for this look; True when it is stopped.

    It stays for a phone that is just asking its user to allow this computer: the question would vanish with it.
    """
    if asked.keep_adb or seen.verdict == "unauthorized":
        return False
    try:
        adb_client.stop_server(Deadline(adb_client.ANSWER))
    except NoAnswerError:
        return False
    return True


def _choose(asked: AndroidRequest, wait: Deadline, started: bool, seen: AndroidReadout) -> Device:
    """Return the phone to read. Raises _EndError where there is none, more than one, or one that cannot be read."""
    settled = time.monotonic() + SETTLE
    while True:
        seen.devices = adb_client.list_devices(wait)
        chosen, code = _match(asked.device, seen.devices)
        passing = chosen is not None and chosen.state in (*PASSING, *(["offline"] if started else []))
        waits = passing or (started and code == "none")
        if not waits or time.monotonic() > settled:
            break
        wait.pause(0.1)
    names = android_names(seen.devices)
    if parse_device(asked.device).system is None and chosen is not None:
        names += iphone_names(iphones_beside(wait))
        if len(names) > len(seen.devices):
            chosen, code = None, "several"
    seen.device = chosen
    if chosen is None:
        raise _EndError(code, devices=", ".join(names), device=_shown(asked.device))
    state = verdict_of_state(chosen.state)
    if state is not None:
        raise _EndError(state, device=chosen.name, state=chosen.state)
    return chosen


def _shown(wanted: str | None) -> str:
    """Return the phone that was named as it may be shown: a serial with all but its end hidden."""
    choice = parse_device(wanted)
    return adb_client.mask(choice.serial) if choice.serial is not None else wanted or ""


def _match(named: str | None, devices: tuple[Device, ...]) -> tuple[Device | None, str]:
    """Return the phone that is meant, or None and the verdict on there being none."""
    choice = parse_device(named)
    if choice.number is not None:
        return (devices[choice.number - 1], "") if choice.number <= len(devices) else (None, "not_found")
    wanted = choice.serial
    if wanted is not None:
        exact = [device for device in devices if device.serial == wanted]
        found = exact or [device for device in devices if device.serial.endswith(wanted.lstrip("…"))]
        return (found[0], "") if len(found) == 1 else (None, "several" if found else "not_found")
    ready = [device for device in devices if device.state == "device"]
    if len(ready) > 1 or (not ready and len(devices) > 1):
        return None, "several"
    found = ready or list(devices)
    return (found[0], "") if found else (None, "none")


def _ask(
    asked: AndroidRequest, wait: Deadline, seen: AndroidReadout,
    on_output: Callable[[adb_shell.Output, int, int], None],
    on_reading: Callable[[PhoneValue], None],
) -> None:  # fmt: skip
    """Run all commands on the chosen phone and fill in what they say."""
    device = seen.device
    if device is None:
        raise _EndError("none")
    commands = (*COMMANDS, *pings(asked.hosts))
    separate = "shell_v2" in adb_client.features(device.serial, wait)
    readings = PhoneValues()

    def take(output: adb_shell.Output) -> None:
        new = readings.add(output)
        on_output(output, len(readings.outputs), len(commands))
        for reading in new:
            on_reading(reading)

    last = time.monotonic() + min(asked.patience, wait.left())
    outputs = adb_shell.run_all(
        device.serial, commands, wait.within(asked.silence), separate=separate, put_off=last, on_output=take
    )
    seen.outputs = tuple(outputs.values())
    seen.readings = tuple(readings.all)
    if any(output.failure == CancelledError.failure for output in outputs.values()):
        raise CancelledError
    seen.observations = observations(readings.all, outputs, asked.at)
    seen.verdict, seen.values = diagnose_phone(outputs, asked.minimum)
    if _gone(device, outputs.values(), wait):
        seen.verdict, seen.values = "dropped", {}
    seen.values |= {"device": device.name}


def _gone(device: Device, outputs: Iterable[adb_shell.Output], wait: Deadline) -> bool:
    """Whether the phone went away meanwhile. Asked where an answer broke off, or where one may have.

    adb without exit codes does not tell the end of an output from an unplugging: there nothing at all is suspicious.
    """
    broken = any(output.failure == ClosedError.failure for output in outputs)
    silent = not any(output.text.strip() for output in outputs)
    timed_out = any(output.failure == TimedOutError.failure for output in outputs)
    if not broken and (not silent or timed_out):
        return False
    return not any(one.serial == device.serial and one.state == "device" for one in adb_client.list_devices(wait))
