"""From observations to a verdict, without any network: what is weighed, and what is left unsaid."""

from __future__ import annotations

import msgspec
import pytest

from diagnostics.i18n import Message
from diagnostics.network.diagnosis import NetworkDiagnosis, diagnose
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
    TargetMeasurement,
)
from diagnostics.network.targets import Purpose, Target, parse_target

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


def judge(*targets: TargetMeasurement, machine: LocalNetwork = HOME, cancelled: bool = False) -> NetworkDiagnosis:
    return diagnose(NetworkMeasurement(machine=machine, targets=targets, cancelled=cancelled))


WECHAT = (
    good("https://short.wx.test/", "login"),
    good("https://web.wx.test/", "web"),
    good("https://pay.wx.test/", "pay"),
    good("https://bank.test/", "webank"),
)
CONTROL = good("https://control.example/", "control")


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (CONTROL, ("pass", "ok", "ok")),
        (dead("https://control.example/", "control"), ("pass", "ok", "ok")),
        (dead("https://personal.bank.test/", "webank"), ("warn", "tcp.timeout", "none")),
        (dead("https://pay2.wx.test/", "pay"), ("warn", "tcp.timeout", "none")),
    ],
)
def test_one_host_of_several_is_no_network(more: TargetMeasurement, told: tuple[str, str, str]) -> None:
    outcome = judge(*WECHAT, CONTROL, more)
    assert (outcome.status, outcome.verdict, outcome.effect) == told
    assert (outcome.decisive is None) == (told[0] == "pass")
    assert judge(*WECHAT, more).effect == told[2]


def test_all_pay_hosts_down_is_somebody_elses_doing_and_no_dead_network() -> None:
    others = [one for one in WECHAT if one.target.purpose != "pay"]
    outcome = judge(*others, CONTROL, dead("https://pay.wx.test/", "pay"))
    assert (outcome.status, outcome.verdict, outcome.effect, outcome.where) == (
        "fail", "tcp.timeout", "none", "middlebox",
    )  # fmt: skip
    every = [dead(one.target.url, one.target.purpose) for one in WECHAT]
    assert judge(*every, CONTROL).effect == "unreachable"


def test_a_network_without_ipv4_reaches_nothing_that_has_ipv4_only() -> None:
    six = msgspec.structs.replace(HOME, route4=False, route6=True)
    every = [
        dead(one.target.url, one.target.purpose, "network_unreachable", f"203.0.113.{at}")
        for at, one in enumerate((*WECHAT, CONTROL))
    ]
    outcome = judge(*every, machine=six)
    assert (outcome.status, outcome.verdict, outcome.effect) == ("fail", "ipv4.none", "unreachable")


def test_a_missing_intermediate_at_one_host_is_no_interception() -> None:
    lacking = refused_certificate("https://pay.wx.test/", 20, issuer="R3")
    proved = TargetMeasurement(target=target("https://web.test/"), attempts=(msgspec.structs.replace(
        good("https://web.test/").attempts[0], handshakes=(Handshake(address="203.0.113.9", server_name="web.test",
        certificate=Certificate(subject="s", issuer="R3")),)),))  # fmt: skip
    two = judge(lacking, refused_certificate("https://bank.test/", 20, issuer="R3"), proved)
    assert (two.verdict, two.effect) == ("tls.cert_untrusted", "none")
    one = judge(lacking, good("https://web.test/"))
    assert (one.verdict, one.effect) == ("tls.cert_untrusted", "none")


def test_a_product_that_inspects_traffic_needs_one_host_only() -> None:
    outcome = judge(refused_certificate("https://pay.wx.test/", 19, issuer="FortiGate CA, Fortinet"), CONTROL)
    assert (outcome.verdict, outcome.effect) == ("tls.intercepted", "intercepted")


def test_names_at_one_wrong_address_are_forged_answers() -> None:
    def at_one(url: str) -> TargetMeasurement:
        seen = refused_certificate(url, 62, names=["block.example"])
        looked = Lookup(host=seen.target.host, by="system", addresses=("203.0.113.66",))
        return msgspec.structs.replace(seen, attempts=(msgspec.structs.replace(seen.attempts[0], lookups=(looked,)),))

    outcome = judge(at_one("https://pay.wx.test/"), at_one("https://bank.test/"), *WECHAT[:2], CONTROL)
    assert (outcome.verdict, outcome.effect) == ("dns.hijacked", "intercepted")
    assert judge(at_one("https://pay.wx.test/"), *WECHAT[:2], CONTROL).verdict == "tls.cert_name"


def test_the_attempt_that_came_furthest_decides() -> None:
    silent = good("https://a.test/", failure="generic_timeout_error", status=0, phase="request").attempts[0]
    refused = dead("https://a.test/").attempts[0]
    outcome = judge(TargetMeasurement(target=target("https://a.test/"), attempts=(silent, refused)))
    assert outcome.verdict == "http.timeout"


@pytest.mark.parametrize(
    ("exchange", "code"),
    [
        ({"status": 403}, "proxy.refused"), ({"status": 502}, "proxy.refused"),
        ({"status": 200, "expected": False}, "proxy.refused"),
        ({"status": 0, "phase": "request", "failure": "generic_timeout_error"}, "proxy.unreachable"),
        ({"status": 204, "expected": True}, "ok"),
    ],
)  # fmt: skip
def test_what_a_proxy_says_in_clear_is_the_proxys(exchange: dict[str, object], code: str) -> None:
    seen = good("http://a.test/generate_204", **exchange)
    looked = Lookup(host="proxy.corp.test", by="system", role="proxy", addresses=("10.0.0.8",))
    attempt = msgspec.structs.replace(
        seen.attempts[0], lookups=(looked,), connects=(), proxy=ProxyUse(url="http://proxy.corp.test:8080")
    )
    outcome = judge(msgspec.structs.replace(seen, attempts=(attempt,)))
    assert (outcome.verdict, outcome.effect) == (code, "none")


def test_a_redirect_that_cannot_be_followed_keeps_its_class() -> None:
    first = good("https://a.test/", status=302).attempts[0]
    lost = Exchange(url="https://b.a.test/", failure="dns_nxdomain_error", started_ms=5)
    away = Lookup(host="b.a.test", by="system", role="redirect", failure="dns_nxdomain_error", started_ms=5)
    refused = Connect(address="203.0.113.9", port=8443, role="redirect", failure="connection_refused", started_ms=5)
    for step, code in (({"lookups": (*first.lookups, away)}, "dns.nxdomain"),
                       ({"connects": (*first.connects, refused)}, "tcp.refused")):  # fmt: skip
        attempt = msgspec.structs.replace(first, exchanges=(first.exchanges[0], lost), **step)
        outcome = judge(TargetMeasurement(target=target("https://a.test/"), attempts=(attempt,)))
        assert outcome.verdict == code
        assert outcome.decisive is not None
        assert "https://b.a.test/" in str(outcome.decisive.detail)


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


SILENT = "generic_timeout_error"


def test_name_servers_are_judged_each_by_itself() -> None:
    dead_first = [asked(url, ("192.0.2.1", SILENT, SILENT), ("192.0.2.2", None, None)) for url in URLS]
    assert judge(*dead_first).verdict == "dns.slow"
    assert "192.0.2.1" in str(judge(*dead_first).findings[0].detail)
    stalled = [asked(url, ("192.0.2.1", None, SILENT)) for url in URLS]
    assert judge(*stalled).verdict == "dns.aaaa_stall"
    slow = [asked(url, ("192.0.2.1", None, None), waited=2000.0) for url in URLS]
    assert judge(*slow).verdict == "dns.slow"
    # one lost packet at one name of several is no slow name server
    assert judge(asked("https://a.test/", ("192.0.2.1", None, None)), *map(good, URLS[1:])).verdict == "ok"


URLS = ("https://a.test/", "https://b.test/", "https://c.test/")


def test_a_program_of_this_computer_that_serves_names_is_no_fault_of_the_network() -> None:
    machine = msgspec.structs.replace(HOME, nameservers=("127.0.0.53",))

    def unanswered(url: str) -> TargetMeasurement:
        looks = (
            Lookup(host="x", by="system", failure="dns_temporary_failure"),
            Lookup(host="x", by="nameserver", server="127.0.0.53", kind="A", failure="connection_refused"),
        )
        return TargetMeasurement(target=target(url), attempts=(Attempt(lookups=looks),))

    here = judge(*map(unanswered, URLS), machine=machine)
    assert (here.verdict, here.where, here.effect) == ("dns.server_unreachable", "computer", "none")
    there = judge(*map(unanswered, URLS))
    assert (there.where, there.effect) == ("network", "unreachable")


def test_the_router_answers_and_nothing_beyond_does() -> None:
    def unanswered(url: str) -> TargetMeasurement:
        looks = (Lookup(host="x", by="system", failure="dns_temporary_failure"),
                 Lookup(host="x", by="nameserver", server="192.0.2.2", kind="A", failure=SILENT))  # fmt: skip
        return TargetMeasurement(target=target(url), attempts=(Attempt(lookups=looks),))

    router = msgspec.structs.replace(HOME, gateway="192.0.2.2", nameservers=("192.0.2.2",), gateway_answers=True)
    assert judge(*map(unanswered, URLS), machine=router).verdict == "link.line_dead"
    # one silent name server that is not the router may itself be the fault
    other = msgspec.structs.replace(router, nameservers=("192.0.2.53",))
    assert judge(*map(unanswered, URLS), machine=other).verdict == "dns.timeout"
    mute = msgspec.structs.replace(router, gateway_answers=None)
    assert judge(*map(unanswered, URLS), machine=mute).verdict == "dns.timeout"


def test_silence_that_ends_at_one_host_of_many_is_a_lost_packet() -> None:
    silent, then = dead("https://a.test/").attempts[0], good("https://a.test/").attempts[0]
    healed = TargetMeasurement(target=target("https://a.test/"), attempts=(silent, then))
    many = [good(f"https://{name}.test/") for name in "bcd"]
    assert judge(healed, *many).verdict == "ok"
    other = msgspec.structs.replace(healed, target=target("https://i.test/"))
    third = msgspec.structs.replace(healed, target=target("https://j.test/"))
    assert judge(healed, other, third, *many).verdict == "flaky"


def test_placeholders_do_not_explain_what_a_host_says_of_itself() -> None:
    late = refused_certificate("https://a.test/", 10, not_before=NOW - 1e7, not_after=NOW - 1e6)
    looked = Lookup(host="a.test", by="system", addresses=("198.18.0.5",))
    seen = msgspec.structs.replace(late, attempts=(msgspec.structs.replace(late.attempts[0], lookups=(looked,)),))
    outcome = judge(seen)
    assert outcome.codes[:2] == ("tls.cert_expired", "proxy.fake_ip")


@pytest.mark.parametrize(("lost", "sent", "code"), [(5, 90, "ok"), (6, 90, "ok"), (18, 90, "path.lossy")])
def test_a_few_lost_packets_are_no_lossy_line(lost: int, sent: int, code: str) -> None:
    taken = Samples(host="a.test", address="203.0.113.9", port=443, sent=sent, times_ms=(20.0,) * (sent - lost),
                    interval_ms=40, waiting_ms=900)  # fmt: skip
    assert judge(msgspec.structs.replace(good("https://a.test/"), samples=taken)).verdict == code


@pytest.mark.parametrize(
    ("step", "lost", "code"), [("connect", 30, "tcp.timeout"), ("connect", 60, "path.lossy"), ("tls", 30, "path.lossy")]
)
def test_silence_on_a_line_that_loses_most_is_the_lines(step: str, lost: int, code: str) -> None:
    sampled = Samples(host="control.example", address="203.0.113.9", port=443, sent=90, times_ms=(20.0,) * (90 - lost),
                      interval_ms=40, waiting_ms=900)  # fmt: skip
    silent = dead("https://pay.wx.test/", "pay")
    if step == "tls":
        shaken = Handshake(address="203.0.113.9", server_name="x", failure="generic_timeout_error", duration_ms=3000)
        met = good("https://pay.wx.test/", "pay").attempts[0]
        cut = msgspec.structs.replace(met, handshakes=(shaken,), exchanges=())
        silent = msgspec.structs.replace(silent, attempts=(cut,))
    outcome = judge(*WECHAT[:2], silent, msgspec.structs.replace(CONTROL, samples=sampled))
    assert (outcome.verdict, outcome.effect) == (code, "unstable")


def test_an_address_of_our_own_question_is_judged_where_the_system_only_waited() -> None:
    aim = target("https://pay.wx.test/", "pay")
    waited = Lookup(host=aim.host, by="system", failure="generic_timeout_error", duration_ms=2000)
    told = Lookup(host=aim.host, by="nameserver", server="192.0.2.53", kind="A", addresses=("0.0.0.0",))
    refused = Connect(address="0.0.0.0", port=443, failure="connection_refused")
    seen = TargetMeasurement(target=aim, attempts=(Attempt(lookups=(waited, told), connects=(refused,)),))
    assert judge(*WECHAT[:2], CONTROL, seen).verdict == "dns.bogon"


@pytest.mark.parametrize(("times", "code"), [((95.0,) * 30, "path.slow"), ((20.0, 90.0, 140.0) * 10, "ok")])
def test_jitter_is_not_distance(times: tuple[float, ...], code: str) -> None:
    taken = Samples(host="a.test", address="203.0.113.9", port=443, sent=len(times), times_ms=times,
                    interval_ms=40, waiting_ms=900)  # fmt: skip
    assert judge(msgspec.structs.replace(good("https://a.test/"), samples=taken)).verdict == code


def test_without_a_working_control_nobody_is_accused() -> None:
    pay = [dead(f"https://{one}.wx.test/", "pay", address=f"203.0.113.{ord(one)}") for one in "ab"]
    outcome = judge(*pay, dead("https://c.example/", "control"))
    assert outcome.verdict == "tcp.timeout"
    assert "control.missing" in outcome.codes
    assert outcome.where == "unknown"


def test_each_host_that_a_user_names_counts() -> None:
    outcome = judge(good("http://a.test/"), dead("http://b.test/", failure="connection_refused"))
    assert (outcome.status, outcome.verdict, outcome.effect) == ("fail", "tcp.refused", "none")
    alone = judge(dead("http://b.test/", failure="connection_refused"))
    assert (alone.status, alone.effect, alone.where) == ("fail", "unreachable", "unknown")


def test_one_unknown_name_is_the_names_fault_all_of_them_the_resolvers() -> None:
    one = judge(unknown_name("https://a.test/"), good("https://b.test/"))
    assert one.verdict == "dns.nxdomain"
    every = judge(unknown_name("https://a.test/"), unknown_name("https://b.example/"))
    assert every.verdict == "dns.broken_all"
    alone = judge(unknown_name("https://a.test/"))
    assert alone.verdict == "dns.nxdomain"


def test_no_link_explains_what_it_can_and_never_what_it_cannot() -> None:
    off = msgspec.structs.replace(HOME, link_up=False, route4=False)
    assert judge(dead("http://b.test/", failure="network_unreachable"), machine=off).verdict == "link.down"
    # something answered (a server on this computer): the link is not why
    assert judge(dead("http://127.0.0.1:1/", failure="connection_refused"), machine=off).verdict == "tcp.refused"
    assert judge(good("http://127.0.0.1:80/"), machine=off).verdict == "ok"


def test_the_clock_is_to_blame_only_where_it_explains_the_certificate() -> None:
    late = {"not_before": NOW - 1e7, "not_after": NOW - 1e6}
    wrong_clock = judge(refused_certificate("https://a.test/", 10, skew=-2e6, **late))
    assert wrong_clock.verdict == "clock.skewed"
    assert wrong_clock.effect == "none"
    right_clock = judge(refused_certificate("https://a.test/", 10, skew=1.0, **late))
    assert right_clock.verdict == "tls.cert_expired"
    # a server whose own clock is off by more than the certificate allows
    no_help = judge(refused_certificate("https://a.test/", 10, skew=9e9, **late))
    assert "tls.cert_expired" in no_help.codes


def test_every_fault_of_a_certificate_is_named() -> None:
    both = judge(refused_certificate("https://a.test/", 20, names=["other.test"], not_after=NOW - 5))
    assert set(both.codes) == {"tls.cert_untrusted", "tls.cert_expired", "tls.cert_name"}


def test_one_issuer_for_all_is_interception_one_host_is_not() -> None:
    alone = judge(refused_certificate("https://a.test/", 20))
    assert alone.verdict == "tls.cert_untrusted"
    every = judge(refused_certificate("https://a.test/", 20), refused_certificate("https://b.test/", 20))
    assert every.verdict == "tls.intercepted"
    mixed = judge(refused_certificate("https://a.test/", 20), good("https://b.test/"))
    assert mixed.verdict == "tls.cert_untrusted"


def test_healing_is_flaky_and_failing_twice_is_not() -> None:
    first, then = dead("https://a.test/").attempts[0], good("https://a.test/").attempts[0]
    healed = judge(TargetMeasurement(target=target("https://a.test/"), attempts=(first, then)))
    assert (healed.status, healed.verdict, healed.effect) == ("warn", "flaky", "unstable")
    told = healed.findings[0].detail
    assert isinstance(told, Message)
    assert told.values["code"] == "tcp.timeout"
    again = judge(TargetMeasurement(target=target("https://a.test/"), attempts=(first, first)))
    assert again.verdict == "tcp.timeout"


def test_a_wrong_clock_alone_is_a_warning_a_day_is_a_fault() -> None:
    minutes = judge(good("https://a.test/", date_skew_s=600.0))
    assert (minutes.status, minutes.verdict) == ("warn", "clock.skewed")
    days = judge(good("https://a.test/", date_skew_s=-200_000.0))
    assert (days.status, days.verdict) == ("fail", "clock.skewed")
    assert judge(good("https://a.test/", date_skew_s=30.0)).verdict == "ok"


def test_cancelled_and_out_of_time_say_nothing_of_the_network() -> None:
    gone = judge(dead("https://a.test/"), cancelled=True)
    assert (gone.status, gone.verdict, gone.effect) == ("cancelled", None, "none")
    begun = TargetMeasurement(target=target("https://a.test/"), attempts=(Attempt(unfinished="connect"),))
    late = judge(begun)
    assert (late.status, late.verdict, late.effect) == ("unknown", "time.out", "none")
    assert late.decisive is not None
    assert late.decisive.operation == "connect"


def test_a_purpose_that_nobody_had_time_for_is_not_called_fine() -> None:
    pay = TargetMeasurement(target=target("https://pay.wx.test/", "pay"), attempts=(Attempt(unfinished="tls"),))
    others = [one for one in WECHAT if one.target.purpose != "pay"]
    late = judge(*others, CONTROL, pay)
    assert (late.status, late.verdict, late.effect) == ("unknown", "time.out", "none")
    enough = judge(*WECHAT, CONTROL, msgspec.structs.replace(pay, target=target("https://pay2.wx.test/", "pay")))
    assert (enough.status, enough.verdict, enough.effect) == ("pass", "ok", "none")


@pytest.mark.parametrize(
    ("status", "public", "code"),
    [
        (200, False, "ok"), (404, False, "ok"), (401, False, "ok"), (403, False, "http.denied"), (403, True, "ok"),
        (429, True, "http.throttled"), (500, True, "http.server_error"), (511, False, "portal.http"),
    ],
)  # fmt: skip
def test_what_a_status_means(status: int, public: bool, code: str) -> None:
    seen = good("https://a.test/", "web" if public else "custom", status=status)
    assert judge(seen).verdict == code


def test_a_certificate_alone_that_speaks_of_a_wrong_clock_is_no_broken_check() -> None:
    late = refused_certificate("https://d.test/", 10, skew=-90_000, not_after=NOW - 1)
    bank = msgspec.structs.replace(late, target=target("https://d.test/", "webank"))
    right = [good(f"https://{name}.test/", name, date_skew_s=0.0) for name in ("login", "web", "pay")]
    found = judge(*right, bank)
    assert (found.status, found.verdict) == ("warn", "clock.skewed")


def test_observations_can_be_saved_and_judged_again() -> None:
    seen = NetworkMeasurement(machine=HOME, targets=(*WECHAT, dead("https://b.test/", "pay")))
    again = msgspec.json.decode(msgspec.json.encode(seen), type=NetworkMeasurement)
    assert again == seen
    assert diagnose(again) == diagnose(seen)
