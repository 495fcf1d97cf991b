"""The machine's checks behind the screen, each in a thread of its own, and the phones that come and go meanwhile."""

from __future__ import annotations

import contextlib
import threading
import time
from typing import TYPE_CHECKING, Any, Final, Literal

import msgspec

from diagnostics.checks.base import CheckResult, Progress
from diagnostics.checks.registry import (
    IPHONE_CHECK,
    NETWORK_CHECKS,
    PHONE_CHECK,
    PHONE_CHECKS,
    TRUST_SECONDS,
    check_ids,
    skipped,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from diagnostics.checks.base import Context
    from diagnostics.checks.runner import Run
    from diagnostics.knowledge.model import Knowledge
    from diagnostics.phone.adb_client import ConnectedPhones
    from diagnostics.session import Session
    from tui.app.preferences import Launch

DESKTOP_CHECK: Final = "computer.wechat"
UNTRUSTED: Final = ("phone.ios_untrusted", "phone.ios_trust_asked", "phone.ios_trust_refused")


class CheckLine(msgspec.Struct, frozen=True, kw_only=True):
    """The state of one check: `began` on the monotonic clock, `progress` its last step, `result` once it is done."""

    id: str
    state: Literal["waiting", "running", "done"] = "waiting"
    began: float = 0.0
    progress: Progress | None = None
    result: CheckResult | None = None

    @property
    def seconds(self) -> float:
        """How long it has been running."""
        return time.monotonic() - self.began if self.state == "running" else 0.0


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
    """Every check in a run of its own, so that one can be repeated while others go on.

    `call` takes from any thread what is to be called in the app's, with its arguments; `on_result` is called with each
    result.
    """

    def __init__(
        self, session: Session, launch: Launch, call: Callable[..., object], on_result: Callable[[CheckResult], None]
    ) -> None:
        self._session, self._launch, self._call, self._on_result = session, launch, call, on_result
        self._runs: dict[str, Run] = {}
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
                self._call(self._on_result, skipped(id_, "check.skipped.not_wanted"))
            elif self._launch.options.offline and id_ in NETWORK_CHECKS:
                self._call(self._on_result, skipped(id_, "check.skipped.offline"))
            else:
                self._run(id_, self._launch.options.timeout)

    def trust(self) -> None:
        """Let the iPhone ask its owner whether to trust this computer: only for a person who agreed just now."""
        if IPHONE_CHECK in self._launch.checks:
            self._run(IPHONE_CHECK, TRUST_SECONDS, pair=True)

    def _run(self, id_: str, timeout: float, **more: Any) -> None:
        """Run a check. The adb server is kept for the next run, and the list of readings starts empty."""
        from diagnostics.checks.runner import Run

        if id_ in PHONE_CHECKS and self.device is not None:
            more["device"] = self.device
        if id_ == PHONE_CHECK:
            self.readings = []
            more |= {"keep_adb": True, "stops_adb": True, "on_reading": self.readings.append}
        if id_ in self._runs:
            self._runs[id_].drop()
        self.lines[id_] = CheckLine(id=id_, state="running", began=time.monotonic())
        self._runs[id_] = Run(
            [_Deferred(self._session.knowledge, id_)],
            timeout=timeout,
            evidence=self._session.evidence,
            lang=self._session.lang,
            options=msgspec.structs.replace(self._launch.options, **more),
            on_progress=lambda progress: self._call(self.moved, progress),
            on_result=lambda result: self._call(self._on_result, result),
        )

    def cancel(self) -> None:
        """Ask every running check to end and return at once."""
        for line in self.running():
            self._runs[line.id].cancel()

    def moved(self, progress: Progress) -> None:
        """Note a step of a running check."""
        line = self.lines[progress.check]
        if line.state == "running":
            at = line.progress
            if progress.over and at is not None:  # another target's step is what is shown
                progress = msgspec.structs.replace(at, done=progress.done)
            self.lines[line.id] = msgspec.structs.replace(line, progress=progress)

    def ended(self, result: CheckResult) -> None:
        """Note that a check has ended."""
        self.lines[result.id] = msgspec.structs.replace(self.lines[result.id], state="done", result=result)
        self.started_adb |= bool(result.data.get("adb_left_running"))

    def verdict(self, id_: str) -> str | None:
        """Return what came of a check, None where it has not run."""
        line = self.lines.get(id_)
        return line.result.verdict if line is not None and line.result is not None else None

    def untrusted(self) -> bool:
        """Whether an iPhone was seen that does not trust this computer (yet)."""
        return self.verdict(IPHONE_CHECK) in UNTRUSTED

    @property
    def shown(self) -> list[CheckLine]:
        """What is said of checks: of a WeChat on this computer only that there is one, for most people have none."""
        found = self.verdict(DESKTOP_CHECK) == "computer.wechat_found"
        return [line for line in self.lines.values() if line.id != DESKTOP_CHECK or found]

    def running(self) -> list[CheckLine]:
        """Return the checks that are running, the longest first."""
        return sorted((line for line in self.lines.values() if line.state == "running"), key=lambda line: line.began)


class PhoneWatch:
    """Watches the phones on the cable: `androids` as the adb server knows them now, and how many `iphones` there are.

    Where nobody watches there are none. `call` takes from any thread what is to be called in the app's, with its
    arguments; `on_change` is called when other phones are there.
    """

    def __init__(
        self, checks: CheckRuns, launch: Launch, call: Callable[..., object], on_change: Callable[[], object]
    ) -> None:
        self.androids: ConnectedPhones | None = None
        self.iphones: int | None = None
        self._checks, self._launch, self._call, self._on_change = checks, launch, call, on_change
        self._over = threading.Event()
        self._absent = False

    def start(self) -> None:
        """Begin to watch, where a phone is to be looked at at all."""
        from diagnostics.phone.readout import parse_device

        choice = parse_device(self._launch.options.device)
        for id_, kind, watch in ((IPHONE_CHECK, "ios", self._watch_iphones), (PHONE_CHECK, "android", self._watch)):
            if id_ in self._launch.checks and not choice.excludes(kind):
                threading.Thread(target=watch, name=f"watch {kind}", daemon=True).start()

    def _watch(self) -> None:
        from diagnostics.network.deadline import Deadline, NoAnswerError
        from diagnostics.phone import adb_client

        if not self._launch.options.start_adb:
            try:
                adb_client.server_version(Deadline(adb_client.ANSWER, self._over))
            except NoAnswerError:
                return  # there is no server, and none will be started
        adb_client.watch_androids(self._tell, self._over)

    def _watch_iphones(self) -> None:
        from diagnostics.phone.usbmux import watch_iphones

        watch_iphones(self._tell, self._over)

    def _tell(self, seen: ConnectedPhones | int) -> None:
        self._call(self.take, seen)

    def take(self, seen: ConnectedPhones | int) -> None:
        """Check again after phones or their states changed; the first time the check itself does so."""
        if isinstance(seen, int):
            again, self.iphones = self.iphones not in (None, seen), seen
        else:
            before, self.androids = self.androids, seen
            again = before is not None and _states(before) != _states(seen)
            self._absent |= before is None and not seen.server
        if again:  # which phone is meant depends on all that are there
            self.choose(self._checks.device if self._checks.device in self.names() else None)
        self._on_change()

    def choose(self, serial: str | None) -> None:
        """Look at this phone from now on, as long as it is there."""
        self._checks.device = serial
        self._checks.start(*PHONE_CHECKS)

    def names(self) -> dict[str, str]:
        """Return what the phones are called that one can choose from, by what `--device` would take."""
        androids = self.androids.devices if self.androids is not None else ()
        named = {device.serial: f"{device.name}  {device.state}" for device in androids}
        return named | {f"ios:{number}": f"iPhone {number}" for number in range(1, (self.iphones or 0) + 1)}

    def stop(self) -> None:
        """Watch no longer."""
        self._over.set()

    def stop_adb_if_started(self) -> None:
        """Stop the adb server if it was started for this run; waits for it briefly."""
        self.stop()
        result = self._checks.lines[PHONE_CHECK].result
        unfinished = self._absent and (result is None or result.status == "cancelled")
        if self._checks.started_adb or (self._launch.options.start_adb and unfinished):
            from diagnostics.network.deadline import Deadline, NoAnswerError
            from diagnostics.phone import adb_client

            with contextlib.suppress(NoAnswerError):  # gone already, or silent: nothing is left to do
                adb_client.stop_server(Deadline(adb_client.ANSWER))


def _states(plugged: ConnectedPhones) -> set[tuple[str, str]]:
    return {(device.serial, device.state) for device in plugged.devices}
