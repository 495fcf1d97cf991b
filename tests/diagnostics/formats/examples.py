"""Reports to write: an ordinary one, one with everything at once, one with the entry found, and a hostile one."""

import json
from typing import Any, Literal

import msgspec

from diagnostics.api import diagnose
from diagnostics.checks.base import CheckResult
from diagnostics.report import Report
from diagnostics.report.model import BeliefReport
from tests.rows import DATA

AT = "2026-11-01T08:00:00Z"
Lang = Literal["zh", "en"]

EXAMPLES = json.loads((DATA / "examples.json").read_text(encoding="utf-8"))
USUAL: dict[str, Any] = EXAMPLES["usual"]
EVERYTHING: dict[str, Any] = EXAMPLES["everything"]
FOUND: dict[str, Any] = EXAMPLES["found"]
NETWORK = CheckResult(**EXAMPLES["network"])
VERSION = CheckResult(id="wechat.version", status="warn", verdict="below_minimum", duration_ms=1.2, detail="7.0.22")


def report(answers: dict[str, Any], lang: Lang = "zh", checks: tuple[CheckResult, ...] = (NETWORK, VERSION)) -> Report:
    return diagnose(answers, lang=lang, checks=checks, generated_at=AT)


PAYLOAD = (
    "</style></script><script>alert(1)</script><img src=x onerror=alert(2)>\"'><svg onload=alert(3)> {{7*7}} {% raw %}"
    " [x](javascript:alert(4)) **b** _i_ `c` # h\n# heading\n- item\n1. one\n=1+2 @all https://evil.example"
    " www.evil.example a@evil.example \x1b[2J\x1b]52;c;QUFB\x07 \u202eabc\u2066 \u200b \x9b31m \ufeff &lt; | ~~s~~ !"
)
"""Text that tries to be markup, a link, a control sequence or a formula, in every language a report is written in."""


def hostile() -> Report:
    """Put the payload into every free text of a report, whatever door it may have come by."""
    closed = "lang schema outcome status confidence kind effort by source effect reason do urgency"
    ids = "id group cause situation question check next settle observation rechecks stop_reason"
    kept = {*closed.split(), *ids.split(), "tree", "answered", "page", "remaining", "before", "after"}

    def poison(node: Any, key: str = "") -> Any:
        if isinstance(node, dict):
            return {name: poison(value, name) for name, value in node.items()} if key != "tree" else node
        if isinstance(node, (list, tuple)):
            return [poison(value, key) for value in node]
        return PAYLOAD if isinstance(node, str) and key not in kept else node

    belief = BeliefReport(id="iphone_unsupported", quote=PAYLOAD, text=PAYLOAD)
    data = poison(msgspec.to_builtins(msgspec.structs.replace(report(EVERYTHING), beliefs=[belief])))
    target = {"target": PAYLOAD, "status": PAYLOAD, "duration_ms": PAYLOAD, "steps": [
        {"name": PAYLOAD, "failure": PAYLOAD, "duration_ms": 1}, PAYLOAD, 7]}  # fmt: skip
    data["checks"][0]["data"] = {"targets": [target, PAYLOAD, None]}
    return msgspec.convert(data, Report)
