"""An iPhone that is plugged in while the app runs, asked for trust only after the person agreed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.lab.iphone.fake_iphone import UDID, FakeIPhone
from tests.lab.tcp import nobody
from tests.tui.stage import make_app, on_stage, press, questions, settled, shown, until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tui.app.app import DoctorApp

CHECK = "phone.ios"


@pytest.fixture(autouse=True)
def no_adb(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with nobody() as port:
        monkeypatch.setenv("ANDROID_ADB_SERVER_PORT", str(port))
        yield


def read(app: DoctorApp) -> dict[str, Any]:
    return {one.id: one.value for one in app.session.evidence.all if one.source == "phone"}


def verdict(app: DoctorApp) -> str | None:
    line = app.checks.lines[CHECK]
    return line.result.verdict if line.state == "done" and line.result is not None else None


async def test_plugged_in_and_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with FakeIPhone(count=0) as phone:
        monkeypatch.setenv("USBMUXD_SOCKET_ADDRESS", phone.address)
        app = make_app(tmp_path, checks=(CHECK,), offline=False)
        async with on_stage(app) as pilot:
            await until(pilot, lambda: verdict(app) == "phone.ios_none")
            phone.plug(1)
            await until(pilot, lambda: read(app).get("wechat.version") == "8.0.50")
            phone.plug(0)
            await until(pilot, lambda: not read(app) and verdict(app) == "phone.ios_none")
    assert "Pair" not in phone.log


async def test_trust_is_asked_for_after_a_yes_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with FakeIPhone("untrusted", taps=2) as phone:
        monkeypatch.setenv("USBMUXD_SOCKET_ADDRESS", phone.address)
        app = make_app(tmp_path, lang="en", checks=(CHECK,), offline=False)
        async with on_stage(app, (100, 40)) as pilot:
            await until(pilot, lambda: verdict(app) == "phone.ios_untrusted")
            await questions(pilot, "c")
            lines = await settled(pilot)
            assert any("Trust computer" in line for line in lines)
            assert not any(UDID[:-1] in line for line in lines)
            await press(pilot, "t", "enter", "1")  # the first choice is no
            assert "Pair" not in phone.log
            await press(pilot, "t", "2")
            await until(pilot, lambda: verdict(app) == "phone.ios_ok")
            assert read(app)["wechat.version"] == "8.0.50"
            assert not any("Trust computer" in line for line in await settled(pilot))


async def test_one_of_two_iphones_is_chosen_by_its_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with FakeIPhone(count=2) as phone:
        monkeypatch.setenv("USBMUXD_SOCKET_ADDRESS", phone.address)
        app = make_app(tmp_path, lang="en", checks=(CHECK,), offline=False)
        async with on_stage(app, (100, 40)) as pilot:
            await until(pilot, lambda: verdict(app) == "phone.ios_several" and app.phones.iphones == 2)
            assert not read(app)
            await questions(pilot, "c")
            lines = await press(pilot, "p")
            assert any("iPhone 2" in line for line in lines)
            assert not any(UDID[:-1] in line for line in lines)
            await press(pilot, "2")
            await until(pilot, lambda: read(app).get("wechat.version") == "8.0.50")
            phone.plug(1)
            await until(pilot, lambda: app.phones.iphones == 1 and verdict(app) == "phone.ios_ok")
            assert not any("Choose phone" in line for line in shown(app))
