"""Every scenario: the rows of the table of 47, faults of our own, and what is wrong with what was said of one."""

import os
import shutil
import tomllib
from pathlib import Path
from typing import Any, Final

import msgspec

from tests.lab.net import scenario as lab
from tests.lab.net.scenario import Scenario
from tests.lab.net.world import SECOND


def _read() -> dict[str, tuple[Scenario, ...]]:
    """Return the rows of the data file, with the addresses that it names."""
    text = Path(__file__).with_name("faults.toml").read_text(encoding="utf-8")
    for name in ("short", "wx", "pay", "bank", "ctl", "ctl_tls", "spare"):
        text = text.replace(f"{{{name}}}", getattr(lab, name.upper()))
    rows = tomllib.loads(text.replace("{second}", SECOND))
    return msgspec.convert(rows, dict[str, tuple[Scenario, ...]])


_ROWS: Final = _read()
ALL: Final = _ROWS["scenario"]
HEALTHY: Final = (ALL[0], *_ROWS["healthy"])
"""Lines without a fault: none of them may ever be called faulty."""


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
