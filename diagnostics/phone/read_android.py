"""Look at the one Android phone on the cable: find it, run the allowed commands side by side, say what they mean."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING, Any, ClassVar, Final

from diagnostics.evidence import StepResult
from diagnostics.network.deadline import CancelledError, Deadline, NoAnswerError, TimedOutError
from diagnostics.phone import adb_client
from diagnostics.phone import android_parsers as parse
from diagnostics.phone.adb_client import COMMANDS, WECHAT, Device, mask, server_port
from diagnostics.phone.local_service import ClosedError, MalformedError, NoServerError
from diagnostics.phone.readout import (
    PhoneReader,
    PhoneValue,
    StopReadingError,
    android_names,
    iphone_names,
    iphones_beside,
    to_observations,
)
from diagnostics.sanitize import clean_line
from diagnostics.versions import at_least, parse_wechat_version

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from diagnostics.evidence import Observation
    from diagnostics.phone.adb_client import Output
    from diagnostics.phone.readout import Value

    Row = tuple[str, Value | bool | None, str, str]
    """A reading's id, its value (None: not known), the command that gave it, the part of its output that says it."""
    Rule = tuple[tuple[str, ...], Callable[["PhoneOutputs"], Iterator[Row]]]


class PhoneOutputs:
    """What the commands of a look printed, by command, and the readings that they complete, by rule."""

    def __init__(self) -> None:
        self.all: dict[str, Output] = {}
        self.package: parse.Package | None = None
        self.connectivity: parse.Connectivity | None = None
        self._readings: dict[int, list[PhoneValue]] = {}

    @property
    def readings(self) -> list[PhoneValue]:
        """All readings so far, in the order in which they are shown."""
        return [reading for _, found in sorted(self._readings.items()) for reading in found]

    def add(self, output: Output) -> list[PhoneValue]:
        """Take one more output and return what can be read now and could not before."""
        self.all[output.id] = output
        if output.id == "package" and (output.good or output.cut):  # of a cut output, what stands in its part
            self.package = parse.parse_package(output.text)
        elif output.id == "connectivity":
            self.connectivity = parse.parse_connectivity(self.text("connectivity"))
        new: list[PhoneValue] = []
        for place, (commands, read) in enumerate(_RULES):
            if output.id in commands and self.all.keys() >= set(commands):
                self._readings[place] = self._made(read(self))
                new += self._readings[place]
        return new

    def text(self, id_: str) -> str:
        """Return what a command printed, or nothing where it did not end well."""
        return self.all[id_].text if self.all[id_].good else ""

    def _made(self, rows: Iterator[Row]) -> list[PhoneValue]:
        """Return the readings of known values; a truth value becomes `yes` or `no`."""
        shown = [
            (id_, ("yes" if value else "no") if isinstance(value, bool) else value, self.all[command].command, text)
            for id_, value, command, text in rows
            if value is not None
        ]
        return [PhoneValue(id_, value, f"adb shell {line}", clean_line(text, 200)) for id_, value, line, text in shown]


def _package(phone: PhoneOutputs) -> Iterator[Row]:
    found = phone.package
    if found is None:
        return
    line, users = found.version_line, found.installed_for
    installed = found.version is not None and bool(users or not found.users)
    yield "wechat.installed", installed, "package", line or "Unable to find package"
    yield "wechat.version", found.version, "package", line
    yield "wechat.version_code", found.code, "package", line
    yield "wechat.install_source", found.installer, "package", f"installerPackageName={found.installer}"
    yield "wechat.hidden_version", found.hidden_version, "package", f"versionName={found.hidden_version}"
    if found.users:
        off = [str(state.user) for state in found.users if state.installed and state.off]
        yield "wechat.users", users, "package", f"installed=true: User {', '.join(users) or '-'}"
        yield "wechat.off_for", off, "package", f"enabled/suspended: User {', '.join(off) or '-'}"


def _path(phone: PhoneOutputs) -> Iterator[Row]:
    found = _on_path(phone)
    yield "wechat.path_found", found, "path", "package:…" if found else "-"


def _users(phone: PhoneOutputs) -> Iterator[Row]:
    shown = [f"{number}:{kind}" for number, kind in parse.parse_users(phone.text("users")).items()]
    yield "phone.users", shown or None, "users", ", ".join(f"UserInfo{{{name}}}" for name in shown)


def _android(phone: PhoneOutputs) -> Iterator[Row]:
    release, sdk = phone.text("release"), phone.text("sdk")
    source = "release" if parse.android_version(release, "") else "sdk"
    yield "os.version", parse.android_version(release, sdk), source, phone.text(source)


def _kind(phone: PhoneOutputs) -> Iterator[Row]:
    texts = [phone.text(id_) for id_ in ("characteristics", "size", "density")]
    kind = parse.device_kind(*texts)
    where = "characteristics" if kind == "watch_or_car" else "size"
    yield "phone.kind", kind, where, " · ".join(parse.one_line(text) or "" for text in texts)


def _clock(phone: PhoneOutputs) -> Iterator[Row]:
    output, text = phone.all["clock"], phone.text("clock")
    yield "clock.difference_s", parse.clock_difference(text, output.sent, output.received), "clock", text


def _connectivity(phone: PhoneOutputs) -> Iterator[Row]:
    found = phone.connectivity
    if found is None:
        return
    text = "Active default network: none"
    if found.transports:
        flags = (("VALIDATED", found.validated), ("CAPTIVE_PORTAL", found.portal),
                 ("PARTIAL_CONNECTIVITY", found.partial))  # fmt: skip
        words = "&".join(word for word, is_ in flags if is_) or "-"
        text = f"Transports: {'|'.join(found.transports)} Capabilities: …{words}…"
        yield "network.validated", found.validated, "connectivity", text
        yield "network.captive_portal", found.portal, "connectivity", text
    names = [name.lower() for name in found.transports] or ["none"]
    yield "network.transport", names, "connectivity", text
    yield "network.vpn", found.vpn, "connectivity", "Transports: …VPN…" if found.vpn else text
    yield "network.link_proxy", found.proxy, "connectivity", "HttpProxy: …" if found.proxy else text


def _policy(phone: PhoneOutputs) -> Iterator[Row]:
    text = phone.text("netpolicy")
    saver = parse.data_saver(text)
    blocked = parse.data_blocked(text, phone.package.uid if phone.package else None)
    yield "background.data_saver", saver, "netpolicy", f"Restrict background: {str(saver).lower()}"
    yield "background.data_blocked", blocked, "netpolicy", "REJECT_METERED_BACKGROUND" if blocked else "-"


def _value(
    id_: str, command: str, read: Callable[[str], Value | bool | None],
    shown: Callable[[Value | bool | None, str], str] = lambda _value, text: text,
) -> Rule:  # fmt: skip
    """Return the rule of a value that one command gives by itself; `shown` is what of its text may be shown."""

    def rule(phone: PhoneOutputs) -> Iterator[Row]:
        output = phone.all[command]
        value = read(output.text) if output.good else None
        yield id_, value, command, shown(value, output.text) if value is not None else ""

    return (command,), rule


def _property(id_: str, command: str) -> Rule:
    return _value(id_, command, lambda text: parse.one_line(text, 60), lambda value, _text: str(value))


def _hidden(value: Value | bool | None, text: str) -> str:
    """Return `…` for what is set: the address of a proxy or the name of an app is the user's own business."""
    return "…" if value else text or "null"


_RULES: Final[tuple[Rule, ...]] = (
    (("package",), _package),
    (("path",), _path),
    (("users",), _users),
    (("release", "sdk"), _android),
    _property("os.harmony_version", "harmony"),
    _property("phone.maker", "maker"),
    _property("phone.model", "model"),
    (("characteristics", "size", "density"), _kind),
    (("clock",), _clock),
    _value("clock.automatic", "auto_time", parse.switch),
    _value("network.airplane_mode", "airplane", parse.switch),
    (("connectivity",), _connectivity),
    _value("network.global_proxy", "proxy", parse.proxy_set, _hidden),
    _value("network.always_on_vpn", "always_on_vpn", lambda text: parse.one_line(text) is not None, _hidden),
    _property("network.private_dns", "dns_mode"),
    _value("storage.free_bytes", "storage", parse.free_bytes, lambda _value, text: text.splitlines()[-1]),
    (("netpolicy", "package"), _policy),
)
"""Which commands each reading needs, in the order in which readings are shown."""


def diagnose_phone(phone: PhoneOutputs, minimum: str | None) -> tuple[str, dict[str, Any]]:
    """Return the verdict on a phone that was asked everything, and the values that its text names."""
    dump, found = phone.all["package"], phone.package
    if dump.failure is not None:
        return ("hung" if dump.failure == TimedOutError.failure else "dropped"), {}
    version = _usable(found.version) if found is not None else None
    if dump.cut:
        return "output_too_long", {"version": version or "?", "command": dump.command}
    if not dump.good:
        return "command_failed", {"command": dump.command, "code": dump.code}
    if _present(phone) is False:
        return "wechat_absent", {}
    if found is None or version is None:
        return "unreadable", {"command": dump.command}
    values: dict[str, Any] = {"version": version}
    own = next((state for state in found.users if state.user == 0), None)
    if own is not None and not own.installed:
        return "wechat_other_user", values | {"users": ", ".join(found.installed_for)}
    if own is not None and own.off:
        return "wechat_disabled", values
    if minimum is not None and not at_least(version, minimum):
        return "wechat_old", values | {"minimum": minimum}
    return ("vendor_format" if found.loose else "ok"), values


def observations(phone: PhoneOutputs, at: str) -> tuple[Observation, ...]:
    """Return what the phone witnesses. A phone without WeChat is not where the user looked: it witnesses nothing."""
    present = _present(phone)
    if present is False:
        return ()
    values = {reading.id: str(reading.value) for reading in phone.readings}
    proxies = ("network.vpn", "network.global_proxy", "network.link_proxy")
    rows = (
        ("wechat.version", _usable(values.get("wechat.version")), ("wechat.version",)),
        ("os.version", f"Android {values.get('os.version')}", ("os.version",)),
        ("client.platform", "android", ("os.version",)),
        ("client.kind", values.get("phone.kind") if present else None, ("phone.kind",)),
        ("network.vpn_or_proxy", _vpn_or_proxy({values.get(id_) for id_ in proxies}), proxies),
        ("network.phone_loads_pages", loads_pages(phone), ("network.transport", "network.validated")),
    )
    return to_observations(phone.readings, at, rows)


def _usable(version: str | None) -> str | None:
    """Return the version as a dotted number where it can be read as WeChat's."""
    return parse_wechat_version(version).version if version is not None else None


def _on_path(phone: PhoneOutputs) -> bool | None:
    output = phone.all["path"]
    return parse.parse_path(output.text, output.code) if output.answered else None


def _present(phone: PhoneOutputs) -> bool | None:
    """Whether WeChat is on the phone, for any of its users; None where that could not be read.

    An old phone, whose adb tells no exit codes, says no by printing no path and no word of the package.
    """
    found, path, dump = phone.package, phone.all["path"], phone.all["package"]
    on_path = _on_path(phone)
    if found is None:
        quiet = path.good and path.code is None and not path.text.strip() and dump.good and WECHAT not in dump.text
        return False if on_path is None and quiet else on_path
    return bool(found.installed_for) if found.users else found.version is not None or on_path is True


def _vpn_or_proxy(values: set[str | None]) -> str | None:
    """Return `yes` for a VPN or a proxy anywhere, `no` only where each place was read and holds none."""
    return "yes" if "yes" in values else "no" if values == {"no"} else None


def loads_pages(phone: PhoneOutputs) -> str | None:
    """Return whether the phone loads pages, where certain.

    Its system tests each network by loading a page: validated means yes, and no network at all means no. A login page
    or an unfinished test settles nothing.
    """
    network = phone.connectivity
    if network is None:
        return None
    if not network.transports:
        return "no"
    return "yes" if network.validated and not (network.portal or network.partial) else None


SETTLE: Final = 2.5
"""Seconds for a phone to finish introducing itself to a server that has just met it."""
USUAL_SERVER: Final = 41
_STATES: Final = {
    "unauthorized": "unauthorized", "authorizing": "unauthorized", "no_permissions": "no_permission",
    "offline": "offline", "connecting": "offline", "bootloader": "not_booted", "fastboot": "not_booted",
    "fastbootd": "not_booted", "recovery": "not_booted", "sideload": "not_booted", "rescue": "not_booted",
}  # fmt: skip
"""The verdict that a phone's state is by itself; a `device` can be read."""
_PASSING: Final = ("connecting", "authorizing")
"""States that a phone goes through by itself."""


class AndroidReader(PhoneReader):
    """Look at the Android phone; each step is a command that ended."""

    system = "android"
    service = "adb"
    no_phone: ClassVar = PhoneReader.no_phone | {"server_version": None, "adb_left_running": False}
    _started = False

    def _read_phone(self) -> None:
        self._on_step("adb", 0, 0)
        self._readout.data["server_version"] = version = self._reach_server()
        self._readout.operation = "devices"
        if version != USUAL_SERVER:
            self._readout.below = [("server_version", {"version": version})]
        self._ask(self._choose())

    def _note_failure(self, error: NoAnswerError) -> None:
        kinds = {CancelledError: "cancelled", TimedOutError: "out_of_time", MalformedError: "server_port_taken"}
        self._readout.verdict = kinds.get(type(error), "dropped")
        self._readout.values |= {"port": server_port()} if isinstance(error, MalformedError) else {}

    def _finish(self) -> None:
        if self._started and not self._stop():
            self._readout.data["adb_left_running"] = True
            self._readout.below += [] if self._asked.stops_adb else [("left_running", {})]

    def _reach_server(self) -> int:
        """Return the version of a server that answers. Raises StopReadingError where none can be had."""
        with contextlib.suppress(NoServerError):
            return adb_client.server_version(self._deadline)
        adb = adb_client.adb_program()
        if adb is None or not self._asked.start_adb:
            raise StopReadingError("adb_not_running" if adb else "adb_absent")
        if not adb_client.start_server(adb, self._deadline):
            raise StopReadingError("adb_start_failed", port=server_port())
        self._started = True
        return adb_client.server_version(self._deadline)

    def _stop(self) -> bool:
        """Stop a server that was started for this look; True when it is stopped.

        It stays for a phone that is just asking its user to allow this computer: the question would vanish with it.
        """
        if self._asked.keep_adb or self._readout.verdict == "unauthorized":
            return False
        try:
            adb_client.stop_server(Deadline(adb_client.ANSWER))
        except NoAnswerError:
            return False
        return True

    def _choose(self) -> Device:
        """Return the phone to read. Raises StopReadingError where not exactly one can be read."""
        settled = time.monotonic() + SETTLE
        while True:
            devices = adb_client.list_devices(self._deadline)
            chosen, code = self._match(devices)
            passing = (*_PASSING, "offline") if self._started else _PASSING
            waits = chosen.state in passing if chosen is not None else self._started and code == "none"
            if not waits or time.monotonic() > settled:
                break
            self._deadline.pause(0.1)
        names = android_names(devices)
        if self._asked.choice.system is None and chosen is not None:
            names += iphone_names(iphones_beside(self._deadline))
            if len(names) > len(devices):
                chosen, code = None, "several"
        self._readout.data |= {
            "device": mask(chosen.serial) if chosen is not None else None,
            "devices": [{"device": mask(one.serial), "state": one.state, "model": one.model} for one in devices],
        }
        if chosen is None:
            raise StopReadingError(code, devices=", ".join(names), device=self._asked.choice.shown)
        if chosen.state != "device":
            raise StopReadingError(_STATES.get(chosen.state, "unknown_state"), device=chosen.name, state=chosen.state)
        return chosen

    def _match(self, devices: tuple[Device, ...]) -> tuple[Device | None, str]:
        """Return the phone that is meant, or None and the verdict on there being none."""
        number, wanted = self._asked.choice.number, self._asked.choice.serial
        if number is not None:
            return (devices[number - 1], "") if number <= len(devices) else (None, "not_found")
        if wanted is not None:
            exact = [device for device in devices if device.serial == wanted]
            found = exact or [device for device in devices if device.serial.endswith(wanted.lstrip("…"))]
            return (found[0], "") if len(found) == 1 else (None, "several" if found else "not_found")
        ready = [device for device in devices if device.state == "device"] or list(devices)
        if len(ready) > 1:
            return None, "several"
        return (ready[0], "") if ready else (None, "none")

    def _ask(self, device: Device) -> None:
        """Run all commands on the chosen phone and fill in what they say."""
        seen, asked = self._readout, self._asked
        separate = "shell_v2" in adb_client.features(device.serial, self._deadline)
        phone = PhoneOutputs()

        def take(output: Output) -> None:
            new = phone.add(output)
            self._on_step(output.command, len(phone.all), len(COMMANDS))
            for reading in new:
                self._on_reading(reading)

        adb_client.run_all(
            device.serial, self._deadline.within(asked.silence), take, separate=separate,
            extend_to=self._deadline.due(asked.patience),
        )  # fmt: skip
        failures = [output.failure for output in phone.all.values() if output.failure]
        seen.operation = COMMANDS["package"]
        seen.failure = failures[0] if failures else None
        seen.steps = tuple(_step(output, device) for output in phone.all.values())
        seen.readings = tuple(phone.readings)
        if CancelledError.failure in failures:
            raise CancelledError
        seen.observations = observations(phone, asked.at)
        seen.verdict, seen.values = diagnose_phone(phone, asked.minimum)
        # adb without exit codes does not tell the end of an output from an unplugging: nothing at all is suspicious
        silent = not any(output.text.strip() for output in phone.all.values())
        if ClosedError.failure in failures or (silent and TimedOutError.failure not in failures):
            there = adb_client.list_devices(self._deadline)
            if not any(one.serial == device.serial and one.state == "device" for one in there):
                seen.verdict, seen.values = "dropped", {}
        seen.values |= {"device": device.name}


def _step(output: Output, device: Device) -> StepResult:
    return StepResult(
        name=output.command,
        target=mask(device.serial),
        started_ms=output.started_ms,
        duration_ms=output.duration_ms,
        failure=output.failure,
        detail="" if output.code in (None, 0) else f"exit code {output.code}",
    )
