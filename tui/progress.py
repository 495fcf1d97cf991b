"""Progress of running checks as lines on stderr, only where somebody watches."""

from __future__ import annotations

import contextlib
import sys
import threading
import time
from typing import TYPE_CHECKING, Final, TextIO

from diagnostics.checks import check_ids, make_checks, skipped
from diagnostics.checks.runner import Runner

if TYPE_CHECKING:
    from diagnostics.checks.base import CheckResult, Progress
    from tui.options import Shared

PATIENCE: Final = 2.0
"""Seconds after which a step that is still waited for is named, and named again."""


class Teller:
    """Says what the checks are at; it may be told from any thread, and is silent where nobody watches."""

    def __init__(self, shared: Shared, stream: TextIO | None) -> None:
        self._shared = shared
        self._stream = stream
        self._heard = stream is not None and stream.isatty()
        self._steps: dict[tuple[str, str], Progress] = {}
        self._lock = threading.Lock()

    def progress(self, progress: Progress) -> None:
        """Note which step a check is at on a target."""
        with self._lock:
            self._steps[progress.check, progress.target] = progress

    def waiting(self) -> None:
        """Name the step that has been waited for longest, where it has been two seconds or more."""
        with self._lock:
            slow = min(self._steps.values(), key=lambda step: step.at, default=None)
        if slow is not None and time.monotonic() - slow.at >= PATIENCE:
            seconds = f"{time.monotonic() - slow.at:.0f}"
            self._say("progress.waiting", step=slow.step, target=slow.target, seconds=seconds)

    def result(self, result: CheckResult) -> None:
        """Say how a check ended, and forget its steps."""
        with self._lock:
            self._steps = {key: step for key, step in self._steps.items() if key[0] != result.id}
        status = self._shared.knowledge.say(f"check.status.{result.status}", self._shared.lang)
        self._say("progress.ended", check=result.id, status=status, seconds=f"{result.duration_ms / 1000:.1f}")

    def _say(self, key: str, **values: str) -> None:
        if self._heard:
            print(self._shared.knowledge.say(key, self._shared.lang, **values), file=self._stream, flush=True)


def run_live(shared: Shared, stream: TextIO | None) -> list[CheckResult]:
    """Run the wanted checks side by side and return every check's result, the unwanted ones as skipped."""
    teller = Teller(shared, stream)
    runner = Runner(lambda _run, progress: teller.progress(progress), lambda _run, result: teller.result(result))
    run = runner.start(
        make_checks(shared.knowledge, shared.checks),
        timeout=shared.timeout,
        evidence=shared.evidence(),
        lang=shared.lang,
        options=shared.check_options(),
    )
    try:
        with contextlib.redirect_stdout(stream or sys.stderr):  # a plug-in that prints must not spoil the report
            while not run.wait(PATIENCE):
                teller.waiting()
    finally:
        runner.cancel()
    not_wanted = shared.knowledge.say("check.skipped.not_wanted", shared.lang)
    ran = {result.id: result for result in run.results()}
    return [ran.get(id_) or skipped(id_, not_wanted) for id_ in dict.fromkeys((*check_ids(), *shared.checks))]
