"""From observations to a verdict, without any network: what is weighed, and what is left unsaid."""

import re
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diagnostics.checks.network_check import _result
from diagnostics.i18n import Message, Texts
from diagnostics.knowledge import load
from diagnostics.network import failures
from diagnostics.network.diagnosis import NetworkDiagnosis, diagnose
from diagnostics.network.failure_causes import fact
from diagnostics.network.measurements import (
    Attempt,
    Certificate,
    Connect,
    Exchange,
    Handshake,
    LocalNetwork,
    Lookup,
    NetworkMeasurement,
    ProxyUse,
    Samples,
    Step,
    TargetMeasurement,
)
from diagnostics.network.targets import PURPOSES, Purpose, Target, parse_target
from diagnostics.network.verdicts import verdicts
from diagnostics.report.build import network_step
from tests import worded

NOW = 1_800_000_000.0
HOME = LocalNetwork(link_up=True, interfaces=1, route4=True, route6=False, nameservers=("192.0.2.53",), now=NOW)


def target(url: str, purpose: Purpose = "custom") -> Target:
    return msgspec.structs.replace(parse_target(url), purpose=purpose, public=purpose != "custom")


def good(url: str, purpose: Purpose = "custom", **exchange: object) -> TargetMeasurement:
    aim = target(url, purpose)
    address = "203.0.113.9"
    return TargetMeasurement(
        target=aim,
        attempts=(
            Attempt(
                lookups=(Lookup(host=aim.host, by="system", addresses=(address,)),),
                connects=(Connect(address=address, port=aim.port),),
                handshakes=(Handshake(address=address, server_name=aim.host),) if aim.encrypted else (),
                exchanges=(msgspec.convert({"url": url, "status": 200, "phase": "done", **exchange}, Exchange),),
            ),
        ),
    )


def dead(
    url: str, purpose: Purpose = "custom", failure: str = "generic_timeout_error", address: str = "203.0.113.7"
) -> TargetMeasurement:
    aim = target(url, purpose)
    one = Connect(address=address, port=aim.port, failure=failure, duration_ms=3000)
    looked = () if aim.address else (Lookup(host=aim.host, by="system", addresses=(address,)),)
    return TargetMeasurement(target=aim, attempts=(Attempt(lookups=looked, connects=(one,)),))


def unknown_name(url: str, purpose: Purpose = "custom") -> TargetMeasurement:
    aim = target(url, purpose)
    lookup = Lookup(host=aim.host, by="system", failure="dns_nxdomain_error")
    own = Lookup(host=aim.host, by="nameserver", server="192.0.2.53", kind="A", failure="dns_nxdomain_error")
    return TargetMeasurement(target=aim, attempts=(Attempt(lookups=(lookup, own)),))


def refused_certificate(url: str, code: int, *, skew: float | None = None, **facts: object) -> TargetMeasurement:
    aim = target(url)
    told = {
        "subject": "s",
        "issuer": "i",
        "names": [aim.host],
        "not_before": NOW - 1e6,
        "not_after": NOW + 1e6,
        **facts,
    }
    shaken = Handshake(
        address="203.0.113.9", server_name=aim.host, failure="ssl_invalid_certificate", verify_code=code,
        certificate=msgspec.convert(told, Certificate), date_skew_s=skew,
    )  # fmt: skip
    connect = Connect(address="203.0.113.9", port=443)
    return TargetMeasurement(target=aim, attempts=(Attempt(connects=(connect,), handshakes=(shaken,)),))


WECHAT = (
    good("https://short.wx.test/", "login"),
    good("https://web.wx.test/", "web"),
    good("https://pay.wx.test/", "pay"),
    good("https://bank.test/", "webank"),
)
CONTROL = good("https://control.example/", "control")


SILENT = "generic_timeout_error"
URLS = ("https://a.test/", "https://b.test/", "https://c.test/")
A, B, C = map(good, URLS)
NOT_PAY = [one for one in WECHAT if one.target.purpose != "pay"]
change = msgspec.structs.replace


def having(seen: TargetMeasurement, **steps: Any) -> TargetMeasurement:
    """The same target with other steps in its last attempt."""
    return change(seen, attempts=(*seen.attempts[:-1], change(seen.attempts[-1], **steps)))


def looked(seen: TargetMeasurement, address: str) -> TargetMeasurement:
    return having(seen, lookups=(Lookup(host=seen.target.host, by="system", addresses=(address,)),))


def at_one(url: str) -> TargetMeasurement:
    return looked(refused_certificate(url, 62, names=["block.example"]), "203.0.113.66")


def in_turn(url: str, *attempts: TargetMeasurement) -> TargetMeasurement:
    return TargetMeasurement(target=target(url), attempts=tuple(one.attempts[0] for one in attempts))


def unanswered(url: str, server: str, failure: str) -> TargetMeasurement:
    looks = (
        Lookup(host="x", by="system", failure="dns_temporary_failure"),
        Lookup(host="x", by="nameserver", server=server, kind="A", failure=failure),
    )
    return TargetMeasurement(target=target(url), attempts=(Attempt(lookups=looks),))


def sampled(seen: TargetMeasurement, *times: float, sent: int = 90) -> TargetMeasurement:
    return change(seen, samples=Samples(sent=sent, times_ms=times,
                                        interval_ms=40, waiting_ms=900))  # fmt: skip


def by_proxy(**exchange: object) -> TargetMeasurement:
    asked_for = (Lookup(host="proxy.corp.test", by="system", role="proxy", addresses=("10.0.0.8",)),)
    via = ProxyUse(url="http://proxy.corp.test:8080")
    return having(good("http://a.test/generate_204", **exchange), lookups=asked_for, connects=(), proxy=via)


def redirected(**steps: Any) -> TargetMeasurement:
    lost = Exchange(url="https://b.a.test/", failure="dns_nxdomain_error", started_ms=5)
    first = good("https://a.test/", status=302)
    return having(first, exchanges=(*first.attempts[0].exchanges, lost), **steps)


def asked(url: str, *servers: tuple[str, str | None, str | None], waited: float = 20.0) -> TargetMeasurement:
    """A name looked up for 2.1 s; each server with the failures of its A and AAAA answers."""
    seen = good(url)
    host, address = seen.target.host, "203.0.113.9"
    looks = [Lookup(host=host, by="system", addresses=(address,), duration_ms=2100)]
    for server, four, six in servers:
        looks += [
            Lookup(host=host, by="nameserver", server=server, kind=kind, failure=failure,
                   addresses=() if failure else (address,), duration_ms=2100 if failure else waited)
            for kind, failure in (("A", four), ("AAAA", six))
        ]  # fmt: skip
    return msgspec.structs.replace(seen, attempts=(msgspec.structs.replace(seen.attempts[0], lookups=tuple(looks)),))


SAW = {"role": "redirect", "started_ms": 5}
PAY_DOWN = dead("https://pay.wx.test/", "pay")
NO_PAY_TIME = TargetMeasurement(target=target("https://pay.wx.test/", "pay"), attempts=(Attempt(unfinished="tls"),))
PROVED = having(good("https://web.test/"), handshakes=(Handshake(address="203.0.113.9", server_name="web.test",
                certificate=Certificate(subject="s", issuer="R3")),))  # fmt: skip
LATE = {"not_before": NOW - 1e7, "not_after": NOW - 1e6}
UNTRUSTED = [refused_certificate(url, 20) for url in URLS]
OFF = change(HOME, link_up=False, route4=False)
ROUTER = change(HOME, gateway="192.0.2.2", nameservers=("192.0.2.2",), gateway_answers=True)
NO_ANSWER = [unanswered(url, "192.0.2.2", SILENT) for url in URLS]
HEALED = [in_turn(f"https://{name}.test/", dead("https://a.test/"), A) for name in "aij"]
CUT = Handshake(address="203.0.113.9", server_name="x", failure=SILENT, duration_ms=3000)
IN_TLS = having(good("https://pay.wx.test/", "pay"), handshakes=(CUT,), exchanges=())


def row(*targets: TargetMeasurement, machine: LocalNetwork = HOME, cancelled: bool = False, **wanted: object) -> Any:
    return NetworkMeasurement(machine=machine, targets=targets, cancelled=cancelled), wanted


CASES: dict[str, tuple[NetworkMeasurement, dict[str, object]]] = {
    # one host of several is no network
    "all well": row(*WECHAT, CONTROL, CONTROL, status="pass", verdict="ok", effect="ok", decisive=None),
    "one control of two down": row(
        *WECHAT, CONTROL, dead("https://other.example/", "control"), status="pass", verdict="ok", effect="ok"),
    "the only control down": row(*WECHAT, dead("https://control.example/", "control"), verdict="ok", effect="ok"),
    "one of two hosts of the bank down": row(
        *WECHAT, CONTROL, dead("https://my.bank.test/", "webank"), status="warn", verdict="tcp.timeout", effect="none"),
    "one of two pay hosts down": row(
        *WECHAT, CONTROL, dead("https://pay2.wx.test/", "pay"), status="warn", verdict="tcp.timeout", effect="none"),
    "the same without a control": row(*WECHAT, dead("https://pay2.wx.test/", "pay"), effect="none"),
    "all pay hosts down": row(
        *NOT_PAY, CONTROL, PAY_DOWN, status="fail", verdict="tcp.timeout", effect="none", where="middlebox"),
    "everything down": row(
        *(dead(one.target.url, one.target.purpose) for one in WECHAT), CONTROL, effect="unreachable"),
    "no IPv4, hosts with IPv4 only": row(
        *(dead(one.target.url, one.target.purpose, "network_unreachable", f"203.0.113.{at}")
          for at, one in enumerate((*WECHAT, CONTROL))),
        machine=change(HOME, route4=False, route6=True), status="fail", verdict="ipv4.none", effect="unreachable"),
    "each host that a user names counts": row(
        good("http://a.test/"), dead("http://b.test/", failure="connection_refused"),
        status="fail", verdict="tcp.refused", effect="none"),
    "the only one that a user names": row(
        dead("http://b.test/", failure="connection_refused"), status="fail", effect="unreachable", where="unknown"),
    "without a working control nobody is accused": row(
        *(dead(f"https://{one}.wx.test/", "pay", address=f"203.0.113.{ord(one)}") for one in "ab"),
        dead("https://c.example/", "control"), verdict="tcp.timeout", where="unknown", names={"control.missing"}),
    # certificates
    "a missing intermediate of a proved authority": row(
        refused_certificate("https://pay.wx.test/", 20, issuer="R3"),
        refused_certificate("https://bank.test/", 20, issuer="R3"), PROVED,
        verdict="tls.cert_untrusted", effect="none"),
    "a missing intermediate at one host": row(UNTRUSTED[0], B, verdict="tls.cert_untrusted", effect="none"),
    "one untrusted host alone": row(UNTRUSTED[0], verdict="tls.cert_untrusted"),
    "one issuer for all": row(*UNTRUSTED[:2], verdict="tls.intercepted"),
    "a product that inspects traffic": row(
        refused_certificate("https://pay.wx.test/", 19, issuer="FortiGate CA, Fortinet"), CONTROL,
        verdict="tls.intercepted", effect="intercepted"),
    "every fault of a certificate": row(
        refused_certificate("https://a.test/", 20, names=["other.test"], not_after=NOW - 5),
        names={"tls.cert_untrusted", "tls.cert_expired", "tls.cert_name"}),
    "placeholders explain nothing that a host says": row(
        looked(refused_certificate("https://a.test/", 10, **LATE), "198.18.0.5"),
        codes=("tls.cert_expired", "proxy.fake_ip")),
    # the clock
    "a clock that explains the certificate": row(
        refused_certificate("https://a.test/", 10, skew=-2e6, **LATE), verdict="clock.skewed", effect="none"),
    "a right clock": row(refused_certificate("https://a.test/", 10, skew=1.0, **LATE), verdict="tls.cert_expired"),
    "a server whose own clock is off": row(
        refused_certificate("https://a.test/", 10, skew=9e9, **LATE), names={"tls.cert_expired"}),
    "a clock that one certificate speaks of": row(
        *(good(f"https://{name}.test/", name, date_skew_s=0.0) for name in ("login", "web", "pay")),  # type: ignore[arg-type]
        change(refused_certificate("https://d.test/", 10, skew=-90_000, not_after=NOW - 1),
               target=target("https://d.test/", "webank")), status="warn", verdict="clock.skewed"),
    "a clock minutes off": row(good("https://a.test/", date_skew_s=600.0), status="warn", verdict="clock.skewed"),
    "a clock days off": row(good("https://a.test/", date_skew_s=-200_000.0), status="fail", verdict="clock.skewed"),
    "a clock seconds off": row(good("https://a.test/", date_skew_s=30.0), verdict="ok"),
    # attempts
    "the attempt that came furthest": row(
        in_turn("https://a.test/", good("https://a.test/", failure=SILENT, status=0, phase="request"),
                dead("https://a.test/")), verdict="http.timeout"),
    "healing": row(HEALED[0], status="warn", verdict="flaky", effect="unstable", says="tcp.timeout"),
    "failing twice": row(in_turn("https://a.test/", dead("https://a.test/"), dead("https://a.test/")),
                         verdict="tcp.timeout"),
    "silence that ends at one host of many": row(HEALED[0], B, C, good("https://d.test/"), verdict="ok"),
    "silence that ends at half of them": row(*HEALED, B, C, good("https://d.test/"), verdict="flaky"),
    "a redirect to a name that does not exist": row(
        redirected(lookups=(Lookup(host="b.a.test", by="system", failure="dns_nxdomain_error", **SAW),)),  # type: ignore[arg-type]
        verdict="dns.nxdomain", says="https://b.a.test/"),
    "a redirect that is refused": row(
        redirected(connects=(Connect(address="203.0.113.9", port=443), Connect(
            address="203.0.113.9", port=8443, failure="connection_refused", **SAW))),  # type: ignore[arg-type]
        verdict="tcp.refused", says="https://b.a.test/"),
    # names
    "names at one wrong address": row(
        at_one("https://pay.wx.test/"), at_one("https://bank.test/"), *WECHAT[:2], CONTROL,
        verdict="dns.hijacked", effect="intercepted"),
    "one name at a wrong address": row(at_one("https://pay.wx.test/"), *WECHAT[:2], CONTROL, verdict="tls.cert_name"),
    "one unknown name": row(unknown_name("https://a.test/"), B, verdict="dns.nxdomain"),
    "the only name unknown": row(unknown_name("https://a.test/"), verdict="dns.nxdomain"),
    "all names unknown": row(unknown_name("https://a.test/"), unknown_name("https://b.example/"),
                             verdict="dns.broken_all"),
    "first name server dead": row(
        *(asked(url, ("192.0.2.1", SILENT, SILENT), ("192.0.2.2", None, None)) for url in URLS),
        verdict="dns.slow", says="192.0.2.1"),
    "no answer for IPv6": row(*(asked(url, ("192.0.2.1", None, SILENT)) for url in URLS), verdict="dns.aaaa_stall"),
    "slow name server": row(
        *(asked(url, ("192.0.2.1", None, None), waited=2000.0) for url in URLS), verdict="dns.slow"),
    "one lost packet at one name of several": row(asked(URLS[0], ("192.0.2.1", None, None)), B, C, verdict="ok"),
    "a dead program of this computer that serves names": row(
        *(unanswered(url, "127.0.0.53", "connection_refused") for url in URLS),
        machine=change(HOME, nameservers=("127.0.0.53",)),
        verdict="dns.server_unreachable", where="computer", effect="none"),
    "a dead name server": row(*(unanswered(url, "192.0.2.53", "connection_refused") for url in URLS),
                              where="network", effect="unreachable"),
    "an address of our own question": row(
        *WECHAT[:2], CONTROL, having(PAY_DOWN, lookups=(
            Lookup(host="pay.wx.test", by="system", failure=SILENT, duration_ms=2000),
            Lookup(host="pay.wx.test", by="nameserver", server="192.0.2.53", kind="A", addresses=("0.0.0.0",))),
            connects=(Connect(address="0.0.0.0", port=443, failure="connection_refused"),)), verdict="dns.bogon"),
    # the way out
    "a router that answers, and nothing beyond": row(*NO_ANSWER, machine=ROUTER, verdict="link.line_dead"),
    "one silent name server beyond a router": row(
        *NO_ANSWER, machine=change(ROUTER, nameservers=("192.0.2.53",)), verdict="dns.timeout"),
    "a router of which nothing is known": row(
        *NO_ANSWER, machine=change(ROUTER, gateway_answers=None), verdict="dns.timeout"),
    "no link": row(dead("http://b.test/", failure="network_unreachable"), machine=OFF, verdict="link.down"),
    "a server on this computer without a link": row(
        dead("http://127.0.0.1:1/", failure="connection_refused"), machine=OFF, verdict="tcp.refused"),
    "well without a link": row(good("http://127.0.0.1:80/"), machine=OFF, verdict="ok"),
    # the line
    "a few lost packets": row(sampled(A, *[20.0] * 84), verdict="ok"),
    "a fifth lost": row(sampled(A, *[20.0] * 72), verdict="path.lossy"),
    "silence where a third is lost": row(
        *WECHAT[:2], PAY_DOWN, sampled(CONTROL, *[20.0] * 60), verdict="tcp.timeout", effect="unstable"),
    "silence where most is lost": row(
        *WECHAT[:2], PAY_DOWN, sampled(CONTROL, *[20.0] * 30), verdict="path.lossy", effect="unstable"),
    "silence in TLS where a third is lost": row(
        *WECHAT[:2], IN_TLS, sampled(CONTROL, *[20.0] * 60), verdict="path.lossy", effect="unstable"),
    "a long way": row(sampled(A, *[95.0] * 30, sent=30), verdict="path.slow"),
    "jitter is not distance": row(sampled(A, *[20.0, 90.0, 140.0] * 10, sent=30), verdict="ok"),
    # what a proxy says in clear is the proxy's
    "a proxy's 403": row(by_proxy(status=403), verdict="proxy.refused", effect="none"),
    "a proxy's 502": row(by_proxy(status=502), verdict="proxy.refused", effect="none"),
    "a proxy's own page": row(by_proxy(status=200, expected=False), verdict="proxy.refused", effect="none"),
    "a silent proxy": row(by_proxy(status=0, phase="request", failure=SILENT), verdict="proxy.unreachable"),
    "through a proxy": row(by_proxy(status=204, expected=True), verdict="ok", effect="none"),
    # too early to tell
    "cancelled": row(dead("https://a.test/"), cancelled=True, status="cancelled", verdict=None, effect="none"),
    "out of time": row(
        TargetMeasurement(target=target("https://a.test/"), attempts=(Attempt(unfinished="connect"),)),
        status="unknown", verdict="time.out", effect="none", operation="connect"),
    "no time for a purpose": row(
        *NOT_PAY, CONTROL, NO_PAY_TIME, status="unknown", verdict="time.out", effect="none"),
    "no time for one host of a purpose": row(
        *WECHAT, CONTROL, change(NO_PAY_TIME, target=target("https://pay2.wx.test/", "pay")),
        status="pass", verdict="ok", effect="none"),
    # what a status means
    **{f"status {status}, {purpose}": row(good("https://a.test/", purpose, status=status), verdict=code)  # type: ignore[arg-type]
       for status, purpose, code in (
           (200, "custom", "ok"), (404, "custom", "ok"), (401, "custom", "ok"), (403, "custom", "http.denied"),
           (403, "web", "ok"), (429, "web", "http.throttled"), (500, "web", "http.server_error"),
           (511, "custom", "portal.http"))},
    # what takes words
    "a certificate refused for no known reason": row(having(refused_certificate("https://a.test/", 7), handshakes=(
        Handshake(address="203.0.113.9", server_name="a.test", failure="ssl_invalid_certificate", verify_code=7),)),
        verdict="tls.cert_invalid"),
    "an alert": row(having(A, exchanges=(), handshakes=(Handshake(
        address="203.0.113.9", server_name="a.test", failure="ssl_failed_handshake", hint="alert handshake_failure"),)),
        verdict="tls.alert"),
    "too often": row(good("https://a.test/", status=429, retry_after="30"), verdict="http.throttled"),
    "half a page": row(good("https://a.test/", phase="body", failure="eof_error", hint="truncated"),
                       verdict="http.broken_body"),
    "a proxy's password": row(TargetMeasurement(target=target("https://a.test/"), attempts=(Attempt(proxy=ProxyUse(
        url="http://proxy.lab.test:3128", operation="tunnel", status=407, failure="http_request_failed")),)),
        verdict="proxy.auth"),
    "a bundle without certificates": row(A, verdict="config.ca_bundle", machine=change(
        HOME, ca_problem=Message("error.trust.no_certificate", {"place": "SSL_CERT_FILE=/x"}))),
}  # fmt: skip
WORDED = (
    "a fifth lost", "a long way", "healing", "a certificate refused for no known reason", "an alert", "too often",
    "half a page", "a proxy's password", "a bundle without certificates", "status 500, web",
)  # fmt: skip
ENGLISH = re.compile("[A-Za-z]{2,} [A-Za-z]{2,}")
CHINESE = re.compile("[\u3000-\u9fff\uff01-\uff5e]")


@pytest.mark.parametrize("name", CASES)
def test_what_was_measured_is_judged(name: str) -> None:
    seen, wanted = CASES[name]
    outcome = diagnose(seen)
    decisive = outcome.decisive
    facts = {
        **{field: getattr(outcome, field) for field in outcome.__struct_fields__},
        "codes": outcome.codes[:2],
        "names": set(outcome.codes) & wanted.get("names", set()),  # type: ignore[operator]
        "operation": decisive.operation if decisive else None,
        "says": wanted.get("says") if decisive and str(wanted.get("says")) in str(decisive.detail) else decisive,
    }
    assert {key: facts[key] for key in wanted} == wanted
    assert msgspec.json.decode(msgspec.json.encode(seen), type=NetworkMeasurement) == seen


@pytest.mark.parametrize("name", WORDED)
def test_the_facts_of_a_finding_are_told_in_the_language_of_the_report(name: str) -> None:
    result = _result(diagnose(CASES[name][0]), 1.0)
    for told in (worded.detail(result), *(worded.data(result)[part] for part in ("facts", "targets"))):
        told = told if isinstance(told, str) else told[0]["detail"]
        assert not ENGLISH.search(told.replace("alert handshake_failure", "")), told
    data = worded.data(result, "en")
    assert not CHINESE.search(worded.detail(result, "en") + data["facts"] + data["targets"][0]["detail"])


def test_every_way_in_which_an_answer_can_be_broken_has_its_words() -> None:
    for hint in ("empty", "nonsense", "truncated", "bad_chunk", "bad_gzip"):
        assert fact(f"http.{hint}").key in load().locale


TEXTS = [Texts(load(), lang) for lang in ("zh", "en")]
WORDS = st.sampled_from(sorted(failures.VOCABULARY))
FAILURE = st.one_of(st.none(), st.none(), WORDS)
ADDRESS = st.sampled_from(("203.0.113.9", "203.0.113.10", "198.18.0.5", "10.0.0.9", "2001:db8::9"))
MS = st.floats(0, 4000)
ROLE = st.sampled_from(("main", "main", "main", "redirect", "other_port", "other_name", "second", "proxy"))
MAYBE = st.sampled_from((None, True, False))
SKEW = st.one_of(st.none(), st.floats(-1e6, 1e6))


def steps(kind: type[Step], /, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Step, ...]]:
    """Up to two steps of a kind, well or failed."""
    one = st.builds(kind, role=ROLE, failure=FAILURE, duration_ms=MS, **fields)
    return st.lists(one, max_size=2).map(tuple)


CERTIFICATE = st.builds(
    Certificate, subject=st.just("s"), issuer=st.sampled_from(("R3", "Some office", "Fortinet")),
    names=st.sampled_from((("a.test",), ("x.example",), ())), not_before=st.just(NOW - 1e6),
    not_after=st.sampled_from((NOW + 1e6, NOW - 1e3)),
)  # fmt: skip
PROXY = st.builds(
    ProxyUse, url=st.just("http://proxy.test:3128"), failure=FAILURE, status=st.sampled_from((0, 200, 407, 502)),
    operation=st.sampled_from(("config", "support", "resolve", "connect", "tunnel", "ok")),
)  # fmt: skip
ATTEMPT = st.builds(
    Attempt,
    lookups=steps(
        Lookup, host=st.just("h.test"), by=st.sampled_from(("system", "nameserver", "second")),
        server=st.just("192.0.2.53"), kind=st.just("A"), addresses=st.lists(ADDRESS, max_size=3).map(tuple)),
    connects=steps(Connect, address=ADDRESS, port=st.just(443), hint=st.sampled_from(("", "", "prohibited", "icmp"))),
    handshakes=steps(
        Handshake, address=ADDRESS, server_name=st.just("a.test"), certificate=st.one_of(st.none(), CERTIFICATE),
        verify_code=st.sampled_from((0, 0, 0, 7, 9, 10, 19, 20, 62)), date_skew_s=SKEW,
        hint=st.sampled_from(("", "", "not_tls", "alert handshake_failure"))),
    exchanges=steps(
        Exchange, url=st.sampled_from(("http://a.test/", "https://a.test/")), expected=MAYBE, date_skew_s=SKEW,
        status=st.sampled_from((0, 200, 204, 302, 403, 407, 429, 503, 511)),
        phase=st.sampled_from(("request", "headers", "body", "done")),
        hint=st.sampled_from(
            ("", "", "loop", "foreign", "captive_api", "downgrade", "bad_location", "truncated", "moved"))),
    proxy=st.one_of(st.none(), st.none(), PROXY), unfinished=st.sampled_from((None, None, None, "connect", "http")),
)  # fmt: skip
SAMPLES = st.builds(
    lambda sent, lost, ms: Samples(sent=sent, interval_ms=40, waiting_ms=900, times_ms=(ms,) * (sent - lost)),
    st.integers(20, 90), st.integers(0, 20), st.floats(1, 300),
)  # fmt: skip


def target_measured(number: int) -> st.SearchStrategy[TargetMeasurement]:
    aims = st.builds(
        lambda scheme, purpose: change(parse_target(f"{scheme}://h{number}.test/"), purpose=purpose),
        st.sampled_from(("https", "https", "http", "tls")), st.sampled_from(PURPOSES),
    )  # fmt: skip
    attempts = st.lists(ATTEMPT, max_size=2).map(tuple)
    return st.builds(TargetMeasurement, target=aims, attempts=attempts, samples=st.one_of(st.none(), SAMPLES))


MACHINE = st.builds(
    LocalNetwork, link_up=MAYBE, route4=MAYBE, route6=MAYBE, gateway=st.just("192.0.2.2"), gateway_silent=MAYBE,
    gateway_answers=MAYBE, nameservers=st.sampled_from(((), None, ("192.0.2.53",), ("127.0.0.53",), ("192.0.2.2",))),
    now=st.just(NOW), pac=st.sampled_from(("", "", "http://wpad.test/")),
)  # fmt: skip
MEASURED = st.builds(
    NetworkMeasurement, machine=MACHINE, cancelled=st.sampled_from((False, False, False, True)),
    targets=st.integers(1, 6).flatmap(lambda count: st.tuples(*map(target_measured, range(count)))),
)  # fmt: skip


@settings(max_examples=60)
@given(MEASURED)
def test_whatever_was_measured(seen: NetworkMeasurement) -> None:
    outcome = diagnose(seen)
    the_effect_is_what_was_reached(outcome)
    every_fault_has_an_advice_and_plain_data(outcome, len(seen.targets))
    turned = diagnose(msgspec.structs.replace(seen, targets=seen.targets[::-1]))
    assert (outcome.status, outcome.effect) == (turned.status, turned.effect)


def the_effect_is_what_was_reached(outcome: NetworkDiagnosis) -> None:
    reached = [one.reached for one in outcome.targets]
    assert any(reached) or outcome.effect != "ok"
    assert outcome.effect != "unreachable" or (outcome.status == "fail" and not all(reached))
    assert outcome.effect != "ok" or outcome.status in ("pass", "warn")
    assert outcome.effect == "none" or outcome.status not in ("cancelled", "unknown")


def every_fault_has_an_advice_and_plain_data(outcome: NetworkDiagnosis, targets: int) -> None:
    result = _result(outcome, 1.0)
    steps = [network_step(texts, result) for texts in TEXTS]
    assert set(outcome.codes) <= set(verdicts())
    for step in steps:
        assert (step is not None) == (outcome.status in ("warn", "fail", "unknown"))
        assert step is None or (step.id == f"network.{outcome.verdict}" and step.text and step.short)
    rows: list[dict[str, Any]] = msgspec.json.decode(msgspec.json.encode(result.data))["targets"]
    assert len(rows) == targets
