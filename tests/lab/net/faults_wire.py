"""Rows 23 to 37: TCP, TLS, certificates, the clock."""

from __future__ import annotations

from typing import Final

from tests.lab.net import makers as make
from tests.lab.net import servers
from tests.lab.net.scenario import LATE_NAMES, PAY, Scenario

REJECT: Final = f"iptables -A INPUT -d {PAY} -j REJECT --reject-with"

FAULTS: Final = (
    Scenario("SYN dropped", "tcp.timeout", row=23, where="middlebox", effect="none",
             arrange=make.rule(f"iptables -A INPUT -d {PAY} -j DROP")),
    Scenario("port closed", "tcp.refused", row=24, arrange=make.closed, where="far_end", budget=7),
    Scenario("reset by a filter", "tcp.refused", row=24, budget=7,
             arrange=make.rule(f"iptables -A INPUT -d {PAY} -p tcp -j REJECT --reject-with tcp-reset")),
    Scenario("host unreachable", "tcp.unreachable", row=25, arrange=make.rule(f"{REJECT} icmp-host-unreachable"),
             budget=7),
    Scenario("administratively prohibited", "tcp.prohibited", row=25,
             arrange=make.rule(f"{REJECT} icmp-admin-prohibited"), budget=7),
    Scenario("route says unreachable", "tcp.unreachable", row=25,
             arrange=make.near(f"ip route add unreachable {PAY}/32"), budget=7),
    Scenario("route says prohibited", "tcp.prohibited", row=25, arrange=make.near(f"ip route add prohibit {PAY}/32"),
             budget=7),
    Scenario("443 dropped, 80 fine", "tcp.port_filtered", row=26, arrange=make.port_80_open),
    Scenario("reset after ClientHello", "tls.reset", row=27, pay=make.the(servers.reset), budget=8),
    Scenario("name filtered in TLS", "tls.sni_filtered", row=28,
             arrange=make.rule(f"iptables -A INPUT -d {PAY} -p tcp -m string --algo bm --string pay.lab.test -j DROP")),
    Scenario("hangs up in TLS", "tls.eof", row=29, pay=make.the(servers.hang_up), budget=8),
    Scenario("alert in TLS", "tls.alert", row=29, pay=make.the(servers.alert), budget=8),
    Scenario("silent in TLS", "tls.timeout", row=30, pay=make.the(servers.silent)),
    Scenario("clock 400 days behind", "clock.skewed", row=31, budget=14, off=-400, limits=LATE_NAMES, effect="none",
             where="clock"),
    Scenario("clock 3000 days ahead", "clock.skewed", row=31, budget=14, off=3000, limits=LATE_NAMES, effect="none",
             where="clock"),
    Scenario("certificate expired", "tls.cert_expired", row=32, pay=make.certificate(*make.GOOD, start=-90, end=-2),
             budget=7),
    Scenario("certificate of tomorrow", "tls.cert_not_yet_valid", row=33, pay=make.certificate(*make.GOOD, start=2),
             budget=7),
    Scenario("certificate of another", "tls.cert_name", row=34, pay=make.certificate("other.lab.test"), budget=7),
    Scenario("unknown authority", "tls.cert_untrusted", row=35, pay=make.stranger, budget=7),
    Scenario("one authority for all", "tls.intercepted", row=36, arrange=make.everyone_signed_by_one,
             effect="intercepted", budget=7),
    Scenario("plain HTTP on 443", "tls.not_tls", row=37, pay=make.the(servers.not_tls), effect="intercepted", budget=7),
)  # fmt: skip
