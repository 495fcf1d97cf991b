"""What a person is told first, and how likely the answer to a question changes it."""

from __future__ import annotations

from functools import partial
from itertools import product
from math import prod
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from diagnostics.answers import read_literal
from diagnostics.engine.advice import ALWAYS_VALID, Standing
from diagnostics.engine.conditions import Memo, once
from diagnostics.engine.rule_table import POSSIBLE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from diagnostics.engine.assessment import Assessment
    from diagnostics.engine.rule_table import RuleTable, Together
    from diagnostics.knowledge.model import Knowledge


class Advised(msgspec.Struct, frozen=True):
    """What a person is told first."""

    standing: Standing
    held: tuple[int, ...]
    first: str
    """The first step; left empty where another situation leads than now."""
    cause: int | None
    """The index of the first cause, None where none stands at `possible` or above."""
    speaks: int | None
    """The first cause where it stands at `likely` or above and the leading situation lets it speak."""

    @property
    def leading(self) -> int:
        """The leading situation."""
        return self.held[0]


class Chance(NamedTuple):
    """How likely the answer to a question changes what a person is told, as shares of 1, never shown."""

    first: float
    """The leading situation or the first step."""
    speaks: float
    """The cause that speaks for the situation alone."""
    second: float
    """The second step alone."""
    cause: float
    """The first cause, of somebody who misses the entry."""

    @property
    def told(self) -> float:
        """How likely the answer changes what a person is told before all else."""
        return self.first + self.speaks


CERTAIN = Chance(1.0, 0.0, 0.0, 0.0)
NONE = Chance(0.0, 0.0, 0.0, 0.0)


class Trials:
    """Tries other answers in a case; what follows from an answer is worked out from the bits that it changes."""

    def __init__(self, assessment: Assessment) -> None:
        self._assessment = assessment
        self._advice, self._table, self._standing = assessment.advice, assessment.table, assessment.standing
        self._asked = _asked(self._table)
        held = self._advice.held(self._standing.met)
        self._leading = held[0]
        self.now = self._advised(self._standing, held)
        """What the person is told first as things stand."""
        self._about_entry = self._advice.situations[self._leading].situation.about_entry
        self._watched = self._advice.watched(self._standing, self.now.held)
        self._tried: dict[str, list[tuple[float, Advised]]] = {}
        """Of each question the answers that may change something: their shares, and what is told then."""

    def chance(self, id_: str) -> Chance:
        """Return how likely the answer to this question changes what is told, by the knowledge's starting values.

        The second step is left out: see `with_second`.
        """
        first = speaks = cause = 0.0
        found, table, now = self._assessment, self._table, self.now
        touched = table.touched(id_)
        rest = self._standing.met & ~touched.bits
        tried = self._tried[id_] = []
        for bits, share in self._asked[id_].answers(found.values, found.read):
            then = self._told(rest | bits, touched.opens, touched.together)
            if then is now:
                continue
            if then.first != now.first or then.leading != self._leading:
                first += share
            elif then.speaks != now.speaks:
                speaks += share
            else:
                tried.append((share, then))
            if then.cause != now.cause and self._about_entry:
                cause += share
        return Chance(first, speaks, 0.0, cause)

    def with_second(self, id_: str, chance: Chance) -> Chance:
        """Return what `chance` returned with how likely the answer changes the second step alone."""
        tried = self._tried.get(id_, ())
        return chance._replace(second=sum(share for share, then in tried if self._second(then) != self._second_now))

    @once
    def _second_now(self) -> str:
        return self._second(self.now)

    def _second(self, told: Advised) -> str:
        return self._advice.first_two(told.standing, told.held, ALWAYS_VALID)[1]

    def together(self, ids: Sequence[str]) -> float:
        """Return how likely these answers together change what a person is told before all else.

        For questions of which one alone decides nothing: an income means nothing without the repayments.
        """
        changed, closed = 0.0, 0
        together: list[tuple[int, Together]] = []
        found, table, now = self._assessment, self._table, self.now
        for touched in map(table.touched, ids):
            closed |= touched.opens
            together += touched.together
        for answers in product(*(answers_of(found.knowledge, id_, found.values) for id_ in ids)):
            met, read = self._standing.met, found.read
            for id_, (value, _) in zip(ids, answers, strict=True):
                met = table.with_answer(read, met, id_, value)
                read = {**read, id_: value}
            then = self._told(met, closed, together)
            if (then.leading, then.first, then.speaks) != (now.leading, now.first, now.speaks):
                changed += prod(share for _, share in answers)
        return changed

    def _told(self, met: int, closed: int, together: Sequence[tuple[int, Together]]) -> Advised:
        """Return what the person would be told with these bits met, others `closed`; these causes look at them."""
        before, table = self._standing, self._table
        met, speakers = table.suppose(self._assessment.judged, met, together)
        # where the causes that speak are the same ones, only the bits that the plan looks at can change it
        if before.known and speakers == before.speakers and not (met ^ before.met) & self._watched:
            return self.now
        found = bool(met & table.found.mask) and not met & table.refused.mask
        return self._advised(Standing(met, met | (before.may & ~closed), speakers, found, True), self._advice.held(met))

    def _advised(self, standing: Standing, held: tuple[int, ...]) -> Advised:
        """Return what the person is told first as `standing` has it."""
        first = self._advice.first(standing, held) if held[0] == self._leading else ""
        if not standing.speakers:
            return Advised(standing, held, first, None, None)
        _, cause, status = standing.speakers[0]
        speaks = status < POSSIBLE and self._advice.situations[held[0]].situation.cause_speaks
        return Advised(standing, held, first, cause, cause if speaks else None)


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


class _Asked:
    """The answers that people give to a question, by what is answered already: the bits that each meets, its share."""

    def __init__(self, table: RuleTable, id_: str) -> None:
        after = table.knowledge.weights.spread_after
        self._table, self._id = table, id_
        self._after = [before for before, told in after.items() if any(id_ in spread for spread in told.values())]
        self._beside = table.touched(id_).beside
        self._kept: Memo[tuple[tuple[Any, ...], tuple[Any, ...]], list[tuple[int, float]]] = Memo(make=self._find)

    def answers(self, values: Mapping[str, Any], read: Mapping[str, Any]) -> list[tuple[int, float]]:
        """Return them by what holds, and by what the rows read."""
        return self._kept[tuple(map(values.get, self._after)), tuple(map(read.get, self._beside))]

    def _find(self, key: tuple[tuple[Any, ...], tuple[Any, ...]]) -> list[tuple[int, float]]:
        after, beside = dict(zip(self._after, key[0], strict=True)), dict(zip(self._beside, key[1], strict=True))
        table, id_ = self._table, self._id
        return [(table.with_answer(beside, 0, id_, value), share)
                for value, share in answers_of(table.knowledge, id_, after)]  # fmt: skip


def _asked(table: RuleTable) -> Memo[str, _Asked]:
    """Return the answers to each question, by its id."""
    kept: Memo[str, _Asked] | None = table.knowledge.__dict__.get("asked")
    if kept is None:
        kept = table.knowledge.__dict__["asked"] = Memo(make=partial(_Asked, table))
    return kept
