"""What `ask` asks about the phones on the cable: which of several, and whether an iPhone may ask for trust."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Final

import msgspec

from diagnostics.checks import IPHONE_CHECK, PHONE_CHECKS
from tui.commands.check import run_checks
from tui.exits import talk
from tui.plain import GO_ON, MAX_LINE

if TYPE_CHECKING:
    from diagnostics.checks.base import CheckResult
    from tui.options import Shared

TRUST_SECONDS: Final = 60.0
"""Seconds for a person to unlock an iPhone, tap and enter its passcode."""


class Input(io.TextIOWrapper):
    """Lines of input, of which the last one can be put back: it may have been meant for the question after."""

    _held = ""

    def readline(self, size: int = -1, /) -> str:  # type: ignore[override]  # as the class itself has it
        """Return the line that was put back, else the next one."""
        line, self._held = self._held, ""
        return line or super().readline(size)

    def put_back(self, line: str) -> None:
        """Give this line again next time."""
        self._held = line


def settle_phones(shared: Shared, results: list[CheckResult], lines: Input) -> list[CheckResult]:
    """Ask what the checks left open about the phones, and return the results with those of the checks done anew."""
    verdicts = {result.verdict for result in results}
    if verdicts & {"phone.several", "phone.ios_several"}:
        device = _which(shared, lines)
        if device is not None:
            shared = msgspec.structs.replace(shared, device=device)
            results = _again(shared, results, tuple(id_ for id_ in PHONE_CHECKS if id_ in shared.checks))
            verdicts = {result.verdict for result in results}
    if "phone.ios_untrusted" in verdicts and not shared.pair:
        talk(shared.knowledge.say("ask.trust", shared.lang))
        if _typed(lines, GO_ON) is not None:
            talk(shared.knowledge.say("ask.trust_wait", shared.lang, seconds=f"{TRUST_SECONDS:.0f}"))
            device = shared.device or "ios"
            agreed = msgspec.structs.replace(shared, pair=True, device=device, timeout=TRUST_SECONDS)
            results = _again(agreed, results, (IPHONE_CHECK,))
    return results


def _which(shared: Shared, lines: Input) -> str | None:
    """Return the phone that the person names, as `--device` takes it; None where none is to be looked at."""
    from diagnostics.phone.adb_client import Wait
    from diagnostics.phone.device_choice import android_names, androids_beside, iphone_names, iphones_beside

    wait = Wait(5.0)
    names = [*android_names(androids_beside(wait, 0)), *iphone_names(iphones_beside(wait))]
    if not names:
        return None
    talk(shared.knowledge.say("ask.which_phone", shared.lang))
    for number, name in enumerate(names, 1):
        talk(f"  {number}. {name}")
    typed = _typed(lines, {str(number) for number in range(1, len(names) + 1)})
    return names[int(typed) - 1].split()[0] if typed is not None else None


def _typed(lines: Input, wanted: set[str] | frozenset[str]) -> str | None:
    """Return what was typed where it is one of these words; another line is put back for the next question."""
    line = lines.readline(MAX_LINE)
    word = line.strip().lower()
    if word in wanted:
        return word
    if word not in ("", "n", "no", "否", "不"):
        lines.put_back(line)
    return None


def _again(shared: Shared, results: list[CheckResult], ids: tuple[str, ...]) -> list[CheckResult]:
    """Run these checks again and return all results, the new ones in the place of the old."""
    new = {result.id: result for result in run_checks(msgspec.structs.replace(shared, checks=ids))}
    return [new[result.id] if result.id in ids else result for result in results]
