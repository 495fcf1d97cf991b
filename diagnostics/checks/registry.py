"""The checks by id: how they are made and run; and the check of the version, which needs the answers alone.

Other packages bring checks as entry points of the group `weilidai_doctor.checks`. Each names something that takes the
knowledge base and returns a `Check` whose id is the entry point's name. What a plug-in does wrong stays inside: what
it raises becomes a result of status `error`, what it prints goes to stderr, its result is held to its types and
cleaned, and its readings are checked like answers.
"""

from __future__ import annotations

import math
import os
import sys
import threading
import time
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, TextIO

import msgspec

from diagnostics.answers import AnswerError, parse_answer
from diagnostics.checks.base import DEFAULTS, Check, CheckOptions, CheckResult, Context
from diagnostics.engine.facts import Facts, State, read_wechat
from diagnostics.evidence import Evidence, now
from diagnostics.i18n import Message
from diagnostics.sanitize import clean, clean_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from importlib.metadata import EntryPoint

    from diagnostics.checks.base import CheckStatus
    from diagnostics.evidence import Observation
    from diagnostics.knowledge.model import Knowledge


GROUP: Final = "weilidai_doctor.checks"
_MOST: Final = 1 << 53
"""Greatest whole number that every reader of JSON takes."""


@cache
def _plugins() -> dict[str, EntryPoint]:
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
            make = _plugins()[self.id].load()
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
_MOVING: Final = threading.Lock()


def _keep_stdout_apart() -> None:
    """Put such a stream in the place of stdout, before any check runs and for good."""
    with _MOVING:
        if sys.stdout is not None and not isinstance(sys.stdout, _MainThreadOnly):
            _apart.append(_MainThreadOnly(sys.stdout))
            sys.stdout = _apart[-1]


class VersionCheck:
    """Compares the given WeChat version with the minimum; gives no observation."""

    id = "wechat.version"
    network = False

    def __init__(self, knowledge: Knowledge) -> None:
        self._knowledge = knowledge

    def run(self, context: Context) -> CheckResult:
        """Read and compare; `skipped` where no version was given, `unknown` where it says nothing."""
        facts = Facts(self._knowledge, context.evidence.values())
        status, verdict, values = self._judge(facts)
        return CheckResult(
            id=self.id,
            status=status,
            verdict=f"version.{verdict}",
            operation="compare",
            detail=Message(f"check.wechat.version.{verdict}", values),
            data={key: value for key, value in values.items() if value is not None},
        )

    def _judge(self, facts: Facts) -> tuple[CheckStatus, str, dict[str, Any]]:
        told = facts.answer(self.id)
        if told.state is not State.KNOWN:
            return "skipped", "not_given", {}
        reading = read_wechat(str(told.value))
        if reading.version is None:
            return "unknown", "unreadable", {"reason": Message("wechat_version.error", {"text": str(told.value)})}
        platform = facts["client.platform"].value
        values = {"version": reading.version, "build": reading.build, "platform": platform, "form": reading.form}
        minimum = self._knowledge.minimum("wechat", str(platform))
        if minimum is not None:
            values |= {"minimum": minimum.version, "confidence": minimum.confidence}
        against = facts["wechat.against_minimum"]
        if against.state is not State.KNOWN:
            return "unknown", "no_minimum", values
        return ("pass", "met", values) if against.value == "met" else ("fail", "below_minimum", values)


NETWORK_CHECKS = ("network.reachability",)
"""Checks that use the network; they are imported only when one is run."""
PHONE_CHECK = "phone.android"
IPHONE_CHECK = "phone.ios"
PHONE_CHECKS = (PHONE_CHECK, IPHONE_CHECK)
TRUST_SECONDS: Final = 60.0
"""Seconds for a person to unlock an iPhone, tap and enter its passcode."""
LIVE_CHECKS = (*NETWORK_CHECKS, *PHONE_CHECKS)
"""Checks that wait for something outside this computer: run side by side, under one deadline."""
_CLASSES: Final = {
    VersionCheck.id: ("registry", "VersionCheck"),
    PHONE_CHECK: ("phone_check", "PhoneCheck"),
    IPHONE_CHECK: ("phone_check", "IPhoneCheck"),
    "computer.wechat": ("desktop_check", "ComputerCheck"),
    NETWORK_CHECKS[0]: ("network_check", "ReachabilityCheck"),
}
"""Where each check is, in the order in which they are shown; imported when it is made."""


def check_ids() -> tuple[str, ...]:
    """Return the ids of the tool's own checks, in the order in which they are shown."""
    return tuple(_CLASSES)


def plugin_ids() -> tuple[str, ...]:
    """Return the ids of the checks that other packages bring; looking for them takes some milliseconds."""
    return tuple(id_ for id_ in _plugins() if id_ not in check_ids())


def make_checks(knowledge: Knowledge, ids: Iterable[str]) -> list[Check]:
    """Return the checks of these ids, ready to run. Raises KeyError for an id that is none."""
    made: list[Check] = []
    for id_ in ids:
        if id_ in _CLASSES:
            module, name = _CLASSES[id_]
            made.append(getattr(import_module(f"diagnostics.checks.{module}"), name)(knowledge))
        elif id_ in plugin_ids():
            made.append(PluginCheck(id_, knowledge))
        else:
            raise KeyError(id_)
    return made


def skipped(id_: str, key: str) -> CheckResult:
    """Return the result of a check that was not run; the text of this key is the reason."""
    return CheckResult(id=id_, status="skipped", detail=Message(key))


def run_pure_checks(knowledge: Knowledge, evidence: Evidence) -> list[CheckResult]:
    """Run the checks that need only the answers; the others are skipped."""
    context = Context(evidence=evidence, deadline=time.monotonic() + 5, cancelled=threading.Event())
    thought = {VersionCheck.id: VersionCheck(knowledge).run(context)}
    return [thought.get(id_) or skipped(id_, "check.skipped.machine") for id_ in check_ids()]


def run_offline(
    knowledge: Knowledge, evidence: Evidence, options: CheckOptions = DEFAULTS, ids: Sequence[str] | None = None
) -> list[CheckResult]:
    """Run the checks that need no network in this thread; the others are skipped."""
    seconds = options.timeout if options.pair else 5  # a person needs time to tap
    context = Context(
        evidence=evidence, deadline=time.monotonic() + seconds, cancelled=threading.Event(), options=options
    )
    wanted = check_ids() if ids is None else ids
    results = []
    for id_ in check_ids():
        if id_ not in wanted:
            results.append(skipped(id_, "check.skipped.not_wanted"))
        elif id_ in NETWORK_CHECKS:
            results.append(skipped(id_, "check.skipped.offline"))
        elif id_ in PHONE_CHECKS and options.device is None:
            results.append(skipped(id_, f"check.{id_}.offline"))
        else:
            results += [check.run(context) for check in make_checks(knowledge, [id_])]
    return results
