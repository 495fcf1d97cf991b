"""Phones read from within the app: the same verdict as on the command line, shown as text and never as markup."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from diagnostics.checks.base import CheckOptions
from tests.lab.phone import describe
from tests.tui.stage import make_app, on_stage, settled, until

if TYPE_CHECKING:
    from pathlib import Path

    from diagnostics.checks.base import CheckResult
    from tests.lab.phone.real_server import RealServer

CHECK = "phone.android"
PHONES = ("pixel_android15", "samsung_android14_work_only", "flooding", "hostile", "state_hang", "state_unplug",
          "state_unauthorized")  # fmt: skip
"""Each way in which a look can end; that each described phone has its verdict is a test of the check."""


@pytest.mark.parametrize("name", PHONES)
async def test_the_app_reads_the_phone_and_keeps_standing(
    name: str, adb: RealServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = describe.data(name)
    expected = told["expect"]
    with adb.plugged(describe.phone(name)) as phone:
        options = CheckOptions(device=phone.serial, phone_silence=describe.silence(name), ping_hosts=("pay.lab.test",))
        app = make_app(tmp_path, checks=(CHECK,), offline=False, options=options)
        results: list[CheckResult] = []  # the first counts: a phone that comes back is looked at again
        ended = app.checks.ended
        monkeypatch.setattr(app.checks, "ended", lambda result: (results.append(result), ended(result)))
        async with on_stage(app) as pilot:
            await until(pilot, lambda: [one for one in results if one.id == CHECK])
            lines = await settled(pilot)
    assert next(one.verdict for one in results if one.id == CHECK) == f"phone.{expected['verdict']}"
    seen = {one.id: one.value for one in app.session.evidence.all if one.source == "phone"}
    assert seen == expected["observations"]
    assert not any("\x1b" in line or phone.serial in line for line in lines)
