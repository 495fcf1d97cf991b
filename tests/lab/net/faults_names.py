"""Rows 1 to 22: links, routes, names, address families."""

from __future__ import annotations

from typing import Final

from tests.lab.net import dnsd
from tests.lab.net import makers as make
from tests.lab.net.scenario import Scenario
from tests.lab.net.world import SECOND

FAULTS: Final = (
    Scenario("all fine", "ok", row=1, status="pass", effect="ok"),
    Scenario("cable out", "link.down", row=2, arrange=make.link_down, status="fail", budget=6),
    Scenario("no cable at all", "link.down", row=2, cable=False, arrange=make.nobody_there, budget=6),
    Scenario("no default route", "route.none", row=3, arrange=make.no_default, budget=6),
    Scenario("gateway silent", "link.gateway_silent", row=4, arrange=make.silent_gateway, budget=8),
    Scenario("resolver file empty", "dns.no_server", row=5, arrange=make.no_server, effect="none", budget=7),
    Scenario("nxdomain for one", "dns.nxdomain", row=6, where="far_end", effect="none",
             arrange=make.nameserver(dnsd.code(3, "pay.lab.test")), budget=6),
    Scenario("nxdomain for all", "dns.broken_all", row=7, arrange=make.everything_nxdomain, budget=6),
    Scenario("servfail", "dns.servfail", row=8, arrange=make.nameserver(dnsd.code(2, "pay.lab.test")), budget=7),
    Scenario("servfail for all", "dns.servfail", row=8, arrange=make.nameserver(dnsd.code(2)), budget=7),
    Scenario("refused by resolver", "dns.refused", row=9, arrange=make.nameserver(dnsd.code(5)), budget=7),
    Scenario("resolver silent", "dns.timeout", row=10, arrange=make.nameserver(dnsd.silent), budget=6),
    Scenario("resolver port closed", "dns.server_unreachable", row=11, arrange=make.no_nameserver, budget=7),
    Scenario("resolver talks rubbish", "dns.malformed", row=12, arrange=make.nameserver(dnsd.rubbish), budget=6),
    Scenario("resolver answers others", "dns.malformed", row=12, arrange=make.nameserver(dnsd.wrong_id), budget=6),
    Scenario("no address", "dns.nodata", row=13, arrange=make.address(), budget=7),
    Scenario("bogon 0.0.0.0", "dns.bogon", row=14, arrange=make.address("0.0.0.0"), effect="intercepted"),
    Scenario("bogon 127.0.0.1", "dns.bogon", row=14, arrange=make.address("127.0.0.1")),
    Scenario("bogon 10.0.0.9", "dns.bogon", row=14, arrange=make.address("10.0.0.9")),
    Scenario("placeholder address", "proxy.fake_ip", row=14, arrange=make.address("198.18.0.5"), effect="none"),
    Scenario("all names at one address", "portal.dns", row=15, arrange=make.portal_box, effect="intercepted"),
    Scenario("resolvers disagree", "dns.hijacked", row=16, arrange=make.second_opinion, effect="intercepted",
             limits={"second_resolver": SECOND}),
    Scenario("slow resolver", "dns.slow", row=17, arrange=make.nameserver(dnsd.late(1.3)), status="warn", effect="ok"),
    Scenario("AAAA dropped", "dns.aaaa_stall", row=18, arrange=make.nameserver(dnsd.silent_aaaa), status="warn"),
    Scenario("hosts file", "dns.hosts_override", row=19, arrange=make.hosts, effect="none"),
    Scenario("IPv6 broken", "ipv6.broken", row=20, arrange=make.six_broken, status="warn", effect="ok"),
    Scenario("IPv6 only", "ipv4.none", row=21, arrange=make.six_only, status="pass", effect="ok"),
    Scenario("first address dead", "tcp.partial", row=22, arrange=make.one_dead, status="warn", effect="ok"),
)  # fmt: skip
