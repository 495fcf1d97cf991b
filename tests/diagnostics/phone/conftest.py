"""A real adb server with a port and keys of its own, once for each test process."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from diagnostics.checks.base import CheckOptions, CheckResult, Context
from diagnostics.checks.phone_check import PhoneCheck
from diagnostics.evidence import Evidence
from diagnostics.knowledge import load
from tests.lab.tcp import nobody

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Look = Callable[..., CheckResult]

HOST = "pay.lab.test"


@pytest.fixture
def no_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """A port on which nothing listens, as the adb server's."""
    with nobody() as port:
        monkeypatch.setenv("ANDROID_ADB_SERVER_PORT", str(port))
        yield port


@pytest.fixture(scope="session")
def look() -> Look:
    """Run the check with these options; one host is pinged."""
    knowledge = load()

    def run(seconds: float = 10.0, cancelled: threading.Event | None = None, **options: Any) -> Any:
        context = Context(
            evidence=Evidence(),
            deadline=time.monotonic() + seconds,
            cancelled=cancelled or threading.Event(),
            options=CheckOptions(**{"ping_hosts": (HOST,), **options}),
        )
        return PhoneCheck(knowledge).run(context)

    return run
