"""`check --target` against live servers on loopback: the verdict, the step, the failure, the deadline."""

from __future__ import annotations

import json
import socket
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from tests.headless.doctor import inside
from tests.lab.net import servers
from tests.lab.net.servers import Here
from tests.lab.tcp import nobody

if TYPE_CHECKING:
    from collections.abc import Iterator

SLACK = 40.0
"""Seconds that a busy machine may take beside the deadline."""


@contextmanager
def page() -> Iterator[int]:
    with Here() as here:
        yield here.serve(servers.http())


@contextmanager
def box() -> Iterator[int]:
    """A sign-in box: it answers anything in plain HTTP."""
    with Here() as here:
        yield here.serve(servers.not_tls)


@contextmanager
def silence() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def check(
    *targets: str, timeout: float = 2, answers: tuple[str, ...] = ()
) -> tuple[dict[str, Any], dict[str, Any], float]:
    words = [word for url in targets for word in ("--target", url)] + [f"--set={told}" for told in answers]
    for _ in range(3):  # a busy machine may be late once, a deadline that does not hold is missed each time
        began = time.monotonic()
        done = inside("check", "--json", "--device", "none", "--timeout", str(timeout), *words)
        took = time.monotonic() - began
        assert (done.code, done.err) == (0, ""), done.err
        report = json.loads(done.out)
        found = next(one for one in report["checks"] if one["id"] == "network.reachability")
        if found["duration_ms"] <= timeout * 1000 + 500:
            break
    return report, found, took


def test_a_page_that_answers() -> None:
    with page() as port:
        report, found, _ = check(f"http://127.0.0.1:{port}/", timeout=20, answers=("network.same_network=yes",))
    assert (found["status"], found["verdict"], found["failure"]) == ("pass", "ok", None)
    assert {step["name"] for step in found["steps"]} >= {"connect", "http"}
    statuses = {one["id"]: one["status"] for one in report["causes"] if one["group"] == "network"}
    assert set(statuses.values()) == {"ruled_out"}


@pytest.mark.parametrize(
    ("server", "scheme", "verdict", "operation", "failure"),
    [
        (nobody, "http", "tcp.refused", "connect", "connection_refused"),
        (silence, "http", "http.timeout", "http", "generic_timeout_error"),
        (silence, "https", "tls.timeout", "tls", "generic_timeout_error"),
        (box, "https", "tls.not_tls", "tls", "ssl_failed_handshake"),
    ],
)
def test_what_is_wrong_is_named_by_step_and_failure_within_the_deadline(
    server: Any, scheme: str, verdict: str, operation: str, failure: str
) -> None:
    with server() as port:
        report, found, took = check(f"{scheme}://127.0.0.1:{port}/", timeout=5)
    assert (found["verdict"], found["operation"], found["failure"]) == (verdict, operation, failure)
    assert found["status"] == "fail"
    assert found["duration_ms"] <= 5_500
    assert took < 5 + SLACK
    assert {one["status"] for one in report["causes"] if one["group"] == "network"} == {"unknown"}
    assert "network.same_network" in report["questions"]["remaining"]


def test_a_shared_network_that_refuses_is_likely_the_reason_and_not_more() -> None:
    with nobody() as port:
        report, _, _ = check(f"http://127.0.0.1:{port}/", answers=("network.same_network=yes",))
    cause = next(one for one in report["causes"] if one["id"] == "network_unreachable")
    assert cause["status"] == "likely"
    assert {why["observation"] for why in cause["because"]} >= {"network.reachability"}
    assert report["outcome"] == "cause_found"


def test_many_silent_targets_share_one_deadline() -> None:
    with silence() as one, silence() as two, page() as good:
        urls = [
            f"https://127.0.0.1:{one}/",
            f"http://127.0.0.1:{two}/",
            f"http://127.0.0.1:{good}/",
            "http://127.0.0.1:1/",
        ]
        _, found, took = check(*urls, timeout=5)
    assert took < 5 + SLACK
    assert found["duration_ms"] <= 5_500
    assert found["status"] in ("warn", "fail", "unknown")
    told = json.dumps(found, ensure_ascii=False)
    assert all(str(port) in told for port in (one, two, good))
