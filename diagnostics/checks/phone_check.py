"""The checks `phone.android` and `phone.ios`: read the one phone on the cable, and say how that went."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Any, Final

import msgspec

from diagnostics.checks.base import CheckResult, Progress, StepResult
from diagnostics.evidence import now
from diagnostics.i18n import Message
from diagnostics.phone.device_choice import parse_device
from diagnostics.phone.read_android import read_android
from diagnostics.phone.read_iphone import read_iphone
from diagnostics.phone.readout import PhoneRequest

if TYPE_CHECKING:
    from collections.abc import Callable

    from diagnostics.checks.base import CheckOptions, CheckStatus, Context
    from diagnostics.knowledge.model import Knowledge
    from diagnostics.phone.adb_shell import Output
    from diagnostics.phone.readout import PhoneReadout, PhoneValue

ANDROID_STATUS: Final[dict[str, CheckStatus]] = {
    "not_wanted": "skipped", "adb_absent": "skipped", "adb_not_running": "skipped", "adb_start_failed": "unknown",
    "server_port_taken": "unknown", "none": "skipped", "not_found": "unknown", "several": "unknown",
    "no_permission": "unknown", "unauthorized": "unknown", "offline": "unknown", "not_booted": "unknown",
    "unknown_state": "unknown", "dropped": "unknown", "hung": "unknown", "out_of_time": "unknown",
    "cancelled": "cancelled", "command_failed": "unknown", "output_too_long": "warn", "unreadable": "unknown",
    "vendor_format": "warn", "wechat_absent": "fail", "wechat_other_user": "warn", "wechat_disabled": "fail",
    "wechat_old": "fail", "ok": "pass",
}  # fmt: skip
"""Every verdict of `phone.android`, without its prefix `phone.`, and the status of the check that it means."""
IPHONE_STATUS: Final[dict[str, CheckStatus]] = {
    "not_wanted": "skipped", "no_service": "skipped", "not_allowed": "unknown", "service_foreign": "unknown",
    "none": "skipped", "not_found": "unknown", "several": "unknown", "untrusted": "unknown", "trust_asked": "unknown",
    "trust_refused": "unknown", "locked": "unknown", "dropped": "unknown", "hung": "unknown",
    "out_of_time": "unknown", "cancelled": "cancelled", "unreadable": "unknown", "wechat_absent": "fail",
    "wechat_old": "fail", "ok": "pass",
}  # fmt: skip
"""Every verdict of `phone.ios`, without its prefix `phone.ios_`, and the status of the check that it means."""
MARGIN: Final = 0.3
"""Seconds kept from the check's deadline for putting the result together."""


class PhoneCheck:
    """Reads an Android phone over adb; everything it learns on the phone is an observation or a reading in `data`."""

    id = "phone.android"
    network = False
    _platform = "android"
    _prefix = "phone."
    _status: dict[str, CheckStatus] = ANDROID_STATUS

    def __init__(self, knowledge: Knowledge) -> None:
        self._knowledge = knowledge

    def run(self, context: Context) -> CheckResult:
        """Look at the phone; ends within the deadline whatever the phone does."""
        began = time.monotonic()

        def on_reading(value: PhoneValue) -> None:
            context.options.on_reading(self._row(value))

        seen = self._read(self._asked(context.options), context, on_reading)
        where = f"check.{self.id}.verdict.{seen.verdict}"
        return CheckResult(
            id=self.id,
            status=self._status[seen.verdict],
            verdict=f"{self._prefix}{seen.verdict}",
            operation=seen.operation,
            failure=seen.failure,
            duration_ms=(time.monotonic() - began) * 1000,
            detail=(
                *self._before(seen),
                Message(f"{where}.says", self._values(seen)),
                Message(f"{where}.advice", self._values(seen)),
                *(Message(f"check.{self.id}.{key}", values) for key, values in seen.notes),
            ),
            steps=tuple(msgspec.convert(step, StepResult, from_attributes=True) for step in seen.steps),
            data=seen.data
            | {"readings": [self._row(one) for one in seen.readings], "commands": [step.name for step in seen.steps]},
            observations=seen.observations,
        )

    def _asked(self, options: CheckOptions) -> PhoneRequest:
        minimum = self._knowledge.minimum("wechat", self._platform)
        pings = not options.offline and self._platform != "ios"
        given = {"silence": options.phone_silence, "patience": options.phone_patience}
        return PhoneRequest(
            choice=parse_device(options.device),
            start_adb=options.start_adb,
            keep_adb=options.keep_adb,
            stops_adb=options.stops_adb,
            pair=options.pair,
            hosts=(options.ping_hosts or _hosts(options)) if pings else (),
            minimum=minimum.version if minimum is not None else None,
            at=now(),
            **{name: seconds for name, seconds in given.items() if seconds is not None},
        )

    def _read(self, asked: PhoneRequest, context: Context, on_reading: Callable[[PhoneValue], None]) -> PhoneReadout:
        def on_output(output: Output, done: int, total: int) -> None:
            context.progress(Progress(check=self.id, step=output.command.text, done=done, total=total))

        context.progress(Progress(check=self.id, step="adb"))
        seconds = max(0.0, context.remaining() - MARGIN)
        return read_android(asked, seconds, context.cancelled, on_output=on_output, on_reading=on_reading)

    def _before(self, _seen: PhoneReadout) -> list[Message]:
        return []

    def _values(self, seen: PhoneReadout) -> dict[str, Any]:
        return seen.values

    def _title(self, id_: str) -> Message:
        host = id_.removeprefix("ping.")
        return Message("reading.ping", {"host": host}) if host != id_ else Message(f"reading.{id_}")

    def _row(self, one: PhoneValue) -> dict[str, Any]:
        title = self._title(one.id)
        return {"id": one.id, "title": title, "value": one.value, "command": one.command, "text": one.text}


class IPhoneCheck(PhoneCheck):
    """Reads an iPhone over Apple's service on this computer; nothing that tells one iPhone from another is kept."""

    id = "phone.ios"
    _platform = "ios"
    _prefix = "phone.ios_"
    _status = IPHONE_STATUS

    def _read(self, asked: PhoneRequest, context: Context, on_reading: Callable[[PhoneValue], None]) -> PhoneReadout:
        def on_step(step: str) -> None:
            context.progress(Progress(check=self.id, step=step))

        seconds = max(0.0, context.remaining() - MARGIN)
        return read_iphone(asked, seconds, context.cancelled, on_step=on_step, on_reading=on_reading)

    def _before(self, seen: PhoneReadout) -> list[Message]:
        versions = [str(one.value) for one in seen.readings if one.id == "os.version"]
        return [Message(f"check.{self.id}.system", {"version": version}) for version in versions]

    def _values(self, seen: PhoneReadout) -> dict[str, Any]:
        computer = {"win32": "windows", "darwin": "macos"}.get(sys.platform, "linux")
        return seen.values | {"install": Message(f"check.{self.id}.install.{computer}")}

    def _title(self, id_: str) -> Message:
        return Message("reading.ios_version" if id_ == "os.version" else f"reading.{id_}")


def _hosts(options: CheckOptions) -> tuple[str, ...]:
    """Return the hosts to ping: of the targets asked for, else of the built-in ones, the first of each purpose."""
    from diagnostics.network.targets import built_in, from_setting

    asked = [from_setting(target) for target in options.targets]
    first: dict[str, str] = {}
    for target in asked or built_in():
        first.setdefault(target.host if asked else target.purpose, target.host)
    return tuple(first.values())
