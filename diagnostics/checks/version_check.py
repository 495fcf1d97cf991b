"""The check `wechat.version`: read the version that was given and hold it against the platform's minimum."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from diagnostics.checks.base import CheckResult
from diagnostics.engine.facts import Facts, State, read_wechat
from diagnostics.i18n import Message

if TYPE_CHECKING:
    from diagnostics.checks.base import CheckStatus, Context
    from diagnostics.knowledge.model import Knowledge


class VersionCheck:
    """Says of the WeChat version whether it is at least the minimum; observes nothing of its own."""

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
