"""What is wanted of a phone, what was read, and the course of a look: one form for Android phones and iPhones."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar

import msgspec

from diagnostics.evidence import Observation, StepResult
from diagnostics.network.deadline import NoAnswerError
from diagnostics.phone.device_choice import Choice

if TYPE_CHECKING:
    from collections.abc import Callable

    from diagnostics.network.deadline import Deadline

Value = str | int | float | list[str]


class PhoneRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What is wanted. `patience` and `silence` are in seconds, `minimum` is WeChat's version.

    `start_adb`: the person agreed that the adb server is started; it is stopped at the end unless `keep_adb`, and
    whoever asks stops it later where `stops_adb`. `hosts` are pinged from the phone. `pair`: the person agreed that the
    phone asks whether to trust this computer. `at` is the time to put on observations (RFC 3339).
    """

    choice: Choice
    start_adb: bool
    keep_adb: bool
    stops_adb: bool
    pair: bool
    hosts: tuple[str, ...]
    minimum: str | None
    silence: float
    patience: float
    at: str


class PhoneValue(msgspec.Struct, frozen=True):
    """One thing read on the phone: `command` is exactly what was asked, `text` the cleaned part that says it.

    In it `…` stands for what is left out, `-` for nothing.
    """

    id: str
    value: Value
    command: str
    text: str


class PhoneReadout(msgspec.Struct, kw_only=True):
    """How a look ended: the verdict (without its prefix) and what its text names, then what led to it.

    `first` and `notes` are the keys of lines above and below the verdict's, with their values; `data` says which phones
    there were.
    """

    verdict: str = "none"
    values: dict[str, Any] = {}
    operation: str = ""
    failure: str | None = None
    data: dict[str, Any] = {}
    first: list[tuple[str, dict[str, Any]]] = []
    notes: list[tuple[str, dict[str, Any]]] = []
    steps: tuple[StepResult, ...] = ()
    readings: tuple[PhoneValue, ...] = ()
    observations: tuple[Observation, ...] = ()


class EndError(Exception):
    """The look is over early, with this verdict."""

    def __init__(self, verdict: str, **values: Any) -> None:
        self.verdict, self.values = verdict, values


class Look(ABC):
    """One look at a phone of one `system`: `on_step(step, done, total)` is told what it is at, `on_reading` each value.

    It ends with the deadline and raises nothing that a phone or a service on this computer can cause.
    """

    system: ClassVar[str]
    service: ClassVar[str]
    nothing: ClassVar[dict[str, Any]] = {"device": None, "devices": []}
    """What is known of the phones before anybody looked."""

    def __init__(
        self, asked: PhoneRequest, deadline: Deadline, on_step: Callable[[str, int, int], None],
        on_reading: Callable[[PhoneValue], None],
    ) -> None:  # fmt: skip
        self._asked, self._deadline, self._on_step, self._on_reading = asked, deadline, on_step, on_reading
        self._seen = PhoneReadout(operation=self.service, data=dict(self.nothing))

    def run(self) -> PhoneReadout:
        """Go through the steps to the first that does not succeed."""
        seen = self._seen
        if self._asked.choice.excludes(self.system):
            seen.verdict = "not_wanted"
            return seen
        try:
            self._look()
        except EndError as end:
            seen.verdict, seen.values = end.verdict, end.values
        except NoAnswerError as error:
            self._broke(error)
        self._finish()
        return seen

    @abstractmethod
    def _look(self) -> None:
        """Find the phone and read it, into what is seen. Raises EndError, NoAnswerError."""

    @abstractmethod
    def _broke(self, error: NoAnswerError) -> None:
        """Note the verdict on a step that gave no usable answer."""

    @abstractmethod
    def _finish(self) -> None:
        """Put together what was seen, and clean up."""
