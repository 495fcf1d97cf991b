"""What is known, from whom and since when. Answers and checks produce observations and nothing else."""

from __future__ import annotations

import os
import re
import time
from typing import TYPE_CHECKING, Final, Literal

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable

Source = Literal["answer", "phone", "computer", "operator", "file", "story"]
Value = str | int | float | list[str]

UNKNOWN: Final = "unknown"
"""The answer "I don't know": valid everywhere, meets no row, and is not asked again."""

_WEIGHT: Final[dict[Source, int]] = {"phone": 4, "answer": 3, "operator": 3, "file": 3, "story": 2, "computer": 1}


class Observation(msgspec.Struct, frozen=True, kw_only=True):
    """One thing seen or said: `id` of the question or check, its value, and who says so.

    `source`: `answer` is the user's own word, `operator` a supporter's entry about the user, `file` a value read
    from imported material, `story` what was read in their own words, `phone` and `computer` are measurements.
    `observed_at` is RFC 3339 in UTC. `detail` is cleaned text: the raw excerpt or the command that gave the reading.
    `band` is the range that the value stands for where only that was kept (`18-60`).
    """

    id: str
    value: Value
    source: Source = "answer"
    observed_at: str | None = None
    detail: str | None = None
    band: str | None = None

    def __post_init__(self) -> None:
        """Take a band out of the detail, where versions before 0.2 kept it."""
        if self.detail is not None and self.source not in ("phone", "computer"):
            found = re.fullmatch(r"band ([0-9]+-[0-9]+)", self.detail)
            if found is not None:
                msgspec.structs.force_setattr(self, "band", found[1])
                msgspec.structs.force_setattr(self, "detail", None)

    @property
    def known(self) -> bool:
        """Whether it says anything: `unknown` is an answer, but no knowledge."""
        return self.value != UNKNOWN


class StepResult(msgspec.Struct, frozen=True, kw_only=True):
    """One timed step of a check: `failure` is an OONI failure string or None where the step succeeded."""

    name: str
    target: str = ""
    started_ms: float = 0.0
    duration_ms: float = 0.0
    failure: str | None = None
    detail: str = ""


class Evidence:
    """All observations of one case, immutable: `plus` gives a new one.

    Of two known observations of the same id the weightier holds: a measurement on the phone outranks an answer,
    an answer outranks what was read in a story, and that a measurement on this computer (contract, sections 4 and 7);
    of equal weight the later.
    """

    __slots__ = ("_effective", "all")

    def __init__(self, observations: Iterable[Observation] = ()) -> None:
        self.all: tuple[Observation, ...] = tuple(observations)
        effective: dict[str, Observation] = {}
        for seen in self.all:
            held = effective.get(seen.id)
            if held is None or _rank(seen) >= _rank(held):
                effective[seen.id] = seen
        self._effective = effective

    def get(self, id_: str) -> Observation | None:
        """Return the observation that holds for this id, or None where nothing was observed."""
        return self._effective.get(id_)

    def value(self, id_: str) -> Value | None:
        """Return the value that holds, or None where nothing was observed or the answer is `unknown`."""
        seen = self._effective.get(id_)
        return seen.value if seen is not None and seen.known else None

    def effective(self) -> Iterable[tuple[str, Observation]]:
        """Return every observed id with the observation that holds, in the order first seen."""
        return self._effective.items()

    def values(self) -> dict[str, Value | tuple[str, ...]]:
        """Return what holds under every observed id, `unknown` included, lists as tuples."""
        return {
            id_: tuple(seen.value) if isinstance(seen.value, list) else seen.value
            for id_, seen in self._effective.items()
        }

    @property
    def undisputed(self) -> bool:
        """Whether no id was observed twice."""
        return len(self.all) == len(self._effective)

    def conflicting(self, id_: str) -> tuple[Observation, ...]:
        """Return the known observations of this id, the one that holds first."""
        held = self._effective.get(id_)
        known = [seen for seen in self.all if seen.id == id_ and seen.known]
        return tuple(sorted(known, key=lambda seen: seen is not held))

    def plus(self, *observations: Observation) -> Evidence:
        """Return evidence with these added; one of the same id and source is replaced."""
        new = {(seen.id, seen.source) for seen in observations}
        return Evidence([*(old for old in self.all if (old.id, old.source) not in new), *observations])


def _rank(seen: Observation) -> tuple[bool, int]:
    return (seen.known, _WEIGHT[seen.source])


def now() -> str:
    """Return the time as RFC 3339 in UTC, to the second; `SOURCE_DATE_EPOCH` stands for it where set."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    seconds = int(epoch) if epoch and re.fullmatch("[0-9]{1,11}", epoch) else None
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))
