"""Checks that other packages bring: entry points of the group `weilidai_doctor.checks`.

Each names something that takes the knowledge base and returns a `Check` whose id is the entry point's name. What a
plug-in does wrong stays inside: it becomes a result of status `error`, and its readings are checked like answers.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

import msgspec

from diagnostics.answers import AnswerError, parse_answer
from diagnostics.checks.base import CheckResult, Context
from diagnostics.clean import clean, clean_line

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

    from diagnostics.evidence import Observation
    from diagnostics.knowledge.model import Knowledge

GROUP: Final = "weilidai_doctor.checks"


@cache
def found() -> dict[str, EntryPoint]:
    """Return the installed plug-ins by the id of their check; looked for once."""
    from importlib.metadata import entry_points

    return {clean_line(point.name, 80): point for point in sorted(entry_points(group=GROUP), key=lambda one: one.name)}


class PluginCheck:
    """A check from a plug-in, imported when it runs and not believed more than a person is."""

    network = True
    """What a plug-in touches nobody can say: `--offline` leaves all of them out."""

    def __init__(self, id_: str, knowledge: Knowledge) -> None:
        self.id = id_
        self._knowledge = knowledge

    def run(self, context: Context) -> CheckResult:
        """Import, make and run it. Whatever it raises the runner turns into a result of status `error`."""
        make = found()[self.id].load()
        result = make(self._knowledge).run(context)
        if not isinstance(result, CheckResult):
            raise TypeError(f"{self.id} returned {type(result).__name__}, not a CheckResult")
        return self._cleaned(result)

    def _cleaned(self, result: CheckResult) -> CheckResult:
        faults: list[str] = []
        kept: list[Observation] = []
        for seen in result.observations:
            try:
                value = parse_answer(self._knowledge, seen.id, seen.value)
            except AnswerError as error:
                faults.append(str(error))
                continue
            detail = clean(seen.detail) if seen.detail is not None else None
            kept.append(msgspec.structs.replace(seen, value=value, source="computer", detail=detail))
        return msgspec.structs.replace(
            result,
            id=self.id,
            status="error" if faults else result.status,
            detail=clean("; ".join([result.detail, *faults]) if faults else result.detail),
            data=_plain(result.data),
            observations=tuple(kept),
        )


def _plain(data: Any, depth: int = 6) -> Any:
    """Return data with every text cleaned, bounded in depth and length; anything else than JSON as its name."""
    if isinstance(data, str):
        return clean(data)
    if data is None or isinstance(data, (bool, int, float)):
        return data
    if depth and isinstance(data, dict):
        return {clean_line(str(key), 80): _plain(value, depth - 1) for key, value in list(data.items())[:200]}
    if depth and isinstance(data, (list, tuple)):
        return [_plain(value, depth - 1) for value in data[:200]]
    return type(data).__name__
