"""Reports to write: an ordinary one, one with everything at once, one with the entry found, and a hostile one."""

from typing import Any, Literal

import msgspec

from diagnostics.api import diagnose
from diagnostics.checks.base import CheckResult
from diagnostics.knowledge import load
from diagnostics.report import Report, build
from diagnostics.report.model import BeliefReport

AT = "2026-11-01T08:00:00Z"
Lang = Literal["zh", "en"]

USUAL: dict[str, Any] = {
    "complaint.what": "never_had", "person.age": 35, "client.kind": "phone", "entry.services_menu": "not_shown",
    "entry.official_account": "not_found", "credit.overdue": "settled", "debt.monthly_income": 8000,
    "debt.monthly_repayment": 4500, "wechat.version": "7.0.22", "client.platform": "ios", "person.student": "no",
}  # fmt: skip
EVERYTHING: dict[str, Any] = {
    "complaint.what": "paid_offer", "entry.services_menu": "not_looked", "entry.official_account": "refused",
    "entry.page_message": "not_approved", "entry.qq_wallet": "shown", "client.kind": "desktop",
    "client.platform": "android", "wechat.version": "7.0.22", "os.version": "5.1", "app.restarted": "no",
    "account.real_name": "not_verified", "account.bank_card": "not_bound", "account.wallet_region": "other",
    "account.registered_phone": "other", "account.wechat_pay_cancelled": "yes", "account.restricted": "yes",
    "account.teen_mode": "on", "account.other_account": "yes", "account.had_entry_before": "yes",
    "account.closed_service": "yes", "person.age": 17, "person.residency": "foreign", "person.student": "yes",
    "person.civil_capacity": "limited", "identity.document": "expired", "identity.profile": "incomplete",
    "credit.overdue": "current", "credit.recent_inquiries": "many", "income.stability": "none",
    "debt.monthly_income": 2000, "debt.monthly_repayment": 9000, "debt.open_loans": 9,
    "activity.wechat_pay": "rarely", "activity.services": [], "network.phone_loads_pages": "no",
    "network.vpn_or_proxy": "yes", "network.same_network": "yes", "scam.offered_paid_opening": "yes",
    "entry.other_phone": "shown", "account.pay_enabled": "no", "account.real_name_of": "other",
    "account.stolen": "yes", "safety.contact": ["paid_opening", "qr_form"], "safety.given": ["money", "screen"],
    "safety.money_gone": "not_looked", "safety.app_installed": "yes", "entry.busy_days": "yes",
    "service.deduction_failed": "yes", "service.owing": "yes", "service.wish": "postpone",
}  # fmt: skip
FOUND: dict[str, Any] = {"entry.services_menu": "shown", "person.age": 30}


def _steps(*rows: tuple[str, float, str | None]) -> list[dict[str, Any]]:
    return [
        {"name": name, "address": "192.0.2.1", "duration_ms": ms, "failure": failure, "detail": ""}
        for name, ms, failure in rows
    ]


def _target(url: str, status: str, failure: str | None, *steps: tuple[str, float, str | None]) -> dict[str, Any]:
    return {
        "target": url, "purpose": "wechat", "status": status, "verdict": "tls.intercepted" if failure else "ok",
        "verdicts": [], "operation": steps[-1][0] if failure else None, "failure": failure,
        "duration_ms": sum(ms for _, ms, _ in steps), "steps": _steps(*steps),
    }  # fmt: skip


NETWORK = CheckResult(
    id="network.reachability", status="fail", verdict="tls.intercepted", operation="tls",
    failure="ssl_unknown_authority", duration_ms=2412.0, detail="2 / 3",
    data={
        "targets": [
            _target("https://weixin.qq.com/", "pass", None, ("resolve", 12, None), ("connect", 31, None),
                    ("tls", 44, None), ("http", 56, None)),
            _target("https://pay.weixin.qq.com/", "fail", "ssl_unknown_authority", ("resolve", 12, None),
                    ("connect", 31, None), ("tls", 144, "ssl_unknown_authority")),
            _target("http://www.webank.com/", "fail", "generic_timeout_error", ("resolve", 42, None),
                    ("connect", 2000, "generic_timeout_error")),
        ]
    },
)  # fmt: skip
VERSION = CheckResult(id="wechat.version", status="warn", verdict="below_minimum", duration_ms=1.2, detail="7.0.22")


def report(answers: dict[str, Any], lang: Lang = "zh", checks: tuple[CheckResult, ...] = (NETWORK, VERSION)) -> Report:
    return diagnose(answers, lang=lang, checks=checks, generated_at=AT)


def with_what_if(lang: Lang = "zh") -> Report:
    from diagnostics.answers import observations, parse_answers
    from diagnostics.evidence import Evidence

    evidence = Evidence(observations(parse_answers(load(), USUAL)))
    return build(load(), evidence, lang=lang, generated_at=AT, what_if={"wechat.version": "8.0.56"})


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
