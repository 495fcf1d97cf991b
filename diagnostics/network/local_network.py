"""Facts about this computer's own network, which explain failures but never cause one.

Interfaces and routes come from the kernel (Linux: /proc and one ioctl); where a system does not tell, a UDP socket
is connected (which sends nothing) to learn whether a route exists, and the rest stays None.
"""

from __future__ import annotations

import contextlib
import ipaddress
import os
import socket
import struct
import sys
import time
from pathlib import Path
from typing import Final

from diagnostics.files import read_start
from diagnostics.network.measurements import LocalNetwork
from diagnostics.network.targets import is_address
from diagnostics.sanitize import clean_line

PROC: Final = Path("/proc/net")
RESOLV_CONF: Final = Path("/etc/resolv.conf")
HOSTS: Final = (
    Path(os.environ.get("SYSTEMROOT", r"C:\Windows"), "System32", "drivers", "etc", "hosts")
    if os.name == "nt"
    else Path("/etc/hosts")
)
_SIOCGIFFLAGS: Final = 0x8913
_UP_AND_RUNNING: Final = 0x1 | 0x40
_RTF_UP, _RTF_REJECT = 0x1, 0x200


def read_local_network() -> LocalNetwork:
    """Read all facts that can be read quickly, without network access; never raises."""
    gateway, silent = default_gateway(), _silent()
    up, count, loopback = _links()
    return LocalNetwork(
        link_up=up, interfaces=count, loopback_up=loopback, route4=_has_route(socket.AF_INET, "1.1.1.1"),
        route6=_has_route(socket.AF_INET6, "2400::1"), gateway=gateway, gateway_silent=silent.get(gateway),
        neighbours=tuple(address for address, dead in silent.items() if not dead), nameservers=nameservers(),
        hosts=hosts_file(), now=time.time(),
    )  # fmt: skip


def _links() -> tuple[bool | None, int | None, bool | None]:
    """Return whether any interface but loopback is up with a carrier, how many there are, and loopback's state."""
    if sys.platform != "linux":
        return None, None, None
    import fcntl

    states: dict[str, bool] = {}
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        for _, name in socket.if_nameindex():
            states[name] = False
            with contextlib.suppress(OSError):  # it went away meanwhile
                answer = fcntl.ioctl(sock.fileno(), _SIOCGIFFLAGS, struct.pack("16sH14s", name.encode(), 0, b""))
                states[name] = struct.unpack("16sH14s", answer)[1] & _UP_AND_RUNNING == _UP_AND_RUNNING
    loopback = states.pop("lo", None)
    return any(states.values()), len(states), loopback


def _has_route(family: socket.AddressFamily, anywhere: str) -> bool:
    """Return whether the system knows a way to the internet for this family; nothing is sent to `anywhere`."""
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as sock:
            sock.connect((anywhere, 53))
            own = ipaddress.ip_address(sock.getsockname()[0].partition("%")[0])
    except OSError:
        return False
    return not (own.is_loopback or own.is_link_local or own.is_unspecified)


def nameservers() -> tuple[str, ...] | None:
    """Return the addresses of the system's nameservers, as its resolver reads them; None where not known."""
    if os.name == "posix":
        lines = [line.split() for line in _read(RESOLV_CONF).splitlines()]
        found = [words[1] for words in lines if words[:1] == ["nameserver"] and len(words) > 1]
        return tuple(filter(is_address, found))[:3]  # MAXNS of the resolver
    import dns.exception
    import dns.resolver

    try:
        configured = dns.resolver.Resolver().nameservers
    except (dns.exception.DNSException, OSError):
        return None
    return tuple(server for server in configured if isinstance(server, str) and is_address(server))[:3]


def hosts_file() -> dict[str, tuple[str, ...]]:
    """Return names and addresses of the hosts file, without the usual entries."""
    own = {"localhost", "localhost.localdomain", "broadcasthost", socket.gethostname().lower()}
    found: dict[str, tuple[str, ...]] = {}
    for line in _read(HOSTS).splitlines():
        words = line.partition("#")[0].split()
        if len(words) < 2 or not is_address(words[0]):
            continue
        for name in map(str.lower, words[1:]):
            if name not in own and not name.startswith(("ip6-", "localhost")):
                found[name] = (*found.get(name, ()), words[0])
    return found


def pac() -> str:
    """Return the address of the user's proxy script (PAC), which requests cannot run; empty if none."""
    for name in ("auto_proxy", "AUTO_PROXY"):
        if os.environ.get(name):
            return clean_line(os.environ[name], 200)
    if sys.platform == "win32":
        import winreg

        with contextlib.suppress(OSError):  # not set
            place = r"Software\Microsoft\Windows\CurrentVersion\Internet Settings"
            with winreg.OpenKey(winreg.HKEY_CURRENT_USER, place) as key:
                return clean_line(str(winreg.QueryValueEx(key, "AutoConfigURL")[0]), 200)
    return ""


def default_gateway() -> str:
    """Return the address of the IPv4 router; empty if none or unknown."""
    for line in _read(PROC / "route").splitlines()[1:]:
        fields = line.split()
        if len(fields) > 7 and fields[1] == fields[7] == "00000000":
            flags = int(fields[3], 16)
            if flags & _RTF_UP and not flags & _RTF_REJECT and fields[2] != "00000000":
                return socket.inet_ntoa(struct.pack("=I", int(fields[2], 16)))
    return ""


def _silent() -> dict[str, bool]:
    """Return the addresses that were asked for on the link, and whether they did not answer (ARP)."""
    rows = [line.split() for line in _read(PROC / "arp").splitlines()[1:]]
    return {fields[0]: int(fields[2], 16) == 0 for fields in rows if len(fields) > 3}


def _read(path: Path) -> str:
    return read_start(path).decode("utf-8", "replace")
