"""The check `phone.ios`: read the one iPhone on the cable, and say how that went."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Any

from diagnostics.checks.base import CheckResult, Progress
from diagnostics.devices.choice import parse_device
from diagnostics.devices.ios.look import PATIENCE, STATUS, Asked, Seen, look
from diagnostics.said import Said

if TYPE_CHECKING:
    from diagnostics.checks.base import Context
    from diagnostics.devices.android.readings import Reading
    from diagnostics.knowledge.model import Knowledge

MARGIN = 0.3
"""Seconds kept from the check's deadline for putting the result together."""


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
        asked = Asked(
            choice=parse_device(context.options.get("device")),
            pair=bool(context.options.get("pair")),
            start_adb=bool(context.options.get("start_adb")),
            minimum=minimum.version if minimum is not None else None,
            patience=context.options.get("iphone_patience", PATIENCE),
            at=now(),
        )

        def on_reading(reading: Reading) -> None:
            told = context.options.get("on_reading")
            if told is not None:
                told(_row(reading))

        seen = look(
            asked,
            max(0.0, context.remaining() - MARGIN),
            context.cancelled,
            on_step=lambda step: context.progress(Progress(check=self.id, step=step)),
            on_reading=on_reading,
        )
        return CheckResult(
            id=self.id,
            status=STATUS[seen.verdict],
            verdict=f"phone.ios_{seen.verdict}",
            operation=seen.steps[-1].name if seen.steps else "usbmuxd",
            failure=seen.failure,
            duration_ms=(time.monotonic() - began) * 1000,
            detail=self._detail(seen, asked),
            steps=seen.steps,
            data={
                "device": f"ios:{seen.number}" if seen.number is not None else None,
                "devices": [f"ios:{number}" for number in range(1, seen.count + 1)],
                "readings": [_row(reading) for reading in seen.readings],
                "commands": [step.name for step in seen.steps],
            },
            observations=seen.observations,
        )

    def _detail(self, seen: Seen, asked: Asked) -> tuple[Said, ...]:
        where = f"check.{self.id}.verdict.{seen.verdict}"
        values = seen.values | {"install": Said(f"check.{self.id}.install.{_computer()}")}
        lines = [Said(f"{where}.says", values), Said(f"{where}.advice", values)]
        if asked.pair and seen.verdict in ("trust_asked", "locked"):
            lines.append(Said(f"check.{self.id}.more_time"))
        system = next((reading.value for reading in seen.readings if reading.id == "os.version"), None)
        if system is not None:
            lines.insert(0, Said(f"check.{self.id}.system", {"version": str(system)}))
        return tuple(lines)


def _computer() -> str:
    return {"win32": "windows", "darwin": "macos"}.get(sys.platform, "linux")


def _row(reading: Reading) -> dict[str, Any]:
    return {
        "id": reading.id,
        "title": Said("reading.ios_version" if reading.id == "os.version" else f"reading.{reading.id}"),
        "value": reading.value,
        "command": reading.command,
        "text": reading.text,
    }
