"""The machine's checks behind the screen: started, repeated and cancelled here, told about by messages."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final, Literal

import msgspec
from textual.message import Message

from diagnostics.checks.base import CheckOptions, CheckResult, Progress
from diagnostics.checks.registry import IPHONE_CHECK, NETWORK_CHECKS, PHONE_CHECK, PHONE_CHECKS, check_ids, skipped
from diagnostics.checks.runner import Runner

if TYPE_CHECKING:
    from collections.abc import Callable

    from diagnostics.checks.base import Context
    from diagnostics.knowledge.model import Knowledge
    from diagnostics.session import Session
    from tui.app.preferences import Launch

DESKTOP_CHECK: Final = "computer.wechat"
TRUST_SECONDS: Final = 60.0
"""Seconds for a person to unlock an iPhone, tap and enter its passcode."""
UNTRUSTED: Final = ("phone.ios_untrusted", "phone.ios_trust_asked", "phone.ios_trust_refused")

State = Literal["waiting", "running", "done"]


class CheckMoved(Message):
    """A check is at another step."""

    def __init__(self, progress: Progress) -> None:
        self.progress = progress
        super().__init__()


class CheckEnded(Message):
    """A check has ended."""

    def __init__(self, result: CheckResult) -> None:
        self.result = result
        super().__init__()


class CheckLine(msgspec.Struct, frozen=True, kw_only=True):
    """How one check stands: `began` on the monotonic clock, `progress` its last step, `result` once it is done."""

    id: str
    state: State = "waiting"
    began: float = 0.0
    progress: Progress | None = None
    result: CheckResult | None = None


class _Deferred:
    """A check that is made in the thread that runs it: importing requests must not hold up the screen."""

    def __init__(self, knowledge: Knowledge, id_: str) -> None:
        self.id = id_
        self.network = id_ in NETWORK_CHECKS
        self._knowledge = knowledge

    def run(self, context: Context) -> CheckResult:
        """Make the real check and run it."""
        from diagnostics.checks.registry import make_checks

        return make_checks(self._knowledge, [self.id])[0].run(context)


class CheckRuns:
    """Every check with its own runner, so that one can be repeated while others go on.

    `post` takes a message from any thread.
    """

    def __init__(self, session: Session, launch: Launch, post: Callable[[Message], object]) -> None:
        self._session = session
        self._launch = launch
        self._post = post
        self._runners: dict[str, Runner] = {}
        self.device: str | None = None
        """Which of several phones was chosen, in the place of that of the command line."""
        self.readings: list[dict[str, Any]] = []
        """What the phone check has read so far in this run."""
        self.started_adb = False
        """Whether the adb server runs because a check started it."""
        self.lines: dict[str, CheckLine] = {id_: CheckLine(id=id_) for id_ in check_ids()}

    def start(self, *ids: str) -> None:
        """Start these checks, all where none is named; what must not run is noted as skipped."""
        for id_ in ids or tuple(self.lines):
            if id_ not in self._launch.checks:
                self._skip(id_, "not_wanted")
            elif self._launch.offline and id_ in NETWORK_CHECKS:
                self._skip(id_, "offline")
            else:
                self._run(id_)

    def trust(self) -> None:
        """Let the iPhone ask its owner whether to trust this computer: only for a person who agreed just now."""
        if IPHONE_CHECK in self._launch.checks:
            self._run(IPHONE_CHECK, TRUST_SECONDS, pair=True)

    def untrusted(self) -> bool:
        """Whether an iPhone was seen that does not trust this computer (yet)."""
        line = self.lines.get(IPHONE_CHECK)
        return line is not None and line.result is not None and line.result.verdict in UNTRUSTED

    def cancel(self) -> None:
        """Ask every running check to end and return at once."""
        for id_, runner in self._runners.items():
            if self.lines[id_].state == "running":
                runner.cancel()

    def moved(self, progress: Progress) -> None:
        """Note a step that was told by a message."""
        line = self.lines[progress.check]
        if line.state == "running":
            at = line.progress
            if progress.over and at is not None:  # another target's step is what is shown
                progress = msgspec.structs.replace(at, done=progress.done)
            self.lines[line.id] = msgspec.structs.replace(line, progress=progress)

    def ended(self, result: CheckResult) -> None:
        """Note an end that was told by a message."""
        self.lines[result.id] = msgspec.structs.replace(self.lines[result.id], state="done", result=result)
        self.started_adb |= bool(result.data.get("adb_left_running"))

    @property
    def shown(self) -> list[CheckLine]:
        """What is said of checks: of a WeChat on this computer only that there is one, for most people have none."""
        desktop = self.lines.get(DESKTOP_CHECK)
        found = desktop is not None and desktop.result is not None and desktop.result.verdict == "computer.wechat_found"
        return [line for line in self.lines.values() if line.id != DESKTOP_CHECK or found]

    def running(self) -> list[CheckLine]:
        """Return the checks that are running, the longest first."""
        return sorted((line for line in self.lines.values() if line.state == "running"), key=lambda line: line.began)

    def _run(self, id_: str, timeout: float | None = None, **more: Any) -> None:
        runner = self._runners.get(id_)
        if runner is None:
            runner = self._runners[id_] = Runner(
                lambda _run, progress: self._post(CheckMoved(progress)),
                lambda _run, result: self._post(CheckEnded(result)),
            )
        self.lines[id_] = CheckLine(id=id_, state="running", began=time.monotonic())
        runner.start(
            [_Deferred(self._session.knowledge, id_)],
            timeout=timeout or self._launch.timeout,
            evidence=self._session.evidence,
            lang=self._session.lang,
            options=self._options(id_, **more),
        )

    def _options(self, id_: str, **more: Any) -> CheckOptions:
        """Return what a check may use: adb's server stays for the next look, and every run lists what it reads anew."""
        if id_ in PHONE_CHECKS and self.device is not None:
            more["device"] = self.device
        if id_ == PHONE_CHECK:
            self.readings = []
            more |= {"keep_adb": True, "stops_adb": True, "on_reading": self.readings.append}
        return msgspec.structs.replace(self._launch.options, **more)

    def _skip(self, id_: str, why: str) -> None:
        self._post(CheckEnded(skipped(id_, f"check.skipped.{why}")))
