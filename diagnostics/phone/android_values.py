"""Turn the outputs of a phone's commands into readings, each with the command that gave it."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final

from diagnostics.phone import android_package, android_system
from diagnostics.phone.readout import PhoneValue
from diagnostics.sanitize import clean_line

if TYPE_CHECKING:
    from collections.abc import Callable

    from diagnostics.phone.adb_shell import Output
    from diagnostics.phone.readout import Value

    Rule = Callable[["PhoneOutputs"], "list[PhoneValue]"]


class PhoneOutputs:
    """What the commands of a look printed, each read once, and the readings that each one completes."""

    def __init__(self) -> None:
        self.all: dict[str, Output] = {}
        self._readings: list[tuple[int, PhoneValue]] = []
        self._open = list(enumerate(_RULES))

    @property
    def readings(self) -> list[PhoneValue]:
        """All readings so far, in the order in which they are shown."""
        return [reading for _, reading in sorted(self._readings, key=lambda row: row[0])]

    def add(self, output: Output) -> list[PhoneValue]:
        """Take one more output and return what can be read now and could not before."""
        self.all[output.command.id] = output
        new: list[tuple[int, PhoneValue]] = []
        if output.command.id.startswith("ping:"):
            new += [(len(_RULES), reading) for reading in _ping(output)]
        ready = [row for row in self._open if all(id_ in self.all for id_ in row[1][0])]
        for row in ready:
            self._open.remove(row)
            place, (_, read) = row
            new += [(place, reading) for reading in read(self)]
        self._readings += new
        return [reading for _, reading in new]

    def text(self, id_: str) -> str:
        """Return what a command printed, or nothing where it did not end well."""
        output = self.all.get(id_)
        return output.text if output is not None and output.good else ""

    @cached_property
    def package(self) -> android_package.Package | None:
        """What is known of WeChat's package; from a cut output, what stands in its part."""
        output = self.all["package"]
        return android_package.parse_package(output.text) if output.good or output.cut else None

    @cached_property
    def connectivity(self) -> android_system.Connectivity | None:
        """The phone's networks."""
        return android_system.parse_connectivity(self.text("connectivity"))

    def reading(self, id_: str, value: Value | bool | None, command: str, text: str) -> list[PhoneValue]:
        """Return one reading, or none where the value is not known; a truth value becomes `yes` or `no`."""
        if value is None:
            return []
        shown: Value = ("yes" if value else "no") if isinstance(value, bool) else value
        return [PhoneValue(id_, shown, f"adb shell {self.all[command].command.text}", clean_line(text, 200))]


def _package(phone: PhoneOutputs) -> list[PhoneValue]:
    found = phone.package
    if found is None:
        return []
    here: list[PhoneValue] = []

    def add(id_: str, value: Value | bool | None, text: str) -> None:
        here.extend(phone.reading(id_, value, "package", text))

    installed = found.present and (not found.users or any(state.installed for state in found.users))
    add("wechat.installed", installed, found.version_line or "Unable to find package")
    add("wechat.version", found.version, found.version_line)
    add("wechat.version_code", found.code, found.version_line)
    add("wechat.install_source", found.installer, f"installerPackageName={found.installer}")
    add("wechat.hidden_version", found.hidden_version, f"versionName={found.hidden_version}")
    if found.users:
        for_ = [str(state.user) for state in found.users if state.installed]
        off = [str(state.user) for state in found.users if state.installed and state.off]
        add("wechat.users", for_, f"installed=true: User {', '.join(for_) or '-'}")
        add("wechat.off_for", off, f"enabled/suspended: User {', '.join(off) or '-'}")
    return here


def _users(phone: PhoneOutputs) -> list[PhoneValue]:
    users = android_package.parse_users(phone.text("users"))
    shown = [f"{user.number}:{user.kind}" for user in users]
    return phone.reading("phone.users", shown or None, "users", ", ".join(f"UserInfo{{{name}}}" for name in shown))


def _path(phone: PhoneOutputs) -> list[PhoneValue]:
    output = phone.all["path"]
    found = android_package.parse_path(output.text, output.code) if output.answered else None
    return phone.reading("wechat.path_found", found, "path", "package:…" if found else "-")


def _android(phone: PhoneOutputs) -> list[PhoneValue]:
    release, sdk = phone.text("release"), phone.text("sdk")
    source = "release" if android_system.android_version(release, "") else "sdk"
    return phone.reading("os.version", android_system.android_version(release, sdk), source, phone.text(source))


def _value(
    id_: str, command: str, read: Callable[[str], Value | bool | None],
    shown: Callable[[Value | bool | None, str], str] = lambda _value, text: text,
) -> tuple[tuple[str, ...], Rule]:  # fmt: skip
    """Return the rule of a value that one command gives by itself; `shown` is what of its text may be shown."""

    def rule(phone: PhoneOutputs) -> list[PhoneValue]:
        output = phone.all[command]
        value = read(output.text) if output.good else None
        return phone.reading(id_, value, command, shown(value, output.text) if value is not None else "")

    return (command,), rule


def _hidden(value: Value | bool | None, text: str) -> str:
    """Return `…` for what is set: the address of a proxy or the name of an app is the user's own business."""
    return "…" if value else text or "null"


def _property(id_: str, command: str) -> tuple[tuple[str, ...], Rule]:
    return _value(id_, command, lambda text: android_system.one_line(text, 60), lambda value, _text: str(value))


def _limited(text: str) -> bool | None:
    mode = android_system.background_mode(text)
    return mode in ("ignore", "deny") if mode is not None else None


def _kind(phone: PhoneOutputs) -> list[PhoneValue]:
    texts = [phone.text(id_) for id_ in ("characteristics", "size", "density")]
    kind = android_system.device_kind(*texts)
    where = "characteristics" if kind == "watch_or_car" else "size"
    told = " · ".join(android_system.one_line(text) or "" for text in texts)
    return phone.reading("phone.kind", kind, where, told)


def _clock(phone: PhoneOutputs) -> list[PhoneValue]:
    output, text = phone.all["clock"], phone.text("clock")
    difference = android_system.clock_difference(text, output.sent, output.received)
    return phone.reading("clock.difference_s", difference, "clock", text)


def _connectivity(phone: PhoneOutputs) -> list[PhoneValue]:
    found = phone.connectivity
    if found is None:
        return []
    active = found.active
    here: list[PhoneValue] = []
    text = "Active default network: none"
    names = ["none"]
    if active is not None:
        names = [name.lower() for name in active.transports]
        flags = [word for word, is_ in (("VALIDATED", active.validated), ("CAPTIVE_PORTAL", active.portal),
                                        ("PARTIAL_CONNECTIVITY", active.partial)) if is_]  # fmt: skip
        text = f"Transports: {'|'.join(active.transports)} Capabilities: …{'&'.join(flags) or '-'}…"
        here += phone.reading("network.validated", active.validated, "connectivity", text)
        here += phone.reading("network.captive_portal", active.portal, "connectivity", text)
    here += phone.reading("network.transport", names, "connectivity", text)
    vpn = "Transports: …VPN…" if found.vpn else text
    here += phone.reading("network.vpn", found.vpn, "connectivity", vpn)
    proxy = "HttpProxy: …" if found.proxy else text
    return here + phone.reading("network.link_proxy", found.proxy, "connectivity", proxy)


def _policy(phone: PhoneOutputs) -> list[PhoneValue]:
    found = phone.package
    policy = android_system.parse_policy(phone.text("netpolicy"), found.uid if found else None)
    saver = f"Restrict background: {str(policy.data_saver).lower()}"
    blocked = "REJECT_METERED_BACKGROUND" if policy.app_blocked else "-"
    return [
        *phone.reading("background.data_saver", policy.data_saver, "netpolicy", saver),
        *phone.reading("background.data_blocked", policy.app_blocked, "netpolicy", blocked),
    ]


def _ping(output: Output) -> list[PhoneValue]:
    """Read a ping that ran to its end, whatever its exit code: that says whether all, some or no answers came."""
    found = android_system.parse_ping(output.text) if output.answered else None
    if found is None:
        return []
    host = output.command.id.removeprefix("ping:")
    told = f"{found.sent} packets transmitted, {found.received} received"
    if found.round_ms is not None:
        told += f", rtt avg {found.round_ms:g} ms"
    return [PhoneValue(f"ping.{host}", f"{found.received}/{found.sent}", f"adb shell {output.command.text}", told)]


_RULES: Final[tuple[tuple[tuple[str, ...], Rule], ...]] = (
    (("package",), _package),
    (("path",), _path),
    (("users",), _users),
    (("release", "sdk"), _android),
    _property("os.harmony_version", "harmony"),
    _property("phone.maker", "maker"),
    _property("phone.model", "model"),
    (("characteristics", "size", "density"), _kind),
    (("clock",), _clock),
    _value("clock.automatic", "auto_time", android_system.switch),
    _value("network.airplane_mode", "airplane", android_system.switch),
    (("connectivity",), _connectivity),
    _value("network.global_proxy", "proxy", android_system.proxy_set, _hidden),
    _value("network.always_on_vpn", "always_on_vpn", lambda text: android_system.one_line(text) is not None, _hidden),
    _property("network.private_dns", "dns_mode"),
    _value("storage.free_bytes", "storage", android_system.free_bytes, lambda _value, text: text.splitlines()[-1]),
    _value("battery.saver", "saver", android_system.switch),
    _value(
        "background.restricted", "background", _limited,
        lambda _value, text: f"RUN_ANY_IN_BACKGROUND: {android_system.background_mode(text)}",
    ),
    (("netpolicy", "package"), _policy),
)  # fmt: skip
"""Which commands each reading needs, in the order in which readings are shown."""
