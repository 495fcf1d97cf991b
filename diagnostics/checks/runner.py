"""Runs checks in a few daemon threads: cancelled at once, one deadline, never in the way of quitting.

Executors of the standard library join their threads when the interpreter ends, and a thread inside
`getaddrinfo` cannot be interrupted; so threads here are daemons, and a check that overruns is left behind.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from typing import TYPE_CHECKING, Final, TypeVar

from diagnostics.checks.base import DEFAULTS, Check, CheckOptions, CheckResult, Context, Progress
from diagnostics.evidence import Evidence
from diagnostics.i18n import Message, UserError
from diagnostics.sanitize import clean_line

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Told = TypeVar("Told", Progress, CheckResult)
OVERRUN: Final = "generic_timeout_error"
GRACE: Final = 0.25
"""Seconds after the deadline in which a check may still hand in what it found by then."""
WORKERS: Final = 4
WAKE: Final = 0.2


class Run:
    """One pass over some checks. `results()` is complete once `wait()` returned True."""

    def __init__(self, run_id: int, checks: Sequence[Check], deadline: float) -> None:
        self.id = run_id
        self.deadline = deadline
        self.cancelled = threading.Event()
        self._order = [check.id for check in checks]
        self._results: dict[str, CheckResult] = {}
        self._told = 0
        self._started: dict[str, float] = {}
        self._at: dict[str, Progress] = {}
        self._changed = threading.Condition()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until every check's result is told; False when `timeout` seconds passed first."""
        with self._changed:
            return self._changed.wait_for(lambda: self._told == len(self._order), timeout)

    def results(self) -> list[CheckResult]:
        """Return the results there are so far, in the order of the checks."""
        with self._changed:
            return [self._results[id_] for id_ in self._order if id_ in self._results]

    def cancel(self) -> None:
        """Ask the run to end and return at once; its unfinished checks are reported as cancelled."""
        self.cancelled.set()
        with self._changed:
            self._changed.notify_all()

    def _begin(self, id_: str) -> None:
        with self._changed:
            self._started[id_] = time.monotonic()

    def _note(self, progress: Progress) -> None:
        with self._changed:
            if not progress.over:  # what is waited for is something else
                self._at[progress.check] = progress

    def _put(self, result: CheckResult) -> bool:
        """Keep the first result of a check; a later one is dropped."""
        with self._changed:
            if result.id in self._results:
                return False
            self._results[result.id] = result
            return True

    def _count(self) -> None:
        with self._changed:
            self._told += 1
            self._changed.notify_all()

    def _await_end(self) -> None:
        """Wait until all results are told, the run is cancelled, or its deadline (and the grace) is over."""
        with self._changed:
            self._changed.wait_for(
                lambda: self.cancelled.is_set() or self._told == len(self._order),
                max(0.0, self.deadline + GRACE - time.monotonic()),
            )

    def _overdue(self) -> list[CheckResult]:
        """Return a result for each check that has none yet: cancelled, or out of time and at which step."""
        now = time.monotonic()
        with self._changed:
            open_ = [id_ for id_ in self._order if id_ not in self._results]
            return [self._unfinished(id_, now) for id_ in open_]

    def _unfinished(self, id_: str, now: float) -> CheckResult:
        spent = (now - self._started.get(id_, now)) * 1000
        at = self._at.get(id_)
        step = at.step if at is not None else None
        if self.cancelled.is_set():
            return CheckResult(id=id_, status="cancelled", operation=step, duration_ms=spent)
        where = Message("check.timeout.at", {"step": step}) if step else Message("check.timeout.before")
        return CheckResult(id=id_, status="unknown", operation=step, failure=OVERRUN, duration_ms=spent, detail=where)


class Runner:
    """Runs checks and tells about them, from worker threads; what an older run still says is dropped."""

    def __init__(
        self,
        on_progress: Callable[[int, Progress], object] = lambda _run, _progress: None,
        on_result: Callable[[int, CheckResult], object] = lambda _run, _result: None,
        *,
        workers: int = WORKERS,
    ) -> None:
        self._on_progress = on_progress
        self._on_result = on_result
        self._workers = max(1, workers)
        self._current: Run | None = None
        self._last_id = 0

    def start(
        self,
        checks: Sequence[Check],
        *,
        timeout: float,
        evidence: Evidence | None = None,
        lang: str = "zh",
        options: CheckOptions = DEFAULTS,
    ) -> Run:
        """Start a run that ends within `timeout` seconds whatever its checks do; an older run is dropped."""
        if self._current is not None:
            self._current.cancelled.set()
        self._last_id += 1
        self._current = run = Run(self._last_id, checks, time.monotonic() + timeout)
        context = Context(
            evidence=evidence if evidence is not None else Evidence(),
            deadline=run.deadline,
            cancelled=run.cancelled,
            lang=lang,
            options=options,
            progress=lambda progress: self._progress(run, progress),
        )
        queue = deque(checks)
        for number in range(min(self._workers, len(queue))):
            self._thread(f"check-{run.id}-{number}", lambda: self._work(run, queue, context))
        self._thread(f"checks-{run.id}", lambda: self._supervise(run))
        return run

    def cancel(self) -> None:
        """Cancel the current run, where there is one, and return at once."""
        if self._current is not None:
            self._current.cancel()

    @staticmethod
    def _thread(name: str, target: Callable[[], None]) -> None:
        threading.Thread(target=target, name=name, daemon=True).start()

    def _progress(self, run: Run, progress: Progress) -> None:
        progress = _masked(progress)
        run._note(progress)
        if self._current is run and not run.cancelled.is_set():
            self._on_progress(run.id, progress)

    def _deliver(self, run: Run, result: CheckResult) -> None:
        if not run._put(result):
            return
        try:
            if self._current is run:
                self._on_result(run.id, result)
        finally:
            run._count()

    def _work(self, run: Run, queue: deque[Check], context: Context) -> None:
        while not run.cancelled.is_set() and context.remaining() > 0:
            try:
                check = queue.popleft()
            except IndexError:
                return
            run._begin(check.id)
            self._deliver(run, _masked(_guarded(check, context)))

    def _supervise(self, run: Run) -> None:
        run._await_end()
        for result in run._overdue():
            self._deliver(run, result)
        run.cancelled.set()


def _masked(told: Told) -> Told:
    """Mask the numbers of persons in what a check says."""
    from diagnostics.redaction import mask_within  # its patterns take long to compile: only once a check runs

    masked: Told = mask_within(told)
    return masked


def _guarded(check: Check, context: Context) -> CheckResult:
    """Run one check; whatever it raises becomes a result of status `error`, never a dead thread."""
    began = time.monotonic()
    try:
        return check.run(context)
    except (Exception, SystemExit) as broken:
        import logging  # only where something broke

        logging.getLogger(__name__).debug("check %s broke", check.id, exc_info=True)
        return CheckResult(
            id=check.id, status="error", duration_ms=(time.monotonic() - began) * 1000, detail=_fault(broken)
        )


def _fault(broken: BaseException) -> str | Message:
    """Say what a check raised: in words where it has them, else by its kind."""
    if isinstance(broken, UserError):
        return Message.fault(broken)
    name, told = type(broken).__name__, clean_line(str(broken))
    return f"{name}: {told}" if told else name


def run_checks(
    checks: Sequence[Check],
    *,
    timeout: float,
    evidence: Evidence | None = None,
    lang: str = "zh",
    options: CheckOptions = DEFAULTS,
    on_progress: Callable[[Progress], None] = lambda _progress: None,
    on_result: Callable[[CheckResult], None] = lambda _result: None,
    on_wait: Callable[[], None] = lambda: None,
) -> list[CheckResult]:
    """Run checks and wait for them: one result each, in their order, after at most `timeout` seconds.

    An interrupt (Ctrl-C) cancels the run and is passed on.
    """
    runner = Runner(lambda _run, progress: on_progress(progress), lambda _run, result: on_result(result))
    run = runner.start(checks, timeout=timeout, evidence=evidence, lang=lang, options=options)
    try:
        while not run.wait(WAKE):
            on_wait()  # woken now and then: an endless wait cannot be interrupted on every system
    finally:
        runner.cancel()
    return run.results()
