"""Faults of our own: two at once, healing ones, missing controls, hostile far ends, and false alarms."""

from __future__ import annotations

from typing import Final

from tests.lab.net import makers as make
from tests.lab.net import servers
from tests.lab.net.scenario import BANK, CTL, CTL_TLS, LATE_NAMES, PAY, SHORT, WX, Scenario
from tests.lab.net.world import SECOND

WEB: Final = ("https://wx.lab.test/", "https://pay.lab.test/")
ESCAPES: Final = (
    b"HTTP/1.1 200 \x1b]0;owned\x07OK\r\nLocation: \x1b[2J[/x][a=b]\r\nServer: \x1b[31m\r\nContent-Length: 0\r\n\r\n"
)

FAULTS: Final = (
    Scenario("two at once: portal and clock", "portal.dns", also=("clock.skewed",), arrange=make.portal_box,
             limits=LATE_NAMES, budget=14, off=-400),
    Scenario("two at once: expired and another's", "tls.cert_expired", also=("tls.cert_name",),
             pay=make.certificate("other.lab.test", start=-90, end=-2), budget=7),
    Scenario("heals: reset once in TLS", "flaky", pay=make.once(servers.reset), status="warn", effect="unstable"),
    Scenario("heals: resolver fails once", "flaky", arrange=make.nameserver(make.servfail_once()), status="warn"),
    Scenario("only WeChat is down", "tcp.timeout", arrange=make.rule(*make.drop(SHORT, WX, PAY)), where="middlebox",
             effect="unreachable"),
    Scenario("everything is down", "tcp.timeout", also=("control.missing",), where="unknown",
             arrange=make.rule("iptables -A INPUT -p tcp -j DROP")),
    Scenario("controls are down", "ok", status="pass", effect="ok", arrange=make.rule(*make.drop(CTL, CTL_TLS))),
    Scenario("one bank host is down", "tcp.timeout", status="warn", effect="none", arrange=make.rule(*make.drop(BANK))),
    Scenario("cancelled", None, status="cancelled", effect="none",
             arrange=make.rule("iptables -A INPUT -p tcp -j DROP"), cancel_after=0.8, budget=1.4),
    Scenario("no time", "time.out", status="unknown", effect="none", timeout=0.9,
             arrange=make.rule("iptables -A INPUT -p tcp -j DROP"), budget=1.6),
    Scenario("reset after the request", "http.reset", arrange=make.plain_reset, targets=("http://pay.lab.test/",),
             budget=8),
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
    Scenario("second resolver agrees", "ok", arrange=make.agreeing, limits={"second_resolver": SECOND}, budget=8),
    Scenario("IPv4 only", "ok", arrange=make.four_only, status="pass", effect="ok", budget=8),
    Scenario("both families", "ok", arrange=make.six, status="pass", budget=8),
    Scenario("64 KB of addresses", "tcp.partial", arrange=make.huge_answer, targets=("https://wx.lab.test/",),
             budget=8),
    Scenario("endless header", "http.bad_reply",
             pay=make.over_tls(servers.endless(b"HTTP/1.1 200 OK\r\nX: ", b"x" * 4096)), budget=6),
    Scenario("endless headers", "http.bad_reply",
             pay=make.over_tls(servers.endless(b"HTTP/1.1 200 OK\r\n", b"X-Header: y\r\n" * 50)), budget=6),
    Scenario("endless 100 Continue", "http.timeout",
             pay=make.over_tls(servers.endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n", pause=0.01))),
    Scenario("endless body", "ok", pay=make.over_tls(servers.endless(b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 65536)),
             budget=8),
    Scenario("gzip bomb", "ok", pay=make.bomb, budget=8),
    Scenario("escape sequences", "ok", pay=make.raw(ESCAPES), budget=8),
    Scenario("odd names in a certificate", "tls.cert_name", pay=make.odd_certificate, budget=8),
    Scenario("endless TLS record", "tls.failed", pay=make.flood, budget=6),
    Scenario("30 % of packets lost", "path.lossy",
             arrange=make.rule("iptables -A INPUT -p tcp --syn -m statistic --mode random --probability 0.30 -j DROP"),
             limits={"samples": 60}, status="warn"),
)  # fmt: skip
