"""Progress on stderr: of checks line by line, of a batch in one line of a terminal."""

from __future__ import annotations

import contextlib
import os
import stat
import sys
import threading
import time
from typing import IO, TYPE_CHECKING, Final, TextIO

from diagnostics.checks.registry import check_ids, make_checks, skipped
from diagnostics.checks.runner import Run
from diagnostics.formats.width import cells, wrap
from tui.cli.output import QUIET, VERBOSE, columns_of, to_stderr, verbosity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from diagnostics.checks.base import CheckResult, Progress
    from diagnostics.i18n import Texts
    from tui.cli.options import RunOptions

PATIENCE: Final = 2.0
"""Seconds after which a pending step is reported."""


class OneLine:
    """A line of a terminal that is written over by the next text."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._width = 0

    def show(self, text: str, end: str = "") -> None:
        """Write a text over the last one."""
        room = columns_of(self._stream) - 1  # some terminals wrap after the last column
        text = next(iter(wrap(text, max(room, 1))), "")
        before, self._width = self._width, cells(text)  # overwrite with blanks: dumb terminals have no escapes
        print(f"\r{text}{' ' * (min(before, room) - self._width)}", end=end, file=self._stream, flush=True)

    def clear(self) -> None:
        """Leave nothing of the text."""
        if self._width:
            self.show("", "\r")


class ProgressPrinter:
    """Prints the progress of checks; thread-safe.

    A terminal shows what is waited for in one line that is written over. With `-v` each result is printed instead, with
    or without a terminal; with `-q` nothing.
    """

    def __init__(self, texts: Texts, stream: TextIO | None) -> None:
        self._texts = texts
        self._stream = stream
        loud = verbosity()
        self._verbose = loud >= VERBOSE
        self._one = OneLine(stream) if stream is not None and stream.isatty() and not loud else None
        self._steps: dict[tuple[str, str], Progress] = {}
        self._lock = threading.Lock()

    def progress(self, progress: Progress) -> None:
        """Note a step of a check on a target, or its end."""
        key = progress.check, progress.target.partition(" ")[0]
        with self._lock:
            self._steps.pop(key, None)
            if not progress.over:
                self._steps[key] = progress

    def waiting(self) -> None:
        """Show the longest pending step."""
        with self._lock:
            slow = min(self._steps.values(), key=lambda step: step.at, default=None)
        if self._one is None or slow is None or (waited := time.monotonic() - slow.at) < PATIENCE:
            return
        key = f"progress.name.{slow.step}"
        step = self._texts(key) if key in self._texts.knowledge.locale else slow.step
        seconds = f"{waited:.0f}"
        self._one.show(self._texts("progress.waiting", step=step, target=slow.target or slow.check, seconds=seconds))

    def close(self) -> None:
        """Leave nothing of the line of what is waited for."""
        if self._one is not None:
            self._one.clear()

    def result(self, result: CheckResult) -> None:
        """Forget the steps of a check that has its result; with `-v` print that."""
        status, seconds = self._texts(f"check.status.{result.status}"), f"{result.duration_ms / 1000:.1f}"
        told = self._texts("progress.ended", check=result.id, status=status, seconds=seconds)
        detail = self._texts.render(result.detail) if result.detail else ""
        with self._lock:  # checks run in several threads
            self._steps = {key: step for key, step in self._steps.items() if key[0] != result.id}
            if self._verbose and self._stream is not None:
                to_stderr("\n    ".join([told, *detail.splitlines()]), self._stream)


@contextlib.contextmanager
def _stdout_to_stderr() -> Iterator[None]:
    """Redirect stdout of plug-ins' child processes to stderr: stdout is for the report."""
    if sys.__stdout__ is None:  # closed at start: its number may be in use for something else
        yield
        return
    sys.__stdout__.flush()
    kept = os.dup(1)
    away = os.dup(2) if sys.__stderr__ is not None else os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(away, 1)
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(away)


class Live:
    """The wanted checks, begun at once and run in parallel; the others count as skipped."""

    def __init__(self, shared: RunOptions, stream: TextIO | None) -> None:
        self._ids = shared.checks
        self._printer = ProgressPrinter(shared.texts, stream)
        self._run = Run(
            make_checks(shared.knowledge, shared.checks),
            timeout=shared.options.timeout,
            evidence=shared.evidence(),
            lang=shared.lang,
            options=shared.options,
            on_progress=self._printer.progress,
            on_result=self._printer.result,
        )

    def ended(self, within: float = 0.0) -> bool:
        """Whether every check has its result, at the latest after so many seconds."""
        return self._run.wait(within)

    def finish(self) -> list[CheckResult]:
        """Wait, showing what for, and return a result for every check."""
        try:
            results = self._run.finish(self._printer.waiting)
        finally:
            self._printer.close()
        ran = {result.id: result for result in results}
        return [
            ran.get(id_) or skipped(id_, "check.skipped.not_wanted")
            for id_ in dict.fromkeys((*check_ids(), *self._ids))
        ]


def run_live(shared: RunOptions, stream: TextIO | None) -> list[CheckResult]:
    """Run the wanted checks in parallel; returns a result for every check, the others as skipped."""
    foreign = any(id_ not in check_ids() for id_ in shared.checks)
    with _stdout_to_stderr() if foreign else contextlib.nullcontext():
        return Live(shared, stream).finish()


EVERY: Final = 0.5
"""Least seconds between two updates."""


class BatchProgress:
    """Counts lines and shows the progress at most twice a second, with the time left if the input is a file."""

    def __init__(self, texts: Texts, source: IO[bytes], stream: TextIO | None) -> None:
        self._texts = texts
        self._one = OneLine(stream) if stream is not None and stream.isatty() and verbosity() > QUIET else None
        self._source = source
        self._size = _size(source)
        self._began = self._shown = time.monotonic()
        self._count = 0

    def step(self, lines: int) -> None:
        """Add to the number of lines."""
        self._count += lines
        if time.monotonic() - self._shown >= EVERY:
            self._show("")

    def close(self) -> None:
        """Show the final state and end the line."""
        self._show("\n")

    def _show(self, end: str) -> None:
        if self._one is None or not self._count:
            return
        self._shown = time.monotonic()
        spent = max(self._shown - self._began, 0.001)
        facts = {"count": self._count, "rate": f"{self._count / spent:.0f}"}
        if self._size:
            done = min(max(self._source.tell() / self._size, 0.001), 1.0)
            text = self._texts("batch.progress", left=f"{spent / done - spent:.0f}", **facts)
        else:
            text = self._texts("batch.progress_open", **facts)
        self._one.show(text, end)


def _size(source: IO[bytes]) -> int:
    """Return the size of a file, 0 for a pipe."""
    try:
        seen = os.fstat(source.fileno())
    except (OSError, ValueError):
        return 0
    return seen.st_size if stat.S_ISREG(seen.st_mode) else 0
