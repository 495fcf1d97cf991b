"""The check `computer.wechat`: is there a desktop WeChat here, which never shows the entry."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from diagnostics.checks.base import CheckResult
from diagnostics.said import Said

if TYPE_CHECKING:
    from diagnostics.checks.base import Context


class ComputerCheck:
    """Recognises a desktop WeChat. Observes nothing: one that is installed is not one that the user looked at."""

    id = "computer.wechat"
    network = False

    def run(self, _context: Context) -> CheckResult:
        """Look in the places where installers put it; a few files, no program is run."""
        from diagnostics.devices.desktop import find

        began = time.monotonic()
        here = find()
        outcome = "found" if here else "absent"
        versions = dict.fromkeys(one.version for one in here)
        named = tuple(one or Said(f"check.{self.id}.no_version") for one in versions)
        return CheckResult(
            id=self.id,
            status="pass",
            verdict=f"computer.wechat_{outcome}",
            operation="find",
            duration_ms=(time.monotonic() - began) * 1000,
            detail=Said(f"check.{self.id}.{outcome}", {"versions": named}),
            data={"found": [{"version": one.version, "platform": one.platform, "where": one.where} for one in here]},
        )
