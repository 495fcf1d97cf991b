"""The interface of checks: they examine the machine and return a result with observations."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import Any, Final, Literal, Protocol

import msgspec

from diagnostics.evidence import Evidence, Observation
from diagnostics.evidence import StepResult as StepResult  # a name that plug-ins use
from diagnostics.i18n import Wording

CheckStatus = Literal["pass", "warn", "fail", "skipped", "unknown", "error", "cancelled"]


class CheckResult(msgspec.Struct, frozen=True, kw_only=True):
    """How one check ended.

    `pass`, `warn` and `fail` are findings; `unknown` means it ran and could not tell; `error` that the check itself
    broke; `skipped` and `cancelled` that it did not run to its end. `verdict` is a stable code, `operation` the step
    that decided, `failure` the OONI failure string, `detail` what it says: worded where it is shown, in the language
    of that moment, or cleaned text as it is.
    `data` holds what belongs to this check alone (targets, figures): JSON values, and texts to be worded.
    """

    id: str
    status: CheckStatus
    verdict: str | None = None
    operation: str | None = None
    failure: str | None = None
    duration_ms: float = 0.0
    detail: Wording = ""
    steps: tuple[StepResult, ...] = ()
    data: dict[str, Any] = {}
    observations: tuple[Observation, ...] = ()


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """The progress of a running check: `step` (resolve, connect, tls, http, ...) on `target`, since `at` (monotonic).

    `over` tells that the target is done; `step` was its last one.
    """

    check: str
    step: str
    target: str = ""
    at: float = msgspec.field(default_factory=time.monotonic)
    done: int = 0
    total: int = 0
    over: bool = False


class CheckOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Settings and command line choices that checks read."""

    timeout: float = 10.0
    """Seconds for all that a check does."""
    offline: bool = False
    """No network is used."""
    targets: Sequence[str] = ()
    """URLs in the place of the built-in ones."""
    limits: dict[str, Any] = {}
    """What takes the place of the probe's own limits (`network.probe.Limits`)."""
    device: str | None = None
    """Which phone to look at, as `--device` names it."""
    start_adb: bool = False
    """The person agreed that the adb server is started; it is stopped at the end unless `keep_adb`."""
    keep_adb: bool = False
    stops_adb: bool = False
    """Whoever asks stops the adb server later."""
    pair: bool = False
    """The person agreed that the phone asks whether to trust this computer."""
    phone_silence: float = 4.0
    """Seconds after which a phone that says nothing at all is given up."""
    phone_patience: float = 8.0
    """Seconds that a phone which talks gets for the whole."""
    on_reading: Callable[[dict[str, Any]], None] = lambda _reading: None
    """Told each reading of a phone as it comes, on the check's thread."""


DEFAULTS: Final = CheckOptions()


class Context(msgspec.Struct, frozen=True, kw_only=True):
    """What a check gets: the evidence so far, its deadline, the cancel flag, options, and a progress callback.

    `deadline` is on `time.monotonic()`.
    """

    evidence: Evidence
    deadline: float
    cancelled: threading.Event
    lang: str = "zh"
    options: CheckOptions = DEFAULTS
    progress: Callable[[Progress], None] = lambda _progress: None

    def remaining(self) -> float:
        """Seconds left until the deadline, never below zero."""
        return max(0.0, self.deadline - time.monotonic())


class Check(Protocol):
    """An automated check, registered by its id."""

    @property
    def id(self) -> str:
        """The stable id, for example `network.reachability`."""
        ...

    @property
    def network(self) -> bool:
        """Whether it uses the network: `--offline` skips it."""
        ...

    def run(self, context: Context) -> CheckResult:
        """Run to the end or to `context.deadline`; return early once `context.cancelled` is set."""
        ...
