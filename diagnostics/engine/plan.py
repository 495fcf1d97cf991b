"""The plan: what to do, in the order to try it, by chance over cost (Heckerman, Breese, Rommelse 1995)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from diagnostics.engine.rule_table import FOR
from diagnostics.knowledge.model import Actor, Effort

if TYPE_CHECKING:
    from collections.abc import Iterator

    from diagnostics.knowledge.model import Action, Cause, Knowledge, Status


class PlanItem(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to do for one cause; `effort` is how long until it can show, `by` who can do it."""

    cause: str
    text: str
    effort: Effort
    by: Actor
    verify: str
    rechecks: tuple[str, ...]


def rated_actions(knowledge: Knowledge, cause: Cause, status: Status, lang: str) -> Iterator[tuple[float, PlanItem]]:
    """Yield what to do about a cause of this status, each with its place: the less, the earlier it is tried.

    For independent causes that order has the least expected cost; the actions of one cause keep their own order, and
    of equal ones those of the cause that ranks higher come first.
    """
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
