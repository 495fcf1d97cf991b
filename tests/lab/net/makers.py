"""How faults are made: each of these gives an `arrange` (does something to the laboratory) or a `pay` (a server)."""

from __future__ import annotations

import socket
import sys
from typing import TYPE_CHECKING, Final

from tests.lab.net import dnsd, relay, servers
from tests.lab.net.scenario import NAMES, PAY, PAY6, SPARE, TLS_NAMES, Arrange, Lab, Make
from tests.lab.net.world import GATEWAY, NAMESERVER, SECOND

if TYPE_CHECKING:
    from collections.abc import Callable

    import dnslib

    from tests.lab.net.dnsd import Twist
    from tests.lab.net.servers import Handler

PRIVATE: Final = "10.0.0.8"
PROXY: Final = f"http://{SPARE}:3128"
GOOD: Final = ("pay.lab.test", "localhost")


def no_default(lab: Lab) -> None:
    lab.world.near("ip route del default")
    lab.world.near("ip -6 route del default")
    # the nameserver lives beyond the cable's own net, as a provider's does
    lab.world.resolve_by("198.51.100.53")


def silent_gateway(lab: Lab) -> None:
    lab.world.near("ip route replace default via 192.0.2.99")
    lab.world.near("ip -6 route del default")
    lab.world.resolve_by("198.51.100.53")


def no_server(lab: Lab) -> None:
    lab.world.near_file("/etc/resolv.conf", "# nothing here\n")


def no_nameserver(lab: Lab) -> None:
    lab.nameservers.clear()


def nameserver(twist: Twist) -> Arrange:
    """Let the nameserver answer like this."""

    def arrange(lab: Lab) -> None:
        lab.twist = twist

    return arrange


def address(*addresses: str) -> Arrange:
    def arrange(lab: Lab) -> None:
        lab.zone["pay.lab.test"] = addresses

    return arrange


def portal_box(lab: Lab) -> None:
    lab.twist = dnsd.everything_at(SPARE)
    lab.plan[SPARE, 443] = lab.secure(lab.page(), "login.portal.example")
    lab.plan[SPARE, 80] = lab.page("302 Found", b"", Location="http://login.portal.example/")


def nobody_there(lab: Lab) -> None:
    """Without a cable there are no addresses to listen on."""
    lab.plan.clear()
    lab.nameservers.clear()


def plain_reset(lab: Lab) -> None:
    """Reset after a request in clear: under TLS, Python before 3.12 cannot tell that from hanging up."""
    lab.plan[PAY, 80] = servers.reset


def huge_answer(lab: Lab) -> None:
    """64 KB of addresses for one name."""
    lab.twist = dnsd.huge("wx.lab.test")


def without_socks(lab: Lab) -> None:
    """Take away the library that requests would need for SOCKS, should it be installed."""
    sys.modules["socks"] = None  # type: ignore[assignment]


def second_opinion(lab: Lab) -> None:
    right = dict(lab.zone)
    lab.zone["pay.lab.test"] = (SPARE,)
    lab.plan[SPARE, 443] = lab.secure(lab.page(), "elsewhere.lab.test")
    lab.nameservers[SECOND] = right


def hosts(lab: Lab) -> None:
    lab.world.near_file("/etc/hosts", f"127.0.0.1 localhost\n{SPARE} pay.lab.test\n")


def six(lab: Lab) -> None:
    lab.hosts.add(PAY6)
    lab.zone["pay.lab.test"] = (PAY, PAY6)
    lab.plan[PAY6, 443] = lab.secure(lab.page(), "pay.lab.test")


def six_broken(lab: Lab) -> None:
    six(lab)
    lab.far("ip6tables -A INPUT -p tcp --dport 443 -j DROP")


def six_only(lab: Lab) -> None:
    for number, (name, address) in enumerate(NAMES.items()):
        own = f"2001:db8:2::{number + 1:x}"
        lab.hosts.add(own)
        lab.zone[name] = (own,)
        for port in (80, 443):
            if (address, port) in lab.plan:
                lab.plan[own, port] = lab.plan[address, port]
    lab.nameservers = {"2001:db8:1::2": lab.zone}
    lab.world.resolve_by("2001:db8:1::2")
    lab.world.near("ip -4 addr flush dev c0")


def one_dead(lab: Lab) -> None:
    lab.zone["pay.lab.test"] = (SPARE, PAY)
    lab.far(f"iptables -A INPUT -d {SPARE} -j DROP")


def everything_nxdomain(lab: Lab) -> None:
    lab.zone.clear()


def link_down(lab: Lab) -> None:
    lab.after.append(lambda: lab.world.near("ip link set c0 down"))


def rule(*commands: str) -> Arrange:
    def arrange(lab: Lab) -> None:
        lab.far(*commands)

    return arrange


def near(*commands: str) -> Arrange:
    def arrange(lab: Lab) -> None:
        for command in commands:
            lab.world.near(command)

    return arrange


def closed(lab: Lab) -> None:
    del lab.plan[PAY, 443]


def port_80_open(lab: Lab) -> None:
    lab.plan[PAY, 80] = lab.page()
    lab.far(f"iptables -A INPUT -d {PAY} -p tcp --dport 443 -j DROP")


def stranger(lab: Lab) -> Handler:
    other = servers.Authority(lab.now, "Some office")
    return servers.over_tls(other.server(*GOOD), lab.page())


def everyone_signed_by_one(lab: Lab) -> None:
    other = servers.Authority(lab.now, "Some office")
    everywhere(lambda lab, name: servers.over_tls(other.server(name), lab.page()))(lab)


def everywhere(make: Callable[[Lab, str], Handler]) -> Arrange:
    """Let every host that encrypts answer like this."""

    def arrange(lab: Lab) -> None:
        for name in TLS_NAMES:
            lab.plan[NAMES[name], 443] = make(lab, name)

    return arrange


def certificate(*names: str, start: float = -30.0, end: float = 300.0) -> Make:
    def make(lab: Lab) -> Handler:
        return lab.secure(lab.page(), *names, start=start, end=end)

    return make


def the(handler: Handler) -> Make:
    def make(_lab: Lab) -> Handler:
        return handler

    return make


def over_tls(handle: Handler) -> Make:
    def make(lab: Lab) -> Handler:
        return lab.secure(handle, *GOOD)

    return make


def answer(status: str, body: bytes = b"", **fields: str) -> Make:
    def make(lab: Lab) -> Handler:
        return lab.secure(lab.page(status, body, **fields), *GOOD)

    return make


def raw(reply: bytes) -> Make:
    return over_tls(servers.raw(reply))


def portal(status: str, body: bytes = b"<html>sign in</html>", **fields: str) -> Arrange:
    """A box on the way: every plain page is its own, nothing encrypted gets through."""

    def arrange(lab: Lab) -> None:
        lab.plan[SPARE, 8080] = lab.page(status, body, **fields)
        lab.far(
            f"iptables -t nat -A PREROUTING -p tcp --dport 80 -j DNAT --to-destination {SPARE}:8080",
            "iptables -A INPUT -p tcp --dport 443 -j REJECT --reject-with tcp-reset",
        )

    return arrange


def proxy(status: str = "200 Connection established") -> Arrange:
    """The far side is reached through a proxy only."""

    def arrange(lab: Lab) -> None:
        def reach(host: str, port: int) -> socket.socket:
            opened: socket.socket = lab.world.far.do(lambda: socket.create_connection((NAMES[host], port), 3))
            return opened

        lab.plan[SPARE, 3128] = servers.proxy(status=status, reach=reach)
        company(lab)

    return arrange


def tunnels_to_nowhere(lab: Lab) -> None:
    """A proxy on this computer's side that takes everything and gets nothing through."""

    def handle(connection: socket.socket) -> None:
        servers.read_head(connection)
        connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        connection.recv(4096)

    lab.plan[SPARE, 3128] = handle


def dropped(lab: Lab) -> None:
    lab.far(f"iptables -A INPUT -d {SPARE} -j DROP")


def company(lab: Lab) -> None:
    lab.far("iptables -A INPUT -i s0 -p tcp --dport 443 -j DROP", "iptables -A INPUT -i s0 -p tcp --dport 80 -j DROP")


def delayed(delay: float, jitter: float, loss: float, seed: int) -> Arrange:
    def arrange(lab: Lab) -> None:
        relay.connect(lab.world, delay=delay, jitter=jitter, loss=loss, seed=seed)

    return arrange


def drop(*addresses: str) -> tuple[str, ...]:
    return tuple(f"iptables -A INPUT -d {address} -j DROP" for address in addresses)


def once(bad: Handler) -> Make:
    def make(lab: Lab) -> Handler:
        return servers.counting(1, bad, lab.secure(lab.page(), *GOOD))

    return make


def servfail_once() -> Twist:
    """Fail the system's first question of each kind (ours carry an EDNS record, those of the C library do not)."""
    bad, failed = dnsd.code(2, "pay.lab.test"), set[str]()

    def twist(query: dnslib.DNSRecord, name: str, kind: str) -> bytes | bool | None:
        if name != "pay.lab.test" or query.ar or kind in failed:
            return True
        failed.add(kind)
        return bad(query, name, kind)

    return twist


def agreeing(lab: Lab) -> None:
    lab.nameservers[SECOND] = lab.zone


def four_only(lab: Lab) -> None:
    six(lab)
    lab.world.near("ip -6 addr flush dev c0")
    lab.world.near("ip -6 route flush default")


def odd_certificate(lab: Lab) -> Handler:
    return lab.secure(lab.page(), "xn--fiqs8s.lab.test", "*.wild.lab.test", "a" * 60 + ".lab.test")


def bomb(lab: Lab) -> Handler:
    """16 KB that unpack to 16 MB."""
    return lab.secure(servers.raw(servers.bomb(16_000_000)), *GOOD)


def flood(_lab: Lab) -> Handler:
    """Records without end in the place of a handshake."""
    return servers.flood


def four_without_v4(lab: Lab) -> None:
    """IPv6 only, and the hosts have IPv4 only (no NAT64)."""
    lab.nameservers = {"2001:db8:1::2": lab.zone}
    lab.world.resolve_by("2001:db8:1::2")
    lab.world.near("ip -4 addr flush dev c0")


def names_missing(*names: str) -> Arrange:
    """The nameserver knows nothing of these names."""
    return nameserver(dnsd.code(3, *names))


def private_proxy(connect: str, page: str) -> Arrange:
    """A company's proxy with a private address: what it says to CONNECT, and to a request in clear."""

    def arrange(lab: Lab) -> None:
        lab.hosts.add(PRIVATE)
        lab.zone["proxy.corp.example"] = (PRIVATE,)
        lab.plan[PRIVATE, 3128] = servers.company_proxy(connect, page)
        company(lab)

    return arrange


def missing_intermediate(lab: Lab) -> Handler:
    """A public authority's certificate, but without the one between."""
    return servers.over_tls(lab.authority.server(*GOOD, between=True), lab.page())


def selective_box(lab: Lab) -> None:
    """A box on the way signs for two unrelated hosts and lets the others through."""
    other = servers.Authority(lab.now, "Some office")
    for name in ("pay.lab.test", "tls.neutral.example"):
        lab.plan[NAMES[name], 443] = servers.over_tls(other.server(name), lab.page())


def antivirus(lab: Lab) -> Handler:
    other = servers.Authority(lab.now, "FortiGate CA")
    return servers.over_tls(other.server(*GOOD), lab.page())


def two_servers(first: Twist | None, second: Twist | None) -> Arrange:
    """Two nameservers in the resolver's file, each with its own manners."""

    def arrange(lab: Lab) -> None:
        lab.world.resolve_by(SECOND, NAMESERVER)
        lab.nameservers[SECOND] = lab.zone
        lab.twists = {SECOND: first, NAMESERVER: second}

    return arrange


def stub(lab: Lab) -> None:
    """Names are looked up by a program of this computer, and it does not run."""
    lab.world.resolve_by("127.0.0.53")


def line_dead(lab: Lab) -> None:
    """The router answers, and passes nothing on."""
    lab.world.resolve_by(GATEWAY)
    lab.nameservers = {GATEWAY: lab.zone}
    lab.twists = {GATEWAY: dnsd.code(2)}
    lab.far(f"iptables -A INPUT ! -d {GATEWAY} -j DROP")


def outage(seconds: float) -> Arrange:
    """Nothing gets through for a while, then everything does."""

    def arrange(lab: Lab) -> None:
        lab.after.append(lambda: lab.cut(seconds))

    return arrange


def redirect(location: str, *arranges: Arrange) -> Arrange:
    """The pay host redirects to `location`."""

    def arrange(lab: Lab) -> None:
        lab.plan[PAY, 443] = lab.secure(lab.page("302 Found", b"", Location=location), *GOOD)
        for one in arranges:
            one(lab)

    return arrange


def both(*arranges: Arrange) -> Arrange:
    """Several faults at once."""

    def arrange(lab: Lab) -> None:
        for one in arranges:
            one(lab)

    return arrange


def forged(*names: str) -> Arrange:
    """These names are answered with a server of somebody else."""

    def arrange(lab: Lab) -> None:
        for name in names:
            lab.zone[name] = (SPARE,)
        lab.plan[SPARE, 443] = lab.secure(lab.page(), "block.lab.test")

    return arrange


def many_dead(lab: Lab) -> None:
    """Five dead addresses before the one that works."""
    dead = [f"203.0.113.{number}" for number in range(101, 106)]
    lab.zone["pay.lab.test"] = (*dead, PAY)
    lab.far(*drop(*dead))


def fake_and_expired(lab: Lab) -> None:
    """A local proxy hands out a placeholder, and behind it the certificate has expired."""
    lab.hosts.add("198.18.0.5")
    lab.zone["pay.lab.test"] = ("198.18.0.5",)
    lab.plan["198.18.0.5", 443] = lab.secure(lab.page(), *GOOD, start=-90, end=-2)


def without_alternative_name(lab: Lab) -> Handler:
    return servers.over_tls(lab.authority.common_name_only("pay.lab.test"), lab.page())


def other_port_with(*names: str) -> Arrange:
    """Port 8443 of the pay host, with a certificate for these names."""

    def arrange(lab: Lab) -> None:
        lab.plan[PAY, 8443] = lab.secure(lab.page(), *names)

    return arrange


def bank_expired(lab: Lab) -> None:
    lab.plan[NAMES["bank.lab.test"], 443] = lab.secure(lab.page(), "bank.lab.test", start=-90, end=-2)


def for_clients_only(lab: Lab) -> Handler:
    """A certificate that is made for clients, in a server's hands."""
    return servers.over_tls(lab.authority.common_name_only("pay.lab.test", for_clients=True), lab.page())


def strangers_fail(lab: Lab) -> None:
    """Fail the questions of the C library (without an EDNS record), answer ours."""
    bad = dnsd.code(2, "pay.lab.test")
    lab.twist = lambda query, name, kind: True if query.ar else bad(query, name, kind)


def cut_in_the_answer(lab: Lab) -> None:
    """The network says in the middle of an answer that it does not know TCP."""

    def handle(connection: socket.socket) -> None:
        servers.read_head(connection)
        lab.far(f"iptables -I INPUT -d {PAY} -p tcp --dport 443 -j REJECT --reject-with icmp-proto-unreachable")
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        servers.silent(connection)

    lab.plan[PAY, 443] = lab.secure(handle, *GOOD)


def serving(make: Make) -> Arrange:
    """Let the pay host answer like this, where the scenario's own targets matter."""

    def arrange(lab: Lab) -> None:
        lab.plan[PAY, 443] = make(lab)

    return arrange
