"""All scenarios, how to play one in namespaces of its own, and what is wrong with what was said."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tests.lab.net import faults_http, faults_names, faults_own, faults_wire
from tests.lab.net.world import wrapper

if TYPE_CHECKING:
    from tests.lab.net.scenario import Scenario

ALL: Final[tuple[Scenario, ...]] = (
    *faults_names.FAULTS,
    *faults_wire.FAULTS,
    *faults_http.FAULTS,
    *faults_own.FAULTS,
)
ROOT: Final = Path(__file__).parents[3]


def by_name() -> dict[str, Scenario]:
    """Return the scenarios by their names."""
    return {one.name: one for one in ALL}


def play(scenario: Scenario) -> dict[str, Any]:
    """Play a scenario in a process of its own and return what was said; `error` where the stage fell down."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "LAB_CLOCK_OFF": str(scenario.off * 86400)}
    command = [*wrapper(), sys.executable, "-m", "tests.lab.net.stage", scenario.name]
    if scenario.off:
        environment["FAKETIME_DONT_FAKE_MONOTONIC"] = "1"
        command = ["faketime", "-m", "-f", f"{scenario.off:+.0f}d", *command]
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=scenario.timeout + 30,
            check=False,
            cwd=ROOT,
            env=environment,
        )
        said: dict[str, Any] = json.loads(done.stdout)
    except subprocess.TimeoutExpired:
        return {"error": "the stage did not end", "verdict": "error"}
    except ValueError:
        return {"error": done.stderr.strip()[-2000:], "verdict": "error"}
    return said


def faults(scenario: Scenario, said: dict[str, Any]) -> list[str]:
    """Return everything that differs from what has to be said of a scenario."""
    if "error" in said:
        return [str(said["error"])]
    found = []
    for field in ("verdict", "status", "effect", "where"):
        wanted = getattr(scenario, field)
        if (wanted or field == "verdict") and said[field] != wanted:
            found.append(f"{field} {said[field]!r} instead of {wanted!r}")
    missing = set(scenario.also) - set(said["verdicts"])
    if missing:
        found.append(f"not named: {', '.join(sorted(missing))}")
    if scenario.verdict not in ("ok", None) and said["status"] == "pass" and scenario.status != "pass":
        found.append("called healthy")
    if said["seconds"] > scenario.budget:
        found.append(f"took {said['seconds']} s of {scenario.budget} s")
    return found
