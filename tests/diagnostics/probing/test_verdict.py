"""From observations to a verdict, without any network: what is weighed, and what is left unsaid."""

from __future__ import annotations

import msgspec
import pytest

from diagnostics.probing.observations import (
    Attempt,
    Certificate,
    Connect,
    Exchange,
    Handshake,
    Lookup,
    Machine,
    Seen,
    TargetSeen,
)
from diagnostics.probing.targets import Purpose, Target, parse_target
from diagnostics.probing.verdict import Outcome, decide
from diagnostics.said import Said

NOW = 1_800_000_000.0
HOME = Machine(link_up=True, interfaces=1, route4=True, route6=False, nameservers=("192.0.2.53",), now=NOW)


def target(url: str, purpose: Purpose = "custom") -> Target:
    return msgspec.structs.replace(parse_target(url), purpose=purpose, public=purpose != "custom")


def good(url: str, purpose: Purpose = "custom", **exchange: object) -> TargetSeen:
    aim = target(url, purpose)
    address = "203.0.113.9"
    return TargetSeen(
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
) -> TargetSeen:
    aim = target(url, purpose)
    one = Connect(address=address, port=aim.port, failure=failure, duration_ms=3000)
    looked = () if aim.address else (Lookup(host=aim.host, by="system", addresses=(address,)),)
    return TargetSeen(target=aim, attempts=(Attempt(lookups=looked, connects=(one,)),))


def unknown_name(url: str, purpose: Purpose = "custom") -> TargetSeen:
    aim = target(url, purpose)
    lookup = Lookup(host=aim.host, by="system", failure="dns_nxdomain_error")
    own = Lookup(host=aim.host, by="nameserver", server="192.0.2.53", kind="A", failure="dns_nxdomain_error")
    return TargetSeen(target=aim, attempts=(Attempt(lookups=(lookup, own)),))


def refused_certificate(url: str, code: int, *, skew: float | None = None, **facts: object) -> TargetSeen:
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
    return TargetSeen(target=aim, attempts=(Attempt(connects=(connect,), handshakes=(shaken,)),))


def judge(*targets: TargetSeen, machine: Machine = HOME, cancelled: bool = False) -> Outcome:
    return decide(Seen(machine=machine, targets=targets, cancelled=cancelled))


WECHAT = (
    good("https://short.wx.test/", "login"),
    good("https://web.wx.test/", "web"),
    good("https://pay.wx.test/", "pay"),
    good("https://bank.test/", "webank"),
)
CONTROL = good("https://control.example/", "control")


def test_all_fine() -> None:
    outcome = judge(*WECHAT, CONTROL)
    assert (outcome.status, outcome.verdict, outcome.effect) == ("pass", "ok", "ok")
    assert outcome.decisive is None


def test_one_bank_host_down_is_a_warning_that_says_nothing_of_the_network() -> None:
    outcome = judge(*WECHAT, CONTROL, dead("https://personal.bank.test/", "webank"))
    assert (outcome.status, outcome.verdict, outcome.effect) == ("warn", "tcp.timeout", "none")


def test_one_of_two_pay_hosts_down_is_a_warning() -> None:
    outcome = judge(*WECHAT, CONTROL, dead("https://pay2.wx.test/", "pay"))
    assert (outcome.status, outcome.verdict, outcome.effect) == ("warn", "tcp.timeout", "none")


def test_all_pay_hosts_down_is_unreachable_and_somebody_elses_doing() -> None:
    others = [one for one in WECHAT if one.target.purpose != "pay"]
    outcome = judge(*others, CONTROL, dead("https://pay.wx.test/", "pay"))
    assert (outcome.status, outcome.verdict, outcome.effect, outcome.where) == (
        "fail", "tcp.timeout", "unreachable", "middlebox",
    )  # fmt: skip


def test_without_a_working_control_nobody_is_accused() -> None:
    pay = [dead(f"https://{one}.wx.test/", "pay", address=f"203.0.113.{ord(one)}") for one in "ab"]
    outcome = judge(*pay, dead("https://c.example/", "control"))
    assert outcome.verdict == "tcp.timeout"
    assert "control.missing" in outcome.codes
    assert outcome.where == "unknown"


def test_dead_controls_alone_change_nothing() -> None:
    outcome = judge(*WECHAT, dead("https://control.example/", "control"))
    assert (outcome.status, outcome.verdict, outcome.effect) == ("pass", "ok", "ok")


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
    healed = judge(TargetSeen(target=target("https://a.test/"), attempts=(first, then)))
    assert (healed.status, healed.verdict, healed.effect) == ("warn", "flaky", "unstable")
    told = healed.findings[0].detail
    assert isinstance(told, Said)
    assert told.values["code"] == "tcp.timeout"
    again = judge(TargetSeen(target=target("https://a.test/"), attempts=(first, first)))
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
    begun = TargetSeen(target=target("https://a.test/"), attempts=(Attempt(unfinished="connect"),))
    late = judge(begun)
    assert (late.status, late.verdict, late.effect) == ("unknown", "time.out", "none")
    assert late.decisive is not None
    assert late.decisive.operation == "connect"


def test_a_purpose_that_nobody_had_time_for_is_not_called_fine() -> None:
    pay = TargetSeen(target=target("https://pay.wx.test/", "pay"), attempts=(Attempt(unfinished="tls"),))
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
    seen = Seen(machine=HOME, targets=(*WECHAT, dead("https://b.test/", "pay")))
    again = msgspec.json.decode(msgspec.json.encode(seen), type=Seen)
    assert again == seen
    assert decide(again) == decide(seen)
