"""The checks by id: how they are made and run; and the check of the version, which needs the answers alone."""

from __future__ import annotations

import threading
import time
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from diagnostics.checks.base import DEFAULTS, Check, CheckOptions, CheckResult, Context
from diagnostics.engine.facts import Facts, State, read_wechat
from diagnostics.i18n import Message

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from diagnostics.checks.base import CheckStatus
    from diagnostics.evidence import Evidence
    from diagnostics.knowledge.model import Knowledge


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
    from diagnostics.checks.plugins import found

    return tuple(id_ for id_ in found() if id_ not in check_ids())


def make_checks(knowledge: Knowledge, ids: Iterable[str]) -> list[Check]:
    """Return the checks of these ids, ready to run. Raises KeyError for an id that is none."""
    made: list[Check] = []
    for id_ in ids:
        if id_ in _CLASSES:
            module, name = _CLASSES[id_]
            made.append(getattr(import_module(f"diagnostics.checks.{module}"), name)(knowledge))
        elif id_ in plugin_ids():
            from diagnostics.checks.plugins import PluginCheck

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
