"""What a phone's outputs establish: the one state it is in, and the observations it settles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from diagnostics.evidence import Observation
from diagnostics.network.deadline import TimedOutError
from diagnostics.phone import android_package, android_system
from diagnostics.phone.adb_shell import WECHAT
from diagnostics.versions import at_least, parse_wechat_version

if TYPE_CHECKING:
    from diagnostics.phone.adb_shell import Output
    from diagnostics.phone.android_package import Package
    from diagnostics.phone.android_values import PhoneOutputs

_STATES: Final = {
    "unauthorized": "unauthorized", "authorizing": "unauthorized", "no_permissions": "no_permission",
    "offline": "offline", "connecting": "offline", "bootloader": "not_booted", "fastboot": "not_booted",
    "fastbootd": "not_booted", "recovery": "not_booted", "sideload": "not_booted", "rescue": "not_booted",
}  # fmt: skip
PASSING: Final = ("connecting", "authorizing")
"""States that a phone goes through by itself."""


def verdict_of_state(state: str) -> str | None:
    """Return the verdict that a phone's state is by itself; None for one that can be read."""
    return None if state == "device" else _STATES.get(state, "unknown_state")


def diagnose_phone(phone: PhoneOutputs, minimum: str | None) -> tuple[str, dict[str, Any]]:
    """Return the verdict on a phone that was asked everything, and the values that its text names."""
    dump = phone.all["package"]
    if dump.failure is not None:
        return ("hung" if dump.failure == TimedOutError.failure else "dropped"), {}
    found = phone.package
    version = usable_version(found.version) if found is not None else None
    if dump.cut:
        return "output_too_long", {"version": version or "?", "command": dump.command.text}
    if dump.code not in (None, 0):
        return "command_failed", {"command": dump.command.text, "code": dump.code}
    if wechat_present(phone) is False:
        return "wechat_absent", {}
    if found is None or version is None:
        return "unreadable", {"command": dump.command.text}
    return _installed(found, version, minimum)


def _installed(found: Package, version: str, minimum: str | None) -> tuple[str, dict[str, Any]]:
    own = found.own
    values: dict[str, Any] = {"version": version}
    if own is not None and not own.installed:
        others = [str(state.user) for state in found.users if state.installed]
        return "wechat_other_user", values | {"users": ", ".join(others)}
    if own is not None and own.off:
        return "wechat_disabled", values
    if minimum is not None and not at_least(version, minimum):
        return "wechat_old", values | {"minimum": minimum}
    return ("vendor_format" if found.loose else "ok"), values


LOSS: Final = 0.2
"""Share of lost packets from which a network that answers counts as intermittent; one lost packet never does."""


def usable_version(version: str | None) -> str | None:
    """Return the version as a dotted number where it can be read as WeChat's."""
    return parse_wechat_version(version).version if version is not None else None


def wechat_present(phone: PhoneOutputs) -> bool | None:
    """Whether WeChat is on the phone, for any of its users; None where that could not be read."""
    found, path = phone.package, phone.all["path"]
    on_path = android_package.parse_path(path.text, path.code) if path.answered else None
    if found is None:
        return False if on_path is None and _nothing_at_all(path, phone.all["package"]) else on_path
    if found.users:
        return any(state.installed for state in found.users)
    return found.present if on_path is None or found.version else on_path


def _nothing_at_all(path: Output, dump: Output) -> bool:
    """Whether an old phone, whose adb tells no exit codes, printed no path and no word of the package."""
    quiet = path.good and path.code is None and not path.text.strip()
    return quiet and dump.good and WECHAT not in dump.text


def observations(phone: PhoneOutputs, at: str) -> tuple[Observation, ...]:
    """Return what the phone witnesses. A phone without WeChat is not where the user looked: it witnesses nothing."""
    is_there = wechat_present(phone)
    if is_there is False:
        return ()
    read = {reading.id: reading for reading in phone.readings}
    found: list[Observation] = []

    def say(id_: str, value: str | None, *because: str) -> None:
        sources = [read[name] for name in because if name in read]
        if value is not None and sources:
            detail = "; ".join(f"{one.command}: {one.text}" for one in sources)
            found.append(Observation(id=id_, value=value, source="phone", observed_at=at, detail=detail))

    version = read["wechat.version"].value if "wechat.version" in read else None
    say("wechat.version", usable_version(str(version)) if version is not None else None, "wechat.version")
    if "os.version" in read:
        say("os.version", f"Android {read['os.version'].value}", "os.version")
        say("client.platform", "android", "os.version")
    if is_there and "phone.kind" in read:
        say("client.kind", str(read["phone.kind"].value), "phone.kind")
    say("network.vpn_or_proxy", vpn_or_proxy(phone), "network.vpn", "network.global_proxy", "network.link_proxy")
    pings = [name for name in read if name.startswith("ping.")]
    say("network.phone_loads_pages", loads_pages(phone), "network.transport", "network.validated", *pings)
    return tuple(found)


def vpn_or_proxy(phone: PhoneOutputs) -> str | None:
    """Return `yes` for a VPN or a proxy anywhere, `no` only where each place was read and holds none."""
    network, output = phone.connectivity, phone.all["proxy"]
    proxy = android_system.proxy_set(output.text) if output.good else None
    if proxy or (network is not None and (network.vpn or network.proxy)):
        return "yes"
    return "no" if proxy is False and network is not None else None


def loads_pages(phone: PhoneOutputs) -> str | None:
    """Return whether the phone loads pages, where certain.

    Its system tests each network by loading a page: validated means yes, and no network at all means no. A login page
    or an unfinished test settles nothing, nor do hosts that never answer pings.
    """
    network = phone.connectivity
    if network is None:
        return None
    if network.active is None:
        return "no"
    if not network.active.validated or network.active.portal or network.active.partial:
        return None
    outputs = [output for id_, output in phone.all.items() if id_.startswith("ping:") and output.answered]
    pings = [ping for output in outputs if (ping := android_system.parse_ping(output.text)) and ping.received]
    sent, received = sum(ping.sent for ping in pings), sum(ping.received for ping in pings)
    return "intermittent" if sent - received >= max(2, sent * LOSS) else "yes"
