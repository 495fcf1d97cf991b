"""Situations and actions as rows of the rule table: what the person is in, and what to do about it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import chain
from operator import itemgetter
from typing import TYPE_CHECKING, Final, TypeAlias

import msgspec

from diagnostics.engine.conditions import Memo
from diagnostics.engine.rule_table import CAUSE, POSSIBLE, RuleTable, Speaker, any_met, union
from diagnostics.knowledge.model import STATUSES, URGENCIES, Action, Cause, Instruction

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from diagnostics.engine.rule_table import CauseRows, Row
    from diagnostics.knowledge.model import Knowledge, Situation, Text, Wording


class Standing(msgspec.Struct, frozen=True):
    """A case as the advice sees it: the bits met, and those met or open."""

    met: int
    may: int
    speakers: Sequence[Speaker]
    """The causes at `possible` or above, in their order."""
    found: bool
    """Whether the entry is seen and no message refuses."""
    known: bool
    """Whether anything is known at all."""


class Step(msgspec.Struct, frozen=True):
    """An action that fits this person, in the words that fit, with what it is for."""

    action: Action
    words: Instruction
    cause: str | None
    situation: str | None


_Placed: TypeAlias = "tuple[tuple[int, int, float, int], Step]"
TOGETHER: Final = 6
"""Situations looked at together: more of them come in more combinations, fewer take more steps."""
_PLACE = itemgetter(0)
_LAST = (len(URGENCIES), 0, 0.0, 0)
"""Behind the place of every action."""
ALWAYS_VALID = ""
"""A day on which nothing dated is over: what is asked does not depend on the calendar."""


class Words:
    """Texts of which the first that fits is said, each with the masks of its rows."""

    __slots__ = ("texts",)

    def __init__(self, table: RuleTable, texts: Iterable[Wording]) -> None:
        self.texts = [(one, table.masks(one.when)) for one in texts]

    def fitting(self, met: int, today: str) -> Wording | None:
        """Return the first text whose condition is met and whose time is not over, None where there is none."""
        for text, masks in self.texts:
            if (not masks or any_met(masks, met)) and current(text.valid_until, today):
                return text
        return None


class Offer(msgspec.Struct, frozen=True):
    """An action as its owner offers it; `value` is its chance for its cost at each status of a cause."""

    action: Action
    masks: tuple[int, ...]
    urgency: int
    values: tuple[float, ...]
    chance: float | None

    def words(self, met: int, may: int, today: str) -> Instruction | None:
        """Return its words for this person, None where it is not for them."""
        action = self.action
        if action.valid_until is not None and not current(action.valid_until, today):
            return None
        if not self.masks or any_met(self.masks, met):
            return action
        return action.general if action.general is not None and any_met(self.masks, may) else None


class Offers:
    """The actions of a cause or a situation."""

    def __init__(self, table: RuleTable, owner: Cause | Situation, chances: Mapping[str, float]) -> None:
        weights = table.knowledge.weights
        self.all: list[Offer] = []
        for action in table.knowledge.actions_of(owner):
            chance = chances.get(action.id, action.chance)
            cost = weights.effort[action.effort]
            values = tuple((weights.status[now] if chance is None else chance) / cost for now in STATUSES)
            masks = tuple([row.mask for row in table.fits[action.id]])
            self.all.append(Offer(action, masks, URGENCIES.index(action.urgency), values, chance))
        self.bits = union(mask for offer in self.all for mask in offer.masks)
        self.general = union(mask for offer in self.all if offer.action.general is not None for mask in offer.masks)
        """The bits by which an action without its own words may still fit."""
        self.cause = owner.id if isinstance(owner, Cause) else None
        self.situation = None if isinstance(owner, Cause) else owner.id

    def fitting(self, met: int, may: int, today: str) -> list[tuple[Action, Instruction | None]]:
        """Return every action with its words for this person, None where it is not for them."""
        return [(offer.action, offer.words(met, may, today)) for offer in self.all]


class Owner:
    """A cause at a status or a situation, where it leads or not, with its claim on a person and its place among all.

    `placed` are its actions for a day, each with its place, by the bits met and those met or open.
    """

    def __init__(self, offers: Offers, now: int, claim: int, order: int) -> None:
        self.bits, self.general = offers.bits, offers.general
        self.placed: Memo[tuple[int, int, str], list[_Placed]] = Memo(make=self._place)
        self._offers, self._now, self._claim, self._order = offers, now, claim, order
        best = min((-offer.values[now] for offer in offers.all), default=0.0) if claim else 0.0
        self.ahead = (min((offer.urgency for offer in offers.all), default=len(URGENCIES)), claim, best, order)
        """The place that none of its actions is ahead of."""

    def _place(self, key: tuple[int, int, str]) -> list[_Placed]:
        """Place its actions: by urgency, then the claim, the value at that status, and the owner's own place.

        The value counts with the least of those before it. Causes at `likely` or above (claim 0) keep their order,
        whatever an action is worth.
        """
        found, least = list[_Placed](), 0.0
        for offer in self._offers.all:
            words = offer.words(*key)
            if words is not None:
                value = -offer.values[self._now]
                least = value if value > least or not least else least
                place = (offer.urgency, self._claim, least if self._claim else 0.0, self._order)
                found.append((place, Step(offer.action, words, self._offers.cause, self._offers.situation)))
        return sorted(found, key=_PLACE)


class _CauseAdvice:
    """What is said and done about a cause."""

    def __init__(self, table: RuleTable, rows: CauseRows) -> None:
        cause = rows.cause
        self.titled = Words(table, cause.titled)
        self.says = Words(table, cause.says)
        self.offers = Offers(table, cause, {})
        self.told_by = rows.mask | union(mask for _, masks in self.titled.texts for mask in masks)
        """The bits that decide what a report says of it, its actions aside."""


class _Asking:
    """Rows of which those that look at no cause say what is asked: each mask with the questions behind each bit."""

    def __init__(self, table: RuleTable, rows: Iterable[Row]) -> None:
        self.rows = [
            (row.mask, [(bit, table.bits_of(table.inputs(id_))) for bit, id_ in row.conditions])
            for row in rows
            if not any(id_.startswith(CAUSE) for _, id_ in row.conditions)
        ]
        self.bits = union(mask for mask, _ in self.rows)

    def questions(self, met: int, open_: int) -> int:
        """Return the questions, as bits, behind the open conditions of rows that may still come to be met."""
        found, may = 0, met | open_
        for mask, asks in self.rows:
            if may & mask == mask:
                for bit, questions in asks:
                    if open_ & bit:
                        found |= questions
        return found


class _SituationAdvice:
    """When a situation holds, what is said, and what is done about it."""

    def __init__(self, table: RuleTable, situation: Situation) -> None:
        self.situation = situation
        rows = table.rows(situation.when)
        self.masks = tuple(row.mask for row in rows)
        self.plain = _Asking(table, rows)
        actions = table.knowledge.actions_of(situation)
        self.fits = _Asking(table, [row for action in actions for row in table.fits[action.id]])
        """The rows by which its actions fit."""
        asked = (id_.removeprefix(CAUSE) for row in rows if situation.conclusive for _, id_ in row.conditions)
        self.closing = tuple(dict.fromkeys(table.index[id_] for id_ in asked if id_ in table.index))
        """The causes that make it conclusive, as their index."""
        self.texts = Words(table, situation.text)
        self.titled = Words(table, situation.titled)
        self.offers = Offers(table, situation, situation.chances)


class Advice:
    """The rules of a knowledge base with its situations and actions; made once for it by `advice_of`."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.table = table = RuleTable(knowledge)
        self.causes = [_CauseAdvice(table, one) for one in table.causes]
        self.situations = [_SituationAdvice(table, one) for one in knowledge.situations]
        self.bits = union(mask for one in self.situations for mask in one.masks)
        """The bits that say which situations hold."""
        self._held: Memo[int, tuple[int, ...]] = Memo(make=self._in_order)
        """The situations that hold, by these as bits."""
        parts = [
            list(enumerate(self.situations))[at : at + TOGETHER] for at in range(0, len(self.situations), TOGETHER)
        ]
        self._parts: list[tuple[int, Memo[int, int]]] = [
            (union(mask for _, one in some for mask in one.masks), Memo(make=partial(self._hold, some)))
            for some in parts
        ]
        """A few situations each: the bits that say which of them hold, and those, as bits, by these."""
        self._leading: Memo[int, Owner] = Memo(make=lambda at: Owner(self.situations[at].offers, POSSIBLE, 1, 0))
        self._beside: Memo[int, Owner] = Memo(make=lambda at: Owner(self.situations[at].offers, POSSIBLE, 2, at + 1))
        self._owning: Memo[tuple[int, ...], list[Owner]] = Memo(make=self._own)
        """The situations that count, by those that hold."""
        self._caused: Memo[int, Owner] = Memo(make=self._by_rank)
        """Each cause at each status at `possible` or above, by its rank."""
        table.seal()

    def held(self, met: int) -> tuple[int, ...]:
        """Return the situations that hold, as their index, the leading one first."""
        found = 0
        for bits, holding in self._parts:
            found |= holding[met & bits]
        return self._held[found]

    def leading(self, met: int) -> Situation:
        """Return the situation that leads."""
        return self.situations[self.held(met)[0]].situation

    def _hold(self, some: list[tuple[int, _SituationAdvice]], met: int) -> int:
        return union(1 << at for at, one in some if any_met(one.masks, met))

    def _in_order(self, holding: int) -> tuple[int, ...]:
        found: list[int] = []
        for at, one in enumerate(self.situations):
            if holding >> at & 1 and not (one.situation.alone and found):
                found.append(at)
        return tuple(found)

    def watched(self, standing: Standing, held: tuple[int, ...]) -> int:
        """Return the bits on which the plan rests as long as situations and causes stay where they are."""
        found = self.bits
        for at in held:
            found |= self.situations[at].offers.bits
        for _, at, _ in standing.speakers:
            found |= self.causes[at].offers.bits
        return found

    def open_questions(self, met: int, open_: int) -> int:
        """Return the questions, as bits, behind the situations that may still hold, and the steps of the first."""
        found = self.situations[self.held(met)[0]].fits.questions(met, open_)
        for one in self.situations:
            if open_ & one.plain.bits and not any_met(one.masks, met):
                found |= one.plain.questions(met, open_)
        return found

    def sentence(self, at: int, standing: Standing, today: str) -> Text:
        """Return the sentence that answers a person in this situation on this day (an ISO date).

        The first cause at `likely` or above speaks in its place where the situation lets it and it has words for it.
        """
        one = self.situations[at]
        if one.situation.cause_speaks and standing.speakers:
            _, first, status = standing.speakers[0]
            said = self.causes[first].says.fitting(standing.met, today) if status < POSSIBLE else None
            if said is not None:
                return said
        return one.texts.fitting(standing.met, today) or one.situation.title

    def title(self, at: int, standing: Standing, today: str) -> Text:
        """Return the title of a situation that fits this person."""
        one = self.situations[at]
        return one.titled.fitting(standing.met, today) or one.situation.title

    def closed_by(self, at: int, standing: Standing) -> list[int]:
        """Return the causes at `likely` or above, as their index, that make a situation conclusive, in their order."""
        closing = self.situations[at].closing
        return [cause for _, cause, status in standing.speakers if status < POSSIBLE and cause in closing]

    def plan(self, standing: Standing, held: tuple[int, ...], today: str) -> list[Step]:
        """Return what to do in the order to try it, each action once; nothing where nothing is known (section 6).

        What is urgent comes first. Within an urgency: what concerns causes at `likely` or above, in their order; then
        what the leading situation and the possible causes call for, the best chance for the least cost first
        (Heckerman, Breese, Rommelse 1995); then the rest. The actions of one owner keep their order.
        """
        found: dict[str, Step] = {}
        for _, step in sorted(chain.from_iterable(self._placed(standing, held, today)), key=_PLACE):
            found.setdefault(step.action.id, step)
        return list(found.values())

    def first(self, standing: Standing, held: tuple[int, ...]) -> str:
        """Return the id of the first step of the plan on a day on which nothing is over, empty where there is none."""
        met, may = standing.met, standing.may
        least, first = _LAST, ""
        for owner in self.owners(standing, held):
            if owner.ahead < least:  # else none of its actions is
                placed = owner.placed[met & owner.bits, may & owner.general, ALWAYS_VALID]
                if placed and placed[0][0] < least:
                    least, step = placed[0]
                    first = step.action.id
        return first

    def first_two(self, standing: Standing, held: tuple[int, ...], today: str) -> tuple[str, str]:
        """Return the ids of the first two steps of the plan, empty where there is none."""
        placed = self._placed(standing, held, today)
        ahead = sorted(chain.from_iterable(some[:2] for some in placed), key=_PLACE)  # the others come later
        first, *others = [step.action.id for _, step in ahead] or [""]
        return first, next((id_ for id_ in others if id_ != first), "")

    def _placed(self, standing: Standing, held: tuple[int, ...], today: str) -> list[list[_Placed]]:
        """Return what each owner offers."""
        met, may = standing.met, standing.may
        owners = self.owners(standing, held)
        return [owner.placed[met & owner.bits, may & owner.general, today] for owner in owners]

    def owners(self, standing: Standing, held: tuple[int, ...]) -> list[Owner]:
        """Return the situations and the causes whose actions count for this person."""
        if not standing.known:
            return []
        leading, found = self.situations[held[0]].situation, self._owning[held]
        if not standing.found and leading.about_entry:
            ending = next((at for at in held if self.situations[at].situation.conclusive), None)
            causes, closed = self._caused, () if ending is None else self.closed_by(ending, standing)
            return found + [causes[rank] for rank, at, _ in standing.speakers if not closed or at in closed]
        return found

    def _by_rank(self, rank: int) -> Owner:
        at, now = self.table.order[rank]
        return Owner(self.causes[at].offers, now, 0 if now < POSSIBLE else 1, len(self.situations) + 1 + rank)

    def _own(self, held: tuple[int, ...]) -> list[Owner]:
        first, *others = held
        conclusive = self.situations[first].situation.conclusive
        return [self._leading[first], *(self._beside[at] for at in others if not conclusive)]


def advice_of(knowledge: Knowledge) -> Advice:
    """Return the advice and the rule table of a knowledge base, compiled when it is first asked for."""
    kept: Advice | None = knowledge.__dict__.get("advice")
    if kept is None:
        kept = knowledge.__dict__["advice"] = Advice(knowledge)
    return kept


def table_of(knowledge: Knowledge) -> RuleTable:
    """Return the rule table of a knowledge base."""
    return advice_of(knowledge).table


def current(valid_until: str | None, today: str) -> bool:
    """Whether what is valid until a day still is on another; both are ISO dates, None never ends."""
    return valid_until is None or today <= valid_until
