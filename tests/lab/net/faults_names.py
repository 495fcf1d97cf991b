"""Rows 1 to 22: links, routes, names, address families."""

from __future__ import annotations

from typing import Final

from tests.lab.net import dnsd
from tests.lab.net import makers as make
from tests.lab.net.scenario import Scenario
from tests.lab.net.world import SECOND

FAULTS: Final = (
    Scenario(name="all fine", row=1, verdict="ok", status="pass", effect="ok"),
    Scenario(name="cable out", row=2, verdict="link.down", arrange=make.link_down, status="fail", budget=6),
    Scenario(name="no cable at all", row=2, verdict="link.down", cable=False, arrange=make.nobody_there, budget=6),
    Scenario(name="no default route", row=3, verdict="route.none", arrange=make.no_default, budget=6),
    Scenario(name="gateway silent", row=4, verdict="link.gateway_silent", arrange=make.silent_gateway, budget=8),
    Scenario(
        name="resolver file empty", row=5, verdict="dns.no_server", arrange=make.no_server, effect="none", budget=7
    ),
    Scenario(
        name="nxdomain for one",
        row=6,
        verdict="dns.nxdomain",
        where="far_end",
        effect="none",
        arrange=make.nameserver(dnsd.code(3, "pay.lab.test")),
        budget=6,
    ),
    Scenario(name="nxdomain for all", row=7, verdict="dns.broken_all", arrange=make.everything_nxdomain, budget=6),
    Scenario(
        name="servfail", row=8, verdict="dns.servfail", arrange=make.nameserver(dnsd.code(2, "pay.lab.test")), budget=7
    ),
    Scenario(name="servfail for all", row=8, verdict="dns.servfail", arrange=make.nameserver(dnsd.code(2)), budget=7),
    Scenario(name="refused by resolver", row=9, verdict="dns.refused", arrange=make.nameserver(dnsd.code(5)), budget=7),
    Scenario(name="resolver silent", row=10, verdict="dns.timeout", arrange=make.nameserver(dnsd.silent), budget=6),
    Scenario(
        name="resolver port closed", row=11, verdict="dns.server_unreachable", arrange=make.no_nameserver, budget=7
    ),
    Scenario(
        name="resolver talks rubbish", row=12, verdict="dns.malformed", arrange=make.nameserver(dnsd.rubbish), budget=6
    ),
    Scenario(
        name="resolver answers others",
        row=12,
        verdict="dns.malformed",
        arrange=make.nameserver(dnsd.wrong_id),
        budget=6,
    ),
    Scenario(name="no address", row=13, verdict="dns.nodata", arrange=make.address(), budget=7),
    Scenario(name="bogon 0.0.0.0", row=14, verdict="dns.bogon", arrange=make.address("0.0.0.0"), effect="intercepted"),
    Scenario(name="bogon 127.0.0.1", row=14, verdict="dns.bogon", arrange=make.address("127.0.0.1")),
    Scenario(name="bogon 10.0.0.9", row=14, verdict="dns.bogon", arrange=make.address("10.0.0.9")),
    Scenario(
        name="placeholder address", row=14, verdict="proxy.fake_ip", arrange=make.address("198.18.0.5"), effect="none"
    ),
    Scenario(
        name="all names at one address", row=15, verdict="portal.dns", arrange=make.portal_box, effect="intercepted"
    ),
    Scenario(
        name="resolvers disagree",
        row=16,
        verdict="dns.hijacked",
        arrange=make.second_opinion,
        effect="intercepted",
        options={"second_resolver": SECOND},
    ),
    Scenario(
        name="slow resolver",
        row=17,
        verdict="dns.slow",
        arrange=make.nameserver(dnsd.late(1.3)),
        status="warn",
        effect="ok",
    ),
    Scenario(
        name="AAAA dropped", row=18, verdict="dns.aaaa_stall", arrange=make.nameserver(dnsd.silent_aaaa), status="warn"
    ),
    Scenario(name="hosts file", row=19, verdict="dns.hosts_override", arrange=make.hosts, effect="none"),
    Scenario(name="IPv6 broken", row=20, verdict="ipv6.broken", arrange=make.six_broken, status="warn", effect="ok"),
    Scenario(name="IPv6 only", row=21, verdict="ipv4.none", arrange=make.six_only, status="pass", effect="ok"),
    Scenario(
        name="first address dead", row=22, verdict="tcp.partial", arrange=make.one_dead, status="warn", effect="ok"
    ),
)
