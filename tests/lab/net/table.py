"""All scenarios, and what is wrong with what was said of one."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING, Any, Final

from tests.lab.net import faults_http, faults_kinds, faults_names, faults_own, faults_wire

if TYPE_CHECKING:
    from tests.lab.net.scenario import Scenario

ALL: Final[tuple[Scenario, ...]] = (
    *faults_names.FAULTS,
    *faults_wire.FAULTS,
    *faults_http.FAULTS,
    *faults_own.FAULTS,
    *faults_kinds.FAULTS,
)


HEALTHY: Final[tuple[Scenario, ...]] = (faults_names.FAULTS[0], *faults_kinds.HEALTHY)
"""Played many times over: none of them may ever be called faulty."""


def by_name() -> dict[str, Scenario]:
    """Return the scenarios by their names."""
    return {one.name: one for one in (*ALL, *HEALTHY)}


def lacking(scenario: Scenario) -> str:
    """Return what this machine lacks to play a scenario, or an empty string."""
    if scenario.off and not shutil.which("faketime"):
        return "faketime is not installed"
    if scenario.tun and not os.access("/dev/net/tun", os.R_OK | os.W_OK):
        return "/dev/net/tun may not be opened"
    return ""


def faults(scenario: Scenario, said: dict[str, Any], slack: float = 1.0) -> list[str]:
    """Return everything that differs from what has to be said of a scenario; `slack` stretches its budget."""
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
    if said["seconds"] > scenario.budget * slack:
        found.append(f"took {said['seconds']} s of {scenario.budget} s")
    return found
