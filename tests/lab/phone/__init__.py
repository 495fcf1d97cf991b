"""A phone made of data, behind the real adb server: the device side of the ADB protocol over TCP."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

from diagnostics.checks.base import CheckOptions, Context
from diagnostics.evidence import Evidence
from diagnostics.knowledge import load

if TYPE_CHECKING:
    from diagnostics.checks.base import CheckResult
    from diagnostics.checks.phone_check import PhoneCheck


def check(
    kind: type[PhoneCheck], seconds: float, cancelled: threading.Event | None = None, **options: Any
) -> CheckResult:
    """Run one of the checks of phones with these options."""
    context = Context(
        evidence=Evidence(),
        deadline=time.monotonic() + seconds,
        cancelled=cancelled or threading.Event(),
        options=CheckOptions(**options),
    )
    return kind(load()).run(context)
