"""The runner: order, deadlines, cancelling, stale runs, broken checks, quitting."""

import subprocess
import sys
import textwrap
import threading
import time

import msgspec
import pytest

from diagnostics.checks.base import CheckResult, Context, Progress
from diagnostics.checks.runner import Run, run_checks
from tests import worded


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


def test_results_come_in_the_order_of_the_checks_not_of_their_ends() -> None:
    seen: list[str] = []
    others_told = threading.Event()

    class Slow(Fake, kw_only=True):
        def run(self, context: Context) -> CheckResult:
            others_told.wait(60)
            return super().run(context)

    def note(result: CheckResult) -> None:
        seen.append(result.id)
        if {"quick", "other"} <= set(seen):
            others_told.set()

    results = run_checks([Slow(id="slow"), Fake(id="quick"), Fake(id="other")], timeout=60, on_result=note)
    assert [result.id for result in results] == ["slow", "quick", "other"]
    assert {result.status for result in results} == {"pass"}
    assert seen[-1] == "slow"
    assert len(seen) == 3


def test_a_deaf_check_ends_as_unknown_at_the_deadline_with_the_step_it_was_at() -> None:
    began = time.monotonic()
    deaf, quick = run_checks([Fake(id="deaf", seconds=40, deaf=True), Fake(id="quick")], timeout=1)
    assert time.monotonic() - began < 20
    assert quick.status == "pass"
    assert (deaf.status, deaf.verdict, deaf.operation) == ("unknown", None, "connect")
    assert deaf.failure == "generic_timeout_error"
    assert worded.detail(deaf, "en") == "timeout at connect"
    assert worded.detail(deaf) == "时间到了，停在 connect 这一步"
    assert 1000 <= deaf.duration_ms < 20_000


def test_checks_that_never_began_say_so() -> None:
    checks = [Fake(id=str(number), seconds=20, deaf=True) for number in range(6)]
    results = run_checks(checks, timeout=1)
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
def test_a_check_that_raises_is_an_error_not_a_failure(
    raised: BaseException, detail: str, capfd: pytest.CaptureFixture[str]
) -> None:
    (result, other) = run_checks([Fake(id="broken", raises=raised), Fake(id="fine")], timeout=60)
    assert (result.status, result.detail) == ("error", detail)
    assert other.status == "pass"
    assert capfd.readouterr() == ("", "")


def test_no_more_threads_than_asked_for() -> None:
    most, before = 0, set(threading.enumerate())

    class Counting(Fake, kw_only=True):
        def run(self, context: Context) -> CheckResult:
            nonlocal most
            mine = {thread for thread in threading.enumerate() if thread.name.startswith("check-")} - before
            most = max(most, len(mine))
            return super().run(context)

    run = Run([Counting(id=str(number), seconds=0.02) for number in range(8)], timeout=60, workers=2)
    assert run.wait(60)
    assert len(run.results()) == 8
    assert most <= 2


def test_no_checks_is_no_wait() -> None:
    assert run_checks([], timeout=60) == []


def test_a_hanging_check_does_not_hold_up_the_end_of_the_interpreter() -> None:
    code = """
        import time
        from diagnostics.checks.base import CheckResult
        from diagnostics.checks.runner import run_checks
        class Hang:
            id, network = "hang", False
            def run(self, context):
                time.sleep(600)
        print(run_checks([Hang()], timeout=0.1)[0].status)
    """
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, timeout=120, check=True
    )
    assert done.stdout == "unknown\n"
    assert done.stderr == ""
    assert time.monotonic() - began < 60
