"""A real adb server with a port and keys of its own, once for each test process."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from diagnostics.checks.base import CheckResult
from diagnostics.checks.phone_check import PhoneCheck
from tests.lab.phone import check
from tests.lab.tcp import nobody


@pytest.fixture
def no_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """A port on which nothing listens, as the adb server's."""
    with nobody() as port:
        monkeypatch.setenv("ANDROID_ADB_SERVER_PORT", str(port))
        yield port


@pytest.fixture(scope="session")
def look() -> Callable[..., CheckResult]:
    """Run the check with these options; one host is pinged."""

    def run(seconds: float = 10.0, cancelled: threading.Event | None = None, **options: Any) -> CheckResult:
        return check(PhoneCheck, seconds, cancelled, **{"ping_hosts": ("pay.lab.test",), **options})

    return run
