"""Checks that other packages bring: entry points of the group `weilidai_doctor.checks`.

Each names something that takes the knowledge base and returns a `Check` whose id is the entry point's name. What a
plug-in does wrong stays inside: what it raises becomes a result of status `error`, what it prints goes to stderr, its
result is held to its types and cleaned, and its readings are checked like answers.
"""

from __future__ import annotations

import math
import os
import sys
import threading
from functools import cache
from typing import TYPE_CHECKING, Any, Final, TextIO

import msgspec

from diagnostics.answers import AnswerError, parse_answer
from diagnostics.checks.base import CheckResult, Context
from diagnostics.evidence import now
from diagnostics.i18n import Message
from diagnostics.sanitize import clean, clean_line

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

    from diagnostics.evidence import Observation
    from diagnostics.knowledge.model import Knowledge

GROUP: Final = "weilidai_doctor.checks"
_MOST: Final = 1 << 53
"""Greatest whole number that every reader of JSON takes."""


@cache
def found() -> dict[str, EntryPoint]:
    """Return the installed plug-ins by the id of their check; looked for once."""
    if not any(map(_may_bring, sys.path)):
        return {}
    from importlib.metadata import entry_points

    return {clean_line(point.name, 80): point for point in sorted(entry_points(group=GROUP), key=lambda one: one.name)}


def _may_bring(place: str) -> bool:
    """Whether a package in this folder may have plug-ins; much faster than `importlib.metadata`."""
    try:
        with os.scandir(place or ".") as entries:
            infos = (one.path for one in entries if one.name[-5:].lower() == "-info")
            return any(_names_group(f"{info}/entry_points.txt") for info in infos)
    except FileNotFoundError:
        return False
    except OSError:
        return True  # what is in an archive only the library can see


def _names_group(path: str) -> bool:
    try:
        with open(path, "rb") as file:  # noqa: PTH123  pathlib takes twice as long
            return GROUP.encode() in file.read()
    except (FileNotFoundError, NotADirectoryError):
        return False


class PluginCheck:
    """A check from a plug-in: imported when it runs, its observations validated like answers of a person."""

    network = True
    """What a plug-in touches nobody can say: `--offline` leaves all of them out."""

    def __init__(self, id_: str, knowledge: Knowledge) -> None:
        self.id = id_
        self._knowledge = knowledge
        _keep_stdout_apart()

    def run(self, context: Context) -> CheckResult:
        """Import, make and run it. Whatever it raises the runner turns into a result of status `error`."""
        try:
            make = found()[self.id].load()
            result = make(self._knowledge).run(context)
        except (KeyboardInterrupt, GeneratorExit) as broken:  # meant for the program, not to be raised by a plug-in
            raise RuntimeError(f"{self.id} raised {type(broken).__name__}") from None
        if not isinstance(result, CheckResult):
            raise TypeError(f"{self.id} returned {type(result).__name__}, not a CheckResult")
        return self._checked(_typed(result))

    def _checked(self, result: CheckResult) -> CheckResult:
        """Return the result under the plug-in's id, with the readings that would pass as answers."""
        faults: list[Message] = []
        kept: list[Observation] = []
        for seen in result.observations:
            try:
                value = parse_answer(self._knowledge, seen.id, seen.value)
            except AnswerError as error:
                faults.append(Message.fault(error))
                continue
            at = seen.observed_at or now()
            kept.append(msgspec.structs.replace(seen, value=value, source="computer", observed_at=at))
        told = result.detail if isinstance(result.detail, tuple) else (result.detail,)
        return msgspec.structs.replace(
            result,
            id=self.id,
            status="error" if faults else result.status,
            detail=(*told, *faults) if faults else result.detail,
            observations=tuple(kept),
        )


def _typed(result: CheckResult) -> CheckResult:
    """Return the result with every member of its type and every text cleaned; raises where one is of another type."""
    members = {name: getattr(result, name) for name in CheckResult.__struct_fields__}
    steps, seen = members.pop("steps"), members.pop("observations")
    plain = {name: _plain(value) for name, value in members.items()}
    plain["steps"] = [_plain(msgspec.to_builtins(step)) for step in steps]
    plain["observations"] = [_plain(msgspec.to_builtins(one)) for one in seen]
    return msgspec.convert(plain, CheckResult)


def _plain(data: Any, depth: int = 6) -> Any:
    """Return data with every text cleaned, bounded in depth and length; anything else than JSON as its name."""
    if isinstance(data, str):
        return clean(data)
    if isinstance(data, float):
        return data if math.isfinite(data) else 0.0
    if data is None or (isinstance(data, int) and abs(data) < _MOST):
        return data
    if depth and isinstance(data, dict):
        return {clean_line(str(key), 80): _plain(value, depth - 1) for key, value in list(data.items())[:200]}
    if depth and isinstance(data, (list, tuple)):
        return [_plain(value, depth - 1) for value in data[:200]]
    return type(data).__name__


class _MainThreadOnly:
    """A stdout for the main thread only: what other threads print goes to stderr."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write, to where this thread may."""
        main = threading.current_thread() is threading.main_thread()
        stream = self._stream if main else sys.stderr
        return len(text) if stream is None else stream.write(text)

    def __getattr__(self, name: str) -> Any:
        main = threading.current_thread() is threading.main_thread()
        return getattr(self._stream if main or sys.stderr is None else sys.stderr, name)


_apart: Final[list[_MainThreadOnly]] = []
"""Every such stream: one that is freed while a thread prints crashes Python up to 3.13 (gh-130163)."""
_one_at_a_time: Final = threading.Lock()


def _keep_stdout_apart() -> None:
    """Put such a stream in the place of stdout, before any check runs and for good."""
    with _one_at_a_time:
        if sys.stdout is not None and not isinstance(sys.stdout, _MainThreadOnly):
            _apart.append(_MainThreadOnly(sys.stdout))
            sys.stdout = _apart[-1]
