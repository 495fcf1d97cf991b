"""Plays one scenario in this process, which has to be in fresh namespaces already."""

import os
import threading
import time
from pathlib import Path
from typing import Any

from diagnostics import knowledge
from diagnostics.checks.base import CheckOptions, CheckResult
from diagnostics.checks.network_check import ReachabilityCheck, _load_texts
from diagnostics.checks.runner import Run
from diagnostics.network import targets
from tests import worded
from tests.lab.net.makers import make
from tests.lab.net.scenario import PAY, TARGETS, Lab, Scenario
from tests.lab.net.world import World

_PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "auto_proxy")


def load() -> None:
    """Import and read everything: a server must not be late because its process is still loading."""
    from diagnostics.network import diagnosis, http, probe  # noqa: F401
    from diagnostics.redaction import numbers  # noqa: F401
    from diagnostics.redaction.patterns import FIRST, LAST
    from tests.lab.net import faults  # noqa: F401

    targets.DATA = TARGETS  # type: ignore[misc]
    targets.built_in()
    assert all(row.pattern for row in (*FIRST, *LAST))  # compiles them
    _load_texts()
    knowledge.load()


def play(scenario: Scenario, folder: Path) -> dict[str, Any]:
    """Arrange the scenario, run the check as the program does, and return what came of it."""
    arrange(scenario, folder)
    return told(check(scenario))


def arrange(scenario: Scenario, folder: Path) -> None:
    """Make this process live in the scenario's network."""
    if scenario.off:
        os.environ["FAKETIME"] = f"{scenario.off:+.0f}d"
    lab = Lab(folder, World(folder, cable=scenario.cable), scenario.off * 86400)
    if scenario.pay:
        lab.plan[PAY, 443] = make(lab, **scenario.pay)
    if scenario.off:
        lab.patient()
    make(lab, **scenario.network)
    lab.start()
    for name in list(os.environ):
        if name.lower() in _PROXIES:
            del os.environ[name]
    os.environ["SSL_CERT_FILE"] = str(lab.bundle)
    os.environ.update(scenario.env)


def check(scenario: Scenario) -> tuple[CheckResult, float]:
    """Run the check through the runner; return its result and the seconds it took."""
    # where the line itself is not the question, sampling it only takes time
    few = {} if scenario.tun else {"samples": 12}
    began = time.monotonic()
    run = Run(
        [ReachabilityCheck()],
        timeout=scenario.timeout,
        options=CheckOptions(targets=scenario.targets, timeout=scenario.timeout, limits=few | scenario.limits),
    )
    if scenario.cancel_after:
        threading.Timer(scenario.cancel_after, run.cancel).start()
    run.wait(scenario.timeout + 5)
    return run.results()[0], time.monotonic() - began


def told(result: tuple[CheckResult, float]) -> dict[str, Any]:
    """Return the parts of a result that scenarios speak of."""
    said, seconds = result
    return {
        "verdict": said.verdict,
        "status": said.status,
        "effect": said.observations[0].value if said.observations else "none",
        "where": said.data.get("where", ""),
        "verdicts": said.data.get("verdicts", []),
        "operation": said.operation,
        "failure": said.failure,
        "detail": worded.detail(said, "en"),
        "seconds": round(seconds, 2),
        "targets": {row["target"]: row["verdicts"] for row in said.data.get("targets", [])},
    }
