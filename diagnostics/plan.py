"""The plan: what to do, in the order to try it, by chance over cost (Heckerman, Breese, Rommelse 1995)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from diagnostics.knowledge.model import Actor, Effort
from diagnostics.reasoning import FOR

if TYPE_CHECKING:
    from diagnostics.knowledge.model import Action, Knowledge
    from diagnostics.reasoning import Assessment


class PlanItem(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to do for one cause; `effort` is how long until it can show, `by` who can do it."""

    cause: str
    text: str
    effort: Effort
    by: Actor
    verify: str
    rechecks: tuple[str, ...]


def plan(knowledge: Knowledge, assessment: Assessment, lang: str) -> list[PlanItem]:
    """List the actions for every cause that stands at `possible` or above, the best chance for the least cost first.

    For independent causes that order has the least expected cost; the actions of one cause keep their own order.
    A found entry needs none.
    """
    if assessment.ends == "entry_found":
        return []
    weights = knowledge.weights
    scored: list[tuple[float, int, int, PlanItem]] = []
    for rank, verdict in enumerate(assessment.verdicts.values()):
        if verdict.status not in FOR:
            continue
        chance = weights.status[verdict.status]
        highest = float("inf")
        for number, action in enumerate(verdict.cause.action):
            highest = min(highest, chance / weights.effort[action.effort])
            scored.append((-highest, rank, number, _item(verdict.cause.id, action, lang)))
    scored.sort(key=lambda one: one[:3])
    return [item for *_, item in scored]


def _item(cause: str, action: Action, lang: str) -> PlanItem:
    return PlanItem(
        cause=cause,
        text=action.get(lang),
        effort=action.effort,
        by=action.by,
        verify=action.verify.get(lang),
        rechecks=action.rechecks,
    )
