"""Record the checks of the demonstration anew: `python -m tests.tui.record_demo` (as root, with adb installed).

They are real runs of the real checks, in the laboratory: a described phone behind a real adb server, and the healthy
network. Both languages are recorded, in words.
"""

import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any, Final

import msgspec

from diagnostics.checks.base import CheckOptions, Context
from diagnostics.checks.network_check import ReachabilityCheck
from diagnostics.checks.phone_check import PhoneCheck
from diagnostics.evidence import Evidence
from diagnostics.i18n import Texts
from diagnostics.knowledge import load
from tests.lab.net.faults import by_name
from tests.lab.net.players import ROOT
from tests.lab.net.stage import arrange
from tests.lab.net.world import wrapper
from tests.lab.phone import describe
from tests.lab.phone.real_server import RealServer
from tui.demo.tour import HERE, Recorded

PHONE: Final = "xiaomi_android13_clone"
LANGS: Final = ("zh", "en")


def record(check: Any, lang: str, **options: Any) -> Recorded:
    """Run a check and keep what it told."""
    readings: list[dict[str, Any]] = []
    context = Context(
        evidence=Evidence(),
        deadline=time.monotonic() + 20,
        cancelled=threading.Event(),
        lang=lang,
        options=CheckOptions(on_reading=readings.append, **options),
    )
    result, knowledge = check.run(context), load()
    steps = tuple(
        msgspec.structs.replace(one, started_ms=round(one.started_ms), duration_ms=round(one.duration_ms))
        for one in result.steps
    )
    # the rest of `data` is for scripts; no screen shows it
    kept = msgspec.structs.replace(result, steps=steps, duration_ms=round(result.duration_ms), data={},
                                    detail=Texts(knowledge, lang).render(result.detail))  # fmt: skip
    return Recorded(result=kept, readings=Texts(knowledge, lang).render_data(readings))


def phone(server: RealServer, lang: str) -> Recorded:
    """Record a look at the phone; its readings say more than the commands' times."""
    with describe.phone(PHONE) as plugged:
        server.attach(plugged.port, "device")
        os.environ["ANDROID_ADB_SERVER_PORT"] = str(server.port)
        seen = record(PhoneCheck(load()), lang, device=plugged.serial)
        server.detach(plugged.port)
    return msgspec.structs.replace(seen, result=msgspec.structs.replace(seen.result, steps=()))


def network() -> None:
    """Write what the network check says in the healthy laboratory, from within its namespaces."""
    with tempfile.TemporaryDirectory() as folder:
        arrange(by_name()["all fine"], Path(folder))
        seen = {lang: record(ReachabilityCheck(), lang) for lang in LANGS}
        sys.stdout.buffer.write(msgspec.json.encode(seen))
        sys.stdout.flush()
    os._exit(0)  # servers of the far side are still in their calls


def main() -> int:
    """Write `tui/demo/checks.json`."""
    asked = [*wrapper(), sys.executable, "-m", "tests.tui.record_demo", "network"]
    done = subprocess.run(asked, cwd=ROOT, capture_output=True, check=True, timeout=60)
    found = msgspec.json.decode(done.stdout, type=dict[str, Recorded])
    with tempfile.TemporaryDirectory() as home, RealServer(Path(home)) as server:
        os.environ["ANDROID_ADB_SERVER_PORT"] = str(server.port)
        phones = {lang: phone(server, lang) for lang in LANGS}
    both = {lang: {PhoneCheck.id: phones[lang], ReachabilityCheck.id: found[lang]} for lang in LANGS}
    (HERE / "checks.json").write_bytes(msgspec.json.format(msgspec.json.encode(both), indent=1) + b"\n")
    return 0


if __name__ == "__main__":
    if sys.argv[1:] == ["network"]:
        network()
    sys.exit(main())
