"""What another answer would do to the advice: the leading situation, the first two steps, the first cause."""

from __future__ import annotations

from functools import cached_property, reduce
from itertools import product
from math import prod
from operator import or_
from typing import TYPE_CHECKING, Any, NamedTuple

from diagnostics.answers import read_literal
from diagnostics.engine.advice import advice_of, standing_of
from diagnostics.knowledge.model import STATUSES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from diagnostics.engine.advice import Standing
    from diagnostics.engine.assessment import Assessment
    from diagnostics.engine.rule_table import Judged
    from diagnostics.knowledge.model import Knowledge

_UNKNOWN = STATUSES.index("unknown")
ALWAYS_VALID = ""
"""A day on which nothing dated is over: what is asked does not depend on the calendar."""


class Advised(NamedTuple):
    """What a person is told first."""

    leading: int
    first: str
    second: str
    cause: int | None
    """The index of the first cause, None where none stands at `possible` or above."""


class Chance(NamedTuple):
    """How likely the answer to a question changes what a person is told, as shares of 1, never shown."""

    first: float
    """The leading situation or the first step."""
    second: float
    """The second step alone."""
    cause: float
    """The first cause."""


CERTAIN = Chance(1.0, 0.0, 0.0)


class Trials:
    """Tries other answers in a case; what follows from an answer is worked out from the bits that it changes."""

    def __init__(self, assessment: Assessment) -> None:
        self._assessment = assessment
        self._table = assessment.table
        self._advice = advice_of(assessment.table)
        self._standing = standing_of(assessment)
        self._held = self._advice.held(self._standing.met)
        self._watched = self._advice.watched(self._standing, self._held)

    @cached_property
    def now(self) -> Advised:
        """What the person is told first as things stand."""
        return self._advised(self._standing, self._held)

    def chance(self, id_: str) -> Chance:
        """Return how likely the answer to this question changes what is told, by the knowledge's starting values."""
        first = second = cause = 0.0
        now = self.now
        for value, share in answers_of(self._assessment.knowledge, id_, self._assessment.values):
            then = self._after((id_,), (value,))
            if then is now:
                continue
            if then.leading != now.leading or then.first != now.first:
                first += share
            elif then.second != now.second:
                second += share
            if then.cause != now.cause:
                cause += share
        return Chance(first, second, cause)

    def together(self, ids: Sequence[str]) -> float:
        """Return how likely these answers together change the leading situation or the first step.

        For questions of which one alone decides nothing: an income means nothing without the repayments.
        """
        changed = 0.0
        known, values = self._assessment.knowledge, self._assessment.values
        for answers in product(*(answers_of(known, id_, values) for id_ in ids)):
            then = self._after(ids, [value for value, _ in answers])
            if then.leading != self.now.leading or then.first != self.now.first:
                changed += prod(share for _, share in answers)
        return changed

    def _after(self, ids: Sequence[str], answers: Sequence[Any]) -> Advised:
        """Return what the person would be told with these answers."""
        table, before = self._table, self._standing
        values = self._assessment.values
        met = before.met
        for id_, value in zip(ids, answers, strict=True):
            met = table.supposing(values, met, id_, value)
            values = {**values, id_: value} if len(ids) > 1 else values
        judged = table.judge(met)
        if before.known and not (met ^ before.met) & self._watched and self._silent(judged):
            return self.now
        after = before._replace(
            met=judged.met,
            may=judged.met | (before.may & ~reduce(or_, map(table.opened_by, ids))),
            statuses=judged.statuses,
            ranks=judged.ranks,
            found=bool(judged.met & table.found.mask) and not judged.met & table.refused.mask,
            known=True,
        )
        return self._advised(after, self._advice.held(judged.met))

    def _silent(self, judged: Judged) -> bool:
        """Whether the causes give the same advice as before: those that moved gave none and give none."""
        return judged.statuses == self._standing.statuses or all(
            now == before or (now >= _UNKNOWN and before >= _UNKNOWN)
            for now, before in zip(judged.statuses, self._standing.statuses, strict=True)
        )

    def _advised(self, standing: Standing, held: tuple[int, ...]) -> Advised:
        first, second = self._advice.first_two(standing, held, ALWAYS_VALID)
        cause, status = self._table.order[min(standing.ranks)]
        return Advised(held[0], first, second, cause if status < _UNKNOWN else None)


def answers_of(
    knowledge: Knowledge, id_: str, values: Mapping[str, Any] | None = None
) -> tuple[tuple[Any, float], ...]:
    """Return the answers that people give to a question, lists as tuples, with their shares.

    `values`: what is answered already; where the weights tell what those people say, their shares are taken.
    """
    weights = knowledge.weights
    spread, after = weights.spread[id_], ""
    for before, answers in weights.spread_after.items():
        told = answers.get(str((values or {}).get(before)), {})
        if id_ in told:
            spread, after = told[id_], f"{before}={(values or {})[before]}"
            break
    kept: dict[tuple[str, str], tuple[tuple[Any, float], ...]] = knowledge.__dict__.setdefault("answers", {})
    found = kept.get((id_, after))
    if found is None:
        type_ = knowledge.questions[id_].type
        read = ((read_literal(type_, text), share) for text, share in spread.items() if share)
        found = tuple((tuple(value) if isinstance(value, list) else value, share) for value, share in read)
        kept[id_, after] = found
    return found
