"""The facts beside a network finding are told in the report's language too; names, codes and figures stay."""

from __future__ import annotations

import re
from typing import Any

import msgspec
import pytest

from diagnostics.checks.network_check import _result
from diagnostics.i18n import Message, Texts
from diagnostics.knowledge import load
from diagnostics.network import tls
from diagnostics.network.diagnosis import diagnose
from diagnostics.network.failure_causes import fact
from diagnostics.network.measurements import (
    Attempt,
    Connect,
    Exchange,
    Handshake,
    LocalNetwork,
    NetworkMeasurement,
    ProxyUse,
    Samples,
    TargetMeasurement,
)
from diagnostics.network.targets import parse_target
from diagnostics.report.build import write_check

KNOWLEDGE = load()
AIM = parse_target("https://pay.lab.test/")
MET = Connect(address="203.0.113.9", port=443)
SHAKEN = Handshake(address="203.0.113.9", server_name="pay.lab.test")
ENGLISH = re.compile("[A-Za-z]{2,} [A-Za-z]{2,}")
CHINESE = re.compile("[\u3000-\u9fff\uff01-\uff5e]")


def attempt(**steps: Any) -> Attempt:
    return Attempt(**{"connects": (MET,), "handshakes": (SHAKEN,), "exchanges": (), **steps})


def answered(**exchange: Any) -> Attempt:
    return attempt(exchanges=(Exchange(**{"url": AIM.url, "phase": "done", **exchange}),))


def sampled(*times: float) -> Samples:
    return Samples(
        host=AIM.host, address="203.0.113.9", port=443, sent=20, times_ms=times, interval_ms=40, waiting_ms=900
    )


WELL = answered(status=200)
DEAD = attempt(
    connects=(msgspec.structs.replace(MET, failure="generic_timeout_error", duration_ms=3000),), handshakes=()
)
SICK: dict[str, tuple[TargetMeasurement, LocalNetwork]] = {
    name: (TargetMeasurement(target=AIM, **seen), machine)
    for name, seen, machine in (
        ("path.lossy", {"attempts": (WELL,), "samples": sampled(*[20.0] * 15)}, LocalNetwork()),
        ("path.slow", {"attempts": (WELL,), "samples": sampled(*[90.0, 95.0] * 10)}, LocalNetwork()),
        ("flaky", {"attempts": (DEAD, WELL)}, LocalNetwork()),
        ("tls.cert_invalid", {"attempts": (attempt(handshakes=(msgspec.structs.replace(
            SHAKEN, failure="ssl_invalid_certificate", verify_code=7),)),)}, LocalNetwork()),
        ("tls.alert", {"attempts": (attempt(handshakes=(msgspec.structs.replace(
            SHAKEN, failure="ssl_failed_handshake", hint="alert handshake_failure"),)),)}, LocalNetwork()),
        ("http.server_error", {"attempts": (answered(status=503),)}, LocalNetwork()),
        ("http.throttled", {"attempts": (answered(status=429, retry_after="30"),)}, LocalNetwork()),
        ("http.broken_body", {"attempts": (answered(status=200, phase="body", failure="eof_error", hint="truncated"),)},
         LocalNetwork()),
        ("proxy.auth", {"attempts": (Attempt(proxy=ProxyUse(url="http://proxy.lab.test:3128", operation="tunnel",
         status=407, failure="http_request_failed")),)}, LocalNetwork()),
        ("config.ca_bundle", {"attempts": (WELL,)},
         LocalNetwork(ca_problem=Message("error.trust.no_certificate", {"place": "SSL_CERT_FILE=/x"}))),
    )
}  # fmt: skip


@pytest.mark.parametrize("code", SICK)
def test_the_facts_of_a_finding_are_told_in_the_language_of_the_report(code: str) -> None:
    sick, machine = SICK[code]
    seen = NetworkMeasurement(machine=machine, targets=(sick,))
    assert msgspec.json.decode(msgspec.json.encode(seen), type=NetworkMeasurement) == seen
    result = _result(diagnose(seen), 1.0)
    assert result.verdict == code
    chinese, english = (write_check(Texts(KNOWLEDGE, lang), result) for lang in ("zh", "en"))
    for told in (chinese.detail, chinese.data["facts"], chinese.data["targets"][0]["detail"]):
        assert not ENGLISH.search(told.replace("alert handshake_failure", "")), told
    assert not CHINESE.search(english.detail + english.data["facts"]), english.detail
    assert not CHINESE.search(english.data["targets"][0]["detail"])


def test_figures_stand_in_both_languages() -> None:
    for code, figures in (("path.lossy", ("5", "20", "40 ms", "25%")), ("path.slow", ("20", "40 ms", "92 ms"))):
        result = _result(diagnose(NetworkMeasurement(machine=LocalNetwork(), targets=(SICK[code][0],))), 1.0)
        for lang in ("zh", "en"):
            told = write_check(Texts(KNOWLEDGE, lang), result).data["facts"]
            assert all(figure in told for figure in figures), told


def test_every_way_in_which_an_answer_can_be_broken_has_its_words() -> None:
    for hint in ("empty", "nonsense", "truncated", "bad_chunk", "bad_gzip"):
        assert fact(f"http.{hint}").key in KNOWLEDGE.locale


@pytest.mark.parametrize(
    ("variable", "value", "says"),
    [
        ("REQUESTS_CA_BUNDLE", "/no/such/file", "没有这个文件或目录"),
        ("SSL_CERT_FILE", __file__, "里面没有证书"),
        ("SSL_CERT_DIR", "/no/such/folder", "没有这个目录"),
    ],
)
def test_a_bundle_that_cannot_be_used_is_named_with_its_place(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, says: str
) -> None:
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
    assert tls.ca_problem() is None
    monkeypatch.setenv(variable, value)
    sick = NetworkMeasurement(machine=LocalNetwork(ca_problem=tls.ca_problem()), targets=(SICK["config.ca_bundle"][0],))
    assert (
        write_check(Texts(KNOWLEDGE, "zh"), _result(diagnose(sick), 1.0)).data["facts"] == f"{variable}={value}: {says}"
    )
