"""How faults are made: what the rows of `faults.toml` name, each does something to the laboratory or makes a server."""

import socket
import sys
import threading
import time
from itertools import chain, repeat
from typing import Any, Final

from tests.lab.net import dnsd, relay, servers
from tests.lab.net.dnsd import Twist
from tests.lab.net.scenario import NAMES, PAY, PAY6, SPARE, TLS_NAMES, Lab
from tests.lab.net.servers import Handler
from tests.lab.net.world import GATEWAY, NAMESERVER, SECOND

PRIVATE: Final = "10.0.0.8"
GOOD: Final = ("pay.lab.test", "localhost")


def make(lab: Lab, **told: Any) -> Any:
    """Call each maker that is named with what is given: fields, a list, one thing, or nothing (`true`)."""
    made = None
    for name, given in told.items():
        maker = getattr(sys.modules[__name__], name)
        if isinstance(given, dict):
            made = maker(lab, **given)
        else:
            made = maker(lab, *([] if given is True else given if isinstance(given, list) else [given]))
    return made


def _twist(told: dict[str, Any]) -> Twist:
    """Return the manner of a nameserver that is named, with what is given to it."""
    ((name, given),) = told.items()
    manner = getattr(dnsd, name)
    twist: Twist = manner if given is True else manner(*(given if isinstance(given, list) else [given]))
    return twist


def rule(lab: Lab, *commands: str) -> None:
    lab.far(*commands)


def near(lab: Lab, *commands: str) -> None:
    for command in commands:
        lab.world.near(command)


def near_file(lab: Lab, path: str, text: str) -> None:
    lab.world.near_file(path, text)


def drop(lab: Lab, *addresses: str) -> None:
    lab.far(*(f"iptables -A INPUT -d {address} -j DROP" for address in addresses))


def serving(lab: Lab, at: str, port: int = 443, **server: Any) -> None:
    """Let a host answer like this."""
    lab.plan[at, port] = make(lab, **server)


def everywhere(lab: Lab, **server: Any) -> None:
    """Let every host that encrypts answer like this."""
    for name in TLS_NAMES:
        serving(lab, NAMES[name], **server)


def closed(lab: Lab, at: str, port: int) -> None:
    del lab.plan[at, port]


# what answers for a host


def the(_lab: Lab, handler: str) -> Handler:
    made: Handler = getattr(servers, handler)
    return made


def over_tls(lab: Lab, handler: str) -> Handler:
    return lab.secure(the(lab, handler), *GOOD)


def raw(lab: Lab, reply: str) -> Handler:
    return lab.secure(servers.raw(reply.encode("latin-1")), *GOOD)


def certificate(lab: Lab, names: tuple[str, ...] = GOOD, start: float = -30.0, end: float = 300.0) -> Handler:
    return lab.secure(lab.page(), *names, start=start, end=end)


def page(lab: Lab) -> Handler:
    return lab.page()


def answer(lab: Lab, status: str, body: str = "", **fields: str) -> Handler:
    return lab.secure(lab.page(status, body.encode(), **fields), *GOOD)


def once(lab: Lab, bad: str) -> Handler:
    """Treat the first connection badly and all later ones well."""
    turns = chain([the(lab, bad)], repeat(certificate(lab)))
    return lambda connection: next(turns)(connection)


def signed_by(lab: Lab, name: str) -> Handler:
    """A certificate of an authority that nobody trusts."""
    return servers.over_tls(servers.Authority(lab.now, name).server(*GOOD), lab.page())


def common_name_only(lab: Lab, *, for_clients: bool = False) -> Handler:
    """A certificate without an alternative name; or one that is made for clients, in a server's hands."""
    return servers.over_tls(lab.authority.common_name_only("pay.lab.test", for_clients=for_clients), lab.page())


def missing_intermediate(lab: Lab) -> Handler:
    """A public authority's certificate, but without the one between."""
    return servers.over_tls(lab.authority.server(*GOOD, between=True), lab.page())


# links, routes and addresses


def cable_out(lab: Lab) -> None:
    lab.after.append(lambda: lab.world.near("ip link set c0 down"))


def nobody_there(lab: Lab) -> None:
    """Without a cable there are no addresses to listen on."""
    lab.plan.clear()
    lab.nameservers.clear()


def six(lab: Lab) -> None:
    lab.hosts.add(PAY6)
    lab.zone["pay.lab.test"] = (PAY, PAY6)
    lab.plan[PAY6, 443] = lab.secure(lab.page(), "pay.lab.test")


def six_only(lab: Lab) -> None:
    for number, (name, address) in enumerate(NAMES.items()):
        own = f"2001:db8:2::{number + 1:x}"
        lab.hosts.add(own)
        lab.zone[name] = (own,)
        for port in (80, 443):
            if (address, port) in lab.plan:
                lab.plan[own, port] = lab.plan[address, port]
    four_without_v4(lab)


def four_without_v4(lab: Lab) -> None:
    """IPv6 only, and the hosts have IPv4 only (no NAT64)."""
    lab.nameservers = {"2001:db8:1::2": lab.zone}
    lab.world.resolve_by("2001:db8:1::2")
    lab.world.near("ip -4 addr flush dev c0")


def delayed(lab: Lab, delay: float, jitter: float, loss: float, seed: int) -> None:
    relay.connect(lab.world, delay=delay, jitter=jitter, loss=loss, seed=seed)


def outage(lab: Lab, seconds: float) -> None:
    """Nothing gets through for a while, then everything does."""

    def mend() -> None:
        time.sleep(seconds)
        lab.far("iptables -D INPUT -j DROP")

    lab.after += [lambda: lab.far("iptables -I INPUT -j DROP"), threading.Thread(target=mend, daemon=True).start]


def line_dead(lab: Lab) -> None:
    """The router answers, and passes nothing on."""
    lab.world.resolve_by(GATEWAY)
    lab.nameservers = {GATEWAY: lab.zone}
    lab.twists = {GATEWAY: dnsd.code(2)}
    lab.far(f"iptables -A INPUT ! -d {GATEWAY} -j DROP")


# names


def hosts(lab: Lab, *addresses: str) -> None:
    """Let these addresses exist too."""
    lab.hosts.update(addresses)


def zone(lab: Lab, **addresses: list[str]) -> None:
    """Let the nameserver give these addresses for these names."""
    lab.zone.update({name: tuple(given) for name, given in addresses.items()})


def address(lab: Lab, *addresses: str) -> None:
    lab.zone["pay.lab.test"] = addresses


def no_names(lab: Lab) -> None:
    lab.zone.clear()


def nameserver(lab: Lab, **manner: Any) -> None:
    """Let the nameserver answer like this."""
    lab.twist = _twist(manner)


def no_nameserver(lab: Lab) -> None:
    lab.nameservers.clear()


def resolve_by(lab: Lab, server: str) -> None:
    lab.world.resolve_by(server)


def second_agrees(lab: Lab) -> None:
    lab.nameservers[SECOND] = lab.zone


def second_opinion(lab: Lab) -> None:
    lab.nameservers[SECOND] = dict(lab.zone)
    lab.zone["pay.lab.test"] = (SPARE,)
    lab.plan[SPARE, 443] = lab.secure(lab.page(), "elsewhere.lab.test")


def two_servers(lab: Lab, *manners: dict[str, Any]) -> None:
    """Two nameservers in the resolver's file, each with its own manners."""
    lab.world.resolve_by(SECOND, NAMESERVER)
    lab.nameservers[SECOND] = lab.zone
    lab.twists = dict(zip((SECOND, NAMESERVER), map(_twist, manners), strict=False))


def strangers_fail(lab: Lab) -> None:
    """Fail the questions of the C library (without an EDNS record), answer ours."""
    bad = dnsd.code(2, "pay.lab.test")
    lab.twist = lambda query, name, kind: True if query.ar else bad(query, name, kind)


# connections, portals and proxies


def signed_by_one(lab: Lab, *names: str) -> None:
    """Somebody on the way signs for these hosts and lets the others through."""
    other = servers.Authority(lab.now, "Some office")
    for name in names:
        lab.plan[NAMES[name], 443] = servers.over_tls(other.server(name), lab.page())


def portal_box(lab: Lab) -> None:
    lab.twist = dnsd.everything_at(SPARE)
    lab.plan[SPARE, 443] = lab.secure(lab.page(), "login.portal.example")
    lab.plan[SPARE, 80] = lab.page("302 Found", b"", Location="http://login.portal.example/")


def portal(lab: Lab, status: str, body: str = "<html>sign in</html>", **fields: str) -> None:
    """A box on the way: every plain page is its own, nothing encrypted gets through."""
    lab.plan[SPARE, 8080] = lab.page(status, body.encode(), **fields)
    lab.far(
        f"iptables -t nat -A PREROUTING -p tcp --dport 80 -j DNAT --to-destination {SPARE}:8080",
        "iptables -A INPUT -p tcp --dport 443 -j REJECT --reject-with tcp-reset",
    )


def company(lab: Lab) -> None:
    """Nothing goes out but through the proxy."""
    lab.far(*(f"iptables -A INPUT -i s0 -p tcp --dport {port} -j DROP" for port in (443, 80)))


def proxy(lab: Lab, status: str = "200 Connection established") -> None:
    """The far side is reached through a proxy only."""

    def reach(host: str, port: int) -> socket.socket:
        opened: socket.socket = lab.world.far.do(lambda: socket.create_connection((NAMES[host], port), 3))
        return opened

    lab.plan[SPARE, 3128] = servers.proxy(status=status, reach=reach)
    company(lab)


def tunnels_to_nowhere(lab: Lab) -> None:
    """A proxy on this computer's side that takes everything and gets nothing through."""

    def handle(connection: socket.socket) -> None:
        servers.read_head(connection)
        connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        connection.recv(4096)

    lab.plan[SPARE, 3128] = handle


def private_proxy(lab: Lab, status: str) -> None:
    """A company's proxy with a private address, and what it says to everything."""
    lab.hosts.add(PRIVATE)
    lab.zone["proxy.corp.example"] = (PRIVATE,)
    lab.plan[PRIVATE, 3128] = servers.company_proxy(status)
    company(lab)


def without_socks(_lab: Lab) -> None:
    """Take away the library that requests would need for SOCKS, should it be installed."""
    sys.modules["socks"] = None  # type: ignore[assignment]


# answers


def cut_in_the_answer(lab: Lab) -> None:
    """The network says in the middle of an answer that it does not know TCP."""

    def handle(connection: socket.socket) -> None:
        servers.read_head(connection)
        lab.far(f"iptables -I INPUT -d {PAY} -p tcp --dport 443 -j REJECT --reject-with icmp-proto-unreachable")
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        servers.silent(connection)

    lab.plan[PAY, 443] = lab.secure(handle, *GOOD)
