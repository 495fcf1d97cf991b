"""Simulated people who answer whatever they are asked."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from diagnostics.evidence import Value
    from diagnostics.knowledge.model import Knowledge, Question

HEALTHY = {
    "entry.services_menu": "not_shown", "client.kind": "phone", "account.real_name": "verified",
    "account.bank_card": "bound", "identity.profile": "complete", "person.residency": "mainland",
    "person.student": "no", "person.civil_capacity": "full", "identity.document": "valid",
    "account.wallet_region": "mainland",
}  # fmt: skip
WECHAT = ("8.0.56", "8.0.0", "7.0.22", "8.0", "6.7.2", "4.1.7.59", "8.0.49.2600", "7.0.1380")
SYSTEM = ("14", "6.0.1", "5.1", "17.5", "11.4", "12.0", "26.0", "4.2.0")


class Person:
    """Somebody with an answer to every question; `goes_on` after the questions ended by themselves."""

    def __init__(self, knowledge: Knowledge, seed: int) -> None:
        chance = random.Random(seed)
        # some people have little the matter with them, or nobody would see the later questions
        self.answers: dict[str, Value] = {id_: _answer(one, chance) for id_, one in knowledge.questions.items()}
        if chance.random() < 0.7:
            self.answers |= {id_: value for id_, value in HEALTHY.items() if chance.random() < 0.95}
        for id_ in self.answers:
            if chance.random() < 0.1:
                self.answers[id_] = "unknown"
        for page in knowledge.pages:  # a checklist takes "don't know" for all its lines or for none
            unsure = chance.random() < 0.1
            for line in page.line:
                if unsure or self.answers[line.question] == "unknown":
                    self.answers[line.question] = "unknown" if unsure else line.clear
        self.goes_on = chance.random() < 0.5


def _answer(question: Question, chance: random.Random) -> Value:
    if question.type == "choice":
        return chance.choice(question.value).id
    if question.type == "choices":
        return [choice.id for choice in question.value if chance.random() < 0.4]
    if question.id == "person.age":
        return chance.choice([0, 16, 17, 18, 25, 35, 47, 60, 61, 130])
    if question.type == "integer":
        return chance.choice([0, 1, 4, 5, 9, 1000])
    if question.type == "amount":
        return chance.choice([0, 1, 999, 3500, 4999, 5000, 7000, 8000, 10_000, 999_999_999])
    return chance.choice(WECHAT if question.id == "wechat.version" else SYSTEM)
