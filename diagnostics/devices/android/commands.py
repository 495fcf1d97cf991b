"""Every command that may be run on a phone, exactly as it is sent. All of them only read; nothing else is ever run.

None reads accounts, contacts, messages, files, identifiers, or where the phone is. Where a command prints more than
is wanted (`dumpsys connectivity` knows the name of the Wi-Fi), only the wanted words are taken from it; the host of a
private DNS is not asked for at all, because it may hold a customer's number.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable

WECHAT: Final = "com.tencent.mm"


class Command(msgspec.Struct, frozen=True):
    """One allowed command: `id` names what it reads, `text` is the exact text, `limit` the most bytes taken of it."""

    id: str
    text: str
    limit: int = 16_384


_BIG: Final = 2 << 20

COMMANDS: Final = (
    Command("package", f"dumpsys package {WECHAT}", _BIG),
    Command("path", f"pm path {WECHAT}"),
    Command("users", "pm list users"),
    Command("release", "getprop ro.build.version.release"),
    Command("sdk", "getprop ro.build.version.sdk"),
    Command("harmony", "getprop hw_sc.build.platform.version"),
    Command("maker", "getprop ro.product.manufacturer"),
    Command("model", "getprop ro.product.model"),
    Command("characteristics", "getprop ro.build.characteristics"),
    Command("size", "wm size"),
    Command("density", "wm density"),
    Command("clock", "date +%s"),
    Command("auto_time", "settings get global auto_time"),
    Command("airplane", "settings get global airplane_mode_on"),
    Command("proxy", "settings get global http_proxy"),
    Command("dns_mode", "settings get global private_dns_mode"),
    Command("always_on_vpn", "settings get secure always_on_vpn_app"),
    Command("saver", "settings get global low_power"),
    Command("connectivity", "dumpsys connectivity", _BIG),
    Command("netpolicy", "dumpsys netpolicy", _BIG),
    Command("background", f"cmd appops get {WECHAT} RUN_ANY_IN_BACKGROUND"),
    Command("storage", "df /data"),
)
"""All commands but the pings, whose hosts are a setting."""

_TEXTS: Final = frozenset(command.text for command in COMMANDS)
_HOST: Final = r"(?=.{1,253}\Z)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+(?:[a-z0-9-]{0,61}[a-z0-9])"
_PING: Final = re.compile(rf"ping -c 4 -i 0\.3 -w 3 ({_HOST})")
MOST_PINGS: Final = 3


def pings(hosts: Iterable[str]) -> tuple[Command, ...]:
    """Return commands that send four small packets to each of the first few hosts; what is no plain name is left out.

    A name goes into a shell on the phone, so letters, digits, dots and hyphens are all it may hold.
    """
    made = [Command(f"ping:{host}", f"ping -c 4 -i 0.3 -w 3 {host}") for host in dict.fromkeys(hosts)]
    return tuple([command for command in made if permitted(command.text)][:MOST_PINGS])


def permitted(text: str) -> bool:
    """Whether this exact text is an allowed command."""
    return text in _TEXTS or _PING.fullmatch(text) is not None
