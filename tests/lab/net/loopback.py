"""The part of the laboratory that needs no namespaces: servers on 127.0.0.1, one for each scenario that has one."""

from __future__ import annotations

import os
import socket
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

from tests.lab.net import servers
from tests.lab.net.scenario import Lab, Scenario
from tests.lab.net.stage import check, told
from tests.lab.net.table import ALL

PART: Final = tuple(one for one in ALL if one.pay is not None)


class Here:
    """Listens on loopback, at whatever port is free; the address asked for is only a name."""

    port = 0

    def listen(self, _address: str, _port: int, kind: socket.SocketKind = socket.SOCK_STREAM) -> socket.socket:
        """Open a listening socket here."""
        sock = socket.socket(socket.AF_INET, kind)
        sock.bind(("127.0.0.1", 0))
        sock.listen(64)
        self.port = sock.getsockname()[1]
        return sock


def play(scenario: Scenario, folder: Path) -> dict[str, Any]:
    """Play one scenario in this process; the environment's trust is set for it."""
    lab, here = Lab(folder, None), Here()
    if scenario.pay is None:
        raise ValueError(f"{scenario.name} cannot run on loopback")
    servers.serve(here, "pay", 443, scenario.pay(lab))
    os.environ["SSL_CERT_FILE"] = str(lab.bundle)
    import msgspec.structs

    own = msgspec.structs.replace(scenario, targets=(f"https://localhost:{here.port}/",))
    return told(check(own))


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
