"""An iPhone on the cable, made of data: each state gives its verdict, and nothing more than two versions is read."""

import logging
import plistlib
import socket
import struct
import threading
import time
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnostics.checks.base import CheckResult
from diagnostics.checks.phone_check import IPhoneCheck
from diagnostics.i18n import UserError
from diagnostics.network.failures import UNKNOWN_PREFIX, VOCABULARY
from diagnostics.phone import read_iphone, usbmux
from diagnostics.phone import read_iphone as looking
from diagnostics.phone.local_service import MalformedError
from diagnostics.phone.readout import DeviceChoice, parse_device
from tests import worded
from tests.lab.iphone.fake_iphone import BUID, UDID, FakeIPhone, pair_record
from tests.lab.phone import check, describe
from tests.lab.phone.real_server import RealServer
from tests.lab.tcp import TcpServer
from tests.rows import rows

PERSONAL = (UDID[:-1], BUID, "王五", "138 0013", "iPhone12,1", pair_record()["HostID"], "PRIVATE KEY", "CERTIFICATE")
BOTH = {"os.version": "iOS 17.5.1", "client.platform": "ios", "wechat.version": "8.0.50"}
SYSTEM = {id_: value for id_, value in BOTH.items() if id_ != "wechat.version"}
STEPS = ("accept", "ListDevices", "Connect", "GetValue", "ReadPairRecord", "StartSession", "TLS", "StartService",
         "apps TLS", "Lookup")  # fmt: skip
PAIRING = ("ReadBUID", "Pair", "SavePairRecord")


@pytest.fixture(autouse=True)
def alone(no_server: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """No adb server, no waiting for long, no key that takes long to find."""
    monkeypatch.setattr(usbmux, "SILENCE", 1.0)
    monkeypatch.setattr(read_iphone, "BITS", 1024)
    monkeypatch.setattr(looking, "POLL", 0.05)


def run(seconds: float = 60.0, cancelled: threading.Event | None = None, **options: Any) -> CheckResult:
    return check(IPhoneCheck, seconds, cancelled, **options)


def look(phone: FakeIPhone, monkeypatch: pytest.MonkeyPatch, seconds: float = 60.0, **options: Any) -> CheckResult:
    """Run the check against this phone; whatever comes of it, nothing personal is in it."""
    with phone:
        monkeypatch.setenv("USBMUXD_SOCKET_ADDRESS", phone.address)
        result = run(seconds, **options)
    whole = msgspec.json.encode(result).decode() + worded.detail(result, "zh") + worded.detail(result, "en")
    assert [word for word in PERSONAL if word in whole] == []
    assert "{" not in worded.detail(result, "zh")
    failures = [step.failure for step in result.steps if step.failure]
    assert all(word in VOCABULARY or word.startswith(UNKNOWN_PREFIX) for word in failures)
    if not options.get("pair"):
        assert "Pair" not in phone.log
    keys = {told.get("Key") for told in phone.spoke if told.get("Request") == "GetValue"}
    assert keys <= ({"ProductVersion", "DevicePublicKey"} if options.get("pair") else {"ProductVersion"})
    assert "Browse" not in phone.log
    return result


def seen(result: CheckResult) -> dict[str, object]:
    assert all(one.source == "phone" for one in result.observations)
    return {one.id: one.value for one in result.observations}


@pytest.mark.parametrize("row", rows("../lab/iphone/states.toml#state"), ids=str)
def test_each_state_gives_its_verdict(row: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    result = look(FakeIPhone(**row.get("phone", {})), monkeypatch)
    assert (result.verdict, result.status) == (f"phone.ios_{row['verdict']}", row["status"])
    assert seen(result) == row["observed"]
    assert "\x1b" not in msgspec.json.encode(result).decode() + worded.detail(result, "zh")


def test_only_two_versions_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    phone = FakeIPhone()
    result = look(phone, monkeypatch)
    assert phone.log == ["ListDevices", "Connect", *STEPS[3:8], "Connect", *STEPS[8:]]
    lookup = phone.spoke[-1]["ClientOptions"]
    assert lookup["BundleIDs"] == ["com.tencent.xin"]
    assert lookup["ReturnAttributes"] == ["CFBundleShortVersionString", "CFBundleVersion"]
    assert [row["id"] for row in result.data["readings"]] == ["os.version", "wechat.version"]
    assert worded.data(result)["readings"][0]["title"] == "iOS 版本"
    version = next(one for one in result.observations if one.id == "wechat.version")
    assert version.detail == "installation_proxy Lookup com.tencent.xin: CFBundleShortVersionString=8.0.50"


@pytest.mark.parametrize("how", ["hang_at", "unplug_at"])
@pytest.mark.parametrize("step", STEPS)
def test_a_phone_may_hang_or_be_unplugged_at_each_step(how: str, step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    began = time.monotonic()
    result = look(FakeIPhone(**{how: step}), monkeypatch)
    assert time.monotonic() - began < 8
    hangs, service = how == "hang_at", step in ("accept", "ListDevices")
    wanted = {"phone.ios_service_foreign" if service else "phone.ios_hung" if hangs else "phone.ios_dropped"}
    if step == "accept" and not hangs:  # the end may come before or after the connection stands
        wanted |= {"phone.ios_no_service", "phone.ios_none"}
    assert result.verdict in wanted
    assert not hangs or result.failure == "generic_timeout_error"
    assert seen(result) == ({} if STEPS.index(step) <= STEPS.index("GetValue") else SYSTEM)


@pytest.mark.parametrize("step", PAIRING)
def test_hanging_and_unplugging_while_pairing(step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert look(FakeIPhone("untrusted", taps=1, hang_at=step), monkeypatch, pair=True).verdict == "phone.ios_hung"
    assert look(FakeIPhone("untrusted", taps=1, unplug_at=step), monkeypatch, pair=True).verdict == "phone.ios_dropped"


def test_a_phone_that_drips_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    def drip(sock: socket.socket) -> None:
        try:
            while True:
                sock.sendall(b"\x10")
                time.sleep(0.05)
        except OSError:
            return

    with TcpServer(drip) as server:
        monkeypatch.setenv("USBMUXD_SOCKET_ADDRESS", f"127.0.0.1:{server.port}")
        began = time.monotonic()
        assert run().verdict == "phone.ios_service_foreign"
        assert time.monotonic() - began < 5


def test_cancelling_ends_the_look_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    cancelled = threading.Event()
    threading.Timer(0.2, cancelled.set).start()
    monkeypatch.setattr(usbmux, "SILENCE", 30.0)
    with FakeIPhone(hang_at="StartSession") as phone:
        monkeypatch.setenv("USBMUXD_SOCKET_ADDRESS", phone.address)
        began = time.monotonic()
        assert run(60.0, cancelled).verdict == "phone.ios_cancelled"
        assert time.monotonic() - began < 3


def test_pairing_only_where_agreed_and_the_trust_is_kept_by_the_service(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read_iphone, "BITS", 2048)  # as it is outside of the tests
    phone = FakeIPhone("untrusted", taps=3)
    result = look(phone, monkeypatch, pair=True)
    assert result.verdict == "phone.ios_ok"
    assert seen(result) == BOTH
    assert phone.log.count("Pair") == 3
    assert phone.saved["EscrowBag"] == b"lab"
    shown = next(told["PairRecord"] for told in phone.spoke if told.get("Request") == "Pair")
    assert not any("PrivateKey" in name for name in shown)
    again = FakeIPhone("untrusted", saved=phone.saved)
    again.trusted = phone.trusted
    assert look(again, monkeypatch).verdict == "phone.ios_ok"


@pytest.mark.parametrize(
    ("state", "verdict"), [("untrusted", "trust_asked"), ("refuses", "trust_refused"), ("locked", "locked")]
)
def test_nobody_taps(state: str, verdict: str, monkeypatch: pytest.MonkeyPatch) -> None:
    phone = FakeIPhone(state)
    result = look(phone, monkeypatch, seconds=30.0 if state == "refuses" else 3.0, pair=True)
    assert result.verdict == f"phone.ios_{verdict}"
    assert seen(result) == SYSTEM
    assert phone.saved is None


ENTITIES = b"""<?xml version="1.0"?><!DOCTYPE plist [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>
<plist version="1.0"><dict><key>Value</key><string>&b;</string></dict></plist>"""
OUTSIDE = b"""<?xml version="1.0"?><!DOCTYPE plist [<!ENTITY a SYSTEM "file:///etc/passwd">]>
<plist version="1.0"><dict><key>Value</key><string>&a;</string></dict></plist>"""
BODIES = {
    "entities": ENTITIES,
    "outside": OUTSIDE,
    "nothing": b"x",
    "list": plistlib.dumps([1, 2]),
    "half": plistlib.dumps({"Value": "17"})[:-20],
    "date": b'<plist version="1.0"><dict><key>Value</key><date>yesterday</date></dict></plist>',
    "figures": b'<plist version="1.0"><dict><key>Value</key><integer>' + b"9" * 6000 + b"</integer></dict></plist>",
    "binary": b"bplist00" + b"\xff" * 60,
    "deep": plistlib.dumps({"Value": "17"}).replace(b"<string>17</string>", b"<array>" * 20_000),
}


@pytest.mark.parametrize("body", sorted(BODIES))
@pytest.mark.parametrize("step", ["ListDevices", "GetValue", "ReadPairRecord", "StartSession", "Lookup"])
def test_answers_that_are_no_property_lists_end_in_a_line(step, body, monkeypatch) -> None:
    data = BODIES[body]
    service = step in ("ListDevices", "ReadPairRecord")
    head = struct.pack("<4I", 16 + len(data), 1, 8, 1) if service else struct.pack(">I", len(data))
    result = look(FakeIPhone(answers={step: head + data}), monkeypatch)
    assert result.verdict == ("phone.ios_service_foreign" if step == "ListDevices" else "phone.ios_unreadable")
    assert "root:" not in worded.detail(result, "zh")


@pytest.mark.parametrize("length", [0, 1, 15, 16, (1 << 20) + 1, 0x7FFFFFFF, 0xFFFFFFFF])
def test_hostile_lengths_are_refused_before_anything_is_read(length: int, monkeypatch: pytest.MonkeyPatch) -> None:
    head = struct.pack("<4I", length, 1, 8, 1)
    assert look(FakeIPhone(answers={"ListDevices": head}), monkeypatch).verdict == "phone.ios_service_foreign"
    value = struct.pack(">I", length) + b"x" * 15
    verdict = look(FakeIPhone(answers={"GetValue": value}), monkeypatch).verdict
    assert verdict == ("phone.ios_hung" if length == 16 else "phone.ios_unreadable")


@given(st.binary(max_size=300))
def test_any_bytes_are_a_dictionary_or_refused(data: bytes) -> None:
    for text in (data, b"bplist00" + data, b'<plist version="1.0"><dict>' + data + b"</dict></plist>"):
        try:
            assert isinstance(usbmux.read_plist(text), dict)
        except MalformedError:
            continue


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 1 << 40) | st.binary(max_size=9) | st.text("ab\x1b", max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab", max_size=2), inner, max_size=3),
    max_leaves=6,
)


@given(VALUES, VALUES, VALUES)
def test_a_list_of_devices_may_hold_anything(one: Any, two: Any, three: Any) -> None:
    rows = [one, {"DeviceID": two, "Properties": three}, {"DeviceID": one, "Properties": {"SerialNumber": two}},
            {"DeviceID": 4, "Properties": {"SerialNumber": "x", "ConnectionType": three}}]  # fmt: skip
    for listed in (one, rows):
        found = usbmux.iphones_in({"DeviceList": listed}) if isinstance(listed, list) else ()
        assert all(isinstance(phone.handle, int) for phone in found)


def test_a_phone_on_the_wifi_is_not_on_the_cable() -> None:
    rows = [
        {"DeviceID": 9, "Properties": {"SerialNumber": "a", "ConnectionType": "Network"}},
        {"DeviceID": 7, "Properties": {"SerialNumber": "a", "ConnectionType": "USB"}},
    ]
    found = usbmux.iphones_in({"DeviceList": rows})
    assert [phone.handle for phone in found] == [7]
    assert repr(found) == "(IPhone(handle=7),)"


def test_by_number(monkeypatch: pytest.MonkeyPatch) -> None:
    phone = FakeIPhone(count=2)
    result = look(phone, monkeypatch, device="ios:2")
    assert (result.verdict, result.data["device"]) == ("phone.ios_ok", "ios:2")
    connected = [told["DeviceID"] for told in phone.spoke if told.get("MessageType") == "Connect"]
    assert connected == [5, 5]
    result = look(FakeIPhone(count=2), monkeypatch, device="ios:3")
    assert result.verdict == "phone.ios_not_found"
    assert "ios:1 (iPhone), ios:2 (iPhone)" in worded.detail(result, "zh")
    several = look(FakeIPhone(count=2), monkeypatch)
    assert "ios:1 (iPhone), ios:2 (iPhone)" in worded.detail(several, "zh")


def test_the_value_of_the_option() -> None:
    assert parse_device(None) == DeviceChoice()
    assert parse_device("none").excludes("ios")
    assert parse_device("none").excludes("android")
    assert parse_device("ios:12") == DeviceChoice("ios", 12)
    assert parse_device("android") == DeviceChoice("android")
    assert parse_device("R3CN30ABCDE") == DeviceChoice("android", None, "R3CN30ABCDE")
    assert parse_device("127.0.0.1:5555") == DeviceChoice("android", None, "127.0.0.1:5555")
    for wrong in ("ios:", "ios:0", "ios:x", "android:-1", "ios:1\n2", "ios:٣"):
        with pytest.raises(UserError):
            parse_device(wrong)


def test_with_an_android_beside_it_nobody_guesses_which_is_meant(adb, look, monkeypatch) -> None:
    with adb.plugged(describe.phone("pixel_android15")) as android, FakeIPhone() as iphone:
        monkeypatch.setenv("USBMUXD_SOCKET_ADDRESS", iphone.address)
        for result in (run(), look()):
            assert result.verdict in ("phone.ios_several", "phone.several")
            assert not result.observations
            told = worded.detail(result, "zh")
            assert "android:1 (Pixel 8" in told
            assert "ios:1 (iPhone)" in told
        assert android.log == []
        assert run(device="ios").verdict == "phone.ios_ok"
        assert look(device="ios").verdict == "phone.not_wanted"
        assert look(device="android:1").verdict == "phone.ok"
        assert run(device="android:1").verdict == "phone.ios_not_wanted"
        assert look(device="android:2").verdict == "phone.not_found"
        assert look(device="android").verdict == "phone.ok"


def test_an_android_that_is_only_being_found_is_waited_for(adb: RealServer, monkeypatch: pytest.MonkeyPatch) -> None:
    with describe.phone("pixel_android15") as android, FakeIPhone() as iphone:
        monkeypatch.setenv("USBMUXD_SOCKET_ADDRESS", iphone.address)
        late = threading.Timer(1.0, lambda: adb.attach(android.port, "device"))
        late.start()
        assert run(start_adb=True).verdict == "phone.ios_several"
        late.join()
        adb.detach(android.port)


@pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="no such sockets here")
def test_over_a_socket_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "usbmuxd"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        with FakeIPhone(listener=listener.dup()):
            monkeypatch.setenv("USBMUXD_SOCKET_ADDRESS", f"UNIX:{path}")
            assert run().verdict == "phone.ios_ok"


def test_where_the_service_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    for told, where in rows("addresses.toml#usbmux").items():
        monkeypatch.setenv("USBMUXD_SOCKET_ADDRESS", told)
        assert usbmux.service_address() == (tuple(where) if isinstance(where, list) else where)
    monkeypatch.setattr(usbmux.os, "name", "nt")
    assert usbmux.service_address() == ("127.0.0.1", 27015)


@pytest.mark.parametrize(("system", "says"), [("linux", "usbmuxd"), ("darwin", "苹果电脑"), ("win32", "Apple 设备")])
def test_without_the_service_it_says_what_to_install(system, says, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("USBMUXD_SOCKET_ADDRESS", f"UNIX:{tmp_path}/nothing")
    monkeypatch.setattr(looking, "_installed", lambda: False)
    monkeypatch.setattr("diagnostics.phone.read_iphone.sys.platform", system)
    result = run()
    assert (result.verdict, result.status) == ("phone.ios_no_service", "skipped")
    assert says in worded.detail(result, "zh")


def test_a_service_that_runs_only_while_a_phone_is_there_is_no_fault(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("USBMUXD_SOCKET_ADDRESS", f"UNIX:{tmp_path}/nothing")
    (tmp_path / "usbmuxd").write_bytes(b"")
    (tmp_path / "usbmuxd").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("diagnostics.phone.read_iphone.sys.platform", "linux")
    assert run().verdict == "phone.ios_none"


def test_nothing_of_the_phone_is_logged(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    look(FakeIPhone(), monkeypatch)
    look(FakeIPhone("untrusted", taps=1), monkeypatch, pair=True)
    look(FakeIPhone(unplug_at="StartService"), monkeypatch)
    assert [word for word in PERSONAL if word in caplog.text] == []


def test_no_key_is_left_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    for phone in (FakeIPhone(), FakeIPhone(unplug_at="TLS")):
        look(phone, monkeypatch)
    assert list(tmp_path.iterdir()) == []
