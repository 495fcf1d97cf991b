"""Request, result and course of reading a phone, the same for Android phones and iPhones.

Which phone on the cable is meant: `--device SERIAL|android:N|ios|ios:N|none`, with numbers in the order listed.
"""

from __future__ import annotations

import contextlib
import re
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar, Final

import msgspec

from diagnostics.evidence import Observation, StepResult
from diagnostics.i18n import UserError
from diagnostics.network.deadline import NoAnswerError
from diagnostics.phone.adb_client import list_devices, mask

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from diagnostics.network.deadline import Deadline
    from diagnostics.phone.adb_client import Device

Value = str | int | float | list[str]

OTHER_KIND_SECONDS: Final = 1.0
"""Seconds to look for phones of the other kind; the services on this computer answer in milliseconds."""
NO_DEVICE: Final = "none"
"""The device that stands for not looking."""
_NAMED: Final = re.compile(r"(android|ios)(?::(.*))?", re.DOTALL)


class DeviceChoice(msgspec.Struct, frozen=True):
    """One phone, or any where nothing is named. `number` counts from 1; `serial` is an adb serial or its end."""

    system: str | None = None
    number: int | None = None
    serial: str | None = None

    def excludes(self, system: str) -> bool:
        """Whether phones with this system are not to be looked at."""
        return self.system not in (None, system)

    @property
    def shown(self) -> str:
        """The phone that was named as it may be shown: a serial with all but its end hidden."""
        if self.serial is not None:
            return mask(self.serial)
        return f"{self.system}:{self.number}" if self.number else self.system or ""


def parse_device(text: str | None) -> DeviceChoice:
    """Parse the value of `--device`. Raises UserError for an invalid number after `ios:` or `android:`."""
    if text is None or text == NO_DEVICE:
        return DeviceChoice(text)
    named = _NAMED.fullmatch(text)
    if named is None:
        return DeviceChoice("android", serial=text)
    if named[2] is None:
        return DeviceChoice(named[1])
    if not re.fullmatch(r"[1-9][0-9]{0,2}", named[2]):
        raise UserError("cli.device_number", "--device", system=named[1])
    return DeviceChoice(named[1], int(named[2]))


def iphone_names(count: int) -> list[str]:
    """Return display names of iPhones: numbers, as everything else that identifies them is personal."""
    return [f"ios:{number} (iPhone)" for number in range(1, count + 1)]


def android_names(devices: tuple[Device, ...]) -> list[str]:
    """Return display names of Android phones: number, model, end of the serial."""
    return [f"android:{number} ({device.name})" for number, device in enumerate(devices, 1)]


def iphones_beside(deadline: Deadline) -> int:
    """Return how many iPhones are on the cable; none where Apple's service is not there or does not answer."""
    from diagnostics.phone.usbmux import list_iphones

    try:
        return len(list_iphones(deadline.within(OTHER_KIND_SECONDS)))
    except NoAnswerError:
        deadline.left()
        return 0


def androids_beside(deadline: Deadline, seconds: float) -> tuple[Device, ...]:
    """Return the Android phones that a running adb server knows; wait up to `seconds` for one that is being started."""
    patience = deadline.within(max(seconds, OTHER_KIND_SECONDS))
    while True:
        with contextlib.suppress(NoAnswerError):
            if (found := list_devices(patience)) or not seconds:
                return found
        deadline.left()
        if not seconds or patience.over:
            return ()
        with contextlib.suppress(NoAnswerError):
            patience.pause(0.1)


class PhoneRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What is wanted. `patience` and `silence` are in seconds, `minimum` is WeChat's version.

    `start_adb`: the person agreed that the adb server is started; it is stopped at the end unless `keep_adb`, and
    whoever asks stops it later where `stops_adb`. `pair`: the person agreed that the phone asks whether to trust this
    computer. `at` is the time to put on observations (RFC 3339).
    """

    choice: DeviceChoice
    start_adb: bool
    keep_adb: bool
    stops_adb: bool
    pair: bool
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


def to_observations(
    readings: Iterable[PhoneValue], at: str, rows: Iterable[tuple[str, str | None, tuple[str, ...]]]
) -> tuple[Observation, ...]:
    """Return the observations of a phone from rows of id, value, and the readings that prove it.

    Unknown values and those without a reading are left out.
    """
    read = {reading.id: reading for reading in readings}
    found = []
    for id_, value, because in rows:
        detail = "; ".join(f"{read[name].command}: {read[name].text}" for name in because if name in read)
        if value is not None and detail:
            found.append(Observation(id=id_, value=value, source="phone", observed_at=at, detail=detail))
    return tuple(found)


class PhoneReadout(msgspec.Struct, kw_only=True):
    """The result of reading a phone: the verdict (without its prefix), values of its text, and details.

    `above` and `below` are the keys of lines above and below the verdict's, with their values; `data` says which phones
    there were.
    """

    verdict: str = "none"
    values: dict[str, Any] = {}
    operation: str
    failure: str | None = None
    data: dict[str, Any]
    above: list[tuple[str, dict[str, Any]]] = []
    below: list[tuple[str, dict[str, Any]]] = []
    steps: tuple[StepResult, ...] = ()
    readings: tuple[PhoneValue, ...] = ()
    observations: tuple[Observation, ...] = ()


class StopReadingError(Exception):
    """Ends reading the phone early, with this verdict."""

    def __init__(self, verdict: str, **values: Any) -> None:
        self.verdict, self.values = verdict, values


class PhoneReader(ABC):
    """Reads a phone of one `system`: `on_step(step, done, total)` is told what it is at, `on_reading` each value.

    It ends with the deadline and raises nothing that a phone or a service on this computer can cause.
    """

    system: ClassVar[str]
    service: ClassVar[str]
    no_phone: ClassVar[dict[str, Any]] = {"device": None, "devices": []}
    """What is known of the phones before anybody looked."""

    def __init__(
        self, asked: PhoneRequest, deadline: Deadline, on_step: Callable[[str, int, int], None],
        on_reading: Callable[[PhoneValue], None],
    ) -> None:  # fmt: skip
        self._asked, self._deadline, self._on_step, self._on_reading = asked, deadline, on_step, on_reading
        self._readout = PhoneReadout(operation=self.service, data=dict(self.no_phone))

    def run(self) -> PhoneReadout:
        """Go through the steps to the first that does not succeed."""
        seen = self._readout
        if self._asked.choice.excludes(self.system):
            seen.verdict = "not_wanted"
            return seen
        try:
            self._read_phone()
        except StopReadingError as end:
            seen.verdict, seen.values = end.verdict, end.values
        except NoAnswerError as error:
            self._note_failure(error)
        self._finish()
        return seen

    @abstractmethod
    def _read_phone(self) -> None:
        """Find the phone and read it. Raises StopReadingError, NoAnswerError."""

    @abstractmethod
    def _note_failure(self, error: NoAnswerError) -> None:
        """Set the verdict for a step without a usable answer."""

    @abstractmethod
    def _finish(self) -> None:
        """Complete the result, and clean up."""
