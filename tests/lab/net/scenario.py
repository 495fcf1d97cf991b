"""What a scenario is, and the laboratory it is arranged in: everything healthy until told otherwise."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from tests.lab.net import servers
from tests.lab.net.dnsd import Nameserver, Twist, Zone
from tests.lab.net.servers import Handler
from tests.lab.net.world import NAMESERVER, World
from tests.lab.tcp import TcpServer

if TYPE_CHECKING:
    from collections.abc import Callable

TARGETS: Final = Path(__file__).with_name("lab.toml")
SHORT, WX, PAY, BANK = "203.0.113.10", "203.0.113.11", "203.0.113.12", "203.0.113.13"
CTL, CTL_TLS, SPARE = "198.51.100.20", "198.51.100.21", "203.0.113.77"
PAY6: Final = "2001:db8:2::12"
NAMES: Final = {
    "short.lab.test": SHORT,
    "wx.lab.test": WX,
    "pay.lab.test": PAY,
    "bank.lab.test": BANK,
    "ctl.neutral.example": CTL,
    "tls.neutral.example": CTL_TLS,
}
TLS_NAMES: Final = ("wx.lab.test", "pay.lab.test", "bank.lab.test", "tls.neutral.example")


class Lab:
    """A healthy network: `plan` is who listens where, `zone` and `twist` are the nameserver's."""

    def __init__(self, folder: Path, world: World, clock_off: float = 0.0) -> None:
        self.folder = folder
        self.world = world
        self.clock_off = clock_off
        self.now = time.time() - self.clock_off
        self.authority = servers.Authority(self.now)
        self.bundle = folder / "authority.pem"
        self.authority.write(self.bundle)
        self.zone: Zone = {name: (address,) for name, address in NAMES.items()}
        self.twist: Twist | None = None
        self.twists: dict[str, Twist | None] = {}
        self.nameservers: dict[str, Zone] = {NAMESERVER: self.zone}
        self.hosts = {*NAMES.values(), SPARE}
        self.after: list[Callable[[], None]] = []
        page = self.page()
        self.plan: dict[tuple[str, int], Handler] = {
            (SHORT, 443): servers.silent,
            (CTL, 80): page,
            **{(NAMES[name], 443): self.secure(page, name) for name in TLS_NAMES},
        }

    def page(self, status: str = "200 OK", body: bytes = b"<html>welcome</html>", **fields: str) -> Handler:
        """Return a server of pages whose clock is right."""
        return servers.http(status, body, -self.clock_off, **fields)

    def secure(self, handle: Handler, *names: str, **dates: float) -> Handler:
        """Return a TLS server with a certificate of the trusted authority."""
        return servers.over_tls(self.authority.server(*names, **dates), handle)

    def far(self, *commands: str) -> None:
        """Run commands on the far side."""
        for command in commands:
            self.world.far.run(command)

    def patient(self) -> None:
        """Let the system wait longer for its nameserver: under faketime a busy machine answers late."""
        self.world.resolve_by(NAMESERVER, seconds=6)

    def start(self) -> None:
        """Put the addresses up and the servers to work."""
        self.world.host(*self.hosts)
        for (address, port), handle in self.plan.items():
            TcpServer(servers.patient(handle), self.world.far.listen(address, port)).start()
        for address, zone in self.nameservers.items():
            nameserver = Nameserver(self.world.far, address, zone)
            nameserver.twist = self.twists.get(address, self.twist if address == NAMESERVER else None)
        for step in self.after:
            step()


class Scenario(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A named fault and what has to be said of it.

    `row` is the number in the table of 47, 0 for a fault of our own. `pay` names the maker of what answers for the pay
    host; `network` those of anything else. `targets` replaces the laboratory's. `off` is the clock's error in
    days, `tun` means a relay for a cable. `also` are codes that have to be named, `status` and `effect` are checked
    where given.
    """

    name: str
    verdict: str | None = None
    row: int = 0
    network: dict[str, Any] = {}
    pay: dict[str, Any] = {}
    targets: tuple[str, ...] = ()
    limits: dict[str, Any] = {}
    env: dict[str, str] = {}
    also: tuple[str, ...] = ()
    status: str = ""
    effect: str = ""
    where: str = ""
    off: float = 0.0
    cable: bool = True
    tun: bool = False
    timeout: float = 10.0
    cancel_after: float = 0.0
    budget: float = 10.4
