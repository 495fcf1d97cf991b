"""Every described phone, read from within the app: the same verdict, shown as text and never as markup."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.lab.phone import describe
from tests.tui.stage import make_app, on_stage, settled, until

if TYPE_CHECKING:
    from pathlib import Path

    from tests.lab.phone.real_server import RealServer

CHECK = "phone.android"


@pytest.mark.parametrize("name", describe.names())
async def test_the_app_reads_the_phone_and_keeps_standing(name: str, adb: RealServer, tmp_path: Path) -> None:
    told = describe.data(name)
    expected = told["expect"]
    with describe.phone(name) as phone:
        adb.attach(phone.port, phone.mode if phone.mode in ("unauthorized", "offline") else "device")
        options = {"device": phone.serial, "phone_silence": describe.silence(name), "ping_hosts": ["pay.lab.test"]}
        app = make_app(tmp_path, checks=(CHECK,), offline=False, options=options)
        async with on_stage(app) as pilot:
            await until(pilot, lambda: app.checks.lines[CHECK].result)
            result = app.checks.lines[CHECK].result  # now: a phone that comes back is looked at again
            lines = await settled(pilot)
        adb.detach(phone.port)
    assert result is not None
    late = ("offline",) if name == "state_unplug" else ()  # the app looks again, and may find the phone gone
    assert result.verdict.removeprefix("phone.") in (expected["verdict"], *late)
    seen = {one.id: one.value for one in app.session.evidence.all if one.source == "phone"}
    assert seen == expected["observations"]
    assert not any("\x1b" in line or phone.serial in line for line in lines)
