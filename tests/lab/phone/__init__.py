"""A phone made of data, behind the real adb server: the device side of the ADB protocol over TCP."""

import threading
import time
from typing import Any

from diagnostics.checks.base import CheckOptions, CheckResult, Context
from diagnostics.checks.phone_check import PhoneCheck
from diagnostics.evidence import Evidence
from diagnostics.knowledge import load


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
