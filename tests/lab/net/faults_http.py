"""Rows 38 to 47: HTTP, portals, proxies, paths, settings of this computer."""

from __future__ import annotations

from typing import Final

from tests.lab.net import makers as make
from tests.lab.net import servers
from tests.lab.net.scenario import SPARE, Scenario

WEB: Final = ("https://wx.lab.test/", "https://pay.lab.test/")
CAPTIVE: Final = b'{"captive": true, "user-portal-url": "https://portal.lab.test/"}'

FAULTS: Final = (
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
    Scenario("proxy port closed", "proxy.unreachable", row=45,
             env={"HTTPS_PROXY": make.PROXY, "HTTP_PROXY": make.PROXY}, effect="none", budget=7),
    Scenario("proxy silent", "proxy.unreachable", row=45, env={"HTTPS_PROXY": make.PROXY, "HTTP_PROXY": make.PROXY},
             arrange=make.dropped),
    Scenario("proxy name unknown", "proxy.dns", row=45,
             env={"HTTPS_PROXY": "http://proxy.lab.test:3128", "HTTP_PROXY": "http://proxy.lab.test:3128"}, budget=7),
    Scenario("proxy wants a password", "proxy.auth", row=45, env={"HTTPS_PROXY": make.PROXY},
             arrange=make.proxy("407 Proxy Authentication Required"), targets=WEB, budget=7),
    Scenario("proxy malformed", "proxy.config", row=45, env={"HTTPS_PROXY": "http://:3128:9"}, budget=7),
    Scenario("proxy of an unknown kind", "proxy.unsupported", row=45, env={"HTTPS_PROXY": f"socks5://{SPARE}:1080"},
             arrange=make.without_socks, budget=7),
    Scenario("proxy by script only", "proxy.unsupported", row=45, env={"auto_proxy": "http://wpad.lab.test/proxy.pac"},
             arrange=make.company, targets=WEB),
    Scenario("loss and delay", "path.lossy", row=46, also=("path.slow",), arrange=make.delayed(0.05, 0.005, 0.1, 7),
             cable=False, tun=True, limits={"samples": 60}, status="warn", effect="unstable"),
    Scenario("delay and jitter", "path.slow", row=46, arrange=make.delayed(0.05, 0.005, 0.0, 7), cable=False, tun=True,
             status="warn", effect="ok"),
    Scenario("bundle missing", "config.ca_bundle", row=47, env={"REQUESTS_CA_BUNDLE": "/nowhere/bundle.pem"},
             status="warn"),
    Scenario("bundle broken", "config.ca_bundle", row=47, env={"SSL_CERT_FILE": "/etc/hosts"}, targets=WEB),
)  # fmt: skip
