"""The checks `phone.android` and `phone.ios`: read the one phone on the cable."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, ClassVar, Final

from diagnostics.checks.base import CheckResult, Progress
from diagnostics.evidence import now
from diagnostics.i18n import Message
from diagnostics.network.deadline import Deadline
from diagnostics.phone.read_android import AndroidReader
from diagnostics.phone.read_iphone import IPhoneReader
from diagnostics.phone.readout import PhoneReader, PhoneRequest, parse_device

if TYPE_CHECKING:
    from diagnostics.checks.base import CheckOptions, CheckStatus, Context
    from diagnostics.knowledge.model import Knowledge
    from diagnostics.phone.readout import PhoneValue


STATUS_OF_VERDICT: Final[dict[str, CheckStatus]] = {
    "not_wanted": "skipped", "adb_absent": "skipped", "adb_not_running": "skipped", "no_service": "skipped",
    "none": "skipped", "cancelled": "cancelled", "output_too_long": "warn", "vendor_format": "warn",
    "wechat_other_user": "warn", "wechat_disabled": "fail", "wechat_absent": "fail", "wechat_old": "fail", "ok": "pass",
}  # fmt: skip
"""The status of a verdict (without its prefix) that tells something; all others are `unknown`.

Which verdicts there are stands in the texts, `check.phone.*.verdict`.
"""
MARGIN: Final = 0.3
"""Seconds kept from the check's deadline for putting the result together."""


class PhoneCheck:
    """Reads an Android phone over adb; everything it learns on the phone is an observation or a reading in `data`."""

    id = "phone.android"
    network = False
    _prefix = "phone."
    _reader: ClassVar[type[PhoneReader]] = AndroidReader
    _titles: ClassVar[dict[str, str]] = {}

    def __init__(self, knowledge: Knowledge) -> None:
        self._knowledge = knowledge

    def run(self, context: Context) -> CheckResult:
        """Look at the phone; ends within the deadline whatever the phone does."""
        began = time.monotonic()

        def on_step(step: str, done: int, total: int) -> None:
            context.progress(Progress(check=self.id, step=step, done=done, total=total))

        def on_reading(value: PhoneValue) -> None:
            context.options.on_reading(self._row(value))

        deadline = Deadline(max(0.0, context.remaining() - MARGIN), context.cancelled)
        seen = self._reader(self._asked(context.options), deadline, on_step, on_reading).run()
        below = [(f"verdict.{seen.verdict}.{part}", seen.values) for part in ("says", "advice")] + seen.below
        return CheckResult(
            id=self.id,
            status=STATUS_OF_VERDICT.get(seen.verdict, "unknown"),
            verdict=f"{self._prefix}{seen.verdict}",
            operation=seen.operation,
            failure=seen.failure,
            duration_ms=(time.monotonic() - began) * 1000,
            detail=tuple(Message(f"check.{self.id}.{key}", values) for key, values in [*seen.above, *below]),
            steps=seen.steps,
            data=seen.data
            | {"readings": [self._row(one) for one in seen.readings], "commands": [step.name for step in seen.steps]},
            observations=seen.observations,
        )

    def _asked(self, options: CheckOptions) -> PhoneRequest:
        minimum = self._knowledge.minimum("wechat", self._reader.system)
        return PhoneRequest(
            choice=parse_device(options.device),
            start_adb=options.start_adb,
            keep_adb=options.keep_adb,
            stops_adb=options.stops_adb,
            pair=options.pair,
            minimum=minimum.version if minimum is not None else None,
            silence=options.phone_silence,
            patience=options.phone_patience,
            at=now(),
        )

    def _row(self, one: PhoneValue) -> dict[str, Any]:
        title = Message(f"reading.{self._titles.get(one.id, one.id)}")
        return {"id": one.id, "title": title, "value": one.value, "command": one.command, "text": one.text}


class IPhoneCheck(PhoneCheck):
    """Reads an iPhone over Apple's service on this computer; nothing that identifies it is kept."""

    id = "phone.ios"
    _prefix = "phone.ios_"
    _reader = IPhoneReader
    _titles: ClassVar = {"os.version": "ios_version"}
