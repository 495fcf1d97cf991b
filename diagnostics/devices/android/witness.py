"""What a phone's outputs say about the case: observations, and only where the phone settles the matter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from diagnostics.devices.android import connectivity, package, system
from diagnostics.devices.android.commands import WECHAT
from diagnostics.devices.android.readings import package_of, text_of
from diagnostics.evidence import Observation
from diagnostics.versions import parse_wechat_version

if TYPE_CHECKING:
    from collections.abc import Mapping

    from diagnostics.devices.adb.shell import Output
    from diagnostics.devices.android.readings import Reading

LOSS: Final = 0.2
"""Share of lost packets from which a network that answers counts as intermittent; one lost packet never does."""


def usable_version(version: str | None) -> str | None:
    """Return the version as a dotted number where it can be read as WeChat's."""
    return parse_wechat_version(version).version if version is not None else None


def present(outputs: Mapping[str, Output]) -> bool | None:
    """Whether WeChat is on the phone, for any of its users; None where that could not be read."""
    found = package_of(outputs)
    path = outputs.get("path")
    on_path = package.parse_path(path.text, path.code) if path is not None and path.answered else None
    if found is None and on_path is None and path is not None:
        return False if _nothing_at_all(path, outputs["package"]) else None
    if found is None:
        return on_path
    if found.users:
        return any(state.installed for state in found.users)
    return found.present if on_path is None or found.version else on_path


def _nothing_at_all(path: Output, dump: Output) -> bool:
    """Whether an old phone, whose adb tells no exit codes, printed no path and no word of the package."""
    quiet = path.good and path.code is None and not path.text.strip()
    return quiet and dump.good and WECHAT not in dump.text


def observations(readings: list[Reading], outputs: Mapping[str, Output], at: str) -> tuple[Observation, ...]:
    """Return what the phone witnesses. A phone without WeChat is not where the user looked: it witnesses nothing."""
    is_there = present(outputs)
    if is_there is False:
        return ()
    read = {reading.id: reading for reading in readings}
    found: list[Observation] = []

    def say(id_: str, value: str | None, *because: str) -> None:
        sources = [read[name] for name in because if name in read]
        if value is not None and sources:
            detail = "; ".join(f"adb shell {one.command}: {one.text}" for one in sources)
            found.append(Observation(id=id_, value=value, source="phone", observed_at=at, detail=detail))

    version = read["wechat.version"].value if "wechat.version" in read else None
    say("wechat.version", usable_version(str(version)) if version is not None else None, "wechat.version")
    if "os.version" in read:
        say("os.version", f"Android {read['os.version'].value}", "os.version")
        say("client.platform", "android", "os.version")
    if is_there and "phone.kind" in read:
        say("client.kind", str(read["phone.kind"].value), "phone.kind")
    say("network.vpn_or_proxy", vpn_or_proxy(outputs), "network.vpn", "network.global_proxy", "network.link_proxy")
    pings = [name for name in read if name.startswith("ping.")]
    say("network.phone_loads_pages", loads_pages(outputs), "network.transport", "network.validated", *pings)
    return tuple(found)


def vpn_or_proxy(outputs: Mapping[str, Output]) -> str | None:
    """Return `yes` for a VPN or a proxy anywhere, `no` only where each place was read and holds none."""
    network = connectivity.parse_connectivity(text_of(outputs, "connectivity"))
    output = outputs.get("proxy")
    proxy = system.proxy_set(output.text) if output is not None and output.good else None
    if proxy or (network is not None and (network.vpn or network.proxy)):
        return "yes"
    return "no" if proxy is False and network is not None else None


def loads_pages(outputs: Mapping[str, Output]) -> str | None:
    """Return whether the phone loads pages, where certain.

    Its system tests each network by loading a page: validated means yes, and no network at all means no. A login page
    or an unfinished test settles nothing, nor do hosts that never answer pings.
    """
    network = connectivity.parse_connectivity(text_of(outputs, "connectivity"))
    if network is None:
        return None
    if network.active is None:
        return "no"
    if not network.active.validated or network.active.portal or network.active.partial:
        return None
    answering = [
        pings
        for id_, output in outputs.items()
        if id_.startswith("ping:") and output.answered and (pings := connectivity.parse_ping(output.text))
        and pings.received > 0
    ]  # fmt: skip
    sent, received = sum(pings.sent for pings in answering), sum(pings.received for pings in answering)
    return "intermittent" if sent - received >= max(2, sent * LOSS) else "yes"
