"""Turn the outputs of a phone's commands into readings, each with the command that gave it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from diagnostics.phone import android_package, android_system
from diagnostics.phone.readout import PhoneValue
from diagnostics.sanitize import clean_line

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from diagnostics.phone.adb_shell import Output
    from diagnostics.phone.readout import Value

    Outputs = Mapping[str, Output]
    Rule = Callable[[Outputs], "list[PhoneValue]"]


class PhoneValues:
    """Collects outputs as they come and gives the readings that each one completes."""

    def __init__(self) -> None:
        self.outputs: dict[str, Output] = {}
        self._found: list[tuple[int, PhoneValue]] = []
        self._open = list(enumerate(_RULES))

    @property
    def all(self) -> list[PhoneValue]:
        """All readings so far, in the order in which they are shown."""
        return [reading for _, reading in sorted(self._found, key=lambda row: row[0])]

    def add(self, output: Output) -> list[PhoneValue]:
        """Take one more output and return what can be read now and could not before."""
        self.outputs[output.command.id] = output
        new: list[tuple[int, PhoneValue]] = []
        if output.command.id.startswith("ping:"):
            new += [(len(_RULES), reading) for reading in _ping(output)]
        ready = [row for row in self._open if all(id_ in self.outputs for id_ in row[1][0])]
        for row in ready:
            self._open.remove(row)
            place, (_, read) = row
            new += [(place, reading) for reading in read(self.outputs)]
        self._found += new
        return [reading for _, reading in new]


def text_of(outputs: Outputs, id_: str) -> str:
    """Return what a command printed, or nothing where it did not end well."""
    output = outputs.get(id_)
    return output.text if output is not None and output.good else ""


def _reading(outputs: Outputs, id_: str, value: Value | bool | None, command: str, text: str) -> list[PhoneValue]:
    """Return one reading, or none where the value is not known; a truth value becomes `yes` or `no`."""
    if value is None:
        return []
    shown: Value = ("yes" if value else "no") if isinstance(value, bool) else value
    return [PhoneValue(id_, shown, f"adb shell {outputs[command].command.text}", clean_line(text, 200))]


def package_of(outputs: Outputs) -> android_package.Package | None:
    """Return what is known of WeChat's package; from a cut output, what stands in its part."""
    output = outputs.get("package")
    return android_package.parse_package(output.text) if output is not None and (output.good or output.cut) else None


def _package(outputs: Outputs) -> list[PhoneValue]:
    found = package_of(outputs)
    if found is None:
        return []
    here: list[PhoneValue] = []

    def add(id_: str, value: Value | bool | None, text: str) -> None:
        here.extend(_reading(outputs, id_, value, "package", text))

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


def _users(outputs: Outputs) -> list[PhoneValue]:
    users = android_package.parse_users(text_of(outputs, "users"))
    shown = [f"{user.number}:{user.kind}" for user in users]
    return _reading(outputs, "phone.users", shown or None, "users", ", ".join(f"UserInfo{{{name}}}" for name in shown))


def _path(outputs: Outputs) -> list[PhoneValue]:
    output = outputs["path"]
    found = android_package.parse_path(output.text, output.code) if output.answered else None
    return _reading(outputs, "wechat.path_found", found, "path", "package:…" if found else "-")


def _android(outputs: Outputs) -> list[PhoneValue]:
    release, sdk = text_of(outputs, "release"), text_of(outputs, "sdk")
    source = "release" if android_system.android_version(release, "") else "sdk"
    return _reading(
        outputs, "os.version", android_system.android_version(release, sdk), source, text_of(outputs, source)
    )


def _value(
    id_: str, command: str, read: Callable[[str], Value | bool | None],
    shown: Callable[[Value | bool | None, str], str] = lambda _value, text: text,
) -> tuple[tuple[str, ...], Rule]:  # fmt: skip
    """Return the rule of a value that one command gives by itself; `shown` is what of its text may be shown."""

    def rule(outputs: Outputs) -> list[PhoneValue]:
        output = outputs[command]
        value = read(output.text) if output.good else None
        return _reading(outputs, id_, value, command, shown(value, output.text) if value is not None else "")

    return (command,), rule


def _hidden(value: Value | bool | None, text: str) -> str:
    """Return `…` for what is set: the address of a proxy or the name of an app is the user's own business."""
    return "…" if value else text or "null"


def _property(id_: str, command: str) -> tuple[tuple[str, ...], Rule]:
    return _value(id_, command, lambda text: android_system.one_line(text, 60), lambda value, _text: str(value))


def _limited(text: str) -> bool | None:
    mode = android_system.background_mode(text)
    return mode in ("ignore", "deny") if mode is not None else None


def _kind(outputs: Outputs) -> list[PhoneValue]:
    kind = android_system.device_kind(*(text_of(outputs, id_) for id_ in ("characteristics", "size", "density")))
    where = "characteristics" if kind == "watch_or_car" else "size"
    told = " · ".join(
        android_system.one_line(text_of(outputs, id_)) or "" for id_ in ("characteristics", "size", "density")
    )
    return _reading(outputs, "phone.kind", kind, where, told)


def _clock(outputs: Outputs) -> list[PhoneValue]:
    output, text = outputs["clock"], text_of(outputs, "clock")
    return _reading(
        outputs,
        "clock.difference_s",
        android_system.clock_difference(text, output.sent, output.received),
        "clock",
        text,
    )


def _connectivity(outputs: Outputs) -> list[PhoneValue]:
    found = android_system.parse_connectivity(text_of(outputs, "connectivity"))
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
        here += _reading(outputs, "network.validated", active.validated, "connectivity", text)
        here += _reading(outputs, "network.captive_portal", active.portal, "connectivity", text)
    here += _reading(outputs, "network.transport", names, "connectivity", text)
    vpn = "Transports: …VPN…" if found.vpn else text
    here += _reading(outputs, "network.vpn", found.vpn, "connectivity", vpn)
    return here + _reading(
        outputs, "network.link_proxy", found.proxy, "connectivity", "HttpProxy: …" if found.proxy else text
    )


def _policy(outputs: Outputs) -> list[PhoneValue]:
    found = package_of(outputs)
    policy = android_system.parse_policy(text_of(outputs, "netpolicy"), found.uid if found else None)
    saver = f"Restrict background: {str(policy.data_saver).lower()}"
    blocked = "REJECT_METERED_BACKGROUND" if policy.app_blocked else "-"
    return [
        *_reading(outputs, "background.data_saver", policy.data_saver, "netpolicy", saver),
        *_reading(outputs, "background.data_blocked", policy.app_blocked, "netpolicy", blocked),
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
