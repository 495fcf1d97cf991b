"""Ask somebody whose answers are known: how many questions until the interview stops, and with what result."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from diagnostics.engine.assessment import assess
from diagnostics.engine.interview import interview
from diagnostics.evidence import UNKNOWN, Evidence, Observation

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from diagnostics.engine.interview import Interview
    from diagnostics.evidence import Value
    from diagnostics.knowledge.model import Knowledge


class Replay(msgspec.Struct, frozen=True):
    """What asking came to. `cost` is seconds, weighed by how far each question reaches into a person's life."""

    questions: int
    pages: int
    cost: float
    first: str


def own_choice(asked: Interview) -> tuple[str, ...]:
    """Return the page that the interview itself would ask next."""
    return asked.page


def replay(
    knowledge: Knowledge, answers: Mapping[str, Value], choose: Callable[[Interview], tuple[str, ...]] = own_choice
) -> Replay:
    """Ask page by page until the interview stops; what is not among the answers is answered `unknown`."""
    evidence, questions, pages, cost = Evidence(), 0, 0, 0.0
    while True:
        assessment = assess(knowledge, evidence)
        asked = interview(knowledge, assessment)
        if asked.stop_reason is not None:
            return Replay(questions, pages, cost, assessment.first.cause.id)
        page = choose(asked)
        evidence = evidence.plus(*(Observation(id=id_, value=answers.get(id_, UNKNOWN)) for id_ in page))
        questions += len(page)
        pages += 1
        cost += sum(cost_of(knowledge, id_) for id_ in page)


def cost_of(knowledge: Knowledge, question: str) -> float:
    """Return what a question costs the person: seconds times one plus its intrusion (0 to 3)."""
    return knowledge.weights.seconds[question] * (1 + knowledge.weights.intrusion[question])
