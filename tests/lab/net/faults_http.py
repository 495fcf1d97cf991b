"""Rows 38 to 47: HTTP, portals, proxies, paths, settings of this computer."""

from __future__ import annotations

from typing import Final

from tests.lab.net import makers as make
from tests.lab.net import servers
from tests.lab.net.scenario import SPARE, Scenario

WEB: Final = ("https://wx.lab.test/", "https://pay.lab.test/")
CAPTIVE: Final = b'{"captive": true, "user-portal-url": "https://portal.lab.test/"}'

FAULTS: Final = (
    Scenario(name="HTTP silent", row=38, verdict="http.timeout", pay=make.over_tls(servers.silent)),
    Scenario(name="endless drip", row=39, verdict="http.slow_body", pay=make.over_tls(servers.drip), effect="unstable"),
    Scenario(
        name="body truncated",
        row=40,
        verdict="http.broken_body",
        budget=8,
        pay=make.raw(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\nshort"),
    ),
    Scenario(
        name="reset in the body",
        row=40,
        verdict="http.broken_body",
        budget=8,
        pay=make.over_tls(servers.reset_mid_body),
    ),
    Scenario(
        name="bad gzip",
        row=40,
        verdict="http.broken_body",
        budget=8,
        pay=make.raw(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 9\r\n\r\nnot gzip!"),
    ),
    Scenario(
        name="bad chunk",
        row=40,
        verdict="http.broken_body",
        budget=8,
        pay=make.raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n"),
    ),
    Scenario(name="empty reply", row=41, verdict="http.bad_reply", budget=8, pay=make.raw(b"")),
    Scenario(name="nonsense reply", row=41, verdict="http.bad_reply", budget=8, pay=make.raw(b"HELLO WORLD\r\n\r\n")),
    Scenario(
        name="portal redirects",
        row=42,
        verdict="portal.http",
        effect="intercepted",
        budget=8,
        arrange=make.portal("302 Found", Location="http://login.portal.example/"),
    ),
    Scenario(
        name="portal shows a page",
        row=42,
        verdict="portal.http",
        effect="intercepted",
        budget=8,
        arrange=make.portal("200 OK "),
    ),
    Scenario(
        name="portal says 511",
        row=42,
        verdict="portal.http",
        budget=8,
        arrange=make.portal("511 Network Authentication Required"),
    ),
    Scenario(
        name="portal API",
        row=42,
        verdict="portal.http",
        budget=8,
        arrange=make.portal("200 OK ", CAPTIVE, Content_Type="application/captive+json"),
    ),
    Scenario(
        name="403",
        row=43,
        verdict="http.denied",
        targets=WEB,
        budget=7,
        effect="none",
        pay=make.answer("403 Forbidden"),
    ),
    Scenario(
        name="429",
        row=43,
        verdict="http.throttled",
        budget=7,
        effect="none",
        pay=make.answer("429 Too Many Requests", Retry_After="30"),
    ),
    Scenario(
        name="503",
        row=43,
        verdict="http.server_error",
        budget=7,
        effect="none",
        pay=make.answer("503 Service Unavailable"),
    ),
    Scenario(
        name="redirect loop", row=44, verdict="http.redirect_loop", budget=7, pay=make.answer("302 Found", Location="/")
    ),
    Scenario(
        name="redirect to http",
        row=44,
        verdict="http.downgrade",
        budget=7,
        pay=make.answer("302 Found", Location="http://pay.lab.test/x"),
        status="warn",
    ),
    Scenario(
        name="proxy port closed",
        row=45,
        verdict="proxy.unreachable",
        env={"HTTPS_PROXY": make.PROXY, "HTTP_PROXY": make.PROXY},
        effect="none",
        budget=7,
    ),
    Scenario(
        name="proxy silent",
        row=45,
        verdict="proxy.unreachable",
        env={"HTTPS_PROXY": make.PROXY, "HTTP_PROXY": make.PROXY},
        arrange=make.dropped,
    ),
    Scenario(
        name="proxy name unknown",
        row=45,
        verdict="proxy.dns",
        env={"HTTPS_PROXY": "http://proxy.lab.test:3128", "HTTP_PROXY": "http://proxy.lab.test:3128"},
        budget=7,
    ),
    Scenario(
        name="proxy wants a password",
        row=45,
        verdict="proxy.auth",
        env={"HTTPS_PROXY": make.PROXY},
        arrange=make.proxy("407 Proxy Authentication Required"),
        targets=WEB,
        budget=7,
    ),
    Scenario(name="proxy malformed", row=45, verdict="proxy.config", env={"HTTPS_PROXY": "http://:3128:9"}, budget=7),
    Scenario(
        name="proxy of an unknown kind",
        row=45,
        verdict="proxy.unsupported",
        env={"HTTPS_PROXY": f"socks5://{SPARE}:1080"},
        arrange=make.without_socks,
        budget=7,
    ),
    Scenario(
        name="proxy by script only",
        row=45,
        verdict="proxy.unsupported",
        env={"auto_proxy": "http://wpad.lab.test/proxy.pac"},
        arrange=make.company,
        targets=WEB,
    ),
    Scenario(
        name="loss and delay",
        row=46,
        verdict="path.lossy",
        also=("path.slow",),
        arrange=make.delayed(0.05, 0.005, 0.1, 7),
        cable=False,
        tun=True,
        options={"samples": 60},
        status="warn",
        effect="unstable",
    ),
    Scenario(
        name="delay and jitter",
        row=46,
        verdict="path.slow",
        arrange=make.delayed(0.05, 0.005, 0.0, 7),
        cable=False,
        tun=True,
        status="warn",
        effect="ok",
    ),
    Scenario(
        name="bundle missing",
        row=47,
        verdict="config.ca_bundle",
        env={"REQUESTS_CA_BUNDLE": "/nowhere/bundle.pem"},
        status="warn",
    ),
    Scenario(
        name="bundle broken", row=47, verdict="config.ca_bundle", env={"SSL_CERT_FILE": "/etc/hosts"}, targets=WEB
    ),
)
