"""Phones that are plugged in and out while the app runs: a real adb server, fake phones."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from diagnostics.checks.base import CheckOptions
from tests.lab.iphone.fake_iphone import UDID, FakeIPhone
from tests.lab.phone import describe
from tests.lab.phone.real_server import RealServer, ask
from tests.tui.desk import desk_app, serve, store_in
from tests.tui.stage import make_app, on_stage, press, questions, settled, shown, staged, until
from tests.tui.terminal import Terminal
from tui.app.app import DoctorApp
from tui.app.screens.pages import ChecksScreen

CHECK, IPHONE = "phone.android", "phone.ios"
OPTIONS = CheckOptions(phone_silence=8.0)


@contextmanager
def plugged(adb: RealServer, name: str) -> Iterator[str]:
    """Plug a phone in for the length of the block; gives its serial."""
    with describe.phone(name) as phone:
        adb.attach(phone.port, "device")
        yield phone.serial
        adb.detach(phone.port)


@contextmanager
def iphone(monkeypatch: pytest.MonkeyPatch, *kind: str, **more: int) -> Iterator[FakeIPhone]:
    """Let this fake iPhone stand behind Apple's service for the length of the block."""
    with FakeIPhone(*kind, **more) as phone:
        monkeypatch.setenv("USBMUXD_SOCKET_ADDRESS", phone.address)
        yield phone


def read(app: DoctorApp) -> dict[str, object]:
    """Return what the phone witnesses just now."""
    return {one.id: one.value for one in app.session.evidence.all if one.source == "phone"}


def verdict(app: DoctorApp, check: str = CHECK) -> str | None:
    """Return the phone check's verdict, None while it looks."""
    line = app.checks.lines[check]
    return line.result.verdict if line.state == "done" and line.result is not None else None


async def test_plugging_in_and_out_moves_the_tree_and_the_case(adb: RealServer, tmp_path: Path) -> None:
    app = desk_app(tmp_path, checks=(CHECK,), offline=False, options=OPTIONS)
    store = store_in(tmp_path)
    async with on_stage(app) as pilot:
        await until(pilot, lambda: verdict(app) == "phone.none" and app.cases is not None and app.cases.tried)
        await serve(pilot)
        with plugged(adb, "huawei_harmony2_vpn"):
            await until(pilot, lambda: read(app).get("network.vpn_or_proxy") == "yes")
            cause = next(one for one in app.report.causes if one.id == "network_intercepted")
            assert cause.status == "possible"
            kept = store.open(store.list().rows[0].id).observations
            assert {one.id for one in kept if one.source == "phone"} == set(read(app))
        await until(pilot, lambda: verdict(app) == "phone.none" and not read(app))
        cause = next(one for one in app.report.causes if one.id == "network_intercepted")
        assert cause.status == "unknown"


async def test_readings_stand_in_the_checks_screen_with_their_commands(adb: RealServer, tmp_path: Path) -> None:
    async with staged(
        tmp_path, (120, 60), lang="en", checks=(CHECK,), offline=False, options=OPTIONS, verbose=True
    ) as (app, pilot):
        with plugged(adb, "pixel_android15"):
            await until(pilot, lambda: read(app))
            await questions(pilot, "c")
            lines = await settled(pilot)
            assert any("adb shell dumpsys package com.tencent.mm" in line for line in lines)
            assert len(app.checks.readings) > 5


async def test_one_of_two_phones_is_chosen_by_its_end(adb: RealServer, tmp_path: Path) -> None:
    async with staged(
        tmp_path, (100, 40), lang="en", checks=(CHECK,), offline=False, options=OPTIONS, verbose=True
    ) as (app, pilot):
        await questions(pilot, "c")
        assert not any("Choose phone" in line for line in shown(app))
        with plugged(adb, "pixel_android15") as one, plugged(adb, "huawei_harmony2_vpn") as other:
            await until(pilot, lambda: len(app.phones.names()) == 2 and verdict(app) == "phone.several")
            assert not read(app)
            lines = await press(pilot, "p")
            assert not any(one in line or other in line for line in lines)
            assert any(f"…{other[-4:]}" in line for line in lines)
            at = list(app.phones.names()).index(other)
            await press(pilot, *["down"] * (at + 1), "enter")
            assert isinstance(app.screen, ChecksScreen)
            await until(pilot, lambda: read(app).get("network.vpn_or_proxy") == "yes")
        await until(pilot, lambda: not app.phones.names() and not read(app))


async def test_without_a_server_nobody_watches_and_quitting_waits_for_nothing(no_server: int, tmp_path: Path) -> None:
    took = 9.0
    for _ in range(3):  # a busy machine may be late once, quitting that waits for something is so each time
        app = make_app(tmp_path, checks=(CHECK,), offline=False, options=OPTIONS)
        async with on_stage(app) as pilot:
            await until(pilot, lambda app=app: verdict(app) == "phone.adb_not_running")
            assert app.phones.androids is None
            began = time.monotonic()
            await pilot.press("f10")
            await until(pilot, lambda app=app: not app.is_running)
        took = min(took, time.monotonic() - began)
        if took < 2:
            break
    assert took < 2


def test_an_adb_server_that_was_started_for_the_run_is_stopped_at_its_end(no_server, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    with Terminal(tmp_path, "--start-adb", "--only", CHECK, "--lang", "en") as terminal:
        terminal.wait("Tell it")
        terminal.until(lambda: answers(no_server))
        terminal.type("\t", "q")
        assert terminal.end()[0] == 0
    assert not answers(no_server)


def answers(port: int) -> bool:
    """Whether an adb server answers on this port."""
    try:
        return ask(port, "host:version").startswith(b"OKAY")
    except OSError:
        return False


# iPhones, asked for trust only after the person agreed


@pytest.mark.usefixtures("no_server")
async def test_trust_is_asked_for_after_a_yes_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with iphone(monkeypatch, "untrusted", taps=2) as phone:
        async with staged(tmp_path, (100, 40), lang="en", checks=(IPHONE,), offline=False) as (app, pilot):
            await until(pilot, lambda: verdict(app, IPHONE) == "phone.ios_untrusted")
            await questions(pilot, "c")
            lines = await settled(pilot)
            assert any("Trust computer" in line for line in lines)
            assert not any(UDID[:-1] in line for line in lines)
            await press(pilot, "t", "enter", "1")  # the first choice is no
            assert "Pair" not in phone.log
            await press(pilot, "t", "2")
            await until(pilot, lambda: verdict(app, IPHONE) == "phone.ios_ok")
            assert read(app)["wechat.version"] == "8.0.50"
            assert not any("Trust computer" in line for line in await settled(pilot))


@pytest.mark.usefixtures("no_server")
async def test_plugged_in_and_out_and_one_of_two_iphones_is_chosen_by_its_number(tmp_path, monkeypatch) -> None:
    with iphone(monkeypatch, count=0) as phone:
        async with staged(tmp_path, (100, 40), lang="en", checks=(IPHONE,), offline=False) as (app, pilot):
            await until(pilot, lambda: verdict(app, IPHONE) == "phone.ios_none")
            phone.plug(1)
            await until(pilot, lambda: read(app).get("wechat.version") == "8.0.50")
            phone.plug(0)
            await until(pilot, lambda: not read(app) and verdict(app, IPHONE) == "phone.ios_none")
            phone.plug(2)
            await until(pilot, lambda: verdict(app, IPHONE) == "phone.ios_several" and app.phones.iphones == 2)
            assert not read(app)
            await questions(pilot, "c")
            lines = await press(pilot, "p")
            assert any("iPhone 2" in line for line in lines)
            assert not any(UDID[:-1] in line for line in lines)
            await press(pilot, "2")
            await until(pilot, lambda: read(app).get("wechat.version") == "8.0.50")
            phone.plug(1)
            await until(pilot, lambda: app.phones.iphones == 1 and verdict(app, IPHONE) == "phone.ios_ok")
            assert not any("Choose phone" in line for line in shown(app))
    assert "Pair" not in phone.log
