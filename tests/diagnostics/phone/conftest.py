"""The check of an Android phone, to be run with any options."""

import threading
from collections.abc import Callable
from typing import Any

import pytest

from diagnostics.checks.base import CheckResult
from diagnostics.checks.phone_check import PhoneCheck
from tests.lab.phone import check


@pytest.fixture(scope="session")
def look() -> Callable[..., CheckResult]:
    """Run the check with these options."""

    def run(seconds: float = 10.0, cancelled: threading.Event | None = None, **options: Any) -> CheckResult:
        return check(PhoneCheck, seconds, cancelled, **options)

    return run
