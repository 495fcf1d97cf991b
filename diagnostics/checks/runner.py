"""Runs checks in a few daemon threads: cancelled at once, one deadline, never in the way of quitting.

Executors of the standard library join their threads when the interpreter ends, and a thread inside
`getaddrinfo` cannot be interrupted; so threads here are daemons, and a check that overruns is left behind.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from typing import TYPE_CHECKING, Any, Final, TypeVar

from diagnostics.checks.base import DEFAULTS, Check, CheckOptions, CheckResult, Context, Progress
from diagnostics.evidence import Evidence
from diagnostics.i18n import Message, UserError
from diagnostics.sanitize import clean_line

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Output = TypeVar("Output", Progress, CheckResult)
OVERRUN: Final = "generic_timeout_error"
GRACE: Final = 0.25
"""Seconds after the deadline in which a check may still hand in what it found by then."""
WORKERS: Final = 4
WAKE: Final = 0.2


class Run:
    """One pass over some checks, begun at once; it ends within `timeout` seconds whatever they do.

    `on_progress` and `on_result` are called from its threads. `results()` is complete once `wait()` returned True.
    """

    def __init__(
        self,
        checks: Sequence[Check],
        *,
        timeout: float,
        evidence: Evidence | None = None,
        lang: str = "zh",
        options: CheckOptions = DEFAULTS,
        on_progress: Callable[[Progress], object] = lambda _progress: None,
        on_result: Callable[[CheckResult], object] = lambda _result: None,
        workers: int = WORKERS,
    ) -> None:
        self.cancelled = threading.Event()
        self._on_progress, self._on_result = on_progress, on_result
        self._order = [check.id for check in checks]
        self._results: dict[str, CheckResult] = {}
        self._started: dict[str, float] = {}
        self._at: dict[str, str] = {}
        self._delivered = 0
        self._dropped = False
        self._changed = threading.Condition()
        context = Context(
            evidence=evidence if evidence is not None else Evidence(),
            deadline=time.monotonic() + timeout,
            cancelled=self.cancelled,
            lang=lang,
            options=options,
            progress=self._progress,
        )
        queue = deque(checks)
        for number in range(min(workers, len(queue))):
            threading.Thread(target=self._work, args=(queue, context), name=f"check-{number}", daemon=True).start()
        threading.Thread(target=self._supervise, args=(context,), name="checks", daemon=True).start()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until every result is delivered; False if `timeout` seconds passed first."""
        with self._changed:
            return self._changed.wait_for(self._is_complete, timeout)

    def finish(self, on_wait: Callable[[], None] = lambda: None) -> list[CheckResult]:
        """Wait for all results and return them; an interrupt (Ctrl-C) cancels the run and is raised."""
        try:
            while not self.wait(WAKE):
                on_wait()  # woken now and then: an endless wait cannot be interrupted on every system
        finally:
            self.cancel()
        return self.results()

    def results(self) -> list[CheckResult]:
        """Return the results there are so far, in the order of the checks."""
        with self._changed:
            return [self._results[id_] for id_ in self._order if id_ in self._results]

    def cancel(self) -> None:
        """Ask the run to end and return at once; its unfinished checks are reported as cancelled."""
        self.cancelled.set()
        with self._changed:
            self._changed.notify_all()

    def drop(self) -> None:
        """Cancel the run without further callbacks."""
        self._dropped = True
        self.cancel()

    def _is_complete(self) -> bool:
        return self._delivered == len(self._order)

    def _progress(self, progress: Progress) -> None:
        progress = _masked(progress)
        if not progress.over:  # what is waited for is something else
            self._at[progress.check] = progress.step
        if not self.cancelled.is_set():
            self._on_progress(progress)

    def _work(self, queue: deque[Check], context: Context) -> None:
        while not self.cancelled.is_set() and context.remaining() > 0:
            try:
                check = queue.popleft()
            except IndexError:
                return
            self._started[check.id] = time.monotonic()
            self._deliver(_masked(_guarded(check, context)))

    def _deliver(self, result: CheckResult) -> None:
        """Store and deliver the first result of a check; a later one is dropped."""
        with self._changed:
            if self._results.setdefault(result.id, result) is not result:
                return
        try:
            if not self._dropped:
                self._on_result(result)
        finally:
            with self._changed:
                self._delivered += 1
                self._changed.notify_all()

    def _supervise(self, context: Context) -> None:
        """Wait until all is delivered, cancelled, or out of time (with grace), then end checks without a result."""
        with self._changed:
            patience = context.remaining() + GRACE
            self._changed.wait_for(lambda: self.cancelled.is_set() or self._is_complete(), patience)
            late = [self._unfinished(id_) for id_ in self._order if id_ not in self._results]
        for result in late:
            self._deliver(result)
        self.cancelled.set()

    def _unfinished(self, id_: str) -> CheckResult:
        now = time.monotonic()
        spent, step = (now - self._started.get(id_, now)) * 1000, self._at.get(id_)
        if self.cancelled.is_set():
            return CheckResult(id=id_, status="cancelled", operation=step, duration_ms=spent)
        where = Message("check.timeout.at", {"step": step}) if step else Message("check.timeout.before")
        return CheckResult(id=id_, status="unknown", operation=step, failure=OVERRUN, duration_ms=spent, detail=where)


def _masked(told: Output) -> Output:
    """Mask personal numbers in texts of a check."""
    from diagnostics.redaction import mask_within  # its patterns take long to compile: only once a check runs

    masked: Output = mask_within(told)
    return masked


def _guarded(check: Check, context: Context) -> CheckResult:
    """Run one check; an exception becomes a result of status `error`."""
    began = time.monotonic()
    try:
        return check.run(context)
    except (Exception, SystemExit) as broken:
        import logging  # only where something broke

        logging.getLogger(__name__).debug("check %s broke", check.id, exc_info=True)
        name, said = type(broken).__name__, clean_line(str(broken))
        plain = f"{name}: {said}" if said else name
        detail = Message.fault(broken) if isinstance(broken, UserError) else plain
        return CheckResult(id=check.id, status="error", duration_ms=(time.monotonic() - began) * 1000, detail=detail)


def run_checks(checks: Sequence[Check], **given: Any) -> list[CheckResult]:
    """Run checks and return one result each, in their order; what else a `Run` takes is `given`, `timeout` at least."""
    return Run(checks, **given).finish()
