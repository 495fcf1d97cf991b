"""The phone of the demonstration is one of the laboratory's: read today, it says what was recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.tui.record_demo import phone
from tui.demo.tour import read

if TYPE_CHECKING:
    from tests.lab.phone.real_server import RealServer
    from tui.demo.tour import Recorded


def said(seen: Recorded) -> dict[str, Any]:
    """What does not change from one run to the next."""
    return {
        "result": (seen.result.status, seen.result.verdict),
        "observations": {(one.id, str(one.value), one.source, one.detail) for one in seen.result.observations},
        "readings": {row["id"]: row for row in seen.readings if row["id"] != "clock.difference_s"},
    }


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_recorded_phone_is_what_the_check_reads_today(adb: RealServer, lang: Any) -> None:
    recorded = read().checks[lang]["phone.android"]
    assert said(phone(adb, lang)) == said(recorded), "python -m tests.tui.record_demo records it anew"
