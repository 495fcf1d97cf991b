"""Name the one state that a phone is in, as a stable code: each of the ways in which reading it can end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from diagnostics.devices.adb.wait import TimedOutError
from diagnostics.devices.android.readings import package_of
from diagnostics.devices.android.witness import present, usable_version

if TYPE_CHECKING:
    from collections.abc import Mapping

    from diagnostics.checks.base import CheckStatus
    from diagnostics.devices.adb.shell import Output
    from diagnostics.devices.android.package import Package

STATUS: Final[dict[str, CheckStatus]] = {
    "not_wanted": "skipped",
    "adb_absent": "skipped",
    "adb_not_running": "skipped",
    "adb_start_failed": "unknown",
    "server_port_taken": "unknown",
    "none": "skipped",
    "not_found": "unknown",
    "several": "unknown",
    "no_permission": "unknown",
    "unauthorized": "unknown",
    "offline": "unknown",
    "not_booted": "unknown",
    "unknown_state": "unknown",
    "dropped": "unknown",
    "hung": "unknown",
    "out_of_time": "unknown",
    "cancelled": "cancelled",
    "command_failed": "unknown",
    "output_too_long": "warn",
    "unreadable": "unknown",
    "vendor_format": "warn",
    "wechat_absent": "fail",
    "wechat_other_user": "warn",
    "wechat_disabled": "fail",
    "wechat_old": "fail",
    "ok": "pass",
}
"""Every verdict of `phone.android`, without its prefix `phone.`, and the status of the check that it means."""

_STATES: Final = {
    "unauthorized": "unauthorized",
    "authorizing": "unauthorized",
    "no_permissions": "no_permission",
    "offline": "offline",
    "connecting": "offline",
    "bootloader": "not_booted",
    "fastboot": "not_booted",
    "fastbootd": "not_booted",
    "recovery": "not_booted",
    "sideload": "not_booted",
    "rescue": "not_booted",
}
PASSING: Final = ("connecting", "authorizing")
"""States that a phone goes through by itself."""


def of_state(state: str) -> str | None:
    """Return the verdict that a phone's state is by itself; None for one that can be read."""
    return None if state == "device" else _STATES.get(state, "unknown_state")


def judge(outputs: Mapping[str, Output], minimum: str | None) -> tuple[str, dict[str, Any]]:
    """Return the verdict on a phone that was asked everything, and the values that its text names."""
    failure = outputs["package"].failure
    if failure is not None:
        return ("hung" if failure == TimedOutError.failure else "dropped"), {}
    found = package_of(outputs)
    version = usable_version(found.version) if found is not None else None
    if outputs["package"].cut:
        return "output_too_long", {"version": version or "?", "command": outputs["package"].command.text}
    if outputs["package"].code not in (None, 0):
        return "command_failed", {
            "command": outputs["package"].command.text,
            "code": outputs["package"].code,
        }
    if present(outputs) is False:
        return "wechat_absent", {}
    if found is None or version is None:
        return "unreadable", {"command": outputs["package"].command.text}
    return _installed(found, version, minimum)


def _installed(found: Package, version: str, minimum: str | None) -> tuple[str, dict[str, Any]]:
    from diagnostics.versions import at_least

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
