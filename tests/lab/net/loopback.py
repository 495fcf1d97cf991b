"""The part of the laboratory that needs no namespaces: servers on 127.0.0.1, one for each scenario that has one."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

import msgspec

from tests.lab.net.scenario import Lab, Scenario
from tests.lab.net.servers import Here
from tests.lab.net.stage import check, told
from tests.lab.net.table import ALL

PART: Final = tuple(one for one in ALL if one.pay is not None)


def play(scenario: Scenario, folder: Path) -> dict[str, Any]:
    """Play one scenario in this process; the environment's trust is set for it."""
    lab = Lab(folder, None)
    if scenario.pay is None:
        raise ValueError(f"{scenario.name} cannot run on loopback")
    os.environ["SSL_CERT_FILE"] = str(lab.bundle)
    with Here() as here:
        url = f"https://localhost:{here.serve(scenario.pay(lab))}/"
        return told(check(msgspec.structs.replace(scenario, targets=(url,))))


def main() -> int:
    """Play the whole part once; 0 when every code was exact."""
    bad = 0
    for scenario in PART:
        with tempfile.TemporaryDirectory() as folder:
            said = play(scenario, Path(folder))
        if said["verdict"] != scenario.verdict:
            bad += 1
            sys.stdout.write(f"{scenario.name}: {said['verdict']} instead of {scenario.verdict}\n")
    sys.stdout.write(f"loopback: {len(PART) - bad} of {len(PART)} scenarios exact\n")
    return 1 if bad else 0
