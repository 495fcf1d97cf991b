"""What is wanted of a phone, and what was read: one form for Android phones and iPhones."""

from __future__ import annotations

from typing import Any

import msgspec

from diagnostics.evidence import Observation
from diagnostics.network.measurements import Step
from diagnostics.phone.device_choice import Choice

Value = str | int | float | list[str]


class PhoneRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What is wanted. `patience` and `silence` are in seconds, `minimum` is WeChat's version.

    `start_adb`: the person agreed that the adb server is started; it is stopped at the end unless `keep_adb`, and
    whoever asks stops it later where `stops_adb`. `hosts` are pinged from the phone. `pair`: the person agreed that the
    phone asks whether to trust this computer. `at` is the time to put on observations (RFC 3339).
    """

    choice: Choice = Choice()
    start_adb: bool = False
    keep_adb: bool = False
    stops_adb: bool = False
    pair: bool = False
    hosts: tuple[str, ...] = ()
    minimum: str | None = None
    silence: float = 4.0
    patience: float = 8.0
    at: str = ""


class PhoneValue(msgspec.Struct, frozen=True):
    """One thing read on the phone: `command` is exactly what was asked, `text` the cleaned part that says it.

    In it `…` stands for what is left out, `-` for nothing.
    """

    id: str
    value: Value
    command: str
    text: str


class PhoneStep(Step, frozen=True, kw_only=True):
    """One timed question to the phone or to its service on this computer."""

    name: str
    target: str = ""
    detail: str = ""


class PhoneReadout(msgspec.Struct, kw_only=True):
    """How a look ended: the verdict (without its prefix) and what its text names, then what led to it.

    `notes` are the keys of lines below the verdict's, with their values; `data` says which phones there were.
    """

    verdict: str = "none"
    values: dict[str, Any] = {}
    operation: str = ""
    failure: str | None = None
    data: dict[str, Any] = {}
    notes: list[tuple[str, dict[str, Any]]] = []
    steps: tuple[PhoneStep, ...] = ()
    readings: tuple[PhoneValue, ...] = ()
    observations: tuple[Observation, ...] = ()


class EndError(Exception):
    """The look is over early, with this verdict."""

    def __init__(self, verdict: str, **values: Any) -> None:
        self.verdict, self.values = verdict, values
