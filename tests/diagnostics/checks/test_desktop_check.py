"""A desktop WeChat in every place where an installer may have put it."""

import plistlib
import sys
import threading
import time
from pathlib import Path

import pytest

from diagnostics.checks.base import Context
from diagnostics.checks.desktop_check import OWN, UNINSTALL, ComputerCheck, Desktop, find, from_registry
from diagnostics.evidence import Evidence
from tests import worded

STATUS = """Package: bash
Status: install ok installed
Version: 5.2.15-2

Package: {name}
Status: {state}
Maintainer: Tencent
Version: {version}
Description: WeChat
 Version: 9.9.9 is not a field of this line
"""


def dpkg(root: Path, name: str = "wechat", version: str = "4.1.1.7", state: str = "install ok installed") -> None:
    (root / "var/lib/dpkg/info").mkdir(parents=True)
    (root / f"var/lib/dpkg/info/{name}.list").touch()
    (root / "var/lib/dpkg/status").write_text(STATUS.format(name=name, version=version, state=state))


@pytest.mark.parametrize(
    ("name", "version", "read"),
    [("wechat", "4.1.1.7", "4.1.1.7"), ("com.tencent.wechat", "1:4.0.1.12-3", "4.0.1.12"), ("wechat", "x", None)],
)
def test_dpkg(name: str, version: str, read: str | None, tmp_path: Path) -> None:
    dpkg(tmp_path, name, version)
    assert list(find(tmp_path, tmp_path, "linux")) == [Desktop(read, "linux", f"dpkg {name}")]


def test_a_removed_package_is_not_there(tmp_path: Path) -> None:
    dpkg(tmp_path, state="deinstall ok config-files")
    assert list(find(tmp_path, tmp_path, "linux")) == []


@pytest.mark.parametrize("own", [True, False])
def test_flatpak(own: bool, tmp_path: Path) -> None:
    place = tmp_path / ("home/.local/share/flatpak" if own else "var/lib/flatpak")
    told = place / "app/com.tencent.WeChat/current/active/files/share/metainfo"
    told.mkdir(parents=True)
    (told / "com.tencent.WeChat.metainfo.xml").write_text(
        '<releases><release version="4.1.1.7" date="2026-06-09"/><release version="4.0.1"/></releases>'
    )
    assert list(find(tmp_path, tmp_path / "home", "linux")) == [
        Desktop("4.1.1.7", "linux", "flatpak com.tencent.WeChat")
    ]


def test_a_program_without_a_package_has_no_version(tmp_path: Path) -> None:
    (tmp_path / "opt/wechat").mkdir(parents=True)
    (tmp_path / "opt/wechat/wechat").touch()
    assert list(find(tmp_path, tmp_path, "linux")) == [Desktop(None, "linux", "/opt/wechat/wechat")]


def bundle(root: Path, info: bytes) -> None:
    place = root / "Applications/WeChat.app/Contents"
    place.mkdir(parents=True)
    (place / "Info.plist").write_bytes(info)


@pytest.mark.parametrize("binary", [True, False])
def test_a_macos_bundle(binary: bool, tmp_path: Path) -> None:
    info = {"CFBundleIdentifier": "com.tencent.xinWeChat", "CFBundleShortVersionString": "4.1.7"}
    bundle(tmp_path, plistlib.dumps(info, fmt=plistlib.FMT_BINARY if binary else plistlib.FMT_XML))
    assert list(find(tmp_path, tmp_path / "home", "darwin")) == [Desktop("4.1.7", "macos", "Applications/WeChat.app")]


@pytest.mark.parametrize("damaged", [b"", b"bplist00\xff\xff", b"<plist><dict>", b"<plist>" * 5000])
def test_a_damaged_bundle_has_no_version(damaged: bytes, tmp_path: Path) -> None:
    bundle(tmp_path, damaged)
    assert list(find(tmp_path, tmp_path / "home", "darwin")) == [Desktop(None, "macos", "Applications/WeChat.app")]


def test_another_bundle_by_that_name_is_not_wechat(tmp_path: Path) -> None:
    bundle(tmp_path, plistlib.dumps({"CFBundleIdentifier": "com.example", "CFBundleShortVersionString": "4.1.7"}))
    assert list(find(tmp_path, tmp_path / "home", "darwin")) == []


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


@pytest.mark.skipif(sys.platform != "linux", reason="the check looks where this system's installers put it")
@pytest.mark.parametrize("there", [True, False])
def test_the_check_reports_it_and_observes_nothing(there, tmp_path, monkeypatch) -> None:
    if there:
        dpkg(tmp_path)
    monkeypatch.setattr("diagnostics.checks.desktop_check.find", lambda: find(tmp_path, tmp_path))
    context = Context(evidence=Evidence(), deadline=time.monotonic() + 1, cancelled=threading.Event())
    result = ComputerCheck().run(context)
    assert result.observations == ()
    assert result.status == "pass"
    assert result.verdict == ("computer.wechat_found" if there else "computer.wechat_absent")
    assert ("请在手机上看" in worded.detail(result)) == there
    assert [row["version"] for row in result.data["found"]] == (["4.1.1.7"] if there else [])
