"""What holds for any measurement: the effect never contradicts what was reached, and every fault has an advice."""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from diagnostics.checks.network_check import _result
from diagnostics.i18n import Texts
from diagnostics.knowledge import load
from diagnostics.network import failures
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
from diagnostics.network.targets import parse_target
from diagnostics.network.verdicts import verdicts
from diagnostics.report.build import network_step

TEXTS = [Texts(load(), lang) for lang in ("zh", "en")]
WORDS = st.sampled_from(sorted(failures.VOCABULARY))
FAILURE = st.one_of(st.none(), st.none(), WORDS)
ADDRESS = st.sampled_from(("203.0.113.9", "203.0.113.10", "198.18.0.5", "10.0.0.9", "2001:db8::9"))
MS = st.floats(0, 4000)
NOW = 1_800_000_000.0
ROLE = st.sampled_from(("main", "main", "main", "redirect", "other_port", "other_name", "second", "proxy"))


def lookups(host: str) -> st.SearchStrategy[tuple[Lookup, ...]]:
    one = st.builds(
        lambda by, role, addresses, failure, ms: Lookup(
            host=host, by=by, role=role, server="192.0.2.53", kind="A", addresses=() if failure else addresses,
            failure=failure, duration_ms=ms,
        ),
        st.sampled_from(("system", "nameserver", "second")), ROLE,
        st.lists(ADDRESS, min_size=1, max_size=3).map(tuple), FAILURE, MS,
    )  # fmt: skip
    return st.lists(one, max_size=3).map(tuple)


CONNECT = st.builds(
    Connect, address=ADDRESS, port=st.just(443), role=ROLE, failure=FAILURE,
    hint=st.sampled_from(("", "", "prohibited", "icmp")), duration_ms=MS,
)  # fmt: skip
CERTIFICATE = st.builds(
    Certificate, subject=st.just("s"), issuer=st.sampled_from(("R3", "Some office", "Fortinet")),
    names=st.sampled_from((("a.test",), ("x.example",), ())), not_before=st.just(NOW - 1e6),
    not_after=st.sampled_from((NOW + 1e6, NOW - 1e3)),
)  # fmt: skip
SHAKE = st.builds(
    Handshake, address=ADDRESS, server_name=st.just("a.test"), role=ROLE, failure=FAILURE,
    verify_code=st.sampled_from((0, 0, 0, 7, 9, 10, 19, 20, 62)), certificate=st.one_of(st.none(), CERTIFICATE),
    hint=st.sampled_from(("", "", "not_tls", "alert handshake_failure")),
    date_skew_s=st.one_of(st.none(), st.floats(-1e6, 1e6)),
)  # fmt: skip
EXCHANGE = st.builds(
    Exchange, url=st.sampled_from(("http://a.test/", "https://a.test/")), failure=FAILURE,
    status=st.sampled_from((0, 200, 204, 302, 403, 407, 429, 503, 511)),
    phase=st.sampled_from(("request", "headers", "body", "done")),
    hint=st.sampled_from(("", "", "loop", "foreign", "captive_api", "downgrade", "bad_location", "truncated", "moved")),
    expected=st.sampled_from((None, True, False)), date_skew_s=st.one_of(st.none(), st.floats(-1e6, 1e6)),
)  # fmt: skip
PROXY = st.builds(
    ProxyUse, url=st.just("http://proxy.test:3128"), failure=FAILURE, status=st.sampled_from((0, 200, 407, 502)),
    operation=st.sampled_from(("config", "support", "resolve", "connect", "tunnel", "ok")),
)  # fmt: skip


@st.composite
def target_seen(draw: st.DrawFn, number: int) -> TargetMeasurement:
    scheme = draw(st.sampled_from(("https", "https", "http", "tls")))
    purpose = draw(st.sampled_from(("login", "web", "pay", "webank", "control", "custom")))
    aim = msgspec.structs.replace(parse_target(f"{scheme}://h{number}.test/"), purpose=purpose)
    attempts = st.builds(
        Attempt, lookups=lookups(aim.host), connects=st.lists(CONNECT, max_size=2).map(tuple),
        handshakes=st.lists(SHAKE, max_size=2).map(tuple), exchanges=st.lists(EXCHANGE, max_size=2).map(tuple),
        proxy=st.one_of(st.none(), st.none(), PROXY),
        unfinished=st.sampled_from((None, None, None, "connect", "http")),
    )  # fmt: skip
    lost, sent = draw(st.integers(0, 20)), draw(st.integers(20, 90))
    taken = Samples(sent=sent, interval_ms=40, waiting_ms=900,
                    times_ms=(draw(st.floats(1, 300)),) * (sent - lost))  # fmt: skip
    return TargetMeasurement(
        target=aim, attempts=tuple(draw(st.lists(attempts, max_size=2))), samples=draw(st.sampled_from((None, taken)))
    )


MAYBE = st.sampled_from((None, True, False))
MACHINE = st.builds(
    LocalNetwork, link_up=MAYBE, route4=MAYBE, route6=MAYBE, gateway=st.just("192.0.2.2"), gateway_silent=MAYBE,
    gateway_answers=MAYBE, nameservers=st.sampled_from(((), None, ("192.0.2.53",), ("127.0.0.53",), ("192.0.2.2",))),
    now=st.just(NOW), pac=st.sampled_from(("", "", "http://wpad.test/")),
)  # fmt: skip


@st.composite
def measured(draw: st.DrawFn) -> NetworkMeasurement:
    count = draw(st.integers(1, 6))
    targets = tuple(draw(target_seen(number)) for number in range(count))
    return NetworkMeasurement(
        machine=draw(MACHINE), targets=targets, cancelled=draw(st.sampled_from((False, False, False, True)))
    )


@settings(max_examples=60)
@given(measured())
def test_whatever_was_measured(seen: NetworkMeasurement) -> None:
    outcome = diagnose(seen)
    the_effect_is_what_was_reached(outcome)
    every_fault_has_an_advice_and_plain_data(outcome, len(seen.targets))
    turned = diagnose(msgspec.structs.replace(seen, targets=seen.targets[::-1]))
    assert (outcome.status, outcome.effect) == (turned.status, turned.effect)


def the_effect_is_what_was_reached(outcome: NetworkDiagnosis) -> None:
    reached = [one.reached for one in outcome.targets]
    if not any(reached):
        assert outcome.effect != "ok"
    if all(reached):
        assert outcome.effect != "unreachable"
    if outcome.status in ("warn", "pass"):
        assert outcome.effect != "unreachable"
    if outcome.status == "fail":
        assert outcome.effect != "ok"
    if outcome.status in ("cancelled", "unknown"):
        assert outcome.effect == "none"


def every_fault_has_an_advice_and_plain_data(outcome: NetworkDiagnosis, targets: int) -> None:
    result = _result(outcome, 1.0)
    steps = [network_step(texts, result) for texts in TEXTS]
    assert set(outcome.codes) <= set(verdicts())
    for step in steps:
        assert (step is not None) == (outcome.status in ("warn", "fail", "unknown"))
        assert step is None or (step.id == f"network.{outcome.verdict}" and step.text and step.short)
    rows: list[dict[str, Any]] = msgspec.json.decode(msgspec.json.encode(result.data))["targets"]
    assert len(rows) == targets
