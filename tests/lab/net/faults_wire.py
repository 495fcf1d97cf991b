"""Rows 23 to 37: TCP, TLS, certificates, the clock."""

from __future__ import annotations

from typing import Final

from tests.lab.net import makers as make
from tests.lab.net import servers
from tests.lab.net.scenario import LATE_NAMES, PAY, Scenario

REJECT: Final = f"iptables -A INPUT -d {PAY} -j REJECT --reject-with"

FAULTS: Final = (
    Scenario(
        name="SYN dropped",
        row=23,
        verdict="tcp.timeout",
        where="middlebox",
        effect="none",
        arrange=make.rule(f"iptables -A INPUT -d {PAY} -j DROP"),
    ),
    Scenario(name="port closed", row=24, verdict="tcp.refused", arrange=make.closed, where="far_end", budget=7),
    Scenario(
        name="reset by a filter",
        row=24,
        verdict="tcp.refused",
        budget=7,
        arrange=make.rule(f"iptables -A INPUT -d {PAY} -p tcp -j REJECT --reject-with tcp-reset"),
    ),
    Scenario(
        name="host unreachable",
        row=25,
        verdict="tcp.unreachable",
        arrange=make.rule(f"{REJECT} icmp-host-unreachable"),
        budget=7,
    ),
    Scenario(
        name="administratively prohibited",
        row=25,
        verdict="tcp.prohibited",
        arrange=make.rule(f"{REJECT} icmp-admin-prohibited"),
        budget=7,
    ),
    Scenario(
        name="route says unreachable",
        row=25,
        verdict="tcp.unreachable",
        arrange=make.near(f"ip route add unreachable {PAY}/32"),
        budget=7,
    ),
    Scenario(
        name="route says prohibited",
        row=25,
        verdict="tcp.prohibited",
        arrange=make.near(f"ip route add prohibit {PAY}/32"),
        budget=7,
    ),
    Scenario(name="443 dropped, 80 fine", row=26, verdict="tcp.port_filtered", arrange=make.port_80_open),
    Scenario(name="reset after ClientHello", row=27, verdict="tls.reset", pay=make.the(servers.reset), budget=8),
    Scenario(
        name="name filtered in TLS",
        row=28,
        verdict="tls.sni_filtered",
        arrange=make.rule(f"iptables -A INPUT -d {PAY} -p tcp -m string --algo bm --string pay.lab.test -j DROP"),
    ),
    Scenario(name="hangs up in TLS", row=29, verdict="tls.eof", pay=make.the(servers.hang_up), budget=8),
    Scenario(name="alert in TLS", row=29, verdict="tls.alert", pay=make.the(servers.alert), budget=8),
    Scenario(name="silent in TLS", row=30, verdict="tls.timeout", pay=make.the(servers.silent)),
    Scenario(
        name="clock 400 days behind",
        row=31,
        verdict="clock.skewed",
        budget=14,
        off=-400,
        options=LATE_NAMES,
        effect="none",
        where="clock",
    ),
    Scenario(
        name="clock 3000 days ahead",
        row=31,
        verdict="clock.skewed",
        budget=14,
        off=3000,
        options=LATE_NAMES,
        effect="none",
        where="clock",
    ),
    Scenario(
        name="certificate expired",
        row=32,
        verdict="tls.cert_expired",
        pay=make.certificate(*make.GOOD, start=-90, end=-2),
        budget=7,
    ),
    Scenario(
        name="certificate of tomorrow",
        row=33,
        verdict="tls.cert_not_yet_valid",
        pay=make.certificate(*make.GOOD, start=2),
        budget=7,
    ),
    Scenario(
        name="certificate of another", row=34, verdict="tls.cert_name", pay=make.certificate("other.lab.test"), budget=7
    ),
    Scenario(name="unknown authority", row=35, verdict="tls.cert_untrusted", pay=make.stranger, budget=7),
    Scenario(
        name="one authority for all",
        row=36,
        verdict="tls.intercepted",
        arrange=make.everyone_signed_by_one,
        effect="intercepted",
        budget=7,
    ),
    Scenario(
        name="plain HTTP on 443",
        row=37,
        verdict="tls.not_tls",
        pay=make.the(servers.not_tls),
        effect="intercepted",
        budget=7,
    ),
)
