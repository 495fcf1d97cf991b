"""Every scenario: the rows of the table of 47, faults of our own, and what is wrong with what was said of one."""

import os
import shutil
from typing import Any, Final

from tests.lab.net import dnsd, servers
from tests.lab.net import makers as make
from tests.lab.net.scenario import BANK, CTL, CTL_TLS, LATE_NAMES, PAY, SHORT, SPARE, TLS_NAMES, WX, Scenario
from tests.lab.net.world import SECOND

WEB: Final = ("https://wx.lab.test/", "https://pay.lab.test/")
PLAIN: Final = ("http://ctl.neutral.example/generate_204", "http://pay.lab.test/")
BY_PROXY: Final = dict.fromkeys(("HTTPS_PROXY", "HTTP_PROXY"), make.PROXY)
BY_COMPANY: Final = dict.fromkeys(BY_PROXY, "http://proxy.corp.example:3128")
CAPTIVE: Final = b'{"captive": true, "user-portal-url": "https://portal.lab.test/"}'
ESCAPES: Final = (
    b"HTTP/1.1 200 \x1b]0;owned\x07OK\r\nLocation: \x1b[2J[/x][a=b]\r\nServer: \x1b[31m\r\nContent-Length: 0\r\n\r\n"
)
REJECT: Final = f"iptables -A INPUT -d {PAY} -j REJECT --reject-with"
LOSING: Final = make.rule("iptables -A INPUT -p tcp --syn -m statistic --mode random --probability 0.30 -j DROP")
NO_TCP: Final = make.rule("iptables -A INPUT -p tcp -j DROP")
SIX_BROKEN: Final = make.both(make.six, make.rule("ip6tables -A INPUT -p tcp --dport 443 -j DROP"))
BANK_EXPIRED: Final = make.serving(make.certificate("bank.lab.test", start=-90, end=-2), BANK)
OTHERS_PORT: Final = make.serving(make.certificate("other.lab.test"), PAY, 8443)
SCRIPT: Final = {"auto_proxy": "http://wpad.lab.test/proxy.pac"}

ALL: Final[tuple[Scenario, ...]] = (
    # rows 1 to 22: links, routes, names, address families
    Scenario("all fine", "ok", row=1, status="pass", effect="ok"),
    Scenario("cable out", "link.down", row=2, status="fail", budget=6,
             arrange=lambda lab: lab.after.append(lambda: lab.world.near("ip link set c0 down"))),
    Scenario("no cable at all", "link.down", row=2, cable=False, arrange=make.nobody_there, budget=6),
    Scenario("no default route", "route.none", row=3,
             arrange=make.routes("ip route del default"),
             budget=6),
    Scenario("gateway silent", "link.gateway_silent", row=4,
             arrange=make.routes("ip route replace default via 192.0.2.99"),
             budget=8),
    Scenario("resolver file empty", "dns.no_server", row=5,
             arrange=lambda lab: lab.world.near_file("/etc/resolv.conf", "# nothing here\n"), effect="none", budget=7),
    Scenario("nxdomain for one", "dns.nxdomain", row=6, where="far_end", effect="none",
             arrange=make.nameserver(dnsd.code(3, "pay.lab.test")), budget=6),
    Scenario("nxdomain for all", "dns.broken_all", row=7, arrange=lambda lab: lab.zone.clear(), budget=6),
    Scenario("servfail", "dns.servfail", row=8, arrange=make.nameserver(dnsd.code(2, "pay.lab.test")), budget=7),
    Scenario("servfail for all", "dns.servfail", row=8, arrange=make.nameserver(dnsd.code(2)), budget=7),
    Scenario("refused by resolver", "dns.refused", row=9, arrange=make.nameserver(dnsd.code(5)), budget=7),
    Scenario("resolver silent", "dns.timeout", row=10, arrange=make.nameserver(dnsd.silent), budget=6),
    Scenario("resolver port closed", "dns.server_unreachable", row=11,
             arrange=lambda lab: lab.nameservers.clear(), budget=7),
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
    Scenario("hosts file", "dns.hosts_override", row=19,
             arrange=lambda lab: lab.world.near_file("/etc/hosts", f"127.0.0.1 localhost\n{SPARE} pay.lab.test\n"),
             effect="none"),
    Scenario("IPv6 broken", "ipv6.broken", row=20, arrange=SIX_BROKEN, status="warn", effect="ok"),
    Scenario("IPv6 only", "ipv4.none", row=21, arrange=make.six_only, status="pass", effect="ok"),
    Scenario("first address dead", "tcp.partial", row=22, arrange=make.both(make.address(SPARE, PAY), make.drop(SPARE)),
             status="warn", effect="ok"),
    # rows 23 to 37: TCP, TLS, certificates, the clock
    Scenario("SYN dropped", "tcp.timeout", row=23, where="middlebox", effect="none",
             arrange=make.rule(f"iptables -A INPUT -d {PAY} -j DROP")),
    Scenario("port closed", "tcp.refused", row=24, where="far_end", budget=7,
             arrange=lambda lab: lab.plan.pop((PAY, 443))),
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
    Scenario("unknown authority", "tls.cert_untrusted", row=35, pay=make.signed_by("Some office"), budget=7),
    Scenario("one authority for all", "tls.intercepted", row=36, arrange=make.signed_by_one(*TLS_NAMES),
             effect="intercepted", budget=7),
    Scenario("plain HTTP on 443", "tls.not_tls", row=37, pay=make.the(servers.not_tls), effect="intercepted", budget=7),
    # rows 38 to 47: HTTP, portals, proxies, paths, settings of this computer
    Scenario("HTTP silent", "http.timeout", row=38, pay=make.over_tls(servers.silent)),
    Scenario("endless drip", "http.slow_body", row=39, pay=make.over_tls(servers.drip), effect="unstable"),
    Scenario("body truncated", "http.broken_body", row=40, budget=8,
             pay=make.raw(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\nshort")),
    Scenario("reset in the body", "http.broken_body", row=40, budget=8, pay=make.over_tls(servers.reset_mid_body)),
    Scenario("bad gzip", "http.broken_body", row=40, budget=8,
             pay=make.raw(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 9\r\n\r\nnot gzip!")),
    Scenario("bad chunk", "http.broken_body", row=40, budget=8,
             pay=make.raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n")),
    Scenario("empty reply", "http.bad_reply", row=41, budget=8, pay=make.raw(b"")),
    Scenario("nonsense reply", "http.bad_reply", row=41, budget=8, pay=make.raw(b"HELLO WORLD\r\n\r\n")),
    Scenario("portal redirects", "portal.http", row=42, effect="intercepted", budget=8,
             arrange=make.portal("302 Found", Location="http://login.portal.example/")),
    Scenario("portal shows a page", "portal.http", row=42, effect="intercepted", budget=8,
             arrange=make.portal("200 OK ")),
    Scenario("portal says 511", "portal.http", row=42, budget=8,
             arrange=make.portal("511 Network Authentication Required")),
    Scenario("portal API", "portal.http", row=42, budget=8,
             arrange=make.portal("200 OK ", CAPTIVE, Content_Type="application/captive+json")),
    Scenario("403", "http.denied", row=43, targets=WEB, budget=7, effect="none", pay=make.answer("403 Forbidden")),
    Scenario("429", "http.throttled", row=43, budget=7, effect="none",
             pay=make.answer("429 Too Many Requests", Retry_After="30")),
    Scenario("503", "http.server_error", row=43, budget=7, effect="none", pay=make.answer("503 Service Unavailable")),
    Scenario("redirect loop", "http.redirect_loop", row=44, budget=7, pay=make.answer("302 Found", Location="/")),
    Scenario("redirect to http", "http.downgrade", row=44, budget=7,
             pay=make.answer("302 Found", Location="http://pay.lab.test/x"), status="warn"),
    Scenario("proxy port closed", "proxy.unreachable", row=45, env=BY_PROXY, effect="none", budget=7),
    Scenario("proxy silent", "proxy.unreachable", row=45, env=BY_PROXY, arrange=make.drop(SPARE)),
    Scenario("proxy name unknown", "proxy.dns", row=45,
             env={"HTTPS_PROXY": "http://proxy.lab.test:3128", "HTTP_PROXY": "http://proxy.lab.test:3128"}, budget=7),
    Scenario("proxy wants a password", "proxy.auth", row=45, env={"HTTPS_PROXY": make.PROXY},
             arrange=make.proxy("407 Proxy Authentication Required"), targets=WEB, budget=7),
    Scenario("proxy malformed", "proxy.config", row=45, env={"HTTPS_PROXY": "http://:3128:9"}, budget=7),
    Scenario("proxy of an unknown kind", "proxy.unsupported", row=45, env={"HTTPS_PROXY": f"socks5://{SPARE}:1080"},
             arrange=make.without_socks, budget=7),
    Scenario("proxy by script only", "proxy.unsupported", row=45, env=SCRIPT, arrange=make.company, targets=WEB),
    Scenario("loss and delay", "path.lossy", row=46, also=("path.slow",), arrange=make.delayed(0.05, 0.005, 0.1, 7),
             cable=False, tun=True, limits={"samples": 60}, status="warn", effect="unstable"),
    Scenario("delay and jitter", "path.slow", row=46, arrange=make.delayed(0.05, 0.005, 0.0, 7), cable=False, tun=True,
             status="warn", effect="ok"),
    Scenario("bundle missing", "config.ca_bundle", row=47, env={"REQUESTS_CA_BUNDLE": "/nowhere/bundle.pem"},
             status="warn"),
    Scenario("bundle broken", "config.ca_bundle", row=47, env={"SSL_CERT_FILE": "/etc/hosts"}, targets=WEB),
    # our own: two at once, healing ones, missing controls, hostile far ends, and false alarms
    Scenario("two at once: portal and clock", "portal.dns", also=("clock.skewed",), arrange=make.portal_box,
             limits=LATE_NAMES, budget=14, off=-400),
    Scenario("two at once: expired and another's", "tls.cert_expired", also=("tls.cert_name",),
             pay=make.certificate("other.lab.test", start=-90, end=-2), budget=7),
    Scenario("heals: reset once in TLS", "flaky", pay=make.once(servers.reset), status="warn", effect="unstable"),
    Scenario("heals: resolver fails once", "flaky", arrange=make.nameserver(make.servfail_once()), status="warn"),
    Scenario("only WeChat is down", "tcp.timeout", arrange=make.drop(SHORT, WX, PAY), where="middlebox",
             effect="unreachable"),
    Scenario("everything is down", "tcp.timeout", also=("control.missing",), where="unknown", arrange=NO_TCP),
    Scenario("controls are down", "ok", status="pass", effect="ok", arrange=make.drop(CTL, CTL_TLS)),
    Scenario("one bank host is down", "tcp.timeout", status="warn", effect="none", arrange=make.drop(BANK)),
    Scenario("cancelled", None, status="cancelled", effect="none", arrange=NO_TCP, cancel_after=0.8, budget=1.4),
    Scenario("no time", "time.out", status="unknown", effect="none", timeout=0.9, arrange=NO_TCP, budget=1.6),
    Scenario("reset after the request", "http.reset", arrange=make.serving(make.the(servers.reset), PAY, 80),
             targets=("http://pay.lab.test/",), budget=8),
    Scenario("proxy refuses", "proxy.refused", env={"HTTPS_PROXY": make.PROXY}, arrange=make.proxy("403 Forbidden"),
             targets=WEB, budget=8),
    Scenario("proxy works", "ok", env={"HTTPS_PROXY": make.PROXY}, arrange=make.proxy(), targets=WEB, effect="none",
             budget=8),
    Scenario("dead proxy that is not used", "ok",
             env={"HTTPS_PROXY": make.PROXY, "HTTP_PROXY": make.PROXY, "NO_PROXY": "lab.test,neutral.example"},
             budget=7),
    Scenario("dead proxy for http only", "ok", env={"HTTP_PROXY": make.PROXY}, targets=WEB, effect="ok", budget=7),
    Scenario("redirect to nowhere", "http.bad_redirect", pay=make.answer("302 Found", Location="javascript:alert(1)"),
             budget=7),
    Scenario("second resolver agrees", "ok", arrange=lambda lab: lab.nameservers.update({SECOND: lab.zone}),
             limits={"second_resolver": SECOND}, budget=8),
    Scenario("IPv4 only", "ok", arrange=make.both(make.six, make.near(*make.NO_SIX)), status="pass", effect="ok",
             budget=8),
    Scenario("both families", "ok", arrange=make.six, status="pass", budget=8),
    Scenario("64 KB of addresses", "tcp.partial", arrange=lambda lab: make.nameserver(dnsd.huge("wx.lab.test"))(lab),
             targets=("https://wx.lab.test/",), budget=8),
    Scenario("escape sequences", "ok", pay=make.raw(ESCAPES), budget=8),
    Scenario("odd names in a certificate", "tls.cert_name",
             pay=make.certificate("xn--fiqs8s.lab.test", "*.wild.lab.test", "a" * 60 + ".lab.test"), budget=8),
    Scenario("endless TLS record", "tls.failed", pay=make.the(servers.flood), budget=6),
    Scenario("30 % of packets lost", "path.lossy", arrange=LOSING, limits={"samples": 60}, status="warn"),
    # found misjudged by an independent laboratory, by kind
    # the effect and what was reached
    Scenario("IPv6 only, hosts with IPv4 only", "ipv4.none", status="fail", effect="unreachable",
             arrange=make.four_without_v4, budget=7),
    Scenario("pay and bank do not resolve", "dns.nxdomain", status="fail", effect="none",
             arrange=make.nameserver(dnsd.code(3, "pay.lab.test", "bank.lab.test")), budget=7),
    Scenario("all of WeChat is missing", "tcp.timeout", status="fail", effect="unreachable",
             arrange=make.drop(SHORT, WX, PAY, BANK)),
    Scenario("one bank host silent on a lossy line", "tcp.timeout", also=("path.lossy",), limits={"samples": 30},
             status="warn", effect="unstable", arrange=make.both(make.drop(BANK), LOSING)),
    # the proxy's own data
    *(
        Scenario(f"private proxy says {status[:3]}{' in clear' if plain else ''}", verdict, effect="none",
                 env=BY_COMPANY, arrange=make.private_proxy(status, status), targets=PLAIN if plain else WEB, budget=7)
        for status, verdict in (
            ("407 Proxy Authentication Required", "proxy.auth"),
            ("403 Forbidden", "proxy.refused"),
            ("502 Bad Gateway", "proxy.refused"),
        )
        for plain in (False, True)
    ),
    Scenario("proxy that is a web server", "proxy.refused", effect="none", env=BY_COMPANY,
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
    Scenario("stub resolver dead", "dns.server_unreachable", where="computer", effect="none",
             arrange=lambda lab: lab.world.resolve_by("127.0.0.53"), budget=7),
    # certificates
    Scenario("missing intermediate at one host", "tls.cert_untrusted", effect="none", pay=make.missing_intermediate,
             budget=7),
    Scenario("one authority for two unrelated hosts", "tls.intercepted", effect="intercepted",
             arrange=make.signed_by_one("pay.lab.test", "tls.neutral.example"), budget=7),
    Scenario("an inspecting product at one host", "tls.intercepted", effect="intercepted",
             pay=make.signed_by("FortiGate CA"), budget=7),
    Scenario("certificate without an alternative name", "tls.cert_name", pay=make.common_name_only(), budget=7),
    Scenario("placeholder and expired certificate", "tls.cert_expired", also=("proxy.fake_ip",),
             arrange=make.fake_and_expired, budget=7),
    # redirects that fail
    Scenario("redirect to a closed port", "tcp.refused", arrange=make.redirect("https://pay.lab.test:8443/"), budget=8),
    Scenario("redirect to a name that does not exist", "dns.nxdomain", arrange=make.redirect("https://gone.lab.test/"),
             budget=8),
    Scenario("redirect to a silent host", "tcp.timeout",
             arrange=make.redirect("https://bank.lab.test/", make.drop(BANK))),
    Scenario("redirect to a wrong certificate", "tls.cert_name",
             arrange=make.redirect("https://pay.lab.test:8443/", OTHERS_PORT),
             budget=8),
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
    Scenario("certificate made for clients", "tls.cert_invalid", pay=make.common_name_only(for_clients=True), budget=7),
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
    Scenario("proxy by script, one host closed", "tcp.refused", also=("proxy.unsupported",), env=SCRIPT, budget=7,
             arrange=lambda lab: lab.plan.pop((PAY, 443))),
    Scenario("two resolvers of this network dead", "dns.timeout", limits={"attempts": 1}, budget=7,
             arrange=make.two_servers(dnsd.silent, dnsd.silent)),
    # pairs
    Scenario("pair: proxy dead and clock off", "proxy.unreachable", effect="none",
             env={"HTTPS_PROXY": "http://127.0.0.1:7890"}, limits={"resolve": 7.0}, off=-400, budget=14),
    Scenario("pair: first resolver dead and pay silent", "tcp.timeout", also=("dns.slow",), effect="none",
             arrange=make.both(make.two_servers(dnsd.silent, None), make.drop(PAY))),
    Scenario("pair: IPv6 broken and certificate expired at the bank", "tls.cert_expired", also=("ipv6.broken",),
             status="warn",
             arrange=make.both(SIX_BROKEN, BANK_EXPIRED),
             budget=8),
    Scenario("pair: portal and controls down", "portal.dns", effect="intercepted",
             arrange=make.both(make.portal_box, make.drop(CTL, CTL_TLS)), budget=9),
    Scenario("pair: pay resets and bank is missing", "tls.reset", effect="none", pay=make.the(servers.reset),
             arrange=make.drop(BANK)),
)  # fmt: skip

HEALTHY: Final[tuple[Scenario, ...]] = (
    ALL[0],
    *(
        Scenario(f"healthy line, {loss:.1%} lost each way, {jitter * 2000:.0f} ms of jitter, seed {seed}", "ok",
                 status="pass", effect="ok", arrange=make.delayed(0.003 + jitter, jitter, loss, seed), cable=False,
                 tun=True)
        for seed, (loss, jitter) in enumerate(
            ((0, 0), (0.01, 0), (0.02, 0.01), (0.03, 0), (0, 0.04), (0.015, 0.02), (0.03, 0.04), (0.025, 0.03))
        )
    ),
)  # fmt: skip
"""Lines without a fault, some loss and jitter is what every line has: none of them may ever be called faulty."""


def by_name() -> dict[str, Scenario]:
    """Return the scenarios by their names."""
    return {one.name: one for one in (*ALL, *HEALTHY)}


def lacking(scenario: Scenario) -> str:
    """Return what this machine lacks to play a scenario, or an empty string."""
    if scenario.off and not shutil.which("faketime"):
        return "faketime is not installed"
    if scenario.tun and not os.access("/dev/net/tun", os.R_OK | os.W_OK):
        return "/dev/net/tun may not be opened"
    return ""


def faults(scenario: Scenario, said: dict[str, Any], slack: float = 1.0) -> list[str]:
    """Return everything that differs from what has to be said of a scenario; `slack` stretches its budget."""
    if "error" in said:
        return [str(said["error"])]
    found = []
    for field in ("verdict", "status", "effect", "where"):
        wanted = getattr(scenario, field)
        if (wanted or field == "verdict") and said[field] != wanted:
            found.append(f"{field} {said[field]!r} instead of {wanted!r}")
    missing = set(scenario.also) - set(said["verdicts"])
    if missing:
        found.append(f"not named: {', '.join(sorted(missing))}")
    if scenario.verdict not in ("ok", None) and said["status"] == "pass" and scenario.status != "pass":
        found.append("called healthy")
    if said["seconds"] > scenario.budget * slack:
        found.append(f"took {said['seconds']} s of {scenario.budget} s")
    return found
