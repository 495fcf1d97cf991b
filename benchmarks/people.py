"""Simulated people drawn from the stated rates: each has one reason, and answers that show it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random

    from diagnostics.evidence import Value
    from diagnostics.knowledge.model import Knowledge

HEALTHY: dict[str, Value] = {
    "entry.services_menu": "not_shown",
    "entry.official_account": "not_found",
    "entry.page_message": "none",
    "entry.qq_wallet": "not_shown",
    "client.kind": "phone",
    "client.platform": "android",
    "wechat.version": "8.0.50",
    "os.version": "Android 13",
    "app.restarted": "yes",
    "account.real_name": "verified",
    "account.bank_card": "bound",
    "account.wallet_region": "mainland",
    "account.registered_phone": "mainland",
    "account.wechat_pay_cancelled": "no",
    "account.restricted": "no",
    "account.teen_mode": "off",
    "account.other_account": "no",
    "account.had_entry_before": "no",
    "account.closed_service": "no",
    "person.age": 35,
    "person.residency": "mainland",
    "person.student": "no",
    "person.civil_capacity": "full",
    "identity.document": "valid",
    "identity.profile": "complete",
    "credit.overdue": "none",
    "credit.recent_inquiries": "few",
    "income.stability": "stable",
    "debt.monthly_income": 8000,
    "debt.monthly_repayment": 1000,
    "debt.open_loans": 1,
    "activity.wechat_pay": "often",
    "activity.services": ["spending", "utilities"],
    "network.phone_loads_pages": "yes",
    "network.same_network": "no",
    "network.vpn_or_proxy": "no",
    "entry.other_phone": "not_tried",
    "account.pay_enabled": "yes",
    "account.real_name_of": "own",
    "account.stolen": "no",
    "safety.contact": [],
    "safety.given": [],
    "service.owing": "no",
    "service.wish": "open",
    "scam.offered_paid_opening": "no",
}
"""Answers of somebody for whom nothing stands in the way but the invitation."""


def person(knowledge: Knowledge, chance: random.Random, unknown: float = 0.0) -> tuple[str, dict[str, Value]]:
    """Draw a reason by the stated shares and the answers that go with it; `unknown` is the share of "don't know"."""
    causes = list(knowledge.causes)
    reason = chance.choices(causes, [knowledge.weights.chance[cause] for cause in causes])[0]
    shown = [case for case in knowledge.cases[f"causes/{reason}"] if case.status in ("confirmed", "likely")]
    answers = dict(HEALTHY)
    own: dict[str, Value] = {}
    if shown and reason != "not_invited":
        own = dict(chance.choice(shown).answers)
        answers |= own
        if own.get("account.closed_service") == "yes" and "account.had_entry_before" not in own:
            answers["account.had_entry_before"] = "yes"
    answers["complaint.what"] = _complaint(knowledge, answers, chance)
    for id_ in answers:
        if id_ not in own and chance.random() < unknown:
            answers[id_] = "unknown"
    return reason, answers


def _complaint(knowledge: Knowledge, answers: dict[str, Value], chance: random.Random) -> Value:
    """Draw what this person would say first: nothing that their own answers belie."""
    shares = knowledge.weights.spread["complaint.what"]
    fitting = [
        choice.id
        for choice in knowledge.questions["complaint.what"].value
        if all(answers.get(id_) == value for id_, value in choice.sets.items())
    ]
    return chance.choices(fitting, [shares[id_] for id_ in fitting])[0]
