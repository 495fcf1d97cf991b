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
    Scenario(
        name="two at once: portal and clock",
        verdict="portal.dns",
        also=("clock.skewed",),
        arrange=make.portal_box,
        options=LATE_NAMES,
        budget=14,
        off=-400,
    ),
    Scenario(
        name="two at once: expired and another's",
        verdict="tls.cert_expired",
        also=("tls.cert_name",),
        pay=make.certificate("other.lab.test", start=-90, end=-2),
        budget=7,
    ),
    Scenario(
        name="heals: reset once in TLS", verdict="flaky", pay=make.once(servers.reset), status="warn", effect="unstable"
    ),
    Scenario(
        name="heals: resolver fails once", verdict="flaky", arrange=make.nameserver(make.servfail_once()), status="warn"
    ),
    Scenario(
        name="only WeChat is down",
        verdict="tcp.timeout",
        arrange=make.rule(*make.drop(SHORT, WX, PAY)),
        where="middlebox",
        effect="unreachable",
    ),
    Scenario(
        name="everything is down",
        verdict="tcp.timeout",
        also=("control.missing",),
        where="unknown",
        arrange=make.rule("iptables -A INPUT -p tcp -j DROP"),
    ),
    Scenario(
        name="controls are down", verdict="ok", status="pass", effect="ok", arrange=make.rule(*make.drop(CTL, CTL_TLS))
    ),
    Scenario(
        name="one bank host is down",
        verdict="tcp.timeout",
        status="warn",
        effect="none",
        arrange=make.rule(*make.drop(BANK)),
    ),
    Scenario(
        name="cancelled",
        verdict=None,
        status="cancelled",
        effect="none",
        arrange=make.rule("iptables -A INPUT -p tcp -j DROP"),
        cancel_after=0.8,
        budget=1.4,
    ),
    Scenario(
        name="no time",
        verdict="time.out",
        status="unknown",
        effect="none",
        timeout=0.9,
        arrange=make.rule("iptables -A INPUT -p tcp -j DROP"),
        budget=1.6,
    ),
    Scenario(
        name="reset after the request",
        verdict="http.reset",
        arrange=make.plain_reset,
        targets=("http://pay.lab.test/",),
        budget=8,
    ),
    Scenario(
        name="proxy refuses",
        verdict="proxy.refused",
        env={"HTTPS_PROXY": make.PROXY},
        arrange=make.proxy("403 Forbidden"),
        targets=WEB,
        budget=8,
    ),
    Scenario(
        name="proxy works",
        verdict="ok",
        env={"HTTPS_PROXY": make.PROXY},
        arrange=make.proxy(),
        targets=WEB,
        effect="none",
        budget=8,
    ),
    Scenario(
        name="dead proxy that is not used",
        verdict="ok",
        env={"HTTPS_PROXY": make.PROXY, "HTTP_PROXY": make.PROXY, "NO_PROXY": "lab.test,neutral.example"},
        budget=7,
    ),
    Scenario(
        name="dead proxy for http only",
        verdict="ok",
        env={"HTTP_PROXY": make.PROXY},
        targets=WEB,
        effect="ok",
        budget=7,
    ),
    Scenario(
        name="redirect to nowhere",
        verdict="http.bad_redirect",
        pay=make.answer("302 Found", Location="javascript:alert(1)"),
        budget=7,
    ),
    Scenario(
        name="second resolver agrees",
        verdict="ok",
        arrange=make.agreeing,
        options={"second_resolver": SECOND},
        budget=8,
    ),
    Scenario(name="IPv4 only", verdict="ok", arrange=make.four_only, status="pass", effect="ok", budget=8),
    Scenario(name="both families", verdict="ok", arrange=make.six, status="pass", budget=8),
    Scenario(
        name="64 KB of addresses",
        verdict="tcp.partial",
        arrange=make.huge_answer,
        targets=("https://wx.lab.test/",),
        budget=8,
    ),
    Scenario(
        name="endless header",
        verdict="http.bad_reply",
        pay=make.over_tls(servers.endless(b"HTTP/1.1 200 OK\r\nX: ", b"x" * 4096)),
        budget=6,
    ),
    Scenario(
        name="endless headers",
        verdict="http.bad_reply",
        pay=make.over_tls(servers.endless(b"HTTP/1.1 200 OK\r\n", b"X-Header: y\r\n" * 50)),
        budget=6,
    ),
    Scenario(
        name="endless 100 Continue",
        verdict="http.timeout",
        pay=make.over_tls(servers.endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n", pause=0.01)),
    ),
    Scenario(
        name="endless body",
        verdict="ok",
        pay=make.over_tls(servers.endless(b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 65536)),
        budget=8,
    ),
    Scenario(name="gzip bomb", verdict="ok", pay=make.bomb, budget=8),
    Scenario(name="escape sequences", verdict="ok", pay=make.raw(ESCAPES), budget=8),
    Scenario(name="odd names in a certificate", verdict="tls.cert_name", pay=make.odd_certificate, budget=8),
    Scenario(name="endless TLS record", verdict="tls.failed", pay=make.flood, budget=6),
    Scenario(
        name="30 % of packets lost",
        verdict="path.lossy",
        arrange=make.rule("iptables -A INPUT -p tcp --syn -m statistic --mode random --probability 0.30 -j DROP"),
        options={"samples": 60},
        status="warn",
    ),
)
