"""An iPhone on the command line: what `check` and `ask` say and ask, and when a phone is asked for its trust."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.headless.doctor import inside, observed
from tests.lab.iphone.fake_iphone import UDID, FakeIPhone
from tests.lab.phone import describe
from tests.lab.phone.real_server import RealServer

ONLY = ("--only", "phone.ios", "--only", "phone.android", "--timeout", "60")


def of_phone(text: str) -> dict[str, Any]:
    assert UDID[:-1] not in text
    return observed(json.loads(text), "phone")


def test_check_reads_the_iphone_and_never_asks_for_trust_by_itself(no_server: int) -> None:
    with FakeIPhone() as phone:
        done = inside("check", "--json", *ONLY, env={"USBMUXD_SOCKET_ADDRESS": phone.address})
    assert of_phone(done.out) == {"os.version": "iOS 17.5.1", "client.platform": "ios", "wechat.version": "8.0.50"}
    with FakeIPhone("untrusted", taps=1) as phone:
        done = inside("check", "--lang", "zh", *ONLY, env={"USBMUXD_SOCKET_ADDRESS": phone.address})
        assert (done.code, "「信任」" in done.out, "Pair" in phone.log) == (0, True, False)
        done = inside("check", "--json", "--pair", *ONLY, env={"USBMUXD_SOCKET_ADDRESS": phone.address})
        assert of_phone(done.out)["wechat.version"] == "8.0.50"
        assert phone.log.count("Pair") == 1


def test_offline_reads_only_a_phone_that_was_named(no_server: int) -> None:
    with FakeIPhone("untrusted", taps=2) as phone:
        env = {"USBMUXD_SOCKET_ADDRESS": phone.address}
        assert of_phone(inside("check", "--json", "--offline", env=env).out) == {}
        assert phone.log == []
        assert "wechat.version" not in of_phone(inside("check", "--json", "--offline", "--device", "ios", env=env).out)
        done = inside("check", "--json", "--offline", "--device", "ios:1", "--pair", env=env)
        assert of_phone(done.out)["wechat.version"] == "8.0.50"


@pytest.mark.parametrize(("typed", "pairs"), [("y\nq\n", True), ("\nq\n", False), ("", False)])
def test_ask_lets_the_iphone_ask_only_after_a_yes(typed: str, pairs: bool, no_server: int) -> None:
    with FakeIPhone("untrusted", taps=2) as phone:
        env = {"USBMUXD_SOCKET_ADDRESS": phone.address}
        done = inside("ask", "--format", "json", "--lang", "zh", *ONLY, stdin=typed.encode(), env=env)
    assert ("Pair" in phone.log) is pairs
    assert ("wechat.version" in of_phone(done.out)) is pairs
    assert "要不要让它问一次" in done.err


def test_a_line_that_is_no_answer_to_it_is_the_first_question_s(no_server: int) -> None:
    with FakeIPhone("untrusted") as phone:
        env = {"USBMUXD_SOCKET_ADDRESS": phone.address}
        done = inside("ask", "--format", "json", *ONLY, stdin=b"2\nq\n", env=env)
    assert "Pair" not in phone.log
    assert [one["id"] for one in json.loads(done.out)["observations"] if one["source"] == "answer"]


def test_ask_asks_which_of_two_phones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with RealServer(tmp_path) as adb, describe.phone("pixel_android15") as android, FakeIPhone() as phone:
        adb.attach(android.port, "device")
        env = {"USBMUXD_SOCKET_ADDRESS": phone.address, "ANDROID_ADB_SERVER_PORT": str(adb.port)}

        def asked(typed: str) -> tuple[dict[str, Any], str]:
            done = inside("ask", "--format", "json", *ONLY, stdin=typed.encode(), env=env)
            return of_phone(done.out), done.err

        found, said = asked("2\nq\n")
        assert "1. android:1 (Pixel 8" in said
        assert "2. ios:1 (iPhone)" in said
        assert found["client.platform"] == "ios"
        assert not android.log
        assert asked("1\nq\n")[0]["client.platform"] == "android"
        assert asked("\nq\n")[0] == {}
