"""Faults that an independent laboratory found misjudged, by kind; and pairs of them."""

from __future__ import annotations

from typing import Final

from tests.lab.net import dnsd, servers
from tests.lab.net import makers as make
from tests.lab.net.scenario import BANK, CTL, CTL_TLS, PAY, SHORT, WX, Scenario

WEB: Final = ("https://wx.lab.test/", "https://pay.lab.test/")
PLAIN: Final = ("http://ctl.neutral.example/generate_204", "http://pay.lab.test/")
COMPANY: Final = "http://proxy.corp.example:3128"
BY_PROXY: Final = {"HTTPS_PROXY": COMPANY, "HTTP_PROXY": COMPANY}

HEALTHY: Final = tuple(
    Scenario(f"healthy line, {loss:.1%} lost each way, {jitter * 2000:.0f} ms of jitter, seed {seed}", "ok",
             status="pass", effect="ok", arrange=make.delayed(0.003 + jitter, jitter, loss, seed), cable=False,
             tun=True)
    for seed, (loss, jitter) in enumerate(
        ((0.0, 0.0), (0.01, 0.0), (0.02, 0.01), (0.03, 0.0), (0.0, 0.04), (0.015, 0.02), (0.03, 0.04), (0.025, 0.03))
    )
)  # fmt: skip
"""Lines without a fault: some loss and jitter is what every line has."""

FAULTS: Final = (
    # the effect and what was reached
    Scenario("IPv6 only, hosts with IPv4 only", "ipv4.none", status="fail", effect="unreachable",
             arrange=make.four_without_v4, budget=7),
    Scenario("pay and bank do not resolve", "dns.nxdomain", status="fail", effect="none",
             arrange=make.names_missing("pay.lab.test", "bank.lab.test"), budget=7),
    Scenario("all of WeChat is missing", "tcp.timeout", status="fail", effect="unreachable",
             arrange=make.rule(*make.drop(SHORT, WX, PAY, BANK))),
    Scenario(
        "one bank host silent on a lossy line",
        "tcp.timeout",
        also=("path.lossy",),
        limits={"samples": 30},
        status="warn",
        effect="unstable",
        arrange=make.both(
            make.rule(*make.drop(BANK)),
            make.rule("iptables -A INPUT -p tcp --syn -m statistic --mode random --probability 0.30 -j DROP"),
        ),
    ),
    # the proxy's own data
    *(
        Scenario(f"private proxy says {status[:3]}{' in clear' if plain else ''}", verdict, effect="none", env=BY_PROXY,
                 arrange=make.private_proxy(status, status), targets=PLAIN if plain else WEB, budget=7)
        for status, verdict in (
            ("407 Proxy Authentication Required", "proxy.auth"),
            ("403 Forbidden", "proxy.refused"),
            ("502 Bad Gateway", "proxy.refused"),
        )
        for plain in (False, True)
    ),
    Scenario("proxy that is a web server", "proxy.refused", effect="none", env=BY_PROXY,
             arrange=make.private_proxy("200 OK", "200 OK"), targets=(*WEB, PLAIN[0]), budget=7),
    Scenario("proxy dead, everything else fine", "proxy.unreachable", effect="none", where="computer",
             env={"HTTPS_PROXY": "http://127.0.0.1:7890", "HTTP_PROXY": "http://127.0.0.1:7890"}, budget=7),
    # slow is not down
    Scenario("1.6 s round trip", "path.slow", status="warn", effect="ok", arrange=make.delayed(0.8, 0.0, 0.0, 7),
             cable=False, tun=True),
    Scenario("2 s outage and back", "flaky", status="warn", arrange=make.outage(2.0)),
    Scenario("3.2 s outage and back", "flaky", status="warn", arrange=make.outage(3.2)),
    # servers, each by itself
    Scenario("first resolver dead", "dns.slow", status="warn", effect="ok", arrange=make.two_servers(dnsd.silent, None),
             budget=9),
    Scenario("first resolver stalls on AAAA", "dns.aaaa_stall", status="warn",
             arrange=make.two_servers(dnsd.silent_aaaa, dnsd.silent_aaaa), budget=10),
    Scenario("stub resolver dead", "dns.server_unreachable", where="computer", effect="none", arrange=make.stub,
             budget=7),
    # certificates
    Scenario("missing intermediate at one host", "tls.cert_untrusted", effect="none", pay=make.missing_intermediate,
             budget=7),
    Scenario("one authority for two unrelated hosts", "tls.intercepted", effect="intercepted",
             arrange=make.selective_box, budget=7),
    Scenario("an inspecting product at one host", "tls.intercepted", effect="intercepted", pay=make.antivirus,
             budget=7),
    Scenario("certificate without an alternative name", "tls.cert_name", pay=make.without_alternative_name, budget=7),
    Scenario("placeholder and expired certificate", "tls.cert_expired", also=("proxy.fake_ip",),
             arrange=make.fake_and_expired, budget=7),
    # redirects that fail
    Scenario("redirect to a closed port", "tcp.refused", arrange=make.redirect("https://pay.lab.test:8443/"), budget=8),
    Scenario("redirect to a name that does not exist", "dns.nxdomain", arrange=make.redirect("https://gone.lab.test/"),
             budget=8),
    Scenario("redirect to a silent host", "tcp.timeout",
             arrange=make.redirect("https://bank.lab.test/", make.rule(*make.drop(BANK)))),
    Scenario("redirect to a wrong certificate", "tls.cert_name",
             arrange=make.redirect("https://pay.lab.test:8443/", make.other_port_with("other.lab.test")), budget=8),
    # others
    Scenario("router alive, line dead", "link.line_dead", effect="unreachable", where="network", arrange=make.line_dead,
             budget=9),
    Scenario("2.5 % lost each way", "ok", status="pass", effect="ok", arrange=make.delayed(0.01, 0.002, 0.025, 11),
             cable=False, tun=True),
    Scenario("80 ms of jitter", "ok", status="pass", effect="ok", arrange=make.delayed(0.03, 0.03, 0.0, 5), cable=False,
             tun=True),
    Scenario("five dead addresses first", "tcp.partial", status="warn", arrange=make.many_dead),
    Scenario("two names answered with one wrong address", "dns.hijacked", effect="intercepted",
             arrange=make.forged("pay.lab.test", "tls.neutral.example"), budget=8),
    # the open ends: failures of no known kind
    Scenario("certificate made for clients", "tls.cert_invalid", pay=make.for_clients_only, budget=7),
    Scenario("the system alone cannot look up", "dns.failed", arrange=make.strangers_fail, budget=7),
    Scenario("the network knows no TCP", "tcp.failed",
             arrange=make.rule(f"iptables -A INPUT -d {PAY} -p tcp -j REJECT --reject-with icmp-proto-unreachable"),
             budget=7),
    Scenario("cut by an odd error in the answer", "http.failed", arrange=make.cut_in_the_answer, budget=9),
    Scenario("another answer than the known one", "http.unexpected",
             arrange=make.serving(make.answer("200 OK ", b"hello")),
             targets=("https://wx.lab.test/", "https://pay.lab.test/generate_204"), budget=7),
    # what unrelated hosts share is no fault of theirs
    Scenario("every host hangs up in TLS", "tls.eof", effect="none", where="network",
             arrange=make.everywhere(lambda _lab, _name: servers.hang_up), budget=8),
    Scenario("every host shows one certificate", "tls.intercepted", also=("tls.cert_name",), effect="intercepted",
             arrange=make.everywhere(lambda lab, _name: lab.secure(lab.page(), "box.lab.test")), budget=7),
    Scenario("every name leads nowhere", "dns.bogon", effect="intercepted", where="middlebox",
             arrange=make.nameserver(dnsd.everything_at("0.0.0.0")), budget=7),
    Scenario("this computer, written as IPv6", "dns.bogon", arrange=make.address("::ffff:7f00:1"), budget=7),
    Scenario("proxy that leads nowhere", "proxy.refused", effect="none", where="computer",
             env={"HTTPS_PROXY": make.PROXY}, arrange=make.tunnels_to_nowhere, targets=WEB, budget=7),
    Scenario("proxy by script, one host closed", "tcp.refused", also=("proxy.unsupported",), arrange=make.closed,
             env={"auto_proxy": "http://wpad.lab.test/proxy.pac"}, budget=7),
    Scenario("two resolvers of this network dead", "dns.timeout", limits={"attempts": 1}, budget=7,
             arrange=make.two_servers(dnsd.silent, dnsd.silent)),
    # pairs
    Scenario("pair: proxy dead and clock off", "proxy.unreachable", effect="none",
             env={"HTTPS_PROXY": "http://127.0.0.1:7890"}, limits={"resolve": 7.0}, off=-400, budget=14),
    Scenario("pair: first resolver dead and pay silent", "tcp.timeout", also=("dns.slow",), effect="none",
             arrange=make.both(make.two_servers(dnsd.silent, None), make.rule(*make.drop(PAY)))),
    Scenario("pair: IPv6 broken and certificate expired at the bank", "tls.cert_expired", also=("ipv6.broken",),
             status="warn", arrange=make.both(make.six_broken, make.bank_expired), budget=8),
    Scenario("pair: portal and controls down", "portal.dns", effect="intercepted",
             arrange=make.both(make.portal_box, make.rule(*make.drop(CTL, CTL_TLS))), budget=9),
    Scenario("pair: pay resets and bank is missing", "tls.reset", effect="none", pay=make.the(servers.reset),
             arrange=make.rule(*make.drop(BANK))),
)  # fmt: skip
