"""The answer to each question that speaks for no cause and helps to rule one out: "all as it should be"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from diagnostics.reasoning import FOR
from diagnostics.rules import Fact, Outcome, State, check

if TYPE_CHECKING:
    from collections.abc import Iterable

    from diagnostics.evidence import Value
    from diagnostics.knowledge.model import Knowledge, Question, Rule


def clear_answers(knowledge: Knowledge, ids: Iterable[str]) -> dict[str, Value]:
    """Return the clearing answers of these questions, without those that have none or more than one.

    A front may offer them together, in words, so that a person for whom all is well need not go through each.
    """
    found: dict[str, Value] = {}
    for id_ in ids:
        values = _clearing(knowledge, knowledge.questions[id_])
        if len(values) == 1:
            found[id_] = values[0]
    return found


def _clearing(knowledge: Knowledge, question: Question) -> list[Value]:
    rules = [rule for cause in knowledge.causes.values() for rule in cause.rule if question.id in rule.when]
    tried: list[Value] = []
    if question.type == "choice":
        tried = [choice.id for choice in question.value]
    elif question.type in ("integer", "amount"):
        tried = [0]
    return [
        value
        for value in tried
        if not any(_met(knowledge, rule, question.id, value) for rule in rules if rule.status in FOR)
        and any(_met(knowledge, rule, question.id, value) for rule in rules if rule.status == "ruled_out")
    ]


def _met(knowledge: Knowledge, rule: Rule, id_: str, value: Value) -> bool:
    return check(rule.when[id_], Fact(State.KNOWN, value), knowledge.limits) is Outcome.MET
