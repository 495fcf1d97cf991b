"""The checks `phone.android` and `phone.ios`: read the one phone on the cable, and say how that went."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Any, Final

from diagnostics.checks.base import CheckResult, Progress, StepResult
from diagnostics.i18n import Message
from diagnostics.phone.adb_client import mask
from diagnostics.phone.device_choice import parse_device
from diagnostics.phone.observations import ANDROID_STATUS
from diagnostics.phone.read_android import PATIENCE, SILENCE, AndroidReadout, AndroidRequest, read_android
from diagnostics.phone.read_iphone import IPHONE_STATUS, IPhoneReadout, IPhoneRequest, read_iphone
from diagnostics.phone.read_iphone import PATIENCE as IPHONE_PATIENCE

if TYPE_CHECKING:
    from diagnostics.checks.base import Context
    from diagnostics.knowledge.model import Knowledge
    from diagnostics.phone.adb_shell import Output
    from diagnostics.phone.android_values import PhoneValue

MARGIN: Final = 0.3
"""Seconds kept from the check's deadline for putting the result together."""
USUAL_SERVER: Final = 41


class PhoneCheck:
    """Reads an Android phone over adb; everything it learns on the phone is an observation or a reading in `data`.

    Options read: `device`, `start_adb`, `keep_adb`, `offline` (no pings), `ping_hosts`, `phone_silence` and
    `phone_patience` (seconds), `on_reading` (called with each reading as it comes, from the check's thread),
    `stops_adb` (whoever runs the check stops the server that was kept).
    """

    id = "phone.android"
    network = False

    def __init__(self, knowledge: Knowledge) -> None:
        self._knowledge = knowledge

    def run(self, context: Context) -> CheckResult:
        """Look at the phone; ends within the deadline whatever the phone does."""
        began = time.monotonic()
        asked = self._asked(context.options)

        def on_output(output: Output, done: int, total: int) -> None:
            context.progress(Progress(check=self.id, step=output.command.text, done=done, total=total))

        def on_reading(reading: PhoneValue) -> None:
            told = context.options.get("on_reading")
            if told is not None:
                told(_row(reading))

        context.progress(Progress(check=self.id, step="adb"))
        seconds = max(0.0, context.remaining() - MARGIN)
        seen = read_android(asked, seconds, context.cancelled, on_output=on_output, on_reading=on_reading)
        return CheckResult(
            id=self.id,
            status=ANDROID_STATUS[seen.verdict],
            verdict=f"phone.{seen.verdict}",
            operation=_operation(seen),
            failure=next((output.failure for output in seen.outputs if output.failure), None),
            duration_ms=(time.monotonic() - began) * 1000,
            detail=self._detail(seen, asked, context.options),
            steps=tuple(_step(output, seen) for output in seen.outputs),
            data=_data(seen),
            observations=seen.observations,
        )

    def _asked(self, options: dict[str, Any]) -> AndroidRequest:
        from diagnostics.report import now

        minimum = self._knowledge.minimum("wechat", "android")
        return AndroidRequest(
            device=options.get("device"),
            start_adb=bool(options.get("start_adb")),
            keep_adb=bool(options.get("keep_adb")),
            hosts=() if options.get("offline") else tuple(options.get("ping_hosts") or self._hosts(options)),
            minimum=minimum.version if minimum is not None else None,
            silence=options.get("phone_silence", SILENCE),
            patience=options.get("phone_patience", PATIENCE),
            at=now(),
        )

    @staticmethod
    def _hosts(options: dict[str, Any]) -> list[str]:
        """Return the hosts to ping: of the targets asked for, else of the built-in ones, the first of each purpose."""
        from diagnostics.network.targets import built_in, parse_target

        asked = [parse_target(url) for url in options.get("targets") or ()]
        first: dict[str, str] = {}
        for target in asked or built_in():
            first.setdefault(target.host if asked else target.purpose, target.host)
        return list(first.values())

    def _detail(self, seen: AndroidReadout, asked: AndroidRequest, options: dict[str, Any]) -> tuple[Message, ...]:
        where = f"check.{self.id}.verdict.{seen.verdict}"
        lines = [Message(f"{where}.says", seen.values), Message(f"{where}.advice", seen.values)]
        if seen.outputs and not asked.hosts:
            lines.append(Message(f"check.{self.id}.pings_off"))
        if seen.server_version not in (None, USUAL_SERVER):
            lines.append(Message(f"check.{self.id}.server_version", {"version": seen.server_version}))
        if seen.left_running and not options.get("stops_adb"):
            lines.append(Message(f"check.{self.id}.left_running"))
        return tuple(lines)


def _row(reading: PhoneValue) -> dict[str, Any]:
    host = reading.id.removeprefix("ping.")
    return {
        "id": reading.id,
        "title": Message("reading.ping", {"host": host}) if host != reading.id else Message(f"reading.{reading.id}"),
        "value": reading.value,
        "command": f"adb shell {reading.command}",
        "text": reading.text,
    }


def _data(seen: AndroidReadout) -> dict[str, Any]:
    return {
        "device": mask(seen.device.serial) if seen.device is not None else None,
        "devices": [{"device": mask(one.serial), "state": one.state, "model": one.model} for one in seen.devices],
        "server_version": seen.server_version,
        "adb_left_running": seen.left_running,
        "readings": [_row(reading) for reading in seen.readings],
        "commands": [output.command.text for output in seen.outputs],
    }


def _operation(seen: AndroidReadout) -> str:
    """Return the step that decided: a command on the phone, the list of phones, or reaching adb."""
    if seen.outputs:
        return next(output.command.text for output in seen.outputs if output.command.id == "package")
    return "devices" if seen.server_version is not None else "adb"


def _step(output: Output, seen: AndroidReadout) -> StepResult:
    return StepResult(
        name=output.command.text,
        target=mask(seen.device.serial) if seen.device is not None else "",
        started_ms=output.started_ms,
        duration_ms=output.duration_ms,
        failure=output.failure,
        detail="" if output.code in (None, 0) else f"exit code {output.code}",
    )


class IPhoneCheck:
    """Reads an iPhone over Apple's service on this computer; nothing that tells one iPhone from another is kept.

    Options read: `device`, `pair` (the person agreed that the phone asks whether to trust this computer), `start_adb`,
    `iphone_patience` (seconds), `on_reading` (called with each reading as it comes, from the check's thread).
    """

    id = "phone.ios"
    network = False

    def __init__(self, knowledge: Knowledge) -> None:
        self._knowledge = knowledge

    def run(self, context: Context) -> CheckResult:
        """Look at the phone; ends within the deadline whatever the phone does."""
        from diagnostics.report import now

        began = time.monotonic()
        minimum = self._knowledge.minimum("wechat", "ios")
        asked = IPhoneRequest(
            choice=parse_device(context.options.get("device")),
            pair=bool(context.options.get("pair")),
            start_adb=bool(context.options.get("start_adb")),
            minimum=minimum.version if minimum is not None else None,
            patience=context.options.get("iphone_patience", IPHONE_PATIENCE),
            at=now(),
        )

        def on_reading(reading: PhoneValue) -> None:
            told = context.options.get("on_reading")
            if told is not None:
                told(_iphone_row(reading))

        seen = read_iphone(
            asked,
            max(0.0, context.remaining() - MARGIN),
            context.cancelled,
            on_step=lambda step: context.progress(Progress(check=self.id, step=step)),
            on_reading=on_reading,
        )
        return CheckResult(
            id=self.id,
            status=IPHONE_STATUS[seen.verdict],
            verdict=f"phone.ios_{seen.verdict}",
            operation=seen.steps[-1].name if seen.steps else "usbmuxd",
            failure=seen.failure,
            duration_ms=(time.monotonic() - began) * 1000,
            detail=self._detail(seen, asked),
            steps=seen.steps,
            data={
                "device": f"ios:{seen.number}" if seen.number is not None else None,
                "devices": [f"ios:{number}" for number in range(1, seen.count + 1)],
                "readings": [_iphone_row(reading) for reading in seen.readings],
                "commands": [step.name for step in seen.steps],
            },
            observations=seen.observations,
        )

    def _detail(self, seen: IPhoneReadout, asked: IPhoneRequest) -> tuple[Message, ...]:
        where = f"check.{self.id}.verdict.{seen.verdict}"
        values = seen.values | {"install": Message(f"check.{self.id}.install.{_computer()}")}
        lines = [Message(f"{where}.says", values), Message(f"{where}.advice", values)]
        if asked.pair and seen.verdict in ("trust_asked", "locked"):
            lines.append(Message(f"check.{self.id}.more_time"))
        system = next((reading.value for reading in seen.readings if reading.id == "os.version"), None)
        if system is not None:
            lines.insert(0, Message(f"check.{self.id}.system", {"version": str(system)}))
        return tuple(lines)


def _computer() -> str:
    return {"win32": "windows", "darwin": "macos"}.get(sys.platform, "linux")


def _iphone_row(reading: PhoneValue) -> dict[str, Any]:
    return {
        "id": reading.id,
        "title": Message("reading.ios_version" if reading.id == "os.version" else f"reading.{reading.id}"),
        "value": reading.value,
        "command": reading.command,
        "text": reading.text,
    }
