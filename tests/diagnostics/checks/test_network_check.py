"""The check as the program runs it: shape of its result, options, and no network at all."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import textwrap
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from diagnostics.checks.base import CheckOptions
from diagnostics.checks.network_check import ReachabilityCheck
from diagnostics.checks.runner import run_checks
from diagnostics.evidence import Evidence, Observation
from diagnostics.i18n import Texts
from diagnostics.knowledge import load
from diagnostics.report.build import network_step
from tests import worded
from tests.lab.net import servers
from tests.lab.net.world import why_not

if TYPE_CHECKING:
    from diagnostics.checks.base import CheckResult, Progress
    from tests.lab.net.servers import Here


def check(*urls: str, timeout: float = 10.0, **limits: Any) -> CheckResult:
    [result] = run_checks(
        [ReachabilityCheck()], timeout=timeout, options=CheckOptions(targets=urls, limits={"samples": 0, **limits})
    )
    return result


def test_a_good_target_passes_and_is_observed(here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1800000000")
    result = check(f"http://127.0.0.1:{here.serve(servers.http())}/")
    assert (result.status, result.verdict, result.operation, result.failure) == ("pass", "ok", None, None)
    [seen] = result.observations
    assert (seen.id, seen.value, seen.source, seen.detail) == ("network.reachability", "ok", "computer", "ok")
    assert seen.observed_at == "2027-01-15T08:00:00Z"
    assert worded.detail(result) == (
        "网络是好的。\n能连上：127.0.0.1。\n这是在电脑上测的。手机不用这个网络的话，结果说明不了手机。"
    )


def test_a_refused_target_fails_with_its_step() -> None:
    result = check("http://127.0.0.1:1/")
    assert (result.status, result.verdict, result.operation, result.failure) == (
        "fail", "tcp.refused", "connect", "connection_refused",
    )  # fmt: skip
    assert result.observations[0].value == "unreachable"
    told = worded.data(result)
    assert json.loads(msgspec.json.encode(told)) == told  # plain JSON
    [row] = result.data["targets"]
    assert row["target"] == "http://127.0.0.1:1/"
    assert {"purpose", "status", "verdict", "verdicts", "operation", "failure", "duration_ms", "steps"} <= set(row)
    assert row["attempts"] == 2
    assert {"name", "address", "duration_ms", "failure", "detail"} == set(row["steps"][0])
    assert [step.name for step in result.steps] == ["connect", "connect"]
    assert worded.detail(result, "en").splitlines()[:3] == [
        "The other side refuses the connection.",
        "Doesn't work: 127.0.0.1.",
        "Do this first: Try again in a while, or use mobile data.",
    ]
    step = network_step(Texts(load(), "en"), result)
    assert step is not None
    advice = worded.data(result, "en")["advice"]
    assert (step.id, advice["id"], advice["where"]) == ("network.tcp.refused", "tcp.refused", "unknown")
    assert step.text.endswith(advice["text"])
    assert step.short == advice["short"]
    assert [one["verdict"] for one in result.data["named"]] == ["tcp.refused"]


@pytest.mark.parametrize(("answer", "said"), [("yes", False), ("no", True), (None, True)])
def test_what_a_computer_says_of_a_phone_elsewhere_is_said_to_be_little(answer: str | None, said: bool) -> None:
    seen = [Observation(id="network.same_network", value=answer, source="answer")] if answer else []
    options = CheckOptions(targets=["http://127.0.0.1:1/"], limits={"samples": 0})
    [result] = run_checks([ReachabilityCheck()], timeout=10, options=options, evidence=Evidence(seen))
    assert ("little about a phone" in worded.detail(result, "en")) is said


def test_stability_figures_come_with_their_sample(here: Here) -> None:
    result = check(f"tcp://127.0.0.1:{here.serve(servers.silent)}", samples=5)
    told = result.data["targets"][0]["stability"]
    assert (told["sent"], told["lost"], told["interval_ms"]) == (5, 0, 40.0)
    assert 900 <= told["waiting_ms"] < 1800  # the round trip and less than a retransmission
    assert told["loss_interval"][1] > 0.4
    assert told["median_ms"] < 900


def test_step_deadlines_are_options(here: Here) -> None:
    result = check(f"http://127.0.0.1:{here.serve(servers.silent)}/", http=0.3, attempts=1)
    assert (result.verdict, result.operation) == ("http.timeout", "http")
    assert result.duration_ms < 8000


@pytest.mark.parametrize("url", ["http://a b/", "nope://x/", "http://"])
def test_a_malformed_target_is_an_error_in_one_line(url: str) -> None:
    result = check(url)
    assert result.status == "error"
    told = worded.detail(result, "en")
    assert re.match(r"target '.+': ", told)
    assert "\n" not in told


def test_progress_counts_targets(here: Here) -> None:
    told: list[Progress] = []
    port = here.serve(servers.http())
    options = CheckOptions(targets=[f"http://127.0.0.1:{port}/", "http://127.0.0.1:1/"], limits={"samples": 0})
    run_checks([ReachabilityCheck()], timeout=10, options=options, on_progress=told.append)
    assert {one.check for one in told} == {"network.reachability"}
    assert {one.total for one in told} == {2}
    assert {one.step for one in told} == {"connect", "http"}
    assert [one.target for one in told if one.over] == ["127.0.0.1", "127.0.0.1"]
    assert max(one.done for one in told) == 2


@pytest.mark.skipif(bool(why_not()), reason=why_not())
def test_without_any_network_the_built_in_targets_get_an_honest_verdict() -> None:
    code = """
        from diagnostics.checks.network_check import ReachabilityCheck
        from diagnostics.checks.runner import run_checks
        [result] = run_checks([ReachabilityCheck()], timeout=10)
        print(result.status, result.verdict, result.duration_ms < 7000)
    """
    unshare = shutil.which("unshare")
    assert unshare is not None
    done = subprocess.run(
        [unshare, "--user", "--map-root-user", "--net", sys.executable, "-c", textwrap.dedent(code)],
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    assert done.stdout == "fail link.down True\n"
    assert done.stderr == ""
