"""The plan: what to do, in the order to try it, by chance over cost (Heckerman, Breese, Rommelse 1995)."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING

import msgspec

from diagnostics.knowledge.model import Actor, Effort
from diagnostics.reasoning import FOR

if TYPE_CHECKING:
    from collections.abc import Iterator

    from diagnostics.knowledge.model import Action, Cause, Knowledge, Status
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

    For independent causes that order has the least expected cost; the actions of one cause keep their own order, and
    of equal ones those of the cause that ranks higher come first.
    A found entry needs none.
    """
    if assessment.ends == "entry_found":
        return []
    rated = [one for v in assessment.verdicts.values() for one in rated_actions(knowledge, v.cause, v.status, lang)]
    return [item for _, item in sorted(rated, key=itemgetter(0))]


def rated_actions(knowledge: Knowledge, cause: Cause, status: Status, lang: str) -> Iterator[tuple[float, PlanItem]]:
    """Yield what to do about a cause of this status, each with its place: the less, the earlier it is tried."""
    if status not in FOR:
        return
    highest = float("inf")
    for action in cause.action:
        highest = min(highest, knowledge.weights.status[status] / knowledge.weights.effort[action.effort])
        yield -highest, _item(cause.id, action, lang)


def _item(cause: str, action: Action, lang: str) -> PlanItem:
    return PlanItem(
        cause=cause,
        text=action.get(lang),
        effort=action.effort,
        by=action.by,
        verify=action.verify.get(lang),
        rechecks=action.rechecks,
    )
