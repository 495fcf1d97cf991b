"""Which phone on the cable is meant: `--device SERIAL|android:N|ios|ios:N|none`, with numbers in the order listed."""

from __future__ import annotations

import contextlib
import re
from typing import TYPE_CHECKING, Final

import msgspec

from diagnostics.i18n import UserError
from diagnostics.network.deadline import NoAnswerError
from diagnostics.phone.adb_client import list_devices, mask

if TYPE_CHECKING:
    from diagnostics.network.deadline import Deadline
    from diagnostics.phone.adb_client import Device

BESIDE: Final = 1.0
"""Seconds to look for phones of the other kind; the services on this computer answer in milliseconds."""
NOBODY: Final = "none"
"""The device that stands for not looking."""
_NAMED: Final = re.compile(r"(android|ios)(?::(.*))?", re.DOTALL)


class Choice(msgspec.Struct, frozen=True):
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


def parse_device(text: str | None) -> Choice:
    """Read the value of `--device`. Raises UserError for `ios:` or `android:` with what is no number from 1 up."""
    if text is None:
        return Choice()
    if text == NOBODY:
        return Choice(system=NOBODY)
    named = _NAMED.fullmatch(text)
    if named is None:
        return Choice(system="android", serial=text)
    if named[2] is None:
        return Choice(system=named[1])
    if not re.fullmatch(r"[1-9][0-9]{0,2}", named[2]):
        raise UserError("cli.device_number", "--device", system=named[1])
    return Choice(system=named[1], number=int(named[2]))


def iphone_names(count: int) -> list[str]:
    """Return what iPhones are called here: their numbers, for all else that tells them apart is personal."""
    return [f"ios:{number} (iPhone)" for number in range(1, count + 1)]


def android_names(devices: tuple[Device, ...]) -> list[str]:
    """Return what Android phones are called: a number, the model, the end of the serial."""
    return [f"android:{number} ({device.name})" for number, device in enumerate(devices, 1)]


def iphones_beside(deadline: Deadline) -> int:
    """Return how many iPhones are on the cable; none where Apple's service is not there or does not answer."""
    from diagnostics.phone.usbmux import list_iphones

    try:
        return len(list_iphones(deadline.within(BESIDE)))
    except NoAnswerError:
        deadline.left()
        return 0


def androids_beside(deadline: Deadline, seconds: float) -> tuple[Device, ...]:
    """Return the Android phones that a running adb server knows; wait up to `seconds` for one that is being started."""
    patience = deadline.within(max(seconds, BESIDE))
    found: tuple[Device, ...] = ()
    while not found:
        with contextlib.suppress(NoAnswerError):
            found = list_devices(patience)
        deadline.left()
        if found or not seconds or patience.over:
            break
        with contextlib.suppress(NoAnswerError):
            patience.pause(0.1)
    return found
