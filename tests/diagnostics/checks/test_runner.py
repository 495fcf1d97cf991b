"""The runner: order, deadlines, cancelling, stale runs, broken checks, quitting."""

import json
import subprocess
import sys
import textwrap
import threading
import time
from typing import Any

import msgspec
import pytest

from diagnostics.checks.base import CheckOptions, CheckResult, Context, Progress
from diagnostics.checks.network_check import ReachabilityCheck
from diagnostics.checks.runner import Run
from diagnostics.evidence import Evidence, Observation
from tests import worded
from tests.lab.net import servers
from tests.lab.net.servers import Here
from tests.lab.net.world import why_not


class Fake(msgspec.Struct, kw_only=True):
    """A check that reports a step, then waits, then passes; or raises."""

    id: str
    network: bool = False
    seconds: float = 0.0
    deaf: bool = False
    raises: BaseException | None = None

    def run(self, context: Context) -> CheckResult:
        context.progress(Progress(check=self.id, step="connect", target="www.lab.test"))
        if self.raises is not None:
            raise self.raises
        if self.deaf:
            time.sleep(self.seconds)
        else:
            context.cancelled.wait(self.seconds)
        return CheckResult(id=self.id, status="pass")


def test_a_deaf_check_ends_as_unknown_at_the_deadline_with_the_step_it_was_at() -> None:
    began = time.monotonic()
    deaf, quick = Run([Fake(id="deaf", seconds=40, deaf=True), Fake(id="quick")], timeout=1).finish()
    assert time.monotonic() - began < 20
    assert quick.status == "pass"
    assert (deaf.status, deaf.verdict, deaf.operation) == ("unknown", None, "connect")
    assert deaf.failure == "generic_timeout_error"
    assert worded.detail(deaf, "en") == "timeout at connect"
    assert worded.detail(deaf) == "时间到了，停在 connect 这一步"
    assert 1000 <= deaf.duration_ms < 20_000


def test_checks_that_never_began_say_so() -> None:
    checks = [Fake(id=str(number), seconds=20, deaf=True) for number in range(6)]
    results = Run(checks, timeout=1).finish()
    assert worded.detail(results[0], "en") == "timeout at connect"
    assert worded.detail(results[5], "en") == "timeout before the first step"
    assert results[5].duration_ms == 0


def test_cancel_returns_at_once_and_the_rest_is_cancelled() -> None:
    told: list[CheckResult] = []
    began_connect = threading.Event()
    deaf = Fake(id="deaf", seconds=20, deaf=True)
    run = Run([deaf], timeout=30, on_progress=lambda _step: began_connect.set(), on_result=told.append)
    assert began_connect.wait(25)
    began = time.monotonic()
    run.cancel()
    assert time.monotonic() - began < 5
    assert run.wait(25)
    assert [(result.id, result.status, result.operation) for result in told] == [("deaf", "cancelled", "connect")]
    assert run.results() == told


def test_a_run_that_is_dropped_ends_and_tells_nothing_more() -> None:
    told: list[CheckResult] = []
    run = Run([Fake(id="old", seconds=60)], timeout=30, on_result=told.append)
    run.drop()
    assert run.wait(25)
    assert told == []


@pytest.mark.parametrize(
    ("raised", "detail"),
    [
        (ValueError("bad \x1b[31mred\x1b[0m\nline"), "ValueError: bad \ufffd[31mred\ufffd[0m line"),
        (KeyError(), "KeyError"),
        (SystemExit(3), "SystemExit: 3"),
    ],
)
def test_a_check_that_raises_is_an_error_not_a_failure(raised, detail, capfd) -> None:
    (result, other) = Run([Fake(id="broken", raises=raised), Fake(id="fine")], timeout=60).finish()
    assert (result.status, result.detail) == ("error", detail)
    assert other.status == "pass"
    assert capfd.readouterr() == ("", "")


def test_a_hanging_check_does_not_hold_up_the_end_of_the_interpreter() -> None:
    code = """
        import time
        from diagnostics.checks.base import CheckResult
        from diagnostics.checks.runner import Run
        class Hang:
            id, network = "hang", False
            def run(self, context):
                time.sleep(600)
        print(Run([Hang()], timeout=0.1).finish()[0].status)
    """
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, timeout=120, check=True
    )
    assert done.stdout == "unknown\n"
    assert done.stderr == ""
    assert time.monotonic() - began < 60


def check(*urls: str, run: dict[str, Any] | None = None, **limits: Any) -> CheckResult:
    options = CheckOptions(targets=urls, limits={"samples": 0, **limits})
    [result] = Run([ReachabilityCheck()], timeout=10, options=options, **(run or {})).finish()
    return result


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
    assert (told["advice"]["id"], told["advice"]["where"]) == ("tcp.refused", "unknown")
    assert [one["verdict"] for one in result.data["named"]] == ["tcp.refused"]


@pytest.mark.parametrize(("answer", "said"), [("yes", False), ("no", True), (None, True)])
def test_what_a_computer_says_of_a_phone_elsewhere_is_said_to_be_little(answer: str | None, said: bool) -> None:
    seen = [Observation(id="network.same_network", value=answer, source="answer")] if answer else []
    result = check("http://127.0.0.1:1/", run={"evidence": Evidence(seen)}, attempts=1)
    assert ("little about a phone" in worded.detail(result, "en")) is said


def test_stability_figures_come_with_their_sample(here: Here) -> None:
    result = check(f"tcp://127.0.0.1:{here.serve(servers.silent)}", samples=5)
    told = result.data["targets"][0]["stability"]
    assert (told["sent"], told["lost"], told["interval_ms"]) == (5, 0, 40.0)
    assert 900 <= told["waiting_ms"] < 1800  # the round trip and less than a retransmission
    assert told["loss_interval"][1] > 0.4
    assert told["median_ms"] < 900


def test_progress_counts_targets(here: Here) -> None:
    told: list[Progress] = []
    good = f"http://127.0.0.1:{here.serve(servers.http())}/"
    check(good, "http://127.0.0.1:1/", run={"on_progress": told.append})
    assert {one.check for one in told} == {"network.reachability"}
    assert {one.total for one in told} == {2}
    assert {one.step for one in told} == {"connect", "http"}
    assert [one.target for one in told if one.over] == ["127.0.0.1", "127.0.0.1"]
    assert max(one.done for one in told) == 2


@pytest.mark.skipif(bool(why_not()), reason=why_not())
def test_without_any_network_the_built_in_targets_get_an_honest_verdict() -> None:
    code = """
        from diagnostics.checks.network_check import ReachabilityCheck
        from diagnostics.checks.runner import Run
        [result] = Run([ReachabilityCheck()], timeout=10).finish()
        print(result.status, result.verdict, result.duration_ms < 7000)
    """
    done = subprocess.run(
        ["unshare", "--user", "--map-root-user", "--net", sys.executable, "-c", textwrap.dedent(code)],
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    assert done.stdout == "fail link.down True\n"
    assert done.stderr == ""
