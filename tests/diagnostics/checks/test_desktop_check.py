"""A desktop WeChat in every place where an installer may have put it."""

import plistlib
import threading
import time
from pathlib import Path

import pytest

from diagnostics.checks.base import Context
from diagnostics.checks.desktop_check import OWN, UNINSTALL, ComputerCheck, Desktop, find, from_registry
from diagnostics.evidence import Evidence
from tests import worded
from tests.rows import each


@each("desktops.toml#installed", "files, system, found")
def test_wechat_is_found_where_an_installer_put_it(tmp_path, files, system, found) -> None:
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    expected = [Desktop(found[0] or None, *found[1:])] if found else []
    assert list(find(tmp_path, tmp_path / "home", system)) == expected


BINARY = plistlib.dumps(
    {"CFBundleIdentifier": "com.tencent.xinWeChat", "CFBundleShortVersionString": "4.1.7"}, fmt=plistlib.FMT_BINARY
)


@pytest.mark.parametrize(
    ("info", "version"), [(BINARY, "4.1.7"), (b"bplist00\xff\xff", None), (b"<plist>" * 5000, None)]
)
def test_a_binary_or_damaged_bundle(info: bytes, version: str | None, tmp_path: Path) -> None:
    place = tmp_path / "Applications/WeChat.app/Contents"
    place.mkdir(parents=True)
    (place / "Info.plist").write_bytes(info)
    expected = [Desktop(version, "macos", "Applications/WeChat.app")]
    assert list(find(tmp_path, tmp_path / "home", "darwin")) == expected


@pytest.mark.parametrize(
    ("keys", "version"),
    [
        ({(OWN[0], "Version"): 0x63090C33}, "3.9.12.51"),
        ({(OWN[1], "Version"): 0xF2541F0D}, "4.1.15.13"),
        ({(UNINSTALL[1], "DisplayVersion"): "4.1.15.13", (OWN[1], "Version"): 0xF2541F0D}, "4.1.15.13"),
        ({(UNINSTALL[2], "DisplayVersion"): "3.9.12.51"}, "3.9.12.51"),
        ({(OWN[0], "Version"): "not a number"}, "absent"),
        ({}, "absent"),
    ],
)
def test_the_windows_registry(keys: dict[tuple[str, str], object], version: str) -> None:
    found = list(from_registry(lambda key, value: keys.get((key, value)), "HKCU"))
    assert [(one.version, one.platform) for one in found] == ([] if version == "absent" else [(version, "windows")])


@pytest.mark.parametrize("there", [True, False])
def test_the_check_reports_it_and_observes_nothing(there: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    found = [Desktop("4.1.1.7", "linux", "dpkg wechat")] * there
    monkeypatch.setattr("diagnostics.checks.desktop_check.find", lambda: found)
    context = Context(evidence=Evidence(), deadline=time.monotonic() + 1, cancelled=threading.Event())
    result = ComputerCheck().run(context)
    assert result.observations == ()
    assert result.status == "pass"
    assert result.verdict == ("computer.wechat_found" if there else "computer.wechat_absent")
    assert ("请在手机上看" in worded.detail(result)) == there
    assert [row["version"] for row in result.data["found"]] == (["4.1.1.7"] if there else [])
