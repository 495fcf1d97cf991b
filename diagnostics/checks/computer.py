"""The check `computer.wechat`: is there a desktop WeChat here, which never shows the entry."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from diagnostics.checks.base import CheckResult

if TYPE_CHECKING:
    from diagnostics.checks.base import Context
    from diagnostics.knowledge.model import Knowledge


class ComputerCheck:
    """Recognises a desktop WeChat. Observes nothing: one that is installed is not one that the user looked at."""

    id = "computer.wechat"
    network = False

    def __init__(self, knowledge: Knowledge) -> None:
        self._knowledge = knowledge

    def run(self, context: Context) -> CheckResult:
        """Look in the places where installers put it; a few files, no program is run."""
        from diagnostics.devices.desktop import find

        began = time.monotonic()
        here = find()
        unknown = self._knowledge.say(f"check.{self.id}.no_version", context.lang)
        versions = ", ".join(dict.fromkeys(one.version or unknown for one in here))
        outcome = "found" if here else "absent"
        values = {"versions": versions} if here else {}
        return CheckResult(
            id=self.id,
            status="pass",
            verdict=f"computer.wechat_{outcome}",
            operation="find",
            duration_ms=(time.monotonic() - began) * 1000,
            detail=self._knowledge.say(f"check.{self.id}.{outcome}", context.lang, **values),
            data={"found": [{"version": one.version, "platform": one.platform, "where": one.where} for one in here]},
        )
