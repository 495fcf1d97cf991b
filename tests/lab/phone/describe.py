"""Turn a phone described in a data file into what its commands print.

The forms follow captured outputs of real phones: `dumpsys package` and `dumpsys connectivity` of Android 5, 7 to 9 and
10 to 15, `pm list users` of several makers, `df` of toolbox and toybox, `ping` of iputils and toybox.
"""

import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.lab.phone.fake_phone import FakePhone, Reply

HERE = Path(__file__).parent / "devices"
DUMPS = Path(__file__).parent / "dumps"
"""Outputs in the forms of published bug reports, makers and versions as named; people and networks are made up."""
WECHAT = "com.tencent.mm"
STATES = {"drop": "dropped", "hang": "hung", "offline": "offline", "silent": "hung", "unauthorized": "unauthorized",
          "unplug": "dropped"}  # fmt: skip
"""Modes of a phone that cannot be read (`state_drop`, ...), and the verdict on each."""


def names() -> list[str]:
    """Return the names of all described phones."""
    return sorted([*(path.stem for path in HERE.glob("*.toml")), *(f"state_{mode}" for mode in STATES)])


def dumps() -> list[str]:
    """Return the names of all phones whose outputs are given word for word."""
    return sorted(path.stem for path in DUMPS.glob("*.toml"))


def data(name: str, folder: Path = HERE) -> dict[str, Any]:
    """Return a phone's description, as its file has it; those of the states differ in their mode alone."""
    mode = name.removeprefix("state_")
    if mode in STATES:
        return {
            "mode": mode,
            "delay": 3.0 if mode == "unplug" else 0.0,
            "phone": {"maker": "Lab", "model": "Lab Phone", "android": "13", "sdk": 33},
            "wechat": {"version": "8.0.49", "code": 2600},
            "expect": {"verdict": STATES[mode], "status": "unknown", "observations": {}, "readings": {}},
        }
    return tomllib.loads((folder / f"{name}.toml").read_text("utf-8"))


def phone(name: str, folder: Path = HERE) -> FakePhone:
    """Return the described phone, not yet started."""
    told = data(name, folder)
    made = FakePhone(replies(told), mode=told.get("mode", "device"), shell_v2=told["phone"].get("shell_v2", True))
    if "model" in told["phone"]:
        made.banner = f"ro.product.name=p;ro.product.model={told['phone']['model']};ro.product.device=d"
    return made


def silence(name: str) -> float:
    """Return after how many seconds without a word to give a phone up: soon where it says nothing, else late.

    One that has something to say may be kept from it by a busy machine.
    """
    return 1.0 if data(name).get("mode") in ("hang", "silent") else 8.0


def replies(told: dict[str, Any]) -> dict[str, Reply]:
    """Return what each command prints: worked out from the description, then what the file gives word for word."""
    phone_, settings = told["phone"], told.get("settings", {})
    texts = {
        f"dumpsys package {WECHAT}": _package(told),
        "pm list users": _users(told.get("users", [[0, "Owner", "13"]])),
        "dumpsys connectivity": _connectivity(told.get("network", {})),
        "dumpsys netpolicy": _policy(settings, told.get("wechat", {})),
        "df /data": _storage(phone_),
        f"cmd appops get {WECHAT} RUN_ANY_IN_BACKGROUND": settings.get("background", "No operations.\n"),
        "wm size": f"Physical size: {phone_.get('size', '1080x2400')}\n",
        "wm density": f"Physical density: {phone_.get('density', 440)}\n",
    }
    for key, property_ in (
        ("android", "ro.build.version.release"), ("sdk", "ro.build.version.sdk"), ("maker", "ro.product.manufacturer"),
        ("model", "ro.product.model"), ("characteristics", "ro.build.characteristics"),
        ("harmony", "hw_sc.build.platform.version"),
    ):  # fmt: skip
        texts[f"getprop {property_}"] = f"{phone_.get(key, '')}\n"
    for where, key, usual in (
        ("global", "auto_time", "1"), ("global", "airplane_mode_on", "0"), ("global", "http_proxy", "null"),
        ("global", "private_dns_mode", "opportunistic"), ("global", "low_power", "0"),
        ("secure", "always_on_vpn_app", "null"),
    ):  # fmt: skip
        texts[f"settings get {where} {key}"] = f"{settings.get(key, usual)}\n"
    ending = "\r\n" if phone_.get("crlf") else "\n"
    found = {command: Reply(text.replace("\n", ending).encode()) for command, text in texts.items()}
    installed = any(user.get("installed", True) for user in told.get("wechat", {}).get("users", [{}]))
    here = "wechat" in told and installed
    found[f"pm path {WECHAT}"] = Reply(b"package:/data/app/base.apk\n") if here else Reply(rc=1)
    found["date +%s"] = Reply(clock=phone_.get("clock", 0))
    found[r"re:ping -c 4 -i 0\.3 -w 3 \S+"] = _ping(told.get("network", {}))
    delay = told.get("delay", 0.0)
    found = {command: replace(reply, delay=delay) for command, reply in found.items()}
    return found | {command: _literal(raw) for command, raw in told.get("replies", {}).items()}


def _literal(raw: dict[str, Any]) -> Reply:
    texts = {"out": raw.get("out", "").encode(), "err": raw.get("err", "").encode()}
    if "out_hex" in raw:
        texts["out"] = bytes.fromhex(raw["out_hex"])
    return Reply(**texts, **{name: raw[name] for name in ("rc", "delay", "repeat", "clock") if name in raw})


def _package(told: dict[str, Any]) -> str:
    if "wechat" not in told:
        return f"Dexopt state:\n  Unable to find package: {WECHAT}\n" if told["phone"].get("sdk", 33) >= 24 else "\n"
    app, old = told["wechat"], told["phone"].get("sdk", 33) < 24
    lines = [
        "Activity Resolver Table:", "  Non-Data Actions:", "      android.intent.action.MAIN:",
        f"        1a2b3c4 {WECHAT}/.ui.LauncherUI filter 5d6e7f8", "", "Key Set Manager:", f"  [{WECHAT}]",
        "      Signing KeySets: 36", "", "Packages:", f"  Package [{WECHAT}] (557bb4e):",
        f"    {'appId' if told['phone'].get('sdk', 33) >= 33 else 'userId'}={app.get('uid', 10108)}",
        f"    pkg=Package{{e030746 {WECHAT}}}", f"    codePath=/data/app/{WECHAT}-1",
        f"    versionCode={app['code']}" + (" targetSdk=26" if old else " minSdk=23 targetSdk=29"),
        f"    versionName={app['version']}", "    splits=[base]",
        "    flags=[ HAS_CODE ALLOW_CLEAR_USER_DATA LARGE_HEAP ]", f"    dataDir=/data/user/0/{WECHAT}",
        "    timeStamp=2026-03-01 08:00:00", "    firstInstallTime=2024-05-04 10:11:12",
        "    lastUpdateTime=2026-03-01 08:00:01",
        *([f"    installerPackageName={app['installer']}"] if "installer" in app else []),
        "    signatures=PackageSignatures{1f74d45 [8351c9a]}", "    requested permissions:",
        "      android.permission.INTERNET", "    install permissions:",
        "      android.permission.INTERNET: granted=true",
    ]  # fmt: skip
    for user in app.get("users", [{"id": 0}]):
        state = f"installed={str(user.get('installed', True)).lower()} hidden=false "
        state += "" if old else f"suspended={str(user.get('suspended', False)).lower()} "
        lines += [
            f"    User {user['id']}: {'' if old else 'ceDataInode=362168 '}{state}stopped=false notLaunched=false "
            f"enabled={user.get('enabled', 0)}",
            "      gids=[3003]",
            "      runtime permissions:",
            "        android.permission.READ_PHONE_STATE: granted=true",
        ]
    if "hidden" in app:
        lines += [
            "", "Hidden system packages:", f"  Package [{WECHAT}] (9c1d2e3):", "    userId=10108",
            "    versionCode=1980 minSdk=21 targetSdk=29", f"    versionName={app['hidden']}",
        ]  # fmt: skip
    lines += ["", "Queries:", "  User 0:", "", "Dexopt state:", f"  [{WECHAT}]", "    path: /data/app/base.apk", ""]
    return "\n".join(lines)


def _users(rows: list[list[Any]]) -> str:
    return "Users:\n" + "".join(f"\tUserInfo{{{number}:{name}:{flags}}} running\n" for number, name, flags in rows)


def _agent(style: str, number: int, transports: str, words: str, proxy: str, portal: bool) -> str:
    link = f"{{InterfaceName: wlan0 LinkAddresses: [ 192.168.1.23/24 ] DnsAddresses: [ /192.168.1.1 ]{proxy}}}"
    can = f'[ Transports: {transports} Capabilities: {words} LinkUpBandwidth>=12000Kbps SSID: "HomeNet-5G"]'
    kind = transports.split("|")[-1]
    if style == "old":
        return (
            f"  NetworkAgentInfo{{ ni{{[type: {kind}[], state: CONNECTED/CONNECTED, reason: (unspecified), extra: "
            f'"HomeNet-5G", failover: false]}}  network{{{number}}}  lp{{{link}}}  nc{{{can}}}  Score{{60}}  '
            f"everValidated{{true}}  lastValidated{{true}}  lastCaptivePortalDetected{{{str(portal).lower()}}} }}\n"
        )
    return (
        f"  NetworkAgentInfo{{network{{{number}}}  handle{{432902426637}}  ni{{{kind} CONNECTED extra: }} "
        f"Score(Policies : EVER_EVALUATED ; KeepConnected : 0)  lp{{{link}}}  nc{{{can}}}  factorySerialNumber=12}}\n"
    )


def _connectivity(net: dict[str, Any]) -> str:
    style, up = net.get("style", "new"), net.get("up", True)
    words = "INTERNET&NOT_RESTRICTED&TRUSTED&NOT_VPN" + "".join(f"&{word}" for word in net.get("words", ["VALIDATED"]))
    proxy = " HttpProxy: [192.168.1.9] 8888 xl=" if net.get("link_proxy") else ""
    text = f"NetworkFactories for:\n  TelephonyNetworkFactory\n\nActive default network: {101 if up else 'none'}\n\n"
    text += "Current Networks:\n"
    if up:
        text += _agent(style, 101, net.get("transport", "WIFI"), words, proxy, net.get("portal", False))
        text += "    Requests: REQUEST:3 LISTEN:9 BACKGROUND_REQUEST:0 total=12\n"
        text += "      NetworkRequest [ LISTEN id=53, [ Transports: VPN RequestorUid: 10181 ] ]\n"
    if net.get("vpn"):
        text += _agent(style, 104, "WIFI|VPN", words.replace("&NOT_VPN", ""), "", False)
        text += "    Requests: REQUEST:1 total=1\n"
    return text + "\nNetwork Requests:\n  uid/pid:10181/771 NetworkRequest [ LISTEN id=53, [ Transports: VPN ] ]\n"


def _policy(settings: dict[str, Any], app: dict[str, Any]) -> str:
    saver = str(settings.get("data_saver", False)).lower()
    row = (
        f"  UID={app.get('uid', 10108)} policy=1 (REJECT_METERED_BACKGROUND)\n" if settings.get("data_blocked") else ""
    )
    return (
        f"System ready: true\nRestrict background: {saver}\nRestrict power: false\nNetwork policies:\n"
        f"  NetworkPolicy{{template=NetworkTemplate: matchRule=WIFI, wifiNetworkKey=HomeNet-5G}}\n"
        f"Policy for UIDs:\n  UID=10057 policy=4 (ALLOW_METERED_BACKGROUND)\n{row}Status for all known UIDs:\n"
    )


def _storage(phone_: dict[str, Any]) -> str:
    free = phone_.get("free_gib", 40)
    if phone_.get("sdk", 33) < 23:
        return f"Filesystem   Size     Used     Free   Blksize\n/data       52.0G    9.0G    {free}.0G   4096\n"
    return (
        "Filesystem       1K-blocks     Used Available Use% Mounted on\n"
        f"/dev/block/dm-5  115249236 73306196 {free << 20}  64% /data\n"
    )


def _ping(net: dict[str, Any]) -> Reply:
    received = net.get("ping", 4)
    rows = "".join(f"64 bytes from 203.0.113.9: icmp_seq={n} ttl=53 time=21.3 ms\n" for n in range(1, received + 1))
    tail = "rtt min/avg/max/mdev = 20.1/21.3/23.0/0.9 ms\n" if received else ""
    text = (
        f"PING lab (203.0.113.9) 56(84) bytes of data.\n{rows}\n--- lab ping statistics ---\n"
        f"4 packets transmitted, {received} received, {100 - 25 * received}% packet loss, time 912ms\n{tail}"
    )
    return Reply(text.encode(), rc=0 if received else 1)
