"""What every test starts with, however the machine and the shell that runs them are disposed."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.lab.phone.real_server import RealServer

# How long one example took says nothing on a machine that does other things as well. The examples are the same in every
# run: new ones are looked for by `pytest --hypothesis-profile=search`, where a find is no failure of somebody's change.
QUIET = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
settings.register_profile("same everywhere", derandomize=True, **QUIET)
settings.register_profile("search", **QUIET)
settings.load_profile("same everywhere")

# In the background of a script interrupts are ignored, and every program started there would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)

# The language, the proxies, the certificates and the desk's settings of whoever runs the tests stay out of them.
OWN = {"LANG", "LANGUAGE", "NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES", "SOURCE_DATE_EPOCH", "PYTHONIOENCODING"}
OWN |= {"REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR", "PYTHONWARNINGS"}
OWN |= {"PYTHONDONTWRITEBYTECODE"}  # hundreds of children would each compile the program anew
OWN |= {"PYTHONUNBUFFERED"}  # it would hide what a full or closed stream does at the very end
for name in list(os.environ):
    if (
        name in OWN
        or name.startswith(("LC_", "PG", "WEILIDAI_DOCTOR_", "ANDROID_", "TEXTUAL", "ADB_"))
        or name.lower().endswith("_proxy")
    ):
        del os.environ[name]
os.environ["LANG"] = "C.UTF-8"


@pytest.fixture(scope="session")
def real_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealServer]:
    from tests.lab.phone.real_server import RealServer

    with RealServer(tmp_path_factory.mktemp("adb")) as server:
        yield server


@pytest.fixture
def no_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """A port on which nothing listens, as the adb server's."""
    from tests.lab.tcp import nobody

    with nobody() as port:
        monkeypatch.setenv("ANDROID_ADB_SERVER_PORT", str(port))
        yield port


@pytest.fixture
def adb(real_server: RealServer, monkeypatch: pytest.MonkeyPatch) -> RealServer:
    """The real adb server, which everything in this process now talks to."""
    monkeypatch.setenv("ANDROID_ADB_SERVER_PORT", str(real_server.port))
    return real_server


SLOW = ("test_quality.py", "test_net_lab.py", "test_adding.py", "test_drift.py")
"""Files whose tests take longest: begun first, so that no process is left with them at the end."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.path.name not in SLOW)
