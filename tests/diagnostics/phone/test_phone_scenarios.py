"""Every described phone behind the real adb server, and every state of adb itself: one exact verdict each."""

import queue
import re
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

import msgspec
import pytest

from diagnostics.checks.base import CheckOptions, CheckResult
from diagnostics.checks.phone_check import STATUS_OF_VERDICT
from diagnostics.knowledge import load
from diagnostics.network.deadline import Deadline
from diagnostics.network.failures import UNKNOWN_PREFIX, VOCABULARY
from diagnostics.phone import adb_client as adb_server
from diagnostics.phone.adb_client import COMMANDS, ConnectedPhones, watch_androids
from diagnostics.phone.local_service import NoServerError
from tests import worded
from tests.lab.phone import describe
from tests.lab.phone.fake_phone import FakePhone, Reply
from tests.lab.phone.fake_server import FakeServer
from tests.lab.phone.real_server import RealServer
from tests.rows import rows

Look = Callable[..., CheckResult]

PERSONAL = ("HomeNet", "机主", "王五", "Zhang San", "XSpace", "10.0.0.5", "192.168.1", "org.example.vpn", "203.0.113")
LONGEST = 12.0


def everything(result: CheckResult) -> str:
    return msgspec.json.encode(result).decode()


@pytest.mark.parametrize("name", describe.names())
def test_a_described_phone_gives_exactly_its_verdict_readings_and_observations(name, adb, look) -> None:
    with adb.plugged(describe.phone(name)) as phone:
        began = time.monotonic()
        patience = LONGEST - 2  # five megabytes take their time on a busy machine
        result = look(LONGEST, device=phone.serial, phone_silence=describe.silence(name), phone_patience=patience)
        assert time.monotonic() - began < LONGEST
    assert {seen.id: seen.value for seen in result.observations} == describe.data(name)["expect"]["observations"]
    assert_as_described(result, describe.data(name))
    assert set(phone.log) <= set(COMMANDS.values())
    whole = everything(result)
    assert phone.serial not in whole
    assert not re.search(rf":{phone.port}\b", whole)  # a longer number may begin with the same digits
    assert "\\u001b" not in whole
    failures = [step.failure for step in result.steps if step.failure]
    assert all(word in VOCABULARY or word.startswith(UNKNOWN_PREFIX) for word in failures)


@pytest.mark.parametrize("name", describe.dumps())
def test_a_dump_of_a_makers_own_form_is_read_as_it_is_meant(name: str, adb: RealServer, look: Look) -> None:
    with adb.plugged(describe.phone(name, describe.DUMPS)) as phone:
        result = look(device=phone.serial, phone_silence=8.0)
    readings = assert_as_described(result, describe.data(name, describe.DUMPS))
    if "translated" in name:
        assert not {"background.data_saver", "background.data_blocked"} & set(readings)


def assert_as_described(result: CheckResult, told: dict[str, Any]) -> dict[str, Any]:
    """Hold a result to what the phone's file expects, and return its readings; nothing personal is in it."""
    expected = told["expect"]
    readings = {row["id"]: row["value"] for row in result.data["readings"]}
    observed = {seen.id: seen.value for seen in result.observations}
    assert (result.verdict, result.status) == (f"phone.{expected['verdict']}", expected["status"])
    assert readings | expected["readings"] == readings
    assert observed | expected.get("observations", {}) == observed
    assert [word for word in PERSONAL if word in everything(result)] == []
    return readings


def test_a_phone_that_answers_is_asked_each_allowed_command_once_and_nothing_else(adb: RealServer, look: Look) -> None:
    with adb.plugged(describe.phone("xiaomi_android13_clone")) as phone:
        result = look(device=phone.serial)
    allowed = [*COMMANDS.values()]
    assert sorted(phone.log) == sorted(allowed)
    assert sorted(result.data["commands"]) == sorted(allowed)
    for row in result.data["readings"]:
        assert row["command"].removeprefix("adb shell ") in allowed
        assert row["text"]
    version = next(seen for seen in result.observations if seen.id == "wechat.version")
    assert version.source == "phone"
    assert version.detail == "adb shell dumpsys package com.tencent.mm: versionName=8.0.49 versionCode=2600"


@pytest.mark.parametrize("row", rows("../lab/phone/servers.toml#server"), ids=lambda row: row["name"])
def test_what_only_a_cable_or_another_program_shows(row, look, monkeypatch) -> None:
    with FakeServer(**row.get("fake", {})) as fake:
        monkeypatch.setenv("ANDROID_ADB_SERVER_PORT", str(fake.port))
        began = time.monotonic()
        result = look(start_adb=True)
        took = time.monotonic() - began
    assert result.verdict == row["verdict"]
    assert result.status == STATUS_OF_VERDICT.get(row["verdict"].removeprefix("phone."), "unknown")
    assert took < 8.0  # two seconds in which nothing may answer, and never the ten that there are
    assert "0123456789AB" not in everything(result)
    assert result.observations == ()
    assert [request for request in fake.log if request == "host:kill"] == []
    if "another version" in row["name"]:
        assert "1.0.32" in worded.detail(result)


def test_several_phones_are_named_by_the_end_of_their_serials_and_one_is_chosen_by_it(adb, look) -> None:
    other = describe.phone("lg_android5")
    with adb.plugged(describe.phone("pixel_android15"), other) as one:
        several = look()
        assert several.verdict == "phone.several"
        assert str(one.port)[-4:] in worded.detail(several)
        assert {row["model"] for row in several.data["devices"]} == {"Pixel 8", "LG H818"}
        chosen = look(device=f":{other.port}")
        assert chosen.verdict == "phone.ok"
        assert one.log == []
        assert look(device="nothing-like-it").verdict == "phone.not_found"


def test_a_single_ready_phone_is_taken_by_itself_beside_one_that_is_not(adb: RealServer, look: Look) -> None:
    with adb.plugged(describe.phone("pixel_android15"), describe.phone("state_unauthorized")):
        assert look().verdict == "phone.ok"


def test_without_a_server_nothing_is_started_unless_the_user_agrees(no_server, look, monkeypatch, tmp_path) -> None:
    assert look().verdict == "phone.adb_not_running"
    with pytest.raises(NoServerError):
        adb_server.server_version(Deadline(1))
    monkeypatch.setenv("PATH", str(tmp_path))
    assert look(start_adb=True).verdict == "phone.adb_absent"
    assert look(device="none").verdict == "phone.not_wanted"


@pytest.mark.parametrize("keep", [False, True])
def test_a_server_that_was_started_is_stopped_again_unless_it_is_wanted(
    keep: bool, no_server: int, look: Look, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr("diagnostics.phone.read_android.SETTLE", 0.3)
    result = look(start_adb=True, keep_adb=keep)
    assert (result.verdict, result.data["server_version"]) == ("phone.none", 41)
    assert result.data["adb_left_running"] == keep
    if not keep:
        with pytest.raises(NoServerError):
            adb_server.server_version(Deadline(1))
        return
    try:
        assert "adb kill-server" in worded.detail(result)
        assert adb_server.server_version(Deadline(1)) == 41
    finally:
        adb_server.stop_server(Deadline(1))


def program(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put a program of the name adb before all others, and return it."""
    path = folder / "adb"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    return path


def test_adb_is_given_its_paths_and_nothing_else_of_the_environment(no_server, look, monkeypatch, tmp_path) -> None:
    program(tmp_path, f"exec /usr/bin/env > {tmp_path}/told", monkeypatch)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("HTTPS_PROXY", "http://user:secret@proxy.lab.test:3128")
    monkeypatch.setenv("PGPASSWORD", "secret")
    assert look(start_adb=True).verdict == "phone.adb_start_failed"
    told = dict(line.split("=", 1) for line in (tmp_path / "told").read_text().splitlines())
    own = {"PWD", "OLDPWD", "SHLVL", "_"}  # the shell's
    assert set(told) - own <= {"PATH", "HOME", "TMPDIR", "TEMP", "TMP"}
    assert told["HOME"] == str(tmp_path)


@pytest.mark.parametrize("script", ["exit 1", "exec sleep 60"])
def test_an_adb_that_cannot_start_its_server_is_given_up(script, no_server, look, monkeypatch, tmp_path) -> None:
    path = program(tmp_path, script, monkeypatch)
    monkeypatch.setattr(adb_server, "START", 0.5)
    began = time.monotonic()
    result = look(start_adb=True)
    assert result.verdict == "phone.adb_start_failed"
    assert time.monotonic() - began < 10
    assert subprocess.run(["pgrep", "-f", str(path)], capture_output=True, check=False).stdout == b""


def test_all_readings_run_side_by_side(adb: RealServer, look: Look) -> None:
    told = describe.data("pixel_android15") | {"delay": 1.0}
    with adb.plugged(FakePhone(describe.replies(told))) as phone:
        result = look(device=phone.serial, phone_silence=4.0)
    slowest = max(step.duration_ms for step in result.steps)
    assert result.verdict == "phone.ok"
    assert slowest >= 1000
    assert result.duration_ms <= 3 * slowest  # one after another: twenty times


def test_a_phone_that_answers_nothing_costs_its_silence_and_a_second(adb: RealServer, look: Look) -> None:
    with adb.plugged(describe.phone("state_hang")) as phone:
        for _ in range(3):  # a busy machine may be late once, a phone that is waited for too long is so each time
            result = look(device=phone.serial, phone_silence=1.5)
            if result.duration_ms < 2500:
                break
    assert result.verdict == "phone.hung"
    assert result.duration_ms < 2500
    assert CheckOptions().phone_silence == 4.0


def test_a_slow_phone_is_waited_for_once_it_has_said_anything(adb: RealServer, look: Look) -> None:
    replies = describe.replies(describe.data("pixel_android15"))
    command = "dumpsys package com.tencent.mm"
    replies[command] = Reply(replies[command].out, delay=1.8)
    with adb.plugged(FakePhone(replies)) as phone:
        assert look(device=phone.serial, phone_silence=1.0).verdict == "phone.ok"
        assert look(device=phone.serial, phone_silence=0.5, phone_patience=0.8).verdict == "phone.hung"


@pytest.mark.parametrize(("seconds", "verdict"), [(1.2, "phone.hung"), (0.2, "phone.out_of_time")])
def test_the_checks_own_deadline_holds(seconds: float, verdict: str, adb: RealServer, look: Look) -> None:
    with adb.plugged(describe.phone("state_hang")) as phone:
        began = time.monotonic()
        result = look(seconds, device=phone.serial, phone_silence=4.0)
    assert result.verdict == verdict
    assert time.monotonic() - began < seconds + 3


def test_cancelling_ends_it_at_once(adb: RealServer, look: Look) -> None:
    cancelled = threading.Event()
    with adb.plugged(describe.phone("state_hang")) as phone:
        threading.Timer(0.3, cancelled.set).start()
        began = time.monotonic()
        result = look(10, cancelled, device=phone.serial, phone_silence=8.0)
    assert (result.verdict, result.status) == ("phone.cancelled", "cancelled")
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("kind", ["android", "ios"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_verdict_has_its_own_words(lang: str, kind: str) -> None:
    verdicts = {key.rpartition(".")[0] for key in load().locale if key.startswith(f"check.phone.{kind}.verdict.")}
    told = {one: load().locale[f"{one}.says"].get(lang) for one in verdicts}
    assert len(set(told.values())) == len(verdicts)
    plain = {one.rpartition(".")[2] for one in verdicts if not load().locale[f"{one}.advice"].get(lang)}
    assert plain == {"not_wanted", "cancelled", "ok"}


class Watching:
    """Runs `watch` in a thread and hands over what it tells, each within a deadline."""

    def __enter__(self) -> Self:
        self.told: queue.SimpleQueue[ConnectedPhones] = queue.SimpleQueue()
        self.cancelled = threading.Event()
        self.thread = threading.Thread(target=lambda: watch_androids(self.told.put, self.cancelled), daemon=True)
        self.thread.start()
        return self

    def until(self, **states: str) -> ConnectedPhones:
        """Wait for exactly these phones (by port) in these states."""
        while True:
            now = self.told.get(timeout=60)
            if {f"p{one.serial.rpartition(':')[2]}": one.state for one in now.devices} == states:
                return now

    def __exit__(self, *_error: object) -> None:
        self.cancelled.set()
        self.thread.join(20)
        assert not self.thread.is_alive()


def test_plugging_in_allowing_and_plugging_out_are_noticed_and_nothing_is_asked(adb: RealServer) -> None:
    phone = describe.phone("pixel_android15")
    phone.mode = "authorize"
    with phone, Watching() as watching:
        assert watching.until().server
        adb.attach(phone.port, "unauthorized")
        watching.until(**{f"p{phone.port}": "unauthorized"})
        phone.allow()
        seen = watching.until(**{f"p{phone.port}": "device"})
        assert seen.devices[0].model == "Pixel 8"
        assert phone.serial not in seen.devices[0].name
        adb.detach(phone.port)
        watching.until()
    assert phone.log == []


def test_without_a_server_that_is_told_once_and_a_cancel_ends_it(no_server: int) -> None:
    with Watching() as watching:
        assert watching.told.get(timeout=60) == ConnectedPhones(server=False)
        assert watching.told.empty()


def test_a_program_that_only_holds_the_port_is_no_server_and_a_cancel_still_ends_it(monkeypatch) -> None:
    with FakeServer(manner="http") as fake:
        monkeypatch.setenv("ANDROID_ADB_SERVER_PORT", str(fake.port))
        with Watching() as watching:
            assert watching.told.get(timeout=60) == ConnectedPhones(server=False)
    with FakeServer(manner="silent") as fake:
        monkeypatch.setenv("ANDROID_ADB_SERVER_PORT", str(fake.port))
        with Watching() as watching:
            assert watching.told.empty()
