"""From observations to a verdict, without any network: what is weighed, and what is left unsaid."""

import re
from itertools import cycle, islice
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diagnostics.checks.network_check import _result
from diagnostics.i18n import Texts
from diagnostics.knowledge import load
from diagnostics.network import failures
from diagnostics.network.diagnosis import diagnose
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
from diagnostics.network.targets import PURPOSES, Target, parse_target
from diagnostics.network.verdicts import verdicts
from diagnostics.report.build import network_step
from tests import worded
from tests.rows import rows

NOW = 1_800_000_000.0
HOME = LocalNetwork(link_up=True, interfaces=1, route4=True, route6=False, nameservers=("192.0.2.53",), now=NOW)
HOSTS = {
    "login": "https://short.wx.test/", "web": "https://web.wx.test/", "pay": "https://pay.wx.test/",
    "webank": "https://bank.test/", "control": "https://control.example/",
}  # fmt: skip
NOWHERE: dict[str, list[dict[str, object]]] = {"connects": [], "handshakes": [], "exchanges": []}
change = msgspec.structs.replace


def measured(row: dict[str, Any] | str) -> list[TargetMeasurement]:
    """Make the measurements of a row: what it does not tell went well."""
    told: dict[str, Any] = {"url": HOSTS[row], "purpose": row} if isinstance(row, str) else row
    purpose, samples = told.get("purpose", "custom"), told.get("samples")
    made = []
    for url in told["url"] if isinstance(told["url"], list) else [told["url"]]:
        aim = change(parse_target(url), purpose=purpose, public=purpose != "custom")
        attempts = tuple(attempt(aim, one) for one in told.get("attempts", [told]))
        made.append(TargetMeasurement(target=aim, attempts=attempts, samples=samples and taken(**samples)))
    return made


def attempt(aim: Target, told: dict[str, Any]) -> Attempt:
    usual = {"host": aim.host, "by": "system", "address": "203.0.113.9", "port": aim.port, "server_name": aim.host}
    steps: dict[str, list[dict[str, Any]]] = {
        "lookups": [{"addresses": [usual["address"]]}], "connects": [{}], "handshakes": [{}] if aim.encrypted else [],
        "exchanges": [{"status": 200, "phase": "done"}],
    }  # fmt: skip
    if "down" in told:
        where = told.get("address", "203.0.113.7")
        failed = {"address": where, "failure": told["down"], "duration_ms": 3000}
        steps = {**NOWHERE, "lookups": [{"addresses": [where]}] * (not aim.address), "connects": [failed]}
    elif "unknown" in told:
        own = {"by": "nameserver", "server": "192.0.2.53", "kind": "A", "failure": "dns_nxdomain_error"}
        steps = {**NOWHERE, "lookups": [{"failure": "dns_nxdomain_error"}, own]}
    elif "refused" in told:
        dates = {"not_before": NOW - 1e6, "not_after": NOW + 1e6}
        facts = {"subject": "s", "issuer": "i", "names": [aim.host], **dates, **told["refused"]}
        steps |= {"lookups": [], "exchanges": []}
        steps["handshakes"] = [{**told["refused"], "failure": "ssl_invalid_certificate", "certificate": facts}]
    steps |= {name: told[name] for name in steps if name in told}
    rows = {name: [{**usual, "url": aim.url, **step} for step in many] for name, many in steps.items()}
    return msgspec.convert(rows | {name: told[name] for name in ("proxy", "unfinished") if name in told}, Attempt)


def taken(sent: int, answered: int, ms: list[float]) -> Samples:
    return Samples(sent=sent, times_ms=tuple(islice(cycle(ms), answered)), interval_ms=40, waiting_ms=900)


def case(
    name: str, targets: list[Any], wanted: dict[str, object], machine: dict[str, object] | None = None,
    nothing: tuple[str, ...] = (), cancelled: bool = False,
) -> tuple[NetworkMeasurement, dict[str, object]]:  # fmt: skip
    computer = msgspec.convert(msgspec.to_builtins(HOME) | (machine or {}), LocalNetwork)
    rows = tuple(one for row in targets for one in measured(row))
    return NetworkMeasurement(machine=computer, targets=rows, cancelled=cancelled), wanted | dict.fromkeys(nothing)


CASES = {row["name"]: case(**row) for row in rows("measured.toml#case")}
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
        "codes": list(outcome.codes[:2]),
        "names": sorted({*outcome.codes} & {*wanted.get("names", ())}),  # type: ignore[misc]
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
def test_whatever_was_measured_the_effect_is_what_was_reached_and_every_fault_has_an_advice(seen) -> None:
    outcome = diagnose(seen)
    reached = [one.reached for one in outcome.targets]
    assert any(reached) or outcome.effect != "ok"
    assert outcome.effect != "unreachable" or (outcome.status == "fail" and not all(reached))
    assert outcome.effect != "ok" or outcome.status in ("pass", "warn")
    assert outcome.effect == "none" or outcome.status not in ("cancelled", "unknown")
    assert set(outcome.codes) <= set(verdicts())
    result = _result(outcome, 1.0)
    for step in (network_step(texts, result) for texts in TEXTS):
        assert (step is not None) == (outcome.status in ("warn", "fail", "unknown"))
        assert step is None or (step.id == f"network.{outcome.verdict}" and step.text and step.short)
    assert len(msgspec.json.decode(msgspec.json.encode(result.data))["targets"]) == len(seen.targets)
    turned = diagnose(change(seen, targets=seen.targets[::-1]))
    assert (outcome.status, outcome.effect) == (turned.status, turned.effect)
